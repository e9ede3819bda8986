/*-------------------------------------------------------------------------
 *
 * What EXPLAIN says of each clause of a FlowScan.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/rel.h"

#include "am/partition.h"
#include "am/tableoptions.h"
#include "compat.h"
#include "exec/explain.h"
#include "exec/explainclause.h"
#include "maintain/roles.h"

static const char *const way_names[FS_NWAYS] = {
	[FS_WAY_CODES] = "dictionary codes",
	[FS_WAY_VALUES] = "stored values",
	[FS_WAY_DISTINCT] = "once for each distinct value",
	[FS_WAY_ROWS] = "row by row",
};

static const char *const way_properties[FS_NWAYS] = {
	[FS_WAY_CODES] = "Vectors by Dictionary Codes",
	[FS_WAY_VALUES] = "Vectors by Stored Values",
	[FS_WAY_DISTINCT] = "Vectors by Distinct Value",
	[FS_WAY_ROWS] = "Vectors Row by Row",
};

/* What the table offers to clauses. */
typedef struct Offer
{
	int			time_att;		/* 0-based, or -1 */
	bool		has_partitions; /* made by that column alone */
	Bitmapset  *listed;			/* 0-based: columns that clustering lists */
} Offer;

/* How many the clauses so far have left. */
typedef struct Left
{
	uint64		bounds;			/* chunks */
	uint64		lists;
	uint64		zones;
	uint64		listed;			/* vectors */
	uint64		zoned;
} Left;

static Offer
find_offer(Relation rel)
{
	Offer		offer = {fs_tableoptions_get(rel)->time_att - 1};
	FsBufferLayout *layout = fs_buffer_layout(RelationGetDescr(rel),
											  offer.time_att + 1,
											  CurrentMemoryContext);
	FsClusterOptions options = fs_roles_find(rel, layout);
	FsPartition first;
	FsPartition last;

	offer.has_partitions = offer.time_att >= 0 &&
		fs_partition_range(rel, offer.time_att + 1, 0, 0, &first, &last);
	for (int i = 0; i < options.nlists; i++)
		for (int k = 0; k < options.lists[i].ncols; k++)
			offer.listed =
				bms_add_member(offer.listed,
							   layout->specs[options.lists[i].cols[k]].id - 1);
	return offer;
}

/* The structures that can rule something out by the clause. */
static List *
structures_of(const FsTallyClause *clause, const Offer *offer)
{
	List	   *names = NIL;
	bool		has_range;

	if (clause->part == NULL)
		return NIL;
	has_range = offer->time_att >= 0 &&
		fs_predicate_has_range(clause->part, offer->time_att);
	if (has_range && offer->has_partitions)
		names = lappend(names, "partitions");
	if (has_range)
		names = lappend(names, "chunk bounds");
	if (fs_predicate_has_lists(clause->part, offer->listed))
		names = lappend(names, "partition index");
	return lappend(names, "zone maps");
}

/* How the clause is evaluated, as far as the plan can tell. */
static List *
ways_of(const FsExplainClauses *clauses, int i)
{
	List	   *names = NIL;
	uint32		ways = 1 << FS_WAY_ROWS;

	if (clauses->tally->clauses[i].expr == NULL)
		return NIL;
	if (i < clauses->nfiltered)
		ways = fs_filter_ways(clauses->filter, i);
	for (int way = 0; way < FS_NWAYS; way++)
		if ((ways >> way & 1) != 0)
			names = lappend(names, pstrdup(way_names[way]));
	return names;
}

/* --- text --------------------------------------------------------------- */

static void
append_list(StringInfo line, const char *label, List *names)
{
	ListCell   *lc;

	if (names == NIL)
		return;
	appendStringInfo(line, "%s: ", label);
	foreach(lc, names)
		appendStringInfo(line, "%s%s", (char *) lfirst(lc),
						 lnext(names, lc) == NULL ? "" : ", ");
}

/* "label: a of b chunks, c of d vectors", without what is 0. */
static void
append_ruled_out(StringInfo line, const char *label, const uint64 *chunks,
				 const uint64 *vectors)
{
	if (chunks[0] == 0 && vectors[0] == 0)
		return;
	appendStringInfo(line, "%s: ", label);
	if (chunks[0] > 0)
		appendStringInfo(line, UINT64_FORMAT " of " UINT64_FORMAT " chunks",
						 chunks[0], chunks[1]);
	if (chunks[0] > 0 && vectors[0] > 0)
		appendStringInfoString(line, ", ");
	if (vectors[0] > 0)
		appendStringInfo(line, UINT64_FORMAT " of " UINT64_FORMAT " vectors",
						 vectors[0], vectors[1]);
	appendStringInfoString(line, "; ");
}

static void
append_filter(StringInfo line, const FsFilterCounters *filter, bool is_rest)
{
	bool		is_asked = filter->settled > 0 || is_rest;

	for (int way = 0; way < FS_NWAYS; way++)
		is_asked |= filter->vectors[way] > 0;
	if (!is_asked)
		return;
	appendStringInfoString(line, "filter: ");
	if (is_rest)
		appendStringInfo(line, "%s, ", way_names[FS_WAY_ROWS]);
	if (filter->settled > 0)
		appendStringInfo(line, UINT64_FORMAT " vectors settled whole, ",
						 filter->settled);
	for (int way = 0; way < FS_NWAYS; way++)
		if (filter->vectors[way] > 0)
			appendStringInfo(line, "%s in " UINT64_FORMAT " vectors, ",
							 way_names[way], filter->vectors[way]);
	appendStringInfo(line, UINT64_FORMAT " rows removed; ",
					 filter->rows_removed);
}

