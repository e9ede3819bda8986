/*-------------------------------------------------------------------------
 *
 * Comparisons of integers and floats.
 *
 * Whatever is compared becomes a range of stored integers, or a set of them.
 * Stored floats are integers in the order of floats, but for NaN, which may
 * have either sign and is the largest of all for PostgreSQL.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "common/pg_prng.h"

#include "filter/node.h"
#include "store/arena.h"

/* Rows of which the answer is known without a look at the vector. */
bool
fs_filter_is_settled(FsFilterTask *task, FsFilterNode *node, bool want,
					 const FsBits *in, FsBits *out)
{
	FsZone		zone;

	if (node->is_never || (node->is_empty && want))
	{
		fs_bits_none(out);
		return true;
	}
	if (node->is_empty)
	{
		*out = *in;
		return true;
	}
	if (node->kind != FS_FILTER_INTS || node->set != NULL ||
		!fs_scan_vector_zone(task->scan, node->att, &zone) ||
		zone.nulls > 0 || !zone.has_bounds)
		return false;
	/* all rows match, or none does */
	if (node->low <= zone.imin && zone.imax <= node->high)
		want = want != node->is_negated;
	else if (zone.imax < node->low || node->high < zone.imin)
		/* a null in the list leaves it open whether a row is none of it */
		want = want == node->is_negated && !node->has_null;
	else
		return false;
	if (want)
		*out = *in;
	else
		fs_bits_none(out);
	return true;
}

/*
 * From the rows that are equal to a constant, or in a range or list, to those
 * of in for which the comparison is true, or false.
 */
void
fs_filter_answer(const FsFilterNode *node, const FsVector *vec, bool want,
				 const FsBits *in, const FsBits *found, FsBits *out)
{
	FsBits		nulls;

	*out = *in;
	if (want != node->is_negated)
		fs_bits_and(out, found);
	else if (node->has_null)
		fs_bits_none(out);
	else
		fs_bits_and_not(out, found);
	if (vec->has_nulls)
	{
		fs_bits_from_bools(vec->is_null, vec->nrows, &nulls);
		fs_bits_and_not(out, &nulls);
	}
}

bool
fs_filter_eval_ints(FsFilterTask *task, FsFilterNode *node, bool want,
					const FsBits *in, FsBits *out)
{
	static const FsVector full = {.has_nulls = false};
	const FsVector *vec;
	FsBits		found;
	bool		is_known;

	if (!node->is_usable)
		return fs_filter_eval_expr(task, node, want, in, out);
	if (fs_filter_is_settled(task, node, want, in, out))
		return true;
	if (!fs_filter_find_units(task, node, &found, &is_known))
		return false;
	if (is_known)
	{
		fs_filter_answer(node, &full, want, in, &found, out);
		return true;
	}
	switch (fs_scan_vector(task->scan, node->att, &vec))
	{
		case FS_READ_DAMAGED:
			return false;
		case FS_READ_DATUMS:
			return fs_filter_eval_expr(task, node, want, in, out);
		case FS_READ_STORED:
			task->ways |= 1 << FS_WAY_VALUES;
			break;
	}
	if (node->set != NULL)
		fs_compare_set(vec->ints, vec->nrows, node->set, &found);
	else
		fs_compare_range(vec->ints, vec->nrows, node->low, node->high, &found);
	fs_filter_answer(node, vec, want, in, &found, out);
	return true;
}

/* Where stored NaNs are: above the infinity, and below the negative one. */
static void
add_nans(const FsFilterNode *node, const FsVector *vec, FsBits *found)
{
	bool		is_float4 = node->compare->map.spec.order == FS_ORDER_FLOAT4;
	FsBits		nans;

	fs_compare_range(vec->ints, vec->nrows, node->largest + 1, PG_INT64_MAX,
					 &nans);
	fs_bits_or(found, &nans);
	fs_compare_range(vec->ints, vec->nrows, PG_INT64_MIN,
					 (is_float4 ? fs_float4_to_int(0xff800000) :
					  fs_float8_to_int(UINT64CONST(0xfff0000000000000))) - 1,
					 &nans);
	fs_bits_or(found, &nans);
}

bool
fs_filter_eval_floats(FsFilterTask *task, FsFilterNode *node, bool want,
					  const FsBits *in, FsBits *out)
{
	const FsVector *vec;
	FsBits		found;

	if (!node->is_usable)
		return fs_filter_eval_expr(task, node, want, in, out);
	if (fs_filter_is_settled(task, node, want, in, out))
		return true;
	switch (fs_scan_vector(task->scan, node->att, &vec))
	{
		case FS_READ_DAMAGED:
			return false;
		case FS_READ_DATUMS:
			return fs_filter_eval_expr(task, node, want, in, out);
		case FS_READ_STORED:
			task->ways |= 1 << FS_WAY_VALUES;
			break;
	}
	fs_compare_range(vec->ints, vec->nrows, node->low, node->high, &found);
	if (node->takes_nan)
		add_nans(node, vec, &found);
	fs_filter_answer(node, vec, want, in, &found, out);
	return true;
}

/* --- constants ---------------------------------------------------------- */

static void
set_range(FsFilterNode *node, int64 low, int64 high)
{
	node->low = low;
	node->high = high;
}

