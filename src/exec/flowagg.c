/*-------------------------------------------------------------------------
 *
 * FlowAggregate.
 *
 * The child FlowScan gives vectors: rows of a scan that passed its filter.
 * Keys turn each into ids, pairs of ids into ids again until one is left, the
 * row's group; accumulators add what they need by group.
 *
 * The node's tuple (custom_scan_tlist) is the keys, then the aggregates.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>
#include <sys/mman.h>

#include "common/pg_prng.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "utils/memutils.h"

#include "compat.h"
#include "exec/batch.h"
#include "exec/explain.h"
#include "exec/flowagg.h"
#include "exec/keyexpr.h"
#include "group/accumulator.h"
#include "vector/ids.h"

#define HUGE_PAGE	((Size) 2 * 1024 * 1024)

typedef struct FlowAggState
{
	CustomScanState css;
	CustomScanState *child;
	int			nkeys;
	int			naggs;
	FsFlowAggHints hints;
	FsAllocator allocator;
	MemoryContext cxt;			/* of what grows with groups */
	FsKey	  **keys;			/* [nkeys] */
	FsPairIds **pairs;			/* [nkeys - 1]: of the ids so far and the next */
	FsAccumulator **accs;		/* [naggs] */
	bool		is_done;		/* all rows are in */
	uint32		ngroups;
	uint8	   *has;			/* [has_cap] the group has a row */
	uint32		has_cap;
	double		threshold;		/* of hints: groups before it are wanted */
	bool		has_threshold;
	uint32		next;			/* group to give */
	Size		peak_bytes;
} FlowAggState;

static Node *create_state(CustomScan *cscan);

static const CustomScanMethods scan_methods = {
	.CustomName = "FlowAggregate",
	.CreateCustomScanState = create_state,
};

/* --- planning ----------------------------------------------------------- */

List *
fs_flowagg_private(List *keys, List *aggregates, List *having,
				   const FsFlowAggHints *hints)
{
	return list_make4(keys, aggregates, having,
					  list_make3_int(hints->limit, hints->agg,
									 hints->is_descending));
}

Plan *
fs_flowagg_plan(PlannerInfo *root, RelOptInfo *rel, struct CustomPath *path,
				List *tlist, List *clauses, List *custom_plans)
{
	CustomScan *cscan = makeNode(CustomScan);
	List	   *keys = linitial(path->custom_private);
	List	   *aggregates = lsecond(path->custom_private);
	ListCell   *lc;

	cscan->scan.plan.targetlist = tlist;
	cscan->scan.plan.qual = lthird(path->custom_private);
	if (!IsA(linitial(custom_plans), CustomScan))
		elog(ERROR, "unexpected child of FlowAggregate");
	cscan->custom_plans = custom_plans;
	foreach(lc, list_concat_copy(keys, aggregates))
		cscan->custom_scan_tlist =
			lappend(cscan->custom_scan_tlist,
					makeTargetEntry(copyObject(lfirst(lc)),
									list_length(cscan->custom_scan_tlist) + 1,
									NULL, false));
	cscan->custom_private =
		lappend_int(copyObject(lfourth(path->custom_private)),
					list_length(keys));
	cscan->flags = path->flags;
	cscan->methods = &scan_methods;
	return &cscan->scan.plan;
}

/* --- begin and end ------------------------------------------------------ */

/*
 * Large tables are read here and there: in pages of 2 MB, where the system
 * gives them on request, half of the time goes to waiting.
 */
static void *
allocate(FsAllocator *allocator, size_t size)
{
	char	   *p = MemoryContextAllocHuge(allocator->state, size);

#ifdef MADV_HUGEPAGE
	if (size >= 2 * HUGE_PAGE)
	{
		char	   *first = (char *) TYPEALIGN(HUGE_PAGE, p);
		char	   *end = (char *) TYPEALIGN_DOWN(HUGE_PAGE, p + size);

		(void) madvise(first, end - first, MADV_HUGEPAGE);
	}
#endif
	return p;
}

static void
release(FsAllocator *allocator, void *memory)
{
	pfree(memory);
}

static FsKeyInput
key_input(FlowAggState *state, TupleTableSlot *slot)
{
	FsKeyInput	input = {0};

	input.slot = slot;
	input.parent = &state->child->ss.ps;
	input.allocator = &state->allocator;
	return input;
}

