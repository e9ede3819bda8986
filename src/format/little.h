/*-------------------------------------------------------------------------
 *
 * Integers as little-endian bytes, which is how all of the format has them.
 *
 * No pointer needs an alignment.  The machine may be of either endianness.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_LITTLE_H
#define FS_FORMAT_LITTLE_H

#include "c.h"

#ifdef WORDS_BIGENDIAN
#define FS_LITTLE16(x)		__builtin_bswap16(x)
#define FS_LITTLE32(x)		__builtin_bswap32(x)
#define FS_LITTLE64(x)		__builtin_bswap64(x)
#define FS_BIG32(x)			(x)
#define FS_BIG64(x)			(x)
#else
#define FS_LITTLE16(x)		(x)
#define FS_LITTLE32(x)		(x)
#define FS_LITTLE64(x)		(x)
#define FS_BIG32(x)			__builtin_bswap32(x)
#define FS_BIG64(x)			__builtin_bswap64(x)
#endif

static inline uint16
fs_little_get16(const uint8 *src)
{
	uint16		x;

	memcpy(&x, src, sizeof(x));
	return FS_LITTLE16(x);
}

static inline uint32
fs_little_get32(const uint8 *src)
{
	uint32		x;

	memcpy(&x, src, sizeof(x));
	return FS_LITTLE32(x);
}

static inline uint64
fs_little_get64(const uint8 *src)
{
	uint64		x;

	memcpy(&x, src, sizeof(x));
	return FS_LITTLE64(x);
}

/* An integer of len bytes, 0 <= len <= 8; no bytes are 0. */
static inline uint64
fs_little_get(const uint8 *src, int len)
{
	uint64		x = 0;
	int			i;

	for (i = 0; i < len; i++)
		x |= (uint64) src[i] << (8 * i);
	return x;
}

static inline void
fs_little_put16(uint8 *dst, uint16 x)
{
	x = FS_LITTLE16(x);
	memcpy(dst, &x, sizeof(x));
}

static inline void
fs_little_put32(uint8 *dst, uint32 x)
{
	x = FS_LITTLE32(x);
	memcpy(dst, &x, sizeof(x));
}

static inline void
fs_little_put64(uint8 *dst, uint64 x)
{
	x = FS_LITTLE64(x);
	memcpy(dst, &x, sizeof(x));
}

/* The low len bytes of x, 0 <= len <= 8. */
static inline void
fs_little_put(uint8 *dst, uint64 x, int len)
{
	int			i;

	for (i = 0; i < len; i++)
		dst[i] = (uint8) (x >> (8 * i));
}

/* Address bytes are in network order; as a number they compare as bytes do. */
static inline uint32
fs_big_get32(const uint8 *src)
{
	uint32		x;

	memcpy(&x, src, sizeof(x));
	return FS_BIG32(x);
}

static inline uint64
fs_big_get64(const uint8 *src)
{
	uint64		x;

	memcpy(&x, src, sizeof(x));
	return FS_BIG64(x);
}

static inline void
fs_big_put32(uint8 *dst, uint32 x)
{
	x = FS_BIG32(x);
	memcpy(dst, &x, sizeof(x));
}

static inline void
fs_big_put64(uint8 *dst, uint64 x)
{
	x = FS_BIG64(x);
	memcpy(dst, &x, sizeof(x));
}

#endif							/* FS_FORMAT_LITTLE_H */
