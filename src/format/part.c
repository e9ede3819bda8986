/*-------------------------------------------------------------------------
 *
 * Parts: values of units, which are rows or conversations.
 *
 * A part is the flags of the units that are null (flags.c) and, if not all
 * are, the sections of its kind (ints.c, addrs.c, bytes.c), or a sequence of
 * codes of the column's dictionary (seq.c), without gaps.  A part of no units
 * has no bytes.
 *
 * Only values that are not null are stored.  A vector is decoded side by
 * side and then spread over its units.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/enc.h"
#include "format/part.h"

/* One more than a vector has: what rows after the last value are given. */
#define DENSE_SIZE	(FS_VECTOR_ROWS + 1)

/* An array of a vector, unless it is there. */
#define MAKE(array) \
	do { \
		if (!(array)) \
			(array) = part->arena->alloc(part->arena, DENSE_SIZE * sizeof(*(array))); \
	} while (0)

/* The sections after the nulls. */
static bool
open_sections(FsCursor *cursor, const FsColumnMeta *meta, FsPart *part)
{
	const FsShape *shape = &part->nulls.unset;

	if (part->is_coded)
	{
		if (!fs_seq_open(cursor, shape, part->arena, &part->of.codes))
			return false;
		part->form = part->of.codes.form;
		return true;
	}
	switch (part->kind)
	{
		case FS_KIND_INT:
			if (!fs_ints_open(cursor, meta, shape, part->arena, &part->of.ints))
				return false;
			part->form = part->of.ints.seq.form;
			return true;
		case FS_KIND_ADDR:
			if (!fs_addrs_open(cursor, meta, shape, part->arena, &part->of.addrs))
				return false;
			part->form = meta->encoding;
			part->dict_n = part->of.addrs.count;
			return true;
		case FS_KIND_BYTES:
			if (!fs_bytes_open(cursor, meta, shape, part->arena, &part->of.bytes))
				return false;
			part->form = meta->encoding;
			part->dict_n = part->of.bytes.count;
			return true;
		default:
			return fs_cursor_fail(cursor, "unknown kind %d", part->kind);
	}
}

bool
fs_part_open(FsCursor *cursor, const FsPartInput *in, FsPart *part)
{
	memset(part, 0, sizeof(*part));
	part->arena = in->arena;
	part->kind = in->meta->kind;
	part->is_coded = in->is_coded;
	part->dict_n = in->is_coded ? in->dict_n : 0;
	part->loaded = part->loaded_codes = -1;
	if (fs_shape_n(in->units) == 0)
	{
		part->nulls.units = in->units;
		part->nulls.unset = *in->units;
		part->is_empty = true;
	}
	else if (!fs_flags_open(cursor, in->units, &part->nulls))
		return false;
	else if (fs_shape_n(&part->nulls.unset) == 0)
		part->is_empty = true;
	else if (!open_sections(cursor, in->meta, part))
		return false;
	return true;
}

void
fs_part_open_null(const FsPartInput *in, FsPart *part)
{
	uint32		v;

	memset(part, 0, sizeof(*part));
	part->arena = in->arena;
	part->kind = in->meta->kind;
	part->is_empty = true;
	part->loaded = part->loaded_codes = -1;
	part->nulls.units = in->units;
	part->nulls.is_any = true;
	part->nulls.unset.nvecs = in->units->nvecs;
	for (v = 0; v <= in->units->nvecs; v++)
		part->nulls.unset.start[v] = 0;
}

void
fs_part_detach(FsPart *part)
{
	part->loaded = part->loaded_codes = -1;
	part->is_null = NULL;
	part->dense_ints = part->ints = NULL;
	part->dense_codes = part->codes = NULL;
	part->dense_addrs = part->addrs = NULL;
	part->dense_ptrs = part->ptrs = NULL;
	part->is_filled = false;
}

/*
 * Spread dense values over rows.  dense[count] is what rows after the last
 * value are given; it is set here.
 */
#define SPREAD(dense, rows, count, last) \
	do { \
		uint32		at_ = 0; \
		uint32		i_; \
		(dense)[count] = (last); \
		for (i_ = 0; i_ < out->nrows; i_++) \
		{ \
			(rows)[i_] = (dense)[at_]; \
			at_ += !part->is_null[i_]; \
		} \
	} while (0)

/* Give all places of dense_ints or dense_codes one value, unless they have it. */
static void
fill(FsPart *part, uint64 value)
{
	uint32		i;

	if (part->is_filled && part->filled == value)
		return;
	part->is_filled = true;
	part->filled = value;
	if (part->kind == FS_KIND_INT)
		for (i = 0; i < FS_VECTOR_ROWS; i++)
			part->dense_ints[i] = value;
	else
		for (i = 0; i < FS_VECTOR_ROWS; i++)
			part->dense_codes[i] = (uint32) value;
}

