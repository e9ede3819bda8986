/*-------------------------------------------------------------------------
 *
 * Lines with a header: CSV (RFC 4180), nfdump's CSV, and our own text.
 *
 * A quoted value ends on its line.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_FEED_CSV_H
#define COLLECTOR_FEED_CSV_H

#include "feed_record.h"

enum csv_dialect
{
	CSV_QUOTED,					/* , ; tab or |, quotes */
	CSV_NFDUMP,					/* as before; zeros stand for what is absent */
	CSV_TEXT					/* as COPY writes it: tabs, backslashes */
};

/* Start with all zero and the dialect. */
struct feed_csv
{
	enum csv_dialect dialect;
	bool		has_header;
	bool		is_in_summary;	/* behind the flows of nfdump */
	char		separator;
	struct feed_columns columns;
};

enum csv_result
{
	CSV_RECORD,
	CSV_OTHER,					/* a header, or a line of a summary */
	CSV_MALFORMED
};

/*
 * Take a line apart.  *reason says why it is malformed, as part of a sentence
 * that begins with "the line".
 */
extern enum csv_result feed_csv_line(struct feed_csv *csv, const char *line,
									 size_t len, struct feed_record *record,
									 const char **reason);

/* As feed_csv_line, for a line whose values are not wanted: is it a row? */
extern bool feed_csv_skip(struct feed_csv *csv, const char *line, size_t len);

extern void feed_csv_close(struct feed_csv *csv);

#endif
