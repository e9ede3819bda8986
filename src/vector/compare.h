/*-------------------------------------------------------------------------
 *
 * Which rows of a vector have such a value.
 *
 * Each takes the values of n rows, n <= FS_VECTOR_ROWS, and sets *out to the
 * rows that match.  Integers compare as signed.  Nothing here can fail.
 * What stands under a null is compared like any value: take nulls out after.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_VECTOR_COMPARE_H
#define FS_VECTOR_COMPARE_H

#include "vector/bits.h"
#include "vector/intset.h"

/* low <= v <= high; none if low > high */
extern void fs_compare_range(const int64 *v, uint32 n, int64 low, int64 high,
							 FsBits *out);

/* v is a member of set */
extern void fs_compare_set(const int64 *v, uint32 n, const FsIntSet *set,
						   FsBits *out);

/* The same of codes of a dictionary: one code, or low <= code <= high. */
extern void fs_compare_code(const uint32 *codes, uint32 n, uint32 code,
							FsBits *out);
extern void fs_compare_code_range(const uint32 *codes, uint32 n, uint32 low,
								  uint32 high, FsBits *out);

/*
 * match[code] != 0.  Under a null, too, the code must be below the size of
 * match.
 */
extern void fs_compare_table(const uint32 *codes, uint32 n,
							 const uint8 *match, FsBits *out);

#endif							/* FS_VECTOR_COMPARE_H */
