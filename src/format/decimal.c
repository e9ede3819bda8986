/*-------------------------------------------------------------------------
 *
 * Floats that were decimals.
 *
 * k is the nearest integer to value * 10^e.  Whether it stands for the value
 * is found by trying: k / 10^e is one correctly rounded division in float8
 * (for float4 then rounded to float4), on every machine with IEEE 754.  So
 * -0, NaN, infinity and what has more digits fail the test, and the column
 * is stored as mapped bits.
 *
 * Source: Afroozeh, Kuffo, Boncz, "ALP", SIGMOD 2024 (without its exceptions
 * and its second factor).
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/decimal.h"
#include "format/floats.h"
#include "format/kernel.h"

/* beyond this a float8 has no bits left for a fraction */
#define K_MAX	((double) (INT64CONST(1) << 53))

static const double powers[FS_DECIMAL_MAX + 1] = {
	1.0, 10.0, 100.0, 1000.0, 10000.0, 100000.0, 1000000.0
};

static inline double
to_double(uint64 value, bool is_float4)
{
	double		x8;
	float		x4;

	if (is_float4)
	{
		uint32		bits = fs_floats_unmap4((int64) value);

		memcpy(&x4, &bits, sizeof(x4));
		return x4;
	}
	value = fs_floats_unmap8((int64) value);
	memcpy(&x8, &value, sizeof(x8));
	return x8;
}

static inline uint64
to_value(int64 k, bool is_float4, int e)
{
	double		x8 = (double) k / powers[e];
	float		x4 = (float) x8;
	uint64		bits8;
	uint32		bits4;

	if (is_float4)
	{
		memcpy(&bits4, &x4, sizeof(bits4));
		return (uint64) fs_floats_map4(bits4);
	}
	memcpy(&bits8, &x8, sizeof(bits8));
	return (uint64) fs_floats_map8(bits8);
}

/* Set *k if it stands for the value exactly. */
static inline bool
find_k(uint64 value, bool is_float4, int e, uint64 *k)
{
	double		scaled = to_double(value, is_float4) * powers[e];

	if (!(scaled > -K_MAX && scaled < K_MAX))
		return false;
	*k = (uint64) (int64) (scaled < 0 ? scaled - 0.5 : scaled + 0.5);
	return to_value((int64) *k, is_float4, e) == value;
}

bool
fs_decimal_encode(const uint64 *values, uint32 n, bool is_float4, int *e,
				  uint64 *ks)
{
	uint32		i;

	*e = 0;
	for (i = 0; i < n; i++)
	{
		if (find_k(values[i], is_float4, *e, &ks[i]))
			continue;

		/* what smaller exponents reproduce, larger ones need not: again */
		if (++*e > FS_DECIMAL_MAX)
			return false;
		i = (uint32) -1;
	}
	return true;
}

/* Whether all are signed integers of 32 bits. */
FS_KERNEL static bool
are_narrow(const uint64 *ks, uint32 n)
{
	uint64		high = 0;
	uint32		i;

	for (i = 0; i < n; i++)
		high |= (ks[i] + (UINT64CONST(1) << 31)) >> 32;
	return high == 0;
}

/* float4 of narrow integers, as to_value() has them. */
FS_KERNEL static void
decode_narrow(uint64 *values, uint32 n, double power)
{
	uint32		i;

	for (i = 0; i < n; i++)
	{
		float		x4 = (float) ((double) (int32) values[i] / power);
		uint32		bits4;

		memcpy(&bits4, &x4, sizeof(bits4));
		values[i] = (uint64) fs_floats_map4(bits4);
	}
}

void
fs_decimal_decode(uint64 *values, uint32 n, bool is_float4, int e)
{
	uint32		i;

	if (is_float4 && are_narrow(values, n))
		decode_narrow(values, n, powers[e]);
	else if (is_float4)
		for (i = 0; i < n; i++)
			values[i] = to_value((int64) values[i], true, e);
	else
		for (i = 0; i < n; i++)
			values[i] = to_value((int64) values[i], false, e);
}
