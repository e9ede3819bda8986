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
	function->count = key_count(key);
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

bool
fs_function_load(FsColumnReader *reader, FsFault *fault)
{
	FsFunction *function = reader->function;
	FsArena    *arena = reader->arena;
	uint32		count = function->count;
	bool	   *is_absent;
	int64	   *ints;
	uint32	   *codes;
	const FsVector *vector;
	uint32		v;

	if (function->is_loaded)
		return true;
	is_absent = arena->alloc(arena, count * sizeof(bool));
	ints = arena->alloc(arena, count * sizeof(int64));
	codes = (uint32 *) ints;
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
