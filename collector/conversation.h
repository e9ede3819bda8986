/*-------------------------------------------------------------------------
 *
 * Conversations: both directions of a TCP connection or of a pair of UDP
 * endpoints, with what their payload says.
 *
 * A conversation begins with the first payload of a flow, and lives as long
 * as one of the flows that joined it.  The columns are those of both flows.
 * Direction 0 is what the initiator sends: who sent the SYN, else who does
 * not have the only port below 1024, else who was seen first.
 *
 * Strangers make conversations.  Memory is at most, for each of the max ones,
 *		sizeof(struct conversation) + 24 + 4 (index) and
 *		CONVERSATION_STREAM_BYTES for streams out of order or unfinished, and
 *		what a conversation's parsers keep (see payload.h).
 * The conversation that was silent longest makes room, and is counted: its
 * flows have no payload columns.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_CONVERSATION_H
#define COLLECTOR_CONVERSATION_H

#include <stdbool.h>

#include "counter.h"
#include "decode_packet.h"
#include "flow_extra.h"
#include "hash.h"
#include "pool.h"

#define CONVERSATION_STREAM_BYTES 4096	/* on average */

struct conversation_table;

/* The payload of one packet of TCP or UDP. */
struct segment
{
	const uint8_t *bytes;		/* bytes[len], what was captured */
	size_t		len;
	size_t		wirelen;		/* on the wire, >= len */
	uint32_t	seq;			/* TCP: of the first byte; a SYN counts one */
	uint8_t		tcp_flags;		/* 0 if not TCP */
};

/*
 * The payload of a packet.  Returns false for other protocols, later
 * fragments and headers that were cut.
 */
extern bool segment_read(const struct packet *packet, struct segment *segment);

/* Returns NULL when memory is exhausted. */
extern struct conversation_table *conversation_open(uint32_t max,
													struct hash_key key,
													struct counters *counters);
extern void conversation_close(struct conversation_table *table);

/* What a flow keeps to find its conversation; start with all zero. */
struct conversation_member
{
	struct pool_handle handle;	/* none before its first payload */
	uint32_t	syn_seq;		/* of its SYN, if there was one */
	uint8_t		syn_flags;		/* of the same; 0: there was none */
};

/* Another packet of a flow.  A member must leave in the end. */
extern void conversation_add(struct conversation_table *table,
							 struct conversation_member *member,
							 const struct flow_key *key,
							 const struct segment *segment, int64_t now_us);

/*
 * Put what is known into *extra, which points into the table then, until the
 * next call.  has_ended: the flow will not go on, so what is incomplete stays
 * so.  A flow that never joined gets what the other direction has.
 */
extern void conversation_extra(struct conversation_table *table,
							   const struct conversation_member *member,
							   const struct flow_key *key, bool has_ended,
							   struct flow_extra *extra);

/* The flow with this member is gone; needs not have joined. */
extern void conversation_leave(struct conversation_table *table,
							   const struct conversation_member *member);

#endif
