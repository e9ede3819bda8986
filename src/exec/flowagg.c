/*-------------------------------------------------------------------------
 *
 * FlowAggregate.
 *
 * The child FlowScan gives vectors: rows of a scan that passed its filter,
 * which become groups.
 *
 * The node's tuple (custom_scan_tlist) is the keys, then the aggregates.  If
 * the children are partitions, the same follow once more, as expressions over
 * the first of them, which are computed; these columns of the tuple are NULL.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <sys/mman.h>

#include "catalog/objectaccess.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "common/pg_prng.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "optimizer/optimizer.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "compat.h"
#include "exec/aggstate.h"
#include "exec/aggunion.h"
#include "exec/batch.h"
#include "exec/explain.h"
#include "exec/flowagg.h"
#include "exec/keyexpr.h"
#include "group/accumulator.h"
#include "group/merge.h"
#include "group/transfer.h"
#include "store/arena.h"

static Node *create_state(CustomScan *cscan);

static const CustomScanMethods scan_methods = {
	.CustomName = "FlowAggregate",
	.CreateCustomScanState = create_state,
};

/* --- planning ----------------------------------------------------------- */

List *
fs_flowagg_private(List *keys, List *aggregates, List *having,
				   const FsFlowAggHints *hints, const FsAggInput *input)
{
	List	   *result = list_make4(keys, aggregates, having,
									list_make3_int(hints->limit, hints->agg,
												   hints->is_descending));
	Const	   *slack = makeConst(FLOAT8OID, -1, InvalidOid, sizeof(double),
								  Float8GetDatum(hints->slack), false,
								  FLOAT8PASSBYVAL);

	result = lappend(lappend(result, input->exprs), input->maps);
	result = lappend(result, slack);
	return lappend(result, list_make1_int(input->nothers));
}

/* Append entries of a node's tuple. */
static void
add_entries(CustomScan *cscan, List *exprs)
{
	ListCell   *lc;

	foreach(lc, exprs)
		cscan->custom_scan_tlist =
			lappend(cscan->custom_scan_tlist,
					makeTargetEntry(copyObject(lfirst(lc)),
									list_length(cscan->custom_scan_tlist) + 1,
									NULL, false));
}

/* It is a FlowScan, or a subquery that is one. */
static void
check_scan(Plan *plan)
{
	if (IsA(plan, SubqueryScan))
		plan = ((SubqueryScan *) plan)->subplan;
	if (!IsA(plan, CustomScan))
		elog(ERROR, "unexpected child of FlowAggregate");
}

Plan *
fs_flowagg_plan(PlannerInfo *root, RelOptInfo *rel, struct CustomPath *path,
				List *tlist, List *clauses, List *custom_plans)
{
	CustomScan *cscan = makeNode(CustomScan);
	List	   *keys = linitial(path->custom_private);
	List	   *aggregates = lsecond(path->custom_private);
	List	   *numbers = copyObject(lfourth(path->custom_private));
	List	   *others = list_nth(path->custom_private, 7);

	cscan->scan.plan.targetlist = tlist;
	cscan->scan.plan.qual = lthird(path->custom_private);
	for (int i = 0; i < list_length(custom_plans) - linitial_int(others); i++)
		check_scan(list_nth(custom_plans, i));
	cscan->custom_plans = custom_plans;
	add_entries(cscan, keys);
	add_entries(cscan, aggregates);
	add_entries(cscan, list_nth(path->custom_private, 4));
	numbers = lappend_int(numbers, list_length(keys));
	numbers = lappend_int(numbers, list_length(aggregates));
	cscan->custom_private =
		list_make4(numbers,
				   fs_aggunion_maps(list_nth(path->custom_private, 5),
									linitial_int(others), custom_plans),
				   copyObject(list_nth(path->custom_private, 6)),
				   copyObject(others));
	cscan->flags = path->flags;
	cscan->methods = &scan_methods;
	return &cscan->scan.plan;
}

/* --- begin and end ------------------------------------------------------ */

