/*-------------------------------------------------------------------------
 *
 * The pruner of a FlowScan.
 *
 * Counted or not, the same vectors are read: an AND rules out what any of its
 * clauses rules out, in zones and in lists.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "am/scanvalue.h"
#include "exec/pruning.h"
#include "prune/lists.h"

/* --- zones -------------------------------------------------------------- */

static bool
chunk_zone(void *arg, int att, FsZone *zone)
{
	return fs_scan_chunk_zone(arg, att, zone);
}

static bool
vector_zone(void *arg, int att, FsZone *zone)
{
	return fs_scan_vector_zone(arg, att, zone);
}

/*
 * The directory knows the bounds of one column, which was the time column
 * when the chunk was written.
 */
static bool
item_zone(void *arg, int att, FsZone *zone)
{
	const FsItem *item = arg;

	if (att + 1 != item->chunk->time_att)
		return false;
	memset(zone, 0, sizeof(FsZone));
	zone->nrows = item->head->nrows;
	zone->nulls = zone->nrows - 1;	/* not known */
	zone->has_bounds = true;
	zone->imin = item->chunk->min_us;
	zone->imax = item->chunk->max_us;
	return true;
}

/* --- all clauses at once ------------------------------------------------ */

static bool
keep_item(void *arg, const FsItem *item)
{
	return fs_predicate_may_match(arg, item_zone, (void *) item);
}

static bool
keep_chunk(void *arg, FsScan *scan)
{
	return fs_predicate_may_match(arg, chunk_zone, scan);
}

static bool
keep_vector(void *arg, FsScan *scan)
{
	return fs_predicate_may_match(arg, vector_zone, scan);
}

static bool
keep_listed(void *arg, FsPindex *index, FsVectorSet *vectors, FsArena *arena,
			FsFault *fault)
{
	return fs_lists_match(arg, index, arena, vectors, fault);
}

/* --- one by one --------------------------------------------------------- */

/* The first clause that nothing in the zone can satisfy, or NULL. */
static FsTallyClause *
find_excluding(FsTally *tally, FsZoneSource source, void *arg)
{
	for (int i = 0; i < tally->n; i++)
	{
		FsTallyClause *clause = &tally->clauses[i];

		if (clause->part != NULL &&
			!fs_predicate_may_match(clause->part, source, arg))
			return clause;
	}
	return NULL;
}

static bool
count_item(void *arg, const FsItem *item)
{
	FsTallyClause *clause = find_excluding(arg, item_zone, (void *) item);

	if (clause != NULL)
		clause->counters.chunks_by_bounds++;
	return clause == NULL;
}

static bool
count_chunk(void *arg, FsScan *scan)
{
	FsTallyClause *clause = find_excluding(arg, chunk_zone, scan);

	if (clause != NULL)
		clause->counters.chunks_by_zones++;
	return clause == NULL;
}

static bool
count_vector(void *arg, FsScan *scan)
{
	FsTallyClause *clause = find_excluding(arg, vector_zone, scan);

	if (clause != NULL)
		clause->counters.vectors_by_zones++;
	return clause == NULL;
}

/* As keep_listed(); what each clause left stays as long as the arena. */
static bool
match_listed(void *arg, FsPindex *index, FsVectorSet *vectors, FsArena *arena,
			 FsFault *fault)
{
	FsTally    *tally = arg;

	fs_vectorset_fill(vectors);
	for (int i = 0; i < tally->n; i++)
	{
		FsTallyClause *clause = &tally->clauses[i];

		if (clause->part == NULL)
			continue;
		fs_vectorset_init(&clause->listed, vectors->n, arena);
		if (!fs_lists_match(clause->part, index, arena, &clause->listed,
							fault))
			return false;
		fs_vectorset_and(&clause->listed, vectors);
		memcpy(vectors->words, clause->listed.words,
			   sizeof(uint64) * ((vectors->n + 63) / 64));
	}
	return true;
}

static void
note_chunk(void *arg, uint32 chunk)
{
	FsTally    *tally = arg;

	for (int i = 0; i < tally->n; i++)
	{
		FsTallyClause *clause = &tally->clauses[i];

		if (clause->part != NULL &&
			fs_vectorset_chunk(&clause->listed, chunk) == 0)
		{
			clause->counters.chunks_by_lists++;
			return;
		}
	}
}

static void
note_vector(void *arg, uint32 vector)
{
	FsTally    *tally = arg;

	for (int i = 0; i < tally->n; i++)
	{
		FsTallyClause *clause = &tally->clauses[i];

		if (clause->part != NULL &&
			!fs_vectorset_contains(&clause->listed, vector))
		{
			clause->counters.vectors_by_lists++;
			return;
		}
	}
}

void
fs_pruning_init(FsPruner *pruner, FsPredicate *predicate, FsTally *tally)
{
	memset(pruner, 0, sizeof(FsPruner));
	if (tally == NULL)
	{
		pruner->keep_item = keep_item;
		pruner->keep_chunk = keep_chunk;
		pruner->keep_vector = keep_vector;
		pruner->keep_listed = keep_listed;
		pruner->arg = predicate;
		return;
	}
	pruner->keep_item = count_item;
	pruner->keep_chunk = count_chunk;
	pruner->keep_vector = count_vector;
	pruner->keep_listed = match_listed;
	pruner->note_chunk = note_chunk;
	pruner->note_vector = note_vector;
	pruner->arg = tally;
}
