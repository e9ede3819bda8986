/*-------------------------------------------------------------------------
 *
 * flow.entropy and flow.entropy_norm: how evenly weight is spread on values.
 *
 *		H = sum of p * log2(1 / p),  p = weight of a value / all weight
 *
 * All terms are positive and each is right to a few units in the last place:
 * where p > 1/2, log2(1 / p) is taken as log1p(rest / weight) / ln 2, which
 * does not cancel.  Sums are compensated (Neumaier 1974), so that the order
 * of the values, which differs between plans, shows at most in the last place.
 *
 *	  weights 2 1 1  ->  0.5 * 1 + 0.25 * 2 + 0.25 * 2 = 1.5 bits,
 *						 normalized 1.5 / log2(3)
 *
 * Source: Shannon, Bell System Technical Journal 27, 1948, section 6.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"

#include "analytics/aggregate.h"

PG_FUNCTION_INFO_V1(fs_entropy_step);
PG_FUNCTION_INFO_V1(fs_entropy_step_int);
PG_FUNCTION_INFO_V1(fs_entropy_step_float);
PG_FUNCTION_INFO_V1(fs_entropy_final);
PG_FUNCTION_INFO_V1(fs_entropy_norm_final);

/* Below this share a term is less than 1e-297 bits, and 1 / p overflows. */
#define MIN_SHARE		1e-300

/* value + error is the sum, with about twice the precision of a double. */
typedef struct CompensatedSum
{
	float8		value;
	float8		error;
} CompensatedSum;

static inline void
sum_add(CompensatedSum *sum, float8 x)
{
	float8		t = sum->value + x;

	if (fabs(sum->value) >= fabs(x))
		sum->error += (sum->value - t) + x;
	else
		sum->error += (x - t) + sum->value;
	sum->value = t;
}

static CompensatedSum
total_weight(const FsCounts *counts)
{
	CompensatedSum total = {0, 0};
	uint64		pos = 0;
	const FsCount *count;

	while ((count = fs_counts_next(counts, &pos)) != NULL)
		sum_add(&total, fs_counts_weight(counts, count));
	if (isinf(total.value))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("sum of weights is out of range for type %s",
						"double precision")));
	return total;
}

/* p * log2(1 / p) of one value */
static float8
entropy_term(float8 weight, CompensatedSum total)
{
	float8		share = weight / (total.value + total.error);
	float8		rest = (total.value - weight) + total.error;

	if (share < MIN_SHARE)
		return 0;
	if (weight > rest)
		return share * (log1p(rest / weight) / M_LN2);
	return -share * log2(share);
}

/* In bits; counts must not be empty. */
static float8
entropy(const FsCounts *counts)
{
	CompensatedSum total = total_weight(counts);
	CompensatedSum sum = {0, 0};
	float8		last_weight = 0;
	float8		last_term = 0;
	uint64		pos = 0;
	const FsCount *count;

	while ((count = fs_counts_next(counts, &pos)) != NULL)
	{
		float8		weight = fs_counts_weight(counts, count);

		/* most ports occur once: logarithms cost more than all else */
		if (weight != last_weight)
		{
			last_weight = weight;
			last_term = entropy_term(weight, total);
		}
		sum_add(&sum, last_term);
	}
	return sum.value + sum.error;
}

Datum
fs_entropy_step(PG_FUNCTION_ARGS)
{
	FsCounts   *counts = fs_aggregate_state(fcinfo, false);

	fs_aggregate_add(fcinfo, counts, 0);
	PG_RETURN_POINTER(counts);
}

Datum
fs_entropy_step_int(PG_FUNCTION_ARGS)
{
	FsCounts   *counts = fs_aggregate_state(fcinfo, false);

	fs_aggregate_add(fcinfo, counts, 2);
	PG_RETURN_POINTER(counts);
}

Datum
fs_entropy_step_float(PG_FUNCTION_ARGS)
{
	FsCounts   *counts = fs_aggregate_state(fcinfo, true);

	fs_aggregate_add(fcinfo, counts, 2);
	PG_RETURN_POINTER(counts);
}

Datum
fs_entropy_final(PG_FUNCTION_ARGS)
{
	const FsCounts *counts = (const FsCounts *) PG_GETARG_POINTER(0);

	if (counts->n == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(entropy(counts));
}

Datum
fs_entropy_norm_final(PG_FUNCTION_ARGS)
{
	const FsCounts *counts = (const FsCounts *) PG_GETARG_POINTER(0);

	if (counts->n == 0)
		PG_RETURN_NULL();
	if (counts->n == 1)
		PG_RETURN_FLOAT8(0);
	PG_RETURN_FLOAT8(Min(1.0, entropy(counts) / log2((float8) counts->n)));
}
