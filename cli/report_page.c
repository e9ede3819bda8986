/*-------------------------------------------------------------------------
 *
 * The page around the sections: head, facts at the top, costs at the bottom.
 *
 * Nothing is fetched and no script runs: the policy in the head forbids it.
 * The switch between light and dark is three radio buttons before the page, by
 * which the style sheet chooses.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "html.h"
#include "number.h"
#include "report_page.h"
#include "report_query.h"
#include "report_sections.h"
#include "report_value.h"

static const char *const severities[] = {"info", "low", "medium", "high", "critical"};

static void
put_head(struct report *report, const char *title)
{
	struct buffer *page = &report->page;

	html_put(page, "<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n"
			 "<meta charset=\"utf-8\"/>\n"
			 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline';"
			 " img-src data:; base-uri 'none'; form-action 'none'\"/>\n"
			 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
			 "<meta name=\"referrer\" content=\"no-referrer\"/>\n"
			 "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
			 "<meta name=\"generator\" content=\"flow %s\"/>\n"
			 "<link rel=\"icon\" href=\"data:,\"/>\n<title>%s</title>\n<style>\n", FLOW_VERSION, title);
	buffer_add_text(page, report_style);
	html_put(page, "</style>\n</head>\n<body>\n");
}

static void
put_switch(struct buffer *page)
{
	static const char *const names[] = {"auto", "light", "dark"};

	for (int i = 0; i < 3; i++)
	{
		html_put(page, "<input type=\"radio\" name=\"scheme\" id=\"scheme-%s\" class=\"unseen\" aria-label=\"Colours: %s\"",
				 names[i], names[i]);
		html_put(page, i == 0 ? " checked=\"checked\"/>\n" : "/>\n");
	}
}

static void
put_labels(struct buffer *page)
{
	html_put(page, "<div class=\"switch\" aria-hidden=\"true\"><label for=\"scheme-auto\">auto</label>"
			 "<label for=\"scheme-light\">light</label><label for=\"scheme-dark\">dark</label></div>\n");
}

static void
put_header(struct report *report, const char *title)
{
	struct buffer *page = &report->page;

	html_put(page, "<div class=\"page\"><header>\n");
	put_labels(page);
	html_put(page, "<h1>%s</h1>\n<p class=\"range\"><b>%s</b> to <b>%s</b> <span>", title,
			 report->since_text, report->until_text);
	value_duration(page, report->until - report->since);
	html_put(page, ", time zone %s</span></p>\n<p class=\"remark\">Flows of table <code>%s</code>",
			 report->zone, report->table);
	if (report->filter != NULL)
		html_put(page, " that meet <code>%s</code>", report->filter);
	html_put(page, ", by %s%s. ", measure_name(report->measure),
			 report->is_corrected ? ", multiplied by sampling" : "");
	if (report->sampling > 1 && !report->is_corrected)
		html_put(page, "Exporters sampled up to one packet in %d; counts are as they reported them. ", report->sampling);
	html_put(page, "Made %s from database <code>%s</code>.</p>\n</header>\n", report->made_text, report->database);
}

/* Addresses are counted by sketches, which are exact up to 768. */
static PGresult *
count_addresses(struct report *report)
{
	if (!report_has(report, "src_addr") || !report_has(report, "dst_addr"))
		return NULL;
	return report_query(report, "Addresses", memory_format(
		"SELECT flow.approx_distinct(src_addr), flow.approx_distinct(dst_addr) %s", report_source(report)),
		2, report->bounds);
}

static void
begin_fact(struct buffer *page, const char *name)
{
	html_put(page, "<div><dt>%s</dt><dd>", name);
}

static void
end_fact(struct buffer *page, const char *more)
{
	html_put(page, "</dd><dd class=\"more\">%s</dd></div>\n", more);
}

/* "12.0 % more than before", or "" where there is nothing to compare with. */
static const char *
change(const struct report *report, enum measure measure)
{
	double		before = report->before[measure];
	double		percent = before > 0 ? 100 * (report->totals[measure] / before - 1) : 0;
	struct buffer text = {0};

	if (report->totals[MEASURE_FLOWS] == 0 || before == 0)
		return "";
	if (before < 0)
		return measure == report->measure ? "nothing in the period before" : "";
	if (percent >= 1000)
		return memory_format("%.0f times the period before", report->totals[measure] / before);
	html_number(&text, fabs(percent), 1);
	return memory_format("%s\xc2\xa0%% %s than before", value_keep(&text), percent < 0 ? "less" : "more");
}

