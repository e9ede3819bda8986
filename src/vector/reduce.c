/*-------------------------------------------------------------------------
 *
 * One number out of many values.
 *
 * Loops that the compiler vectorises.  A sum is made of two: of the low and
 * of the high halves of the values, which do not overflow for 2^31 of them.
 * The high halves are made unsigned by adding 2^63 to each value, because
 * AVX2 has no arithmetic shift of 64 bits.  Squares are summed this way as
 * long as values are of 32 bits, which is seen in the same pass.
 *
 * With a set, whole words of 64 rows are worked on: rows that are not in it
 * count as a value that changes nothing, or are not read if the word is 0.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "vector/level.h"
#include "vector/reduce.h"

#define SIGN_BIT	(UINT64CONST(1) << 63)
#define LOW_HALF	UINT64CONST(0xffffffff)

/* values are taken in pieces of this many */
#define PIECE		1024

static pg_attribute_always_inline void
fs_reduce_sum_body(const int64 *v, uint32 n, FsInt128 *sum)
{
	uint64		lows = 0;
	uint64		highs = 0;
	uint32		i;

	for (i = 0; i < n; i++)
	{
		lows += (uint64) v[i] & LOW_HALF;
		highs += ((uint64) v[i] ^ SIGN_BIT) >> 32;
	}
	fs_int128_add_shifted(sum, (int64) (highs - ((uint64) n << 31)));
	fs_int128_add_int(sum, (int64) lows);
}

/* lows + highs * 2^32 */
static void
add_squares(FsUint192 *sum, uint64 lows, uint64 highs)
{
	FsUint192	x = {{lows, 0, 0}};
	FsUint192	y = {{highs << 32, highs >> 32, 0}};

	fs_uint192_add(sum, &x);
	fs_uint192_add(sum, &y);
}

/* Of at most PIECE values; false, and nothing done, if one has over 32 bits. */
static pg_attribute_always_inline bool
sum_small_squares(const int64 *v, uint32 n, FsUint192 *sum)
{
	uint64		lows = 0;
	uint64		highs = 0;
	uint64		seen = 0;
	uint32		i;

	for (i = 0; i < n; i++)
	{
		int64		x = (int32) v[i];
		uint64		square = (uint64) (x * x);

		seen |= (uint64) v[i] + (UINT64CONST(1) << 31);
		lows += square & LOW_HALF;
		highs += square >> 32;
	}
	if (seen >> 32 != 0)
		return false;
	add_squares(sum, lows, highs);
	return true;
}

static pg_attribute_always_inline void
fs_reduce_sum_squares_body(const int64 *v, uint32 n, FsUint192 *sum)
{
	uint32		i;

	for (; n > 0; v += PIECE)
	{
		uint32		m = Min(n, PIECE);

		if (!sum_small_squares(v, m, sum))
			for (i = 0; i < m; i++)
				fs_uint192_add_square(sum, v[i]);
		n -= m;
	}
}

static pg_attribute_always_inline int64
fs_reduce_min_body(const int64 *v, uint32 n)
{
	int64		min = PG_INT64_MAX;
	uint32		i;

	for (i = 0; i < n; i++)
		min = Min(min, v[i]);
	return min;
}

static pg_attribute_always_inline int64
fs_reduce_max_body(const int64 *v, uint32 n)
{
	int64		max = PG_INT64_MIN;
	uint32		i;

	for (i = 0; i < n; i++)
		max = Max(max, v[i]);
	return max;
}

static pg_attribute_always_inline uint64
fs_reduce_magnitude_body(const int64 *v, uint32 n)
{
	uint64		all = 0;
	uint32		i;

	for (i = 0; i < n; i++)
		all |= (uint64) (v[i] ^ (v[i] >> 63));
	return all;
}

static pg_attribute_always_inline bool
fs_reduce_is_within_body(const int64 *v, uint32 n, int64 low, int64 high,
						 int64 except)
{
	uint64		outside = 0;
	uint32		i;

	for (i = 0; i < n; i++)
		outside |= (uint64) (v[i] < low) | (uint64) (v[i] > high) |
			(uint64) (v[i] == except);
	return outside == 0;
}

static pg_attribute_always_inline uint32
fs_reduce_max_uint32_body(const uint32 *v, uint32 n)
{
	uint32		max = 0;
	uint32		i;

	for (i = 0; i < n; i++)
		max = Max(max, v[i]);
	return max;
}

static pg_attribute_always_inline uint32
fs_reduce_changes_body(const int64 *v, uint32 n)
{
	uint64		changes = 0;
	uint32		i;

	for (i = 1; i < n; i++)
		changes += v[i] != v[i - 1];
	return (uint32) changes;
}

static pg_attribute_always_inline uint32
fs_reduce_changes_uint32_body(const uint32 *v, uint32 n)
{
	uint32		changes = 0;
	uint32		i;

	for (i = 1; i < n; i++)
		changes += v[i] != v[i - 1];
	return changes;
}

FS_BY_LEVEL(void, fs_reduce_sum,
			(const int64 *v, uint32 n, FsInt128 *sum), (v, n, sum))
FS_BY_LEVEL(void, fs_reduce_sum_squares,
			(const int64 *v, uint32 n, FsUint192 *sum), (v, n, sum))
FS_BY_LEVEL(int64, fs_reduce_min, (const int64 *v, uint32 n), (v, n))
FS_BY_LEVEL(int64, fs_reduce_max, (const int64 *v, uint32 n), (v, n))
FS_BY_LEVEL(uint64, fs_reduce_magnitude, (const int64 *v, uint32 n), (v, n))
FS_BY_LEVEL(bool, fs_reduce_is_within,
			(const int64 *v, uint32 n, int64 low, int64 high, int64 except),
			(v, n, low, high, except))
FS_BY_LEVEL(uint32, fs_reduce_max_uint32, (const uint32 *v, uint32 n), (v, n))
FS_BY_LEVEL(uint32, fs_reduce_changes, (const int64 *v, uint32 n), (v, n))
FS_BY_LEVEL(uint32, fs_reduce_changes_uint32,
			(const uint32 *v, uint32 n), (v, n))
