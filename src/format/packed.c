/*-------------------------------------------------------------------------
 *
 * Packed sequences.
 *
 * FS_ENC_CONSTANT
 *
 *	  offset  size  meaning
 *	       0     1  form, 1
 *	       1     8  the value
 *
 * FS_ENC_FOR, FS_ENC_PFOR, FS_ENC_DELTA; V vectors, lines marked P are in
 * PFOR and DELTA, lines marked D in DELTA only
 *
 *	   size  meaning
 *	      1  form: 2, 3 or 4
 *	      1  bytes of a base, 0..8
 *	D     1  bytes of a first value, 0..8
 *	      V  w of each vector: bits of a difference, 0..64
 *	P   2*V  e of each vector: exceptions, 0..count / 4
 *	P     V  x of each vector: bits of an exception's excess; w + x <= 64
 *	      .  base of each vector
 *	D     .  first value of each vector
 *	      .  for each vector: count differences of w bits (bitpack.c)
 *	P        then e positions of 10 bits, ascending, and e excesses
 *
 * FOR: value i is base + difference i.  PFOR: at an exception's position
 * the difference has its higher bits, excess << w, added.  DELTA: value 0 is
 * the first value, its difference is 0; value i is value i - 1 + base +
 * difference i, where base is zigzagged (0, -1, 1, -2 are 0, 1, 2, 3).
 *
 *	  443 443 80 53  ->  02 01 09 35  86 0d 6f 00 00
 *	  7 8 9 .. 70    ->  04 01 01 00 00 00 00 02 07
 *	  5 6 5 6 .. (64 values), but value 9 is 5 + 2^20
 *		->  03 01 01 01 00 14 05 aa a8 aa aa aa aa aa aa 09 00 00 00 08
 *
 * Counts are not stored; a vector without values has w, e, x, base and first
 * value 0.  Invalid: a byte beyond the limits above; x = 0 where e > 0, or
 * the reverse; positions that do not ascend or exceed the count; padding or
 * a DELTA's first difference not 0.
 *
 * Source: Goldstein, Ramakrishnan, Shaft, ICDE 1998; Zukowski et al., ICDE
 * 2006 (exceptions kept apart, as in "PFOR").
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/bitpack.h"
#include "format/enc.h"
#include "format/kernel.h"
#include "format/packed.h"

#define POSITION_BITS		10
#define EXCEPTIONS_MAX(n)	((n) / 4)
#define SAMPLE_VECTORS		8
#define CLASSED_MIN_VALUES	64

static inline uint64
zigzag(uint64 x)
{
	return (x << 1) ^ (uint64) ((int64) x >> 63);
}

static inline uint64
unzigzag(uint64 x)
{
	return (x >> 1) ^ (UINT64CONST(0) - (x & 1));
}

static inline int
bytes_of(uint64 x)
{
	return (fs_bitpack_width(x) + 7) / 8;
}

/* Bytes of a vector's differences and exceptions. */
static inline uint32
vector_len(uint32 n, int width, uint32 nexceptions, int excess_width)
{
	return fs_bitpack_len(n, width) +
		fs_bitpack_len(nexceptions, POSITION_BITS) +
		fs_bitpack_len(nexceptions, excess_width);
}

/* The width of x, or 1 for 0: no branch. */
static inline int
width_from_1(uint64 x)
{
	return 64 - __builtin_clzll(x | 1);
}

/*
 * How many of values[n] - base need w bits, for each w.  Four tables, so
 * that equal widths in a row do not wait for each other's store.
 */
static void
count_widths(const uint64 *values, uint32 n, uint64 base, uint32 counts[65])
{
	uint16		part[4][65];
	uint32		zeros = 0;
	uint32		i;

	memset(part, 0, sizeof(part));
	for (i = 0; i + 4 <= n; i += 4)
	{
		part[0][width_from_1(values[i] - base)]++;
		part[1][width_from_1(values[i + 1] - base)]++;
		part[2][width_from_1(values[i + 2] - base)]++;
		part[3][width_from_1(values[i + 3] - base)]++;
	}
	for (; i < n; i++)
		part[0][width_from_1(values[i] - base)]++;
	for (i = 0; i < n; i++)
		zeros += values[i] == base;
	for (i = 0; i < 65; i++)
		counts[i] = part[0][i] + part[1][i] + part[2][i] + part[3][i];
	counts[0] = zeros;
	counts[1] -= zeros;
}

