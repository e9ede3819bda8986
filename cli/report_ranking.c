/*-------------------------------------------------------------------------
 *
 * Rankings: one query for the groups, one for their buckets of time.
 *
 * Both leave grouping to columns of the table alone, so that FlowAggregate does
 * it, and make names only of the groups that are shown.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "report_query.h"
#include "report_ranking.h"
#include "report_value.h"
#include "svg_cell.h"

/* Columns of the first query. */
enum
{
	LABEL, TAG, SUMS, KEYS = SUMS + MEASURES, ARRAYS = KEYS + RANKING_KEYS
};

struct table
{
	struct report *report;
	const struct ranking *ranking;
	PGresult   *rows;
	double	   *lines;			/* lines[rows * nbuckets], or NULL */
	enum measure others[MEASURES];	/* further columns */
	int			nothers;
};

static enum measure
measure_of(const struct report *report, const struct ranking *ranking)
{
	return ranking->by_flows ? MEASURE_FLOWS : report->measure;
}

static int
nkeys(const struct ranking *ranking)
{
	return ranking->keys[1] != NULL ? 2 : 1;
}

bool
ranking_is_possible(const struct report *report, const struct ranking *ranking)
{
	return report_has(report, ranking->keys[0]) &&
		(ranking->keys[1] == NULL || report_has(report, ranking->keys[1]));
}

static const char *
groups_sql(const struct report *report, const struct ranking *ranking)
{
	const char *keys = ranking->keys[1] != NULL ?
		memory_format("%s AS k1, %s AS k2", ranking->keys[0], ranking->keys[1]) :
		memory_format("%s AS k1", ranking->keys[0]);
	const char *places = ranking->keys[1] != NULL ? "1, 2" : "1";
	int			order = nkeys(ranking) + 1 + (int) measure_of(report, ranking);
	const char *groups;

	if (ranking->source != NULL)
		groups = memory_format("SELECT k1, k2, sum(bytes_sum) AS bytes_sum, sum(packets_sum) AS packets_sum,"
							   " sum(flows_sum) AS flows_sum FROM (%s) s GROUP BY 1, 2", ranking->source);
	else
		groups = memory_format("SELECT %s, %s %s AND %s GROUP BY %s", keys, report_sums(report),
							   report_source(report),
							   ranking->condition != NULL ? ranking->condition : "true", places);
	return memory_format("%s ORDER BY %d DESC NULLS LAST, %s LIMIT %d", groups, order, places,
						 report->top);
}

static const char *
first_sql(const struct report *report, const struct ranking *ranking)
{
	const char *k2 = ranking->keys[1] != NULL ? "k2" : "NULL";

	return memory_format("WITH first AS MATERIALIZED (%s) SELECT %s AS label, %s AS tag, bytes_sum, packets_sum, flows_sum,"
						 " k1, %s AS k2, (SELECT array_agg(k1) FROM first), (SELECT array_agg(%s::%s) FROM first)"
						 " FROM first ORDER BY %s_sum DESC NULLS LAST, first.k1%s",
						 groups_sql(report, ranking), ranking->label,
						 ranking->tag != NULL ? ranking->tag : "NULL", k2, k2,
						 ranking->keys[1] != NULL ? ranking->types[1] : "text",
						 measure_name(measure_of(report, ranking)), ranking->keys[1] != NULL ? ", first.k2" : "");
}

static const char *
lines_sql(const struct report *report, const struct ranking *ranking)
{
	const char *inner = ranking->source_by_time;

	if (inner == NULL && ranking->keys[1] != NULL)
		inner = memory_format("SELECT %s AS k1, %s AS k2, flow.time_bucket($3::interval, ts, $4::timestamptz) AS bucket,"
							  " %s AS amount %s AND %s = ANY ($5::%s[]) AND %s = ANY ($6::%s[]) GROUP BY 1, 2, 3",
							  ranking->keys[0], ranking->keys[1], report_sum(report, measure_of(report, ranking)),
							  report_source(report), ranking->keys[0], ranking->types[0],
							  ranking->keys[1], ranking->types[1]);
	else if (inner == NULL)
		inner = memory_format("SELECT %s AS k1, NULL AS k2, flow.time_bucket($3::interval, ts, $4::timestamptz) AS bucket,"
							  " %s AS amount %s AND %s = ANY ($5::%s[]) GROUP BY 1, 3",
							  ranking->keys[0], report_sum(report, measure_of(report, ranking)),
							  report_source(report), ranking->keys[0], ranking->types[0]);
	return memory_format("SELECT k1, k2, extract(epoch FROM bucket), amount FROM (%s) s", inner);
}

