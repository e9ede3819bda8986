/*-------------------------------------------------------------------------
 *
 * Capturing into the spool: a thread that meters the frames of interfaces and
 * appends the flows that end.
 *
 * A record of the spool is one packed flow (SPOOL_FLOW).  When the spool has no
 * room, the frames wait in the kernel's ring for CAPTURE_PATIENCE_US; from then
 * on flows are refused and counted, until it takes some again:
 *
 *		flows_exported = spool_records_appended + spool_records_refused
 *
 * where nobody else appends.  A kill loses the flows that have not ended, which
 * are younger than the active timeout, and what spool.h says.
 *
 * Memory: that of the meter, 128 kB for a flow, a burst of 256 kB.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_RECEIVE_CAPTURE_H
#define COLLECTOR_RECEIVE_CAPTURE_H

#include "live_meter.h"
#include "spool.h"

#define CAPTURE_PATIENCE_US	INT64_C(500000)

struct capture_receiver;

/*
 * Begin to capture, reading nothing yet, as live_meter_open; out and counters of
 * *meter are not used.  NULL after a message.
 */
extern struct capture_receiver *receive_capture_open(const char *const *devices, int ndevices,
													 const struct live_options *options,
													 const struct meter_options *meter) MUST_CHECK;

/* Start the thread; false after a message. */
extern bool receive_capture_start(struct capture_receiver *receiver,
								  struct spool *spool) MUST_CHECK;

/*
 * Add to counters what the thread has counted since the call before, up to the
 * end of its last turn.  It counts by itself, since those who decode datagrams
 * raise some of the same counters.
 */
extern void receive_capture_collect(struct capture_receiver *receiver,
									struct counters *counters);

/*
 * Take what the kernel has already, for 2 s at most, end all flows, append them
 * and end the thread.
 */
extern void receive_capture_stop(struct capture_receiver *receiver);

/* The thread must not run. */
extern void receive_capture_close(struct capture_receiver *receiver);

#endif
