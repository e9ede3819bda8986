/*-------------------------------------------------------------------------
 *
 * A chunk: its head, and the encoding of all its columns.
 *
 *	  offset  size  meaning
 *	       0     4  magic "FSCK"
 *	       4     4  format version, 1
 *	       8     4  head_len: bytes of these 32, the column directory and
 *					the checksums
 *	      12     4  total_len: bytes of the chunk
 *	      16     4  rows, 1 .. 65536
 *	      20     4  columns
 *	      24     4  CRC-32C of bytes 0..23 and 28..head_len-1
 *	      28     4  frame_len: bytes of the frame (frame.c), 0: there is none
 *	      32     .  column directory, an entry a column, by ascending id:
 *
 *	       0     2  id, not 0
 *	       2     1  kind
 *	       3     1  order
 *	       4     1  width
 *	       5     1  encoding
 *	       6     1  bounds: 1 there are bounds, 2 the upper one is cut (3),
 *					4 there is a sum (5)
 *	       7     1  place
 *	       8     4  offset of the column's bytes in the chunk
 *	      12     4  their length
 *	      16     4  null rows
 *	      20    16  kind INT with bounds: the lower, the upper
 *	      36    16  with a sum: that of the values that are not null, signed
 *	      20     .  other kinds with bounds: length of the lower, length of
 *					the upper (1 byte each, 0..32), the lower, the upper
 *
 * Then come the checksums: of each column in order, and of the frame, the
 * CRC-32C of each piece of 3072 bytes, the last perhaps shorter.  The columns'
 * bytes follow in the same order, without gaps, and then the frame, to the end.
 * Invalid: whatever else; ids that do not ascend; a kind with an order that
 * does not suit it; bounds where all rows are null; an ADDR bound that is
 * not of 17 bytes.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/chunk.h"
#include "format/crc.h"
#include "format/enc.h"
#include "format/place.h"
#include "format/region.h"
#include "format/roundtrip.h"

#define CRC_OFF			24
#define CRC_END			28
#define ENTRY_LEN		20
#define ENTRY_LEN_MAX	(ENTRY_LEN + 2 + 2 * FS_ZONE_MAX_LEN)
#define BOUNDS_FOUND	1
#define BOUNDS_MAX_CUT	2
#define BOUNDS_SUM		4

/* a sum is kept of so many rows: reading fewer costs little more */
#define SUM_ROWS_MIN	4096

/* Bytes that a column takes at most. */
static uint64
column_bound(const FsColumnSpec *spec, const FsColumnValues *values,
			 uint32 nrows)
{
	return fs_part_bound(spec->kind, fs_shape_nvecs(nrows),
						 spec->kind == FS_KIND_BYTES && values->offs ?
						 values->offs[nrows] - values->offs[0] : 0);
}

/* Sum up the values of a column of integers. */
static void
add_sum(const FsColumnValues *values, uint32 nrows, FsColumnMeta *meta)
{
	uint64		lows = 0;		/* of the lower halves, and of the upper ones */
	int64		highs = 0;
	uint32		i;

	meta->has_sum = nrows >= SUM_ROWS_MIN && meta->kind == FS_KIND_INT &&
		meta->order == FS_ORDER_INT && meta->zone.has_bounds;
	meta->sum_low = 0;
	meta->sum_high = 0;
	if (!meta->has_sum)
		return;
	for (i = 0; i < nrows; i++)
	{
		int64		v = fs_encoder_is_null(values, i) ? 0 : values->ints[i];

		lows += (uint64) v & PG_UINT32_MAX;
		highs += v >> 32;
	}
	meta->sum_low = lows + ((uint64) highs << 32);
	meta->sum_high = (highs >> 32) + (meta->sum_low < lows);
}

/* Encode a column by row. */
static void
encode_column(FsEncoder *encoder, const FsColumnSpec *spec,
			  const FsColumnValues *values, FsColumnMeta *meta)
{
	uint32		start = encoder->out.len;

	fs_place_begin(spec, meta);
	fs_part_encode(encoder, spec, values, meta);
	meta->zone.nrows = encoder->nrows;
	meta->zone.nulls = encoder->nrows - fs_shape_n(&encoder->shape);
	if (meta->encoding == FS_ENC_NULL)
		encoder->out.len = start;
	meta->len = encoder->out.len - start;
	fs_scratch_reset(&encoder->scratch);
}

