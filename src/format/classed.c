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

/*
 * What reads one vector.  Loads of 64 bits are made while all of them are in
 * the stream; its last bytes are read from a copy.
 */
typedef struct Reading
{
	const FsClass *classes;		/* with what is added to all values */
	const uint32 *of;			/* [n] */
	uint32		n;
	const uint8 *stream;
	uint32		len;
	uint64	   *values;
	uint32		done;			/* values that were read */
	uint32		bit;			/* where the next one begins */
} Reading;

#ifdef FS_HAS_AVX2

/* Properties of the classes, by lane. */
typedef struct Lanes
{
	__m256i		widths;
	__m256i		lows;			/* halves of bases */
	__m256i		highs;
} Lanes;

FS_AVX2 static Lanes
make_lanes(const FsClass *classes, uint32 count)
{
	uint32		parts[3][FS_CLASSED_MAX] = {{0}};
	Lanes		lanes;
	uint32		k;

	for (k = 0; k < count; k++)
	{
		parts[0][k] = classes[k].width;
		parts[1][k] = (uint32) classes[k].base;
		parts[2][k] = (uint32) (classes[k].base >> 32);
	}
	lanes.widths = _mm256_loadu_si256((const __m256i *) parts[0]);
	lanes.lows = _mm256_loadu_si256((const __m256i *) parts[1]);
	lanes.highs = _mm256_loadu_si256((const __m256i *) parts[2]);
	return lanes;
}

/* Sums of eight widths: where each value ends. */
FS_AVX2 static inline __m256i
sum_eight(__m256i width)
{
	__m256i		end = _mm256_add_epi32(width, _mm256_slli_si256(width, 4));
	__m256i		half;

	end = _mm256_add_epi32(end, _mm256_slli_si256(end, 8));
	half = _mm256_shuffle_epi32(end, 0xff);
	return _mm256_add_epi32(end, _mm256_permute2x128_si256(half, half, 0x08));
}

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
 * lanes, and sums of widths say where each begins.  add is added here.
 */
FS_AVX2 static void
read_narrow(Reading *reading, const Lanes *lanes, uint64 add)
{
	const __m256i adds = _mm256_set1_epi64x((int64) add);
	const __m256i seven = _mm256_set1_epi32(7);
	const __m256i ones = _mm256_set1_epi32(-1);
	const __m256i all = _mm256_set1_epi32(32);
	const uint32 *of = reading->of;
	uint64	   *values = reading->values;
	uint32		bit = reading->bit;
	uint32		i;

	for (i = reading->done; i + 8 <= reading->n; i += 8)
	{
		__m256i		class = _mm256_loadu_si256((const __m256i *) (of + i));
		__m256i		width = _mm256_permutevar8x32_epi32(lanes->widths, class);
		__m256i		end = sum_eight(width);
		__m256i		at = _mm256_add_epi32(_mm256_sub_epi32(end, width), _mm256_set1_epi32((int) bit));
		uint32		next = bit + (uint32) _mm256_extract_epi32(end, 7);
		__m256i		x;

		if (next / 8 + 8 > reading->len)
			break;
		x = _mm256_i32gather_epi32((const int *) reading->stream, _mm256_srli_epi32(at, 3), 1);
		x = _mm256_srlv_epi32(x, _mm256_and_si256(at, seven));
		x = _mm256_and_si256(x, _mm256_srlv_epi32(ones, _mm256_sub_epi32(all, width)));
		x = _mm256_add_epi32(x, _mm256_permutevar8x32_epi32(lanes->lows, class));
		_mm256_storeu_si256((__m256i *) (values + i),
							_mm256_add_epi64(_mm256_cvtepu32_epi64(_mm256_castsi256_si128(x)), adds));
		_mm256_storeu_si256((__m256i *) (values + i + 4),
							_mm256_add_epi64(_mm256_cvtepu32_epi64(_mm256_extracti128_si256(x, 1)), adds));
		bit = next;
	}
	reading->done = i;
	reading->bit = bit;
}

/* Four values of 64 bits, which begin at these bits. */
FS_AVX2 static inline __m256i
get_four(const uint8 *stream, __m128i at, __m128i width)
{
	const __m128i seven = _mm_set1_epi32(7);
	const __m256i all = _mm256_set1_epi64x(64);
	__m256i		x = _mm256_i32gather_epi64((const long long *) stream, _mm_srli_epi32(at, 3), 1);
	__m256i		mask = _mm256_srlv_epi64(_mm256_set1_epi64x(-1),
										 _mm256_sub_epi64(all, _mm256_cvtepu32_epi64(width)));

	return _mm256_and_si256(_mm256_srlv_epi64(x, _mm256_cvtepu32_epi64(_mm_and_si128(at, seven))), mask);
}

