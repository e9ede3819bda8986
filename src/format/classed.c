/*-------------------------------------------------------------------------
 *
 * Classed sequences.
 *
 *	   size  meaning
 *	      1  form, 10
 *	      1  K: classes, 2 .. 8
 *	     8K  base of each class
 *	      K  w of each class, 0 .. 56
 *	     2V  bytes of each vector
 *	      .  for each vector: classes of its values, packed with 1, 2 or 3 bits,
 *		   as many as K - 1 needs (bitpack.c); then the values, each less
 *		   the base of its class, with w bits of it, in one stream, low
 *		   bit first, filled up to a byte with 0
 *
 *	  0 300 1 0 2 1 0 3, in classes of 2 bits from 0 on, and of 300
 *		->  02  00 00 00 00 00 00 00 00  2c 01 00 00 00 00 00 00  02 00
 *			02  84 31							(without form and length)
 *
 * Invalid: K or w beyond the limits; a class >= K; another length of a
 * vector than its classes ask for; padding.
 *
 * Where to cut the range of values into classes is found among powers of 2
 * above the smallest, by dynamic programming over 65 widths.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/bitpack.h"
#include "format/classed.h"
#include "format/enc.h"
#include "format/kernel.h"

#ifdef FS_HAS_AVX2
#include <immintrin.h>
#endif

#define WIDTHS		65
#define MAX_BITS	3			/* of a class */
#define CLASS_HEAD_BITS	72		/* base and width */
#define LEN_MAX		(FS_VECTOR_ROWS / 8 * (MAX_BITS + FS_CLASSED_MAX_WIDTH))

static inline int
class_bits(uint32 count)
{
	return fs_bitpack_width(count - 1);
}

void
fs_classed_begin(FsClassedCounts *counts, uint64 base)
{
	int			w;

	counts->base = base;
	for (w = 0; w < WIDTHS; w++)
		counts->widths[w] = (FsClassedWidth) {0, PG_UINT64_MAX, 0};
}

/* Two tables, so that equal widths in a row do not wait for each other. */
void
fs_classed_count(FsClassedCounts *counts, const uint64 *values, uint32 n,
				 uint64 bias)
{
	FsClassedWidth part[2][WIDTHS];
	uint64		base = counts->base + bias;
	uint32		i;
	int			k;
	int			w;

	for (w = 0; w < WIDTHS; w++)
		part[0][w] = part[1][w] = (FsClassedWidth) {0, PG_UINT64_MAX, 0};
	for (i = 0; i < n; i++)
	{
		uint64		x = values[i] - base;
		FsClassedWidth *width = &part[i % 2][fs_bitpack_width(x)];

		width->count++;
		width->min = Min(width->min, x);
		width->max = Max(width->max, x);
	}
	for (k = 0; k < 2; k++)
		for (w = 0; w < WIDTHS; w++)
		{
			counts->widths[w].count += part[k][w].count;
			counts->widths[w].min = Min(counts->widths[w].min, part[k][w].min);
			counts->widths[w].max = Max(counts->widths[w].max, part[k][w].max);
		}
}

/* A class of the widths from .. to - 1, with nothing to say if it is empty. */
static uint64
cut_class(const FsClassedCounts *counts, int from, int to, FsClass *class)
{
	uint64		min = PG_UINT64_MAX;
	uint64		max = 0;
	uint64		n = 0;
	int			w;

	for (w = from; w < to; w++)
	{
		n += counts->widths[w].count;
		min = Min(min, counts->widths[w].min);
		max = Max(max, counts->widths[w].max);
	}
	class->base = counts->base + min;
	class->width = n > 0 ? fs_bitpack_width(max - min) : 0;
	return n;
}

/* Bits of the differences of each class that may be cut below top. */
static void
cost_classes(const FsClassedCounts *counts, int top,
			 uint64 costs[WIDTHS + 1][WIDTHS + 1])
{
	int			from;
	int			to;

	for (from = 0; from < top; from++)
	{
		uint64		min = PG_UINT64_MAX;
		uint64		max = 0;
		uint64		n = 0;

		costs[from][from] = 0;
		for (to = from + 1; to <= top; to++)
		{
			int			width;

			n += counts->widths[to - 1].count;
			min = Min(min, counts->widths[to - 1].min);
			max = Max(max, counts->widths[to - 1].max);
			width = n > 0 ? fs_bitpack_width(max - min) : 0;
			costs[from][to] = width > FS_CLASSED_MAX_WIDTH ? PG_UINT32_MAX * UINT64CONST(1024) : n * width;
		}
	}
}

