/*-------------------------------------------------------------------------
 *
 * Comparisons with AVX2: four values a step, a sign bit each.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "vector/compare_level.h"

#ifdef FS_HAVE_LEVELS

#include <immintrin.h>

static inline FS_TARGET_AVX2 uint64
signs(__m256i x)
{
	return (uint32) _mm256_movemask_pd(_mm256_castsi256_pd(x));
}

static inline FS_TARGET_AVX2 __m256i
load(const void *src)
{
	return _mm256_loadu_si256((const __m256i *) src);
}

FS_TARGET_AVX2 void
fs_compare_range_avx2(const int64 *v, uint32 nwords, int64 low, int64 high,
					  uint64 *word)
{
	__m256i		lows = _mm256_set1_epi64x(low);
	__m256i		highs = _mm256_set1_epi64x(high);
	uint32		w;
	int			i;

	for (w = 0; w < nwords; w++, v += 64)
	{
		uint64		out = 0;

		for (i = 0; i < 64; i += 4)
		{
			__m256i		x = load(v + i);
			__m256i		below = _mm256_cmpgt_epi64(lows, x);
			__m256i		above = _mm256_cmpgt_epi64(x, highs);

			out |= signs(_mm256_or_si256(below, above)) << i;
		}
		word[w] = ~out;
	}
}

FS_TARGET_AVX2 void
fs_compare_any_avx2(const int64 *v, uint32 nwords, const int64 *members,
					uint32 nmembers, uint64 *word)
{
	uint32		w;
	uint32		m;
	int			i;

	for (w = 0; w < nwords; w++, v += 64)
	{
		uint64		out = 0;

		for (i = 0; i < 64; i += 8)
		{
			__m256i		x = load(v + i);
			__m256i		y = load(v + i + 4);
			__m256i		xs = _mm256_setzero_si256();
			__m256i		ys = xs;

			for (m = 0; m < nmembers; m++)
			{
				__m256i		member = _mm256_set1_epi64x(members[m]);

				xs = _mm256_or_si256(xs, _mm256_cmpeq_epi64(x, member));
				ys = _mm256_or_si256(ys, _mm256_cmpeq_epi64(y, member));
			}
			out |= (signs(xs) | signs(ys) << 4) << i;
		}
		word[w] = out;
	}
}

FS_TARGET_AVX2 void
fs_compare_code_range_avx2(const uint32 *codes, uint32 nwords, uint32 low,
						   uint32 high, uint64 *word)
{
	__m256i		lows = _mm256_set1_epi32(low);
	__m256i		spans = _mm256_set1_epi32(high - low);
	uint32		w;
	int			i;

	for (w = 0; w < nwords; w++, codes += 64)
	{
		uint64		out = 0;

		for (i = 0; i < 64; i += 8)
		{
			__m256i		x = _mm256_sub_epi32(load(codes + i), lows);
			__m256i		in = _mm256_cmpeq_epi32(_mm256_min_epu32(x, spans), x);

			out |= (uint64) (uint32)
				_mm256_movemask_ps(_mm256_castsi256_ps(in)) << i;
		}
		word[w] = out;
	}
}

#endif							/* FS_HAVE_LEVELS */
