/*-------------------------------------------------------------------------
 *
 * Bit packing: n integers of w bits each, n <= FS_VECTOR_ROWS, w <= 64.
 *
 * A (nearly) full vector is stored in lanes, which decode with vector
 * instructions; a short one as one stream of bits, which wastes nothing.
 * Either way one value is reached in constant time.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_BITPACK_H
#define FS_FORMAT_BITPACK_H

#include "format/layout.h"

/* from this many values on a vector is stored in lanes, filled up with 0 */
#define FS_BITPACK_LANES_FROM	(FS_VECTOR_ROWS - 63)

/* Bits that x needs: 0 for 0, 64 for the largest. */
static inline int
fs_bitpack_width(uint64 x)
{
	return x == 0 ? 0 : 64 - __builtin_clzll(x);
}

/* Bytes that n values of w bits take. */
static inline uint32
fs_bitpack_len(uint32 n, int w)
{
	return n >= FS_BITPACK_LANES_FROM ? FS_VECTOR_ROWS / 8 * w
		: (n * w + 7) / 8;
}

/*
 * Write the low w bits of values[i] - base, for n values, to
 * dst[fs_bitpack_len(n, w)].
 */
extern void fs_bitpack_pack(const uint64 *values, uint32 n, int w,
							uint64 base, uint8 *dst);

/* Inverse: values[n], each with base added (and wrapping). */
extern void fs_bitpack_unpack(const uint8 *src, uint32 n, int w,
							  uint64 base, uint64 *values);

/* The same for w <= 32 into 32 bits. */
extern void fs_bitpack_unpack32(const uint8 *src, uint32 n, int w,
								uint32 base, uint32 *values);

/* Value i alone, without base. */
extern uint64 fs_bitpack_get(const uint8 *src, uint32 n, int w, uint32 i);

/* Whether the bits that hold no value are 0, as they must be. */
extern bool fs_bitpack_is_clean(const uint8 *src, uint32 n, int w);

#endif							/* FS_FORMAT_BITPACK_H */
