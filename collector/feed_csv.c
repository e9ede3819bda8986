/*-------------------------------------------------------------------------
 *
 * Lines with a header.
 *
 * An empty value is no value; an empty one in quotes is an empty text, and no
 * value where a text does not belong.  \N is no value.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "draft.h"
#include "feed_csv.h"

static const char summary[] = "Summary";
static const char no_flows[] = "No matched flows";

/* Which of the separators a header has most of; a comma if it has none. */
static char
find_separator(const char *line, size_t len)
{
	static const char candidates[] = ",;\t|";
	size_t		counts[sizeof(candidates) - 1] = {0};
	size_t		best = 0;

	for (size_t i = 0; i < len; i++)
		for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++)
			counts[c] += line[i] == candidates[c];
	for (size_t c = 1; c < sizeof(counts) / sizeof(counts[0]); c++)
		if (counts[c] > counts[best])
			best = c;
	return candidates[best];
}

static bool
takes_text(const struct feed_value *value)
{
	return value->target >= DRAFT_NOTHING ||
		(value->target < COLUMN_COUNT && column_list[value->target].kind == COLUMN_IS_TEXT);
}

/* A value in quotes, from behind the first one; returns where it ends, or NULL. */
static const char *
take_quoted(struct feed_record *record, const char *p, const char *end,
			struct feed_value *value)
{
	char	   *dst = record->scratch + record->used;

	value->text = dst;
	for (;;)
	{
		const char *quote = memchr(p, '"', (size_t) (end - p));

		if (quote == NULL)
			return NULL;
		memcpy(dst, p, (size_t) (quote - p));
		dst += quote - p;
		p = quote + 1;
		if (p == end || *p != '"')
			break;
		*dst++ = *p++;
	}
	value->len = (uint32_t) (dst - value->text);
	record->used += value->len;
	if (value->len == 0 && !takes_text(value))
		value->kind = FEED_NULL;
	return p;
}

/* nfdump writes 0 for what a record does not have. */
static bool
is_absent(const struct feed_value *value)
{
	if (value->target < COLUMN_CORE_COUNT && value->target != COLUMN_EXPORTER &&
		value->target != COLUMN_SRC_AS && value->target != COLUMN_DST_AS)
		return false;
	if (value->target >= COLUMN_COUNT && value->target != DRAFT_MPLS)
		return false;
	for (uint32_t i = 0; i < value->len; i++)
		if (strchr("0.:x-", value->text[i]) == NULL || value->text[i] == '\0')
			return false;
	return true;
}

static void
finish_plain(const struct feed_csv *csv, struct feed_value *value)
{
	if (csv->dialect == CSV_NFDUMP || !takes_text(value))
	{
		while (value->len > 0 && *value->text == ' ')
		{
			value->text++;
			value->len--;
		}
		while (value->len > 0 && value->text[value->len - 1] == ' ')
			value->len--;
	}
	if (value->len == 0 || (value->len == 2 && memcmp(value->text, "\\N", 2) == 0) ||
		(csv->dialect == CSV_NFDUMP && is_absent(value)))
		value->kind = FEED_NULL;
}

/* Backslashes as COPY writes them; a value without any is left where it is. */
static void
finish_escaped(struct feed_record *record, struct feed_value *value)
{
	static const char letter[] = "bfnrtv";
	static const char meant[] = "\b\f\n\r\t\v";
	const char *p = value->text;
	const char *end = p + value->len;
	char	   *dst = record->scratch + record->used;

	if (value->len == 2 && memcmp(p, "\\N", 2) == 0)
		value->kind = FEED_NULL;
	if (value->kind == FEED_NULL || memchr(p, '\\', value->len) == NULL)
		return;
	value->text = dst;
	while (p < end)
	{
		char		c = *p++;

		if (c == '\\' && p < end)
		{
			const char *found = *p == '\0' ? NULL : strchr(letter, *p);

			c = found == NULL ? *p : meant[found - letter];
			p++;
		}
		*dst++ = c;
	}
	value->len = (uint32_t) (dst - value->text);
	record->used += value->len;
}

static const char *
take_values(struct feed_csv *csv, const char *p, const char *end,
			struct feed_record *record)
{
	for (;;)
	{
		struct feed_value *value = &record->values[record->n];
		const char *start = p;

		if (record->n == csv->columns.n)
			return "has more values than the header has names";
		*value = csv->columns.list[record->n].value;
		record->n++;
		if (p < end && *p == '"' && csv->dialect != CSV_TEXT)
		{
			p = take_quoted(record, p + 1, end, value);
			if (p == NULL)
				return "ends within quotes";
			if (p < end && *p != csv->separator)
				return "has text behind a quoted value";
		}
		else
		{
			while (p < end && *p != csv->separator)
				p++;
			value->text = start;
			value->len = (uint32_t) (p - start);
			if (csv->dialect == CSV_TEXT)
				finish_escaped(record, value);
			else
				finish_plain(csv, value);
		}
		if (p == end)
			break;
		p++;
	}
	return record->n == csv->columns.n ? NULL : "has fewer values than the header has names";
}

static bool
begins_with(const char *line, size_t len, const char *word)
{
	return len >= strlen(word) && memcmp(line, word, strlen(word)) == 0;
}

static bool
take_header(struct feed_csv *csv, const char *line, size_t len)
{
	if (len > 0 && *line == '#')
	{
		line++;
		len--;
	}
	csv->separator = csv->dialect == CSV_TEXT ? '\t' : find_separator(line, len);
	csv->has_header = feed_columns_set(&csv->columns, line, len, csv->separator,
									   csv->dialect == CSV_NFDUMP) &&
		csv->columns.nknown > 0;
	return csv->has_header;
}

/* The first line of a summary of nfdump; a header may come behind it. */
static bool
is_other(struct feed_csv *csv, const char *line, size_t len)
{
	if (csv->dialect != CSV_NFDUMP)
		return false;
	if (begins_with(line, len, summary))
		csv->is_in_summary = true;
	else if (csv->is_in_summary && begins_with(line, len, "ts,te,"))
	{
		csv->is_in_summary = false;
		csv->has_header = false;
	}
	return csv->is_in_summary || begins_with(line, len, no_flows);
}

enum csv_result
feed_csv_line(struct feed_csv *csv, const char *line, size_t len,
			  struct feed_record *record, const char **reason)
{
	if (is_other(csv, line, len))
		return CSV_OTHER;
	if (!csv->has_header)
	{
		if (take_header(csv, line, len))
			return CSV_OTHER;
		*reason = "should be a header, but has no name that is known";
		return CSV_MALFORMED;
	}
	if (!feed_record_begin(record, len))
		*reason = "takes too much memory";
	else
		*reason = take_values(csv, line, line + len, record);
	return *reason == NULL ? CSV_RECORD : CSV_MALFORMED;
}

bool
feed_csv_skip(struct feed_csv *csv, const char *line, size_t len)
{
	if (is_other(csv, line, len))
		return false;
	if (csv->has_header)
		return true;
	(void) take_header(csv, line, len);
	return false;
}

void
feed_csv_close(struct feed_csv *csv)
{
	free(csv->columns.names);
}
