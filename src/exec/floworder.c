/*-------------------------------------------------------------------------
 *
 * FlowOrder.
 *
 * A pass finds the places of as many rows as are likely to be asked for; the
 * next, if there must be one, begins after the last of them and finds four
 * times as many.  Places are few bytes.  The output's columns are fetched by
 * slices of a pass's rows, vector by vector, and kept as tuples; a slice that
 * outgrows its memory ends earlier.  Half of work_mem is for places, half for
 * tuples; there is always a tuple.
 *
 * The child has evaluated the clauses.  They are kept here only for
 * EvalPlanQual, where the row to test is given.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/sysattr.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "optimizer/optimizer.h"
#include "optimizer/restrictinfo.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "am/slot.h"
#include "compat.h"
#include "exec/batch.h"
#include "exec/explain.h"
#include "exec/floworder.h"
#include "exec/itemqueue.h"
#include "exec/orderpass.h"

/* How many times as many rows the next pass, or slice, has. */
#define GROWTH			4
#define MIN_PASS_ROWS	64

#define MIN_ROW_BYTES	64		/* with its place in the slice */

/* A row of the slice. */
typedef struct SliceRow
{
	MinimalTuple tuple;			/* NULL: not there, its columns are damaged */
	ItemPointerData tid;
} SliceRow;

typedef struct FlowOrderState
{
	CustomScanState css;
	CustomScanState *child;
	FsOrdering	ordering;
	ExprState  *recheck;		/* the clauses, under EvalPlanQual only */
	int			ncols;
	int		   *atts;			/* [ncols] columns of the output, 0-based */
	FsOrderPass *pass;
	uint32		first_rows;		/* of the first pass */
	uint32		max;			/* of this pass; 0: none was made */
	const FsFirstRows *rows;	/* that it has found */
	uint32		at;				/* the next of them */
	MemoryContext cxt;			/* of the slice */
	uint32		from;			/* the slice is rows from .. end - 1 */
	uint32		end;
	uint32		slice_rows;		/* that the next one has, at most */
	SliceRow   *slice;
	Size		bytes;			/* of its tuples */
	const Datum **picked;		/* [ncols] of one vector */
	const bool **picked_nulls;
	Datum	   *values;			/* of one row, all columns of the table */
	bool	   *isnull;
} FlowOrderState;

static Node *create_state(CustomScan *cscan);

static const CustomScanMethods scan_methods = {
	.CustomName = "FlowOrder",
	.CreateCustomScanState = create_state,
};

/* --- planning ----------------------------------------------------------- */

List *
fs_floworder_private(const FsOrdering *ordering, uint32 nrows)
{
	return list_make4_int(ordering->att, ordering->is_descending,
						  ordering->has_nulls_first,
						  (int) Min(nrows, PG_INT32_MAX));
}

uint32
fs_floworder_max_rows(void)
{
	return Max(work_mem * (Size) 1024 / 2 / sizeof(FsOrderPlace), MIN_PASS_ROWS);
}

Plan *
fs_floworder_plan(PlannerInfo *root, RelOptInfo *rel, struct CustomPath *path,
				  List *tlist, List *clauses, List *custom_plans)
{
	CustomScan *cscan = makeNode(CustomScan);

	if (!IsA(linitial(custom_plans), CustomScan))
		elog(ERROR, "unexpected child of FlowOrder");
	cscan->scan.plan.targetlist = tlist;
	cscan->scan.scanrelid = rel->relid;
	cscan->custom_plans = custom_plans;
	cscan->custom_exprs = extract_actual_clauses(clauses, false);
	cscan->custom_private = path->custom_private;
	cscan->flags = path->flags;
	cscan->methods = &scan_methods;
	return &cscan->scan.plan;
}

/* --- begin and end ------------------------------------------------------ */

