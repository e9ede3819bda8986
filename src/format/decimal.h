/*-------------------------------------------------------------------------
 *
 * Floats that were decimals: 0.25 as 25 and two digits.
 *
 * Measurements mostly have few decimal places, but their binary fractions
 * fill all bits.  Where each value of a column is exactly k / 10^e, and only
 * then, the integers k are stored, which are small and near each other.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_DECIMAL_H
#define FS_FORMAT_DECIMAL_H

#include "c.h"

#define FS_DECIMAL_MAX		6	/* largest e */

/*
 * Find the smallest e with which each of values[n], floats mapped to
 * integers, is k / 10^e bit by bit, and set ks[n].  Returns false if there
 * is none; ks is then undefined.
 */
extern bool fs_decimal_encode(const uint64 *values, uint32 n, bool is_float4,
							  int *e, uint64 *ks);

/* Inverse, in place; cannot fail, 0 <= e <= FS_DECIMAL_MAX. */
extern void fs_decimal_decode(uint64 *values, uint32 n, bool is_float4,
							  int e);

#endif							/* FS_FORMAT_DECIMAL_H */
