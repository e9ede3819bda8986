/*-------------------------------------------------------------------------
 *
 * Sets of vectors of a set of chunks.
 *
 * Vector v of chunk k has number 64 * k + v, so that a word of the bitmap is
 * a chunk.  All chunks but the last have 64 vectors; a set of chunks has at
 * most FS_VECTORSET_MAX vectors, hence a bitmap of 8 kB.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_VECTORSET_H
#define FS_FORMAT_VECTORSET_H

#include "format/value.h"

#define FS_VECTORSET_MAX	65536

typedef struct FsVectorSet
{
	uint32		n;				/* vectors there are, not members */
	uint64	   *words;			/* [(n + 63) / 64]; bits from n on are 0 */
} FsVectorSet;

/* An empty set over n vectors, n <= FS_VECTORSET_MAX. */
extern void fs_vectorset_init(FsVectorSet *set, uint32 n, FsArena *arena);
extern void fs_vectorset_clear(FsVectorSet *set);
extern void fs_vectorset_fill(FsVectorSet *set);

/* Put first .. last, both below n, first <= last. */
extern void fs_vectorset_add_range(FsVectorSet *set, uint32 first,
								   uint32 last);

/* Both sets have the same n; the result is in set. */
extern void fs_vectorset_and(FsVectorSet *set, const FsVectorSet *other);
extern void fs_vectorset_or(FsVectorSet *set, const FsVectorSet *other);

extern uint32 fs_vectorset_count(const FsVectorSet *set);

/* The smallest member >= from, or n if there is none. */
extern uint32 fs_vectorset_next(const FsVectorSet *set, uint32 from);

static inline void
fs_vectorset_add(FsVectorSet *set, uint32 vector)
{
	set->words[vector / 64] |= UINT64CONST(1) << (vector % 64);
}

static inline bool
fs_vectorset_contains(const FsVectorSet *set, uint32 vector)
{
	return (set->words[vector / 64] >> (vector % 64) & 1) != 0;
}

/* The vectors of one chunk, bit v for vector v. */
static inline uint64
fs_vectorset_chunk(const FsVectorSet *set, uint32 chunk)
{
	return set->words[chunk];
}

#endif							/* FS_FORMAT_VECTORSET_H */
