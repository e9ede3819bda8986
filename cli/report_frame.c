/*-------------------------------------------------------------------------
 *
 * What a report is about: table, range, filter, and its axis of time.
 *
 * Buckets have round lengths and begin at round times of the time zone, so
 * the first and the last may lie in the range in part.  All are equally long,
 * also where the clock changes.  The period before has the same buckets, moved
 * by the length of the range.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "report_query.h"
#include "session.h"

#define MINUTE	60
#define HOUR	3600
#define DAY		86400

/* Lengths of buckets, and so of steps between marks of the axis. */
static const int widths[] = {
	1, 2, 5, 10, 15, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE,
	30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY,
	14 * DAY, 28 * DAY, 91 * DAY, 364 * DAY
};

#define NWIDTHS ((int) (sizeof(widths) / sizeof(widths[0])))

/* A step between marks, and how they are written. */
struct step
{
	double		seconds;		/* about */
	const char *interval;
	const char *label;			/* for to_char */
	const char *below;
};

static const struct step steps[] = {
	{1, "1 second", "HH24:MI:SS", "FMDD Mon"}, {5, "5 seconds", "HH24:MI:SS", "FMDD Mon"},
	{10, "10 seconds", "HH24:MI:SS", "FMDD Mon"}, {30, "30 seconds", "HH24:MI:SS", "FMDD Mon"},
	{MINUTE, "1 minute", "HH24:MI", "FMDD Mon"}, {2 * MINUTE, "2 minutes", "HH24:MI", "FMDD Mon"},
	{5 * MINUTE, "5 minutes", "HH24:MI", "FMDD Mon"}, {10 * MINUTE, "10 minutes", "HH24:MI", "FMDD Mon"},
	{15 * MINUTE, "15 minutes", "HH24:MI", "FMDD Mon"}, {30 * MINUTE, "30 minutes", "HH24:MI", "FMDD Mon"},
	{HOUR, "1 hour", "HH24:MI", "FMDD Mon"}, {2 * HOUR, "2 hours", "HH24:MI", "FMDD Mon"},
	{3 * HOUR, "3 hours", "HH24:MI", "FMDD Mon"}, {6 * HOUR, "6 hours", "HH24:MI", "FMDD Mon"},
	{12 * HOUR, "12 hours", "HH24:MI", "FMDD Mon"}, {DAY, "1 day", "FMDD Mon", "YYYY"},
	{2 * DAY, "2 days", "FMDD Mon", "YYYY"}, {7 * DAY, "7 days", "FMDD Mon", "YYYY"},
	{30.4 * DAY, "1 month", "Mon", "YYYY"}, {91.3 * DAY, "3 months", "Mon", "YYYY"},
	{365.2 * DAY, "1 year", "YYYY", NULL}, {5 * 365.2 * DAY, "5 years", "YYYY", NULL},
	{20 * 365.2 * DAY, "20 years", "YYYY", NULL}, {100 * 365.2 * DAY, "100 years", "YYYY", NULL}
};

#define NSTEPS ((int) (sizeof(steps) / sizeof(steps[0])))

/* A query without which there is no report. */
static PGresult *
ask(struct report *report, const char *sql, int nparams, const char *const *values)
{
	PGresult   *result = report_try(report, "frame", sql, nparams, values);

	if (result == NULL || PQresultStatus(result) == PGRES_TUPLES_OK)
		return result;
	session_report(report->session, result);
	PQclear(result);
	return NULL;
}

static const char *
take(const PGresult *result, int row, int column)
{
	return PQgetisnull(result, row, column) ? NULL :
		memory_format("%s", PQgetvalue(result, row, column));
}

static bool
take_columns(struct report *report)
{
	PGresult   *result;

	report->columns = ask(report, "SELECT attname FROM pg_attribute WHERE attrelid = $1::oid"
						  " AND attnum > 0 AND NOT attisdropped", 1, &report->relation);
	if (report->columns == NULL)
		return false;
	result = ask(report, "SELECT m.amhandler = 'flow.table_am_handler(internal)'::regprocedure"
				 " FROM pg_class c JOIN pg_am m ON m.oid = c.relam WHERE c.oid = $1::oid", 1,
				 &report->relation);
	if (result == NULL)
		return false;
	report->is_flowstore = PQntuples(result) == 1 && PQgetvalue(result, 0, 0)[0] == 't';
	PQclear(result);
	if (report_has(report, "ts"))
		return true;
	fprintf(stderr, "flow: table %s has no column \"ts\"\n"
			"HINT:  A report needs the time of flows; of other standard columns it uses those that there are.\n",
			report->table);
	return false;
}

