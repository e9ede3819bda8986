/*-------------------------------------------------------------------------
 *
 * FlowScan.
 *
 * Rows are produced by a loop of our own; only under EvalPlanQual, where the
 * row to test is given, core's ExecScan takes over.  The scan slot is virtual
 * and as wide as the table: columns that are not needed stay NULL in it.
 *
 * In a parallel plan the participants draw items from a shared counter.  They
 * agree on the numbering, because they read the same directory pages under
 * the same snapshot, and VACUUM removes no item that it can see.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/extensible.h"
#include "nodes/makefuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "optimizer/restrictinfo.h"
#include "pgstat.h"
#include "utils/rel.h"

#include "am/options.h"
#include "am/partition.h"
#include "am/pending.h"
#include "am/scanvalue.h"
#include "am/slot.h"
#include "am/tableoptions.h"
#include "compat.h"
#include "exec/batch.h"
#include "exec/flowscan.h"
#include "exec/keyfilter.h"
#include "exec/parampath.h"
#include "exec/path.h"
#include "exec/pruning.h"
#include "exec/scanstate.h"
#include "filter/filter.h"
#include "prune/predicate.h"
#include "store/arena.h"
#include "store/keep.h"

/* --- planning ----------------------------------------------------------- */

static Node *create_state(CustomScan *cscan);

static const CustomScanMethods scan_methods = {
	.CustomName = "FlowScan",
	.CreateCustomScanState = create_state,
};

/*
 * True if a security policy hides rows from other clauses of the query, or may
 * hide them from keys of joined relations.
 */
static bool
hides_rows(PlannerInfo *root, RelOptInfo *rel, const CustomPath *path,
		   List *clauses)
{
	ListCell   *lc;

	if (path->custom_paths != NIL)
		return root->qual_security_level > 0;
	foreach(lc, clauses)
		if (lfirst_node(RestrictInfo, lc)->security_level >
			rel->baserestrict_min_security)
			return true;
	return false;
}

Plan *
fs_flowscan_plan(PlannerInfo *root, RelOptInfo *rel, struct CustomPath *path,
				 List *tlist, List *clauses, List *custom_plans)
{
	CustomScan *cscan = makeNode(CustomScan);

	cscan->scan.plan.targetlist = tlist;
	cscan->scan.plan.qual = extract_actual_clauses(clauses, false);
	cscan->scan.scanrelid = rel->relid;
	cscan->flags = path->flags;
	cscan->custom_exprs =
		list_concat(copyObject(path->custom_private),
					copyObject(fs_parampath_clauses(rel, path->path.param_info)));
	cscan->custom_private = list_make1_int(hides_rows(root, rel, path, clauses));
	cscan->methods = &scan_methods;
	return &cscan->scan.plan;
}

/* --- begin and end ------------------------------------------------------ */

/* True if these attributes (see pull_varattnos) name att or the whole row. */
static bool
is_needed(Bitmapset *attrs, int att)
{
	return bms_is_member(att + 1 - FirstLowInvalidHeapAttributeNumber, attrs) ||
		bms_is_member(-FirstLowInvalidHeapAttributeNumber, attrs);
}

/* List the columns that the expressions need. */
static void
find_columns(FlowScanState *state, CustomScan *cscan, TupleDesc desc)
{
	Bitmapset  *qual = NULL;
	Bitmapset  *output = NULL;
	Index		relid = cscan->scan.scanrelid;

	pull_varattnos((Node *) cscan->scan.plan.qual, relid, &qual);
	pull_varattnos((Node *) cscan->scan.plan.targetlist, relid, &output);
	state->cols = palloc0(sizeof(NeededColumn) * Max(desc->natts, 1));
	for (int att = 0; att < desc->natts; att++)
	{
		NeededColumn *col = &state->cols[state->ncols];

		if (TupleDescAttr(desc, att)->attisdropped)
			continue;
		col->att = att;
		col->is_output = is_needed(output, att);
		state->ncols += col->is_output || is_needed(qual, att);
	}
}

