/*-------------------------------------------------------------------------
 *
 * Paths for FlowOrder.
 *
 * It is offered where not all rows of a query are wanted (LIMIT, a cursor,
 * min and max, which core turns into LIMIT 1) and they are wanted in the order
 * of the time column; core puts an Incremental Sort on top where more columns
 * follow.  Not where a clause has side effects: which rows it is evaluated for
 * would differ from one pass to the next.
 *
 * Cost: rows are taken to be spread evenly over the partitions, of which as
 * many are read as hold the rows of the first pass, and of their columns those
 * of the clauses and the time.  All rows in order cost more than core's sort.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/stratnum.h"
#include "access/sysattr.h"
#include "access/table.h"
#include "catalog/pg_type.h"
#include "datatype/timestamp.h"
#include "nodes/makefuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/tlist.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/typcache.h"

#include "am/tableoptions.h"
#include "compat.h"
#include "exec/cost.h"
#include "exec/floworder.h"
#include "exec/orderpath.h"
#include "exec/path.h"

/* Rows of the first pass if it is not known how many will be asked for. */
#define DEFAULT_ROWS	256

/* Rows beyond a LIMIT, for an Incremental Sort to see where a value ends. */
#define MORE_ROWS		64

static bool enable_order = true;
static set_rel_pathlist_hook_type previous_hook = NULL;

static const CustomPathMethods path_methods = {
	.CustomName = "FlowOrder",
	.PlanCustomPath = fs_floworder_plan,
};

/* --- whether ------------------------------------------------------------ */

/*
 * The rows to prepare for; 0 if all rows of the query are wanted.
 */
static double
wanted_rows(PlannerInfo *root)
{
	double		rows = root->limit_tuples;

	if (rows < 0)
		rows = root->tuple_fraction < 1 ? 0 : root->tuple_fraction;
	if (rows <= 0)
		return root->tuple_fraction > 0 ? DEFAULT_ROWS : 0;
	if (list_length(root->query_pathkeys) > 1)
		rows += MORE_ROWS;
	/* how many of its rows a join leaves is not known */
	return bms_membership(root->all_baserels) == BMS_SINGLETON ? rows
		: Max(rows, DEFAULT_ROWS);
}

/* Does a subquery anywhere in the query have side effects? */
static bool
has_volatile_subquery(PlannerInfo *root)
{
	ListCell   *lc;

	foreach(lc, root->glob->subroots)
		if (contain_volatile_functions((Node *) ((PlannerInfo *) lfirst(lc))->parse))
			return true;
	return false;
}

/*
 * A condition without columns becomes a node of core's above the scan; one
 * with side effects must be evaluated as often as the query says.
 */
static bool
has_suitable_clauses(PlannerInfo *root, RelOptInfo *rel)
{
	ListCell   *lc;

	foreach(lc, rel->baserestrictinfo)
	{
		RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);
		Node	   *clause = (Node *) rinfo->clause;

		if (rinfo->pseudoconstant || contain_volatile_functions(clause) ||
			(contain_subplans(clause) && has_volatile_subquery(root)))
			return false;
	}
	return true;
}

/* The time column if its order is known to us, as a Var; else NULL. */
static Var *
order_column(RelOptInfo *rel, Relation table)
{
	AttrNumber	att = fs_tableoptions_get(table)->time_att;
	Form_pg_attribute form;

	if (att == 0)
		return NULL;
	form = TupleDescAttr(RelationGetDescr(table), att - 1);
	if (form->atttypid != TIMESTAMPOID && form->atttypid != TIMESTAMPTZOID)
		return NULL;
	return makeVar(rel->relid, att, form->atttypid, form->atttypmod,
				   form->attcollation, 0);
}

/* The query's first pathkey if it is of this column; else NULL. */
static PathKey *
find_pathkey(PlannerInfo *root, RelOptInfo *rel, Var *var)
{
	TypeCacheEntry *type = lookup_type_cache(var->vartype, TYPECACHE_LT_OPR);
	PathKey    *wanted = linitial_node(PathKey, root->query_pathkeys);
	PathKey    *ours;
	List	   *keys;

	keys = build_expression_pathkey(root, (Expr *) var, type->lt_opr,
									rel->relids, false);
	if (keys == NIL)
		return NULL;
	ours = linitial_node(PathKey, keys);
	return ours->pk_eclass == wanted->pk_eclass &&
		ours->pk_opfamily == wanted->pk_opfamily ? wanted : NULL;
}

/* --- cost --------------------------------------------------------------- */

