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
#include "sink_column.h"

struct text_columns
{
	int			n;				/* 1 .. COLUMN_COUNT */
	enum column_id ids[COLUMN_COUNT];
};

/*
 * The columns that a list names, separated by commas: names, "core" (those
 * that every flow has) and "all".  Returns false, with *unknown pointing to
 * the name that is not known or that comes twice, and its length.
 */
extern bool text_columns_parse(const char *list, struct text_columns *columns,
							   const char **unknown, int *unknown_len);

/*
 * Write to file path ("-" is standard output), which is truncated.  In live
 * mode, lines are written at the latest max_age_us after they were put.
 * Returns NULL, having logged why, if the file cannot be written.
 */
extern struct sink *sink_text_open(const char *path,
								   const struct text_columns *columns,
								   bool has_header, int64_t max_age_us,
								   struct counters *counters);

/* What a line takes at most. */
extern size_t sink_text_bound(const struct text_columns *columns,
							  const struct flow *flow);

/*
 * Encode a flow as one line with its newline, without a terminating zero, to
 * dst[sink_text_bound()], as COPY ... (FORMAT text) reads it.  Returns the
 * length.
 */
extern size_t sink_text_encode(const struct text_columns *columns,
							   const struct flow *flow, char *dst);

#endif
