/*-------------------------------------------------------------------------
 *
 * Rows that are found before there are rows are those of all values.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/chunkreader.h"
#include "format/units.h"
#include "convs.h"
#include "tap.h"

#define NROWS		6000

static int	forms[3];			/* vectors that had each form, and a dictionary */
static int	dicts;

/* A side's values; false if its codes or its bounds say another thing. */
static bool
read_side(FsUnits *units, int side, int64 *values)
{
	FsFault		fault;
	const int64 *got;
	const int64 *dict;
	const uint32 *codes;
	int64		low = PG_INT64_MIN;
	int64		high = PG_INT64_MAX;
	uint32		i;

	if (units->n[side] == 0)
		return true;
	if (!fs_units_values(units, side, &got, &fault))
		return false;
	memcpy(values, got, units->n[side] * sizeof(int64));
	fs_units_bounds(units, side, &low, &high);
	for (i = 0; i < units->n[side]; i++)
		if (values[i] < low || values[i] > high)
			return false;
	if (fs_units_dict_n(units, side) == 0)
		return true;
	dicts++;
	dict = fs_units_dict(units, side, &fault);
	if (!dict || !fs_units_codes(units, side, &codes, &fault))
		return false;
	for (i = 0; i < units->n[side]; i++)
		if (dict[codes[i]] != values[i])
			return false;
	return true;
}

static void
set_bits(const int64 *values, uint32 n, int64 wanted, uint64 *bits)
{
	uint32		i;

	memset(bits, 0, FS_FLAGS_WORDS * sizeof(uint64));
	for (i = 0; i < n; i++)
		bits[i / 64] |= (uint64) (values[i] == wanted) << (i % 64);
}

/* Sums of first rows' values and differences, for second rows. */
static void
add_sides(const FsUnits *units, const int64 *first, int64 *differences)
{
	uint64		seconds[FS_FLAGS_WORDS];
	uint32		m = 0;
	uint32		c;

	fs_units_seconds(units, seconds);
	for (c = 0; c < units->n[0]; c++)
		if ((seconds[c / 64] >> (c % 64) & 1) != 0)
		{
			differences[m] = (int64) ((uint64) differences[m] + (uint64) first[c]);
			m++;
		}
}

/* Whether rows of a vector with some of its values are found. */
static bool
finds_rows(FsUnits *units, const FsVector *all, uint64 *state)
{
	int64		values[2][FS_VECTOR_ROWS];
	uint64		bits[2][FS_FLAGS_WORDS];
	uint64		want[FS_FLAGS_WORDS];
	uint64		found[FS_FLAGS_WORDS];
	bool		is_sum = units->form == FS_UNITS_SUMS;
	int			round;

	if (!read_side(units, 0, values[0]) || !read_side(units, 1, values[1]))
		return false;
	if (is_sum)
		add_sides(units, values[0], values[1]);
	for (round = 0; round < 5; round++)
	{
		int64		wanted = all->ints[tap_below(state, all->nrows)];

		set_bits(values[0], units->n[0], wanted, bits[0]);
		set_bits(values[1], units->n[1], wanted, bits[1]);
		set_bits(all->ints, all->nrows, wanted, want);
		memcpy(found, bits[0], sizeof(found));
		if (units->form != FS_UNITS_ROWS)
			fs_units_weave(units, bits[0], units->is_same ? bits[0] : bits[1], is_sum, found);
		if (memcmp(found, want, sizeof(found)) != 0)
			return false;
	}
	return true;
}

static void
rows_are_found(ConvsRule rule)
{
	FsArena    *arena = tap_arena();
	FsFault		fault = {"", 0};
	MemDomains	domains;
	Convs	   *convs;
	FsFetch		fetch;
	FsChunkReader *reader;
	FsChunkReader *other;
	const uint8 *bytes;
	uint64		state = 5;
	uint32		len;
	uint32		v;
	bool		is_ok = true;
	int			nopen = 0;
	int			col;

	convs_domains(&domains, arena);
	convs = convs_make(rule, NROWS, &domains, arena);
	bytes = fs_chunk_encode_clustered(&convs->in, arena, &len, &fault);
	reader = convs_open(bytes, &fetch, &domains.source, arena);
	other = convs_open(bytes, &fetch, &domains.source, arena);
	for (col = 0; col < CONV_NCOLS; col++)
		for (v = 0; v < (NROWS + FS_VECTOR_ROWS - 1) / FS_VECTOR_ROWS; v++)
		{
			uint16		id = convs->specs[col].id;
			FsVector	all;
			FsUnits		units;

			if (!fs_column_read(fs_chunkreader_column(other, id, &fault), v, &all, &fault))
				is_ok = false;
			if (!fs_units_open(fs_chunkreader_column(reader, id, &fault), v, &units))
				continue;
			nopen++;
			forms[units.form]++;
			is_ok &= all.ints && !all.has_nulls && finds_rows(&units, &all, &state);
		}
	ok(is_ok && nopen > 0, "%s: rows are found in %d vectors", convs_rules[rule], nopen);
	tap_arena_free(arena);
}

int
main(void)
{
	int			rule;

	for (rule = CONVS_USUAL; rule <= CONVS_ODD; rule++)
		rows_are_found(rule);
	ok(forms[FS_UNITS_ROWS] > 0 && forms[FS_UNITS_SIDES] > 0 && forms[FS_UNITS_SUMS] > 0 && dicts > 0,
	   "in %d vectors of rows, %d of sides and %d of sums", forms[0], forms[1], forms[2]);
	return tap_done();
}
