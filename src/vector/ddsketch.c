/*-------------------------------------------------------------------------
 *
 * How numbers are distributed, about.
 *
 * A bucket is named by the sign, the exponent and the first six binary digits
 * of a number, so an octave has 64, and bucket s of the octave from 2^e holds
 * 2^e * (64 + s) / 64 up to, but not including, 2^e * (65 + s) / 64.  All in
 * it is within 1 / (129 + 2s) of 2^e / 64 * 2 (64 + s)(65 + s) / (129 + 2s).
 * No logarithm is taken: the bucket of a number is the same on every machine.
 *
 *		443 = 256 * 1.7304..., bucket s = floor(0.7304 * 64) = 46: 440 .. 444
 *
 * Where more than FS_DD_MAX_BUCKETS would be needed, the lowest one kept also
 * has what is below.  The greatest number decides which that is, so it does
 * not matter when it came.
 *
 * Encoded; a number is in groups of 7 bits, lowest first, all but the last with
 * bit 7 set, in as few bytes as it takes:
 *
 *	size  meaning
 *	   1  version, 1
 *	   .  n; if 0, nothing follows
 *	   8  the smallest number, IEEE 754, little-endian
 *	   8  the greatest
 *	   .  how many are zero
 *	   .  of the positive numbers, then of the negative: how many buckets have one,
 *		  and for each, rising, its distance to the one before (the first: to
 *		  bucket 0, which none is) and its count
 *
 * Invalid: counts that do not add up to n, or more than PG_INT64_MAX; a count
 * or a distance of 0; a bucket that no number has; buckets further apart than
 * FS_DD_MAX_BUCKETS; a smallest or greatest number that is not where the
 * buckets have it; a number in more bytes than it takes; bytes left over.
 *
 * Source: Masson, Rim, Lee, DDSketch, VLDB 2019, with the mapping that section
 * 4 calls linear interpolation.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include <math.h>

#include "vector/ddsketch.h"

#define VERSION			1
#define SUB_BITS		6
#define SUBS			(1 << SUB_BITS)
#define DROPPED_BITS	(52 - SUB_BITS)
#define MIN_BUCKET		(1 << SUB_BITS)		/* 2^-1022 */
#define END_BUCKET		(2047 << SUB_BITS)	/* of what is not finite */
#define MIN_CAP			32

void
fs_dd_init(FsDdSketch *sketch, FsAllocator *allocator)
{
	memset(sketch, 0, sizeof(FsDdSketch));
	sketch->memory.allocator = allocator;
}

void
fs_dd_release(FsDdSketch *sketch)
{
	for (int i = 0; i < 2; i++)
	{
		FsDdSide   *side = &sketch->sides[i];

		fs_memory_release(&sketch->memory, side->counts,
						  side->cap * sizeof(uint64));
		memset(side, 0, sizeof(FsDdSide));
	}
}

/* --- buckets ------------------------------------------------------------ */

/* 0: it counts as zero. */
static inline uint32
bucket_of(double v)
{
	uint64		bits;
	uint32		bucket;

	memcpy(&bits, &v, sizeof(bits));
	bucket = (uint32) ((bits & PG_INT64_MAX) >> DROPPED_BITS);
	return bucket < MIN_BUCKET ? 0 : bucket;
}

static double
estimate_of(uint32 bucket)
{
	double		s = SUBS + bucket % SUBS;

	/* 2 s (s + 1) / (2s + 1) would overflow in the last octave if scaled first */
	return ldexp(2 * s * (s + 1) / (2 * s + 1) / (2 * SUBS),
				 (int) (bucket >> SUB_BITS) - 1022);
}

static inline uint32
lowest_kept(uint32 top)
{
	return top < FS_DD_MAX_BUCKETS ? 1 : top - FS_DD_MAX_BUCKETS + 1;
}

/* Move the counts to room for buckets from base to top. */
static void
move_counts(FsDdSketch *sketch, FsDdSide *side, uint32 base, uint32 top)
{
	uint32		cap = Max(MIN_CAP, side->cap);
	uint64	   *counts;

	while (cap < top - base + 1)
		cap *= 2;
	counts = fs_memory_take(&sketch->memory, cap * sizeof(uint64));
	memset(counts, 0, cap * sizeof(uint64));
	for (uint32 i = 0; i < side->cap && side->n > 0; i++)
		if (side->counts[i] != 0)
			counts[Max(side->base + i, base) - base] += side->counts[i];
	fs_memory_release(&sketch->memory, side->counts,
					  side->cap * sizeof(uint64));
	side->counts = counts;
	side->cap = cap;
	side->base = base;
}

