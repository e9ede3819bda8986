/*-------------------------------------------------------------------------
 *
 * A text that grows, up to a bound.
 *
 *-------------------------------------------------------------------------
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web_buffer.h"

#define FIRST_ROOM	1024

/* Room for len more bytes and a zero byte. */
static bool
reserve(struct web_buffer *buffer, size_t len)
{
	size_t		room = buffer->room == 0 ? FIRST_ROOM : buffer->room;
	char	   *bytes;

	if (buffer->has_failed || len > buffer->max - buffer->len)
	{
		buffer->has_failed = true;
		return false;
	}
	if (buffer->len + len < buffer->room)
		return true;
	while (room <= buffer->len + len)
		room *= 2;
	bytes = realloc(buffer->bytes, room);
	if (bytes == NULL)
	{
		buffer->has_failed = true;
		return false;
	}
	buffer->bytes = bytes;
	buffer->room = room;
	return true;
}

void
web_buffer_put(struct web_buffer *buffer, const void *bytes, size_t len)
{
	if (len == 0 || !reserve(buffer, len))
		return;
	memcpy(buffer->bytes + buffer->len, bytes, len);
	buffer->len += len;
}

void
web_buffer_text(struct web_buffer *buffer, const char *text)
{
	web_buffer_put(buffer, text, strlen(text));
}

void
web_buffer_print(struct web_buffer *buffer, const char *fmt,...)
{
	va_list		args;
	int			len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (len < 0 || !reserve(buffer, (size_t) len))
		return;
	va_start(args, fmt);
	vsnprintf(buffer->bytes + buffer->len, (size_t) len + 1, fmt, args);
	va_end(args);
	buffer->len += (size_t) len;
}

size_t
web_utf8_len(const char *bytes, size_t len)
{
	const uint8_t *b = (const uint8_t *) bytes;
	size_t		n = b[0] < 0x80 ? 1 : b[0] < 0xc2 ? 0 : b[0] < 0xe0 ? 2 :
		b[0] < 0xf0 ? 3 : b[0] < 0xf5 ? 4 : 0;

	if (n > len)
		return 0;
	for (size_t i = 1; i < n; i++)
	{
		if ((b[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((b[0] == 0xe0 && b[1] < 0xa0) || (b[0] == 0xed && b[1] > 0x9f) ||
		(b[0] == 0xf0 && b[1] < 0x90) || (b[0] == 0xf4 && b[1] > 0x8f))
		return 0;
	return n;
}

static void
put_json_char(struct web_buffer *buffer, const char *bytes, size_t n)
{
	unsigned char c = (unsigned char) bytes[0];

	if (n == 0)
		web_buffer_text(buffer, "\xef\xbf\xbd");
	else if (c == '"' || c == '\\')
	{
		web_buffer_put(buffer, "\\", 1);
		web_buffer_put(buffer, bytes, 1);
	}
	else if (c == '\n')
		web_buffer_text(buffer, "\\n");
	else if (c == '\t')
		web_buffer_text(buffer, "\\t");
	else if (c < 0x20 || c == 0x7f)
		web_buffer_print(buffer, "\\u%04x", c);
	else
		web_buffer_put(buffer, bytes, n);
}

static bool
is_plain(char c)
{
	return (unsigned char) c >= 0x20 && (unsigned char) c < 0x7f &&
		c != '"' && c != '\\';
}

void
web_buffer_json(struct web_buffer *buffer, const char *text, size_t len)
{
	size_t		pos = 0;

	web_buffer_put(buffer, "\"", 1);
	while (pos < len)
	{
		size_t		n = 0;

		while (pos + n < len && is_plain(text[pos + n]))
			n++;
		web_buffer_put(buffer, text + pos, n);
		pos += n;
		if (pos == len)
			break;
		n = web_utf8_len(text + pos, len - pos);
		put_json_char(buffer, text + pos, n);
		pos += n == 0 ? 1 : n;
	}
	web_buffer_put(buffer, "\"", 1);
}

void
web_buffer_csv(struct web_buffer *buffer, const char *text, size_t len)
{
	web_buffer_put(buffer, "\"", 1);
	while (len > 0)
	{
		const char *quote = memchr(text, '"', len);
		size_t		n = quote == NULL ? len : (size_t) (quote - text) + 1;

		web_buffer_put(buffer, text, n);
		if (quote != NULL)
			web_buffer_put(buffer, "\"", 1);
		text += n;
		len -= n;
	}
	web_buffer_put(buffer, "\"", 1);
}

void
web_buffer_clear(struct web_buffer *buffer)
{
	buffer->len = 0;
	buffer->has_failed = false;
}

void
web_buffer_free(struct web_buffer *buffer)
{
	free(buffer->bytes);
	buffer->bytes = NULL;
	buffer->len = buffer->room = 0;
}
