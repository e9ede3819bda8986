/*-------------------------------------------------------------------------
 *
 * JSON objects as rows.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "import_json.h"

static void
pass_blanks(struct import_rows *rows)
{
	while (rows->pos < rows->end && (*rows->pos == ' ' || *rows->pos == '\t' ||
									 *rows->pos == '\n' || *rows->pos == '\r'))
		rows->pos++;
}

static bool
take_char(struct import_rows *rows, char c)
{
	pass_blanks(rows);
	if (rows->pos == rows->end || *rows->pos != c)
		return false;
	rows->pos++;
	return true;
}

/* Four hex digits. */
static bool
take_unit(struct import_rows *rows, uint32_t *unit)
{
	*unit = 0;
	if (rows->end - rows->pos < 4)
		return false;
	for (int i = 0; i < 4; i++)
	{
		char		c = *rows->pos++;
		int			digit = c >= '0' && c <= '9' ? c - '0' :
			c >= 'a' && c <= 'f' ? c - 'a' + 10 :
			c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;

		if (digit < 0)
			return false;
		*unit = *unit * 16 + (uint32_t) digit;
	}
	return true;
}

static void
put_code_point(struct web_buffer *text, uint32_t c)
{
	char		bytes[4];
	size_t		n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	if (n == 1)
		bytes[0] = (char) c;
	else
	{
		for (size_t i = n - 1; i > 0; i--, c >>= 6)
			bytes[i] = (char) (0x80 | (c & 0x3f));
		bytes[0] = (char) ((n == 2 ? 0xc0 : n == 3 ? 0xe0 : 0xf0) | c);
	}
	web_buffer_put(text, bytes, n);
}

/* What follows \u; half a surrogate pair becomes U+FFFD. */
static bool
take_code_point(struct import_rows *rows, struct web_buffer *text)
{
	uint32_t	c;
	uint32_t	low;

	if (!take_unit(rows, &c))
		return false;
	if (c >= 0xd800 && c < 0xdc00 && rows->end - rows->pos >= 6 &&
		rows->pos[0] == '\\' && rows->pos[1] == 'u')
	{
		const char *before = rows->pos;

		rows->pos += 2;
		if (!take_unit(rows, &low))
			return false;
		if (low >= 0xdc00 && low < 0xe000)
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
		else
			rows->pos = before;
	}
	put_code_point(text, c >= 0xd800 && c < 0xe000 ? 0xfffd : c);
	return true;
}

/* A string whose first quote has been taken. */
static bool
take_string(struct import_rows *rows, struct web_buffer *text)
{
	static const char escapes[] = "\"\\/bfnrt";
	static const char meanings[] = "\"\\/\b\f\n\r\t";

	while (rows->pos < rows->end && *rows->pos != '"')
	{
		const char *from = rows->pos;
		const char *escape;

		while (rows->pos < rows->end && *rows->pos != '"' && *rows->pos != '\\')
			rows->pos++;
		web_buffer_put(text, from, (size_t) (rows->pos - from));
		if (rows->pos == rows->end || *rows->pos == '"')
			continue;
		if (++rows->pos == rows->end)
			return false;
		escape = *rows->pos == '\0' ? NULL : strchr(escapes, *rows->pos);
		rows->pos++;
		if (escape != NULL)
			web_buffer_put(text, &meanings[escape - escapes], 1);
		else if (rows->pos[-1] != 'u' || !take_code_point(rows, text))
			return false;
	}
	return rows->pos < rows->end && *rows->pos++ == '"';
}

/* Pass over an object or array; *pos is at its first bracket. */
static bool
pass_nested(struct import_rows *rows)
{
	int			depth = 0;
	bool		is_quoted = false;

	for (; rows->pos < rows->end; rows->pos++)
	{
		char		c = *rows->pos;

		if (is_quoted)
		{
			if (c == '\\' && rows->pos + 1 < rows->end)
				rows->pos++;
			else if (c == '"')
				is_quoted = false;
		}
		else if (c == '"')
			is_quoted = true;
		else if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && --depth == 0)
		{
			rows->pos++;
			return true;
		}
	}
	return false;
}

