/*-------------------------------------------------------------------------
 *
 * Paths for FlowAggregate.
 *
 * It takes the place of a grouping or aggregation of one flowstore table, of
 * one partitioned into such, or of a UNION ALL with such among its parts, if
 * it knows all keys and aggregates; its children are FlowScans that it drives
 * vector by vector.  Where ORDER BY an aggregate LIMIT n follows, it is told,
 * and leaves out groups that cannot be among the first n.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/stratnum.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/planner.h"
#include "optimizer/tlist.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"
#include "utils/typcache.h"

#include "exec/agginput.h"
#include "exec/agglimit.h"
#include "exec/aggpath.h"
#include "exec/cost.h"
#include "exec/digestcost.h"
#include "exec/flowagg.h"
#include "exec/groupcount.h"
#include "exec/keyexpr.h"
#include "exec/path.h"
#include "group/groups.h"
#include "group/transfer.h"

/* for a row, by measurement; see cost.c */
#define KEY_COST	0.002
#define VALUE_COST	0.0003
#define CALL_COST	0.002		/* of an aggregate's own function */
#define COUNT_COST	0.000001	/* by the directory alone */

/* of a state that leaves memory, and comes back: for each row in the worst case */
#define STATE_COST	0.1
#define LARGE_STATE	4096.0		/* bytes; of a smaller one less */

/* of what an aggregate's definition says of its state, which is a guess */
#define STATE_FACTOR	2

/* of cpu_tuple_cost, for a group that is given from one process to another */
#define RECORD_COST		2.0

/* the same for one of which it is seen that it need not be given */
#define SEEN_COST		0.4

/* of memory: for a distinct value of a group, and what all may take more */
#define VALUE_BYTES		80.0
#define EXCESS_BYTES	(64.0 * 1024 * 1024)

static bool enable_aggregate = true;
static create_upper_paths_hook_type previous_hook = NULL;

static const CustomPathMethods path_methods = {
	.CustomName = "FlowAggregate",
	.PlanCustomPath = fs_flowagg_plan,
};

/* The key expressions; false if one is not known. */
static bool
find_keys(PlannerInfo *root, List *targets, Index varno, List **keys)
{
	ListCell   *lc;

	foreach(lc, root->parse->groupClause)
	{
		SortGroupClause *clause = lfirst_node(SortGroupClause, lc);
		Node	   *expr = get_sortgroupclause_expr(clause, targets);
		FsKeyKind	kind;
		int			att;

		if (!fs_keyexpr_recognise(expr, clause->eqop, varno, &kind, &att))
			return false;
		if (!list_member(*keys, expr))
			*keys = lappend(*keys, expr);
	}
	return list_length(*keys) <= FS_GROUPS_MAX_KEYS;
}

/* The aggregates of the output and of HAVING; false if one is not known. */
static bool
find_aggregates(RelOptInfo *grouped_rel, List *having, Index varno,
				List **aggregates)
{
	List	   *exprs = list_concat_copy(grouped_rel->reltarget->exprs, having);
	List	   *parts = pull_var_clause((Node *) exprs,
										PVC_INCLUDE_AGGREGATES |
										PVC_RECURSE_WINDOWFUNCS |
										PVC_INCLUDE_PLACEHOLDERS);
	ListCell   *lc;

	foreach(lc, parts)
	{
		if (IsA(lfirst(lc), PlaceHolderVar))
			return false;
		if (!IsA(lfirst(lc), Aggref))
			continue;
		if (!fs_keyexpr_agg_is_known(lfirst(lc), varno))
			return false;
		if (!list_member(*aggregates, lfirst(lc)))
			*aggregates = lappend(*aggregates, lfirst(lc));
	}
	return true;
}

/* What a query aggregates, and how. */
typedef struct AggQuery
{
	PlannerInfo *root;
	RelOptInfo *input_rel;
	RelOptInfo *grouped_rel;
	List	   *keys;
	List	   *aggregates;
	List	   *having;
	FsFlowAggHints hints;
	double		ngroups;
	double		share;			/* of the work, that heads do not save */
} AggQuery;

