/*-------------------------------------------------------------------------
 *
 * flow rate: bytes, packets or flows a second over time.
 *
 * Counts as the SQL function flow.rate does, with a filter: each flow is spread
 * over the buckets that it was active in.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "catalog.h"
#include "command.h"
#include "grid.h"
#include "query.h"
#include "range.h"
#include "session.h"
#include "terminal.h"

#define LONGEST		"1 hour"	/* flows that began so long before the range count */
#define ROWS_USUAL	60			/* buckets of a range, about */

enum measure
{
	RATE_BITS,
	RATE_PACKETS,
	RATE_FLOWS
};

/* The bucket that makes ROWS_USUAL rows or fewer of a range. */
static const char *
choose_width(struct session *session, const struct range *range)
{
	static const struct
	{
		double		seconds;
		const char *width;
	}			widths[] = {
		{1, "1 second"}, {5, "5 seconds"}, {10, "10 seconds"}, {30, "30 seconds"},
		{60, "1 minute"}, {120, "2 minutes"}, {300, "5 minutes"}, {600, "10 minutes"},
		{900, "15 minutes"}, {1800, "30 minutes"}, {3600, "1 hour"}, {7200, "2 hours"},
		{10800, "3 hours"}, {21600, "6 hours"}, {43200, "12 hours"}, {86400, "1 day"},
		{604800, "7 days"}
	};
	const char *const values[] = {range->since, range->until};
	PGresult   *result = session_query(session,
									   "SELECT extract(epoch FROM $2::timestamptz - $1::timestamptz)", 2, values);
	double		seconds;

	if (result == NULL)
		return NULL;
	seconds = strtod(PQgetvalue(result, 0, 0), NULL);
	PQclear(result);
	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++)
		if (seconds / widths[i].seconds <= ROWS_USUAL)
			return widths[i].width;
	return "1 month";
}

/* --bucket as a span (5m) or an interval ('5 minutes'). */
static const char *
given_width(const struct arguments *arguments)
{
	const char *text = arguments_value(arguments, "bucket");
	const char *interval = text != NULL && strchr(text, ' ') == NULL ? range_interval(text) : NULL;

	return interval != NULL ? interval : text;
}

static enum measure
choose_measure(const struct arguments *arguments)
{
	bool		has_packets = arguments_has(arguments, "packets");
	bool		has_flows = arguments_has(arguments, "flows");

	if (has_packets + has_flows + arguments_has(arguments, "bytes") > 1)
		usage_fail(arguments->command, NULL, "only one of --bytes, --packets and --flows can be given");
	return has_packets ? RATE_PACKETS : has_flows ? RATE_FLOWS : RATE_BITS;
}

static void
make_query(struct query *query, const struct range *range, const char *width,
		   const char *source)
{
	query_add(query, "WITH asked AS (SELECT ");
	query_value(query, width, "interval");
	query_add(query, " AS w, ");
	query_value(query, range->since, "timestamptz");
	query_add(query, " AS since, ");
	query_value(query, range->until, "timestamptz");
	query_add(query, " AS until, current_setting('TimeZone') AS zone),"
			  " grid AS MATERIALIZED (SELECT b, lead(b) OVER (ORDER BY b) AS next"
			  "  FROM flow.gapfill($1::interval, $2::timestamptz, $3::timestamptz + $1::interval + $1::interval,"
			  "   current_setting('TimeZone')) b),"
			  " edges AS MATERIALIZED (SELECT min(b) AS first,"
			  "  max(next) FILTER (WHERE b < $3::timestamptz) AS past FROM grid),"
			  " spread AS (SELECT s.bucket, sum(s.share) AS amount FROM (%s"
			  "   AND ts >= (SELECT e.first - interval '" LONGEST "' FROM edges e)"
			  "   AND ts < (SELECT e.past FROM edges e)) f(ts, duration_ms, value),"
			  "  flow.spread(f.ts, f.duration_ms, f.value, $1::interval, current_setting('TimeZone')) s"
			  "  GROUP BY 1),"
			  " rates AS (SELECT g.b, coalesce(s.amount, 0)::numeric AS amount,"
			  "   coalesce(s.amount, 0) / extract(epoch FROM g.next - g.b) AS rate"
			  "  FROM grid g LEFT JOIN spread s ON s.bucket = g.b WHERE g.b < $3::timestamptz)", source);
}

