/*-------------------------------------------------------------------------
 *
 * flow.entropy and flow.entropy_norm: how evenly weight is spread on values.
 *
 * Terms are those of vector/entropy.h.  Weights and terms are summed as whole
 * numbers of 128 bits, so that the order of the values, which differs between
 * plans and, by the seed of the hash, between sessions, does not show.
 *
 * For n values, the total of float8 weights is low by less than n of 2^(n_bits
 * - 126) of the largest weight, 2^-66 of it for a billion values.
 *
 *	  weights 2 1 1  ->  1.5 bits, normalized 1.5 / log2(3)
 *
 * Source: Shannon, Bell System Technical Journal 27, 1948, section 6.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"

#include "analytics/aggregate.h"
#include "vector/entropy.h"

PG_FUNCTION_INFO_V1(fs_entropy_step);
PG_FUNCTION_INFO_V1(fs_entropy_step_int);
PG_FUNCTION_INFO_V1(fs_entropy_step_float);
PG_FUNCTION_INFO_V1(fs_entropy_final);
PG_FUNCTION_INFO_V1(fs_entropy_norm_final);

/* float8 weights as whole numbers: multiples of 2^-shift; int64 are (shift 0). */
static int
weight_shift(const FsCounts *counts)
{
	float8		max = 0;
	uint64		pos = 0;
	const FsCount *count;
	int			max_exponent;
	int			n_bits;

	if (!counts->has_float_weights)
		return 0;
	while ((count = fs_counts_next(counts, &pos)) != NULL)
		max = Max(max, count->weight.f);
	(void) frexp(max, &max_exponent);
	(void) frexp((float8) counts->n, &n_bits);
	return 126 - n_bits - max_exponent;
}

/* Rounds towards zero; cannot overflow, nor can the sum of all weights. */
static int128
whole_weight(const FsCounts *counts, const FsCount *count, int shift)
{
	return counts->has_float_weights ?
		(int128) ldexp(count->weight.f, shift) : count->weight.i;
}

static int128
total_weight(const FsCounts *counts, int shift)
{
	int128		total = 0;
	uint64		pos = 0;
	const FsCount *count;

	while ((count = fs_counts_next(counts, &pos)) != NULL)
		total += whole_weight(counts, count, shift);
	if (isinf(ldexp((float8) total, -shift)))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("sum of weights is out of range for type %s",
						"double precision")));
	return total;
}

/* In bits; counts must not be empty. */
static float8
entropy(const FsCounts *counts)
{
	int			shift = weight_shift(counts);
	int128		total = total_weight(counts, shift);
	int128		sum = 0;
	int128		last_weight = 0;
	int128		last_term = 0;
	uint64		pos = 0;
	const FsCount *count;

	while ((count = fs_counts_next(counts, &pos)) != NULL)
	{
		int128		weight = whole_weight(counts, count, shift);

		/* most ports occur once: logarithms cost more than all else */
		if (weight != last_weight)
		{
			last_weight = weight;
			last_term = fs_entropy_term(weight, total);
		}
		sum += last_term;
	}
	return fs_entropy_of_terms(sum);
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
