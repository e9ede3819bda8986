/*-------------------------------------------------------------------------
 *
 * One number out of many values.
 *
 * Of values[n], n any number below 2^31.  Values are any int64; sums are exact
 * and are added to what *sum has.  Nothing here can fail.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_VECTOR_REDUCE_H
#define FS_VECTOR_REDUCE_H

#include "vector/bits.h"
#include "vector/wide.h"

extern void fs_reduce_sum(const int64 *v, uint32 n, FsInt128 *sum);

extern void fs_reduce_sum_squares(const int64 *v, uint32 n, FsUint192 *sum);

/*
 * The least, INT64_MAX if there is none; the greatest, INT64_MIN if there is
 * none.
 */
extern int64 fs_reduce_min(const int64 *v, uint32 n);
extern int64 fs_reduce_max(const int64 *v, uint32 n);

/*
 * Below 2^bits if all values are at least -2^bits and below 2^bits; or of all
 * of them, of the negative ones that of ~v.
 */
extern uint64 fs_reduce_magnitude(const int64 *v, uint32 n);

/* Whether low <= v <= high for all of them, and none is except. */
extern bool fs_reduce_is_within(const int64 *v, uint32 n, int64 low,
								int64 high, int64 except);

/* The greatest code; 0 if there is none. */
extern uint32 fs_reduce_max_uint32(const uint32 *v, uint32 n);

/* How many of v[1] .. v[n - 1] differ from the one before. */
extern uint32 fs_reduce_changes(const int64 *v, uint32 n);
extern uint32 fs_reduce_changes_uint32(const uint32 *v, uint32 n);

#endif							/* FS_VECTOR_REDUCE_H */
