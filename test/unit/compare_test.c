/*-------------------------------------------------------------------------
 *
 * Comparisons of vectors give what a comparison of each row gives, at each
 * level and for each shape of a set.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "tap.h"
#include "vector/compare.h"
#include "vector/level.h"

#define ROUNDS	300

static const uint32 sizes[] = {0, 1, 63, 64, 65, 128, 500, 1000, 1023, 1024};

static const int64 corners[] = {
	PG_INT64_MIN, PG_INT64_MIN + 1, -1000, -1, 0, 1, 2, 999,
	INT64CONST(0x7fffffff), INT64CONST(0x80000000), INT64CONST(0xffffffff),
	PG_INT64_MAX - 1, PG_INT64_MAX
};

/* Small, any, or a corner. */
static int64
some_int(uint64 *state)
{
	switch (tap_below(state, 4))
	{
		case 0:
			return (int64) tap_random(state);
		case 1:
			return corners[tap_below(state, lengthof(corners))];
		default:
			return (int64) tap_below(state, 40) - 20;
	}
}

/* One vector; exactly as long as n, so that reading beyond it is noticed. */
typedef struct Rows
{
	uint32		n;
	int64	   *v;
	uint32	   *codes;			/* below CODES, but for every 16th */
	FsBits		out;
} Rows;

#define CODES	300

static void
make_rows(Rows *rows, uint32 n, uint64 *state)
{
	uint32		i;

	rows->n = n;
	rows->v = malloc(n * sizeof(int64) + 1);
	rows->codes = malloc(n * sizeof(uint32) + 1);
	for (i = 0; i < n; i++)
	{
		rows->v[i] = some_int(state);
		rows->codes[i] = tap_below(state, 16) == 0 ?
			(uint32) tap_random(state) : tap_below(state, CODES);
	}
	memset(&rows->out, 0xff, sizeof(FsBits));
}

static void
free_rows(Rows *rows)
{
	free(rows->v);
	free(rows->codes);
}

/* Whether rows->out says of each row i what expression says, and no more. */
#define AGREES(is_ok, rows, expression) \
	do { \
		uint32		i; \
		for (i = 0; i < FS_VECTOR_ROWS; i++) \
			(is_ok) &= fs_bits_has(&(rows)->out, i) == \
				(i < (rows)->n && (expression)); \
	} while (0)

static bool
check_ints(Rows *rows, uint64 *state)
{
	int64		a = some_int(state);
	int64		b = some_int(state);
	bool		is_ok = true;

	fs_compare_range(rows->v, rows->n, a, b, &rows->out);
	AGREES(is_ok, rows, rows->v[i] >= a && rows->v[i] <= b);
	fs_compare_range(rows->v, rows->n, PG_INT64_MIN, PG_INT64_MAX, &rows->out);
	AGREES(is_ok, rows, true);
	return is_ok;
}

static bool
check_codes(Rows *rows, uint64 *state)
{
	uint32		low = tap_below(state, CODES);
	uint32		high = tap_below(state, 8) == 0 ? PG_UINT32_MAX :
		tap_below(state, CODES);
	uint8	   *match = malloc(CODES);
	bool		is_ok = true;
	uint32		i;

	fs_compare_code(rows->codes, rows->n, low, &rows->out);
	AGREES(is_ok, rows, rows->codes[i] == low);
	fs_compare_code_range(rows->codes, rows->n, low, high, &rows->out);
	AGREES(is_ok, rows, rows->codes[i] >= low && rows->codes[i] <= high);
	for (i = 0; i < CODES; i++)
		match[i] = tap_below(state, 3) * 100;
	for (i = 0; i < rows->n; i++)
		rows->codes[i] %= CODES;
	fs_compare_table(rows->codes, rows->n, match, &rows->out);
	AGREES(is_ok, rows, match[rows->codes[i]] != 0);
	free(match);
	return is_ok;
}

static bool
is_member(int64 v, const int64 *members, uint32 n)
{
	uint32		i;

	for (i = 0; i < n; i++)
		if (members[i] == v)
			return true;
	return false;
}

/* A set of n values, of which some vectors are asked. */
static bool
check_set(const int64 *members, uint32 n, FsIntSetShape shape, uint64 *state)
{
	FsArena    *arena = tap_arena();
	const FsIntSet *set = fs_intset_create(members, n, tap_random(state), arena);
	bool		is_ok = set->shape == shape;
	uint32		s;

	for (s = 0; s < lengthof(sizes); s++)
	{
		Rows		rows;
		uint32		i;

		make_rows(&rows, sizes[s], state);
		for (i = 0; i < rows.n; i++)
			if (n > 0 && tap_below(state, 3) == 0)
				rows.v[i] = members[tap_below(state, n)];
		if (n > 0 && rows.n >= 4)
		{
			rows.v[0] = set->min;
			rows.v[1] = set->max;
			rows.v[2] = (int64) ((uint64) set->min - 1);
			rows.v[3] = (int64) ((uint64) set->max + 1);
		}
		fs_compare_set(rows.v, rows.n, set, &rows.out);
		AGREES(is_ok, &rows, is_member(rows.v[i], members, n));
		for (i = 0; i < rows.n; i++)
			is_ok &= fs_intset_has(set, rows.v[i]) == fs_bits_has(&rows.out, i);
		free_rows(&rows);
	}
	tap_arena_free(arena);
	return is_ok;
}

static void
sets(const char *level, uint64 *state)
{
	int64		members[2000];
	uint32		i;

	ok(check_set(NULL, 0, FS_INTSET_EMPTY, state), "the empty set, %s", level);
	for (i = 0; i < 30; i++)
		members[i] = 4 - (int64) (i % 10);
	ok(check_set(members, 30, FS_INTSET_RANGE, state), "a set without gaps, %s", level);
	for (i = 0; i < 20; i++)
		members[i] = corners[i % 10];
	ok(check_set(members, 20, FS_INTSET_LIST, state), "a short list, %s", level);
	for (i = 0; i < 2000; i++)
		members[i] = (int64) (i * i % 3000) - 1000;
	ok(check_set(members, 2000, FS_INTSET_BITMAP, state), "a bitmap, %s", level);
	for (i = 0; i < 2000; i++)
		members[i] = (int64) (tap_random(state) >> (i % 30));
	ok(check_set(members, 2000, FS_INTSET_HASH, state), "a hash table, %s", level);
	for (i = 0; i < 1000; i++)
		members[i] = (int64) i << 48;
	members[1000] = PG_INT64_MIN;
	members[1001] = PG_INT64_MIN + 1;
	members[1002] = PG_INT64_MAX;
	ok(check_set(members, 1003, FS_INTSET_HASH, state),
	   "a hash table with both ends of the integers, %s", level);
}

int
main(void)
{
	uint64		state = 12;
	int			level;

	for (level = 0; level <= FS_LEVEL_AVX512; level++)
	{
		bool		is_ints = true;
		bool		is_codes = true;
		int			round;

		if (fs_level_use(level) != (FsLevel) level)
			break;
		for (round = 0; round < ROUNDS; round++)
		{
			Rows		rows;

			make_rows(&rows, sizes[round % lengthof(sizes)], &state);
			is_ints &= check_ints(&rows, &state);
			is_codes &= check_codes(&rows, &state);
			free_rows(&rows);
		}
		ok(is_ints, "ranges and masks of integers, %s", fs_level_name(level));
		ok(is_codes, "codes, ranges and tables of them, %s", fs_level_name(level));
		sets(fs_level_name(level), &state);
	}
	return tap_done();
}