/* Make the classes whose cuts were found, going back from the last. */
static void
make_classes(const FsClassedCounts *counts, uint8 cuts[][WIDTHS + 1], int top,
			 int k, FsClassedPlan *plan)
{
	int			ends[FS_CLASSED_MAX + 1];
	int			i;
	int			w;

	ends[k] = top;
	for (i = k; i > 0; i--)
		ends[i - 1] = cuts[i][ends[i]];
	plan->count = 0;
	for (i = 0; i < k; i++)
	{
		if (cut_class(counts, ends[i], ends[i + 1], &plan->classes[plan->count]) == 0)
			continue;
		for (w = ends[i]; w < ends[i + 1]; w++)
			plan->of_width[w] = plan->count;
		plan->count++;
	}
}

/* What k classes cost below each width, from what k - 1 cost. */
static void
cut_widths(uint64 costs[WIDTHS + 1][WIDTHS + 1], const uint64 *fewer, int top,
		   uint64 *best, uint8 *cuts)
{
	int			from;
	int			to;

	for (to = 0; to <= top; to++)
	{
		best[to] = fewer[to];
		cuts[to] = to;
		for (from = 0; from < to; from++)
			if (fewer[from] + costs[from][to] < best[to])
			{
				best[to] = fewer[from] + costs[from][to];
				cuts[to] = from;
			}
	}
}

void
fs_classed_plan(const FsClassedCounts *counts, FsClassedPlan *plan)
{
	uint64		costs[WIDTHS + 1][WIDTHS + 1];
	uint64		best[FS_CLASSED_MAX + 1][WIDTHS + 1];
	uint8		cuts[FS_CLASSED_MAX + 1][WIDTHS + 1];
	uint64		n = 0;
	uint64		bits;
	int			top = 0;
	int			best_k = 2;
	int			k;

	for (k = 0; k < WIDTHS; k++)
	{
		n += counts->widths[k].count;
		if (counts->widths[k].count > 0)
			top = k + 1;
	}
	plan->count = 0;
	if (top == 0)
		return;
	cost_classes(counts, top, costs);
	memset(cuts[1], 0, sizeof(cuts[1]));
	memcpy(best[1], costs[0], sizeof(best[1]));
	plan->base = counts->base;
	plan->bits = PG_UINT64_MAX;
	for (k = 2; k <= FS_CLASSED_MAX; k++)
	{
		cut_widths(costs, best[k - 1], top, best[k], cuts[k]);
		bits = best[k][top] + n * class_bits(k) + k * CLASS_HEAD_BITS;
		if (bits >= plan->bits)
			continue;
		plan->bits = bits;
		best_k = k;
	}
	make_classes(counts, cuts, top, best_k, plan);
	for (k = 0; k < (int) plan->count; k++)
		if (plan->classes[k].width > FS_CLASSED_MAX_WIDTH)
			plan->count = 0;
	if (plan->count < 2)
		plan->count = 0;
}

void
fs_classed_put_classes(const FsClassedPlan *plan, FsWriter *out)
{
	uint32		k;

	fs_writer_put_int(out, plan->count, 1);
	for (k = 0; k < plan->count; k++)
		fs_writer_put_int(out, plan->classes[k].base, 8);
	for (k = 0; k < plan->count; k++)
		fs_writer_put_int(out, plan->classes[k].width, 1);
}

/* The classes of values, and the bits that these take. */
static uint32
find_classes(const FsClassedPlan *plan, const uint64 *values, uint32 n,
			 uint64 bias, uint64 *of)
{
	uint32		nbits = 0;
	uint32		i;

	for (i = 0; i < n; i++)
	{
		of[i] = plan->of_width[fs_bitpack_width(values[i] - bias - plan->base)];
		nbits += plan->classes[of[i]].width;
	}
	return nbits;
}

