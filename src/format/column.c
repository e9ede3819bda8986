/*-------------------------------------------------------------------------
 *
 * A column of a chunk: reading it.
 *
 * A column of which every row is null has encoding FS_ENC_NULL and no bytes.
 * Otherwise its bytes are, without gaps,
 *
 *	  in all			if its encoding is FS_ENC_DOMAIN: the dictionary and the
 *						bounds of vectors as codes (coded.c)
 *	  ROWS, SHARED		a part of rows, or of conversations; bounds of vectors
 *						are in the part
 *	  PAIRED			bounds of vectors (ints.c), a part of conversations, a
 *						part of differences of second rows
 *	  SWAPPED			bounds of vectors (ints.c), the other column's id (2
 *						bytes), a turn (1 byte, 0: none), a part of
 *						conversations
 *	  FUNCTION			bounds of vectors (ints.c), what function.c says
 *
 * PAIRED: a second row is the first plus its difference; both are null, or
 * neither, and null ones have no difference.  SWAPPED: a conversation's first
 * row has the part's value, its second row the other column's; the reverse
 * where the turn's flag is set.  Invalid: what the parts make invalid; two
 * SWAPPED columns that do not name each other, or not the same turn.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/enc.h"
#include "format/kernel.h"
#include "format/reader.h"

static bool
open_head(FsCursor *cursor, FsColumnReader *reader)
{
	const FsColumnMeta *meta = &reader->meta;
	bool		is_row = meta->place == FS_PLACE_ROWS || meta->place == FS_PLACE_SHARED;

	reader->is_coded = meta->encoding == FS_ENC_DOMAIN;
	if (reader->is_coded)
	{
		if (meta->kind == FS_KIND_INT || meta->place == FS_PLACE_PAIRED)
			return fs_cursor_fail(cursor, "codes of kind %d", meta->kind);
		if (!fs_coded_open(cursor, reader->arena, &reader->coded))
			return false;
		reader->has_own_dict = reader->coded.domain != FS_DOMAIN_NONE;
		if (!reader->has_own_dict)
		{
			if (meta->place != FS_PLACE_SWAPPED)
				return fs_cursor_fail(cursor, "no dictionary");
			reader->coded.count = FS_CODED_MAX; /* until it is linked */
		}
		reader->has_zones = reader->rows.nvecs > 1;
		return !reader->has_zones ||
			fs_coded_open_zones(cursor, reader->rows.nvecs,
								reader->coded.count, &reader->code_zones);
	}
	if (is_row)
		return true;
	if (meta->kind != FS_KIND_INT)
		return fs_cursor_fail(cursor, "place %d of kind %d", meta->place, meta->kind);
	reader->has_zones = meta->zone.has_bounds && reader->rows.nvecs > 1;
	return !reader->has_zones ||
		fs_ints_open_zones(cursor, meta, reader->rows.nvecs, &reader->int_zones);
}

/* The differences of a PAIRED column; its first rows are opened. */
static bool
open_seconds(FsCursor *cursor, FsColumnReader *reader, FsPartInput *in)
{
	FsFrame    *frame = reader->frame;
	FsShape    *units = &reader->second_units;
	uint64		seconds[FS_FLAGS_WORDS];
	uint64		is_null[FS_FLAGS_WORDS];
	uint32		v;
	uint32		i;

	*units = frame->seconds;
	for (v = 0; reader->part.nulls.is_any && v < units->nvecs; v++)
	{
		uint32		count = 0;

		fs_flags_bits(&frame->has_second, v, seconds);
		fs_flags_bits(&reader->part.nulls, v, is_null);
		for (i = 0; i < FS_FLAGS_WORDS; i++)
			count += __builtin_popcountll(seconds[i] & ~is_null[i]);
		units->start[v + 1] = units->start[v] + count;
	}
	in->units = units;
	return fs_part_open(cursor, in, &reader->seconds) &&
		(fs_shape_n(&reader->seconds.nulls.unset) == fs_shape_n(units) ||
		 fs_cursor_fail(cursor, "a difference is null"));
}

