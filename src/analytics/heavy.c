/*-------------------------------------------------------------------------
 *
 * The heaviest values and about their weights, in bounded memory.
 *
 * Space-Saving, with evictions in bulk.  A value that comes in is given bound
 * as error and bound plus its weight as weight, because before it may have had
 * up to bound.  When there are more than 2k, the (k + 1)st weight becomes the
 * bound, and all that do not weigh more go: at least k + 1 entries had that
 * weight above the old bound, so each rise of the bound takes k + 1 times as
 * much of the total, which proves bound <= total / (k + 1).
 *
 * Merging adds weights, errors and bounds; what only one side has is given the
 * bound of the other, too.  Agarwal et al. prove that the bound still holds.
 *
 *	  k = 1, values a a a b c: a 3, b 1, then c makes it three: the second
 *	  weight is 1, so bound = 1 and a 3 error 0 is left
 *
 * Source: Metwally, Agrawal, El Abbadi, ICDT 2005; Agarwal, Cormode, Huang,
 * Phillips, Wei, Yi, Mergeable Summaries, PODS 2012; Anderson et al., IMC 2017
 * (evictions in bulk).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/int.h"
#include "miscadmin.h"

#include "analytics/heavy.h"
#include "vector/hash64.h"

/* Sorts descending by weight. */
#define ST_SORT sort_entries
#define ST_ELEMENT_TYPE FsHeavyEntry
#define ST_COMPARE(a, b) ((a)->weight > (b)->weight ? -1 : (a)->weight < (b)->weight)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

#define MIN_SLOT_BITS	4

static inline uint32
slot_count(const FsHeavy *heavy)
{
	return 1U << heavy->slot_bits;
}

/* With a secret of the backend, as in counts.c. */
static inline uint64
home_slot(const FsHeavy *heavy, uint64 hash)
{
	return fs_hash64_word((hash ^ heavy->type->seed) * heavy->type->factor) >>
		(64 - heavy->slot_bits);
}

static void
allocate_slots(FsHeavy *heavy)
{
	heavy->slots =
		MemoryContextAllocExtended(heavy->context,
								   slot_count(heavy) * sizeof(FsHeavyEntry),
								   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

FsHeavy *
fs_heavy_create(const FsValueType *type, int32 capacity, MemoryContext context)
{
	FsHeavy    *heavy = MemoryContextAllocZero(context, sizeof(FsHeavy));

	heavy->type = type;
	heavy->context = context;
	heavy->capacity = capacity;
	heavy->slot_bits = MIN_SLOT_BITS;
	allocate_slots(heavy);
	return heavy;
}

/* Move the entries above floor to new slots. */
static void
rebuild(FsHeavy *heavy, uint8 slot_bits, int64 floor)
{
	FsHeavyEntry *old = heavy->slots;
	uint32		old_count = slot_count(heavy);
	uint32		mask = (1U << slot_bits) - 1;

	heavy->slot_bits = slot_bits;
	heavy->n = 0;
	allocate_slots(heavy);
	for (uint32 i = 0; i < old_count; i++)
	{
		uint64		pos;

		if (old[i].weight == 0)
			continue;
		if (old[i].weight <= floor)
		{
			fs_value_free(heavy->type, old[i].key);
			continue;
		}
		pos = home_slot(heavy, fs_value_hash(heavy->type, old[i].key));
		while (heavy->slots[pos].weight != 0)
			pos = (pos + 1) & mask;
		heavy->slots[pos] = old[i];
		heavy->n++;
	}
	pfree(old);
}

/* The entry of a value; one with weight 0, and the key set, if it is new. */
static FsHeavyEntry *
find(FsHeavy *heavy, const FsValue *value)
{
	uint64		mask;
	uint64		pos;

	if (heavy->n >= slot_count(heavy) / 4 * 3)
		rebuild(heavy, heavy->slot_bits + 1, 0);
	mask = slot_count(heavy) - 1;
	pos = home_slot(heavy, fs_value_hash_prepared(value));
	for (;; pos = (pos + 1) & mask)
	{
		FsHeavyEntry *entry = &heavy->slots[pos];

		if (entry->weight != 0)
		{
			if (fs_value_match(heavy->type, entry->key, value))
				return entry;
			continue;
		}
		entry->key = fs_value_store(heavy->type, value, heavy->context);
		entry->error = 0;
		heavy->n++;
		return entry;
	}
}

static int64
add_totals(int64 a, int64 b)
{
	int64		sum;

	if (pg_add_s64_overflow(a, b, &sum))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("sum of weights is out of range for type %s",
						"bigint")));
	return sum;
}

FsHeavyEntry *
fs_heavy_sorted(const FsHeavy *heavy)
{
	FsHeavyEntry *entries =
		MemoryContextAllocHuge(CurrentMemoryContext,
							   Max(heavy->n, 1) * sizeof(FsHeavyEntry));
	uint32		n = 0;

	for (uint32 i = 0; i < slot_count(heavy); i++)
		if (heavy->slots[i].weight != 0)
			entries[n++] = heavy->slots[i];
	sort_entries(entries, n);
	return entries;
}

void
fs_heavy_settle(FsHeavy *heavy)
{
	FsHeavyEntry *entries;

	if (heavy->n <= 2 * (uint32) heavy->capacity)
		return;
	entries = fs_heavy_sorted(heavy);
	heavy->bound = entries[heavy->capacity].weight;
	pfree(entries);
	rebuild(heavy, heavy->slot_bits, heavy->bound);
}

void
fs_heavy_add(FsHeavy *heavy, Datum datum, int64 weight)
{
	FsHeavyEntry *entry;
	FsValue		value;

	if (weight < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("weight " INT64_FORMAT " is out of range", weight),
				 errdetail("Weights must not be negative.")));
	if (weight == 0)
		return;
	heavy->total = add_totals(heavy->total, weight);
	fs_value_prepare(heavy->type, datum, &value);
	entry = find(heavy, &value);
	if (entry->weight == 0)
		entry->weight = entry->error = heavy->bound;
	/* a weight is never above the total */
	entry->weight += weight;
	fs_heavy_settle(heavy);
}

bool
fs_heavy_put(FsHeavy *heavy, const FsValue *value, int64 weight, int64 error)
{
	FsHeavyEntry *entry = find(heavy, value);
	bool		is_new = entry->weight == 0;

	entry->weight += weight;
	entry->error += error;
	return is_new;
}

/*
 * All get the bound of the other side, and what both have gives it back.  So
 * weights may exceed the total of both for a moment, but not 2^63: each is at
 * most its side's total, and each bound at most half of that.
 */
void
fs_heavy_merge(FsHeavy *dst, const FsHeavy *src)
{
	int64		total = add_totals(dst->total, src->total);

	for (uint32 i = 0; i < slot_count(dst); i++)
		if (dst->slots[i].weight != 0)
		{
			dst->slots[i].weight += src->bound;
			dst->slots[i].error += src->bound;
		}
	for (uint32 i = 0; i < slot_count(src); i++)
	{
		const FsHeavyEntry *entry = &src->slots[i];
		FsValueBuffer buf;
		FsValue		value;

		if (entry->weight == 0)
			continue;
		fs_value_load(src->type, entry->key, &buf, &value);
		if (fs_heavy_put(dst, &value, entry->weight, entry->error))
			(void) fs_heavy_put(dst, &value, dst->bound, dst->bound);
		else
			(void) fs_heavy_put(dst, &value, -src->bound, -src->bound);
	}
	dst->total = total;
	dst->bound += src->bound;
	fs_heavy_settle(dst);
}
