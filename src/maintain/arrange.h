/*-------------------------------------------------------------------------
 *
 * Arranging: rows of a partition become a set of clustered chunks with a
 * partition index.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_MAINTAIN_ARRANGE_H
#define FS_MAINTAIN_ARRANGE_H

#include "postgres.h"

#include "utils/relcache.h"
#include "utils/snapshot.h"

#include "maintain/merge.h"

/*
 * Make one set from the sources of a task, from task->ndone on, as many as
 * maintenance_work_mem allows but at least one, and set ndone.  As
 * fs_merge_run() otherwise.
 */
extern bool fs_arrange_run(Relation rel, FsTask *task, Snapshot snapshot,
						   const FsPace *pace, FsTaskResult *result);

#endif							/* FS_MAINTAIN_ARRANGE_H */