static bool
open_sections(FsCursor *cursor, const FsReaderInput *in, FsColumnReader *reader)
{
	FsColumnMeta meta = *in->meta;
	uint8		place = meta.place;
	FsPartInput part = {&meta, &reader->rows, false, 0, in->arena};

	if (place > FS_PLACE_LAST)
		return fs_cursor_fail(cursor, "unknown place %d", place);
	if (!in->frame && place != FS_PLACE_ROWS && place != FS_PLACE_FUNCTION)
		return fs_cursor_fail(cursor, "place %d without a frame", place);
	if (!open_head(cursor, reader))
		return false;
	part.is_coded = reader->is_coded;
	part.dict_n = reader->coded.count;
	if (place != FS_PLACE_ROWS && place != FS_PLACE_SHARED)
		meta.zone.has_bounds = false;	/* they have been read */
	if (place == FS_PLACE_FUNCTION)
		return fs_function_open(cursor, in, reader);
	if (place != FS_PLACE_ROWS)
		part.units = &in->frame->convs;
	if (place == FS_PLACE_SWAPPED)
	{
		reader->partner_id = fs_cursor_get16(cursor);
		reader->turn = fs_cursor_get8(cursor);
		if (reader->turn > in->frame->nturns)
			return fs_cursor_fail(cursor, "turn %d of %u", reader->turn, in->frame->nturns);
	}
	if (cursor->failed || !fs_part_open(cursor, &part, &reader->part))
		return false;
	if (!reader->is_coded && place != FS_PLACE_SWAPPED && reader->part.form != meta.encoding)
		return fs_cursor_fail(cursor, "form %d in a column of encoding %d",
							  reader->part.form, meta.encoding);
	meta.order = FS_ORDER_INT;
	return place != FS_PLACE_PAIRED || open_seconds(cursor, reader, &part);
}

FsColumnReader *
fs_reader_parse(const FsReaderInput *in, FsFault *fault)
{
	FsColumnReader *reader = in->arena->alloc(in->arena, sizeof(FsColumnReader));
	const FsColumnMeta *meta = in->meta;
	FsPartInput part = {meta, &reader->rows, false, 0, in->arena};
	FsCursor	cursor;

	memset(reader, 0, sizeof(*reader));
	reader->meta = *meta;
	reader->arena = in->arena;
	reader->frame = in->frame;
	reader->domains = in->domains;
	reader->loaded_key = -1;
	reader->zone_vector = -1;
	fs_cursor_init_region(&cursor, in->region, fault);
	if (in->nrows == 0 || in->nrows > FS_CHUNK_MAX_ROWS || meta->zone.nulls > in->nrows)
		fs_cursor_fail(&cursor, "column of %u rows", in->nrows);
	else if (in->region->len != meta->len)
		fs_cursor_fail(&cursor, "column of %u bytes, not %u", in->region->len, meta->len);
	else if ((meta->encoding == FS_ENC_NULL) != (meta->zone.nulls == in->nrows))
		fs_cursor_fail(&cursor, "encoding %d with %u nulls", meta->encoding, meta->zone.nulls);
	else if (meta->encoding == FS_ENC_NULL && meta->place != FS_PLACE_ROWS)
		fs_cursor_fail(&cursor, "null column of place %d", meta->place);
	if (cursor.failed)
		return NULL;
	fs_shape_init(&reader->rows, in->nrows);
	if (meta->encoding == FS_ENC_NULL)
		fs_part_open_null(&part, &reader->part);
	else if (!open_sections(&cursor, in, reader))
		return NULL;
	return fs_cursor_finish(&cursor) ? reader : NULL;
}

