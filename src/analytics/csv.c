/*-------------------------------------------------------------------------
 *
 * Lines of fields, separated by commas or tabs (RFC 4180).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "analytics/csv.h"

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

/* Pass over what is no line of fields; false at the end. */
static bool
find_line(FsCsv *csv)
{
	while (csv->at < csv->end)
	{
		const char *at = csv->at;
		const char *line_end = memchr(at, '\n', csv->end - at);

		while (at < csv->end && is_space(*at))
			at++;
		if (at < csv->end && *at != '\n' && *at != '#' && *at != ';')
			return true;
		csv->next_line++;
		csv->at = line_end == NULL ? csv->end : line_end + 1;
	}
	return false;
}

void
fs_csv_begin(FsCsv *csv, const char *text, int len, char separator)
{
	csv->at = text;
	csv->end = text + len;
	csv->separator = separator != '\0' ? separator : ',';
	csv->next_line = 1;
	csv->n = 0;
	csv->problem = NULL;
	initStringInfo(&csv->text);
	if (separator == '\0' && find_line(csv))
	{
		const char *line_end = memchr(csv->at, '\n', csv->end - csv->at);
		size_t		line_len = (line_end == NULL ? csv->end : line_end) - csv->at;

		if (memchr(csv->at, '\t', line_len) != NULL && memchr(csv->at, ',', line_len) == NULL)
			csv->separator = '\t';
	}
}

/* The inside of quotes; false if they do not end. */
static bool
read_quoted(FsCsv *csv)
{
	for (csv->at++; csv->at < csv->end; csv->at++)
	{
		if (*csv->at == '\n')
			csv->next_line++;
		if (*csv->at == '"' && (++csv->at == csv->end || *csv->at != '"'))
			return true;
		appendStringInfoCharMacro(&csv->text, *csv->at);
	}
	return false;
}

static bool
is_field_end(const FsCsv *csv)
{
	return csv->at == csv->end || *csv->at == '\n' || *csv->at == csv->separator;
}

static void
skip_spaces(FsCsv *csv)
{
	while (!is_field_end(csv) && is_space(*csv->at))
		csv->at++;
}

static void
read_plain(FsCsv *csv)
{
	const char *begin = csv->at;
	const char *last;

	while (!is_field_end(csv))
		csv->at++;
	for (last = csv->at; last > begin && is_space(last[-1]); last--)
		;
	appendBinaryStringInfo(&csv->text, begin, last - begin);
}

/* One field, up to its end; false if it is none. */
static bool
read_field(FsCsv *csv)
{
	if (csv->n == FS_CSV_MAX_FIELDS)
	{
		csv->problem = "too many fields";
		return false;
	}
	csv->offs[csv->n++] = csv->text.len;
	skip_spaces(csv);
	if (csv->at == csv->end || *csv->at != '"')
		read_plain(csv);
	else if (!read_quoted(csv))
	{
		csv->problem = "quotes do not end";
		return false;
	}
	else
	{
		skip_spaces(csv);
		if (!is_field_end(csv))
		{
			csv->problem = "text after quotes";
			return false;
		}
	}
	appendStringInfoCharMacro(&csv->text, '\0');
	return true;
}

bool
fs_csv_next(FsCsv *csv)
{
	bool		is_more = find_line(csv);

	if (!is_more)
		return false;
	resetStringInfo(&csv->text);
	csv->n = 0;
	csv->problem = NULL;
	csv->line = csv->next_line;
	csv->begin = csv->at;
	while (is_more && read_field(csv))
	{
		is_more = csv->at < csv->end && *csv->at == csv->separator;
		if (is_more)
			csv->at++;
	}
	if (csv->problem != NULL)
	{
		const char *line_end;

		/* go on with the line after the one where it began */
		csv->n = 0;
		csv->next_line = csv->line;
		line_end = memchr(csv->begin, '\n', csv->end - csv->begin);
		csv->at = line_end == NULL ? csv->end : line_end;
	}
	csv->len = csv->at - csv->begin;
	if (csv->at < csv->end)
		csv->at++;
	csv->next_line++;
	return true;
}

const char *
fs_csv_field(const FsCsv *csv, int i)
{
	return i < 0 || i >= csv->n ? "" : csv->text.data + csv->offs[i];
}

void
fs_csv_put_quoted(StringInfo out, const char *field, int len, bool is_first)
{
	if (!is_first)
		appendStringInfoChar(out, ',');
	appendStringInfoChar(out, '"');
	for (int i = 0; i < len; i++)
	{
		if (field[i] == '"')
			appendStringInfoChar(out, '"');
		appendStringInfoCharMacro(out, field[i]);
	}
	appendStringInfoChar(out, '"');
}
