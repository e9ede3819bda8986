/*-------------------------------------------------------------------------
 *
 * What reading costs.
 *
 * The constants are measured on tables in memory, relative to a heap's row at
 * cpu_tuple_cost (see src/README.md, "Costs").
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/sysattr.h"
#include "access/table.h"
#include "catalog/pg_type.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "parser/parsetree.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "am/partition.h"
#include "am/tableoptions.h"
#include "directory/directory.h"
#include "exec/cost.h"
#include "format/value.h"
#include "prune/predicate.h"
#include "store/meta.h"

#define VALUE_COST	0.0003		/* to decode or compare a value */
#define VECTOR_COST	0.1			/* to find a column's vector */
#define PROBE_COST	0.00001		/* of a partition index, for each row of it */
#define ROWS_PER_SET	400000.0
#define VECTORS_PER_SET 4		/* with a host that a set has */
#define HOST_SPREAD	2.5			/* vectors with rows of a subnet, to those that
								 * they would fill */
#define ROW_COST	0.5			/* to hand out a row, in cpu_tuple_cost */

/* A scan as costs see it. */
typedef struct ScanSize
{
	double		rows;			/* of the vectors that are read */
	double		vectors;
	double		probed;			/* rows of sets whose index is asked */
	double		share;			/* of the table's pages */
	int			ncols;
	Cost		per_row;		/* of the conditions */
} ScanSize;

Bitmapset *
fs_cost_attributes(RelOptInfo *rel)
{
	Bitmapset  *attrs = NULL;
	ListCell   *lc;

	pull_varattnos((Node *) rel->reltarget->exprs, rel->relid, &attrs);
	foreach(lc, rel->baserestrictinfo)
		pull_varattnos((Node *) ((RestrictInfo *) lfirst(lc))->clause,
					   rel->relid, &attrs);
	return attrs;
}

/* Columns that must be read; all for the whole row. */
static int
count_columns(RelOptInfo *rel)
{
	Bitmapset  *attrs = fs_cost_attributes(rel);
	int			natts = Max(rel->max_attr, 1);
	int			needed = 0;

	if (bms_is_member(-FirstLowInvalidHeapAttributeNumber, attrs))
		return natts;
	for (int att = 1; att <= natts; att++)
		needed += bms_is_member(att - FirstLowInvalidHeapAttributeNumber,
								attrs);
	return needed;
}

double
fs_cost_divisor(int workers)
{
	double		divisor = workers;

	if (workers <= 0)
		return 1.0;
	if (parallel_leader_participation)
	{
		double		leader = 1.0 - 0.3 * workers;

		/* as core does: it helps the workers a little */
		if (leader > 0)
			divisor += leader;
	}
	return divisor;
}

static bool
is_of_column(RestrictInfo *rinfo, RelOptInfo *rel, AttrNumber att)
{
	Bitmapset  *attrs = NULL;

	if (rinfo->pseudoconstant)
		return false;
	pull_varattnos((Node *) rinfo->clause, rel->relid, &attrs);
	return bms_membership(attrs) == BMS_SINGLETON &&
		bms_is_member(att - FirstLowInvalidHeapAttributeNumber, attrs);
}

double
fs_cost_share(PlannerInfo *root, RelOptInfo *rel, AttrNumber att)
{
	List	   *clauses = NIL;
	ListCell   *lc;

	foreach(lc, rel->baserestrictinfo)
		if (is_of_column(lfirst(lc), rel, att))
			clauses = lappend(clauses, lfirst(lc));
	return clauses == NIL ? 1.0
		: clauselist_selectivity(root, clauses, rel->relid, JOIN_INNER, NULL);
}

static AttrNumber
time_column(PlannerInfo *root, RelOptInfo *rel)
{
	Relation	table = table_open(planner_rt_fetch(rel->relid, root)->relid,
								   NoLock);
	AttrNumber	att = fs_tableoptions_get(table)->time_att;

	table_close(table, NoLock);
	return att;
}

/* The cost of the conditions for a row; cheap ones are compared by vectors. */
static Cost
condition_cost(PlannerInfo *root, RelOptInfo *rel, List *clauses)
{
	Cost		cost = 0;
	ListCell   *lc;

	foreach(lc, rel->baserestrictinfo)
	{
		RestrictInfo *rinfo = lfirst(lc);
		QualCost	qual;

		if (list_member_ptr(clauses, rinfo->clause))
		{
			cost += VALUE_COST;
			continue;
		}
		cost_qual_eval_node(&qual, (Node *) rinfo, root);
		cost += qual.per_tuple;
	}
	return cost;
}