/* What two SWAPPED columns must agree in; one has the dictionary of both. */
static bool
link_partner(FsColumnReader *reader, FsFault *fault)
{
	FsColumnReader *partner = reader->partner;
	uint32		v;

	if (partner->meta.place != FS_PLACE_SWAPPED || partner->partner_id != reader->meta.id ||
		partner->turn != reader->turn || partner->meta.kind != reader->meta.kind ||
		partner->is_coded != reader->is_coded ||
		partner->meta.id == reader->meta.id)
		return fs_fault_set(fault, 0, "column %d does not swap", partner->meta.id);
	if (!reader->is_coded)
		return true;
	if (reader->has_own_dict == partner->has_own_dict)
		return fs_fault_set(fault, 0, "dictionary of two columns");
	if (!reader->has_own_dict)
		reader->coded = partner->coded;
	reader->part.dict_n = partner->part.dict_n = reader->coded.count;
	for (v = 0; reader->has_zones && v < reader->rows.nvecs; v++)
		if (reader->code_zones.maxs[v] >= reader->coded.count)
			return fs_fault_set(fault, 0, "bounds of vector %u are no codes", v);
	return true;
}

/* Rows of vector v that are null, of columns by conversation. */
FS_COUNT_KERNEL static uint32
count_nulls(const FsColumnReader *reader, uint32 v, const FsFlags *mine,
			const FsFlags *others)
{
	const FsFrame *frame = reader->frame;
	uint64		seconds[FS_FLAGS_WORDS];
	uint64		turn[FS_FLAGS_WORDS] = {0};
	uint64		first[FS_FLAGS_WORDS];
	uint64		second[FS_FLAGS_WORDS];
	uint32		count = 0;
	uint32		i;

	fs_flags_bits(&frame->has_second, v, seconds);
	fs_flags_bits(mine, v, first);
	fs_flags_bits(others, v, second);
	if (reader->turn > 0)
		fs_flags_bits(&frame->turns[reader->turn - 1], v, turn);
	for (i = 0; i < FS_FLAGS_WORDS; i++)
	{
		uint64		change = (first[i] ^ second[i]) & turn[i];

		count += __builtin_popcountll(first[i] ^ change) +
			__builtin_popcountll((second[i] ^ change) & seconds[i]);
	}
	return count;
}

/* Count the rows of each vector that are not null. */
static void
count_values(FsColumnReader *reader)
{
	const FsFlags *mine = reader->function ? &reader->function->nulls : &reader->part.nulls;
	const FsFlags *others = reader->partner ? &reader->partner->part.nulls : mine;
	FsShape    *values = &reader->values;
	uint32		v;

	if (mine->units == &reader->rows)
	{
		*values = mine->unset;
		return;
	}
	*values = reader->rows;
	for (v = 0; (mine->is_any || others->is_any) && v < reader->rows.nvecs; v++)
	{
		values->start[v + 1] = values->start[v] + fs_shape_count(&reader->rows, v);
		if (!fs_flags_is_clear(mine, v) || !fs_flags_is_clear(others, v))
			values->start[v + 1] -= count_nulls(reader, v, mine, others);
	}
}

bool
fs_reader_link(FsColumnReader *reader, FsFault *fault)
{
	if (reader->partner && !link_partner(reader, fault))
		return false;
	if (reader->function && !fs_function_link(reader, fault))
		return false;
	count_values(reader);
	if (fs_shape_n(&reader->values) + reader->meta.zone.nulls != fs_shape_n(&reader->rows))
		return fs_fault_set(fault, 0, "%u nulls, the chunk's head says %u",
							fs_shape_n(&reader->rows) - fs_shape_n(&reader->values),
							reader->meta.zone.nulls);
	return true;
}

