/*-------------------------------------------------------------------------
 *
 * Which rows of a vector have such a value.
 *
 * Words of 64 rows are compared by the level in use, the rows after the last
 * whole word one by one.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/hash.h"
#include "vector/compare.h"
#include "vector/compare_level.h"

/* Set bits first .. n - 1 of *out, in whole words, to an expression of i. */
#define COMPARE_ROWS(first, n, out, expression) \
	do { \
		uint32		i; \
		uint32		w; \
		for (w = (first) / 64; w * 64 < (n); w++) \
		{ \
			uint32		end = Min((n), (w + 1) * 64); \
			uint64		x = 0; \
			for (i = w * 64; i < end; i++) \
				x |= (uint64) (expression) << (i % 64); \
			(out)->word[w] = x; \
		} \
	} while (0)

/* How many rows the level in use has compared, by the function of its name. */
#ifdef FS_HAVE_LEVELS
#define COMPARE_LEVEL(done, name, v, n, a, b, out) \
	do { \
		FsLevel		level = fs_level_get(); \
		uint32		nwords = (n) / 64; \
		(done) = level == FS_LEVEL_PORTABLE ? 0 : nwords * 64; \
		if (level == FS_LEVEL_AVX512) \
			name##_avx512(v, nwords, a, b, (out)->word); \
		else if (level == FS_LEVEL_AVX2) \
			name##_avx2(v, nwords, a, b, (out)->word); \
	} while (0)
#else
#define COMPARE_LEVEL(done, name, v, n, a, b, out)	((done) = 0)
#endif

void
fs_compare_range(const int64 *v, uint32 n, int64 low, int64 high, FsBits *out)
{
	uint64		span = (uint64) high - (uint64) low;
	uint32		done;

	Assert(n <= FS_VECTOR_ROWS);
	fs_bits_none(out);
	if (low > high)
		return;
	COMPARE_LEVEL(done, fs_compare_range, v, n, low, high, out);
	COMPARE_ROWS(done, n, out, (uint64) v[i] - (uint64) low <= span);
}

void
fs_compare_code_range(const uint32 *codes, uint32 n, uint32 low, uint32 high,
					  FsBits *out)
{
	uint32		done;

	Assert(n <= FS_VECTOR_ROWS);
	fs_bits_none(out);
	if (low > high)
		return;
	COMPARE_LEVEL(done, fs_compare_code_range, codes, n, low, high, out);
	COMPARE_ROWS(done, n, out, codes[i] - low <= high - low);
}

void
fs_compare_code(const uint32 *codes, uint32 n, uint32 code, FsBits *out)
{
	fs_compare_code_range(codes, n, code, code, out);
}

void
fs_compare_table(const uint32 *codes, uint32 n, const uint8 *match,
				 FsBits *out)
{
	uint8		bytes[FS_VECTOR_ROWS];
	uint32		i;

	Assert(n <= FS_VECTOR_ROWS);
	for (i = 0; i + 4 <= n; i += 4)
	{
		bytes[i] = match[codes[i]];
		bytes[i + 1] = match[codes[i + 1]];
		bytes[i + 2] = match[codes[i + 2]];
		bytes[i + 3] = match[codes[i + 3]];
	}
	for (; i < n; i++)
		bytes[i] = match[codes[i]];
	fs_bits_from_bytes(bytes, n, out);
}

static inline bool
is_in_list(int64 v, const int64 *members, uint32 n)
{
	bool		found = false;
	uint32		i;

	for (i = 0; i < n; i++)
		found |= members[i] == v;
	return found;
}

static void
compare_list(const int64 *v, uint32 n, const FsIntSet *set, FsBits *out)
{
	uint32		done;

	fs_bits_none(out);
	COMPARE_LEVEL(done, fs_compare_any, v, n, set->members, set->n, out);
	COMPARE_ROWS(done, n, out, is_in_list(v[i], set->members, set->n));
}

static void
compare_bitmap(const int64 *v, uint32 n, const FsIntSet *set, FsBits *out)
{
	uint64		span = (uint64) set->max - (uint64) set->min;
	uint8		bytes[FS_VECTOR_ROWS];
	uint32		i;

#ifdef FS_HAVE_LEVELS
	if (fs_level_get() == FS_LEVEL_AVX512 && n == FS_VECTOR_ROWS)
	{
		fs_compare_bitmap_avx512(v, FS_BITS_WORDS, set->min, span, set->bits,
								 out->word);
		return;
	}
#endif
	for (i = 0; i < n; i++)
	{
		uint64		at = (uint64) v[i] - (uint64) set->min;
		bool		is_in = at <= span;

		at = is_in ? at : 0;
		bytes[i] = (set->bits[at / 8] >> (at % 8)) & is_in;
	}
	fs_bits_from_bytes(bytes, n, out);
}

/*
 * The filter is asked of all rows without a branch, the table of those that
 * pass.
 */
static void
compare_hash(const int64 *v, uint32 n, const FsIntSet *set, FsBits *out)
{
	uint8		bytes[FS_VECTOR_ROWS];
	uint16		rows[FS_VECTOR_ROWS];
	uint32		m;
	uint32		i;

	for (i = 0; i < n; i++)
	{
		uint64		bit = fs_hash_int(v[i], set->seed) >> set->bits_shift;

		bytes[i] = (set->bits[bit / 8] >> (bit % 8)) & 1;
	}
	fs_bits_from_bytes(bytes, n, out);
	m = fs_bits_list(out, rows);
	for (i = 0; i < m; i++)
		if (!fs_intset_has(set, v[rows[i]]))
			fs_bits_remove(out, rows[i]);
}

void
fs_compare_set(const int64 *v, uint32 n, const FsIntSet *set, FsBits *out)
{
	Assert(n <= FS_VECTOR_ROWS);
	switch (set->shape)
	{
		case FS_INTSET_EMPTY:
			fs_bits_none(out);
			break;
		case FS_INTSET_RANGE:
			fs_compare_range(v, n, set->min, set->max, out);
			break;
		case FS_INTSET_LIST:
			compare_list(v, n, set, out);
			break;
		case FS_INTSET_BITMAP:
			compare_bitmap(v, n, set, out);
			break;
		case FS_INTSET_HASH:
			compare_hash(v, n, set, out);
			break;
	}
}
