/*-------------------------------------------------------------------------
 *
 * The flow: the one struct that travels between the stages.
 *
 *		input --bytes--> decode --struct flow--> cache --struct flow--> sink
 *
 * A decoded packet is a flow of one packet; the cache adds such flows up.  A
 * record of an exporter is a flow already and does not pass the cache.
 *
 * All integers are in host byte order.  Unused bytes are zero, so that two
 * keys are equal exactly if their bytes are.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_FLOW_H
#define COLLECTOR_FLOW_H

#include <stdint.h>

#define FLOW_PROTO_ICMP		1
#define FLOW_PROTO_TCP		6
#define FLOW_PROTO_UDP		17
#define FLOW_PROTO_ICMP6	58
#define FLOW_PROTO_SCTP		132

#define FLOW_FAMILY_NONE	0
#define FLOW_FAMILY_IP4		4
#define FLOW_FAMILY_IP6		6

struct flow_extra;

struct flow_addr
{
	uint8_t		family;			/* FLOW_FAMILY_*, NONE means absent */
	uint8_t		bytes[16];		/* network order; IPv4 uses the first four */
};

/*
 * What makes two packets the same flow.  ICMP and ICMPv6 keep type * 256 +
 * code in dst_port and 0 in src_port, as NetFlow does.  Protocols without
 * ports, and fragments whose first one was not seen, have 0 in both.
 */
struct flow_key
{
	struct flow_addr src;
	struct flow_addr dst;
	uint16_t	src_port;
	uint16_t	dst_port;
	uint8_t		proto;			/* IANA number; IPv6: after the extensions */
	uint8_t		zero;			/* always 0 */
};

_Static_assert(sizeof(struct flow_key) == 40, "a flow key has no padding");

/* Bits of flow.present: the optional number was measured or exported. */
#define FLOW_HAS_IN_IF		0x01
#define FLOW_HAS_OUT_IF		0x02
#define FLOW_HAS_SRC_AS		0x04
#define FLOW_HAS_DST_AS		0x08
#define FLOW_HAS_SAMPLING	0x10

struct flow
{
	struct flow_key key;
	int64_t		start_us;		/* first packet, microseconds since 1970 UTC */
	int64_t		end_us;			/* last packet, same clock, >= start_us */
	uint64_t	packets;		/* as counted or exported, never scaled */
	uint64_t	bytes;			/* IP total length of these packets */
	const char *sensor;			/* lives as long as the process; NULL: absent */
	const struct flow_extra *extra; /* flow_extra.h; NULL: nothing of it */
	uint32_t	in_if;			/* SNMP index, FLOW_HAS_IN_IF */
	uint32_t	out_if;			/* SNMP index, FLOW_HAS_OUT_IF */
	uint32_t	src_as;			/* FLOW_HAS_SRC_AS */
	uint32_t	dst_as;			/* FLOW_HAS_DST_AS */
	uint32_t	sampling;		/* one packet in so many, FLOW_HAS_SAMPLING */
	struct flow_addr exporter;	/* who sent the record, NONE for captures */
	uint8_t		present;		/* FLOW_HAS_* */
	uint8_t		tcp_flags;		/* all packets' flags ORed; 0 if not TCP */
	uint8_t		tos;			/* TOS or traffic class of the first packet */
};

/*
 * Where a stage puts its flows.  The flow and what it points to are valid
 * during the call only.
 */
struct flow_out
{
	void		(*put) (void *arg, const struct flow *flow);
	void	   *arg;
};

#endif
