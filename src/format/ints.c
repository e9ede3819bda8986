/*-------------------------------------------------------------------------
 *
 * Columns of kind FS_KIND_INT.
 *
 *	   size  meaning
 *	      1  lo: bits of a lower bound, 0..64		only with bounds and
 *	      1  hi: bits of an upper bound, 0..64		more than one vector
 *	      .  V lower bounds, as differences to the column's
 *	      .  V differences of the column's upper bound to them
 *	      1  scale: 0; or 1 + e, 0 <= e <= 6
 *	      8  add
 *	      8  multiply, not 0
 *	      .  sequence of all values that are not null (seq.c)
 *
 * Value: add + multiply * number of the sequence (mod 2^64); if scale is not
 * 0, the float (value / 10^e) mapped to an integer.  add is the smallest
 * value, multiply the common divisor of the differences to it.
 *
 *	  1000 3000 2000  ->  00  e8 03 00 00 00 00 00 00
 *						  e8 03 00 00 00 00 00 00  02 00 02 18
 *
 * Bounds are packed as a stream or in lanes like values (bitpack.c), are
 * exact, and are of the zone map's form (column.h).  A vector without values
 * has those of the column.  Invalid: a byte beyond these limits; a scale on
 * a column that is not of floats; bounds with lower > upper.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/bitpack.h"
#include "format/decimal.h"
#include "format/divisor.h"
#include "format/enc.h"
#include "format/floats.h"
#include "format/ints.h"
#include "format/kernel.h"

/* The bits to XOR so that a column's order becomes signed order. */
static inline uint64
order_of(uint8 order)
{
	return order == FS_ORDER_UINT ? FS_RANGE_UNSIGNED : FS_RANGE_SIGNED;
}

static inline bool
is_float(uint8 order)
{
	return order == FS_ORDER_FLOAT4 || order == FS_ORDER_FLOAT8;
}

static inline bool
has_bounds(uint8 order)
{
	return order == FS_ORDER_INT || order == FS_ORDER_UINT || is_float(order);
}

/* The values that are not null, side by side. */
static const uint64 *
gather(FsEncoder *encoder, const FsColumnValues *values)
{
	uint32		n = fs_shape_n(&encoder->shape);
	uint64	   *dense;
	uint32		count = 0;
	uint32		i;

	if (n == encoder->nrows)
		return (const uint64 *) values->ints;
	dense = fs_scratch_alloc(&encoder->scratch, (n + 1) * sizeof(uint64));
	for (i = 0; i < encoder->nrows; i++)
	{
		dense[count] = (uint64) values->ints[i];
		count += !fs_encoder_is_null(values, i);
	}
	return dense;
}

/* ranges[nvecs] under an order; gives the range of all. */
static FsRange
compute_ranges(const uint64 *values, const FsShape *shape, uint64 order,
			   FsRange *ranges)
{
	FsRange		all = {0, 0, 0};
	bool		found = false;
	uint32		v;

	for (v = 0; v < shape->nvecs; v++)
	{
		FsRange    *range = &ranges[v];

		*range = fs_range_compute(values + shape->start[v],
								  fs_shape_count(shape, v), order);
		if (fs_shape_count(shape, v) == 0)
			continue;
		if (!found || (int64) (range->min ^ order) < (int64) (all.min ^ order))
			all.min = range->min;
		if (!found || (int64) (range->max ^ order) > (int64) (all.max ^ order))
			all.max = range->max;
		found = true;
	}
	return all;
}

/* Ranges of floats in the zone map's order, where NaN is the largest. */
static FsRange
compute_float_ranges(const uint64 *values, const FsShape *shape,
					 bool is_float4, FsRange *ranges)
{
	uint64		keys[FS_VECTOR_ROWS];
	FsRange		all = {(uint64) PG_INT64_MAX, (uint64) PG_INT64_MIN, 0};
	uint32		v;
	uint32		i;

	for (v = 0; v < shape->nvecs; v++)
	{
		const uint64 *src = values + shape->start[v];
		uint32		n = fs_shape_count(shape, v);

		for (i = 0; i < n; i++)
			keys[i] = (uint64) (is_float4 ? fs_floats_key4((int64) src[i])
								: fs_floats_key8((int64) src[i]));
		ranges[v] = fs_range_compute(keys, n, FS_RANGE_SIGNED);
		if (n == 0)
			continue;
		all.min = (uint64) Min((int64) all.min, (int64) ranges[v].min);
		all.max = (uint64) Max((int64) all.max, (int64) ranges[v].max);
	}
	return all;
}

