/*-------------------------------------------------------------------------
 *
 * Captured frames to flows of one packet.
 *
 * What is metered: every IPv4 and IPv6 packet whose addresses were captured.
 * Bytes are the total length by the IP header, also where the capture cut
 * the packet; where that length is 0 (segmentation offload, jumbograms), what
 * the frame had on the wire behind the link header.  Tunnels are flows of
 * their own protocol; nothing is unwrapped.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_DECODE_PACKET_H
#define COLLECTOR_DECODE_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "counter.h"
#include "flow.h"
#include "fragment.h"

struct frame
{
	const uint8_t *bytes;		/* bytes[caplen] */
	size_t		caplen;			/* captured */
	size_t		wirelen;		/* on the wire; may be less than caplen */
	int64_t		time_us;		/* since 1970 */
	int			dlt;			/* link type, DLT_ of libpcap */
};

struct packet
{
	struct flow flow;			/* of this one packet; sampling is 1 */
	const uint8_t *transport;	/* transport header, within the frame */
	size_t		transport_len;	/* captured bytes of the IP payload */
	bool		is_fragment;
};

/* State between packets: about 230 kB, see fragment.h. */
struct packet_decoder
{
	struct counters *counters;
	struct fragment_table fragments;
};

/* Returns NULL when memory is exhausted. */
extern struct packet_decoder *packet_decoder_open(struct counters *counters,
												  struct hash_key key);
extern void packet_decoder_close(struct packet_decoder *decoder);

/*
 * Decode one frame; any bytes are safe.  Returns false, with a counter, if
 * there is no IP packet to be metered; *packet is undefined then.
 */
extern bool decode_packet(struct packet_decoder *decoder,
						  const struct frame *frame, struct packet *packet)
			__attribute__((warn_unused_result));

#endif
