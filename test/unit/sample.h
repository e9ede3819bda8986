/*-------------------------------------------------------------------------
 *
 * Columns to encode: made by rule and seed, the same in each run.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_TEST_SAMPLE_H
#define FS_TEST_SAMPLE_H

#include "format/chunk.h"

/* Rules that make values; which of them suit a kind is in sample.c. */
typedef enum SampleRule
{
	SAMPLE_CONSTANT,
	SAMPLE_RUNS,
	SAMPLE_SMALL,				/* narrow range */
	SAMPLE_SKEWED,				/* narrow range, some far outside */
	SAMPLE_RISING,				/* steps of about the same size */
	SAMPLE_MILLISECONDS,		/* microseconds that are full milliseconds */
	SAMPLE_FEW,					/* 40 values far apart */
	SAMPLE_RANDOM,				/* all bits */
	SAMPLE_EXTREME,				/* smallest, largest and 0 */
	SAMPLE_DECIMAL,				/* floats with two digits */
	SAMPLE_FLOATS,				/* floats, with NaN, -0, infinite, denormal */
	SAMPLE_V4,
	SAMPLE_V6,
	SAMPLE_MIXED,				/* both families */
	SAMPLE_PREFIXES,			/* some prefix lengths that are not full */
	SAMPLE_WORDS,				/* strings that repeat */
	SAMPLE_DISTINCT,			/* strings and addresses that do not repeat */
	SAMPLE_LONG,				/* strings, up to 100 kB */
	SAMPLE_EMPTY				/* empty strings */
} SampleRule;

typedef struct Sample
{
	FsColumnSpec spec;
	FsColumnValues values;
	uint32		nrows;
} Sample;

/* Every `null_one_in`-th row or so is null; 0: none, 1: all. */
extern Sample sample_make(uint8 kind, uint8 order, SampleRule rule,
						  uint32 nrows, uint32 null_one_in, FsArena *arena);

extern bool sample_is_null(const Sample *sample, uint32 row);

/* <0, 0, >0 in the sample's order; CALLBACK is memcmp from the end. */
extern int	sample_compare_bytes(const uint8 *a, uint32 alen,
								 const uint8 *b, uint32 blen, void *arg);

#endif							/* FS_TEST_SAMPLE_H */
