/*-------------------------------------------------------------------------
 *
 * Which rows of a column are null: the first section of its bytes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_NULLS_H
#define FS_FORMAT_NULLS_H

#include "format/cursor.h"
#include "format/shape.h"
#include "format/writer.h"

typedef struct FsNulls
{
	uint32		nrows;
	bool		has_nulls;
	FsShape		shape;			/* of the values that are not null */
	const uint8 *forms;			/* [nvecs], if has_nulls */
	const uint8 *data[FS_CHUNK_MAX_VECTORS];	/* of each vector */
} FsNulls;

#define FS_NULLS_BOUND	(1 + FS_CHUNK_MAX_VECTORS * (1 + FS_VECTOR_ROWS / 8))

/* Rows of vector v, 1 .. FS_VECTOR_ROWS. */
static inline uint32
fs_nulls_nrows(uint32 nrows, uint32 v)
{
	return Min(nrows - v * FS_VECTOR_ROWS, FS_VECTOR_ROWS);
}

/* Count the values that are not null; bits, or NULL, as in FsColumnValues. */
extern void fs_nulls_count(const uint8 *bits, uint32 nrows, FsShape *shape);

/* Write the section, at most FS_NULLS_BOUND bytes; shape as counted. */
extern void fs_nulls_encode(const uint8 *bits, uint32 nrows,
							const FsShape *shape, FsWriter *out);

/* Parse the section; the bytes must outlive *nulls. */
extern bool fs_nulls_open(FsCursor *cursor, uint32 nrows, FsNulls *nulls)
			__attribute__((warn_unused_result));

/* Set is_null[rows of v]; cannot fail. */
extern void fs_nulls_read(const FsNulls *nulls, uint32 v, bool *is_null);

#endif							/* FS_FORMAT_NULLS_H */
