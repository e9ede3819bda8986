/*-------------------------------------------------------------------------
 *
 * Columns of kind FS_KIND_BYTES.
 *
 *	   size  FS_ENC_CONSTANT	FS_ENC_DICT				FS_ENC_PLAIN
 *	      4  -					D: entries, 2 .. n		-
 *	      .  list of 1 value	list of D values		list of all n values
 *	      .  -					sequence of n codes		-
 *
 * Lists are those of blocks.c.  A dictionary is in order of first sight.
 * PLAIN is for columns where more than half of the values are distinct.
 *
 *	  "dns" "http" "dns" "dns"
 *		->  02 00 00 00  02 01 01 03 02  01 00  01 00 07 00 00 00
 *			64 6e 73 68 74 74 70  02 00 01 02
 *
 * Vectors have no bounds of their own, the column's hold for each.
 * Invalid: D out of range; a code >= D.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/bytemap.h"
#include "format/bytes.h"
#include "format/enc.h"

typedef struct Bytes
{
	const uint8 *bytes;
	uint32		len;
} Bytes;

static inline Bytes
value_at(const FsColumnValues *values, uint32 row)
{
	Bytes		value;

	value.bytes = values->bytes + values->offs[row];
	value.len = values->offs[row + 1] - values->offs[row];
	return value;
}

static inline Bytes
entry_at(const FsColumnValues *values, const FsByteEntry *entry)
{
	Bytes		value = {values->bytes + entry->off, entry->len};

	return value;
}

static int
compare(const FsColumnSpec *spec, Bytes a, Bytes b)
{
	uint32		len = Min(a.len, b.len);
	int			result;

	if (spec->order == FS_ORDER_CALLBACK)
		return spec->cmp(a.bytes, a.len, b.bytes, b.len, spec->cmp_arg);
	result = len > 0 ? memcmp(a.bytes, b.bytes, len) : 0;
	if (result != 0)
		return result;
	return a.len < b.len ? -1 : a.len > b.len;
}

/* Widen *min and *max so that they hold the value. */
static void
widen(const FsColumnSpec *spec, Bytes value, Bytes *min, Bytes *max)
{
	if (!min->bytes)
		*min = *max = value;
	else if (compare(spec, value, *min) < 0)
		*min = value;
	else if (compare(spec, value, *max) > 0)
		*max = value;
}

static void
set_bounds(const FsColumnSpec *spec, Bytes min, Bytes max, FsZone *zone)
{
	if (spec->order == FS_ORDER_CALLBACK &&
		Max(min.len, max.len) > FS_ZONE_MAX_LEN)
		return;
	zone->has_bounds = true;
	zone->is_max_cut = max.len > FS_ZONE_MAX_LEN;
	zone->bmin_len = Min(min.len, FS_ZONE_MAX_LEN);
	zone->bmax_len = Min(max.len, FS_ZONE_MAX_LEN);
	memcpy(zone->bmin, min.bytes, zone->bmin_len);
	memcpy(zone->bmax, max.bytes, zone->bmax_len);
}

/* The column's bounds, from its distinct values if there is a dictionary. */
static void
find_bounds(FsEncoder *encoder, const FsColumnSpec *spec,
			const FsColumnValues *values, const FsByteMap *map, FsZone *zone)
{
	Bytes		min = {NULL, 0};
	Bytes		max = {NULL, 0};
	uint32		i;

	if (spec->order != FS_ORDER_BYTES && spec->order != FS_ORDER_CALLBACK)
		return;
	if (map)
		for (i = 0; i < map->count; i++)
			widen(spec, entry_at(values, &map->entries[i]), &min, &max);
	else
		for (i = 0; i < encoder->nrows; i++)
			if (!fs_encoder_is_null(values, i))
				widen(spec, value_at(values, i), &min, &max);
	set_bounds(spec, min, max, zone);
}

void
fs_bytes_set_bounds(const FsColumnSpec *spec, const uint8 *const *ptrs,
					const uint32 *lens, uint32 n, FsZone *zone)
{
	Bytes		min = {NULL, 0};
	Bytes		max = {NULL, 0};
	uint32		i;

	for (i = 0; i < n; i++)
	{
		Bytes		value = {lens[i] > 0 ? ptrs[i] : (const uint8 *) "", lens[i]};

		widen(spec, value, &min, &max);
	}
	set_bounds(spec, min, max, zone);
}

