/*-------------------------------------------------------------------------
 *
 * Ids of pairs of small numbers: an array while it is small, else by hash.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "vector/ids.h"
#include "vector/keys.h"
#include "vector/reduce.h"

/* log2 of the most entries of the array */
#define DIRECT_MAX_BITS	20

/* pairs that are looked at together */
#define PIECE			1024

struct FsPairIds
{
	FsKeys		keys;			/* first << 32 | second; slots as in ids_int.c */
	uint32	   *direct;			/* [2^first_bits][2^second_bits] */
	int			first_bits;
	int			second_bits;
};

FsPairIds *
fs_pair_ids_create(FsAllocator *allocator, uint64 seed)
{
	FsPairIds  *table = allocator->alloc(allocator, sizeof(FsPairIds));

	memset(table, 0, sizeof(FsPairIds));
	fs_keys_init(&table->keys, allocator, seed);
	table->keys.memory.used_bytes = sizeof(FsPairIds);
	return table;
}

static size_t
direct_bytes(const FsPairIds *table)
{
	return sizeof(uint32) << (table->first_bits + table->second_bits);
}

void
fs_pair_ids_destroy(FsPairIds *table)
{
	FsAllocator *allocator = table->keys.memory.allocator;

	fs_memory_release(&table->keys.memory, table->direct, direct_bytes(table));
	fs_keys_release(&table->keys);
	allocator->release(allocator, table);
}

uint32
fs_pair_ids_n(const FsPairIds *table)
{
	return table->keys.n;
}

void
fs_pair_ids_key(const FsPairIds *table, uint32 id, uint32 *first,
				uint32 *second)
{
	Assert(id < table->keys.n);
	*first = (uint32) (table->keys.keys[id] >> 32);
	*second = (uint32) table->keys.keys[id];
}

size_t
fs_pair_ids_bytes(const FsPairIds *table)
{
	return table->keys.memory.used_bytes;
}

static void
give_up_direct(FsPairIds *table)
{
	fs_keys_hash(&table->keys);
	fs_memory_release(&table->keys.memory, table->direct, direct_bytes(table));
	table->direct = NULL;
}

void
fs_pair_ids_scatter(FsPairIds *table)
{
	if (!table->keys.has_slots)
		give_up_direct(table);
}

/* How many bits a number has; at least 4, so that a table begins with room. */
static int
bits_of(uint32 number)
{
	int			bits = 4;

	while (bits < 32 && number >> bits != 0)
		bits++;
	return bits;
}

/* Let the array hold these numbers, too; false if that is too much. */
static bool
cover(FsPairIds *table, uint32 first, uint32 second)
{
	int			first_bits = Max(bits_of(first), table->first_bits);
	int			second_bits = Max(bits_of(second), table->second_bits);
	size_t		len = sizeof(uint32) << Min(first_bits + second_bits, DIRECT_MAX_BITS);
	uint32	   *direct;
	uint32		i;

	if (first_bits + second_bits > DIRECT_MAX_BITS)
		return false;
	if (table->direct != NULL && first_bits == table->first_bits &&
		second_bits == table->second_bits)
		return true;
	direct = fs_memory_take(&table->keys.memory, len);
	memset(direct, 0, len);
	for (i = 0; i < table->keys.n; i++)
	{
		uint64		key = table->keys.keys[i];

		direct[key >> 32 << second_bits | (uint32) key] = i + 1;
	}
	fs_memory_release(&table->keys.memory, table->direct, direct_bytes(table));
	table->direct = direct;
	table->first_bits = first_bits;
	table->second_bits = second_bits;
	return true;
}

static void
add_direct(FsPairIds *table, const uint32 *first, const uint32 *second,
		   uint32 n, uint32 *ids)
{
	uint32	   *direct = table->direct;
	int			shift = table->second_bits;
	uint32		i;

	fs_keys_reserve(&table->keys, table->keys.n + n);
	for (i = 0; i < n; i++)
	{
		uint32	   *entry = &direct[(size_t) first[i] << shift | second[i]];

		if (unlikely(*entry == 0))
		{
			table->keys.keys[table->keys.n++] = (uint64) first[i] << 32 | second[i];
			*entry = table->keys.n;
		}
		ids[i] = *entry - 1;
	}
}

void
fs_pair_ids_add(FsPairIds *table, const uint32 *first, const uint32 *second,
				uint32 n, uint32 *ids)
{
	uint64		keys[PIECE];
	uint32		m;
	uint32		i;

	for (; n > 0; n -= m, first += m, second += m, ids += m)
	{
		m = Min(n, PIECE);
		if (!table->keys.has_slots)
		{
			if (cover(table, fs_reduce_max_uint32(first, m),
					  fs_reduce_max_uint32(second, m)))
			{
				add_direct(table, first, second, m, ids);
				continue;
			}
			give_up_direct(table);
		}
		for (i = 0; i < m; i++)
			keys[i] = (uint64) first[i] << 32 | second[i];
		fs_keys_add(&table->keys, keys, m, ids);
	}
}