static void
make_pairs(FlowAggState *state)
{
	for (int i = 0; i + 1 < state->nkeys; i++)
		state->pairs[i] =
			fs_pair_ids_create(&state->allocator,
							   pg_prng_uint64(&pg_global_prng_state));
}

static void
make_parts(FlowAggState *state, CustomScan *cscan)
{
	CustomScan *scan = (CustomScan *) state->child->ss.ps.plan;
	Index		varno = scan->scan.scanrelid;
	TupleTableSlot *slot = fs_batch_slot(state->child);
	FsKeyInput	input = key_input(state, slot);
	int			i = 0;
	ListCell   *lc;

	state->keys = palloc0(sizeof(FsKey *) * Max(state->nkeys, 1));
	state->pairs = palloc0(sizeof(FsPairIds *) * Max(state->nkeys, 1));
	state->accs = palloc0(sizeof(FsAccumulator *) * Max(state->naggs, 1));
	foreach(lc, cscan->custom_scan_tlist)
	{
		Expr	   *expr = lfirst_node(TargetEntry, lc)->expr;

		if (i < state->nkeys)
		{
			input.expr = expr;
			fs_keyexpr_kind((Node *) expr, varno, &input.kind, &input.att);
			state->keys[i] = fs_key_create(&input);
		}
		else
			state->accs[i - state->nkeys] =
				fs_accumulator_create((Aggref *) expr, varno, &input);
		i++;
	}
	make_pairs(state);
}

static void
begin_flowagg(CustomScanState *node, EState *estate, int eflags)
{
	FlowAggState *state = (FlowAggState *) node;
	CustomScan *cscan = (CustomScan *) node->ss.ps.plan;
	Plan	   *plan = linitial(cscan->custom_plans);

	state->hints.limit = linitial_int(cscan->custom_private);
	state->hints.agg = lsecond_int(cscan->custom_private);
	state->hints.is_descending = lthird_int(cscan->custom_private);
	state->nkeys = lfourth_int(cscan->custom_private);
	state->naggs = list_length(cscan->custom_scan_tlist) - state->nkeys;
	state->child = (CustomScanState *) ExecInitNode(plan, estate, eflags);
	node->custom_ps = list_make1(state->child);
	state->cxt = AllocSetContextCreate(CurrentMemoryContext,
									   "flowstore groups",
									   ALLOCSET_DEFAULT_SIZES);
	state->allocator.alloc = allocate;
	state->allocator.release = release;
	state->allocator.state = state->cxt;
	fs_batch_prepare(state->child);
	make_parts(state, cscan);
}

static void
end_flowagg(CustomScanState *node)
{
	FlowAggState *state = (FlowAggState *) node;

	ExecEndNode(&state->child->ss.ps);
}

static void
rescan_flowagg(CustomScanState *node)
{
	FlowAggState *state = (FlowAggState *) node;

	if (node->ss.ps.chgParam != NULL)
		UpdateChangedParamSet(&state->child->ss.ps, node->ss.ps.chgParam);
	else if (state->is_done)
	{
		/* the same groups again */
		state->next = 0;
		return;
	}
	ExecReScan(&state->child->ss.ps);
	for (int i = 0; i < state->nkeys; i++)
		fs_key_reset(state->keys[i]);
	for (int i = 0; i + 1 < state->nkeys; i++)
		fs_pair_ids_destroy(state->pairs[i]);
	make_pairs(state);
	for (int i = 0; i < state->naggs; i++)
		fs_accumulator_reset(state->accs[i]);
	if (state->has != NULL)
		pfree(state->has);
	state->has = NULL;
	state->has_cap = state->ngroups = state->next = 0;
	state->is_done = state->has_threshold = false;
}

/* --- rows --------------------------------------------------------------- */

static void
note_groups(FlowAggState *state, const uint32 *groups, uint32 n)
{
	if (state->ngroups > state->has_cap)
	{
		uint32		cap = Max(2 * state->has_cap, Max(state->ngroups, 1024));
		uint8	   *has = MemoryContextAllocExtended(state->cxt, cap,
													 MCXT_ALLOC_HUGE |
													 MCXT_ALLOC_ZERO);

		if (state->has != NULL)
		{
			memcpy(has, state->has, state->has_cap);
			pfree(state->has);
		}
		state->has = has;
		state->has_cap = cap;
	}
	for (uint32 i = 0; i < n; i++)
		state->has[groups[i]] = 1;
}

