/*-------------------------------------------------------------------------
 *
 * VACUUM FULL.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_FULL_H
#define FS_AM_FULL_H

#include "postgres.h"

#include "utils/relcache.h"

/*
 * Copy everything that is not dead from one table into an empty one, both
 * locked AccessExclusive.  Arguments as of relation_copy_for_cluster.
 */
extern void fs_full_rewrite(Relation from, Relation to, Relation old_index,
							bool use_sort, TransactionId oldest_xmin,
							TransactionId *freeze_xid,
							MultiXactId *cutoff_multi, double *live,
							double *dead, double *recently_dead);

#endif							/* FS_AM_FULL_H */
