/*-------------------------------------------------------------------------
 *
 * A chunk: up to FS_CHUNK_MAX_ROWS rows, column after column.
 *
 * A chunk is bytes without a place: the store puts them into an extent.  The
 * head (header and column directory) comes first and says where each
 * column's bytes are, so that a reader fetches only the columns it needs.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_CHUNK_H
#define FS_FORMAT_CHUNK_H

#include "format/column.h"

/* Bytes from the chunk's start that suffice to learn the head's length. */
#define FS_CHUNK_PREFIX_LEN		32

typedef struct FsChunkHead
{
	uint32		version;
	uint32		nrows;			/* 1 .. FS_CHUNK_MAX_ROWS */
	uint32		ncols;
	uint32		head_len;		/* bytes of header and column directory */
	uint32		total_len;		/* bytes of the whole chunk */
	FsColumnMeta *cols;			/* [ncols], by ascending id */
} FsChunkHead;

/*
 * Encode nrows rows of ncols columns, 1 <= nrows <= FS_CHUNK_MAX_ROWS, specs
 * by ascending id.  The bytes are allocated from the arena.  Cannot fail but
 * for size: returns NULL if the chunk would exceed FS_CHUNK_MAX_BYTES.
 */
extern uint8 *fs_chunk_encode(const FsColumnSpec *specs,
							  const FsColumnValues *values,
							  uint32 ncols, uint32 nrows,
							  FsArena *arena, uint32 *len);

/*
 * Length of the head, from the first FS_CHUNK_PREFIX_LEN bytes.  Returns
 * false and fills *fault if they do not begin a chunk of a version that this
 * code reads; *version is set in either case (0 if there is no chunk, or a
 * version that no release can have).
 */
extern bool fs_chunk_head_len(const uint8 *prefix, uint32 *head_len,
							  uint32 *version, FsFault *fault)
			__attribute__((warn_unused_result));

/*
 * Parse a head of len bytes (checks its CRC and every offset against the
 * chunk's total length).  Returns NULL and fills *fault on damage.
 */
extern FsChunkHead *fs_chunk_head_parse(const uint8 *bytes, uint32 len,
										FsArena *arena, FsFault *fault);

/* The column with this id, or NULL; cannot fail. */
extern const FsColumnMeta *fs_chunk_column(const FsChunkHead *head, uint16 id);

#endif							/* FS_FORMAT_CHUNK_H */
