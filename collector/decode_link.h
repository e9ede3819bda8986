/*-------------------------------------------------------------------------
 *
 * Link layers: where in a captured frame does the IP packet begin?
 *
 * Known: Ethernet (with VLAN tags, MPLS labels, PPPoE, 802.2 SNAP), raw IP,
 * BSD loopback, Linux cooked v1 and v2, Linux netfilter log, PPP, PPPoE and
 * Cisco HDLC.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_DECODE_LINK_H
#define COLLECTOR_DECODE_LINK_H

#include <stdbool.h>

#include "wire.h"

enum link_result
{
	LINK_IP4,					/* w stands on what should be an IPv4 header */
	LINK_IP6,					/* the same for IPv6 */
	LINK_PSEUDOWIRE,			/* w stands behind an MPLS label stack, on what
								 * is no IP packet: Ethernet, perhaps */
	LINK_NOT_IP,				/* a frame of something else */
	LINK_SHORT					/* the frame ends within the link headers */
};

/* What the link headers said; start with all zero. */
struct link_tags
{
	bool		has_vlan;
	bool		has_label;
	uint16_t	vlan;			/* id of the outermost VLAN tag, 0..4095 */
	uint32_t	label;			/* at the bottom of the MPLS stack, 20 bits */
};

/* dlt is a DLT_ value of libpcap. */
extern bool decode_link_supported(int dlt);

/*
 * Move w, which stands at the start of a frame, over all link headers, and
 * note what they say in *tags.  Any bytes give one of the results above.
 */
extern enum link_result decode_link(int dlt, struct wire *w,
									struct link_tags *tags);

/* The same for what an Ethernet type announces. */
extern enum link_result decode_link_type(uint16_t type, struct wire *w,
										 struct link_tags *tags);

/* IPv4 or IPv6, by the first nibble. */
extern enum link_result decode_link_version(const struct wire *w);

#endif
