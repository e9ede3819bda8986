/*-------------------------------------------------------------------------
 *
 * Columns of one chunk are found, read in any order, and of any size.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/chunk.h"
#include "format/enc.h"
#include "format/roundtrip.h"
#include "sample.h"
#include "tap.h"

#define HUGE_LEN	(150 * 1024 * 1024)

static FsChunkHead *
parse(const uint8 *bytes, FsArena *arena)
{
	FsFault		fault;
	uint32		head_len;
	uint32		version;

	if (!fs_chunk_head_len(bytes, &head_len, &version, &fault))
		return NULL;
	return fs_chunk_head_parse(bytes, head_len, arena, &fault);
}

static void
many_columns(void)
{
	FsArena    *arena = tap_arena();
	FsColumnSpec specs[6];
	FsColumnValues values[6];
	FsChunkInput in = {specs, values, 6, 3000, NULL, NULL};
	FsFault		fault = {"", 0};
	FsChunkHead *head;
	uint32		len;
	uint8	   *bytes;
	int			i;

	for (i = 0; i < 6; i++)
	{
		Sample		sample = i % 3 == 0 ? sample_make(FS_KIND_INT, FS_ORDER_INT, SAMPLE_SKEWED, 3000, i, arena) :
			i % 3 == 1 ? sample_make(FS_KIND_ADDR, FS_ORDER_ADDR, SAMPLE_MIXED, 3000, i, arena) :
			sample_make(FS_KIND_BYTES, FS_ORDER_BYTES, SAMPLE_WORDS, 3000, i, arena);

		specs[i] = sample.spec;
		specs[i].id = 2 + 3 * i;
		values[i] = sample.values;
	}
	bytes = fs_chunk_encode(specs, values, 6, 3000, arena, &len);
	ok(fs_roundtrip_check(&in, bytes, len, arena, &fault), "six columns come back");
	head = parse(bytes, arena);
	ok(head->ncols == 6 && fs_chunk_column(head, 11) == &head->cols[3], "a column is found by its id");
	ok(!fs_chunk_column(head, 1) && !fs_chunk_column(head, 3) && !fs_chunk_column(head, 18),
	   "an id that is not there is not found");
	bytes = fs_chunk_encode(NULL, NULL, 0, 5, arena, &len);
	ok(bytes && len == FS_CHUNK_PREFIX_LEN && parse(bytes, arena)->nrows == 5,
	   "a chunk without columns has its rows");
	tap_arena_free(arena);
}

/* A number that depends on every value of a vector. */
static uint64
sum_vector(FsColumnReader *reader, uint32 v)
{
	FsVector	vector;
	FsFault		fault;
	uint64		sum = 0;
	uint32		i;
	uint32		j;

	if (!fs_column_read(reader, v, &vector, &fault))
		return 0;
	for (i = 0; i < vector.nrows; i++)
	{
		sum = sum * 31 + vector.is_null[i];
		if (vector.is_null[i])
			continue;
		if (vector.ints)
			sum = sum * 31 + vector.ints[i];
		else if (vector.dict_n > 0)
			sum = sum * 31 + vector.codes[i];
		else if (vector.ptrs)
			for (j = 0; j < vector.lens[i]; j++)
				sum = sum * 31 + vector.ptrs[i][j];
		else
			sum = sum * 31 + vector.addrs[i].addr[3];
	}
	return sum;
}