/* A slot for expressions over the table that are not the node's output. */
static TupleTableSlot *
make_slot(FlowScanState *state)
{
	ScanState  *ss = &state->css.ss;
	TupleDesc	desc = RelationGetDescr(ss->ss_currentRelation);
	TupleTableSlot *slot =
		ExecInitExtraTupleSlot(ss->ps.state, desc,
							   ss->ss_ScanTupleSlot->tts_ops);

	memset(slot->tts_isnull, true, desc->natts);
	memset(slot->tts_values, 0, sizeof(Datum) * desc->natts);
	return slot;
}

/* These quals, which are the last ones, are evaluated row by row. */
static void
set_rest(FlowScanState *state, List *quals)
{
	state->rest = ExecInitQual(quals, &state->css.ss.ps);
	if (state->tally != NULL)
		fs_tally_set_rest(state->tally, state->nfiltered, quals,
						  &state->css.ss.ps);
}

/*
 * Compile the filter of whole vectors.  Unless it shall have all clauses, those
 * with side effects, and subqueries, are left to be evaluated row by row, as
 * rows are asked for; so are all that follow, since an earlier one may be a
 * security policy, which hides rows from them.
 */
static void
compile_filter(FlowScanState *state, bool has_all)
{
	CustomScan *cscan = (CustomScan *) state->css.ss.ps.plan;
	List	   *now = NIL;
	List	   *later = NIL;
	ListCell   *lc;

	foreach(lc, cscan->scan.plan.qual)
	{
		if (!has_all && (later != NIL ||
						 contain_volatile_functions(lfirst(lc)) ||
						 contain_subplans(lfirst(lc))))
			later = lappend(later, lfirst(lc));
		else
			now = lappend(now, lfirst(lc));
	}
	state->filter = now == NIL ? NULL
		: fs_filter_compile(now, cscan->scan.scanrelid, make_slot(state),
							&state->css.ss.ps);
	state->nfiltered = list_length(now);
	set_rest(state, later);
	for (int i = 0; state->tally != NULL && i < state->nfiltered; i++)
		fs_filter_count(state->filter, i,
						&state->tally->clauses[i].counters.filter);
}

/* Have the predicate asked, of whose clauses the last nkeys are of keys. */
static void
set_predicate(FlowScanState *state, int nkeys)
{
	if (state->tally != NULL)
		fs_tally_set_predicate(state->tally, state->predicate, nkeys);
	fs_pruning_init(&state->pruner, state->predicate, state->tally);
}

static void
begin_flowscan(CustomScanState *node, EState *estate, int eflags)
{
	FlowScanState *state = (FlowScanState *) node;
	CustomScan *cscan = (CustomScan *) node->ss.ps.plan;
	TupleDesc	desc = RelationGetDescr(node->ss.ss_currentRelation);
	TupleTableSlot *slot = node->ss.ss_ScanTupleSlot;

	if (!IsParallelWorker())
		fs_arena_keep_freed((Size) fs_keep_memory_kb * 1024,
							FS_ARENA_SESSION_LARGEST);
	find_columns(state, cscan, desc);
	memset(slot->tts_isnull, true, desc->natts);
	memset(slot->tts_values, 0, sizeof(Datum) * desc->natts);
	state->clauses = fs_keyfilter_others(cscan);
	state->keys = fs_keyfilter_begin(node, eflags);
	if (state->clauses != NIL || state->keys != NULL)
		state->predicate = fs_predicate_compile(state->clauses,
												cscan->scan.scanrelid, desc,
												&node->ss.ps);
	if (estate->es_instrument != 0)
	{
		state->tally = fs_tally_create(cscan);
		state->others = palloc0(sizeof(FsClauseCounters) *
								Max(state->tally->n, 1));
		if (state->keys != NULL)
			fs_keyfilter_count(state->keys, fs_tally_of_keys(state->tally));
	}
	if (state->predicate != NULL)
		set_predicate(state, 0);
	if (fs_enable_filter)
		compile_filter(state, false);
	else
		set_rest(state, cscan->scan.plan.qual);
}

