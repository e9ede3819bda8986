/*-------------------------------------------------------------------------
 *
 * flow hops: the addresses that flows lead to, hop by hop.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>

#include "arguments.h"
#include "command.h"
#include "grid.h"
#include "query.h"
#include "range.h"
#include "session.h"

/* Rows of hops, address, and how many addresses the hop has that are not listed. */
static PGresult *
ask(struct session *session, const struct arguments *arguments,
	const struct range *range, long shown)
{
	const char *direction = arguments_value(arguments, "direction");
	struct query query = {0};

	query_add(&query, "SELECT h.hops, host(m.a), CASE WHEN m.i = ");
	query_value(&query, memory_format("%ld", shown), "bigint");
	query_add(&query, " THEN h.addresses - m.i ELSE 0 END, h.is_cut FROM flow.hops(");
	query_value(&query, arguments->words[0], "inet");
	query_add(&query, ", ");
	query_value(&query, arguments->nwords > 1 ? arguments->words[1] : "2", "integer");
	query_add(&query, ", ");
	query_value(&query, direction != NULL ? direction : "out", "text");
	query_add(&query, ", ");
	query_value(&query, range->since, "timestamptz");
	query_add(&query, ", ");
	query_value(&query, range->until, "timestamptz");
	query_add(&query, ", per_hop => ");
	query_value(&query, memory_format("%lld", (long long) arguments_number(arguments, "per-hop", 10000, 1)),
				"integer");
	query_add(&query, ", relation => ");
	query_value(&query, session_relation(session), "oid");
	query_add(&query, ") h, unnest(h.members) WITH ORDINALITY m(a, i) WHERE m.i <= ");
	query_value(&query, memory_format("%ld", shown), "bigint");
	query_add(&query, " ORDER BY h.hops, m.i");
	return session_run(session, &query);
}

static int
run(struct session *session, const struct arguments *arguments)
{
	static const struct grid_column columns[] = {{"hops", GRID_EXACT}, {"address", GRID_TEXT}};
	bool		is_table = grid_wants_words(arguments);
	long		shown = arguments_number(arguments, "number", is_table ? 40 : 2147483647, 1);
	struct range range;
	struct grid *grid;
	PGresult   *result;

	arguments_need_words(arguments, 1, 2);
	if (session_relation(session) == NULL || !range_resolve(session, arguments, "1 day", &range))
		return STATUS_FAILED;
	result = ask(session, arguments, &range, shown);
	if (result == NULL)
		return STATUS_FAILED;
	grid = grid_begin(arguments, columns, 2);
	for (int i = 0; i < PQntuples(result); i++)
	{
		const char *row[2] = {PQgetvalue(result, i, 0), PQgetvalue(result, i, 1)};
		long		more = atol(PQgetvalue(result, i, 2));

		grid_row(grid, row);
		if (more > 0 && is_table)
		{
			row[1] = memory_format("... %ld more%s", more,
								   PQgetvalue(result, i, 3)[0] == 't' ? ", and those beyond --per-hop" : "");
			grid_row(grid, row);
		}
	}
	PQclear(result);
	return grid_end(grid);
}

static const struct option_spec options[] = {
	{'n', "number", "N", "so many addresses of each hop (default 40 in a table, else all)", NULL},
	{0, "direction", "WAY", "out (default): from sources to destinations; in; both", "out in both"},
	{0, "per-hop", "N", "follow at most so many addresses of each hop (default 10000)", NULL},
	{0}
};

const struct command command_hops = {
	.name = "hops",
	.words = "ADDRESS [HOPS]",
	.summary = "the addresses that flows lead to in 0, 1, ... hops (default 2)",
	.text = "Each address stands at the fewest hops that reach it.  Looks at the last day.",
	.options = options,
	.groups = GROUP_TABLE | GROUP_RANGE | GROUP_FORM,
	.run = run
};