uint32
fs_classed_encode(const FsClassedPlan *plan, const uint64 *values, uint32 n,
				  uint64 bias, FsWriter *out)
{
	uint64		of[FS_VECTOR_ROWS] = {0};
	int			bits = class_bits(plan->count);
	uint32		head_len = fs_bitpack_len(n, bits);
	uint32		len = head_len + (find_classes(plan, values, n, bias, of) + 7) / 8;
	uint8	   *dst = fs_writer_reserve(out, len);
	uint64		word = 0;		/* bits that are not written yet */
	uint32		nbits = 0;
	uint32		i;

	if (!dst)
		return 0;
	fs_bitpack_pack(of, n, bits, 0, dst);
	dst += head_len;
	for (i = 0; i < n; i++)
	{
		const FsClass *class = &plan->classes[of[i]];

		word |= (values[i] - bias - class->base) << nbits;
		nbits += class->width;
		for (; nbits >= 8; nbits -= 8, word >>= 8)
			*dst++ = (uint8) word;
	}
	if (nbits > 0)
		*dst = (uint8) word;
	return len;
}

bool
fs_classed_get_classes(FsCursor *cursor, FsClassed *classed)
{
	const uint8 *bases;
	const uint8 *widths;
	uint32		k;

	memset(classed, 0, sizeof(*classed));
	classed->count = fs_cursor_get8(cursor);
	if (classed->count == 1 || classed->count > FS_CLASSED_MAX)
		return fs_cursor_fail(cursor, "%u classes", classed->count);
	bases = fs_cursor_take(cursor, 8 * classed->count);
	widths = fs_cursor_take(cursor, classed->count);
	if (cursor->failed)
		return false;
	for (k = 0; k < classed->count; k++)
	{
		if (widths[k] > FS_CLASSED_MAX_WIDTH)
			return fs_cursor_fail(cursor, "bit width %d of a class", widths[k]);
		classed->classes[k].base = fs_little_get64(bases + 8 * k);
		classed->classes[k].width = widths[k];
	}
	return true;
}

bool
fs_classed_open(FsCursor *cursor, const FsShape *shape, FsClassed *classed,
				uint32 *off)
{
	const uint8 *lens;
	uint32		v;

	if (!fs_classed_get_classes(cursor, classed))
		return false;
	if (classed->count == 0)
		return fs_cursor_fail(cursor, "no classes");
	lens = fs_cursor_take(cursor, 2 * shape->nvecs);
	if (!lens)
		return false;
	off[0] = 0;
	for (v = 0; v < shape->nvecs; v++)
	{
		off[v + 1] = off[v] + fs_little_get16(lens + 2 * v);
		if (fs_shape_count(shape, v) == 0 && off[v + 1] > off[v])
			return fs_cursor_fail(cursor, "bytes of no values");
	}
	return true;
}

#ifdef FS_HAS_AVX2

/* Whether values, shifted by up to 7 bits, and their sums fit 32 bits. */
static bool
is_narrow(const FsClassed *classed)
{
	uint32		k;

	for (k = 0; k < classed->count; k++)
		if (classed->classes[k].width > 25 || classed->classes[k].base > PG_INT32_MAX)
			return false;
	return true;
}

/*
 * Eight values at a time: what belongs to their classes is permuted to their
 * lanes, and sums of widths say where each begins.  Gives the bits of those
 * that were read, n / 8 * 8.
 */
