/*-------------------------------------------------------------------------
 *
 * Captured frames to flows of one packet: IPv4 (RFC 791), IPv6 with its
 * extension headers (RFC 8200, RFC 4302), the first bytes of TCP (RFC 9293),
 * UDP (RFC 768), SCTP (RFC 9260), ICMP (RFC 792) and ICMPv6 (RFC 4443).
 *
 * Two lengths bound the payload: what the IP header promises and what was
 * captured.  A header that does not fit the promise is malformed; one that
 * fits it and not the capture is truncated.  Either way the packet is metered
 * with what could be read.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "decode_link.h"
#include "decode_packet.h"

#define IP4_MORE_FRAGMENTS	0x2000
#define IP4_OFFSET			0x1fff
#define IP6_MORE_FRAGMENTS	0x0001
#define IP6_OFFSET			0xfff8
#define IP6_HEADER_LEN		40

#define EXT_HOP_BY_HOP		0
#define EXT_ROUTING			43
#define EXT_FRAGMENT		44
#define EXT_AUTHENTICATION	51
#define NO_NEXT_HEADER		59
#define EXT_DESTINATION		60

enum ip_result
{
	IP_METERED,
	IP_MALFORMED,
	IP_TRUNCATED
};

/* What should be an IP packet. */
struct ip_input
{
	struct wire w;
	size_t		wire_len;		/* bytes of it on the wire, captured or not */
	bool		is_inner;		/* in a tunnel: wire_len bounds its length */
};

/* The IP payload while it is being walked. */
struct ip_payload
{
	struct wire w;
	size_t		promised;		/* bytes from w on, by the IP header */
	bool		is_cut;			/* the capture has less than was promised */
};

static void
count_short(struct packet_decoder *decoder, bool is_cut, uint64_t *malformed)
{
	if (is_cut)
		decoder->counters->truncated_packets++;
	else
		(*malformed)++;
}

static void
open_payload(struct ip_payload *p, const struct wire *w, size_t promised)
{
	p->w = *w;
	p->promised = promised;
	p->is_cut = w->has_failed || promised > wire_left(w);
	wire_limit(&p->w, promised);
}

/* Ports, or ICMP's type and code, and TCP's flags. */
static void
decode_transport(struct packet_decoder *decoder, struct ip_payload *p,
				 struct packet *packet)
{
	struct flow *flow = &packet->flow;
	struct wire w = p->w;

	packet->transport = w.pos;
	packet->transport_len = wire_left(&w);
	packet->transport_wirelen = p->promised;
	switch (flow->key.proto)
	{
		case FLOW_PROTO_TCP:
		case FLOW_PROTO_UDP:
		case FLOW_PROTO_SCTP:
			flow->key.src_port = wire_u16(&w);
			flow->key.dst_port = wire_u16(&w);
			if (w.has_failed)
				flow->key.src_port = 0;
			if (flow->key.proto == FLOW_PROTO_TCP)
			{
				wire_skip(&w, 9);
				flow->tcp_flags = wire_u8(&w);
			}
			break;
		case FLOW_PROTO_ICMP:
		case FLOW_PROTO_ICMP6:
			flow->key.dst_port = wire_u16(&w);
			break;
		default:
			break;
	}
	if (w.has_failed)
		count_short(decoder, p->is_cut,
					&decoder->counters->malformed_transport);
}

static struct fragment_key
fragment_key(const struct flow_key *key, uint32_t id)
{
	struct fragment_key fkey = {.src = key->src,.dst = key->dst,.id = id};

	if (key->src.family == FLOW_FAMILY_IP4)
		fkey.proto = key->proto;
	return fkey;
}

/* To be called with the key as the IP header has it, before the ports. */
static struct fragment
begin_fragment(struct packet_decoder *decoder, struct packet *packet,
			   uint32_t id)
{
	struct fragment fragment = {
		.key = fragment_key(&packet->flow.key, id),
		.time_us = packet->flow.start_us
	};

	if (!packet->is_fragment)
		decoder->counters->fragments++;
	packet->is_fragment = true;
	return fragment;
}