/* The zone section: ranges of the vectors within that of the column. */
static void
encode_zones(const FsRange *ranges, FsRange all, const FsShape *shape,
			 FsWriter *out)
{
	uint64		lows[FS_CHUNK_MAX_VECTORS];
	uint64		highs[FS_CHUNK_MAX_VECTORS];
	uint64		low_bits = 0;
	uint64		high_bits = 0;
	uint8	   *p;
	int			w[2];
	uint32		v;

	for (v = 0; v < shape->nvecs; v++)
	{
		bool		is_empty = fs_shape_count(shape, v) == 0;

		lows[v] = is_empty ? 0 : ranges[v].min - all.min;
		highs[v] = is_empty ? 0 : all.max - ranges[v].max;
		low_bits |= lows[v];
		high_bits |= highs[v];
	}
	w[0] = fs_bitpack_width(low_bits);
	w[1] = fs_bitpack_width(high_bits);
	fs_writer_put_int(out, w[0], 1);
	fs_writer_put_int(out, w[1], 1);
	p = fs_writer_reserve(out, fs_bitpack_len(shape->nvecs, w[0]));
	if (p)
		fs_bitpack_pack(lows, shape->nvecs, w[0], 0, p);
	p = fs_writer_reserve(out, fs_bitpack_len(shape->nvecs, w[1]));
	if (p)
		fs_bitpack_pack(highs, shape->nvecs, w[1], 0, p);
}

/* Zone maps of column and vectors; ranges[nvecs] are theirs. */
static void
encode_bounds(FsEncoder *encoder, const FsRange *ranges, FsRange all,
			  FsColumnMeta *meta)
{
	meta->zone.has_bounds = true;
	meta->zone.imin = (int64) all.min;
	meta->zone.imax = (int64) all.max;
	if (encoder->shape.nvecs > 1)
		encode_zones(ranges, all, &encoder->shape, &encoder->out);
}

void
fs_ints_encode_zones(FsEncoder *encoder, const FsColumnValues *values,
					 FsColumnMeta *meta)
{
	const uint64 *dense = gather(encoder, values);
	FsRange		ranges[FS_CHUNK_MAX_VECTORS];
	FsRange		all;

	if (is_float(meta->order))
		all = compute_float_ranges(dense, &encoder->shape,
								   meta->order == FS_ORDER_FLOAT4, ranges);
	else
		all = compute_ranges(dense, &encoder->shape, order_of(meta->order), ranges);
	if (has_bounds(meta->order))
		encode_bounds(encoder, ranges, all, meta);
}

/* Turn ranges of values into those of what the sequence holds. */
static void
adjust_ranges(FsRange *ranges, const FsShape *shape, uint64 add,
			  uint64 multiply)
{
	uint32		v;

	for (v = 0; v < shape->nvecs; v++)
	{
		if (fs_shape_count(shape, v) == 0)
			continue;
		ranges[v].min = (ranges[v].min - add) / multiply;
		ranges[v].max = (ranges[v].max - add) / multiply;
	}
}

void
fs_ints_encode(FsEncoder *encoder, const FsColumnValues *values,
			   FsColumnMeta *meta)
{
	FsShape    *shape = &encoder->shape;
	uint32		n = fs_shape_n(shape);
	uint64		order = order_of(meta->order);
	bool		is_float4 = meta->order == FS_ORDER_FLOAT4;
	FsRange    *ranges = fs_scratch_alloc(&encoder->scratch, FS_CHUNK_MAX_VECTORS * sizeof(FsRange));
	FsSeqInput	in = {gather(encoder, values), 0, shape, ranges, false,
	encoder->is_thorough};
	uint64	   *spare = fs_scratch_alloc(&encoder->scratch, n * sizeof(uint64));
	FsRange		all;
	uint64		multiply;
	int			scale = 0;

	if (is_float(meta->order))
	{
		if (encoder->has_zones)
		{
			all = compute_float_ranges(in.values, shape, is_float4, ranges);
			encode_bounds(encoder, ranges, all, meta);
		}
		if (fs_decimal_encode(in.values, n, is_float4, &scale, spare))
		{
			in.values = spare;
			spare = fs_scratch_alloc(&encoder->scratch, n * sizeof(uint64));
			scale++;
		}
		else
			scale = 0;
	}
	all = compute_ranges(in.values, shape, order, ranges);
	if (encoder->has_zones && has_bounds(meta->order) && !is_float(meta->order))
		encode_bounds(encoder, ranges, all, meta);
	multiply = fs_divisor_find(in.values, n, all.min, spare);
	adjust_ranges(ranges, shape, all.min, multiply);
	if (multiply > 1)
		in.values = spare;
	else
		in.bias = all.min;
	fs_writer_put_int(&encoder->out, scale, 1);
	fs_writer_put_int(&encoder->out, all.min, 8);
	fs_writer_put_int(&encoder->out, multiply, 8);
	meta->encoding = fs_seq_encode(&in, &encoder->scratch, &encoder->out);
}