/* List the columns that the output needs. */
static void
find_columns(FlowOrderState *state, CustomScan *cscan, TupleDesc desc)
{
	Bitmapset  *attrs = NULL;
	bool		is_whole;

	pull_varattnos((Node *) cscan->scan.plan.targetlist, cscan->scan.scanrelid,
				   &attrs);
	is_whole = bms_is_member(-FirstLowInvalidHeapAttributeNumber, attrs);
	state->atts = palloc(sizeof(int) * Max(desc->natts, 1));
	for (int att = 0; att < desc->natts; att++)
		if (!TupleDescAttr(desc, att)->attisdropped &&
			(is_whole ||
			 bms_is_member(att + 1 - FirstLowInvalidHeapAttributeNumber,
						   attrs)))
			state->atts[state->ncols++] = att;
	state->picked = palloc(sizeof(Datum *) * Max(desc->natts, 1));
	state->picked_nulls = palloc(sizeof(bool *) * Max(desc->natts, 1));
	state->values = palloc0(sizeof(Datum) * Max(desc->natts, 1));
	state->isnull = palloc(sizeof(bool) * Max(desc->natts, 1));
	memset(state->isnull, true, desc->natts);
}

static void
begin_floworder(CustomScanState *node, EState *estate, int eflags)
{
	FlowOrderState *state = (FlowOrderState *) node;
	CustomScan *cscan = (CustomScan *) node->ss.ps.plan;
	Plan	   *plan = linitial(cscan->custom_plans);

	state->ordering.att = linitial_int(cscan->custom_private);
	state->ordering.is_descending = lsecond_int(cscan->custom_private);
	state->ordering.has_nulls_first = lthird_int(cscan->custom_private);
	state->first_rows = Max(lfourth_int(cscan->custom_private), 1);
	state->child = (CustomScanState *) ExecInitNode(plan, estate, eflags);
	node->custom_ps = list_make1(state->child);
	fs_batch_prepare(state->child);
	state->pass = fs_orderpass_create(state->child, &state->ordering);
	find_columns(state, cscan, RelationGetDescr(node->ss.ss_currentRelation));
	state->cxt = AllocSetContextCreate(CurrentMemoryContext,
									   "flowstore rows in order",
									   ALLOCSET_DEFAULT_SIZES);
	if (estate->es_epq_active != NULL)
		state->recheck = ExecInitQual(cscan->custom_exprs, &node->ss.ps);
}

static void
end_floworder(CustomScanState *node)
{
	FlowOrderState *state = (FlowOrderState *) node;

	ExecClearTuple(node->ss.ss_ScanTupleSlot);
	fs_orderpass_destroy(state->pass);
	ExecEndNode(&state->child->ss.ps);
	MemoryContextDelete(state->cxt);
}

static void
rescan_floworder(CustomScanState *node)
{
	FlowOrderState *state = (FlowOrderState *) node;

	ExecScanReScan(&node->ss);
	if (node->ss.ps.chgParam != NULL)
		UpdateChangedParamSet(&state->child->ss.ps, node->ss.ps.chgParam);
	if (state->child->ss.ps.chgParam == NULL)
		ExecReScan(&state->child->ss.ps);
	fs_orderpass_reset(state->pass);
	ExecClearTuple(node->ss.ss_ScanTupleSlot);
	MemoryContextReset(state->cxt);
	state->max = 0;
}

/* --- slices ------------------------------------------------------------- */

static Size
slice_memory(void)
{
	return work_mem * (Size) 1024 / 2;
}

static int
by_item(const void *a, const void *b, void *arg)
{
	const FsOrderPlace *places = arg;
	const FsOrderPlace *x = &places[*(const uint32 *) a];
	const FsOrderPlace *y = &places[*(const uint32 *) b];

	if (x->item != y->item)
		return x->item < y->item ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row ? 1 : 0;
}

static inline bool
is_same_vector(const FsOrderPlace *x, const FsOrderPlace *y)
{
	return x->item == y->item &&
		x->row / FS_VECTOR_ROWS == y->row / FS_VECTOR_ROWS;
}

/* Get the output's columns of rows[n] of the scan's vector; false if damaged. */
static bool
pick_columns(FlowOrderState *state, FsScan *scan, const uint16 *rows, uint32 n)
{
	for (int i = 0; i < state->ncols; i++)
		if (!fs_scan_pick(scan, state->atts[i], rows, n, &state->picked[i],
						  &state->picked_nulls[i]))
			return false;
	return true;
}

