/*-------------------------------------------------------------------------
 *
 * What is suspicious: alerts that were raised, and what a hunt finds now.
 *
 * A filter is applied to alerts and findings where it names nothing that these
 * lack: they have addresses and a destination port.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "html.h"
#include "report_query.h"
#include "report_sections.h"
#include "report_value.h"
#include "svg_cell.h"

/* Columns of both queries. */
enum
{
	SEVERITY, RULE, SOURCE, DESTINATION, PORT, FIRST, LAST, WHEN, SCORE, EVIDENCE, TIMES
};

struct list
{
	const char *id;
	const char *title;
	const char *none;			/* what is said of an empty one */
	const char *inner;			/* SQL: x, src_addr, dst_addr, dst_port */
	const char *outer;			/* SQL: the columns above, of x */
	const char *order;			/* SQL */
	bool		is_grouped;		/* one line for a source that did the same to many */
	int			nparams;
	const char *values[4];
};

static const char *const severities[] = {"info", "low", "medium", "high", "critical"};

/* Keys and values of an object, in words. */
#define WORDS(object) \
	"(SELECT string_agg(key || ' ' || CASE jsonb_typeof(value) WHEN 'string' THEN value #>> '{}'" \
	" WHEN 'number' THEN trim_scale(round(value::text::numeric, 3))::text ELSE value::text END, ', ' ORDER BY i)" \
	" FROM jsonb_each(CASE jsonb_typeof(" object ") WHEN 'object' THEN " object " END) WITH ORDINALITY e(key, value, i))"

static int
severity_place(const char *name)
{
	for (int i = 0; i < 5; i++)
		if (strcmp(severities[i], name) == 0)
			return i;
	return 0;
}

static const char *
list_sql(const struct list *list, const char *clause)
{
	return memory_format("SELECT %s FROM (SELECT * FROM (%s) f WHERE %s ORDER BY %s) y",
						 list->outer, list->inner, clause, list->order);
}

/* The rows that the filter leaves, or all of them where it cannot be applied. */
static PGresult *
ask(struct report *report, const struct list *list, bool *is_unfiltered)
{
	PGresult   *result = report_try(report, list->title, list_sql(list, report->clause),
									list->nparams, list->values);
	const char *state;

	if (result == NULL || PQresultStatus(result) == PGRES_TUPLES_OK)
		return result;
	state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	if (report->filter != NULL && state != NULL && strcmp(state, "42703") == 0)
	{
		PQclear(result);
		*is_unfiltered = true;
		return report_query(report, list->title, list_sql(list, "true"),
							list->nparams, list->values);
	}
	report_note_error(report, list->title, result);
	PQclear(result);
	return NULL;
}

static double
place_in_range(const struct report *report, const char *epoch)
{
	double		place = (strtod(epoch, NULL) - report->since) / (report->until - report->since);

	return place < 0 ? 0 : place > 1 ? 1 : place;
}

/* A line of the table: a finding, with those that differ in their destination alone. */
struct line
{
	int			row;
	int			nmore;
	double		from;			/* places in the range */
	double		to;
};

static void
put_who(struct buffer *page, const PGresult *rows, const struct line *line)
{
	int			row = line->row;

	if (!PQgetisnull(rows, row, SOURCE))
		html_put(page, "<span class=\"name\">%s</span>", PQgetvalue(rows, row, SOURCE));
	else
		html_put(page, "many");
	html_put(page, " \xe2\x86\x92 ");
	if (!PQgetisnull(rows, row, DESTINATION))
		html_put(page, "<span class=\"name\">%s</span>", PQgetvalue(rows, row, DESTINATION));
	else
		html_put(page, "many");
	if (line->nmore > 0)
		html_put(page, " and %d more", line->nmore);
	if (!PQgetisnull(rows, row, PORT))
		html_put(page, " <span class=\"tag\">port %s</span>", PQgetvalue(rows, row, PORT));
}