static inline void
add_to_bucket(FsDdSketch *sketch, FsDdSide *side, uint32 bucket, uint64 n)
{
	uint32		top = side->n == 0 ? bucket : Max(side->top, bucket);
	uint32		lowest = lowest_kept(top);

	bucket = Max(bucket, lowest);
	if (side->counts == NULL || bucket < side->base ||
		top >= side->base + side->cap ||
		(side->base < lowest && top != side->top))
	{
		uint32		base = side->n == 0 ? bucket : Min(side->base, bucket);

		move_counts(sketch, side, Max(base, lowest), top);
	}
	side->counts[bucket - side->base] += n;
	side->top = top;
	side->n += n;
}

void
fs_dd_add(FsDdSketch *sketch, double v)
{
	uint32		bucket = bucket_of(v);

	sketch->min = sketch->n == 0 || v < sketch->min ? v : sketch->min;
	sketch->max = sketch->n == 0 || v > sketch->max ? v : sketch->max;
	sketch->n++;
	if (bucket == 0)
		sketch->zeros++;
	else
		add_to_bucket(sketch, &sketch->sides[v < 0], bucket, 1);
}

bool
fs_dd_merge(FsDdSketch *dst, const FsDdSketch *src)
{
	if (src->n > PG_INT64_MAX - dst->n)
		return false;
	if (src->n == 0)
		return true;
	dst->min = dst->n == 0 ? src->min : Min(dst->min, src->min);
	dst->max = dst->n == 0 ? src->max : Max(dst->max, src->max);
	dst->n += src->n;
	dst->zeros += src->zeros;
	for (int i = 0; i < 2; i++)
	{
		const FsDdSide *side = &src->sides[i];

		for (uint32 j = 0; j < side->cap; j++)
			if (side->counts[j] != 0)
				add_to_bucket(dst, &dst->sides[i], side->base + j,
							  side->counts[j]);
	}
	return true;
}

/* --- answers ------------------------------------------------------------ */

/* The estimate of place *place, 1-based, of a side; else *place is after it. */
static bool
find_place(const FsDdSide *side, bool is_falling, uint64 *place, double *v)
{
	if (*place > side->n)
	{
		*place -= side->n;
		return false;
	}
	for (uint32 i = 0; i < side->cap; i++)
	{
		uint32		at = is_falling ? side->cap - 1 - i : i;

		if (*place <= side->counts[at])
		{
			*v = estimate_of(side->base + at);
			return true;
		}
		*place -= side->counts[at];
	}
	return false;
}

double
fs_dd_quantile(const FsDdSketch *sketch, double fraction)
{
	double		wanted = ceil(fraction * (double) sketch->n);
	uint64		place;
	double		v = 0;

	place = wanted < 1 ? 1 : wanted >= (double) sketch->n ? sketch->n
		: (uint64) wanted;
	if (place == 1)
		return sketch->min;
	if (place == sketch->n)
		return sketch->max;
	if (find_place(&sketch->sides[1], true, &place, &v))
		v = -v;
	else if (place > sketch->zeros)
	{
		place -= sketch->zeros;
		(void) find_place(&sketch->sides[0], false, &place, &v);
	}
	return Min(Max(v, sketch->min), sketch->max);
}

double
fs_dd_sum(const FsDdSketch *sketch)
{
	double		sums[2] = {0, 0};

	for (int i = 0; i < 2; i++)
		for (uint32 j = 0; j < sketch->sides[i].cap; j++)
			if (sketch->sides[i].counts[j] != 0)
				sums[i] += (double) sketch->sides[i].counts[j] *
					estimate_of(sketch->sides[i].base + j);
	return sums[0] - sums[1];
}

/* --- bytes -------------------------------------------------------------- */

static uint8 *
put_number(uint8 *out, uint64 v)
{
	for (; v >= 0x80; v >>= 7)
		*out++ = (uint8) (v | 0x80);
	*out++ = (uint8) v;
	return out;
}

static uint8 *
put_double(uint8 *out, double v)
{
	uint64		bits;

	/* one zero */
	v = v == 0 ? 0 : v;
	memcpy(&bits, &v, sizeof(bits));
	for (int i = 0; i < 8; i++)
		*out++ = (uint8) (bits >> (8 * i));
	return out;
}

static uint8 *
put_side(uint8 *out, const FsDdSide *side)
{
	uint32		last = 0;
	uint32		n = 0;

	for (uint32 i = 0; i < side->cap; i++)
		n += side->counts[i] != 0;
	out = put_number(out, n);
	for (uint32 i = 0; i < side->cap; i++)
	{
		if (side->counts[i] == 0)
			continue;
		out = put_number(out, side->base + i - last);
		out = put_number(out, side->counts[i]);
		last = side->base + i;
	}
	return out;
}

