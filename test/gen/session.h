/*-------------------------------------------------------------------------
 *
 * A TCP connection or a UDP exchange in the capture, and its clock.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GEN_SESSION_H
#define GEN_SESSION_H

#include "frame.h"
#include "rng.h"

struct session
{
	struct capture *capture;
	struct rng *rng;
	const struct station *ends[2];	/* 0 is the client */
	uint16_t	ports[2];
	uint32_t	seq[2];			/* next to be sent */
	uint16_t	ip_id[2];
	uint8_t		proto;
	int64_t		us;				/* time of the next packet */
	uint32_t	rtt_us;
};

extern void session_begin(struct session *session, uint8_t proto, uint16_t client_port,
						  uint16_t service_port);

/* half a round trip passes */
extern void session_turn(struct session *session);

/* one packet from ends[from]; data[len] is kept, wire_len is sent */
extern void session_send(struct session *session, int from, const uint8_t *data, int len,
						 int wire_len);
extern void session_flags(struct session *session, int from, uint8_t flags);

/* handshake; and a message, acknowledged, that is larger than a segment */
extern void session_open(struct session *session);
extern void session_transfer(struct session *session, int from, int bytes);
extern void session_close(struct session *session);

#endif
