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

static void
alloc_arrays(FsPart *part)
{
	FsArena    *arena = part->arena;

	part->is_null = arena->alloc(arena, FS_VECTOR_ROWS * sizeof(bool));
	memset(part->is_null, 0, FS_VECTOR_ROWS * sizeof(bool));
	if (part->kind == FS_KIND_INT)
	{
		part->dense_ints = arena->alloc(arena, DENSE_SIZE * sizeof(uint64));
		part->ints = arena->alloc(arena, DENSE_SIZE * sizeof(uint64));
		return;
	}
	part->dense_codes = arena->alloc(arena, DENSE_SIZE * sizeof(uint32));
	part->codes = arena->alloc(arena, DENSE_SIZE * sizeof(uint32));
	if (part->dict_n > 0)
		return;
	if (part->kind == FS_KIND_ADDR)
	{
		part->dense_addrs = arena->alloc(arena, DENSE_SIZE * sizeof(FsAddr));
		part->addrs = arena->alloc(arena, DENSE_SIZE * sizeof(FsAddr));
		return;
	}
	part->dense_ptrs = arena->alloc(arena, DENSE_SIZE * sizeof(uint8 *));
	part->ptrs = arena->alloc(arena, DENSE_SIZE * sizeof(uint8 *));
}

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
	part->loaded = -1;
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
	alloc_arrays(part);
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
	part->loaded = -1;
	part->nulls.units = in->units;
	part->nulls.is_any = true;
	part->nulls.unset.nvecs = in->units->nvecs;
	for (v = 0; v <= in->units->nvecs; v++)
		part->nulls.unset.start[v] = 0;
	alloc_arrays(part);
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

static bool
read_ints(FsPart *part, uint32 v, uint32 count, FsVector *out,
		  FsFault *fault)
{
	uint64	   *dense = part->dense_ints;

	if (count > 0 && !fs_ints_read(&part->of.ints, v, dense, fault))
		return false;
	if (out->has_nulls)
		SPREAD(dense, part->ints, count, 0);
	out->ints = (const int64 *) (out->has_nulls ? part->ints : dense);
	return true;
}

static bool
read_codes(FsPart *part, uint32 v, uint32 count, FsVector *out,
		   FsFault *fault)
{
	const FsSeq *seq = part->is_coded ? &part->of.codes :
		part->kind == FS_KIND_ADDR ? &part->of.addrs.codes : &part->of.bytes.codes;
	uint32	   *dense = part->dense_codes;

	out->dict_n = part->dict_n;
	if (!part->is_coded && part->form == FS_ENC_CONSTANT)
		memset(dense, 0, DENSE_SIZE * sizeof(uint32));
	else if (count > 0 && !fs_seq_read32(seq, v, out->dict_n, dense, fault))
		return false;
	if (out->has_nulls)
		SPREAD(dense, part->codes, count, 0);
	out->codes = out->has_nulls ? part->codes : dense;
	return true;
}

static bool
read_addrs(FsPart *part, uint32 v, uint32 count, FsVector *out,
		   FsFault *fault)
{
	static const FsAddr none = {4, 32, {0}};
	FsAddr	   *dense = part->dense_addrs;

	if (count > 0 && !fs_addrs_read(&part->of.addrs, v, dense, fault))
		return false;
	if (out->has_nulls)
		SPREAD(dense, part->addrs, count, none);
	out->addrs = out->has_nulls ? part->addrs : dense;
	return true;
}

static bool
read_bytes(FsPart *part, uint32 v, uint32 count, FsVector *out,
		   FsFault *fault)
{
	const uint8 **dense = part->dense_ptrs;
	uint32	   *lens = part->dense_codes;

	if (count > 0 &&
		!fs_blocks_read(&part->of.bytes.blocks, v, dense, lens, fault))
		return false;
	if (out->has_nulls)
	{
		SPREAD(dense, part->ptrs, count, (const uint8 *) "");
		SPREAD(lens, part->codes, count, 0);
	}
	out->ptrs = out->has_nulls ? part->ptrs : dense;
	out->lens = out->has_nulls ? part->codes : lens;
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
	out->is_null = part->is_null;
	if (part->nulls.is_any && part->is_empty)
		memset(part->is_null, true, out->nrows);
	else if (part->nulls.is_any)
		fs_flags_read(&part->nulls, v, part->is_null);
	if (!read_values(part, v, count, out, fault))
		return false;
	part->loaded = v;
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