static const char *
source_query(struct session *session, const struct arguments *arguments,
			 enum measure measure, const char *clause)
{
	static const char *const values[] = {"bytes", "packets", "1::bigint"};
	bool		is_corrected = arguments_has(arguments, "corrected");

	if (is_corrected && catalog_need(session, "sampling", 8) == NULL)
		return NULL;
	return memory_format("SELECT ts, duration_ms, (%s%s)::bigint FROM %s WHERE %s", values[measure],
						 is_corrected ? " * greatest(coalesce(sampling, 1), 1)::bigint" : "",
						 session_table(session), clause);
}

/* One line of eighths of a block, and what its top is. */
static void
print_line(const PGresult *result, enum measure measure)
{
	static const char *const levels = " .:-=+*#";
	double		highest = 0;
	struct buffer text = {0};
	int			column = 2;

	for (int i = 0; i < PQntuples(result); i++)
		if (strtod(PQgetvalue(result, i, column), NULL) > highest)
			highest = strtod(PQgetvalue(result, i, column), NULL);
	for (int i = 0; i < PQntuples(result); i++)
	{
		double		share = highest > 0 ? strtod(PQgetvalue(result, i, column), NULL) / highest : 0;
		int			level = (int) (share * 7 + 0.5);

		if (terminal_is_utf8())
			buffer_format(&text, "\xe2\x96%c", 0x81 + level);
		else
			buffer_add_char(&text, levels[level]);
	}
	buffer_add_text(&text, "  highest ");
	grid_show_value(&text, measure == RATE_BITS ? GRID_BITS : GRID_PER_SECOND,
					memory_format("%.6f", highest), false);
	puts(text.text);
	buffer_free(&text);
}

static int
run(struct session *session, const struct arguments *arguments)
{
	static const enum grid_kind amounts[] = {GRID_BYTES, GRID_COUNT, GRID_COUNT};
	static const char *const names[][2] = {
		{"bytes", "bits_per_second"}, {"packets", "packets_per_second"}, {"flows", "flows_per_second"}
	};
	enum measure measure = choose_measure(arguments);
	const struct grid_column columns[] = {
		{"bucket", GRID_SECOND}, {names[measure][0], amounts[measure]},
		{names[measure][1], measure == RATE_BITS ? GRID_BITS : GRID_PER_SECOND}, {"share", GRID_SHARE}
	};
	const char *width = given_width(arguments);
	struct query query = {0};
	struct range range;
	const char *clause;
	const char *source;
	PGresult   *result;

	if (session_table(session) == NULL || !range_resolve(session, arguments, "1 day", &range) ||
		(clause = session_filter(session, arguments_join(arguments, 0))) == NULL ||
		(source = source_query(session, arguments, measure, clause)) == NULL ||
		(width == NULL && (width = choose_width(session, &range)) == NULL))
		return STATUS_FAILED;
	make_query(&query, &range, width, source);
	query_add(&query, " SELECT b, amount, round(%d * rate, 3), rate / nullif(max(rate) OVER (), 0)"
			  " FROM rates ORDER BY b", measure == RATE_BITS ? 8 : 1);
	result = session_run(session, &query);
	if (result == NULL || !arguments_has(arguments, "line"))
		return grid_show(arguments, columns, result);
	print_line(result, measure);
	PQclear(result);
	return STATUS_DONE;
}

static const struct option_spec options[] = {
	{'b', "bucket", "LENGTH", "so long is each line, 5m say (default: some 50 lines)", "1m 5m 1h 1d"},
	{0, "bytes", NULL, "bytes, and bits a second (default)", NULL},
	{0, "packets", NULL, "packets", NULL},
	{0, "flows", NULL, "flows", NULL},
	{0, "corrected", NULL, "multiply by column sampling", NULL},
	{0, "line", NULL, "one line only, with a column for each bucket", NULL},
	{0}
};

const struct command command_rate = {
	.name = "rate",
	.words = "[FILTER]",
	.summary = "bytes, packets or flows a second over time",
	.text = "Each flow counts in all of the times that it was active in.  Looks at the last day.\n"
	"  flow rate -6h -b 10m dst port 443",
	.options = options,
	.groups = GROUP_TABLE | GROUP_RANGE | GROUP_FORM,
	.run = run
};
