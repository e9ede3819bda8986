/*-------------------------------------------------------------------------
 *
 * Maintaining one table: what flow.optimize() and the worker have in common.
 *
 * Each task is a subtransaction: somebody in the way costs that task alone.
 * The caller holds ShareUpdateExclusiveLock on the table and has written its
 * own pending rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_MAINTAIN_OPTIMIZE_H
#define FS_MAINTAIN_OPTIMIZE_H

#include "postgres.h"

#include "utils/relcache.h"

#include "maintain/choice.h"
#include "maintain/merge.h"
#include "maintain/pace.h"

/* What there is to do in a table. */
typedef struct FsAgenda
{
	FsTask	   *tasks;			/* [n], by partition */
	uint32		n;
	uint32		nitems;			/* items with rows in the table */
	uint64		newest_row;		/* largest first row number of them, or 0 */
	bool		has_stale_deletes;
} FsAgenda;

/* The policy that a table's options and the time ask for. */
extern FsPolicy fs_optimize_policy(Relation rel);

/*
 * Choose tasks for the partitions between from_us and to_us (inclusive,
 * PG_INT64_MIN and _MAX for all, then also those without a time).  Allocated
 * in the current memory context.
 */
extern FsAgenda *fs_optimize_plan(Relation rel, const FsPolicy *policy,
								  int64 from_us, int64 to_us);

/*
 * Do a task, or a part of it: until task->ndone is task->nsources.  False: it
 * was rolled back because somebody was in the way, and should be left.
 */
extern bool fs_optimize_run(Relation rel, FsTask *task,
							const FsPace *pace, FsTaskResult *result);

/* End deletions and moves that nobody needs any more; gives their number. */
extern uint32 fs_optimize_tidy(Relation rel, bool has_stale_deletes);

#endif							/* FS_MAINTAIN_OPTIMIZE_H */
