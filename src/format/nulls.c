/*-------------------------------------------------------------------------
 *
 * Which rows of a column are null.
 *
 *	  offset  size  meaning
 *	       0     1  0: no row is null, and nothing follows; 1: some are
 *	       1     V  form of each of the V vectors
 *	     1+V     .  for each vector, by its form:
 *				0	nothing, no row is null
 *				1	nothing, every row is null
 *				2	bitmap, (rows + 7) / 8 bytes, bit set: null
 *				3	count (1 byte, not 0), rows that are null (2 bytes each)
 *				4	count (1 byte, not 0), rows that are not null
 *
 *	  rows 0 and 2 of 3 are null  ->  01 02 05
 *	  row 3 of 1024 is null       ->  01 03 01 03 00
 *
 * The shortest form is taken, the lower one if two are equal.
 * Invalid: another form; padding of a bitmap not 0; rows not ascending or
 * not in the vector; a first byte 1 although no row is null, or all are
 * (such a column has encoding FS_ENC_NULL).
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/nulls.h"

#define FORM_NONE		0
#define FORM_ALL		1
#define FORM_BITMAP		2
#define FORM_NULL_ROWS	3
#define FORM_VALUE_ROWS	4
#define FORM_LAST		FORM_VALUE_ROWS

static inline bool
bit_is_set(const uint8 *bits, uint32 i)
{
	return (bits[i / 8] >> (i % 8) & 1) != 0;
}

/* Set bits among the first n. */
static uint32
count_bits(const uint8 *bits, uint32 n)
{
	uint32		count = 0;
	uint32		i = 0;

	for (; i + 64 <= n; i += 64)
		count += __builtin_popcountll(fs_little_get64(bits + i / 8));
	for (; i < n; i++)
		count += bit_is_set(bits, i);
	return count;
}

void
fs_nulls_count(const uint8 *bits, uint32 nrows, FsShape *shape)
{
	uint32		v;

	fs_shape_init(shape, nrows);
	if (!bits)
		return;
	for (v = 0; v < shape->nvecs; v++)
	{
		uint32		rows = fs_nulls_nrows(nrows, v);

		shape->start[v + 1] = shape->start[v] + rows -
			count_bits(bits + v * (FS_VECTOR_ROWS / 8), rows);
	}
}

static uint8
choose_form(uint32 rows, uint32 nulls)
{
	uint32		bitmap_len = (rows + 7) / 8;

	if (nulls == 0)
		return FORM_NONE;
	if (nulls == rows)
		return FORM_ALL;
	if (nulls <= PG_UINT8_MAX && 1 + 2 * nulls < bitmap_len)
		return FORM_NULL_ROWS;
	if (rows - nulls <= PG_UINT8_MAX && 1 + 2 * (rows - nulls) < bitmap_len)
		return FORM_VALUE_ROWS;
	return FORM_BITMAP;
}

static void
put_rows(const uint8 *bits, uint32 rows, bool wanted, FsWriter *out)
{
	uint32		i;

	for (i = 0; i < rows; i++)
		if (bit_is_set(bits, i) == wanted)
			fs_writer_put_int(out, i, 2);
}

static void
put_vector(const uint8 *bits, uint32 rows, uint32 nulls, FsWriter *out)
{
	uint8		form = choose_form(rows, nulls);
	uint8	   *p;

	if (form == FORM_BITMAP)
	{
		p = fs_writer_reserve(out, (rows + 7) / 8);
		if (!p)
			return;
		memcpy(p, bits, (rows + 7) / 8);
		if (rows % 8 != 0)
			p[rows / 8] &= (1 << (rows % 8)) - 1;
	}
	else if (form == FORM_NULL_ROWS)
	{
		fs_writer_put_int(out, nulls, 1);
		put_rows(bits, rows, true, out);
	}
	else if (form == FORM_VALUE_ROWS)
	{
		fs_writer_put_int(out, rows - nulls, 1);
		put_rows(bits, rows, false, out);
	}
}

