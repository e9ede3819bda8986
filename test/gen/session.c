/*-------------------------------------------------------------------------
 *
 * Acknowledgement numbers are always up to date: what one end sends, the
 * other has received when it sends its own next packet.
 *
 *-------------------------------------------------------------------------
 */
#include "conv.h"
#include "session.h"

static void
emit(struct session *session, int from, uint8_t flags, const struct packet *payload)
{
	struct packet packet = *payload;

	packet.us = session->us;
	packet.src = session->ends[from];
	packet.dst = session->ends[1 - from];
	packet.proto = session->proto;
	packet.tcp_flags = flags;
	packet.src_port = session->ports[from];
	packet.dst_port = session->ports[1 - from];
	packet.ip_id = session->ip_id[from]++;
	packet.seq = session->seq[from];
	packet.ack = flags & TCP_ACK ? session->seq[1 - from] : 0;
	capture_add(session->capture, &packet);
	session->seq[from] += (uint32_t) packet.wire_len + (flags & (TCP_SYN | TCP_FIN) ? 1 : 0);
	session->us += 20 + rng_below(session->rng, 60);
}

void
session_begin(struct session *session, uint8_t proto, uint16_t client_port,
			  uint16_t service_port)
{
	session->proto = proto;
	session->ports[0] = client_port;
	session->ports[1] = service_port;
	for (int i = 0; i < 2; i++)
	{
		session->seq[i] = (uint32_t) rng_next(session->rng);
		session->ip_id[i] = (uint16_t) rng_next(session->rng);
	}
}

void
session_turn(struct session *session)
{
	session->us += session->rtt_us / 2 + rng_below(session->rng, session->rtt_us / 16 + 1);
}

void
session_send(struct session *session, int from, const uint8_t *data, int len, int wire_len)
{
	struct packet payload = {.data = data, .len = len, .wire_len = wire_len};

	emit(session, from, session->proto == PROTO_TCP ? TCP_PSH | TCP_ACK : 0, &payload);
}

void
session_flags(struct session *session, int from, uint8_t flags)
{
	struct packet payload = {.len = 0};

	emit(session, from, flags, &payload);
}

void
session_open(struct session *session)
{
	session_flags(session, 0, TCP_SYN);
	session_turn(session);
	session_flags(session, 1, TCP_SYN | TCP_ACK);
	session_turn(session);
	session_flags(session, 0, TCP_ACK);
}

/* every second segment is acknowledged, and the last one */
void
session_transfer(struct session *session, int from, int bytes)
{
	struct packet payload = {.len = 0};

	for (int i = 1; bytes > 0; i++)
	{
		payload.wire_len = bytes < SEGMENT_MAX ? bytes : SEGMENT_MAX;
		bytes -= payload.wire_len;
		emit(session, from, bytes > 0 ? TCP_ACK : TCP_PSH | TCP_ACK, &payload);
		if (i % 2 == 0 || bytes <= 0)
		{
			session_turn(session);
			session_flags(session, 1 - from, TCP_ACK);
			if (i % 8 == 0)
				session_turn(session);
		}
	}
}

void
session_close(struct session *session)
{
	session_flags(session, 0, TCP_FIN | TCP_ACK);
	session_turn(session);
	session_flags(session, 1, TCP_FIN | TCP_ACK);
	session_turn(session);
	session_flags(session, 0, TCP_ACK);
}
