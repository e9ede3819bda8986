/*-------------------------------------------------------------------------
 *
 * The values of one group among those of others.
 *
 * g[i] is the group of v[i]; m is at most FS_VECTOR_ROWS.  Where a vector has
 * few groups, a pass for each is faster than going from row to row.  Nothing
 * here can fail.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_VECTOR_ONEGROUP_H
#define FS_VECTOR_ONEGROUP_H

#include "c.h"

extern uint32 fs_onegroup_count(const uint32 *g, uint32 m, uint32 group);

/* Of values below 2^52, and of the squares of values below 2^26. */
extern int64 fs_onegroup_sum(const uint32 *g, const int64 *v, uint32 m,
							 uint32 group);
extern uint64 fs_onegroup_sum_squares(const uint32 *g, const int64 *v,
									  uint32 m, uint32 group);

/* INT64_MAX and INT64_MIN, if the group is not met. */
extern int64 fs_onegroup_min(const uint32 *g, const int64 *v, uint32 m,
							 uint32 group);
extern int64 fs_onegroup_max(const uint32 *g, const int64 *v, uint32 m,
							 uint32 group);

#endif							/* FS_VECTOR_ONEGROUP_H */
