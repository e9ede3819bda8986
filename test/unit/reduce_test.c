/*-------------------------------------------------------------------------
 *
 * Sums, least and greatest are exact, of all values, of some rows, and by
 * group, at each level.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "tap.h"
#include "vector/entropy.h"
#include "vector/group.h"
#include "vector/level.h"
#include "vector/reduce.h"

#define ROUNDS	200
#define MAX_N	2500
#define GROUPS	200

static const uint32 sizes[] = {0, 1, 3, 64, 65, 1000, 1023, 1024, 1025, MAX_N};

/*
 * The same in base 2^16 with signed digits and no tricks: the reference.
 */
typedef struct Digits
{
	int64		digit[13];
} Digits;

static void
digits_add(Digits *sum, int64 v, int place)
{
	uint64		x = v < 0 ? 0 - (uint64) v : (uint64) v;
	int			i;

	for (i = 0; i < 4; i++)
		sum->digit[place + i] += (v < 0 ? -1 : 1) *
			(int64) ((x >> (16 * i)) & 0xffff);
}

static void
digits_add_square(Digits *sum, int64 v)
{
	uint64		x = v < 0 ? 0 - (uint64) v : (uint64) v;
	int			i;
	int			j;

	for (i = 0; i < 4; i++)
		for (j = 0; j < 4; j++)
			digits_add(sum, (int64) (((x >> (16 * i)) & 0xffff) *
									 ((x >> (16 * j)) & 0xffff)), i + j);
}

/* Carry, then give the low 192 bits. */
static FsUint192
digits_words(const Digits *sum)
{
	FsUint192	words = {{0, 0, 0}};
	int64		carry = 0;
	int			i;

	for (i = 0; i < 12; i++)
	{
		int64		x = sum->digit[i] + carry;

		words.word[i / 4] |= ((uint64) x & 0xffff) << (16 * (i % 4));
		carry = x >> 16;
	}
	return words;
}

static bool
is_sum(const FsInt128 *sum, const Digits *digits)
{
	FsUint192	words = digits_words(digits);

	return sum->low == words.word[0] && (uint64) sum->high == words.word[1] &&
		words.word[2] == (sum->high < 0 ? ~UINT64CONST(0) : 0);
}

static bool
is_squares(const FsUint192 *sum, const Digits *digits)
{
	FsUint192	words = digits_words(digits);

	return memcmp(sum, &words, sizeof(words)) == 0;
}

/* Values of one magnitude; the greatest of them make every sum overflow. */
static void
fill(int64 *v, uint32 n, int kind, uint64 *state)
{
	uint32		i;

	for (i = 0; i < n; i++)
		switch (kind)
		{
			case 0:
				v[i] = (int64) tap_below(state, 3000) - 1000;
				break;
			case 1:
				v[i] = (int64) tap_random(state);
				break;
			case 2:
				v[i] = tap_below(state, 2) ? PG_INT64_MIN : PG_INT64_MAX;
				break;
			case 3:
				v[i] = PG_INT64_MIN;
				break;
			case 4:
				v[i] = tap_below(state, 2) ? PG_INT32_MIN : PG_INT32_MAX;
				break;
			default:
				v[i] = tap_below(state, n) == 0 ?
					(int64) PG_INT32_MAX + 2 : PG_INT32_MIN;
				break;
		}
}

static bool
check_all(const int64 *v, uint32 n)
{
	Digits		sum = {{5}};
	Digits		squares = {{7}};
	FsInt128	got_sum = {5, 0};
	FsUint192	got_squares = {{7, 0, 0}};
	int64		min = PG_INT64_MAX;
	int64		max = PG_INT64_MIN;
	uint32		changes = 0;
	uint64		magnitude = 0;
	bool		is_within = true;
	uint32		i;

	for (i = 0; i < n; i++)
	{
		digits_add(&sum, v[i], 0);
		digits_add_square(&squares, v[i]);
		min = v[i] < min ? v[i] : min;
		max = v[i] > max ? v[i] : max;
		changes += i > 0 && v[i] != v[i - 1];
		magnitude |= (uint64) (v[i] < 0 ? ~v[i] : v[i]);
		is_within &= v[i] >= -1000 && v[i] <= 2000 && v[i] != 77;
	}
	fs_reduce_sum(v, n, &got_sum);
	fs_reduce_sum_squares(v, n, &got_squares);
	return is_sum(&got_sum, &sum) && is_squares(&got_squares, &squares) &&
		fs_reduce_min(v, n) == min && fs_reduce_max(v, n) == max &&
		fs_reduce_changes(v, n) == changes &&
		fs_reduce_magnitude(v, n) == magnitude &&
		fs_reduce_is_within(v, n, -1000, 2000, 77) == is_within &&
		(n == 0 || (fs_reduce_is_within(v, n, min, max, max == PG_INT64_MAX ? 0 : max + 1) &&
					!fs_reduce_is_within(v, n, min, max, v[n - 1])));
}

typedef struct Groups
{
	int64		counts[GROUPS];
	FsInt128	sums[GROUPS];
	FsUint192	squares[GROUPS];
	int64		min[GROUPS];
	int64		and[GROUPS];
	int64		or[GROUPS];
	int64		max[GROUPS];
	uint8		has_min[GROUPS];
	uint8		has_max[GROUPS];
} Groups;

