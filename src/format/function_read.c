/*-------------------------------------------------------------------------
 *
 * Reading columns that are functions of another column (function.c).
 *
 * All values of a table or an attribute are loaded when a vector is first
 * read, or where few rows at a time were many in the end; until then these are
 * looked up one by one.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/kernel.h"
#include "format/reader.h"

/* the table is worth loading for one row in so many of its entries */
#define FEW_SHARE	16

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
	if (!keys->is_null && !units->has_nulls)
	{
		for (i = 0; i < units->nrows; i++)
			is_bad |= function->is_absent[keys->codes[i]] & !misses[i];
		return is_bad;
	}
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

/* The value of one code, for a unit. */
static bool
look_one_up(FsColumnReader *reader, uint32 code, uint32 unit, FsFault *fault)
{
	FsFunction *function = reader->function;
	FsVectorRoom *room = &reader->units_room;
	const FsCoded *coded = &function->key->coded;
	const FsVector *entries;
	uint16		i = code % FS_VECTOR_ROWS;

	if (function->is_loaded)
	{
		if (function->is_absent[code])
			return fs_fault_set(fault, 0, "function of a key without value");
		if (room->ints)
			room->ints[unit] = function->ints[code];
		else
			room->codes[unit] = function->codes[code];
		return true;
	}
	if (!function->has_table && !reader->domains)
		return fs_fault_set(fault, 0, "attribute of a domain that is not there");
	if (!function->has_table)
		return reader->domains->attribute(reader->domains, coded->domain, function->attribute,
										  &coded->codes[code], 1, &room->ints[unit], fault);
	if (!fs_part_read_units(&function->table, code / FS_VECTOR_ROWS, &i, 1, &entries, fault))
		return false;
	if (entries->is_null[i])
		return fs_fault_set(fault, 0, "function of a key without value");
	if (room->ints)
		room->ints[unit] = entries->ints[i];
	else
		room->codes[unit] = entries->codes[i];
	return true;
}

/* The units of few rows, ascending, each once; gives how many.  units[n of few] */
static uint32
few_units(FsColumnReader *reader, uint32 v, const FsFewRows *few, uint16 *units)
{
	FsFewUnits	found;
	uint32		count = 0;
	uint32		i;

	if (reader->function->is_by_conv)
		fs_few_find(reader->frame, v, few, &found);
	for (i = 0; i < few->n; i++)
	{
		uint16		unit = reader->function->is_by_conv ? found.units[i] : few->rows[i];

		if (count == 0 || units[count - 1] != unit)
			units[count++] = unit;
	}
	return count;
}

/* The keys' codes of units[n], in the room at their places. */
static bool
read_few_keys(FsColumnReader *reader, uint32 v, const uint16 *units, uint32 n,
			  FsVectorRoom *room, FsFault *fault)
{
	FsFunction *function = reader->function;
	FsColumnReader *key = function->key;
	const FsVector *parts[2];
	uint64		turns[2][FS_FLAGS_WORDS] = {{0}};
	uint32		i;

	if (!fs_part_read(&key->part, v, &parts[0], fault))
		return false;
	parts[1] = parts[0];
	if (function->turns[0] != function->turns[1])
	{
		if (!fs_part_read(&key->partner->part, v, &parts[1], fault))
			return false;
		for (i = 0; i < 2; i++)
			if (function->turns[i] > 0)
				fs_flags_bits(&reader->frame->turns[function->turns[i] - 1], v, turns[i]);
	}
	for (i = 0; i < n; i++)
	{
		const FsVector *from = parts[fs_few_bit(turns[0], units[i]) !=
									 fs_few_bit(turns[1], units[i])];

		room->codes[units[i]] = from->codes[units[i]];
		room->is_null[units[i]] = from->has_nulls && from->is_null[units[i]];
	}
	return true;
}

/* The exception of a unit; j: those before it that are not null. */
static bool
put_exception(FsColumnReader *reader, uint32 v, uint32 unit, uint32 j,
			  const uint64 *misses, FsFault *fault)
{
	FsVectorRoom *room = &reader->units_room;
	const FsVector *exceptions;
	uint16		at = 0;
	uint32		i;

	for (i = 0; i < j; i++)
		at += fs_few_bit(misses, i);
	if (!fs_part_read_units(&reader->part, v, &at, 1, &exceptions, fault))
		return false;
	if (room->ints)
		room->ints[unit] = exceptions->ints[at];
	else
		room->codes[unit] = exceptions->codes[at];
	return true;
}

/* Make the units of few rows alone. */
static bool
look_few_up(FsColumnReader *reader, uint32 v, const FsFewRows *few,
			FsFault *fault)
{
	FsFunction *function = reader->function;
	FsVector   *units = &reader->units;
	uint16		wanted[FS_FEW_MAX];
	uint32		n = few_units(reader, v, few, wanted);
	uint32		codes[FS_VECTOR_ROWS];
	bool		is_null[FS_VECTOR_ROWS];
	FsVectorRoom room = {is_null, NULL, codes};
	uint64		misses[FS_FLAGS_WORDS];
	Keys		keys = {codes, is_null};
	uint32		j = 0;			/* units before it that are not null */
	uint32		at = 0;
	uint32		i;

	if (function->is_by_conv && function->key->meta.kind != FS_KIND_INT ?
		!read_few_keys(reader, v, wanted, n, &room, fault) :
		!read_keys(reader, v, &room, &keys, fault))
		return false;
	units->has_nulls = reader->units_room.has_nulls = !fs_flags_is_clear(&function->nulls, v);
	if (units->has_nulls)
		fs_flags_read(&function->nulls, v, reader->units_room.is_null);
	fs_flags_bits(&function->misses, v, misses);
	for (i = 0; i < n; i++)
	{
		uint32		unit = wanted[i];

		for (; at < unit; at++)
			j += !units->is_null[at];
		if (units->is_null[unit])
			continue;
		if (fs_few_bit(misses, j))
		{
			if (!put_exception(reader, v, unit, j, misses, fault))
				return false;
		}
		else if (keys.is_null && keys.is_null[unit])
			return fs_fault_set(fault, 0, "function of a key without value");
		else if (!look_one_up(reader, keys.codes[unit], unit, fault))
			return false;
	}
	return true;
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
fs_function_read(FsColumnReader *reader, uint32 v, const FsFewRows *few,
				 FsFault *fault)
{
	FsFunction *function = reader->function;
	uint32		nunits = fs_shape_count(function->nulls.units, v);
	uint32		nmisses = fs_shape_count(&function->nmisses, v);
	const FsVector *exceptions;

	if (nmisses == nunits)
	{
		if (!fs_part_read(&reader->part, v, &exceptions, fault))
			return false;
		reader->units = *exceptions;
		return true;
	}
	if (few)
		function->nlooked += few->n;
	if ((!few || function->nlooked > function->count / FEW_SHARE) && !fs_function_load(reader, fault))
		return false;
	if (function->is_loaded && nmisses == 0 && function->is_constant && fs_flags_is_clear(&function->nulls, v) &&
		key_is_full(reader, v))
	{
		FsVector	entry = {1};

		entry.ints = function->meta.kind == FS_KIND_INT ? function->ints : NULL;
		entry.codes = function->codes;
		fs_expand_constant(reader, &entry, nunits, &reader->units_room, &reader->units);
		return true;
	}
	fs_expand_begin(reader, nunits, &reader->units_room, &reader->units);
	return few ? look_few_up(reader, v, few, fault) : look_up(reader, v, nmisses, fault);
}
