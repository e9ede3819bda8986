/*-------------------------------------------------------------------------
 *
 * Columns of kind FS_KIND_BYTES.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_BYTES_H
#define FS_FORMAT_BYTES_H

#include "format/blocks.h"
#include "format/encoder.h"

typedef struct FsBytes
{
	uint8		encoding;		/* CONSTANT, DICT or PLAIN */
	FsShape		dict_shape;
	uint32		count;			/* of the dictionary; 0 if PLAIN */
	FsBlocks	blocks;			/* of the dictionary, or of the values */
	FsSeq		codes;			/* DICT only */
	const uint8 **ptrs;			/* [count], once the dictionary is loaded */
	uint32	   *lens;
} FsBytes;

/* Bytes that a column of len bytes takes at most, without its nulls. */
static inline uint64
fs_bytes_bound(uint32 nvecs, uint64 len)
{
	return 64 + fs_blocks_bound(nvecs, len) + fs_seq_bound(nvecs);
}

/* As for FS_KIND_INT in ints.h; sets the writer full if len is too large. */
extern void fs_bytes_encode(FsEncoder *encoder, const FsColumnSpec *spec,
							const FsColumnValues *values, FsColumnMeta *meta);
extern bool fs_bytes_open(FsCursor *cursor, const FsColumnMeta *meta,
						  const FsShape *shape, FsArena *arena,
						  FsBytes *column)
			__attribute__((warn_unused_result));

/* Set the bounds of a column of these distinct values, n > 0. */
extern void fs_bytes_set_bounds(const FsColumnSpec *spec,
								const uint8 *const *ptrs, const uint32 *lens,
								uint32 n, FsZone *zone);

/* Decode the dictionary unless it is; sets ptrs and lens of *column. */
extern bool fs_bytes_load_dict(FsBytes *column, FsFault *fault)
			__attribute__((warn_unused_result));

#endif							/* FS_FORMAT_BYTES_H */
