/*-------------------------------------------------------------------------
 *
 * Ids of byte strings.
 *
 * Copies stand in blocks that are never moved, each twice as long as the one
 * before up to a megabyte; a long string may have a block of its own.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "vector/ids.h"
#include "vector/slots.h"

#define FIRST_KEYS		256
#define FIRST_BYTES		4096
#define BLOCK_BYTES		(1024 * 1024)

typedef struct Block
{
	struct Block *next;
	size_t		size;			/* with this head */
} Block;

typedef struct Entry
{
	const uint8 *bytes;
	uint32		len;
} Entry;

struct FsBytesIds
{
	FsMemory	memory;
	uint64		seed;			/* odd */
	Entry	   *entries;		/* [n] */
	uint32		n;
	uint32		room;			/* entries that fit */
	FsSlots		slots;
	Block	   *blocks;
	uint8	   *free;			/* in the first block */
	size_t		free_bytes;
	size_t		block_bytes;	/* of the next block */
};

FsBytesIds *
fs_bytes_ids_create(FsAllocator *allocator, uint64 seed)
{
	FsBytesIds *table = allocator->alloc(allocator, sizeof(FsBytesIds));

	memset(table, 0, sizeof(FsBytesIds));
	table->memory.allocator = allocator;
	table->memory.used_bytes = sizeof(FsBytesIds);
	table->seed = fs_hash_mix(seed) | 1;
	table->block_bytes = FIRST_BYTES;
	fs_slots_init(&table->slots, &table->memory);
	return table;
}

void
fs_bytes_ids_destroy(FsBytesIds *table)
{
	FsAllocator *allocator = table->memory.allocator;

	while (table->blocks != NULL)
	{
		Block	   *block = table->blocks;

		table->blocks = block->next;
		fs_memory_release(&table->memory, block, block->size);
	}
	fs_slots_release(&table->slots, &table->memory);
	fs_memory_release(&table->memory, table->entries,
					  table->room * sizeof(Entry));
	allocator->release(allocator, table);
}

uint32
fs_bytes_ids_n(const FsBytesIds *table)
{
	return table->n;
}

const uint8 *
fs_bytes_ids_key(const FsBytesIds *table, uint32 id, uint32 *len)
{
	Assert(id < table->n);
	*len = table->entries[id].len;
	return table->entries[id].bytes;
}

size_t
fs_bytes_ids_bytes(const FsBytesIds *table)
{
	return table->memory.used_bytes;
}

static void
reserve(FsBytesIds *table, uint32 n)
{
	uint32		room = Max(table->room, FIRST_KEYS);

	fs_slots_reserve(&table->slots, &table->memory, n);
	if (likely(n <= table->room))
		return;
	while (room < n)
		room *= 2;
	table->entries = fs_memory_grow(&table->memory, table->entries,
									table->room, room, sizeof(Entry));
	table->room = room;
}

/*
 * A block of this many bytes at least, and whether it is the one that is
 * being filled: a string of a block's length leaves the free bytes alone.
 */
static uint8 *
new_block(FsBytesIds *table, uint32 len)
{
	bool		is_alone = len >= table->block_bytes / 2;
	size_t		size = sizeof(Block) + (is_alone ? len : table->block_bytes);
	Block	   *block = fs_memory_take(&table->memory, size);
	uint8	   *bytes = (uint8 *) (block + 1);

	block->next = table->blocks;
	block->size = size;
	table->blocks = block;
	if (is_alone)
		return bytes;
	table->free = bytes + len;
	table->free_bytes = table->block_bytes - len;
	table->block_bytes = Min(table->block_bytes * 2, BLOCK_BYTES);
	return bytes;
}

static const uint8 *
copy(FsBytesIds *table, const uint8 *bytes, uint32 len)
{
	uint8	   *to;

	if (len <= table->free_bytes)
	{
		to = table->free;
		table->free += len;
		table->free_bytes -= len;
	}
	else
		to = new_block(table, len);
	if (len > 0)
		memcpy(to, bytes, len);
	return to;
}

static inline bool
is_equal(const Entry *entry, const uint8 *bytes, uint32 len)
{
	return entry->len == len &&
		(len == 0 || memcmp(entry->bytes, bytes, len) == 0);
}

static uint32
find_or_add(FsBytesIds *table, const uint8 *bytes, uint32 len, uint32 h)
{
	uint64	   *slot;
	uint32		id;

	FS_SLOTS_FIND(&table->slots, h, slot, id,
				  is_equal(&table->entries[id], bytes, len));
	if (*slot != 0)
		return id;
	id = table->n;
	table->entries[id].bytes = copy(table, bytes, len);
	table->entries[id].len = len;
	fs_slots_put(&table->slots, slot, h, id);
	return table->n++;
}

/* Slots, entries and bytes, each when the one before has come. */
static void
prefetch(const FsBytesIds *table, const uint32 *hashes, uint32 n)
{
	const FsSlots *slots = &table->slots;
	const Entry *entries[FS_SLOTS_BATCH];
	uint32		m = 0;
	uint32		i;

	for (i = 0; i < n; i++)
		fs_slots_prefetch(slots, hashes[i]);
	for (i = 0; i < n; i++)
	{
		uint64		slot = fs_slots_guess(slots, hashes[i]);

		if (slot != 0)
		{
			entries[m] = &table->entries[FS_SLOT_ID(slot)];
			__builtin_prefetch(entries[m++]);
		}
	}
	for (i = 0; i < m; i++)
		__builtin_prefetch(entries[i]->bytes);
}

void
fs_bytes_ids_add(FsBytesIds *table, const uint8 *const *ptrs,
				 const uint32 *lens, uint32 n, uint32 *ids)
{
	uint32		hashes[FS_SLOTS_BATCH];
	uint32		m;
	uint32		i;

	for (; n > 0; n -= m, ptrs += m, lens += m, ids += m)
	{
		m = Min(n, FS_SLOTS_BATCH);
		reserve(table, table->n + m);
		for (i = 0; i < m; i++)
			hashes[i] = (uint32) (fs_hash_bytes(ptrs[i], lens[i], table->seed) >> 32);
		if (fs_slots_bytes(&table->slots) > FS_SLOTS_PREFETCH_BYTES)
			prefetch(table, hashes, m);
		for (i = 0; i < m; i++)
			ids[i] = find_or_add(table, ptrs[i], lens[i], hashes[i]);
	}
}
