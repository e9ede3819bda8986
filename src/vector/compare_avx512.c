/*-------------------------------------------------------------------------
 *
 * Comparisons with AVX-512: eight values a step, which give a byte of bits.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "vector/compare_level.h"

#ifdef FS_HAVE_LEVELS

#include <immintrin.h>

FS_TARGET_AVX512 void
fs_compare_range_avx512(const int64 *v, uint32 nwords, int64 low, int64 high,
						uint64 *word)
{
	__m512i		lows = _mm512_set1_epi64(low);
	__m512i		spans = _mm512_set1_epi64((int64) ((uint64) high - (uint64) low));
	uint32		w;
	int			i;

	for (w = 0; w < nwords; w++, v += 64)
	{
		uint64		out = 0;

		for (i = 0; i < 64; i += 8)
		{
			__m512i		x = _mm512_sub_epi64(_mm512_loadu_si512(v + i), lows);

			out |= (uint64) _mm512_cmple_epu64_mask(x, spans) << i;
		}
		word[w] = out;
	}
}

FS_TARGET_AVX512 void
fs_compare_any_avx512(const int64 *v, uint32 nwords, const int64 *members,
					  uint32 nmembers, uint64 *word)
{
	uint32		w;
	uint32		m;
	int			i;

	for (w = 0; w < nwords; w++, v += 64)
	{
		uint64		out = 0;

		for (i = 0; i < 64; i += 32)
		{
			__m512i		a = _mm512_loadu_si512(v + i);
			__m512i		b = _mm512_loadu_si512(v + i + 8);
			__m512i		c = _mm512_loadu_si512(v + i + 16);
			__m512i		d = _mm512_loadu_si512(v + i + 24);
			uint64		as = 0;
			uint64		bs = 0;
			uint64		cs = 0;
			uint64		ds = 0;

			for (m = 0; m < nmembers; m++)
			{
				__m512i		member = _mm512_set1_epi64(members[m]);

				as |= _mm512_cmpeq_epi64_mask(a, member);
				bs |= _mm512_cmpeq_epi64_mask(b, member);
				cs |= _mm512_cmpeq_epi64_mask(c, member);
				ds |= _mm512_cmpeq_epi64_mask(d, member);
			}
			out |= (as | bs << 8 | cs << 16 | ds << 24) << i;
		}
		word[w] = out;
	}
}

FS_TARGET_AVX512 void
fs_compare_bitmap_avx512(const int64 *v, uint32 nwords, int64 min, uint64 span,
						 const uint8 *bits, uint64 *word)
{
	__m512i		mins = _mm512_set1_epi64(min);
	__m512i		spans = _mm512_set1_epi64((int64) span);
	__m256i		one = _mm256_set1_epi32(1);
	__m256i		place = _mm256_set1_epi32(31);
	uint32		w;
	int			i;

	for (w = 0; w < nwords; w++, v += 64)
	{
		uint64		out = 0;

		for (i = 0; i < 64; i += 8)
		{
			__m512i		at = _mm512_sub_epi64(_mm512_loadu_si512(v + i), mins);
			__mmask8	is_in = _mm512_cmple_epu64_mask(at, spans);
			__m256i		words = _mm512_mask_i64gather_epi32(_mm256_setzero_si256(),
															is_in, _mm512_srli_epi64(at, 5),
															bits, 4);
			__m256i		bit = _mm256_and_si256(_mm512_cvtepi64_epi32(at), place);

			out |= (uint64) _mm256_test_epi32_mask(_mm256_srlv_epi32(words, bit), one) << i;
		}
		word[w] = out;
	}
}

FS_TARGET_AVX512 void
fs_compare_code_range_avx512(const uint32 *codes, uint32 nwords, uint32 low,
							 uint32 high, uint64 *word)
{
	__m512i		lows = _mm512_set1_epi32(low);
	__m512i		spans = _mm512_set1_epi32(high - low);
	uint32		w;
	int			i;

	for (w = 0; w < nwords; w++, codes += 64)
	{
		uint64		out = 0;

		for (i = 0; i < 64; i += 16)
		{
			__m512i		x = _mm512_sub_epi32(_mm512_loadu_si512(codes + i), lows);

			out |= (uint64) _mm512_cmple_epu32_mask(x, spans) << i;
		}
		word[w] = out;
	}
}

#endif							/* FS_HAVE_LEVELS */
