/*-------------------------------------------------------------------------
 *
 * Integers that do not descend, in about two bits more than their gaps.
 *
 * The coding of Elias and Fano: of c values up to max the low l bits are
 * packed, where l = floor(log2((max + 1) / c)), not below 0; the rest of
 * value i, a small number h, sets bit h + i of c + (max >> l) bits.  It stands at any
 * bit of a stream of bits, low bit first.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_RISING_H
#define FS_FORMAT_RISING_H

#include "format/little.h"

/* what must be readable after a stream's last byte */
#define FS_RISING_PADDING	8

/* The bits [off, off + w) of a padded stream, w <= 56. */
static inline uint64
fs_rising_get(const uint8 *stream, uint64 off, int w)
{
	return fs_little_get64(stream + off / 8) >> (off % 8) &
		((UINT64CONST(1) << w) - 1);
}

/* Set them to x; they were 0, and the stream is padded with zeros. */
static inline void
fs_rising_put(uint8 *stream, uint64 off, int w, uint64 x)
{
	uint8	   *p = stream + off / 8;

	Assert(w <= 56 && x >> w == 0);
	fs_little_put64(p, fs_little_get64(p) | x << (off % 8));
}

/* l of c values, c >= 1, max < 2^40. */
static inline int
fs_rising_low_bits(uint32 c, uint64 max)
{
	uint64		ratio = (max + 1) / c;

	return ratio < 2 ? 0 : 63 - __builtin_clzll(ratio);
}

/* Bits that c values take, c >= 1. */
static inline uint64
fs_rising_bits(uint32 c, uint64 max)
{
	int			l = fs_rising_low_bits(c, max);

	return (uint64) c * (l + 1) + (max >> l);
}

/* Write values[c], each <= max, at bit off of zeros. */
extern void fs_rising_write(const uint64 *values, uint32 c, uint64 max,
							uint8 *stream, uint64 off);

/*
 * Read them, all fs_rising_bits() being inside the stream.  Returns false if
 * they are not c values up to max.
 */
extern bool fs_rising_read(const uint8 *stream, uint64 off, uint32 c,
						   uint64 max, uint64 *values)
			__attribute__((warn_unused_result));

#endif							/* FS_FORMAT_RISING_H */
