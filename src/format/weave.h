/*-------------------------------------------------------------------------
 *
 * Weaving: rows from values of conversations.
 *
 * Conversation c has a first row and, if seconds[c], a second one behind it.
 * Writing stops at most FS_WEAVE_ROOM values behind the last row.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_WEAVE_H
#define FS_FORMAT_WEAVE_H

#include "c.h"

#define FS_WEAVE_ROOM	8

typedef struct FsWeave
{
	uint32		n;				/* conversations */
	const bool *seconds;		/* [n] */
	const bool *turn;			/* [n], or NULL */
} FsWeave;

/*
 * A first row has first[c], a second one second[c]; the reverse where turn[c].
 * first and second, of n values each, may be the same; rows are others.
 */
extern void fs_weave_bools(const FsWeave *weave, const bool *first,
						   const bool *second, bool *rows);
extern void fs_weave32(const FsWeave *weave, const uint32 *first,
					   const uint32 *second, uint32 *rows);
extern void fs_weave64(const FsWeave *weave, const uint64 *first,
					   const uint64 *second, uint64 *rows);

/*
 * A first row has values[c], a second one that and the next of differences,
 * of which there is one for each second row, and one more that is read but
 * not used.  turn is not looked at.
 */
extern void fs_weave_sums(const FsWeave *weave, const uint64 *values,
						  const uint64 *differences, uint64 *rows);

#endif							/* FS_FORMAT_WEAVE_H */
