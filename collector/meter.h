/*-------------------------------------------------------------------------
 *
 * The meter: frames to flows, by way of decoder, cache and watch.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_METER_H
#define COLLECTOR_METER_H

#include <stdbool.h>
#include <stdint.h>

#include "counter.h"
#include "decode_packet.h"
#include "flow.h"
#include "hash.h"

struct meter_options
{
	uint32_t	max_flows;
	int64_t		active_us;
	int64_t		idle_us;
	uint32_t	tunnels;		/* set of those to be opened */
	bool		has_details;	/* flows have VLAN, tunnel, lengths, pauses, ...;
								 * implied by the others and by tunnels */
	bool		has_payload;	/* and what their payload says */
	bool		has_profile;	/* and what it looks like */
	uint32_t	max_payloads;	/* of so many flows at a time, see watch.h */
	const char *sensor;			/* put into each flow; may be NULL */
	struct hash_key hash_key;
	struct flow_out out;
	struct counters *counters;
};

struct meter;

/* Ends the process if there is not enough memory. */
extern struct meter *meter_open(const struct meter_options *options);

/* Flows still in it are lost, so flush before. */
extern void meter_close(struct meter *meter);

/* One frame; its time is the clock's. */
extern void meter_frame(struct meter *meter, const struct frame *frame);

/* It is now_us, since 1970: end idle flows though no frame comes. */
extern void meter_advance(struct meter *meter, int64_t now_us);

/* End all flows. */
extern void meter_flush(struct meter *meter);

#endif
