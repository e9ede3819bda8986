/*-------------------------------------------------------------------------
 *
 * Values by group: m pairs of a group's number and a value.
 *
 * g[i] is the group of v[i] and indexes the arrays of results, which must be
 * long enough; results are added to what stands there.  m is any number.
 * Fast where neighbours have the same group, and where they have not.
 * Nothing here can fail.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_VECTOR_GROUP_H
#define FS_VECTOR_GROUP_H

#include "vector/wide.h"

/* what min[] and max[] hold of a group without a value */
#define FS_GROUP_MIN_START	PG_INT64_MAX
#define FS_GROUP_MAX_START	PG_INT64_MIN

extern void fs_group_count(const uint32 *g, uint32 m, int64 *counts);

/* Values are any int64; the sums are exact. */
extern void fs_group_sum(const uint32 *g, const int64 *v, uint32 m,
						 FsInt128 *sums);
extern void fs_group_sum_squares(const uint32 *g, const int64 *v, uint32 m,
								 FsUint192 *sums);

/*
 * min[] starts as FS_GROUP_MIN_START, max[] as FS_GROUP_MAX_START.
 */
extern void fs_group_min(const uint32 *g, const int64 *v, uint32 m,
						 int64 *min);
extern void fs_group_max(const uint32 *g, const int64 *v, uint32 m,
						 int64 *max);

/* and[] starts as -1, or[] as 0. */
extern void fs_group_and(const uint32 *g, const int64 *v, uint32 m,
						 int64 *and);
extern void fs_group_or(const uint32 *g, const int64 *v, uint32 m,
						int64 *or);

/* Set has[] to 1 for each group that is met. */
extern void fs_group_mark(const uint32 *g, uint32 m, uint8 *has);

#endif							/* FS_VECTOR_GROUP_H */
