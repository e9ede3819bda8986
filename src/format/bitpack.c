/*-------------------------------------------------------------------------
 *
 * Bit packing: n integers of w bits each.
 *
 * Fewer than 961 values are a stream, low bit first: value i has the bits
 * i * w .. i * w + w - 1, and bit b is bit b mod 8 of byte b / 8.
 *
 *	  w 9: 390 390 27 0  ->  86 0d 6f 00 00
 *
 * 961 values and more are filled up to 1024 with 0 and stored in lanes of
 * words (32 bits for w <= 32, else 64 bits): 32 lanes of 32 values or 16
 * lanes of 64 values, so that each lane is a stream of exactly w words.
 * Value i is value i div L of lane i mod L, and word k of lane l is word
 * k * L + l of the vector; a vector has 128 * w bytes.
 *
 *	  w 1: value 0 and value 33 are 1, others 0
 *		   ->  01 00 00 00  02 00 00 00  and 120 bytes of 0
 *
 * Neighbouring values lie in neighbouring lanes, so a vector register
 * decodes them with one shift and one mask, and rows come in their order.
 * Invalid: bits that hold no value and are not 0.
 *
 * Source: Lemire, Boytsov, Software 45 (2015), section 4, generalised to as
 * many lanes as fill the vector (Afroozeh, Boncz, VLDB 2023).
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/bitpack.h"
#include "format/kernel.h"
#include "format/little.h"

#ifdef FS_HAS_AVX2
#include <immintrin.h>
#endif

#define LANES32		32
#define LANES64		16

static inline uint64
mask_of(int w)
{
	return w == 64 ? ~UINT64CONST(0) : (UINT64CONST(1) << w) - 1;
}

FS_KERNEL static void
pack_lanes32(const uint64 *values, int w, uint64 base, uint8 *dst)
{
	uint32		word[LANES32] = {0};
	uint32		v[LANES32];
	uint32		mask = (uint32) mask_of(w);
	int			filled = 0;
	int			step;
	int			l;

	for (step = 0; step < 32; step++, values += LANES32)
	{
		for (l = 0; l < LANES32; l++)
			v[l] = (uint32) (values[l] - base) & mask;
		for (l = 0; l < LANES32; l++)
			word[l] |= v[l] << filled;
		filled += w;
		if (filled < 32)
			continue;
		for (l = 0; l < LANES32; l++)
			fs_little_put32(dst + 4 * l, word[l]);
		dst += 4 * LANES32;
		filled -= 32;
		for (l = 0; l < LANES32; l++)
			word[l] = filled == 0 ? 0 : v[l] >> (w - filled);
	}
}

FS_KERNEL static void
pack_lanes64(const uint64 *values, int w, uint64 base, uint8 *dst)
{
	uint64		word[LANES64] = {0};
	uint64		v[LANES64];
	uint64		mask = mask_of(w);
	int			filled = 0;
	int			step;
	int			l;

	for (step = 0; step < 64; step++, values += LANES64)
	{
		for (l = 0; l < LANES64; l++)
			v[l] = (values[l] - base) & mask;
		for (l = 0; l < LANES64; l++)
			word[l] |= v[l] << filled;
		filled += w;
		if (filled < 64)
			continue;
		for (l = 0; l < LANES64; l++)
			fs_little_put64(dst + 8 * l, word[l]);
		dst += 8 * LANES64;
		filled -= 64;
		for (l = 0; l < LANES64; l++)
			word[l] = filled == 0 ? 0 : v[l] >> (w - filled);
	}
}

FS_KERNEL static void
unpack_lanes32(const uint8 *src, int w, uint64 base, uint64 *values)
{
	uint32		mask = (uint32) mask_of(w);
	int			step;
	int			l;

	for (step = 0; step < 32; step++, values += LANES32)
	{
		const uint8 *word = src + (step * w / 32) * (4 * LANES32);
		int			shift = step * w % 32;

		if (shift + w <= 32)
			for (l = 0; l < LANES32; l++)
				values[l] = base +
					((fs_little_get32(word + 4 * l) >> shift) & mask);
		else
			for (l = 0; l < LANES32; l++)
				values[l] = base +
					((fs_little_get32(word + 4 * l) >> shift |
					  fs_little_get32(word + 4 * (LANES32 + l)) << (32 - shift)) & mask);
	}
}

FS_KERNEL static void
unpack_lanes32_narrow(const uint8 *src, int w, uint32 base, uint32 *values)
{
	uint32		mask = (uint32) mask_of(w);
	int			step;
	int			l;

	for (step = 0; step < 32; step++, values += LANES32)
	{
		const uint8 *word = src + (step * w / 32) * (4 * LANES32);
		int			shift = step * w % 32;

		if (shift + w <= 32)
			for (l = 0; l < LANES32; l++)
				values[l] = base +
					((fs_little_get32(word + 4 * l) >> shift) & mask);
		else
			for (l = 0; l < LANES32; l++)
				values[l] = base +
					((fs_little_get32(word + 4 * l) >> shift |
					  fs_little_get32(word + 4 * (LANES32 + l)) << (32 - shift)) & mask);
	}
}

FS_KERNEL static void
unpack_lanes64(const uint8 *src, int w, uint64 base, uint64 *values)
{
	uint64		mask = mask_of(w);
	int			step;
	int			l;

	for (step = 0; step < 64; step++, values += LANES64)
	{
		const uint8 *word = src + (step * w / 64) * (8 * LANES64);
		int			shift = step * w % 64;

		if (shift + w <= 64)
			for (l = 0; l < LANES64; l++)
				values[l] = base +
					((fs_little_get64(word + 8 * l) >> shift) & mask);
		else
			for (l = 0; l < LANES64; l++)
				values[l] = base +
					((fs_little_get64(word + 8 * l) >> shift |
					  fs_little_get64(word + 8 * (LANES64 + l)) << (64 - shift)) & mask);
	}
}

static void
pack_stream(const uint64 *values, uint32 n, int w, uint64 base, uint8 *dst)
{
	uint8	   *end = dst + fs_bitpack_len(n, w);
	uint64		mask = mask_of(w);
	uint64		word = 0;
	int			filled = 0;
	uint32		i;

	for (i = 0; i < n; i++)
	{
		uint64		v = (values[i] - base) & mask;

		word |= v << filled;
		filled += w;
		if (filled < 64)
			continue;
		fs_little_put64(dst, word);
		dst += 8;
		filled -= 64;
		word = filled == 0 ? 0 : v >> (w - filled);
	}
	fs_little_put(dst, word, (int) (end - dst));
}

/* Value i of a stream of len bytes; 0 < w. */
static inline uint64
stream_get(const uint8 *src, uint32 len, int w, uint32 i)
{
	uint32		bit = i * w;
	uint32		at = bit / 8;
	int			shift = bit % 8;
	uint64		x;

	if (at + 8 > len)
		return fs_little_get(src + at, (int) (len - at)) >> shift & mask_of(w);
	x = fs_little_get64(src + at) >> shift;
	if (shift + w > 64)
		x |= (uint64) src[at + 8] << (64 - shift);
	return x & mask_of(w);
}

