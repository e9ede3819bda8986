/*-------------------------------------------------------------------------
 *
 * Queries of a report, and the parts of SQL that they share.
 *
 * A query begins with the bounds of the report: $1 is since, $2 until, and where
 * it wants buckets $3 is their width and $4 the start of the first.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLI_REPORT_QUERY_H
#define CLI_REPORT_QUERY_H

#include "report.h"

/*
 * The result of a query of section what, with values[nparams]; NULL after an
 * error, of which the page has a note then.
 */
extern PGresult *report_query(struct report *report, const char *what,
							  const char *sql, int nparams,
							  const char *const *values);

/*
 * The same without a note: the result of an error is returned, to be looked at;
 * NULL if the connection is lost.
 */
extern PGresult *report_try(struct report *report, const char *what,
							const char *sql, int nparams,
							const char *const *values);

/* Append what a failed result says, as a note. */
extern void report_note_error(struct report *report, const char *what,
							  const PGresult *result);

/* "FROM table WHERE ts >= $1 AND ts < $2 AND filter", for SQL. */
extern const char *report_source(const struct report *report);

/* The sum of a measure in SQL, 0 if the table lacks the column.  It may be NULL. */
extern const char *report_sum(const struct report *report, enum measure measure);

/* The three sums, as columns bytes_sum, packets_sum and flows_sum. */
extern const char *report_sums(const struct report *report);

extern bool report_has_measure(const struct report *report, enum measure measure);

/* Whether the table has a column of that name. */
extern bool report_has(const struct report *report, const char *column);

#endif