FsColumnReader *
fs_column_open(const FsColumnMeta *meta, uint32 nrows, const uint8 *bytes,
			   uint32 len, FsArena *arena, FsFault *fault)
{
	FsRegion   *region = arena->alloc(arena, sizeof(FsRegion));
	FsReaderInput in = {meta, nrows, region, NULL, NULL, arena};
	FsColumnReader *reader;

	if (meta->place != FS_PLACE_ROWS || meta->encoding == FS_ENC_DOMAIN)
	{
		fs_fault_set(fault, 0, "the column needs others of its chunk");
		return NULL;
	}
	fs_region_init(bytes, len, meta->crcs, arena, region);
	reader = fs_reader_parse(&in, fault);
	return reader && fs_reader_link(reader, fault) ? reader : NULL;
}

void
fs_reader_share(FsColumnReader *reader)
{
	if (!reader->is_shared)
		fs_part_detach(&reader->part);
	reader->is_shared = true;
}

void
fs_reader_rebind(FsColumnReader *reader, FsDomainSource *domains)
{
	reader->domains = domains;
	reader->picked = 0;
	reader->zone_vector = -1;
	reader->dict_addrs = NULL;
	reader->dict_ptrs = NULL;
	reader->dict_lens = NULL;
	if (reader->function && !reader->function->has_table)
		reader->function->is_loaded = false;
}

/* Whether a conversation's rows are known to have one value, that of first. */
static bool
is_constant(const FsColumnReader *reader, const FsVector *first,
			const FsVector *second)
{
	if (!first->is_constant)
		return false;
	if (reader->meta.place == FS_PLACE_PAIRED)
		return second->nrows == 0 || (second->is_constant && second->ints[0] == 0);
	return second == first ||
		(second->is_constant &&
		 (first->ints ? first->ints[0] == second->ints[0] : first->codes[0] == second->codes[0]));
}

/*
 * Whether few rows of a column by conversation can be had alone: the differences
 * of second rows are found if none of them is missing.
 */
static bool
is_read_few(const FsColumnReader *reader, uint32 v)
{
	switch (reader->meta.place)
	{
		case FS_PLACE_SHARED:
		case FS_PLACE_SWAPPED:
			return true;
		case FS_PLACE_PAIRED:
			return fs_flags_is_clear(&reader->part.nulls, v);
		case FS_PLACE_FUNCTION:
			return reader->function->is_by_conv;
		default:
			return false;
	}
}

/* Rows of vector v, in arrays of the room, the part or the function. */
static bool
read_rows(FsColumnReader *reader, uint32 v, const FsFewRows *few,
		  FsVectorRoom *room, FsVector *out, FsFault *fault)
{
	uint8		place = reader->meta.place;
	uint32		nrows = fs_shape_count(&reader->rows, v);
	const FsVector *first;
	const FsVector *second;

	if (few && is_read_few(reader, v))
		return fs_few_read(reader, v, few, room, out, fault);
	if (reader->function)
	{
		if (!fs_function_read(reader, v, few, fault))
			return false;
		first = &reader->units;
	}
	else if (few ? !fs_part_read_units(&reader->part, v, few->rows, few->n, &first, fault) :
			 !fs_part_read(&reader->part, v, &first, fault))
		return false;
	second = first;
	if (place == FS_PLACE_PAIRED && !fs_part_read(&reader->seconds, v, &second, fault))
		return false;
	if (place == FS_PLACE_SWAPPED && !fs_part_read(&reader->partner->part, v, &second, fault))
		return false;
	if (is_constant(reader, first, second))
		fs_expand_constant(reader, first, nrows, room, out);
	else if (first->nrows == nrows && place != FS_PLACE_SWAPPED)
	{
		/* units are rows */
		if (reader->is_shared)
			fs_expand_copy(reader, first, room, out);
		else
			*out = *first;
	}
	else if (place == FS_PLACE_PAIRED)
		fs_expand_paired(reader, v, first, second, room, out);
	else
		fs_expand_rows(reader, v, first, second, room, out);
	return true;
}

bool
fs_reader_key(FsColumnReader *key, uint32 v, const FsVector **rows,
			  FsFault *fault)
{
	*rows = &key->key;
	if (key->loaded_key == (int64) v)
		return true;
	key->loaded_key = -1;
	if (!read_rows(key, v, NULL, &key->key_room, &key->key, fault))
		return false;
	key->loaded_key = v;
	return true;
}

