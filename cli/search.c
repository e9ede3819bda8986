/*-------------------------------------------------------------------------
 *
 * flow search: in which columns a word is found.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>

#include "arguments.h"
#include "command.h"
#include "grid.h"
#include "query.h"
#include "range.h"
#include "session.h"

static int
run(struct session *session, const struct arguments *arguments)
{
	static const struct grid_column columns[] = {
		{"column", GRID_TEXT}, {"value", GRID_TEXT}, {"flows", GRID_COUNT}, {"bytes", GRID_BYTES},
		{"first_seen", GRID_SECOND}, {"last_seen", GRID_SECOND}
	};
	struct query query = {0};
	struct range range;
	PGresult   *result;
	bool		is_empty;
	int			status;

	arguments_need_words(arguments, 1, 1);
	if (session_relation(session) == NULL || !range_resolve(session, arguments, NULL, &range))
		return STATUS_FAILED;
	query_add(&query, "SELECT * FROM flow.search(");
	query_value(&query, arguments->words[0], "text");
	query_add(&query, ", ");
	query_value(&query, memory_format("%lld", (long long) arguments_number(arguments, "number", 20, 1)),
				"integer");
	query_add(&query, ", ");
	query_value(&query, range.since, "timestamptz");
	query_add(&query, ", ");
	query_value(&query, range.until, "timestamptz");
	query_add(&query, ", ");
	query_value(&query, session_relation(session), "oid");
	query_add(&query, ")");
	result = session_run(session, &query);
	is_empty = result != NULL && PQntuples(result) == 0;
	status = grid_show(arguments, columns, result);
	if (is_empty && grid_wants_words(arguments))
		range_tell_nothing(session, &range);
	return status;
}

static const struct option_spec options[] = {
	{'n', "number", "N", "so many values of each column (default 20)", NULL},
	{0}
};

const struct command command_search = {
	.name = "search",
	.words = "WORD",
	.summary = "where an address, network, port, AS number or name is found",
	.text = "Addresses and networks, ports, AS and a number (AS64500), or names, in which *\n"
	"stands for any characters: flow search '*.example.com'.  Looks at all times.",
	.options = options,
	.groups = GROUP_TABLE | GROUP_RANGE | GROUP_FORM,
	.run = run
};