/* Is only asked how many rows there are? */
static bool
is_count_of_all(const AggQuery *query)
{
	ListCell   *lc;

	if (query->keys != NIL || query->input_rel->baserestrictinfo != NIL ||
		query->input_rel->rtekind != RTE_RELATION)
		return false;
	foreach(lc, query->aggregates)
		if (lfirst_node(Aggref, lc)->aggfnoid != F_COUNT_ ||
			lfirst_node(Aggref, lc)->aggfilter != NULL)
			return false;
	return true;
}

/* What it costs to add a row to its group. */
static Cost
cost_of_row(const AggQuery *query)
{
	Cost		cost = list_length(query->keys) * KEY_COST;
	ListCell   *lc;

	foreach(lc, query->aggregates)
	{
		FsAggKind	kind;
		Oid			type;

		cost += VALUE_COST;
		if (fs_agg_recognise(lfirst(lc), &kind, &type) &&
			kind == FS_AGG_CALLED)
			cost += CALL_COST;
	}
	return cost;
}

static void
set_cost(const AggQuery *query, CustomPath *path, const FsAggInput *input)
{
	PathTarget *target = query->grouped_rel->reltarget;
	double		nrows = fs_agginput_rows(input);
	Cost		work = cost_of_row(query) * nrows;

	path->path.rows = query->ngroups;
	path->path.startup_cost = target->cost.startup +
		(is_count_of_all(query) ? COUNT_COST * nrows
		 : (fs_agginput_cost(input) + work) * query->share);
	path->path.total_cost = path->path.startup_cost +
		(cpu_tuple_cost + target->cost.per_tuple) * query->ngroups;
}

/* True if groups can leave memory, or go to another process. */
static bool
can_exchange(const AggQuery *query)
{
	ListCell   *lc;

	foreach(lc, query->aggregates)
	{
		FsAggKind	kind;
		Oid			type;

		if (!fs_agg_recognise(lfirst(lc), &kind, &type) ||
			!fs_agg_can_transfer(kind))
			return false;
	}
	return true;
}

/*
 * True if several processes can share the work: all may run in a worker, and
 * groups can be exchanged.
 */
static bool
is_parallel_safe_here(const AggQuery *query)
{
	return can_exchange(query) && query->grouped_rel->consider_parallel &&
		is_parallel_safe(query->root, (Node *) query->keys) &&
		is_parallel_safe(query->root, (Node *) query->aggregates);
}

static bool
is_eligible(PlannerInfo *root, RelOptInfo *input_rel, RelOptInfo *grouped_rel,
			const GroupPathExtraData *extra)
{
	Query	   *parse = root->parse;

	return enable_aggregate && fs_enable_scan && fs_enable_filter &&
		(input_rel->reloptkind == RELOPT_BASEREL ||
		 (input_rel->reloptkind == RELOPT_OTHER_MEMBER_REL &&
		  extra->patype == PARTITIONWISE_AGGREGATE_FULL)) &&
		parse->groupingSets == NIL && !parse->hasTargetSRFs &&
		(parse->groupClause != NIL || parse->hasAggs) &&
		grouped_rel->pathlist != NIL;
}

static CustomPath *
make_path(const AggQuery *query, const FsAggInput *input)
{
	CustomPath *path = makeNode(CustomPath);

	path->path.pathtype = T_CustomScan;
	path->path.parent = query->grouped_rel;
	path->path.pathtarget = query->grouped_rel->reltarget;
	path->path.parallel_safe = input->nothers == 0 &&
		query->grouped_rel->consider_parallel &&
		fs_agginput_is_parallel_safe(input);
	path->flags = CUSTOMPATH_SUPPORT_PROJECTION;
	path->custom_paths = input->paths;
	path->custom_private = fs_flowagg_private(query->keys, query->aggregates,
											  query->having, &query->hints,
											  input);
	path->methods = &path_methods;
	return path;
}

