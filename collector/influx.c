/*-------------------------------------------------------------------------
 *
 * InfluxDB line protocol: one line of it.
 *
 * Escapes are removed in place: what is read never gets longer.  Names end in
 * a zero byte that takes the place of the separator behind them.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "influx.h"
#include "web_buffer.h"

struct reader
{
	char	   *pos;
	char	   *end;			/* *end is 0 */
};

/*
 * A name or tag: up to one of the stops, which stays under reader->pos; the
 * text is put at *to, which follows it.
 */
static size_t
take_name(struct reader *reader, const char *stops)
{
	char	   *to = reader->pos;
	char	   *from = to;

	while (reader->pos < reader->end && strchr(stops, *reader->pos) == NULL)
	{
		if (*reader->pos == '\\' && reader->pos + 1 < reader->end &&
			strchr(",= ", reader->pos[1]) != NULL)
			reader->pos++;
		*to++ = *reader->pos++;
	}
	return (size_t) (to - from);
}

/* Put a zero byte behind name[len]; the separator, which may lie there, is returned. */
static char
end_name(struct reader *reader, char *name, size_t len)
{
	char		separator = *reader->pos;

	name[len] = '\0';
	return separator;
}

/* A quoted text; the first quote has been taken. */
static bool
take_text(struct reader *reader, struct influx_value *value)
{
	char	   *to = reader->pos;

	value->kind = INFLUX_TEXT;
	value->text = to;
	while (reader->pos < reader->end && *reader->pos != '"')
	{
		if (*reader->pos == '\\' && reader->pos + 1 < reader->end &&
			(reader->pos[1] == '"' || reader->pos[1] == '\\'))
			reader->pos++;
		*to++ = *reader->pos++;
	}
	value->len = (size_t) (to - value->text);
	if (reader->pos == reader->end)
		return false;
	reader->pos++;
	return true;
}

