/*-------------------------------------------------------------------------
 *
 * flow health: what is wrong, in words, and as exit status.
 *
 * Exit status and --plugin follow the convention of monitoring plugins: 0 ok, 1
 * warning, 2 critical, 3 unknown; a server that cannot be asked is critical.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "arguments.h"
#include "command.h"
#include "display.h"
#include "grid.h"
#include "health_checks.h"
#include "memory.h"
#include "number.h"
#include "range.h"
#include "session.h"

#define MAX_FINDINGS	500

enum health
{
	HEALTH_OK,
	HEALTH_WARNING,
	HEALTH_CRITICAL,
	HEALTH_UNKNOWN
};

static const char *const status_names[] = {"ok", "warning", "critical", "unknown"};

struct finding
{
	enum health status;
	const char *what;
	const char *message;
};

struct health_report
{
	struct session *session;
	const struct arguments *arguments;
	const char *values[3];		/* parameters of the checks */
	struct finding findings[MAX_FINDINGS];
	int			n;
};

/* Put numbers with units where a message has {B:n} and the like. */
static const char *
expand(const char *message)
{
	struct buffer text = {0};
	const char *copy;

	buffer_add(&text, "", 0);
	while (*message != '\0')
	{
		const char *end = message[0] == '{' && message[1] != '\0' && message[2] == ':' ?
			strchr(message, '}') : NULL;

		if (end == NULL || strchr("BND", message[1]) == NULL)
		{
			buffer_add_char(&text, *message++);
			continue;
		}
		if (message[1] == 'B')
			number_bytes(&text, strtod(message + 3, NULL));
		else if (message[1] == 'N')
			number_count(&text, strtod(message + 3, NULL));
		else
			number_duration(&text, strtod(message + 3, NULL));
		message = end + 1;
	}
	copy = memory_copy(text.text, text.len);
	buffer_free(&text);
	return copy;
}

static void
add(struct health_report *report, enum health status, const char *what,
	const char *message)
{
	if (report->n < MAX_FINDINGS)
		report->findings[report->n++] = (struct finding) {status, memory_format("%s", what), expand(message)};
}

static enum health
status_of(const char *number)
{
	int			status = atoi(number);

	return status >= HEALTH_OK && status <= HEALTH_UNKNOWN ? (enum health) status : HEALTH_UNKNOWN;
}

/* A check that failed is a finding, too; false if the server is lost. */
static bool
run_check(struct health_report *report, const struct health_check *check)
{
	PGresult   *result;

	if (check->needs_table && report->values[0] == NULL)
		return true;
	result = session_try(report->session, memory_format(HEALTH_GIVEN "%s", check->sql), 3, report->values);
	if (result == NULL)
		return false;
	if (PQresultStatus(result) == PGRES_TUPLES_OK)
		for (int i = 0; i < PQntuples(result); i++)
			add(report, status_of(PQgetvalue(result, i, 0)), PQgetvalue(result, i, 1),
				PQgetvalue(result, i, 2));
	else
	{
		const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
		const char *why = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
		bool		is_denied = state != NULL && strcmp(state, "42501") == 0;
		bool		is_unready = state != NULL && strcmp(state, "55000") == 0;

		add(report, is_unready ? HEALTH_WARNING : HEALTH_UNKNOWN, check->what,
			memory_format("%s%s%s", why != NULL ? why : "could not be asked",
						  is_denied && check->right != NULL ? "; " : "",
						  is_denied && check->right != NULL ? check->right : ""));
	}
	PQclear(result);
	return !session_is_interrupted();
}

/* How old the newest row is; bad only where collectors write. */
static bool
check_freshness(struct health_report *report)
{
	static const struct health_check collected = {
		"freshness", NULL, true,
		"SELECT CASE WHEN NOT collected THEN 0 WHEN age > 6 * stale THEN 2 WHEN age > stale THEN 1 ELSE 0 END,"
		" 'freshness', CASE WHEN age IS NULL THEN 'the table is empty'"
		"  ELSE format('the newest row is of {D:%s} ago%s', greatest(round(extract(epoch FROM age), 1), 0),"
		"   CASE WHEN collected THEN '' ELSE '; no collector writes here' END) END"
		" FROM (SELECT given.stale, clock_timestamp() - s.ts_max AS age,"
		"  EXISTS (SELECT FROM flow.collectors c WHERE c.last_seen > clock_timestamp() - interval '7 days') AS collected"
		"  FROM given, flow.stats(given.relation) s) x"
	};

	return run_check(report, &collected);
}

