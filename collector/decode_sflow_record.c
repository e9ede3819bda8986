/*-------------------------------------------------------------------------
 *
 * The records of an sFlow flow sample.
 *
 *	  number  record                what is used
 *	       1  raw packet header     addresses, ports, MACs, VLAN, labels
 *	       2  Ethernet frame        MACs, length
 *	    3, 4  IPv4, IPv6            addresses, ports
 *	    1001  switch                VLANs
 *	    1002  router                next hop, masks
 *	    1003  gateway               next hop, AS of source and of the path's end
 *	    1004  user                  name of the source, else of the destination
 *	    1006  MPLS                  labels of the packet that arrived
 *	    1007  NAT                   addresses
 *	    1020  NAT port              ports
 *	    1023 .. 1026  tunnels       outer addresses, egress and ingress
 *	    1029, 1030  VNI             tunnel id
 *
 * A sampled header is a packet that was cut: the decoder of captured packets
 * reads it.  That one remembers first fragments by time; each header gets a
 * time so late that all former ones are forgotten.
 *
 * Source: sflow.org, "sFlow Version 5", 2004, section 5; "sFlow Port NAT
 * Structures", 2007; "sFlow Tunnel Structures", 2014.
 *
 *-------------------------------------------------------------------------
 */
#include <pcap/dlt.h>

#include "decode_sflow_record.h"
#include "text.h"

#define ETHERNET_LEN		14
#define ETHERNET_FCS_LEN	4
#define TYPE_VLAN			0x8100
#define TYPE_QINQ			0x88a8
#define TYPE_QINQ_OLD		0x9100
#define TYPE_MPLS			0x8847
#define TYPE_MPLS_MULTICAST	0x8848
#define VLAN_MAX			4095
#define LABEL_LAST			0x100
#define LABEL_SHIFT			12

#define PROTO_IPIP			4
#define PROTO_IP6			41
#define PROTO_GRE			47

enum header_protocol
{
	HEADER_ETHERNET = 1, HEADER_PPP = 7, HEADER_IP4 = 11, HEADER_IP6 = 12,
	HEADER_MPLS = 13, HEADER_POS = 14
};

/* "opaque<>" or "string<>": len bytes and padding; NULL after a failure. */
static const uint8_t *
read_opaque(struct wire *w, uint32_t *len)
{
	const uint8_t *bytes;
	size_t		padding;

	*len = wire_u32(w);
	bytes = wire_take(w, *len);
	padding = -*len & 3;
	wire_skip(w, padding < wire_left(w) ? padding : wire_left(w));
	return bytes;
}

void
sflow_read_address(struct wire *w, struct flow_addr *addr)
{
	memset(addr, 0, sizeof(*addr));
	switch (wire_u32(w))
	{
		case 0:
			break;
		case 1:
			wire_copy(w, addr->bytes, 4);
			addr->family = FLOW_FAMILY_IP4;
			break;
		case 2:
			wire_copy(w, addr->bytes, 16);
			addr->family = FLOW_FAMILY_IP6;
			break;
		default:
			w->has_failed = true;
			break;
	}
}

static void
put_addr(struct sflow_sample *sample, enum flow_extra_id id,
		 const struct flow_addr *addr)
{
	if (addr->family != FLOW_FAMILY_NONE)
		flow_extra_put(&sample->extra, id)->addr = *addr;
}

static void
put_at_most(struct sflow_sample *sample, enum flow_extra_id id, uint32_t n,
			uint32_t max)
{
	if (n <= max)
		flow_extra_put_number(&sample->extra, id, n);
}

static void
put_labels(struct sflow_sample *sample, uint32_t n)
{
	struct flow_bytes *labels = &flow_extra_put(&sample->extra,
												FLOW_MPLS_LABELS)->text;

	labels->bytes = sample->labels;
	labels->len = n * (uint32_t) sizeof(sample->labels[0]);
}

/* w stands on the first label; is left behind the last. */
static void
read_label_stack(struct wire *w, struct sflow_sample *sample)
{
	uint32_t	n = 0;
	uint32_t	label;

	do
	{
		label = wire_u32(w);
		if (!w->has_failed && n < SFLOW_MAX_LABELS)
			sample->labels[n++] = (int32_t) (label >> LABEL_SHIFT);
	} while (!w->has_failed && (label & LABEL_LAST) == 0);
	if (n > 0)
		put_labels(sample, n);
}

/*
 * MACs, outermost VLAN and labels of a frame.  Returns the bytes up to the
 * payload, as far as they are there.
 */
