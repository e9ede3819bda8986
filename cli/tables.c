/*-------------------------------------------------------------------------
 *
 * flow tables: which flow tables there are; flow optimize: cluster one now.
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

/* flow.stats is an error for tables that one may not read, or not all of */
#define TABLES_SQL \
	"SELECT t.schema_name, t.table_name, s.rows - s.deleted, t.total_bytes," \
	" round(t.total_bytes / nullif(s.rows - s.deleted, 0)::numeric, 1)," \
	" s.ts_min, s.ts_max, t.retain, t.max_rows, t.max_bytes," \
	" s.merge_rows + s.cluster_rows" \
	" FROM flow.tables t" \
	" JOIN pg_namespace n ON n.nspname = t.schema_name" \
	" JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.table_name" \
	" LEFT JOIN LATERAL flow.stats(CASE WHEN has_table_privilege(c.oid, 'SELECT')" \
	"  AND has_schema_privilege(n.oid, 'USAGE') AND NOT row_security_active(c.oid) THEN c.oid END) s ON true" \
	" ORDER BY 1, 2"

static int
run_tables(struct session *session, const struct arguments *arguments)
{
	static const struct grid_column columns[] = {
		{"schema", GRID_TEXT}, {"table", GRID_TEXT}, {"rows", GRID_COUNT}, {"size", GRID_BYTES},
		{"bytes_per_row", GRID_EXACT}, {"oldest", GRID_SECOND}, {"newest", GRID_SECOND},
		{"retain", GRID_TEXT}, {"max_rows", GRID_TEXT}, {"max_bytes", GRID_TEXT},
		{"due_rows", GRID_COUNT}
	};
	PGresult   *result;

	arguments_need_words(arguments, 0, 0);
	result = session_query(session, TABLES_SQL, 0, NULL);
	if (result != NULL && PQntuples(result) == 0 && grid_wants_words(arguments))
		fputs("there is no flow table that you may see\n"
			  "HINT:  SELECT flow.create_table('flows') makes one.\n", stderr);
	return grid_show(arguments, columns, result);
}

const struct command command_tables = {
	.name = "tables",
	.words = "",
	.summary = "the flow tables, their rows, sizes and retention",
	.text = "due_rows are those that the background worker has still to merge or cluster.",
	.groups = GROUP_TABLE | GROUP_FORM,
	.run = run_tables
};

static int
run_optimize(struct session *session, const struct arguments *arguments)
{
	static const struct grid_column columns[] = {
		{"partition", GRID_SECOND}, {"action", GRID_TEXT}, {"items", GRID_COUNT}, {"rows", GRID_COUNT},
		{"bytes_before", GRID_BYTES}, {"bytes_after", GRID_BYTES}, {"duration_ms", GRID_MILLISECONDS}
	};
	struct query query = {0};
	struct range range;
	PGresult   *result;
	bool		is_empty;
	int			status;

	arguments_need_words(arguments, 0, 0);
	session_allow_writes(session);
	if (session_relation(session) == NULL || !range_resolve(session, arguments, NULL, &range))
		return STATUS_FAILED;
	query_add(&query, "SELECT * FROM flow.optimize(");
	query_value(&query, session_relation(session), "oid");
	query_add(&query, ", ");
	query_value(&query, range.since != NULL ? range.since : "-infinity", "timestamptz");
	query_add(&query, ", ");
	query_value(&query, range.until != NULL ? range.until : "infinity", "timestamptz");
	query_add(&query, ", ");
	query_value(&query, arguments_has(arguments, "full") ? "true" : "false", "boolean");
	query_add(&query, ")");
	result = session_run(session, &query);
	is_empty = result != NULL && PQntuples(result) == 0;
	status = grid_show(arguments, columns, result);
	if (is_empty && grid_wants_words(arguments))
		fputs("nothing is due\n", stderr);
	return status;
}

static const struct option_spec options[] = {
	{0, "full", NULL, "also what is clustered already, after a change of zorder", NULL},
	{0}
};

const struct command command_optimize = {
	.name = "optimize",
	.words = "",
	.summary = "merge and cluster what is due, now",
	.text = "What the background worker would do later, for the owner of the table.  It writes.",
	.options = options,
	.groups = GROUP_TABLE | GROUP_RANGE | GROUP_FORM,
	.run = run_optimize
};
