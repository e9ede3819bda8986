/*-------------------------------------------------------------------------
 *
 * FlowAggregate: the plan node that groups and aggregates a flowstore table,
 * or a partitioned one whose partitions are flowstore tables.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_FLOWAGG_H
#define FS_EXEC_FLOWAGG_H

#include "postgres.h"

#include "nodes/extensible.h"
#include "nodes/pathnodes.h"

#include "exec/agginput.h"
#include "exec/agglimit.h"

/*
 * A path's custom_private: keys, aggregates (which make the node's tuple, in
 * this order), HAVING, hints, and what is known of the input beside its paths.
 */
extern List *fs_flowagg_private(List *keys, List *aggregates, List *having,
								const FsFlowAggHints *hints,
								const FsAggInput *input);

/* Make the plan node; a CustomPathMethods callback. */
extern Plan *fs_flowagg_plan(PlannerInfo *root, RelOptInfo *rel,
							 struct CustomPath *path, List *tlist,
							 List *clauses, List *custom_plans);

/* Register the node; once, from _PG_init. */
extern void fs_flowagg_init(void);

#endif							/* FS_EXEC_FLOWAGG_H */
