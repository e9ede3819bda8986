/*-------------------------------------------------------------------------
 *
 * HTTP/1: the first request and the first final response.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_PAYLOAD_HTTP_H
#define COLLECTOR_PAYLOAD_HTTP_H

#include "payload_found.h"
#include "payload_stream.h"

/*
 * Does a stream begin with a request line or a status line of HTTP/1.0 or 1.1?
 * Keeps in *stream what it has looked at; set it to zero for other parsers.
 */
extern enum payload_match http_match(struct payload_stream *stream,
									 const struct payload_input *in);

/* Go on in one direction of a connection of which one direction matches. */
extern enum payload_state http_feed(struct payload_found *found,
									struct payload_stream *stream,
									const struct payload_input *in);

#endif