FS_AVX2 static uint32
read_eights(const FsClassed *classed, const uint32 *of, uint32 n,
			const uint8 *stream, uint64 add, uint64 *values)
{
	uint32		parts[3][FS_CLASSED_MAX] = {{0}};
	const __m256i adds = _mm256_set1_epi64x((int64) add);
	const __m256i seven = _mm256_set1_epi32(7);
	__m256i		widths;
	__m256i		bases;
	__m256i		masks;
	__m256i		start = _mm256_setzero_si256();
	uint32		i;

	for (i = 0; i < classed->count; i++)
	{
		parts[0][i] = classed->classes[i].width;
		parts[1][i] = (uint32) classed->classes[i].base;
		parts[2][i] = ((uint32) 1 << classed->classes[i].width) - 1;
	}
	widths = _mm256_loadu_si256((const __m256i *) parts[0]);
	bases = _mm256_loadu_si256((const __m256i *) parts[1]);
	masks = _mm256_loadu_si256((const __m256i *) parts[2]);
	for (i = 0; i + 8 <= n; i += 8)
	{
		__m256i		class = _mm256_loadu_si256((const __m256i *) (of + i));
		__m256i		width = _mm256_permutevar8x32_epi32(widths, class);
		__m256i		end = _mm256_add_epi32(width, _mm256_slli_si256(width, 4));
		__m256i		half;
		__m256i		bit;
		__m256i		x;

		end = _mm256_add_epi32(end, _mm256_slli_si256(end, 8));
		half = _mm256_shuffle_epi32(end, 0xff);
		end = _mm256_add_epi32(end, _mm256_permute2x128_si256(half, half, 0x08));
		end = _mm256_add_epi32(end, start);
		bit = _mm256_sub_epi32(end, width);
		x = _mm256_i32gather_epi32((const int *) stream, _mm256_srli_epi32(bit, 3), 1);
		x = _mm256_srlv_epi32(x, _mm256_and_si256(bit, seven));
		x = _mm256_and_si256(x, _mm256_permutevar8x32_epi32(masks, class));
		x = _mm256_add_epi32(x, _mm256_permutevar8x32_epi32(bases, class));
		_mm256_storeu_si256((__m256i *) (values + i),
							_mm256_add_epi64(_mm256_cvtepu32_epi64(_mm256_castsi256_si128(x)), adds));
		_mm256_storeu_si256((__m256i *) (values + i + 4),
							_mm256_add_epi64(_mm256_cvtepu32_epi64(_mm256_extracti128_si256(x, 1)), adds));
		start = _mm256_permutevar8x32_epi32(end, seven);
	}
	return (uint32) _mm256_cvtsi256_si32(start);
}

#endif

/* Values of a stream, the first of them at a bit; gives where they end. */
FS_BIT_KERNEL static uint32
read_stream(const FsClass *classes, const uint32 *of, uint32 n,
			const uint8 *stream, uint64 *values, uint32 bit)
{
	uint32		i;

	for (i = 0; i < n; i++)
	{
		const FsClass *class = &classes[of[i]];
		uint64		x = fs_little_get64(stream + bit / 8) >> (bit % 8);

		values[i] = class->base + (x & ((UINT64CONST(1) << class->width) - 1));
		bit += class->width;
	}
	return bit;
}

FS_KERNEL static uint32
find_max(const uint32 *of, uint32 n)
{
	uint32		max = 0;
	uint32		i;

	for (i = 0; i < n; i++)
		max = of[i] > max ? of[i] : max;
	return max;
}

const char *
fs_classed_read(const FsClassed *classed, const uint8 *src, uint32 len,
				uint32 n, uint64 add, uint64 *values)
{
	int			bits = class_bits(classed->count);
	uint32		head_len = fs_bitpack_len(n, bits);
	FsClass		classes[FS_CLASSED_MAX];
	uint32		of[FS_VECTOR_ROWS];
	uint8		stream[2 * LEN_MAX + 8];	/* src, and what any classes read behind it */
	uint32		nbits = 0;
	uint32		done = 0;
	uint32		width_max = 0;
	uint32		k;

	if (len < head_len || len > LEN_MAX || !fs_bitpack_is_clean(src, n, bits))
		return "classes of values do not fit their vector";
	fs_bitpack_unpack32(src, n, bits, 0, of);
	if (find_max(of, n) >= classed->count)
		return "unknown class of a value";
	for (k = 0; k < classed->count; k++)
	{
		classes[k] = classed->classes[k];
		classes[k].base += add;
		width_max = Max(width_max, classes[k].width);
	}
	memcpy(stream, src + head_len, len - head_len);
	memset(stream + len - head_len, 0, (uint64) n * width_max / 8 + 8);
#ifdef FS_HAS_AVX2
	if (fs_kernel_has_avx2() && is_narrow(classed))
	{
		nbits = read_eights(classed, of, n, stream, add, values);
		done = n / 8 * 8;
	}
#endif
	nbits = read_stream(classes, of + done, n - done, stream, values + done, nbits);
	if (head_len + (nbits + 7) / 8 != len)
		return "values of classes do not fit their vector";
	if (nbits % 8 != 0 && src[len - 1] >> (nbits % 8) != 0)
		return "padding of classes is not zero";
	return NULL;
}