/* If the slice has outgrown its memory, let it end earlier. */
static void
bound_slice(FlowOrderState *state)
{
	while (state->bytes > slice_memory() && state->end - state->from > 1)
	{
		uint32		end = state->from + (state->end - state->from) / 2;

		for (uint32 rank = end; rank < state->end; rank++)
		{
			SliceRow   *row = &state->slice[rank - state->from];

			if (row->tuple == NULL)
				continue;
			state->bytes -= GetMemoryChunkSpace(row->tuple);
			pfree(row->tuple);
			row->tuple = NULL;
		}
		state->end = end;
		state->slice_rows = end - state->from;
	}
}

/* Keep a row of the scan's vector as the one of this rank. */
static void
keep_row(FlowOrderState *state, FsScan *scan, uint32 row, uint32 rank)
{
	TupleDesc	desc = RelationGetDescr(state->css.ss.ss_currentRelation);
	SliceRow   *kept = &state->slice[rank - state->from];
	MemoryContext old;

	for (int i = 0; i < state->ncols; i++)
	{
		state->values[state->atts[i]] = state->picked[i][row];
		state->isnull[state->atts[i]] = state->picked_nulls[i][row];
	}
	old = MemoryContextSwitchTo(state->cxt);
	kept->tuple = heap_form_minimal_tuple(desc, state->values, state->isnull,
										  0);
	MemoryContextSwitchTo(old);
	fs_scan_tid(scan, row, &kept->tid);
	state->bytes += GetMemoryChunkSpace(kept->tuple);
	bound_slice(state);
}

/* Fetch the rows of ranks[n], which are of one vector, in its order. */
static void
fetch_vector(FlowOrderState *state, const uint32 *ranks, uint32 n)
{
	const FsOrderPlace *places = state->rows->places;
	uint16		rows[FS_VECTOR_ROWS];
	FsScan	   *scan = fs_orderpass_seek(state->pass, &places[ranks[0]]);

	if (scan == NULL)
		return;
	for (uint32 i = 0; i < n; i++)
		rows[i] = places[ranks[i]].row % FS_VECTOR_ROWS;
	if (!pick_columns(state, scan, rows, n))
	{
		fs_orderpass_note_damage(state->pass, &places[ranks[0]]);
		return;
	}
	for (uint32 i = 0; i < n; i++)
		if (ranks[i] < state->end)
			keep_row(state, scan, rows[i], ranks[i]);
}

