/*-------------------------------------------------------------------------
 *
 * FlowScan in a parallel plan, and what EXPLAIN says of it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "storage/bufmgr.h"
#include "utils/rel.h"

#include "am/pending.h"
#include "compat.h"
#include "exec/explain.h"
#include "exec/explainclause.h"
#include "exec/scanstate.h"
#include "store/arena.h"

/* --- parallel ----------------------------------------------------------- */

/* a table of so many has more sets than participants, by far */
#define LARGE_BLOCKS	8192

/* Draw items from shared memory from now on. */
static void
join_shared(FlowScanState *state, FlowShared *shared)
{
	state->shared = shared;
	if (state->scan != NULL)
		fs_scan_share(state->scan, &shared->next_item,
					  shared->is_large && !state->limit.is_limited);
}

Size
fs_scanshare_estimate_dsm(CustomScanState *node, ParallelContext *pcxt)
{
	return add_size(offsetof(FlowShared, clauses),
					mul_size(sizeof(FsClauseCounters),
							 fs_tally_size((CustomScan *) node->ss.ps.plan)));
}

void
fs_scanshare_initialize_dsm(CustomScanState *node, ParallelContext *pcxt, void *coordinate)
{
	FlowScanState *state = (FlowScanState *) node;
	FlowShared *shared = coordinate;

	fs_pending_flush(node->ss.ss_currentRelation);
	pg_atomic_init_u64(&shared->next_item, 0);
	shared->is_large =
		RelationGetNumberOfBlocks(node->ss.ss_currentRelation) >= LARGE_BLOCKS;
	SpinLockInit(&shared->mutex);
	shared->has_limit = false;
	memset(&shared->counters, 0, sizeof(FsScanCounters));
	memset(shared->clauses, 0,
		   fs_scanshare_estimate_dsm(node, pcxt) - offsetof(FlowShared, clauses));
	join_shared(state, shared);
}

void
fs_scanshare_reinitialize_dsm(CustomScanState *node, ParallelContext *pcxt,
				 void *coordinate)
{
	FlowShared *shared = coordinate;

	pg_atomic_write_u64(&shared->next_item, 0);
	shared->has_limit = false;
	join_shared((FlowScanState *) node, shared);
}

void
fs_scanshare_initialize_worker(CustomScanState *node, shm_toc *toc, void *coordinate)
{
	fs_arena_keep_freed(FS_ARENA_PROCESS_KEEP, FS_ARENA_PROCESS_LARGEST);
	fs_arena_use_huge_pages();
	join_shared((FlowScanState *) node, coordinate);
}

static void
add_own_counters(FlowScanState *state, FsScanCounters *sum)
{
	fs_tally_add_totals(sum, &state->past);
	if (state->scan != NULL)
		fs_tally_add_totals(sum, fs_scan_counters(state->scan));
}

/* Before the shared memory goes: hand in, or collect, what was counted. */
void
fs_scanshare_shutdown(CustomScanState *node)
{
	FlowScanState *state = (FlowScanState *) node;
	FlowShared *shared = state->shared;

	if (shared == NULL)
		return;
	SpinLockAcquire(&shared->mutex);
	if (IsParallelWorker())
	{
		add_own_counters(state, &shared->counters);
		if (state->tally != NULL)
			fs_tally_add(state->tally, shared->clauses);
	}
	else
	{
		state->counters = shared->counters;
		if (shared->has_limit)
			state->limit = shared->limit;
		if (state->tally != NULL)
			memcpy(state->others, shared->clauses,
				   sizeof(FsClauseCounters) * state->tally->n);
	}
	SpinLockRelease(&shared->mutex);
	state->shared = NULL;
	if (state->scan != NULL)
		fs_scan_share(state->scan, NULL, false);
}

/* --- EXPLAIN ------------------------------------------------------------ */

/*
 * Partitions are counted when EXPLAIN asks, for that costs more than to leave
 * them out.  The leader may have been no participant of the scan.
 */
static void
count_partitions(FlowScanState *state, FsClauseCounters *counters)
{
	ScanState  *ss = &state->css.ss;

	if (!state->limit.is_limited)
		return;
	if (!state->was_bound)
		fs_predicate_bind(state->predicate, ss->ps.ps_ExprContext);
	fs_tally_count_partitions(state->tally, ss->ss_currentRelation,
							  ss->ps.state->es_snapshot, state->limit.att,
							  counters);
}

/*
 * Where a policy hides rows, a count for each clause would tell of them: only
 * the sum that core shows is shown.
 */
static void
explain_each_clause(FlowScanState *state, const FsScanCounters *totals,
					List *ancestors, ExplainState *es)
{
	CustomScan *cscan = (CustomScan *) state->css.ss.ps.plan;
	FsExplainClauses clauses = {&state->css.ss};

	clauses.tally = state->tally;
	clauses.filter = state->filter;
	clauses.nfiltered = state->nfiltered;
	if (clauses.tally == NULL)
	{
		FsTally    *tally = fs_tally_create(cscan);

		if (state->predicate != NULL)
			fs_tally_set_predicate(tally, state->predicate, 0);
		clauses.tally = tally;
	}
	else if (es->analyze && linitial_int(cscan->custom_private) == 0)
	{
		clauses.totals = totals;
		clauses.counters = palloc0(sizeof(FsClauseCounters) *
								   Max(clauses.tally->n, 1));
		memcpy(clauses.counters, state->others,
			   sizeof(FsClauseCounters) * clauses.tally->n);
		fs_tally_add(clauses.tally, clauses.counters);
		count_partitions(state, clauses.counters);
	}
	fs_explain_each_clause(&clauses, ancestors, es);
}

void
fs_scanshare_explain(CustomScanState *node, List *ancestors, ExplainState *es)
{
	FlowScanState *state = (FlowScanState *) node;
	FsScanCounters counters = state->counters;

	fs_explain_clauses(&node->ss, "Zone Map Cond", state->clauses, ancestors,
					   es);
	fs_keyfilter_explain(state->keys, ancestors, es);
	fs_explain_columns(state->ncols,
					   RelationGetDescr(node->ss.ss_currentRelation), es);
	add_own_counters(state, &counters);
	if (es->verbose || es->analyze)
		explain_each_clause(state, &counters, ancestors, es);
	if (es->analyze)
		fs_explain_counters(&counters, es);
}