/* The row of a group; -1 if it is none of those shown. */
static int
find_row(const struct table *table, const PGresult *groups, int group)
{
	for (int i = 0; i < PQntuples(table->rows); i++)
	{
		bool		is_same = true;

		for (int k = 0; k < RANKING_KEYS; k++)
			is_same = is_same && PQgetisnull(groups, group, k) == PQgetisnull(table->rows, i, KEYS + k) &&
				strcmp(PQgetvalue(groups, group, k), PQgetvalue(table->rows, i, KEYS + k)) == 0;
		if (is_same)
			return i;
	}
	return -1;
}

static void
take_lines(struct table *table)
{
	struct report *report = table->report;
	const char *values[] = {
		report->bounds[0], report->bounds[1], report->bounds[2], report->bounds[3],
		PQgetvalue(table->rows, 0, ARRAYS), PQgetvalue(table->rows, 0, ARRAYS + 1)
	};
	PGresult   *groups = report_query(report, memory_format("%s over time", table->ranking->title),
									  lines_sql(report, table->ranking),
									  4 + nkeys(table->ranking), values);

	if (groups == NULL)
		return;
	table->lines = memory_get((size_t) PQntuples(table->rows) * report->nbuckets * sizeof(double));
	for (int i = 0; i < PQntuples(groups); i++)
	{
		int			row = find_row(table, groups, i);
		int			bucket = report_bucket(report, PQgetvalue(groups, i, 2), report->origin);
		double		amount = strtod(PQgetvalue(groups, i, 3), NULL);

		if (row >= 0 && bucket >= 0 && amount > 0)
			table->lines[row * report->nbuckets + bucket] +=
				amount * measure_scale(measure_of(report, table->ranking)) / report->bucket_s[bucket];
	}
	PQclear(groups);
}

static const char *
line_title(const struct report *report, enum measure measure, const double *line)
{
	int			most = 0;

	for (int i = 0; i < report->nbuckets; i++)
		if (line[i] > line[most])
			most = i;
	return memory_format("peak %s, %s", value_text(measure_rate(measure), line[most]),
						 report->bucket_when[most]);
}

/* The share of everything in words, and a bar that is as long as that of the first group at most. */
static void
put_share(const struct table *table, double amount, bool has_bar)
{
	struct report *report = table->report;
	enum measure measure = measure_of(report, table->ranking);
	double		first = strtod(PQgetvalue(table->rows, 0, SUMS + measure), NULL);
	const char *share = value_share(amount, report->totals[measure]);
	struct svg_part part = {first > 0 ? amount / first : 0, "accent", share};

	html_put(&report->page, "<td class=\"share\">");
	if (has_bar)
		svg_cell_bar(&report->page, &part, 1);
	html_put(&report->page, "<span>%s</span></td>", share);
}

static void
put_sum(struct report *report, enum measure measure, const char *exact)
{
	html_put(&report->page, "<td class=\"num\">");
	value_put(&report->page, measure, exact);
	html_put(&report->page, "</td>");
}

static void
put_row(const struct table *table, int row)
{
	struct report *report = table->report;
	enum measure measure = measure_of(report, table->ranking);
	struct buffer *page = &report->page;
	const char *label = PQgetvalue(table->rows, row, LABEL);

	html_put(page, "<tr><td class=\"rank\">%d</td><th scope=\"row\"><span class=\"name\">%s</span>",
			 row + 1, PQgetisnull(table->rows, row, LABEL) ? "(none)" : label);
	if (PQgetvalue(table->rows, row, TAG)[0] != '\0')
		html_put(page, " <span class=\"tag\">%s</span>", PQgetvalue(table->rows, row, TAG));
	html_put(page, "</th>");
	put_sum(report, measure, PQgetvalue(table->rows, row, SUMS + measure));
	put_share(table, strtod(PQgetvalue(table->rows, row, SUMS + measure), NULL), true);
	for (int i = 0; i < table->nothers; i++)
		put_sum(report, table->others[i], PQgetvalue(table->rows, row, SUMS + table->others[i]));
	html_put(page, "<td class=\"over\">");
	if (table->lines != NULL && !(PQgetisnull(table->rows, row, KEYS) && PQgetisnull(table->rows, row, KEYS + 1)))
		svg_cell_line(page, table->lines + row * report->nbuckets, report->nbuckets,
					  line_title(report, measure, table->lines + row * report->nbuckets));
	html_put(page, "</td></tr>\n");
}