static void
put_entry(const FsColumnMeta *meta, uint32 off, FsWriter *out)
{
	const FsZone *zone = &meta->zone;

	fs_writer_put_int(out, meta->id, 2);
	fs_writer_put_int(out, meta->kind, 1);
	fs_writer_put_int(out, meta->order, 1);
	fs_writer_put_int(out, meta->width, 1);
	fs_writer_put_int(out, meta->encoding, 1);
	fs_writer_put_int(out, (zone->has_bounds ? BOUNDS_FOUND : 0) |
					  (zone->is_max_cut ? BOUNDS_MAX_CUT : 0) |
					  (meta->has_sum ? BOUNDS_SUM : 0), 1);
	fs_writer_put_int(out, meta->place, 1);
	fs_writer_put_int(out, off, 4);
	fs_writer_put_int(out, meta->len, 4);
	fs_writer_put_int(out, zone->nulls, 4);
	if (!zone->has_bounds)
		return;
	if (meta->kind == FS_KIND_INT)
	{
		fs_writer_put_int(out, zone->imin, 8);
		fs_writer_put_int(out, zone->imax, 8);
		if (meta->has_sum)
		{
			fs_writer_put_int(out, meta->sum_low, 8);
			fs_writer_put_int(out, meta->sum_high, 8);
		}
		return;
	}
	fs_writer_put_int(out, zone->bmin_len, 1);
	fs_writer_put_int(out, zone->bmax_len, 1);
	fs_writer_put(out, zone->bmin, zone->bmin_len);
	fs_writer_put(out, zone->bmax, zone->bmax_len);
}

/* Length of an entry: what put_entry() will write. */
static uint32
entry_len(const FsColumnMeta *meta)
{
	if (!meta->zone.has_bounds)
		return ENTRY_LEN;
	if (meta->kind == FS_KIND_INT)
		return ENTRY_LEN + (meta->has_sum ? 32 : 16);
	return ENTRY_LEN + 2 + meta->zone.bmin_len + meta->zone.bmax_len;
}

/* Columns that were encoded, and the frame after them. */
typedef struct Encoded
{
	const FsColumnMeta *metas;	/* [ncols] */
	uint32		ncols;
	uint32		nrows;
	uint32		frame_len;
	uint8	   *bytes;			/* [len], with room for a head before them */
	uint32		len;
} Encoded;

/* Write the checksums of the pieces of len bytes; gives the byte behind them. */
static const uint8 *
put_checksums(const uint8 *bytes, uint32 len, FsWriter *out)
{
	uint32		done;

	for (done = 0; done < len; done += FS_REGION_PIECE)
	{
		uint32		crc;

		fs_region_sum(bytes + done, Min(len - done, FS_REGION_PIECE), &crc);
		fs_writer_put_int(out, crc, 4);
	}
	return bytes + len;
}

/* Write the head; gives the chunk's first byte, and its length. */
static uint8 *
put_head(const Encoded *in, uint32 *len)
{
	uint32		head_len = FS_CHUNK_PREFIX_LEN + 4 * fs_region_pieces(in->frame_len);
	const uint8 *bytes = in->bytes;
	FsWriter	out;
	uint32		off;
	uint32		i;

	for (i = 0; i < in->ncols; i++)
		head_len += entry_len(&in->metas[i]) + 4 * fs_region_pieces(in->metas[i].len);
	out.bytes = in->bytes - head_len;
	out.len = 0;
	out.cap = head_len;
	out.is_full = false;
	*len = in->len + head_len;
	fs_writer_put_int(&out, FS_CHUNK_MAGIC, 4);
	fs_writer_put_int(&out, FS_FORMAT_VERSION, 4);
	fs_writer_put_int(&out, head_len, 4);
	fs_writer_put_int(&out, *len, 4);
	fs_writer_put_int(&out, in->nrows, 4);
	fs_writer_put_int(&out, in->ncols, 4);
	fs_writer_put_int(&out, 0, 4);
	fs_writer_put_int(&out, in->frame_len, 4);
	off = head_len;
	for (i = 0; i < in->ncols; i++)
	{
		put_entry(&in->metas[i], off, &out);
		off += in->metas[i].len;
	}
	for (i = 0; i < in->ncols; i++)
		bytes = put_checksums(bytes, in->metas[i].len, &out);
	put_checksums(bytes, in->frame_len, &out);
	Assert(!out.is_full && out.len == head_len && off + in->frame_len == *len);
	fs_little_put32(out.bytes + CRC_OFF,
					fs_crc_of_two(out.bytes, CRC_OFF, out.bytes + CRC_END,
								  head_len - CRC_END));
	return out.bytes;
}

