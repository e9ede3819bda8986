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
#include <string.h>

#include "grid_text.h"
#include "memory.h"

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

void
json_string(struct buffer *buffer, const char *text)
{
	buffer_add_char(buffer, '"');
	for (; *text != '\0'; text++)
	{
		unsigned char byte = (unsigned char) *text;
		unsigned char next = (unsigned char) text[1];

		if (byte == '"' || byte == '\\')
			buffer_format(buffer, "\\%c", byte);
		else if (byte < 0x20 || byte == 0x7f)
			buffer_format(buffer, "\\u%04x", byte);
		else if (byte == 0xc2 && next >= 0x80 && next < 0xa0)
		{
			/* U+0080 to U+009F begin sequences of terminals, too */
			buffer_format(buffer, "\\u%04x", next);
			text++;
		}
		else
			buffer_add_char(buffer, (char) byte);
	}
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

	buffer_format(buffer, "\"%.*s%s%s%s\"", (int) date, value, value[date] == ' ' ? "T" : "",
				  value + date + (value[date] == ' '), is_short ? ":00" : "");
}

/* Whether PostgreSQL's output of a number is one of JSON. */
static bool
is_number(const char *value)
{
	return isdigit((unsigned char) value[0]) ||
		(value[0] == '-' && isdigit((unsigned char) value[1]));
}

void
json_value(struct buffer *buffer, enum grid_kind kind, const char *value)
{
	if (value == NULL)
		buffer_add_text(buffer, "null");
	else if (kind == GRID_JSON)
		buffer_add_text(buffer, value);
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
