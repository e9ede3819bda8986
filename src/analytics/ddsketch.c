/*-------------------------------------------------------------------------
 *
 * flow.ddsketch and flow.approx_percentile: the SQL face of vector/ddsketch.
 *
 * As in hll.c, a state is there from the first value on.  Between processes it
 * goes as the fractions that are asked for and the bytes of flow.ddsketch.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/array.h"

#include "compat.h"
#include "analytics/batches.h"
#include "analytics/sketch.h"
#include "group/called.h"
#include "vector/ddsketch.h"

PG_FUNCTION_INFO_V1(fs_dd_in);
PG_FUNCTION_INFO_V1(fs_dd_recv);
PG_FUNCTION_INFO_V1(fs_dd_step);
PG_FUNCTION_INFO_V1(fs_dd_step_fraction);
PG_FUNCTION_INFO_V1(fs_dd_step_fractions);
PG_FUNCTION_INFO_V1(fs_dd_merge_step);
PG_FUNCTION_INFO_V1(fs_dd_combine);
PG_FUNCTION_INFO_V1(fs_dd_serialize);
PG_FUNCTION_INFO_V1(fs_dd_deserialize);
PG_FUNCTION_INFO_V1(fs_dd_final);
PG_FUNCTION_INFO_V1(fs_dd_fraction_final);
PG_FUNCTION_INFO_V1(fs_dd_fractions_final);
PG_FUNCTION_INFO_V1(fs_dd_value_merge);
PG_FUNCTION_INFO_V1(fs_dd_value_percentile);
PG_FUNCTION_INFO_V1(fs_dd_value_percentiles);
PG_FUNCTION_INFO_V1(fs_dd_value_count);
PG_FUNCTION_INFO_V1(fs_dd_value_min);
PG_FUNCTION_INFO_V1(fs_dd_value_max);
PG_FUNCTION_INFO_V1(fs_dd_value_sum);

#define TYPE_NAME		"flow.ddsketch"
#define MAX_FRACTIONS	1000

typedef struct DdState
{
	FsDdSketch	sketch;
	FsAllocator allocator;
	int			nfractions;
	float8	   *fractions;		/* [nfractions] */
} DdState;

static DdState *
create(MemoryContext context)
{
	DdState    *state = MemoryContextAllocZero(context, sizeof(DdState));

	fs_sketch_allocator(&state->allocator, context);
	fs_dd_init(&state->sketch, &state->allocator);
	return state;
}

static DdState *
get_state(FunctionCallInfo fcinfo)
{
	return PG_ARGISNULL(0) ? create(fs_sketch_aggregate_context(fcinfo))
		: (DdState *) PG_GETARG_POINTER(0);
}

static Datum
return_state(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return PG_GETARG_DATUM(0);
}

static DdState *
decode_bytes(const char *bytes, uint32 len)
{
	DdState    *state = create(CurrentMemoryContext);
	const char *reason;

	if (!fs_dd_decode(&state->sketch, (const uint8 *) bytes, len, &reason))
		fs_sketch_report_damage(TYPE_NAME, reason);
	return state;
}

static DdState *
decode(bytea *value)
{
	return decode_bytes(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
}

static void
free_state(DdState *state)
{
	fs_dd_release(&state->sketch);
	pfree(state);
}

static bytea *
encode(const DdState *state)
{
	uint8	   *bytes = palloc(FS_DD_WORST_BYTES);
	bytea	   *value = fs_sketch_value(bytes,
										fs_dd_encode(&state->sketch, bytes));

	pfree(bytes);
	return value;
}

static bool
check(const uint8 *bytes, uint32 len, const char **reason)
{
	DdState    *state = create(CurrentMemoryContext);
	bool		is_good = fs_dd_decode(&state->sketch, bytes, len, reason);

	free_state(state);
	return is_good;
}

Datum
fs_dd_in(PG_FUNCTION_ARGS)
{
	return fs_sketch_in(fcinfo, TYPE_NAME, check);
}

Datum
fs_dd_recv(PG_FUNCTION_ARGS)
{
	return fs_sketch_recv(fcinfo, TYPE_NAME, check);
}

/* --- fractions ---------------------------------------------------------- */

static void
check_fraction(float8 fraction)
{
	if (!(fraction >= 0 && fraction <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("fraction %g is out of range", fraction),
				 errdetail("Valid values are between 0 and 1.")));
}

static void
report_null_fraction(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 errmsg("fraction must not be null")));
}