bool
fs_part_read_codes(FsPart *part, uint32 v, const uint32 **codes,
				   FsFault *fault)
{
	MAKE(part->dense_codes);
	*codes = part->dense_codes;
	if (part->loaded_codes == (int64) v)
		return true;
	part->loaded_codes = -1;
	if (!fs_seq_read_codes(&part->of.ints.seq, v, part->dense_codes, fault))
		return false;
	part->loaded_codes = v;
	return true;
}

static bool
read_dense_ints(FsPart *part, uint32 v, uint32 count, FsFault *fault)
{
	const FsSeq *seq = &part->of.ints.seq;
	const uint64 *dict;
	const uint32 *codes;
	uint32		i;

	if (fs_seq_dict_count(seq) == 0)
		return fs_ints_read(&part->of.ints, v, part->dense_ints, fault);
	dict = fs_seq_dict_values(seq, fault);
	if (!dict || !fs_part_read_codes(part, v, &codes, fault))
		return false;
	for (i = 0; i < count; i++)
		part->dense_ints[i] = dict[codes[i]];
	return true;
}

static bool
read_ints(FsPart *part, uint32 v, uint32 count, FsVector *out,
		  FsFault *fault)
{
	uint64		value;

	MAKE(part->dense_ints);
	out->ints = (const int64 *) part->dense_ints;
	if (count > 0 && !out->has_nulls && fs_ints_constant(&part->of.ints, v, &value))
	{
		fill(part, value);
		out->is_constant = true;
		return true;
	}
	part->is_filled = false;
	if (count > 0 && !read_dense_ints(part, v, count, fault))
		return false;
	if (out->has_nulls)
	{
		MAKE(part->ints);
		SPREAD(part->dense_ints, part->ints, count, 0);
		out->ints = (const int64 *) part->ints;
	}
	return true;
}

static bool
read_codes(FsPart *part, uint32 v, uint32 count, FsVector *out,
		   FsFault *fault)
{
	const FsSeq *seq = part->is_coded ? &part->of.codes :
		part->kind == FS_KIND_ADDR ? &part->of.addrs.codes : &part->of.bytes.codes;
	bool		is_single = !part->is_coded && part->form == FS_ENC_CONSTANT;
	uint64		code = 0;

	MAKE(part->dense_codes);
	out->codes = part->dense_codes;
	out->dict_n = part->dict_n;
	if (is_single || (count > 0 && !out->has_nulls && fs_seq_constant(seq, v, &code) &&
					  code < out->dict_n))
	{
		fill(part, code);
		out->is_constant = !out->has_nulls;
		return true;
	}
	part->is_filled = false;
	if (count > 0 && !fs_seq_read32(seq, v, out->dict_n, part->dense_codes, fault))
		return false;
	if (out->has_nulls)
	{
		MAKE(part->codes);
		SPREAD(part->dense_codes, part->codes, count, 0);
		out->codes = part->codes;
	}
	return true;
}

static bool
read_addrs(FsPart *part, uint32 v, uint32 count, FsVector *out,
		   FsFault *fault)
{
	static const FsAddr none = {4, 32, {0}};

	MAKE(part->dense_addrs);
	if (count > 0 && !fs_addrs_read(&part->of.addrs, v, part->dense_addrs, fault))
		return false;
	out->addrs = part->dense_addrs;
	if (out->has_nulls)
	{
		MAKE(part->addrs);
		SPREAD(part->dense_addrs, part->addrs, count, none);
		out->addrs = part->addrs;
	}
	return true;
}

static bool
read_bytes(FsPart *part, uint32 v, uint32 count, FsVector *out,
		   FsFault *fault)
{
	MAKE(part->dense_ptrs);
	MAKE(part->dense_codes);
	if (count > 0 &&
		!fs_blocks_read(&part->of.bytes.blocks, v, part->dense_ptrs, part->dense_codes, fault))
		return false;
	out->ptrs = part->dense_ptrs;
	out->lens = part->dense_codes;
	if (out->has_nulls)
	{
		MAKE(part->ptrs);
		MAKE(part->codes);
		SPREAD(part->dense_ptrs, part->ptrs, count, (const uint8 *) "");
		SPREAD(part->dense_codes, part->codes, count, 0);
		out->ptrs = part->ptrs;
		out->lens = part->codes;
	}
	return true;
}

