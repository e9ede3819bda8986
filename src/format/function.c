/*-------------------------------------------------------------------------
 *
 * Columns that are a function of another column, but for exceptions.
 *
 *	   size  meaning
 *	      1  units: 0 rows, 1 conversations
 *	      2  id of the key, a column with a dictionary
 *	      1  turn, 0: none
 *	      1  another turn, 0: none
 *	      1  source: 0 table, 1 attribute of the key's domain
 *	      2  number of the attribute					source 1
 *	      4  N: entries of the key's dictionary			source 0
 *	      .  part of N values							source 0
 *	      .  flags by unit: it is null (flags.c)
 *	      .  flags by unit that is not null: it is an exception
 *	      .  part of the exceptions
 *
 * By row the key is the key's value in that row.  By conversation it is the
 * value stored for it; if the key is SWAPPED and exactly one of the two turns
 * is set, the one stored in the other column.
 *
 * A key of kind INT, by conversation only, is a part without nulls whose
 * sequence has a dictionary; there is no turn then.
 *
 * Invalid: a key that is a function itself, has no dictionary, or, by
 * conversation, is neither SHARED nor SWAPPED; turns that the frame does not
 * have; a unit whose key is null, or null in the table, and that is no
 * exception.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/kernel.h"
#include "format/reader.h"

#define SOURCE_TABLE		0
#define SOURCE_ATTRIBUTE	1

static FsPartInput
part_input(FsColumnReader *reader, const FsShape *units)
{
	FsPartInput in = {&reader->function->meta, units, reader->is_coded,
	reader->coded.count, reader->arena};

	return in;
}

static bool
open_head(FsCursor *cursor, FsColumnReader *reader, FsFunction *function)
{
	uint32		nturns = reader->frame ? reader->frame->nturns : 0;
	uint8		space = fs_cursor_get8(cursor);
	uint8		source;

	function->is_by_conv = space == 1;
	function->key_id = fs_cursor_get16(cursor);
	function->turns[0] = fs_cursor_get8(cursor);
	function->turns[1] = fs_cursor_get8(cursor);
	source = fs_cursor_get8(cursor);
	if (space > 1 || (space == 1 && !reader->frame))
		return fs_cursor_fail(cursor, "function of units %d", space);
	if (function->turns[0] > nturns || function->turns[1] > nturns ||
		(space == 0 && (function->turns[0] > 0 || function->turns[1] > 0)))
		return fs_cursor_fail(cursor, "turn %d of %u",
							  Max(function->turns[0], function->turns[1]), nturns);
	if (source > SOURCE_ATTRIBUTE ||
		(source == SOURCE_ATTRIBUTE && reader->meta.kind != FS_KIND_INT))
		return fs_cursor_fail(cursor, "unknown source %d of a function", source);
	function->has_table = source == SOURCE_TABLE;
	if (!function->has_table)
		function->attribute = fs_cursor_get16(cursor);
	else
		function->count = fs_cursor_get32(cursor);
	return !cursor->failed;
}

static bool
open_table(FsCursor *cursor, FsColumnReader *reader, FsFunction *function)
{
	FsPartInput in = part_input(reader, &function->table_shape);

	if (function->count == 0 || function->count > FS_CODED_MAX)
		return fs_cursor_fail(cursor, "table of %u entries", function->count);
	fs_shape_init(&function->table_shape, function->count);
	return fs_part_open(cursor, &in, &function->table);
}

bool
fs_function_open(FsCursor *cursor, const FsReaderInput *in,
				 FsColumnReader *reader)
{
	FsFunction *function = in->arena->alloc(in->arena, sizeof(FsFunction));
	const FsShape *units;
	FsPartInput part;
	uint32		v;

	memset(function, 0, sizeof(*function));
	function->meta = reader->meta;
	function->meta.zone.has_bounds = false;
	reader->function = function;
	if (!open_head(cursor, reader, function) ||
		(function->has_table && !open_table(cursor, reader, function)))
		return false;
	units = function->is_by_conv ? &reader->frame->convs : &reader->rows;
	if (!fs_flags_open(cursor, units, &function->nulls) ||
		!fs_flags_open(cursor, &function->nulls.unset, &function->misses))
		return false;
	function->nmisses.nvecs = units->nvecs;
	function->nmisses.start[0] = 0;
	for (v = 0; v < units->nvecs; v++)
		function->nmisses.start[v + 1] = function->nmisses.start[v] +
			fs_shape_count(&function->nulls.unset, v) -
			fs_shape_count(&function->misses.unset, v);
	part = part_input(reader, &function->nmisses);
	return fs_part_open(cursor, &part, &reader->part) &&
		(fs_shape_n(&reader->part.nulls.unset) == fs_shape_n(&function->nmisses) ||
		 fs_cursor_fail(cursor, "an exception is null"));
}

/* Codes that the key has: of its dictionary, or of an INT's sequence. */
static uint32
key_count(const FsColumnReader *key)
{
	if (key->meta.kind != FS_KIND_INT)
		return key->part.dict_n;
	return key->part.is_empty || key->part.nulls.is_any ? 0 :
		fs_seq_dict_count(&key->part.of.ints.seq);
}