/* Large tables are read here and there: in pages of 2 MB, if the system gives them. */
static void *
allocate(FsAllocator *allocator, size_t size)
{
	char	   *p = MemoryContextAllocHuge(allocator->state, size);

#ifdef MADV_HUGEPAGE
	if (size >= 2 * FS_HUGE_PAGE)
	{
		char	   *first = (char *) TYPEALIGN(FS_HUGE_PAGE, p);
		char	   *end = (char *) TYPEALIGN_DOWN(FS_HUGE_PAGE, p + size);

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

/* As core does when it begins to aggregate. */
static void
check_privilege(Oid aggregate)
{
	AclResult	result = object_aclcheck(ProcedureRelationId, aggregate,
										 GetUserId(), ACL_EXECUTE);

	if (result != ACLCHECK_OK)
		aclcheck_error(result, OBJECT_AGGREGATE, get_func_name(aggregate));
	InvokeFunctionExecuteHook(aggregate);
}

static FsAccumulator *
make_accumulator(FlowAggState *state, const Aggref *agg, Index varno,
				 const FsKeyInput *input)
{
	FsAggKind	kind;
	Oid			type;

	check_privilege(agg->aggfnoid);
	if (fs_agg_recognise(agg, &kind, &type))
		state->can_emit &= fs_agg_can_transfer(kind);
	return fs_accumulator_create(agg, varno, input);
}

/* The number of the relation that keys and aggregates are over. */
static Index
find_varno(List *parts)
{
	List	   *vars = pull_var_clause((Node *) parts, PVC_RECURSE_AGGREGATES);

	return vars == NIL ? 0 : linitial_node(Var, vars)->varno;
}

static void
make_parts(FlowAggState *state, CustomScan *cscan)
{
	FsGroups   *groups = state->groups;
	Index		varno;
	TupleTableSlot *slot = fs_batch_slot(state->child);
	FsKeyInput	input = key_input(state, slot);
	int			ncols = groups->nkeys + groups->naggs;
	int			first = list_length(cscan->custom_scan_tlist) - ncols;

	varno = state->varno =
		find_varno(list_copy_tail(cscan->custom_scan_tlist, first));
	for (int i = 0; i < ncols; i++)
	{
		Expr	   *expr = list_nth_node(TargetEntry, cscan->custom_scan_tlist,
										 first + i)->expr;

		if (i < groups->nkeys)
		{
			input.expr = expr;
			fs_keyexpr_kind((Node *) expr, varno, &input.kind, &input.att);
			groups->keys[i] = fs_key_create(&input);
		}
		else
			groups->accs[i - groups->nkeys] =
				make_accumulator(state, (Aggref *) expr, varno, &input);
	}
}

/* One key: its rows may be added by code. */
static void
make_by_code(FlowAggState *state)
{
	FsGroups   *groups = state->groups;
	FsKeyInput	input = key_input(state, fs_batch_slot(state->child));
	FsByCode   *by;

	if (groups->nkeys != 1)
		return;
	for (int i = 0; i < groups->naggs; i++)
		if (!fs_accumulator_can_merge(groups->accs[i]))
			return;
	by = fs_bycode_create(groups->keys[0], groups->naggs, &state->allocator);
	for (int i = 0; i < groups->naggs; i++)
		by->accs[i] = make_accumulator(state, fs_accumulator_agg(groups->accs[i]),
									   state->varno, &input);
	groups->by_code = by;
}

static void
begin_flowagg(CustomScanState *node, EState *estate, int eflags)
{
	FlowAggState *state = (FlowAggState *) node;
	CustomScan *cscan = (CustomScan *) node->ss.ps.plan;
	TupleTableSlot *slot = node->ss.ss_ScanTupleSlot;
	List	   *numbers = linitial(cscan->custom_private);

	state->hints.limit = linitial_int(numbers);
	state->hints.agg = lsecond_int(numbers);
	state->hints.is_descending = lthird_int(numbers);
	state->hints.slack =
		DatumGetFloat8(lthird_node(Const, cscan->custom_private)->constvalue);
	memset(slot->tts_isnull, true, slot->tts_tupleDescriptor->natts);
	state->input = fs_batches_begin(node, cscan->custom_plans,
									lsecond(cscan->custom_private),
									linitial_int(lfourth(cscan->custom_private)),
									eflags);
	state->child = state->input->scans[0];
	state->cxt = AllocSetContextCreate(CurrentMemoryContext,
									   "flowstore groups",
									   ALLOCSET_DEFAULT_SIZES);
	state->allocator.alloc = allocate;
	state->allocator.release = release;
	state->allocator.state = state->cxt;
	state->limit = get_hash_memory_limit();
	state->seed = pg_prng_uint64(&pg_global_prng_state);
	state->can_emit = true;
	state->record_cxt = AllocSetContextCreate(CurrentMemoryContext,
											  "flowstore record",
											  ALLOCSET_DEFAULT_SIZES);
	initStringInfo(&state->record);
	state->groups =
		fs_groups_create(lfourth_int(numbers), list_nth_int(numbers, 4),
						 &state->allocator);
	make_parts(state, cscan);
	make_by_code(state);
	if (state->hints.limit > 0)
		fs_groups_watch(state->groups, state->hints.agg);
}

static void
end_flowagg(CustomScanState *node)
{
	FlowAggState *state = (FlowAggState *) node;

	fs_aggmerge_reset(state);
	fs_batches_end(state->input);
}

static void
rescan_flowagg(CustomScanState *node)
{
	FlowAggState *state = (FlowAggState *) node;

	if (node->ss.ps.chgParam == NULL && state->is_whole)
	{
		/* the same groups again */
		state->next = 0;
		return;
	}
	fs_batches_rescan(state->input, node);
	fs_aggmerge_reset(state);
}

static TupleTableSlot *
exec_flowagg(CustomScanState *node)
{
	FlowAggState *state = (FlowAggState *) node;
	PlanState  *ps = &node->ss.ps;
	ExprContext *econtext = ps->ps_ExprContext;
	TupleTableSlot *slot = node->ss.ss_ScanTupleSlot;

	for (;;)
	{
		MemoryContext old;
		uint32		group;

		CHECK_FOR_INTERRUPTS();
		if (!state->is_done || state->next >= state->groups->n)
		{
			if (!fs_aggmerge_next(state))
				break;
			continue;
		}
		group = state->next++;
		if (!fs_aggtop_is_wanted(state, group))
			continue;
		ResetExprContext(econtext);
		old = MemoryContextSwitchTo(econtext->ecxt_per_tuple_memory);
		fs_groups_fill(state->groups, group, slot);
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
	FsAggCounters counters = state->counters;

	fs_explain_keys(&node->ss, cscan->custom_scan_tlist, state->groups->nkeys,
					ancestors, es);
	if (state->hints.limit > 0)
		ExplainPropertyInteger("Top Groups", NULL, state->hints.limit, es);
	if (!es->analyze)
		return;
	fs_aggshare_add_counters(&counters, &state->others);
	ExplainPropertyUInteger("Groups", NULL, counters.groups, es);
	ExplainPropertyUInteger("Memory", "kB", (counters.peak_bytes + 1023) / 1024,
							es);
	if (counters.partitions > 0 || es->format != EXPLAIN_FORMAT_TEXT)
		ExplainPropertyUInteger("Partitions", NULL, counters.partitions, es);
	if (counters.file_bytes > 0 || es->format != EXPLAIN_FORMAT_TEXT)
		ExplainPropertyUInteger("Disk", "kB", (counters.file_bytes + 1023) / 1024,
								es);
}

static const CustomExecMethods exec_methods = {
	.CustomName = "FlowAggregate",
	.BeginCustomScan = begin_flowagg,
	.ExecCustomScan = exec_flowagg,
	.EndCustomScan = end_flowagg,
	.ReScanCustomScan = rescan_flowagg,
	.EstimateDSMCustomScan = fs_aggshare_estimate_dsm,
	.InitializeDSMCustomScan = fs_aggshare_initialize_dsm,
	.ReInitializeDSMCustomScan = fs_aggshare_reinitialize_dsm,
	.InitializeWorkerCustomScan = fs_aggshare_initialize_worker,
	.ShutdownCustomScan = fs_aggshare_shutdown,
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
