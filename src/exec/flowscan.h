/*-------------------------------------------------------------------------
 *
 * FlowScan: the plan node that reads a flowstore table.
 *
 * It fetches only the columns that the query needs, passes over chunks and
 * vectors that zone maps and partition indexes rule out, and decodes columns
 * that only the output needs for rows that match.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_FLOWSCAN_H
#define FS_EXEC_FLOWSCAN_H

#include "postgres.h"

#include "nodes/extensible.h"
#include "nodes/pathnodes.h"

/*
 * Make the plan node of a FlowScan path; a CustomPathMethods callback.  The
 * path's custom_private is the list of clauses that zone maps may be tested
 * with, beside those that it is parameterised by.
 */
extern Plan *fs_flowscan_plan(PlannerInfo *root, RelOptInfo *rel,
							  struct CustomPath *path, List *tlist,
							  List *clauses, List *custom_plans);

/* Register the node; once, from _PG_init. */
extern void fs_flowscan_init(void);

#endif							/* FS_EXEC_FLOWSCAN_H */
