/*-------------------------------------------------------------------------
 *
 * Weaving: rows from values of conversations.
 *
 * A conversation writes two rows, and the place moves on by one or two: no
 * branch depends on the data.  With AVX2 a few conversations at a time are
 * permuted to where their rows belong; the flags of these choose the
 * permutation, so that the loop waits for nothing but the place.
 *
 *-------------------------------------------------------------------------
 */
#include "format/kernel.h"
#include "format/little.h"
#include "format/weave.h"

/* Conversations from c on to rows from k on, one after the other. */
#define WEAVE(type) \
	do { \
		const bool *seconds_ = weave->seconds; \
		const bool *turn_ = weave->turn; \
		if (!turn_) \
			for (; c < weave->n; c++) \
			{ \
				rows[k] = first[c]; \
				rows[k + 1] = second[c]; \
				k += 1 + seconds_[c]; \
			} \
		else \
			for (; c < weave->n; c++) \
			{ \
				type		x_ = first[c]; \
				type		y_ = second[c]; \
				rows[k] = turn_[c] ? y_ : x_; \
				rows[k + 1] = turn_[c] ? x_ : y_; \
				k += 1 + seconds_[c]; \
			} \
	} while (0)

#ifdef FS_HAS_AVX2

#include <immintrin.h>

/*
 * Permutations of eight lanes, four bits each.  In 64 bits a step has two
 * conversations, a0 a1 b0 b1; their flags are second 0, turn 0, turn 1.
 */
#define HALVES(i)	((2 * (i)) | (2 * (i) + 1) << 4)
#define ORDER64(p, q, r, s) \
	((uint32) (HALVES(p) | HALVES(q) << 8 | HALVES(r) << 16) | (uint32) HALVES(s) << 24)

static const uint32 orders64[8] = {
	ORDER64(0, 1, 3, 3), ORDER64(0, 2, 1, 3), ORDER64(2, 1, 3, 3), ORDER64(2, 0, 1, 3),
	ORDER64(0, 3, 1, 1), ORDER64(0, 2, 3, 1), ORDER64(2, 3, 1, 1), ORDER64(2, 0, 3, 1)
};

/*
 * In 32 bits a step has four, a0 .. a3 b0 .. b3; the flags are second 0 .. 2,
 * and turns are made before.  The last second row needs no flag.
 */
static const uint32 orders32[8] = {
	0x77773210, 0x77732140, 0x77732510, 0x77325140,
	0x77736210, 0x77362140, 0x77362510, 0x73625140
};

/* The same with a byte for each lane. */
static const uint64 byte_orders[8] = {
	UINT64CONST(0x0707070703020100), UINT64CONST(0x0707070302010400),
	UINT64CONST(0x0707070302050100), UINT64CONST(0x0707030205010400),
	UINT64CONST(0x0707070306020100), UINT64CONST(0x0707030602010400),
	UINT64CONST(0x0707030602050100), UINT64CONST(0x0703060205010400)
};

FS_AVX2 static inline __m256i
permute(__m128i low, __m128i high, uint32 order)
{
	const __m256i shifts = _mm256_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28);

	/* only three bits of each lane's number matter */
	return _mm256_permutevar8x32_epi32(_mm256_set_m128i(high, low),
									   _mm256_srlv_epi32(_mm256_set1_epi32((int) order), shifts));
}

/* Four flags, of a byte each, as four bits. */
static inline uint32
four_of(const bool *flags)
{
	return fs_little_get32((const uint8 *) flags) * 0x10204080 >> 28;
}

/* Change places where the flags of turn are set. */
FS_AVX2 static inline void
turn_four(const bool *turn, __m128i *a, __m128i *b)
{
	__m128i		flags = _mm_cvtepi8_epi32(_mm_cvtsi32_si128((int) fs_little_get32((const uint8 *) turn)));
	__m128i		change = _mm_and_si128(_mm_xor_si128(*a, *b), _mm_sub_epi32(_mm_setzero_si128(), flags));

	*a = _mm_xor_si128(*a, change);
	*b = _mm_xor_si128(*b, change);
}

FS_AVX2 static uint32
weave32_avx2(const FsWeave *weave, const uint32 *first, const uint32 *second,
			 uint32 *rows, uint32 *done)
{
	uint32		k = 0;
	uint32		c;

	for (c = 0; c + 4 <= weave->n; c += 4)
	{
		uint32		seconds = four_of(weave->seconds + c);
		__m128i		a = _mm_loadu_si128((const __m128i *) (first + c));
		__m128i		b = _mm_loadu_si128((const __m128i *) (second + c));

		if (weave->turn)
			turn_four(weave->turn + c, &a, &b);
		_mm256_storeu_si256((__m256i *) (rows + k), permute(a, b, orders32[seconds & 7]));
		k += 4 + (uint32) __builtin_popcount(seconds);
	}
	*done = c;
	return k;
}

