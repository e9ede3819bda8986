/*-------------------------------------------------------------------------
 *
 * FlowOrder: the plan node that gives the first rows of a flowstore table in
 * the order of its time column, and then the next.
 *
 * Its child is a FlowScan, which it drives; see orderpass.h.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_FLOWORDER_H
#define FS_EXEC_FLOWORDER_H

#include "postgres.h"

#include "nodes/extensible.h"
#include "nodes/pathnodes.h"

#include "exec/ordering.h"

/* A path's custom_private; nrows: so many rows are likely to be asked for. */
extern List *fs_floworder_private(const FsOrdering *ordering, uint32 nrows);

/* Most rows that a pass over the table can find, by work_mem. */
extern uint32 fs_floworder_max_rows(void);

/* Make the plan node; a CustomPathMethods callback. */
extern Plan *fs_floworder_plan(PlannerInfo *root, RelOptInfo *rel,
							   struct CustomPath *path, List *tlist,
							   List *clauses, List *custom_plans);

/* Register the node; once, from _PG_init. */
extern void fs_floworder_init(void);

#endif							/* FS_EXEC_FLOWORDER_H */
