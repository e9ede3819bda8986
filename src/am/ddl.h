/*-------------------------------------------------------------------------
 *
 * The life of a table's files: creation, truncation, copy.
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

#endif							/* FS_AM_DDL_H */