static void
put_rates(struct report *report)
{
	struct buffer *page = &report->page;
	enum measure measure = report->measure;
	svg_amount	rate = measure_rate(measure);
	double		length = report->until - report->since;

	begin_fact(page, "Mean");
	value_amount(page, rate, report->totals[measure] * measure_scale(measure) / length);
	end_fact(page, memory_format("95th percentile %s", value_text(rate, report->percentile)));
	begin_fact(page, "Peak");
	value_amount(page, rate, report->peak);
	end_fact(page, report->peak_when);
}

static void
put_findings(struct report *report)
{
	struct buffer *page = &report->page;
	struct buffer more = {0};
	int			n = 0;

	for (int i = 4; i >= 0; i--)
	{
		n += report->severities[i];
		if (report->severities[i] > 0)
			buffer_format(&more, "%s%d %s", more.len > 0 ? ", " : "", report->severities[i], severities[i]);
	}
	begin_fact(page, "Alerts and findings");
	html_put(page, "<a href=\"#alerts\">%d</a>", n);
	end_fact(page, value_keep(&more));
	begin_fact(page, "Health");
	html_put(page, "<a href=\"#health\">%s</a>", report->ntroubles == 0 ? "good" :
			 memory_format("%d to look at", report->ntroubles));
	end_fact(page, "");
}

static void
put_facts(struct report *report)
{
	struct buffer *page = &report->page;
	PGresult   *addresses = report->totals[MEASURE_FLOWS] > 0 ? count_addresses(report) : NULL;

	html_put(page, "<dl class=\"facts\">\n");
	for (int i = 0; i < MEASURES; i++)
	{
		if (!report_has_measure(report, i))
			continue;
		begin_fact(page, measure_title(i));
		value_put(page, i, report->totals_text[i]);
		end_fact(page, change(report, i));
	}
	if (report->totals[MEASURE_FLOWS] > 0)
		put_rates(report);
	if (addresses != NULL)
	{
		begin_fact(page, "Sources, about");
		value_amount(page, number_count, strtod(PQgetvalue(addresses, 0, 0), NULL));
		end_fact(page, memory_format("%s destinations",
				 value_text(number_count, strtod(PQgetvalue(addresses, 0, 1), NULL))));
	}
	put_findings(report);
	html_put(page, "</dl>\n");
	PQclear(addresses);
}

static void
put_nothing(struct report *report)
{
	html_put(&report->page, "<p class=\"note\"><b>No flow %s in this range.</b> ",
			 report->filter != NULL ? "meets the filter" : "is");
	if (report->oldest == NULL)
		html_put(&report->page, "The table has no rows.");
	else
		html_put(&report->page, "The table has rows from %s to %s; option --now=newest ends the range at the newest.",
				 report->oldest, report->newest);
	html_put(&report->page, "</p>\n");
}

static void
put_costs(struct report *report)
{
	struct buffer *page = &report->page;
	double		seconds = 0;
	int			n = 0;

	for (const struct report_cost *cost = report->costs; cost != NULL; cost = cost->next)
	{
		seconds += cost->seconds;
		n++;
	}
	html_put(page, "<section class=\"group\" id=\"cost\"><h2>What this page cost</h2>\n"
			 "<p class=\"remark\">%d queries in one snapshot took %.2f seconds.</p>\n"
			 "<details><summary>The queries</summary><div class=\"scroll\"><table class=\"plain costs\"><thead><tr><th scope=\"col\">Query</th>"
			 "<th scope=\"col\" class=\"num\">Seconds</th><th scope=\"col\" class=\"num\">Rows</th>"
			 "<th scope=\"col\">SQL</th></tr></thead><tbody>\n", n, seconds);
	for (const struct report_cost *cost = report->costs; cost != NULL; cost = cost->next)
		html_put(page, "<tr><th scope=\"row\">%s%s</th><td class=\"num\">%.3f</td><td class=\"num\">%d</td>"
				 "<td><pre>%s</pre><pre class=\"parameters\">%s</pre></td></tr>\n", cost->what,
				 cost->has_failed ? " (failed)" : "", cost->seconds, cost->nrows, cost->sql, cost->parameters);
	html_put(page, "</tbody></table></div></details></section>\n");
}

void
report_page_begin(struct report *report, const char *title)
{
	put_head(report, title);
	put_switch(&report->page);
	put_header(report, title);
	html_put(&report->page, "<main>\n");
	if (report->totals[MEASURE_FLOWS] == 0)
		put_nothing(report);
	put_facts(report);
}

void
report_page_end(struct report *report)
{
	put_costs(report);
	html_put(&report->page, "</main>\n<footer>flow %s, flowstore %s</footer>\n</div>\n</body>\n</html>\n",
			 FLOW_VERSION, report->version != NULL ? report->version : "");
}