/* The disk of a server on this machine: of its data directory, or what is above it. */
static bool
check_disk(struct health_report *report)
{
	PGconn	   *connection = session_connection(report->session);
	const char *host = PQhost(connection);
	struct statvfs disk;
	PGresult   *result;
	char	   *path;
	double		used;

	if (host == NULL || host[0] != '/')
		return true;
	result = session_try(report->session, "SELECT current_setting('data_directory')", 0, NULL);
	if (result == NULL)
		return false;
	if (PQresultStatus(result) != PGRES_TUPLES_OK)
	{
		PQclear(result);
		return true;
	}
	path = memory_format("%s", PQgetvalue(result, 0, 0));
	PQclear(result);
	while (statvfs(path, &disk) != 0)
	{
		char	   *slash = strrchr(path, '/');

		if (errno != EACCES || slash == NULL || slash == path)
			return true;
		*slash = '\0';
	}
	used = 100.0 * (double) (disk.f_blocks - disk.f_bfree) /
		(double) (disk.f_blocks - disk.f_bfree + disk.f_bavail);
	add(report, used >= 95 ? HEALTH_CRITICAL : used >= 85 ? HEALTH_WARNING : HEALTH_OK, "disk",
		memory_format("%.0f %% full, {B:%.0f} free", used, (double) disk.f_bavail * (double) disk.f_frsize));
	return true;
}

static bool
ask(struct health_report *report)
{
	const struct health_check *check;

	for (check = health_checks; check->sql != NULL; check++)
		if (!run_check(report, check))
			return false;
	if (!check_freshness(report) || !check_disk(report))
		return false;
	return !arguments_has(report->arguments, "check") || run_check(report, &health_check_damage);
}

/* critical is worse than warning, and that than unknown. */
static enum health
worst(const struct health_report *report)
{
	static const int badness[] = {[HEALTH_OK] = 0, [HEALTH_UNKNOWN] = 1, [HEALTH_WARNING] = 2,
	[HEALTH_CRITICAL] = 3};
	enum health status = HEALTH_OK;

	for (int i = 0; i < report->n; i++)
		if (badness[report->findings[i].status] > badness[status])
			status = report->findings[i].status;
	return status;
}

static void
show(const struct health_report *report)
{
	static const struct grid_column columns[] = {
		{"status", GRID_SEVERITY}, {"what", GRID_TEXT}, {"message", GRID_TEXT}
	};
	struct grid *grid = grid_begin(report->arguments, columns, 3);

	for (int i = 0; i < report->n; i++)
		grid_row(grid, (const char *[]) {
			status_names[report->findings[i].status], report->findings[i].what, report->findings[i].message});
	grid_end(grid);
}

/* One line, as monitoring plugins write it; | would begin numbers for the monitor. */
static void
show_plugin(const struct health_report *report)
{
	enum health status = worst(report);
	struct buffer text = {0};

	buffer_format(&text, "FLOW %s", status == HEALTH_OK ? "OK" : status == HEALTH_WARNING ? "WARNING" :
				  status == HEALTH_CRITICAL ? "CRITICAL" : "UNKNOWN");
	for (int i = 0, n = 0; i < report->n; i++)
		if (report->findings[i].status != HEALTH_OK)
			buffer_format(&text, "%s%s: %s", n++ == 0 ? " - " : "; ", report->findings[i].what,
						  report->findings[i].message);
	for (char *c = text.text; *c != '\0'; c++)
		if (*c == '|' || *c == '\n')
			*c = '/';
	{
		struct buffer line = {0};

		display_escape(&line, text.text);
		puts(line.text);
		buffer_free(&line);
	}
	buffer_free(&text);
}

static int
run(struct session *session, const struct arguments *arguments)
{
	const char *stale = arguments_value(arguments, "stale");
	struct health_report *report = memory_get(sizeof(struct health_report));

	arguments_need_words(arguments, 0, 0);
	report->session = session;
	report->arguments = arguments;
	report->values[1] = range_interval(stale != NULL ? stale : "10m");
	if (report->values[1] == NULL)
		usage_fail(arguments->command, "Examples are 90s, 10m and 1h.", "\"%s\" is no span of time", stale);
	report->values[2] = memory_format("%lld", (long long) arguments_number(arguments, "loss", 1, 0));
	if (!session_connect(session))
	{
		if (arguments_has(arguments, "plugin"))
			puts("FLOW CRITICAL - the server could not be asked");
		return HEALTH_CRITICAL;
	}
	report->values[0] = session_relation(session);
	if (report->values[0] == NULL)
		add(report, HEALTH_CRITICAL, "table", "does not exist");
	if (!ask(report))
		return HEALTH_CRITICAL;
	if (arguments_has(arguments, "plugin"))
		show_plugin(report);
	else
		show(report);
	return (int) worst(report);
}

static const struct option_spec options[] = {
	{0, "plugin", NULL, "one line, as monitoring plugins write it", NULL},
	{0, "stale", "SPAN", "warn if the newest row is older, where collectors write (default 10m; critical at 6 times)", "5m 10m 1h"},
	{0, "loss", "PERCENT", "warn if more records were lost (default 1; critical at 10 times)", NULL},
	{0, "check", NULL, "also read and verify the whole table (flow.check), which takes long", NULL},
	{0}
};

const struct command command_health = {
	.name = "health",
	.words = "",
	.summary = "collectors, exporters, worker, table and disk: what is wrong",
	.text = "Ends with 0 if all is well, 1 for a warning, 2 if something is critical or the server\n"
	"cannot be asked, 3 if something could not be found out (monitoring plugins do the same).",
	.options = options,
	.groups = GROUP_TABLE | GROUP_FORM,
	.run = run
};
