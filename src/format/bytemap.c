/*-------------------------------------------------------------------------
 *
 * The distinct byte strings of a column.
 *
 * Open addressing; a slot has part of the hash, and leads to the row where
 * the string was seen first.  The table starts small and grows.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/bytemap.h"
#include "format/hash.h"

#define TABLE_BITS_MIN	9
#define TABLE_GROWTH	2		/* bits at a time */

/* from here on three of four values may not be new */
#define GIVE_UP_ROWS	2048

typedef struct Slot
{
	uint32		tag;			/* bits of the hash */
	uint32		code;			/* code + 1; 0: free */
} Slot;

typedef struct Builder
{
	const FsColumnValues *values;
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
next_slot(const Builder *builder, uint32 slot)
{
	return (slot + 1) & (((uint32) 1 << builder->bits) - 1);
}

static void
put_code(Builder *builder, uint64 hash, uint32 code)
{
	uint32		slot = (uint32) (hash >> (64 - builder->bits));

	while (builder->slots[slot].code != 0)
		slot = next_slot(builder, slot);
	builder->slots[slot].tag = (uint32) hash;
	builder->slots[slot].code = code + 1;
}

static uint32
add_entry(Builder *builder, uint32 row, uint64 hash)
{
	FsByteMap  *map = builder->map;
	uint32		code = map->count++;
	uint32		i;

	map->rows[code] = row;
	builder->hashes[code] = hash;
	if (map->count * 2 > (uint32) 1 << builder->bits)
	{
		create_slots(builder, builder->bits + TABLE_GROWTH);
		for (i = 0; i < code; i++)
			put_code(builder, builder->hashes[i], i);
	}
	put_code(builder, hash, code);
	return code;
}

static inline uint32
find_code(Builder *builder, uint32 row)
{
	const uint32 *offs = builder->values->offs;
	const uint8 *bytes = builder->values->bytes;
	uint32		len = offs[row + 1] - offs[row];
	uint64		hash = fs_hash_bytes(bytes + offs[row], len, builder->seed);
	uint32		slot = (uint32) (hash >> (64 - builder->bits));
	uint32		code;

	while ((code = builder->slots[slot].code) != 0)
	{
		uint32		other = builder->map->rows[code - 1];

		if (builder->slots[slot].tag == (uint32) hash &&
			offs[other + 1] - offs[other] == len &&
			(len == 0 || memcmp(bytes + offs[other], bytes + offs[row], len) == 0))
			return code - 1;
		slot = next_slot(builder, slot);
	}
	return add_entry(builder, row, hash);
}

bool
fs_bytemap_build(FsEncoder *encoder, const FsColumnValues *values,
				 FsByteMap *map)
{
	uint32		n = fs_shape_n(&encoder->shape);
	Builder		builder;
	uint32		at = 0;
	uint32		i;

	builder.values = values;
	builder.scratch = &encoder->scratch;
	builder.map = map;
	builder.hashes = fs_scratch_alloc(&encoder->scratch, n * sizeof(uint64));
	builder.seed = fs_hash_seed(builder.hashes);
	create_slots(&builder, TABLE_BITS_MIN);
	map->count = 0;
	map->rows = fs_scratch_alloc(&encoder->scratch, n * sizeof(uint32));
	map->codes = fs_scratch_alloc(&encoder->scratch, n * sizeof(uint64));
	for (i = 0; i < encoder->nrows; i++)
	{
		if (fs_encoder_is_null(values, i))
			continue;
		map->codes[at++] = find_code(&builder, i);
		if (at >= GIVE_UP_ROWS && map->count > at - at / 4)
			return false;
	}
	return map->count == 1 || map->count <= n / 2;
}