/*
 * Values of a stream of len bytes that eight bytes hold, and that are not
 * among the last: how many of n.
 */
static uint32
stream_plain(uint32 len, uint32 n, int w)
{
	uint32		count = len < 8 || w > 57 ? 0 : ((len - 7) * 8 - 1) / w + 1;

	return Min(count, n);
}

#ifdef FS_HAS_AVX2

/*
 * Eight values of w <= 25 bits begin at a byte and take w bytes.  Four of them
 * lie within 16 bytes, and each within four: a shuffle brings these to its
 * lane, where they are shifted.
 */
typedef struct EightSteps
{
	__m256i		bytes;
	__m256i		shifts;
	__m256i		mask;
	uint32		high;			/* bytes to the second four */
	uint32		n;				/* values that may be read so */
} EightSteps;

FS_AVX2 static EightSteps
plan_eights(uint32 len, uint32 n, int w)
{
	EightSteps	steps;
	uint8		bytes[32];
	uint32		shifts[8];
	uint32		i;

	steps.high = 4 * w / 8;
	for (i = 0; i < 8; i++)
	{
		uint32		bit = i * w - (i < 4 ? 0 : steps.high * 8);

		shifts[i] = bit % 8;
		fs_little_put32(bytes + 4 * i, (bit / 8) * 0x01010101 + 0x03020100);
	}
	steps.bytes = _mm256_loadu_si256((const __m256i *) bytes);
	steps.shifts = _mm256_loadu_si256((const __m256i *) shifts);
	steps.mask = _mm256_set1_epi32((int) mask_of(w));
	steps.n = len < steps.high + 16 ? 0 : Min(n / 8, (len - steps.high - 16) / w + 1) * 8;
	return steps;
}