static size_t
read_ethernet(struct wire w, struct sflow_sample *sample)
{
	const uint8_t *start = w.pos;
	const uint8_t *macs = wire_take(&w, 12);
	uint16_t	type = wire_u16(&w);
	bool		has_vlan = flow_extra_has(&sample->extra, FLOW_VLAN);

	if (w.has_failed)
		return (size_t) (w.pos - start);
	memcpy(flow_extra_put(&sample->extra, FLOW_DST_MAC)->mac, macs, 6);
	memcpy(flow_extra_put(&sample->extra, FLOW_SRC_MAC)->mac, macs + 6, 6);
	while (type == TYPE_VLAN || type == TYPE_QINQ || type == TYPE_QINQ_OLD)
	{
		uint16_t	tag = wire_u16(&w);

		type = wire_u16(&w);
		if (!w.has_failed && !has_vlan)
			flow_extra_put_number(&sample->extra, FLOW_VLAN, tag & VLAN_MAX);
		has_vlan = true;
	}
	if (type == TYPE_MPLS || type == TYPE_MPLS_MULTICAST)
		read_label_stack(&w, sample);
	return (size_t) (w.pos - start);
}

static uint64_t
malformations(const struct counters *counters)
{
	return counters->malformed_link + counters->malformed_ip4 +
		counters->malformed_ip6 + counters->malformed_extension +
		counters->malformed_transport;
}

/* The IP header in a frame; link_len is known of frames without one. */
static void
read_frame(struct sflow_decoder *sflow, struct frame *frame, size_t link_len,
		   struct sflow_sample *sample)
{
	struct flow *flow = &sample->flow;
	struct packet packet;

	if (frame->wirelen < frame->caplen)
		frame->wirelen = frame->caplen;
	sflow->header_time_us += 2 * FRAGMENT_TIMEOUT_US;
	frame->time_us = sflow->header_time_us;
	memset(&sflow->headers, 0, sizeof(sflow->headers));
	if (decode_packet(sflow->packets, frame, &packet))
	{
		flow->key = packet.flow.key;
		flow->bytes = packet.flow.bytes;
		flow->tcp_flags = packet.flow.tcp_flags;
		flow->tos = packet.flow.tos;
		sample->knowledge = SFLOW_HEADER;
	}
	else if (sample->knowledge < SFLOW_ADDRESSES)
	{
		flow->bytes = frame->wirelen - link_len;
		sample->knowledge = SFLOW_LENGTH;
	}
	if (malformations(&sflow->headers) > 0)
		sflow->counters->sflow_malformed_headers++;
}

static void
read_raw_header(struct sflow_decoder *sflow, struct wire *w,
				struct sflow_sample *sample)
{
	uint32_t	protocol = wire_u32(w);
	uint32_t	frame_len = wire_u32(w);
	uint32_t	stripped = wire_u32(w);
	uint32_t	len;
	const uint8_t *bytes = read_opaque(w, &len);
	struct frame frame = {.bytes = bytes,.caplen = len};
	struct wire header;

	if (bytes == NULL || sample->knowledge == SFLOW_HEADER)
		return;
	header = wire_open(bytes, len);
	frame.wirelen = frame_len > stripped ? frame_len - stripped : 0;
	switch (protocol)
	{
		case HEADER_ETHERNET:
			frame.dlt = DLT_EN10MB;
			read_frame(sflow, &frame, read_ethernet(header, sample), sample);
			break;
		case HEADER_PPP:
		case HEADER_POS:
			frame.dlt = DLT_PPP;
			read_frame(sflow, &frame, 0, sample);
			break;
		case HEADER_IP4:
		case HEADER_IP6:
			frame.dlt = protocol == HEADER_IP4 ? DLT_IPV4 : DLT_IPV6;
			read_frame(sflow, &frame, 0, sample);
			break;
		case HEADER_MPLS:
			read_label_stack(&header, sample);
			frame.dlt = DLT_RAW;
			frame.bytes = header.pos;
			frame.caplen = wire_left(&header);
			frame.wirelen -= frame.wirelen < len ? frame.wirelen :
				len - frame.caplen;
			read_frame(sflow, &frame, 0, sample);
			break;
		default:
			sflow->counters->sflow_skipped_records++;
			break;
	}
}

static void
read_ethernet_record(struct wire *w, struct sflow_sample *sample)
{
	uint32_t	len = wire_u32(w);
	const uint8_t *src = wire_take(w, 8);	/* six bytes and padding */
	const uint8_t *dst = wire_take(w, 8);

	if (w->has_failed)
		return;
	memcpy(flow_extra_put(&sample->extra, FLOW_SRC_MAC)->mac, src, 6);
	memcpy(flow_extra_put(&sample->extra, FLOW_DST_MAC)->mac, dst, 6);
	if (sample->knowledge == SFLOW_UNKNOWN)
	{
		sample->flow.bytes = len > ETHERNET_LEN + ETHERNET_FCS_LEN ?
			len - ETHERNET_LEN - ETHERNET_FCS_LEN : 0;
		sample->knowledge = SFLOW_LENGTH;
	}
}

