/*-------------------------------------------------------------------------
 *
 * What the aggregates over counts have in common.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "analytics/aggregate.h"
#include "analytics/counts_bytes.h"

PG_FUNCTION_INFO_V1(fs_aggregate_combine);
PG_FUNCTION_INFO_V1(fs_aggregate_serialize);
PG_FUNCTION_INFO_V1(fs_aggregate_deserialize);

static MemoryContext
aggregate_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "aggregate function called in non-aggregate context");
	return context;
}

FsCounts *
fs_aggregate_state(FunctionCallInfo fcinfo, bool has_float_weights)
{
	MemoryContext context;
	Oid			typid;

	if (!PG_ARGISNULL(0))
		return (FsCounts *) PG_GETARG_POINTER(0);

	context = aggregate_context(fcinfo);
	typid = get_fn_expr_argtype(fcinfo->flinfo, 1);
	if (!OidIsValid(typid))
		elog(ERROR, "could not determine the type of an aggregate's argument");
	return fs_counts_create(fs_value_type_of(fcinfo->flinfo, typid,
											 PG_GET_COLLATION()),
							has_float_weights, context);
}

void
fs_aggregate_add(FunctionCallInfo fcinfo, FsCounts *counts, int weight_arg)
{
	if (PG_ARGISNULL(1) || (weight_arg > 0 && PG_ARGISNULL(weight_arg)))
		return;
	if (counts->has_float_weights)
		fs_counts_add_float(counts, PG_GETARG_DATUM(1),
							PG_GETARG_FLOAT8(weight_arg));
	else
		fs_counts_add_int(counts, PG_GETARG_DATUM(1),
						  weight_arg == 0 ? 1 : PG_GETARG_INT64(weight_arg));
}

void
fs_aggregate_check_limit(int32 a, int32 b)
{
	if (a != 0 && b != 0 && a != b)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of top values must be the same for all rows of a group"),
				 errdetail("It is %d in one row and %d in another.", a, b)));
}

Datum
fs_aggregate_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	FsCounts   *dst = PG_ARGISNULL(0) ? NULL : (FsCounts *) PG_GETARG_POINTER(0);
	const FsCounts *src;

	if (PG_ARGISNULL(1))
	{
		if (dst == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(dst);
	}

	/* src lives in the memory of one row, so it cannot be taken over */
	src = (const FsCounts *) PG_GETARG_POINTER(1);
	if (dst == NULL)
		dst = fs_counts_create(src->type, src->has_float_weights, context);
	fs_aggregate_check_limit(dst->limit, src->limit);
	dst->limit = src->limit;
	fs_counts_merge(dst, src);
	PG_RETURN_POINTER(dst);
}

Datum
fs_aggregate_serialize(PG_FUNCTION_ARGS)
{
	(void) aggregate_context(fcinfo);
	PG_RETURN_BYTEA_P(fs_counts_bytes_encode((const FsCounts *)
											 PG_GETARG_POINTER(0)));
}

Datum
fs_aggregate_deserialize(PG_FUNCTION_ARGS)
{
	(void) aggregate_context(fcinfo);
	PG_RETURN_POINTER(fs_counts_bytes_decode(PG_GETARG_BYTEA_PP(0),
											 fcinfo->flinfo));
}
