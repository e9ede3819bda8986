/*-------------------------------------------------------------------------
 *
 * Link layers: IEEE 802.3 and 802.1Q, RFC 1042 (SNAP), RFC 3032 (MPLS),
 * RFC 2516 (PPPoE), RFC 1661 and 1662 (PPP), and the capture headers
 * described at https://www.tcpdump.org/linktypes.html.
 *
 * Every step consumes bytes, so stacks of tags and labels end with the frame.
 *
 *-------------------------------------------------------------------------
 */
#include <pcap/dlt.h>

#include "decode_link.h"

#define TYPE_IP4			0x0800
#define TYPE_IP6			0x86dd
#define TYPE_VLAN			0x8100
#define TYPE_QINQ			0x88a8
#define TYPE_QINQ_OLD		0x9100
#define TYPE_MPLS			0x8847
#define TYPE_MPLS_MULTICAST	0x8848
#define TYPE_PPPOE_SESSION	0x8864
#define TYPE_MIN			0x0600	/* below: an 802.3 length */

#define PPP_IP4				0x0021
#define PPP_IP6				0x0057
#define PPP_MPLS			0x0281

/* DLT_RAW of OpenBSD, which other systems keep free. */
#define DLT_RAW_OPENBSD		14

#define NFLOG_PAYLOAD		9	/* NFULA_PAYLOAD */

enum link_result
decode_link_version(const struct wire *w)
{
	if (wire_left(w) == 0)
		return LINK_SHORT;
	if (*w->pos >> 4 == 4)
		return LINK_IP4;
	if (*w->pos >> 4 == 6)
		return LINK_IP6;
	return LINK_NOT_IP;
}

/*
 * What a label stack carries is not in the frame; as routers do, look at the
 * first nibble.
 */
static enum link_result
decode_mpls(struct wire *w, struct link_tags *tags)
{
	enum link_result result;
	uint32_t	entry;

	do
	{
		entry = wire_u32(w);
		if (w->has_failed)
			return LINK_SHORT;
	} while ((entry & 0x100) == 0);
	tags->has_label = true;
	tags->label = entry >> 12;
	result = decode_link_version(w);
	return result == LINK_NOT_IP ? LINK_PSEUDOWIRE : result;
}

/* A protocol number may be compressed to one byte, which is then odd. */
static enum link_result
decode_ppp_payload(struct wire *w, struct link_tags *tags)
{
	uint16_t	proto = wire_u8(w);

	if ((proto & 1) == 0)
		proto = (uint16_t) (proto << 8 | wire_u8(w));
	if (w->has_failed)
		return LINK_SHORT;
	switch (proto)
	{
		case PPP_IP4:
			return LINK_IP4;
		case PPP_IP6:
			return LINK_IP6;
		case PPP_MPLS:
			return decode_mpls(w, tags);
		default:
			return LINK_NOT_IP;
	}
}

static enum link_result
decode_pppoe(struct wire *w, struct link_tags *tags)
{
	uint16_t	version_and_code = wire_u16(w);

	wire_skip(w, 4);			/* session, length */
	if (w->has_failed)
		return LINK_SHORT;
	if ((version_and_code & 0xff) != 0)
		return LINK_NOT_IP;		/* discovery */
	return decode_ppp_payload(w, tags);
}

enum link_result
decode_link_type(uint16_t type, struct wire *w, struct link_tags *tags)
{
	while (type == TYPE_VLAN || type == TYPE_QINQ || type == TYPE_QINQ_OLD)
	{
		uint16_t	tag = wire_u16(w);

		type = wire_u16(w);
		if (!tags->has_vlan && !w->has_failed)
		{
			tags->has_vlan = true;
			tags->vlan = tag & 0xfff;
		}
	}
	if (type < TYPE_MIN && !w->has_failed)
	{
		static const uint8_t snap[6] = {0xaa, 0xaa, 0x03, 0, 0, 0};
		const uint8_t *llc = wire_take(w, sizeof(snap));

		if (llc == NULL || memcmp(llc, snap, sizeof(snap)) != 0)
			return LINK_NOT_IP;
		type = wire_u16(w);
	}
	if (w->has_failed)
		return LINK_SHORT;
	switch (type)
	{
		case TYPE_IP4:
			return LINK_IP4;
		case TYPE_IP6:
			return LINK_IP6;
		case TYPE_MPLS:
		case TYPE_MPLS_MULTICAST:
			return decode_mpls(w, tags);
		case TYPE_PPPOE_SESSION:
			return decode_pppoe(w, tags);
		default:
			return LINK_NOT_IP;
	}
}

