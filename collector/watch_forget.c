/*-------------------------------------------------------------------------
 *
 * Forgetting watched files in flow.ingest.
 *
 *-------------------------------------------------------------------------
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "watch_forget.h"

#define TEXT_OF(x)	#x
#define DAYS(x)		TEXT_OF(x)

static const char see_sql[] =
"UPDATE flow.ingest SET written = pg_catalog.clock_timestamp()"
" WHERE relation = $1::text::regclass AND source = ANY ($2::text[])"
" AND written < pg_catalog.now() - interval '1 day'";

static const char forget_sql[] =
"DELETE FROM flow.ingest WHERE relation = $1::text::regclass AND starts_with(source, 'watch:')"
" AND written < pg_catalog.now() - interval '" DAYS(WATCH_FORGET_DAYS) " days'";

/* An array of SQL as text, of those that were seen. */
struct array
{
	FILE	   *stream;
	int64_t		since_us;
	int			n;
};

static bool
add_source(void *arg, const struct source *source)
{
	struct array *array = arg;

	if (source->seen_us < array->since_us)
		return true;
	fputs(array->n++ == 0 ? "\"" : ",\"", array->stream);
	for (const char *at = source->name; *at != '\0'; at++)
	{
		if (*at == '"' || *at == '\\')
			putc('\\', array->stream);
		putc(*at, array->stream);
	}
	putc('"', array->stream);
	return true;
}

static char *
array_of(const struct sources *sources, int64_t since_us)
{
	char	   *text = NULL;
	size_t		len;
	struct array array = {open_memstream(&text, &len), since_us, 0};

	if (array.stream == NULL)
		fatalx("out of memory");
	putc('{', array.stream);
	(void) sources_visit(sources, add_source, &array);
	putc('}', array.stream);
	if (fclose(array.stream) != 0)
		fatalx("out of memory");
	return text;
}

static bool
run(PGconn *conn, const char *sql, int nvalues, const char *const *values)
{
	PGresult   *result = PQexecParams(conn, sql, nvalues, NULL, values, NULL, NULL, 0);
	bool		is_good = PQresultStatus(result) == PGRES_COMMAND_OK;

	PQclear(result);
	return is_good;
}

void
watch_forget(const char *conninfo, const char *table, const struct sources *sources,
			 int64_t since_us)
{
	static const char *const names[] = {"connect_timeout", "fallback_application_name", "dbname", NULL};
	const char *const values[] = {"5", "flowcollectd", conninfo, NULL};
	PGconn	   *conn = PQconnectdbParams(names, values, 1);
	char	   *array = array_of(sources, since_us);
	const char *const parameters[] = {table, array};

	if (PQstatus(conn) != CONNECTION_OK ||
		!run(conn, "SET statement_timeout = 5000", 0, NULL) ||
		!run(conn, see_sql, 2, parameters) ||
		!run(conn, forget_sql, 1, parameters))
	{
		char		reason[512];

		snprintf(reason, sizeof(reason), "%s", PQerrorMessage(conn));
		reason[strcspn(reason, "\n")] = '\0';
		log_warnx("could not forget old files in flow.ingest, will try again in an hour: %s", reason);
	}
	PQfinish(conn);
	free(array);
}
