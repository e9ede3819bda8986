/*-------------------------------------------------------------------------
 *
 * What must hold of the columns of any payload, for fuzzers.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TEST_PAYLOAD_CHECK_H
#define TEST_PAYLOAD_CHECK_H

#include <stdlib.h>
#include <string.h>

#include "payload.h"
#include "text.h"

/* Texts must be what they become, and within their bound. */
static inline void
check_payload(const struct payload *payload)
{
	struct flow_extra extra;
	char		again[PAYLOAD_DNS_MAX];

	flow_extra_clear(&extra);
	payload_extra(payload, &extra);
	for (int id = FLOW_SNI; id <= FLOW_DNS_RCODE; id++)
	{
		const struct flow_bytes *text = &extra.values[id].text;

		if (!flow_extra_has(&extra, id))
			continue;
		if (id == FLOW_TLS_VERSION || id == FLOW_TLS_CIPHER ||
			id == FLOW_QUIC_VERSION || id == FLOW_HTTP_STATUS ||
			id == FLOW_DNS_TYPE || id == FLOW_DNS_RCODE)
		{
			if (extra.values[id].number > UINT32_MAX)
				abort();
			continue;
		}
		if (text->len == 0 || text->len > PAYLOAD_DNS_MAX ||
			memchr(text->bytes, 0, text->len) != NULL ||
			text_clean(text->bytes, text->len, again, sizeof(again)) !=
			text->len || memcmp(again, text->bytes, text->len) != 0)
			abort();
	}
}

#endif
