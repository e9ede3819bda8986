/*-------------------------------------------------------------------------
 *
 * Collecting lists.
 *
 * Each value remembers the last vector it was seen in, so that a pair is
 * noted once; since vectors ascend, counting the pairs by value at the end
 * leaves each list sorted.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/cluster_lists.h"

#define PAIRS			8192
#define LAST_FIRST		4096

struct FsClusterPairs
{
	FsClusterPairs *next;
	uint32		n;
	uint32		values[PAIRS];
	uint16		vectors[PAIRS];
};

static FsClusterPairs *
create_pairs(FsArena *arena)
{
	FsClusterPairs *pairs = arena->alloc(arena, sizeof(FsClusterPairs));

	pairs->next = NULL;
	pairs->n = 0;
	return pairs;
}

static void
grow_last(FsClusterLists *lists, uint32 cap)
{
	uint32	   *last = lists->arena->alloc(lists->arena, cap * sizeof(uint32));

	memset(last, 0, cap * sizeof(uint32));
	if (lists->cap > 0)
		memcpy(last, lists->last, lists->cap * sizeof(uint32));
	lists->last = last;
	lists->cap = cap;
}

void
fs_cluster_lists_init(FsClusterLists *lists, uint32 size, uint32 max_values,
					  FsArena *arena)
{
	memset(lists, 0, sizeof(*lists));
	lists->arena = arena;
	lists->max_values = max_values;
	if (size == 0)
	{
		lists->keys = arena->alloc(arena, sizeof(FsClusterValues));
		fs_cluster_values_init(lists->keys, FS_KIND_INT, arena);
	}
	grow_last(lists, size > 0 ? size : LAST_FIRST);
	lists->first = lists->current = create_pairs(arena);
}

static inline void
add_pair(FsClusterLists *lists, uint32 value, uint32 vector)
{
	FsClusterPairs *pairs = lists->current;

	if (lists->last[value] == vector + 1)
		return;
	lists->last[value] = vector + 1;
	if (pairs->n == PAIRS)
	{
		pairs->next = create_pairs(lists->arena);
		pairs = lists->current = pairs->next;
	}
	pairs->values[pairs->n] = value;
	pairs->vectors[pairs->n++] = (uint16) vector;
	lists->npairs++;
}

static inline bool
is_null(const uint8 *nulls, uint32 i)
{
	return nulls && (nulls[i / 8] >> (i % 8) & 1) != 0;
}

void
fs_cluster_lists_add_codes(FsClusterLists *lists, uint32 vector,
						   const uint32 *codes, uint32 n, const uint8 *nulls)
{
	uint32		i;

	for (i = 0; i < n; i++)
		if (!is_null(nulls, i))
			add_pair(lists, codes[i], vector);
}

void
fs_cluster_lists_add_ints(FsClusterLists *lists, uint32 vector,
						  const int64 *values, uint32 n, const uint8 *nulls)
{
	int64		before = 0;
	bool		has_before = false;
	uint32		i;

	for (i = 0; i < n && !lists->is_given_up; i++)
	{
		uint32		number;

		if (is_null(nulls, i) || (has_before && values[i] == before))
			continue;
		before = values[i];
		has_before = true;
		number = fs_cluster_values_add_int(lists->keys, before);
		if (number >= lists->max_values)
			lists->is_given_up = true;
		else
		{
			if (number >= lists->cap)
				grow_last(lists, lists->cap * 2);
			add_pair(lists, number, vector);
		}
	}
}

bool
fs_cluster_lists_finish(FsClusterLists *lists, FsPindexGroupInput *group)
{
	FsArena    *arena = lists->arena;
	uint32		size = lists->keys ? lists->keys->count : lists->cap;
	const uint32 *codes = NULL;
	FsClusterPairs *pairs;
	uint32	   *starts;
	uint16	   *vectors;
	uint32		sum = 0;
	uint32		i;

	if (lists->is_given_up || lists->npairs == 0)
		return false;
	if (lists->keys)
	{
		fs_cluster_values_sort(lists->keys, arena);
		codes = lists->keys->codes;
	}
	/* starts[i + 1] runs from the start to the end of list i */
	starts = arena->alloc(arena, (size + 2) * sizeof(uint32));
	memset(starts, 0, (size + 2) * sizeof(uint32));
	vectors = arena->alloc(arena, lists->npairs * sizeof(uint16));
	for (pairs = lists->first; pairs; pairs = pairs->next)
		for (i = 0; i < pairs->n; i++)
			starts[(codes ? codes[pairs->values[i]] : pairs->values[i]) + 2]++;
	for (i = 0; i < size; i++)
	{
		sum += starts[i + 1];
		starts[i + 1] = sum;
	}
	for (pairs = lists->first; pairs; pairs = pairs->next)
		for (i = 0; i < pairs->n; i++)
			vectors[starts[(codes ? codes[pairs->values[i]] : pairs->values[i]) + 1]++] =
				pairs->vectors[i];
	group->size = size;
	group->keys = lists->keys ? lists->keys->ints : NULL;
	group->starts = starts;
	group->vectors = vectors;
	return true;
}
