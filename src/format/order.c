/*-------------------------------------------------------------------------
 *
 * Orders of rows.
 *
 * Rows are first counted into their cells, which costs four bytes a row;
 * then each cell is sorted by itself, in the cache.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/order.h"

void
fs_order_ranks(const uint32 *counts, uint32 n, int bits, uint8 *ranks)
{
	uint64		total = 0;
	uint64		before = 0;
	uint32		i;

	for (i = 0; i < n; i++)
		total += counts[i];
	for (i = 0; i < n; i++)
	{
		/* the rank of the code's middle row */
		uint64		middle = before + counts[i] / 2;

		ranks[i] = total > 0 ? (uint8) Min((middle << bits) / total, (1 << bits) - 1) : 0;
		before += counts[i];
	}
}

uint32
fs_order_interleave(const uint8 *ranks, int n, int bits)
{
	uint32		z = 0;
	int			bit;
	int			i;

	for (bit = bits - 1; bit >= 0; bit--)
		for (i = 0; i < n; i++)
			z = z << 1 | (ranks[i] >> bit & 1);
	return z;
}

static void
sort_cell(const FsOrderInput *in, uint32 *rows, uint32 n, FsRadixItem *items,
		  FsRadixItem *spare)
{
	int			word;
	uint32		i;

	for (i = 0; i < n; i++)
		items[i].index = rows[i];
	for (word = in->nwords - 1; word >= 0; word--)
	{
		in->word(in->arg, word, items, n);
		fs_radix_sort(items, spare, n);
	}
	for (i = 0; i < n; i++)
		rows[i] = items[i].index;
}

void
fs_order_sort(const FsOrderInput *in, FsArena *arena, uint32 *rows)
{
	uint32	   *ends = arena->alloc(arena, FS_ORDER_MAX_CELLS * sizeof(uint32));
	FsRadixItem *items;
	uint32		largest = 0;
	uint32		sum = 0;
	uint32		start = 0;
	uint32		i;

	memset(ends, 0, FS_ORDER_MAX_CELLS * sizeof(uint32));
	for (i = 0; i < in->nrows; i++)
		ends[in->cells[i]]++;
	for (i = 0; i < FS_ORDER_MAX_CELLS; i++)
	{
		uint32		count = ends[i];

		ends[i] = sum;			/* where the next row of the cell goes */
		sum += count;
		largest = Max(largest, count);
	}
	for (i = 0; i < in->nrows; i++)
		rows[ends[in->cells[i]]++] = i;
	items = arena->alloc(arena, 2 * (size_t) largest * sizeof(FsRadixItem));
	for (i = 0; i < FS_ORDER_MAX_CELLS; i++)
	{
		if (ends[i] > start + 1 && in->nwords > 0)
			sort_cell(in, rows + start, ends[i] - start, items, items + largest);
		start = ends[i];
	}
}
