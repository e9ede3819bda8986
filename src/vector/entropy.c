/*-------------------------------------------------------------------------
 *
 * Entropy.
 *
 * All terms are positive and each is right to a few units in the last place:
 * where p > 1/2, log2(1 / p) is taken as log1p(rest / weight) / ln 2, which
 * does not cancel.  The sum of terms is low by less than n * 2^-112 bits for n
 * values.  The least entropy that weights of 64 bits can have, 2^-57 bits of
 * 2^63 - 1 and 1, still has all digits of a double.
 *
 * Source: Shannon, Bell System Technical Journal 27, 1948, section 6.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include <math.h>

#include "vector/entropy.h"

int128
fs_entropy_term(int128 weight, int128 total)
{
	double		share = (double) weight / (double) total;
	int128		rest = total - weight;
	double		term;

	if (weight == 0)
		return 0;
	if (weight > rest)
		term = share * (log1p((double) rest / (double) weight) / M_LN2);
	else
		term = -share * log2(share);
	return (int128) ldexp(term, FS_ENTROPY_TERM_BITS);
}

double
fs_entropy_of_terms(int128 sum)
{
	return ldexp((double) sum, -FS_ENTROPY_TERM_BITS);
}

double
fs_entropy_of_weights(const int64 *weights, uint32 n, uint32 *nvalues)
{
	int128		total = 0;
	int128		sum = 0;
	uint64		known = 1;		/* bit w: terms[w] is that of weight w */
	int128		terms[64];

	terms[0] = 0;
	*nvalues = 0;
	for (uint32 i = 0; i < n; i++)
	{
		total += weights[i];
		*nvalues += weights[i] != 0;
	}
	for (uint32 i = 0; i < n; i++)
	{
		int64		w = weights[i];

		/* most ports occur seldom: logarithms cost more than all else */
		if (w >= 64)
			sum += fs_entropy_term(w, total);
		else
		{
			if ((known >> w & 1) == 0)
				terms[w] = fs_entropy_term(w, total);
			known |= UINT64CONST(1) << w;
			sum += terms[w];
		}
	}
	return fs_entropy_of_terms(sum);
}
