/*-------------------------------------------------------------------------
 *
 * Tunnels: GRE (RFC 2784, 2890; version 1: RFC 2637), NVGRE (RFC 7637), IP in
 * IP (RFC 2003, 2473, 4213), VXLAN (RFC 7348) and its generic extension
 * (draft-ietf-nvo3-vxlan-gpe), Geneve (RFC 8926), GTP-U (3GPP TS 29.281),
 * ERSPAN (draft-foschiano-erspan), Teredo (RFC 4380), Ethernet over MPLS
 * (RFC 4448).
 *
 *-------------------------------------------------------------------------
 */
#include <pcap/dlt.h>

#include "decode_tunnel.h"

#define PROTO_IP4		4
#define PROTO_IP6		41
#define PROTO_GRE		47

#define PORT_GTPU		2152
#define PORT_TEREDO		3544
#define PORT_VXLAN		4789
#define PORT_VXLAN_GPE	4790
#define PORT_VXLAN_LINUX	8472	/* Linux before it had a number */
#define PORT_GENEVE		6081

#define TYPE_ETHERNET	0x6558
#define TYPE_ERSPAN		0x88be	/* I and II */
#define TYPE_ERSPAN3	0x22eb
#define TYPE_PPP		0x880b

#define GRE_CHECKSUM	0x8000
#define GRE_ROUTING		0x4000
#define GRE_KEY			0x2000
#define GRE_SEQUENCE	0x1000
#define GRE_ACK			0x0080	/* version 1 */
#define GRE_VERSION		0x0007

#define GTP_NEEDED		0x30	/* version 1, GTP and not GTP' */
#define GTP_OPTIONAL	0x07	/* one flag set: four bytes more */
#define GTP_EXTENSION	0x04
#define GTP_USER_DATA	0xff

static const char *const names[TUNNEL_TYPE_COUNT] = {
	"none", "gre", "ipip", "vxlan", "geneve", "gtpu", "erspan", "teredo", "mpls"
};

const char *
tunnel_name(enum tunnel_type type)
{
	return names[type];
}

bool
tunnel_parse_set(const char *list, uint32_t *set)
{
	*set = 0;
	for (;;)
	{
		size_t		len = strcspn(list, ",");
		int			type = TUNNEL_TYPE_COUNT - 1;

		if (len == 3 && memcmp(list, "all", 3) == 0)
			*set |= TUNNEL_SET_ALL;
		else
		{
			while (type >= 0 && (strlen(names[type]) != len ||
								 memcmp(names[type], list, len) != 0))
				type--;
			if (type < 0)
				return false;
			if (type != TUNNEL_NONE)
				*set |= 1u << type;
		}
		if (list[len] == '\0')
			return true;
		list += len + 1;
	}
}

static void
put_id(struct tunnel *tunnel, uint32_t id)
{
	tunnel->has_id = true;
	tunnel->id = id;
}

/* What an Ethernet type or "Ethernet" itself announces. */
static enum link_result
open_type(uint16_t type, struct wire *w)
{
	struct link_tags tags = {0};
	enum link_result link;

	if (w->has_failed)
		return LINK_SHORT;
	link = type == TYPE_ETHERNET ? decode_link(DLT_EN10MB, w, &tags) :
		type < 0x600 ? LINK_NOT_IP : decode_link_type(type, w, &tags);
	return link == LINK_PSEUDOWIRE ? LINK_NOT_IP : link;
}

/* Version, VLAN, class, flags, and in the last ten bits the session. */
static enum link_result
open_erspan(uint16_t type, bool has_header, struct wire *w,
			struct tunnel *tunnel)
{
	tunnel->type = TUNNEL_ERSPAN;
	tunnel->has_id = false;
	if (has_header)
	{
		put_id(tunnel, wire_u32(w) & 0x3ff);
		wire_skip(w, 4);		/* index; timestamp */
	}
	if (type == TYPE_ERSPAN3)
	{
		uint32_t	flags = wire_u32(w);

		if ((flags & 1) != 0)
			wire_skip(w, 8);	/* the platform's own */
		if ((flags >> 10 & 0x1f) == 2)
			return w->has_failed ? LINK_SHORT : decode_link_version(w);
	}
	return open_type(TYPE_ETHERNET, w);
}

