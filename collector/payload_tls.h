/*-------------------------------------------------------------------------
 *
 * TLS over TCP and DTLS: hellos and certificates.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_PAYLOAD_TLS_H
#define COLLECTOR_PAYLOAD_TLS_H

#include "payload_found.h"
#include "payload_hello.h"
#include "payload_stream.h"

/* Does a stream begin with a hello, be it the old one of SSL 2.0? */
extern enum payload_match tls_match(const struct payload_input *in);

/* Go on in one direction of a connection of which one direction matches. */
extern enum payload_state tls_feed(struct payload_found *found,
								   struct payload_stream *stream,
								   const struct payload_input *in);

/*
 * One datagram.  Returns IS_NOT if it is no DTLS handshake, UNSURE if it is
 * one without a whole hello, IS if it had one.
 */
extern enum payload_match dtls_datagram(struct payload_found *found,
										const uint8_t *bytes, size_t len);

/* Put what a hello says. */
extern void tls_put_client(struct payload_found *found,
						   const struct hello *hello);
extern void tls_put_server(struct payload_found *found,
						   const struct hello *hello);

#endif
