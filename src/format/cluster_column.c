/*-------------------------------------------------------------------------
 *
 * Columns of rows that are being clustered.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/bitpack.h"
#include "format/cluster_column.h"

#define CAP_FIRST	64
#define MAX_WIDTH	56			/* that one load of 64 bits has at any bit */
#define AHEAD		24			/* rows */

void
fs_cluster_column_init(FsClusterColumn *column, FsArena *arena)
{
	column->arena = arena;
	column->cap = CAP_FIRST;
	column->blocks = arena->alloc(arena, CAP_FIRST * sizeof(FsClusterBlock));
	column->nblocks = 0;
	column->nulls = 0;
	column->min = PG_INT64_MAX;
	column->max = PG_INT64_MIN;
	column->nstaged = 0;
	column->has_nulls = false;
}

static FsClusterBlock *
add_block(FsClusterColumn *column)
{
	if (column->nblocks == column->cap)
	{
		size_t		size = column->cap * sizeof(FsClusterBlock);
		FsClusterBlock *blocks = column->arena->alloc(column->arena, 2 * size);

		memcpy(blocks, column->blocks, size);
		column->blocks = blocks;
		column->cap *= 2;
	}
	return &column->blocks[column->nblocks++];
}

/* Smallest and largest staged value that is not under a null. */
static void
find_range(FsClusterColumn *column, int64 *min, int64 *max)
{
	uint32		i;

	*min = PG_INT64_MAX;
	*max = PG_INT64_MIN;
	for (i = 0; !column->has_nulls && i < column->nstaged; i++)
	{
		*min = Min(*min, column->staged[i]);
		*max = Max(*max, column->staged[i]);
	}
	for (i = 0; column->has_nulls && i < column->nstaged; i++)
	{
		if ((column->staged_nulls[i / 8] >> (i % 8) & 1) != 0)
			continue;
		*min = Min(*min, column->staged[i]);
		*max = Max(*max, column->staged[i]);
	}
	if (*min > *max)
		*min = *max = 0;		/* all are null */
	else
	{
		column->min = Min(column->min, *min);
		column->max = Max(column->max, *max);
	}
}

static const uint8 *
copy_nulls(FsClusterColumn *column)
{
	uint8	   *nulls;

	if (!column->has_nulls)
		return NULL;
	nulls = column->arena->alloc(column->arena, sizeof(column->staged_nulls));
	memcpy(nulls, column->staged_nulls, sizeof(column->staged_nulls));
	return nulls;
}

/* A stream of bits, low bit first; 8 bytes more than it has are written. */
static void
pack(const FsClusterColumn *column, const FsClusterBlock *block, uint8 *data)
{
	uint64		word = 0;		/* bits that are not written yet */
	uint32		nbits = 0;
	uint32		i;

	for (i = 0; i < column->nstaged && block->width > 0; i++)
	{
		uint64		x = ((uint64) column->staged[i] - (uint64) block->base) & block->mask;

		word |= x << nbits;
		nbits += block->width;
		if (nbits < 64)
			continue;
		fs_little_put64(data, word);
		data += 8;
		nbits -= 64;
		word = nbits > 0 ? x >> (block->width - nbits) : 0;
	}
	fs_little_put64(data, word);
}

void
fs_cluster_column_flush(FsClusterColumn *column)
{
	FsClusterBlock *block;
	int64		max;
	uint8	   *data;
	uint32		len;

	if (column->nstaged == 0)
		return;
	block = add_block(column);
	find_range(column, &block->base, &max);
	block->width = fs_bitpack_width((uint64) max - (uint64) block->base);
	if (block->width > MAX_WIDTH)
		block->width = 64;
	block->mask = block->width == 64 ? ~UINT64CONST(0) :
		(UINT64CONST(1) << block->width) - 1;
	block->nulls = copy_nulls(column);
	len = (column->nstaged * block->width + 7) / 8 + 16;
	data = column->arena->alloc(column->arena, len);
	memset(data + len - 16, 0, 16);
	pack(column, block, data);
	block->data = data;
	column->nstaged = 0;
	column->has_nulls = false;
}

void
fs_cluster_column_add(FsClusterColumn *column, const int64 *values, uint32 n)
{
	while (n > 0)
	{
		uint32		count = Min(n, FS_VECTOR_ROWS - column->nstaged);

		memcpy(column->staged + column->nstaged, values, count * sizeof(int64));
		column->nstaged += count;
		values += count;
		n -= count;
		if (column->nstaged == FS_VECTOR_ROWS)
			fs_cluster_column_flush(column);
	}
}

void
fs_cluster_column_add_null(FsClusterColumn *column)
{
	uint32		i = column->nstaged;

	if (!column->has_nulls)
		memset(column->staged_nulls, 0, sizeof(column->staged_nulls));
	column->has_nulls = true;
	column->staged_nulls[i / 8] |= 1 << (i % 8);
	column->nulls++;
	column->staged[column->nstaged++] = 0;
	if (column->nstaged == FS_VECTOR_ROWS)
		fs_cluster_column_flush(column);
}

/* What rows need is asked for some rows before it is used. */
void
fs_cluster_column_gather(const FsClusterColumn *column, const uint32 *rows,
						 uint32 n, int64 *values)
{
	uint32		i;

	for (i = 0; i < n; i++)
	{
		if (i + AHEAD < n)
		{
			const FsClusterBlock *block = &column->blocks[rows[i + AHEAD] / FS_VECTOR_ROWS];

			__builtin_prefetch(block->data +
							   rows[i + AHEAD] % FS_VECTOR_ROWS * block->width / 8);
		}
		values[i] = fs_cluster_column_get(column, rows[i]);
	}
}