/* Bytes that the head of ncols columns takes at most, which take len bytes. */
static uint32
head_bound(uint32 ncols, uint32 len)
{
	return FS_CHUNK_PREFIX_LEN + ncols * ENTRY_LEN_MAX +
		4 * (len / FS_REGION_PIECE + ncols + 1);
}

/* Room for a chunk whose columns take up to `bound` bytes. */
static void
begin(FsEncoder *encoder, uint32 ncols, uint64 bound, FsArena *arena)
{
	uint32		head_max = head_bound(ncols, (uint32) Min(bound, FS_CHUNK_MAX_BYTES));

	encoder->out.len = 0;
	encoder->out.cap = (uint32) Min(bound, FS_CHUNK_MAX_BYTES - head_max);
	encoder->out.is_full = false;
	encoder->out.bytes = (uint8 *) arena->alloc(arena, head_max + encoder->out.cap) + head_max;
	encoder->has_zones = true;
	encoder->is_thorough = false;
	fs_scratch_init(&encoder->scratch, arena);
}

uint8 *
fs_chunk_encode(const FsColumnSpec *specs, const FsColumnValues *values,
				uint32 ncols, uint32 nrows, FsArena *arena, uint32 *len)
{
	FsColumnMeta *metas = arena->alloc(arena, (ncols + 1) * sizeof(FsColumnMeta));
	Encoded		encoded = {metas, ncols, nrows, 0, NULL, 0};
	FsEncoder	encoder;
	FsShape		rows;
	uint64		bound = 0;
	uint8	   *bytes;
	uint32		i;

	Assert(nrows >= 1 && nrows <= FS_CHUNK_MAX_ROWS);
	for (i = 0; i < ncols; i++)
		bound += column_bound(&specs[i], &values[i], nrows);
	begin(&encoder, ncols, bound, arena);
	fs_shape_init(&rows, nrows);
	encoder.nrows = nrows;
	encoder.units = &rows;
	for (i = 0; i < ncols && !encoder.out.is_full; i++)
	{
		FsColumnValues column = values[i];

		Assert(i == 0 || specs[i].id > specs[i - 1].id);
		if (!column.bytes)
			column.bytes = (const uint8 *) "";
		encode_column(&encoder, &specs[i], &column, &metas[i]);
		add_sum(&column, nrows, &metas[i]);
	}
	if (encoder.out.is_full)
		return NULL;
	encoded.bytes = encoder.out.bytes;
	encoded.len = encoder.out.len;
	bytes = put_head(&encoded, len);
#ifdef FS_CHECK_ROUNDTRIP
	{
		FsChunkInput in = {specs, values, ncols, nrows, NULL, NULL};
		FsFault		fault = {"", 0};

		Assert(fs_roundtrip_check(&in, bytes, *len, arena, &fault));
	}
#endif
	return bytes;
}

uint8 *
fs_chunk_encode_clustered(const FsChunkInput *in, FsArena *arena, uint32 *len,
						  FsFault *fault)
{
	FsColumnMeta *metas = arena->alloc(arena, (in->ncols + 1) * sizeof(FsColumnMeta));
	Encoded		encoded = {metas, in->ncols, in->nrows, 0, NULL, 0};
	FsEncoder	encoder;
	uint64		bound = FS_FRAME_BOUND;
	uint8	   *bytes;
	uint32		i;

	Assert(in->nrows >= 1 && in->nrows <= FS_CHUNK_MAX_ROWS);
	for (i = 0; i < in->ncols; i++)
		bound += fs_place_bound(&in->specs[i], &in->values[i], in->nrows);
	begin(&encoder, in->ncols, bound, arena);
	if (!fs_place_encode_all(&encoder, in, metas, &encoded.frame_len, fault))
		return NULL;
	for (i = 0; i < in->ncols; i++)
		add_sum(&in->values[i], in->nrows, &metas[i]);
	encoded.bytes = encoder.out.bytes;
	encoded.len = encoder.out.len;
	bytes = put_head(&encoded, len);
#ifdef FS_CHECK_ROUNDTRIP
	Assert(fs_roundtrip_check(in, bytes, *len, arena, fault));
#endif
	return bytes;
}

