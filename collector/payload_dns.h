/*-------------------------------------------------------------------------
 *
 * DNS over UDP and TCP, multicast DNS, LLMNR: the first question, the rcode.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_PAYLOAD_DNS_H
#define COLLECTOR_PAYLOAD_DNS_H

#include "payload_found.h"
#include "payload_stream.h"

/*
 * One message, which may be cut behind its first question.  Returns false, and
 * puts nothing, if it is no DNS.  The name of the first message stays; it is
 * in lower case, in the form of master files (RFC 1035 section 5.1): a dot or
 * backslash within a label is behind a backslash, what is not printable ASCII
 * is a backslash and three decimal digits; the root is a dot.
 */
extern bool dns_message(struct payload_found *found, const uint8_t *bytes,
						size_t len) __attribute__((warn_unused_result));

/* The first message of a direction of a stream: DONE, MORE or OTHER. */
extern enum payload_state dns_feed(struct payload_found *found,
								   struct payload_stream *stream,
								   const struct payload_input *in);

#endif