/* Columns that a pass reads, of those that a scan does. */
static double
column_share(RelOptInfo *rel, AttrNumber att)
{
	Bitmapset  *clauses = NULL;
	Bitmapset  *all = fs_cost_attributes(rel);
	ListCell   *lc;

	if (bms_is_member(-FirstLowInvalidHeapAttributeNumber, all))
		return 1;
	foreach(lc, rel->baserestrictinfo)
		pull_varattnos((Node *) lfirst_node(RestrictInfo, lc)->clause,
					   rel->relid, &clauses);
	clauses = bms_add_member(clauses,
							 att - FirstLowInvalidHeapAttributeNumber);
	return (double) bms_num_members(clauses) /
		Max(bms_num_members(all), bms_num_members(clauses));
}

static void
set_cost(CustomPath *path, const Path *child, double npartitions,
		 double nrows, double column_share)
{
	PathTarget *target = path->path.pathtarget;
	double		rows = child->rows;
	double		kept = Min(Min(nrows, fs_floworder_max_rows()), rows);
	double		share = ceil(npartitions * kept / rows) / npartitions;
	double		seen = rows * Min(share, 1.0);
	Cost		reading = child->total_cost - child->startup_cost -
		fs_cost_of_rows(child);
	Cost		row = cpu_tuple_cost + target->cost.per_tuple;
	Cost		all;

	path->path.rows = rows;
	path->path.startup_cost = child->startup_cost + target->cost.startup +
		reading * column_share * Min(share, 1.0) +
		cpu_operator_cost * (seen + 2 * kept * log2(kept + 1)) + row * kept;
	all = child->total_cost + target->cost.startup + row * rows +
		2 * cpu_operator_cost * rows * log2(Max(rows, 2.0));
	path->path.total_cost = Max(path->path.startup_cost, all);
}

/* --- paths -------------------------------------------------------------- */

/* The child reads the time beside what the clauses need. */
static CustomPath *
make_child(RelOptInfo *rel, Var *var)
{
	CustomPath *child = fs_path_of_scan(rel, false);

	if (child == NULL)
		return NULL;
	child->path.pathtarget = create_empty_pathtarget();
	add_column_to_pathtarget(child->path.pathtarget, (Expr *) var, 0);
	return child;
}

static void
add_order(PlannerInfo *root, RelOptInfo *rel, Relation table, double nrows)
{
	Var		   *var = order_column(rel, table);
	PathKey    *key = var == NULL ? NULL : find_pathkey(root, rel, var);
	CustomPath *scan;
	CustomPath *path;
	FsOrdering	ordering;

	if (key == NULL || (scan = fs_path_of_scan(rel, false)) == NULL)
		return;
	ordering.att = var->varattno - 1;
	ordering.is_descending = fs_pathkey_is_descending(key);
	ordering.has_nulls_first = key->pk_nulls_first;

	path = makeNode(CustomPath);
	path->path.pathtype = T_CustomScan;
	path->path.parent = rel;
	path->path.pathtarget = rel->reltarget;
	path->path.parallel_safe = rel->consider_parallel;
	path->path.pathkeys = list_make1(key);
	path->flags = CUSTOMPATH_SUPPORT_PROJECTION;
	path->custom_paths = list_make1(make_child(rel, var));
	path->custom_private = fs_floworder_private(&ordering,
												(uint32) Min(nrows, 1e9));
	path->methods = &path_methods;
	set_cost(path, &scan->path, fs_cost_partitions(table, var->varattno), nrows,
			 column_share(rel, var->varattno));
	add_path(rel, (Path *) path);
}

static void
at_rel_pathlist(PlannerInfo *root, RelOptInfo *rel, Index rti,
				RangeTblEntry *rte)
{
	double		nrows;
	Relation	table;

	if (previous_hook)
		previous_hook(root, rel, rti, rte);
	if (!enable_order || !fs_enable_filter || root->query_pathkeys == NIL ||
		rte->rtekind != RTE_RELATION || fs_path_of_scan(rel, false) == NULL ||
		!has_suitable_clauses(root, rel))
		return;
	nrows = wanted_rows(root);
	if (nrows <= 0)
		return;
	table = table_open(rte->relid, NoLock);
	add_order(root, rel, table, nrows);
	table_close(table, NoLock);
}

void
fs_orderpath_init(void)
{
	DefineCustomBoolVariable("flowstore.enable_order",
							 "Enables the planner's use of FlowOrder plans.",
							 "When off, PostgreSQL sorts the rows that FlowScan gives, with the same answers.",
							 &enable_order, true, PGC_USERSET,
							 GUC_EXPLAIN, NULL, NULL, NULL);
	previous_hook = set_rel_pathlist_hook;
	set_rel_pathlist_hook = at_rel_pathlist;
}
