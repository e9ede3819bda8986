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
#include "ring.h"

struct meter_options
{
	uint32_t	max_flows;
	int64_t		active_us;
	int64_t		idle_us;
	uint32_t	tunnels;		/* set of those to be opened */
	bool		has_details;	/* flows have VLAN, tunnel, lengths, pauses, ...;
								 * implied by the others, tunnels and ring */
	bool		has_payload;	/* and what their payload says */
	bool		has_profile;	/* and what it looks like */
	uint32_t	max_payloads;	/* of so many flows at a time, see watch.h */
	struct ring_options ring;	/* path NULL: packets are not kept; its counters
								 * are the meter's */
	const char *sensor;			/* put into each flow; may be NULL */
	struct hash_key hash_key;
	struct flow_out out;
	struct counters *counters;
};

struct meter;

/* Ends the process if there is not enough memory. */
extern struct meter *meter_open(const struct meter_options *options);

/*
 * Begin to keep packets, if that is asked for; before the first frame, with the
 * rights that the files are to have.  Returns false, having logged why.
 */
extern bool meter_open_ring(struct meter *meter) __attribute__((warn_unused_result));

/* Flows still in it are lost, so flush before.  What is to be kept is written. */
extern void meter_close(struct meter *meter);

/* One frame; its time is the clock's. */
extern void meter_frame(struct meter *meter, const struct frame *frame);

/* It is now_us, since 1970: end idle flows though no frame comes. */
extern void meter_advance(struct meter *meter, int64_t now_us);

/* By this monotonic clock: packets that are kept go to the disk. */
extern void meter_tick(struct meter *meter, int64_t now_us);

/* End all flows. */
extern void meter_flush(struct meter *meter);

#endif