/* The groups of rows; false if a column is damaged. */
static bool
find_groups(FlowAggState *state, const FsGroupRows *rows, uint32 *groups)
{
	uint32		ids[FS_VECTOR_ROWS];
	uint32		so_far[FS_VECTOR_ROWS];

	if (state->nkeys == 0)
	{
		memset(groups, 0, sizeof(uint32) * rows->n);
		return true;
	}
	if (!fs_key_ids(state->keys[0], rows, groups))
		return false;
	for (int i = 1; i < state->nkeys; i++)
	{
		if (!fs_key_ids(state->keys[i], rows, ids))
			return false;
		memcpy(so_far, groups, sizeof(uint32) * rows->n);
		fs_pair_ids_add(state->pairs[i - 1], so_far, ids, rows->n, groups);
	}
	return true;
}

static void
add_batch(FlowAggState *state, const FsBatch *batch)
{
	FsGroupRows rows = {batch->scan, batch->is_all ? NULL : batch->rows, batch->n};
	uint32		groups[FS_VECTOR_ROWS];

	for (int i = 0; i < state->naggs; i++)
		if (!fs_accumulator_prepare(state->accs[i], &rows, batch->bits))
			return;
	if (!find_groups(state, &rows, groups))
		return;
	state->ngroups = state->nkeys == 0 ? 1
		: state->nkeys == 1 ? fs_key_n(state->keys[0])
		: fs_pair_ids_n(state->pairs[state->nkeys - 2]);
	note_groups(state, groups, rows.n);
	for (int i = 0; i < state->naggs; i++)
		fs_accumulator_add(state->accs[i], groups, state->ngroups);
}

static Size
memory_in_use(const FlowAggState *state)
{
	Size		bytes = state->has_cap;

	for (int i = 0; i < state->nkeys; i++)
		bytes += fs_key_bytes(state->keys[i]);
	for (int i = 0; i + 1 < state->nkeys; i++)
		bytes += fs_pair_ids_bytes(state->pairs[i]);
	for (int i = 0; i < state->naggs; i++)
		bytes += fs_accumulator_bytes(state->accs[i]);
	return bytes;
}

static int
by_rank(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return x < y ? -1 : x > y ? 1 : 0;
}

/* Keep the n greatest of ranks, with the least of them on top. */
static void
sift_down(double *heap, uint32 n)
{
	uint32		at = 0;

	for (;;)
	{
		uint32		child = 2 * at + 1;
		double		swap;

		if (child >= n)
			return;
		if (child + 1 < n && heap[child + 1] < heap[child])
			child++;
		if (heap[at] <= heap[child])
			return;
		swap = heap[at];
		heap[at] = heap[child];
		heap[child] = swap;
		at = child;
	}
}

static bool
exists(const FlowAggState *state, uint32 group)
{
	return state->nkeys == 0 || state->has[group];
}

/*
 * The rank from which on groups are wanted.  Not where HAVING leaves some out,
 * nor where an aggregate has no rank.  Ranks are doubles, results may be more
 * exact, hence the margin.
 */
static void
find_threshold(FlowAggState *state)
{
	uint32		limit = (uint32) state->hints.limit;
	uint32		n = 0;
	double	   *heap;

	if (state->hints.limit <= 0 || state->css.ss.ps.qual != NULL ||
		state->ngroups <= limit)
		return;
	heap = MemoryContextAllocHuge(state->cxt, sizeof(double) * limit);
	for (uint32 g = 0; g < state->ngroups; g++)
	{
		double		rank;
		bool		isnull;

		if (!exists(state, g))
			continue;
		if (!fs_accumulator_rank(state->accs[state->hints.agg], g, &rank,
								 &isnull))
			return;
		if (isnull)
			continue;
		if (!state->hints.is_descending)
			rank = -rank;
		if (n < limit)
		{
			heap[n++] = rank;
			if (n == limit)
				qsort(heap, n, sizeof(double), by_rank);
		}
		else if (rank > heap[0])
		{
			heap[0] = rank;
			sift_down(heap, n);
		}
	}
	if (n == limit)
	{
		state->threshold = heap[0] - fabs(heap[0]) * 1e-12;
		state->has_threshold = true;
	}
	pfree(heap);
}

