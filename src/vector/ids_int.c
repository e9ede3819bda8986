/*-------------------------------------------------------------------------
 *
 * Ids of integers: an array while they are close together, else by hash.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "vector/ids.h"
#include "vector/keys.h"
#include "vector/reduce.h"

/* how many integers the array may have to hold, and its fewest entries */
#define DIRECT_MAX	((uint64) 1 << 20)
#define DIRECT_MIN	((uint64) 1 << 10)

/* keys that are looked at together */
#define PIECE		1024

/*
 * The array has room for integers on both sides of those seen.  base may
 * wrap around: only differences count.
 */
struct FsIntIds
{
	FsKeys		keys;			/* has slots once the array is given up */
	uint32	   *direct;			/* [span], id + 1 of base + i, or 0 */
	uint64		span;			/* 0 before the first key, and by hash */
	uint64		base;
	int64		min;			/* of the keys in the array */
	int64		max;
};

FsIntIds *
fs_int_ids_create(FsAllocator *allocator, uint64 seed)
{
	FsIntIds   *table = allocator->alloc(allocator, sizeof(FsIntIds));

	memset(table, 0, sizeof(FsIntIds));
	fs_keys_init(&table->keys, allocator, seed);
	table->keys.memory.used_bytes = sizeof(FsIntIds);
	return table;
}

void
fs_int_ids_destroy(FsIntIds *table)
{
	FsAllocator *allocator = table->keys.memory.allocator;

	fs_memory_release(&table->keys.memory, table->direct,
					  table->span * sizeof(uint32));
	fs_keys_release(&table->keys);
	allocator->release(allocator, table);
}

uint32
fs_int_ids_n(const FsIntIds *table)
{
	return table->keys.n;
}

const int64 *
fs_int_ids_keys(const FsIntIds *table)
{
	return (const int64 *) table->keys.keys;
}

size_t
fs_int_ids_bytes(const FsIntIds *table)
{
	return table->keys.memory.used_bytes;
}

static void
give_up_direct(FsIntIds *table)
{
	fs_keys_hash(&table->keys);
	fs_memory_release(&table->keys.memory, table->direct,
					  table->span * sizeof(uint32));
	table->direct = NULL;
	table->span = 0;
}

void
fs_int_ids_scatter(FsIntIds *table)
{
	if (!table->keys.has_slots)
		give_up_direct(table);
}

/*
 * Let the array hold low .. high as well, twice what it then must, so that
 * it grows seldom.  Returns false if that is too much.
 */
static bool
cover(FsIntIds *table, int64 low, int64 high)
{
	bool		is_first = table->span == 0;
	int64		min = is_first ? low : Min(low, table->min);
	int64		max = is_first ? high : Max(high, table->max);
	uint64		needed = (uint64) max - (uint64) min;
	uint64		base;

	if (needed >= DIRECT_MAX)
		return false;
	base = (uint64) min - needed / 2;
	if ((uint64) min - table->base >= table->span ||
		(uint64) max - table->base >= table->span)
	{
		uint64		span = Max(2 * (needed + 1), DIRECT_MIN);
		uint32	   *direct = fs_memory_take(&table->keys.memory,
											span * sizeof(uint32));

		memset(direct, 0, span * sizeof(uint32));
		if (!is_first)
			memcpy(direct + ((uint64) table->min - base),
				   table->direct + ((uint64) table->min - table->base),
				   ((uint64) table->max - (uint64) table->min + 1) * sizeof(uint32));
		fs_memory_release(&table->keys.memory, table->direct,
						  table->span * sizeof(uint32));
		table->direct = direct;
		table->span = span;
		table->base = base;
	}
	table->min = min;
	table->max = max;
	return true;
}

static void
add_direct(FsIntIds *table, const int64 *keys, uint32 n, uint32 *ids)
{
	uint32	   *direct = table->direct;
	uint64		base = table->base;
	uint32		i;

	fs_keys_reserve(&table->keys, table->keys.n + n);
	for (i = 0; i < n; i++)
	{
		uint32	   *entry = &direct[(uint64) keys[i] - base];

		if (unlikely(*entry == 0))
		{
			table->keys.keys[table->keys.n++] = (uint64) keys[i];
			*entry = table->keys.n;
		}
		ids[i] = *entry - 1;
	}
}

void
fs_int_ids_add(FsIntIds *table, const int64 *keys, uint32 n, uint32 *ids)
{
	uint32		m;

	for (; n > 0 && !table->keys.has_slots; n -= m, keys += m, ids += m)
	{
		m = Min(n, PIECE);
		if (cover(table, fs_reduce_min(keys, m), fs_reduce_max(keys, m)))
			add_direct(table, keys, m, ids);
		else
		{
			give_up_direct(table);
			break;
		}
	}
	fs_keys_add(&table->keys, (const uint64 *) keys, n, ids);
}
