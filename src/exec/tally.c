/*-------------------------------------------------------------------------
 *
 * What each clause of a FlowScan did.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/executor.h"

#include "am/partition.h"
#include "directory/partitions.h"
#include "exec/keyfilter.h"
#include "exec/tally.h"

/* Quals, and what the node is pruned by besides. */
static List *
find_clauses(CustomScan *cscan)
{
	List	   *clauses = list_copy(cscan->scan.plan.qual);
	ListCell   *lc;

	foreach(lc, fs_keyfilter_others(cscan))
		if (!list_member(cscan->scan.plan.qual, lfirst(lc)))
			clauses = lappend(clauses, lfirst(lc));
	return clauses;
}

static bool
has_keys(const CustomScan *cscan)
{
	return cscan->custom_plans != NIL;
}

int
fs_tally_size(CustomScan *cscan)
{
	return list_length(find_clauses(cscan)) + (has_keys(cscan) ? 1 : 0);
}

FsTally *
fs_tally_create(CustomScan *cscan)
{
	FsTally    *tally = palloc0(sizeof(FsTally));
	List	   *tests = fs_keyfilter_others(cscan);
	ListCell   *lc;

	tally->ntests = list_length(tests);
	tally->clauses = palloc0(sizeof(FsTallyClause) *
							 Max(fs_tally_size(cscan), 1));
	foreach(lc, find_clauses(cscan))
	{
		FsTallyClause *clause = &tally->clauses[tally->n++];
		int			place = 0;
		ListCell   *test;

		clause->expr = lfirst(lc);
		clause->test = -1;
		foreach(test, tests)
		{
			if (equal(lfirst(test), clause->expr))
				clause->test = place;
			place++;
		}
	}
	if (has_keys(cscan))
		tally->clauses[tally->n++].test = -1;
	return tally;
}

void
fs_tally_set_predicate(FsTally *tally, const FsPredicate *predicate, int nkeys)
{
	MemoryContext old =
		MemoryContextSwitchTo(GetMemoryChunkContext((void *) predicate));

	for (int i = 0; i < tally->n; i++)
	{
		FsTallyClause *clause = &tally->clauses[i];

		if (clause->expr == NULL)
			clause->part = nkeys == 0 ? NULL
				: fs_predicate_part(predicate, tally->ntests, nkeys);
		else if (clause->test >= 0)
			clause->part = fs_predicate_part(predicate, clause->test, 1);
	}
	MemoryContextSwitchTo(old);
}

FsFilterCounters *
fs_tally_of_keys(FsTally *tally)
{
	Assert(tally->clauses[tally->n - 1].expr == NULL);
	return &tally->clauses[tally->n - 1].counters.filter;
}

void
fs_tally_set_rest(FsTally *tally, int first, List *quals, PlanState *parent)
{
	ListCell   *lc;

	for (int i = 0; i < tally->n; i++)
		tally->clauses[i].rest = NULL;
	foreach(lc, quals)
		tally->clauses[first++].rest = ExecInitQual(list_make1(lfirst(lc)),
													parent);
}

bool
fs_tally_qual(FsTally *tally, ExprContext *econtext)
{
	for (int i = 0; i < tally->n; i++)
	{
		FsTallyClause *clause = &tally->clauses[i];

		if (clause->rest == NULL || ExecQual(clause->rest, econtext))
			continue;
		clause->counters.filter.rows_removed++;
		return false;
	}
	return true;
}

/* How many of these partitions are among first .. last. */
static uint32
count_between(const FsPartition *partitions, uint32 npartitions,
			  FsPartition first, FsPartition last)
{
	uint32		n = 0;

	for (uint32 i = 0; i < npartitions; i++)
		n += partitions[i] >= first && partitions[i] <= last;
	return n;
}

void
fs_tally_count_partitions(const FsTally *tally, Relation rel,
						  Snapshot snapshot, int att,
						  FsClauseCounters *counters)
{
	int64		low = PG_INT64_MIN;
	int64		high = PG_INT64_MAX;
	uint32		n;
	FsPartition *partitions = fs_directory_partitions(rel, snapshot, &n);
	uint32		left = n;

	for (int i = 0; i < tally->n; i++)
	{
		const FsPredicate *part = tally->clauses[i].part;
		int64		part_low;
		int64		part_high;
		uint32		kept;
		FsPartition first;
		FsPartition last;

		if (part == NULL || !fs_predicate_has_range(part, att))
			continue;
		fs_predicate_range(part, att, &part_low, &part_high);
		low = Max(low, part_low);
		high = Min(high, part_high);
		if (!fs_partition_range(rel, att + 1, low, high, &first, &last))
			break;
		kept = count_between(partitions, n, first, last);
		counters[i].partitions_asked = left;
		counters[i].partitions = left - kept;
		left = kept;
	}
	pfree(partitions);
}

/* Structs of uint64 alone. */
static void
add_fields(void *sum, const void *more, size_t size)
{
	for (size_t k = 0; k < size / sizeof(uint64); k++)
		((uint64 *) sum)[k] += ((const uint64 *) more)[k];
}

void
fs_tally_add_totals(FsScanCounters *sum, const FsScanCounters *more)
{
	add_fields(sum, more, sizeof(FsScanCounters));
}

void
fs_tally_add(const FsTally *tally, FsClauseCounters *sum)
{
	for (int i = 0; i < tally->n; i++)
		add_fields(&sum[i], &tally->clauses[i].counters,
				   sizeof(FsClauseCounters));
}
