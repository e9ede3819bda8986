/*-------------------------------------------------------------------------
 *
 * Rows become groups, within a bound of memory.
 *
 * When groups have no room any more all of them are emitted: put into runs,
 * by hash into partitions.  Then it goes on without any.  At the end
 * partitions are read one by one and groups with the same keys merged; equal
 * keys are in the same partition.  A partition may have no room itself: then
 * the same is done with it, one level deeper.
 *
 * A group alone, or one that is FS_AGG_LEVELS deep, goes on beyond the bound:
 * only distinct values of one group can be too many then, or keys whose
 * hashes are alike.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "exec/aggstate.h"
#include "exec/batch.h"

/* groups between two looks for interrupts */
#define PIECE 1024

static void
note_memory(FlowAggState *state)
{
	state->counters.peak_bytes = Max(state->counters.peak_bytes,
									 fs_groups_bytes(state->groups));
}

/* --- groups go ---------------------------------------------------------- */

static void
open_level(FlowAggState *state, int level)
{
	FsAggLevel *at = &state->levels[level];

	if (at->runs != NULL)
		return;
	if (level == 0 && state->shared != NULL)
		at->runs = fs_aggshare_open_runs(state);
	else
	{
		MemoryContext old = MemoryContextSwitchTo(state->cxt);

		at->runs = fs_runs_create(fs_runs_block_bytes(state->limit));
		MemoryContextSwitchTo(old);
		at->bits = FS_RUNS_PARTITION_BITS;
	}
	at->next = 0;
}

static void
put_group(FlowAggState *state, uint32 group, int level)
{
	FsAggLevel *at = &state->levels[level];
	uint64		hash = fs_groups_select(state->groups, group, state->seed);
	int			shift = 64 - FS_RUNS_PARTITION_BITS * level - at->bits;
	int			partition = at->bits == 0 ? 0
		: (int) (hash >> shift) & ((1 << at->bits) - 1);
	uint32		part = 0;
	bool		has_more;

	do
	{
		resetStringInfo(&state->record);
		has_more = fs_groups_put(state->groups, group, part++,
								 &state->record);
		fs_runs_put(at->runs, partition, state->record.data,
					(uint32) state->record.len);
		if (part % PIECE == 0)
			CHECK_FOR_INTERRUPTS();
	} while (has_more);
}

void
fs_aggmerge_emit(FlowAggState *state, int level, const uint8 *only)
{
	FsGroups   *groups = state->groups;
	MemoryContext old;

	fs_groups_settle(groups);
	note_memory(state);
	open_level(state, level);
	fs_groups_begin_put(groups, only);
	/* results of expressions may have to be detoasted */
	old = MemoryContextSwitchTo(state->record_cxt);
	for (uint32 g = 0; g < groups->n; g++)
	{
		if (g % PIECE == 0)
		{
			CHECK_FOR_INTERRUPTS();
			MemoryContextReset(state->record_cxt);
		}
		if (only != NULL ? only[g] : fs_groups_exists(groups, g))
			put_group(state, g, level);
	}
	MemoryContextSwitchTo(old);
	fs_groups_end_put(groups);
	fs_groups_reset(groups);
}

/* The directory knows how many rows there are. */
static bool
count_rows(FlowAggState *state)
{
	FsGroups   *groups = state->groups;
	uint64		nrows;

	if (groups->nkeys > 0 || !fs_batches_are_whole(state->input))
		return false;
	for (int i = 0; i < groups->naggs; i++)
		if (!fs_accumulator_is_row_count(groups->accs[i]))
			return false;
	nrows = fs_batches_count(state->input);
	for (int i = 0; i < groups->naggs; i++)
		fs_accumulator_add_rows(groups->accs[i], 0, nrows);
	return true;
}

/* All rows of a chunk, if its head tells enough of them. */
static bool
digest_chunk(void *arg, FsScan *scan)
{
	return fs_groups_add_chunk(((FlowAggState *) arg)->groups, scan);
}

