/*-------------------------------------------------------------------------
 *
 * What packets tell of their flow beside its counts: VLAN, tunnel, time to
 * live, lengths, pauses; and of its payload, if that is asked for.
 *
 * The cache drives it and speaks of flows by slot.  Slots are 1 .. max_flows.
 *
 * Memory: max_flows * WATCH_FLOW_BYTES, touched as needed, and 16 bytes for
 * each where packets are kept; with payload, see
 * conversation.h, and with profiles max_payloads * (sizeof(struct profile) +
 * 24).  In both the one that was silent longest makes room, and is counted.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_WATCH_H
#define COLLECTOR_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "counter.h"
#include "decode_packet.h"
#include "flow_extra.h"
#include "hash.h"

#define WATCH_FLOW_BYTES	112

/* Why a flow ended; the numbers of IPFIX's flowEndReason. */
enum flow_end
{
	FLOW_END_IDLE = 1,
	FLOW_END_ACTIVE = 2,
	FLOW_END_FORCED = 4,		/* the input ended, or the clock jumped */
	FLOW_END_EVICTED = 5
};

struct watch_options
{
	uint32_t	max_flows;
	uint32_t	max_payloads;	/* conversations and profiles, 1 .. 2^30 */
	bool		has_payload;	/* columns SNI to DNS_RCODE */
	bool		has_profile;	/* ENTROPY to SPLT_TIMES */
	bool		has_places;		/* PCAP_REF, from the places of packets */
	struct hash_key hash_key;
	struct counters *counters;
};

struct watch;

/* Returns NULL when memory is exhausted. */
extern struct watch *watch_open(const struct watch_options *options);
extern void watch_close(struct watch *watch);

/* The ring that places are in, by its id of RING_ID_LEN digits. */
extern void watch_set_ring(struct watch *watch, const char *id);

/*
 * A flow begins with this packet.  continues: it goes on with the flow that
 * was released from this slot with FLOW_END_ACTIVE.
 */
extern void watch_begin(struct watch *watch, uint32_t slot,
						const struct packet *packet, bool continues);

/* Another packet of the flow, which has not been added to *flow yet. */
extern void watch_add(struct watch *watch, uint32_t slot,
					  const struct flow *flow, const struct packet *packet);

/* The flow ends.  Returns its values, valid until watch_release. */
extern const struct flow_extra *watch_end(struct watch *watch, uint32_t slot,
										  const struct flow *flow,
										  enum flow_end reason);

/* Nobody needs them any more. */
extern void watch_release(struct watch *watch, uint32_t slot,
						  enum flow_end reason);

#endif