bool
fs_column_read(FsColumnReader *reader, uint32 v, FsVector *out,
			   FsFault *fault)
{
	if (v >= reader->rows.nvecs)
		return fs_fault_set(fault, 0, "vector %u of %u", v, reader->rows.nvecs);
	return read_rows(reader, v, NULL, &reader->out_room, out, fault);
}

bool
fs_column_read_rows(FsColumnReader *reader, uint32 v, const uint16 *rows,
					uint32 n, FsVector *out, FsFault *fault)
{
	FsFewRows	few = {rows, n};

	if (v >= reader->rows.nvecs || (n > 0 && rows[n - 1] >= fs_shape_count(&reader->rows, v)))
		return fs_fault_set(fault, 0, "rows of vector %u of %u", v, reader->rows.nvecs);
	return read_rows(reader, v, n <= FS_FEW_MAX ? &few : NULL, &reader->out_room, out, fault);
}

/* Narrow the column's bounds to the vector's, if the domain can give them. */
static void
code_zone(FsColumnReader *reader, uint32 v, FsZone *zone)
{
	uint32		low = reader->code_zones.mins[v];
	uint32		high = reader->code_zones.maxs[v];
	uint32		codes[2] = {reader->coded.codes[low], reader->coded.codes[high]};
	uint32		n = low < high ? 2 : 1;
	FsDomainSource *domains = reader->domains;
	FsFault		fault;

	if (!domains || reader->meta.order == FS_ORDER_CALLBACK)
		return;
	if (reader->zone_vector == (int64) v)
	{
		*zone = reader->zone;
		return;
	}
	if (reader->meta.kind == FS_KIND_ADDR)
	{
		FsAddr		addrs[2];

		if (domains->addrs(domains, reader->coded.domain, codes, n, addrs, &fault))
			fs_addrs_set_bounds(addrs, n, zone);
	}
	else
	{
		FsColumnSpec spec = {reader->meta.id, FS_KIND_BYTES, FS_ORDER_BYTES};
		const uint8 *ptrs[2];
		uint32		lens[2];

		if (domains->bytes(domains, reader->coded.domain, codes, n, ptrs, lens, &fault))
			fs_bytes_set_bounds(&spec, ptrs, lens, n, zone);
	}
	reader->zone_vector = v;
	reader->zone = *zone;
}

void
fs_column_zone(FsColumnReader *reader, uint32 v, FsZone *zone)
{
	const FsPart *part = &reader->part;

	*zone = reader->meta.zone;
	zone->nrows = fs_shape_count(&reader->rows, v);
	zone->nulls = zone->nrows - fs_shape_count(&reader->values, v);
	if (zone->nulls == zone->nrows)
		zone->has_bounds = false;
	if (!zone->has_bounds)
		return;
	if (reader->is_coded && reader->has_zones)
		code_zone(reader, v, zone);
	else if (reader->meta.kind == FS_KIND_INT && (reader->has_zones || part->of.ints.has_zones))
	{
		const FsIntZones *zones = reader->has_zones ? &reader->int_zones : &part->of.ints.zones;

		zone->imin = (int64) zones->mins[v];
		zone->imax = (int64) zones->maxs[v];
	}
	else if (!reader->is_coded && reader->meta.kind == FS_KIND_ADDR &&
			 part->of.addrs.has_zones)
	{
		FsAddr		min;
		FsAddr		max;

		fs_addrs_zone(&part->of.addrs, v, &min, &max);
		fs_addr_zone_key(&min, zone->bmin);
		fs_addr_zone_key(&max, zone->bmax);
	}
}

uint16
fs_column_domain(const FsColumnReader *reader, uint32 *n, const uint32 **codes)
{
	*n = reader->coded.count;
	*codes = reader->coded.codes;
	return reader->coded.domain;
}
