/*-------------------------------------------------------------------------
 *
 * The distinct byte strings of a column.
 *
 * Open addressing; a slot has part of the hash, and leads to the place where
 * the string was seen first.  The table starts small and grows.  Values go
 * through in batches, in two steps, so that the cache misses of their slots
 * and then of what they are compared with overlap.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/bytemap.h"
#include "format/hash.h"

#define TABLE_BITS_MIN	9
#define TABLE_GROWTH	2		/* bits at a time */
#define BATCH			16

/* from here on three of four values may not be new */
#define GIVE_UP_ROWS	2048

typedef struct Slot
{
	uint32		tag;			/* bits of the hash */
	uint32		code;			/* code + 1; 0: free */
} Slot;

typedef struct Probe
{
	FsByteEntry value;
	uint64		hash;
} Probe;

typedef struct Builder
{
	const uint8 *bytes;
	FsScratch  *scratch;
	Slot	   *slots;			/* [1 << bits] */
	int			bits;
	uint64		seed;
	uint64	   *hashes;			/* [count] */
	FsByteMap  *map;
} Builder;

static void
create_slots(Builder *builder, int bits)
{
	size_t		size = sizeof(Slot) << bits;

	builder->slots = fs_scratch_alloc(builder->scratch, size);
	builder->bits = bits;
	memset(builder->slots, 0, size);
}

static inline uint32
first_slot(const Builder *builder, uint64 hash)
{
	return (uint32) (hash >> (64 - builder->bits));
}

static inline uint32
next_slot(const Builder *builder, uint32 slot)
{
	return (slot + 1) & (((uint32) 1 << builder->bits) - 1);
}

static void
put_code(Builder *builder, uint64 hash, uint32 code)
{
	uint32		slot = first_slot(builder, hash);

	while (builder->slots[slot].code != 0)
		slot = next_slot(builder, slot);
	builder->slots[slot].tag = (uint32) hash;
	builder->slots[slot].code = code + 1;
}

static uint32
add_entry(Builder *builder, const Probe *probe)
{
	FsByteMap  *map = builder->map;
	uint32		code = map->count++;
	uint32		i;

	map->entries[code] = probe->value;
	builder->hashes[code] = probe->hash;
	if (map->count * 2 > (uint32) 1 << builder->bits)
	{
		create_slots(builder, builder->bits + TABLE_GROWTH);
		for (i = 0; i < code; i++)
			put_code(builder, builder->hashes[i], i);
	}
	put_code(builder, probe->hash, code);
	return code;
}

/* memcmp() for the short strings that are usual here, in line. */
static inline bool
is_equal(const uint8 *a, const uint8 *b, uint32 len)
{
	uint32		i;

	if (len > 256)
		return memcmp(a, b, len) == 0;
	for (i = 0; i + 8 <= len; i += 8)
		if (fs_little_get64(a + i) != fs_little_get64(b + i))
			return false;
	for (; i < len; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

static inline uint32
find_code(Builder *builder, const Probe *probe)
{
	const FsByteEntry *value = &probe->value;
	uint32		slot = first_slot(builder, probe->hash);
	uint32		code;

	while ((code = builder->slots[slot].code) != 0)
	{
		const FsByteEntry *other = &builder->map->entries[code - 1];

		if (builder->slots[slot].tag == (uint32) probe->hash &&
			other->len == value->len &&
			is_equal(builder->bytes + other->off, builder->bytes + value->off, value->len))
			return code - 1;
		slot = next_slot(builder, slot);
	}
	return add_entry(builder, probe);
}

/* Hash a value and ask for its slot. */
static inline void
prepare(const Builder *builder, uint32 off, uint32 len, Probe *probe)
{
	probe->value.off = off;
	probe->value.len = len;
	probe->hash = fs_hash_bytes(builder->bytes + off, len, builder->seed);
	__builtin_prefetch(&builder->slots[first_slot(builder, probe->hash)]);
}

/* Ask for what the value will most likely be compared with. */
static inline void
prefetch_entry(const Builder *builder, const Probe *probe)
{
	const Slot *slot = &builder->slots[first_slot(builder, probe->hash)];

	if (slot->code != 0)
		__builtin_prefetch(builder->bytes + builder->map->entries[slot->code - 1].off);
}

static void
init_builder(Builder *builder, FsEncoder *encoder,
			 const FsColumnValues *values, FsByteMap *map)
{
	uint32		n = fs_shape_n(&encoder->shape);

	builder->bytes = values->bytes;
	builder->scratch = &encoder->scratch;
	builder->map = map;
	builder->hashes = fs_scratch_alloc(&encoder->scratch, n * sizeof(uint64));
	builder->seed = fs_hash_seed(builder->hashes);
	create_slots(builder, TABLE_BITS_MIN);
	map->count = 0;
	map->entries = fs_scratch_alloc(&encoder->scratch, n * sizeof(FsByteEntry));
	map->codes = fs_scratch_alloc(&encoder->scratch, n * sizeof(uint64));
}

bool
fs_bytemap_build(FsEncoder *encoder, const FsColumnValues *values,
				 FsByteMap *map)
{
	const uint32 *offs = values->offs;
	uint32		n = fs_shape_n(&encoder->shape);
	Builder		builder;
	Probe		probes[BATCH];
	uint32		at = 0;
	uint32		row = 0;

	init_builder(&builder, encoder, values, map);
	while (at < n)
	{
		int			count = 0;
		int			i;

		for (; row < encoder->nrows && count < BATCH; row++)
			if (!fs_encoder_is_null(values, row))
				prepare(&builder, offs[row], offs[row + 1] - offs[row], &probes[count++]);
		for (i = 0; i < count; i++)
			prefetch_entry(&builder, &probes[i]);
		for (i = 0; i < count; i++)
			map->codes[at++] = find_code(&builder, &probes[i]);
		if (at >= GIVE_UP_ROWS && map->count > at - at / 4)
			return false;
	}
	return map->count == 1 || map->count <= n / 2;
}
