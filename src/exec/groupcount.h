/*-------------------------------------------------------------------------
 *
 * How many groups there will be.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_GROUPCOUNT_H
#define FS_EXEC_GROUPCOUNT_H

#include "postgres.h"

#include "nodes/pathnodes.h"

/*
 * Estimate the groups of rows of rel by keys that FlowAggregate knows.  Core
 * takes each step of time for as many groups as there are times; here the
 * steps between the first and the last time are counted.
 */
extern double fs_groupcount(PlannerInfo *root, RelOptInfo *rel, List *keys,
							double nrows);

#endif							/* FS_EXEC_GROUPCOUNT_H */
