/*-------------------------------------------------------------------------
 *
 * Distinct values of rows that are being clustered.
 *
 * Open addressing; entries lie in segments that never move, since the arena
 * takes nothing back.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/cluster_values.h"
#include "format/hash.h"
#include "format/radix.h"

#define TABLE_BITS_MIN		9
#define SEGMENTS_FIRST		16
#define SLAB_SIZE			((uint32) 64 * 1024)

static void
create_slots(FsClusterValues *values, int bits)
{
	size_t		size = sizeof(uint32) << bits;

	values->slots = values->arena->alloc(values->arena, size);
	values->bits = bits;
	memset(values->slots, 0, size);
}

void
fs_cluster_values_init(FsClusterValues *values, uint8 kind, FsArena *arena)
{
	memset(values, 0, sizeof(*values));
	values->arena = arena;
	values->kind = kind;
	create_slots(values, TABLE_BITS_MIN);
	values->cap = SEGMENTS_FIRST;
	values->segments = arena->alloc(arena, SEGMENTS_FIRST * sizeof(void *));
	values->seed = fs_hash_seed(values->slots);
}

static inline int64 *
int_entry(const FsClusterValues *values, uint32 number)
{
	return (int64 *) values->segments[number / FS_CLUSTER_SEGMENT] +
		number % FS_CLUSTER_SEGMENT;
}

static inline FsAddrNumber *
addr_entry(const FsClusterValues *values, uint32 number)
{
	return (FsAddrNumber *) values->segments[number / FS_CLUSTER_SEGMENT] +
		number % FS_CLUSTER_SEGMENT;
}

static inline uint64
hash_addr(const FsAddrNumber *addr, uint64 seed)
{
	uint64		h = fs_hash_mix((addr->hi ^ seed) * seed);

	return fs_hash_int((h ^ addr->lo) * seed + addr->bits + addr->family, seed);
}

static inline uint32
first_slot(const FsClusterValues *values, uint64 hash)
{
	return (uint32) (hash >> (64 - values->bits));
}

static inline uint32
next_slot(const FsClusterValues *values, uint32 slot)
{
	return (slot + 1) & (((uint32) 1 << values->bits) - 1);
}

static uint64
hash_entry(const FsClusterValues *values, uint32 number)
{
	const FsClusterString *string;

	if (values->kind == FS_KIND_INT)
		return fs_hash_int((uint64) *int_entry(values, number), values->seed);
	if (values->kind == FS_KIND_ADDR)
		return hash_addr(addr_entry(values, number), values->seed);
	string = fs_cluster_values_string(values, number);
	return fs_hash_bytes(string->ptr, string->len, values->seed);
}

static void
put_slot(FsClusterValues *values, uint64 hash, uint32 number)
{
	uint32		slot = first_slot(values, hash);

	while (values->slots[slot] != 0)
		slot = next_slot(values, slot);
	values->slots[slot] = number + 1;
}

/* Room for the entry of the next number; its table slot is filled. */
static uint32
add_entry(FsClusterValues *values, uint64 hash)
{
	uint32		number = values->count++;
	size_t		size = values->kind == FS_KIND_INT ? sizeof(int64) :
		values->kind == FS_KIND_ADDR ? sizeof(FsAddrNumber) : sizeof(FsClusterString);
	uint32		i;

	if (number / FS_CLUSTER_SEGMENT == values->nsegments)
	{
		if (values->nsegments == values->cap)
		{
			void	  **old = values->segments;

			values->segments = values->arena->alloc(values->arena, 2 * values->cap * sizeof(void *));
			memcpy(values->segments, old, values->cap * sizeof(void *));
			values->cap *= 2;
		}
		values->segments[values->nsegments++] =
			values->arena->alloc(values->arena, FS_CLUSTER_SEGMENT * size);
	}
	if ((uint64) values->count * 3 > (UINT64CONST(2) << values->bits))
	{
		create_slots(values, values->bits + 1);
		for (i = 0; i < number; i++)
			put_slot(values, hash_entry(values, i), i);
	}
	put_slot(values, hash, number);
	return number;
}

uint32
fs_cluster_values_add_int(FsClusterValues *values, int64 value)
{
	uint64		hash = fs_hash_int((uint64) value, values->seed);
	uint32		slot = first_slot(values, hash);
	uint32		number;

	for (; (number = values->slots[slot]) != 0; slot = next_slot(values, slot))
		if (*int_entry(values, number - 1) == value)
			return number - 1;
	number = add_entry(values, hash);
	*int_entry(values, number) = value;
	return number;
}

uint32
fs_cluster_values_add_addr(FsClusterValues *values, const FsAddr *addr)
{
	FsAddrNumber key = fs_addrmap_number(addr);
	uint64		hash = hash_addr(&key, values->seed);
	uint32		slot = first_slot(values, hash);
	uint32		number;

	for (; (number = values->slots[slot]) != 0; slot = next_slot(values, slot))
		if (fs_addrmap_compare(addr_entry(values, number - 1), &key) == 0)
			return number - 1;
	number = add_entry(values, hash);
	*addr_entry(values, number) = key;
	return number;
}

