/*-------------------------------------------------------------------------
 *
 * How numbers are distributed, about: counts of numbers in narrow buckets.
 *
 * It depends on the numbers only, not on their order, and so do its bytes;
 * merging gives the sketch of all numbers.  A quantile is at most 1/129 =
 * 0.78 % of its size away from the number that stands there, the smallest and
 * the greatest are exact.
 *
 * That holds for numbers that are no more than 2^64 times smaller than the
 * greatest of their sign: FS_DD_MAX_BUCKETS are kept of each sign, and smaller
 * numbers counted in the smallest.  Numbers below 2^-1022 count as zero.  In
 * memory a sketch takes at most 64 kB, 8 bytes for each bucket from the
 * smallest to the greatest; encoded, 2 bytes or more for each that has a
 * number, at most FS_DD_WORST_BYTES.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_VECTOR_DDSKETCH_H
#define FS_VECTOR_DDSKETCH_H

#include "vector/allocator.h"

#define FS_DD_MAX_BUCKETS	4096
#define FS_DD_WORST_BYTES	(64 + 2 * FS_DD_MAX_BUCKETS * 12)

/* Numbers of one sign, by their size. */
typedef struct FsDdSide
{
	uint64		n;
	uint32		base;			/* bucket of counts[0] */
	uint32		top;			/* the greatest that has a number */
	uint32		cap;
	uint64	   *counts;			/* [cap] */
} FsDdSide;

typedef struct FsDdSketch
{
	FsMemory	memory;
	uint64		n;				/* at most PG_INT64_MAX */
	uint64		zeros;
	double		min;			/* if n > 0 */
	double		max;
	FsDdSide	sides[2];		/* positive, negative */
} FsDdSketch;

/* An empty sketch; takes no memory yet. */
extern void fs_dd_init(FsDdSketch *sketch, FsAllocator *allocator);
extern void fs_dd_release(FsDdSketch *sketch);

/* v must be finite. */
extern void fs_dd_add(FsDdSketch *sketch, double v);

/* False, and nothing is done, if they are more than PG_INT64_MAX together. */
extern bool fs_dd_merge(FsDdSketch *dst, const FsDdSketch *src)
			__attribute__((warn_unused_result));

/*
 * About the number at place ceil(fraction * n) in ascending order, the first
 * for fraction 0: as percentile_disc.  0 <= fraction <= 1, n > 0.
 */
extern double fs_dd_quantile(const FsDdSketch *sketch, double fraction);

/* About the sum; to 0.78 % if all have the same sign.  0 for no numbers. */
extern double fs_dd_sum(const FsDdSketch *sketch);

/* Write it to out[>= FS_DD_WORST_BYTES]; gives the length. */
extern uint32 fs_dd_encode(const FsDdSketch *sketch, uint8 *out);

/* As fs_hll_decode(). */
extern bool fs_dd_decode(FsDdSketch *sketch, const uint8 *in, uint32 len,
						 const char **reason)
			__attribute__((warn_unused_result));

#endif							/* FS_VECTOR_DDSKETCH_H */