static bool
is_bool(struct influx_value *value)
{
	static const char *const words[] = {
		"t", "T", "true", "True", "TRUE", "f", "F", "false", "False", "FALSE"
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
	{
		if (value->len != strlen(words[i]) ||
			memcmp(value->text, words[i], value->len) != 0)
			continue;
		value->kind = INFLUX_BOOL;
		value->text = i < 5 ? "true" : "false";
		value->len = strlen(value->text);
		return true;
	}
	return false;
}

static size_t
count_digits(const char *text, size_t len)
{
	size_t		n = 0;

	while (n < len && text[n] >= '0' && text[n] <= '9')
		n++;
	return n;
}

static bool
is_float(const char *text, size_t len)
{
	size_t		sign = len > 0 && (text[0] == '-' || text[0] == '+');
	size_t		whole = count_digits(text + sign, len - sign);
	size_t		pos = sign + whole;
	size_t		fraction = 0;
	size_t		exponent;

	if (pos < len && text[pos] == '.')
	{
		fraction = count_digits(text + pos + 1, len - pos - 1);
		pos += 1 + fraction;
	}
	if (whole + fraction == 0)
		return false;
	if (pos == len)
		return true;
	if (text[pos] != 'e' && text[pos] != 'E')
		return false;
	pos++;
	if (pos < len && (text[pos] == '-' || text[pos] == '+'))
		pos++;
	exponent = count_digits(text + pos, len - pos);
	return exponent > 0 && pos + exponent == len;
}

/* What is not a quoted text. */
static bool
classify(struct influx_value *value)
{
	size_t		sign = value->len > 0 && value->text[0] == '-';
	size_t		digits = count_digits(value->text + sign, value->len - sign);
	char		last = value->len == 0 ? '\0' : value->text[value->len - 1];

	if (digits > 0 && sign + digits + 1 == value->len &&
		(last == 'i' || (last == 'u' && sign == 0)))
	{
		value->kind = INFLUX_INT;
		value->len--;
		return true;
	}
	value->kind = INFLUX_FLOAT;
	return is_bool(value) || is_float(value->text, value->len);
}

/* A value; *separator is the character behind it, or 0. */
static bool
take_value(struct reader *reader, struct influx_value *value, char *separator)
{
	if (value->kind == INFLUX_TAG)
	{
		value->text = reader->pos;
		value->len = take_name(reader, ", ");
		*separator = *reader->pos;
		return value->len > 0;
	}
	if (*reader->pos == '"')
	{
		reader->pos++;
		if (!take_text(reader, value))
			return false;
		*separator = *reader->pos;
		return *separator == ',' || *separator == ' ' || reader->pos == reader->end;
	}
	value->text = reader->pos;
	while (*reader->pos != ',' && *reader->pos != ' ' && reader->pos < reader->end)
		reader->pos++;
	value->len = (size_t) (reader->pos - value->text);
	*separator = *reader->pos;
	return classify(value);
}

/* Pairs of name and value, up to a blank or the end. */
static const char *
take_pairs(struct reader *reader, struct influx_line *line, enum influx_kind kind)
{
	char		separator;

	do
	{
		struct influx_value *value = &line->values[line->nvalues];
		char	   *name = reader->pos;

		if (line->nvalues == INFLUX_MAX_VALUES)
			return "has too many values";
		value->kind = kind;
		value->name = name;
		value->name_len = take_name(reader, ",= ");
		if (value->name_len == 0 || *reader->pos != '=')
			return "has a name without a value";
		(void) end_name(reader, name, value->name_len);
		reader->pos++;
		if (!take_value(reader, value, &separator))
			return kind == INFLUX_TAG ? "has an empty tag" : "has a field that is no value";
		line->nvalues++;
		if (separator != '\0')
			reader->pos++;
	} while (separator == ',');
	return NULL;
}

static const char *
take_time(struct reader *reader, struct influx_line *line)
{
	char	   *end;

	while (*reader->pos == ' ')
		reader->pos++;
	if (reader->pos == reader->end)
		return NULL;
	errno = 0;
	line->time_ns = strtoll(reader->pos, &end, 10);
	while (*end == ' ')
		end++;
	if (errno != 0 || end != reader->end || reader->pos[0] == '+')
		return "has a time that is no number of nanoseconds";
	line->has_time = true;
	return NULL;
}

static bool
is_clean(const char *bytes, size_t len)
{
	for (size_t pos = 0; pos < len;)
	{
		size_t		n = web_utf8_len(bytes + pos, len - pos);

		if (n == 0 || (unsigned char) bytes[pos] < 0x20 || bytes[pos] == 0x7f)
			return false;
		pos += n;
	}
	return true;
}

const char *
influx_parse(struct influx_line *line, char *bytes, size_t len)
{
	struct reader reader = {bytes, bytes + len};
	char		separator;
	const char *problem = NULL;

	line->nvalues = 0;
	line->has_time = false;
	if (len > 0 && bytes[len - 1] == '\r')
		reader.end--;
	*reader.end = '\0';
	while (*reader.pos == ' ')
		reader.pos++;
	if (reader.pos == reader.end || *reader.pos == '#')
		return "";
	if (!is_clean(reader.pos, (size_t) (reader.end - reader.pos)))
		return "is not UTF-8, or has control characters";
	line->measurement = reader.pos;
	line->measurement_len = take_name(&reader, ", ");
	separator = end_name(&reader, bytes + (line->measurement - bytes),
						 line->measurement_len);
	if (line->measurement_len == 0 || separator == '\0')
		return "has no fields";
	reader.pos++;
	if (separator == ',')
		problem = take_pairs(&reader, line, INFLUX_TAG);
	while (*reader.pos == ' ')
		reader.pos++;
	if (problem == NULL)
		problem = take_pairs(&reader, line, INFLUX_FLOAT);
	return problem == NULL ? take_time(&reader, line) : problem;
}
