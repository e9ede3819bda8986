/*-------------------------------------------------------------------------
 *
 * JSON text that grows (RFC 8259).
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "json_out.h"

static bool
reserve(struct json_out *out, size_t more)
{
	size_t		room = out->room == 0 ? 1024 : out->room;
	char	   *bytes;

	if (out->len + more <= out->room)
		return true;
	while (room < out->len + more)
		room *= 2;
	bytes = room > JSON_OUT_MAX ? NULL : realloc(out->bytes, room);
	if (bytes == NULL)
	{
		out->has_failed = true;
		return false;
	}
	out->bytes = bytes;
	out->room = room;
	return true;
}

void
json_out_raw(struct json_out *out, const char *bytes, size_t len)
{
	if (out->has_failed || !reserve(out, len))
		return;
	memcpy(out->bytes + out->len, bytes, len);
	out->len += len;
}

static size_t
escape(unsigned char c, char *dst)
{
	static const char special[] = "\"\\\b\f\n\r\t";
	static const char letter[] = "\"\\bfnrt";
	static const char hex[] = "0123456789abcdef";
	const char *found = strchr(special, c);

	dst[0] = '\\';
	if (found != NULL)
	{
		dst[1] = letter[found - special];
		return 2;
	}
	memcpy(dst + 1, "u00", 3);
	dst[4] = hex[c >> 4];
	dst[5] = hex[c & 15];
	return 6;
}

void
json_out_string(struct json_out *out, const char *text, size_t len)
{
	size_t		plain = 0;

	json_out_raw(out, "\"", 1);
	for (size_t i = 0; i < len; i++)
	{
		unsigned char c = (unsigned char) text[i];
		char		escaped[6];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		json_out_raw(out, text + plain, i - plain);
		json_out_raw(out, escaped, escape(c, escaped));
		plain = i + 1;
	}
	json_out_raw(out, text + plain, len - plain);
	json_out_raw(out, "\"", 1);
}

void
json_out_next(struct json_out *out)
{
	char		last = out->len == 0 ? '{' : out->bytes[out->len - 1];

	if (last != '{' && last != '[' && last != ':')
		json_out_raw(out, ",", 1);
}
