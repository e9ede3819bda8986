/*-------------------------------------------------------------------------
 *
 * flow.topk_sketch and flow.approx_topk: the SQL face of heavy.
 *
 * flow.approx_topk(value, n) keeps CAPACITY_FACTOR times n values, at least
 * MIN_CAPACITY, so its error is below a thousandth of all weight.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "compat.h"
#include "analytics/heavy_bytes.h"
#include "analytics/sketch.h"
#include "analytics/topjson.h"

PG_FUNCTION_INFO_V1(fs_heavy_in);
PG_FUNCTION_INFO_V1(fs_heavy_recv);
PG_FUNCTION_INFO_V1(fs_heavy_top_step);
PG_FUNCTION_INFO_V1(fs_heavy_sketch_step);
PG_FUNCTION_INFO_V1(fs_heavy_merge_step);
PG_FUNCTION_INFO_V1(fs_heavy_combine);
PG_FUNCTION_INFO_V1(fs_heavy_serialize);
PG_FUNCTION_INFO_V1(fs_heavy_deserialize);
PG_FUNCTION_INFO_V1(fs_heavy_top_final);
PG_FUNCTION_INFO_V1(fs_heavy_sketch_final);
PG_FUNCTION_INFO_V1(fs_heavy_merge_final);
PG_FUNCTION_INFO_V1(fs_heavy_value_merge);
PG_FUNCTION_INFO_V1(fs_heavy_value_estimate);
PG_FUNCTION_INFO_V1(fs_heavy_value_total);
PG_FUNCTION_INFO_V1(fs_heavy_value_bound);

#define TYPE_NAME		"flow.topk_sketch"
#define CAPACITY_FACTOR	10
#define MIN_CAPACITY	1000
#define MAX_LIMIT		(FS_HEAVY_MAX_CAPACITY / CAPACITY_FACTOR)

typedef struct HeavyState
{
	FsHeavy    *heavy;
	int32		limit;			/* of flow.approx_topk, or the capacity */
} HeavyState;

static HeavyState *
create(const FsValueType *type, int32 capacity, int32 limit,
	   MemoryContext context)
{
	HeavyState *state = MemoryContextAlloc(context, sizeof(HeavyState));

	state->heavy = fs_heavy_create(type, capacity, context);
	state->limit = limit;
	return state;
}

static Datum
return_state(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return PG_GETARG_DATUM(0);
}

static FsHeavy *
decode(FunctionCallInfo fcinfo, int arg)
{
	bytea	   *value = PG_GETARG_BYTEA_PP(arg);
	const char *reason;
	FsHeavy    *heavy;

	heavy = fs_heavy_decode((const uint8 *) VARDATA_ANY(value),
							VARSIZE_ANY_EXHDR(value), fcinfo->flinfo, &reason);
	if (heavy == NULL)
		fs_sketch_report_damage(TYPE_NAME, reason);
	return heavy;
}

/* The label of an entry as it was before it was one. */
static Jsonb *
parse_label(Datum label)
{
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in,
											  CStringGetDatum(TextDatumGetCString(label))));
}

static bool
check(const uint8 *bytes, uint32 len, const char **reason)
{
	FmgrInfo	flinfo = {0};
	FsHeavy    *heavy;

	flinfo.fn_mcxt = CurrentMemoryContext;
	heavy = fs_heavy_decode(bytes, len, &flinfo, reason);
	for (uint32 i = 0; heavy != NULL && i < 1U << heavy->slot_bits; i++)
	{
		FsValueBuffer buf;

		CHECK_FOR_INTERRUPTS();
		if (heavy->slots[i].weight != 0)
			(void) parse_label(fs_value_datum(heavy->type,
											  heavy->slots[i].key, &buf));
	}
	return heavy != NULL;
}

Datum
fs_heavy_in(PG_FUNCTION_ARGS)
{
	return fs_sketch_in(fcinfo, TYPE_NAME, check);
}

Datum
fs_heavy_recv(PG_FUNCTION_ARGS)
{
	return fs_sketch_recv(fcinfo, TYPE_NAME, check);
}

/* --- aggregates --------------------------------------------------------- */

