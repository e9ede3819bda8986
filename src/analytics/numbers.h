/*-------------------------------------------------------------------------
 *
 * Numbers that are sorted to find what stands where.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_ANALYTICS_NUMBERS_H
#define FS_ANALYTICS_NUMBERS_H

#include "postgres.h"

/* Sort v[n] ascending, NaN last; can be interrupted. */
extern void fs_numbers_sort(float8 *v, size_t n);

/* As percentile_cont(fraction) of v[n], which are sorted, n > 0. */
extern float8 fs_numbers_percentile(const float8 *v, size_t n,
									float8 fraction);

/*
 * The median of the absolute deviations of v[n] from center, n > 0; v is
 * overwritten.
 */
extern float8 fs_numbers_mad(float8 *v, size_t n, float8 center);

#endif							/* FS_ANALYTICS_NUMBERS_H */
