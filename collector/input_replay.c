/*-------------------------------------------------------------------------
 *
 * Replay: UDP (RFC 768) datagrams inside a capture.
 *
 * What the UDP header promises beyond the captured bytes is missing from the
 * datagram, as if it had been cut on its way.
 *
 *-------------------------------------------------------------------------
 */
#include "input_replay.h"
#include "wire.h"

#define UDP_HEADER_LEN 8

bool
input_replay_datagram(struct packet_decoder *decoder,
					  const struct frame *frame, struct datagram *datagram)
{
	struct packet packet;
	struct wire w;
	uint16_t	port;
	uint16_t	len;

	if (!decode_packet(decoder, frame, &packet) ||
		packet.flow.key.proto != FLOW_PROTO_UDP)
		return false;
	if (packet.is_fragment)
	{
		decoder->counters->datagrams_fragmented++;
		return false;
	}
	if (packet.transport == NULL)
		return false;
	w = wire_open(packet.transport, packet.transport_len);
	port = wire_u16(&w);
	wire_skip(&w, 2);			/* destination port */
	len = wire_u16(&w);
	wire_skip(&w, 2);			/* checksum */
	if (w.has_failed || len < UDP_HEADER_LEN)
		return false;
	wire_limit(&w, len - UDP_HEADER_LEN);
	datagram->bytes = w.pos;
	datagram->len = wire_left(&w);
	datagram->port = port;
	datagram->exporter = packet.flow.key.src;
	datagram->received_us = frame->time_us > 0 ? frame->time_us : 1;
	return true;
}