FS_AVX2 static inline __m256i
get_eight(const EightSteps *steps, const uint8 *src)
{
	__m256i		x = _mm256_set_m128i(_mm_loadu_si128((const __m128i *) (src + steps->high)),
									 _mm_loadu_si128((const __m128i *) src));

	x = _mm256_shuffle_epi8(x, steps->bytes);
	return _mm256_and_si256(_mm256_srlv_epi32(x, steps->shifts), steps->mask);
}

FS_AVX2 static uint32
unpack_eights(const uint8 *src, uint32 n, int w, uint64 base, uint64 *values)
{
	EightSteps	steps = plan_eights(fs_bitpack_len(n, w), n, w);
	__m256i		add = _mm256_set1_epi64x((int64) base);
	uint32		i;

	for (i = 0; i < steps.n; i += 8, src += w)
	{
		__m256i		x = get_eight(&steps, src);
		__m256i		low = _mm256_cvtepu32_epi64(_mm256_castsi256_si128(x));
		__m256i		high = _mm256_cvtepu32_epi64(_mm256_extracti128_si256(x, 1));

		_mm256_storeu_si256((__m256i *) (values + i), _mm256_add_epi64(low, add));
		_mm256_storeu_si256((__m256i *) (values + i + 4), _mm256_add_epi64(high, add));
	}
	return i;
}

FS_AVX2 static uint32
unpack_eights_narrow(const uint8 *src, uint32 n, int w, uint32 base,
					 uint32 *values)
{
	EightSteps	steps = plan_eights(fs_bitpack_len(n, w), n, w);
	__m256i		add = _mm256_set1_epi32((int) base);
	uint32		i;

	for (i = 0; i < steps.n; i += 8, src += w)
		_mm256_storeu_si256((__m256i *) (values + i),
							_mm256_add_epi32(get_eight(&steps, src), add));
	return i;
}

#endif

/* Values from i on. */
FS_BIT_KERNEL static void
unpack_stream(const uint8 *src, uint32 n, int w, uint64 base, uint64 *values,
			  uint32 i)
{
	uint32		len = fs_bitpack_len(n, w);
	uint32		plain = stream_plain(len, n, w);
	uint64		mask = mask_of(w);
	uint32		bit = i * w;

	for (; i < plain; i++, bit += w)
		values[i] = base + (fs_little_get64(src + bit / 8) >> (bit % 8) & mask);
	for (; i < n; i++)
		values[i] = base + stream_get(src, len, w, i);
}

FS_BIT_KERNEL static void
unpack_stream_narrow(const uint8 *src, uint32 n, int w, uint32 base,
					 uint32 *values, uint32 i)
{
	uint32		len = fs_bitpack_len(n, w);
	uint32		plain = stream_plain(len, n, w);
	uint32		mask = (uint32) mask_of(w);
	uint32		bit = i * w;

	for (; i < plain; i++, bit += w)
		values[i] = base + ((uint32) (fs_little_get64(src + bit / 8) >> (bit % 8)) & mask);
	for (; i < n; i++)
		values[i] = base + (uint32) stream_get(src, len, w, i);
}

