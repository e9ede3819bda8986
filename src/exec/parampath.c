/*-------------------------------------------------------------------------
 *
 * Paths that look up the rows of one key at a time.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "nodes/extensible.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"

#include "exec/cost.h"
#include "exec/keypath.h"
#include "exec/keysource.h"
#include "exec/parampath.h"
#include "exec/path.h"
#include "prune/predicate.h"

/* of a look-up's cost: the directory and partition indexes come first */
#define STARTUP_SHARE	0.5

/* to begin a scan anew: about 50 microseconds */
#define RESCAN_COST		10.0

static set_rel_pathlist_hook_type previous_hook = NULL;

/* Replace what other relations give by parameters. */
static Node *
parameterise(Node *node, void *context)
{
	Index		varno = *(Index *) context;

	if (node == NULL)
		return NULL;
	if (IsA(node, PlaceHolderVar) ||
		(IsA(node, Var) && ((Var *) node)->varno != varno))
	{
		Param	   *param = makeNode(Param);

		param->paramkind = PARAM_EXEC;
		param->paramtype = exprType(node);
		param->paramtypmod = exprTypmod(node);
		param->paramcollid = exprCollation(node);
		param->location = -1;
		return (Node *) param;
	}
	return expression_tree_mutator(node, parameterise, context);
}

List *
fs_parampath_clauses(RelOptInfo *rel, ParamPathInfo *info)
{
	List	   *clauses = NIL;
	ListCell   *lc;

	if (info == NULL)
		return NIL;
	foreach(lc, info->ppi_clauses)
	{
		RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);
		Node	   *clause;

		if (!fs_keysource_is_safe(rel, rinfo))
			continue;
		clause = parameterise((Node *) rinfo->clause, &rel->relid);
		if (fs_predicate_is_useful((Expr *) clause, rel->relid))
			clauses = lappend(clauses, rinfo->clause);
	}
	return clauses;
}

static void
add_param_path(PlannerInfo *root, RelOptInfo *rel, RelOptInfo *other)
{
	CustomPath *path = fs_path_of_scan(rel, false);
	ParamPathInfo *info;
	List	   *clauses;
	Cost		rows_cost;

	if (path == NULL)
		return;
	info = get_baserel_parampathinfo(root, rel, other->relids);
	clauses = fs_parampath_clauses(rel, info);
	if (clauses == NIL)
		return;
	path->path.param_info = info;
	fs_cost_scan(root, rel, list_concat_copy(path->custom_private, clauses),
				 &path->path);
	rows_cost = fs_cost_of_rows(&path->path);
	path->path.rows = info->ppi_rows;
	path->path.total_cost += fs_cost_of_rows(&path->path) - rows_cost;
	path->path.total_cost += RESCAN_COST;
	path->path.startup_cost += STARTUP_SHARE *
		(path->path.total_cost - path->path.startup_cost);
	add_path(rel, (Path *) path);
}

static void
at_rel_pathlist(PlannerInfo *root, RelOptInfo *rel, Index rti,
				RangeTblEntry *rte)
{
	if (previous_hook)
		previous_hook(root, rel, rti, rte);
	if (!fs_enable_join_filter || rte->rtekind != RTE_RELATION || rte->inh ||
		fs_path_of_scan(rel, false) == NULL)
		return;
	for (int i = 1; i < root->simple_rel_array_size; i++)
	{
		RelOptInfo *other = root->simple_rel_array[i];

		if (other != NULL && other->reloptkind == RELOPT_BASEREL &&
			!bms_is_member(i, rel->relids) &&
			!bms_is_member(i, rel->top_parent_relids) &&
			(rel->has_eclass_joins || rel->joininfo != NIL))
			add_param_path(root, rel, other);
	}
}

void
fs_parampath_init(void)
{
	previous_hook = set_rel_pathlist_hook;
	set_rel_pathlist_hook = at_rel_pathlist;
}
