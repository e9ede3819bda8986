/*-------------------------------------------------------------------------
 *
 * Zeek's logs as tab-separated values.
 *
 *		#separator \x09					a byte, written so
 *		#set_separator	,				between elements of a set
 *		#empty_field	(empty)			a set or string without content
 *		#unset_field	-				no value
 *		#fields	ts	uid	id.orig_h		names
 *		#types	time	string	addr		and what they are
 *
 * Within values, \xHH is a byte.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "draft.h"
#include "feed_zeek.h"

void
feed_zeek_open(struct feed_zeek *zeek)
{
	zeek->separator = '\t';
	zeek->set_separator = ',';
	strcpy(zeek->empty, "(empty)");
	strcpy(zeek->unset, "-");
	zeek->has_fields = false;
}

void
feed_zeek_close(struct feed_zeek *zeek)
{
	free(zeek->columns.names);
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that \xHH at p stands for, or -1. */
static int
escaped_byte(const char *p, const char *end)
{
	if (end - p < 4 || p[0] != '\\' || p[1] != 'x' || hex_digit(p[2]) < 0 ||
		hex_digit(p[3]) < 0)
		return -1;
	return hex_digit(p[2]) << 4 | hex_digit(p[3]);
}

/* What follows "#word" and the separator, or NULL if it is another word. */
static const char *
argument(const struct feed_zeek *zeek, const char *line, size_t len, const char *word)
{
	size_t		n = strlen(word);

	if (len <= n || memcmp(line, word, n) != 0 ||
		(line[n] != zeek->separator && line[n] != ' '))
		return NULL;
	return line + n + 1;
}

static void
set_types(struct feed_zeek *zeek, const char *p, const char *end)
{
	for (int i = 0; i < zeek->columns.n && p <= end; i++)
	{
		const char *next = memchr(p, zeek->separator, (size_t) (end - p));
		size_t		len = (size_t) ((next == NULL ? end : next) - p);
		uint8_t    *type = &zeek->columns.list[i].zeek_type;

		if ((len == 4 && memcmp(p, "time", 4) == 0) || (len == 5 && memcmp(p, "count", 5) == 0) ||
			(len == 3 && memcmp(p, "int", 3) == 0) || (len == 4 && memcmp(p, "port", 4) == 0) ||
			(len == 6 && memcmp(p, "double", 6) == 0) ||
			(len == 8 && memcmp(p, "interval", 8) == 0))
			*type = ZEEK_NUMBER;
		else if (len == 4 && memcmp(p, "bool", 4) == 0)
			*type = ZEEK_BOOL;
		else
			*type = ZEEK_TEXT;
		if (next == NULL)
			return;
		p = next + 1;
	}
}

static const char *
set_word(char *word, const char *value, const char *end)
{
	size_t		len = (size_t) (end - value);

	if (len >= ZEEK_WORD_MAX)
		return "has a mark for empty values that is too long";
	memcpy(word, value, len);
	word[len] = '\0';
	return NULL;
}

static const char *
set_fields(struct feed_zeek *zeek, const char *names, const char *end)
{
	zeek->has_fields = feed_columns_set(&zeek->columns, names, (size_t) (end - names),
										zeek->separator, false) &&
		zeek->columns.nknown > 0;
	return zeek->has_fields ? NULL : "has no name that is known";
}

const char *
feed_zeek_header(struct feed_zeek *zeek, const char *line, size_t len)
{
	const char *end = line + len;
	const char *value;

	if ((value = argument(zeek, line, len, "#separator")) != NULL)
	{
		int			byte = escaped_byte(value, end);

		feed_zeek_open(zeek);
		if (byte < 0 && end - value != 1)
			return "has a separator of more than one byte";
		zeek->separator = (char) (byte < 0 ? *value : byte);
	}
	else if ((value = argument(zeek, line, len, "#set_separator")) != NULL)
		zeek->set_separator = value < end ? *value : ',';
	else if ((value = argument(zeek, line, len, "#empty_field")) != NULL)
		return set_word(zeek->empty, value, end);
	else if ((value = argument(zeek, line, len, "#unset_field")) != NULL)
		return set_word(zeek->unset, value, end);
	else if ((value = argument(zeek, line, len, "#fields")) != NULL)
		return set_fields(zeek, value, end);
	else if ((value = argument(zeek, line, len, "#types")) != NULL)
		set_types(zeek, value, end);
	return NULL;
}

static bool
is_word(const struct feed_value *value, const char *word)
{
	return value->len == strlen(word) && memcmp(value->text, word, value->len) == 0;
}

static void
unescape(struct feed_record *record, struct feed_value *value)
{
	const char *p = value->text;
	const char *end = p + value->len;
	char	   *dst = record->scratch + record->used;

	if (memchr(p, '\\', value->len) == NULL)
		return;
	value->text = dst;
	while (p < end)
	{
		int			byte = escaped_byte(p, end);

		*dst++ = byte < 0 ? *p : (char) byte;
		p += byte < 0 ? 1 : 4;
	}
	value->len = (uint32_t) (dst - value->text);
	record->used += value->len;
}

/* Is it a number as JSON has them, without sign and exponent? */
static bool
is_number(const struct feed_value *value)
{
	bool		has_dot = false;

	for (uint32_t i = 0; i < value->len; i++)
	{
		bool		is_dot = value->text[i] == '.';

		if (is_dot ? has_dot || i == 0 || i + 1 == value->len :
			value->text[i] < '0' || value->text[i] > '9')
			return false;
		has_dot |= is_dot;
	}
	return value->len > 0 && value->len < 64 &&
		(value->text[0] != '0' || value->len == 1 || value->text[1] == '.');
}

static void
set_kind(const struct feed_zeek *zeek, uint8_t type, struct feed_record *record,
		 struct feed_value *value)
{
	if (is_word(value, zeek->unset))
		value->kind = FEED_NULL;
	else if (is_word(value, zeek->empty))
		value->len = 0;
	else if (type == ZEEK_NUMBER && is_number(value))
		value->kind = FEED_LITERAL;
	else if (type == ZEEK_BOOL && value->target == DRAFT_FIELD &&
			 (is_word(value, "T") || is_word(value, "F")))
	{
		value->kind = FEED_LITERAL;
		value->text = *value->text == 'T' ? "true" : "false";
		value->len = (uint32_t) strlen(value->text);
	}
	else
		unescape(record, value);
}

const char *
feed_zeek_line(struct feed_zeek *zeek, const char *line, size_t len,
			   struct feed_record *record)
{
	const char *p = line;
	const char *end = line + len;

	if (!zeek->has_fields)
		return "comes before the names of its values";
	if (!feed_record_begin(record, len))
		return "takes too much memory";
	for (;;)
	{
		struct feed_value *value = &record->values[record->n];
		const struct feed_column *column = &zeek->columns.list[record->n];
		const char *start = p;

		if (record->n == zeek->columns.n)
			return "has more values than the header has names";
		*value = column->value;
		record->n++;
		while (p < end && *p != zeek->separator)
			p++;
		value->text = start;
		value->len = (uint32_t) (p - start);
		set_kind(zeek, column->zeek_type, record, value);
		if (p == end)
			break;
		p++;
	}
	return record->n == zeek->columns.n ? NULL : "has fewer values than the header has names";
}
