/*-------------------------------------------------------------------------
 *
 * Relations whose keys a FlowScan can be given.
 *
 * Which clauses may be tested early is what core decides for the inner side
 * of a nested loop: it keeps a clause from the preserved side of an outer join
 * or an anti join, and from a side that a join below makes null.  Where a join
 * below makes the other relation null, its keys are null, since they are
 * strict (keyclause.h), and such a row matches nothing.
 *
 * The other relation is read twice, so its rows must be the same each time.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "nodes/nodeFuncs.h"
#include "optimizer/cost.h"
#include "optimizer/joininfo.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/tlist.h"
#include "utils/selfuncs.h"

#include "exec/keyclause.h"
#include "exec/keyfilter.h"
#include "exec/keysource.h"
#include "exec/repeatable.h"

/* rows of a relation that are worth reading for their keys */
#define MAX_ROWS	100000

bool
fs_keysource_is_safe(RelOptInfo *rel, RestrictInfo *rinfo)
{
	return !rinfo->pseudoconstant &&
		(rinfo->leakproof ||
		 rinfo->security_level <= rel->baserestrict_min_security);
}

List *
fs_keysource_clauses(PlannerInfo *root, RelOptInfo *rel, RelOptInfo *other)
{
	List	   *clauses = NIL;
	ParamPathInfo *info;
	ListCell   *lc;

	if (rel == other || other->reloptkind != RELOPT_BASEREL ||
		IS_DUMMY_REL(other) || !have_relevant_joinclause(root, rel, other))
		return NIL;
	info = get_baserel_parampathinfo(root, rel, other->relids);
	foreach(lc, info->ppi_clauses)
	{
		RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);

		if (fs_keysource_is_safe(rel, rinfo) &&
			fs_keyclause_is_useful((Node *) rinfo->clause, rel->relid))
			clauses = lappend(clauses, rinfo->clause);
	}
	return clauses;
}

/* The cheapest way to read all of a relation twice. */
static Path *
find_path(PlannerInfo *root, RelOptInfo *rel)
{
	Path	   *best = NULL;
	ListCell   *lc;

	foreach(lc, rel->pathlist)
	{
		Path	   *path = lfirst(lc);

		if (path->param_info == NULL &&
			(best == NULL || path->total_cost < best->total_cost) &&
			fs_path_is_repeatable(root, path))
			best = path;
	}
	return best;
}

/* Different values of the expressions together. */
static double
count_keys(PlannerInfo *root, RelOptInfo *other, List *exprs)
{
	double		nkeys = 0;
	ListCell   *lc;

	foreach(lc, exprs)
		nkeys = Max(nkeys, estimate_num_groups(root, list_make1(lfirst(lc)),
											   other->rows, NULL, NULL));
	return nkeys;
}

/* Share of rel's rows that have a match, as in a semi join. */
static Selectivity
estimate_share(PlannerInfo *root, RelOptInfo *rel, RelOptInfo *other,
			   List *clauses)
{
	SpecialJoinInfo *join = makeNode(SpecialJoinInfo);

	join->min_lefthand = rel->relids;
	join->min_righthand = other->relids;
	join->syn_lefthand = rel->relids;
	join->syn_righthand = other->relids;
	join->jointype = JOIN_SEMI;
	return clauselist_selectivity(root, clauses, 0, JOIN_SEMI, join);
}

FsKeySource *
fs_keysource_find(PlannerInfo *root, RelOptInfo *rel, RelOptInfo *other)
{
	FsKeySource *source;
	List	   *clauses;
	List	   *exprs;
	PathTarget *target;
	Path	   *path;
	double		nkeys;
	ListCell   *lc;

	if (other->rows > MAX_ROWS)
		return NULL;
	clauses = fs_keysource_clauses(root, rel, other);
	if (clauses == NIL)
		return NULL;
	path = find_path(root, other);
	exprs = fs_keyfilter_exprs(clauses, rel->relid);
	nkeys = count_keys(root, other, exprs);
	if (path == NULL || nkeys > FS_KEYS_MAX)
		return NULL;

	target = create_empty_pathtarget();
	foreach(lc, exprs)
		add_column_to_pathtarget(target, lfirst(lc), 0);
	source = palloc(sizeof(FsKeySource));
	source->path = (Path *)
		create_projection_path(root, other, path,
							   set_pathtarget_cost_width(root, target));
	source->clauses = clauses;
	source->nkeys = nkeys * list_length(exprs);
	source->selectivity = estimate_share(root, rel, other, clauses);
	return source;
}
