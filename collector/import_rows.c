/*-------------------------------------------------------------------------
 *
 * Rows to import: CSV and TSV, and which of CSV and JSON it is.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "import_json.h"
#include "import_rows.h"

static const char byte_order_mark[] = "\xef\xbb\xbf";

/* The separator the first line has most of, outside of quotes. */
static char
find_delimiter(const char *pos, const char *end)
{
	static const char candidates[] = "\t,;|";
	size_t		counts[4] = {0};
	size_t		best = 1;
	bool		is_quoted = false;

	for (; pos < end && (is_quoted || *pos != '\n'); pos++)
	{
		const char *found = *pos == '\0' ? NULL : strchr(candidates, *pos);

		if (*pos == '"')
			is_quoted = !is_quoted;
		else if (found != NULL && !is_quoted)
			counts[found - candidates]++;
	}
	for (size_t i = 0; i < 4; i++)
	{
		if (counts[i] > counts[best])
			best = i;
	}
	return candidates[best];
}

/* What is between quotes; *pos is behind the first of them. */
static bool
take_quoted(const char **pos, const char *end, struct web_buffer *text)
{
	for (;;)
	{
		const char *quote = memchr(*pos, '"', (size_t) (end - *pos));

		if (quote == NULL)
			return false;
		web_buffer_put(text, *pos, (size_t) (quote - *pos));
		*pos = quote + 1;
		if (*pos == end || **pos != '"')
			return true;
		web_buffer_put(text, "\"", 1);
		(*pos)++;
	}
}

/* One field; *pos is at its separator then, or at the end of the line. */
static bool
take_field(struct import_rows *rows, struct import_cell *cell,
		   struct web_buffer *text)
{
	bool		is_quoted = rows->pos < rows->end && *rows->pos == '"';
	const char *from;

	cell->off = text->len;
	if (is_quoted)
	{
		rows->pos++;
		if (!take_quoted(&rows->pos, rows->end, text))
			return false;
	}
	from = rows->pos;
	while (rows->pos < rows->end && *rows->pos != rows->delimiter &&
		   *rows->pos != '\n' && *rows->pos != '\r')
		rows->pos++;
	web_buffer_put(text, from, (size_t) (rows->pos - from));
	cell->len = text->len - cell->off;
	cell->is_null = cell->len == 0 && !is_quoted;
	web_buffer_put(text, "", 1);
	return !text->has_failed;
}

/* A line into cells[ncolumns]; returns its number of fields, or -1. */
static int
take_line(struct import_rows *rows, struct import_cell *cells,
		  struct web_buffer *text)
{
	int			n = 0;

	for (;;)
	{
		struct import_cell surplus;

		if (!take_field(rows, n < IMPORT_MAX_COLUMNS ? &cells[n] : &surplus, text))
			return -1;
		n += n <= IMPORT_MAX_COLUMNS;
		if (rows->pos == rows->end || *rows->pos != rows->delimiter)
			break;
		rows->pos++;
	}
	if (rows->pos < rows->end && *rows->pos == '\r')
		rows->pos++;
	if (rows->pos < rows->end && *rows->pos == '\n')
		rows->pos++;
	return n;
}

static void
pass_empty_lines(struct import_rows *rows)
{
	while (rows->pos < rows->end && (*rows->pos == '\n' || *rows->pos == '\r'))
		rows->pos++;
}

const char *
import_rows_open(struct import_rows *rows, const char *bytes, size_t len)
{
	memset(rows, 0, sizeof(*rows));
	rows->pos = bytes;
	rows->end = bytes + len;
	rows->name_text.max = rows->text.max = IMPORT_MAX_ROW;
	if (len >= 3 && memcmp(bytes, byte_order_mark, 3) == 0)
		rows->pos += 3;
	while (rows->pos < rows->end && (*rows->pos == ' ' || *rows->pos == '\n' ||
									 *rows->pos == '\r'))
		rows->pos++;
	if (rows->pos == rows->end)
		return "there are no rows";
	if (*rows->pos == '{' || *rows->pos == '[')
		return import_json_open(rows);
	rows->delimiter = find_delimiter(rows->pos, rows->end);
	rows->ncolumns = take_line(rows, rows->names, &rows->name_text);
	if (rows->ncolumns < 0 || rows->ncolumns > IMPORT_MAX_COLUMNS)
		return "the header line is damaged, or too long";
	return NULL;
}

void
import_rows_close(struct import_rows *rows)
{
	web_buffer_free(&rows->name_text);
	web_buffer_free(&rows->text);
}

enum import_result
import_rows_next(struct import_rows *rows)
{
	int			n;

	web_buffer_clear(&rows->text);
	if (rows->delimiter == 0)
		return import_json_next(rows);
	pass_empty_lines(rows);
	if (rows->pos == rows->end)
		return IMPORT_END;
	n = take_line(rows, rows->cells, &rows->text);
	if (n < 0)
		return IMPORT_DAMAGED;
	return n == rows->ncolumns ? IMPORT_ROW : IMPORT_BAD_ROW;
}