static void
any_order(uint8 kind, SampleRule rule, const char *name)
{
	FsArena    *arena = tap_arena();
	Sample		sample = sample_make(kind, FS_ORDER_NONE, rule, 30000, 7, arena);
	uint32		len;
	uint8	   *bytes = fs_chunk_encode(&sample.spec, &sample.values, 1, 30000, arena, &len);
	FsColumnMeta *meta = &parse(bytes, arena)->cols[0];
	FsFault		fault;
	FsVector	vector;
	FsColumnReader *reader = fs_column_open(meta, 30000, bytes + meta->off, meta->len, arena, &fault);
	uint64		sums[30];
	uint64		state = 77;
	bool		is_ok = true;
	int			i;

	for (i = 0; i < 30; i++)
		sums[i] = sum_vector(reader, i);
	for (i = 0; i < 300; i++)
	{
		uint32		v = tap_below(&state, 30);

		is_ok &= sum_vector(reader, v) == sums[v];
	}
	ok(is_ok, "%s (%s): vectors are the same in any order", name, fs_encoding_name(meta->encoding));
	ok(!fs_column_read(reader, 30, &vector, &fault), "%s: one vector more is a fault", name);
	tap_arena_free(arena);
}

/* Values need not begin at 0, nor nulls cover bytes. */
static void
offsets(void)
{
	static const uint32 offs[] = {5, 8, 8, 12, 12, 20};
	static const uint8 nulls[] = {0x0a};
	FsColumnSpec spec = {1, FS_KIND_BYTES, FS_ORDER_BYTES, 0, NULL, NULL};
	FsColumnValues values = {nulls, NULL, NULL, offs, (const uint8 *) "?????abcdefgijklmnopqrst"};
	FsChunkInput in = {&spec, &values, 1, 5, NULL, NULL};
	FsFault		fault = {"", 0};
	FsArena    *arena = tap_arena();
	uint32		len;
	uint8	   *bytes = fs_chunk_encode(&spec, &values, 1, 5, arena, &len);

	ok(fs_roundtrip_check(&in, bytes, len, arena, &fault), "strings begin where they begin");
	values.offs = (const uint32[]) {0, 0, 0, 0, 0, 0};
	values.bytes = NULL;
	values.nulls = NULL;
	bytes = fs_chunk_encode(&spec, &values, 1, 5, arena, &len);
	ok(fs_roundtrip_check(&in, bytes, len, arena, &fault), "empty strings need no bytes");
	tap_arena_free(arena);
}

static void
huge_value(void)
{
	FsArena    *arena = tap_arena();
	uint32		offs[] = {0, 1, 1 + HUGE_LEN, 2 + HUGE_LEN, 2 + HUGE_LEN};
	uint8	   *bytes = calloc(2 + HUGE_LEN, 1);
	FsColumnSpec spec = {1, FS_KIND_BYTES, FS_ORDER_BYTES, 0, NULL, NULL};
	FsColumnValues values = {NULL, NULL, NULL, offs, bytes};
	FsChunkInput in = {&spec, &values, 1, 4, NULL, NULL};
	FsFault		fault = {"", 0};
	uint64		state = 3;
	uint32		len;
	uint32		i;
	uint8	   *chunk;

	for (i = 0; i < HUGE_LEN / 16; i++)
		bytes[16 * i] = (uint8) tap_random(&state);
	chunk = fs_chunk_encode(&spec, &values, 1, 4, arena, &len);
	ok(chunk && fs_roundtrip_check(&in, chunk, len, arena, &fault),
	   "a value of 150 MB comes back from %u MB", len >> 20);
	free(bytes);
	tap_arena_free(arena);
}

int
main(void)
{
	many_columns();
	any_order(FS_KIND_INT, SAMPLE_SKEWED, "outliers");
	any_order(FS_KIND_INT, SAMPLE_RUNS, "runs");
	any_order(FS_KIND_INT, SAMPLE_RISING, "rising");
	any_order(FS_KIND_ADDR, SAMPLE_DISTINCT, "distinct addresses");
	any_order(FS_KIND_ADDR, SAMPLE_MIXED, "mixed addresses");
	any_order(FS_KIND_BYTES, SAMPLE_WORDS, "words");
	any_order(FS_KIND_BYTES, SAMPLE_DISTINCT, "distinct strings");
	any_order(FS_KIND_BYTES, SAMPLE_RANDOM, "random strings");
	offsets();
	huge_value();
	return tap_done();
}