/* Memory for groups, unless the user has set it; and no compilation of queries. */
static bool
set_session(struct report *report)
{
	const char *zone = arguments_value(report->arguments, "zone");
	PGresult   *result;

	result = ask(report, "SELECT set_config('work_mem', '64MB', true) FROM pg_settings"
				 " WHERE name = 'work_mem' AND source <> 'client' AND setting::integer < 65536", 0, NULL);
	PQclear(result);
	if (result == NULL)
		return false;
	result = ask(report, "SELECT set_config('jit', 'off', true),"
				 " set_config('timezone', coalesce($1, current_setting('timezone')), true)", 1, &zone);
	PQclear(result);
	return result != NULL;
}

static bool
take_range(struct report *report)
{
	const char *values[2];
	PGresult   *result;

	if (!range_resolve(report->session, report->arguments, "1 day", &report->range))
		return false;
	values[0] = report->range.since;
	values[1] = report->range.until;
	/* a range without end is that of the rows */
	result = ask(report, memory_format(
		"SELECT s, u, extract(epoch FROM s), extract(epoch FROM u), regexp_replace(to_char(s, f), ':00$', ''), regexp_replace(to_char(u, f), ':00$', ''),"
		" to_char(a, f), to_char(b, f), to_char(clock_timestamp(), f || ' TZ'),"
		" current_setting('timezone'), current_database(),"
		" (SELECT extversion FROM pg_extension WHERE extname = 'flowstore')"
		" FROM (SELECT CASE WHEN isfinite($1::timestamptz) THEN $1::timestamptz"
		"  ELSE coalesce(min(ts), flow.now() - interval '1 day') END,"
		"  CASE WHEN isfinite($2::timestamptz) THEN $2::timestamptz"
		"  ELSE coalesce(max(ts), flow.now()) + interval '1 microsecond' END,"
		"  min(ts), max(ts), 'YYYY-MM-DD HH24:MI:SS'"
		"  FROM %s WHERE ts > '-infinity' AND ts < 'infinity') x(s, u, a, b, f)",
		report->table), 2, values);
	if (result == NULL)
		return false;
	report->bounds[0] = take(result, 0, 0);
	report->bounds[1] = take(result, 0, 1);
	report->since = strtod(PQgetvalue(result, 0, 2), NULL);
	report->until = strtod(PQgetvalue(result, 0, 3), NULL);
	report->since_text = take(result, 0, 4);
	report->until_text = take(result, 0, 5);
	report->oldest = take(result, 0, 6);
	report->newest = take(result, 0, 7);
	report->made_text = take(result, 0, 8);
	report->zone = take(result, 0, 9);
	report->database = take(result, 0, 10);
	report->version = take(result, 0, 11);
	PQclear(result);
	return true;
}

static int
width_of(double length)
{
	for (int i = 0; i < NWIDTHS; i++)
		if (length / widths[i] <= REPORT_MOST_BUCKETS - 8)
			return widths[i];
	return (int) ceil(length / (REPORT_MOST_BUCKETS - 8) / widths[NWIDTHS - 1]) * widths[NWIDTHS - 1];
}

static void
place_buckets(struct report *report)
{
	double		length = report->until - report->since;

	report->nbuckets = (int) ceil((report->until - report->origin) / report->width_s);
	if (report->nbuckets > REPORT_MOST_BUCKETS)
		report->nbuckets = REPORT_MOST_BUCKETS;
	report->bucket_s = memory_get(report->nbuckets * sizeof(double));
	report->bucket_from = memory_get(report->nbuckets * sizeof(double));
	report->bucket_to = memory_get(report->nbuckets * sizeof(double));
	report->bucket_when = memory_get(report->nbuckets * sizeof(char *));
	for (int i = 0; i < report->nbuckets; i++)
	{
		double		from = fmax(report->origin + (double) i * report->width_s, report->since);
		double		to = fmin(report->origin + (i + 1.0) * report->width_s, report->until);

		report->bucket_s[i] = to - from;
		report->bucket_from[i] = (from - report->since) / length;
		report->bucket_to[i] = (to - report->since) / length;
		report->bucket_when[i] = "";
	}
}

