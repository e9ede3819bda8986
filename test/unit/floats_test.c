/*-------------------------------------------------------------------------
 *
 * Floats keep their bits and their order as integers and as decimals.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include <math.h>

#include "format/column.h"
#include "format/decimal.h"
#include "tap.h"

static uint64
bits_of(double x)
{
	uint64		bits;

	memcpy(&bits, &x, sizeof(bits));
	return bits;
}

static uint32
bits_of4(float x)
{
	uint32		bits;

	memcpy(&bits, &x, sizeof(bits));
	return bits;
}

/* PostgreSQL's order: NaN equal to itself and largest. */
static int
compare(double a, double b)
{
	if (isnan(a) || isnan(b))
		return (int) !!isnan(a) - (int) !!isnan(b);
	return a < b ? -1 : a > b;
}

static void
mapping(void)
{
	uint64		state = 9;
	bool		is_back = true;
	bool		is_ordered = true;
	int			i;

	for (i = 0; i < 200000; i++)
	{
		uint64		a = tap_random(&state);
		uint64		b = i % 3 ? tap_random(&state) : a ^ (UINT64CONST(1) << (i % 64));
		int64		ka = fs_float8_zone_key(fs_float8_to_int(a));
		int64		kb = fs_float8_zone_key(fs_float8_to_int(b));
		int64		ka4 = fs_float4_zone_key(fs_float4_to_int((uint32) a));
		int64		kb4 = fs_float4_zone_key(fs_float4_to_int((uint32) b));
		uint32		a4 = (uint32) a;
		uint32		b4 = (uint32) b;
		double		x;
		double		y;
		float		x4;
		float		y4;

		memcpy(&x, &a, 8);
		memcpy(&y, &b, 8);
		memcpy(&x4, &a4, 4);
		memcpy(&y4, &b4, 4);
		is_back &= fs_float8_from_int(fs_float8_to_int(a)) == a;
		is_back &= fs_float4_from_int(fs_float4_to_int(a4)) == a4;
		is_ordered &= compare(x, y) == (ka > kb) - (ka < kb);
		is_ordered &= compare(x4, y4) == (ka4 > kb4) - (ka4 < kb4);
	}
	ok(is_back, "mapped floats lose no bit");
	ok(is_ordered, "zone keys order as floats do");
	ok(fs_float8_to_int(bits_of(-0.0)) == -1 && fs_float8_to_int(bits_of(0.0)) == 0,
	   "-0 is -1");
	ok(fs_float8_zone_key(fs_float8_to_int(bits_of(-0.0))) == 0 &&
	   fs_float4_zone_key(fs_float4_to_int(bits_of4(-0.0f))) == 0, "the key of -0 is 0");
	ok(fs_float8_zone_key(fs_float8_to_int(UINT64CONST(0xfff8000000000000))) == PG_INT64_MAX &&
	   fs_float4_zone_key(fs_float4_to_int(0xff800001)) == PG_INT64_MAX,
	   "the key of a negative NaN is the largest");
	ok(fs_float8_zone_key(fs_float8_to_int(bits_of(INFINITY))) < PG_INT64_MAX,
	   "infinity is below NaN");
}

static void
decimals(void)
{
	uint64		values[100];
	uint64		ks[100];
	int			e;
	int			i;

	for (i = 0; i < 100; i++)
		values[i] = (uint64) fs_float8_to_int(bits_of((i * 37 - 1000) / 100.0));
	ok(fs_decimal_encode(values, 100, false, &e, ks) && e == 2 && (int64) ks[0] == -1000,
	   "hundredths have two digits");
	fs_decimal_decode(ks, 100, false, e);
	ok(memcmp(ks, values, sizeof(values)) == 0, "and come back");
	for (i = 0; i < 100; i++)
		values[i] = (uint64) fs_float4_to_int(bits_of4((float) i / 8));
	ok(fs_decimal_encode(values, 100, true, &e, ks) && e == 3, "eighths have three");
	fs_decimal_decode(ks, 100, true, e);
	ok(memcmp(ks, values, sizeof(values)) == 0, "and come back");
	values[50] = (uint64) fs_float8_to_int(bits_of(-0.0));
	ok(!fs_decimal_encode(values + 50, 1, false, &e, ks), "-0 is no decimal");
	values[50] = (uint64) fs_float8_to_int(bits_of(NAN));
	ok(!fs_decimal_encode(values + 50, 1, false, &e, ks), "NaN is no decimal");
	values[50] = (uint64) fs_float8_to_int(bits_of(INFINITY));
	ok(!fs_decimal_encode(values + 50, 1, false, &e, ks), "infinity is no decimal");
	values[50] = (uint64) fs_float8_to_int(bits_of(1.0 / 3));
	ok(!fs_decimal_encode(values + 50, 1, false, &e, ks), "a third is no decimal");
	values[50] = (uint64) fs_float8_to_int(bits_of(1e300));
	ok(!fs_decimal_encode(values + 50, 1, false, &e, ks), "1e300 is no decimal");
}

int
main(void)
{
	mapping();
	decimals();
	return tap_done();
}