/* Argument 2: a number up to max, the same for all rows of a group. */
static int32
get_limit(FunctionCallInfo fcinfo, const char *what, int32 max)
{
	int32		limit;

	if (PG_ARGISNULL(2))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be null", what)));
	limit = PG_GETARG_INT32(2);
	if (limit < 1 || limit > max)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s %d is out of range", what, limit),
				 errdetail("Valid values are between %d and %d.", 1, max)));
	return limit;
}

static void
check_same(const char *what, int32 a, int32 b)
{
	if (a != b)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be the same for all rows of a group", what),
				 errdetail("It is %d in one row and %d in another.", a, b)));
}

static Datum
step(FunctionCallInfo fcinfo, const char *what, int32 max, bool is_top)
{
	int32		limit = get_limit(fcinfo, what, max);
	bool		has_weight = PG_NARGS() > 3;
	HeavyState *state;

	if (PG_ARGISNULL(1) || (has_weight && PG_ARGISNULL(3)))
		return return_state(fcinfo);
	if (PG_ARGISNULL(0))
	{
		Oid			typid = get_fn_expr_argtype(fcinfo->flinfo, 1);
		int32		capacity = is_top ? Max(CAPACITY_FACTOR * limit,
											MIN_CAPACITY) : limit;

		state = create(fs_value_type_of(fcinfo->flinfo, typid,
										PG_GET_COLLATION()),
					   capacity, limit, fs_sketch_aggregate_context(fcinfo));
		if (is_top)
			fs_value_type_require_order(state->heavy->type);
	}
	else
		state = (HeavyState *) PG_GETARG_POINTER(0);
	check_same(what, state->limit, limit);
	fs_heavy_add(state->heavy, PG_GETARG_DATUM(1),
				 has_weight ? PG_GETARG_INT64(3) : 1);
	PG_RETURN_POINTER(state);
}

Datum
fs_heavy_top_step(PG_FUNCTION_ARGS)
{
	return step(fcinfo, "number of top values", MAX_LIMIT, true);
}

Datum
fs_heavy_sketch_step(PG_FUNCTION_ARGS)
{
	return step(fcinfo, "capacity", FS_HEAVY_MAX_CAPACITY, false);
}

Datum
fs_heavy_merge_step(PG_FUNCTION_ARGS)
{
	HeavyState *state;
	FsHeavy    *more;

	if (PG_ARGISNULL(1))
		return return_state(fcinfo);
	more = decode(fcinfo, 1);
	state = PG_ARGISNULL(0)
		? create(more->type, more->capacity, more->capacity,
				 fs_sketch_aggregate_context(fcinfo))
		: (HeavyState *) PG_GETARG_POINTER(0);
	check_same("capacity", state->heavy->capacity, more->capacity);
	fs_heavy_merge(state->heavy, more);
	PG_RETURN_POINTER(state);
}

Datum
fs_heavy_combine(PG_FUNCTION_ARGS)
{
	HeavyState *state;
	HeavyState *more;

	if (PG_ARGISNULL(1))
		return return_state(fcinfo);
	more = (HeavyState *) PG_GETARG_POINTER(1);
	state = PG_ARGISNULL(0)
		? create(more->heavy->type, more->heavy->capacity, more->limit,
				 fs_sketch_aggregate_context(fcinfo))
		: (HeavyState *) PG_GETARG_POINTER(0);
	check_same("number of top values or capacity", state->limit, more->limit);
	fs_heavy_merge(state->heavy, more->heavy);
	PG_RETURN_POINTER(state);
}

Datum
fs_heavy_serialize(PG_FUNCTION_ARGS)
{
	HeavyState *state = (HeavyState *) PG_GETARG_POINTER(0);

	(void) fs_sketch_aggregate_context(fcinfo);
	PG_RETURN_BYTEA_P(fs_heavy_serialize_values(state->heavy, state->limit));
}

Datum
fs_heavy_deserialize(PG_FUNCTION_ARGS)
{
	HeavyState *state = palloc(sizeof(HeavyState));

	(void) fs_sketch_aggregate_context(fcinfo);
	state->heavy = fs_heavy_deserialize_values(PG_GETARG_BYTEA_PP(0),
											   fcinfo->flinfo, &state->limit);
	PG_RETURN_POINTER(state);
}

/* --- results ------------------------------------------------------------ */