/* All rows of the chunk are wanted; can the node above do without them? */
static bool
digest_chunk(void *arg, FsScan *scan)
{
	FlowScanState *state = arg;
	Relation	rel = state->css.ss.ss_currentRelation;
	uint32		nrows = fs_scan_item(scan)->head->nrows;

	if ((state->filter != NULL &&
		 !fs_filter_keeps_chunk(state->filter, scan)) ||
		!state->digest(state->digest_arg, scan))
		return false;
	if (state->filter != NULL)
		fs_filter_note_chunk(state->filter, scan);
	if (pgstat_should_count_relation(rel))
		fs_rows_read(rel) += nrows;
	state->ndigested += nrows;
	return true;
}

static void
start_scan(FlowScanState *state)
{
	ScanState  *ss = &state->css.ss;
	MemoryContext old =
		MemoryContextSwitchTo(ss->ps.state->es_query_cxt);

	fs_pending_flush(ss->ss_currentRelation);
	if (state->guide != NULL)
		state->scan = fs_scan_begin_seek(ss->ss_currentRelation,
										 ss->ps.state->es_snapshot,
										 RelationGetDescr(ss->ss_currentRelation));
	else
		state->scan = fs_scan_begin(ss->ss_currentRelation,
									ss->ps.state->es_snapshot,
									RelationGetDescr(ss->ss_currentRelation),
									NULL);
	if (state->predicate != NULL)
		fs_scan_set_pruner(state->scan, &state->pruner);
	/* what is damaged is found by who reads it */
	if (state->digest != NULL && state->keys == NULL && state->rest == NULL &&
		state->guide == NULL && fs_on_corrupt_chunk != FS_ON_CORRUPT_SKIP)
		fs_scan_set_digest(state->scan, digest_chunk, state);
	if (state->shared != NULL)
		fs_scan_share(state->scan, &state->shared->next_item,
					  state->shared->is_large);
	pgstat_count_heap_scan(ss->ss_currentRelation);
	MemoryContextSwitchTo(old);
}

static void
end_flowscan(CustomScanState *node)
{
	FlowScanState *state = (FlowScanState *) node;

	if (state->scan != NULL)
		fs_scan_end(state->scan);
	state->scan = NULL;
	fs_keyfilter_end(state->keys);
}

static void
rescan_flowscan(CustomScanState *node)
{
	FlowScanState *state = (FlowScanState *) node;

	state->has_vector = false;
	state->is_bound = false;
	fs_keyfilter_rescan(state->keys, node->ss.ps.chgParam);
	if (state->scan != NULL)
		fs_scan_rescan(state->scan);
	ExecScanReScan(&node->ss);
}

/* --- rows --------------------------------------------------------------- */

/*
 * Get the values of the rows that may be given, of all columns or only of
 * those for output; false if damaged.
 */
static bool
load_columns(FlowScanState *state, bool is_all)
{
	const uint16 *rows = state->nrows == fs_scan_nrows(state->scan)
		? NULL : state->rows;

	for (int i = 0; i < state->ncols; i++)
	{
		NeededColumn *col = &state->cols[i];

		if ((is_all || col->is_output) &&
			!fs_scan_pick(state->scan, col->att, rows, state->nrows,
						  &col->values, &col->isnull))
			return false;
	}
	state->is_filled = true;
	return true;
}

/* Which partitions the predicate's bounds of the time column leave. */
static FlowLimit
find_limit(FlowScanState *state)
{
	Relation	rel = state->css.ss.ss_currentRelation;
	AttrNumber	att = fs_tableoptions_get(rel)->time_att;
	FlowLimit	limit = {false};
	int64		low;
	int64		high;

	if (att == 0)
		return limit;
	limit.att = att - 1;
	fs_predicate_range(state->predicate, limit.att, &low, &high);
	limit.is_limited = (low != PG_INT64_MIN || high != PG_INT64_MAX) &&
		fs_partition_range(rel, att, low, high, &limit.first, &limit.last);
	return limit;
}

