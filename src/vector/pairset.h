/*-------------------------------------------------------------------------
 *
 * A set of pairs of small numbers, such as ids: which are new, and how many.
 *
 * Less memory than ids of pairs, and one place to look at for each: 16 to
 * 32 bytes a pair.  Pairs come from strangers: see ids.h about the seed.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_VECTOR_PAIRSET_H
#define FS_VECTOR_PAIRSET_H

#include "vector/allocator.h"

typedef struct FsPairSet FsPairSet;

extern FsPairSet *fs_pair_set_create(FsAllocator *allocator, uint64 seed);

/*
 * Add n pairs of numbers below 2^32 - 1.  Returns how many are new, and puts
 * their places, ascending, into fresh[n].
 */
extern uint32 fs_pair_set_add(FsPairSet *set, const uint32 *first,
							  const uint32 *second, uint32 n, uint32 *fresh);

extern uint64 fs_pair_set_n(const FsPairSet *set);

/* All pairs in some order: begin with *at = 0; false at the end. */
extern bool fs_pair_set_next(const FsPairSet *set, uint64 *at, uint32 *first,
							 uint32 *second);

extern size_t fs_pair_set_bytes(const FsPairSet *set);
extern void fs_pair_set_destroy(FsPairSet *set);

#endif							/* FS_VECTOR_PAIRSET_H */
