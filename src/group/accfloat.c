/*-------------------------------------------------------------------------
 *
 * Accumulators of floats.
 *
 * Sums depend on the order of their terms, so that they are made as
 * PostgreSQL makes them, one row after the other.  Least and greatest values
 * of a vector with few groups are found among floats as they are stored, which
 * are integers in the same order, if there is no NaN and no negative zero.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/float.h"

#include "format/floats.h"
#include "group/accstate.h"
#include "vector/group.h"
#include "vector/reduce.h"

/* groups whose least and greatest values are found as integers */
#define FEW		64

#define NEGATIVE_ZERO	(-1)

static inline double
unmap(const FsAccumulator *acc, int64 v)
{
	if (acc->type == FLOAT4OID)
	{
		uint32		bits = fs_floats_unmap4(v);
		float		f;

		memcpy(&f, &bits, sizeof(f));
		return f;
	}
	else
	{
		uint64		bits = fs_floats_unmap8(v);
		double		f;

		memcpy(&f, &bits, sizeof(f));
		return f;
	}
}

/* Make the floats of values as they are stored. */
static void
unmap_all(FsAccumulator *acc)
{
	for (uint32 i = 0; i < acc->m; i++)
		acc->floats[i] = unmap(acc, acc->v[i]);
	acc->is_mapped = false;
}

/* Sums of real, which PostgreSQL adds up as real. */
static void
add_sum(FsAccumulator *acc, uint32 g, double v)
{
	if (acc->type == FLOAT4OID)
		acc->fsums[g] = acc->counts[g] == 0 ? v
			: float4_pl((float4) acc->fsums[g], (float4) v);
	else
		acc->fsums[g] = acc->counts[g] == 0 ? v : float8_pl(acc->fsums[g], v);
}

/* As float8_accum(): Youngs and Cramer's mean and sum of squares. */
static void
add_variance(FsAccumulator *acc, uint32 g, double v)
{
	double		n = (double) acc->counts[g] + 1;
	double		sum = acc->fsums[g] + v;
	double		squares = acc->fsquares[g];

	if (n > 1)
	{
		double		diff = v * n - sum;

		squares += diff * diff / (n * (n - 1));
		if (isinf(sum) || isinf(squares))
		{
			if (!isinf(acc->fsums[g]) && !isinf(v))
				float_overflow_error();
			squares = get_float8_nan();
		}
	}
	else if (isnan(v) || isinf(v))
		squares = get_float8_nan();
	acc->fsums[g] = sum;
	acc->fsquares[g] = squares;
}

/* The least or the greatest value so far; of equal ones the last. */
static inline void
add_extreme(FsAccumulator *acc, uint32 g, double v)
{
	double		best = acc->fsums[g];

	if (acc->counts[g] == 0 ||
		!(acc->kind == FS_AGG_MIN ? float8_lt(best, v) : float8_gt(best, v)))
		acc->fsums[g] = v;
}

/*
 * Add the extremes of the vector's groups, if they are few and the values of a
 * kind that integers stand for.
 */
static bool
add_mapped(FsAccumulator *acc, const uint32 *g)
{
	bool		is_min = acc->kind == FS_AGG_MIN;
	int64		infinity = acc->type == FLOAT4OID ? FS_FLOAT4_INF : FS_FLOAT8_INF;
	int64		start = is_min ? FS_GROUP_MIN_START : FS_GROUP_MAX_START;
	uint32		n = fs_reduce_max_uint32(g, acc->m) + 1;
	int64		best[FEW];

	if (n > FEW ||
		!fs_reduce_is_within(acc->v, acc->m, ~infinity, infinity, NEGATIVE_ZERO))
		return false;
	for (uint32 i = 0; i < n; i++)
		best[i] = start;
	if (is_min)
		fs_group_min(g, acc->v, acc->m, best);
	else
		fs_group_max(g, acc->v, acc->m, best);
	for (uint32 i = 0; i < n; i++)
		if (best[i] != start)
			add_extreme(acc, i, unmap(acc, best[i]));
	fs_group_count(g, acc->m, acc->counts);
	return true;
}

void
fs_accumulator_add_floats(FsAccumulator *acc, const uint32 *g)
{
	bool		is_extreme = acc->kind == FS_AGG_MIN || acc->kind == FS_AGG_MAX;

	if (acc->is_mapped && is_extreme && add_mapped(acc, g))
		return;
	if (acc->is_mapped)
		unmap_all(acc);
	for (uint32 i = 0; i < acc->m; i++)
	{
		if (is_extreme)
			add_extreme(acc, g[i], acc->floats[i]);
		else if (acc->kind == FS_AGG_SUM)
			add_sum(acc, g[i], acc->floats[i]);
		else
			/* AVG has the same state, and fails where that does */
			add_variance(acc, g[i], acc->floats[i]);
		acc->counts[g[i]]++;
	}
}
