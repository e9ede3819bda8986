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
#include "format/domain.h"

/* Bytes from the chunk's start that suffice to learn the head's length. */
#define FS_CHUNK_PREFIX_LEN		32

typedef struct FsChunkHead
{
	uint32		version;
	uint32		nrows;			/* 1 .. FS_CHUNK_MAX_ROWS */
	uint32		ncols;
	uint32		head_len;		/* bytes of header and column directory */
	uint32		total_len;		/* bytes of the whole chunk */
	uint32		frame_len;		/* of the frame at its end, 0: none */
	FsColumnMeta *cols;			/* [ncols], by ascending id */
	const uint32 *frame_crcs;	/* of the frame's pieces (region.h) */
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
 * What the caller knows of clustered rows.  Columns are given by their index
 * in specs.
 *
 * A conversation is one row, or two that follow each other in one vector: in
 * the second each swap's columns have changed places, as far as is_key says,
 * and the columns of keys[] are the same.  Two nulls are equal.
 */
typedef struct FsSwap
{
	uint16		a;				/* the source's, say; any kind */
	uint16		b;				/* its counterpart of the same kind */
	bool		is_key;			/* must have changed places in a second row */
} FsSwap;

/* Column col mostly is an attribute (domain.h) of what column of holds. */
typedef struct FsAttribute
{
	uint16		col;			/* of kind INT */
	uint16		of;				/* given as codes of a domain */
	uint16		number;
} FsAttribute;

typedef struct FsChunkHints
{
	const FsSwap *swaps;		/* [nswaps] */
	uint32		nswaps;
	const uint16 *keys;			/* [nkeys] */
	uint32		nkeys;
	const FsAttribute *attributes;	/* [nattributes] */
	uint32		nattributes;
} FsChunkHints;

typedef struct FsChunkInput
{
	const FsColumnSpec *specs;	/* [ncols], as for fs_chunk_encode() */
	const FsColumnValues *values;	/* [ncols] */
	uint32		ncols;
	uint32		nrows;
	const FsChunkHints *hints;	/* or NULL */
	FsDomainSource *domains;	/* of the columns that are given as codes */
} FsChunkInput;

/*
 * Encode rows that are in their final order, as small as can be.  Returns
 * NULL and fills *fault if the chunk would exceed FS_CHUNK_MAX_BYTES, or if
 * the domains fail.
 */
extern uint8 *fs_chunk_encode_clustered(const FsChunkInput *in,
										FsArena *arena, uint32 *len,
										FsFault *fault);

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
