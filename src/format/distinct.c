/*-------------------------------------------------------------------------
 *
 * The distinct values of an integer column.
 *
 * Numbers in a narrow range are looked up in a table of the whole range.
 * Others are hashed, with four slots for each value that may come, so that
 * chains are short.  The result does not depend on the hash function.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/distinct.h"
#include "format/hash.h"
#include "format/radix.h"

#define TABLE_BITS		14
#define SAMPLE_BITS		11
#define SAMPLE_ROWS		512

/* numbers below this need no hashing: 192 kB of tables */
#define DIRECT_MAX		65536

typedef struct Table
{
	uint64	   *keys;			/* [1 << bits] */
	uint16	   *codes;			/* [1 << bits], code + 1; 0: free */
	int			bits;
	uint64		seed;
	uint32		count;
} Table;

/* The code of key, a new one if it is new. */
static inline uint32
table_add(Table *table, uint64 key)
{
	uint32		mask = (1 << table->bits) - 1;
	uint32		slot = fs_hash_int(key, table->seed) >> (64 - table->bits);

	while (table->codes[slot] != 0)
	{
		if (table->keys[slot] == key)
			return table->codes[slot] - 1;
		slot = (slot + 1) & mask;
	}
	table->keys[slot] = key;
	table->codes[slot] = ++table->count;
	return table->count - 1;
}

uint32
fs_distinct_sample(const uint64 *values, uint32 n)
{
	uint64		keys[1 << SAMPLE_BITS];
	uint16		codes[1 << SAMPLE_BITS];
	Table		table = {keys, codes, SAMPLE_BITS, fs_hash_seed(keys), 0};
	uint32		rows = Min(n, SAMPLE_ROWS);
	uint32		i;

	memset(codes, 0, sizeof(codes));
	for (i = 0; i < rows; i++)
		table_add(&table, values[(uint64) i * n / rows]);
	return table.count;
}

/* Order the values, and the codes with them. */
static void
sort_values(const Table *table, uint32 n, FsScratch *scratch,
			FsDistinct *distinct)
{
	FsRadixItem *items = fs_scratch_alloc(scratch, table->count * sizeof(FsRadixItem));
	FsRadixItem *spare = fs_scratch_alloc(scratch, table->count * sizeof(FsRadixItem));
	uint32	   *rank = fs_scratch_alloc(scratch, table->count * sizeof(uint32));
	uint32		i;

	for (i = 0; i < (1 << table->bits); i++)
	{
		if (table->codes[i] == 0)
			continue;
		items[table->codes[i] - 1].key = table->keys[i];
		items[table->codes[i] - 1].index = table->codes[i] - 1;
	}
	fs_radix_sort(items, spare, table->count);
	distinct->count = table->count;
	distinct->values = fs_scratch_alloc(scratch, table->count * sizeof(uint64));
	for (i = 0; i < table->count; i++)
	{
		distinct->values[i] = items[i].key;
		rank[items[i].index] = i;
	}
	for (i = 0; i < n; i++)
		distinct->codes[i] = rank[distinct->codes[i]];
}

/*
 * Small numbers: a place for each that may be there.  They come in order
 * without a sort.
 */
static bool
find_direct(const FsDistinctInput *in, FsScratch *scratch,
			FsDistinct *distinct)
{
	uint8	   *is_there = fs_scratch_alloc(scratch, in->max + 1);
	uint16	   *codes = fs_scratch_alloc(scratch, (in->max + 1) * sizeof(uint16));
	uint32		i;

	memset(is_there, 0, in->max + 1);
	for (i = 0; i < in->n; i++)
		is_there[in->values[i] - in->bias] = 1;
	distinct->count = 0;
	distinct->values = fs_scratch_alloc(scratch, FS_DISTINCT_MAX * sizeof(uint64));
	for (i = 0; i <= in->max; i++)
	{
		if (!is_there[i])
			continue;
		if (distinct->count == FS_DISTINCT_MAX)
			return false;
		codes[i] = distinct->count;
		distinct->values[distinct->count++] = i;
	}
	distinct->codes = fs_scratch_alloc(scratch, in->n * sizeof(uint64));
	for (i = 0; i < in->n; i++)
		distinct->codes[i] = codes[in->values[i] - in->bias];
	return true;
}

bool
fs_distinct_find(const FsDistinctInput *in, FsScratch *scratch,
				 FsDistinct *distinct)
{
	Table		table;
	uint32		i;

	if (in->max < DIRECT_MAX)
		return find_direct(in, scratch, distinct);
	table.bits = TABLE_BITS;
	table.keys = fs_scratch_alloc(scratch, sizeof(uint64) << TABLE_BITS);
	table.codes = fs_scratch_alloc(scratch, sizeof(uint16) << TABLE_BITS);
	memset(table.codes, 0, sizeof(uint16) << TABLE_BITS);
	table.seed = fs_hash_seed(table.keys);
	table.count = 0;
	distinct->codes = fs_scratch_alloc(scratch, in->n * sizeof(uint64));
	for (i = 0; i < in->n; i++)
	{
		distinct->codes[i] = table_add(&table, in->values[i] - in->bias);
		if (table.count > FS_DISTINCT_MAX)
			return false;
	}
	sort_values(&table, in->n, scratch, distinct);
	return true;
}
