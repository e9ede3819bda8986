/*-------------------------------------------------------------------------
 *
 * How much of an aggregate the heads of chunks answer (group/digest.h).
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_DIGESTCOST_H
#define FS_EXEC_DIGESTCOST_H

#include "postgres.h"

#include "nodes/pathnodes.h"

/*
 * The estimated share of the work that must be done row by row, if keys and
 * aggregates of rel are computed for ngroups groups of nrows rows: 1 for all.
 */
extern double fs_digestcost_share(PlannerInfo *root, RelOptInfo *rel,
								  List *keys, List *aggregates,
								  double nrows, double ngroups);

#endif							/* FS_EXEC_DIGESTCOST_H */