static const uint8 *
copy_bytes(FsClusterValues *values, const uint8 *ptr, uint32 len)
{
	uint8	   *copy;

	if (len > SLAB_SIZE / 8)
		copy = values->arena->alloc(values->arena, len);
	else
	{
		if (len > values->slab_left || !values->slab)
		{
			values->slab = values->arena->alloc(values->arena, SLAB_SIZE);
			values->slab_left = SLAB_SIZE;
		}
		copy = values->slab;
		values->slab += len;
		values->slab_left -= len;
	}
	if (len > 0)
		memcpy(copy, ptr, len);
	return copy;
}

uint32
fs_cluster_values_add_bytes(FsClusterValues *values, const uint8 *ptr,
							uint32 len)
{
	uint64		hash = fs_hash_bytes(ptr, len, values->seed);
	uint32		slot = first_slot(values, hash);
	FsClusterString *string;
	uint32		number;

	for (; (number = values->slots[slot]) != 0; slot = next_slot(values, slot))
	{
		const FsClusterString *other = fs_cluster_values_string(values, number - 1);

		if (other->tag == (uint32) hash && other->len == len && (len == 0 || memcmp(other->ptr, ptr, len) == 0))
			return number - 1;
	}
	number = add_entry(values, hash);
	string = unconstify(FsClusterString *, fs_cluster_values_string(values, number));
	string->ptr = copy_bytes(values, ptr, len);
	string->len = len;
	string->tag = (uint32) hash;
	values->nbytes += len;
	return number;
}

/* A part of an entry that integers or addresses are sorted by. */
static uint64
sort_key(const FsClusterValues *values, uint32 number, int part)
{
	const FsAddrNumber *addr;

	if (values->kind == FS_KIND_INT)
		return (uint64) *int_entry(values, number) ^ UINT64CONST(1) << 63;
	addr = addr_entry(values, number);
	switch (part)
	{
		case 0:
			return addr->bits;
		case 1:
			return addr->lo;
		case 2:
			return addr->hi;
		default:
			return addr->family;
	}
}

/* Numbers by value, for integers (one part) and addresses (four). */
static void
sort_fixed(const FsClusterValues *values, FsRadixItem *items, FsArena *temp)
{
	uint32		n = values->count;
	FsRadixItem *spare = temp->alloc(temp, n * sizeof(FsRadixItem));
	int			nparts = values->kind == FS_KIND_INT ? 1 : 4;
	int			part;
	uint32		i;

	for (part = 0; part < nparts; part++)
	{
		for (i = 0; i < n; i++)
			items[i].key = sort_key(values, items[i].index, part);
		fs_radix_sort(items, spare, n);
	}
}

typedef struct SortString
{
	uint64		first;			/* bytes, as a number, filled with 0 */
	const FsClusterString *string;
	uint32		number;
} SortString;

static int
compare_strings(const void *a, const void *b)
{
	const SortString *x = a;
	const SortString *y = b;
	uint32		len = Min(x->string->len, y->string->len);
	int			cmp;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	cmp = len > 0 ? memcmp(x->string->ptr, y->string->ptr, len) : 0;
	if (cmp != 0)
		return cmp;
	return x->string->len < y->string->len ? -1 : x->string->len > y->string->len;
}

static void
sort_strings(const FsClusterValues *values, FsRadixItem *items, FsArena *temp)
{
	uint32		n = values->count;
	SortString *strings = temp->alloc(temp, n * sizeof(SortString));
	uint32		i;
	uint32		k;

	for (i = 0; i < n; i++)
	{
		const FsClusterString *string = fs_cluster_values_string(values, i);
		uint64		first = 0;

		for (k = 0; k < 8; k++)
			first = first << 8 | (k < string->len ? string->ptr[k] : 0);
		strings[i].first = first;
		strings[i].string = string;
		strings[i].number = i;
	}
	qsort(strings, n, sizeof(SortString), compare_strings);
	for (i = 0; i < n; i++)
		items[i].index = strings[i].number;
}

static void
fill_sorted(FsClusterValues *values, const FsRadixItem *items)
{
	FsArena    *arena = values->arena;
	uint32		n = values->count;
	uint32		i;

	values->codes = arena->alloc(arena, n * sizeof(uint32));
	if (values->kind == FS_KIND_INT)
		values->ints = arena->alloc(arena, n * sizeof(int64));
	else if (values->kind == FS_KIND_ADDR)
		values->addrs = arena->alloc(arena, n * sizeof(FsAddrNumber));
	else
	{
		values->ptrs = arena->alloc(arena, n * sizeof(uint8 *));
		values->lens = arena->alloc(arena, n * sizeof(uint32));
	}
	for (i = 0; i < n; i++)
	{
		uint32		number = items[i].index;

		values->codes[number] = i;
		if (values->ints)
			values->ints[i] = *int_entry(values, number);
		else if (values->addrs)
			values->addrs[i] = *addr_entry(values, number);
		else
		{
			values->ptrs[i] = fs_cluster_values_string(values, number)->ptr;
			values->lens[i] = fs_cluster_values_string(values, number)->len;
		}
	}
}

void
fs_cluster_values_sort(FsClusterValues *values, FsArena *temp)
{
	uint32		n = values->count;
	FsRadixItem *items;
	uint32		i;

	if (n == 0)
		return;
	items = temp->alloc(temp, n * sizeof(FsRadixItem));
	for (i = 0; i < n; i++)
		items[i].index = i;
	if (values->kind == FS_KIND_BYTES)
		sort_strings(values, items, temp);
	else
		sort_fixed(values, items, temp);
	fill_sorted(values, items);
}
