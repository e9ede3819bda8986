/*-------------------------------------------------------------------------
 *
 * Floats as integers: the mapping that column.h promises, in line.
 *
 * A float's bits are sign and magnitude.  With the lower bits of negative
 * ones turned over they order as two's complement integers do:
 * -1.0 < -0 = -1 < 0 = +0 < 1.0 < infinity < NaN.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_FLOATS_H
#define FS_FORMAT_FLOATS_H

#include "c.h"

/* the integers of plus and minus infinity; what lies beyond is NaN */
#define FS_FLOAT8_INF		INT64CONST(0x7ff0000000000000)
#define FS_FLOAT4_INF		INT64CONST(0x7f800000)

static inline int64
fs_floats_map8(uint64 bits)
{
	int64		x = (int64) bits;

	return x ^ ((x >> 63) & PG_INT64_MAX);
}

static inline uint64
fs_floats_unmap8(int64 x)
{
	return (uint64) (x ^ ((x >> 63) & PG_INT64_MAX));
}

static inline int64
fs_floats_map4(uint32 bits)
{
	int32		x = (int32) bits;

	return x ^ ((x >> 31) & PG_INT32_MAX);
}

static inline uint32
fs_floats_unmap4(int64 value)
{
	int32		x = (int32) value;

	return (uint32) (x ^ ((x >> 31) & PG_INT32_MAX));
}

static inline int64
fs_floats_key8(int64 x)
{
	if (x > FS_FLOAT8_INF || x < ~FS_FLOAT8_INF)
		return PG_INT64_MAX;
	return x == -1 ? 0 : x;
}

static inline int64
fs_floats_key4(int64 x)
{
	if (x > FS_FLOAT4_INF || x < ~FS_FLOAT4_INF)
		return PG_INT64_MAX;
	return x == -1 ? 0 : x;
}

#endif							/* FS_FORMAT_FLOATS_H */
