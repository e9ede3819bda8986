/*-------------------------------------------------------------------------
 *
 * Sums that do not overflow.
 *
 * A sum of 64-bit integers takes 128 bits, one of their squares 192: each
 * square is up to 2^126.  Both hold the sums of 2^63 values.  Plain
 * words, so they can be copied, sent and added on any machine.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_VECTOR_WIDE_H
#define FS_VECTOR_WIDE_H

#include "c.h"

/* high * 2^64 + low */
typedef struct FsInt128
{
	uint64		low;
	int64		high;
} FsInt128;

/* word[0] + word[1] * 2^64 + word[2] * 2^128, never negative */
typedef struct FsUint192
{
	uint64		word[3];
} FsUint192;

static inline void
fs_int128_add_int(FsInt128 *sum, int64 v)
{
	uint64		low = sum->low + (uint64) v;

	sum->high += (v >> 63) + (low < (uint64) v);
	sum->low = low;
}

static inline void
fs_int128_add(FsInt128 *sum, const FsInt128 *other)
{
	uint64		low = sum->low + other->low;

	sum->high += other->high + (low < other->low);
	sum->low = low;
}

/* sum += v * 2^32 */
static inline void
fs_int128_add_shifted(FsInt128 *sum, int64 v)
{
	FsInt128	x;

	x.low = (uint64) v << 32;
	x.high = v >> 32;
	fs_int128_add(sum, &x);
}

static inline void
fs_uint192_add(FsUint192 *sum, const FsUint192 *other)
{
	uint64		low = sum->word[0] + other->word[0];
	uint64		carry = low < other->word[0];
	uint64		middle = sum->word[1] + other->word[1];
	uint64		over = middle < other->word[1];

	sum->word[0] = low;
	middle += carry;
	over += middle < carry;
	sum->word[1] = middle;
	sum->word[2] += other->word[2] + over;
}

/* The square of v in two words. */
static inline void
fs_square(int64 v, uint64 *low, uint64 *high)
{
	uint64		x = v < 0 ? 0 - (uint64) v : (uint64) v;
#ifdef HAVE_INT128
	uint128		square = (uint128) x * x;

	*low = (uint64) square;
	*high = (uint64) (square >> 64);
#else
	uint64		a = x & 0xffffffff;
	uint64		b = x >> 32;
	uint64		ab = a * b;

	*low = a * a + (ab << 33);
	*high = b * b + (ab >> 31) + (*low < a * a);
#endif
}

static inline void
fs_uint192_add_square(FsUint192 *sum, int64 v)
{
	FsUint192	square;

	fs_square(v, &square.word[0], &square.word[1]);
	square.word[2] = 0;
	fs_uint192_add(sum, &square);
}

#endif							/* FS_VECTOR_WIDE_H */