/* Lower the width of a planned vector where exceptions make it smaller. */
static void
plan_exceptions(const uint64 *values, uint32 n, uint64 base,
				FsPackedVector *vec)
{
	uint32		counts[65];
	uint32		nexceptions = 0;
	int			full = vec->width;
	uint32		best = vector_len(n, full, 0, 0);
	int			w;

	if (full == 0)
		return;
	count_widths(values, n, base, counts);
	for (w = full - 1; w >= 0; w--)
	{
		uint32		len;

		nexceptions += counts[w + 1];
		if (nexceptions > EXCEPTIONS_MAX(n))
			break;
		len = vector_len(n, w, nexceptions, full - w);
		if (len >= best)
			continue;
		best = len;
		vec->width = w;
		vec->nexceptions = nexceptions;
		vec->excess_width = nexceptions > 0 ? full - w : 0;
	}
}

/* deltas[n]: the differences of neighbours, the first one repeated. */
FS_KERNEL static void
compute_deltas(const uint64 *values, uint32 n, uint64 *deltas)
{
	uint32		i;

	for (i = 1; i < n; i++)
		deltas[i] = values[i] - values[i - 1];
	deltas[0] = n > 1 ? deltas[1] : 0;
}

static void
plan_vector(const FsPackedInput *in, uint32 v, uint8 form,
			FsPackedVector *vec)
{
	const uint64 *values = in->values + in->shape->start[v];
	uint32		n = fs_shape_count(in->shape, v);
	uint64		deltas[FS_VECTOR_ROWS];
	FsRange		range = in->ranges[v];

	memset(vec, 0, sizeof(*vec));
	if (n == 0)
		return;
	vec->base = range.min;
	if (form == FS_ENC_DELTA)
	{
		compute_deltas(values, n, deltas);
		range = fs_range_compute(deltas, n, FS_RANGE_SIGNED);
		vec->base = range.min;
		vec->first = values[0] - in->bias;
	}
	vec->width = fs_bitpack_width(range.max - range.min);
	if (form == FS_ENC_DELTA)
	{
		/* differences wider than the values are noise, with exceptions, too */
		deltas[0] = vec->base;
		if (vec->width <= fs_bitpack_width(in->ranges[v].max - in->ranges[v].min))
			plan_exceptions(deltas, n, vec->base, vec);
	}
	else if (form == FS_ENC_PFOR)
		plan_exceptions(values, n, vec->base + in->bias, vec);
}

static inline uint32
planned_len(const FsPackedVector *vec, uint32 n)
{
	return vector_len(n, vec->width, vec->nexceptions, vec->excess_width);
}

/*
 * The cheapest form, judged by at most SAMPLE_VECTORS vectors.  Exceptions
 * cost decoding time and deltas more so, hence the handicap: they must save
 * 3 % and 8 %.  Sets *len to the bytes of those vectors.
 */
static uint8
choose_form(const FsPackedInput *in, uint64 *len)
{
	uint32		nvecs = in->shape->nvecs;
	uint32		step = (nvecs + SAMPLE_VECTORS - 1) / SAMPLE_VECTORS;
	uint64		for_len = 0;
	uint64		pfor_len = 0;
	uint64		delta_len = 0;
	uint32		v;

	for (v = 0; v < nvecs; v += step)
	{
		uint32		n = fs_shape_count(in->shape, v);
		FsPackedVector vec;

		plan_vector(in, v, FS_ENC_PFOR, &vec);
		pfor_len += planned_len(&vec, n) + 3;
		for_len += fs_bitpack_len(n, vec.width + vec.excess_width);
		plan_vector(in, v, FS_ENC_DELTA, &vec);
		delta_len += planned_len(&vec, n) + 3 + bytes_of(vec.first);
	}
	*len = delta_len;
	if (delta_len * 100 < Min(for_len, pfor_len) * 92)
		return FS_ENC_DELTA;
	*len = Min(for_len, pfor_len);
	return pfor_len * 100 < for_len * 97 ? FS_ENC_PFOR : FS_ENC_FOR;
}

