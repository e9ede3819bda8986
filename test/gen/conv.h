/*-------------------------------------------------------------------------
 *
 * A conversation: what travels from the kinds of traffic to the output.
 *
 * It becomes one row for each direction that is in `directions`.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GEN_CONV_H
#define GEN_CONV_H

#include "hosts.h"

#define PROTO_ICMP		1
#define PROTO_TCP		6
#define PROTO_UDP		17
#define PROTO_GRE		47
#define PROTO_ESP		50
#define PROTO_ICMP6		58

#define TCP_FIN			1
#define TCP_SYN			2
#define TCP_RST			4
#define TCP_PSH			8
#define TCP_ACK			16

#define FORTH			1		/* from host a to host b */
#define BACK			2

#define NO_ENTROPY		UINT16_MAX

struct side
{
	int64_t		start_ms;		/* since 1970 */
	uint32_t	duration_ms;
	uint16_t	src_port;
	uint16_t	dst_port;
	uint8_t		tcp_flags;
	uint64_t	packets;
	uint64_t	bytes;
};

enum payload
{
	PAYLOAD_OTHER, PAYLOAD_TLS, PAYLOAD_QUIC, PAYLOAD_DNS, PAYLOAD_TUNNEL, PAYLOAD_HTTP
};

struct conv
{
	struct host a;				/* opened the conversation */
	struct host b;
	struct side side[2];		/* 0 is forth, 1 is back */
	uint8_t		directions;		/* FORTH, BACK, or both */
	uint8_t		proto;
	uint8_t		payload;		/* enum payload; decides which names are set */
	uint8_t		method;			/* of HTTP, 0 .. 3 */
	uint8_t		rcode;			/* of DNS */
	uint16_t	qtype;			/* of DNS */
	uint16_t	status;			/* of HTTP */
	uint16_t	profile;		/* client software, for fingerprints */
	uint16_t	tls_version;	/* as on the wire; 0: what the server has */
	bool		is_nameless;	/* HTTP without a Host header */
	uint16_t	entropy_milli;	/* bits a byte, in thousandths, or NO_ENTROPY */
	uint64_t	name;			/* argument of names_domain or names_tunnel */
};

#endif