/*
 * Groups, and the pairs of a group and a value that count(DISTINCT) and entropy
 * remember: these are estimated as a quarter of the rows, because neighbours
 * often repeat them.
 */
static double
count_records(const AggQuery *query, double nrows)
{
	double		n = query->ngroups;
	ListCell   *lc;

	foreach(lc, query->aggregates)
		if (fs_agg_has_pairs(lfirst_node(Aggref, lc)))
			n += nrows / 4;
	return n;
}

/* True if all of it is likely to have room in a node's memory for hashing. */
static bool
has_room(const AggQuery *query, double nrows)
{
	double		bytes = count_records(query, nrows) *
		(64 + 48 * list_length(query->keys) +
		 32 * list_length(query->aggregates));
	ListCell   *lc;

	foreach(lc, query->aggregates)
		bytes += query->ngroups * STATE_FACTOR * fs_agg_state_bytes(lfirst(lc));
	return bytes <= (double) get_hash_memory_limit();
}

/*
 * True if the distinct values of one group are likely to have room, a little
 * beyond a node's memory: groups can be put aside, but none in parts.
 */
static bool
has_room_for_values(const AggQuery *query, double nrows)
{
	double		n = 0;
	ListCell   *lc;

	foreach(lc, query->aggregates)
	{
		Aggref	   *agg = lfirst_node(Aggref, lc);
		List	   *args;

		if (agg->aggdistinct == NIL)
			continue;
		args = list_make1(linitial_node(TargetEntry, agg->args)->expr);
		n += Min(estimate_num_groups(query->root, args, nrows, NULL, NULL),
				 nrows / query->ngroups);
	}
	return n * VALUE_BYTES <= get_hash_memory_limit() + EXCESS_BYTES;
}

/* What it costs if groups have no room in memory. */
static void
add_cost_of_records(const AggQuery *query, CustomPath *path, double nrows)
{
	Cost		cost = cpu_tuple_cost * RECORD_COST *
		count_records(query, nrows);
	ListCell   *lc;

	if (query->ngroups <= 1 || has_room(query, nrows))
		return;
	foreach(lc, query->aggregates)
		cost += STATE_COST * nrows *
			Min(1.0, fs_agg_state_bytes(lfirst(lc)) / LARGE_STATE);
	path->path.startup_cost += cost;
	path->path.total_cost += cost;
}

/*
 * What it costs to give groups to those who merge.  Where only the first are
 * wanted these are few, if it can be told which they may be.
 */
static Cost
exchange_cost(const AggQuery *query, double nrows)
{
	double		n = Min(count_records(query, nrows), nrows);
	FsAggKind	kind;
	Oid			type;

	if (query->hints.limit > 0 &&
		has_room(query, nrows) &&
		fs_agg_recognise(list_nth(query->aggregates, query->hints.agg), &kind,
						 &type) &&
		fs_agg_rank_bound(kind, type, query->hints.is_descending) !=
		FS_RANK_FREE)
		return cpu_tuple_cost * SEEN_COST * Min(query->ngroups, n);
	return cpu_tuple_cost * RECORD_COST * n;
}

/*
 * The cost of a participant: each makes groups of its share of the rows, and
 * gives them to those who merge.
 */
static void
set_parallel_cost(const AggQuery *query, CustomPath *path,
				  const FsAggInput *input)
{
	double		divisor = fs_cost_divisor(path->path.parallel_workers);
	double		nrows = fs_agginput_rows(input);
	PathTarget *target = path->path.pathtarget;
	Cost		work;

	work = cost_of_row(query) * nrows;
	path->path.rows = clamp_row_est(query->ngroups / divisor);
	path->path.startup_cost = (fs_agginput_cost(input) + work) * query->share +
		exchange_cost(query, nrows) + target->cost.startup;
	path->path.total_cost = path->path.startup_cost +
		(cpu_tuple_cost + target->cost.per_tuple) * path->path.rows;
}

