/*-------------------------------------------------------------------------
 *
 * Paths that look up the rows of one key at a time.
 *
 * For each relation that a flowstore table is joined with, the table gets a
 * FlowScan path for the inner side of a nested loop: the join clauses are
 * conditions of the scan, tested against partition indexes and zone maps anew
 * for each outer row.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_PARAMPATH_H
#define FS_EXEC_PARAMPATH_H

#include "postgres.h"

#include "nodes/pathnodes.h"

/*
 * Of the clauses that a path of rel is parameterised with: those that can be
 * tested so.  In a partitionwise join they are made for the partition late.
 */
extern List *fs_parampath_clauses(RelOptInfo *rel, ParamPathInfo *info);

/* Install the planner hook; once, from _PG_init, after fs_path_init(). */
extern void fs_parampath_init(void);

#endif							/* FS_EXEC_PARAMPATH_H */