/* The same of any width.  Eight gathered at once, with AVX-512, gain nothing. */
FS_AVX2 static void
read_wide(Reading *reading, const Lanes *lanes)
{
	const uint32 *of = reading->of;
	uint64	   *values = reading->values;
	uint32		bit = reading->bit;
	uint32		i;

	for (i = reading->done; i + 8 <= reading->n; i += 8)
	{
		__m256i		class = _mm256_loadu_si256((const __m256i *) (of + i));
		__m256i		width = _mm256_permutevar8x32_epi32(lanes->widths, class);
		__m256i		low = _mm256_permutevar8x32_epi32(lanes->lows, class);
		__m256i		high = _mm256_permutevar8x32_epi32(lanes->highs, class);
		__m256i		end = sum_eight(width);
		__m256i		at = _mm256_add_epi32(_mm256_sub_epi32(end, width), _mm256_set1_epi32((int) bit));
		uint32		next = bit + (uint32) _mm256_extract_epi32(end, 7);
		__m256i		a = _mm256_unpacklo_epi32(low, high);
		__m256i		b = _mm256_unpackhi_epi32(low, high);
		__m256i		x;

		if (next / 8 + 8 > reading->len)
			break;
		x = get_four(reading->stream, _mm256_castsi256_si128(at), _mm256_castsi256_si128(width));
		_mm256_storeu_si256((__m256i *) (values + i),
							_mm256_add_epi64(x, _mm256_permute2x128_si256(a, b, 0x20)));
		x = get_four(reading->stream, _mm256_extracti128_si256(at, 1), _mm256_extracti128_si256(width, 1));
		_mm256_storeu_si256((__m256i *) (values + i + 4),
							_mm256_add_epi64(x, _mm256_permute2x128_si256(a, b, 0x31)));
		bit = next;
	}
	reading->done = i;
	reading->bit = bit;
}

FS_AVX2 static void
read_eights(Reading *reading, const FsClassed *classed, uint64 add)
{
	Lanes		lanes;

	if (is_narrow(classed))
	{
		lanes = make_lanes(classed->classes, classed->count);
		read_narrow(reading, &lanes, add);
	}
	else
	{
		lanes = make_lanes(reading->classes, classed->count);
		read_wide(reading, &lanes);
	}
}

#endif

/* One value after the other. */
FS_BIT_KERNEL static void
read_stream(Reading *reading)
{
	uint32		bit = reading->bit;
	uint32		i;

	for (i = reading->done; i < reading->n && bit / 8 + 8 <= reading->len; i++)
	{
		const FsClass *class = &reading->classes[reading->of[i]];
		uint64		x = fs_little_get64(reading->stream + bit / 8) >> (bit % 8);

		reading->values[i] = class->base + (x & ((UINT64CONST(1) << class->width) - 1));
		bit += class->width;
	}
	reading->done = i;
	reading->bit = bit;
}

/* The values in the last bytes; false if they need more of them. */
static bool
read_rest(Reading *reading)
{
	uint32		from = Min(reading->bit / 8, reading->len);
	uint8		tail[24] = {0};	/* fewer than eight bytes, and what a load takes */
	uint32		bit = reading->bit;
	uint32		i;

	if (reading->done < reading->n)
		memcpy(tail, reading->stream + from, reading->len - from);
	for (i = reading->done; i < reading->n; i++)
	{
		const FsClass *class = &reading->classes[reading->of[i]];
		uint64		x = fs_little_get64(tail + (bit / 8 - from)) >> (bit % 8);

		if (bit + class->width > 8 * reading->len)
			return false;
		reading->values[i] = class->base + (x & ((UINT64CONST(1) << class->width) - 1));
		bit += class->width;
	}
	reading->bit = bit;
	return true;
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
	Reading		reading = {classes, of, n, src + head_len, len - head_len, values};
	uint32		k;

	if (len < head_len || len > LEN_MAX || !fs_bitpack_is_clean(src, n, bits))
		return "classes of values do not fit their vector";
	fs_bitpack_unpack32(src, n, bits, 0, of);
	/* all numbers of so many bits are classes where their count is a power of 2 */
	if ((classed->count & (classed->count - 1)) != 0 && find_max(of, n) >= classed->count)
		return "unknown class of a value";
	for (k = 0; k < classed->count; k++)
	{
		classes[k] = classed->classes[k];
		classes[k].base += add;
	}
#ifdef FS_HAS_AVX2
	if (fs_kernel_has_avx2())
		read_eights(&reading, classed, add);
#endif
	read_stream(&reading);
	if (!read_rest(&reading) || (reading.bit + 7) / 8 != reading.len)
		return "values of classes do not fit their vector";
	if (reading.bit % 8 != 0 && src[len - 1] >> (reading.bit % 8) != 0)
		return "padding of classes is not zero";
	return NULL;
}