/*
 * The participants of a parallel plan, and above them Gather.  Where only the
 * first groups are wanted it has little to do.
 */
static void
add_parallel_path(const AggQuery *query)
{
	double		ngathered = query->ngroups;
	FsAggInput	input;
	CustomPath *path;
	GatherPath *gather;

	if (!is_parallel_safe_here(query) ||
		!fs_agginput_find(query->root, query->input_rel, query->keys,
						  query->aggregates, true, &input) ||
		!fs_agginput_is_parallel_safe(&input))
		return;
	path = make_path(query, &input);
	path->path.parallel_aware = true;
	path->path.parallel_workers = fs_agginput_workers(&input);
	set_parallel_cost(query, path, &input);
	if (query->hints.limit >= 0)
		ngathered = Min(ngathered, query->hints.limit *
						fs_cost_divisor(path->path.parallel_workers));
	gather = create_gather_path(query->root, query->grouped_rel,
								(Path *) path, query->grouped_rel->reltarget,
								NULL, &ngathered);
	gather->path.rows = query->ngroups;
	add_path(query->grouped_rel, (Path *) gather);
}

static void
add_aggregate(PlannerInfo *root, RelOptInfo *input_rel,
			  RelOptInfo *grouped_rel, GroupPathExtraData *extra)
{
	Index		varno = input_rel->relid;
	AggQuery	query = {root, input_rel, grouped_rel};
	FsAggInput	input;
	CustomPath *path;
	double		nrows;

	query.having = (List *) extra->havingQual;
	if (!is_eligible(root, input_rel, grouped_rel, extra) ||
		!find_keys(root, extra->targetList, varno, &query.keys) ||
		!find_aggregates(grouped_rel, query.having, varno, &query.aggregates) ||
		!fs_agginput_find(root, input_rel, query.keys, query.aggregates, false,
						  &input))
		return;
	nrows = fs_agginput_rows(&input);
	query.ngroups = root->parse->groupClause == NIL ? 1
		: input_rel->rtekind == RTE_SUBQUERY
		? estimate_num_groups(root, query.keys, nrows, NULL, NULL)
		: fs_groupcount(root, input_rel, query.keys, nrows);
	if ((!can_exchange(&query) && !has_room(&query, nrows)) ||
		!has_room_for_values(&query, nrows))
		return;
	query.share = fs_digestcost_share(root, input_rel, query.keys,
									  query.aggregates, nrows, query.ngroups);
	fs_agglimit_find(root, query.aggregates, query.having, &query.hints);
	path = make_path(&query, &input);
	set_cost(&query, path, &input);
	add_cost_of_records(&query, path, nrows);
	add_path(grouped_rel, (Path *) path);
	if (input_rel->partial_pathlist != NIL &&
		input_rel->reloptkind == RELOPT_BASEREL)
		add_parallel_path(&query);
}

static void
at_upper_paths(PlannerInfo *root, UpperRelationKind stage,
			   RelOptInfo *input_rel, RelOptInfo *output_rel, void *extra)
{
	if (previous_hook)
		previous_hook(root, stage, input_rel, output_rel, extra);
	if (stage == UPPERREL_GROUP_AGG)
		add_aggregate(root, input_rel, output_rel, extra);
}

void
fs_aggpath_init(void)
{
	DefineCustomBoolVariable("flowstore.enable_aggregate",
							 "Enables the planner's use of FlowAggregate plans.",
							 "When off, PostgreSQL groups the rows that FlowScan gives, with the same answers.",
							 &enable_aggregate, true, PGC_USERSET,
							 GUC_EXPLAIN, NULL, NULL, NULL);
	previous_hook = create_upper_paths_hook;
	create_upper_paths_hook = at_upper_paths;
}
