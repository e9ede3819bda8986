/*-------------------------------------------------------------------------
 *
 * CSV and JSON.
 *
 * On a terminal both must be as harmless as a table: JSON escapes what
 * display.h does, and CSV, which cannot, is passed through display_escape there
 * by its caller.
 *
 *-------------------------------------------------------------------------
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "grid_text.h"
#include "memory.h"
#include "utf8.h"

void
csv_field(struct buffer *buffer, const char *value)
{
	if (value == NULL)
		return;
	if (value[0] != '\0' && value[strcspn(value, ",\"\r\n")] == '\0' &&
		strcmp(value, "\\.") != 0)
	{
		buffer_add_text(buffer, value);
		return;
	}
	buffer_add_char(buffer, '"');
	for (; *value != '\0'; value++)
	{
		if (*value == '"')
			buffer_add_char(buffer, '"');
		buffer_add_char(buffer, *value);
	}
	buffer_add_char(buffer, '"');
}

/* \u and UTF-16, as JSON has it. */
static void
add_escaped(struct buffer *buffer, uint32_t character)
{
	if (character > 0xffff)
	{
		buffer_format(buffer, "\\u%04x", (unsigned) (0xd800 + ((character - 0x10000) >> 10)));
		character = 0xdc00 + ((character - 0x10000) & 0x3ff);
	}
	buffer_format(buffer, "\\u%04x", (unsigned) character);
}

/* Text within quotes, of which nothing but itself is shown; what is no UTF-8 becomes U+FFFD. */
static void
add_safe(struct buffer *buffer, const char *text, size_t len, bool is_quoted)
{
	while (len > 0)
	{
		uint32_t	character;
		size_t		taken = utf8_decode(text, len, &character);

		if (taken == 0)
		{
			add_escaped(buffer, 0xfffd);
			taken = 1;
		}
		else if (!is_quoted && character < 0x20)
			buffer_add_char(buffer, ' ');
		else if (utf8_is_unseen(character))
			add_escaped(buffer, character);
		else
		{
			if (is_quoted && (character == '"' || character == '\\'))
				buffer_add_char(buffer, '\\');
			buffer_add(buffer, text, taken);
		}
		text += taken;
		len -= taken;
	}
}

void
json_string(struct buffer *buffer, const char *text)
{
	buffer_add_char(buffer, '"');
	add_safe(buffer, text, strlen(text), true);
	buffer_add_char(buffer, '"');
}

/* 2026-03-01 10:00:00.5+00 as ISO 8601 has it: 2026-03-01T10:00:00.5+00:00 */
static void
json_time(struct buffer *buffer, const char *value)
{
	size_t		len = strlen(value);
	size_t		date = strcspn(value, " ");
	bool		is_short = len > 3 && (value[len - 3] == '+' || value[len - 3] == '-') &&
		strchr(value, ':') != NULL;
	struct buffer text = {0};

	buffer_format(&text, "%.*s%s%s%s", (int) date, value, value[date] == ' ' ? "T" : "",
				  value + date + (value[date] == ' '), is_short ? ":00" : "");
	json_string(buffer, text.text);
	buffer_free(&text);
}

/* Whether PostgreSQL's output of a number is one of JSON. */
static bool
is_number(const char *value)
{
	return isdigit((unsigned char) value[value[0] == '-']) &&
		value[strspn(value, "0123456789+-.eE")] == '\0';
}

void
json_value(struct buffer *buffer, enum grid_kind kind, const char *value)
{
	if (value == NULL)
		buffer_add_text(buffer, "null");
	else if (kind == GRID_JSON)
		/* outside of its strings json has only white space to lose */
		add_safe(buffer, value, strlen(value), false);
	else if (kind == GRID_BOOL)
		buffer_add_text(buffer, value[0] == 't' ? "true" : "false");
	else if (kind >= GRID_EXACT && is_number(value))
		buffer_add_text(buffer, value);
	else if ((kind == GRID_TIME || kind == GRID_SECOND) && isdigit((unsigned char) value[0]) &&
			 strstr(value, "BC") == NULL)
		json_time(buffer, value);
	else
		json_string(buffer, value);
}
