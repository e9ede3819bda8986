/*-------------------------------------------------------------------------
 *
 * The records of an sFlow flow sample: what an agent tells about one packet.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_DECODE_SFLOW_RECORD_H
#define COLLECTOR_DECODE_SFLOW_RECORD_H

#include "decode_packet.h"
#include "flow_extra.h"
#include "wire.h"

#define SFLOW_MAX_LABELS	16
#define SFLOW_USER_BYTES	256

/* How the packet became known; a later record counts if it knows better. */
enum sflow_knowledge
{
	SFLOW_UNKNOWN,
	SFLOW_LENGTH,				/* bytes, but no addresses */
	SFLOW_ADDRESSES,			/* as the agent has read them */
	SFLOW_HEADER				/* the packet's own header */
};

struct sflow_sample
{
	struct flow flow;			/* but for extra, which has to be set */
	struct flow_extra extra;	/* points into this struct */
	enum sflow_knowledge knowledge;
	int32_t		labels[SFLOW_MAX_LABELS];
	char		user_name[SFLOW_USER_BYTES];
};

struct sflow_decoder
{
	struct counters *counters;
	struct packet_decoder *packets;
	struct counters headers;	/* what packets counts, of one header */
	int64_t		header_time_us; /* clock of packets */
};

/*
 * Add what a record of this format, enterprise * 4096 + number, says; w has
 * the record's bytes.  Formats that are of no use are counted and passed over,
 * as is the rest of a record that breaks off.
 */
extern void sflow_read_record(struct sflow_decoder *sflow, uint32_t format,
							  struct wire w, struct sflow_sample *sample);

/* "address": none of unknown type 0; any other type is a failure. */
extern void sflow_read_address(struct wire *w, struct flow_addr *addr);

#endif