bool
fs_function_link(FsColumnReader *reader, FsFault *fault)
{
	FsFunction *function = reader->function;
	FsColumnReader *key = function->key;
	bool		is_swapped = key->meta.place == FS_PLACE_SWAPPED;
	bool		is_int = key->meta.kind == FS_KIND_INT;

	if (key->meta.place == FS_PLACE_FUNCTION || key_count(key) == 0 ||
		(is_int && !function->is_by_conv) ||
		(function->is_by_conv && !is_swapped && key->meta.place != FS_PLACE_SHARED) ||
		((!is_swapped || is_int) && (function->turns[0] > 0 || function->turns[1] > 0)))
		return fs_fault_set(fault, 0, "column %d is no key", function->key_id);
	if (function->has_table && function->count != key_count(key))
		return fs_fault_set(fault, 0, "table of %u entries, the key has %u",
							function->count, key_count(key));
	if (!function->has_table && !key->is_coded)
		return fs_fault_set(fault, 0, "column %d has no domain", function->key_id);
	return true;
}

/* What holds for all of a table's entries. */
static void
judge_table(FsColumnReader *reader, uint32 count)
{
	FsFunction *function = reader->function;
	bool		is_int = reader->meta.kind == FS_KIND_INT;
	uint32		i;

	function->has_absent = memchr(function->is_absent, true, count) != NULL;
	function->is_constant = !function->has_absent;
	for (i = 1; i < count && function->is_constant; i++)
		function->is_constant = is_int ? function->ints[i] == function->ints[0] :
			function->codes[i] == function->codes[0];
	function->is_loaded = true;
}

/* Decode the table, or ask for the attribute's values. */
static bool
load(FsColumnReader *reader, FsFault *fault)
{
	FsFunction *function = reader->function;
	FsArena    *arena = reader->arena;
	uint32		count = key_count(function->key);
	bool	   *is_absent = arena->alloc(arena, count * sizeof(bool));
	int64	   *ints = arena->alloc(arena, count * sizeof(int64));
	uint32	   *codes = (uint32 *) ints;
	const FsVector *vector;
	uint32		v;

	memset(is_absent, 0, count * sizeof(bool));
	function->is_absent = is_absent;
	function->ints = ints;
	function->codes = codes;
	if (!function->has_table)
	{
		const FsCoded *coded = &function->key->coded;

		if (!reader->domains)
			return fs_fault_set(fault, 0, "attribute of a domain that is not there");
		if (!reader->domains->attribute(reader->domains, coded->domain, function->attribute,
										coded->codes, count, ints, fault))
			return false;
		judge_table(reader, count);
		return true;
	}
	for (v = 0; v < function->table_shape.nvecs; v++)
	{
		uint32		start = function->table_shape.start[v];

		if (!fs_part_read(&function->table, v, &vector, fault))
			return false;
		memcpy(is_absent + start, vector->is_null, vector->nrows * sizeof(bool));
		if (vector->ints)
			memcpy(ints + start, vector->ints, vector->nrows * sizeof(int64));
		else
			memcpy(codes + start, vector->codes, vector->nrows * sizeof(uint32));
	}
	judge_table(reader, count);
	return true;
}

