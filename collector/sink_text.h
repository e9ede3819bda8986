/*-------------------------------------------------------------------------
 *
 * Text sink: tab-separated lines, as COPY ... (FORMAT text) reads them.
 *
 * NULL is \N, times are in UTC with microseconds and offset, backslash, tab,
 * newline and carriage return in texts are escaped with a backslash.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_SINK_TEXT_H
#define COLLECTOR_SINK_TEXT_H

#include <stddef.h>

#include "counter.h"
#include "sink.h"

/* A line of n bytes of sensor name needs at most this much room. */
#define SINK_TEXT_LINE_BOUND(n) (600 + 2 * (n))

/*
 * Write to file path ("-" is standard output), which is truncated.  In live
 * mode, lines are written at the latest max_age_us after they were put.
 * Returns NULL, having logged why, if the file cannot be written.
 */
extern struct sink *sink_text_open(const char *path, bool has_header,
								   int64_t max_age_us,
								   struct counters *counters);

/*
 * Encode a flow as one line with its newline, without a terminating zero, to
 * dst[>= SINK_TEXT_LINE_BOUND(strlen(flow->sensor))].  Returns the length.
 */
extern size_t sink_text_encode(const struct flow *flow, char *dst);

#endif
