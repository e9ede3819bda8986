/*-------------------------------------------------------------------------
 *
 * A sketch of numbers keeps its bound over 1,000 random samples, its bytes
 * depend on the numbers only, and damaged bytes are found or are another's.
 *
 * Expected values are those at the places of the sorted sample.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include <math.h>

#include "tap.h"
#include "vector/ddsketch.h"

#define TRIALS		1000
#define MAX_N		3000
#define BOUND		(1.0 / 129)

static void *
take(FsAllocator *allocator, size_t size)
{
	return malloc(size);
}

static void
give(FsAllocator *allocator, void *memory)
{
	free(memory);
}

static FsAllocator allocator = {take, give, NULL};

static double
uniform(uint64 *state)
{
	return (double) (tap_below(state, UINT64CONST(1) << 40) + 1) / (UINT64CONST(1) << 40);
}

/* A number of one of five distributions. */
static double
draw(int which, uint64 *state)
{
	switch (which)
	{
		case 0:
			return (double) tap_below(state, 1500);
		case 1:
			return 40 / pow(uniform(state), 1.3);	/* Pareto */
		case 2:
			return uniform(state) - 0.5;
		case 3:
			return -log(uniform(state)) * 1e-6;
		default:
			return (tap_below(state, 2) ? 1 : -1) * exp(20 * uniform(state));
	}
}

static int
compare(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return x < y ? -1 : x > y;
}

static void
add_all(FsDdSketch *sketch, const double *v, int n)
{
	for (int i = 0; i < n; i++)
		fs_dd_add(sketch, v[i]);
}

/* The largest relative error of a sample's quantiles; the bytes' length. */
static double
error_of(double *v, int n, uint32 *len)
{
	static const double fractions[] = {0, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1};
	static uint8 bytes[FS_DD_WORST_BYTES];
	double		worst = 0;
	FsDdSketch	sketch;

	fs_dd_init(&sketch, &allocator);
	add_all(&sketch, v, n);
	qsort(v, n, sizeof(double), compare);
	for (int i = 0; i < lengthof(fractions); i++)
	{
		double		exact = v[Max((int) ceil(fractions[i] * n), 1) - 1];
		double		got = fs_dd_quantile(&sketch, fractions[i]);

		if (got != exact)
			worst = Max(worst, fabs(got - exact) / fabs(exact));
	}
	*len = fs_dd_encode(&sketch, bytes);
	fs_dd_release(&sketch);
	return worst;
}

static void
test_error(void)
{
	static double v[MAX_N];
	uint32		tenths[11] = {0};
	uint32		longest = 0;
	double		worst = 0;
	uint64		state = 11;

	for (int i = 0; i < TRIALS; i++)
	{
		int			n = 1 + (int) tap_below(&state, MAX_N);
		uint32		len;
		double		error;

		for (int j = 0; j < n; j++)
			v[j] = draw(i % 5, &state);
		error = error_of(v, n, &len);
		worst = Max(worst, error);
		tenths[Min((int) (error * 1000), 10)]++;
		longest = Max(longest, len);
	}
	printf("# %d samples, largest error of 12 quantiles %.4f %%, at most %u bytes\n",
		   TRIALS, 100 * worst, longest);
	for (int i = 0; i < 8; i++)
		printf("# from 0.%d %%: %u\n", i, tenths[i]);
	ok(worst <= BOUND * (1 + 1e-9), "no quantile is further away than 1/129");
}

static void
test_order(void)
{
	static double v[MAX_N];
	static uint8 expected[FS_DD_WORST_BYTES];
	static uint8 got[FS_DD_WORST_BYTES];
	uint64		state = 5;
	bool		is_same = true;

	for (int i = 0; i < 300; i++)
	{
		int			n = (int) tap_below(&state, MAX_N);
		int			half = n / 3;
		FsDdSketch	sketch;
		FsDdSketch	more;
		const char *reason;
		uint32		len;

		for (int j = 0; j < n; j++)
			v[j] = i % 6 == 5 ? ldexp(draw(4, &state), (int) tap_below(&state, 1800) - 900)
				: draw(i % 5, &state);
		fs_dd_init(&sketch, &allocator);
		add_all(&sketch, v, n);
		len = fs_dd_encode(&sketch, expected);
		fs_dd_release(&sketch);
		fs_dd_init(&sketch, &allocator);
		fs_dd_init(&more, &allocator);
		qsort(v, n, sizeof(double), compare);
		add_all(&sketch, v, half);
		add_all(&more, v + half, n - half);
		is_same &= fs_dd_merge(&more, &sketch) &&
			fs_dd_encode(&more, got) == len && memcmp(got, expected, len) == 0;
		fs_dd_release(&sketch);
		fs_dd_release(&more);
		fs_dd_init(&sketch, &allocator);
		is_same &= fs_dd_decode(&sketch, expected, len, &reason) &&
			fs_dd_encode(&sketch, got) == len && memcmp(got, expected, len) == 0;
		fs_dd_release(&sketch);
	}
	ok(is_same, "order, merging, and writing and reading change no byte");
}

