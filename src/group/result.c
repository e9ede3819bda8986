/*-------------------------------------------------------------------------
 *
 * The results of accumulators.
 *
 * They are those of PostgreSQL's own aggregates to the last digit: exact sums
 * are divided by its numeric division, and variances of integers are finished
 * by its final functions, from a transition state that its own
 * deserialization function makes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_aggregate.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "libpq/pqformat.h"
#include "nodes/execnodes.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
#include "utils/syscache.h"

#include "group/accstate.h"
#include "group/whole.h"

/* most digits to base 10000 of an integer of 192 bits */
#define MAX_DIGITS 15

/* An unsigned integer of 192 bits, to base 10000, most significant first. */
static int
to_digits(const FsUint192 *value, int16 *digits)
{
	uint32		words[6];
	int16		reversed[MAX_DIGITS];
	int			n = 0;

	for (int i = 0; i < 3; i++)
	{
		words[2 * i] = (uint32) value->word[i];
		words[2 * i + 1] = (uint32) (value->word[i] >> 32);
	}
	for (;;)
	{
		uint64		rest = 0;
		uint32		any = 0;

		for (int i = 5; i >= 0; i--)
		{
			uint64		part = (rest << 32) | words[i];

			words[i] = (uint32) (part / 10000);
			rest = part % 10000;
			any |= words[i];
		}
		reversed[n++] = (int16) rest;
		if (any == 0)
			break;
	}
	for (int i = 0; i < n; i++)
		digits[i] = reversed[n - 1 - i];
	return n;
}

/* Sign and absolute value of an integer of 128 bits. */
static bool
absolute(const FsInt128 *sum, FsUint192 *value)
{
	bool		is_negative = sum->high < 0;
	uint64		low = sum->low;
	uint64		high = (uint64) sum->high;

	if (is_negative)
	{
		low = ~low + 1;
		high = ~high + (low == 0);
	}
	value->word[0] = low;
	value->word[1] = high;
	value->word[2] = 0;
	return is_negative;
}

Datum
fs_whole_to_numeric(const FsInt128 *sum)
{
	int16		digits[MAX_DIGITS];
	FsUint192	value;
	StringInfoData text;
	int			n;

	if ((sum->high == 0 && (int64) sum->low >= 0) ||
		(sum->high == -1 && (int64) sum->low < 0))
		return NumericGetDatum(int64_to_numeric((int64) sum->low));
	initStringInfo(&text);
	if (absolute(sum, &value))
		appendStringInfoChar(&text, '-');
	n = to_digits(&value, digits);
	for (int i = 0; i < n; i++)
		appendStringInfo(&text, "%04d", digits[i]);
	return DirectFunctionCall3(numeric_in, CStringGetDatum(text.data),
							   ObjectIdGetDatum(InvalidOid),
							   Int32GetDatum(-1));
}

/* An integer as PostgreSQL's aggregates serialize it. */
static void
send_integer(StringInfo buf, const FsUint192 *value, bool is_negative)
{
	int16		digits[MAX_DIGITS];
	int			n = to_digits(value, digits);

	pq_sendint32(buf, n);
	pq_sendint32(buf, n - 1);	/* weight */
	pq_sendint32(buf, is_negative ? 0x4000 : 0);
	pq_sendint32(buf, 0);		/* scale */
	for (int i = 0; i < n; i++)
		pq_sendint16(buf, digits[i]);
}

/*
 * Finish a variance or standard deviation of integers by PostgreSQL's own
 * functions: its state has the number, the sum and the sum of squares.
 */
