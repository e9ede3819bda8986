/*-------------------------------------------------------------------------
 *
 * Health: who collects, who exports, what is lost, and what the worker does.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "number.h"
#include "report_query.h"
#include "report_sections.h"
#include "report_value.h"

/* A collector writes its row every ten seconds, an exporter that is up sends in five minutes. */
#define COLLECTOR_SILENT_S 60
#define EXPORTER_SILENT_S 300

/* A cell with a mark and a word; what is not well counts. */
static void
put_state(struct report *report, bool is_well, const char *word)
{
	if (!is_well)
		report->ntroubles++;
	html_put(&report->page, "<td><span class=\"state %s\">%s</span></td>", is_well ? "well" : "ill", word);
}

static void
put_text(struct buffer *page, const PGresult *rows, int row, int column)
{
	html_put(page, "<td>%s</td>", PQgetvalue(rows, row, column));
}

static void
put_amount(struct buffer *page, const PGresult *rows, int row, int column, svg_amount amount)
{
	const char *exact = PQgetvalue(rows, row, column);

	html_put(page, "<td class=\"num\">");
	if (exact[0] != '\0')
	{
		html_put(page, "<data value=\"%s\" title=\"%s\">", exact, value_grouped(exact));
		value_amount(page, amount, strtod(exact, NULL));
		html_put(page, "</data>");
	}
	html_put(page, "</td>");
}

static const char *
silence(double age, double limit)
{
	return age <= limit ? "up" : memory_format("silent for %s", value_text(number_duration, age));
}

static void
put_columns(struct buffer *page, const char *caption, const char *const *titles)
{
	html_put(page, "<div class=\"scroll\"><table><caption class=\"unseen\">%s</caption><thead><tr>", caption);
	for (int i = 0; titles[i] != NULL; i++)
		html_put(page, "<th scope=\"col\">%s</th>", titles[i]);
	html_put(page, "</tr></thead><tbody>\n");
}

static void
put_collectors(struct report *report)
{
	static const char *const titles[] = {
		"Collector", "State", "Version", "Rows a second", "Lag", "Rows waiting", "Bytes in spool",
		"Exporters", "Dropped", NULL
	};
	struct buffer *page = &report->page;
	PGresult   *rows = report_query(report, "Collectors",
									"SELECT name, greatest(extract(epoch FROM clock_timestamp() - last_seen), 0), version,"
									" rows_per_second, extract(epoch FROM lag), queue_rows, spool_bytes, exporters,"
									" (SELECT string_agg(key || ' ' || value, ', ' ORDER BY key) FROM jsonb_each_text(drops))"
									" FROM flow.collectors ORDER BY name", 0, NULL);

	if (rows == NULL)
		return;
	html_put(page, "<section id=\"collectors\"><h3>Collectors</h3>\n");
	if (PQntuples(rows) == 0)
		html_put(page, "<p class=\"remark\">No collector has written into this database.</p>\n");
	else
		put_columns(page, "Collectors", titles);
	for (int i = 0; i < PQntuples(rows); i++)
	{
		double		age = strtod(PQgetvalue(rows, i, 1), NULL);

		html_put(page, "<tr><th scope=\"row\">%s</th>", PQgetvalue(rows, i, 0));
		put_state(report, age <= COLLECTOR_SILENT_S, silence(age, COLLECTOR_SILENT_S));
		put_text(page, rows, i, 2);
		put_amount(page, rows, i, 3, number_count);
		put_amount(page, rows, i, 4, number_duration);
		put_amount(page, rows, i, 5, number_count);
		put_amount(page, rows, i, 6, number_bytes);
		put_amount(page, rows, i, 7, number_count);
		html_put(page, "<td class=\"evidence\">%s</td></tr>\n", PQgetvalue(rows, i, 8));
	}
	if (PQntuples(rows) > 0)
		html_put(page, "</tbody></table></div>\n");
	html_put(page, "</section>\n");
	PQclear(rows);
}

static const char *
loss(double missed, double records)
{
	return missed > 0 ? memory_format("%s lost", value_share(missed, missed + records)) : "none lost";
}

