/*-------------------------------------------------------------------------
 *
 * PostgreSQL sink: batches of flows by binary COPY, each row once.
 *
 * A batch is closed when it has batch_rows rows and, in live mode, when its
 * first row is max_age_us old and a connection is free; always at a mark.  Up
 * to "connections" are opened, as many as there are batches that wait.
 *
 * With a source, and extension flowstore in the database, each batch notes the
 * positions of its rows in flow.ingest, in the transaction that writes them.
 * Rows of positions that are noted already are left out: so a batch whose
 * commit nobody knows the outcome of, and a source that is read again, count
 * once.  Marks must be at the same positions whenever it is read.  Without the
 * extension, or a source, a batch whose connection is lost during its commit
 * is sent again, and may be in the table twice.  One sink may have many sources,
 * between which the driver switches; a batch is of one of them.
 *
 * Live mode never waits for the server.  While the server is away or slow up
 * to queue_bytes of rows are kept; then the oldest batch is dropped, counted,
 * and logged; or, if the source can wait, the driver is told that the sink is
 * full, and nothing is dropped.  Rows whose values the server refuses are
 * found by sink_bisect, left out, and written to file "rejected"; the others of
 * their batch are written.  While draining, a full queue waits for the server
 * as long as that takes anything.
 *
 * File mode waits for the server and drops nothing; an error that trying
 * again cannot cure ends it, and so do refused rows, unless there is a file
 * for them.  What is left then is counted as dropped.
 *
 * Memory: live, queue_bytes plus one batch; file, 2 batches more than
 * connections; a row of the 18 columns that every flow has takes some 70 bytes
 * and, with marks, 12 for each mark.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_SINK_COPY_H
#define COLLECTOR_SINK_COPY_H

#include <signal.h>
#include <stddef.h>

#include "counter.h"
#include "sink.h"
#include "sink_sources.h"

#define COPY_MAX_CONNECTIONS 16

/* What a row is reckoned with, where limits are checked. */
#define COPY_ROW_BYTES 128

struct copy_options
{
	const char *conninfo;
	const char *table;
	const char *sensor;			/* of all flows; or NULL */
	const char *source;			/* name in flow.ingest; or NULL: no marks */
	bool		has_sources;	/* it is what the names of several begin with */
	const char *rejected;		/* file for refused rows; or NULL */
	int			connections;	/* 1 .. COPY_MAX_CONNECTIONS */
	size_t		batch_rows;		/* > 0 */
	size_t		queue_bytes;
	int64_t		max_age_us;
	bool		is_live;
	bool		source_can_wait;	/* and be read again; needs a source */
	bool		waits_at_start; /* live: the table has been in order before */
	const volatile sig_atomic_t *stop_requested;
	struct counters *counters;
};

/*
 * In file mode, waits until the table has been described, or a stop is
 * requested.  Returns NULL, having logged why, if it was, if memory is
 * exhausted, or if the table cannot be used.
 */
extern struct sink *sink_copy_open(const struct copy_options *options);

/* Has the database said what it has?  In file mode always. */
extern bool sink_copy_is_ready(const struct sink *sink);

/* When ready: which table of which database it is, a line. */
extern const char *sink_copy_table(const struct sink *sink);

/*
 * When ready: the lowest position that is not written, where the driver may
 * begin; it may also begin before.  Returns false if the database has no
 * flow.ingest, so that the driver must remember for itself.
 */
extern bool sink_copy_start(const struct sink *sink, uint64_t *position);

/* All before this position is written; what comes after must be kept. */
extern uint64_t sink_copy_settled(const struct sink *sink);

/*
 * Once started, if the source is ours alone: processes before us have written no
 * more of it than what is before "earlier", and what the database has now before
 * "begin".  If it ever has anything but that and what this sink has written,
 * nothing is written as long as that is so.
 */
extern void sink_copy_claim(struct sink *sink, uint64_t earlier, uint64_t begin);

/*
 * With has_sources: the table of them, complete when ready.  What is written of
 * each is the database's word, or, where it has no flow.ingest, what this sink
 * and who fills the table say.
 */
extern struct sources *sink_copy_sources(struct sink *sink);

/*
 * With has_sources, after a mark: what is put from now on comes from this
 * source, from a position of it on.  Returns false when memory is exhausted.
 */
extern bool sink_copy_switch(struct sink *sink, const char *name, uint64_t position);

/* What comes before this position can no longer be read again from the source. */
extern void sink_copy_forget(struct sink *sink, uint64_t position);

/* Does the database take nothing now? */
extern bool sink_copy_is_away(const struct sink *sink);

/* Has the queue reached its limit?  A source that can wait should. */
extern bool sink_copy_is_full(const struct sink *sink);

/*
 * A server that lags behind has taken over, and lacks what was written: true,
 * once, when the source has to be read again from *position.  Rows that are
 * put before this is asked are forgotten; only if the source can wait.  With
 * has_sources all of them have to be read again, each from where it is written.
 */
extern bool sink_copy_must_rewind(struct sink *sink, uint64_t *position);

#endif
