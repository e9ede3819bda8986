/*-------------------------------------------------------------------------
 *
 * The life of a table's files: creation, truncation, copy, VACUUM FULL.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_DDL_H
#define FS_AM_DDL_H

#include "postgres.h"

#include "compat.h"

extern void fs_ddl_new_file(Relation rel, const FsFileLocator *locator,
							char persistence, TransactionId *freeze_xid,
							MultiXactId *min_multi);
extern void fs_ddl_truncate(Relation rel);
extern void fs_ddl_copy_data(Relation rel, const FsFileLocator *locator);
extern void fs_ddl_rewrite(Relation from, Relation to, Relation old_index,
						   bool use_sort, TransactionId oldest_xmin,
						   TransactionId *freeze_xid,
						   MultiXactId *cutoff_multi, double *live,
						   double *dead, double *recently_dead);

#endif							/* FS_AM_DDL_H */
