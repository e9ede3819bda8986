/*-------------------------------------------------------------------------
 *
 * Aggregates by their own functions: states by group.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "catalog/pg_aggregate.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "nodes/execnodes.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_agg.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "group/calledstate.h"
#include "group/whole.h"

#define MAX_BATCHES	8

typedef struct Batch
{
	PGFunction	step;
	FsCalledBatch batch;
} Batch;

static Batch batches[MAX_BATCHES];
static int	nbatches = 0;

void
fs_called_register(PGFunction step, FsCalledBatch batch)
{
	Assert(nbatches < MAX_BATCHES);
	batches[nbatches].step = step;
	batches[nbatches++].batch = batch;
}

static FsCalledBatch
find_batch(PGFunction step)
{
	for (int i = 0; i < nbatches; i++)
		if (batches[i].step == step)
			return batches[i].batch;
	return NULL;
}

/* --- what can be computed ----------------------------------------------- */

static HeapTuple
find_aggregate(const Aggref *agg)
{
	HeapTuple	tuple = SearchSysCache1(AGGFNOID,
										ObjectIdGetDatum(agg->aggfnoid));

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for aggregate %u", agg->aggfnoid);
	return tuple;
}

bool
fs_called_is_possible(const Aggref *agg)
{
	HeapTuple	tuple = find_aggregate(agg);
	Form_pg_aggregate form = (Form_pg_aggregate) GETSTRUCT(tuple);
	bool		is_internal = form->aggtranstype == INTERNALOID;
	bool		has_start;

	(void) SysCacheGetAttr(AGGFNOID, tuple, Anum_pg_aggregate_agginitval,
						   &has_start);
	has_start = !has_start;
	ReleaseSysCache(tuple);
	return form->aggkind == AGGKIND_NORMAL && agg->aggdistinct == NIL &&
		OidIsValid(form->aggcombinefn) && !has_start &&
		form->aggfinalmodify == AGGMODIFY_READ_ONLY &&
		(!is_internal || (OidIsValid(form->aggserialfn) &&
						  OidIsValid(form->aggdeserialfn)));
}

int32
fs_called_state_bytes(const Aggref *agg)
{
	HeapTuple	tuple = find_aggregate(agg);
	int32		bytes = ((Form_pg_aggregate) GETSTRUCT(tuple))->aggtransspace;

	ReleaseSysCache(tuple);
	return bytes;
}

/* True if a value that a group has already changes nothing. */
static bool
is_set(const Aggref *agg)
{
	char	   *name = get_func_name(agg->aggfnoid);

	return name != NULL && (strcmp(name, "approx_distinct") == 0 ||
							strcmp(name, "hll_agg") == 0 ||
							strcmp(name, "ipset_agg") == 0);
}

/* --- functions ---------------------------------------------------------- */

static void
set_function(FmgrInfo *flinfo, Oid function, Expr *expr)
{
	fmgr_info(function, flinfo);
	fmgr_info_set_expr((Node *) expr, flinfo);
}

static void
set_functions(FsCalled *called)
{
	const Aggref *agg = called->agg;
	HeapTuple	tuple = find_aggregate(agg);
	Form_pg_aggregate form = (Form_pg_aggregate) GETSTRUCT(tuple);
	Oid			inputs[FUNC_MAX_ARGS];
	Oid			state = agg->aggtranstype;
	Expr	   *expr;
	ListCell   *lc;
	int			n = 0;

	foreach(lc, agg->aggargtypes)
		inputs[n++] = lfirst_oid(lc);
	get_typlenbyval(state, &called->state_len, &called->state_byval);
	build_aggregate_transfn_expr(inputs, n, 0, agg->aggvariadic, state,
								 agg->inputcollid, form->aggtransfn,
								 InvalidOid, &expr, NULL);
	set_function(&called->step, form->aggtransfn, expr);
	build_aggregate_transfn_expr(&state, 1, 0, false, state, agg->inputcollid,
								 form->aggcombinefn, InvalidOid, &expr, NULL);
	set_function(&called->combine, form->aggcombinefn, expr);
	if (state == INTERNALOID)
	{
		build_aggregate_serialfn_expr(form->aggserialfn, &expr);
		set_function(&called->serialize, form->aggserialfn, expr);
		build_aggregate_deserialfn_expr(form->aggdeserialfn, &expr);
		set_function(&called->deserialize, form->aggdeserialfn, expr);
	}
	called->nfinal = form->aggfinalextra ? 1 + n : 1;
	if (OidIsValid(form->aggfinalfn))
	{
		build_aggregate_finalfn_expr(inputs, called->nfinal, state,
									 agg->aggtype, agg->inputcollid,
									 form->aggfinalfn, &expr);
		set_function(&called->final, form->aggfinalfn, expr);
	}
	ReleaseSysCache(tuple);
}

