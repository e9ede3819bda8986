/*-------------------------------------------------------------------------
 *
 * One column of rows that are being clustered, in as few bytes as is quick.
 *
 * Values are kept in blocks of FS_VECTOR_ROWS, each as differences from its
 * smallest value, in whole bytes; one value is read in constant time.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_CLUSTER_COLUMN_H
#define FS_FORMAT_CLUSTER_COLUMN_H

#include "format/little.h"
#include "format/value.h"

typedef struct FsClusterBlock
{
	int64		base;
	const uint8 *data;			/* width bytes a row, 7 more are readable */
	const uint8 *nulls;			/* as in FsColumnValues, or NULL */
	uint64		mask;			/* of width bytes */
	uint32		width;
} FsClusterBlock;

typedef struct FsClusterColumn
{
	FsArena    *arena;
	FsClusterBlock *blocks;		/* [nblocks] */
	uint32		nblocks;
	uint32		cap;
	uint32		nulls;			/* in all */
	int64		min;			/* of all values, if there are any */
	int64		max;
	uint32		nstaged;		/* rows of the block that is being filled */
	bool		has_nulls;		/* that block */
	int64		staged[FS_VECTOR_ROWS];
	uint8		staged_nulls[FS_VECTOR_ROWS / 8];
} FsClusterColumn;

extern void fs_cluster_column_init(FsClusterColumn *column, FsArena *arena);

/* Write the block that is being filled.  Called when it is full, and once at
 * the end, before anything is read. */
extern void fs_cluster_column_flush(FsClusterColumn *column);

static inline void
fs_cluster_column_add(FsClusterColumn *column, int64 value)
{
	if (column->nstaged == FS_VECTOR_ROWS)
		fs_cluster_column_flush(column);
	column->staged[column->nstaged++] = value;
}

extern void fs_cluster_column_add_null(FsClusterColumn *column);

static inline bool
fs_cluster_column_is_null(const FsClusterColumn *column, uint32 row)
{
	const uint8 *nulls = column->blocks[row / FS_VECTOR_ROWS].nulls;

	row %= FS_VECTOR_ROWS;
	return nulls && (nulls[row / 8] >> (row % 8) & 1) != 0;
}

/* Of a row that is not null. */
static inline int64
fs_cluster_column_get(const FsClusterColumn *column, uint32 row)
{
	const FsClusterBlock *block = &column->blocks[row / FS_VECTOR_ROWS];
	const uint8 *p = block->data + row % FS_VECTOR_ROWS * block->width;

	return block->base + (int64) (fs_little_get64(p) & block->mask);
}

#endif							/* FS_FORMAT_CLUSTER_COLUMN_H */
