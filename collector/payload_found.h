/*-------------------------------------------------------------------------
 *
 * What was found in a conversation: a few numbers and short texts.
 *
 * Texts lie one behind the other in one allocation that grows to what is
 * needed.  A column that is put twice has the value that was put last.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_PAYLOAD_FOUND_H
#define COLLECTOR_PAYLOAD_FOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow_extra.h"

/* The texts of one conversation: what does not fit in here is left out. */
#define PAYLOAD_FOUND_BYTES 4096

/* Texts are cut to so many bytes, between characters. */
#define PAYLOAD_NAME_MAX	255		/* SNI, host */
#define PAYLOAD_WORD_MAX	64		/* method, ALPN, fingerprints */
#define PAYLOAD_TYPE_MAX	128		/* content type */
#define PAYLOAD_LINE_MAX	512		/* user agent, subject, issuer */
#define PAYLOAD_DNS_MAX		1020	/* a DNS name, every byte escaped */

enum payload_number
{
	PAYLOAD_TLS_VERSION,
	PAYLOAD_TLS_CIPHER,
	PAYLOAD_QUIC_VERSION,
	PAYLOAD_HTTP_STATUS,
	PAYLOAD_DNS_TYPE,
	PAYLOAD_DNS_RCODE,
	PAYLOAD_NUMBERS
};

struct payload_found
{
	uint8_t    *texts;			/* texts[used]: column, length (2), bytes */
	uint16_t	used;
	uint16_t	room;
	uint8_t		present;		/* bit per enum payload_number */
	bool		has_settled_alpn;	/* the server's word; the client's is none */
	uint32_t	numbers[PAYLOAD_NUMBERS];
};

static inline bool
payload_has_number(const struct payload_found *found,
				   enum payload_number number)
{
	return (found->present >> number & 1) != 0;
}

static inline void
payload_put_number(struct payload_found *found, enum payload_number number,
				   uint32_t value)
{
	found->present |= (uint8_t) (1 << number);
	found->numbers[number] = value;
}

/*
 * Remember bytes[len], made valid UTF-8 and cut to max bytes, max at most
 * PAYLOAD_DNS_MAX, as the text of a column.  An empty text is absent.
 */
extern void payload_put_text(struct payload_found *found,
							 enum flow_extra_id column,
							 const void *bytes, size_t len, size_t max);

/* Put all of it into *extra; texts point into *found. */
extern void payload_found_extra(const struct payload_found *found,
								struct flow_extra *extra);

extern void payload_found_free(struct payload_found *found);

#endif
