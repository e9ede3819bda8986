/*-------------------------------------------------------------------------
 *
 * flow.hist and flow.log2_hist: how many values are in each bucket; and
 * flow.byte_entropy, which is of such counts of bytes.
 *
 * The state is the result, an array of bigint, changed in place.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/int.h"
#include "fmgr.h"
#include "port/pg_bitutils.h"
#include "utils/array.h"
#include "utils/fmgrprotos.h"

#include "compat.h"
#include "vector/entropy.h"

PG_FUNCTION_INFO_V1(fs_hist_step);
PG_FUNCTION_INFO_V1(fs_hist_log2_step);
PG_FUNCTION_INFO_V1(fs_hist_add);
PG_FUNCTION_INFO_V1(fs_hist_byte_entropy);

#define MAX_BUCKETS		100000

/* below 1, and one for each bit that may be the highest */
#define LOG2_BUCKETS	64

static int64 *
counts_of(ArrayType *array)
{
	return (int64 *) ARR_DATA_PTR(array);
}

static ArrayType *
create(MemoryContext context, int n)
{
	Size		size = ARR_OVERHEAD_NONULLS(1) + n * sizeof(int64);
	ArrayType  *array = MemoryContextAllocZero(context, size);

	SET_VARSIZE(array, size);
	array->ndim = 1;
	array->dataoffset = 0;
	array->elemtype = INT8OID;
	ARR_DIMS(array)[0] = n;
	ARR_LBOUND(array)[0] = 1;
	return array;
}

static void
check_array(ArrayType *array)
{
	if (ARR_NDIM(array) != 1 || ARR_LBOUND(array)[0] != 1 ||
		array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("histogram must be an array of one dimension without nulls"),
				 errdetail("Its first element must have number 1.")));
}

/* The state in argument 0, of n counts, made if there is none. */
static ArrayType *
get_state(FunctionCallInfo fcinfo, int n)
{
	MemoryContext context;
	ArrayType  *state;

	if (!AggCheckCallContext(fcinfo, &context))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("aggregate function called in non-aggregate context")));
	if (PG_ARGISNULL(0))
		return create(context, n);
	/* an aggregate of somebody else can begin with any array */
	state = PG_GETARG_ARRAYTYPE_P(0);
	check_array(state);
	if (ARR_DIMS(state)[0] != n)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of buckets must be the same for all rows of a group"),
				 errdetail("It is %d in one row and %d in another.",
						   ARR_DIMS(state)[0] - 2, n - 2)));
	return state;
}

static Datum
return_state(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return PG_GETARG_DATUM(0);
}

Datum
fs_hist_step(PG_FUNCTION_ARGS)
{
	ArrayType  *state;
	int32		n;
	int32		bucket;

	for (int i = 2; i <= 4; i++)
		if (PG_ARGISNULL(i))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("bounds and number of buckets must not be null")));
	n = PG_GETARG_INT32(4);
	if (n < 1 || n > MAX_BUCKETS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of buckets %d is out of range", n),
				 errdetail("Valid values are between %d and %d.", 1,
						   MAX_BUCKETS)));
	if (PG_ARGISNULL(1))
		return return_state(fcinfo);
	state = get_state(fcinfo, n + 2);
	bucket = DatumGetInt32(DirectFunctionCall4(width_bucket_float8,
											   PG_GETARG_DATUM(1),
											   PG_GETARG_DATUM(2),
											   PG_GETARG_DATUM(3),
											   Int32GetDatum(n)));
	counts_of(state)[bucket]++;
	PG_RETURN_ARRAYTYPE_P(state);
}

Datum
fs_hist_log2_step(PG_FUNCTION_ARGS)
{
	ArrayType  *state;
	int64		value;

	if (PG_ARGISNULL(1))
		return return_state(fcinfo);
	state = get_state(fcinfo, LOG2_BUCKETS);
	value = PG_GETARG_INT64(1);
	counts_of(state)[value < 1 ? 0 : 1 + pg_leftmost_one_pos64(value)]++;
	PG_RETURN_ARRAYTYPE_P(state);
}

/* Adds argument 1 to argument 0, in place if that is an aggregate's state. */
Datum
fs_hist_add(PG_FUNCTION_ARGS)
{
	MemoryContext context = CurrentMemoryContext;
	bool		is_aggregate = AggCheckCallContext(fcinfo, &context) != 0;
	ArrayType  *a = PG_GETARG_ARRAYTYPE_P(0);
	ArrayType  *b = PG_GETARG_ARRAYTYPE_P(1);
	ArrayType  *sum = a;
	int			n;

	check_array(a);
	check_array(b);
	n = ARR_DIMS(a)[0];
	if (ARR_DIMS(b)[0] != n)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("histograms of %d and %d elements cannot be added",
						n, ARR_DIMS(b)[0])));
	if (!is_aggregate)
	{
		sum = create(CurrentMemoryContext, n);
		memcpy(counts_of(sum), counts_of(a), n * sizeof(int64));
	}
	for (int i = 0; i < n; i++)
		if (pg_add_s64_overflow(counts_of(sum)[i], counts_of(b)[i],
								&counts_of(sum)[i]))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("bigint out of range")));
	PG_RETURN_ARRAYTYPE_P(sum);
}

Datum
fs_hist_byte_entropy(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	const uint8 *p = (const uint8 *) VARDATA_ANY(bytes);
	int64		counts[256] = {0};
	uint32		nvalues;

	if (VARSIZE_ANY_EXHDR(bytes) == 0)
		PG_RETURN_NULL();
	for (Size i = 0; i < VARSIZE_ANY_EXHDR(bytes); i++)
		counts[p[i]]++;
	PG_RETURN_FLOAT8(fs_entropy_of_weights(counts, 256, &nvalues));
}