static void
put_row(struct report *report, const PGresult *rows, const struct line *line)
{
	struct buffer *page = &report->page;
	int			row = line->row;
	const char *severity = PQgetvalue(rows, row, SEVERITY);
	const char *when = PQgetvalue(rows, row, WHEN);
	int			times = atoi(PQgetvalue(rows, row, TIMES));

	html_put(page, "<tr><td><span class=\"severity %s\">%s</span></td><th scope=\"row\">%s",
			 severity, severity, PQgetvalue(rows, row, RULE));
	if (times > 1)
		html_put(page, " <span class=\"tag\">%d times</span>", times);
	html_put(page, "</th><td>");
	put_who(page, rows, line);
	html_put(page, "</td><td class=\"over\">");
	svg_cell_span(page, line->from, line->to, severity, when);
	html_put(page, "</td><td class=\"when\">%s</td><td class=\"num\">", when);
	if (!PQgetisnull(rows, row, SCORE))
		html_put(page, "<data value=\"%s\">%s</data>", PQgetvalue(rows, row, SCORE),
				 value_text(measure_amount(MEASURE_FLOWS), strtod(PQgetvalue(rows, row, SCORE), NULL)));
	html_put(page, "</td><td class=\"evidence\">%s</td></tr>\n", PQgetvalue(rows, row, EVIDENCE));
}

static bool
differ_in_destination(const PGresult *rows, int one, int other)
{
	static const int same[] = {SEVERITY, RULE, SOURCE, PORT};

	if (PQgetisnull(rows, one, SOURCE) || PQgetisnull(rows, one, DESTINATION) ||
		PQgetisnull(rows, other, DESTINATION))
		return false;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (strcmp(PQgetvalue(rows, one, same[i]), PQgetvalue(rows, other, same[i])) != 0)
			return false;
	return true;
}

/* The lines of a list, lines[nrows], in the order of their worst; returns their number. */
static int
make_lines(const struct report *report, const struct list *list, const PGresult *rows,
		   struct line *lines)
{
	int			nlines = 0;

	for (int i = 0; i < PQntuples(rows); i++)
	{
		double		from = place_in_range(report, PQgetvalue(rows, i, FIRST));
		double		to = place_in_range(report, PQgetvalue(rows, i, LAST));
		int			at = 0;

		while (at < nlines && !(list->is_grouped && differ_in_destination(rows, lines[at].row, i)))
			at++;
		if (at == nlines)
		{
			lines[nlines++] = (struct line) {i, 0, from, to};
			continue;
		}
		lines[at].nmore++;
		lines[at].from = fmin(lines[at].from, from);
		lines[at].to = fmax(lines[at].to, to);
	}
	return nlines;
}

static void
put_rows(struct report *report, const struct list *list, const PGresult *rows)
{
	struct buffer *page = &report->page;
	struct line *lines = memory_get(PQntuples(rows) * sizeof(struct line));
	int			nlines = make_lines(report, list, rows, lines);
	int			shown = nlines < 2 * report->top ? nlines : 2 * report->top;

	html_put(page, "<div class=\"scroll\"><table class=\"findings\"><caption class=\"unseen\">%s, the worst first</caption><thead><tr>"
			 "<th scope=\"col\">Severity</th><th scope=\"col\">Detection</th><th scope=\"col\">Who and whom</th>"
			 "<th scope=\"col\" class=\"over\">In the range</th><th scope=\"col\">From</th>"
			 "<th scope=\"col\" class=\"num\">Score</th><th scope=\"col\">Evidence</th></tr></thead><tbody>\n",
			 list->title);
	for (int i = 0; i < shown; i++)
		put_row(report, rows, &lines[i]);
	html_put(page, "</tbody></table></div>\n");
	if (shown < nlines)
		html_put(page, "<p class=\"remark\">These are the worst %d of %d lines, for %d in all.</p>\n",
				 shown, nlines, PQntuples(rows));
}

static void
put_list(struct report *report, const struct list *list)
{
	bool		is_unfiltered = false;
	PGresult   *rows;

	html_put(&report->page, "<section id=\"%s\"><h3>%s</h3>\n", list->id, list->title);
	rows = ask(report, list, &is_unfiltered);
	if (is_unfiltered)
		html_put(&report->page, "<p class=\"remark\">The filter names what these do not have, so they are of all flows.</p>\n");
	for (int i = 0; i < PQntuples(rows); i++)
		report->severities[severity_place(PQgetvalue(rows, i, SEVERITY))]++;
	if (rows != NULL && PQntuples(rows) > 0)
		put_rows(report, list, rows);
	else if (rows != NULL)
		html_put(&report->page, "<p class=\"remark\">%s</p>\n", list->none);
	PQclear(rows);
	html_put(&report->page, "</section>\n");
}

