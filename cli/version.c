/*-------------------------------------------------------------------------
 *
 * flow version: of the program, and of what it talks to.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>

#include "arguments.h"
#include "command.h"
#include "display.h"
#include "session.h"

static int
run(struct session *session, const struct arguments *arguments)
{
	PGresult   *result;

	arguments_need_words(arguments, 0, 0);
	puts("flow (flowstore) " FLOW_VERSION);
	if (arguments_has(arguments, "client"))
		return STATUS_DONE;
	fflush(stdout);
	result = session_query(session,
						   "SELECT pg_catalog.current_setting('server_version'),"
						   " coalesce((SELECT extversion FROM pg_catalog.pg_extension"
						   " WHERE extname = 'flowstore'), 'not in this database')", 0, NULL);
	if (result == NULL)
		return STATUS_FAILED;
	printf("PostgreSQL %s, extension flowstore %s\n", display_safe(PQgetvalue(result, 0, 0)),
		   display_safe(PQgetvalue(result, 0, 1)));
	PQclear(result);
	return STATUS_DONE;
}

static const struct option_spec options[] = {
	{0, "client", NULL, "only that of the program, without a connection", NULL},
	{0}
};

const struct command command_version = {
	.name = "version",
	.words = "",
	.summary = "versions of the program, the server and the extension",
	.options = options,
	.groups = GROUP_TABLE,
	.run = run
};
