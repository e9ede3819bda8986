/*-------------------------------------------------------------------------
 *
 * Paths.
 *
 * FlowScan replaces the sequential scan of a flowstore table: it is never
 * worse.  It is not offered where a row's system columns other than ctid and
 * tableoid are wanted, nor for TABLESAMPLE.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "nodes/extensible.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"

#include "am/refuse.h"
#include "exec/cost.h"
#include "exec/flowscan.h"
#include "exec/path.h"
#include "exec/refuse.h"
#include "prune/predicate.h"

bool		fs_enable_scan = true;
bool		fs_enable_filter = true;

static set_rel_pathlist_hook_type previous_hook = NULL;

static const CustomPathMethods path_methods = {
	.CustomName = "FlowScan",
	.PlanCustomPath = fs_flowscan_plan,
};

static bool
needs_system_column(Bitmapset *attrs)
{
	for (int att = FirstLowInvalidHeapAttributeNumber + 1; att < 0; att++)
		if (att != SelfItemPointerAttributeNumber &&
			att != TableOidAttributeNumber &&
			bms_is_member(att - FirstLowInvalidHeapAttributeNumber, attrs))
			return true;
	return false;
}

/*
 * Clauses that may be tested against zone maps.  Below a security barrier
 * only leakproof ones: how much was pruned would tell of rows that the user
 * must not see.
 */
static List *
zone_clauses(RelOptInfo *rel)
{
	List	   *clauses = NIL;
	ListCell   *lc;

	foreach(lc, rel->baserestrictinfo)
	{
		RestrictInfo *rinfo = lfirst(lc);

		if (rinfo->pseudoconstant ||
			(rinfo->security_level > rel->baserestrict_min_security &&
			 !rinfo->leakproof))
			continue;
		if (fs_predicate_is_useful(rinfo->clause, rel->relid))
			clauses = lappend(clauses, rinfo->clause);
	}
	return clauses;
}

/* WHERE CURRENT OF names a row: only a TID scan knows it. */
static bool
has_current_of(RelOptInfo *rel)
{
	ListCell   *lc;

	foreach(lc, rel->baserestrictinfo)
		if (IsA(((RestrictInfo *) lfirst(lc))->clause, CurrentOfExpr))
			return true;
	return false;
}

static CustomPath *
make_path(PlannerInfo *root, RelOptInfo *rel, List *clauses, int workers)
{
	CustomPath *path = makeNode(CustomPath);

	path->path.pathtype = T_CustomScan;
	path->path.parent = rel;
	path->path.pathtarget = rel->reltarget;
	path->path.param_info = NULL;
	path->path.parallel_aware = workers > 0;
	path->path.parallel_safe = rel->consider_parallel;
	path->path.parallel_workers = workers;
	path->flags = CUSTOMPATH_SUPPORT_BACKWARD_SCAN |
		CUSTOMPATH_SUPPORT_PROJECTION;
	path->custom_private = clauses;
	path->methods = &path_methods;
	fs_cost_scan(root, rel, clauses, &path->path);
	return path;
}

bool
fs_path_is_scan(const Path *path)
{
	return IsA(path, CustomPath) &&
		((const CustomPath *) path)->methods == &path_methods &&
		!path->parallel_aware && path->param_info == NULL;
}

CustomPath *
fs_path_of_scan(RelOptInfo *rel, bool is_partial)
{
	ListCell   *lc;

	foreach(lc, is_partial ? rel->partial_pathlist : rel->pathlist)
	{
		Path	   *path = lfirst(lc);
		CustomPath *copy;

		/* where the output has expressions, they were put on top */
		if (IsA(path, ProjectionPath))
			path = ((ProjectionPath *) path)->subpath;
		if (!IsA(path, CustomPath) || path->parent != rel ||
			((CustomPath *) path)->methods != &path_methods ||
			path->parallel_aware != is_partial || path->param_info != NULL)
			continue;
		copy = makeNode(CustomPath);
		*copy = *(CustomPath *) path;
		return copy;
	}
	return NULL;
}

static List *
without_seqscans(List *paths)
{
	List	   *kept = NIL;
	ListCell   *lc;

	foreach(lc, paths)
		if (((Path *) lfirst(lc))->pathtype != T_SeqScan)
			kept = lappend(kept, lfirst(lc));
	return kept;
}

static void
add_paths(PlannerInfo *root, RelOptInfo *rel)
{
	List	   *clauses;
	int			workers;

	if (needs_system_column(fs_cost_attributes(rel)) || !bms_is_empty(rel->lateral_relids) ||
		has_current_of(rel))
		return;
	clauses = zone_clauses(rel);
	rel->pathlist = without_seqscans(rel->pathlist);
	add_path(rel, (Path *) make_path(root, rel, clauses, 0));
	if (!rel->consider_parallel)
		return;
	rel->partial_pathlist = without_seqscans(rel->partial_pathlist);
	workers = compute_parallel_worker(rel, rel->pages, -1,
									  max_parallel_workers_per_gather);
	if (workers > 0)
		add_partial_path(rel, (Path *) make_path(root, rel, clauses,
												 workers));
}

static void
at_rel_pathlist(PlannerInfo *root, RelOptInfo *rel, Index rti,
				RangeTblEntry *rte)
{
	if (previous_hook)
		previous_hook(root, rel, rti, rte);
	if (rte->rtekind != RTE_RELATION || rte->inh ||
		(rte->relkind != RELKIND_RELATION && rte->relkind != RELKIND_MATVIEW) ||
		!fs_refuse_is_flowstore(rte->relid))
		return;
	fs_exec_refuse(root, rel, rte);
	if (fs_enable_scan && rte->tablesample == NULL && !IS_DUMMY_REL(rel))
		add_paths(root, rel);
}

void
fs_path_init(void)
{
	DefineCustomBoolVariable("flowstore.enable_scan",
							 "Enables the planner's use of FlowScan plans.",
							 "When off, flowstore tables are read by sequential scans of all columns.",
							 &fs_enable_scan, true, PGC_USERSET,
							 GUC_EXPLAIN, NULL, NULL, NULL);
	DefineCustomBoolVariable("flowstore.enable_filter",
							 "Enables the filter of whole vectors in FlowScan.",
							 "When off, conditions are evaluated row by row, with the same answers.",
							 &fs_enable_filter, true, PGC_USERSET,
							 GUC_EXPLAIN, NULL, NULL, NULL);
	previous_hook = set_rel_pathlist_hook;
	set_rel_pathlist_hook = at_rel_pathlist;
}
