/*-------------------------------------------------------------------------
 *
 * A report while it is made: what it is about, and the page so far.
 *
 * report_frame_make finds out the range, the columns and the buckets of time;
 * then each section asks its queries and appends to the page.  A query that
 * fails becomes a note in the page, and the rest goes on.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <stdbool.h>

#include <libpq-fe.h>

#include "memory.h"
#include "range.h"
#include "svg_area.h"

#define REPORT_MOST_BUCKETS	130

struct arguments;
struct session;

/* What flows are measured by. */
enum measure
{
	MEASURE_BYTES,
	MEASURE_PACKETS,
	MEASURE_FLOWS,
	MEASURES
};

/* A query that was asked. */
struct report_cost
{
	struct report_cost *next;
	const char *what;
	const char *sql;
	const char *parameters;
	double		seconds;
	int			nrows;
	bool		has_failed;
};

/* The axis of time, for charts of one width. */
struct report_ticks
{
	struct svg_tick *ticks;		/* ticks[n] */
	int			n;
};

struct report
{
	struct session *session;
	const struct arguments *arguments;
	struct buffer page;
	bool		is_lost;		/* the connection is; or Ctrl-C was pressed */
	struct report_cost *costs;
	struct report_cost **last_cost;

	const char *table;			/* quoted, for FROM */
	const char *relation;		/* its OID */
	bool		is_flowstore;
	PGresult   *columns;		/* its columns: name, type */
	const char *filter;			/* as it was typed, or NULL */
	const char *clause;			/* the same in SQL */
	int			top;			/* rows of a ranking */
	enum measure measure;		/* what decides about ranks */
	bool		is_corrected;	/* multiplied by column sampling */

	struct range range;
	const char *bounds[4];		/* $1 to $4: since, until, width and origin of buckets */
	const char *bounds_before[4];	/* the same of the period before */
	double		since;			/* seconds since 1970 */
	double		until;
	const char *since_text;		/* on the clock of the time zone */
	const char *until_text;
	const char *zone;
	const char *made_text;
	const char *database;
	const char *version;		/* of the extension */

	int			width_s;		/* of a bucket */
	int			nbuckets;		/* <= REPORT_MOST_BUCKETS */
	double		origin;			/* start of the first bucket, at or before since */
	double	   *bucket_s;		/* bucket_s[nbuckets]: what of it lies in the range */
	double	   *bucket_from;	/* places in the range, 0 to 1 */
	double	   *bucket_to;
	const char **bucket_when;
	struct report_ticks wide;
	struct report_ticks narrow;

	double		totals[MEASURES];
	const char *totals_text[MEASURES];	/* exactly */
	bool		has_negative;	/* values of the measure, as no exporter has them */
	int			sampling;		/* the largest, if it differs from 1; else 0 */
	const char *oldest;			/* rows of the whole table */
	const char *newest;

	/* what sections found, for the facts at the top */
	double		before[MEASURES];	/* totals of the period before; < 0: no rows */
	double		peak;			/* rate of the measure in a bucket */
	const char *peak_when;
	double		percentile;		/* 95th of these rates */
	int			severities[5];	/* alerts and findings, info first */
	bool		has_findings;	/* they were looked for */
	int			ntroubles;		/* things that are not well */
};

/* Find out all from table on; false after an error, which is reported. */
extern bool report_frame_make(struct report *report);

/* The bucket of a time in seconds, given as text; -1 if it is in none. */
extern int report_bucket(const struct report *report, const char *epoch,
						 double origin);

#endif
