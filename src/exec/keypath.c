/*-------------------------------------------------------------------------
 *
 * Paths that read only what can be joined.
 *
 * Filtered paths are made when all base relations have their paths and no two
 * have been joined.  Nothing that was made before is freed: Gather paths refer
 * to partial ones, and paths of one table to those of another.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "nodes/extensible.h"
#include "optimizer/clauses.h"
#include "optimizer/cost.h"
#include "optimizer/geqo.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "utils/guc.h"

#include "exec/cost.h"
#include "exec/flowscan.h"
#include "exec/keyfilter.h"
#include "exec/keypath.h"
#include "exec/keysource.h"
#include "exec/path.h"
#include "format/value.h"

/* a relation's keys are not used where they leave more than this */
#define MAX_SHARE		0.9

/* rows of one key that a clustered vector has, typically */
#define ROWS_TOGETHER	16

/* to look a key up in partition indexes, for each row of the table */
#define KEY_COST		0.0000001

bool		fs_enable_join_filter = true;

static join_search_hook_type previous_hook = NULL;

/* --- filtered by keys --------------------------------------------------- */

static Plan *
plan_filtered(PlannerInfo *root, RelOptInfo *rel, struct CustomPath *path,
			  List *tlist, List *clauses, List *custom_plans)
{
	CustomPath	plain = *path;
	Plan	   *plan;

	plain.custom_private = linitial(path->custom_private);
	plan = fs_flowscan_plan(root, rel, &plain, tlist, clauses, NIL);
	fs_keyfilter_add((CustomScan *) plan, custom_plans,
					 copyObject(lsecond(path->custom_private)));
	return plan;
}

static const CustomPathMethods filtered_methods = {
	.CustomName = "FlowScan",
	.PlanCustomPath = plan_filtered,
};

/*
 * Reading becomes cheaper by the vectors that have no key, handing rows out by
 * the rows.
 */
static void
set_cost(RelOptInfo *rel, CustomPath *path, List *sources)
{
	Cost		rows_cost = fs_cost_of_rows(&path->path);
	Cost		reading = path->path.total_cost - path->path.startup_cost -
		rows_cost;
	Selectivity share = 1.0;
	Cost		keys = 0;
	ListCell   *lc;

	foreach(lc, sources)
	{
		FsKeySource *source = lfirst(lc);

		share *= source->selectivity;
		keys += source->path->total_cost +
			source->nkeys * (cpu_operator_cost + KEY_COST * rel->tuples);
	}
	path->path.startup_cost += keys;
	path->path.total_cost = path->path.startup_cost + rows_cost * share +
		reading * Min(1.0, share * FS_VECTOR_ROWS / ROWS_TOGETHER);
	path->path.rows = clamp_row_est(path->path.rows * share);
}

static CustomPath *
make_filtered(RelOptInfo *rel, const CustomPath *plain, List *sources)
{
	CustomPath *path = makeNode(CustomPath);
	List	   *clauses = NIL;
	ListCell   *lc;

	*path = *plain;
	foreach(lc, sources)
	{
		FsKeySource *source = lfirst(lc);

		path->custom_paths = lappend(path->custom_paths, source->path);
		clauses = lappend(clauses, source->clauses);
		if (!source->path->parallel_safe)
			path->path.parallel_safe = false;
	}
	path->custom_private = list_make2(plain->custom_private, clauses);
	path->methods = &filtered_methods;
	set_cost(rel, path, sources);
	return path;
}

/* Put a path where it belongs by its cost. */
static List *
insert_path(List *paths, Path *path)
{
	int			at = 0;
	ListCell   *lc;

	foreach(lc, paths)
	{
		if (((Path *) lfirst(lc))->total_cost > path->total_cost)
			break;
		at++;
	}
	return list_insert_nth(paths, at, path);
}

static void
add_filtered(RelOptInfo *rel, const CustomPath *plain, List *sources)
{
	CustomPath *partial = fs_path_of_scan(rel, true);
	CustomPath *path = make_filtered(rel, plain, sources);

	rel->pathlist = insert_path(rel->pathlist, (Path *) path);
	if (partial != NULL && path->path.parallel_safe)
		rel->partial_pathlist =
			insert_path(rel->partial_pathlist,
						(Path *) make_filtered(rel, partial, sources));
}

/* Give a flowstore table the paths that use keys of other relations. */
static void
add_filtered_paths(PlannerInfo *root, RelOptInfo *rel)
{
	CustomPath *plain = fs_path_of_scan(rel, false);
	List	   *sources = NIL;
	ListCell   *lc;

	if (plain == NULL)
		return;
	for (int i = 1; i < root->simple_rel_array_size; i++)
	{
		RelOptInfo *other = root->simple_rel_array[i];
		FsKeySource *source;

		if (other == NULL)
			continue;
		source = fs_keysource_find(root, rel, other);
		if (source != NULL && source->selectivity <= MAX_SHARE)
			sources = lappend(sources, source);
	}
	if (sources == NIL)
		return;
	foreach(lc, sources)
		add_filtered(rel, plain, list_make1(lfirst(lc)));
	if (list_length(sources) > 1)
		add_filtered(rel, plain, sources);
	set_cheapest(rel);
}

static RelOptInfo *
at_join_search(PlannerInfo *root, int levels_needed, List *initial_rels)
{
	ListCell   *lc;

	foreach(lc, initial_rels)
	{
		RelOptInfo *rel = lfirst(lc);

		if (fs_enable_join_filter && rel->reloptkind == RELOPT_BASEREL)
			add_filtered_paths(root, rel);
	}
	if (previous_hook)
		return previous_hook(root, levels_needed, initial_rels);
	if (enable_geqo && levels_needed >= geqo_threshold)
		return geqo(root, levels_needed, initial_rels);
	return standard_join_search(root, levels_needed, initial_rels);
}

void
fs_keypath_init(void)
{
	DefineCustomBoolVariable("flowstore.enable_join_filter",
							 "Enables the planner's use of keys of joined relations in FlowScan.",
							 "When off, joined tables are read as if they were not joined, with the same answers.",
							 &fs_enable_join_filter, true, PGC_USERSET,
							 GUC_EXPLAIN, NULL, NULL, NULL);
	previous_hook = join_search_hook;
	join_search_hook = at_join_search;
}
