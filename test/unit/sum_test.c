/*-------------------------------------------------------------------------
 *
 * The head of a chunk has the sum of a column of integers, where it is said
 * to, and is refused where it must not have one.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/chunk.h"
#include "format/crc.h"
#include "format/little.h"
#include "tap.h"

#define ROWS		5000
#define BOUNDS_BYTE	(FS_CHUNK_PREFIX_LEN + 6)

/* The head of a chunk of one column, in *bytes, too. */
static FsChunkHead *
encode(FsOrder order, const int64 *ints, const uint8 *nulls, uint32 nrows,
	   FsArena *arena, uint8 **bytes, uint32 *head_len)
{
	FsColumnSpec spec = {1, FS_KIND_INT, order, 8, NULL, NULL};
	FsColumnValues values = {nulls, ints};
	FsFault		fault;
	uint32		version;
	uint32		len;

	*bytes = fs_chunk_encode(&spec, &values, 1, nrows, arena, &len);
	if (!fs_chunk_head_len(*bytes, head_len, &version, &fault))
		exit(2);
	return fs_chunk_head_parse(*bytes, *head_len, arena, &fault);
}

static void
check_sums(void)
{
	FsArena    *arena = tap_arena();
	static int64 ints[ROWS];
	static uint8 nulls[(ROWS + 7) / 8];
	__int128	sum = 0;
	uint64		state = 7;
	uint8	   *bytes;
	uint32		len;
	FsChunkHead *head;

	for (int round = 0; round < 4; round++)
	{
		sum = 0;
		for (int i = 0; i < ROWS; i++)
		{
			ints[i] = (int64) tap_random(&state);
			if (round == 1)
				ints[i] = PG_INT64_MAX - i;
			if (round == 2)
				ints[i] = PG_INT64_MIN + i;
			if (round == 3 && i % 3 == 0)
				nulls[i / 8] |= 1 << i % 8;
			if ((nulls[i / 8] & 1 << i % 8) == 0)
				sum += ints[i];
		}
		head = encode(FS_ORDER_INT, ints, round == 3 ? nulls : NULL, ROWS,
					  arena, &bytes, &len);
		ok(head->cols[0].has_sum && head->cols[0].sum_low == (uint64) sum &&
		   head->cols[0].sum_high == (int64) (sum >> 64), "sum %d", round);
	}
	head = encode(FS_ORDER_INT, ints, NULL, 4095, arena, &bytes, &len);
	ok(!head->cols[0].has_sum, "none of few rows");
	head = encode(FS_ORDER_FLOAT8, ints, NULL, ROWS, arena, &bytes, &len);
	ok(!head->cols[0].has_sum, "none of floats");
	memset(nulls, 0xff, sizeof(nulls));
	head = encode(FS_ORDER_INT, ints, nulls, ROWS, arena, &bytes, &len);
	ok(!head->cols[0].has_sum, "none of nulls");
	tap_arena_free(arena);
}

/* The head with another byte for bounds, under a right checksum. */
static void
check_refused(FsOrder order, uint8 bounds, const char *name)
{
	FsArena    *arena = tap_arena();
	static int64 ints[ROWS];
	FsFault		fault = {"", 0};
	uint8	   *bytes;
	uint32		len;

	ints[0] = 5;
	(void) encode(order, ints, NULL, ROWS, arena, &bytes, &len);
	bytes[BOUNDS_BYTE] = bounds;
	fs_little_put32(bytes + 24, fs_crc_of_two(bytes, 24, bytes + 28, len - 28));
	ok(fs_chunk_head_parse(bytes, len, arena, &fault) == NULL &&
	   strstr(fault.reason, "byte for bounds") != NULL, "%s: %s", name, fault.reason);
	tap_arena_free(arena);
}

int
main(void)
{
	check_sums();
	check_refused(FS_ORDER_INT, 4, "a sum without bounds");
	check_refused(FS_ORDER_INT, 7, "a sum with a bound that is cut");
	check_refused(FS_ORDER_INT, 8, "an unknown bit");
	check_refused(FS_ORDER_FLOAT8, 5, "a sum of floats");
	check_refused(FS_ORDER_UINT, 5, "a sum of unsigned integers");
	return tap_done();
}
