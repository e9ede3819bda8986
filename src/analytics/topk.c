/*-------------------------------------------------------------------------
 *
 * flow.topk and flow.topk_values: the n values with the largest weight.
 *
 * Exact: all distinct values are counted, and the best n are picked at the
 * end.  Ties go to the smaller value, by the default order of its type, so
 * the answer is the same for every plan.
 *
 * Picking keeps a buffer of twice n: when it is full it is sorted and its
 * worse half dropped, and what is not better than the n-th is not let in.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/shortest_dec.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "compat.h"
#include "analytics/aggregate.h"
#include "analytics/topjson.h"

PG_FUNCTION_INFO_V1(fs_topk_step);
PG_FUNCTION_INFO_V1(fs_topk_step_int);
PG_FUNCTION_INFO_V1(fs_topk_step_float);
PG_FUNCTION_INFO_V1(fs_topk_final);
PG_FUNCTION_INFO_V1(fs_topk_values_final);

#define MAX_LIMIT		1000000

typedef struct Top
{
	const FsCounts *counts;
	uint64		limit;
	uint64		n;
	FsCount    *best;			/* [2 * limit], the first n in use */
	bool		is_full;		/* best[limit - 1] is the n-th best so far */
} Top;

/* Sets or checks the state's limit from argument 2. */
static void
check_limit(FunctionCallInfo fcinfo, FsCounts *counts)
{
	int32		limit = PG_ARGISNULL(2) ? 0 : PG_GETARG_INT32(2);

	if (limit == counts->limit && limit > 0)
		return;
	if (PG_ARGISNULL(2))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("number of top values must not be null")));
	if (limit < 1 || limit > MAX_LIMIT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of top values %d is out of range", limit),
				 errdetail("Valid values are between %d and %d.", 1, MAX_LIMIT)));
	fs_aggregate_check_limit(counts->limit, limit);
	fs_value_type_require_order(counts->type);
	counts->limit = limit;
}

/* Larger weight first, then smaller value. */
static int
compare_counts(const void *a, const void *b, void *arg)
{
	const FsCounts *counts = arg;
	const FsCount *ca = a;
	const FsCount *cb = b;

	/* a sort of two million may take seconds, and leaves nothing behind */
	CHECK_FOR_INTERRUPTS();
	if (ca->weight.bits == cb->weight.bits)
		return fs_value_compare(counts->type, ca->key, cb->key);
	if (counts->has_float_weights)
		return ca->weight.f > cb->weight.f ? -1 : 1;
	return ca->weight.i > cb->weight.i ? -1 : 1;
}

static void
top_sort(Top *top)
{
	qsort_arg(top->best, top->n, sizeof(FsCount), compare_counts,
			  (void *) top->counts);
	top->n = Min(top->n, top->limit);
}

static void
top_add(Top *top, const FsCount *count)
{
	if (top->is_full &&
		compare_counts(count, &top->best[top->limit - 1],
					   (void *) top->counts) > 0)
		return;
	if (top->n == 2 * top->limit)
	{
		top_sort(top);
		top->is_full = true;
	}
	top->best[top->n++] = *count;
}

static Top
pick_top(const FsCounts *counts)
{
	Top			top = {0};
	uint64		pos = 0;
	const FsCount *count;

	top.counts = counts;
	top.limit = Min((uint64) counts->limit, counts->n);
	top.best = palloc(2 * top.limit * sizeof(FsCount));
	while ((count = fs_counts_next(counts, &pos)) != NULL)
		top_add(&top, count);
	top_sort(&top);
	return top;
}

/* float8_numeric() would round to 15 digits. */
static Numeric
float8_digits(float8 f)
{
	char		digits[DOUBLE_SHORTEST_DECIMAL_LEN];

	double_to_shortest_decimal_buf(f, digits);
	return DatumGetNumeric(DirectFunctionCall3(numeric_in,
											   CStringGetDatum(digits),
											   ObjectIdGetDatum(InvalidOid),
											   Int32GetDatum(-1)));
}

static void
push_weight(JsonbParseState **state, const FsCounts *counts,
			const FsCount *count)
{
	JsonbValue	value;

	value.type = jbvNumeric;
	value.val.numeric = counts->has_float_weights ?
		float8_digits(count->weight.f) : int64_to_numeric(count->weight.i);
	pushJsonbValue(state, WJB_VALUE, &value);
}

static Datum
step(FunctionCallInfo fcinfo, bool has_float_weights, int weight_arg)
{
	FsCounts   *counts = fs_aggregate_state(fcinfo, has_float_weights);

	check_limit(fcinfo, counts);
	fs_aggregate_add(fcinfo, counts, weight_arg);
	PG_RETURN_POINTER(counts);
}

Datum
fs_topk_step(PG_FUNCTION_ARGS)
{
	return step(fcinfo, false, 0);
}

Datum
fs_topk_step_int(PG_FUNCTION_ARGS)
{
	return step(fcinfo, false, 3);
}

Datum
fs_topk_step_float(PG_FUNCTION_ARGS)
{
	return step(fcinfo, true, 3);
}

Datum
fs_topk_final(PG_FUNCTION_ARGS)
{
	const FsCounts *counts = (const FsCounts *) PG_GETARG_POINTER(0);
	JsonbParseState *state = NULL;
	FmgrInfo	to_jsonb;
	Top			top;
	uint64		i;

	if (counts->n == 0)
		PG_RETURN_NULL();

	top = pick_top(counts);
	fs_topjson_prepare(&to_jsonb, counts->type->typid);
	pushJsonbValue(&state, WJB_BEGIN_ARRAY, NULL);
	for (i = 0; i < top.n; i++)
	{
		FsValueBuffer buf;
		Datum		datum = fs_value_datum(counts->type, top.best[i].key, &buf);

		CHECK_FOR_INTERRUPTS();
		pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
		fs_topjson_push_key(&state, "value");
		fs_topjson_push_value(&state, DatumGetJsonbP(FunctionCall1(&to_jsonb, datum)));
		fs_topjson_push_key(&state, "weight");
		push_weight(&state, counts, &top.best[i]);
		pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	}
	PG_RETURN_JSONB_P(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_ARRAY,
													   NULL)));
}

Datum
fs_topk_values_final(PG_FUNCTION_ARGS)
{
	const FsCounts *counts;
	const FsValueType *type;
	Top			top;
	FsValueBuffer *bufs;
	Datum	   *datums;
	uint64		i;

	/* called with extra NULL arguments, so it is not strict */
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	counts = (const FsCounts *) PG_GETARG_POINTER(0);
	if (counts->n == 0)
		PG_RETURN_NULL();

	type = counts->type;
	top = pick_top(counts);
	datums = palloc(top.n * sizeof(Datum));
	bufs = palloc(top.n * sizeof(FsValueBuffer));
	for (i = 0; i < top.n; i++)
		datums[i] = fs_value_datum(type, top.best[i].key, &bufs[i]);
	PG_RETURN_ARRAYTYPE_P(construct_array(datums, top.n, type->typid,
										  type->typlen, type->typbyval,
										  type->typalign));
}
