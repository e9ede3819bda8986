/*-------------------------------------------------------------------------
 *
 * flow report: one page about a range of time, in one HTML file.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "command.h"
#include "report_output.h"
#include "report_page.h"
#include "report_query.h"
#include "report_sections.h"
#include "session.h"

/* The measure of the flags --bytes, --packets and --flows. */
static enum measure
take_measure(const struct arguments *arguments)
{
	static const char *const names[] = {"bytes", "packets", "flows"};
	int			ngiven = 0;
	enum measure measure = MEASURE_BYTES;

	for (int i = 0; i < MEASURES; i++)
		if (arguments_has(arguments, names[i]))
		{
			measure = i;
			ngiven++;
		}
	if (ngiven > 1)
		usage_fail(arguments->command, "Give one of --bytes, --packets and --flows.",
				   "more than one measure was given");
	return measure;
}

/* --networks 24,64: lengths of IPv4 and IPv6. */
static void
check_networks(const struct arguments *arguments)
{
	const char *given = arguments_value(arguments, "networks");
	int			bits_v4;
	int			bits_v6;
	int			end = 0;

	if (given == NULL)
		return;
	if (sscanf(given, "%2d,%3d%n", &bits_v4, &bits_v6, &end) != 2 || given[end] != '\0' ||
		bits_v4 < 0 || bits_v4 > 32 || bits_v6 < 0 || bits_v6 > 128)
		usage_fail(arguments->command, "An example is --networks 24,64.",
				   "\"%s\" is no pair of lengths, of IPv4 up to 32 and of IPv6 up to 128", given);
}

static void
make_sections(struct report *report)
{
	bool		has_flows = report->totals[MEASURE_FLOWS] > 0;

	if (has_flows)
	{
		report_traffic(report);
		report_talkers(report);
		report_applications(report);
		report_matrix(report);
		report_networks(report);
		report_names(report);
	}
	report_findings(report);
	report_health(report);
}

static bool
make_page(struct report *report)
{
	const char *title = arguments_value(report->arguments, "title");
	struct buffer sections;

	make_sections(report);
	sections = report->page;
	report->page = (struct buffer) {0};
	report_page_begin(report, title != NULL ? title : "Flow report");
	buffer_add(&report->page, sections.text, sections.len);
	report_page_end(report);
	buffer_free(&sections);
	return !report->is_lost;
}

static int
run(struct session *session, const struct arguments *arguments)
{
	struct report report = {.session = session, .arguments = arguments};
	const char *file = arguments_value(arguments, "output");
	bool		is_good;

	report.last_cost = &report.costs;
	report.measure = take_measure(arguments);
	report.is_corrected = arguments_has(arguments, "corrected");
	report.top = (int) arguments_number(arguments, "number", 10, 1);
	if (report.top > 1000)
		usage_fail(arguments->command, "A report is to be read: 1000 is the most.",
				   "%d rows are too many for a ranking", report.top);
	report.filter = arguments_join(arguments, 0);
	check_networks(arguments);
	if (file == NULL && isatty(STDOUT_FILENO))
		usage_fail(arguments->command, "Write \"flow report > report.html\", or name a file by -o.",
				   "standard output is a terminal");
	is_good = report_frame_make(&report) && make_page(&report) &&
		report_output(report.page.text, report.page.len, file);
	PQclear(report.columns);
	buffer_free(&report.page);
	return is_good ? STATUS_DONE : session_is_interrupted() ? STATUS_INTERRUPTED : STATUS_FAILED;
}

static const struct option_spec options[] = {
	{'o', "output", "FILE", "write to FILE, which is replaced at once when the report is done", COMPLETE_FILES},
	{'n', "number", "N", "rows of each ranking (default: 10)", NULL},
	{0, "title", "TEXT", "title of the page (default: Flow report)", NULL},
	{0, "bytes", NULL, "rank by bytes (default)", NULL},
	{0, "packets", NULL, "rank by packets", NULL},
	{0, "flows", NULL, "rank by flows", NULL},
	{0, "corrected", NULL, "multiply by column sampling", NULL},
	{0, "networks", "V4,V6", "lengths of the networks in the matrix (default: 16,48)", "16,48 24,64"},
	{0, "no-hunt", NULL, "do not run the detections, which take longest", NULL},
	{0, "zone", "ZONE", "time zone of the page (default: that of the session)", NULL},
	{0}
};

const struct command command_report = {
	.name = "report",
	.words = "[FILTER]",
	.summary = "a page in HTML: traffic, talkers, applications, alerts, health",
	.text = "The page is one file with all of its pictures, and fetches nothing.  It is about the\n"
	"last 24 hours unless told otherwise, and about all flows or those that meet the\n"
	"filter.  All numbers are of one snapshot.  What cannot be read, for want of a right\n"
	"or of a column, is said in the page, which has the rest.\n",
	.options = options,
	.groups = GROUP_TABLE | GROUP_RANGE,
	.run = run
};
