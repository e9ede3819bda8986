/*-------------------------------------------------------------------------
 *
 * QUIC: the client hello in the client's Initial packets.
 *
 * Initial packets are encrypted with keys that follow from what is in them, so
 * anybody can read them.  Nothing else is decrypted.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_PAYLOAD_QUIC_H
#define COLLECTOR_PAYLOAD_QUIC_H

#include "payload_found.h"
#include "payload_hello.h"
#include "payload_stream.h"

/* Keys, and the hello as far as it came. */
#define PAYLOAD_QUIC_BYTES	(HELLO_MESSAGE_MAX + 512)

struct payload_quic;

/*
 * One datagram of either direction.  Returns IS_NOT if it does not begin with
 * a packet of a known version with a long header, UNSURE if the hello is not
 * complete, or can no longer be read, IS when it has been put into *found.
 * *quic is NULL at first; what it becomes must be freed.
 */
extern enum payload_match quic_datagram(struct payload_quic **quic,
										struct payload_found *found,
										const uint8_t *bytes, size_t len);

extern void quic_free(struct payload_quic *quic);

#endif