/* --- arguments ---------------------------------------------------------- */

static Expr *
without_relabels(Expr *expr)
{
	while (IsA(expr, RelabelType))
		expr = ((RelabelType *) expr)->arg;
	return expr;
}

static bool
is_column(const Expr *expr, Index varno)
{
	return IsA(expr, Var) && ((const Var *) expr)->varno == varno &&
		((const Var *) expr)->varattno > 0;
}

static void
set_argument(FsCalled *called, int i, Expr *expr, Index varno)
{
	Argument   *arg = &called->args[i];
	Expr	   *bare = without_relabels(expr);

	arg->att = -1;
	if (IsA(bare, Const))
	{
		called->call->args[i + 1].value = ((Const *) bare)->constvalue;
		called->call->args[i + 1].isnull = ((Const *) bare)->constisnull;
		return;
	}
	if (IsA(bare, FuncExpr) &&
		(((FuncExpr *) bare)->funcid == F_FLOAT8_INT8 ||
		 ((FuncExpr *) bare)->funcid == F_FLOAT8_INT4 ||
		 ((FuncExpr *) bare)->funcid == F_FLOAT8_INT2) &&
		is_column(linitial(((FuncExpr *) bare)->args), varno))
	{
		arg->cast = ((FuncExpr *) bare)->funcid;
		bare = linitial(((FuncExpr *) bare)->args);
	}
	if (is_column(bare, varno))
	{
		arg->att = ((Var *) bare)->varattno - 1;
		called->atts = bms_add_member(called->atts, arg->att);
		return;
	}
	arg->state = ExecInitExpr(expr, called->in.parent);
	called->has_expressions = true;
}

static void
set_arguments(FsCalled *called, Index varno)
{
	Bitmapset  *numbers = NULL;
	int			number = -1;
	ListCell   *lc;

	called->call = palloc0(SizeForFunctionCallInfo(FUNC_MAX_ARGS));
	called->nargs = list_length(called->agg->args);
	InitFunctionCallInfoData(*called->call, &called->step, called->nargs + 1,
							 called->agg->inputcollid,
							 (fmNodePtr) called->context, NULL);
	foreach(lc, called->agg->args)
		set_argument(called, foreach_current_index(lc),
					 lfirst_node(TargetEntry, lc)->expr, varno);
	if (!called->has_expressions)
		return;
	pull_varattnos((Node *) called->agg->args, varno, &numbers);
	while ((number = bms_next_member(numbers, number)) >= 0)
		called->atts = bms_add_member(called->atts, number +
									  FirstLowInvalidHeapAttributeNumber - 1);
}

/* Is the first argument a column, and are the others constants, not NULL? */
static bool
varies_by_one(const FsCalled *called)
{
	if (called->nargs < 1 || called->args[0].att < 0)
		return false;
	for (int i = 1; i < called->nargs; i++)
		if (called->args[i].att >= 0 || called->args[i].state != NULL ||
			called->call->args[i + 1].isnull)
			return false;
	return true;
}

FsCalled *
fs_called_create(const Aggref *agg, Index varno, const FsKeyInput *input)
{
	FsCalled   *called = palloc0(sizeof(FsCalled));

	called->agg = agg;
	called->in = *input;
	called->context = makeNode(AggState);
	called->context->curaggcontext = CreateStandaloneExprContext();
	called->row_cxt = AllocSetContextCreate(CurrentMemoryContext,
											"flowstore aggregate call",
											ALLOCSET_DEFAULT_SIZES);
	set_functions(called);
	set_arguments(called, varno);
	if (called->nargs == 1 && called->args[0].att >= 0 &&
		called->args[0].cast == InvalidOid && is_set(agg))
		called->seen = fs_seen_create();
	if (varies_by_one(called))
		called->batch = find_batch(called->step.fn_addr);
	called->has_sums = agg->aggfnoid == F_SUM_NUMERIC && varies_by_one(called);
	return called;
}

/* --- states --------------------------------------------------------------- */

static void *
lengthen(FsCalled *called, void *old, uint32 cap, Size size)
{
	FsAllocator *allocator = called->in.allocator;
	char	   *p = allocator->alloc(allocator, size * cap);

	memset(p + size * called->cap, 0, size * (cap - called->cap));
	if (old != NULL)
	{
		memcpy(p, old, size * called->cap);
		allocator->release(allocator, old);
	}
	return p;
}