bool
fs_chunk_head_len(const uint8 *prefix, uint32 *head_len, uint32 *version,
				  FsFault *fault)
{
	uint32		ncols;
	uint32		total_len;
	uint32		found;

	*version = 0;
	if (fs_little_get32(prefix) != FS_CHUNK_MAGIC)
		return fs_fault_set(fault, 0, "no chunk begins here");
	found = fs_little_get32(prefix + 4);
	if (found <= FS_FORMAT_VERSION_MAX)
		*version = found;		/* else it is damage, not a later release */
	if (found < FS_FORMAT_VERSION_OLDEST || found > FS_FORMAT_VERSION)
		return fs_fault_set(fault, 4, "chunk has format version %u", found);
	*head_len = fs_little_get32(prefix + 8);
	total_len = fs_little_get32(prefix + 12);
	ncols = fs_little_get32(prefix + 20);
	if (total_len > FS_CHUNK_MAX_BYTES || *head_len > total_len)
		return fs_fault_set(fault, 12, "chunk of %u bytes with a head of %u",
							total_len, *head_len);
	if (ncols > PG_UINT16_MAX ||
		*head_len < FS_CHUNK_PREFIX_LEN + ncols * ENTRY_LEN ||
		*head_len > head_bound(ncols, total_len))
		return fs_fault_set(fault, 8, "head of %u bytes for %u columns",
							*head_len, ncols);
	return true;
}

static bool
is_order_of_kind(uint8 kind, uint8 order)
{
	switch (order)
	{
		case FS_ORDER_NONE:
			return kind >= FS_KIND_INT && kind <= FS_KIND_BYTES;
		case FS_ORDER_INT:
		case FS_ORDER_UINT:
		case FS_ORDER_FLOAT4:
		case FS_ORDER_FLOAT8:
			return kind == FS_KIND_INT;
		case FS_ORDER_ADDR:
			return kind == FS_KIND_ADDR;
		case FS_ORDER_BYTES:
		case FS_ORDER_CALLBACK:
			return kind == FS_KIND_BYTES;
		default:
			return false;
	}
}

/* Is the byte for bounds one that suits the column? */
static bool
is_known_bounds(const FsColumnMeta *meta, uint8 bounds)
{
	switch (bounds)
	{
		case 0:
		case BOUNDS_FOUND:
			return true;
		case BOUNDS_FOUND | BOUNDS_MAX_CUT:
			return meta->kind == FS_KIND_BYTES;
		case BOUNDS_FOUND | BOUNDS_SUM:
			return meta->order == FS_ORDER_INT;
		default:
			return false;
	}
}

static void
parse_bounds(FsCursor *cursor, FsColumnMeta *meta)
{
	FsZone	   *zone = &meta->zone;
	const uint8 *min;
	const uint8 *max;

	if (meta->kind == FS_KIND_INT)
	{
		zone->imin = (int64) fs_cursor_get64(cursor);
		zone->imax = (int64) fs_cursor_get64(cursor);
		if (meta->has_sum)
		{
			meta->sum_low = fs_cursor_get64(cursor);
			meta->sum_high = (int64) fs_cursor_get64(cursor);
		}
		return;
	}
	zone->bmin_len = fs_cursor_get8(cursor);
	zone->bmax_len = fs_cursor_get8(cursor);
	if (zone->bmin_len > FS_ZONE_MAX_LEN || zone->bmax_len > FS_ZONE_MAX_LEN ||
		(meta->kind == FS_KIND_ADDR && (zone->bmin_len != 17 || zone->bmax_len != 17)))
	{
		fs_cursor_fail(cursor, "bounds of %d and %d bytes", zone->bmin_len, zone->bmax_len);
		return;
	}
	min = fs_cursor_take(cursor, zone->bmin_len);
	max = fs_cursor_take(cursor, zone->bmax_len);
	if (cursor->failed)
		return;
	memcpy(zone->bmin, min, zone->bmin_len);
	memcpy(zone->bmax, max, zone->bmax_len);
}

static void
parse_entry(FsCursor *cursor, uint32 nrows, FsColumnMeta *meta)
{
	uint8		bounds;

	memset(meta, 0, sizeof(*meta));
	meta->id = fs_cursor_get16(cursor);
	meta->kind = fs_cursor_get8(cursor);
	meta->order = fs_cursor_get8(cursor);
	meta->width = fs_cursor_get8(cursor);
	meta->encoding = fs_cursor_get8(cursor);
	bounds = fs_cursor_get8(cursor);
	meta->place = fs_cursor_get8(cursor);
	meta->off = fs_cursor_get32(cursor);
	meta->len = fs_cursor_get32(cursor);
	meta->zone.nrows = nrows;
	meta->zone.nulls = fs_cursor_get32(cursor);
	meta->zone.has_bounds = (bounds & BOUNDS_FOUND) != 0;
	meta->zone.is_max_cut = (bounds & BOUNDS_MAX_CUT) != 0;
	meta->has_sum = (bounds & BOUNDS_SUM) != 0;
	if (!is_order_of_kind(meta->kind, meta->order))
		fs_cursor_fail(cursor, "order %d of kind %d", meta->order, meta->kind);
	else if (meta->encoding > FS_ENC_LAST)
		fs_cursor_fail(cursor, "unknown encoding %d", meta->encoding);
	else if (meta->place > FS_PLACE_LAST)
		fs_cursor_fail(cursor, "unknown place %d", meta->place);
	else if (!is_known_bounds(meta, bounds))
		fs_cursor_fail(cursor, "byte for bounds is %d", bounds);
	else if (meta->zone.nulls > nrows ||
			 (meta->zone.nulls == nrows && meta->zone.has_bounds))
		fs_cursor_fail(cursor, "%u nulls in %u rows", meta->zone.nulls, nrows);
	else if (meta->zone.has_bounds)
		parse_bounds(cursor, meta);
}