/* Parse packed bounds; gives false if they are damaged. */
static bool
open_bounds(FsCursor *cursor, uint32 nvecs, int width, uint64 *bounds)
{
	const uint8 *src = fs_cursor_take(cursor, fs_bitpack_len(nvecs, width));

	if (!src)
		return false;
	if (!fs_bitpack_is_clean(src, nvecs, width))
		return fs_cursor_fail(cursor, "padding of bounds is not zero");
	fs_bitpack_unpack(src, nvecs, width, 0, bounds);
	return true;
}

bool
fs_ints_open_zones(FsCursor *cursor, const FsColumnMeta *meta, uint32 nvecs,
				   FsIntZones *zones)
{
	uint64		order = order_of(meta->order);
	int			low_width = fs_cursor_get8(cursor);
	int			high_width = fs_cursor_get8(cursor);
	uint32		v;

	if (low_width > 64 || high_width > 64)
		return fs_cursor_fail(cursor, "bit width %d exceeds 64",
							  Max(low_width, high_width));
	if (!open_bounds(cursor, nvecs, low_width, zones->mins) ||
		!open_bounds(cursor, nvecs, high_width, zones->maxs))
		return false;
	for (v = 0; v < nvecs; v++)
	{
		zones->mins[v] = (uint64) meta->zone.imin + zones->mins[v];
		zones->maxs[v] = (uint64) meta->zone.imax - zones->maxs[v];
		if ((int64) (zones->mins[v] ^ order) > (int64) (zones->maxs[v] ^ order))
			return fs_cursor_fail(cursor, "bounds of vector %u are reversed", v);
	}
	return true;
}

FS_KERNEL static void
multiply_add(uint64 *values, uint32 n, uint64 multiply, uint64 add)
{
	uint32		i;

	for (i = 0; i < n; i++)
		values[i] = add + multiply * values[i];
}

static void
make_values(const FsScaling *scaling, uint64 *values, uint32 n)
{
	if (scaling->multiply != 1 || scaling->add != 0)
		multiply_add(values, n, scaling->multiply, scaling->add);
	if (scaling->scale > 0)
		fs_decimal_decode(values, n, scaling->is_float4, scaling->scale - 1);
}

static void
convert_dict(const void *how, uint64 *values, uint32 n)
{
	make_values(how, values, n);
}

bool
fs_ints_open(FsCursor *cursor, const FsColumnMeta *meta,
			 const FsShape *shape, FsArena *arena, FsInts *ints)
{
	ints->scaling.is_float4 = meta->order == FS_ORDER_FLOAT4;
	ints->has_zones = meta->zone.has_bounds && shape->nvecs > 1;
	if (ints->has_zones &&
		!fs_ints_open_zones(cursor, meta, shape->nvecs, &ints->zones))
		return false;
	ints->scaling.scale = fs_cursor_get8(cursor);
	ints->scaling.add = fs_cursor_get64(cursor);
	ints->scaling.multiply = fs_cursor_get64(cursor);
	if (ints->scaling.scale > (is_float(meta->order) ? 1 + FS_DECIMAL_MAX : 0))
		return fs_cursor_fail(cursor, "scale %d is out of range", ints->scaling.scale);
	if (!cursor->failed && ints->scaling.multiply == 0)
		return fs_cursor_fail(cursor, "factor is zero");
	if (!fs_seq_open(cursor, shape, arena, &ints->seq))
		return false;
	if (ints->seq.count > 0)
	{
		/* of runs and dictionaries their entries are converted */
		if (ints->seq.form == FS_ENC_RUNS)
			make_values(&ints->scaling, ints->seq.values, ints->seq.count);
		else
		{
			FsScaling  *how = arena->alloc(arena, sizeof(FsScaling));

			*how = ints->scaling;
			ints->seq.dict->convert = convert_dict;
			ints->seq.dict->how = how;
		}
		ints->scaling.add = 0;
		ints->scaling.multiply = 1;
		ints->scaling.scale = 0;
	}
	return true;
}

bool
fs_ints_constant(const FsInts *ints, uint32 v, uint64 *value)
{
	if (!fs_seq_constant(&ints->seq, v, value))
		return false;
	make_values(&ints->scaling, value, 1);
	return true;
}

bool
fs_ints_read(const FsInts *ints, uint32 v, uint64 *values, FsFault *fault)
{
	uint32		n = fs_shape_count(ints->seq.shape, v);
	bool		is_plain = ints->scaling.multiply == 1 && ints->scaling.scale == 0;

	if (!fs_seq_read(&ints->seq, v, is_plain ? ints->scaling.add : 0, values, fault))
		return false;
	if (!is_plain)
		make_values(&ints->scaling, values, n);
	return true;
}
