/*-------------------------------------------------------------------------
 *
 * Ids of addresses.
 *
 * An address is 18 bytes without padding: two words of 8 and one of 2.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "vector/ids.h"
#include "vector/slots.h"

#define FIRST_KEYS	256

struct FsAddrIds
{
	FsMemory	memory;
	uint64		seeds[3];		/* odd */
	FsAddr	   *keys;			/* [n] */
	uint32		n;
	uint32		room;			/* keys that fit */
	FsSlots		slots;
};

/* family and bits; the first and the last 8 bytes of the address */
typedef struct Words
{
	uint64		head;
	uint64		first;
	uint64		last;
} Words;

FsAddrIds *
fs_addr_ids_create(FsAllocator *allocator, uint64 seed)
{
	FsAddrIds  *table = allocator->alloc(allocator, sizeof(FsAddrIds));
	int			i;

	StaticAssertStmt(sizeof(FsAddr) == 18, "no padding to compare");
	memset(table, 0, sizeof(FsAddrIds));
	table->memory.allocator = allocator;
	table->memory.used_bytes = sizeof(FsAddrIds);
	for (i = 0; i < lengthof(table->seeds); i++)
		table->seeds[i] = fs_hash_mix(seed + i * FS_HASH_MULTIPLIER) | 1;
	fs_slots_init(&table->slots, &table->memory);
	return table;
}

void
fs_addr_ids_destroy(FsAddrIds *table)
{
	FsAllocator *allocator = table->memory.allocator;

	fs_slots_release(&table->slots, &table->memory);
	fs_memory_release(&table->memory, table->keys, table->room * sizeof(FsAddr));
	allocator->release(allocator, table);
}

uint32
fs_addr_ids_n(const FsAddrIds *table)
{
	return table->n;
}

const FsAddr *
fs_addr_ids_keys(const FsAddrIds *table)
{
	return table->keys;
}

size_t
fs_addr_ids_bytes(const FsAddrIds *table)
{
	return table->memory.used_bytes;
}

static inline Words
words_of(const FsAddr *addr)
{
	uint16		head;
	Words		words;

	memcpy(&head, addr, 2);
	memcpy(&words.first, addr->addr, 8);
	memcpy(&words.last, addr->addr + 8, 8);
	words.head = head;
	return words;
}

static inline bool
is_equal(const FsAddr *a, const FsAddr *b)
{
	Words		x = words_of(a);
	Words		y = words_of(b);

	return ((x.head ^ y.head) | (x.first ^ y.first) | (x.last ^ y.last)) == 0;
}

/*
 * Products with secret odd numbers.  A word's high half is first mixed into
 * its low half, since high bits of a word stay in few high bits of a product
 * and a stranger could let those of two products cancel.
 */
static inline uint32
hash(const FsAddrIds *table, const FsAddr *addr)
{
	Words		words = words_of(addr);
	uint64		h = words.head * table->seeds[2];

	h += (words.first ^ (words.first >> 32)) * table->seeds[0];
	h += (words.last ^ (words.last >> 32)) * table->seeds[1];
	return (uint32) (((h ^ (h >> 32)) * FS_HASH_MULTIPLIER) >> 32);
}

static void
reserve(FsAddrIds *table, uint32 n)
{
	uint32		room = Max(table->room, FIRST_KEYS);

	fs_slots_reserve(&table->slots, &table->memory, n);
	if (likely(n <= table->room))
		return;
	while (room < n)
		room *= 2;
	table->keys = fs_memory_grow(&table->memory, table->keys, table->room,
								 room, sizeof(FsAddr));
	table->room = room;
}

static pg_noinline uint32
find_or_add(FsAddrIds *table, const FsAddr *key, uint32 h)
{
	uint64	   *slot;
	uint32		id;

	FS_SLOTS_FIND(&table->slots, h, slot, id, is_equal(&table->keys[id], key));
	if (*slot != 0)
		return id;
	fs_slots_put(&table->slots, slot, h, table->n);
	table->keys[table->n] = *key;
	return table->n++;
}

/* A key takes 18 bytes, and may begin in one line and end in another. */
static inline void
prefetch_key(const FsAddr *key)
{
	__builtin_prefetch(key);
	__builtin_prefetch((const char *) key + sizeof(FsAddr) - 1);
}

static void
prefetch(const FsAddrIds *table, const uint32 *hashes, uint32 n)
{
	const FsSlots *slots = &table->slots;
	uint32		i;

	for (i = 0; i < n; i++)
		fs_slots_prefetch(slots, hashes[i]);
	for (i = 0; i < n; i++)
	{
		uint64		slot = fs_slots_guess(slots, hashes[i]);

		if (slot != 0)
			prefetch_key(&table->keys[FS_SLOT_ID(slot)]);
	}
}

/* There is room for all, so neither array moves. */
static void
find_or_add_all(FsAddrIds *table, const FsAddr *keys, const uint32 *hashes,
				uint32 n, uint32 *ids)
{
	const FsSlots slots = table->slots;
	const FsAddr *known = table->keys;
	uint32		i;

	for (i = 0; i < n; i++)
	{
		uint64		slot = fs_slots_guess(&slots, hashes[i]);

		if (likely(slot != 0 && is_equal(&known[FS_SLOT_ID(slot)], &keys[i])))
			ids[i] = FS_SLOT_ID(slot);
		else
			ids[i] = find_or_add(table, &keys[i], hashes[i]);
	}
}

void
fs_addr_ids_add(FsAddrIds *table, const FsAddr *keys, uint32 n, uint32 *ids)
{
	uint32		hashes[FS_SLOTS_BATCH];
	uint32		m;
	uint32		i;

	for (; n > 0; n -= m, keys += m, ids += m)
	{
		FsSlots    *slots = &table->slots;

		m = Min(n, FS_SLOTS_BATCH);
		reserve(table, table->n + m);
		for (i = 0; i < m; i++)
			hashes[i] = hash(table, &keys[i]);
		if (fs_slots_bytes(slots) > FS_SLOTS_PREFETCH_BYTES)
			prefetch(table, hashes, m);
		find_or_add_all(table, keys, hashes, m, ids);
	}
}
