/*-------------------------------------------------------------------------
 *
 * How much of an aggregate the heads of chunks answer.
 *
 * Of a chunk that belongs to one group and is wanted as a whole, only the head
 * is read.  Chunks are as long in time as their partition, so it is wanted as
 * a whole if nothing but the time is asked for, but for those at both ends; and
 * is of one group if groups are intervals of time no shorter than a partition.
 * The head does not know which of its rows were deleted.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "access/table.h"
#include "catalog/pg_type.h"
#include "optimizer/optimizer.h"
#include "optimizer/restrictinfo.h"
#include "parser/parsetree.h"
#include "utils/rel.h"

#include "am/tableoptions.h"
#include "directory/deletes.h"
#include "exec/cost.h"
#include "exec/digestcost.h"
#include "group/accumulator.h"

/* to read a head costs as much as so many of its rows */
#define HEAD_ROWS		1600.0
#define ROWS_PER_CHUNK	65536.0

/* partitions have the rows of their tables evenly, groups nearly */
#define SLACK			1.1

/* so many places where rows were deleted are counted: beyond, it is all */
#define MAX_DELETED		64

/* A count, sum, average, minimum or maximum of a column's integers. */
static bool
is_known_by_head(const Aggref *agg)
{
	FsAggKind	kind;
	Oid			type;

	if (agg->aggfilter != NULL || !fs_agg_recognise(agg, &kind, &type))
		return false;
	if (kind == FS_AGG_COUNT_ROWS)
		return true;
	if (!IsA(linitial_node(TargetEntry, agg->args)->expr, Var))
		return false;
	return kind == FS_AGG_COUNT ||
		((kind == FS_AGG_SUM || kind == FS_AGG_AVG || kind == FS_AGG_MIN ||
		  kind == FS_AGG_MAX) && type != FLOAT4OID && type != FLOAT8OID);
}

/* Do the expressions need no column but this? */
static bool
is_of_column(Node *exprs, Index varno, AttrNumber att)
{
	Bitmapset  *attrs = NULL;
	int			only;

	pull_varattnos(exprs, varno, &attrs);
	return bms_is_empty(attrs) ||
		(bms_get_singleton_member(attrs, &only) &&
		 only == att - FirstLowInvalidHeapAttributeNumber);
}

/* The share of a table's rows, at most, in chunks of which some are deleted. */
static double
deleted_share(Relation table, double nrows)
{
	uint32		n = fs_deletes_count_runs(table, MAX_DELETED);

	return n == MAX_DELETED ? 1 : Min(n * (double) FS_DELETES_RUN / Max(nrows, 1), 1);
}

double
fs_digestcost_share(PlannerInfo *root, RelOptInfo *rel, List *keys,
					List *aggregates, double nrows, double ngroups)
{
	List	   *clauses = extract_actual_clauses(rel->baserestrictinfo, false);
	Relation	table;
	AttrNumber	att;
	bool		is_of_time;
	double		npartitions;
	double		nchunks;
	double		share;
	ListCell   *lc;

	if (rel->reloptkind != RELOPT_BASEREL ||
		planner_rt_fetch(rel->relid, root)->relkind != RELKIND_RELATION)
		return 1;
	foreach(lc, aggregates)
		if (!is_known_by_head(lfirst_node(Aggref, lc)))
			return 1;
	table = table_open(planner_rt_fetch(rel->relid, root)->relid, NoLock);
	att = fs_tableoptions_get(table)->time_att;
	is_of_time = is_of_column((Node *) clauses, rel->relid, att) &&
		is_of_column((Node *) keys, rel->relid, att);
	npartitions = !is_of_time || att == 0 ? 1 : fs_cost_partitions(table, att);
	share = is_of_time ? deleted_share(table, rel->tuples) : 1;
	table_close(table, NoLock);
	npartitions = Max(npartitions * Min(nrows / Max(rel->tuples, 1), 1), 1);
	if (share == 1 || (keys != NIL && ngroups > npartitions * SLACK))
		return 1;
	nchunks = Max(npartitions, nrows / ROWS_PER_CHUNK);
	if (clauses != NIL)
		share += Min(2 / npartitions, 1);
	return Min(share + nchunks * HEAD_ROWS / Max(nrows, 1), 1);
}