uint32
fs_dd_encode(const FsDdSketch *sketch, uint8 *out)
{
	uint8	   *p = out;

	*p++ = VERSION;
	p = put_number(p, sketch->n);
	if (sketch->n == 0)
		return (uint32) (p - out);
	p = put_double(p, sketch->min);
	p = put_double(p, sketch->max);
	p = put_number(p, sketch->zeros);
	p = put_side(p, &sketch->sides[0]);
	p = put_side(p, &sketch->sides[1]);
	return (uint32) (p - out);
}

typedef struct Reader
{
	const uint8 *p;
	const uint8 *end;
	bool		is_bad;
} Reader;

/* 0 where there is none. */
static uint64
take_number(Reader *reader)
{
	uint64		v = 0;

	for (int shift = 0; reader->p < reader->end && shift < 64; shift += 7)
	{
		uint8		byte = *reader->p++;

		if ((shift == 63 && byte > 1) || (shift > 0 && byte == 0))
			break;
		v |= (uint64) (byte & 0x7f) << shift;
		if (byte < 0x80)
			return v;
	}
	reader->is_bad = true;
	return 0;
}

static double
take_double(Reader *reader)
{
	uint64		bits = 0;
	double		v;

	if (reader->end - reader->p < 8)
	{
		reader->is_bad = true;
		return 0;
	}
	for (int i = 0; i < 8; i++)
		bits |= (uint64) *reader->p++ << (8 * i);
	memcpy(&v, &bits, sizeof(v));
	reader->is_bad |= !isfinite(v) || bits == UINT64CONST(1) << 63;
	return v;
}

/* Adds the counts to *sum. */
static bool
take_side(FsDdSketch *sketch, Reader *reader, int which, uint64 *sum)
{
	uint64		n = take_number(reader);
	uint64		first = 0;
	uint64		bucket = 0;

	if (n > FS_DD_MAX_BUCKETS)
		return false;
	for (uint64 i = 0; i < n; i++)
	{
		uint64		distance = take_number(reader);
		uint64		count = take_number(reader);

		if (reader->is_bad || distance == 0 || distance >= END_BUCKET ||
			count == 0 || count > sketch->n - *sum)
			return false;
		bucket += distance;
		first = i == 0 ? bucket : first;
		if (bucket < MIN_BUCKET || bucket >= END_BUCKET ||
			bucket - first >= FS_DD_MAX_BUCKETS)
			return false;
		add_to_bucket(sketch, &sketch->sides[which], (uint32) bucket, count);
		*sum += count;
	}
	return true;
}

/* Is v the greatest (its opposite the smallest) number that there can be? */
static bool
is_greatest(const FsDdSketch *sketch, int which, double v)
{
	const FsDdSide *other = &sketch->sides[1 - which];

	if (sketch->sides[which].n > 0)
		return v > 0 && bucket_of(v) == sketch->sides[which].top;
	if (sketch->zeros > 0)
		return bucket_of(v) == 0;
	/* the smallest of the other sign, in the lowest bucket or, if that has
	 * what is below, below */
	for (uint32 i = 0; i < other->cap; i++)
		if (other->counts[i] != 0)
			return v < 0 && bucket_of(v) != 0 &&
				(bucket_of(v) == other->base + i ||
				 (other->base + i == lowest_kept(other->top) &&
				  bucket_of(v) < other->base + i));
	return false;
}

bool
fs_dd_decode(FsDdSketch *sketch, const uint8 *in, uint32 len,
			 const char **reason)
{
	Reader		reader = {in + 1, in + len, false};
	uint64		sum;

	*reason = "it is too short";
	if (len < 2)
		return false;
	*reason = "its version is not known";
	if (in[0] != VERSION)
		return false;
	*reason = "a count is out of range";
	sketch->n = take_number(&reader);
	if (reader.is_bad || sketch->n > PG_INT64_MAX)
		return false;
	if (sketch->n > 0)
	{
		sketch->min = take_double(&reader);
		sketch->max = take_double(&reader);
		sum = sketch->zeros = take_number(&reader);
		if (reader.is_bad || sum > sketch->n ||
			!take_side(sketch, &reader, 0, &sum) ||
			!take_side(sketch, &reader, 1, &sum) || reader.is_bad ||
			sum != sketch->n)
			return false;
		*reason = "its smallest or greatest number does not fit its counts";
		if (sketch->min > sketch->max ||
			!is_greatest(sketch, 0, sketch->max) ||
			!is_greatest(sketch, 1, -sketch->min) ||
			(sketch->n == 1 && sketch->min != sketch->max))
			return false;
	}
	*reason = "there are bytes left over";
	return reader.p == reader.end;
}
