/*-------------------------------------------------------------------------
 *
 * What the table takes on disk, how long it keeps rows, and what is due.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "number.h"
#include "report_query.h"
#include "report_sections.h"
#include "report_value.h"

#define DAY 86400

static void
put_pair(struct buffer *page, const char *title, const char *value)
{
	html_put(page, "<tr><th scope=\"row\">%s</th><td>%s</td></tr>\n", title, value);
}

static void
put_number(struct buffer *page, const char *title, const char *exact, svg_amount amount)
{
	html_put(page, "<tr><th scope=\"row\">%s</th><td><data value=\"%s\" title=\"%s\">%s</data></td></tr>\n",
			 title, exact, value_grouped(exact), value_text(amount, strtod(exact, NULL)));
}

/* What a day of flows takes, if days are like the range. */
static void
put_growth(struct report *report, double bytes_a_row)
{
	double		days = (report->until - report->since) / DAY;
	double		rows = report->totals[MEASURE_FLOWS] / days;

	if (!(bytes_a_row > 0) || !(rows > 0) || report->filter != NULL || report->is_corrected)
		return;
	put_pair(&report->page, "A day like this range", memory_format("%s rows, %s",
			 value_text(number_count, rows), value_text(number_bytes, rows * bytes_a_row)));
}

static void
put_options(struct report *report, const PGresult *options)
{
	static const char *const titles[][2] = {
		{"retain", "Rows are kept for"}, {"max_rows", "Rows are kept up to"},
		{"max_bytes", "Bytes are kept up to"}, {"partition", "A partition is"}
	};

	for (int i = 0; i < PQntuples(options); i++)
		for (size_t j = 0; j < sizeof(titles) / sizeof(titles[0]); j++)
			if (strcmp(PQgetvalue(options, i, 0), titles[j][0]) == 0)
				put_pair(&report->page, titles[j][1], PQgetvalue(options, i, 1));
}

static void
put_stats(struct report *report, const PGresult *stats)
{
	struct buffer *page = &report->page;
	double		rows = strtod(PQgetvalue(stats, 0, 0), NULL);
	double		a_row = rows > 0 ? strtod(PQgetvalue(stats, 0, 1), NULL) / rows : 0;

	put_number(page, "Rows", PQgetvalue(stats, 0, 0), number_count);
	if (rows > 0)
		html_put(page, "<tr><th scope=\"row\">Bytes a row</th><td>%.1f</td></tr>\n", a_row);
	put_growth(report, a_row);
	put_number(page, "Free in the file", PQgetvalue(stats, 0, 5), number_bytes);
	put_number(page, "Partitions", PQgetvalue(stats, 0, 2), number_count);
	put_number(page, "Rows to be merged or clustered", PQgetvalue(stats, 0, 3), number_count);
}

static void
put_size(struct buffer *page, const PGresult *size)
{
	if (PQgetisnull(size, 0, 0))
		return;
	put_number(page, "On disk", PQgetvalue(size, 0, 0), number_bytes);
	put_number(page, "The whole database", PQgetvalue(size, 0, 2), number_bytes);
	put_pair(page, "Access method", PQgetisnull(size, 0, 1) ? "none" : PQgetvalue(size, 0, 1));
}

/* All is asked before the table begins, since an error is a note in the page. */
void
report_storage(struct report *report)
{
	struct buffer *page = &report->page;
	PGresult   *size;
	PGresult   *stats = NULL;
	PGresult   *options = NULL;

	html_put(page, "<section id=\"storage\"><h3>Storage</h3>\n");
	size = report_query(report, "Size", "SELECT pg_total_relation_size($1::oid),"
						" (SELECT m.amname FROM pg_class c JOIN pg_am m ON m.oid = c.relam WHERE c.oid = $1::oid),"
						" pg_database_size(current_database())", 1, &report->relation);
	if (report->is_flowstore)
	{
		stats = report_query(report, "Storage", "SELECT rows - deleted, file_bytes - free_bytes + directory_bytes,"
							 " partitions, cluster_rows + merge_rows, deleted, free_bytes"
							 " FROM flow.stats($1::oid::regclass)", 1, &report->relation);
		options = report_query(report, "Options", "SELECT name, value FROM flow.options($1::oid::regclass)"
							   " WHERE name IN ('retain', 'max_rows', 'max_bytes', 'partition') ORDER BY name",
							   1, &report->relation);
	}
	html_put(page, "<table><tbody>\n");
	if (size != NULL)
		put_size(page, size);
	put_pair(page, "Oldest row", report->oldest != NULL ? report->oldest : "none");
	put_pair(page, "Newest row", report->newest != NULL ? report->newest : "none");
	if (stats != NULL)
		put_stats(report, stats);
	put_options(report, options);
	html_put(page, "</tbody></table></section>\n");
	PQclear(size);
	PQclear(stats);
	PQclear(options);
}
