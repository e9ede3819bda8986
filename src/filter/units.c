/*-------------------------------------------------------------------------
 *
 * Comparisons of integers before they are rows.
 *
 * What a column has for conversations is compared for these, and bits become
 * rows, not values.  Where there is a dictionary its entries are compared, once
 * a chunk, and then codes; where no entry matches not even these are read.
 * Second rows that are first ones and a difference are compared by pairs of
 * codes, as long as dictionaries are small; by codes, where a vector has one
 * difference only; or by sums.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "filter/node.h"
#include "filter/units.h"
#include "vector/compact.h"

/* pairs of codes that are tried, once a chunk */
#define PAIRS_MAX	(64 * 1024)

/* entries of a dictionary that are tried with a vector's only difference */
#define FEW_VALUES	64

/* values that are compared at a time */
#define PIECE		FS_VECTOR_ROWS

StaticAssertDecl(FS_BITS_WORDS == FS_FLAGS_WORDS, "bits of rows and flags");

static void
compare_values(const FsFilterNode *node, const int64 *v, uint32 n,
			   FsBits *found)
{
	if (node->set != NULL)
		fs_compare_set(v, n, node->set, found);
	else
		fs_compare_range(v, n, node->low, node->high, found);
}

/* Note which of entries first .. first + n - 1, that have these values, match. */
static void
match_values(const FsFilterNode *node, const int64 *v, uint32 first, uint32 n,
			 FsCodeMatch *codes)
{
	uint16		rows[FS_VECTOR_ROWS];
	FsBits		found;
	uint32		m;

	compare_values(node, v, n, &found);
	m = fs_bits_list(&found, rows);
	for (uint32 i = 0; i < m; i++)
		codes->matches[first + rows[i]] = 1;
	if (m == 0)
		return;
	if (codes->n == 0)
		codes->low = first + rows[0];
	codes->high = first + rows[m - 1];
	codes->n += m;
}

static void
begin_match(FsFilterTask *task, FsCodeMatch *codes, uint32 dict_n)
{
	codes->dict_n = dict_n;
	codes->n = 0;
	codes->matches = MemoryContextAllocZero(task->filter->chunk_cxt, dict_n);
}

/* Forget what was found in another chunk. */
static void
enter_chunk(FsFilterTask *task, FsFilterNode *node)
{
	fs_filter_enter_chunk(task);
	if (node->visit == task->filter->visit)
		return;
	node->visit = task->filter->visit;
	node->sides[0].dict_n = node->sides[1].dict_n = 0;
	node->matches = NULL;
	node->verdicts = NULL;
	node->dict_n = 0;
}

/* Which entries of a side's dictionary match; false on damage. */
static bool
match_dict(FsFilterTask *task, FsFilterNode *node, FsUnits *units, int side,
		   FsFault *fault)
{
	FsCodeMatch *codes = &node->sides[side];
	uint32		n = fs_units_dict_n(units, side);
	const int64 *values;

	if (codes->dict_n > 0)
		return true;
	values = fs_units_dict(units, side, fault);
	if (values == NULL)
		return false;
	begin_match(task, codes, n);
	for (uint32 i = 0; i < n; i += PIECE)
		match_values(node, values + i, i, Min(PIECE, n - i), codes);
	return true;
}

/* The same of pairs: code a * dictionary of b + code b has the sum. */
static bool
match_sums(FsFilterTask *task, FsFilterNode *node, FsUnits *units,
		   FsFault *fault)
{
	FsCodeMatch *codes = &node->sides[1];
	uint32		na = fs_units_dict_n(units, 0);
	uint32		nb = fs_units_dict_n(units, 1);
	const int64 *a;
	const int64 *b;
	int64		sums[PIECE];

	if (codes->dict_n > 0)
		return true;
	a = fs_units_dict(units, 0, fault);
	b = fs_units_dict(units, 1, fault);
	if (a == NULL || b == NULL)
		return false;
	begin_match(task, codes, na * nb);
	for (uint32 k = 0; k < na; k++)
		for (uint32 i = 0; i < nb; i += PIECE)
		{
			uint32		n = Min(PIECE, nb - i);

			for (uint32 j = 0; j < n; j++)
				sums[j] = (int64) ((uint64) a[k] + (uint64) b[i + j]);
			match_values(node, sums, k * nb + i, n, codes);
		}
	return true;
}

/* Rows whose codes match. */
static void
find_codes(const FsCodeMatch *match, const uint32 *codes, uint32 n,
		   FsBits *found)
{
	if (match->n == match->high - match->low + 1)
		fs_compare_code_range(codes, n, match->low, match->high, found);
	else
		fs_compare_table(codes, n, match->matches, found);
}

/* Values of a side that match; false on damage. */
static bool
find_side(FsFilterTask *task, FsFilterNode *node, FsUnits *units, int side,
		  FsBits *found, FsFault *fault)
{
	const uint32 *codes;
	const int64 *values;
	int64		low;
	int64		high;

	fs_bits_none(found);
	if (fs_units_dict_n(units, side) > 0)
	{
		task->ways |= 1 << FS_WAY_CODES;
		if (!match_dict(task, node, units, side, fault))
			return false;
		if (node->sides[side].n == 0)
			return true;
		if (!fs_units_codes(units, side, &codes, fault))
			return false;
		find_codes(&node->sides[side], codes, units->n[side], found);
		return true;
	}
	if (node->set == NULL && fs_units_bounds(units, side, &low, &high))
	{
		if (high < node->low || node->high < low)
			return true;
		if (node->low <= low && high <= node->high)
		{
			fs_bits_all(found, units->n[side]);
			return true;
		}
	}
	task->ways |= 1 << FS_WAY_VALUES;
	if (!fs_units_values(units, side, &values, fault))
		return false;
	compare_values(node, values, units->n[side], found);
	return true;
}