/* A vector of keys. */
typedef struct Keys
{
	const uint32 *codes;		/* [units], below the key's count */
	const bool *is_null;		/* [units], or NULL: none is */
	bool		is_constant;
} Keys;

/* b where exactly one of two flags is set, else a. */
FS_KERNEL static void
choose(const bool *one, const bool *other, const uint32 *a, const uint32 *b,
	   uint32 n, uint32 *result)
{
	uint32		i;

	for (i = 0; i < n; i++)
	{
		uint32		mask = -(uint32) (one[i] ^ other[i]);

		result[i] = a[i] ^ ((a[i] ^ b[i]) & mask);
	}
}

/* The key by conversation, some of which have the other column's. */
static void
turn_keys(FsColumnReader *reader, uint32 v, const FsVector *a,
		  const FsVector *b, FsVectorRoom *room)
{
	static const bool none[FS_VECTOR_ROWS];
	const bool *turns[2];
	uint32		i;

	for (i = 0; i < 2; i++)
		turns[i] = reader->function->turns[i] == 0 ? none :
			fs_frame_turn(reader->frame, reader->function->turns[i], v);
	choose(turns[0], turns[1], a->codes, b->codes, a->nrows, room->codes);
	for (i = 0; (a->has_nulls || b->has_nulls) && i < a->nrows; i++)
		room->is_null[i] = turns[0][i] != turns[1][i] ? b->is_null[i] : a->is_null[i];
}

/* The key's codes of vector v, perhaps in the room. */
static bool
read_keys(FsColumnReader *reader, uint32 v, FsVectorRoom *room, Keys *keys,
		  FsFault *fault)
{
	FsFunction *function = reader->function;
	FsColumnReader *key = function->key;
	const FsVector *a;
	const FsVector *b;

	if (function->is_by_conv && key->meta.kind == FS_KIND_INT)
	{
		keys->is_null = NULL;
		keys->is_constant = false;
		return fs_part_read_codes(&key->part, v, &keys->codes, fault);
	}
	if (!function->is_by_conv ? !fs_reader_key(key, v, &a, fault) :
		!fs_part_read(&key->part, v, &a, fault))
		return false;
	keys->codes = a->codes;
	keys->is_null = a->has_nulls ? a->is_null : NULL;
	keys->is_constant = a->is_constant;
	if (function->turns[0] == function->turns[1])
		return true;
	if (!fs_part_read(&key->partner->part, v, &b, fault))
		return false;
	turn_keys(reader, v, a, b, room);
	keys->codes = room->codes;
	keys->is_null = a->has_nulls || b->has_nulls ? room->is_null : NULL;
	keys->is_constant = false;
	return true;
}

/* The values of codes. */
static void
look_all_up(const FsFunction *function, const uint32 *codes, uint32 n,
			FsVectorRoom *room)
{
	uint32		i;

	if (room->ints)
		for (i = 0; i < n; i++)
			room->ints[i] = function->ints[codes[i]];
	else
		for (i = 0; i < n; i++)
			room->codes[i] = function->codes[codes[i]];
}

/* Whether a unit that is neither null nor a miss has a key without value. */
static bool
lacks_values(const FsFunction *function, const Keys *keys, const FsVector *units,
			 const bool *misses)
{
	bool		is_bad = false;
	uint32		j = 0;
	uint32		i;

	if (!keys->is_null && !function->has_absent)
		return false;
	for (i = 0; i < units->nrows; i++)
	{
		bool		is_wanted = !units->is_null[i] && !misses[j];

		is_bad |= is_wanted &&
			((keys->is_null && keys->is_null[i]) || function->is_absent[keys->codes[i]]);
		j += !units->is_null[i];
	}
	return is_bad;
}

