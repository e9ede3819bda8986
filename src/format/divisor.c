/*-------------------------------------------------------------------------
 *
 * The common divisor of a column.
 *
 * Most columns have none, and 64 values spread over the column say so.  If
 * these have a divisor g = o * 2^t, o odd, each value is divided without a
 * division: x * o^-1 (mod 2^64), turned right by t bits, is x / g if g
 * divides x, and more than (2^64 - 1) / g if not.
 *
 * Source: Granlund, Montgomery, PLDI 1994, section 9.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/divisor.h"

#define SAMPLE_ROWS		64

static uint64
gcd(uint64 a, uint64 b)
{
	while (b != 0)
	{
		uint64		rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* o * inverse = 1 (mod 2^64); each step doubles the right bits, from 5. */
static uint64
invert(uint64 o)
{
	uint64		x = (3 * o) ^ 2;
	int			step;

	for (step = 0; step < 4; step++)
		x *= 2 - o * x;
	return x;
}

/* Divide all by g; gives the first value that g does not divide, or n. */
static uint32
divide(const uint64 *values, uint32 n, uint64 bias, uint64 g,
	   uint64 *quotients)
{
	int			t = __builtin_ctzll(g);
	uint64		inverse = invert(g >> t);
	uint64		max = ~UINT64CONST(0) / g;
	uint32		i;

	for (i = 0; i < n; i++)
	{
		uint64		q = (values[i] - bias) * inverse;

		q = q >> t | (t > 0 ? q << (64 - t) : 0);
		if (q > max)
			return i;
		quotients[i] = q;
	}
	return n;
}

uint64
fs_divisor_find(const uint64 *values, uint32 n, uint64 bias,
				uint64 *quotients)
{
	uint32		rows = Min(n, SAMPLE_ROWS);
	uint64		g = 0;
	uint32		i;

	for (i = 0; i < rows && g != 1; i++)
		g = gcd(values[(uint64) i * n / rows] - bias, g);
	for (i = 0; i < n && g == 0; i++)
		g = values[i] - bias;

	/* each failure at least halves g, so this ends after 64 rounds */
	while (g > 1)
	{
		i = divide(values, n, bias, g, quotients);
		if (i == n)
			return g;
		g = gcd(values[i] - bias, g);
	}
	return 1;
}
