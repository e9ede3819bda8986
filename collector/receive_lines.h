/*-------------------------------------------------------------------------
 *
 * Receiving lines over TCP, in a thread that only copies them, into the spool.
 *
 * A record of the spool has one line, without its end.  When the spool has no
 * room, the connections wait.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_RECEIVE_LINES_H
#define COLLECTOR_RECEIVE_LINES_H

#include "counter.h"
#include "spool.h"

struct line_receiver;

/* Listen, see input_lines.h, reading nothing yet.  NULL after a message. */
extern struct line_receiver *receive_lines_open(const char *url,
												struct counters *counters) MUST_CHECK;

/* Start the thread; false after a message. */
extern bool receive_lines_start(struct line_receiver *receiver,
								struct spool *spool) MUST_CHECK;

/*
 * Append what the kernel has taken already, for 2 s at most, and end the
 * thread.
 */
extern void receive_lines_stop(struct line_receiver *receiver);

/* The thread must not run. */
extern void receive_lines_close(struct line_receiver *receiver);

#endif
