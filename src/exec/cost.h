/*-------------------------------------------------------------------------
 *
 * What reading costs.
 *
 * In the planner's units, of which PostgreSQL gives 0.01 to a row of heap.
 * How much is left out is estimated from the clauses' selectivity: the time
 * column's from partitions and zone maps, that of others from the vectors in
 * which so many rows can be.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_COST_H
#define FS_EXEC_COST_H

#include "postgres.h"

#include "nodes/pathnodes.h"
#include "utils/relcache.h"

/*
 * Set rows and costs of a path that scans rel by FlowScan and gives rows to
 * the node above; clauses are those that zone maps and partition indexes can
 * be asked with.  A parallel path has its number of workers.
 */
extern void fs_cost_scan(PlannerInfo *root, RelOptInfo *rel, List *clauses,
						 Path *path);

/* What of this is for handing out rows: FlowAggregate takes vectors. */
extern Cost fs_cost_of_rows(const Path *path);

/* Rows of n participants that one of them gets, as core reckons it. */
extern double fs_cost_divisor(int workers);

/* Share of the rows that the clauses on this column leave. */
extern double fs_cost_share(PlannerInfo *root, RelOptInfo *rel,
							AttrNumber att);

/* The attributes that the query needs, as pull_varattnos counts them. */
extern Bitmapset *fs_cost_attributes(RelOptInfo *rel);

/*
 * Partitions of the table from the first to the last, by its time column att, as
 * if none were empty; 1 if that is not known.
 */
extern double fs_cost_partitions(Relation table, AttrNumber att);

#endif							/* FS_EXEC_COST_H */
