/*-------------------------------------------------------------------------
 *
 * Groups of one accumulator, merged into those of another.
 *
 * Both are of the same aggregate, over rows that the other has not seen.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_GROUP_MERGE_H
#define FS_GROUP_MERGE_H

#include "postgres.h"

#include "group/accumulator.h"

/*
 * True if merging gives what one accumulator of all rows would have: not of
 * floats, whose sums depend on the order, nor of what holds values by id.
 */
extern bool fs_accumulator_can_merge(const FsAccumulator *acc);

/*
 * Merge groups from[m] of other, which were met, into groups to[m] of acc,
 * below ngroups.  met as for fs_accumulator_expect(): before to[] were noted.
 */
extern void fs_accumulator_expect_merge(FsAccumulator *acc,
										const FsAccumulator *other,
										const uint8 *met);
extern void fs_accumulator_merge(FsAccumulator *acc,
								 const FsAccumulator *other,
								 const uint32 *from, const uint32 *to,
								 uint32 m, uint32 ngroups);

/* Forget the groups of an accumulator that can be merged; keep the memory. */
extern void fs_accumulator_clear(FsAccumulator *acc);

#endif							/* FS_GROUP_MERGE_H */
