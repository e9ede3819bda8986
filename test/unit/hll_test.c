/*-------------------------------------------------------------------------
 *
 * A sketch of a set keeps its error over 1,000 random sets, its bytes depend on
 * the set only, and damaged bytes are found or are another sketch's.
 *
 * The expected error is that of Ertl, UltraLogLog, VLDB 2024, table 2: 0.761 /
 * sqrt(registers) for large sets, less for small ones.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include <math.h>

#include "tap.h"
#include "vector/hash64.h"
#include "vector/hll.h"

#define TRIALS		1000

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

/* Hashes of from .. to - 1, of a set named by trial. */
static void
add_range(FsHll *hll, uint64 trial, uint64 from, uint64 to)
{
	for (uint64 i = from; i < to; i++)
		fs_hll_add(hll, fs_hash64_word((trial + 1) << 40 | i));
}

/* Bytes of a sketch of n values; gives the length. */
static uint32
bytes_of(uint64 trial, uint64 n, uint8 *out)
{
	FsHll		hll;
	uint32		len;

	fs_hll_init(&hll, &allocator);
	add_range(&hll, trial, 0, n);
	len = fs_hll_encode(&hll, out);
	fs_hll_release(&hll);
	return len;
}

/* What n trials told: relative errors and lengths. */
typedef struct Errors
{
	double		sum;
	double		squares;
	double		worst;
	uint32		within[4];		/* 1, 2, 3 and 4 % */
	uint32		longest;
	uint32		n;
} Errors;

static void
try_once(Errors *errors, uint64 trial, uint64 n)
{
	uint8		out[FS_HLL_WORST_BYTES];
	double		error;
	FsHll		hll;

	fs_hll_init(&hll, &allocator);
	add_range(&hll, trial, 0, n);
	error = fs_hll_estimate(&hll) / (double) n - 1;
	errors->sum += error;
	errors->squares += error * error;
	errors->worst = Max(errors->worst, fabs(error));
	for (int i = 0; i < 4; i++)
		errors->within[i] += fabs(error) <= 0.01 * (i + 1);
	errors->longest = Max(errors->longest, fs_hll_encode(&hll, out));
	errors->n++;
	fs_hll_release(&hll);
}

static void
show(const Errors *errors, const char *what)
{
	printf("# %s: %u trials, mean %+.3f %%, standard error %.3f %%, worst %.2f %%, "
		   "within 1, 2, 3 and 4 %%: %u %u %u %u, at most %u bytes\n",
		   what, errors->n, 100 * errors->sum / errors->n,
		   100 * sqrt(errors->squares / errors->n), 100 * errors->worst,
		   errors->within[0], errors->within[1], errors->within[2],
		   errors->within[3], errors->longest + 4);
}

static void
test_error(void)
{
	Errors		errors = {0};
	Errors		large = {0};
	uint64		state = 7;

	for (int i = 0; i < TRIALS; i++)
		try_once(&errors, i, (uint64) (1000 * pow(200, tap_below(&state, 1000000) / 1e6)));
	show(&errors, "1,000 to 200,000 values");
	ok(sqrt(errors.squares / errors.n) < 0.01, "the standard error is below 1 %%");
	ok(fabs(errors.sum / errors.n) < 0.001, "there is no bias");
	ok(errors.within[0] > 680 && errors.within[2] > 995,
	   "errors are distributed as they should be");
	ok(errors.longest + 4 <= FS_HLL_MAX_BYTES, "a sketch has at most 4096 bytes");
	for (int i = 0; i < 100; i++)
		try_once(&large, TRIALS + i, 300000 + tap_below(&state, 300000));
	show(&large, "300,000 to 600,000 values");
	ok(sqrt(large.squares / large.n) < 0.0095 * 1.22,
	   "the standard error of large sets is 0.95 %%, for 100 trials");
	ok(large.longest + 4 <= FS_HLL_MAX_BYTES, "and their sketches have at most 4096 bytes");
}

static void
test_small(void)
{
	bool		is_exact = true;

	for (uint64 n = 0; n <= FS_HLL_MAX_TOKENS; n += n < 20 ? 1 : 37)
	{
		FsHll		hll;

		fs_hll_init(&hll, &allocator);
		add_range(&hll, 5, 0, n);
		add_range(&hll, 5, 0, n);
		is_exact &= fs_hll_estimate(&hll) == (double) n;
		fs_hll_release(&hll);
	}
	ok(is_exact, "small sets are counted exactly");
}

