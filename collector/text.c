/*-------------------------------------------------------------------------
 *
 * Text of strangers: UTF-8 by RFC 3629, section 4.
 *
 * Overlong forms, surrogates and what lies above U+10FFFF are invalid; the
 * second byte alone decides about them:
 *
 *		E0 A0-BF	ED 80-9F	F0 90-BF	F4 80-8F
 *
 *-------------------------------------------------------------------------
 */
#include <stdbool.h>
#include <string.h>

#include "text.h"

#define REPLACEMENT		"\xef\xbf\xbd"	/* U+FFFD */

static bool
second_is_valid(uint8_t first, uint8_t second)
{
	switch (first)
	{
		case 0xe0:
			return second >= 0xa0 && second <= 0xbf;
		case 0xed:
			return second >= 0x80 && second <= 0x9f;
		case 0xf0:
			return second >= 0x90 && second <= 0xbf;
		case 0xf4:
			return second >= 0x80 && second <= 0x8f;
		default:
			return second >= 0x80 && second <= 0xbf;
	}
}

/* Length of the valid sequence at p[left], left > 0; 0 if there is none. */
static size_t
sequence_length(const uint8_t *p, size_t left)
{
	size_t		n;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (n > left || !second_is_valid(p[0], p[1]))
		return 0;
	for (size_t i = 2; i < n; i++)
	{
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	return n;
}

size_t
text_clean(const uint8_t *bytes, size_t len, char *dst, size_t room)
{
	size_t		written = 0;
	size_t		pos = 0;

	while (pos < len)
	{
		size_t		n = sequence_length(bytes + pos, len - pos);
		const char *from = (const char *) bytes + pos;
		size_t		size = n;

		if (n == 0)
		{
			from = REPLACEMENT;
			size = strlen(REPLACEMENT);
		}
		else if (bytes[pos] < 0x20 || bytes[pos] == 0x7f)
			from = "?";
		if (size > room - written)
			break;
		memcpy(dst + written, from, size);
		written += size;
		pos += n == 0 ? 1 : n;
	}
	return written;
}
