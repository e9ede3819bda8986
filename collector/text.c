/*-------------------------------------------------------------------------
 *
 * Text of strangers made fit for PostgreSQL.
 *
 * Well-formed sequences are those of table 3-7 of the Unicode standard: no
 * overlong forms, no surrogates, nothing beyond U+10FFFF.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "text.h"

/* Length of the well-formed sequence at the start of bytes[len], else 0. */
static size_t
sequence_len(const uint8_t *bytes, size_t len)
{
	uint8_t		lead = bytes[0];
	uint8_t		low = 0x80;
	uint8_t		high = 0xbf;
	size_t		n;

	if (lead < 0x80)
		return 1;
	if (lead < 0xc2 || lead > 0xf4)
		return 0;
	n = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
	if (n > len)
		return 0;
	if (lead == 0xe0)
		low = 0xa0;
	else if (lead == 0xed)
		high = 0x9f;
	else if (lead == 0xf0)
		low = 0x90;
	else if (lead == 0xf4)
		high = 0x8f;
	if (bytes[1] < low || bytes[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if (bytes[i] < 0x80 || bytes[i] > 0xbf)
			return 0;
	return n;
}

size_t
text_clean(const uint8_t *bytes, size_t len, char *dst, size_t room)
{
	size_t		used = 0;
	size_t		i = 0;

	while (i < len)
	{
		const uint8_t *from = bytes + i;
		size_t		n = sequence_len(from, len - i);

		i += n == 0 ? 1 : n;
		if (n == 0)
		{
			from = (const uint8_t *) "\xef\xbf\xbd";
			n = 3;
		}
		else if (from[0] < 0x20)
			from = (const uint8_t *) "?";
		if (n > room - used)
			break;
		memcpy(dst + used, from, n);
		used += n;
	}
	return used;
}
