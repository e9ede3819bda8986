/*-------------------------------------------------------------------------
 *
 * The range of a vector.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/kernel.h"
#include "format/range.h"

FS_KERNEL static void
find_bounds(const uint64 *values, uint32 n, uint64 order, FsRange *range)
{
	int64		min = (int64) (values[0] ^ order);
	int64		max = min;
	uint32		i;

	for (i = 0; i < n; i++)
	{
		int64		x = (int64) (values[i] ^ order);

		min = x < min ? x : min;
		max = x > max ? x : max;
	}
	range->min = (uint64) min ^ order;
	range->max = (uint64) max ^ order;
}

FS_KERNEL static uint32
count_changes(const uint64 *values, uint32 n)
{
	uint64		changes = 0;
	uint32		i;

	for (i = 1; i < n; i++)
		changes += values[i] != values[i - 1];
	return (uint32) changes;
}

FsRange
fs_range_compute(const uint64 *values, uint32 n, uint64 order)
{
	FsRange		range = {0, 0, 0};

	if (n == 0)
		return range;
	find_bounds(values, n, order, &range);
	if (range.min != range.max)
		range.changes = count_changes(values, n);
	return range;
}
