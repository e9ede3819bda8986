/*-------------------------------------------------------------------------
 *
 * aggregates by their own functions: states by group.
 *
 * Functions are called row by row, or for a vector at once where there is one
 * for that.  An aggregate that is not changed by a value it has had is given
 * most repetitions never (group/seen).
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
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "am/typemap.h"
#include "group/called.h"
#include "group/seen.h"

#define MAX_BATCHES	8

typedef struct Batch
{
	PGFunction	step;
	FsCalledBatch batch;
} Batch;

typedef struct Argument
{
	int			att;			/* 0-based column; -1: an expression */
	Oid			cast;			/* of an integer column to double precision */
	ExprState  *state;			/* NULL: a column, or a constant */
} Argument;

struct FsCalled
{
	const Aggref *agg;
	FsKeyInput	in;
	AggState   *context;		/* in which states live */
	MemoryContext row_cxt;		/* of what a call leaves behind */
	int16		state_len;
	bool		state_byval;
	FmgrInfo	step;
	FmgrInfo	combine;
	FmgrInfo	serialize;		/* these two for states of type internal */
	FmgrInfo	deserialize;
	FmgrInfo	final;			/* fn_oid InvalidOid: none */
	int			nfinal;			/* arguments of it */
	FunctionCallInfo call;		/* of step */
	int			nargs;
	Argument	args[FUNC_MAX_ARGS];
	bool		has_expressions;
	Bitmapset  *atts;			/* that arguments need, 0-based */

	FsCalledBatch batch;		/* NULL: rows are added one by one */
	FsSeen	   *seen;			/* of a set with a column as argument */

	/* the rows at hand */
	FsScan	   *scan;
	uint32		m;
	uint16		rows[FS_VECTOR_ROWS];
	const FsVector *vector;		/* of a set, by codes or integers; or NULL */
	const Datum *dict;			/* of these codes */
	const Datum *values[MaxHeapAttributeNumber];
	const bool *isnull[MaxHeapAttributeNumber];

	/* by group */
	uint32		cap;
	NullableDatum *states;
};

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
	return called;
}

/* --- rows --------------------------------------------------------------- */

/* The Datums of the codes of the rows at hand. */
static bool
fetch_codes(FsCalled *called, const FsVector *vec)
{
	uint32		codes[FS_VECTOR_ROWS];
	uint32		n = 0;

	for (uint32 i = 0; i < called->m; i++)
	{
		codes[n] = vec->codes[called->rows[i]];
		n += !vec->has_nulls || !vec->is_null[called->rows[i]];
	}
	return n == 0 || fs_scan_codes(called->scan, called->args[0].att, codes,
								   n, &called->dict);
}

/* Of a set: its column as stored, if values are codes or integers. */
static bool
prepare_set(FsCalled *called)
{
	int			att = called->args[0].att;
	const FsVector *vec;

	switch (fs_scan_vector(called->scan, att, &vec))
	{
		case FS_READ_DAMAGED:
			return false;
		case FS_READ_STORED:
			if (vec->dict_n > 0 && !fetch_codes(called, vec))
				return false;
			if (vec->dict_n > 0 ||
				fs_scan_typemap(called->scan, att)->spec.kind == FS_KIND_INT)
				called->vector = vec;
			return true;
		case FS_READ_DATUMS:
			break;
	}
	return true;
}

bool
fs_called_prepare(FsCalled *called, FsScan *scan, const uint16 *found,
				  uint32 m)
{
	int			att = -1;

	called->scan = scan;
	called->m = m;
	called->vector = NULL;
	memcpy(called->rows, found, m * sizeof(uint16));
	if (called->seen != NULL && !prepare_set(called))
		return false;
	while (called->vector == NULL &&
		   (att = bms_next_member(called->atts, att)) >= 0)
		if (!fs_scan_pick(scan, att, found, m, &called->values[att],
						  &called->isnull[att]))
			return false;
	return true;
}

static void
make_room(FsCalled *called, uint32 ngroups)
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

/*
 * Call a function of a state and more in the context of rows.  If it is strict
 * NULL changes nothing, and the first value is the first state.
 */
static void
change_state(FsCalled *called, NullableDatum *state, FunctionCallInfo call)
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

static void
set_slot(FsCalled *called, uint32 row)
{
	TupleTableSlot *slot = called->in.slot;
	ExprContext *econtext = called->in.parent->ps_ExprContext;
	int			att = -1;

	ExecClearTuple(slot);
	while ((att = bms_next_member(called->atts, att)) >= 0)
	{
		slot->tts_values[att] = called->isnull[att][row] ? (Datum) 0
			: called->values[att][row];
		slot->tts_isnull[att] = called->isnull[att][row];
	}
	ExecStoreVirtualTuple(slot);
	ResetExprContext(econtext);
	econtext->ecxt_scantuple = slot;
}

static Datum
cast_to_float(Oid cast, Datum value)
{
	return Float8GetDatum(cast == F_FLOAT8_INT8 ? (float8) DatumGetInt64(value)
						  : cast == F_FLOAT8_INT4 ? DatumGetInt32(value)
						  : DatumGetInt16(value));
}

