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

/* Smallest and largest staged value; what is under a null becomes base. */
static void
find_range(FsClusterColumn *column, int64 *min, int64 *max)
{
	uint32		i;

	*min = PG_INT64_MAX;
	*max = PG_INT64_MIN;
	for (i = 0; i < column->nstaged; i++)
	{
		if (column->has_nulls && (column->staged_nulls[i / 8] >> (i % 8) & 1) != 0)
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

void
fs_cluster_column_flush(FsClusterColumn *column)
{
	uint32		n = column->nstaged;
	FsClusterBlock *block;
	int64		max;
	uint8	   *data;
	uint32		i;

	if (n == 0)
		return;
	block = add_block(column);
	find_range(column, &block->base, &max);
	block->width = (fs_bitpack_width((uint64) max - (uint64) block->base) + 7) / 8;
	block->mask = block->width == 8 ? ~UINT64CONST(0) :
		(UINT64CONST(1) << (8 * block->width)) - 1;
	block->nulls = copy_nulls(column);
	data = column->arena->alloc(column->arena, n * block->width + 8);
	block->data = data;
	for (i = 0; i < n; i++, data += block->width)
		fs_little_put64(data, ((uint64) column->staged[i] - (uint64) block->base) & block->mask);
	column->nstaged = 0;
	column->has_nulls = false;
}

void
fs_cluster_column_add_null(FsClusterColumn *column)
{
	uint32		i;

	fs_cluster_column_add(column, 0);
	i = column->nstaged - 1;
	if (!column->has_nulls)
		memset(column->staged_nulls, 0, sizeof(column->staged_nulls));
	column->has_nulls = true;
	column->staged_nulls[i / 8] |= 1 << (i % 8);
	column->nulls++;
}