/*
 * Bind filter and predicate, and limit the scan by the latter.  Participants
 * of a parallel plan must agree on the limit, since they count items; the first
 * one decides.
 */
static void
bind_constants(FlowScanState *state)
{
	FlowShared *shared = state->shared;
	FlowLimit	limit;

	if (state->filter != NULL)
		fs_filter_bind(state->filter);
	state->is_bound = true;
	state->limit.is_limited = false;
	if (state->predicate == NULL)
		return;
	fs_predicate_bind(state->predicate, state->css.ss.ps.ps_ExprContext);
	state->was_bound = true;
	limit = state->limit = find_limit(state);
	if (state->guide != NULL)
		return;
	if (shared != NULL)
	{
		SpinLockAcquire(&shared->mutex);
		if (shared->has_limit)
			limit = shared->limit;
		shared->limit = limit;
		shared->has_limit = true;
		SpinLockRelease(&shared->mutex);
		fs_scan_share(state->scan, &shared->next_item,
					  shared->is_large && !limit.is_limited);
	}
	state->limit = limit;
	if (limit.is_limited)
		fs_scan_limit(state->scan, limit.first, limit.last);
	else
		fs_scan_unlimit(state->scan);
}

/* The rows of the current vector that may be given; false if damaged. */
static bool
find_rows(FlowScanState *state)
{
	Relation	rel = state->css.ss.ss_currentRelation;
	uint32		nread;

	fs_scan_live(state->scan, &state->bits);
	if (state->guide != NULL &&
		!state->guide->narrow(state->guide->arg, state->scan, &state->bits))
		return false;
	nread = fs_bits_count(&state->bits);
	if (!fs_keyfilter_narrow(state->keys, state->scan, &state->bits) ||
		(state->filter != NULL &&
		 !fs_filter_narrow(state->filter, state->scan, &state->bits)))
		return false;
	state->nrows = fs_bits_list(&state->bits, state->rows);
	if (pgstat_should_count_relation(rel))
		fs_rows_read(rel) += nread;
	InstrCountFiltered1(&state->css.ss.ps, nread - state->nrows);
	return true;
}

/* Have the keys of joined relations take part; false if there are none. */
static bool
bind_keys(FlowScanState *state)
{
	if (!fs_keyfilter_bind(state->keys, state->clauses, &state->predicate))
		return false;
	if (fs_keyfilter_is_new(state->keys))
		set_predicate(state, fs_keyfilter_n(state->keys));
	return true;
}

/* Begin to scan, unless no row can match: then return false. */
static bool
prepare_scan(FlowScanState *state)
{
	if (!state->is_bound && !bind_keys(state))
		return false;
	if (state->scan == NULL)
		start_scan(state);
	if (!state->is_bound)
		bind_constants(state);
	return true;
}

/* Move to the next vector that has rows to give. */
static bool
next_vector(FlowScanState *state, ScanDirection direction)
{
	if (!prepare_scan(state))
		return false;
	do
	{
		state->has_vector = fs_scan_next(state->scan, direction);
		if (!state->has_vector)
			return false;
		if (!find_rows(state))
		{
			state->nrows = 0;
			if (state->guide != NULL)
				state->guide->skip(state->guide->arg, state->scan);
		}
	} while (state->nrows == 0);
	state->is_filled = false;
	state->has_rowno = fs_scan_first_rowno(state->scan, &state->rowno);
	state->at = ScanDirectionIsForward(direction) ? PG_UINT32_MAX
		: state->nrows;
	return true;
}

/* Step to the next row that may be given; false at the end. */
static inline bool
next_row(FlowScanState *state)
{
	ScanDirection direction = state->css.ss.ps.state->es_direction;
	uint32		step = ScanDirectionIsForward(direction) ? 1 : -1;

	for (;;)
	{
		if (state->has_vector)
		{
			state->at += step;
			if (state->at < state->nrows)
				return true;
		}
		if (!next_vector(state, direction))
			return false;
	}
}