static void
put_exporters(struct report *report)
{
	static const char *const titles[] = {
		"Exporter", "State", "Loss", "Protocol", "Domain", "Records a second", "Records", "Missed",
		"Collector", NULL
	};
	struct buffer *page = &report->page;
	PGresult   *rows = report_query(report, "Exporters", memory_format(
		"SELECT host(address), greatest(extract(epoch FROM clock_timestamp() - last_seen), 0), missed, records,"
		" CASE version WHEN 10 THEN 'IPFIX' WHEN 105 THEN 'sFlow' ELSE 'NetFlow ' || version END,"
		" domain, records_per_second, records, missed, collector, count(*) OVER ()"
		" FROM flow.exporters ORDER BY missed::float8 / nullif(missed + records, 0) DESC NULLS LAST,"
		" records DESC NULLS LAST, address, domain LIMIT %d", report->top), 0, NULL);

	if (rows == NULL || PQntuples(rows) == 0)
	{
		PQclear(rows);
		return;
	}
	html_put(page, "<section id=\"exporters\"><h3>Exporters</h3>\n");
	put_columns(page, "Exporters, those with most loss first", titles);
	for (int i = 0; i < PQntuples(rows); i++)
	{
		double		age = strtod(PQgetvalue(rows, i, 1), NULL);
		double		missed = strtod(PQgetvalue(rows, i, 2), NULL);

		html_put(page, "<tr><th scope=\"row\"><span class=\"name\">%s</span></th>", PQgetvalue(rows, i, 0));
		put_state(report, age <= EXPORTER_SILENT_S, silence(age, EXPORTER_SILENT_S));
		put_state(report, !(missed > 0), loss(missed, strtod(PQgetvalue(rows, i, 3), NULL)));
		put_text(page, rows, i, 4);
		put_text(page, rows, i, 5);
		put_amount(page, rows, i, 6, number_count);
		put_amount(page, rows, i, 7, number_count);
		put_amount(page, rows, i, 8, number_count);
		put_text(page, rows, i, 9);
		html_put(page, "</tr>\n");
	}
	html_put(page, "</tbody></table></div>\n");
	if (atoi(PQgetvalue(rows, 0, 10)) > PQntuples(rows))
		html_put(page, "<p class=\"remark\">These are %d of %s, those with most loss first.</p>\n",
				 PQntuples(rows), PQgetvalue(rows, 0, 10));
	html_put(page, "</section>\n");
	PQclear(rows);
}

static void
put_worker(struct report *report)
{
	struct buffer *page = &report->page;
	PGresult   *row = report_query(report, "Background worker",
								   "SELECT current_setting('flowstore.worker', true),"
								   " (SELECT coalesce(activity, CASE WHEN pid IS NOT NULL THEN 'at work' ELSE 'idle' END)"
								   "  || CASE WHEN task_rows > 0 THEN ', ' || task_rows_done || ' of ' || task_rows || ' rows' ELSE '' END"
								   "  FROM flow.worker_status() WHERE database = current_database()),"
								   " w.tasks, w.rows, w.errors, w.last_error, to_char(w.last_error_at, 'YYYY-MM-DD HH24:MI:SS'),"
								   " to_char(w.last_run, 'YYYY-MM-DD HH24:MI:SS'), extract(epoch FROM clock_timestamp() - w.last_error_at) < 86400"
								   " FROM (SELECT 1) one LEFT JOIN flow.worker_status() w ON w.database = current_database()", 0, NULL);

	if (row == NULL)
		return;
	html_put(page, "<section id=\"worker\"><h3>Background worker</h3><table><tbody>\n"
			 "<tr><th scope=\"row\">Setting flowstore.worker</th>");
	put_state(report, strcmp(PQgetvalue(row, 0, 0), "on") == 0, PQgetvalue(row, 0, 0));
	html_put(page, "</tr>\n<tr><th scope=\"row\">Now</th><td>%s</td></tr>\n",
			 PQgetisnull(row, 0, 1) ? "nothing to do yet" : PQgetvalue(row, 0, 1));
	html_put(page, "<tr><th scope=\"row\">Tasks done</th><td>%s</td></tr>\n"
			 "<tr><th scope=\"row\">Rows read for them</th><td>%s</td></tr>\n"
			 "<tr><th scope=\"row\">Last look ended</th><td>%s</td></tr>\n<tr><th scope=\"row\">Errors</th>",
			 value_grouped(PQgetvalue(row, 0, 2)), value_grouped(PQgetvalue(row, 0, 3)),
			 PQgetisnull(row, 0, 7) ? "not yet" : PQgetvalue(row, 0, 7));
	put_state(report, PQgetvalue(row, 0, 8)[0] != 't', PQgetvalue(row, 0, 4)[0] != '\0' ?
			  value_grouped(PQgetvalue(row, 0, 4)) : "0");
	html_put(page, "</tr>\n");
	if (!PQgetisnull(row, 0, 5))
		html_put(page, "<tr><th scope=\"row\">Last error, %s</th><td class=\"evidence\">%s</td></tr>\n",
				 PQgetvalue(row, 0, 6), PQgetvalue(row, 0, 5));
	html_put(page, "</tbody></table></section>\n");
	PQclear(row);
}

void
report_health(struct report *report)
{
	html_put(&report->page, "<section class=\"group\" id=\"health\"><h2>Health</h2>\n");
	put_collectors(report);
	put_exporters(report);
	html_put(&report->page, "<div class=\"two\">\n");
	put_worker(report);
	report_storage(report);
	html_put(&report->page, "</div></section>\n");
}