/* The checksums of len bytes. */
static const uint32 *
parse_checksums(FsCursor *cursor, uint32 len, FsArena *arena)
{
	uint32		n = fs_region_pieces(len);
	const uint8 *src = fs_cursor_take(cursor, 4 * (uint64) n);
	uint32	   *crcs;
	uint32		i;

	if (!src)
		return NULL;
	crcs = arena->alloc(arena, n * sizeof(uint32));
	for (i = 0; i < n; i++)
		crcs[i] = fs_little_get32(src + 4 * i);
	return crcs;
}

FsChunkHead *
fs_chunk_head_parse(const uint8 *bytes, uint32 len, FsArena *arena,
					FsFault *fault)
{
	FsChunkHead *head = arena->alloc(arena, sizeof(FsChunkHead));
	FsCursor	cursor;
	uint32		off = len;
	uint32		i;

	fs_cursor_init(&cursor, bytes, len, fault);
	if (!fs_cursor_take(&cursor, FS_CHUNK_PREFIX_LEN) ||
		!fs_chunk_head_len(bytes, &head->head_len, &head->version, fault))
		return NULL;
	head->total_len = fs_little_get32(bytes + 12);
	head->nrows = fs_little_get32(bytes + 16);
	head->ncols = fs_little_get32(bytes + 20);
	if (head->head_len != len)
		fs_cursor_fail(&cursor, "head of %u bytes, not %u", len, head->head_len);
	else if (!fs_crc_is_right(fs_crc_of_two(bytes, CRC_OFF, bytes + CRC_END, len - CRC_END),
							  fs_little_get32(bytes + CRC_OFF)))
		fs_cursor_fail(&cursor, "checksum of the head is wrong");
	else if (head->nrows == 0 || head->nrows > FS_CHUNK_MAX_ROWS)
		fs_cursor_fail(&cursor, "chunk of %u rows", head->nrows);
	else if (fs_little_get32(bytes + CRC_END) > head->total_len - len)
		fs_cursor_fail(&cursor, "frame of %u bytes", fs_little_get32(bytes + CRC_END));
	if (cursor.failed)
		return NULL;
	head->frame_len = fs_little_get32(bytes + CRC_END);
	head->cols = arena->alloc(arena, (head->ncols + 1) * sizeof(FsColumnMeta));
	for (i = 0; i < head->ncols && !cursor.failed; i++)
	{
		FsColumnMeta *meta = &head->cols[i];

		parse_entry(&cursor, head->nrows, meta);
		if (meta->id <= (i > 0 ? head->cols[i - 1].id : 0))
			fs_cursor_fail(&cursor, "columns do not ascend");
		if (meta->off != off || meta->len > head->total_len - head->frame_len - off)
			fs_cursor_fail(&cursor, "column of %u bytes at %u", meta->len, meta->off);
		off += meta->len;
	}
	for (i = 0; i < head->ncols && !cursor.failed; i++)
		head->cols[i].crcs = parse_checksums(&cursor, head->cols[i].len, arena);
	head->frame_crcs = parse_checksums(&cursor, head->frame_len, arena);
	if (!cursor.failed && off != head->total_len - head->frame_len)
		fs_cursor_fail(&cursor, "columns end at %u of %u", off,
					   head->total_len - head->frame_len);
	return fs_cursor_finish(&cursor) ? head : NULL;
}

const FsColumnMeta *
fs_chunk_column(const FsChunkHead *head, uint16 id)
{
	uint32		low = 0;
	uint32		high = head->ncols;

	while (low < high)
	{
		uint32		mid = (low + high) / 2;

		if (head->cols[mid].id == id)
			return &head->cols[mid];
		if (head->cols[mid].id < id)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}