void
fs_aggmerge_take_rows(FlowAggState *state)
{
	FsBatch		batch;

	if (count_rows(state))
		return;
	fs_groups_bind(state->groups);
	if (fs_groups_can_digest(state->groups))
		fs_batches_digest(state->input, digest_chunk, state);
	while (fs_batches_next(state->input, &batch))
	{
		FsGroupRows rows = {batch.scan, batch.is_all ? NULL : batch.rows, batch.n};

		fs_groups_add(state->groups, &rows, batch.bits, state->limit);
		if (state->can_emit &&
			fs_groups_is_full(state->groups, state->limit))
			fs_aggmerge_emit(state, 0, NULL);
	}
	fs_groups_settle(state->groups);
	note_memory(state);
}

/* --- groups come back --------------------------------------------------- */

/* Make groups of the records that bytes are. */
static void
take_records(FlowAggState *state, const uint8 *bytes, Size len)
{
	FsRecord	records[FS_VECTOR_ROWS];
	FsRecord	all = {bytes, bytes + len};
	uint32		n = 0;

	while (all.at < all.end)
	{
		uint32		record_len = fs_record_take_uint32(&all);

		records[n].at = fs_record_take(&all, record_len);
		records[n++].end = all.at;
		if (n == FS_VECTOR_ROWS || all.at == all.end)
		{
			fs_groups_take(state->groups, records, n);
			n = 0;
		}
	}
}

/* True if the partition has become groups, false if it went a level deeper. */
static bool
read_partition(FlowAggState *state, FsRuns *runs, int partition)
{
	bool		can_emit = state->depth < FS_AGG_LEVELS;
	bool		is_empty = true;
	const uint8 *bytes;
	Size		len;

	fs_groups_reset(state->groups);
	fs_runs_open(runs, partition);
	while (fs_runs_next(runs, &bytes, &len))
	{
		CHECK_FOR_INTERRUPTS();
		is_empty = false;
		take_records(state, bytes, len);
		if (can_emit && fs_groups_is_full(state->groups, state->limit))
			fs_aggmerge_emit(state, state->depth, NULL);
	}
	note_memory(state);
	state->counters.partitions += !is_empty;
	if (!can_emit || state->levels[state->depth].runs == NULL)
		return true;
	fs_aggmerge_emit(state, state->depth, NULL);
	fs_runs_finish(state->levels[state->depth].runs);
	state->depth++;
	return false;
}

static void
close_level(FlowAggState *state, int level)
{
	FsAggLevel *at = &state->levels[level];

	if (at->runs == NULL)
		return;
	state->counters.file_bytes += fs_runs_written(at->runs);
	fs_runs_end(at->runs);
	at->runs = NULL;
}

static int
draw_partition(FlowAggState *state)
{
	FsAggLevel *at = &state->levels[state->depth - 1];

	if (state->depth == 1 && state->shared != NULL)
		return fs_aggshare_draw(state);
	return at->next < 1 << at->bits ? at->next++ : -1;
}

static bool
next_partition(FlowAggState *state)
{
	while (state->depth > 0)
	{
		int			partition = draw_partition(state);

		if (partition < 0)
			close_level(state, --state->depth);
		else if (read_partition(state, state->levels[state->depth - 1].runs,
								partition))
			return true;
	}
	return false;
}

/* All rows of the child become groups; returns true if they are at hand. */
static bool
build(FlowAggState *state)
{
	state->is_done = true;
	if (state->shared != NULL)
	{
		fs_aggshare_build(state);
		state->depth = 1;
		return false;
	}
	fs_aggmerge_take_rows(state);
	state->is_whole = state->levels[0].runs == NULL;
	if (state->is_whole)
		return true;
	fs_aggmerge_emit(state, 0, NULL);
	fs_runs_finish(state->levels[0].runs);
	state->depth = 1;
	return false;
}

bool
fs_aggmerge_next(FlowAggState *state)
{
	bool		is_first = !state->is_done;

	state->next = PG_UINT32_MAX;
	if (!(is_first && build(state)) && !next_partition(state))
		return false;
	state->next = 0;
	state->counters.groups += fs_groups_count(state->groups);
	fs_aggtop_learn(state);
	return true;
}

void
fs_aggmerge_reset(FlowAggState *state)
{
	for (int i = 0; i < FS_AGG_LEVELS; i++)
		close_level(state, i);
	state->depth = 0;
	fs_groups_reset(state->groups);
	if (state->top.ranks != NULL)
		pfree(state->top.ranks);
	memset(&state->top, 0, sizeof(FsAggTop));
	state->is_done = state->is_whole = false;
	state->next = 0;
}
