/*-------------------------------------------------------------------------
 *
 * What a FlowAggregate reads of a UNION ALL.
 *
 * Each part was planned as a subquery.  Of one whose plan is a FlowScan the
 * vectors are read, in place of what its columns are computed to; of others,
 * as in the view of a rollup the rows that are not rolled up yet, the rows.
 * FlowScans come first.  Keys and aggregates become expressions over the table
 * of the first one, under the number of its subquery.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/appendinfo.h"
#include "optimizer/optimizer.h"
#include "optimizer/tlist.h"
#include "parser/parsetree.h"
#include "optimizer/pathnode.h"

#include "exec/aggunion.h"
#include "exec/cost.h"
#include "exec/path.h"

typedef struct Union
{
	PlannerInfo *root;
	RelOptInfo *rel;
	List	   *exprs;			/* over rel */
	Bitmapset  *used;			/* columns of rel that they need, 1-based */
	List	   *tables;			/* of paths */
	List	   *others;
	List	   *table_columns;	/* of lists: of each column of rel, 1-based */
	List	   *other_columns;	/* of lists: what each column of rel is */
	List	   *first_exprs;
} Union;

/* What column i is in a part; 0: something that is computed. */
static AttrNumber
column_of_part(AppendRelInfo *info, int i)
{
	Var		   *var = list_nth(info->translated_vars, i);

	return var != NULL && IsA(var, Var) && var->varno == info->child_relid &&
		var->varattno > 0 ? var->varattno : 0;
}

/* The column of its table that a subquery gives as column att; 0: another. */
static AttrNumber
column_of_table(PlannerInfo *subroot, AttrNumber att, Index relid)
{
	TargetEntry *entry = get_tle_by_resno(subroot->parse->targetList, att);
	Var		   *var = entry == NULL ? NULL : (Var *) entry->expr;

	return var != NULL && IsA(var, Var) && var->varno == relid &&
		var->varlevelsup == 0 && var->varattno > 0 ? var->varattno : 0;
}

/*
 * The columns of a table that is a part, or of which a subquery is, as far as
 * they are used; NIL if one is none.
 */
static List *
columns_of(const Union *u, AppendRelInfo *info, PlannerInfo *subroot,
		   Index table)
{
	List	   *columns = NIL;

	for (int i = 0; i < list_length(info->translated_vars); i++)
	{
		AttrNumber	att = 0;

		if (bms_is_member(i + 1, u->used))
		{
			att = column_of_part(info, i);
			if (att > 0 && subroot != NULL)
				att = column_of_table(subroot, att, table);
			if (att <= 0)
				return NIL;
		}
		columns = lappend_int(columns, att);
	}
	return columns;
}

/* --- parts -------------------------------------------------------------- */

/* Replaces columns of rel by those of the first part's table. */
typedef struct Replacement
{
	Index		from;
	Index		to;
	const List *columns;
} Replacement;

static Node *
replace_columns(Node *node, void *context)
{
	const Replacement *r = context;

	if (node == NULL)
		return NULL;
	if (IsA(node, Var) && ((Var *) node)->varno == r->from &&
		((Var *) node)->varlevelsup == 0)
	{
		Var		   *var = copyObject((Var *) node);

		var->varno = r->to;
		var->varattno = (AttrNumber) list_nth_int(r->columns,
												  var->varattno - 1);
		var->varnosyn = 0;
		var->varattnosyn = 0;
		return (Node *) var;
	}
	return expression_tree_mutator(node, replace_columns, context);
}

/* The FlowScan that all of a subquery is; NULL: it is something else. */
static CustomPath *
flowscan_of(RelOptInfo *part)
{
	Path	   *path = part->cheapest_total_path;
	Path	   *subpath;
	Query	   *query;

	if (part->rtekind != RTE_SUBQUERY || part->baserestrictinfo != NIL ||
		!IsA(path, SubqueryScanPath))
		return NULL;
	subpath = ((SubqueryScanPath *) path)->subpath;
	/* the scan computes what is put on top */
	if (IsA(subpath, ProjectionPath))
		subpath = ((ProjectionPath *) subpath)->subpath;
	query = part->subroot->parse;
	if (!fs_path_is_scan(subpath) || fs_agginput_has_gate(subpath->parent) ||
		query->hasTargetSRFs ||
		contain_volatile_functions((Node *) query->targetList))
		return NULL;
	return (CustomPath *) subpath;
}

/* The path of a part without what it costs to give rows. */
static Path *
without_rows(Path *path, const CustomPath *scan)
{
	SubqueryScanPath *copy = makeNode(SubqueryScanPath);

	*copy = *castNode(SubqueryScanPath, path);
	copy->path.startup_cost = scan->path.startup_cost;
	copy->path.total_cost = Max(scan->path.total_cost -
								fs_cost_of_rows(&scan->path), 0);
	return &copy->path;
}

