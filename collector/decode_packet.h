/*-------------------------------------------------------------------------
 *
 * Captured frames to flows of one packet.
 *
 * What is metered: every IPv4 and IPv6 packet whose addresses were captured.
 * Bytes are the total length by the IP header, also where the capture cut
 * the packet; where that length is 0 (segmentation offload, jumbograms), what
 * the frame had on the wire behind the link header.
 *
 * Tunnels of the set that is asked for are opened, up to PACKET_MAX_TUNNELS
 * one in the other: the packet is the innermost one then, with its addresses
 * and its bytes.  Where that is not IP, malformed or cut, the packet is the
 * one around it.  The other tunnels are flows of their own protocol.
 *
 * Of a tunnel's packet that is fragmented, the first fragment stands for the
 * whole inner packet, so the later ones are not metered.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_DECODE_PACKET_H
#define COLLECTOR_DECODE_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "counter.h"
#include "decode_tunnel.h"
#include "flow.h"
#include "fragment.h"

#define PACKET_MAX_TUNNELS 4

struct frame
{
	const uint8_t *bytes;		/* bytes[caplen] */
	size_t		caplen;			/* captured */
	size_t		wirelen;		/* on the wire; may be less than caplen */
	int64_t		time_us;		/* since 1970 */
	uint16_t	time_ns;		/* nanoseconds beyond it, 0 .. 999 */
	int			dlt;			/* link type, DLT_ of libpcap */
};

struct packet
{
	struct flow flow;			/* of this one packet; sampling is 1 */
	const uint8_t *transport;	/* transport header, within the frame */
	size_t		transport_len;	/* captured bytes of the IP payload */
	size_t		transport_wirelen;	/* bytes of it that the header promises */
	bool		is_fragment;
	bool		is_later_fragment;	/* there is no transport header */
	bool		is_in_tunnel;	/* and the first one was opened as a tunnel */
	uint8_t		ttl;			/* time to live, hop limit */
	uint64_t	place;			/* where it is kept, ring_format.h; 0: nowhere;
								 * not for the decoder to say */
	struct link_tags tags;		/* of the frame, not of inner ones */
	struct tunnel tunnel;		/* the innermost that was opened */
};

/* State between packets: about 230 kB, see fragment.h. */
struct packet_decoder
{
	struct counters *counters;
	uint32_t	tunnels;		/* set of those to be opened; 0 after open */
	struct fragment *first;		/* added for the current packet, or NULL */
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
