/*-------------------------------------------------------------------------
 *
 * Paths that give the same rows each time they are run.
 *
 * A subquery's plan is made anew each time it is used, but some of what core
 * does with it can be done only once: its initplans, and lists of children of
 * partitioned tables, which it renumbers in place.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "nodes/extensible.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"

#include "exec/repeatable.h"

static bool
is_fixed(Node *node)
{
	return !contain_volatile_functions(node) && !contain_subplans(node);
}

/* What a scan of a base relation evaluates. */
static bool
is_repeatable_scan(PlannerInfo *root, RelOptInfo *rel)
{
	RangeTblEntry *rte = planner_rt_fetch(rel->relid, root);
	ListCell   *lc;

	if (!is_fixed((Node *) rte->functions) ||
		!is_fixed((Node *) rte->values_lists))
		return false;
	foreach(lc, rel->baserestrictinfo)
	{
		RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);

		if (rinfo->pseudoconstant || !is_fixed((Node *) rinfo->clause))
			return false;
	}
	return true;
}

static bool is_repeatable_query(Query *query);

static bool
is_repeatable_rte(RangeTblEntry *rte)
{
	switch (rte->rtekind)
	{
		case RTE_RELATION:
			return rte->tablesample == NULL && !rte->lateral &&
				rte->relkind != RELKIND_FOREIGN_TABLE;
		case RTE_SUBQUERY:
			return !rte->lateral && is_repeatable_query(rte->subquery);
		case RTE_JOIN:
		case RTE_VALUES:
		case RTE_FUNCTION:
		case RTE_RESULT:
			return true;
		default:
			return false;
	}
}

static bool
is_repeatable_query(Query *query)
{
	ListCell   *lc;

	check_stack_depth();
	if (query->limitCount != NULL || query->limitOffset != NULL ||
		query->hasAggs || query->hasWindowFuncs || query->hasDistinctOn ||
		query->hasTargetSRFs || query->hasSubLinks || query->groupingSets != NIL ||
		query->rowMarks != NIL || query->cteList != NIL)
		return false;
	foreach(lc, query->rtable)
		if (!is_repeatable_rte(lfirst(lc)))
			return false;
	return true;
}

/* True if a subquery's plan can be made twice. */
static bool
is_repeatable_plan(PlannerInfo *subroot)
{
	if (subroot == NULL)
		return true;
	if (subroot->init_plans != NIL || subroot->append_rel_list != NIL)
		return false;
	for (int i = 1; i < subroot->simple_rel_array_size; i++)
	{
		RelOptInfo *rel = subroot->simple_rel_array[i];

		if (rel != NULL && !is_repeatable_plan(rel->subroot))
			return false;
	}
	return true;
}

static bool
is_repeatable_subquery(PlannerInfo *root, RelOptInfo *rel)
{
	Query	   *query = planner_rt_fetch(rel->relid, root)->subquery;

	return is_repeatable_query(query) &&
		!contain_volatile_functions((Node *) query) &&
		is_repeatable_plan(rel->subroot);
}

static bool
are_repeatable(PlannerInfo *root, List *paths)
{
	ListCell   *lc;

	foreach(lc, paths)
		if (!fs_path_is_repeatable(root, lfirst(lc)))
			return false;
	return true;
}

bool
fs_path_is_repeatable(PlannerInfo *root, Path *path)
{
	switch (path->pathtype)
	{
		case T_SeqScan:
		case T_IndexScan:
		case T_IndexOnlyScan:
		case T_BitmapHeapScan:
		case T_TidScan:
		case T_TidRangeScan:
		case T_ValuesScan:
		case T_FunctionScan:
		case T_CteScan:
			return is_repeatable_scan(root, path->parent);
		case T_SubqueryScan:
			return is_repeatable_scan(root, path->parent) &&
				is_repeatable_subquery(root, path->parent);
		case T_Append:
			return are_repeatable(root, ((AppendPath *) path)->subpaths);
		case T_MergeAppend:
			return are_repeatable(root, ((MergeAppendPath *) path)->subpaths);
		case T_Result:
			return IsA(path, ProjectionPath) &&
				fs_path_is_repeatable(root, ((ProjectionPath *) path)->subpath);
		case T_CustomScan:
			return ((CustomPath *) path)->custom_paths == NIL &&
				strcmp(((CustomPath *) path)->methods->CustomName,
					   "FlowScan") == 0 &&
				is_repeatable_scan(root, path->parent);
		default:
			return false;
	}
}