/* The sequence of the codes that are not null. */
static void
encode_codes(FsEncoder *encoder, const FsColumnValues *values)
{
	uint64	   *dense = fs_scratch_alloc(&encoder->scratch,
										 (encoder->nrows + 1) * sizeof(uint64));
	FsSeqInput	in = {dense, 0, &encoder->shape, NULL, false,
	encoder->is_thorough};
	uint32		count = 0;
	uint32		i;

	for (i = 0; i < encoder->nrows; i++)
	{
		dense[count] = values->codes[i];
		count += !fs_encoder_is_null(values, i);
	}
	fs_seq_encode(&in, &encoder->scratch, &encoder->out);
}

static bool
read_values(FsPart *part, uint32 v, uint32 count, FsVector *out,
			FsFault *fault)
{
	if (part->kind == FS_KIND_INT)
		return read_ints(part, v, count, out, fault);
	if (part->dict_n > 0)
		return read_codes(part, v, count, out, fault);
	if (part->kind == FS_KIND_ADDR)
		return read_addrs(part, v, count, out, fault);
	return read_bytes(part, v, count, out, fault);
}

bool
fs_part_read(FsPart *part, uint32 v, const FsVector **result, FsFault *fault)
{
	const FsShape *units = part->nulls.units;
	FsVector   *out = &part->vector;
	uint32		count;

	*result = out;
	if (part->loaded == (int64) v)
		return true;
	if (v >= units->nvecs)
		return fs_fault_set(fault, 0, "vector %u of %u", v, units->nvecs);
	part->loaded = -1;
	count = fs_shape_count(&part->nulls.unset, v);
	memset(out, 0, sizeof(*out));
	out->nrows = fs_shape_count(units, v);
	out->has_nulls = count < out->nrows;
	if (!part->is_null || part->nulls.is_any)
	{
		MAKE(part->is_null);
		memset(part->is_null, part->nulls.is_any && part->is_empty, DENSE_SIZE);
	}
	out->is_null = part->is_null;
	if (out->has_nulls && !part->is_empty)
		fs_flags_read(&part->nulls, v, part->is_null);
	if (!read_values(part, v, count, out, fault))
		return false;
	part->loaded = v;
	return true;
}

/* Whether units can be had alone: by codes of a dictionary of integers. */
static bool
has_single_units(const FsPart *part, uint32 v)
{
	return part->kind == FS_KIND_INT && !part->is_coded && !part->is_empty &&
		fs_seq_dict_count(&part->of.ints.seq) > 0 && v < part->nulls.units->nvecs &&
		fs_flags_is_clear(&part->nulls, v);
}

bool
fs_part_read_units(FsPart *part, uint32 v, const uint16 *units, uint32 n,
				   const FsVector **result, FsFault *fault)
{
	FsVector   *out = &part->vector;
	const uint32 *codes;
	uint32		i;

	if (part->loaded == (int64) v || !has_single_units(part, v))
		return fs_part_read(part, v, result, fault);
	*result = out;
	part->loaded = -1;
	part->is_filled = false;
	MAKE(part->dense_ints);
	if (!part->is_null || part->nulls.is_any)
	{
		MAKE(part->is_null);
		memset(part->is_null, 0, DENSE_SIZE);
	}
	memset(out, 0, sizeof(*out));
	out->nrows = fs_shape_count(part->nulls.units, v);
	out->is_null = part->is_null;
	out->ints = (const int64 *) part->dense_ints;
	if (!fs_part_read_codes(part, v, &codes, fault))
		return false;
	for (i = 0; i < n; i++)
		if (!fs_seq_dict_value(&part->of.ints.seq, codes[units[i]],
							   &part->dense_ints[units[i]], fault))
			return false;
	return true;
}

void
fs_part_encode(FsEncoder *encoder, const FsColumnSpec *spec,
			   const FsColumnValues *values, FsColumnMeta *meta)
{
	const FsShape *units = encoder->units;
	FsWriter   *out = &encoder->out;

	fs_flags_count(values->nulls, units, &encoder->shape);
	meta->encoding = FS_ENC_NULL;
	if (fs_shape_n(units) == 0)
		return;
	fs_flags_encode(values->nulls, units, &encoder->shape, out);
	if (fs_shape_n(&encoder->shape) == 0)
		return;
	if (values->codes)
	{
		encode_codes(encoder, values);
		meta->encoding = FS_ENC_DOMAIN;
	}
	else if (spec->kind == FS_KIND_INT)
		fs_ints_encode(encoder, values, meta);
	else if (spec->kind == FS_KIND_ADDR)
		fs_addrs_encode(encoder, values, meta);
	else
		fs_bytes_encode(encoder, spec, values, meta);
}
