/*-------------------------------------------------------------------------
 *
 * A column of a chunk: reading it.
 *
 * A column's bytes are the null section (nulls.c) and the sections of its
 * kind (ints.c, addrs.c, bytes.c), without gaps.  A column of which every
 * row is null has encoding FS_ENC_NULL and no bytes.
 *
 * Only values that are not null are stored.  A vector is decoded side by
 * side and then spread over its rows.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/addrs.h"
#include "format/bytes.h"
#include "format/crc.h"
#include "format/enc.h"
#include "format/floats.h"
#include "format/ints.h"
#include "format/nulls.h"

/* One more than a vector has: what rows after the last value are given. */
#define DENSE_SIZE	(FS_VECTOR_ROWS + 1)

struct FsColumnReader
{
	FsColumnMeta meta;
	FsNulls		nulls;
	bool		has_dict;
	union
	{
		FsInts		ints;
		FsAddrs		addrs;
		FsBytes		bytes;
	}			part;

	/* the vector as stored, and spread over rows */
	bool	   *is_null;
	uint64	   *dense_ints;
	uint64	   *ints;
	uint32	   *dense_codes;	/* or lengths */
	uint32	   *codes;
	FsAddr	   *dense_addrs;
	FsAddr	   *addrs;
	const uint8 **dense_ptrs;
	const uint8 **ptrs;
};

static void
alloc_arrays(FsColumnReader *reader, FsArena *arena)
{
	reader->is_null = arena->alloc(arena, FS_VECTOR_ROWS * sizeof(bool));
	memset(reader->is_null, 0, FS_VECTOR_ROWS * sizeof(bool));
	if (reader->meta.kind == FS_KIND_INT)
	{
		reader->dense_ints = arena->alloc(arena, DENSE_SIZE * sizeof(uint64));
		reader->ints = arena->alloc(arena, DENSE_SIZE * sizeof(uint64));
		return;
	}
	reader->dense_codes = arena->alloc(arena, DENSE_SIZE * sizeof(uint32));
	reader->codes = arena->alloc(arena, DENSE_SIZE * sizeof(uint32));
	if (reader->has_dict)
		return;
	if (reader->meta.kind == FS_KIND_ADDR)
	{
		reader->dense_addrs = arena->alloc(arena, DENSE_SIZE * sizeof(FsAddr));
		reader->addrs = arena->alloc(arena, DENSE_SIZE * sizeof(FsAddr));
		return;
	}
	reader->dense_ptrs = arena->alloc(arena, DENSE_SIZE * sizeof(uint8 *));
	reader->ptrs = arena->alloc(arena, DENSE_SIZE * sizeof(uint8 *));
}

/* A column without bytes: what the null section would have said. */
static bool
open_null(FsColumnReader *reader, uint32 nrows, uint32 len, FsFault *fault)
{
	FsShape    *shape = &reader->nulls.shape;
	uint32		v;

	if (len != 0)
		return fs_fault_set(fault, 0, "null column of %u bytes", len);
	reader->nulls.nrows = nrows;
	reader->nulls.has_nulls = true;
	fs_shape_init(shape, nrows);
	for (v = 0; v <= shape->nvecs; v++)
		shape->start[v] = 0;
	return true;
}

static bool
open_sections(FsColumnReader *reader, uint32 nrows, FsArena *arena,
			  FsCursor *cursor)
{
	const FsColumnMeta *meta = &reader->meta;
	const FsShape *shape = &reader->nulls.shape;

	if (!fs_nulls_open(cursor, nrows, &reader->nulls))
		return false;
	if (fs_shape_n(shape) + meta->zone.nulls != nrows)
		return fs_cursor_fail(cursor, "%u nulls, the chunk's head says %u",
							  nrows - fs_shape_n(shape), meta->zone.nulls);
	switch (meta->kind)
	{
		case FS_KIND_INT:
			return fs_ints_open(cursor, meta, shape, arena, &reader->part.ints);
		case FS_KIND_ADDR:
			return fs_addrs_open(cursor, meta, shape, arena, &reader->part.addrs);
		case FS_KIND_BYTES:
			return fs_bytes_open(cursor, meta, shape, arena, &reader->part.bytes);
		default:
			return fs_cursor_fail(cursor, "unknown kind %d", meta->kind);
	}
}