static enum link_result
decode_ethernet(struct wire *w, struct link_tags *tags)
{
	uint16_t	type;

	wire_skip(w, 12);
	type = wire_u16(w);
	return w->has_failed ? LINK_SHORT : decode_link_type(type, w, tags);
}

/* Type at 14 of 16 bytes, or first of 20: the v1 and v2 cooked headers. */
static enum link_result
decode_cooked(struct wire *w, size_t before, size_t after,
			  struct link_tags *tags)
{
	uint16_t	type;

	wire_skip(w, before);
	type = wire_u16(w);
	wire_skip(w, after);
	if (w->has_failed)
		return LINK_SHORT;

	/* small values are Linux's own numbers here, not 802.3 lengths */
	return type < TYPE_MIN ? LINK_NOT_IP : decode_link_type(type, w, tags);
}

/*
 * AF_INET is 2 everywhere; AF_INET6 is 10 (Linux), 24, 28 or 30 (BSDs), in
 * the byte order of the machine that captured (NULL) or of the net (LOOP).
 */
static enum link_result
decode_loopback(struct wire *w)
{
	uint32_t	family = wire_u32(w);

	if (w->has_failed)
		return LINK_SHORT;
	if ((family & 0xffff) == 0)
		family = __builtin_bswap32(family);
	switch (family)
	{
		case 2:
			return LINK_IP4;
		case 10:
		case 24:
		case 28:
		case 30:
			return LINK_IP6;
		default:
			return LINK_NOT_IP;
	}
}

static enum link_result
decode_ppp(struct wire *w, struct link_tags *tags)
{
	if (wire_left(w) >= 4)
	{
		if (w->pos[0] == 0xff && w->pos[1] == 0x03)
			wire_skip(w, 2);
		else if (w->pos[0] == 0x0f || w->pos[0] == 0x8f)
		{
			/* Cisco HDLC: address, control, Ethernet type */
			wire_skip(w, 2);
			return decode_link_type(wire_u16(w), w, tags);
		}
	}
	return decode_ppp_payload(w, tags);
}

/*
 * Family, version, resource id, then fields of length, type and value, padded
 * to four bytes; a length counts its header of four.  The byte order is that
 * of the machine that captured, and shows in the types, which are small.
 */
static enum link_result
decode_nflog(struct wire *w)
{
	wire_skip(w, 4);
	while (!w->has_failed && wire_left(w) >= 4)
	{
		size_t		len = (size_t) (w->pos[0] | w->pos[1] << 8);
		uint16_t	type = (uint16_t) (w->pos[2] | w->pos[3] << 8);

		if ((type & 0x7fff) > 0xff)
		{
			len = (size_t) (w->pos[0] << 8 | w->pos[1]);
			type = (uint16_t) (w->pos[2] << 8 | w->pos[3]);
		}
		if (len < 4)
			return LINK_NOT_IP;
		wire_skip(w, 4);
		if ((type & 0x7fff) == NFLOG_PAYLOAD)
		{
			wire_limit(w, len - 4);
			return decode_link_version(w);
		}
		wire_skip(w, (len - 1) / 4 * 4);
	}
	return w->has_failed ? LINK_SHORT : LINK_NOT_IP;
}

bool
decode_link_supported(int dlt)
{
	switch (dlt)
	{
		case DLT_EN10MB:
		case DLT_RAW:
		case DLT_RAW_OPENBSD:
		case DLT_IPV4:
		case DLT_IPV6:
		case DLT_NULL:
		case DLT_LOOP:
		case DLT_LINUX_SLL:
		case DLT_LINUX_SLL2:
		case DLT_NFLOG:
		case DLT_PPP:
		case DLT_PPP_SERIAL:
		case DLT_PPP_ETHER:
		case DLT_C_HDLC:
			return true;
		default:
			return false;
	}
}

enum link_result
decode_link(int dlt, struct wire *w, struct link_tags *tags)
{
	switch (dlt)
	{
		case DLT_EN10MB:
			return decode_ethernet(w, tags);
		case DLT_RAW:
		case DLT_RAW_OPENBSD:
			return decode_link_version(w);
		case DLT_IPV4:
			return LINK_IP4;
		case DLT_IPV6:
			return LINK_IP6;
		case DLT_NULL:
		case DLT_LOOP:
			return decode_loopback(w);
		case DLT_LINUX_SLL:
			return decode_cooked(w, 14, 0, tags);
		case DLT_LINUX_SLL2:
			return decode_cooked(w, 0, 18, tags);
		case DLT_NFLOG:
			return decode_nflog(w);
		case DLT_PPP:
		case DLT_PPP_SERIAL:
		case DLT_C_HDLC:
			return decode_ppp(w, tags);
		case DLT_PPP_ETHER:
			return decode_pppoe(w, tags);
		default:
			return LINK_NOT_IP;
	}
}
