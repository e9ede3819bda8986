/*-------------------------------------------------------------------------
 *
 * A set of rows of one vector, as bits.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/little.h"
#include "vector/bits.h"
#include "vector/level.h"

#ifdef FS_HAVE_LEVELS
#include <immintrin.h>
#endif

void
fs_bits_all(FsBits *bits, uint32 n)
{
	uint32		w;

	Assert(n <= FS_VECTOR_ROWS);
	for (w = 0; w < FS_BITS_WORDS; w++)
		bits->word[w] = n >= (w + 1) * 64 ? ~UINT64CONST(0) :
			n <= w * 64 ? 0 : (UINT64CONST(1) << (n % 64)) - 1;
}

static pg_attribute_always_inline uint32
fs_bits_count_body(const FsBits *bits)
{
	uint32		n = 0;
	int			w;

	for (w = 0; w < FS_BITS_WORDS; w++)
		n += __builtin_popcountll(bits->word[w]);
	return n;
}

FS_BY_LEVEL(uint32, fs_bits_count, (const FsBits *bits), (bits))

/*
 * bytes -> bits.  Eight bytes that are 0 or 1 become eight bits by a
 * multiplication that brings each to the highest byte, none twice.
 */

static inline uint64
bits_of_8(uint64 bytes)
{
	bytes |= bytes >> 4;
	bytes |= bytes >> 2;
	bytes |= bytes >> 1;
	return ((bytes & UINT64CONST(0x0101010101010101)) *
			UINT64CONST(0x0102040810204080)) >> 56;
}

static void
words_portable(const uint8 *values, uint32 nwords, uint64 *word)
{
	uint32		w;
	int			i;

	for (w = 0; w < nwords; w++, values += 64)
	{
		uint64		x = 0;

		for (i = 0; i < 8; i++)
			x |= bits_of_8(fs_little_get64(values + 8 * i)) << (8 * i);
		word[w] = x;
	}
}

#ifdef FS_HAVE_LEVELS
static FS_TARGET_AVX2 void
words_avx2(const uint8 *values, uint32 nwords, uint64 *word)
{
	__m256i		zero = _mm256_setzero_si256();
	uint32		w;

	for (w = 0; w < nwords; w++, values += 64)
	{
		__m256i		a = _mm256_loadu_si256((const __m256i *) values);
		__m256i		b = _mm256_loadu_si256((const __m256i *) (values + 32));
		uint32		low = _mm256_movemask_epi8(_mm256_cmpeq_epi8(a, zero));
		uint32		high = _mm256_movemask_epi8(_mm256_cmpeq_epi8(b, zero));

		word[w] = ~(low | (uint64) high << 32);
	}
}

static FS_TARGET_AVX512 void
words_avx512(const uint8 *values, uint32 nwords, uint64 *word)
{
	uint32		w;

	for (w = 0; w < nwords; w++, values += 64)
	{
		__m512i		a = _mm512_loadu_si512(values);

		word[w] = _mm512_test_epi8_mask(a, a);
	}
}
#endif

void
fs_bits_from_bytes(const uint8 *values, uint32 n, FsBits *bits)
{
	uint32		nwords = n / 64;
	uint32		i;

	Assert(n <= FS_VECTOR_ROWS);
	fs_bits_none(bits);
#ifdef FS_HAVE_LEVELS
	if (fs_level_get() == FS_LEVEL_AVX512)
		words_avx512(values, nwords, bits->word);
	else if (fs_level_get() == FS_LEVEL_AVX2)
		words_avx2(values, nwords, bits->word);
	else
#endif
		words_portable(values, nwords, bits->word);
	for (i = nwords * 64; i < n; i++)
		bits->word[nwords] |= (uint64) (values[i] != 0) << (i % 64);
}

void
fs_bits_from_bools(const bool *values, uint32 n, FsBits *bits)
{
	StaticAssertStmt(sizeof(bool) == 1, "a bool is a byte");
	fs_bits_from_bytes((const uint8 *) values, n, bits);
}

/*
 * bits -> list.  Without compress instructions by four bits at a time: four
 * rows are written, those that count first.  As many rows have been passed
 * as places of the list are filled, or more, so nothing is written beyond
 * the place of the last row.
 */

typedef struct Nibble
{
	uint16		rows[4];
} Nibble;

static const Nibble nibbles[16] = {
	{{0, 0, 0, 0}}, {{0, 0, 0, 0}}, {{1, 0, 0, 0}}, {{0, 1, 0, 0}},
	{{2, 0, 0, 0}}, {{0, 2, 0, 0}}, {{1, 2, 0, 0}}, {{0, 1, 2, 0}},
	{{3, 0, 0, 0}}, {{0, 3, 0, 0}}, {{1, 3, 0, 0}}, {{0, 1, 3, 0}},
	{{2, 3, 0, 0}}, {{0, 2, 3, 0}}, {{1, 2, 3, 0}}, {{0, 1, 2, 3}},
};

/* how many bits are set in i, 4 bits each */
#define NIBBLE_COUNTS	UINT64CONST(0x4332322132212110)

static uint32
list_portable(const FsBits *bits, uint16 *rows)
{
	uint32		m = 0;
	uint32		w;
	uint32		i;

	for (w = 0; w < FS_BITS_WORDS; w++)
	{
		uint64		x = bits->word[w];
		uint64		first = UINT64CONST(0x0001000100010001) * (w * 64);

		if (x == 0)
			continue;
		for (i = 0; i < 16; i++)
		{
			uint64		four;

			memcpy(&four, &nibbles[x & 15], 8);
			four += first;
			memcpy(rows + m, &four, 8);
			m += (NIBBLE_COUNTS >> (4 * (x & 15))) & 15;
			x >>= 4;
			first += UINT64CONST(0x0004000400040004);
		}
	}
	return m;
}

#ifdef FS_HAVE_LEVELS
static const uint16 first_32[32] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
	16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
};

/* In registers: compressing into memory is slow on AMD's processors. */
static FS_TARGET_AVX512 uint32
list_avx512(const FsBits *bits, uint16 *rows)
{
	__m512i		step = _mm512_set1_epi16(32);
	__m512i		here = _mm512_loadu_si512(first_32);
	uint32		m = 0;
	uint32		w;

	for (w = 0; w < FS_BITS_WORDS; w++)
	{
		uint32		low = (uint32) bits->word[w];
		uint32		high = (uint32) (bits->word[w] >> 32);

		_mm512_storeu_si512(rows + m, _mm512_maskz_compress_epi16(low, here));
		m += __builtin_popcount(low);
		here = _mm512_add_epi16(here, step);
		_mm512_storeu_si512(rows + m, _mm512_maskz_compress_epi16(high, here));
		m += __builtin_popcount(high);
		here = _mm512_add_epi16(here, step);
	}
	return m;
}
#endif

uint32
fs_bits_list(const FsBits *bits, uint16 *rows)
{
#ifdef FS_HAVE_LEVELS
	if (fs_level_get() == FS_LEVEL_AVX512)
		return list_avx512(bits, rows);
#endif
	return list_portable(bits, rows);
}