static void
push_number(JsonbParseState **json, const char *key, int64 number)
{
	JsonbValue	value;

	value.type = jbvNumeric;
	value.val.numeric = int64_to_numeric(number);
	fs_topjson_push_key(json, key);
	pushJsonbValue(json, WJB_VALUE, &value);
}

static int
compare_entries(const void *a, const void *b, void *arg)
{
	const FsHeavyEntry *x = a;
	const FsHeavyEntry *y = b;

	CHECK_FOR_INTERRUPTS();
	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return fs_value_compare(arg, x->key, y->key);
}

/* The first limit entries; NULL if there are none. */
static Jsonb *
top_of(const FsHeavy *heavy, int32 limit, bool has_labels)
{
	FsHeavyEntry *entries = fs_heavy_sorted(heavy);
	JsonbParseState *json = NULL;
	FmgrInfo	to_jsonb;

	if (heavy->n == 0)
		return NULL;
	qsort_arg(entries, heavy->n, sizeof(FsHeavyEntry), compare_entries,
			  (void *) heavy->type);
	if (!has_labels)
		fs_topjson_prepare(&to_jsonb, heavy->type->typid);
	pushJsonbValue(&json, WJB_BEGIN_ARRAY, NULL);
	for (uint32 i = 0; i < Min(heavy->n, (uint32) limit); i++)
	{
		FsValueBuffer buf;
		Datum		datum = fs_value_datum(heavy->type, entries[i].key, &buf);

		CHECK_FOR_INTERRUPTS();
		pushJsonbValue(&json, WJB_BEGIN_OBJECT, NULL);
		fs_topjson_push_key(&json, "value");
		fs_topjson_push_value(&json, has_labels ? parse_label(datum)
							  : DatumGetJsonbP(FunctionCall1(&to_jsonb, datum)));
		push_number(&json, "weight", entries[i].weight);
		push_number(&json, "error", entries[i].error);
		push_number(&json, "bound", heavy->bound);
		pushJsonbValue(&json, WJB_END_OBJECT, NULL);
	}
	return JsonbValueToJsonb(pushJsonbValue(&json, WJB_END_ARRAY, NULL));
}

static Datum
return_top(FunctionCallInfo fcinfo, Jsonb *top)
{
	if (top == NULL)
		PG_RETURN_NULL();
	PG_RETURN_JSONB_P(top);
}

Datum
fs_heavy_top_final(PG_FUNCTION_ARGS)
{
	HeavyState *state = (HeavyState *) PG_GETARG_POINTER(0);

	(void) fs_sketch_aggregate_context(fcinfo);
	return return_top(fcinfo, top_of(state->heavy, state->limit, false));
}

Datum
fs_heavy_sketch_final(PG_FUNCTION_ARGS)
{
	(void) fs_sketch_aggregate_context(fcinfo);
	PG_RETURN_BYTEA_P(fs_heavy_encode(((HeavyState *) PG_GETARG_POINTER(0))->heavy,
									  false));
}

Datum
fs_heavy_merge_final(PG_FUNCTION_ARGS)
{
	(void) fs_sketch_aggregate_context(fcinfo);
	PG_RETURN_BYTEA_P(fs_heavy_encode(((HeavyState *) PG_GETARG_POINTER(0))->heavy,
									  true));
}

Datum
fs_heavy_value_merge(PG_FUNCTION_ARGS)
{
	FsHeavy    *heavy = decode(fcinfo, 0);
	FsHeavy    *more = decode(fcinfo, 1);

	if (heavy->capacity != more->capacity)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("sketches of capacities %d and %d cannot be merged",
						heavy->capacity, more->capacity)));
	fs_heavy_merge(heavy, more);
	PG_RETURN_BYTEA_P(fs_heavy_encode(heavy, true));
}

Datum
fs_heavy_value_estimate(PG_FUNCTION_ARGS)
{
	int32		n = PG_GETARG_INT32(1);

	if (n < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of top values %d is out of range", n),
				 errdetail("It must be at least 1.")));
	return return_top(fcinfo, top_of(decode(fcinfo, 0), n, true));
}

Datum
fs_heavy_value_total(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(decode(fcinfo, 0)->total);
}

Datum
fs_heavy_value_bound(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(decode(fcinfo, 0)->bound);
}
