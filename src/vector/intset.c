/*-------------------------------------------------------------------------
 *
 * A set of integers, made once to be asked of many vectors.
 *
 * A hash table has two slots a member or more and is probed linearly.  Most
 * values that are asked are not members, so a filter comes first: a bit for
 * each of at least 32 hashes a member, which one in 32 of the others passes.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/hash.h"
#include "format/radix.h"
#include "vector/intset.h"

/* a bitmap may always have this many bits, or this many a member */
#define BITMAP_BITS				(UINT64CONST(1) << 20)
#define BITMAP_BITS_PER_MEMBER	256

#define SIGN_BIT				(UINT64CONST(1) << 63)

/* Sort and drop repetitions; the list belongs to the set. */
static const int64 *
sort(const int64 *values, uint32 n, uint32 *nmembers, FsArena *arena)
{
	FsRadixItem *items = arena->alloc(arena, (n + 1) * sizeof(FsRadixItem));
	FsRadixItem *spare = arena->alloc(arena, (n + 1) * sizeof(FsRadixItem));
	int64	   *members = arena->alloc(arena, (n + 1) * sizeof(int64));
	uint32		m = 0;
	uint32		i;

	for (i = 0; i < n; i++)
	{
		items[i].key = (uint64) values[i] ^ SIGN_BIT;
		items[i].index = i;
	}
	fs_radix_sort(items, spare, n);
	for (i = 0; i < n; i++)
		if (i == 0 || items[i].key != items[i - 1].key)
			members[m++] = (int64) (items[i].key ^ SIGN_BIT);
	*nmembers = m;
	return members;
}

/* Some integer that is not a member; there are fewer members than integers. */
static int64
find_hole(const FsIntSet *set)
{
	uint32		i;

	if (set->min > PG_INT64_MIN)
		return set->min - 1;
	for (i = 1; set->members[i] == set->members[i - 1] + 1; i++)
		;
	return set->members[i - 1] + 1;
}

static int
log2_ceil(uint64 n)
{
	int			bits = 0;

	while ((UINT64CONST(1) << bits) < n)
		bits++;
	return bits;
}

static void
make_bitmap(FsIntSet *set, uint64 span, FsArena *arena)
{
	size_t		len = (span / 32 + 1) * 4;
	uint8	   *bits = arena->alloc(arena, len);
	uint32		i;

	memset(bits, 0, len);
	for (i = 0; i < set->n; i++)
	{
		uint64		at = (uint64) set->members[i] - (uint64) set->min;

		bits[at / 8] |= 1 << (at % 8);
	}
	set->shape = FS_INTSET_BITMAP;
	set->bits = bits;
}

static void
make_hash(FsIntSet *set, FsArena *arena)
{
	int			slot_bits = log2_ceil((uint64) set->n * 2);
	int			filter_bits = log2_ceil((uint64) set->n * 32);
	uint64		nslots = UINT64CONST(1) << slot_bits;
	int64	   *slots = arena->alloc(arena, nslots * sizeof(int64));
	uint8	   *bits = arena->alloc(arena, UINT64CONST(1) << (filter_bits - 3));
	uint64		at;
	uint32		i;

	set->shape = FS_INTSET_HASH;
	set->hole = find_hole(set);
	set->slots_shift = 64 - slot_bits;
	set->bits_shift = 64 - filter_bits;
	set->slots = slots;
	set->bits = bits;
	for (at = 0; at < nslots; at++)
		slots[at] = set->hole;
	memset(bits, 0, UINT64CONST(1) << (filter_bits - 3));
	for (i = 0; i < set->n; i++)
	{
		uint64		h = fs_hash_int(set->members[i], set->seed);
		uint64		bit = h >> set->bits_shift;

		bits[bit / 8] |= 1 << (bit % 8);
		for (at = h >> set->slots_shift; slots[at] != set->hole;)
			at = (at + 1) & (nslots - 1);
		slots[at] = set->members[i];
	}
}

const FsIntSet *
fs_intset_create(const int64 *values, uint32 n, uint64 seed, FsArena *arena)
{
	FsIntSet   *set = arena->alloc(arena, sizeof(FsIntSet));
	uint64		span;

	memset(set, 0, sizeof(FsIntSet));
	set->seed = fs_hash_mix(seed) | 1;
	set->members = sort(values, n, &set->n, arena);
	if (set->n == 0)
	{
		set->shape = FS_INTSET_EMPTY;
		return set;
	}
	set->min = set->members[0];
	set->max = set->members[set->n - 1];
	span = (uint64) set->max - (uint64) set->min;
	if (span == set->n - 1)
		set->shape = FS_INTSET_RANGE;
	else if (set->n <= FS_INTSET_LIST_MAX)
		set->shape = FS_INTSET_LIST;
	else if (span < Max(BITMAP_BITS, (uint64) set->n * BITMAP_BITS_PER_MEMBER))
		make_bitmap(set, span, arena);
	else
		make_hash(set, arena);
	return set;
}

static bool
list_has(const FsIntSet *set, int64 v)
{
	uint32		i;

	for (i = 0; i < set->n; i++)
		if (set->members[i] == v)
			return true;
	return false;
}

static bool
hash_has(const FsIntSet *set, int64 v)
{
	uint64		h = fs_hash_int(v, set->seed);
	uint64		last = ~UINT64CONST(0) >> set->slots_shift;
	uint64		at;

	for (at = h >> set->slots_shift; set->slots[at] != set->hole;
		 at = (at + 1) & last)
		if (set->slots[at] == v)
			return true;
	return false;
}

bool
fs_intset_has(const FsIntSet *set, int64 v)
{
	uint64		at = (uint64) v - (uint64) set->min;

	if (set->shape == FS_INTSET_EMPTY || v < set->min || v > set->max)
		return false;
	if (set->shape == FS_INTSET_RANGE)
		return true;
	if (set->shape == FS_INTSET_LIST)
		return list_has(set, v);
	if (set->shape == FS_INTSET_BITMAP)
		return (set->bits[at / 8] >> (at % 8)) & 1;
	return hash_has(set, v);
}