/* Classes for every step-th vector; gives whether there are two or more. */
static bool
plan_classes(const FsPackedInput *in, uint32 step, FsClassedPlan *plan)
{
	uint64		min = PG_UINT64_MAX;
	FsClassedCounts counts;
	uint32		v;

	for (v = 0; v < in->shape->nvecs; v++)
		if (fs_shape_count(in->shape, v) > 0)
			min = Min(min, in->ranges[v].min);
	fs_classed_begin(&counts, min);
	for (v = 0; v < in->shape->nvecs; v += step)
		fs_classed_count(&counts, in->values + in->shape->start[v],
						 fs_shape_count(in->shape, v), in->bias);
	fs_classed_plan(&counts, plan);
	return plan->count > 0;
}

/*
 * Classes, if they take less than len bytes in the vectors that choose_form()
 * has looked at: they cost more time to decode than exceptions, so that they
 * must save 6 %.
 */
static bool
try_classes(const FsPackedInput *in, uint64 len, FsPackedPlan *plan)
{
	uint32		nvecs = in->shape->nvecs;

	if (!in->is_thorough || fs_shape_n(in->shape) < CLASSED_MIN_VALUES ||
		!plan_classes(in, (nvecs + SAMPLE_VECTORS - 1) / SAMPLE_VECTORS, &plan->classed) ||
		plan->classed.bits / 8 * 100 > len * 94 ||
		!plan_classes(in, 1, &plan->classed))
		return false;
	plan->form = FS_ENC_CLASSED;
	plan->size = 2 + plan->classed.bits / 8 + 3 * nvecs;
	return true;
}

static bool
is_constant(const FsPackedInput *in, uint64 *value)
{
	bool		found = false;
	uint32		v;

	*value = 0;
	for (v = 0; v < in->shape->nvecs; v++)
	{
		if (fs_shape_count(in->shape, v) == 0)
			continue;
		if (in->ranges[v].min != in->ranges[v].max ||
			(found && in->ranges[v].min != *value))
			return false;
		*value = in->ranges[v].min;
		found = true;
	}
	return true;
}

/* Bytes before the vectors' payloads. */
static uint32
head_len(const FsPackedPlan *plan, uint32 nvecs)
{
	if (plan->form == FS_ENC_FOR)
		return 2 + nvecs * (1 + plan->base_len);
	if (plan->form == FS_ENC_PFOR)
		return 2 + nvecs * (4 + plan->base_len);
	return 3 + nvecs * (4 + plan->base_len + plan->first_len);
}

void
fs_packed_plan(const FsPackedInput *in, FsPackedPlan *plan)
{
	uint64		len;
	uint32		v;

	plan->base_len = 0;
	plan->first_len = 0;
	if (is_constant(in, &plan->constant))
	{
		plan->form = FS_ENC_CONSTANT;
		plan->size = 9;
		return;
	}
	plan->form = choose_form(in, &len);
	if (try_classes(in, len, plan))
		return;
	plan->size = 0;
	for (v = 0; v < in->shape->nvecs; v++)
	{
		FsPackedVector *vec = &plan->vecs[v];

		plan_vector(in, v, plan->form, vec);
		if (plan->form == FS_ENC_DELTA)
			plan->base_len = Max(plan->base_len, bytes_of(zigzag(vec->base)));
		else
			plan->base_len = Max(plan->base_len, bytes_of(vec->base));
		plan->first_len = Max(plan->first_len, bytes_of(vec->first));
		plan->size += planned_len(vec, fs_shape_count(in->shape, v));
	}
	plan->size += head_len(plan, in->shape->nvecs);
}

/* Pack values[n] - base, and what does not fit as exceptions. */
static void
encode_vector(const uint64 *values, uint32 n, uint64 base,
			  const FsPackedVector *vec, uint8 *dst)
{
	uint64		positions[EXCEPTIONS_MAX(FS_VECTOR_ROWS)];
	uint64		excesses[EXCEPTIONS_MAX(FS_VECTOR_ROWS)];
	uint32		count = 0;
	uint32		i;

	fs_bitpack_pack(values, n, vec->width, base, dst);
	if (vec->nexceptions == 0)
		return;
	for (i = 0; i < n; i++)
	{
		uint64		excess = (values[i] - base) >> vec->width;

		if (excess == 0)
			continue;
		positions[count] = i;
		excesses[count++] = excess;
	}
	Assert(count == vec->nexceptions);
	dst += fs_bitpack_len(n, vec->width);
	fs_bitpack_pack(positions, count, POSITION_BITS, 0, dst);
	dst += fs_bitpack_len(count, POSITION_BITS);
	fs_bitpack_pack(excesses, count, vec->excess_width, 0, dst);
}

