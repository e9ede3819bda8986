/*-------------------------------------------------------------------------
 *
 * A set of pairs.
 *
 * Open addressing with linear probing; a slot is the pair itself as a number
 * of 64 bits, plus 1, so that 0 is free.  At most half are in use, as in
 * tables of ids.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/hash.h"
#include "vector/pairset.h"

#define FIRST_BITS	8

/* pairs whose slots are fetched into the cache together */
#define BATCH		64

/* tables above this size are out of the second cache, or not alone in it */
#define PREFETCH_BYTES	(512 * 1024)

struct FsPairSet
{
	FsMemory	memory;
	uint64		seed;			/* odd */
	uint64		n;
	uint64	   *slots;
	uint64		last;			/* slots - 1 */
	int			shift;			/* hash >> shift is a slot's number */
	uint64		room;			/* pairs that fit before it must grow */
};

static void
take(FsPairSet *set, int bits)
{
	uint64		nslots = UINT64CONST(1) << bits;
	uint64	   *slots = fs_memory_take(&set->memory, nslots * sizeof(uint64));

	memset(slots, 0, nslots * sizeof(uint64));
	set->slots = slots;
	set->last = nslots - 1;
	set->shift = 64 - bits;
	set->room = nslots / 2;
}

FsPairSet *
fs_pair_set_create(FsAllocator *allocator, uint64 seed)
{
	FsPairSet  *set = allocator->alloc(allocator, sizeof(FsPairSet));

	memset(set, 0, sizeof(FsPairSet));
	set->memory.allocator = allocator;
	set->memory.used_bytes = sizeof(FsPairSet);
	set->seed = fs_hash_mix(seed) | 1;
	take(set, FIRST_BITS);
	return set;
}

void
fs_pair_set_destroy(FsPairSet *set)
{
	FsAllocator *allocator = set->memory.allocator;

	fs_memory_release(&set->memory, set->slots,
					  (set->last + 1) * sizeof(uint64));
	allocator->release(allocator, set);
}

static inline uint64
place_of(const FsPairSet *set, uint64 pair)
{
	return fs_hash_int(pair, set->seed) >> set->shift;
}

static inline uint64
pair_of(uint32 first, uint32 second)
{
	return ((uint64) first << 32 | second) + 1;
}

/*
 * Twice as many slots.  Where a pair stands follows from high bits, so both
 * tables are gone through in order.
 */
static void
grow(FsPairSet *set)
{
	uint64	   *old = set->slots;
	uint64		last = set->last;
	uint64		i;

	take(set, 64 - set->shift + 1);
	for (i = 0; i <= last; i++)
	{
		uint64		at;

		if (old[i] == 0)
			continue;
		for (at = place_of(set, old[i]); set->slots[at] != 0;)
			at = (at + 1) & set->last;
		set->slots[at] = old[i];
	}
	fs_memory_release(&set->memory, old, (last + 1) * sizeof(uint64));
}

/* True if the pair is new. */
static inline bool
add_one(FsPairSet *set, uint64 pair, uint64 at)
{
	uint64	   *slots = set->slots;

	while (slots[at] != pair)
	{
		if (slots[at] == 0)
		{
			slots[at] = pair;
			set->n++;
			return true;
		}
		at = (at + 1) & set->last;
	}
	return false;
}

uint32
fs_pair_set_add(FsPairSet *set, const uint32 *first, const uint32 *second,
				uint32 n, uint32 *fresh)
{
	uint64		places[BATCH];
	uint32		nfresh = 0;
	uint32		start;

	for (start = 0; start < n; start += BATCH)
	{
		uint32		m = Min(n - start, BATCH);
		uint32		i;

		while (unlikely(set->n + m > set->room))
			grow(set);
		for (i = 0; i < m; i++)
			places[i] = place_of(set, pair_of(first[start + i], second[start + i]));
		if ((set->last + 1) * sizeof(uint64) > PREFETCH_BYTES)
			for (i = 0; i < m; i++)
				__builtin_prefetch(&set->slots[places[i]]);
		for (i = 0; i < m; i++)
		{
			fresh[nfresh] = start + i;
			nfresh += add_one(set, pair_of(first[start + i], second[start + i]),
							  places[i]);
		}
	}
	return nfresh;
}

uint64
fs_pair_set_n(const FsPairSet *set)
{
	return set->n;
}

bool
fs_pair_set_next(const FsPairSet *set, uint64 *at, uint32 *first,
				 uint32 *second)
{
	while (*at <= set->last)
	{
		uint64		slot = set->slots[(*at)++];

		if (slot == 0)
			continue;
		*first = (uint32) ((slot - 1) >> 32);
		*second = (uint32) (slot - 1);
		return true;
	}
	return false;
}

size_t
fs_pair_set_bytes(const FsPairSet *set)
{
	return set->memory.used_bytes;
}
