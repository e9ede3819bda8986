/*-------------------------------------------------------------------------
 *
 * What a FlowAggregate reads: a table, the partitions of one, or a UNION ALL.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_AGGINPUT_H
#define FS_EXEC_AGGINPUT_H

#include "postgres.h"

#include "nodes/pathnodes.h"

/*
 * Keys and aggregates are expressions over the relation that is grouped.  Of
 * partitions, and of what a UNION ALL is of, the first one's columns take its
 * place, and the columns of the others are mapped to those.
 */
typedef struct FsAggInput
{
	List	   *paths;			/* FlowScans, one for each table; or of subqueries */
	List	   *exprs;			/* partitions: keys and aggregates over the first */
	List	   *maps;			/* partitions: for each, the number of its column,
								 * 0-based, by that of the first one's; -1: none;
								 * NIL: the same numbers */
	int			nothers;		/* paths of other nodes, at the end: of their
								 * rows vectors are made */
} FsAggInput;

/*
 * Find the scans of rel, or those of the participants of a parallel plan; their
 * costs are those of giving vectors.  False if part of it cannot be read by
 * FlowScan, or is behind a gate.
 */
extern bool fs_agginput_find(PlannerInfo *root, RelOptInfo *rel, List *keys,
							 List *aggregates, bool is_partial,
							 FsAggInput *input);

/* A condition without columns becomes a node of core's above the scan. */
extern bool fs_agginput_has_gate(const RelOptInfo *rel);

/* Rows and costs of all scans. */
extern double fs_agginput_rows(const FsAggInput *input);
extern Cost fs_agginput_cost(const FsAggInput *input);
extern bool fs_agginput_is_parallel_safe(const FsAggInput *input);

/* Of parallel scans, the most workers that one wants. */
extern int	fs_agginput_workers(const FsAggInput *input);

#endif							/* FS_EXEC_AGGINPUT_H */