/*
 * Put the row into the slot, all columns or those for output; false if its
 * vector is damaged.
 */
static inline bool
fill_row(FlowScanState *state, TupleTableSlot *slot, bool is_all)
{
	uint32		row = state->rows[state->at];

	if (!state->is_filled && !load_columns(state, is_all))
		return false;
	ExecClearTuple(slot);
	for (int i = 0; i < state->ncols; i++)
	{
		NeededColumn *col = &state->cols[i];

		if (!is_all && !col->is_output)
			continue;
		slot->tts_values[col->att] = col->values[row];
		slot->tts_isnull[col->att] = col->isnull[row];
	}
	/* always: WHERE CURRENT OF takes it from the slot */
	if (state->has_rowno)
		fs_rowno_to_tid(state->rowno + row, &slot->tts_tid);
	else
		fs_scan_tid(state->scan, row, &slot->tts_tid);
	slot->tts_tableOid = RelationGetRelid(state->css.ss.ss_currentRelation);
	ExecStoreVirtualTuple(slot);
	return true;
}

/* Leave the current vector out: one of its columns is damaged. */
static void
skip_vector(FlowScanState *state)
{
	state->nrows = 0;
	state->has_vector = false;
}

/* The access method of core's ExecScan: rows before qual and projection. */
static TupleTableSlot *
scan_next(ScanState *node)
{
	FlowScanState *state = (FlowScanState *) node;
	TupleTableSlot *slot = node->ss_ScanTupleSlot;

	while (next_row(state))
	{
		if (fill_row(state, slot, true))
			return slot;
		skip_vector(state);
	}
	return ExecClearTuple(slot);
}

static bool
scan_recheck(ScanState *node, TupleTableSlot *slot)
{
	return true;
}

static inline bool
passes_rest(FlowScanState *state, ExprContext *econtext)
{
	return state->rest == NULL ||
		(state->tally == NULL ? ExecQual(state->rest, econtext)
		 : fs_tally_qual(state->tally, econtext));
}

static TupleTableSlot *
exec_flowscan(CustomScanState *node)
{
	FlowScanState *state = (FlowScanState *) node;
	ScanState  *ss = &node->ss;
	ExprContext *econtext = ss->ps.ps_ExprContext;
	TupleTableSlot *slot = ss->ss_ScanTupleSlot;

	if (ss->ps.state->es_epq_active != NULL)
		return ExecScan(ss, scan_next, scan_recheck);

	ResetExprContext(econtext);
	while (next_row(state))
	{
		if (!fill_row(state, slot, state->rest != NULL))
		{
			skip_vector(state);
			continue;
		}
		econtext->ecxt_scantuple = slot;
		if (!passes_rest(state, econtext))
		{
			InstrCountFiltered1(node, 1);
			ResetExprContext(econtext);
			continue;
		}
		return ss->ps.ps_ProjInfo == NULL ? slot
			: ExecProject(ss->ps.ps_ProjInfo);
	}
	ExecClearTuple(slot);
	return ss->ps.ps_ProjInfo == NULL ? slot
		: ExecClearTuple(ss->ps.ps_ProjInfo->pi_state.resultslot);
}

/* --- vectors ------------------------------------------------------------ */

void
fs_batch_prepare(CustomScanState *flowscan)
{
	FlowScanState *state = (FlowScanState *) flowscan;

	if (state->rest != NULL)
		compile_filter(state, true);
}

void
fs_batch_guide(CustomScanState *flowscan, const FsBatchGuide *guide)
{
	((FlowScanState *) flowscan)->guide = guide;
}

void
fs_batch_digest(CustomScanState *flowscan, FsDigest digest, void *arg)
{
	FlowScanState *state = (FlowScanState *) flowscan;

	state->digest = digest;
	state->digest_arg = arg;
}

