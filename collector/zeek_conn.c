/*-------------------------------------------------------------------------
 *
 * Zeek's words for how a connection went.
 *
 * history has a letter for each first event of its kind, upper case if the
 * originator caused it, else lower case:
 *
 *		S  SYN			H  SYN and ACK	A  ACK alone	D  payload
 *		F  FIN			R  RST			Q  SYN with FIN or RST
 *		I  FIN and RST	others say nothing about flags
 *
 * Payload counts as ACK, which every segment but the first has.  PSH and URG
 * are not known.  Where history is empty, conn_state gives what it implies.
 *
 * end_reason: 3, the end was seen, for TCP whose conn_state names a close or
 * a reset by both sides' rules; else 1, it fell silent.
 *
 * ICMP has its type as port of the originator, and its code as port of the
 * responder, except where the type has an answer: there it is the answer's type.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "zeek_conn.h"

#define FIN 0x01
#define SYN 0x02
#define RST 0x04
#define ACK 0x10

#define END_IDLE	1
#define END_SEEN	3

struct state
{
	const char *name;
	uint8_t		flags;			/* at least these, by the originator */
	uint8_t		rev_flags;
	uint8_t		end_reason;		/* of TCP */
};

static const struct state states[] = {
	{"S0", SYN, 0, END_IDLE},
	{"S1", SYN | ACK, SYN | ACK, END_IDLE},
	{"SF", SYN | ACK | FIN, SYN | ACK | FIN, END_SEEN},
	{"REJ", SYN, RST, END_SEEN},
	{"S2", SYN | ACK | FIN, SYN | ACK, END_IDLE},
	{"S3", SYN | ACK, SYN | ACK | FIN, END_IDLE},
	{"RSTO", SYN | ACK | RST, SYN | ACK, END_SEEN},
	{"RSTR", SYN | ACK, SYN | ACK | RST, END_SEEN},
	{"RSTOS0", SYN | RST, 0, END_SEEN},
	{"RSTRH", 0, SYN | ACK | RST, END_SEEN},
	{"SH", SYN | FIN, 0, END_IDLE},
	{"SHR", 0, SYN | ACK | FIN, END_IDLE},
	{"OTH", 0, 0, END_IDLE}
};

static const struct state *
find_state(const struct flow_bytes *name)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strlen(states[i].name) == name->len &&
			memcmp(states[i].name, name->bytes, name->len) == 0)
			return &states[i];
	return NULL;
}

static uint8_t
flags_of(char upper)
{
	switch (upper)
	{
		case 'S':
		case 'Q':
			return SYN;
		case 'H':
			return SYN | ACK;
		case 'A':
		case 'D':
			return ACK;
		case 'F':
			return FIN;
		case 'R':
			return RST;
		case 'I':
			return FIN | RST;
		default:
			return 0;
	}
}

static void
finish_tcp(struct draft *draft, const struct state *state)
{
	const char *history = draft->zeek_history.bytes;
	uint8_t		flags[2] = {0, 0};	/* originator, responder */

	for (uint32_t i = 0; i < draft->zeek_history.len; i++)
		flags[(history[i] & 0x20) != 0] |= flags_of((char) (history[i] & ~0x20));
	if (draft->zeek_history.len == 0 && state != NULL)
	{
		flags[0] = state->flags;
		flags[1] = state->rev_flags;
	}
	draft->flow.tcp_flags = flags[0];
	if (draft->zeek_history.len > 0 || state != NULL)
		flow_extra_put_number(&draft->extra, FLOW_REV_TCP_FLAGS, flags[1]);
}

/* The type that answers an ICMP type, or -1. */
static int
answer_of(uint8_t proto, int type)
{
	static const uint8_t pairs[][3] = {
		{FLOW_PROTO_ICMP, 8, 0}, {FLOW_PROTO_ICMP, 13, 14}, {FLOW_PROTO_ICMP, 15, 16},
		{FLOW_PROTO_ICMP, 10, 9}, {FLOW_PROTO_ICMP, 17, 18}, {FLOW_PROTO_ICMP6, 128, 129},
		{FLOW_PROTO_ICMP6, 130, 131}, {FLOW_PROTO_ICMP6, 133, 134},
		{FLOW_PROTO_ICMP6, 135, 136}, {FLOW_PROTO_ICMP6, 139, 140},
		{FLOW_PROTO_ICMP6, 144, 145}
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
	{
		if (pairs[i][0] != proto)
			continue;
		if (pairs[i][1] == type)
			return pairs[i][2];
		if (pairs[i][2] == type)
			return pairs[i][1];
	}
	return -1;
}

static void
finish_icmp(struct flow_key *key)
{
	int			type = key->src_port;
	int			code = key->dst_port;

	if (type > 255 || code > 255)
		return;
	if (answer_of(key->proto, type) == code)
		code = 0;
	key->src_port = 0;
	key->dst_port = (uint16_t) (type * 256 + code);
}

void
zeek_conn_finish(struct draft *draft)
{
	const struct state *state = find_state(&draft->zeek_state);
	struct flow_key *key = &draft->flow.key;

	if (key->proto == FLOW_PROTO_ICMP && key->src.family == FLOW_FAMILY_IP6)
		key->proto = FLOW_PROTO_ICMP6;
	if (key->proto == FLOW_PROTO_TCP)
		finish_tcp(draft, state);
	else if (key->proto == FLOW_PROTO_ICMP || key->proto == FLOW_PROTO_ICMP6)
		finish_icmp(key);
	if (state != NULL)
		flow_extra_put_number(&draft->extra, FLOW_END_REASON,
							  key->proto == FLOW_PROTO_TCP ? state->end_reason : END_IDLE);
}