/* The structure of records 3 and 4, and of tunnels. */
struct sampled_ip
{
	uint32_t	len;			/* of the IP packet */
	struct flow_key key;
	uint8_t		tcp_flags;
	uint8_t		tos;
};

static bool
read_sampled_ip(struct wire *w, uint8_t family, struct sampled_ip *ip)
{
	size_t		addr_len = family == FLOW_FAMILY_IP4 ? 4 : 16;

	memset(ip, 0, sizeof(*ip));
	ip->len = wire_u32(w);
	ip->key.proto = (uint8_t) wire_u32(w);
	ip->key.src.family = family;
	ip->key.dst.family = family;
	wire_copy(w, ip->key.src.bytes, addr_len);
	wire_copy(w, ip->key.dst.bytes, addr_len);
	ip->key.src_port = (uint16_t) wire_u32(w);
	ip->key.dst_port = (uint16_t) wire_u32(w);
	ip->tcp_flags = (uint8_t) wire_u32(w);
	ip->tos = (uint8_t) wire_u32(w);
	if (ip->key.proto != FLOW_PROTO_TCP)
		ip->tcp_flags = 0;
	return !w->has_failed;
}

static void
read_ip_record(struct wire *w, uint8_t family, struct sflow_sample *sample)
{
	struct sampled_ip ip;

	if (!read_sampled_ip(w, family, &ip) ||
		sample->knowledge >= SFLOW_ADDRESSES)
		return;
	sample->flow.key = ip.key;
	sample->flow.bytes = ip.len;
	sample->flow.tcp_flags = ip.tcp_flags;
	sample->flow.tos = ip.tos;
	sample->knowledge = SFLOW_ADDRESSES;
}

static void
read_tunnel(struct wire *w, uint8_t family, struct sflow_sample *sample)
{
	struct sampled_ip ip;
	const char *type = NULL;

	if (!read_sampled_ip(w, family, &ip))
		return;
	put_addr(sample, FLOW_TUNNEL_SRC_ADDR, &ip.key.src);
	put_addr(sample, FLOW_TUNNEL_DST_ADDR, &ip.key.dst);
	if (ip.key.proto == PROTO_IPIP || ip.key.proto == PROTO_IP6)
		type = "ipip";
	else if (ip.key.proto == PROTO_GRE)
		type = "gre";
	if (type != NULL)
		flow_extra_put_text(&sample->extra, FLOW_TUNNEL_TYPE, type,
							(uint32_t) strlen(type));
}

static void
read_switch(struct wire *w, struct sflow_sample *sample)
{
	uint32_t	in_vlan = wire_u32(w);
	uint32_t	out_vlan;

	wire_skip(w, 4);			/* priority */
	out_vlan = wire_u32(w);
	wire_skip(w, 4);
	if (w->has_failed)
		return;
	put_at_most(sample, FLOW_VLAN, in_vlan, VLAN_MAX);
	put_at_most(sample, FLOW_POST_VLAN, out_vlan, VLAN_MAX);
}

static void
read_router(struct wire *w, struct sflow_sample *sample)
{
	struct flow_addr next_hop;
	uint32_t	src_mask;
	uint32_t	dst_mask;

	sflow_read_address(w, &next_hop);
	src_mask = wire_u32(w);
	dst_mask = wire_u32(w);
	if (w->has_failed)
		return;
	put_addr(sample, FLOW_NEXT_HOP, &next_hop);
	put_at_most(sample, FLOW_SRC_MASK, src_mask, 128);
	put_at_most(sample, FLOW_DST_MASK, dst_mask, 128);
}

/* The last number of the path; a path of no segment has none. */
static void
read_gateway(struct wire *w, struct sflow_sample *sample)
{
	struct flow_addr next_hop;
	uint32_t	nsegments;
	bool		has_dst_as = false;

	sflow_read_address(w, &next_hop);
	wire_skip(w, 4);			/* AS of the router */
	sample->flow.src_as = wire_u32(w);
	wire_skip(w, 4);			/* AS of the source's peer */
	nsegments = wire_u32(w);
	if (w->has_failed)
		return;
	put_addr(sample, FLOW_BGP_NEXT_HOP, &next_hop);
	sample->flow.present |= FLOW_HAS_SRC_AS;
	for (uint32_t i = 0; i < nsegments && !w->has_failed; i++)
	{
		uint32_t	count;

		wire_skip(w, 4);		/* set or sequence */
		count = wire_u32(w);
		if (count == 0 || count > wire_left(w) / 4)
		{
			w->has_failed |= count > 0;
			continue;
		}
		wire_skip(w, (size_t) (count - 1) * 4);
		sample->flow.dst_as = wire_u32(w);
		has_dst_as = true;
	}
	if (has_dst_as && !w->has_failed)
		sample->flow.present |= FLOW_HAS_DST_AS;
}