void
fs_nulls_encode(const uint8 *bits, uint32 nrows, const FsShape *shape,
				FsWriter *out)
{
	bool		has_nulls = fs_shape_n(shape) < nrows;
	uint32		v;

	fs_writer_put_int(out, has_nulls, 1);
	if (!has_nulls)
		return;
	for (v = 0; v < shape->nvecs; v++)
	{
		uint32		rows = fs_nulls_nrows(nrows, v);

		fs_writer_put_int(out, choose_form(rows, rows - fs_shape_count(shape, v)), 1);
	}
	for (v = 0; v < shape->nvecs; v++)
	{
		uint32		rows = fs_nulls_nrows(nrows, v);

		put_vector(bits + v * (FS_VECTOR_ROWS / 8), rows,
				   rows - fs_shape_count(shape, v), out);
	}
}

/* A list of rows; gives their number, 0 on failure. */
static uint32
open_rows(FsCursor *cursor, uint32 rows)
{
	uint32		count = fs_cursor_get8(cursor);
	const uint8 *list = fs_cursor_take(cursor, 2 * count);
	uint32		i;

	if (!list)
		return 0;
	if (count == 0)
		fs_cursor_fail(cursor, "empty list of null rows");
	for (i = 0; i < count; i++)
	{
		uint32		row = fs_little_get16(list + 2 * i);

		if (row >= rows || (i > 0 && row <= fs_little_get16(list + 2 * i - 2)))
			fs_cursor_fail(cursor, "null rows do not ascend");
	}
	return count;
}

static uint32
open_bitmap(FsCursor *cursor, uint32 rows)
{
	const uint8 *bits = fs_cursor_take(cursor, (rows + 7) / 8);

	if (!bits)
		return 0;
	if (rows % 8 != 0 && bits[rows / 8] >> (rows % 8) != 0)
		fs_cursor_fail(cursor, "padding of null bitmap is not zero");
	return count_bits(bits, rows);
}

/* Parse one vector's part; gives how many rows are null. */
static uint32
open_vector(FsCursor *cursor, uint8 form, uint32 rows)
{
	switch (form)
	{
		case FORM_NONE:
			return 0;
		case FORM_ALL:
			return rows;
		case FORM_BITMAP:
			return open_bitmap(cursor, rows);
		case FORM_NULL_ROWS:
			return open_rows(cursor, rows);
		case FORM_VALUE_ROWS:
			return rows - open_rows(cursor, rows);
		default:
			fs_cursor_fail(cursor, "unknown form %d of null rows", form);
			return 0;
	}
}

bool
fs_nulls_open(FsCursor *cursor, uint32 nrows, FsNulls *nulls)
{
	FsShape    *shape = &nulls->shape;
	uint8		has_nulls = fs_cursor_get8(cursor);
	uint32		v;

	fs_shape_init(shape, nrows);
	nulls->nrows = nrows;
	nulls->has_nulls = has_nulls == 1;
	if (has_nulls > 1)
		return fs_cursor_fail(cursor, "byte for nulls is %d", has_nulls);
	if (has_nulls == 0)
		return !cursor->failed;
	nulls->forms = fs_cursor_take(cursor, shape->nvecs);
	if (!nulls->forms)
		return false;
	for (v = 0; v < shape->nvecs && !cursor->failed; v++)
	{
		uint32		rows = fs_nulls_nrows(nrows, v);

		nulls->data[v] = cursor->bytes + cursor->off;
		shape->start[v + 1] = shape->start[v] + rows -
			open_vector(cursor, nulls->forms[v], rows);
	}
	if (cursor->failed)
		return false;
	if (fs_shape_n(shape) == nrows || fs_shape_n(shape) == 0)
		return fs_cursor_fail(cursor, "needless null section");
	return true;
}

void
fs_nulls_read(const FsNulls *nulls, uint32 v, bool *is_null)
{
	uint32		rows = fs_nulls_nrows(nulls->nrows, v);
	uint8		form = nulls->has_nulls ? nulls->forms[v] : FORM_NONE;
	const uint8 *data = nulls->data[v];
	uint32		i;

	memset(is_null, form == FORM_ALL || form == FORM_VALUE_ROWS, rows);
	if (form == FORM_BITMAP)
		for (i = 0; i < rows; i++)
			is_null[i] = bit_is_set(data, i);
	else if (form == FORM_NULL_ROWS || form == FORM_VALUE_ROWS)
		for (i = 0; i < data[0]; i++)
			is_null[fs_little_get16(data + 1 + 2 * i)] = form == FORM_NULL_ROWS;
}