static void
encode_classes(const FsPackedInput *in, const FsClassedPlan *plan,
			   FsWriter *out)
{
	const FsShape *shape = in->shape;
	uint8	   *lens;
	uint32		v;

	fs_writer_put_int(out, FS_ENC_CLASSED, 1);
	fs_classed_put_classes(plan, out);
	lens = fs_writer_reserve(out, 2 * shape->nvecs);
	for (v = 0; lens && v < shape->nvecs; v++)
		fs_little_put16(lens + 2 * v,
						(uint16) fs_classed_encode(plan, in->values + shape->start[v],
												   fs_shape_count(shape, v), in->bias, out));
}

static void
encode_head(const FsPackedPlan *plan, uint32 nvecs, FsWriter *out)
{
	const FsPackedVector *vecs = plan->vecs;
	bool		is_delta = plan->form == FS_ENC_DELTA;
	uint32		v;

	fs_writer_put_int(out, plan->form, 1);
	fs_writer_put_int(out, plan->base_len, 1);
	if (is_delta)
		fs_writer_put_int(out, plan->first_len, 1);
	for (v = 0; v < nvecs; v++)
		fs_writer_put_int(out, vecs[v].width, 1);
	if (plan->form != FS_ENC_FOR)
	{
		for (v = 0; v < nvecs; v++)
			fs_writer_put_int(out, vecs[v].nexceptions, 2);
		for (v = 0; v < nvecs; v++)
			fs_writer_put_int(out, vecs[v].excess_width, 1);
	}
	for (v = 0; v < nvecs; v++)
		fs_writer_put_int(out, is_delta ? zigzag(vecs[v].base) : vecs[v].base,
						  plan->base_len);
	for (v = 0; v < nvecs; v++)
		fs_writer_put_int(out, vecs[v].first, plan->first_len);
}

void
fs_packed_encode(const FsPackedInput *in, const FsPackedPlan *plan,
				 FsWriter *out)
{
	uint64		deltas[FS_VECTOR_ROWS];
	uint32		v;

	if (plan->form == FS_ENC_CONSTANT)
	{
		fs_writer_put_int(out, plan->form, 1);
		fs_writer_put_int(out, plan->constant, 8);
		return;
	}
	if (plan->form == FS_ENC_CLASSED)
	{
		encode_classes(in, &plan->classed, out);
		return;
	}
	encode_head(plan, in->shape->nvecs, out);
	for (v = 0; v < in->shape->nvecs; v++)
	{
		const FsPackedVector *vec = &plan->vecs[v];
		const uint64 *values = in->values + in->shape->start[v];
		uint32		n = fs_shape_count(in->shape, v);
		uint8	   *dst = fs_writer_reserve(out, planned_len(vec, n));

		if (!dst || n == 0)
			continue;
		if (plan->form == FS_ENC_DELTA)
		{
			compute_deltas(values, n, deltas);
			deltas[0] = vec->base;
			encode_vector(deltas, n, vec->base, vec, dst);
		}
		else
			encode_vector(values, n, vec->base + in->bias, vec, dst);
	}
}

static inline uint32
exceptions_of(const FsPacked *packed, uint32 v)
{
	return packed->nexceptions ? fs_little_get16(packed->nexceptions + 2 * v) : 0;
}

/* Check vector v's numbers and note where its payload begins. */
static void
open_vector(FsCursor *cursor, FsPacked *packed, uint32 v)
{
	uint32		n = fs_shape_count(packed->shape, v);
	uint32		nexceptions = exceptions_of(packed, v);
	int			width = packed->widths[v];
	int			excess_width = packed->excess_widths ? packed->excess_widths[v] : 0;

	if (width > 64 || width + excess_width > 64)
		fs_cursor_fail(cursor, "bit width %d exceeds 64", width + excess_width);
	else if (nexceptions > EXCEPTIONS_MAX(n))
		fs_cursor_fail(cursor, "%u exceptions in %u values", nexceptions, n);
	else if ((nexceptions > 0) != (excess_width > 0))
		fs_cursor_fail(cursor, "exceptions and their width do not agree");
	else if (n == 0 && width > 0)
		fs_cursor_fail(cursor, "bit width %d of no values", width);
	else
		packed->off[v + 1] = packed->off[v] +
			vector_len(n, width, nexceptions, excess_width);
}

