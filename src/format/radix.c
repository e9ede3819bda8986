/*-------------------------------------------------------------------------
 *
 * Radix sort of 64-bit keys.
 *
 * Least significant byte first, one pass a byte.  A byte that is the same
 * in all keys needs no pass, so 32-bit keys cost four passes and codes two.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/radix.h"

/* below this many items counting 2048 digits costs more than it saves */
#define INSERTION_MAX	32

static void
insertion_sort(FsRadixItem *items, uint32 n)
{
	uint32		i;

	for (i = 1; i < n; i++)
	{
		FsRadixItem item = items[i];
		uint32		j = i;

		for (; j > 0 && items[j - 1].key > item.key; j--)
			items[j] = items[j - 1];
		items[j] = item;
	}
}

/* One pass over byte `digit`; counts[256] are of that byte. */
static void
distribute(const FsRadixItem *src, FsRadixItem *dst, uint32 n, int digit,
		   const uint32 *counts)
{
	uint32		pos[256];
	uint32		sum = 0;
	uint32		i;

	for (i = 0; i < 256; i++)
	{
		pos[i] = sum;
		sum += counts[i];
	}
	for (i = 0; i < n; i++)
		dst[pos[src[i].key >> (8 * digit) & 0xff]++] = src[i];
}

void
fs_radix_sort(FsRadixItem *items, FsRadixItem *spare, uint32 n)
{
	uint32		counts[8][256];
	FsRadixItem *src = items;
	FsRadixItem *dst = spare;
	uint32		i;
	int			digit;

	if (n <= INSERTION_MAX)
	{
		insertion_sort(items, n);
		return;
	}
	memset(counts, 0, sizeof(counts));
	for (i = 0; i < n; i++)
		for (digit = 0; digit < 8; digit++)
			counts[digit][items[i].key >> (8 * digit) & 0xff]++;
	for (digit = 0; digit < 8; digit++)
	{
		FsRadixItem *swap = src;

		if (counts[digit][src[0].key >> (8 * digit) & 0xff] == n)
			continue;
		distribute(src, dst, n, digit, counts[digit]);
		src = dst;
		dst = swap;
	}
	if (src != items)
		memcpy(items, src, n * sizeof(FsRadixItem));
}
