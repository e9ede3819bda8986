/*-------------------------------------------------------------------------
 *
 * Traffic over time: by direction where addresses are internal, else by protocol.
 *
 * One query gives all three measures; a flow counts where it began.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "report_query.h"
#include "report_sections.h"
#include "report_value.h"

#define MOST_SERIES 4

struct traffic
{
	struct report *report;
	struct svg_series series[MEASURES][MOST_SERIES];
	int			nseries;
	double	   *before[MEASURES];	/* NULL if there are no rows */
};

/* Directions, by whether the source and the destination are internal. */
static const char *const direction_names[] = {"in", "out", "internal", "external"};
static const char *const direction_classes[] = {"in", "out", "internal", "other"};

static const char *const protocol_classes[] = {"in", "out", "internal", "other"};

static double *
series_values(struct traffic *traffic, enum measure measure, int series)
{
	return (double *) traffic->series[measure][series].values;
}

static void
add_series(struct traffic *traffic, const char *name, const char *class)
{
	for (int i = 0; i < MEASURES; i++)
	{
		struct svg_series *series = &traffic->series[i][traffic->nseries];

		series->name = name;
		series->class = class;
		series->values = memory_get(traffic->report->nbuckets * sizeof(double));
	}
	traffic->nseries++;
}

/* Columns of a row from sums on become rates of a bucket. */
static void
add_rates(struct report *report, const PGresult *result, int row, double origin,
		  double *const *to)
{
	int			bucket = report_bucket(report, PQgetvalue(result, row, 0), origin);

	if (bucket < 0)
		return;
	for (int i = 0; i < MEASURES; i++)
	{
		double		sum = strtod(PQgetvalue(result, row, PQnfields(result) - MEASURES + i), NULL);

		if (sum > 0)
			to[i][bucket] += sum * measure_scale(i) / report->bucket_s[bucket];
	}
}

static void
add_row(struct traffic *traffic, const PGresult *result, int row, int series)
{
	double	   *to[MEASURES];

	for (int i = 0; i < MEASURES; i++)
		to[i] = series_values(traffic, i, series);
	add_rates(traffic->report, result, row, traffic->report->origin, to);
}

static PGresult *
ask(struct report *report, const char *what, const char *keys, const char *places,
	const char *const *bounds)
{
	return report_query(report, what, memory_format(
		"SELECT extract(epoch FROM bucket), * FROM"
		" (SELECT flow.time_bucket($3::interval, ts, $4::timestamptz) AS bucket, %s%s %s GROUP BY %s) s",
		keys, report_sums(report), report_source(report), places), 4, bounds);
}

/* Series of directions; none if no address is internal. */
static void
take_directions(struct traffic *traffic)
{
	struct report *report = traffic->report;
	PGresult   *result;
	bool		has_internal = false;

	if (!report_has(report, "src_addr") || !report_has(report, "dst_addr"))
		return;
	result = ask(report, "Traffic by direction",
				 "flow.is_internal(src_addr) AS s, flow.is_internal(dst_addr) AS d, ", "1, 2, 3",
				 report->bounds);
	for (int i = 0; i < PQntuples(result) && !has_internal; i++)
		has_internal = PQgetvalue(result, i, 2)[0] == 't' || PQgetvalue(result, i, 3)[0] == 't';
	for (int i = 0; i < MOST_SERIES && has_internal; i++)
		add_series(traffic, direction_names[i], direction_classes[i]);
	for (int i = 0; i < PQntuples(result) && has_internal; i++)
	{
		bool		from_inside = PQgetvalue(result, i, 2)[0] == 't';
		bool		to_inside = PQgetvalue(result, i, 3)[0] == 't';

		add_row(traffic, result, i, from_inside ? (to_inside ? 2 : 1) : (to_inside ? 0 : 3));
	}
	PQclear(result);
}

