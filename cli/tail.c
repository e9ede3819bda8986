/*-------------------------------------------------------------------------
 *
 * flow tail: new rows as they come.
 *
 * Each look reads the rows that meet the filter of a window of time, the newest
 * SEEN_MAX_ROWS of them, and shows those that the look before had not.  The
 * window reaches back, by --window, from the newest row that the table had at
 * the look before, or from the present if that is earlier (a wrong clock), and
 * has no end: so a batch that spans hours is shown as a whole, and a row that is
 * committed late is shown if it began less than --window before the newest.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "arguments.h"
#include "columns.h"
#include "command.h"
#include "grid.h"
#include "query.h"
#include "range.h"
#include "seen.h"
#include "session.h"

struct tail
{
	struct session *session;
	const struct columns *columns;
	const char *clause;
	const char *window;			/* an interval */
	char		low[64];		/* where the next look begins; "" at first */
	long		shown_first;	/* rows of the first look that are shown */
	long		nlooks;
	bool		has_warned;
	struct seen *seen;
	struct grid *grid;
};

/* Where the look after this one is to begin. */
static bool
find_low(struct tail *tail, char *low, size_t size)
{
	struct query query = {0};
	PGresult   *result;

	/* never back, also if the newest rows are deleted: others would come again */
	query_add(&query, "SELECT greatest(CASE WHEN max(ts) IS NOT NULL THEN least(flow.now(), max(ts)) - ");
	query_value(&query, tail->window, "interval");
	query_add(&query, " END, ");
	query_value(&query, tail->low[0] != '\0' ? tail->low : NULL, "timestamptz");
	query_add(&query, ") FROM %s", session_table(tail->session));
	result = session_run(tail->session, &query);
	if (result == NULL)
		return false;
	snprintf(low, size, "%s", PQgetisnull(result, 0, 0) ? "-infinity" : PQgetvalue(result, 0, 0));
	PQclear(result);
	return true;
}

static PGresult *
read_window(struct tail *tail)
{
	struct query query = {0};
	struct range range = {tail->low, NULL};

	query_add(&query, "SELECT ");
	columns_add(tail->columns, &query);
	query_add(&query, ", ts FROM %s", session_table(tail->session));
	query_where(&query, &range, tail->clause);
	query_add(&query, " ORDER BY ts DESC LIMIT %d", SEEN_MAX_ROWS);
	return session_run(tail->session, &query);
}

static bool
is_new(struct tail *tail, const PGresult *result, int row)
{
	uint64_t	hash = 0;

	for (int i = 0; i < PQnfields(result); i++)
	{
		/* NULL is not the empty text, and the end of a value counts */
		hash = seen_hash(hash, PQgetvalue(result, row, i), (size_t) PQgetlength(result, row, i));
		hash = seen_hash(hash, PQgetisnull(result, row, i) ? "\001" : "", 1);
	}
	return seen_add(tail->seen, hash);
}

static void
warn_full(struct tail *tail, long nnew)
{
	if (tail->has_warned)
		return;
	tail->has_warned = true;
	if (nnew == SEEN_MAX_ROWS && tail->nlooks > 0)
		fprintf(stderr, "flow: more than %d rows came at once, the newest are shown\n", SEEN_MAX_ROWS);
	else
		fprintf(stderr, "flow: the window has more than %d rows, of which late ones may be passed over\n",
				SEEN_MAX_ROWS);
	fputs("HINT:  Give a filter, or a shorter --window.\n", stderr);
}

/* Show what is new, the oldest first. */
static void
show_new(struct tail *tail, const PGresult *result)
{
	int			n = PQntuples(result);
	long		nnew = 0;

	for (int row = n - 1; row >= 0; row--)
	{
		if (!is_new(tail, result, row))
			continue;
		nnew++;
		if (tail->nlooks > 0 || row < tail->shown_first)
			grid_result_row(tail->grid, result, row);
	}
	seen_turn(tail->seen);
	grid_flush(tail->grid);
	if (n == SEEN_MAX_ROWS)
		warn_full(tail, nnew);
}

static bool
look(struct tail *tail)
{
	char		next[sizeof(tail->low)];
	PGresult   *result;

	if (!find_low(tail, next, sizeof(next)))
		return false;
	if (tail->nlooks == 0)
		memcpy(tail->low, next, sizeof(next));
	result = read_window(tail);
	if (result == NULL)
		return false;
	show_new(tail, result);
	/* rows that did not fit are not to come as new ones */
	if (PQntuples(result) == SEEN_MAX_ROWS)
		snprintf(next, sizeof(next), "%s",
				 PQgetvalue(result, SEEN_MAX_ROWS - 1, PQnfields(result) - 1));
	PQclear(result);
	memcpy(tail->low, next, sizeof(next));
	tail->nlooks++;
	return true;
}

static int
run(struct session *session, const struct arguments *arguments)
{
	const char *window = arguments_value(arguments, "window");
	struct timespec pause = {arguments_number(arguments, "interval", 1, 1), 0};
	struct columns columns;
	struct tail tail = {.session = session, .columns = &columns};

	if (arguments_has(arguments, "json"))
		usage_fail(arguments->command, "Use --ndjson.", "an array of JSON that has no end is none");
	tail.window = range_interval(window != NULL ? window : "10m");
	if (tail.window == NULL)
		usage_fail(arguments->command, "Examples are 90s, 10m and 1h.", "\"%s\" is no span of time", window);
	tail.shown_first = arguments_number(arguments, "number", 10, 0);
	if (session_table(session) == NULL ||
		(tail.clause = session_filter(session, arguments_join(arguments, 0))) == NULL ||
		!columns_choose(session, arguments_value(arguments, "columns"),
						grid_wants_words(arguments), &columns))
		return STATUS_FAILED;
	tail.seen = seen_new();
	tail.grid = grid_begin(arguments, columns.grid, columns.n);
	while (look(&tail))
		nanosleep(&pause, NULL);
	grid_end(tail.grid);
	return STATUS_FAILED;
}

static const struct option_spec options[] = {
	{'n', "number", "N", "so many of the newest rows at first (default 10)", NULL},
	{'o', "columns", "LIST", "columns, or line (default), long, app, all; several with commas", COMPLETE_COLUMNS},
	{'i', "interval", "SECONDS", "look so often (default 1)", NULL},
	{0, "window", "SPAN", "show late rows that began up to so long before the newest (default 10m)", "1m 10m 1h"},
	{0}
};

const struct command command_tail = {
	.name = "tail",
	.words = "[FILTER]",
	.summary = "new rows that meet a filter as they come, until Ctrl-C",
	.text = "Each row is shown once, when it is committed.",
	.options = options,
	.groups = GROUP_TABLE | GROUP_FORM,
	.run = run
};