static void
end_first_fragment(struct packet_decoder *decoder, struct fragment *fragment,
				   const struct packet *packet)
{
	fragment->src_port = packet->flow.key.src_port;
	fragment->dst_port = packet->flow.key.dst_port;
	fragment->proto = packet->flow.key.proto;
	decoder->first = fragment_add(&decoder->fragments, fragment);
}

static void
end_later_fragment(struct packet_decoder *decoder,
				   const struct fragment *fragment, struct packet *packet)
{
	const struct fragment *first = fragment_find(&decoder->fragments,
												 &fragment->key,
												 fragment->time_us);

	packet->is_later_fragment = true;
	if (first == NULL)
	{
		decoder->counters->fragments_unmatched++;
		return;
	}
	packet->flow.key.src_port = first->src_port;
	packet->flow.key.dst_port = first->dst_port;
	packet->flow.key.proto = first->proto;
	packet->is_in_tunnel = first->is_tunnel;
}

static enum ip_result
short_ip(const struct ip_input *input)
{
	return wire_left(&input->w) < input->wire_len ? IP_TRUNCATED : IP_MALFORMED;
}

static void
read_addr(struct wire *w, struct flow_addr *addr, uint8_t family)
{
	addr->family = family;
	wire_copy(w, addr->bytes, family == FLOW_FAMILY_IP4 ? 4 : 16);
}

static enum ip_result
decode_ip4(struct packet_decoder *decoder, const struct ip_input *input,
		   struct packet *packet)
{
	struct flow *flow = &packet->flow;
	struct wire w = input->w;
	uint8_t		version_ihl = wire_u8(&w);
	size_t		header_len = (size_t) (version_ihl & 0xf) * 4;
	uint16_t	total_len;
	uint16_t	id;
	uint16_t	offset;
	struct ip_payload p;

	flow->tos = wire_u8(&w);
	total_len = wire_u16(&w);
	id = wire_u16(&w);
	offset = wire_u16(&w);
	packet->ttl = wire_u8(&w);
	flow->key.proto = wire_u8(&w);
	wire_skip(&w, 2);			/* checksum */
	read_addr(&w, &flow->key.src, FLOW_FAMILY_IP4);
	read_addr(&w, &flow->key.dst, FLOW_FAMILY_IP4);
	if (w.has_failed)
		return short_ip(input);
	flow->bytes = total_len == 0 ? input->wire_len : total_len;
	if (version_ihl >> 4 != 4 || header_len < 20 || flow->bytes < header_len ||
		(input->is_inner && flow->bytes > input->wire_len))
		return IP_MALFORMED;
	wire_skip(&w, header_len - 20);
	open_payload(&p, &w, flow->bytes - header_len);
	if ((offset & (IP4_MORE_FRAGMENTS | IP4_OFFSET)) == 0)
		decode_transport(decoder, &p, packet);
	else
	{
		struct fragment fragment = begin_fragment(decoder, packet, id);

		if ((offset & IP4_OFFSET) != 0)
			end_later_fragment(decoder, &fragment, packet);
		else
		{
			decode_transport(decoder, &p, packet);
			end_first_fragment(decoder, &fragment, packet);
		}
	}
	return IP_METERED;
}

/*
 * Step over one extension header.  Returns false, with a counter, if it
 * breaks off.
 */
static bool
skip_extension(struct packet_decoder *decoder, struct ip_payload *p, uint8_t *proto)
{
	size_t		unit = *proto == EXT_AUTHENTICATION ? 4 : 8;
	struct wire w = p->w;
	uint8_t		next = wire_u8(&w);

	if (!w.has_failed)
		*proto = next;
	wire_skip(&w, wire_u8(&w) * unit + 6);
	if (w.has_failed)
	{
		count_short(decoder, p->is_cut,
					&decoder->counters->malformed_extension);
		return false;
	}
	p->w = w;
	return true;
}