FsColumnReader *
fs_column_open(const FsColumnMeta *meta, uint32 nrows, const uint8 *bytes,
			   uint32 len, FsArena *arena, FsFault *fault)
{
	FsColumnReader *reader = arena->alloc(arena, sizeof(FsColumnReader));
	FsCursor	cursor;
	bool		is_open;

	memset(reader, 0, sizeof(*reader));
	reader->meta = *meta;
	fs_cursor_init(&cursor, bytes, len, fault);
	if (nrows == 0 || nrows > FS_CHUNK_MAX_ROWS || meta->zone.nulls > nrows)
		is_open = fs_cursor_fail(&cursor, "column of %u rows", nrows);
	else if (len != meta->len)
		is_open = fs_cursor_fail(&cursor, "column of %u bytes, not %u", len, meta->len);
	else if (!fs_crc_is_right(fs_crc_of(bytes, len), meta->crc))
		is_open = fs_cursor_fail(&cursor, "checksum is wrong");
	else if ((meta->encoding == FS_ENC_NULL) != (meta->zone.nulls == nrows))
		is_open = fs_cursor_fail(&cursor, "encoding %d with %u nulls",
								 meta->encoding, meta->zone.nulls);
	else if (meta->encoding == FS_ENC_NULL)
		is_open = open_null(reader, nrows, len, fault);
	else
		is_open = open_sections(reader, nrows, arena, &cursor) &&
			fs_cursor_finish(&cursor);
	if (!is_open)
		return NULL;
	reader->has_dict = meta->encoding != FS_ENC_NULL &&
		((meta->kind == FS_KIND_ADDR && reader->part.addrs.count > 0) ||
		 (meta->kind == FS_KIND_BYTES && reader->part.bytes.count > 0));
	alloc_arrays(reader, arena);
	return reader;
}

static void
addr_zone(const FsColumnReader *reader, uint32 v, FsZone *zone)
{
	FsAddr		min;
	FsAddr		max;

	fs_addrs_zone(&reader->part.addrs, v, &min, &max);
	fs_addr_zone_key(&min, zone->bmin);
	fs_addr_zone_key(&max, zone->bmax);
}

void
fs_column_zone(const FsColumnReader *reader, uint32 v, FsZone *zone)
{
	const FsShape *shape = &reader->nulls.shape;

	*zone = reader->meta.zone;
	zone->nrows = fs_nulls_nrows(reader->nulls.nrows, v);
	zone->nulls = zone->nrows - fs_shape_count(shape, v);
	if (zone->nulls == zone->nrows)
		zone->has_bounds = false;
	if (!zone->has_bounds)
		return;
	if (reader->meta.kind == FS_KIND_INT && reader->part.ints.has_zones)
	{
		zone->imin = (int64) reader->part.ints.mins[v];
		zone->imax = (int64) reader->part.ints.maxs[v];
	}
	else if (reader->meta.kind == FS_KIND_ADDR && reader->part.addrs.has_zones)
		addr_zone(reader, v, zone);
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
			at_ += !reader->is_null[i_]; \
		} \
	} while (0)

static bool
read_ints(FsColumnReader *reader, uint32 v, uint32 count, FsVector *out,
		  FsFault *fault)
{
	uint64	   *dense = reader->dense_ints;

	if (count > 0 && !fs_ints_read(&reader->part.ints, v, dense, fault))
		return false;
	if (out->has_nulls)
		SPREAD(dense, reader->ints, count, 0);
	out->ints = (const int64 *) (out->has_nulls ? reader->ints : dense);
	return true;
}

static bool
read_codes(FsColumnReader *reader, uint32 v, uint32 count, FsVector *out,
		   FsFault *fault)
{
	bool		is_addr = reader->meta.kind == FS_KIND_ADDR;
	const FsSeq *seq = is_addr ? &reader->part.addrs.codes : &reader->part.bytes.codes;
	uint32	   *dense = reader->dense_codes;

	out->dict_n = is_addr ? reader->part.addrs.count : reader->part.bytes.count;
	if (reader->meta.encoding == FS_ENC_CONSTANT)
		memset(dense, 0, DENSE_SIZE * sizeof(uint32));
	else if (count > 0 && !fs_seq_read32(seq, v, out->dict_n, dense, fault))
		return false;
	if (out->has_nulls)
		SPREAD(dense, reader->codes, count, 0);
	out->codes = out->has_nulls ? reader->codes : dense;
	return true;
}

