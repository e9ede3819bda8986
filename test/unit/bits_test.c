/*-------------------------------------------------------------------------
 *
 * Sets of rows hold what was put into them, at each level.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "tap.h"
#include "vector/bits.h"
#include "vector/compact.h"
#include "vector/level.h"

#define ROUNDS	200

static const uint32 sizes[] = {0, 1, 7, 63, 64, 65, 127, 500, 1000, 1023, 1024};

/* Random rows below n, about one in 2^sparse. */
static void
fill(bool *rows, uint32 n, int sparse, uint64 *state)
{
	uint32		i;

	memset(rows, 0, FS_VECTOR_ROWS);
	for (i = 0; i < n; i++)
		rows[i] = tap_below(state, UINT64CONST(1) << sparse) == 0;
}

static bool
is_same(const FsBits *bits, const bool *rows)
{
	uint32		i;

	for (i = 0; i < FS_VECTOR_ROWS; i++)
		if (fs_bits_has(bits, i) != rows[i])
			return false;
	return true;
}

static bool
check_list(const FsBits *bits, const bool *rows)
{
	uint16	   *list = malloc(FS_VECTOR_ROWS * sizeof(uint16));
	uint32		n = fs_bits_list(bits, list);
	uint32		m = 0;
	bool		is_ok = n == fs_bits_count(bits);
	uint32		i;

	for (i = 0; i < FS_VECTOR_ROWS; i++)
		if (rows[i])
			is_ok &= m < n && list[m++] == i;
	is_ok &= m == n;
	is_ok &= fs_bits_is_empty(bits) == (n == 0);
	free(list);
	return is_ok;
}

/* Bools and bytes become bits; neither is read beyond n. */
static bool
check_from(const bool *rows, uint32 n, uint64 *state)
{
	bool	   *bools = malloc(n + 1);
	uint8	   *bytes = malloc(n + 1);
	FsBits		bits;
	bool		is_ok;
	uint32		i;

	for (i = 0; i < n; i++)
	{
		bools[1 + i] = rows[i];
		bytes[1 + i] = rows[i] ? 1 + tap_below(state, 255) : 0;
	}
	memset(&bits, 0xff, sizeof(bits));
	fs_bits_from_bools(bools + 1, n, &bits);
	is_ok = is_same(&bits, rows) && check_list(&bits, rows);
	memset(&bits, 0xff, sizeof(bits));
	fs_bits_from_bytes(bytes + 1, n, &bits);
	is_ok &= is_same(&bits, rows);
	free(bools);
	free(bytes);
	return is_ok;
}

static bool
check_algebra(const bool *a, const bool *b, uint32 n)
{
	bool		rows[FS_VECTOR_ROWS];
	FsBits		x;
	FsBits		y;
	FsBits		z;
	bool		is_ok = true;
	uint32		i;

	fs_bits_from_bools(a, n, &x);
	fs_bits_from_bools(b, n, &y);
	z = x;
	fs_bits_and(&z, &y);
	for (i = 0; i < FS_VECTOR_ROWS; i++)
		rows[i] = a[i] && b[i];
	is_ok &= is_same(&z, rows);
	z = x;
	fs_bits_or(&z, &y);
	for (i = 0; i < FS_VECTOR_ROWS; i++)
		rows[i] = a[i] || b[i];
	is_ok &= is_same(&z, rows);
	z = x;
	fs_bits_and_not(&z, &y);
	for (i = 0; i < FS_VECTOR_ROWS; i++)
		rows[i] = a[i] && !b[i];
	is_ok &= is_same(&z, rows);
	is_ok &= fs_bits_equal(&x, &x);
	is_ok &= fs_bits_equal(&x, &y) == (memcmp(a, b, FS_VECTOR_ROWS) == 0);
	return is_ok;
}