void
fs_bitpack_pack(const uint64 *values, uint32 n, int w, uint64 base,
				uint8 *dst)
{
	uint64		full[FS_VECTOR_ROWS];
	uint32		i;

	if (w == 0)
		return;
	if (n < FS_BITPACK_LANES_FROM)
	{
		pack_stream(values, n, w, base, dst);
		return;
	}
	if (n < FS_VECTOR_ROWS)
	{
		memcpy(full, values, n * sizeof(uint64));
		for (i = n; i < FS_VECTOR_ROWS; i++)
			full[i] = base;
		values = full;
	}
	if (w <= 32)
		pack_lanes32(values, w, base, dst);
	else
		pack_lanes64(values, w, base, dst);
}

void
fs_bitpack_unpack(const uint8 *src, uint32 n, int w, uint64 base,
				  uint64 *values)
{
	uint64		full[FS_VECTOR_ROWS];
	uint64	   *dst = n < FS_VECTOR_ROWS ? full : values;
	uint32		i;

	if (w == 0)
	{
		for (i = 0; i < n; i++)
			values[i] = base;
		return;
	}
	if (n < FS_BITPACK_LANES_FROM)
	{
		uint32		done = 0;

#ifdef FS_HAS_AVX2
		if (w <= 25 && fs_kernel_has_avx2())
			done = unpack_eights(src, n, w, base, values);
#endif
		unpack_stream(src, n, w, base, values, done);
		return;
	}
	if (w <= 32)
		unpack_lanes32(src, w, base, dst);
	else
		unpack_lanes64(src, w, base, dst);
	if (dst != values)
		memcpy(values, full, n * sizeof(uint64));
}

void
fs_bitpack_unpack32(const uint8 *src, uint32 n, int w, uint32 base,
					uint32 *values)
{
	uint32		full[FS_VECTOR_ROWS];
	uint32	   *dst = n < FS_VECTOR_ROWS ? full : values;
	uint32		i;

	Assert(w <= 32);
	if (w == 0)
	{
		for (i = 0; i < n; i++)
			values[i] = base;
		return;
	}
	if (n < FS_BITPACK_LANES_FROM)
	{
		uint32		done = 0;

#ifdef FS_HAS_AVX2
		if (w <= 25 && fs_kernel_has_avx2())
			done = unpack_eights_narrow(src, n, w, base, values);
#endif
		unpack_stream_narrow(src, n, w, base, values, done);
		return;
	}
	unpack_lanes32_narrow(src, w, base, dst);
	if (dst != values)
		memcpy(values, full, n * sizeof(uint32));
}

uint64
fs_bitpack_get(const uint8 *src, uint32 n, int w, uint32 i)
{
	int			size = w <= 32 ? 32 : 64;
	int			lanes = w <= 32 ? LANES32 : LANES64;
	int			stride = lanes * size / 8;
	uint32		bit;
	const uint8 *word;
	int			shift;
	uint64		x;

	if (w == 0)
		return 0;
	if (n < FS_BITPACK_LANES_FROM)
		return stream_get(src, fs_bitpack_len(n, w), w, i);
	bit = i / lanes * w;
	word = src + bit / size * stride + i % lanes * (size / 8);
	shift = bit % size;
	x = fs_little_get(word, size / 8) >> shift;
	if (shift + w > size)
		x |= fs_little_get(word + stride, size / 8) << (size - shift);
	return x & mask_of(w);
}

bool
fs_bitpack_is_clean(const uint8 *src, uint32 n, int w)
{
	uint32		i;

	if (n < FS_BITPACK_LANES_FROM)
		return n * w % 8 == 0 || src[n * w / 8] >> (n * w % 8) == 0;
	for (i = n; i < FS_VECTOR_ROWS; i++)
		if (fs_bitpack_get(src, n, w, i) != 0)
			return false;
	return true;
}
