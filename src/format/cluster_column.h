/*-------------------------------------------------------------------------
 *
 * One column of rows that are being clustered, in as few bytes as is quick.
 *
 * Values are kept in blocks of FS_VECTOR_ROWS, each as differences from its
 * smallest value, in as many bits as the largest needs; one value is read in
 * constant time.
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
	const uint8 *data;			/* width bits a row, 8 bytes more are readable */
	const uint8 *nulls;			/* as in FsColumnValues, or NULL */
	uint64		mask;			/* of width bits */
	uint32		width;			/* 0 .. 56, or 64 */
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

/* Values that are not null. */
extern void fs_cluster_column_add(FsClusterColumn *column,
								  const int64 *values, uint32 n);
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
	uint32		bit = row % FS_VECTOR_ROWS * block->width;

	return block->base +
		(int64) (fs_little_get64(block->data + bit / 8) >> (bit % 8) & block->mask);
}

/* Values of rows[n]; under a null stands anything. */
extern void fs_cluster_column_gather(const FsClusterColumn *column,
									 const uint32 *rows, uint32 n,
									 int64 *values);

#endif							/* FS_FORMAT_CLUSTER_COLUMN_H */
