/*-------------------------------------------------------------------------
 *
 * The distinct addresses of a column.
 *
 * Two tables with open addressing give codes in order of first sight: one
 * for IPv4 addresses of full length, whose slot is the key, and one for all
 * others, whose slot has part of the hash and leads to the entry.  They
 * start small and grow, so that a column of few addresses stays in cache.
 * Then the entries are sorted and the codes renumbered.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/addrmap.h"
#include "format/hash.h"
#include "format/radix.h"

#define TABLE_BITS_MIN	9
#define TABLE_GROWTH	2		/* bits at a time */
#define BATCH			16		/* addresses on their way at a time */

typedef struct Slot
{
	uint32		key;			/* IPv4 address, or bits of the hash */
	uint32		code;			/* code + 1; 0: free */
} Slot;

typedef struct Table
{
	Slot	   *slots;			/* [1 << bits] */
	int			bits;
	uint32		used;
} Table;

/* An address whose slot is on its way to the cache. */
typedef struct Probe
{
	const FsAddr *addr;
	uint64		hash;
} Probe;

typedef struct Builder
{
	FsScratch  *scratch;
	Table		v4;
	Table		others;
	uint64		seed;
	FsAddrNumber *entries;
	uint32		count;
} Builder;

FsAddrNumber
fs_addrmap_number(const FsAddr *addr)
{
	FsAddrNumber number;

	number.family = addr->family;
	number.bits = addr->bits;
	if (addr->family == 4)
	{
		number.hi = 0;
		number.lo = fs_big_get32(addr->addr);
	}
	else
	{
		number.hi = fs_big_get64(addr->addr);
		number.lo = fs_big_get64(addr->addr + 8);
	}
	return number;
}

static inline void
make_addr(const FsAddrNumber *number, FsAddr *addr)
{
	addr->family = number->family;
	addr->bits = number->bits;
	if (number->family == 4)
	{
		fs_big_put32(addr->addr, (uint32) number->lo);
		memset(addr->addr + 4, 0, 12);
	}
	else
	{
		fs_big_put64(addr->addr, number->hi);
		fs_big_put64(addr->addr + 8, number->lo);
	}
}

void
fs_addrmap_addr(const FsAddrNumber *number, FsAddr *addr)
{
	make_addr(number, addr);
}

void
fs_addrmap_addrs(const FsAddrNumber *numbers, uint32 n, FsAddr *addrs)
{
	uint32		i;

	for (i = 0; i < n; i++)
		make_addr(&numbers[i], &addrs[i]);
}

int
fs_addrmap_compare(const FsAddrNumber *a, const FsAddrNumber *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	if (a->hi != b->hi)
		return a->hi < b->hi ? -1 : 1;
	if (a->lo != b->lo)
		return a->lo < b->lo ? -1 : 1;
	return (int) a->bits - (int) b->bits;
}

static uint64
hash_number(const FsAddrNumber *number, uint64 seed)
{
	uint64		h = fs_hash_mix((number->hi ^ seed) * seed);

	h = fs_hash_mix((h ^ number->lo) * seed);
	return fs_hash_int(h ^ number->bits ^ number->family << 8, seed);
}

static void
table_init(Table *table, int bits, FsScratch *scratch)
{
	size_t		size = sizeof(Slot) << bits;

	table->slots = fs_scratch_alloc(scratch, size);
	memset(table->slots, 0, size);
	table->bits = bits;
	table->used = 0;
}

static inline uint32
slot_of(const Table *table, uint64 hash)
{
	return (uint32) (hash >> (64 - table->bits));
}

static inline uint32
next_slot(const Table *table, uint32 slot)
{
	return (slot + 1) & ((((uint32) 1) << table->bits) - 1);
}

/* Put an entry that is known to be new into the first free slot. */
static void
table_put(Table *table, uint64 hash, uint32 key, uint32 code)
{
	uint32		slot = slot_of(table, hash);

	while (table->slots[slot].code != 0)
		slot = next_slot(table, slot);
	table->slots[slot].key = key;
	table->slots[slot].code = code + 1;
	table->used++;
}

/* Make room before the table is half full. */
static void
table_grow(Builder *builder, Table *table)
{
	Table		old = *table;
	bool		is_v4 = table == &builder->v4;
	uint32		i;

	if (old.used * 2 < ((uint32) 1) << old.bits)
		return;
	table_init(table, old.bits + TABLE_GROWTH, builder->scratch);
	for (i = 0; i < ((uint32) 1) << old.bits; i++)
	{
		const Slot *slot = &old.slots[i];
		uint64		hash;

		if (slot->code == 0)
			continue;
		if (is_v4)
			table_put(table, fs_hash_int(slot->key, builder->seed), slot->key,
					  slot->code - 1);
		else
		{
			hash = hash_number(&builder->entries[slot->code - 1], builder->seed);
			table_put(table, hash, (uint32) hash, slot->code - 1);
		}
	}
}

static uint32
add_entry(Builder *builder, Table *table, const Probe *probe, uint32 key)
{
	uint32		code = builder->count++;

	builder->entries[code] = fs_addrmap_number(probe->addr);
	table_put(table, probe->hash, key, code);
	table_grow(builder, table);
	return code;
}