static Datum
finish_variance(FsAccumulator *acc, uint32 group, bool *isnull)
{
	HeapTuple	tuple = SearchSysCache1(AGGFNOID,
										ObjectIdGetDatum(acc->agg->aggfnoid));
	Form_pg_aggregate form;
	AggState   *context = makeNode(AggState);
	LOCAL_FCINFO(fcinfo, 2);
	FmgrInfo	function;
	StringInfoData buf;
	FsUint192	value;
	bool		is_negative;
	Datum		state;
	Oid			final;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for aggregate %u",
			 acc->agg->aggfnoid);
	form = (Form_pg_aggregate) GETSTRUCT(tuple);
	final = form->aggfinalfn;
	fmgr_info(form->aggdeserialfn, &function);
	ReleaseSysCache(tuple);

	pq_begintypsend(&buf);
	pq_sendint64(&buf, acc->counts[group]);
	is_negative = absolute(&acc->sums[group], &value);
	send_integer(&buf, &value, is_negative);
	send_integer(&buf, &acc->squares[group], false);
	if (acc->type == INT8OID)
	{
		pq_sendint32(&buf, 0);	/* largest scale, how many have it */
		pq_sendint64(&buf, acc->counts[group]);
		for (int i = 0; i < 3; i++)
			pq_sendint64(&buf, 0);	/* NaN, infinities */
	}
	context->curaggcontext = acc->in.parent->ps_ExprContext;
	InitFunctionCallInfoData(*fcinfo, &function, 2, InvalidOid,
							 (fmNodePtr) context, NULL);
	fcinfo->args[0].value = PointerGetDatum(pq_endtypsend(&buf));
	fcinfo->args[0].isnull = false;
	fcinfo->args[1].value = (Datum) 0;
	fcinfo->args[1].isnull = false;
	state = FunctionCallInvoke(fcinfo);

	fmgr_info(final, &function);
	InitFunctionCallInfoData(*fcinfo, &function, 1, InvalidOid,
							 (fmNodePtr) context, NULL);
	fcinfo->args[0].value = state;
	fcinfo->args[0].isnull = false;
	state = FunctionCallInvoke(fcinfo);
	*isnull = fcinfo->isnull;
	return state;
}

/* As float8_var_pop() and its like. */
static Datum
finish_float_variance(const FsAccumulator *acc, uint32 group, bool *isnull)
{
	double		n = (double) acc->counts[group];
	double		squares = acc->fsquares[group];

	switch (acc->agg->aggfnoid)
	{
		case F_VAR_POP_FLOAT4:
		case F_VAR_POP_FLOAT8:
			return Float8GetDatum(squares / n);
		case F_STDDEV_POP_FLOAT4:
		case F_STDDEV_POP_FLOAT8:
			return Float8GetDatum(sqrt(squares / n));
		default:
			break;
	}
	*isnull = n <= 1;
	if (*isnull)
		return (Datum) 0;
	switch (acc->agg->aggfnoid)
	{
		case F_STDDEV_FLOAT4:
		case F_STDDEV_FLOAT8:
		case F_STDDEV_SAMP_FLOAT4:
		case F_STDDEV_SAMP_FLOAT8:
			return Float8GetDatum(sqrt(squares / (n - 1)));
		default:
			return Float8GetDatum(squares / (n - 1));
	}
}

static Datum
best_of(const FsAccumulator *acc, uint32 group)
{
	switch (acc->type)
	{
		case INT2OID:
			return Int16GetDatum((int16) acc->best[group]);
		case INT4OID:
		case DATEOID:
			return Int32GetDatum((int32) acc->best[group]);
		case BOOLOID:
			return BoolGetDatum(acc->best[group] != 0);
		case FLOAT4OID:
			return Float4GetDatum((float4) acc->fsums[group]);
		case FLOAT8OID:
			return Float8GetDatum(acc->fsums[group]);
		default:
			return Int64GetDatum(acc->best[group]);
	}
}

static Datum
sum_of(const FsAccumulator *acc, uint32 group)
{
	switch (acc->type)
	{
		case FLOAT4OID:
			return Float4GetDatum((float4) acc->fsums[group]);
		case FLOAT8OID:
			return Float8GetDatum(acc->fsums[group]);
		case INT8OID:
			return fs_whole_to_numeric(&acc->sums[group]);
		default:
			return Int64GetDatum((int64) acc->sums[group].low);
	}
}

static bool
entropy_of(const FsAccumulator *acc, uint32 group, double *bits)
{
	return fs_entropy_of_group(acc->entropy, group, acc->n,
							   acc->kind == FS_AGG_ENTROPY_NORM, bits);
}

static Datum
topk_of(FsAccumulator *acc, uint32 group, bool *isnull)
{
	const uint32 *ids;
	const int64 *weights;
	uint32		n;

	fs_entropy_values(acc->entropy, group, acc->n, &ids, &weights, &n);
	return fs_topk_result(acc->topk, acc->values, ids, weights, n, isnull);
}