/* What the groups shown leave of everything, exactly. */
static long long
rest_of(const struct table *table, enum measure measure)
{
	long long	rest = strtoll(table->report->totals_text[measure], NULL, 10);

	for (int i = 0; i < PQntuples(table->rows); i++)
		rest -= strtoll(PQgetvalue(table->rows, i, SUMS + measure), NULL, 10);
	return rest;
}

static void
put_rest(const struct table *table)
{
	struct report *report = table->report;
	enum measure measure = measure_of(report, table->ranking);

	if (table->ranking->is_part || rest_of(table, MEASURE_FLOWS) <= 0)
		return;
	html_put(&report->page, "<tr class=\"rest\"><td class=\"rank\"></td><th scope=\"row\">Other</th>");
	put_sum(report, measure, memory_format("%lld", rest_of(table, measure)));
	put_share(table, (double) rest_of(table, measure), false);
	for (int i = 0; i < table->nothers; i++)
		put_sum(report, table->others[i], memory_format("%lld", rest_of(table, table->others[i])));
	html_put(&report->page, "<td class=\"over\"></td></tr>\n");
}

static void
put_head(const struct table *table)
{
	const struct ranking *ranking = table->ranking;
	struct report *report = table->report;
	enum measure measure = measure_of(report, ranking);
	struct buffer *page = &report->page;

	html_put(page, "<section class=\"ranking%s\" id=\"%s\"><h3>%s</h3>\n",
			 ranking->is_compact ? "" : " broad", ranking->id, ranking->title);
	if (ranking->remark != NULL)
		html_put(page, "<p class=\"remark\">%s</p>\n", ranking->remark);
	html_put(page, "<table><caption class=\"unseen\">%s, by %s</caption><thead><tr>"
			 "<th scope=\"col\" class=\"rank\">#</th><th scope=\"col\">%s</th>"
			 "<th scope=\"col\" class=\"num\">%s</th><th scope=\"col\" class=\"share\">Share</th>",
			 ranking->title, measure_name(measure), ranking->what, measure_title(measure));
	for (int i = 0; i < table->nothers; i++)
		html_put(page, "<th scope=\"col\" class=\"num\">%s</th>", measure_title(table->others[i]));
	html_put(page, "<th scope=\"col\" class=\"over\">Over time</th></tr></thead><tbody>\n");
}

/* Flows first: who has few bytes is told from who scans by them. */
static void
choose_others(struct table *table)
{
	static const enum measure order[] = {MEASURE_FLOWS, MEASURE_BYTES, MEASURE_PACKETS};

	for (int i = 0; i < MEASURES; i++)
		if (order[i] != measure_of(table->report, table->ranking) && report_has_measure(table->report, order[i]) &&
			(table->nothers == 0 || !table->ranking->is_compact))
			table->others[table->nothers++] = order[i];
}

const char *
ranking_put(struct report *report, const struct ranking *ranking)
{
	struct table table = {.report = report, .ranking = ranking};
	const char *values[] = {report->bounds[0], report->bounds[1], ranking->condition_value};
	const char *keys = NULL;

	if (!ranking_is_possible(report, ranking))
		return NULL;
	table.rows = report_query(report, ranking->title, first_sql(report, ranking),
							  ranking->condition_value != NULL ? 3 : 2, values);
	if (table.rows == NULL)
		return NULL;
	if (PQntuples(table.rows) > 0)
	{
		choose_others(&table);
		take_lines(&table);
		put_head(&table);
		for (int i = 0; i < PQntuples(table.rows); i++)
			put_row(&table, i);
		put_rest(&table);
		html_put(&report->page, "</tbody></table></section>\n");
		keys = memory_format("%s", PQgetvalue(table.rows, 0, ARRAYS));
	}
	PQclear(table.rows);
	return keys;
}