static void
encode_dict(FsEncoder *encoder, const FsColumnValues *values,
			const FsByteMap *map)
{
	FsScratch  *scratch = &encoder->scratch;
	FsShape    *shape = fs_scratch_alloc(scratch, sizeof(FsShape));
	uint64	   *lens = fs_scratch_alloc(scratch, map->count * sizeof(uint64));
	uint64		sum = 0;
	uint8	   *bytes;
	uint32		i;

	for (i = 0; i < map->count; i++)
	{
		lens[i] = map->entries[i].len;
		sum += lens[i];
	}
	if (sum > FS_CHUNK_MAX_BYTES)
	{
		encoder->out.is_full = true;
		return;
	}
	bytes = fs_scratch_alloc(scratch, sum + 1);
	sum = 0;
	for (i = 0; i < map->count; i++)
	{
		if (lens[i] > 0)
			memcpy(bytes + sum, values->bytes + map->entries[i].off, lens[i]);
		sum += lens[i];
	}
	fs_shape_init(shape, map->count);
	if (map->count > 1)
		fs_writer_put_int(&encoder->out, map->count, 4);
	fs_blocks_encode(bytes, lens, shape, scratch, &encoder->out);
	if (map->count > 1)
	{
		FsSeqInput	in = {map->codes, 0, &encoder->shape, NULL, true, false};

		fs_seq_encode(&in, scratch, &encoder->out);
	}
}

/* Values side by side: where they are, if nothing lies under nulls. */
static const uint8 *
gather(FsEncoder *encoder, const FsColumnValues *values, const uint64 *lens,
	   uint64 sum)
{
	uint32		nrows = encoder->nrows;
	uint64		at = 0;
	uint8	   *bytes;
	uint32		count = 0;
	uint32		i;

	if (sum == values->offs[nrows] - values->offs[0])
		return values->bytes + values->offs[0];
	bytes = fs_scratch_alloc(&encoder->scratch, sum + 1);
	for (i = 0; i < nrows; i++)
	{
		if (fs_encoder_is_null(values, i))
			continue;
		if (lens[count] > 0)
			memcpy(bytes + at, values->bytes + values->offs[i], lens[count]);
		at += lens[count++];
	}
	return bytes;
}

static void
encode_plain(FsEncoder *encoder, const FsColumnValues *values)
{
	uint64	   *lens = fs_scratch_alloc(&encoder->scratch, encoder->nrows * sizeof(uint64));
	uint64		sum = 0;
	uint32		count = 0;
	uint32		i;

	for (i = 0; i < encoder->nrows; i++)
	{
		if (fs_encoder_is_null(values, i))
			continue;
		lens[count] = value_at(values, i).len;
		sum += lens[count++];
	}
	if (sum > FS_CHUNK_MAX_BYTES)
	{
		encoder->out.is_full = true;
		return;
	}
	fs_blocks_encode(gather(encoder, values, lens, sum), lens,
					 &encoder->shape, &encoder->scratch, &encoder->out);
}

void
fs_bytes_encode(FsEncoder *encoder, const FsColumnSpec *spec,
				const FsColumnValues *values, FsColumnMeta *meta)
{
	FsByteMap	map;
	bool		has_dict = fs_bytemap_build(encoder, values, &map);

	find_bounds(encoder, spec, values, has_dict ? &map : NULL, &meta->zone);
	if (!has_dict)
	{
		meta->encoding = FS_ENC_PLAIN;
		encode_plain(encoder, values);
		return;
	}
	meta->encoding = map.count == 1 ? FS_ENC_CONSTANT : FS_ENC_DICT;
	encode_dict(encoder, values, &map);
}

bool
fs_bytes_open(FsCursor *cursor, const FsColumnMeta *meta,
			  const FsShape *shape, FsArena *arena, FsBytes *column)
{
	column->encoding = meta->encoding;
	column->count = 0;
	column->ptrs = NULL;
	column->lens = NULL;
	if (meta->encoding == FS_ENC_PLAIN)
		return fs_blocks_open(cursor, shape, arena, &column->blocks);
	if (meta->encoding != FS_ENC_CONSTANT && meta->encoding != FS_ENC_DICT)
		return fs_cursor_fail(cursor, "encoding %d of bytes", meta->encoding);
	column->count = 1;
	if (meta->encoding == FS_ENC_DICT)
	{
		column->count = fs_cursor_get32(cursor);
		if (column->count < 2 || column->count > fs_shape_n(shape))
			return fs_cursor_fail(cursor, "dictionary of %u entries for %u values",
								  column->count, fs_shape_n(shape));
	}
	fs_shape_init(&column->dict_shape, column->count);
	if (!fs_blocks_open(cursor, &column->dict_shape, arena, &column->blocks))
		return false;
	if (meta->encoding == FS_ENC_CONSTANT)
		return true;
	return fs_seq_open(cursor, shape, arena, &column->codes);
}

bool
fs_bytes_load_dict(FsBytes *column, FsFault *fault)
{
	FsArena    *arena = column->blocks.arena;
	const uint8 **ptrs;
	uint32	   *lens;

	if (column->ptrs)
		return true;
	ptrs = arena->alloc(arena, column->count * sizeof(uint8 *));
	lens = arena->alloc(arena, column->count * sizeof(uint32));
	if (!fs_blocks_read_all(&column->blocks, ptrs, lens, fault))
		return false;
	column->ptrs = ptrs;
	column->lens = lens;
	return true;
}
