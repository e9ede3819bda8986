/*-------------------------------------------------------------------------
 *
 * flow FILTER: the rows that meet a filter.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>

#include "arguments.h"
#include "command.h"
#include "memory.h"
#include "range.h"
#include "session.h"

static int
run(struct session *session, const struct arguments *arguments)
{
	struct range range;
	const char *table = session_table(session);
	const char *clause;
	PGresult   *result;
	const char *values[2];

	if (table == NULL || !range_resolve(session, arguments, NULL, &range))
		return STATUS_FAILED;
	clause = session_filter(session, arguments_join(arguments, 0));
	if (clause == NULL)
		return STATUS_FAILED;
	values[0] = range.since;
	values[1] = range.until;
	result = session_query(session, memory_format(
		"SELECT ts, src_addr, dst_addr, bytes FROM %s WHERE %s"
		" AND ts >= coalesce($1::timestamptz, '-infinity') AND ts < coalesce($2::timestamptz, 'infinity')"
		" ORDER BY ts DESC LIMIT 10", table, clause), 2, values);
	if (result == NULL)
		return STATUS_FAILED;
	for (int i = 0; i < PQntuples(result); i++)
		printf("%s %s %s %s\n", PQgetvalue(result, i, 0), PQgetvalue(result, i, 1),
			   PQgetvalue(result, i, 2), PQgetvalue(result, i, 3));
	PQclear(result);
	return STATUS_DONE;
}

const struct command command_rows = {
	.name = "rows",
	.words = "[FILTER]",
	.summary = "the rows that meet a filter, newest first",
	.groups = GROUP_TABLE | GROUP_RANGE | GROUP_FORM,
	.run = run
};
