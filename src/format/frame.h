/*-------------------------------------------------------------------------
 *
 * The frame of a clustered chunk: which rows are one conversation.
 *
 * A conversation is a row, or a first and a second row that stand side by
 * side in one vector.  Flags by conversation, called turns, say where the
 * two columns of a swap are stored in the other order than they stand in
 * the first row.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_FRAME_H
#define FS_FORMAT_FRAME_H

#include "format/chunk.h"
#include "format/flags.h"
#include "format/region.h"
#include "format/scratch.h"

/* turns are numbered from 1; 0 is none */
#define FS_FRAME_MAX_TURNS	8

/* What an encoder finds; arrays are in its scratch memory. */
typedef struct FsPairs
{
	FsShape		rows;
	FsShape		convs;			/* conversations of each vector */
	FsShape		seconds;		/* second rows of each vector */
	uint32	   *first;			/* [conversations]: first row */
	uint8	   *has_second;		/* [conversations] bits */
	uint32		nturns;
	uint8	   *turns[FS_FRAME_MAX_TURNS];	/* [conversations] bits each */
} FsPairs;

/* What a reader has. */
typedef struct FsFrame
{
	FsShape		rows;
	FsShape		convs;
	FsShape		seconds;
	FsFlags		has_second;
	uint32		nturns;
	FsFlags		turns[FS_FRAME_MAX_TURNS];

	/* what was asked for last: of second rows, then of turns */
	int64		loaded[1 + FS_FRAME_MAX_TURNS]; /* vector, or -1 */
	bool		values[1 + FS_FRAME_MAX_TURNS][FS_VECTOR_ROWS];
} FsFrame;

static inline bool
fs_pairs_bit(const uint8 *bits, uint32 i)
{
	return (bits[i / 8] >> (i % 8) & 1) != 0;
}

/* Find the conversations of in's rows; without hints each row is one. */
extern void fs_pairs_find(const FsChunkInput *in, FsScratch *scratch,
						  FsPairs *pairs);

/* Whether row i and row j have the same value in a and b; nulls are equal. */
extern bool fs_pairs_is_same(const FsColumnValues *a, uint32 i,
							 const FsColumnValues *b, uint32 j);

/* Bytes that a frame takes at most. */
#define FS_FRAME_BOUND	(1 + FS_CHUNK_MAX_VECTORS * 2 + \
						 (1 + FS_FRAME_MAX_TURNS) * FS_FLAGS_BOUND)

/* Write the frame. */
extern void fs_frame_encode(const FsPairs *pairs, FsWriter *out);

/* Parse a frame of nrows rows; the region must outlive *frame. */
extern bool fs_frame_open(FsRegion *region, uint32 nrows, FsFrame *frame,
						  FsFault *fault)
			__attribute__((warn_unused_result));

/*
 * Flags [conversations of vector v]: has a second row; or turn 1 .. nturns.
 * Valid until asked for another vector; cannot fail.
 */
extern const bool *fs_frame_seconds(FsFrame *frame, uint32 v);
extern const bool *fs_frame_turn(FsFrame *frame, uint32 turn, uint32 v);

#endif							/* FS_FORMAT_FRAME_H */