static void
read_user(struct wire *w, struct sflow_sample *sample)
{
	for (int i = 0; i < 2; i++)
	{
		const uint8_t *bytes;
		uint32_t	len;

		wire_skip(w, 4);		/* character set */
		bytes = read_opaque(w, &len);
		if (bytes == NULL || len == 0)
			continue;
		len = (uint32_t) text_clean(bytes, len, sample->user_name,
									sizeof(sample->user_name));
		flow_extra_put_text(&sample->extra, FLOW_USER_NAME, sample->user_name,
							len);
		return;
	}
}

static void
read_mpls(struct wire *w, struct sflow_sample *sample)
{
	struct flow_addr next_hop;
	uint32_t	count;
	uint32_t	n = 0;

	sflow_read_address(w, &next_hop);
	count = wire_u32(w);
	if (count > wire_left(w) / 4)
		w->has_failed = true;
	if (w->has_failed)
		return;
	for (; n < count && n < SFLOW_MAX_LABELS; n++)
		sample->labels[n] = (int32_t) (wire_u32(w) >> LABEL_SHIFT);
	if (n > 0)
		put_labels(sample, n);
}

static void
read_nat(struct wire *w, struct sflow_sample *sample)
{
	struct flow_addr src;
	struct flow_addr dst;

	sflow_read_address(w, &src);
	sflow_read_address(w, &dst);
	if (w->has_failed)
		return;
	put_addr(sample, FLOW_NAT_SRC_ADDR, &src);
	put_addr(sample, FLOW_NAT_DST_ADDR, &dst);
}

static void
read_nat_port(struct wire *w, struct sflow_sample *sample)
{
	uint32_t	src = wire_u32(w);
	uint32_t	dst = wire_u32(w);

	if (w->has_failed)
		return;
	put_at_most(sample, FLOW_NAT_SRC_PORT, src, UINT16_MAX);
	put_at_most(sample, FLOW_NAT_DST_PORT, dst, UINT16_MAX);
}

static void
read_vni(struct wire *w, struct sflow_sample *sample)
{
	uint32_t	vni = wire_u32(w);

	if (!w->has_failed)
		flow_extra_put_number(&sample->extra, FLOW_TUNNEL_ID, vni);
}

/* The link and IP layers of the packet; returns false for other formats. */
static bool
read_packet_record(struct sflow_decoder *sflow, uint32_t format, struct wire *w,
				   struct sflow_sample *sample)
{
	switch (format)
	{
		case 1:
			read_raw_header(sflow, w, sample);
			return true;
		case 2:
			read_ethernet_record(w, sample);
			return true;
		case 3:
			read_ip_record(w, FLOW_FAMILY_IP4, sample);
			return true;
		case 4:
			read_ip_record(w, FLOW_FAMILY_IP6, sample);
			return true;
		case 1023:
		case 1024:
			read_tunnel(w, FLOW_FAMILY_IP4, sample);
			return true;
		case 1025:
		case 1026:
			read_tunnel(w, FLOW_FAMILY_IP6, sample);
			return true;
		default:
			return false;
	}
}

void
sflow_read_record(struct sflow_decoder *sflow, uint32_t format, struct wire w,
				  struct sflow_sample *sample)
{
	static void (*const readers[]) (struct wire *w, struct sflow_sample *sample) = {
		[1001 - 1001] = read_switch,
		[1002 - 1001] = read_router,
		[1003 - 1001] = read_gateway,
		[1004 - 1001] = read_user,
		[1006 - 1001] = read_mpls,
		[1007 - 1001] = read_nat,
		[1020 - 1001] = read_nat_port,
		[1029 - 1001] = read_vni,
		[1030 - 1001] = read_vni
	};
	uint32_t	i = format - 1001;

	if (!read_packet_record(sflow, format, &w, sample))
	{
		if (i < sizeof(readers) / sizeof(readers[0]) && readers[i] != NULL)
			readers[i] (&w, sample);
		else
			sflow->counters->sflow_skipped_records++;
	}
	if (w.has_failed)
		sflow->counters->sflow_malformed_records++;
}