static bool
read_fragment_header(struct packet_decoder *decoder, struct ip_payload *p,
					 struct packet *packet, struct fragment *fragment,
					 uint16_t *offset)
{
	struct wire w = p->w;
	uint8_t		next = wire_u8(&w);

	wire_skip(&w, 1);
	*offset = wire_u16(&w);
	fragment->key.id = wire_u32(&w);
	if (w.has_failed)
	{
		count_short(decoder, p->is_cut,
					&decoder->counters->malformed_extension);
		return false;
	}
	p->w = w;
	packet->flow.key.proto = next;
	if ((*offset & (IP6_OFFSET | IP6_MORE_FRAGMENTS)) != 0)
		*fragment = begin_fragment(decoder, packet, fragment->key.id);
	return true;
}

/*
 * Walk the extension headers up to the transport header, and leave its number
 * in key.proto; on a chain that breaks off, the last number that was read.
 */
static void
decode_extensions(struct packet_decoder *decoder, struct ip_payload *p,
				  struct packet *packet)
{
	uint8_t    *proto = &packet->flow.key.proto;
	struct fragment fragment = {0};
	uint16_t	offset;

	for (;;)
	{
		switch (*proto)
		{
			case EXT_HOP_BY_HOP:
			case EXT_ROUTING:
			case EXT_DESTINATION:
			case EXT_AUTHENTICATION:
				if (!skip_extension(decoder, p, proto))
					return;
				break;
			case EXT_FRAGMENT:
				if (!read_fragment_header(decoder, p, packet, &fragment,
										  &offset))
					return;
				if ((offset & IP6_OFFSET) != 0)
				{
					end_later_fragment(decoder, &fragment, packet);
					return;
				}
				break;
			default:
				decode_transport(decoder, p, packet);
				if (packet->is_fragment)
					end_first_fragment(decoder, &fragment, packet);
				return;
		}
	}
}

static enum ip_result
decode_ip6(struct packet_decoder *decoder, const struct ip_input *input,
		   struct packet *packet)
{
	struct flow *flow = &packet->flow;
	struct wire w = input->w;
	uint32_t	first_word = wire_u32(&w);
	uint16_t	payload_len = wire_u16(&w);
	struct ip_payload p;

	flow->key.proto = wire_u8(&w);
	packet->ttl = wire_u8(&w);
	read_addr(&w, &flow->key.src, FLOW_FAMILY_IP6);
	read_addr(&w, &flow->key.dst, FLOW_FAMILY_IP6);
	if (w.has_failed)
		return short_ip(input);
	flow->tos = (uint8_t) (first_word >> 20);
	flow->bytes = IP6_HEADER_LEN + (uint64_t) payload_len;
	if (payload_len == 0 && flow->key.proto != NO_NEXT_HEADER &&
		input->wire_len > IP6_HEADER_LEN)
		flow->bytes = input->wire_len;
	if (first_word >> 28 != 6 ||
		(input->is_inner && flow->bytes > input->wire_len))
		return IP_MALFORMED;
	open_payload(&p, &w, flow->bytes - IP6_HEADER_LEN);
	decode_extensions(decoder, &p, packet);
	return IP_METERED;
}

static void
begin_packet(struct packet *packet, int64_t time_us)
{
	memset(packet, 0, sizeof(*packet));
	packet->flow.start_us = packet->flow.end_us = time_us;
	packet->flow.packets = 1;
	packet->flow.sampling = 1;
	packet->flow.present = FLOW_HAS_SAMPLING;
}

/*
 * Open the tunnel that the packet is, and let it be the inner packet then.
 * Otherwise it is as it was.
 */