FS_AVX2 static uint32
weave_bools_avx2(const FsWeave *weave, const bool *first, const bool *second,
				 bool *rows, uint32 *done)
{
	uint32		k = 0;
	uint32		c;

	for (c = 0; c + 4 <= weave->n; c += 4)
	{
		uint32		seconds = four_of(weave->seconds + c);
		uint32		a = fs_little_get32((const uint8 *) first + c);
		uint32		b = fs_little_get32((const uint8 *) second + c);
		uint32		change = weave->turn ? (a ^ b) & fs_little_get32((const uint8 *) weave->turn + c) : 0;
		__m128i		both = _mm_cvtsi64_si128((int64) ((uint64) (b ^ change) << 32 | (a ^ change)));
		__m128i		order = _mm_cvtsi64_si128((int64) byte_orders[seconds & 7]);

		_mm_storel_epi64((__m128i *) (rows + k), _mm_shuffle_epi8(both, order));
		k += 4 + (uint32) __builtin_popcount(seconds);
	}
	*done = c;
	return k;
}

FS_AVX2 static uint32
weave64_avx2(const FsWeave *weave, const uint64 *first, const uint64 *second,
			 uint64 *rows, uint32 *done)
{
	uint32		k = 0;
	uint32		c;

	for (c = 0; c + 2 <= weave->n; c += 2)
	{
		uint32		flags = weave->seconds[c];
		__m128i		a = _mm_loadu_si128((const __m128i *) (first + c));
		__m128i		b = _mm_loadu_si128((const __m128i *) (second + c));

		if (weave->turn)
			flags |= weave->turn[c] << 1 | weave->turn[c + 1] << 2;
		_mm256_storeu_si256((__m256i *) (rows + k), permute(a, b, orders64[flags]));
		k += 2 + weave->seconds[c] + weave->seconds[c + 1];
	}
	*done = c;
	return k;
}

FS_AVX2 static uint32
weave_sums_avx2(const FsWeave *weave, const uint64 *values,
				const uint64 *differences, uint64 *rows, uint32 *done)
{
	uint32		m = 0;
	uint32		c;

	for (c = 0; c + 2 <= weave->n; c += 2)
	{
		uint32		one = weave->seconds[c];
		__m128i		a = _mm_loadu_si128((const __m128i *) (values + c));
		__m128i		add = _mm_set_epi64x((int64) differences[m + one], (int64) differences[m]);

		_mm256_storeu_si256((__m256i *) (rows + c + m), permute(a, _mm_add_epi64(a, add), orders64[one]));
		m += one + weave->seconds[c + 1];
	}
	*done = c;
	return c + m;
}

#endif

void
fs_weave_bools(const FsWeave *weave, const bool *first, const bool *second,
			   bool *rows)
{
	uint32		c = 0;
	uint32		k = 0;

#ifdef FS_HAS_AVX2
	if (fs_kernel_has_avx2())
		k = weave_bools_avx2(weave, first, second, rows, &c);
#endif
	WEAVE(bool);
}

void
fs_weave32(const FsWeave *weave, const uint32 *first, const uint32 *second,
		   uint32 *rows)
{
	uint32		c = 0;
	uint32		k = 0;

#ifdef FS_HAS_AVX2
	if (fs_kernel_has_avx2())
		k = weave32_avx2(weave, first, second, rows, &c);
#endif
	WEAVE(uint32);
}

void
fs_weave64(const FsWeave *weave, const uint64 *first, const uint64 *second,
		   uint64 *rows)
{
	uint32		c = 0;
	uint32		k = 0;

#ifdef FS_HAS_AVX2
	if (fs_kernel_has_avx2())
		k = weave64_avx2(weave, first, second, rows, &c);
#endif
	WEAVE(uint64);
}

void
fs_weave_sums(const FsWeave *weave, const uint64 *values,
			  const uint64 *differences, uint64 *rows)
{
	uint32		c = 0;
	uint32		k = 0;
	uint32		m;

#ifdef FS_HAS_AVX2
	if (fs_kernel_has_avx2())
		k = weave_sums_avx2(weave, values, differences, rows, &c);
#endif
	for (m = k - c; c < weave->n; c++)
	{
		rows[k] = values[c];
		rows[k + 1] = values[c] + differences[m];
		k += 1 + weave->seconds[c];
		m += weave->seconds[c];
	}
}
