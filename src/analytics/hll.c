/*-------------------------------------------------------------------------
 *
 * flow.hll and flow.approx_distinct: the SQL face of vector/hll.
 *
 * A state is there from the first value on, so no value gives NULL, or 0 for
 * flow.approx_distinct, in every plan.  Between processes it goes as the bytes
 * of flow.hll.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"

#include "compat.h"
#include "analytics/batches.h"
#include "analytics/sketch.h"
#include "analytics/stable_hash.h"
#include "group/called.h"
#include "vector/hll.h"

PG_FUNCTION_INFO_V1(fs_hll_in);
PG_FUNCTION_INFO_V1(fs_hll_recv);
PG_FUNCTION_INFO_V1(fs_hll_step);
PG_FUNCTION_INFO_V1(fs_hll_merge_step);
PG_FUNCTION_INFO_V1(fs_hll_combine);
PG_FUNCTION_INFO_V1(fs_hll_serialize);
PG_FUNCTION_INFO_V1(fs_hll_deserialize);
PG_FUNCTION_INFO_V1(fs_hll_distinct_final);
PG_FUNCTION_INFO_V1(fs_hll_value_estimate);
PG_FUNCTION_INFO_V1(fs_hll_value_merge);

#define TYPE_NAME "flow.hll"

typedef struct HllState
{
	FsHll		hll;
	FsAllocator allocator;
	const FsValueType *type;	/* of rows; NULL: none came */
} HllState;

static HllState *
create(MemoryContext context)
{
	HllState   *state = MemoryContextAllocZero(context, sizeof(HllState));

	fs_sketch_allocator(&state->allocator, context);
	fs_hll_init(&state->hll, &state->allocator);
	return state;
}

/* The state in argument 0, made if there is none. */
static HllState *
get_state(FunctionCallInfo fcinfo)
{
	return PG_ARGISNULL(0) ? create(fs_sketch_aggregate_context(fcinfo))
		: (HllState *) PG_GETARG_POINTER(0);
}

static Datum
return_state(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return PG_GETARG_DATUM(0);
}

static HllState *
decode(bytea *value)
{
	HllState   *state = create(CurrentMemoryContext);
	const char *reason;

	if (!fs_hll_decode(&state->hll, (const uint8 *) VARDATA_ANY(value),
					   VARSIZE_ANY_EXHDR(value), &reason))
		fs_sketch_report_damage(TYPE_NAME, reason);
	return state;
}

static void
free_state(HllState *state)
{
	fs_hll_release(&state->hll);
	pfree(state);
}

static bytea *
encode(const HllState *state)
{
	uint8		bytes[FS_HLL_WORST_BYTES];

	return fs_sketch_value(bytes, fs_hll_encode(&state->hll, bytes));
}

static int64
estimate(const HllState *state)
{
	return (int64) rint(Min(fs_hll_estimate(&state->hll), 9e18));
}

static bool
check(const uint8 *bytes, uint32 len, const char **reason)
{
	HllState   *state = create(CurrentMemoryContext);
	bool		is_good = fs_hll_decode(&state->hll, bytes, len, reason);

	free_state(state);
	return is_good;
}

Datum
fs_hll_in(PG_FUNCTION_ARGS)
{
	return fs_sketch_in(fcinfo, TYPE_NAME, check);
}

Datum
fs_hll_recv(PG_FUNCTION_ARGS)
{
	return fs_sketch_recv(fcinfo, TYPE_NAME, check);
}

Datum
fs_hll_step(PG_FUNCTION_ARGS)
{
	HllState   *state;

	if (PG_ARGISNULL(1))
		return return_state(fcinfo);
	state = get_state(fcinfo);
	if (state->type == NULL)
		state->type = fs_value_type_of(fcinfo->flinfo,
									   get_fn_expr_argtype(fcinfo->flinfo, 1),
									   PG_GET_COLLATION());
	fs_hll_add(&state->hll, fs_stable_hash(state->type, PG_GETARG_DATUM(1)));
	PG_RETURN_POINTER(state);
}

/* The same for many rows. */
static void
step_batch(FunctionCallInfo call, NullableDatum *states, const uint32 *g,
		   const Datum *values, uint32 m)
{
	const FsValueType *type = NULL;

	if (m > 0)
		type = fs_value_type_of(call->flinfo,
								get_fn_expr_argtype(call->flinfo, 1),
								call->fncollation);
	for (uint32 i = 0; i < m; i++)
	{
		NullableDatum *slot = &states[g[i]];

		if (slot->isnull)
		{
			slot->value = PointerGetDatum(create(fs_sketch_aggregate_context(call)));
			slot->isnull = false;
		}
		fs_hll_add(&((HllState *) DatumGetPointer(slot->value))->hll,
				   fs_stable_hash(type, values[i]));
	}
}

void
fs_hll_init_batch(void)
{
	fs_called_register(fs_hll_step, step_batch);
}

Datum
fs_hll_merge_step(PG_FUNCTION_ARGS)
{
	HllState   *state;
	HllState   *more;

	if (PG_ARGISNULL(1))
		return return_state(fcinfo);
	state = get_state(fcinfo);
	more = decode(PG_GETARG_BYTEA_PP(1));
	fs_hll_merge(&state->hll, &more->hll);
	free_state(more);
	PG_RETURN_POINTER(state);
}

Datum
fs_hll_combine(PG_FUNCTION_ARGS)
{
	HllState   *state;

	if (PG_ARGISNULL(1))
		return return_state(fcinfo);
	state = get_state(fcinfo);
	fs_hll_merge(&state->hll, &((HllState *) PG_GETARG_POINTER(1))->hll);
	PG_RETURN_POINTER(state);
}

/* The final function of sketches, too. */
Datum
fs_hll_serialize(PG_FUNCTION_ARGS)
{
	(void) fs_sketch_aggregate_context(fcinfo);
	PG_RETURN_BYTEA_P(encode((HllState *) PG_GETARG_POINTER(0)));
}

Datum
fs_hll_deserialize(PG_FUNCTION_ARGS)
{
	(void) fs_sketch_aggregate_context(fcinfo);
	PG_RETURN_POINTER(decode(PG_GETARG_BYTEA_PP(0)));
}

Datum
fs_hll_distinct_final(PG_FUNCTION_ARGS)
{
	(void) fs_sketch_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_INT64(0);
	PG_RETURN_INT64(estimate((HllState *) PG_GETARG_POINTER(0)));
}

Datum
fs_hll_value_estimate(PG_FUNCTION_ARGS)
{
	HllState   *state = decode(PG_GETARG_BYTEA_PP(0));
	int64		result = estimate(state);

	free_state(state);
	PG_RETURN_INT64(result);
}

Datum
fs_hll_value_merge(PG_FUNCTION_ARGS)
{
	HllState   *state = decode(PG_GETARG_BYTEA_PP(0));
	HllState   *more = decode(PG_GETARG_BYTEA_PP(1));

	fs_hll_merge(&state->hll, &more->hll);
	PG_RETURN_BYTEA_P(encode(state));
}