static bool
take_payload(FsCursor *cursor, FsPacked *packed)
{
	packed->payload_off = cursor->off;
	packed->region = cursor->region;
	packed->payload = fs_cursor_skip(cursor, packed->off[packed->shape->nvecs]);
	return !cursor->failed;
}

bool
fs_packed_open(FsCursor *cursor, uint8 form, const FsShape *shape,
			   FsPacked *packed)
{
	uint32		nvecs = shape->nvecs;
	uint32		v;

	memset(packed, 0, offsetof(FsPacked, off));
	packed->form = form;
	packed->shape = shape;
	if (form == FS_ENC_CONSTANT)
	{
		packed->constant = fs_cursor_get64(cursor);
		return !cursor->failed;
	}
	if (form == FS_ENC_CLASSED)
		return fs_classed_open(cursor, shape, &packed->classed, packed->off) &&
			take_payload(cursor, packed);
	if (form != FS_ENC_FOR && form != FS_ENC_PFOR && form != FS_ENC_DELTA)
		return fs_cursor_fail(cursor, "unknown form %d of a sequence", form);
	packed->base_len = fs_cursor_get8(cursor);
	if (form == FS_ENC_DELTA)
		packed->first_len = fs_cursor_get8(cursor);
	if (packed->base_len > 8 || packed->first_len > 8)
		return fs_cursor_fail(cursor, "base of %d bytes",
							  Max(packed->base_len, packed->first_len));
	packed->widths = fs_cursor_take(cursor, nvecs);
	if (form != FS_ENC_FOR)
	{
		packed->nexceptions = fs_cursor_take(cursor, 2 * nvecs);
		packed->excess_widths = fs_cursor_take(cursor, nvecs);
	}
	packed->bases = fs_cursor_take(cursor, nvecs * packed->base_len);
	packed->firsts = fs_cursor_take(cursor, nvecs * packed->first_len);
	packed->off[0] = 0;
	for (v = 0; v < nvecs && !cursor->failed; v++)
		open_vector(cursor, packed, v);
	return !cursor->failed && take_payload(cursor, packed);
}

/* Add the excesses of vector v; src is where its exceptions begin. */
static bool
read_exceptions(const FsPacked *packed, uint32 v, const uint8 *src,
				uint64 *values, FsFault *fault)
{
	uint32		n = fs_shape_count(packed->shape, v);
	uint32		count = exceptions_of(packed, v);
	int			width = packed->widths[v];
	int			excess_width = packed->excess_widths[v];
	uint64		positions[EXCEPTIONS_MAX(FS_VECTOR_ROWS)];
	uint64		excesses[EXCEPTIONS_MAX(FS_VECTOR_ROWS)];
	uint32		off = packed->payload_off + (uint32) (src - packed->payload);
	const uint8 *excess_src = src + fs_bitpack_len(count, POSITION_BITS);
	uint32		i;

	if (!fs_bitpack_is_clean(src, count, POSITION_BITS) ||
		!fs_bitpack_is_clean(excess_src, count, excess_width))
		return fs_fault_set(fault, off, "padding of exceptions is not zero");
	fs_bitpack_unpack(src, count, POSITION_BITS, 0, positions);
	fs_bitpack_unpack(excess_src, count, excess_width, 0, excesses);
	for (i = 0; i < count; i++)
	{
		if (positions[i] >= n || (i > 0 && positions[i] <= positions[i - 1]))
			return fs_fault_set(fault, off, "exceptions do not ascend below %u", n);
		values[positions[i]] += excesses[i] << width;
	}
	return true;
}

static void
sum_deltas(uint64 *values, uint32 n, uint64 first)
{
	uint64		sum = first;
	uint32		i;

	values[0] = sum;
	for (i = 1; i < n; i++)
	{
		sum += values[i];
		values[i] = sum;
	}
}

static bool
read_classes(const FsPacked *packed, uint32 v, uint64 add, uint64 *values,
			 FsFault *fault)
{
	const char *wrong = fs_classed_read(&packed->classed, packed->payload + packed->off[v],
										packed->off[v + 1] - packed->off[v],
										fs_shape_count(packed->shape, v), add, values);

	return !wrong || fs_fault_set(fault, packed->payload_off + packed->off[v], "%s", wrong);
}