static void
test_order(void)
{
	static const uint64 sizes[] = {0, 1, 12, 13, 768, 769, 1500, 20000};
	uint8		expected[FS_HLL_WORST_BYTES];
	uint8		got[FS_HLL_WORST_BYTES];

	for (int i = 0; i < lengthof(sizes); i++)
	{
		uint32		len = bytes_of(3, sizes[i], expected);
		uint64		half = sizes[i] / 3;
		FsHll		hll;
		FsHll		more;
		const char *reason;

		fs_hll_init(&hll, &allocator);
		fs_hll_init(&more, &allocator);
		add_range(&hll, 3, half, sizes[i]);
		add_range(&more, 3, 0, Max(half, sizes[i] / 2));
		fs_hll_merge(&more, &hll);
		ok_bytes(got, fs_hll_encode(&more, got), expected, len,
				 "merged in another order");
		fs_hll_release(&hll);
		ok(fs_hll_decode(&hll, expected, len, &reason) &&
		   fs_hll_encode(&hll, got) == len && memcmp(got, expected, len) == 0,
		   "a sketch of " UINT64_FORMAT " is read as it was written", sizes[i]);
		fs_hll_release(&hll);
		fs_hll_release(&more);
	}
}

/* What is taken for a sketch is one: it is written as it was read. */
static void
test_damage(void)
{
	static const uint64 sizes[] = {0, 3, 700, 1000, 30000};
	uint64		state = 99;
	uint32		found = 0;
	bool		is_good = true;

	for (int i = 0; i < 20000; i++)
	{
		uint8		bytes[FS_HLL_WORST_BYTES + 8] = {0};
		uint8		again[FS_HLL_WORST_BYTES];
		uint32		len = bytes_of(i % 50, sizes[i % 5 == 4 && i > 500 ? 2 : i % 5], bytes);
		uint32		n = 1 + (uint32) tap_below(&state, 3);
		const char *reason;
		FsHll		hll;

		while (n-- > 0)
			bytes[tap_below(&state, len)] = (uint8) tap_random(&state);
		if (i % 3 == 0)
			len = (uint32) tap_below(&state, len + 8);
		fs_hll_init(&hll, &allocator);
		if (!fs_hll_decode(&hll, bytes, len, &reason))
			found++;
		else
			is_good &= fs_hll_encode(&hll, again) == len &&
				memcmp(bytes, again, len) == 0 && isfinite(fs_hll_estimate(&hll));
		fs_hll_release(&hll);
	}
	printf("# %u of 20000 damaged sketches were refused\n", found);
	ok(is_good, "damage is found, or is another sketch");
	ok(found > 10000, "most damage is found");
}

/* Values that somebody chose: every register at its highest level. */
static void
test_chosen(void)
{
	uint8		out[FS_HLL_WORST_BYTES];
	FsHll		hll;
	const char *reason;
	uint32		len;

	fs_hll_init(&hll, &allocator);
	for (uint64 i = 0; i < UINT64CONST(1) << 14; i++)
		for (int level = 36; level <= 38; level++)
			fs_hll_add(&hll, i << 50 | (level == 38 ? 0 : UINT64CONST(1) << level));
	ok(isfinite(fs_hll_estimate(&hll)), "the estimate of chosen hashes is a number");
	len = fs_hll_encode(&hll, out);
	fs_hll_release(&hll);
	ok(fs_hll_decode(&hll, out, len, &reason), "and they can be read again");
	fs_hll_release(&hll);
	fs_hll_init(&hll, &allocator);
	for (uint64 i = 0; i < UINT64CONST(1) << 14; i++)
		fs_hll_add(&hll, i << 50 | UINT64CONST(1) << (i * 7 % 37));
	len = fs_hll_encode(&hll, out);
	ok(len == FS_HLL_WORST_BYTES && out[1] == 3, "codes that would be longer are left");
	fs_hll_release(&hll);
	ok(fs_hll_decode(&hll, out, len, &reason), "and plain registers can be read");
	fs_hll_release(&hll);
}

/* Hashes are the same everywhere: these were computed by another program. */
static void
test_hash(void)
{
	ok(fs_hash64_word(0) == UINT64CONST(0xe220a8397b1dcdaf),
	   "a word's hash is SplitMix64's");
	ok(fs_hash64_bytes("", 0) == fs_hash64_word(fs_hash64_word(0)) &&
	   fs_hash64_bytes("a", 1) == fs_hash64_word(fs_hash64_word(1) ^ 0x61),
	   "an image's hash is made of words");
}

int
main(void)
{
	test_hash();
	test_small();
	test_order();
	test_damage();
	test_chosen();
	test_error();
	return tap_done();
}
