/*-------------------------------------------------------------------------
 *
 * The common divisor of a column: milliseconds kept as microseconds.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_DIVISOR_H
#define FS_FORMAT_DIVISOR_H

#include "c.h"

/*
 * The greatest common divisor of values[i] - bias, n > 0; 1 if they are all
 * 0.  If it is not 1, quotients[n] are set.
 */
extern uint64 fs_divisor_find(const uint64 *values, uint32 n, uint64 bias,
							  uint64 *quotients);

#endif							/* FS_FORMAT_DIVISOR_H */