/* Integers: the range that a test with one constant leaves. */
static void
prepare_int(FsFilterNode *node, FsTest test, int64 i)
{
	switch (test)
	{
		case FS_TEST_EQ:
		case FS_TEST_NE:
			set_range(node, i, i);
			break;
		case FS_TEST_LT:
			set_range(node, i == PG_INT64_MIN ? 1 : PG_INT64_MIN,
					  i == PG_INT64_MIN ? 0 : i - 1);
			break;
		case FS_TEST_LE:
			set_range(node, PG_INT64_MIN, i);
			break;
		case FS_TEST_GT:
			set_range(node, i == PG_INT64_MAX ? 1 : i + 1,
					  i == PG_INT64_MAX ? 0 : PG_INT64_MAX);
			break;
		default:
			set_range(node, i, PG_INT64_MAX);
			break;
	}
}

/* A list: the set of its values, or the one that decides a test of order. */
static void
prepare_int_list(FsFilterNode *node)
{
	const FsPredNode *compare = node->compare;
	int64	   *values = palloc(sizeof(int64) * Max(compare->nbounds, 1));
	uint32		n = 0;
	int64		low = PG_INT64_MAX;
	int64		high = PG_INT64_MIN;

	for (int k = 0; k < compare->nbounds; k++)
	{
		if (compare->bounds[k].is_null)
			continue;
		values[n] = compare->bounds[k].i;
		low = Min(low, values[n]);
		high = Max(high, values[n]);
		n++;
	}
	if (n == 0)
		set_range(node, 1, 0);
	else if (compare->test == FS_TEST_EQ)
	{
		FsArena		arena;

		fs_arena_init(&arena, CurrentMemoryContext);
		node->set = fs_intset_create(values, n, pg_prng_uint64(&pg_global_prng_state), &arena);
	}
	else
		prepare_int(node, compare->test, compare->test == FS_TEST_LT ||
					compare->test == FS_TEST_LE ? high : low);
}

/* The stored form of the float at or next to f, above or below it. */
static int64
stored_float(const FsPredNode *compare, double f, bool above, bool is_same)
{
	if (compare->map.spec.order == FS_ORDER_FLOAT4)
	{
		float		near = (float) f;
		uint32		bits;

		if ((above && near < f) || (above && !is_same && near == f))
			near = nextafterf(near, INFINITY);
		else if ((!above && near > f) || (!above && !is_same && near == f))
			near = nextafterf(near, -INFINITY);
		if (near == 0)
			near = above ? -0.0f : 0.0f;
		memcpy(&bits, &near, sizeof(bits));
		return fs_float4_to_int(bits);
	}
	else
	{
		double		near = is_same ? f
			: nextafter(f, above ? INFINITY : -INFINITY);
		uint64		bits;

		if (near == 0)
			near = above ? -0.0 : 0.0;
		memcpy(&bits, &near, sizeof(bits));
		return fs_float8_to_int(bits);
	}
}

static void
prepare_float(FsFilterNode *node)
{
	const FsPredNode *compare = node->compare;
	double		f = compare->bounds[0].f;
	FsTest		test = compare->test;
	bool		is_float4 = compare->map.spec.order == FS_ORDER_FLOAT4;
	int64		smallest = is_float4 ? fs_float4_to_int(0xff800000)
		: fs_float8_to_int(UINT64CONST(0xfff0000000000000));

	node->largest = is_float4 ? fs_float4_to_int(0x7f800000)
		: fs_float8_to_int(UINT64CONST(0x7ff0000000000000));
	node->takes_nan = test == FS_TEST_GT || test == FS_TEST_GE;
	if (isnan(f))
	{
		bool		takes_numbers = test == FS_TEST_LT || test == FS_TEST_LE;

		node->takes_nan = test != FS_TEST_LT && test != FS_TEST_GT;
		set_range(node, takes_numbers ? smallest : 1,
				  takes_numbers ? node->largest : 0);
		return;
	}
	set_range(node, smallest, node->largest);
	if (test == FS_TEST_EQ || test == FS_TEST_NE || test == FS_TEST_GE ||
		test == FS_TEST_GT)
	{
		node->low = stored_float(compare, f, true, test != FS_TEST_GT);
		if (test == FS_TEST_GT && f == INFINITY)
			node->low = node->largest + 1;
	}
	if (test == FS_TEST_EQ || test == FS_TEST_NE || test == FS_TEST_LE ||
		test == FS_TEST_LT)
	{
		node->high = stored_float(compare, f, false, test != FS_TEST_LT);
		if (test == FS_TEST_LT && f == -INFINITY)
			node->high = smallest - 1;
	}
}

void
fs_filter_prepare(FsFilterNode *node)
{
	const FsPredNode *compare = node->compare;

	node->is_negated = compare->test == FS_TEST_NE;
	node->is_empty = compare->is_array && compare->nbounds == 0;
	node->is_usable = compare->nbounds >= 0;
	node->is_never = false;
	node->has_null = false;
	node->set = NULL;
	node->addr_set = NULL;
	for (int i = 0; i < compare->nbounds; i++)
	{
		node->has_null |= compare->bounds[i].is_null;
		node->is_usable &= compare->bounds[i].is_null ||
			compare->bounds[i].is_known;
	}
	if (!node->is_usable || node->is_empty)
		return;
	node->is_never = !compare->is_array && node->has_null;
	if (node->is_never)
		return;
	if (node->kind == FS_FILTER_FLOATS)
		prepare_float(node);
	else if (node->kind == FS_FILTER_ADDRS)
	{
		if (compare->nbounds > 4 && compare->test == FS_TEST_EQ)
			node->addr_set = fs_filter_make_addr_set(compare);
	}
	else if (compare->is_array)
		prepare_int_list(node);
	else
		prepare_int(node, compare->test, compare->bounds[0].i);
}
