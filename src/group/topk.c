/*-------------------------------------------------------------------------
 *
 * Results of flow.topk and flow.topk_values.
 *
 * Values that weigh less than the last that is wanted are left out here; the
 * rest is given to the aggregate's own functions.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_aggregate.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "lib/binaryheap.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_agg.h"
#include "parser/parse_func.h"
#include "utils/syscache.h"

#include "group/accumulator.h"
#include "group/topk.h"

/* values between two looks for interrupts */
#define SLICE	4096

struct FsTopk
{
	const Aggref *agg;
	int32		limit;
	FmgrInfo	step;			/* flow.topk_step(state, value, n, weight) */
	FmgrInfo	final;
	int			nfinal;			/* arguments of it */
	AggState   *context;		/* in which states live */
};

/* flow.topk_step() with a weight of type bigint. */
static void
find_step(FsTopk *topk, Oid type)
{
	Oid			wanted[4] = {INTERNALOID, ANYELEMENTOID, INT4OID, INT8OID};
	Oid			inputs[3] = {type, INT4OID, INT8OID};
	List	   *name = list_make2(makeString("flow"), makeString("topk_step"));
	Oid			function = LookupFuncName(name, 4, wanted, false);
	Expr	   *expr;

	build_aggregate_transfn_expr(inputs, 3, 0, false, INTERNALOID,
								 topk->agg->inputcollid, function, InvalidOid,
								 &expr, NULL);
	fmgr_info(function, &topk->step);
	fmgr_info_set_expr((Node *) expr, &topk->step);
}

static void
find_final(FsTopk *topk)
{
	HeapTuple	tuple = SearchSysCache1(AGGFNOID,
										ObjectIdGetDatum(topk->agg->aggfnoid));
	Oid			inputs[FUNC_MAX_ARGS];
	Form_pg_aggregate form;
	Oid			function;
	Expr	   *expr;
	ListCell   *lc;
	int			n = 0;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for aggregate %u",
			 topk->agg->aggfnoid);
	form = (Form_pg_aggregate) GETSTRUCT(tuple);
	function = form->aggfinalfn;
	topk->nfinal = form->aggfinalextra ? 1 + list_length(topk->agg->args) : 1;
	ReleaseSysCache(tuple);
	foreach(lc, topk->agg->aggargtypes)
		inputs[n++] = lfirst_oid(lc);
	build_aggregate_finalfn_expr(inputs, topk->nfinal, INTERNALOID,
								 topk->agg->aggtype, topk->agg->inputcollid,
								 function, &expr);
	fmgr_info(function, &topk->final);
	fmgr_info_set_expr((Node *) expr, &topk->final);
}

FsTopk *
fs_topk_create(const Aggref *agg)
{
	FsTopk	   *topk = palloc0(sizeof(FsTopk));
	Expr	   *limit = lsecond_node(TargetEntry, agg->args)->expr;

	topk->agg = agg;
	topk->limit = DatumGetInt32(castNode(Const, limit)->constvalue);
	topk->context = makeNode(AggState);
	topk->context->curaggcontext = CreateStandaloneExprContext();
	find_step(topk, linitial_oid(agg->aggargtypes));
	find_final(topk);
	return topk;
}

/* The lightest on top of the heap. */
static int
by_weight(Datum a, Datum b, void *arg)
{
	int64		x = DatumGetInt64(a);
	int64		y = DatumGetInt64(b);

	return x < y ? 1 : x > y ? -1 : 0;
}

/* The least weight among the first of weights[n]; of 0 there is no value. */
static int64
least_wanted(const int64 *weights, uint32 n, uint32 limit)
{
	binaryheap *heap;
	int64		least;

	if (n <= limit)
		return 1;
	heap = binaryheap_allocate((int) limit, by_weight, NULL);
	for (uint32 i = 0; i < limit; i++)
		binaryheap_add_unordered(heap, Int64GetDatum(weights[i]));
	binaryheap_build(heap);
	for (uint32 i = limit; i < n; i++)
	{
		if (i % SLICE == 0)
			CHECK_FOR_INTERRUPTS();
		if (weights[i] > DatumGetInt64(binaryheap_first(heap)))
			binaryheap_replace_first(heap, Int64GetDatum(weights[i]));
	}
	least = Max(DatumGetInt64(binaryheap_first(heap)), 1);
	binaryheap_free(heap);
	return least;
}

static Datum
call(FsTopk *topk, FmgrInfo *function, int nargs, const NullableDatum *args,
	 bool *isnull)
{
	LOCAL_FCINFO(fcinfo, FUNC_MAX_ARGS);
	Datum		result;

	InitFunctionCallInfoData(*fcinfo, function, nargs,
							 topk->agg->inputcollid,
							 (fmNodePtr) topk->context, NULL);
	memcpy(fcinfo->args, args, sizeof(NullableDatum) * nargs);
	result = FunctionCallInvoke(fcinfo);
	*isnull = fcinfo->isnull;
	return result;
}

Datum
fs_topk_result(FsTopk *topk, const FsColumnKey *values, const uint32 *ids,
			   const int64 *weights, uint32 n, bool *isnull)
{
	NullableDatum args[FUNC_MAX_ARGS];
	int64		least = least_wanted(weights, n, (uint32) topk->limit);
	Datum		result;

	for (int i = 0; i < lengthof(args); i++)
	{
		args[i].value = (Datum) 0;
		args[i].isnull = true;
	}
	for (uint32 i = 0; i < n; i++)
	{
		if (i % SLICE == 0)
			CHECK_FOR_INTERRUPTS();
		if (weights[i] < least)
			continue;
		args[1].value = fs_columnkey_value(values, ids[i], &args[1].isnull);
		args[2].value = Int32GetDatum(topk->limit);
		args[3].value = Int64GetDatum(weights[i]);
		args[2].isnull = args[3].isnull = false;
		args[0].value = call(topk, &topk->step, 4, args, &args[0].isnull);
	}
	*isnull = args[0].isnull;
	if (*isnull)
		return (Datum) 0;
	for (int i = 1; i < topk->nfinal; i++)
		args[i].isnull = true;
	result = call(topk, &topk->final, topk->nfinal, args, isnull);
	ResetExprContext(topk->context->curaggcontext);
	return result;
}
