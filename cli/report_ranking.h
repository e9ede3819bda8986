/*-------------------------------------------------------------------------
 *
 * Rankings: the groups of columns with most of the report's measure, each with
 * its share of everything and how it went over time.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLI_REPORT_RANKING_H
#define CLI_REPORT_RANKING_H

#include "report.h"

#define RANKING_KEYS 2

struct ranking
{
	const char *id;				/* of its element */
	const char *title;
	const char *remark;			/* a sentence below the title, or NULL */
	const char *what;			/* title of the first column */
	const char *keys[RANKING_KEYS];	/* columns; the second may be NULL */
	const char *types[RANKING_KEYS];	/* of these */
	const char *label;			/* SQL: the name of a group k1, k2 */
	const char *tag;			/* SQL: a word on it, or NULL */
	const char *condition;		/* SQL: only of such rows, or NULL */
	const char *condition_value;	/* $3 of the condition, or NULL if it has none */
	bool		is_part;		/* the condition leaves out rows that count */
	bool		is_compact;		/* fewer columns, for half of the page */
	bool		by_flows;		/* whatever the measure of the report is */

	/*
	 * NULL, or in place of the table SQL of k1, k2, bytes_sum, packets_sum,
	 * flows_sum that may have a group more than once; and of k1, k2, bucket,
	 * amount, where $5 and $6 are arrays of the keys wanted.
	 */
	const char *source;
	const char *source_by_time;
};

/* Whether the table has the columns of its keys. */
extern bool ranking_is_possible(const struct report *report,
								const struct ranking *ranking);

/*
 * Append it, if it is possible.  Returns the greatest keys k1 as the text of an
 * array, NULL if there are none.
 */
extern const char *ranking_put(struct report *report, const struct ranking *ranking);

#endif
