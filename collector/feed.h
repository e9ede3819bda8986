/*-------------------------------------------------------------------------
 *
 * Feeds: flows as lines of text, in the words of other programs.
 *
 *		zeek	conn.log with tabs and # lines, also several after each other
 *		json	an object a line: Zeek, goflow2, nfdump, our columns, IPFIX names
 *		csv		a header, then values between , ; tab or |
 *		nfdump	what "nfdump -o csv" writes, in UTC
 *		text	what -o writes
 *
 * A value that its column cannot hold makes its line bad; nothing is changed
 * so that it fits.  Each line is counted once: as a record, as another line (a
 * header, a comment, nothing), or by what is wrong with it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_FEED_H
#define COLLECTOR_FEED_H

#include <stdbool.h>
#include <stddef.h>

#include "counter.h"
#include "flow.h"

enum feed_format
{
	FEED_AUTO,					/* by the first line that is no comment */
	FEED_ZEEK,
	FEED_JSON,
	FEED_CSV,
	FEED_NFDUMP,
	FEED_TEXT
};

struct feed_options
{
	enum feed_format format;
	bool		wants_fields;	/* what has no column goes to column fields */
	const char *sensor;			/* of flows that do not say theirs; or NULL */
	struct flow_out out;
	struct counters *counters;
};

enum feed_result
{
	FEED_FLOW,					/* one flow was put */
	FEED_OTHER,					/* nothing to put */
	FEED_BAD					/* feed_reason says why */
};

struct feed;

/* By enum feed_format; ends with NULL. */
extern const char *const feed_format_names[];

/* Returns NULL when memory is exhausted. */
extern struct feed *feed_open(const struct feed_options *options);
extern void feed_close(struct feed *feed);

/* Decode a line, bytes[len], without its newline; any bytes are safe. */
extern enum feed_result feed_line(struct feed *feed, const char *bytes, size_t len);

/*
 * Heed what a line says about the lines behind it, and no more: for lines that
 * were decoded before a restart.  Counts nothing.
 */
extern void feed_skip(struct feed *feed, const char *bytes, size_t len);

/*
 * Why the last line was bad, as part of a sentence that begins with "the
 * line"; printable, short, valid until the next line.
 */
extern const char *feed_reason(const struct feed *feed);

/* Is a line a row, rather than a header or a comment?  As feed_skip otherwise. */
extern bool feed_is_row(struct feed *feed, const char *bytes, size_t len);

#endif
