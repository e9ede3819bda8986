/*-------------------------------------------------------------------------
 *
 * Finding the conversations among rows that are in their final order.
 *
 * Only neighbours are compared: the order has brought the directions of a
 * conversation together.  A row that is the second of one is not the first
 * of the next.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/encoder.h"
#include "format/frame.h"

static inline uint32
length_at(const FsColumnValues *values, uint32 i)
{
	return values->offs[i + 1] - values->offs[i];
}

bool
fs_pairs_is_same(const FsColumnValues *a, uint32 i,
				 const FsColumnValues *b, uint32 j)
{
	if (a->nulls || b->nulls)
	{
		bool		is_null = fs_encoder_is_null(a, i);

		if (is_null || fs_encoder_is_null(b, j))
			return is_null && fs_encoder_is_null(b, j);
	}
	if (a->ints)
		return a->ints[i] == b->ints[j];
	if (a->codes)
		return b->codes && a->codes[i] == b->codes[j];
	if (a->addrs)
		return b->addrs && memcmp(&a->addrs[i], &b->addrs[j], sizeof(FsAddr)) == 0;
	return b->offs && length_at(a, i) == length_at(b, j) &&
		(length_at(a, i) == 0 ||
		 memcmp(a->bytes + a->offs[i], b->bytes + b->offs[j], length_at(a, i)) == 0);
}

/* Whether row j is the second row of row i. */
static bool
is_second(const FsChunkInput *in, uint32 i, uint32 j)
{
	const FsChunkHints *hints = in->hints;
	uint32		k;

	for (k = 0; k < hints->nswaps; k++)
	{
		const FsSwap *swap = &hints->swaps[k];
		const FsColumnValues *a = &in->values[swap->a];
		const FsColumnValues *b = &in->values[swap->b];

		if (swap->is_key && !(fs_pairs_is_same(a, i, b, j) && fs_pairs_is_same(b, i, a, j)))
			return false;
	}
	for (k = 0; k < hints->nkeys; k++)
	{
		const FsColumnValues *key = &in->values[hints->keys[k]];

		if (!fs_pairs_is_same(key, i, key, j))
			return false;
	}
	return true;
}

/* Whether the hints name anything that two rows could agree in. */
static bool
has_key(const FsChunkHints *hints)
{
	uint32		k;

	for (k = 0; hints && k < hints->nswaps; k++)
		if (hints->swaps[k].is_key)
			return true;
	return false;
}

void
fs_pairs_find(const FsChunkInput *in, FsScratch *scratch, FsPairs *pairs)
{
	bool		is_wanted = has_key(in->hints);
	uint32		nconvs = 0;
	uint32		nseconds = 0;
	uint32		v;

	fs_shape_init(&pairs->rows, in->nrows);
	pairs->convs.nvecs = pairs->seconds.nvecs = pairs->rows.nvecs;
	pairs->first = fs_scratch_alloc(scratch, in->nrows * sizeof(uint32));
	pairs->has_second = fs_scratch_alloc(scratch, (in->nrows + 7) / 8 + 8);
	memset(pairs->has_second, 0, (in->nrows + 7) / 8 + 8);
	pairs->nturns = 0;
	for (v = 0; v < pairs->rows.nvecs; v++)
	{
		uint32		end = pairs->rows.start[v + 1];
		uint32		i = pairs->rows.start[v];

		pairs->convs.start[v] = nconvs;
		pairs->seconds.start[v] = nseconds;
		while (i < end)
		{
			pairs->first[nconvs] = i;
			if (is_wanted && i + 1 < end && is_second(in, i, i + 1))
			{
				pairs->has_second[nconvs / 8] |= 1 << (nconvs % 8);
				nseconds++;
				i++;
			}
			nconvs++;
			i++;
		}
	}
	pairs->convs.start[v] = nconvs;
	pairs->seconds.start[v] = nseconds;
}