static void
put_alerts(struct report *report)
{
	struct list list = {
		.id = "raised", .title = "Alerts", .none = "No alert was raised for this range.",
		.inner = "SELECT a AS x, a.src_addr, a.dst_addr, a.dst_port FROM flow.alerts a"
		" WHERE a.hour >= flow.time_bucket(interval '1 hour', $1::timestamptz)"
		" AND a.ts >= $1::timestamptz AND a.ts < $2::timestamptz",
		.outer = "(x).worst, (x).rule, host((x).src_addr), host((x).dst_addr), (x).dst_port,"
		" extract(epoch FROM (x).ts), extract(epoch FROM (x).last_ts), to_char((x).ts, 'YYYY-MM-DD HH24:MI:SS'),"
		" (x).score, " WORDS("(x).evidence") ", (x).repetitions",
		.order = "(x).worst DESC, (x).ts DESC, (x).id DESC",
		.nparams = 2, .values = {report->bounds[0], report->bounds[1]}
	};

	put_list(report, &list);
}

/* The detections whose columns the table has, as an array; says which are left out. */
static const char *
possible_detections(struct report *report)
{
	PGresult   *result = report_query(report, "Detections", "SELECT array_agg(detection) FILTER (WHERE has),"
									  " string_agg(detection, ', ' ORDER BY detection) FILTER (WHERE NOT has)"
									  " FROM (SELECT detection, required <@ (SELECT array_agg(attname::text)"
									  "  FROM pg_attribute WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped) AS has"
									  "  FROM flow.detections() WHERE detection NOT IN ('rare_destination', 'change')) d",
									  1, &report->relation);
	const char *possible = NULL;

	if (result == NULL)
		return NULL;
	if (!PQgetisnull(result, 0, 0))
		possible = memory_format("%s", PQgetvalue(result, 0, 0));
	if (!PQgetisnull(result, 0, 1))
		html_put(&report->page, "<p class=\"remark\">The table lacks columns for these detections: %s.</p>\n",
				 PQgetvalue(result, 0, 1));
	PQclear(result);
	return possible;
}

static void
put_hunt(struct report *report)
{
	const char *possible = possible_detections(report);
	struct list list = {
		.id = "found", .title = "Found by detections",
		.none = "The detections found nothing of severity low or above.",
		.inner = "SELECT h AS x, h.src_addr, h.dst_addr, h.dst_port FROM flow.hunt($3::oid::regclass,"
		" $1::timestamptz, $2::timestamptz, minimum => 'low', detections => $4::text[]) h",
		.outer = "(x).severity, (x).detection, host((x).src_addr), host((x).dst_addr), (x).dst_port,"
		" extract(epoch FROM (x).first_seen), extract(epoch FROM (x).last_seen),"
		" to_char((x).first_seen, 'YYYY-MM-DD HH24:MI:SS'), (x).score, " WORDS("(x).evidence") ", NULL",
		.order = "(x).severity DESC, ((x).evidence ->> 'threat')::float8 DESC NULLS LAST, (x).score DESC,"
		" (x).detection, (x).src_addr, (x).dst_addr, (x).dst_port",
		.is_grouped = true, .nparams = 4, .values = {report->bounds[0], report->bounds[1], report->relation, possible}
	};

	if (possible != NULL)
		put_list(report, &list);
}

void
report_findings(struct report *report)
{
	html_put(&report->page, "<section class=\"group\" id=\"alerts\"><h2>Alerts and findings</h2>\n");
	put_alerts(report);
	if (arguments_has(report->arguments, "no-hunt"))
		html_put(&report->page, "<p class=\"remark\">The detections were not run, as --no-hunt asks.</p>\n");
	else if (report->totals[MEASURE_FLOWS] > 0)
		put_hunt(report);
	html_put(&report->page, "</section>\n");
}