Datum
fs_accumulator_result(FsAccumulator *acc, uint32 group, bool *isnull)
{
	int64		count = fs_accumulator_count(acc, group);
	Datum		sum;

	*isnull = false;
	if (acc->kind <= FS_AGG_COUNT_DISTINCT)
		return Int64GetDatum(count);
	if (acc->kind == FS_AGG_TOPK)
		return topk_of(acc, group, isnull);
	if (acc->called != NULL)
		return fs_called_result(acc->called, group, isnull);
	if (acc->entropy != NULL)
	{
		double		bits = 0;

		*isnull = !entropy_of(acc, group, &bits);
		return *isnull ? (Datum) 0 : Float8GetDatum(bits);
	}
	*isnull = count == 0;
	if (*isnull)
		return (Datum) 0;
	switch (acc->kind)
	{
		case FS_AGG_SUM:
			return sum_of(acc, group);
		case FS_AGG_AVG:
			if (acc->is_float)
				return Float8GetDatum(acc->fsums[group] / (double) count);
			sum = fs_whole_to_numeric(&acc->sums[group]);
			return DirectFunctionCall2(numeric_div, sum,
									   NumericGetDatum(int64_to_numeric(count)));
		case FS_AGG_MIN:
		case FS_AGG_MAX:
		case FS_AGG_BIT_AND:
		case FS_AGG_BIT_OR:
			return best_of(acc, group);
		default:
			return acc->is_float ? finish_float_variance(acc, group, isnull)
				: finish_variance(acc, group, isnull);
	}
}

static double
as_double(const FsInt128 *sum)
{
	/* of a small negative sum the two parts would cancel */
	if (sum->high == -1 && (int64) sum->low < 0)
		return (double) (int64) sum->low;
	return (double) sum->high * 18446744073709551616.0 + (double) sum->low;
}

bool
fs_accumulator_rank(const FsAccumulator *acc, uint32 group, double *rank,
					bool *isnull)
{
	int64		count = fs_accumulator_count(acc, group);

	*isnull = false;
	if (acc->kind <= FS_AGG_COUNT_DISTINCT)
	{
		*rank = (double) count;
		return true;
	}
	*rank = 0;
	if (acc->kind == FS_AGG_TOPK || acc->kind == FS_AGG_CALLED)
		return false;
	if (acc->entropy != NULL)
	{
		*isnull = !entropy_of(acc, group, rank);
		return true;
	}
	*isnull = count == 0;
	if (*isnull || acc->kind == FS_AGG_VARIANCE)
		return acc->kind != FS_AGG_VARIANCE;
	if (acc->is_float)
		*rank = acc->kind == FS_AGG_AVG ? acc->fsums[group] / (double) count
			: acc->fsums[group];
	else if (acc->best != NULL)
		*rank = (double) acc->best[group];
	else if (acc->kind == FS_AGG_AVG)
		*rank = as_double(&acc->sums[group]) / (double) count;
	else if (acc->type == INT8OID)
		*rank = as_double(&acc->sums[group]);
	else
		*rank = (double) (int64) acc->sums[group].low;
	return !isnan(*rank);
}

FsRankBound
fs_agg_rank_bound(FsAggKind kind, Oid type, bool is_descending)
{
	bool		is_float = type == FLOAT4OID || type == FLOAT8OID;

	switch (kind)
	{
		case FS_AGG_COUNT_ROWS:
		case FS_AGG_COUNT:
		case FS_AGG_COUNT_DISTINCT:
			return is_descending ? FS_RANK_ADDS : FS_RANK_FREE;
		case FS_AGG_SUM:
			return is_descending && !is_float ? FS_RANK_ADDS : FS_RANK_FREE;
		case FS_AGG_MIN:
			return is_descending || is_float ? FS_RANK_FREE : FS_RANK_BEST;
		case FS_AGG_MAX:
			return is_descending && !is_float ? FS_RANK_BEST : FS_RANK_FREE;
		default:
			return FS_RANK_FREE;
	}
}

FsRankBound
fs_accumulator_rank_bound(const FsAccumulator *acc, bool is_descending)
{
	if (acc->kind == FS_AGG_SUM && !acc->is_watched)
		return FS_RANK_FREE;
	return acc->has_negative ? FS_RANK_FREE
		: fs_agg_rank_bound(acc->kind, acc->type, is_descending);
}