static bool
take_value(struct import_rows *rows, struct import_cell *cell,
		   struct web_buffer *text)
{
	const char *from;

	pass_blanks(rows);
	cell->off = text->len;
	cell->is_null = false;
	from = rows->pos;
	if (from == rows->end)
		return false;
	if (*from == '"')
	{
		rows->pos++;
		if (!take_string(rows, text))
			return false;
	}
	else
	{
		if ((*from == '{' || *from == '[') && !pass_nested(rows))
			return false;
		while (rows->pos < rows->end && *rows->pos != ',' && *rows->pos != '}' &&
			   *rows->pos != ']' && (unsigned char) *rows->pos > ' ')
			rows->pos++;
		web_buffer_put(text, from, (size_t) (rows->pos - from));
		cell->is_null = rows->pos - from == 4 && memcmp(from, "null", 4) == 0;
	}
	cell->len = text->len - cell->off;
	web_buffer_put(text, "", 1);
	return rows->pos > from && !text->has_failed;
}

/* Column of this name, or ncolumns; where, says which is likely. */
static int
find_column(const struct import_rows *rows, const char *name, size_t len, int where)
{
	for (int i = 0; i < rows->ncolumns; i++)
	{
		int			column = (where + i) % rows->ncolumns;

		if (rows->names[column].len == len &&
			memcmp(import_rows_name(rows, column), name, len) == 0)
			return column;
	}
	return rows->ncolumns;
}

static void
add_column(struct import_rows *rows, const char *name, size_t len)
{
	struct import_cell *cell = &rows->names[rows->ncolumns];

	cell->off = rows->name_text.len;
	cell->len = len;
	web_buffer_put(&rows->name_text, name, len);
	web_buffer_put(&rows->name_text, "", 1);
	rows->ncolumns += !rows->name_text.has_failed;
}

/* A key and its value. */
static bool
take_member(struct import_rows *rows, bool adds_columns, int *where)
{
	struct import_cell key = {.off = rows->text.len};
	struct import_cell value;
	int			column;

	if (!take_char(rows, '"') || !take_string(rows, &rows->text) ||
		!take_char(rows, ':'))
		return false;
	key.len = rows->text.len - key.off;
	if (!take_value(rows, &value, &rows->text))
		return false;
	column = find_column(rows, rows->text.bytes + key.off, key.len, *where);
	if (column == rows->ncolumns && adds_columns && column < IMPORT_MAX_COLUMNS)
		add_column(rows, rows->text.bytes + key.off, key.len);
	if (column < rows->ncolumns)
	{
		rows->cells[column] = value;
		*where = column + 1;
	}
	return true;
}

static enum import_result
take_object(struct import_rows *rows, bool adds_columns)
{
	int			where = 0;

	web_buffer_clear(&rows->text);
	for (int i = 0; i < rows->ncolumns; i++)
		rows->cells[i].is_null = true;
	(void) take_char(rows, ',');
	pass_blanks(rows);
	if (rows->pos == rows->end)
		return rows->is_array ? IMPORT_DAMAGED : IMPORT_END;
	if (rows->is_array && *rows->pos == ']')
		return IMPORT_END;
	if (!take_char(rows, '{'))
		return IMPORT_DAMAGED;
	if (take_char(rows, '}'))
		return IMPORT_ROW;
	do
	{
		if (!take_member(rows, adds_columns, &where))
			return IMPORT_DAMAGED;
	} while (take_char(rows, ','));
	return take_char(rows, '}') ? IMPORT_ROW : IMPORT_DAMAGED;
}

const char *
import_json_open(struct import_rows *rows)
{
	const char *first;
	int			nrows = 0;

	rows->is_array = take_char(rows, '[');
	first = rows->pos;
	while (nrows < IMPORT_SAMPLE && take_object(rows, true) == IMPORT_ROW)
		nrows++;
	rows->pos = first;
	return rows->ncolumns > 0 ? NULL : "there is no JSON object with a key";
}

enum import_result
import_json_next(struct import_rows *rows)
{
	return take_object(rows, false);
}