static void
append_counters(StringInfo line, const FsClauseCounters *c, const Left *left,
				bool is_rest)
{
	uint64		none[2] = {0, 0};

	if (c->partitions > 0)
		appendStringInfo(line, "partitions: " UINT64_FORMAT " of " UINT64_FORMAT "; ",
						 c->partitions, c->partitions_asked);
	append_ruled_out(line, "chunk bounds",
					 (uint64[]) {c->chunks_by_bounds, left->bounds}, none);
	append_ruled_out(line, "partition index",
					 (uint64[]) {c->chunks_by_lists, left->lists},
					 (uint64[]) {c->vectors_by_lists, left->listed});
	append_ruled_out(line, "zone maps",
					 (uint64[]) {c->chunks_by_zones, left->zones},
					 (uint64[]) {c->vectors_by_zones, left->zoned});
	append_filter(line, &c->filter, is_rest);
	/* the last separator */
	if (line->len > 0)
		line->data[line->len -= 2] = '\0';
}

/* --- other formats ------------------------------------------------------ */

static void
show_counters(const FsClauseCounters *c, ExplainState *es)
{
	ExplainPropertyUInteger("Partitions Pruned", NULL, c->partitions, es);
	ExplainPropertyUInteger("Chunks Pruned by Bounds", NULL,
							c->chunks_by_bounds, es);
	ExplainPropertyUInteger("Chunks Pruned by Partition Index", NULL,
							c->chunks_by_lists, es);
	ExplainPropertyUInteger("Vectors Pruned by Partition Index", NULL,
							c->vectors_by_lists, es);
	ExplainPropertyUInteger("Chunks Pruned by Zone Map", NULL,
							c->chunks_by_zones, es);
	ExplainPropertyUInteger("Vectors Pruned by Zone Map", NULL,
							c->vectors_by_zones, es);
	ExplainPropertyUInteger("Vectors Settled Whole", NULL, c->filter.settled,
							es);
	for (int way = 0; way < FS_NWAYS; way++)
		ExplainPropertyUInteger(way_properties[way], NULL,
								c->filter.vectors[way], es);
	ExplainPropertyUInteger("Rows Removed by Filter", NULL,
							c->filter.rows_removed, es);
}

/* --- both --------------------------------------------------------------- */

static void
explain_clause(const FsExplainClauses *clauses, int i, const char *text,
			   const Offer *offer, const Left *left, ExplainState *es)
{
	const FsTallyClause *clause = &clauses->tally->clauses[i];
	List	   *structures = structures_of(clause, offer);
	List	   *ways = ways_of(clauses, i);
	StringInfoData line;

	if (es->format != EXPLAIN_FORMAT_TEXT)
	{
		ExplainOpenGroup("Clause", NULL, true, es);
		ExplainPropertyText("Clause", text, es);
		ExplainPropertyList("Pruning", structures, es);
		ExplainPropertyList("Evaluation", ways, es);
		if (clauses->counters != NULL)
			show_counters(&clauses->counters[i], es);
		ExplainCloseGroup("Clause", NULL, true, es);
		return;
	}
	initStringInfo(&line);
	if (clauses->counters != NULL)
		append_counters(&line, &clauses->counters[i], left,
						clause->rest != NULL);
	else
	{
		append_list(&line, "pruning", structures);
		appendStringInfoString(&line, structures == NIL ? "" : "; ");
		append_list(&line, "filter", ways);
	}
	ExplainPropertyText("Clause",
						psprintf("%s%s%s", text, line.len > 0 ? "  " : "",
								 line.data), es);
}

static void
take(uint64 *from, uint64 n)
{
	*from -= Min(n, *from);
}

/* What there is for the first clause to rule out. */
static Left
start_left(const FsExplainClauses *clauses)
{
	Left		left = {0};

	if (clauses->counters == NULL)
		return left;
	left.bounds = left.lists = left.zones = clauses->totals->chunks;
	left.listed = left.zoned = clauses->totals->vectors;
	for (int i = 0; i < clauses->tally->n; i++)
	{
		const FsClauseCounters *c = &clauses->counters[i];

		take(&left.lists, c->chunks_by_bounds);
		take(&left.zones, c->chunks_by_bounds + c->chunks_by_lists);
		take(&left.zoned, c->vectors_by_lists);
	}
	return left;
}

static void
take_from(Left *left, const FsClauseCounters *c)
{
	take(&left->bounds, c->chunks_by_bounds);
	take(&left->lists, c->chunks_by_lists);
	take(&left->zones, c->chunks_by_zones);
	take(&left->listed, c->vectors_by_lists);
	take(&left->zoned, c->vectors_by_zones);
}

void
fs_explain_each_clause(const FsExplainClauses *clauses, List *ancestors,
					   ExplainState *es)
{
	Left		left = start_left(clauses);
	Offer		offer;

	if (clauses->tally->n == 0)
		return;
	offer = find_offer(clauses->node->ss_currentRelation);
	ExplainOpenGroup("Clauses", "Clauses", false, es);
	for (int i = 0; i < clauses->tally->n; i++)
	{
		Node	   *expr = (Node *) clauses->tally->clauses[i].expr;

		/* the conditions that keys make are known when they were read */
		if (expr == NULL && clauses->counters == NULL)
			continue;
		explain_clause(clauses, i, expr == NULL ? "join keys"
					   : fs_explain_expression(clauses->node, expr, ancestors,
											   es), &offer, &left, es);
		if (clauses->counters != NULL)
			take_from(&left, &clauses->counters[i]);
	}
	ExplainCloseGroup("Clauses", "Clauses", false, es);
}
