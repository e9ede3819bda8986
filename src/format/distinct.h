/*-------------------------------------------------------------------------
 *
 * The distinct values of an integer column, and a code for each row.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_DISTINCT_H
#define FS_FORMAT_DISTINCT_H

#include "format/scratch.h"

/* more distinct values than this make no dictionary */
#define FS_DISTINCT_MAX		4096

typedef struct FsDistinct
{
	uint32		count;
	uint64	   *values;			/* [count], ascending as unsigned */
	uint64	   *codes;			/* [n], each < count */
} FsDistinct;

/* How many distinct values are among at most 512 of values[n]. */
extern uint32 fs_distinct_sample(const uint64 *values, uint32 n);

typedef struct FsDistinctInput
{
	const uint64 *values;		/* [n] */
	uint32		n;
	uint64		bias;			/* subtracted from each */
	uint64		max;			/* of the differences */
} FsDistinctInput;

/*
 * Find the distinct values of values[i] - bias.  Returns false if there are
 * more than FS_DISTINCT_MAX.
 */

extern bool fs_distinct_find(const FsDistinctInput *in, FsScratch *scratch,
							 FsDistinct *distinct);

#endif							/* FS_FORMAT_DISTINCT_H */
