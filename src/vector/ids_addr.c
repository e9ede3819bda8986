/*-------------------------------------------------------------------------
 *
 * Ids of addresses.
 *
 * An address is 18 bytes without padding: two words of 8 and one of 2.
 *
 * Most are single hosts of IPv4.  Their hash is a permutation of the 32 bits
 * of the address, so equal hashes are equal addresses, and the key need not be
 * looked at.  They have slots of their own.
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
	uint32		factors[2];		/* of the permutation, odd */
	FsSlots		hosts;			/* of IPv4 */
	FsSlots		slots;			/* of all others */
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
	table->factors[0] = (uint32) (fs_hash_mix(table->seeds[0]) >> 16) | 1;
	table->factors[1] = (uint32) (fs_hash_mix(table->seeds[1]) >> 16) | 1;
	fs_slots_init(&table->hosts, &table->memory);
	fs_slots_init(&table->slots, &table->memory);
	return table;
}

void
fs_addr_ids_destroy(FsAddrIds *table)
{
	FsAllocator *allocator = table->memory.allocator;

	fs_slots_release(&table->hosts, &table->memory);
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

static inline bool
is_host(const FsAddr *addr)
{
	uint64		middle;
	uint32		last;

	memcpy(&middle, addr->addr + 4, 8);
	memcpy(&last, addr->addr + 12, 4);
	return addr->family == 4 && addr->bits == 32 && (middle | last) == 0;
}

/* One to one, and not to be foreseen by strangers. */
static inline uint32
permute(const FsAddrIds *table, const FsAddr *addr)
{
	uint32		x;

	memcpy(&x, addr->addr, 4);
	x *= table->factors[0];
	x ^= x >> 15;
	x *= table->factors[1];
	x ^= x >> 16;
	return x * (uint32) (FS_HASH_MULTIPLIER | 1);
}

static void
reserve(FsAddrIds *table, uint32 n)
{
	uint32		room = Max(table->room, FIRST_KEYS);

	if (likely(n <= table->room))
		return;
	while (room < n)
		room *= 2;
	table->keys = fs_memory_grow(&table->memory, table->keys, table->room,
								 room, sizeof(FsAddr));
	table->room = room;
}

static uint32
put_key(FsAddrIds *table, FsSlots *slots, uint64 *slot, uint32 h,
		const FsAddr *key)
{
	fs_slots_put(slots, slot, h, table->n);
	slots->used++;
	table->keys[table->n] = *key;
	return table->n++;
}

static pg_noinline uint32
find_or_add(FsAddrIds *table, const FsAddr *key, uint32 h)
{
	uint64	   *slot;
	uint32		id;

	FS_SLOTS_FIND(&table->slots, h, slot, id, is_equal(&table->keys[id], key));
	return *slot != 0 ? id : put_key(table, &table->slots, slot, h, key);
}

static pg_noinline uint32
find_or_add_host(FsAddrIds *table, const FsAddr *key, uint32 h)
{
	uint64	   *slot;
	uint32		id;

	FS_SLOTS_FIND(&table->hosts, h, slot, id, true);
	return *slot != 0 ? id : put_key(table, &table->hosts, slot, h, key);
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

/* Keys at[m] of a batch, single hosts of IPv4. */
static void
add_hosts(FsAddrIds *table, const FsAddr *keys, const uint8 *at, uint32 m,
		  uint32 *ids)
{
	uint32		hashes[FS_SLOTS_BATCH];
	uint32		i;

	fs_slots_reserve(&table->hosts, &table->memory, table->hosts.used + m);
	for (i = 0; i < m; i++)
		hashes[i] = permute(table, &keys[at[i]]);
	if (fs_slots_bytes(&table->hosts) > FS_SLOTS_PREFETCH_BYTES)
		for (i = 0; i < m; i++)
			fs_slots_prefetch(&table->hosts, hashes[i]);
	for (i = 0; i < m; i++)
	{
		uint64		slot = fs_slots_guess(&table->hosts, hashes[i]);

		if (likely(slot != 0 && FS_SLOT_HAS(slot, hashes[i])))
			ids[at[i]] = FS_SLOT_ID(slot);
		else
			ids[at[i]] = find_or_add_host(table, &keys[at[i]], hashes[i]);
	}
}

/* The same of all others. */
static void
add_others(FsAddrIds *table, const FsAddr *keys, const uint8 *at, uint32 m,
		   uint32 *ids)
{
	uint32		hashes[FS_SLOTS_BATCH];
	uint32		i;

	fs_slots_reserve(&table->slots, &table->memory, table->slots.used + m);
	for (i = 0; i < m; i++)
		hashes[i] = hash(table, &keys[at[i]]);
	if (fs_slots_bytes(&table->slots) > FS_SLOTS_PREFETCH_BYTES)
		prefetch(table, hashes, m);
	for (i = 0; i < m; i++)
	{
		const FsAddr *key = &keys[at[i]];
		uint64		slot = fs_slots_guess(&table->slots, hashes[i]);

		if (likely(slot != 0 && is_equal(&table->keys[FS_SLOT_ID(slot)], key)))
			ids[at[i]] = FS_SLOT_ID(slot);
		else
			ids[at[i]] = find_or_add(table, key, hashes[i]);
	}
}

void
fs_addr_ids_add(FsAddrIds *table, const FsAddr *keys, uint32 n, uint32 *ids)
{
	uint32		m;

	StaticAssertStmt(FS_SLOTS_BATCH <= 256, "places have 8 bits");
	for (; n > 0; n -= m, keys += m, ids += m)
	{
		uint8		hosts[FS_SLOTS_BATCH];
		uint8		others[FS_SLOTS_BATCH];
		uint32		nhosts = 0;
		uint32		nothers = 0;
		uint32		i;

		m = Min(n, FS_SLOTS_BATCH);
		reserve(table, table->n + m);
		for (i = 0; i < m; i++)
		{
			bool		is_one = is_host(&keys[i]);

			hosts[nhosts] = others[nothers] = (uint8) i;
			nhosts += is_one;
			nothers += !is_one;
		}
		add_hosts(table, keys, hosts, nhosts, ids);
		if (nothers > 0)
			add_others(table, keys, others, nothers, ids);
	}
}