/* Fetch the next rows that the pass has found. */
static void
fetch_slice(FlowOrderState *state)
{
	const FsOrderPlace *places = state->rows->places;
	uint32		n = Min(state->rows->n - state->at, state->slice_rows);
	uint32	   *sequence;		/* of fetching */
	uint32		end;

	ExecClearTuple(state->css.ss.ss_ScanTupleSlot);
	MemoryContextReset(state->cxt);
	n = Min(n, slice_memory() / MIN_ROW_BYTES);
	state->bytes = n * (sizeof(SliceRow) + sizeof(uint32));
	state->from = state->at;
	state->end = state->from + n;
	state->slice_rows = Min(state->slice_rows * (uint64) GROWTH,
							PG_INT32_MAX);
	state->slice = MemoryContextAllocExtended(state->cxt, sizeof(SliceRow) * n,
											  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	sequence = MemoryContextAllocHuge(state->cxt, sizeof(uint32) * n);
	for (uint32 i = 0; i < n; i++)
		sequence[i] = state->from + i;
	qsort_arg(sequence, n, sizeof(uint32), by_item, (void *) places);
	for (uint32 i = 0; i < n; i = end)
	{
		uint32		ranks[FS_VECTOR_ROWS];
		uint32		m = 0;

		CHECK_FOR_INTERRUPTS();
		for (end = i; end < n &&
			 is_same_vector(&places[sequence[i]],
							&places[sequence[end]]); end++)
			if (sequence[end] < state->end)
				ranks[m++] = sequence[end];
		if (m > 0)
			fetch_vector(state, ranks, m);
	}
}

/* --- rows --------------------------------------------------------------- */

/* Find the next rows; false if there are none. */
static bool
run_pass(FlowOrderState *state)
{
	uint32		max = fs_floworder_max_rows();
	const FsOrderPlace *given = NULL;

	if (state->max == 0)
	{
		state->max = Min(state->first_rows, max);
		state->slice_rows = Max(state->first_rows, MIN_PASS_ROWS);
	}
	else if (state->rows->n < state->max)
		return false;			/* it has found all there are */
	else
	{
		given = &state->rows->places[state->rows->n - 1];
		state->max = Min(Max(state->max, MIN_PASS_ROWS) * (uint64) GROWTH,
						 max);
	}
	state->rows = fs_orderpass_run(state->pass, given, state->max);
	state->at = state->from = state->end = 0;
	return state->rows->n > 0;
}

/* The next row; NULL at the end. */
static const SliceRow *
next_row(FlowOrderState *state)
{
	for (;;)
	{
		const SliceRow *row;

		if (state->max == 0 || state->at == state->rows->n)
		{
			if (!run_pass(state))
				return NULL;
		}
		if (state->at == state->end)
			fetch_slice(state);
		row = &state->slice[state->at++ - state->from];
		if (row->tuple != NULL)
			return row;
	}
}

/* The access method of core's ExecScan. */
static TupleTableSlot *
scan_next(ScanState *node)
{
	TupleTableSlot *slot = node->ss_ScanTupleSlot;
	const SliceRow *row = next_row((FlowOrderState *) node);
	HeapTupleData tuple;

	ExecClearTuple(slot);
	if (row == NULL)
		return slot;
	tuple.t_len = row->tuple->t_len + MINIMAL_TUPLE_OFFSET;
	tuple.t_data = (HeapTupleHeader)
		((char *) row->tuple - MINIMAL_TUPLE_OFFSET);
	ItemPointerSetInvalid(&tuple.t_self);
	tuple.t_tableOid = InvalidOid;
	heap_deform_tuple(&tuple, slot->tts_tupleDescriptor, slot->tts_values,
					  slot->tts_isnull);
	slot->tts_tid = row->tid;
	slot->tts_tableOid = RelationGetRelid(node->ss_currentRelation);
	return ExecStoreVirtualTuple(slot);
}

/* EvalPlanQual: is this row one of ours? */
static bool
scan_recheck(ScanState *node, TupleTableSlot *slot)
{
	FlowOrderState *state = (FlowOrderState *) node;
	ExprContext *econtext = node->ps.ps_ExprContext;

	econtext->ecxt_scantuple = slot;
	ResetExprContext(econtext);
	return ExecQual(state->recheck, econtext);
}

static TupleTableSlot *
exec_floworder(CustomScanState *node)
{
	return ExecScan(&node->ss, scan_next, scan_recheck);
}

/* --- EXPLAIN ------------------------------------------------------------ */

static void
explain_floworder(CustomScanState *node, List *ancestors, ExplainState *es)
{
	FlowOrderState *state = (FlowOrderState *) node;
	Relation	rel = node->ss.ss_currentRelation;
	const FsOrderCounters *counters = fs_orderpass_counters(state->pass);
	uint64		items;

	fs_explain_ordering(&state->ordering, RelationGetDescr(rel), es);
	fs_explain_columns(state->ncols, RelationGetDescr(rel), es);
	if (!es->analyze)
		return;
	items = fs_itemqueue_count(rel, node->ss.ps.state->es_snapshot);
	ExplainPropertyUInteger("Passes", NULL, counters->passes, es);
	ExplainPropertyUInteger("Rows Kept", NULL, counters->rows, es);
	ExplainPropertyUInteger("Items Read", NULL, counters->items, es);
	ExplainPropertyUInteger("Items Not Read", NULL, items - counters->items,
							es);
}

static const CustomExecMethods exec_methods = {
	.CustomName = "FlowOrder",
	.BeginCustomScan = begin_floworder,
	.ExecCustomScan = exec_floworder,
	.EndCustomScan = end_floworder,
	.ReScanCustomScan = rescan_floworder,
	.ExplainCustomScan = explain_floworder,
};

static Node *
create_state(CustomScan *cscan)
{
	FlowOrderState *state = (FlowOrderState *)
		newNode(sizeof(FlowOrderState), T_CustomScanState);

	state->css.methods = &exec_methods;
	/* a row that is looked at again after a wait comes in the table's slot */
	fs_scan_set_slot_ops(&state->css, &fs_slot_ops);
	return (Node *) state;
}

void
fs_floworder_init(void)
{
	RegisterCustomScanMethods(&scan_methods);
}
