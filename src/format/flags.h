/*-------------------------------------------------------------------------
 *
 * Flags: one bit a row, or a conversation, in vectors.
 *
 * A column's first section are its nulls; a frame has others.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_FLAGS_H
#define FS_FORMAT_FLAGS_H

#include "format/cursor.h"
#include "format/shape.h"
#include "format/writer.h"

typedef struct FsFlags
{
	const FsShape *units;		/* what has a flag each */
	bool		is_any;			/* false: no flag is set */
	FsShape		unset;			/* of the units whose flag is not set */
	const uint8 *forms;			/* [nvecs], if is_any */
	const uint8 *data[FS_CHUNK_MAX_VECTORS];	/* of each vector */
} FsFlags;

#define FS_FLAGS_BOUND	(1 + FS_CHUNK_MAX_VECTORS * (1 + FS_VECTOR_ROWS / 8))

/* Count the flags that are not set; bits[n of units], or NULL for none. */
extern void fs_flags_count(const uint8 *bits, const FsShape *units,
						   FsShape *unset);

/* Write the section, at most FS_FLAGS_BOUND bytes; unset as counted. */
extern void fs_flags_encode(const uint8 *bits, const FsShape *units,
							const FsShape *unset, FsWriter *out);

/* Parse the section; the bytes and units must outlive *flags. */
extern bool fs_flags_open(FsCursor *cursor, const FsShape *units,
						  FsFlags *flags)
			__attribute__((warn_unused_result));

/* Whether no flag of vector v is set. */
static inline bool
fs_flags_is_clear(const FsFlags *flags, uint32 v)
{
	return fs_shape_count(&flags->unset, v) == fs_shape_count(flags->units, v);
}

/*
 * Set values[units of v], in an array of FS_VECTOR_ROWS: what follows, up to a
 * multiple of 8, is anything.  Cannot fail.
 */
extern void fs_flags_read(const FsFlags *flags, uint32 v, bool *values);

/* The same as bits, low bit first, and zeros: bits[FS_FLAGS_WORDS]. */
#define FS_FLAGS_WORDS	(FS_VECTOR_ROWS / 64)

extern void fs_flags_bits(const FsFlags *flags, uint32 v, uint64 *bits);

#endif							/* FS_FORMAT_FLAGS_H */
