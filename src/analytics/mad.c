/*-------------------------------------------------------------------------
 *
 * flow.mad: the median of the absolute deviations from the median.
 *
 * All values are remembered: 8 bytes each, 16 while the array grows.
 *
 *	  1 1 2 2 4 6 9  ->  median 2, deviations 1 1 0 0 2 4 7, their median 1
 *
 * Source: Rousseeuw, Croux, JASA 88, 1993.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/memutils.h"

#include "compat.h"
#include "analytics/numbers.h"
#include "analytics/sketch.h"

PG_FUNCTION_INFO_V1(fs_mad_step);
PG_FUNCTION_INFO_V1(fs_mad_combine);
PG_FUNCTION_INFO_V1(fs_mad_serialize);
PG_FUNCTION_INFO_V1(fs_mad_deserialize);
PG_FUNCTION_INFO_V1(fs_mad_final);

typedef struct MadState
{
	size_t		n;
	size_t		cap;
	float8	   *values;			/* [cap], n in use */
} MadState;

static MadState *
get_state(FunctionCallInfo fcinfo)
{
	MemoryContext context = fs_sketch_aggregate_context(fcinfo);
	MadState   *state;

	if (!PG_ARGISNULL(0))
		return (MadState *) PG_GETARG_POINTER(0);
	state = MemoryContextAllocZero(context, sizeof(MadState));
	state->cap = 4;
	state->values = MemoryContextAlloc(context, state->cap * sizeof(float8));
	return state;
}

static void
reserve(MadState *state, size_t n)
{
	if (n <= state->cap)
		return;
	while (state->cap < n)
		state->cap *= 2;
	state->values = repalloc_huge(state->values, state->cap * sizeof(float8));
}

static Datum
return_state(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return PG_GETARG_DATUM(0);
}

Datum
fs_mad_step(PG_FUNCTION_ARGS)
{
	MadState   *state;

	if (PG_ARGISNULL(1))
		return return_state(fcinfo);
	state = get_state(fcinfo);
	reserve(state, state->n + 1);
	state->values[state->n++] = PG_GETARG_FLOAT8(1);
	PG_RETURN_POINTER(state);
}

Datum
fs_mad_combine(PG_FUNCTION_ARGS)
{
	MadState   *state;
	MadState   *more;

	if (PG_ARGISNULL(1))
		return return_state(fcinfo);
	state = get_state(fcinfo);
	more = (MadState *) PG_GETARG_POINTER(1);
	reserve(state, state->n + more->n);
	memcpy(state->values + state->n, more->values, more->n * sizeof(float8));
	state->n += more->n;
	PG_RETURN_POINTER(state);
}

Datum
fs_mad_serialize(PG_FUNCTION_ARGS)
{
	MadState   *state = (MadState *) PG_GETARG_POINTER(0);

	(void) fs_sketch_aggregate_context(fcinfo);
	if (state->n > (MaxAllocSize - VARHDRSZ) / sizeof(float8))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many values for one process of a parallel plan")));
	PG_RETURN_BYTEA_P(fs_sketch_value((uint8 *) state->values,
									  state->n * sizeof(float8)));
}

Datum
fs_mad_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	Size		len = VARSIZE_ANY_EXHDR(bytes);
	MadState   *state = palloc(sizeof(MadState));

	(void) fs_sketch_aggregate_context(fcinfo);
	state->values = palloc(Max(len, 1));
	memcpy(state->values, VARDATA_ANY(bytes), len);
	state->n = state->cap = len / sizeof(float8);
	PG_RETURN_POINTER(state);
}

Datum
fs_mad_final(PG_FUNCTION_ARGS)
{
	const MadState *state = (MadState *) PG_GETARG_POINTER(0);
	float8	   *values;

	(void) fs_sketch_aggregate_context(fcinfo);
	values = MemoryContextAllocHuge(CurrentMemoryContext,
									state->n * sizeof(float8));
	memcpy(values, state->values, state->n * sizeof(float8));
	fs_numbers_sort(values, state->n);
	PG_RETURN_FLOAT8(fs_numbers_mad(values, state->n,
									fs_numbers_percentile(values, state->n,
														  0.5)));
}