FsScan *
fs_batch_begin(CustomScanState *flowscan, FsBatchLimits *limits)
{
	FlowScanState *state = (FlowScanState *) flowscan;

	if (flowscan->ss.ps.chgParam != NULL)
		ExecReScan(&flowscan->ss.ps);
	(void) prepare_scan(state);
	limits->pruner = state->predicate == NULL ? NULL : &state->pruner;
	limits->is_limited = state->limit.is_limited;
	limits->first = state->limit.first;
	limits->last = state->limit.last;
	return state->scan;
}

TupleTableSlot *
fs_batch_slot(CustomScanState *flowscan)
{
	return make_slot((FlowScanState *) flowscan);
}

bool
fs_batch_next(CustomScanState *flowscan, FsBatch *batch)
{
	FlowScanState *state = (FlowScanState *) flowscan;
	Instrumentation *instrument = flowscan->ss.ps.instrument;
	bool		found;

	if (flowscan->ss.ps.chgParam != NULL)
		ExecReScan(&flowscan->ss.ps);
	if (instrument != NULL)
		InstrStartNode(instrument);
	state->ndigested = 0;
	found = next_vector(state, ForwardScanDirection);
	if (instrument != NULL)
		InstrStopNode(instrument, (double) state->ndigested +
					  (found ? state->nrows : 0));
	if (!found)
		return false;
	batch->scan = state->scan;
	batch->rows = state->rows;
	batch->n = state->nrows;
	batch->is_all = state->nrows == fs_scan_nrows(state->scan);
	batch->bits = &state->bits;
	return true;
}

bool
fs_batch_is_whole(CustomScanState *flowscan)
{
	FlowScanState *state = (FlowScanState *) flowscan;

	/* what is damaged is left out of a count, too */
	return state->filter == NULL && state->rest == NULL &&
		state->keys == NULL && state->clauses == NIL &&
		state->guide == NULL && fs_on_corrupt_chunk != FS_ON_CORRUPT_SKIP;
}

uint64
fs_batch_count(CustomScanState *flowscan)
{
	FlowScanState *state = (FlowScanState *) flowscan;
	Instrumentation *instrument = flowscan->ss.ps.instrument;
	uint64		nrows = 0;

	if (flowscan->ss.ps.chgParam != NULL)
		ExecReScan(&flowscan->ss.ps);
	if (instrument != NULL)
		InstrStartNode(instrument);
	if (prepare_scan(state))
		nrows = fs_scan_count(state->scan);
	if (instrument != NULL)
		InstrStopNode(instrument, (double) nrows);
	return nrows;
}

void
fs_batch_release(CustomScanState *flowscan)
{
	FlowScanState *state = (FlowScanState *) flowscan;

	if (state->scan == NULL)
		return;
	fs_tally_add_totals(&state->past, fs_scan_counters(state->scan));
	fs_scan_end(state->scan);
	state->scan = NULL;
	state->has_vector = false;
}

/* --- the node ----------------------------------------------------------- */

static const CustomExecMethods exec_methods = {
	.CustomName = "FlowScan",
	.BeginCustomScan = begin_flowscan,
	.ExecCustomScan = exec_flowscan,
	.EndCustomScan = end_flowscan,
	.ReScanCustomScan = rescan_flowscan,
	.EstimateDSMCustomScan = fs_scanshare_estimate_dsm,
	.InitializeDSMCustomScan = fs_scanshare_initialize_dsm,
	.ReInitializeDSMCustomScan = fs_scanshare_reinitialize_dsm,
	.InitializeWorkerCustomScan = fs_scanshare_initialize_worker,
	.ShutdownCustomScan = fs_scanshare_shutdown,
	.ExplainCustomScan = fs_scanshare_explain,
};

static Node *
create_state(CustomScan *cscan)
{
	FlowScanState *state = (FlowScanState *)
		newNode(sizeof(FlowScanState), T_CustomScanState);

	state->css.methods = &exec_methods;
	/* a row that is looked at again after a wait comes in the table's slot */
	fs_scan_set_slot_ops(&state->css, &fs_slot_ops);
	return (Node *) state;
}

void
fs_flowscan_init(void)
{
	RegisterCustomScanMethods(&scan_methods);
}
