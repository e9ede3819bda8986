/*-------------------------------------------------------------------------
 *
 * Link layers: where in a captured frame does the IP packet begin?
 *
 * Known: Ethernet (with VLAN tags, MPLS labels, PPPoE, 802.2 SNAP), raw IP,
 * BSD loopback, Linux cooked v1 and v2, PPP, PPPoE and Cisco HDLC.
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
	LINK_NOT_IP,				/* a frame of something else */
	LINK_SHORT					/* the frame ends within the link headers */
};

/* dlt is a DLT_ value of libpcap. */
extern bool decode_link_supported(int dlt);

/*
 * Move w, which stands at the start of a frame, over all link headers.
 * Any bytes give one of the four results.
 */
extern enum link_result decode_link(int dlt, struct wire *w);

#endif
