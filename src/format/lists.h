/*-------------------------------------------------------------------------
 *
 * Lists of vectors, in blocks of up to FS_LISTS_BLOCK lists.
 *
 * A list is a set of vectors (vectorset.h).  A block says how many members
 * each of its lists has and then has them all in one stream of bits; the
 * number decides how they are written.  Its layout is in lists.c.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_LISTS_H
#define FS_FORMAT_LISTS_H

#include "format/cursor.h"
#include "format/rising.h"
#include "format/vectorset.h"
#include "format/writer.h"

#define FS_LISTS_BLOCK			128

/* most vectors that the short lists of a block may share */
#define FS_LISTS_OWN			512

/* numbers of members whose bits are looked up, not computed */
#define FS_LISTS_SMALL			16

/* What follows from the number of vectors. */
typedef struct FsListsShape
{
	uint32		nvectors;		/* 1 .. FS_VECTORSET_MAX */
	int			width;			/* bits of a vector's number */
	uint32		small[FS_LISTS_SMALL];	/* bits of so many members */
} FsListsShape;

/* Lists to write: list i is vectors[starts[i] .. starts[i + 1] - 1]. */
typedef struct FsListsInput
{
	const uint32 *starts;		/* [count + 1] */
	const uint16 *vectors;		/* ascending strictly in each list */
	uint32		count;			/* 1 .. FS_LISTS_BLOCK */
} FsListsInput;

/* A parsed block. */
typedef struct FsListsBlock
{
	const FsListsShape *shape;
	uint32		count;
	uint32		members[FS_LISTS_BLOCK];	/* or runs */
	bool		is_runs[FS_LISTS_BLOCK];
	bool		has_entry[FS_LISTS_BLOCK];
	uint32		nown;			/* own vectors; 0: all are the set's */
	uint16		own[FS_LISTS_OWN];	/* [nown] */
	FsListsShape own_shape;
	uint32		off[FS_LISTS_BLOCK + 1];	/* in the stream, in bits */
	const uint8 *stream;
	uint32		stream_off;		/* in what was parsed, for faults */
} FsListsBlock;

extern void fs_lists_shape(FsListsShape *shape, uint32 nvectors);

/* Bytes that a block takes at most. */
static inline uint64
fs_lists_bound(const FsListsShape *shape)
{
	return 1 + FS_LISTS_BLOCK * (2 + 3 + (uint64) (shape->nvectors + 7) / 8) + 3;
}

/*
 * Write a block.  Cannot fail if there is room for it and for
 * FS_RISING_PADDING bytes more.
 */
extern void fs_lists_encode(const FsListsShape *shape,
							const FsListsInput *in, FsWriter *out);

/*
 * Parse a block of count lists, from the cursor to its end.  What the cursor
 * reads must outlive the block and be followed by FS_RISING_PADDING bytes.
 */
extern bool fs_lists_parse(FsCursor *cursor, const FsListsShape *shape,
						   uint32 count, FsListsBlock *block)
			__attribute__((warn_unused_result));

/* Add the members of list i to a set of the shape's vectors. */
extern bool fs_lists_read(const FsListsBlock *block, uint32 i,
						  FsVectorSet *set, FsFault *fault)
			__attribute__((warn_unused_result));

#endif							/* FS_FORMAT_LISTS_H */
