/*-------------------------------------------------------------------------
 *
 * What the payload of a conversation says about it: finds the protocol, and
 * hands the bytes to its parser.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "payload.h"
#include "payload_dns.h"
#include "payload_http.h"
#include "payload_quic.h"
#include "payload_tls.h"

/*
 * Datagrams of a direction that may tell nothing before it is given up: STUN
 * comes before DTLS, and a client's Initial may be preceded by 0-RTT packets,
 * and be sent several times.
 */
#define UNKNOWN_MAX		4
#define UNCLEAR_MAX		32

enum protocol
{
	PROTOCOL_NONE,
	PROTOCOL_TLS,
	PROTOCOL_DTLS,
	PROTOCOL_QUIC,
	PROTOCOL_HTTP,
	PROTOCOL_DNS
};

void
payload_init(struct payload *payload)
{
	memset(payload, 0, sizeof(*payload));
}

void
payload_free(struct payload *payload)
{
	payload_found_free(&payload->found);
	quic_free(payload->quic);
	payload->quic = NULL;
}

static enum payload_state
feed_protocol(struct payload *payload, struct payload_stream *stream,
			  const struct payload_input *in)
{
	switch (payload->protocol)
	{
		case PROTOCOL_TLS:
			return tls_feed(&payload->found, stream, in);
		case PROTOCOL_HTTP:
			return http_feed(&payload->found, stream, in);
		case PROTOCOL_DNS:
			return dns_feed(&payload->found, stream, in);
	}
	return PAYLOAD_OTHER;
}

/* The first bytes of the first direction that has some. */
static enum payload_state
feed_unknown(struct payload *payload, struct payload_stream *stream,
			 const struct payload_input *in)
{
	enum payload_match is_tls = tls_match(in);
	enum payload_match is_http = http_match(stream, in);
	enum payload_state state;

	if (is_tls == PAYLOAD_IS || is_http == PAYLOAD_IS)
	{
		payload->protocol = is_tls == PAYLOAD_IS ? PROTOCOL_TLS : PROTOCOL_HTTP;
		memset(stream, 0, sizeof(*stream));
		return feed_protocol(payload, stream, in);
	}
	if (is_tls == PAYLOAD_IS_UNSURE || is_http == PAYLOAD_IS_UNSURE)
		return PAYLOAD_MORE;
	memset(stream, 0, sizeof(*stream));
	state = dns_feed(&payload->found, stream, in);
	if (state == PAYLOAD_DONE)
		payload->protocol = PROTOCOL_DNS;
	return state;
}

enum payload_state
payload_feed(struct payload *payload, int direction, const uint8_t *bytes,
			 size_t len, bool has_ended)
{
	struct payload_stream *stream = &payload->streams[direction];
	struct payload_input in = {bytes, len, has_ended};
	enum payload_state state = payload->states[direction];

	if (len >= PAYLOAD_PREFIX_BYTES)
	{
		in.len = PAYLOAD_PREFIX_BYTES;
		in.is_last = true;
	}
	if (state != PAYLOAD_MORE || (in.len < stream->need && !in.is_last))
		return state;
	if (in.len == 0)
		state = in.is_last ? PAYLOAD_OTHER : PAYLOAD_MORE;
	else if (payload->protocol == PROTOCOL_NONE)
		state = feed_unknown(payload, stream, &in);
	else
		state = feed_protocol(payload, stream, &in);
	if (state == PAYLOAD_MORE && in.is_last)
		state = payload->protocol == PROTOCOL_NONE ?
			PAYLOAD_OTHER : PAYLOAD_DONE;
	payload->states[direction] = (uint8_t) state;
	return state;
}

static enum payload_match
take_quic(struct payload *payload, const uint8_t *bytes, size_t len)
{
	enum payload_match match = quic_datagram(&payload->quic, &payload->found,
											 bytes, len);

	if (match != PAYLOAD_IS_NOT)
		payload->protocol = PROTOCOL_QUIC;
	if (match == PAYLOAD_IS)
		payload->states[0] = payload->states[1] = PAYLOAD_DONE;
	return match;
}

static enum payload_match
take_dtls(struct payload *payload, const uint8_t *bytes, size_t len)
{
	enum payload_match match = dtls_datagram(&payload->found, bytes, len);

	if (match != PAYLOAD_IS_NOT)
		payload->protocol = PROTOCOL_DTLS;
	return match;
}

/* Where both ends are one multicast group, responses follow questions. */
static enum payload_match
take_dns(struct payload *payload, const uint8_t *bytes, size_t len)
{
	if (!dns_message(&payload->found, bytes, len))
		return PAYLOAD_IS_NOT;
	payload->protocol = PROTOCOL_DNS;
	return payload_has_number(&payload->found, PAYLOAD_DNS_RCODE) ?
		PAYLOAD_IS : PAYLOAD_IS_UNSURE;
}

static enum payload_match
take_datagram(struct payload *payload, const uint8_t *bytes, size_t len)
{
	enum payload_match match;

	switch (payload->protocol)
	{
		case PROTOCOL_QUIC:
			return take_quic(payload, bytes, len);
		case PROTOCOL_DTLS:
			return take_dtls(payload, bytes, len);
		case PROTOCOL_DNS:
			return take_dns(payload, bytes, len);
	}
	match = take_quic(payload, bytes, len);
	if (match == PAYLOAD_IS_NOT)
		match = take_dtls(payload, bytes, len);
	if (match == PAYLOAD_IS_NOT)
		match = take_dns(payload, bytes, len);
	return match;
}

/* A datagram that told nothing; after too many no more are looked at. */
static enum payload_state
unclear(struct payload *payload, int direction)
{
	bool		is_known = payload->protocol != PROTOCOL_NONE;

	if (++payload->nunclear[direction] < (is_known ? UNCLEAR_MAX : UNKNOWN_MAX))
		return PAYLOAD_MORE;
	return is_known ? PAYLOAD_DONE : PAYLOAD_OTHER;
}

enum payload_state
payload_datagram(struct payload *payload, int direction, const uint8_t *bytes,
				 size_t len)
{
	enum payload_state state = payload->states[direction];

	if (state != PAYLOAD_MORE || len == 0)
		return state;
	if (take_datagram(payload, bytes, len) == PAYLOAD_IS)
		state = PAYLOAD_DONE;
	else
		state = unclear(payload, direction);
	payload->states[direction] = (uint8_t) state;
	if (payload->states[!direction] != PAYLOAD_MORE && state != PAYLOAD_MORE)
	{
		quic_free(payload->quic);
		payload->quic = NULL;
	}
	return state;
}

void
payload_extra(const struct payload *payload, struct flow_extra *extra)
{
	payload_found_extra(&payload->found, extra);
}
