/*-------------------------------------------------------------------------
 *
 * The values of one group among those of others.
 *
 * Loops that the compiler vectorises: a value of another group counts as one
 * that changes nothing.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "vector/level.h"
#include "vector/onegroup.h"

/* All bits set if a row is of the group. */
#define MASK(g, group)	(0 - (uint64) ((g) == (group)))

static pg_attribute_always_inline uint32
fs_onegroup_count_body(const uint32 *g, uint32 m, uint32 group)
{
	uint32		count = 0;
	uint32		i;

	for (i = 0; i < m; i++)
		count += g[i] == group;
	return count;
}

static pg_attribute_always_inline int64
fs_onegroup_sum_body(const uint32 *g, const int64 *v, uint32 m, uint32 group)
{
	int64		sum = 0;
	uint32		i;

	for (i = 0; i < m; i++)
		sum += g[i] == group ? v[i] : 0;
	return sum;
}

static pg_attribute_always_inline uint64
fs_onegroup_sum_squares_body(const uint32 *g, const int64 *v, uint32 m,
							 uint32 group)
{
	uint64		sum = 0;
	uint32		i;

	for (i = 0; i < m; i++)
	{
		int64		x = (int32) v[i];

		sum += g[i] == group ? (uint64) (x * x) : 0;
	}
	return sum;
}

static pg_attribute_always_inline int64
fs_onegroup_min_body(const uint32 *g, const int64 *v, uint32 m, uint32 group)
{
	int64		min = PG_INT64_MAX;
	uint32		i;

	for (i = 0; i < m; i++)
	{
		uint64		mask = MASK(g[i], group);
		int64		x = (int64) (((uint64) v[i] & mask) |
								 ((uint64) PG_INT64_MAX & ~mask));

		min = Min(min, x);
	}
	return min;
}

static pg_attribute_always_inline int64
fs_onegroup_max_body(const uint32 *g, const int64 *v, uint32 m, uint32 group)
{
	int64		max = PG_INT64_MIN;
	uint32		i;

	for (i = 0; i < m; i++)
	{
		uint64		mask = MASK(g[i], group);
		int64		x = (int64) (((uint64) v[i] & mask) |
								 ((uint64) PG_INT64_MIN & ~mask));

		max = Max(max, x);
	}
	return max;
}

FS_BY_LEVEL(uint32, fs_onegroup_count,
			(const uint32 *g, uint32 m, uint32 group), (g, m, group))
FS_BY_LEVEL(int64, fs_onegroup_sum,
			(const uint32 *g, const int64 *v, uint32 m, uint32 group),
			(g, v, m, group))
FS_BY_LEVEL(uint64, fs_onegroup_sum_squares,
			(const uint32 *g, const int64 *v, uint32 m, uint32 group),
			(g, v, m, group))
FS_BY_LEVEL(int64, fs_onegroup_min,
			(const uint32 *g, const int64 *v, uint32 m, uint32 group),
			(g, v, m, group))
FS_BY_LEVEL(int64, fs_onegroup_max,
			(const uint32 *g, const int64 *v, uint32 m, uint32 group),
			(g, v, m, group))
