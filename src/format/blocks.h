/*-------------------------------------------------------------------------
 *
 * Byte strings in blocks that are compressed one by one.
 *
 * A block holds whole vectors, about 64 KiB of bytes, so that reading one
 * vector decompresses one block.  The last block read is kept.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_BLOCKS_H
#define FS_FORMAT_BLOCKS_H

#include "format/encoder.h"
#include "format/seq.h"

typedef struct FsBlocks
{
	FsArena    *arena;
	FsSeq		lens;
	uint32		count;
	uint8		codecs[FS_CHUNK_MAX_VECTORS];
	uint32		first_vec[FS_CHUNK_MAX_VECTORS + 1];	/* of each block */
	uint32		off[FS_CHUNK_MAX_VECTORS + 1];	/* of each block, in payload */
	const uint8 *payload;
	uint32		payload_off;	/* in the column */
	FsRegion   *region;			/* to be asked for payload; or NULL */
	int			loaded;			/* block in bytes, -1: none */
	uint8	   *bytes;			/* [cap], or bytes of a stored block */
	uint8	   *buffer;			/* [cap] */
	uint64		cap;
	uint64		vec_off[FS_CHUNK_MAX_VECTORS + 1];	/* of the loaded block's
													 * vectors, in bytes */
} FsBlocks;

/* What a list of byte strings takes at most, for len bytes in all. */
static inline uint64
fs_blocks_bound(uint32 nvecs, uint64 len)
{
	return 2 + (uint64) nvecs * 6 + len + fs_seq_bound(nvecs);
}

/* Write values of lens[n of the shape] that stand side by side in bytes. */
extern void fs_blocks_encode(const uint8 *bytes, const uint64 *lens,
							 const FsShape *shape, FsScratch *scratch,
							 FsWriter *out);

extern bool fs_blocks_open(FsCursor *cursor, const FsShape *shape,
						   FsArena *arena, FsBlocks *blocks)
			__attribute__((warn_unused_result));

/* Vector v: ptrs[its count] and lens[its count], valid until the next. */
extern bool fs_blocks_read(FsBlocks *blocks, uint32 v, const uint8 **ptrs,
						   uint32 *lens, FsFault *fault)
			__attribute__((warn_unused_result));

/* All values: ptrs[n] and lens[n], valid as long as the arena. */
extern bool fs_blocks_read_all(FsBlocks *blocks, const uint8 **ptrs,
							   uint32 *lens, FsFault *fault)
			__attribute__((warn_unused_result));

#endif							/* FS_FORMAT_BLOCKS_H */