FS_KERNEL static void
fill(uint64 *values, uint32 n, uint64 value)
{
	uint32		i;

	for (i = 0; i < n; i++)
		values[i] = value;
}

bool
fs_packed_constant(const FsPacked *packed, uint32 v, uint64 *value)
{
	if (packed->form == FS_ENC_CONSTANT)
	{
		*value = packed->constant;
		return true;
	}
	if ((packed->form != FS_ENC_FOR && packed->form != FS_ENC_PFOR) ||
		packed->widths[v] > 0 || exceptions_of(packed, v) > 0)
		return false;
	*value = fs_little_get(packed->bases + v * packed->base_len, packed->base_len);
	return true;
}

static inline bool
need_vector(const FsPacked *packed, uint32 v, FsFault *fault)
{
	return fs_region_need(packed->region, packed->payload_off + packed->off[v],
						  packed->off[v + 1] - packed->off[v], fault);
}

bool
fs_packed_read(const FsPacked *packed, uint32 v, uint64 add, uint64 *values,
			   FsFault *fault)
{
	uint32		n = fs_shape_count(packed->shape, v);
	bool		is_delta = packed->form == FS_ENC_DELTA;
	const uint8 *src;
	uint64		base;

	if (packed->form == FS_ENC_CONSTANT)
	{
		fill(values, n, packed->constant + add);
		return true;
	}
	if (n == 0)
		return true;
	if (!need_vector(packed, v, fault))
		return false;
	if (packed->form == FS_ENC_CLASSED)
		return read_classes(packed, v, add, values, fault);
	src = packed->payload + packed->off[v];
	base = fs_little_get(packed->bases + v * packed->base_len, packed->base_len);
	base = is_delta ? unzigzag(base) : base + add;
	if (!fs_bitpack_is_clean(src, n, packed->widths[v]))
		return fs_fault_set(fault, packed->payload_off + packed->off[v],
							"padding of packed values is not zero");
	fs_bitpack_unpack(src, n, packed->widths[v], base, values);
	if (exceptions_of(packed, v) > 0 &&
		!read_exceptions(packed, v, src + fs_bitpack_len(n, packed->widths[v]),
						 values, fault))
		return false;
	if (!is_delta)
		return true;
	if (values[0] != base)
		return fs_fault_set(fault, packed->payload_off + packed->off[v],
							"first difference is not zero");
	sum_deltas(values, n, add + fs_little_get(packed->firsts + v * packed->first_len,
											  packed->first_len));
	return true;
}

FS_KERNEL static uint64
narrow(const uint64 *src, uint32 n, uint32 *dst)
{
	uint64		all = 0;
	uint32		i;

	for (i = 0; i < n; i++)
	{
		all |= src[i];
		dst[i] = (uint32) src[i];
	}
	return all;
}

bool
fs_packed_read32(const FsPacked *packed, uint32 v, uint32 *values,
				 FsFault *fault)
{
	uint32		n = fs_shape_count(packed->shape, v);
	uint64		wide[FS_VECTOR_ROWS];
	uint64		base = 0;
	int			width = 64;

	if (packed->form == FS_ENC_FOR && n > 0)
	{
		if (!need_vector(packed, v, fault))
			return false;
		width = packed->widths[v];
		base = fs_little_get(packed->bases + v * packed->base_len, packed->base_len);
	}
	if (width < 32 && base < UINT64CONST(1) << 31 &&
		fs_bitpack_is_clean(packed->payload + packed->off[v], n, width))
	{
		fs_bitpack_unpack32(packed->payload + packed->off[v], n, width,
							(uint32) base, values);
		return true;
	}
	if (!fs_packed_read(packed, v, 0, wide, fault))
		return false;
	if (narrow(wide, n, values) > PG_UINT32_MAX)
		return fs_fault_set(fault, packed->payload_off,
							"value exceeds 32 bits");
	return true;
}

bool
fs_packed_read_all(const FsPacked *packed, uint64 *values, FsFault *fault)
{
	uint32		v;

	for (v = 0; v < packed->shape->nvecs; v++)
		if (!fs_packed_read(packed, v, 0, values + packed->shape->start[v], fault))
			return false;
	return true;
}