static bool
read_addrs(FsColumnReader *reader, uint32 v, uint32 count, FsVector *out,
		   FsFault *fault)
{
	static const FsAddr none = {4, 32, {0}};
	FsAddr	   *dense = reader->dense_addrs;

	if (count > 0 && !fs_addrs_read(&reader->part.addrs, v, dense, fault))
		return false;
	if (out->has_nulls)
		SPREAD(dense, reader->addrs, count, none);
	out->addrs = out->has_nulls ? reader->addrs : dense;
	return true;
}

static bool
read_bytes(FsColumnReader *reader, uint32 v, uint32 count, FsVector *out,
		   FsFault *fault)
{
	const uint8 **dense = reader->dense_ptrs;
	uint32	   *lens = reader->dense_codes;

	if (count > 0 &&
		!fs_blocks_read(&reader->part.bytes.blocks, v, dense, lens, fault))
		return false;
	if (out->has_nulls)
	{
		SPREAD(dense, reader->ptrs, count, (const uint8 *) "");
		SPREAD(lens, reader->codes, count, 0);
	}
	out->ptrs = out->has_nulls ? reader->ptrs : dense;
	out->lens = out->has_nulls ? reader->codes : lens;
	return true;
}

bool
fs_column_read(FsColumnReader *reader, uint32 v, FsVector *out,
			   FsFault *fault)
{
	const FsShape *shape = &reader->nulls.shape;
	uint32		count;

	if (v >= shape->nvecs)
		return fs_fault_set(fault, 0, "vector %u of %u", v, shape->nvecs);
	count = fs_shape_count(shape, v);
	memset(out, 0, sizeof(*out));
	out->nrows = fs_nulls_nrows(reader->nulls.nrows, v);
	out->has_nulls = count < out->nrows;
	out->is_null = reader->is_null;
	if (reader->meta.encoding == FS_ENC_NULL)
		memset(reader->is_null, true, out->nrows);
	else if (reader->nulls.has_nulls)
		fs_nulls_read(&reader->nulls, v, reader->is_null);
	if (reader->meta.kind == FS_KIND_INT)
		return read_ints(reader, v, count, out, fault);
	if (reader->has_dict)
		return read_codes(reader, v, count, out, fault);
	if (reader->meta.kind == FS_KIND_ADDR)
		return read_addrs(reader, v, count, out, fault);
	return read_bytes(reader, v, count, out, fault);
}

const FsAddr *
fs_column_dict_addrs(FsColumnReader *reader, uint32 *size, FsFault *fault)
{
	*size = 0;
	if (!reader->has_dict || reader->meta.kind != FS_KIND_ADDR)
		return NULL;
	*size = reader->part.addrs.count;
	return reader->part.addrs.dict;
}

bool
fs_column_dict_bytes(FsColumnReader *reader, uint32 *size,
					 const uint8 *const **ptrs, const uint32 **lens,
					 FsFault *fault)
{
	FsBytes    *bytes = &reader->part.bytes;

	*size = 0;
	*ptrs = NULL;
	*lens = NULL;
	if (!reader->has_dict || reader->meta.kind != FS_KIND_BYTES)
		return true;
	*size = bytes->count;
	if (!fs_bytes_load_dict(bytes, fault))
		return false;
	*ptrs = bytes->ptrs;
	*lens = bytes->lens;
	return true;
}

int64
fs_float8_to_int(uint64 bits)
{
	return fs_floats_map8(bits);
}

uint64
fs_float8_from_int(int64 value)
{
	return fs_floats_unmap8(value);
}

int64
fs_float4_to_int(uint32 bits)
{
	return fs_floats_map4(bits);
}

uint32
fs_float4_from_int(int64 value)
{
	return fs_floats_unmap4(value);
}

int64
fs_float8_zone_key(int64 value)
{
	return fs_floats_key8(value);
}

int64
fs_float4_zone_key(int64 value)
{
	return fs_floats_key4(value);
}

void
fs_addr_zone_key(const FsAddr *addr, uint8 key[17])
{
	key[0] = addr->family;
	memcpy(key + 1, addr->addr, 16);
}