/* The elements of an array, checked. */
static float8 *
fractions_of(ArrayType *array, int *n)
{
	float8	   *fractions = (float8 *) ARR_DATA_PTR(array);

	if (ARR_HASNULL(array) && array_contains_nulls(array))
		report_null_fraction();
	*n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	if (ARR_NDIM(array) > 1 || *n > MAX_FRACTIONS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("array of fractions has too many dimensions or elements"),
				 errdetail("It may have one dimension and %d elements.",
						   MAX_FRACTIONS)));
	for (int i = 0; i < *n; i++)
		check_fraction(fractions[i]);
	return fractions;
}

/* All rows of a group ask for the same. */
static void
set_fractions(DdState *state, const float8 *fractions, int n)
{
	if (state->fractions != NULL)
	{
		if (state->nfractions == n &&
			memcmp(state->fractions, fractions, n * sizeof(float8)) == 0)
			return;
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("fractions must be the same for all rows of a group")));
	}
	for (int i = 0; i < n; i++)
		check_fraction(fractions[i]);
	state->fractions = MemoryContextAlloc(state->allocator.state,
										  Max(n, 1) * sizeof(float8));
	memcpy(state->fractions, fractions, n * sizeof(float8));
	state->nfractions = n;
}

/* --- aggregates --------------------------------------------------------- */

static void
add(DdState *state, float8 value)
{
	if (!isfinite(value))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("value %s cannot be put into a sketch",
						isnan(value) ? "NaN"
						: value > 0 ? "Infinity" : "-Infinity"),
				 errhint("Leave such values out by a FILTER clause.")));
	fs_dd_add(&state->sketch, value);
}

Datum
fs_dd_step(PG_FUNCTION_ARGS)
{
	DdState    *state;

	if (PG_ARGISNULL(1))
		return return_state(fcinfo);
	state = get_state(fcinfo);
	add(state, PG_GETARG_FLOAT8(1));
	PG_RETURN_POINTER(state);
}

Datum
fs_dd_step_fraction(PG_FUNCTION_ARGS)
{
	DdState    *state;
	float8		fraction;

	if (PG_ARGISNULL(2))
		report_null_fraction();
	if (PG_ARGISNULL(1))
		return return_state(fcinfo);
	state = get_state(fcinfo);
	fraction = PG_GETARG_FLOAT8(2);
	set_fractions(state, &fraction, 1);
	add(state, PG_GETARG_FLOAT8(1));
	PG_RETURN_POINTER(state);
}

Datum
fs_dd_step_fractions(PG_FUNCTION_ARGS)
{
	DdState    *state;
	float8	   *fractions;
	int			n;

	if (PG_ARGISNULL(2))
		report_null_fraction();
	if (PG_ARGISNULL(1))
		return return_state(fcinfo);
	state = get_state(fcinfo);
	fractions = fractions_of(PG_GETARG_ARRAYTYPE_P(2), &n);
	set_fractions(state, fractions, n);
	add(state, PG_GETARG_FLOAT8(1));
	PG_RETURN_POINTER(state);
}