static bool
make_buckets(struct report *report)
{
	const char *values[5];
	PGresult   *result;

	report->width_s = width_of(report->until - report->since);
	report->bounds[2] = memory_format("%d seconds", report->width_s);
	values[0] = report->bounds[0];
	values[1] = report->bounds[1];
	values[2] = report->bounds[2];
	result = ask(report, "SELECT b, extract(epoch FROM b), b - length, $1::timestamptz - length, length"
				 " FROM (SELECT flow.time_bucket($3::interval, $1::timestamptz, current_setting('timezone')),"
				 "  make_interval(secs => extract(epoch FROM $2::timestamptz - $1::timestamptz)::float8)) x(b, length)",
				 3, values);
	if (result == NULL)
		return false;
	report->bounds[3] = take(result, 0, 0);
	report->origin = strtod(PQgetvalue(result, 0, 1), NULL);
	report->bounds_before[0] = take(result, 0, 3);
	report->bounds_before[1] = report->bounds[0];
	report->bounds_before[2] = report->bounds[2];
	report->bounds_before[3] = take(result, 0, 2);
	PQclear(result);
	place_buckets(report);

	values[3] = report->bounds[3];
	values[4] = report->width_s < MINUTE ? "HH24:MI:SS" : "HH24:MI";
	result = ask(report, "SELECT to_char(s, 'YYYY-MM-DD ' || $5) || ' to ' ||"
				 " to_char(e, CASE WHEN s::date = e::date THEN $5 ELSE 'YYYY-MM-DD ' || $5 END)"
				 " FROM (SELECT b, greatest(b, $1::timestamptz), least(b + $3::interval, $2::timestamptz)"
				 "  FROM generate_series($4::timestamptz, $2::timestamptz, $3::interval) b"
				 "  WHERE b < $2::timestamptz) x(b, s, e) ORDER BY b", 5, values);
	if (result == NULL)
		return false;
	for (int i = 0; i < report->nbuckets && i < PQntuples(result); i++)
		report->bucket_when[i] = take(result, i, 0);
	PQclear(result);
	return true;
}

/* The second line of a label stands where it changes. */
static void
take_ticks(struct report *report, const PGresult *result, struct report_ticks *to)
{
	const char *last = "";

	to->ticks = memory_get((PQntuples(result) + 1) * sizeof(struct svg_tick));
	for (int i = 0; i < PQntuples(result); i++)
	{
		struct svg_tick *tick = &to->ticks[to->n++];
		const char *below = take(result, i, 2);

		tick->place = (strtod(PQgetvalue(result, i, 0), NULL) - report->since) /
			(report->until - report->since);
		tick->label = take(result, i, 1);
		if (below != NULL && strcmp(below, last) != 0)
			tick->below = last = below;
	}
}

static bool
make_ticks(struct report *report, int most, struct report_ticks *to)
{
	int			i = 0;
	const char *values[6];
	PGresult   *result;

	while (i + 1 < NSTEPS && (report->until - report->since) / steps[i].seconds > most)
		i++;
	values[0] = report->bounds[0];
	values[1] = report->bounds[1];
	values[2] = steps[i].interval;
	values[3] = steps[i].label;
	values[4] = steps[i].below;
	result = ask(report, "SELECT extract(epoch FROM b), to_char(b, $4), to_char(b, $5)"
				 " FROM flow.gapfill($3::interval, $1::timestamptz, $2::timestamptz, current_setting('timezone')) b"
				 " WHERE b >= $1::timestamptz ORDER BY b", 5, values);
	if (result == NULL)
		return false;
	take_ticks(report, result, to);
	PQclear(result);
	return true;
}

static bool
take_totals(struct report *report)
{
	enum measure measure = report->measure;
	const char *value = measure == MEASURE_FLOWS ? "0" : measure == MEASURE_BYTES ? "bytes" : "packets";
	const char *sampling = report_has(report, "sampling") ? "max(sampling)" : "NULL";
	PGresult   *result;

	result = ask(report, memory_format("SELECT %s, min(%s) < 0, %s %s", report_sums(report), value,
									   sampling, report_source(report)), 2, report->bounds);
	if (result == NULL)
		return false;
	for (int i = 0; i < MEASURES; i++)
	{
		report->totals_text[i] = PQgetisnull(result, 0, i) ? "0" : take(result, 0, i);
		report->totals[i] = strtod(report->totals_text[i], NULL);
		report->before[i] = -1;
	}
	report->has_negative = PQgetvalue(result, 0, MEASURES)[0] == 't';
	report->sampling = atoi(PQgetvalue(result, 0, MEASURES + 1));
	PQclear(result);
	return true;
}

int
report_bucket(const struct report *report, const char *epoch, double origin)
{
	double		place = (strtod(epoch, NULL) - origin) / report->width_s;
	int			bucket = (int) floor(place + 1e-6);

	return place >= -0.5 && bucket < report->nbuckets ? bucket : -1;
}

bool
report_frame_make(struct report *report)
{
	report->table = session_table(report->session);
	report->relation = session_relation(report->session);
	if (report->table == NULL || !session_begin(report->session) || !take_columns(report) ||
		!set_session(report) || !take_range(report))
		return false;
	report->clause = session_filter(report->session, report->filter);
	if (report->clause == NULL)
		return false;
	while (!report_has_measure(report, report->measure))
		report->measure++;
	return make_buckets(report) && make_ticks(report, 13, &report->wide) &&
		make_ticks(report, 6, &report->narrow) && take_totals(report);
}
