/*-------------------------------------------------------------------------
 *
 * Entropy: how evenly weight is spread on values, in bits.
 *
 *		H = sum of p * log2(1 / p),  p = weight of a value / all weight
 *
 * A sum of terms does not depend on their order: they are whole numbers.
 *
 *	  weights 2 1 1  ->  0.5 * 1 + 0.25 * 2 + 0.25 * 2 = 1.5
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_VECTOR_ENTROPY_H
#define FS_VECTOR_ENTROPY_H

#include "c.h"

/* Bits of a term after the binary point; the sum is at most log2(2^40) bits. */
#define FS_ENTROPY_TERM_BITS 112

/*
 * p * log2(1 / p) of one value, in units of 2^-FS_ENTROPY_TERM_BITS; 0 for
 * weight 0.  0 <= weight <= total.
 */
extern int128 fs_entropy_term(int128 weight, int128 total);

/* A sum of terms in bits. */
extern double fs_entropy_of_terms(int128 sum);

/*
 * The entropy of weights[n], none of which is negative; *nvalues is the number
 * of those that are not 0.  0 if there are none.
 */
extern double fs_entropy_of_weights(const int64 *weights, uint32 n,
									uint32 *nvalues);

#endif							/* FS_VECTOR_ENTROPY_H */