static enum link_result
open_pptp(uint16_t flags, struct wire *w, struct tunnel *tunnel)
{
	struct link_tags tags = {0};

	wire_skip(w, 2);			/* payload length */
	put_id(tunnel, wire_u16(w));
	if ((flags & GRE_SEQUENCE) == 0)
		return LINK_NOT_IP;		/* an acknowledgement only */
	wire_skip(w, (flags & GRE_ACK) != 0 ? 8 : 4);
	return w->has_failed ? LINK_SHORT : decode_link(DLT_PPP, w, &tags);
}

static enum link_result
open_gre(struct wire *w, struct tunnel *tunnel)
{
	uint16_t	flags = wire_u16(w);
	uint16_t	type = wire_u16(w);
	struct link_tags tags = {0};

	if (w->has_failed)
		return LINK_SHORT;
	if ((flags & GRE_VERSION) == 1 && type == TYPE_PPP)
		return open_pptp(flags, w, tunnel);
	if ((flags & (GRE_VERSION | GRE_ROUTING)) != 0)
		return LINK_NOT_IP;
	if ((flags & GRE_CHECKSUM) != 0)
		wire_skip(w, 4);
	if ((flags & GRE_KEY) != 0)
		put_id(tunnel, wire_u32(w));
	if ((flags & GRE_SEQUENCE) != 0)
		wire_skip(w, 4);
	switch (type)
	{
		case TYPE_ERSPAN:
			return open_erspan(type, (flags & GRE_SEQUENCE) != 0, w, tunnel);
		case TYPE_ERSPAN3:
			return open_erspan(type, true, w, tunnel);
		case TYPE_PPP:
			return w->has_failed ? LINK_SHORT : decode_link(DLT_PPP, w, &tags);
		default:
			return open_type(type, w);
	}
}

static enum link_result
open_vxlan(struct wire *w, struct tunnel *tunnel)
{
	uint32_t	flags = wire_u32(w);

	put_id(tunnel, wire_u32(w) >> 8);
	if (w->has_failed)
		return LINK_SHORT;
	return (flags >> 24 & 0x08) == 0 ? LINK_NOT_IP : open_type(TYPE_ETHERNET, w);
}

static enum link_result
open_vxlan_gpe(struct wire *w, struct tunnel *tunnel)
{
	uint32_t	flags = wire_u32(w);

	put_id(tunnel, wire_u32(w) >> 8);
	if (w->has_failed)
		return LINK_SHORT;
	if ((flags >> 24 & 0x38) != 0x08 && (flags >> 24 & 0x3c) != 0x0c)
		return LINK_NOT_IP;
	if ((flags >> 24 & 0x04) == 0)
		return open_type(TYPE_ETHERNET, w);
	switch (flags & 0xff)
	{
		case 1:
		case 2:
			return decode_link_version(w);
		case 3:
			return open_type(TYPE_ETHERNET, w);
		default:
			return LINK_NOT_IP;
	}
}

static enum link_result
open_geneve(struct wire *w, struct tunnel *tunnel)
{
	uint8_t		version_and_options = wire_u8(w);
	uint16_t	type;

	wire_skip(w, 1);			/* flags */
	type = wire_u16(w);
	put_id(tunnel, wire_u32(w) >> 8);
	wire_skip(w, (version_and_options & 0x3f) * (size_t) 4);
	if (version_and_options >> 6 != 0)
		return LINK_NOT_IP;
	return open_type(type, w);
}

/* Extension headers: length in units of four bytes, content, next type. */
static enum link_result
open_gtpu(struct wire *w, struct tunnel *tunnel)
{
	uint8_t		flags = wire_u8(w);
	uint8_t		message = wire_u8(w);
	uint8_t		next = 0;

	wire_skip(w, 2);			/* length */
	put_id(tunnel, wire_u32(w));
	if (w->has_failed)
		return LINK_SHORT;
	if ((flags & 0xf0) != GTP_NEEDED || message != GTP_USER_DATA)
		return LINK_NOT_IP;
	if ((flags & GTP_OPTIONAL) != 0)
	{
		wire_skip(w, 3);		/* sequence number, N-PDU number */
		next = wire_u8(w);
		if ((flags & GTP_EXTENSION) == 0)
			next = 0;
	}
	while (next != 0 && !w->has_failed)
	{
		size_t		len = wire_u8(w) * (size_t) 4;

		if (len == 0)
			return w->has_failed ? LINK_SHORT : LINK_NOT_IP;
		wire_skip(w, len - 2);
		next = wire_u8(w);
	}
	return w->has_failed ? LINK_SHORT : decode_link_version(w);
}