/* Put exceptions where they belong; misses are of the units that are not null. */
static void
put_exceptions(FsColumnReader *reader, uint32 v, const bool *misses,
			   const FsVector *exceptions)
{
	const FsVector *units = &reader->units;
	FsVectorRoom *room = &reader->units_room;
	uint64		bits[FS_FLAGS_WORDS];
	uint32		m = 0;
	uint32		j = 0;
	uint32		i;

	if (units->has_nulls)
	{
		for (i = 0; i < units->nrows; j += !units->is_null[i++])
			if (!units->is_null[i] && misses[j])
			{
				if (room->ints)
					room->ints[i] = exceptions->ints[m++];
				else
					room->codes[i] = exceptions->codes[m++];
			}
		return;
	}
	fs_flags_bits(&reader->function->misses, v, bits);
	for (i = 0; i < FS_FLAGS_WORDS; i++)
		for (; bits[i] != 0; bits[i] &= bits[i] - 1, m++)
		{
			j = i * 64 + __builtin_ctzll(bits[i]);
			if (room->ints)
				room->ints[j] = exceptions->ints[m];
			else
				room->codes[j] = exceptions->codes[m];
		}
}

/* Look the units of vector v up that are not null; misses come from exceptions. */
static bool
look_up(FsColumnReader *reader, uint32 v, uint32 nmisses, FsFault *fault)
{
	FsFunction *function = reader->function;
	FsVector   *units = &reader->units;
	FsVectorRoom *room = &reader->units_room;
	const FsVector *exceptions;
	uint32		codes[FS_VECTOR_ROWS];
	bool		is_null[FS_VECTOR_ROWS];
	bool		misses[FS_VECTOR_ROWS];
	FsVectorRoom turned = {is_null, NULL, codes};
	Keys		keys;

	if (!read_keys(reader, v, &turned, &keys, fault))
		return false;
	units->has_nulls = room->has_nulls = !fs_flags_is_clear(&function->nulls, v);
	if (units->has_nulls)
		fs_flags_read(&function->nulls, v, room->is_null);
	look_all_up(function, keys.codes, units->nrows, room);
	if (nmisses == 0 && !keys.is_null && !function->has_absent)
	{
		units->is_constant = keys.is_constant && !units->has_nulls;
		return true;
	}
	if (!fs_part_read(&reader->part, v, &exceptions, fault))
		return false;
	fs_flags_read(&function->misses, v, misses);
	put_exceptions(reader, v, misses, exceptions);
	return !lacks_values(function, &keys, units, misses) ||
		fs_fault_set(fault, 0, "function of a key without value");
}

/* Whether no unit of vector v has a key that is null. */
static bool
key_is_full(const FsColumnReader *reader, uint32 v)
{
	const FsColumnReader *key = reader->function->key;

	return fs_flags_is_clear(&key->part.nulls, v) &&
		(!key->partner || fs_flags_is_clear(&key->partner->part.nulls, v));
}

bool
fs_function_read(FsColumnReader *reader, uint32 v, FsFault *fault)
{
	FsFunction *function = reader->function;
	uint32		nunits = fs_shape_count(function->nulls.units, v);
	uint32		nmisses = fs_shape_count(&function->nmisses, v);
	const FsVector *exceptions;

	if (!function->is_loaded && !load(reader, fault))
		return false;
	if (nmisses == nunits)
	{
		if (!fs_part_read(&reader->part, v, &exceptions, fault))
			return false;
		reader->units = *exceptions;
		return true;
	}
	if (nmisses == 0 && function->is_constant && fs_flags_is_clear(&function->nulls, v) &&
		key_is_full(reader, v))
	{
		FsVector	entry = {1};

		entry.ints = function->meta.kind == FS_KIND_INT ? function->ints : NULL;
		entry.codes = function->codes;
		fs_expand_constant(reader, &entry, nunits, &reader->units_room, &reader->units);
		return true;
	}
	fs_expand_begin(reader, nunits, &reader->units_room, &reader->units);
	return look_up(reader, v, nmisses, fault);
}
