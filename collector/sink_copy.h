/*-------------------------------------------------------------------------
 *
 * PostgreSQL sink: batches of flows by binary COPY.
 *
 * A batch is closed when it has batch_rows rows and, in live mode, when its
 * first row is max_age_us old and the connection is free.
 *
 * Live mode never waits for the server.  While the server is away or slow up
 * to queue_bytes of rows are kept; then the oldest batch is dropped, counted,
 * and logged.  Rows whose values the server refuses are found by sink_bisect
 * and dropped likewise; the others of their batch are written.  While draining,
 * a full queue waits for the server as long as that takes anything.
 *
 * File mode waits for the server and drops nothing; an error that trying
 * again cannot cure ends it.  What is left then is counted as dropped.
 *
 * A batch is written once, except when the connection is lost during its
 * commit: it is sent again then, and may be in the table twice.
 *
 * Memory: live, queue_bytes plus one batch; file, COPY_FILE_BATCHES batches;
 * a batch has batch_rows * sizeof(struct flow), 128 bytes a row.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_SINK_COPY_H
#define COLLECTOR_SINK_COPY_H

#include <signal.h>
#include <stddef.h>

#include "counter.h"
#include "sink.h"

#define COPY_FILE_BATCHES 3

struct copy_options
{
	const char *conninfo;
	const char *table;
	const char *sensor;			/* of all flows; or NULL */
	size_t		batch_rows;		/* > 0 */
	size_t		queue_bytes;
	int64_t		max_age_us;
	bool		is_live;
	const volatile sig_atomic_t *stop_requested;
	struct counters *counters;
};

/*
 * In file mode, waits until the table has been described, or a stop is
 * requested.  Returns NULL, having logged why, if it was, if memory is
 * exhausted, or if the table cannot be used.
 */
extern struct sink *sink_copy_open(const struct copy_options *options);

#endif