static inline uint32
find_v4(Builder *builder, const Probe *probe)
{
	uint32		key = fs_big_get32(probe->addr->addr);
	Table	   *table = &builder->v4;
	uint32		slot = slot_of(table, probe->hash);

	while (table->slots[slot].code != 0)
	{
		if (table->slots[slot].key == key)
			return table->slots[slot].code - 1;
		slot = next_slot(table, slot);
	}
	return add_entry(builder, table, probe, key);
}

static uint32
find_other(Builder *builder, const Probe *probe)
{
	FsAddrNumber number = fs_addrmap_number(probe->addr);
	Table	   *table = &builder->others;
	uint32		slot = slot_of(table, probe->hash);
	uint32		code;

	while ((code = table->slots[slot].code) != 0)
	{
		if (table->slots[slot].key == (uint32) probe->hash &&
			fs_addrmap_compare(&builder->entries[code - 1], &number) == 0)
			return code - 1;
		slot = next_slot(table, slot);
	}
	return add_entry(builder, table, probe, (uint32) probe->hash);
}

static inline bool
is_full_v4(const FsAddr *addr)
{
	return addr->family == 4 && addr->bits == 32;
}

/* Hash an address and ask for its slot, which will be wanted soon. */
static inline void
prepare(const Builder *builder, const FsAddr *addr, Probe *probe)
{
	const Table *table = is_full_v4(addr) ? &builder->v4 : &builder->others;
	FsAddrNumber number;

	probe->addr = addr;
	if (is_full_v4(addr))
		probe->hash = fs_hash_int(fs_big_get32(addr->addr), builder->seed);
	else
	{
		number = fs_addrmap_number(addr);
		probe->hash = hash_number(&number, builder->seed);
	}
	__builtin_prefetch(&table->slots[slot_of(table, probe->hash)]);
}

/* Set keys of items[count] from one part of their entries, and sort. */
static void
sort_by(const FsAddrNumber *entries, int part, FsRadixItem *items,
		FsRadixItem *spare, uint32 count)
{
	uint32		i;

	for (i = 0; i < count; i++)
	{
		const FsAddrNumber *entry = &entries[items[i].index];

		items[i].key = part == 0 ? entry->bits : part == 1 ? entry->lo :
			entry->hi;
	}
	fs_radix_sort(items, spare, count);
}

/* Items for the entries of one family, in order; gives how many. */
static uint32
sort_family(const Builder *builder, uint8 family, FsRadixItem *items,
			FsRadixItem *spare)
{
	uint32		count = 0;
	bool		has_bits = false;
	uint32		i;

	for (i = 0; i < builder->count; i++)
	{
		if (builder->entries[i].family != family)
			continue;
		items[count++].index = i;
		has_bits |= builder->entries[i].bits != (family == 4 ? 32 : 128);
	}
	if (has_bits)
		sort_by(builder->entries, 0, items, spare, count);
	sort_by(builder->entries, 1, items, spare, count);
	if (family != 4)
		sort_by(builder->entries, 2, items, spare, count);
	return count;
}

static void
sort_entries(Builder *builder, uint32 n, FsAddrMap *map)
{
	FsScratch  *scratch = builder->scratch;
	uint32		count = builder->count;
	FsRadixItem *items = fs_scratch_alloc(scratch, count * sizeof(FsRadixItem));
	FsRadixItem *spare = fs_scratch_alloc(scratch, count * sizeof(FsRadixItem));
	uint32	   *rank = fs_scratch_alloc(scratch, count * sizeof(uint32));
	uint32		i;

	map->count = count;
	map->entries = fs_scratch_alloc(scratch, count * sizeof(FsAddrNumber));
	map->count4 = sort_family(builder, 4, items, spare);
	if (map->count4 < count)
		sort_family(builder, 6, items + map->count4, spare);
	for (i = 0; i < count; i++)
	{
		map->entries[i] = builder->entries[items[i].index];
		rank[items[i].index] = i;
	}
	for (i = 0; i < n; i++)
		map->codes[i] = rank[map->codes[i]];
}

void
fs_addrmap_build(FsEncoder *encoder, const FsColumnValues *values,
				 FsAddrMap *map)
{
	uint32		n = fs_shape_n(&encoder->shape);
	Builder		builder;
	Probe		probes[BATCH];
	uint32		at = 0;
	uint32		row = 0;

	builder.scratch = &encoder->scratch;
	builder.count = 0;
	builder.entries = fs_scratch_alloc(&encoder->scratch, n * sizeof(FsAddrNumber));
	table_init(&builder.v4, TABLE_BITS_MIN, &encoder->scratch);
	table_init(&builder.others, TABLE_BITS_MIN, &encoder->scratch);
	map->codes = fs_scratch_alloc(&encoder->scratch, n * sizeof(uint64));
	builder.seed = fs_hash_seed(builder.entries);
	while (at < n)
	{
		int			count = 0;
		int			i;

		for (; row < encoder->nrows && count < BATCH; row++)
			if (!fs_encoder_is_null(values, row))
				prepare(&builder, &values->addrs[row], &probes[count++]);
		for (i = 0; i < count; i++)
			map->codes[at++] = is_full_v4(probes[i].addr) ?
				find_v4(&builder, &probes[i]) : find_other(&builder, &probes[i]);
	}
	sort_entries(&builder, n, map);
}