/* Series of the three protocols with most of the measure, and of all others. */
static void
take_protocols(struct traffic *traffic)
{
	struct report *report = traffic->report;
	PGresult   *first;
	PGresult   *result;

	if (!report_has(report, "proto"))
		return;
	first = report_query(report, "Traffic, protocols", memory_format(
		"SELECT proto, flow.proto_name(proto), %s %s GROUP BY 1 ORDER BY 3 DESC NULLS LAST, 1 LIMIT %d",
		report_sum(report, report->measure), report_source(report), MOST_SERIES - 1), 2, report->bounds);
	result = ask(report, "Traffic by protocol", "proto, ", "1, 2", report->bounds);
	if (first != NULL && result != NULL && PQntuples(first) > 0)
	{
		for (int i = 0; i < PQntuples(first); i++)
			add_series(traffic, PQgetisnull(first, i, 1) ? "none" :
					   memory_format("%s", PQgetvalue(first, i, 1)), protocol_classes[i]);
		add_series(traffic, "other", protocol_classes[MOST_SERIES - 1]);
		for (int i = 0; i < PQntuples(result); i++)
		{
			int			series = 0;

			while (series < PQntuples(first) &&
				   strcmp(PQgetvalue(first, series, 0), PQgetvalue(result, i, 2)) != 0)
				series++;
			add_row(traffic, result, i, series < PQntuples(first) ? series : traffic->nseries - 1);
		}
	}
	PQclear(first);
	PQclear(result);
}

static void
take_all(struct traffic *traffic)
{
	PGresult   *result = ask(traffic->report, "Traffic", "", "1", traffic->report->bounds);

	add_series(traffic, "all", "in");
	for (int i = 0; i < PQntuples(result); i++)
		add_row(traffic, result, i, 0);
	PQclear(result);
}

/* A series without a flow is left out. */
static void
drop_empty(struct traffic *traffic)
{
	int			kept = 0;

	for (int i = 0; i < traffic->nseries; i++)
	{
		double		sum = 0;

		for (int j = 0; j < traffic->report->nbuckets; j++)
			sum += traffic->series[MEASURE_FLOWS][i].values[j];
		if (sum == 0)
			continue;
		for (int k = 0; k < MEASURES; k++)
			traffic->series[k][kept] = traffic->series[k][i];
		kept++;
	}
	traffic->nseries = kept;
}

static void
take_before(struct traffic *traffic)
{
	struct report *report = traffic->report;
	double		origin = report->origin - (report->until - report->since);
	PGresult   *result = ask(report, "Traffic of the period before", "", "1", report->bounds_before);

	if (result == NULL || PQntuples(result) == 0)
	{
		PQclear(result);
		return;
	}
	for (int i = 0; i < MEASURES; i++)
	{
		traffic->before[i] = memory_get(report->nbuckets * sizeof(double));
		report->before[i] = 0;
	}
	for (int i = 0; i < PQntuples(result); i++)
	{
		add_rates(report, result, i, origin, traffic->before);
		for (int j = 0; j < MEASURES; j++)
			report->before[j] += strtod(PQgetvalue(result, i, PQnfields(result) - MEASURES + j), NULL);
	}
	PQclear(result);
}

static int
compare_rates(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return (x > y) - (x < y);
}

/* The highest rate, and the 95th percentile by nearest rank. */
static void
take_peak(struct traffic *traffic)
{
	struct report *report = traffic->report;
	double	   *rates = memory_get(report->nbuckets * sizeof(double));
	int			rank = (report->nbuckets * 95 + 99) / 100;

	for (int i = 0; i < report->nbuckets; i++)
	{
		for (int j = 0; j < traffic->nseries; j++)
			rates[i] += traffic->series[report->measure][j].values[i];
		if (report->peak_when == NULL || rates[i] > report->peak)
		{
			report->peak = rates[i];
			report->peak_when = report->bucket_when[i];
		}
	}
	qsort(rates, report->nbuckets, sizeof(double), compare_rates);
	report->percentile = report->nbuckets > 0 ? rates[rank - 1] : 0;
}

static void
put_legend(const struct traffic *traffic)
{
	struct buffer *page = &traffic->report->page;

	html_put(page, "<ul class=\"legend\">");
	for (int i = 0; i < traffic->nseries; i++)
		html_put(page, "<li><i class=\"%s\"></i>%s</li>", traffic->series[0][i].class,
				 traffic->series[0][i].name);
	if (traffic->before[MEASURE_FLOWS] != NULL)
		html_put(page, "<li><i class=\"before\"></i>period before</li>");
	html_put(page, "</ul>\n");
}

