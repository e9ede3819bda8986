/*-------------------------------------------------------------------------
 *
 * flow FILTER: the rows that meet a filter, their number, or their sums.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>

#include "arguments.h"
#include "columns.h"
#include "command.h"
#include "grid.h"
#include "query.h"
#include "range.h"
#include "session.h"
#include "terminal.h"

/* What all forms of the command need. */
struct wanted
{
	struct session *session;
	const struct arguments *arguments;
	const char *table;
	const char *clause;
	struct range range;
};

static int
show_count(struct wanted *wanted)
{
	static const struct grid_column columns[] = {{"flows", GRID_EXACT}};
	struct query query = {0};

	query_add(&query, "SELECT count(*) FROM %s", wanted->table);
	query_where(&query, &wanted->range, wanted->clause);
	return grid_show(wanted->arguments, columns, session_run(wanted->session, &query));
}

/* One row of sums, as nfdump ends its lists with. */
static int
show_sums(struct wanted *wanted)
{
	static const struct grid_column columns[] = {
		{"flows", GRID_COUNT}, {"packets", GRID_COUNT}, {"bytes", GRID_BYTES},
		{"first_seen", GRID_SECOND}, {"last_seen", GRID_SECOND},
		{"sources", GRID_COUNT}, {"destinations", GRID_COUNT},
		{"bits_per_second", GRID_BITS}, {"packets_per_second", GRID_PER_SECOND},
		{"bytes_per_packet", GRID_BYTES}
	};
	struct query query = {0};
	PGresult   *result;
	struct grid *grid;

	query_add(&query,
			  "SELECT n, p, b, first, last, s, d,"
			  " round(8 * b / span, 3), round(p / span, 3), round(b / nullif(p, 0), 3)"
			  " FROM (SELECT count(*) AS n, coalesce(sum(packets), 0)::numeric AS p,"
			  "  coalesce(sum(bytes), 0)::numeric AS b, min(ts) AS first, max(ts) AS last,"
			  "  count(DISTINCT src_addr) AS s, count(DISTINCT dst_addr) AS d,"
			  "  nullif(extract(epoch FROM max(ts + duration_ms * interval '1 ms') - min(ts)), 0) AS span"
			  " FROM %s", wanted->table);
	query_where(&query, &wanted->range, wanted->clause);
	query_add(&query, ") x");
	result = session_run(wanted->session, &query);
	if (result == NULL)
		return STATUS_FAILED;
	grid = grid_begin(wanted->arguments, columns, PQnfields(result));
	grid_upright(grid);
	grid_result(grid, result);
	PQclear(result);
	return grid_end(grid);
}

struct listing
{
	struct grid *grid;
	long		nrows;
};

static bool
add_row(PGresult *row, void *arg)
{
	struct listing *listing = arg;

	grid_result(listing->grid, row);
	listing->nrows += PQntuples(row);
	return true;
}

static int
show_rows(struct wanted *wanted)
{
	const struct arguments *arguments = wanted->arguments;
	const char *order = arguments_has(arguments, "asc") ? "ASC" : "DESC";
	long		n = arguments_number(arguments, "number", 20, 0);
	struct columns columns;
	struct query query = {0};
	struct listing listing = {0};
	bool		is_good;
	int			status;

	if (!columns_choose(wanted->session, arguments_value(arguments, "columns"),
						grid_wants_words(arguments), &columns))
		return STATUS_FAILED;
	query_add(&query, "SELECT ");
	columns_add(&columns, &query);
	query_add(&query, " FROM %s", wanted->table);
	query_where(&query, &wanted->range, wanted->clause);
	query_add(&query, " ORDER BY ts %s", order);
	if (n > 0)
		query_add(&query, " LIMIT %ld", n);
	listing.grid = grid_begin(arguments, columns.grid, columns.n);
	is_good = session_stream(wanted->session, query.sql.text, query.nvalues, query.values,
							 add_row, &listing);
	buffer_free(&query.sql);
	status = grid_end(listing.grid);
	if (is_good && listing.nrows == 0 && grid_is_table(listing.grid))
		range_tell_nothing(wanted->session, &wanted->range);
	if (is_good && listing.nrows == n && n > 0 && grid_is_table(listing.grid))
		terminal_remark("the %s %ld; more with -n",
						arguments_has(arguments, "asc") ? "oldest" : "newest", n);
	return is_good ? status : STATUS_FAILED;
}

static int
run(struct session *session, const struct arguments *arguments)
{
	struct wanted wanted = {session, arguments, NULL, NULL, {NULL, NULL}};

	wanted.table = session_table(session);
	if (wanted.table == NULL || !range_resolve(session, arguments, NULL, &wanted.range))
		return STATUS_FAILED;
	wanted.clause = session_filter(session, arguments_join(arguments, 0));
	if (wanted.clause == NULL)
		return STATUS_FAILED;
	if (arguments_has(arguments, "count"))
		return show_count(&wanted);
	if (arguments_has(arguments, "sum"))
		return show_sums(&wanted);
	return show_rows(&wanted);
}

static const struct option_spec options[] = {
	{'n', "number", "N", "so many rows (default 20, 0 for all)", NULL},
	{0, "asc", NULL, "the oldest first", NULL},
	{'o', "columns", "LIST", "columns, or line (default), long, app, all; several with commas", COMPLETE_COLUMNS},
	{'c', "count", NULL, "only how many there are", NULL},
	{'s', "sum", NULL, "only flows, packets, bytes, rates and times of all of them", NULL},
	{0}
};

const struct command command_rows = {
	.name = "rows",
	.words = "[FILTER]",
	.summary = "the rows that meet a filter, newest first",
	.text = "\"flow FILTER\" is the same.  Words of a filter need quotes only where the shell\n"
	"takes parentheses, < and > for itself:\n"
	"  flow src net 10.0.0.0/8 and dst port 443\n"
	"  flow 'bytes > 1M and not (port 53 or port 123)' -24h -n 100",
	.options = options,
	.groups = GROUP_TABLE | GROUP_RANGE | GROUP_FORM,
	.run = run
};
