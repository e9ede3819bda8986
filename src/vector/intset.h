/*-------------------------------------------------------------------------
 *
 * A set of integers, made once to be asked of many vectors.
 *
 * Its shape follows from its size and span: nothing, a range without gaps, a
 * short list, a bitmap of the span, or a hash table behind a filter.  It
 * takes at most 48 bytes a member and 128 kB, making it 32 bytes a value.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_VECTOR_INTSET_H
#define FS_VECTOR_INTSET_H

#include "format/value.h"

/* a list is at most this long: comparing with each member is fastest */
#define FS_INTSET_LIST_MAX		12

typedef enum FsIntSetShape
{
	FS_INTSET_EMPTY,
	FS_INTSET_RANGE,			/* all from min to max */
	FS_INTSET_LIST,
	FS_INTSET_BITMAP,
	FS_INTSET_HASH
} FsIntSetShape;

typedef struct FsIntSet
{
	FsIntSetShape shape;
	uint32		n;				/* members, each counted once */
	int64		min;
	int64		max;
	const int64 *members;		/* [n], ascending */
	const uint8 *bits;			/* BITMAP: bit v - min, whole 4 bytes; HASH: bit of the hash */
	const int64 *slots;			/* HASH: a member, or hole */
	int64		hole;			/* HASH: not a member */
	int			slots_shift;	/* HASH: a slot is hash >> slots_shift */
	int			bits_shift;
	uint64		seed;			/* odd */
} FsIntSet;

/*
 * The set of values[n], in any order, with repetitions or not; n is below
 * 2^28.  seed should be unknown to whoever chooses the values.
 */
extern const FsIntSet *fs_intset_create(const int64 *values, uint32 n,
										uint64 seed, FsArena *arena);

/* Whether v is a member; cannot fail. */
extern bool fs_intset_has(const FsIntSet *set, int64 v);

#endif							/* FS_VECTOR_INTSET_H */