static void
test_damage(void)
{
	static double v[MAX_N];
	static uint8 bytes[FS_DD_WORST_BYTES];
	static uint8 again[FS_DD_WORST_BYTES];
	uint64		state = 17;
	uint32		found = 0;
	bool		is_good = true;

	for (int i = 0; i < 30000; i++)
	{
		int			n = (int) tap_below(&state, 60);
		uint32		times = 1 + (uint32) tap_below(&state, 3);
		FsDdSketch	sketch;
		const char *reason;
		uint32		len;

		for (int j = 0; j < n; j++)
			v[j] = draw(i % 5, &state);
		fs_dd_init(&sketch, &allocator);
		add_all(&sketch, v, n);
		len = fs_dd_encode(&sketch, bytes);
		fs_dd_release(&sketch);
		while (times-- > 0)
			bytes[tap_below(&state, len)] = (uint8) tap_random(&state);
		if (i % 3 == 0)
			len = (uint32) tap_below(&state, len + 1);
		fs_dd_init(&sketch, &allocator);
		if (!fs_dd_decode(&sketch, bytes, len, &reason))
			found++;
		else
			is_good &= fs_dd_encode(&sketch, again) == len &&
				memcmp(bytes, again, len) == 0 &&
				(sketch.n == 0 || isfinite(fs_dd_quantile(&sketch, 0.5)));
		fs_dd_release(&sketch);
	}
	printf("# %u of 30000 damaged sketches were refused\n", found);
	ok(is_good, "damage is found, or is another sketch");
	ok(found > 15000, "most damage is found");
}

static void
test_worked(void)
{
	static const uint8 expected[] = {
		1, 3,					/* version, n */
		0, 0, 0, 0, 0, 0, 0, 0,	/* 0 */
		0, 0, 0, 0, 0, 0xb0, 0x7b, 0x40,	/* 443 */
		1,						/* of which 0 is one */
		1, 0xee, 0x83, 0x04, 2,	/* 443 twice: 64 * (1023 + 8) + 46 = 66030 */
		0
	};
	uint8		got[100];
	FsDdSketch	sketch;

	fs_dd_init(&sketch, &allocator);
	fs_dd_add(&sketch, 443);
	fs_dd_add(&sketch, 0);
	fs_dd_add(&sketch, 443);
	ok_bytes(got, fs_dd_encode(&sketch, got), expected, sizeof(expected),
			 "the worked example");
	ok(fs_dd_sum(&sketch) > 880 && fs_dd_sum(&sketch) < 892, "and about its sum");
	fs_dd_release(&sketch);
}

/* Numbers far apart: the smallest are counted, but not told apart. */
static void
test_bound(void)
{
	FsDdSketch	sketch;

	fs_dd_init(&sketch, &allocator);
	for (int e = -1000; e <= 1000; e++)
		fs_dd_add(&sketch, ldexp(1, e));
	ok(sketch.n == 2001 && sketch.sides[0].cap <= FS_DD_MAX_BUCKETS,
	   "buckets are bounded");
	ok(fs_dd_quantile(&sketch, 0) == ldexp(1, -1000) &&
	   fs_dd_quantile(&sketch, 1) == ldexp(1, 1000), "the ends are exact");
	ok(fabs(fs_dd_quantile(&sketch, 1989.5 / 2001) / ldexp(1, 989) - 1) <= BOUND * (1 + 1e-9),
	   "large quantiles keep the bound");
	fs_dd_release(&sketch);
}

int
main(void)
{
	test_worked();
	test_error();
	test_order();
	test_damage();
	test_bound();
	return tap_done();
}
