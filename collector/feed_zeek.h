/*-------------------------------------------------------------------------
 *
 * Zeek's logs as tab-separated values, with their # lines.
 *
 * A file may hold several logs, each with a header of its own.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_FEED_ZEEK_H
#define COLLECTOR_FEED_ZEEK_H

#include "feed_record.h"

#define ZEEK_WORD_MAX 16

enum zeek_type
{
	ZEEK_TEXT,
	ZEEK_NUMBER,
	ZEEK_BOOL
};

/* What #separator and its like set.  Initialized by feed_zeek_open. */
struct feed_zeek
{
	char		separator;
	char		set_separator;
	char		empty[ZEEK_WORD_MAX];
	char		unset[ZEEK_WORD_MAX];
	bool		has_fields;
	struct feed_columns columns;
};

extern void feed_zeek_open(struct feed_zeek *zeek);
extern void feed_zeek_close(struct feed_zeek *zeek);

/*
 * Heed a line that begins with #.  Returns NULL, or why it is of no use, as
 * part of a sentence that begins with "the line".
 */
extern const char *feed_zeek_header(struct feed_zeek *zeek, const char *line,
									size_t len);

/* Take another line apart.  Returns as feed_zeek_header. */
extern const char *feed_zeek_line(struct feed_zeek *zeek, const char *line,
								  size_t len, struct feed_record *record);

#endif