void
fs_called_make_room(FsCalled *called, uint32 ngroups)
{
	FsAllocator *allocator = called->in.allocator;
	uint32		cap = Max(called->cap, 64);
	NullableDatum *states;

	if (ngroups <= called->cap)
		return;
	while (cap < ngroups)
		cap *= 2;
	states = allocator->alloc(allocator, sizeof(NullableDatum) * (Size) cap);
	if (called->states != NULL)
	{
		memcpy(states, called->states, sizeof(NullableDatum) * (Size) called->cap);
		allocator->release(allocator, called->states);
	}
	for (uint32 g = called->cap; g < cap; g++)
	{
		states[g].value = (Datum) 0;
		states[g].isnull = true;
	}
	called->states = states;
	if (called->has_sums)
	{
		called->sums = lengthen(called, called->sums, cap, sizeof(FsInt128));
		called->summed = lengthen(called, called->summed, cap, 1);
	}
	called->cap = cap;
}

static inline MemoryContext
state_cxt(const FsCalled *called)
{
	return called->context->curaggcontext->ecxt_per_tuple_memory;
}

/* What a function has made of a state; the old one is not needed any more. */
static void
set_state(FsCalled *called, NullableDatum *state, Datum value, bool isnull)
{
	MemoryContext old;

	if (!called->state_byval &&
		DatumGetPointer(value) != DatumGetPointer(state->value))
	{
		if (!isnull)
		{
			old = MemoryContextSwitchTo(state_cxt(called));
			value = datumCopy(value, false, called->state_len);
			MemoryContextSwitchTo(old);
		}
		if (!state->isnull)
			pfree(DatumGetPointer(state->value));
	}
	state->value = value;
	state->isnull = isnull;
}

void
fs_called_change_state(FsCalled *called, NullableDatum *state, FunctionCallInfo call)
{
	Datum		value;

	if (call->flinfo->fn_strict)
	{
		for (int i = 1; i < call->nargs; i++)
			if (call->args[i].isnull)
				return;
		if (state->isnull)
		{
			set_state(called, state, call->args[1].value, false);
			return;
		}
	}
	call->args[0] = *state;
	call->isnull = false;
	value = FunctionCallInvoke(call);
	set_state(called, state, value, call->isnull);
}

/* --- results and records ------------------------------------------------ */

static Datum
call(FsCalled *called, FmgrInfo *function, int nargs, Datum first,
	 bool is_first_null, bool *isnull)
{
	LOCAL_FCINFO(fcinfo, FUNC_MAX_ARGS);
	Datum		result;

	InitFunctionCallInfoData(*fcinfo, function, nargs,
							 called->agg->inputcollid,
							 (fmNodePtr) called->context, NULL);
	for (int i = 0; i < nargs; i++)
	{
		fcinfo->args[i].value = i == 0 ? first : (Datum) 0;
		fcinfo->args[i].isnull = i == 0 ? is_first_null : true;
	}
	result = FunctionCallInvoke(fcinfo);
	*isnull = fcinfo->isnull;
	return result;
}

/* What the aggregate's functions make of a state. */
static Datum
finish(FsCalled *called, uint32 group, bool *isnull)
{
	NullableDatum state = {(Datum) 0, true};

	if (group < called->cap)
		state = called->states[group];
	*isnull = state.isnull;
	if (called->final.fn_oid == InvalidOid)
		return *isnull || called->state_byval ? state.value
			: datumCopy(state.value, false, called->state_len);
	if (called->final.fn_strict && (state.isnull || called->nfinal > 1))
	{
		*isnull = true;
		return (Datum) 0;
	}
	return call(called, &called->final, called->nfinal, state.value,
				state.isnull, isnull);
}

Datum
fs_called_result(FsCalled *called, uint32 group, bool *isnull)
{
	Datum		rest = finish(called, group, isnull);
	Datum		whole;

	if (!called->has_sums || group >= called->cap || !called->summed[group])
		return rest;
	whole = fs_whole_to_numeric(&called->sums[group]);
	if (!*isnull)
		whole = DirectFunctionCall2(numeric_add, rest, whole);
	*isnull = false;
	return whole;
}

/* A sum of whole numbers: whether there is one, and it. */
static void
put_sum(const FsCalled *called, uint32 group, StringInfo out)
{
	uint8		has = called->has_sums && group < called->cap &&
		called->summed[group];

	if (!called->has_sums)
		return;
	fs_record_put(out, &has, 1);
	if (has)
		fs_record_put(out, &called->sums[group], sizeof(FsInt128));
}

