/*-------------------------------------------------------------------------
 *
 * Comparisons of whole words of 64 rows, by level.
 *
 * Each sets word[nwords] for the values of 64 * nwords rows.  Only compare.c
 * calls them, where the processor has the level.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_VECTOR_COMPARE_LEVEL_H
#define FS_VECTOR_COMPARE_LEVEL_H

#include "vector/level.h"

#ifdef FS_HAVE_LEVELS

extern void fs_compare_range_avx2(const int64 *v, uint32 nwords, int64 low,
								  int64 high, uint64 *word);
extern void fs_compare_range_avx512(const int64 *v, uint32 nwords, int64 low,
									int64 high, uint64 *word);

/* v is one of members[nmembers] */
extern void fs_compare_any_avx2(const int64 *v, uint32 nwords,
								const int64 *members, uint32 nmembers,
								uint64 *word);
extern void fs_compare_any_avx512(const int64 *v, uint32 nwords,
								  const int64 *members, uint32 nmembers,
								  uint64 *word);

/*
 * Bit v - min of bits, which has the bits up to span and is of whole 4 bytes.
 * Only here: with four values a step gathering does not pay.
 */
extern void fs_compare_bitmap_avx512(const int64 *v, uint32 nwords, int64 min,
									 uint64 span, const uint8 *bits,
									 uint64 *word);

extern void fs_compare_code_range_avx2(const uint32 *codes, uint32 nwords,
									   uint32 low, uint32 high, uint64 *word);
extern void fs_compare_code_range_avx512(const uint32 *codes, uint32 nwords,
										 uint32 low, uint32 high,
										 uint64 *word);

#endif							/* FS_HAVE_LEVELS */

#endif							/* FS_VECTOR_COMPARE_LEVEL_H */
