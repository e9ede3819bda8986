/*-------------------------------------------------------------------------
 *
 * What was found in a conversation.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "payload_found.h"
#include "text.h"

#define HEAD_LEN 3				/* column and length before each text */

_Static_assert(FLOW_EXTRA_COUNT <= 256, "a column number is one byte");

static bool
make_room(struct payload_found *found, size_t len)
{
	size_t		wanted = (size_t) found->used + len;
	uint8_t    *texts;

	if (wanted > PAYLOAD_FOUND_BYTES)
		return false;
	if (wanted <= found->room)
		return true;
	wanted = (wanted + 63) / 64 * 64;
	texts = realloc(found->texts, wanted);
	if (texts == NULL)
		return false;
	found->texts = texts;
	found->room = (uint16_t) wanted;
	return true;
}

void
payload_put_text(struct payload_found *found, enum flow_extra_id column,
				 const void *bytes, size_t len, size_t max)
{
	char		text[PAYLOAD_DNS_MAX];
	uint8_t    *dst;

	len = text_clean(bytes, len, text, max < sizeof(text) ? max : sizeof(text));
	if (len == 0 || !make_room(found, HEAD_LEN + len))
		return;
	dst = found->texts + found->used;
	dst[0] = (uint8_t) column;
	dst[1] = (uint8_t) (len >> 8);
	dst[2] = (uint8_t) len;
	memcpy(dst + HEAD_LEN, text, len);
	found->used = (uint16_t) (found->used + HEAD_LEN + len);
}

void
payload_found_extra(const struct payload_found *found,
					struct flow_extra *extra)
{
	static const uint8_t columns[PAYLOAD_NUMBERS] = {
		[PAYLOAD_TLS_VERSION] = FLOW_TLS_VERSION,
		[PAYLOAD_TLS_CIPHER] = FLOW_TLS_CIPHER,
		[PAYLOAD_QUIC_VERSION] = FLOW_QUIC_VERSION,
		[PAYLOAD_HTTP_STATUS] = FLOW_HTTP_STATUS,
		[PAYLOAD_DNS_TYPE] = FLOW_DNS_TYPE,
		[PAYLOAD_DNS_RCODE] = FLOW_DNS_RCODE
	};

	for (int i = 0; i < PAYLOAD_NUMBERS; i++)
		if (found->present >> i & 1)
			flow_extra_put_number(extra, columns[i], found->numbers[i]);
	for (size_t off = 0; off < found->used;)
	{
		const uint8_t *text = found->texts + off;
		uint32_t	len = (uint32_t) (text[1] << 8 | text[2]);

		flow_extra_put_text(extra, text[0], text + HEAD_LEN, len);
		off += HEAD_LEN + len;
	}
}

void
payload_found_free(struct payload_found *found)
{
	free(found->texts);
	memset(found, 0, sizeof(*found));
}
