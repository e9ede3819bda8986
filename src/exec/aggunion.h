/*-------------------------------------------------------------------------
 *
 * What a FlowAggregate reads of a UNION ALL.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_AGGUNION_H
#define FS_EXEC_AGGUNION_H

#include "postgres.h"

#include "nodes/pathnodes.h"
#include "nodes/plannodes.h"

#include "exec/agginput.h"

/*
 * As fs_agginput_find() of a rel that is a UNION ALL: false if rel is none, or
 * if no part of it is a FlowScan whose columns are as they are in its table.
 * exprs are keys and aggregates over rel.
 */
extern bool fs_aggunion_find(PlannerInfo *root, RelOptInfo *rel, List *exprs,
							 FsAggInput *input);

/*
 * The maps again, once there are plans: columns of others by their places in
 * what the nodes give.
 */
extern List *fs_aggunion_maps(List *maps, int nothers, List *plans);

#endif							/* FS_EXEC_AGGUNION_H */