/* Second rows' codes of side 0, one after the other. */
static bool
read_seconds(FsUnits *units, uint32 *dense, FsFault *fault)
{
	const uint32 *codes;
	uint16		rows[FS_VECTOR_ROWS];
	FsBits		seconds;

	if (!fs_units_codes(units, 0, &codes, fault))
		return false;
	fs_units_seconds(units, seconds.word);
	fs_bits_list(&seconds, rows);
	fs_compact_uint32(codes, rows, units->n[1], dense);
	return true;
}

/* Second rows that match, by pairs of codes; false on damage. */
static bool
find_pairs(FsFilterTask *task, FsFilterNode *node, FsUnits *units,
		   FsBits *found, FsFault *fault)
{
	uint32		nb = fs_units_dict_n(units, 1);
	uint32		pairs[FS_VECTOR_ROWS];
	const uint32 *b;

	if (!match_sums(task, node, units, fault))
		return false;
	if (node->sides[1].n == 0)
		return true;
	if (!read_seconds(units, pairs, fault) || !fs_units_codes(units, 1, &b, fault))
		return false;
	for (uint32 i = 0; i < units->n[1]; i++)
		pairs[i] = pairs[i] * nb + b[i];
	find_codes(&node->sides[1], pairs, units->n[1], found);
	return true;
}

/* Conversations whose second row would match, all having one difference. */
static bool
find_moved(FsFilterNode *node, FsUnits *units, int64 difference,
		   FsBits *found, FsFault *fault)
{
	uint32		n = fs_units_dict_n(units, 0);
	const int64 *values = fs_units_dict(units, 0, fault);
	uint8		matches[FEW_VALUES];
	int64		sums[FEW_VALUES];
	FsCodeMatch moved = {n, matches};
	const uint32 *codes;

	if (values == NULL)
		return false;
	memset(matches, 0, n);
	for (uint32 i = 0; i < n; i++)
		sums[i] = (int64) ((uint64) values[i] + (uint64) difference);
	match_values(node, sums, 0, n, &moved);
	if (moved.n == 0)
		return true;
	if (!fs_units_codes(units, 0, &codes, fault))
		return false;
	find_codes(&moved, codes, units->n[0], found);
	return true;
}

/* Second rows that match, one after the other, by their values. */
static bool
find_values(FsFilterNode *node, FsUnits *units, FsBits *found, FsFault *fault)
{
	const int64 *values = fs_units_dict(units, 0, fault);
	const int64 *differences;
	uint32		codes[FS_VECTOR_ROWS];
	int64		sums[FS_VECTOR_ROWS];

	if (values == NULL || !read_seconds(units, codes, fault) ||
		!fs_units_values(units, 1, &differences, fault))
		return false;
	for (uint32 i = 0; i < units->n[1]; i++)
		sums[i] = (int64) ((uint64) values[codes[i]] + (uint64) differences[i]);
	compare_values(node, sums, units->n[1], found);
	return true;
}

/* Second rows that match; *is_dense says how. */
static bool
find_sums(FsFilterTask *task, FsFilterNode *node, FsUnits *units,
		  FsBits *found, bool *is_dense, FsFault *fault)
{
	int64		low;
	int64		high;

	fs_bits_none(found);
	*is_dense = true;
	if (units->n[1] == 0)
		return true;
	if (fs_units_dict_n(units, 1) > 0)
		return find_pairs(task, node, units, found, fault);
	if (!fs_units_bounds(units, 1, &low, &high) || low != high ||
		fs_units_dict_n(units, 0) > FEW_VALUES)
		return find_values(node, units, found, fault);
	*is_dense = false;
	return find_moved(node, units, low, found, fault);
}

/* Whether it is worth while: there are codes, or fewer values than rows. */
static bool
is_useful(const FsUnits *units)
{
	uint32		na = fs_units_dict_n(units, 0);
	uint32		nb = fs_units_dict_n(units, 1);

	if (units->form == FS_UNITS_SUMS)
		return na > 0 && (uint64) na * nb <= PAIRS_MAX;
	return units->form == FS_UNITS_SIDES || na > 0;
}

bool
fs_filter_find_units(FsFilterTask *task, FsFilterNode *node, FsBits *found,
					 bool *is_known)
{
	FsUnits		units;
	FsFault		fault;
	FsBits		first;
	FsBits		second;
	bool		is_dense = false;
	bool		is_sound;

	*is_known = fs_scan_units(task->scan, node->att, &units) && is_useful(&units);
	if (!*is_known)
		return true;
	enter_chunk(task, node);
	is_sound = find_side(task, node, &units, 0, &first, &fault);
	if (is_sound && units.form == FS_UNITS_SIDES && !units.is_same)
		is_sound = find_side(task, node, &units, 1, &second, &fault);
	else if (is_sound && units.form == FS_UNITS_SUMS)
		is_sound = find_sums(task, node, &units, &second, &is_dense, &fault);
	else
		second = first;
	if (!is_sound)
	{
		fs_scan_fault(task->scan, node->att, &fault);
		return false;
	}
	if (units.form == FS_UNITS_ROWS)
		*found = first;
	else if (fs_bits_is_empty(&first) && fs_bits_is_empty(&second))
		fs_bits_none(found);
	else
		fs_units_weave(&units, first.word, second.word, is_dense, found->word);
	return true;
}
