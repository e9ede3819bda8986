/*-------------------------------------------------------------------------
 *
 * What the payload of a conversation says about it: TLS, QUIC, HTTP/1, DNS.
 *
 * A conversation is both directions of one TCP connection or of one pair of
 * UDP endpoints.  The caller follows packets and puts TCP streams in order;
 * nothing here knows packets, flows or ports: a protocol is found by its bytes.
 *
 *		struct payload p;
 *
 *		payload_init(&p);
 *		payload_feed(&p, 0, prefix, len, false);	 TCP: as bytes come
 *		payload_datagram(&p, 0, bytes, len);		 UDP: each datagram
 *		payload_extra(&p, &extra);					 the columns so far
 *		payload_free(&p);
 *
 * Any bytes are safe.  Memory: sizeof(struct payload) and nothing else until a
 * protocol has been found; then what it said, PAYLOAD_FOUND_BYTES at most;
 * while a QUIC hello is being put together, PAYLOAD_QUIC_BYTES on top.  When
 * memory is exhausted, a value is left out.  Safe from several threads, each
 * with its own conversations.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_PAYLOAD_H
#define COLLECTOR_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow_extra.h"
#include "payload_found.h"
#include "payload_stream.h"

struct payload_quic;

/* The fields are of no use outside. */
struct payload
{
	struct payload_found found;
	struct payload_stream streams[2];
	struct payload_quic *quic;	/* NULL: no hello is being put together */
	uint8_t		protocol;
	uint8_t		states[2];		/* enum payload_state */
	uint8_t		nunclear[2];	/* datagrams that told nothing */
};

/* Direction 0 is what the initiator sends, 1 the answers; both begin empty. */
extern void payload_init(struct payload *payload);
extern void payload_free(struct payload *payload);

/*
 * The stream of one direction begins with bytes[len], without gaps: all of it
 * up to now, not only what is new; beyond PAYLOAD_PREFIX_BYTES it is ignored.
 * has_ended: no more will come, because the stream ended, or has a gap here.
 * Returns what became of this direction.  After DONE and OTHER more calls are
 * allowed, and do nothing; bytes need not be kept then.  The work of all calls
 * for one direction together is linear in its bytes.
 */
extern enum payload_state payload_feed(struct payload *payload, int direction,
									   const uint8_t *bytes, size_t len,
									   bool has_ended);

/* One UDP datagram, whole or cut.  Otherwise as payload_feed. */
extern enum payload_state payload_datagram(struct payload *payload,
										   int direction,
										   const uint8_t *bytes, size_t len);

/*
 * Puts what is known, the columns SNI to DNS_RCODE of flow_columns.h, into
 * *extra.  Texts point into *payload, until its next feed or free.  They are
 * valid UTF-8 without zero bytes, cut to the bounds in payload_found.h.
 */
extern void payload_extra(const struct payload *payload,
						  struct flow_extra *extra);

#endif
