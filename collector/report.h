/*-------------------------------------------------------------------------
 *
 * What a running collector says of itself: the HTTP interface, and its rows in
 * the database.
 *
 * One thread, which does the work, hands in a snapshot now and then; the
 * threads that are asked answer from the last one and wait for nothing.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_REPORT_H
#define COLLECTOR_REPORT_H

#include "options.h"
#include "status.h"
#include "tally.h"

#define REPORT_TICK_US	INT64_C(500000)

/* Tokens of the HTTP interface, which end at the end of the line; or NULL. */
struct report_tokens
{
	char	   *read;
	char	   *write;
};

/* What only the way of running knows; without a spool most is 0. */
struct report_source
{
	bool		is_away;		/* nothing can be written to the database */
	uint64_t	spool_bytes;	/* that were received, and are not written yet */
	uint64_t	undecoded_bytes;	/* of them */
	uint64_t	decoded;		/* position up to which is decoded */
	uint64_t	settled;		/* and written */
	uint64_t	last;			/* and received */
	int64_t		decoded_us;		/* when the last one that is decoded came, since 1970 */
	const struct status_receive *receive;	/* or NULL */
};

struct report;

/* Read the files with tokens; what is wrong with one ends the process. */
extern struct report_tokens report_read_tokens(const struct options *options);

/*
 * Start what the options ask for; returns NULL if that is nothing, and ends the
 * process if it fails.  All stay as long as the report; tally may be NULL.
 */
extern struct report *report_open(const struct options *options,
								  const struct report_tokens *tokens,
								  struct tally *tally);

/* The last status is still written, if that can be done soon. */
extern void report_close(struct report *report);

extern bool report_is_due(const struct report *report, int64_t now_us);

/* Take a snapshot; now_us is a monotonic clock. */
extern void report_take(struct report *report, const struct counters *counters,
						const struct report_source *source, int64_t now_us);

#endif