/* The same for many rows; fractions NULL: none are asked for. */
static void
add_batch(FunctionCallInfo call, NullableDatum *states, const uint32 *g,
		  const Datum *values, uint32 m, const float8 *fractions, int n)
{
	for (uint32 i = 0; i < m; i++)
	{
		NullableDatum *slot = &states[g[i]];
		DdState    *state = (DdState *) DatumGetPointer(slot->value);

		if (slot->isnull)
		{
			state = create(fs_sketch_aggregate_context(call));
			slot->value = PointerGetDatum(state);
			slot->isnull = false;
			if (fractions != NULL)
				set_fractions(state, fractions, n);
		}
		add(state, DatumGetFloat8(values[i]));
	}
}

static void
step_batch(FunctionCallInfo call, NullableDatum *states, const uint32 *g,
		   const Datum *values, uint32 m)
{
	add_batch(call, states, g, values, m, NULL, 0);
}

static void
step_fraction_batch(FunctionCallInfo call, NullableDatum *states,
					const uint32 *g, const Datum *values, uint32 m)
{
	float8		fraction = DatumGetFloat8(call->args[2].value);

	add_batch(call, states, g, values, m, &fraction, 1);
}

static void
step_fractions_batch(FunctionCallInfo call, NullableDatum *states,
					 const uint32 *g, const Datum *values, uint32 m)
{
	ArrayType  *array = DatumGetArrayTypeP(call->args[2].value);
	int			n;
	float8	   *fractions;

	if (m == 0)
		return;
	fractions = fractions_of(array, &n);
	add_batch(call, states, g, values, m, fractions, n);
}

void
fs_dd_init_batches(void)
{
	fs_called_register(fs_dd_step, step_batch);
	fs_called_register(fs_dd_step_fraction, step_fraction_batch);
	fs_called_register(fs_dd_step_fractions, step_fractions_batch);
}

static void
merge(DdState *dst, const DdState *src)
{
	if (!fs_dd_merge(&dst->sketch, &src->sketch))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("number of values is out of range for type %s",
						"bigint")));
}

Datum
fs_dd_merge_step(PG_FUNCTION_ARGS)
{
	DdState    *state;
	DdState    *more;

	if (PG_ARGISNULL(1))
		return return_state(fcinfo);
	state = get_state(fcinfo);
	more = decode(PG_GETARG_BYTEA_PP(1));
	merge(state, more);
	free_state(more);
	PG_RETURN_POINTER(state);
}

Datum
fs_dd_combine(PG_FUNCTION_ARGS)
{
	DdState    *state;
	DdState    *more;

	if (PG_ARGISNULL(1))
		return return_state(fcinfo);
	state = get_state(fcinfo);
	more = (DdState *) PG_GETARG_POINTER(1);
	if (more->fractions != NULL)
		set_fractions(state, more->fractions, more->nfractions);
	merge(state, more);
	PG_RETURN_POINTER(state);
}

/* How many fractions, these, and the sketch. */
Datum
fs_dd_serialize(PG_FUNCTION_ARGS)
{
	DdState    *state = (DdState *) PG_GETARG_POINTER(0);
	bytea	   *sketch = encode(state);
	int32		n = state->fractions == NULL ? -1 : state->nfractions;
	Size		len = Max(n, 0) * sizeof(float8);
	bytea	   *result = palloc(VARSIZE(sketch) + sizeof(int32) + len);
	char	   *p = VARDATA(result);

	(void) fs_sketch_aggregate_context(fcinfo);
	SET_VARSIZE(result, VARSIZE(sketch) + sizeof(int32) + len);
	memcpy(p, &n, sizeof(int32));
	if (len > 0)
		memcpy(p + sizeof(int32), state->fractions, len);
	memcpy(p + sizeof(int32) + len, VARDATA(sketch),
		   VARSIZE(sketch) - VARHDRSZ);
	PG_RETURN_BYTEA_P(result);
}

