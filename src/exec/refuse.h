/*-------------------------------------------------------------------------
 *
 * Commands that a flowstore table does not support, refused by the planner:
 * DELETE, UPDATE, MERGE that changes rows, and row locks.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_REFUSE_H
#define FS_EXEC_REFUSE_H

#include "postgres.h"

#include "nodes/pathnodes.h"

/* Raise an error if the query locks rows of this relation. */
extern void fs_exec_refuse(PlannerInfo *root, RelOptInfo *rel,
						   RangeTblEntry *rte);

#endif							/* FS_EXEC_REFUSE_H */