static void
take_all_rows(FlowAggState *state)
{
	FsBatch		batch;

	for (int i = 0; i < state->naggs; i++)
		fs_accumulator_bind(state->accs[i]);
	if (state->nkeys == 0)
		state->ngroups = 1;
	while (fs_batch_next(state->child, &batch))
		add_batch(state, &batch);
	state->peak_bytes = memory_in_use(state);
	find_threshold(state);
	state->is_done = true;
}

static bool
is_wanted(FlowAggState *state, uint32 group)
{
	double		rank;
	bool		isnull;

	if (!exists(state, group))
		return false;
	if (!state->has_threshold)
		return true;
	(void) fs_accumulator_rank(state->accs[state->hints.agg], group, &rank,
							   &isnull);
	if (!state->hints.is_descending)
		rank = -rank;
	return isnull || rank >= state->threshold;
}

static void
fill_group(FlowAggState *state, uint32 group, TupleTableSlot *slot)
{
	uint32		ids[FS_FLOWAGG_MAX_KEYS];
	uint32		id = group;

	ExecClearTuple(slot);
	for (int i = state->nkeys - 1; i > 0; i--)
		fs_pair_ids_key(state->pairs[i - 1], id, &id, &ids[i]);
	ids[0] = id;
	for (int i = 0; i < state->nkeys; i++)
		slot->tts_values[i] = fs_key_value(state->keys[i], ids[i],
										   &slot->tts_isnull[i]);
	for (int i = 0; i < state->naggs; i++)
		slot->tts_values[state->nkeys + i] =
			fs_accumulator_result(state->accs[i], group,
								  &slot->tts_isnull[state->nkeys + i]);
	ExecStoreVirtualTuple(slot);
}

static TupleTableSlot *
exec_flowagg(CustomScanState *node)
{
	FlowAggState *state = (FlowAggState *) node;
	PlanState  *ps = &node->ss.ps;
	ExprContext *econtext = ps->ps_ExprContext;
	TupleTableSlot *slot = node->ss.ss_ScanTupleSlot;

	if (!state->is_done)
		take_all_rows(state);
	while (state->next < state->ngroups)
	{
		uint32		group = state->next++;
		MemoryContext old;

		CHECK_FOR_INTERRUPTS();
		if (!is_wanted(state, group))
			continue;
		ResetExprContext(econtext);
		old = MemoryContextSwitchTo(econtext->ecxt_per_tuple_memory);
		fill_group(state, group, slot);
		MemoryContextSwitchTo(old);
		econtext->ecxt_scantuple = slot;
		if (ps->qual != NULL && !ExecQual(ps->qual, econtext))
		{
			InstrCountFiltered1(node, 1);
			continue;
		}
		return ps->ps_ProjInfo == NULL ? slot : ExecProject(ps->ps_ProjInfo);
	}
	ExecClearTuple(slot);
	return ps->ps_ProjInfo == NULL ? slot
		: ExecClearTuple(ps->ps_ProjInfo->pi_state.resultslot);
}

/* --- EXPLAIN ------------------------------------------------------------ */

static void
explain_flowagg(CustomScanState *node, List *ancestors, ExplainState *es)
{
	FlowAggState *state = (FlowAggState *) node;
	CustomScan *cscan = (CustomScan *) node->ss.ps.plan;

	fs_explain_keys(&node->ss, cscan->custom_scan_tlist, state->nkeys,
					ancestors, es);
	if (state->hints.limit > 0)
		ExplainPropertyInteger("Top Groups", NULL, state->hints.limit, es);
	if (!es->analyze)
		return;
	ExplainPropertyInteger("Groups", NULL, state->ngroups, es);
	ExplainPropertyInteger("Memory", "kB", (state->peak_bytes + 1023) / 1024,
						   es);
}

static const CustomExecMethods exec_methods = {
	.CustomName = "FlowAggregate",
	.BeginCustomScan = begin_flowagg,
	.ExecCustomScan = exec_flowagg,
	.EndCustomScan = end_flowagg,
	.ReScanCustomScan = rescan_flowagg,
	.ExplainCustomScan = explain_flowagg,
};

static Node *
create_state(CustomScan *cscan)
{
	FlowAggState *state = (FlowAggState *)
		newNode(sizeof(FlowAggState), T_CustomScanState);

	state->css.methods = &exec_methods;
	return (Node *) state;
}

void
fs_flowagg_init(void)
{
	RegisterCustomScanMethods(&scan_methods);
}