/* A part of which vectors are read; false: it cannot be. */
static bool
add_table(Union *u, AppendRelInfo *info, RelOptInfo *part)
{
	CustomPath *scan = flowscan_of(part);
	Path	   *path = part->cheapest_total_path;
	List	   *columns;
	Replacement r = {u->rel->relid, info->child_relid};

	if (scan != NULL)
	{
		columns = columns_of(u, info, part->subroot, scan->path.parent->relid);
		path = without_rows(path, scan);
	}
	else
	{
		scan = part->rtekind != RTE_RELATION || fs_agginput_has_gate(part)
			? NULL : fs_path_of_scan(part, false);
		if (scan == NULL)
			return false;
		columns = columns_of(u, info, NULL, 0);
		path = &scan->path;
		path->total_cost -= fs_cost_of_rows(path);
	}
	if (columns == NIL)
		return false;
	r.columns = columns;
	if (u->tables == NIL)
		u->first_exprs = (List *) replace_columns((Node *) u->exprs, &r);
	u->tables = lappend(u->tables, path);
	u->table_columns = lappend(u->table_columns, columns);
	return true;
}

static bool
add_part(Union *u, AppendRelInfo *info)
{
	RelOptInfo *part = u->root->simple_rel_array[info->child_relid];

	if (part == NULL || IS_DUMMY_REL(part) || add_table(u, info, part))
		return true;
	u->others = lappend(u->others, part->cheapest_total_path);
	u->other_columns = lappend(u->other_columns, info->translated_vars);
	return part->cheapest_total_path->param_info == NULL;
}

/* The column of rel that the first part has as column att; -1: none. */
static int
find_column(const List *first, AttrNumber att)
{
	for (int i = 0; i < list_length(first); i++)
		if (list_nth_int(first, i) == att)
			return i;
	return -1;
}

static AttrNumber
last_column(const List *first)
{
	AttrNumber	last = 0;
	ListCell   *lc;

	foreach(lc, first)
		last = Max(last, lfirst_int(lc));
	return last;
}

/* From the first part's columns to those of another table. */
static List *
map_to_table(const List *first, const List *other)
{
	List	   *map = NIL;

	for (AttrNumber att = 1; att <= last_column(first); att++)
	{
		int			column = find_column(first, att);

		map = lappend_int(map, column < 0 ? -1
						  : list_nth_int(other, column) - 1);
	}
	return map;
}

/* The same to what other nodes compute; NULL: none. */
static List *
map_to_exprs(const List *first, const List *other)
{
	List	   *map = NIL;

	for (AttrNumber att = 1; att <= last_column(first); att++)
	{
		int			column = find_column(first, att);

		map = lappend(map, column < 0 ? NULL : list_nth(other, column));
	}
	return map;
}

static void
find_used(Union *u)
{
	List	   *vars = pull_var_clause((Node *) u->exprs,
									   PVC_RECURSE_AGGREGATES |
									   PVC_RECURSE_WINDOWFUNCS |
									   PVC_RECURSE_PLACEHOLDERS);
	ListCell   *lc;

	foreach(lc, vars)
		u->used = bms_add_member(u->used, lfirst_node(Var, lc)->varattno);
}

bool
fs_aggunion_find(PlannerInfo *root, RelOptInfo *rel, List *exprs,
				 FsAggInput *input)
{
	Union		u = {root, rel, exprs};
	RangeTblEntry *rte = planner_rt_fetch(rel->relid, root);
	ListCell   *lc;

	if (rte->rtekind != RTE_SUBQUERY || !rte->inh ||
		!bms_is_empty(rel->lateral_relids))
		return false;
	find_used(&u);
	foreach(lc, root->append_rel_list)
		if (lfirst_node(AppendRelInfo, lc)->parent_relid == rel->relid &&
			!add_part(&u, lfirst(lc)))
			return false;
	if (u.tables == NIL)
		return false;
	input->paths = list_concat(u.tables, u.others);
	input->nothers = list_length(u.others);
	input->exprs = u.first_exprs;
	foreach(lc, u.table_columns)
		input->maps = lappend(input->maps,
							  map_to_table(linitial(u.table_columns),
										   lfirst(lc)));
	foreach(lc, u.other_columns)
		input->maps = lappend(input->maps,
							  map_to_exprs(linitial(u.table_columns),
										   lfirst(lc)));
	return true;
}

/* --- plans -------------------------------------------------------------- */

/* The places, in what a node gives, of expressions that may be NULL. */
static List *
places_of(const Plan *plan, const List *exprs)
{
	List	   *places = NIL;
	ListCell   *lc;

	foreach(lc, exprs)
	{
		TargetEntry *entry = lfirst(lc) == NULL ? NULL
			: tlist_member(lfirst(lc), plan->targetlist);

		if (lfirst(lc) != NULL && entry == NULL)
			elog(ERROR, "a part of a union lacks a column");
		places = lappend_int(places, entry == NULL ? -1 : entry->resno - 1);
	}
	return places;
}

List *
fs_aggunion_maps(List *maps, int nothers, List *plans)
{
	List	   *result = NIL;
	int			ntables = list_length(plans) - nothers;

	for (int i = 0; i < list_length(maps); i++)
		result = lappend(result, i < ntables ? copyObject(list_nth(maps, i))
						 : places_of(list_nth(plans, i), list_nth(maps, i)));
	return result;
}