/* Authentication and origin may stand before the packet; bubbles have none. */
static enum link_result
open_teredo(struct wire *w)
{
	if (wire_left(w) >= 4 && w->pos[0] == 0 && w->pos[1] == 1)
		wire_skip(w, 13 + (size_t) w->pos[2] + w->pos[3]);
	if (!w->has_failed && wire_left(w) >= 2 && w->pos[0] == 0 && w->pos[1] == 0)
		wire_skip(w, 8);
	if (w->has_failed || wire_left(w) == 0)
		return LINK_SHORT;
	return *w->pos >> 4 == 6 ? LINK_IP6 : LINK_NOT_IP;
}

static enum tunnel_type
type_of_ports(const struct flow_key *key)
{
	switch (key->dst_port)
	{
		case PORT_VXLAN:
		case PORT_VXLAN_LINUX:
		case PORT_VXLAN_GPE:
			return TUNNEL_VXLAN;
		case PORT_GENEVE:
			return TUNNEL_GENEVE;
		case PORT_GTPU:
			return TUNNEL_GTPU;
		case PORT_TEREDO:
			return TUNNEL_TEREDO;
		default:
			return key->src_port == PORT_TEREDO ? TUNNEL_TEREDO :
				key->src_port == PORT_GTPU ? TUNNEL_GTPU : TUNNEL_NONE;
	}
}

static enum link_result
open_udp(const struct flow_key *key, struct wire *w, struct tunnel *tunnel)
{
	wire_skip(w, 8);
	if (w->has_failed)
		return LINK_SHORT;
	switch (tunnel->type)
	{
		case TUNNEL_VXLAN:
			return key->dst_port == PORT_VXLAN_GPE ?
				open_vxlan_gpe(w, tunnel) : open_vxlan(w, tunnel);
		case TUNNEL_GENEVE:
			return open_geneve(w, tunnel);
		case TUNNEL_GTPU:
			return open_gtpu(w, tunnel);
		default:
			return open_teredo(w);
	}
}

bool
tunnel_open(uint32_t set, const struct flow_key *key, struct wire *w,
			struct tunnel *tunnel, enum link_result *link)
{
	static const uint32_t gre_or_erspan = 1u << TUNNEL_GRE | 1u << TUNNEL_ERSPAN;

	memset(tunnel, 0, sizeof(*tunnel));
	switch (key->proto)
	{
		case PROTO_IP4:
			tunnel->type = TUNNEL_IPIP;
			*link = LINK_IP4;
			break;
		case PROTO_IP6:
			tunnel->type = TUNNEL_IPIP;
			*link = LINK_IP6;
			break;
		case PROTO_GRE:
			tunnel->type = TUNNEL_GRE;
			if ((set & gre_or_erspan) != 0)
				*link = open_gre(w, tunnel);
			break;
		case FLOW_PROTO_UDP:
			tunnel->type = (uint8_t) type_of_ports(key);
			if ((set >> tunnel->type & 1) != 0)
				*link = open_udp(key, w, tunnel);
			break;
		default:
			return false;
	}
	tunnel->src = key->src;
	tunnel->dst = key->dst;
	return (set >> tunnel->type & 1) != 0;
}

bool
tunnel_open_pseudowire(uint32_t set, const struct link_tags *tags,
					   struct wire *w, struct tunnel *tunnel,
					   enum link_result *link)
{
	memset(tunnel, 0, sizeof(*tunnel));
	tunnel->type = TUNNEL_MPLS;
	put_id(tunnel, tags->label);
	if ((set >> TUNNEL_MPLS & 1) == 0)
		return false;

	/* a control word of RFC 4385 starts with a zero nibble */
	if (wire_left(w) >= 4 && *w->pos >> 4 == 0)
	{
		struct wire without = *w;

		wire_skip(w, 4);
		*link = open_type(TYPE_ETHERNET, w);
		if (*link == LINK_IP4 || *link == LINK_IP6)
			return true;
		*w = without;
	}
	*link = open_type(TYPE_ETHERNET, w);
	return true;
}