Datum
fs_dd_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	char	   *p = VARDATA_ANY(bytes);
	Size		len = VARSIZE_ANY_EXHDR(bytes);
	Size		skip = sizeof(int32);
	DdState    *state;
	int32		n = 0;

	(void) fs_sketch_aggregate_context(fcinfo);
	if (len >= skip)
		memcpy(&n, p, sizeof(int32));
	if (len < skip || n > MAX_FRACTIONS ||
		len - skip < Max(n, 0) * sizeof(float8))
		fs_sketch_report_damage(TYPE_NAME, "it is too short");
	skip += Max(n, 0) * sizeof(float8);
	state = decode_bytes(p + skip, len - skip);
	if (n >= 0)
	{
		float8	   *fractions = palloc(skip);

		memcpy(fractions, p + sizeof(int32), skip - sizeof(int32));
		set_fractions(state, fractions, n);
	}
	PG_RETURN_POINTER(state);
}

Datum
fs_dd_final(PG_FUNCTION_ARGS)
{
	(void) fs_sketch_aggregate_context(fcinfo);
	PG_RETURN_BYTEA_P(encode((DdState *) PG_GETARG_POINTER(0)));
}

Datum
fs_dd_fraction_final(PG_FUNCTION_ARGS)
{
	DdState    *state = (DdState *) PG_GETARG_POINTER(0);

	(void) fs_sketch_aggregate_context(fcinfo);
	PG_RETURN_FLOAT8(fs_dd_quantile(&state->sketch, state->fractions[0]));
}

static Datum
quantiles(const FsDdSketch *sketch, const float8 *fractions, int n)
{
	Datum	   *values = palloc(Max(n, 1) * sizeof(Datum));

	for (int i = 0; i < n; i++)
		values[i] = Float8GetDatum(fs_dd_quantile(sketch, fractions[i]));
	return PointerGetDatum(construct_array(values, n, FLOAT8OID,
										   sizeof(float8), FLOAT8PASSBYVAL,
										   TYPALIGN_DOUBLE));
}

Datum
fs_dd_fractions_final(PG_FUNCTION_ARGS)
{
	DdState    *state = (DdState *) PG_GETARG_POINTER(0);

	(void) fs_sketch_aggregate_context(fcinfo);
	return quantiles(&state->sketch, state->fractions, state->nfractions);
}

/* --- functions of a sketch ---------------------------------------------- */

Datum
fs_dd_value_merge(PG_FUNCTION_ARGS)
{
	DdState    *state = decode(PG_GETARG_BYTEA_PP(0));

	merge(state, decode(PG_GETARG_BYTEA_PP(1)));
	PG_RETURN_BYTEA_P(encode(state));
}

Datum
fs_dd_value_percentile(PG_FUNCTION_ARGS)
{
	DdState    *state = decode(PG_GETARG_BYTEA_PP(0));
	float8		fraction = PG_GETARG_FLOAT8(1);

	check_fraction(fraction);
	if (state->sketch.n == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(fs_dd_quantile(&state->sketch, fraction));
}

Datum
fs_dd_value_percentiles(PG_FUNCTION_ARGS)
{
	DdState    *state = decode(PG_GETARG_BYTEA_PP(0));
	int			n;
	float8	   *fractions = fractions_of(PG_GETARG_ARRAYTYPE_P(1), &n);

	if (state->sketch.n == 0)
		PG_RETURN_NULL();
	return quantiles(&state->sketch, fractions, n);
}

Datum
fs_dd_value_count(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64((int64) decode(PG_GETARG_BYTEA_PP(0))->sketch.n);
}

Datum
fs_dd_value_min(PG_FUNCTION_ARGS)
{
	DdState    *state = decode(PG_GETARG_BYTEA_PP(0));

	if (state->sketch.n == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(state->sketch.min);
}

Datum
fs_dd_value_max(PG_FUNCTION_ARGS)
{
	DdState    *state = decode(PG_GETARG_BYTEA_PP(0));

	if (state->sketch.n == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(state->sketch.max);
}

Datum
fs_dd_value_sum(PG_FUNCTION_ARGS)
{
	DdState    *state = decode(PG_GETARG_BYTEA_PP(0));

	if (state->sketch.n == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(fs_dd_sum(&state->sketch));
}