static bool
check_group(const Groups *got, uint32 group, const uint32 *g, const int64 *v,
			uint32 n)
{
	Digits		sum = {{0}};
	Digits		squares = {{0}};
	int64		min = FS_GROUP_MIN_START;
	int64		all = -1;
	int64		any = 0;
	int64		max = FS_GROUP_MAX_START;
	int64		count = 0;
	uint32		i;

	for (i = 0; i < n; i++)
		if (g[i] == group)
		{
			count++;
			digits_add(&sum, v[i], 0);
			digits_add_square(&squares, v[i]);
			all &= v[i];
			any |= v[i];
			min = v[i] < min ? v[i] : min;
			max = v[i] > max ? v[i] : max;
		}
	return got->counts[group] == count &&
		is_sum(&got->sums[group], &sum) &&
		is_squares(&got->squares[group], &squares) &&
		got->min[group] == min && got->max[group] == max &&
		got->and[group] == all && got->or[group] == any &&
		got->has_min[group] == (count > 0) && got->has_max[group] == (count > 0);
}

/* Two batches, so that the second adds to the first. */
static bool
check_groups(const int64 *v, uint32 n, uint64 *state)
{
	Groups	   *got = calloc(1, sizeof(Groups));
	uint32	   *g = malloc(n * sizeof(uint32) + 1);
	uint32		run = 1 + tap_below(state, 30);
	static const uint32 choices[] = {1, 3, 8, 40, GROUPS, GROUPS};
	uint32		ngroups = choices[tap_below(state, lengthof(choices))];
	uint32		half = n / 2;
	uint32		group = 0;
	uint32		i;
	bool		is_ok = true;

	for (i = 0; i < n; i++)
	{
		if (tap_below(state, run) == 0)
			group = tap_below(state, ngroups);
		g[i] = group;
	}
	for (i = 0; i < GROUPS; i++)
	{
		got->and[i] = -1;
		got->or[i] = 0;
		got->min[i] = FS_GROUP_MIN_START;
		got->max[i] = FS_GROUP_MAX_START;
	}
	for (i = 0; i < n; i += half + 1)
	{
		uint32		m = Min(half + 1, n - i);

		fs_group_count(g + i, m, got->counts);
		fs_group_sum(g + i, v + i, m, got->sums);
		fs_group_sum_squares(g + i, v + i, m, got->squares);
		fs_group_and(g + i, v + i, m, got->and);
		fs_group_or(g + i, v + i, m, got->or);
		fs_group_min(g + i, v + i, m, got->min);
		fs_group_mark(g + i, m, got->has_min);
		fs_group_max(g + i, v + i, m, got->max);
		fs_group_mark(g + i, m, got->has_max);
	}
	for (i = 0; i < GROUPS; i += 1 + i / 8)
		is_ok &= check_group(got, i, g, v, n);
	is_ok &= fs_reduce_max_uint32(g, 0) == 0;
	if (n > 0)
		is_ok &= check_group(got, fs_reduce_max_uint32(g, n), g, v, n);
	free(got);
	free(g);
	return is_ok;
}

/* The worked example; weights of all sizes against the sum of its terms. */
static void
entropy(void)
{
	int64		worked[] = {2, 0, 1, 1};
	int64		extreme[] = {PG_INT64_MAX, 1};
	int64		many[1000];
	int128		total = 0;
	int128		sum = 0;
	uint32		nvalues;

	ok(fs_entropy_of_weights(worked, 4, &nvalues) == 1.5 && nvalues == 3,
	   "entropy of 2 1 1");
	ok(fs_entropy_of_weights(worked, 0, &nvalues) == 0 && nvalues == 0 &&
	   fs_entropy_of_weights(worked, 1, &nvalues) == 0 && nvalues == 1,
	   "entropy of nothing and of one value");
	ok(fs_entropy_of_weights(extreme, 2, &nvalues) > 0 && nvalues == 2,
	   "entropy of the most unequal weights");
	for (int i = 0; i < 1000; i++)
	{
		many[i] = i < 500 ? i % 80 : (int64) i * i * i;
		total += many[i];
	}
	for (int i = 0; i < 1000; i++)
		sum += fs_entropy_term(many[i], total);
	ok(fs_entropy_of_weights(many, 1000, &nvalues) == fs_entropy_of_terms(sum),
	   "entropy is the sum of its terms");
}

/* Carries from word to word. */
static void
wide(void)
{
	FsInt128	sum = {~UINT64CONST(0), 4};
	FsInt128	other = {1, -1};
	FsUint192	squares = {{~UINT64CONST(0), ~UINT64CONST(0), 0}};
	FsUint192	one = {{1, 0, 0}};
	uint64		low;
	uint64		high;

	fs_int128_add(&sum, &other);
	ok(sum.low == 0 && sum.high == 4, "a carry into the high word");
	fs_int128_add_int(&sum, -1);
	ok(sum.low == ~UINT64CONST(0) && sum.high == 3, "a borrow from it");
	fs_uint192_add(&squares, &one);
	ok(squares.word[0] == 0 && squares.word[1] == 0 && squares.word[2] == 1,
	   "a carry through both words");
	fs_square(PG_INT64_MIN, &low, &high);
	ok(low == 0 && high == UINT64CONST(1) << 62, "the greatest square");
}

int
main(void)
{
	uint64		state = 13;
	int			level;

	wide();
	entropy();
	for (level = 0; level <= FS_LEVEL_AVX512; level++)
	{
		bool		is_all = true;
		bool		is_groups = true;
		int			round;

		if (fs_level_use(level) != (FsLevel) level)
			break;
		for (round = 0; round < ROUNDS; round++)
		{
			uint32		n = sizes[round % lengthof(sizes)];
			int64	   *v = malloc(n * sizeof(int64) + 1);

			fill(v, n, round / 10 % 6, &state);
			is_all &= check_all(v, n);
			is_groups &= check_groups(v, n, &state);
			free(v);
		}
		ok(is_all, "of all values, %s", fs_level_name(level));
		ok(is_groups, "by group, %s", fs_level_name(level));
	}
	return tap_done();
}
