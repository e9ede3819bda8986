/*-------------------------------------------------------------------------
 *
 * The shape of a sequence: how many values each of its vectors has.
 *
 * Nulls are not stored, so that a column's vector of 1024 rows may hold any
 * number of values.  The sequences inside (dictionaries, runs) are full but
 * for their last vector.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_SHAPE_H
#define FS_FORMAT_SHAPE_H

#include "format/layout.h"

typedef struct FsShape
{
	uint32		nvecs;			/* 0 .. FS_CHUNK_MAX_VECTORS */
	uint32		start[FS_CHUNK_MAX_VECTORS + 1];	/* first value of each
													 * vector, then n */
} FsShape;

static inline uint32
fs_shape_n(const FsShape *shape)
{
	return shape->start[shape->nvecs];
}

static inline uint32
fs_shape_count(const FsShape *shape, uint32 v)
{
	return shape->start[v + 1] - shape->start[v];
}

/* Vectors of n rows, the last of them perhaps short. */
static inline uint32
fs_shape_nvecs(uint32 n)
{
	return (n + FS_VECTOR_ROWS - 1) / FS_VECTOR_ROWS;
}

/* The shape of n values without gaps, n <= FS_CHUNK_MAX_ROWS. */
static inline void
fs_shape_init(FsShape *shape, uint32 n)
{
	uint32		v;

	shape->nvecs = fs_shape_nvecs(n);
	for (v = 0; v < shape->nvecs; v++)
		shape->start[v] = v * FS_VECTOR_ROWS;
	shape->start[v] = n;
}

#endif							/* FS_FORMAT_SHAPE_H */
