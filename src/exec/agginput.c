/*-------------------------------------------------------------------------
 *
 * What a FlowAggregate reads.
 *
 * Partitions are those that the planner did not rule out.  Which are ruled
 * out by parameters is left to the scans: each knows the bounds of its table.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "optimizer/appendinfo.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/tlist.h"

#include "exec/agginput.h"
#include "exec/aggunion.h"
#include "exec/cost.h"
#include "exec/path.h"

/* A table below the relation that is grouped. */
typedef struct Member
{
	List	   *exprs;			/* keys, then aggregates, over it */
	int			natts;
	AttrNumber *atts;			/* [natts] its column for each of the topmost
								 * relation's; 0: none */
} Member;

typedef struct Search
{
	PlannerInfo *root;
	bool		is_partial;
	FsAggInput *input;
	Member		first;
} Search;

bool
fs_agginput_has_gate(const RelOptInfo *rel)
{
	ListCell   *lc;

	foreach(lc, rel->baserestrictinfo)
		if (lfirst_node(RestrictInfo, lc)->pseudoconstant)
			return true;
	return false;
}

/* Add the scan of a table; it reads the columns that exprs need, in vectors. */
static bool
add_table(RelOptInfo *rel, List *exprs, bool is_partial, FsAggInput *input)
{
	CustomPath *path = fs_agginput_has_gate(rel) ? NULL : fs_path_of_scan(rel, is_partial);
	PathTarget *target;

	if (path == NULL)
		return false;
	target = create_empty_pathtarget();
	add_new_columns_to_pathtarget(target,
								  pull_var_clause((Node *) exprs,
												  PVC_RECURSE_AGGREGATES));
	path->path.total_cost -= fs_cost_of_rows(&path->path);
	path->path.pathtarget = target;
	input->paths = lappend(input->paths, path);
	return true;
}

/* From the columns of the first member to those of another; NIL: the same. */
static List *
make_map(const Member *first, const Member *other)
{
	List	   *map = NIL;
	bool		is_same = true;
	AttrNumber	last = 0;

	for (int i = 0; i < first->natts; i++)
		last = Max(last, first->atts[i]);
	for (AttrNumber att = 1; att <= last; att++)
	{
		AttrNumber	found = 0;

		for (int i = 0; i < first->natts; i++)
			if (first->atts[i] == att)
				found = other->atts[i];
		map = lappend_int(map, found - 1);
		is_same &= found == att;
	}
	return is_same ? NIL : map;
}

static Member
member_of_child(PlannerInfo *root, const Member *parent, RelOptInfo *child)
{
	AppendRelInfo *info = root->append_rel_array[child->relid];
	Member		member;

	member.exprs = (List *) adjust_appendrel_attrs(root, (Node *) parent->exprs,
												   1, &info);
	member.natts = parent->natts;
	member.atts = palloc0(sizeof(AttrNumber) * Max(parent->natts, 1));
	for (AttrNumber att = 1; att <= info->num_child_cols; att++)
		for (int i = 0; i < parent->natts; i++)
			if (parent->atts[i] != 0 &&
				parent->atts[i] == info->parent_colnos[att - 1])
				member.atts[i] = att;
	return member;
}

/* Add the partitions of a relation, and theirs. */
static bool
add_partitions(Search *search, RelOptInfo *rel, const Member *member)
{
	for (int i = 0; i < rel->nparts; i++)
	{
		RelOptInfo *child = rel->part_rels[i];
		Member		part;

		if (child == NULL || IS_DUMMY_REL(child))
			continue;
		part = member_of_child(search->root, member, child);
		if (child->part_rels != NULL)
		{
			if (!add_partitions(search, child, &part))
				return false;
			continue;
		}
		if (!add_table(child, part.exprs, search->is_partial, search->input))
			return false;
		if (search->input->maps == NIL)
		{
			search->first = part;
			search->input->exprs = part.exprs;
		}
		search->input->maps = lappend(search->input->maps,
									  make_map(&search->first, &part));
	}
	return true;
}

bool
fs_agginput_find(PlannerInfo *root, RelOptInfo *rel, List *keys,
				 List *aggregates, bool is_partial, FsAggInput *input)
{
	Search		search = {root, is_partial, input};
	Member		member;

	memset(input, 0, sizeof(FsAggInput));
	member.exprs = list_concat_copy(keys, aggregates);
	if (rel->rtekind == RTE_SUBQUERY)
		return !is_partial && !fs_agginput_has_gate(rel) &&
			fs_aggunion_find(root, rel, member.exprs, input);
	if (rel->part_rels == NULL)
		return add_table(rel, member.exprs, is_partial, input);
	if (fs_agginput_has_gate(rel))
		return false;
	member.natts = rel->max_attr;
	member.atts = palloc(sizeof(AttrNumber) * Max(member.natts, 1));
	for (int i = 0; i < member.natts; i++)
		member.atts[i] = i + 1;
	return add_partitions(&search, rel, &member) && input->paths != NIL;
}

double
fs_agginput_rows(const FsAggInput *input)
{
	double		rows = 0;
	ListCell   *lc;

	foreach(lc, input->paths)
		rows += ((Path *) lfirst(lc))->rows;
	return rows;
}

Cost
fs_agginput_cost(const FsAggInput *input)
{
	Cost		cost = 0;
	ListCell   *lc;

	foreach(lc, input->paths)
		cost += ((Path *) lfirst(lc))->total_cost;
	return cost;
}

bool
fs_agginput_is_parallel_safe(const FsAggInput *input)
{
	ListCell   *lc;

	foreach(lc, input->paths)
		if (!((Path *) lfirst(lc))->parallel_safe)
			return false;
	return true;
}

int
fs_agginput_workers(const FsAggInput *input)
{
	int			workers = 0;
	ListCell   *lc;

	foreach(lc, input->paths)
		workers = Max(workers, ((Path *) lfirst(lc))->parallel_workers);
	return workers;
}