/* Of this relation, does a clause only look at addresses, as rows are in order? */
static bool
is_of_hosts(Expr *clause, Index relid)
{
	List	   *vars = pull_var_clause((Node *) clause,
									   PVC_INCLUDE_PLACEHOLDERS);
	bool		has_host = false;
	ListCell   *lc;

	foreach(lc, vars)
	{
		Var		   *var = lfirst(lc);

		if (!IsA(var, Var) || var->varno != relid)
			continue;
		if (var->vartype != INETOID && var->vartype != CIDROID)
			return false;
		has_host = true;
	}
	return has_host;
}

/*
 * Vectors in which rows that match are.  Those of one host or subnet are
 * neighbours in a set, though not side by side.
 */
static double
matching_vectors(PlannerInfo *root, RelOptInfo *rel, List *clauses,
				 double nsets)
{
	double		tuples = Max(rel->tuples, 1.0);
	double		n = tuples * clauselist_selectivity(root, clauses, rel->relid,
													JOIN_INNER, NULL);
	ListCell   *lc;

	foreach(lc, clauses)
	{
		double		of_hosts;

		if (!is_of_hosts(lfirst(lc), rel->relid))
			continue;
		of_hosts = tuples * clause_selectivity(root, lfirst(lc), rel->relid,
											   JOIN_INNER, NULL);
		n = Min(n, of_hosts * HOST_SPREAD / FS_VECTOR_ROWS +
				Min(of_hosts, nsets * VECTORS_PER_SET));
	}
	return n;
}

/* How much must be read. */
static ScanSize
measure(PlannerInfo *root, RelOptInfo *rel, List *clauses)
{
	ScanSize	size = {0};
	double		tuples = Max(rel->tuples, 1.0);
	double		all = ceil(tuples / FS_VECTOR_ROWS);
	double		matching;

	size.rows = tuples;
	size.vectors = all;
	size.ncols = count_columns(rel);
	size.per_row = condition_cost(root, rel, clauses);
	if (clauses != NIL)
	{
		AttrNumber	att = time_column(root, rel);
		double		time = att > 0 ? fs_cost_share(root, rel, att) : 1.0;

		size.probed = tuples * time;
		matching = matching_vectors(root, rel, clauses,
									size.probed / ROWS_PER_SET + 1);
		size.vectors = Max(Min(all * time, matching), 1.0);
		size.rows = Min(size.vectors * FS_VECTOR_ROWS, tuples);
	}
	size.share = size.vectors / all * Max((double) size.ncols, 0.1) /
		Max(rel->max_attr, 1);
	return size;
}

static Cost
row_cost(const Path *path)
{
	return cpu_tuple_cost * ROW_COST +
		VALUE_COST * list_length(path->pathtarget->exprs);
}

Cost
fs_cost_of_rows(const Path *path)
{
	return row_cost(path) * path->rows;
}

void
fs_cost_scan(PlannerInfo *root, RelOptInfo *rel, List *clauses, Path *path)
{
	double		divisor = fs_cost_divisor(path->parallel_aware
										  ? path->parallel_workers : 0);
	ScanSize	size = measure(root, rel, clauses);
	PathTarget *target = path->pathtarget;
	Cost		disk = seq_page_cost * rel->pages * size.share;
	Cost		cpu;

	cpu = size.vectors * VECTOR_COST * Max(size.ncols, 1) +
		size.rows * (VALUE_COST * size.ncols + size.per_row) +
		size.probed * PROBE_COST;
	path->rows = clamp_row_est(rel->rows / divisor);
	path->startup_cost = rel->baserestrictcost.startup + target->cost.startup;
	path->total_cost = path->startup_cost + disk + cpu / divisor +
		(row_cost(path) + target->cost.per_tuple) * path->rows;
}

double
fs_cost_partitions(Relation table, AttrNumber att)
{
	FsPartitioning made = fs_meta_partitioning(table);
	FsKeyRange	range = {FS_PARTITION_FIRST, FS_PARTITION_LAST, 0, 0};
	FsDirectoryScan *scan;
	FsItem		item;
	FsPartition ends[2] = {0, 0};

	if (!made.is_known || made.is_mixed || made.time_att != att)
		return 1;
	for (int i = 0; i < 2; i++)
	{
		scan = fs_directory_begin_range(table, SnapshotAny, &range);
		if (fs_directory_next(scan, i == 0 ? ForwardScanDirection
							  : BackwardScanDirection, &item))
			ends[i] = item.partition;
		fs_directory_end(scan);
	}
	return 1 + (double) (ends[1] - ends[0]) / Max(made.max_minutes, 1);
}
