/*-------------------------------------------------------------------------
 *
 * Ranges of positions: a sorted array, since there are few.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "sink_ranges.h"

/* The first range that does not end before position. */
static size_t
find(const struct ranges *ranges, uint64_t position)
{
	size_t		low = 0;
	size_t		high = ranges->n;

	while (low < high)
	{
		size_t		middle = (low + high) / 2;

		if (ranges->list[middle].next < position)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
insert(struct ranges *ranges, size_t i, struct range range)
{
	if (ranges->n == ranges->capacity)
	{
		size_t		capacity = ranges->capacity == 0 ? 8 : ranges->capacity * 2;
		struct range *list = realloc(ranges->list, capacity * sizeof(*list));

		if (list == NULL)
			return false;
		ranges->list = list;
		ranges->capacity = capacity;
	}
	memmove(ranges->list + i + 1, ranges->list + i,
			(ranges->n - i) * sizeof(*ranges->list));
	ranges->list[i] = range;
	ranges->n++;
	return true;
}

bool
ranges_add(struct ranges *ranges, uint64_t first, uint64_t next)
{
	size_t		i = find(ranges, first);
	size_t		end = i;
	struct range *range;

	if (i == ranges->n || ranges->list[i].first > next)
		return insert(ranges, i, (struct range) {first, next});
	range = &ranges->list[i];
	while (end < ranges->n && ranges->list[end].first <= next)
		end++;
	if (first < range->first)
		range->first = first;
	if (next > ranges->list[end - 1].next)
		range->next = next;
	else
		range->next = ranges->list[end - 1].next;
	memmove(range + 1, ranges->list + end,
			(ranges->n - end) * sizeof(*ranges->list));
	ranges->n -= end - i - 1;
	return true;
}

void
ranges_clear(struct ranges *ranges)
{
	free(ranges->list);
	*ranges = (struct ranges) {0};
}

const struct range *
ranges_overlap(const struct ranges *ranges, uint64_t first, uint64_t next)
{
	size_t		i = find(ranges, first + 1);

	return i < ranges->n && ranges->list[i].first < next ? &ranges->list[i] : NULL;
}

bool
ranges_cover(const struct ranges *ranges, uint64_t first, uint64_t next)
{
	const struct range *range = ranges_overlap(ranges, first, next);

	return range != NULL && range->first <= first && range->next >= next;
}

bool
ranges_add_all(struct ranges *ranges, const struct ranges *more)
{
	for (size_t i = 0; i < more->n; i++)
		if (!ranges_add(ranges, more->list[i].first, more->list[i].next))
			return false;
	return true;
}

bool
ranges_cover_all(const struct ranges *ranges, const struct ranges *parts)
{
	for (size_t i = 0; i < parts->n; i++)
		if (!ranges_cover(ranges, parts->list[i].first, parts->list[i].next))
			return false;
	return true;
}

uint64_t
ranges_start(const struct ranges *ranges)
{
	return ranges->n > 0 && ranges->list[0].first == 0 ? ranges->list[0].next : 0;
}
