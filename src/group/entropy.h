/*-------------------------------------------------------------------------
 *
 * Entropy by group: the weights of pairs of a group and a value.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_GROUP_ENTROPY_H
#define FS_GROUP_ENTROPY_H

#include "postgres.h"

#include "vector/allocator.h"
#include "vector/ids.h"

typedef struct FsEntropy FsEntropy;

/* In the current memory context; what grows is the allocator's. */
extern FsEntropy *fs_entropy_create(FsAllocator *allocator);

/*
 * Add weights[m] to values, given by id, of groups g.  NULL: 1 each.  Reports
 * INVALID_PARAMETER_VALUE for a negative weight and NUMERIC_VALUE_OUT_OF_RANGE
 * if the weights of one value of a group add up to more than int64.
 */
extern void fs_entropy_add(FsEntropy *entropy, const uint32 *g,
						   const uint32 *ids, const int64 *weights, uint32 m);

/*
 * The entropy of a group below ngroups in bits, or normalized: 0 to 1.  False:
 * it has no value with a weight.
 */
extern bool fs_entropy_of_group(FsEntropy *entropy, uint32 group,
								uint32 ngroups, bool is_norm, double *result);

/* Pairs of a group and a value. */
extern uint32 fs_entropy_n(const FsEntropy *entropy);

/*
 * The values of a group below ngroups that were added, by id, and their
 * weights, 0 or more: [*n], good until more are added.
 */
extern void fs_entropy_values(FsEntropy *entropy, uint32 group,
							  uint32 ngroups, const uint32 **ids,
							  const int64 **weights, uint32 *n);

extern Size fs_entropy_bytes(const FsEntropy *entropy);
extern void fs_entropy_reset(FsEntropy *entropy);

#endif							/* FS_GROUP_ENTROPY_H */