static bool
check_all(uint32 n)
{
	bool		rows[FS_VECTOR_ROWS];
	FsBits		bits;
	uint32		i;

	for (i = 0; i < FS_VECTOR_ROWS; i++)
		rows[i] = i < n;
	fs_bits_all(&bits, n);
	return is_same(&bits, rows) && check_list(&bits, rows);
}

static void
one_by_one(void)
{
	FsBits		bits;

	fs_bits_none(&bits);
	fs_bits_add(&bits, 5);
	fs_bits_add(&bits, 1023);
	ok(fs_bits_count(&bits) == 2 && fs_bits_has(&bits, 1023), "rows added");
	fs_bits_remove(&bits, 5);
	ok(fs_bits_has(&bits, 1023) && !fs_bits_has(&bits, 5), "a row removed");
}

/* Compacted values are those of the rows, in order. */
static bool
check_compact(const bool *rows, uint32 n, uint64 *state)
{
	int64		ints[FS_VECTOR_ROWS];
	uint32		codes[FS_VECTOR_ROWS];
	uint16		list[FS_VECTOR_ROWS];
	FsAddr		addrs[FS_VECTOR_ROWS];
	FsBits		bits;
	uint32		m;
	uint32		i;
	bool		is_ok = true;

	fs_bits_from_bools(rows, n, &bits);
	m = fs_bits_list(&bits, list);
	for (i = 0; i < n; i++)
	{
		ints[i] = tap_random(state);
		codes[i] = (uint32) ints[i];
		memset(&addrs[i], i % 256, sizeof(FsAddr));
	}
	{
		int64	   *some_ints = malloc(m * sizeof(int64) + 1);
		uint32	   *some_codes = malloc(m * sizeof(uint32) + 1);
		FsAddr	   *some_addrs = malloc(m * sizeof(FsAddr) + 1);

		fs_compact_int64(ints, list, m, some_ints);
		fs_compact_uint32(codes, list, m, some_codes);
		fs_compact_addrs(addrs, list, m, some_addrs);
		for (i = 0; i < m; i++)
			is_ok &= some_ints[i] == ints[list[i]] &&
				some_codes[i] == codes[list[i]] &&
				memcmp(&some_addrs[i], &addrs[list[i]], sizeof(FsAddr)) == 0;
		free(some_ints);
		free(some_codes);
		free(some_addrs);
	}
	return is_ok;
}

static void
other_compacts(void)
{
	static const uint8 bytes[4] = {0};
	const uint8 *ptrs[4] = {bytes, bytes + 1, bytes + 2, bytes + 3};
	const uint8 *some[3];
	uint16		rows[3] = {0, 2, 3};

	fs_compact_ptrs(ptrs, rows, 3, some);
	ok(some[0] == bytes && some[1] == bytes + 2 && some[2] == bytes + 3,
	   "pointers compacted");
}

int
main(void)
{
	uint64		state = 11;
	int			level;

	for (level = 0; level <= FS_LEVEL_AVX512; level++)
	{
		bool		is_from = true;
		bool		is_algebra = true;
		bool		is_all = true;
		bool		is_compact = true;
		int			round;

		if (fs_level_use(level) != (FsLevel) level)
			break;
		for (round = 0; round < ROUNDS; round++)
		{
			bool		a[FS_VECTOR_ROWS];
			bool		b[FS_VECTOR_ROWS];
			uint32		n = sizes[round % lengthof(sizes)];

			fill(a, n, round % 5, &state);
			fill(b, n, round % 4, &state);
			is_from &= check_from(a, n, &state);
			is_algebra &= check_algebra(a, b, n);
			is_all &= check_all(n);
			is_compact &= check_compact(a, n, &state);
		}
		ok(is_from, "bools and bytes to bits and lists, %s", fs_level_name(level));
		ok(is_algebra, "and, or, without, %s", fs_level_name(level));
		ok(is_all, "all rows of a vector, %s", fs_level_name(level));
		ok(is_compact, "values of listed rows, %s", fs_level_name(level));
	}
	one_by_one();
	other_compacts();
	return tap_done();
}