static void
put_chart(const struct traffic *traffic, enum measure measure, bool is_wide)
{
	struct report *report = traffic->report;
	const struct report_ticks *ticks = is_wide ? &report->wide : &report->narrow;
	struct svg_area chart = {
		.width = is_wide ? 1120 : 545, .height = is_wide ? 300 : 190,
		.amount = measure_rate(measure), .axis_amount = measure_axis(measure),
		.nbuckets = report->nbuckets, .from = report->bucket_from, .to = report->bucket_to,
		.when = report->bucket_when, .nseries = traffic->nseries,
		.series = traffic->series[measure], .before = traffic->before[measure],
		.nticks = ticks->n, .ticks = ticks->ticks
	};

	chart.label = memory_format("%s over time, stacked%s. The table below has the numbers.",
								measure == MEASURE_BYTES ? "Bits per second" :
								measure == MEASURE_PACKETS ? "Packets per second" : "Flows per second",
								traffic->before[measure] != NULL ? ", with the period before" : "");
	if (measure == report->measure && is_wide && report->nbuckets >= 20)
	{
		chart.rule = report->percentile;
		chart.rule_label = memory_format("95th percentile %s",
										 value_text(measure_rate(measure), report->percentile));
	}
	html_put(&report->page, "<figure><figcaption>%s</figcaption>",
			 measure == MEASURE_BYTES ? "Bits per second" :
			 measure == MEASURE_PACKETS ? "Packets per second" : "Flows per second");
	svg_area_draw(&report->page, &chart);
	html_put(&report->page, "</figure>\n");
}

static void
put_rate(struct buffer *page, enum measure measure, double rate)
{
	html_put(page, "<td class=\"num\"><data value=\"%.3f\">%s</data></td>", rate,
			 value_text(measure_rate(measure), rate));
}

static void
put_table(const struct traffic *traffic)
{
	struct report *report = traffic->report;
	struct buffer *page = &report->page;
	enum measure measure = report->measure;

	html_put(page, "<details><summary>The same as a table</summary><div class=\"scroll\"><table class=\"plain\">"
			 "<thead><tr><th scope=\"col\">Time</th>");
	for (int i = 0; i < traffic->nseries; i++)
		html_put(page, "<th scope=\"col\" class=\"num\">%s</th>", traffic->series[measure][i].name);
	if (traffic->before[measure] != NULL)
		html_put(page, "<th scope=\"col\" class=\"num\">period before</th>");
	html_put(page, "</tr></thead><tbody>\n");
	for (int i = 0; i < report->nbuckets; i++)
	{
		html_put(page, "<tr><th scope=\"row\">%s</th>", report->bucket_when[i]);
		for (int j = 0; j < traffic->nseries; j++)
			put_rate(page, measure, traffic->series[measure][j].values[i]);
		if (traffic->before[measure] != NULL)
			put_rate(page, measure, traffic->before[measure][i]);
		html_put(page, "</tr>\n");
	}
	html_put(page, "</tbody></table></div></details>\n");
}

void
report_traffic(struct report *report)
{
	struct traffic traffic = {.report = report};

	html_put(&report->page, "<section class=\"group\" id=\"traffic\"><h2>Traffic</h2>\n"
			 "<p class=\"remark\">A flow counts at the time that it began.</p>\n");
	take_directions(&traffic);
	if (traffic.nseries == 0)
		take_protocols(&traffic);
	if (traffic.nseries == 0)
		take_all(&traffic);
	take_before(&traffic);
	drop_empty(&traffic);
	take_peak(&traffic);
	put_legend(&traffic);
	put_chart(&traffic, report->measure, true);
	html_put(&report->page, "<div class=\"two\">\n");
	for (int i = 0; i < MEASURES; i++)
		if (i != (int) report->measure && report_has_measure(report, i))
			put_chart(&traffic, i, false);
	html_put(&report->page, "</div>\n");
	put_table(&traffic);
	html_put(&report->page, "</section>\n");
}
