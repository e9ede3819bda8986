/*-------------------------------------------------------------------------
 *
 * Tunnels: does an IP packet carry another one, and where does it begin?
 *
 *		gre		GRE with its key, also of Ethernet (NVGRE) and PPP (PPTP)
 *		ipip	IPv4 and IPv6 in IPv4 and IPv6
 *		vxlan	VXLAN on UDP ports 4789 and 8472, VXLAN-GPE on 4790
 *		geneve	UDP port 6081
 *		gtpu	user data of GTP version 1, UDP port 2152
 *		erspan	types I, II and III, in GRE
 *		teredo	IPv6 in UDP port 3544
 *		mpls	Ethernet behind MPLS labels, with or without a control word
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_DECODE_TUNNEL_H
#define COLLECTOR_DECODE_TUNNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "decode_link.h"
#include "flow.h"
#include "wire.h"

enum tunnel_type
{
	TUNNEL_NONE,
	TUNNEL_GRE,
	TUNNEL_IPIP,
	TUNNEL_VXLAN,
	TUNNEL_GENEVE,
	TUNNEL_GTPU,
	TUNNEL_ERSPAN,
	TUNNEL_TEREDO,
	TUNNEL_MPLS,
	TUNNEL_TYPE_COUNT
};

/* A set of types: bit 1 << type. */
#define TUNNEL_SET_ALL	((1u << TUNNEL_TYPE_COUNT) - 2)

struct tunnel
{
	struct flow_addr src;		/* of the outer packet; NONE for mpls */
	struct flow_addr dst;
	uint32_t	id;				/* GRE key, PPTP call, VNI, TEID, ERSPAN session,
								 * bottom label */
	bool		has_id;
	uint8_t		type;			/* enum tunnel_type */
};

/* The name of a type as above, "none" for TUNNEL_NONE. */
extern const char *tunnel_name(enum tunnel_type type);

/*
 * Read a list of names with commas between them, or "all", or "none".
 * Returns false if one is no name.
 */
extern bool tunnel_parse_set(const char *list, uint32_t *set);

/*
 * w stands on the payload of an IP packet with this key.  If that is a tunnel
 * of the set, fill in *tunnel, move w to the inner packet and set *link to
 * what it should be (never LINK_PSEUDOWIRE); LINK_NOT_IP also where the
 * tunnel's header is none.  Otherwise return false; w is undefined then.
 */
extern bool tunnel_open(uint32_t set, const struct flow_key *key,
						struct wire *w, struct tunnel *tunnel,
						enum link_result *link);

/* The same for w behind a label stack; has no addresses. */
extern bool tunnel_open_pseudowire(uint32_t set, const struct link_tags *tags,
								   struct wire *w, struct tunnel *tunnel,
								   enum link_result *link);

#endif