static bool
open_tunnel(struct packet_decoder *decoder, struct packet *packet)
{
	struct counters *counters = decoder->counters;
	struct fragment *first = decoder->first;
	struct ip_input input = {.is_inner = !packet->is_fragment};
	struct packet inner;
	enum link_result link;
	enum ip_result result = IP_MALFORMED;

	decoder->first = NULL;
	if (packet->transport == NULL)
		return false;
	begin_packet(&inner, packet->flow.start_us);
	inner.tags = packet->tags;
	input.w = wire_open(packet->transport, packet->transport_len);
	if (!tunnel_open(decoder->tunnels, &packet->flow.key, &input.w,
					 &inner.tunnel, &link))
		return false;
	input.wire_len = packet->transport_wirelen -
		(size_t) (input.w.pos - packet->transport);
	if (link == LINK_NOT_IP)
	{
		counters->tunnels_not_ip++;
		return false;
	}
	if (link == LINK_IP4)
		result = decode_ip4(decoder, &input, &inner);
	else if (link == LINK_IP6)
		result = decode_ip6(decoder, &input, &inner);
	else
		result = short_ip(&input);
	if (result == IP_TRUNCATED)
		counters->tunnels_truncated++;
	else if (result == IP_MALFORMED)
		counters->tunnels_malformed++;
	if (result != IP_METERED)
		return false;
	if (first != NULL && first != decoder->first)
		first->is_tunnel = true;
	*packet = inner;
	return true;
}

/* Count what became of the IP header that the link layer announced. */
static bool
is_metered(struct counters *counters, enum link_result link,
		   enum ip_result result)
{
	if (result == IP_TRUNCATED)
		counters->truncated_packets++;
	else if (result == IP_MALFORMED && link == LINK_IP4)
		counters->malformed_ip4++;
	else if (result == IP_MALFORMED)
		counters->malformed_ip6++;
	return result == IP_METERED;
}

static bool
decode_network(struct packet_decoder *decoder, const struct ip_input *input,
			   enum link_result link, struct packet *packet)
{
	struct counters *counters = decoder->counters;

	switch (link)
	{
		case LINK_IP4:
			return is_metered(counters, link,
							  decode_ip4(decoder, input, packet));
		case LINK_IP6:
			return is_metered(counters, link,
							  decode_ip6(decoder, input, packet));
		case LINK_SHORT:
			count_short(decoder, short_ip(input) == IP_TRUNCATED,
						&counters->malformed_link);
			return false;
		default:
			counters->non_ip_packets++;
			return false;
	}
}

bool
decode_packet(struct packet_decoder *decoder, const struct frame *frame,
			  struct packet *packet)
{
	struct counters *counters = decoder->counters;
	struct ip_input input = {.w = wire_open(frame->bytes, frame->caplen)};
	enum link_result link;

	counters->packets++;
	counters->bytes += frame->wirelen;
	begin_packet(packet, frame->time_us);
	link = decode_link(frame->dlt, &input.w, &packet->tags);
	if (link == LINK_PSEUDOWIRE &&
		!tunnel_open_pseudowire(decoder->tunnels, &packet->tags, &input.w,
								&packet->tunnel, &link))
		link = LINK_NOT_IP;
	input.wire_len = frame->wirelen > frame->caplen ?
		frame->wirelen : frame->caplen;
	input.wire_len -= (size_t) (input.w.pos - frame->bytes);
	decoder->first = NULL;
	if (!decode_network(decoder, &input, link, packet))
		return false;
	for (int i = 0; decoder->tunnels != 0 && i < PACKET_MAX_TUNNELS; i++)
	{
		if (!open_tunnel(decoder, packet))
			break;
	}
	if (packet->is_in_tunnel)
	{
		counters->tunnel_fragments++;
		return false;
	}
	if (packet->tunnel.type != TUNNEL_NONE)
		counters->tunnel_packets++;
	counters->ip_packets++;
	counters->ip_bytes += packet->flow.bytes;
	return true;
}

struct packet_decoder *
packet_decoder_open(struct counters *counters, struct hash_key key)
{
	struct packet_decoder *decoder = calloc(1, sizeof(*decoder));

	if (decoder == NULL)
		return NULL;
	decoder->counters = counters;
	decoder->fragments.hash_key = key;
	return decoder;
}

void
packet_decoder_close(struct packet_decoder *decoder)
{
	free(decoder);
}
