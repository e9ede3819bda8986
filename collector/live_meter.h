/*-------------------------------------------------------------------------
 *
 * Network interfaces to flows.
 *
 * All interfaces share one table of flows, so that the two directions of a tap
 * are conversations; a packet that is seen at two interfaces counts twice.
 * One thread drives it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_LIVE_METER_H
#define COLLECTOR_LIVE_METER_H

#include "input_live.h"
#include "meter.h"
#include "sink.h"

#define LIVE_METER_MAX	16		/* interfaces */

struct live_meter;

/*
 * Begin to capture from devices[ndevices], 1 .. LIVE_METER_MAX; they and
 * *options stay.  Flows go to the meter's out.  NULL, having logged why, if one
 * of the interfaces cannot be captured from; ends the process if there is not
 * enough memory.
 */
extern struct live_meter *live_meter_open(const char *const *devices, int ndevices,
										  const struct live_options *options,
										  const struct meter_options *meter) MUST_CHECK;

/* As meter_open_ring, when rights have been given up. */
extern bool live_meter_open_ring(struct live_meter *live) MUST_CHECK;

/*
 * Fill fds[LIVE_METER_MAX] with what to wait for and return how many there are;
 * *timeout_ms is when live_meter_read is due at the latest.
 */
extern int	live_meter_poll(const struct live_meter *live, struct pollfd *fds,
							int *timeout_ms);

/*
 * Take frames that wait, a bounded number of them; then end the flows that are
 * idle by the clock.  Returns whether there may be more.
 */
extern bool live_meter_read(struct live_meter *live);

/* End all flows, and close the interfaces. */
extern void live_meter_close(struct live_meter *live);

#endif