static void
set_values(FsCalled *called, uint32 row)
{
	if (called->has_expressions)
		set_slot(called, row);
	for (int i = 0; i < called->nargs; i++)
	{
		const Argument *arg = &called->args[i];
		NullableDatum *value = &called->call->args[i + 1];

		if (arg->state != NULL)
			value->value =
				ExecEvalExprSwitchContext(arg->state,
										  called->in.parent->ps_ExprContext,
										  &value->isnull);
		else if (arg->att >= 0)
		{
			value->isnull = called->isnull[arg->att][row];
			value->value = value->isnull ? (Datum) 0
				: called->values[arg->att][row];
			if (arg->cast != InvalidOid && !value->isnull)
				value->value = cast_to_float(arg->cast, value->value);
		}
	}
}

/* Add values[m], none of them NULL, as the only argument that varies. */
static void
add_values(FsCalled *called, const Datum *values, const uint32 *g, uint32 m)
{
	if (called->batch != NULL)
	{
		called->batch(called->call, called->states, g, values, m);
		MemoryContextReset(called->row_cxt);
		return;
	}
	called->call->args[1].isnull = false;
	for (uint32 i = 0; i < m; i++)
	{
		called->call->args[1].value = values[i];
		change_state(called, &called->states[g[i]], called->call);
		MemoryContextReset(called->row_cxt);
	}
}

/* Values that groups were perhaps not given yet. */
static void
add_set(FsCalled *called, const uint32 *g)
{
	const FsVector *vec = called->vector;
	int			att = called->args[0].att;
	const FsTypeMap *map = fs_scan_typemap(called->scan, att);
	Datum		values[FS_VECTOR_ROWS];
	uint32		groups[FS_VECTOR_ROWS];
	uint16		places[FS_VECTOR_ROWS];
	uint32		n = fs_seen_fresh(called->seen, called->scan, att, vec,
								  called->rows, g, called->m, places);

	for (uint32 i = 0; i < n; i++)
	{
		uint32		row = called->rows[places[i]];

		groups[i] = g[places[i]];
		values[i] = vec->dict_n > 0 ? called->dict[vec->codes[row]]
			: fs_typemap_from_int(map, vec->ints[row]);
	}
	add_values(called, values, groups, n);
}

/* Values of a column. */
static void
add_column(FsCalled *called, const uint32 *g)
{
	const Argument *arg = &called->args[0];
	Datum		values[FS_VECTOR_ROWS];
	uint32		groups[FS_VECTOR_ROWS];
	uint32		n = 0;

	for (uint32 i = 0; i < called->m; i++)
	{
		uint32		row = called->rows[i];

		if (called->isnull[arg->att][row])
			continue;
		groups[n] = g[i];
		values[n++] = called->values[arg->att][row];
	}
	for (uint32 i = 0; arg->cast != InvalidOid && i < n; i++)
		values[i] = cast_to_float(arg->cast, values[i]);
	add_values(called, values, groups, n);
}

void
fs_called_add(FsCalled *called, const uint32 *g, uint32 ngroups)
{
	MemoryContext old;

	make_room(called, ngroups);
	old = MemoryContextSwitchTo(called->row_cxt);
	if (called->vector != NULL)
		add_set(called, g);
	else if (called->batch != NULL)
		add_column(called, g);
	else
		for (uint32 i = 0; i < called->m; i++)
		{
			set_values(called, called->rows[i]);
			change_state(called, &called->states[g[i]], called->call);
			MemoryContextReset(called->row_cxt);
		}
	MemoryContextSwitchTo(old);
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

Datum
fs_called_result(FsCalled *called, uint32 group, bool *isnull)
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

/* Whether there is a state; its bytes, as long as it is or with a length. */
void
fs_called_put(FsCalled *called, uint32 group, StringInfo out)
{
	uint8		has = group < called->cap && !called->states[group].isnull;
	Datum		state;
	uint32		len;
	bool		isnull = false;

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
fs_called_put_none(StringInfo out)
{
	uint8		has = 0;

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

	make_room(called, ngroups);
	if (*fs_record_take(record, 1) == 0)
		return;
	old = MemoryContextSwitchTo(called->row_cxt);
	InitFunctionCallInfoData(*fcinfo, &called->combine, 2,
							 called->agg->inputcollid,
							 (fmNodePtr) called->context, NULL);
	fcinfo->args[1].value = read_state(called, record);
	fcinfo->args[1].isnull = false;
	change_state(called, &called->states[group], fcinfo);
	MemoryContextSwitchTo(old);
	MemoryContextReset(called->row_cxt);
}

Size
fs_called_bytes(const FsCalled *called)
{
	return MemoryContextMemAllocated(state_cxt(called), true) +
		(Size) called->cap * sizeof(NullableDatum);
}

void
fs_called_reset(FsCalled *called)
{
	FsAllocator *allocator = called->in.allocator;

	ResetExprContext(called->context->curaggcontext);
	if (called->states != NULL)
		allocator->release(allocator, called->states);
	called->states = NULL;
	called->cap = 0;
	called->vector = NULL;
	if (called->seen != NULL)
		fs_seen_reset(called->seen);
}
