/*-------------------------------------------------------------------------
 *
 * Ranks are even, z-order interleaves, and the sort is a stable sort.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/order.h"
#include "tap.h"

#define NROWS	20000

static uint16 cells[NROWS];
static uint64 words[2][NROWS];

static void
set_word(void *arg, int word, FsRadixItem *items, uint32 n)
{
	uint32		i;

	for (i = 0; i < n; i++)
		items[i].key = words[word][items[i].index];
}

/* Whether row a comes before row b. */
static bool
is_before(uint32 a, uint32 b)
{
	if (cells[a] != cells[b])
		return cells[a] < cells[b];
	if (words[0][a] != words[0][b])
		return words[0][a] < words[0][b];
	if (words[1][a] != words[1][b])
		return words[1][a] < words[1][b];
	return a < b;
}

static void
test_sort(uint64 ncells, uint64 *random, FsArena *arena)
{
	FsOrderInput in = {NROWS, cells, 2, set_word, NULL};
	uint32	   *rows = arena->alloc(arena, NROWS * sizeof(uint32));
	uint32		wrong = 0;
	uint32		i;

	for (i = 0; i < NROWS; i++)
	{
		cells[i] = (uint16) tap_below(random, ncells);
		words[0][i] = tap_below(random, 3) << 60;
		words[1][i] = tap_below(random, 5);
	}
	fs_order_sort(&in, arena, rows);
	for (i = 1; i < NROWS; i++)
		wrong += !is_before(rows[i - 1], rows[i]);
	ok(wrong == 0, "%u rows out of order in %u cells", wrong, (uint32) ncells);
}

static void
test_ranks(void)
{
	static const uint32 counts[] = {1, 1, 1, 1, 100, 2, 2, 100};
	static const uint32 none[] = {0, 0};
	uint8		ranks[8];
	uint32		i;
	uint32		wrong = 0;

	fs_order_ranks(counts, 8, 1, ranks);
	for (i = 0; i < 8; i++)
		wrong += ranks[i] != (i > 4);
	ok(wrong == 0, "two ranks of even weight");
	fs_order_ranks(none, 2, 5, ranks);
	ok(ranks[0] == 0 && ranks[1] == 0, "ranks of what does not occur");
	fs_order_ranks(counts, 1, 8, ranks);
	ok(ranks[0] <= 128, "the only value's rank");
}

int
main(void)
{
	static const uint8 ranks[] = {5, 3};	/* 101 and 011 */
	FsArena    *arena = tap_arena();
	uint64		random = 5;

	test_ranks();
	ok(fs_order_interleave(ranks, 2, 3) == 0x27, "bits in turn");
	test_sort(1, &random, arena);
	test_sort(1000, &random, arena);
	test_sort(FS_ORDER_MAX_CELLS, &random, arena);
	tap_arena_free(arena);
	return tap_done();
}
