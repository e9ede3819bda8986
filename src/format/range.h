/*-------------------------------------------------------------------------
 *
 * The range of a vector: what encodings are chosen by.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_RANGE_H
#define FS_FORMAT_RANGE_H

#include "c.h"

/* XORed to a value, turns unsigned order into signed order and back */
#define FS_RANGE_UNSIGNED	(UINT64CONST(1) << 63)
#define FS_RANGE_SIGNED		UINT64CONST(0)

typedef struct FsRange
{
	uint64		min;
	uint64		max;
	uint32		changes;		/* values that differ from the one before */
} FsRange;

/* The range of values[n] under an order; zeros if n is 0. */
extern FsRange fs_range_compute(const uint64 *values, uint32 n, uint64 order);

#endif							/* FS_FORMAT_RANGE_H */