static void
take_sum(FsCalled *called, FsRecord *record, uint32 group)
{
	FsInt128	sum;

	if (!called->has_sums || *fs_record_take(record, 1) == 0)
		return;
	memcpy(&sum, fs_record_take(record, sizeof(sum)), sizeof(sum));
	fs_int128_add(&called->sums[group], &sum);
	called->summed[group] = 1;
}

/* Whether there is a state; its bytes, as long as it is or with a length. */
void
fs_called_put(FsCalled *called, uint32 group, StringInfo out)
{
	uint8		has = group < called->cap && !called->states[group].isnull;
	Datum		state;
	uint32		len;
	bool		isnull = false;

	put_sum(called, group, out);
	fs_record_put(out, &has, 1);
	if (!has)
		return;
	state = called->states[group].value;
	if (called->agg->aggtranstype == INTERNALOID)
		state = call(called, &called->serialize, 1, state, false, &isnull);
	else if (called->state_byval)
	{
		fs_record_put(out, &state, sizeof(state));
		return;
	}
	else if (called->state_len == -1)
		state = PointerGetDatum(PG_DETOAST_DATUM(state));
	len = (uint32) (called->agg->aggtranstype == INTERNALOID ||
					called->state_len == -1
					? VARSIZE(DatumGetPointer(state)) : called->state_len);
	fs_record_put(out, &len, sizeof(len));
	fs_record_put(out, DatumGetPointer(state), len);
}

void
fs_called_put_none(const FsCalled *called, StringInfo out)
{
	uint8		has = 0;

	if (called->has_sums)
		fs_record_put(out, &has, 1);
	fs_record_put(out, &has, 1);
}

/* The state of a record, in the current memory context. */
static Datum
read_state(FsCalled *called, FsRecord *record)
{
	Datum		state;
	uint32		len;
	void	   *bytes;
	bool		isnull;

	if (called->agg->aggtranstype != INTERNALOID && called->state_byval)
	{
		memcpy(&state, fs_record_take(record, sizeof(state)), sizeof(state));
		return state;
	}
	len = fs_record_take_uint32(record);
	bytes = palloc_extended(len, MCXT_ALLOC_HUGE);
	memcpy(bytes, fs_record_take(record, len), len);
	if (called->agg->aggtranstype != INTERNALOID)
		return PointerGetDatum(bytes);
	/* core passes a second argument, which is not NULL */
	{
		LOCAL_FCINFO(fcinfo, 2);

		InitFunctionCallInfoData(*fcinfo, &called->deserialize, 2, InvalidOid,
								 (fmNodePtr) called->context, NULL);
		fcinfo->args[0].value = PointerGetDatum(bytes);
		fcinfo->args[0].isnull = false;
		fcinfo->args[1].value = (Datum) 0;
		fcinfo->args[1].isnull = false;
		state = FunctionCallInvoke(fcinfo);
		isnull = fcinfo->isnull;
	}
	if (isnull)
		elog(ERROR, "aggregate %u has no state", called->agg->aggfnoid);
	return state;
}

void
fs_called_take(FsCalled *called, FsRecord *record, uint32 group,
			   uint32 ngroups)
{
	LOCAL_FCINFO(fcinfo, 2);
	MemoryContext old;

	fs_called_make_room(called, ngroups);
	take_sum(called, record, group);
	if (*fs_record_take(record, 1) == 0)
		return;
	old = MemoryContextSwitchTo(called->row_cxt);
	InitFunctionCallInfoData(*fcinfo, &called->combine, 2,
							 called->agg->inputcollid,
							 (fmNodePtr) called->context, NULL);
	fcinfo->args[1].value = read_state(called, record);
	fcinfo->args[1].isnull = false;
	fs_called_change_state(called, &called->states[group], fcinfo);
	MemoryContextSwitchTo(old);
	MemoryContextReset(called->row_cxt);
}

Size
fs_called_bytes(const FsCalled *called)
{
	return MemoryContextMemAllocated(state_cxt(called), true) +
		(Size) called->cap * (sizeof(NullableDatum) +
							  (called->has_sums ? sizeof(FsInt128) + 1 : 0));
}

void
fs_called_reset(FsCalled *called)
{
	FsAllocator *allocator = called->in.allocator;

	ResetExprContext(called->context->curaggcontext);
	if (called->states != NULL)
		allocator->release(allocator, called->states);
	if (called->sums != NULL)
	{
		allocator->release(allocator, called->sums);
		allocator->release(allocator, called->summed);
	}
	called->sums = NULL;
	called->summed = NULL;
	called->states = NULL;
	called->cap = 0;
	called->vector = NULL;
	if (called->seen != NULL)
		fs_seen_reset(called->seen);
}
