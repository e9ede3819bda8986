/*-------------------------------------------------------------------------
 *
 * POST /imp.
 *
 *-------------------------------------------------------------------------
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import_rows.h"
#include "import_value.h"
#include "web_import.h"
#include "web_type.h"

#define SEND_BYTES	(64 * 1024)

enum atomicity
{
	SKIP_COLUMN,
	SKIP_ROW,
	ABORT
};

struct target
{
	char	   *column;			/* quoted; malloc; NULL: the table has none */
	unsigned	type_oid;
	int			size;			/* bytes, 0: any */
	uint64_t	nerrors;
};

struct import
{
	struct web_postgres *pg;
	const struct http_request *request;
	struct http_reply *reply;
	char		name[256];
	char		timestamp[256];
	char	   *table;			/* quoted; malloc */
	enum atomicity atomicity;
	bool		is_json;
	bool		overwrites;
	bool		creates;
	struct import_rows rows;
	struct target targets[IMPORT_MAX_COLUMNS];
	struct web_buffer out;		/* lines of COPY */
	uint64_t	nimported;
	uint64_t	nrejected;
	bool		has_failed;		/* and was answered */
};

static void
fail(struct import *import, const char *why, int status)
{
	if (!import->has_failed)
		web_query_error(import->reply, import->name, why, 0, status);
	import->has_failed = true;
}

static void
fail_by_server(struct import *import, const PGresult *result)
{
	if (!import->has_failed)
		web_postgres_error(import->pg, result, import->name, import->reply);
	import->has_failed = true;
}

/* Run a statement; NULL after an answer. */
static PGresult *
run(struct import *import, const char *sql, const char *const *values, int n)
{
	PGresult   *result = web_postgres_run(import->pg, sql, values, n);

	if (PQresultStatus(result) == PGRES_TUPLES_OK ||
		PQresultStatus(result) == PGRES_COMMAND_OK ||
		PQresultStatus(result) == PGRES_COPY_IN)
		return result;
	fail_by_server(import, result);
	PQclear(result);
	return NULL;
}

static bool
flag(const struct http_request *request, const char *name)
{
	char		value[8];

	return http_parameter(request, name, value, sizeof(value)) == 4 &&
		strcmp(value, "true") == 0;
}

static void
parse_parameters(struct import *import)
{
	const struct http_request *request = import->request;
	char		value[16];
	int			len;

	import->overwrites = flag(request, "overwrite");
	import->creates = flag(request, "create");
	import->is_json = http_parameter(request, "fmt", value, sizeof(value)) == 4 &&
		strcmp(value, "json") == 0;
	if (http_parameter(request, "name", import->name, sizeof(import->name)) <= 0)
	{
		import->name[0] = '\0';
		fail(import, "the name of a table is missing, or too long", 400);
	}
	if (http_parameter(request, "timestamp", import->timestamp,
					   sizeof(import->timestamp)) < 0)
		import->timestamp[0] = '\0';
	len = http_parameter(request, "atomicity", value, sizeof(value));
	if (len == -1 || (len > 0 && strcasecmp(value, "skipcol") == 0))
		import->atomicity = SKIP_COLUMN;
	else if (len > 0 && strcasecmp(value, "skiprow") == 0)
		import->atomicity = SKIP_ROW;
	else if (len > 0 && strcasecmp(value, "abort") == 0)
		import->atomicity = ABORT;
	else
		fail(import, "atomicity is not skipCol, skipRow or abort", 400);
}

/* The table, quoted, or NULL: by this very name, or as in SQL. */
static void
find_table(struct import *import)
{
	static const char sql[] =
		"SELECT coalesce(pg_catalog.to_regclass(pg_catalog.quote_ident($1)),"
		" CASE WHEN $1 ~ '^[A-Za-z_][A-Za-z_0-9]*([.][A-Za-z_][A-Za-z_0-9]*)?$'"
		" THEN pg_catalog.to_regclass($1) END)::oid::regclass";
	const char *name = import->name;
	PGresult   *result = run(import, sql, &name, 1);

	if (result != NULL && !PQgetisnull(result, 0, 0))
		import->table = strdup(PQgetvalue(result, 0, 0));
	PQclear(result);
}

/* Guess the columns' types; reads the first rows, and begins anew then. */
static void
guess_types(struct import *import, enum import_guess *guesses)
{
	struct import_rows *rows = &import->rows;
	const char *pos = rows->pos;

	memset(guesses, 0, sizeof(*guesses) * (size_t) rows->ncolumns);
	for (int n = 0; n < IMPORT_SAMPLE; n++)
	{
		enum import_result result = import_rows_next(rows);

		if (result == IMPORT_END || result == IMPORT_DAMAGED)
			break;
		for (int i = 0; i < rows->ncolumns && result == IMPORT_ROW; i++)
		{
			if (!rows->cells[i].is_null)
				guesses[i] = import_value_guess(guesses[i], import_rows_value(rows, i),
												rows->cells[i].len);
		}
	}
	rows->pos = pos;
}

static bool
has_flowstore(struct import *import)
{
	PGresult   *result = run(import, "SELECT 1 FROM pg_catalog.pg_am"
							 " WHERE amname = 'flowstore'", NULL, 0);
	bool		has = PQntuples(result) == 1;

	PQclear(result);
	return has;
}

static void
create_table(struct import *import)
{
	enum import_guess guesses[IMPORT_MAX_COLUMNS];
	struct web_buffer sql = {.max = 1024 * 1024};
	bool		has_time = false;
	char	   *name = PQescapeIdentifier(import->pg->conn, import->name,
										  strlen(import->name));

	guess_types(import, guesses);
	web_buffer_print(&sql, "CREATE TABLE %s (", name == NULL ? "" : name);
	for (int i = 0; i < import->rows.ncolumns; i++)
	{
		const char *column = import_rows_name(&import->rows, i);
		char	   *quoted = PQescapeIdentifier(import->pg->conn, column, strlen(column));
		bool		is_time = strcmp(column, import->timestamp) == 0;

		web_buffer_print(&sql, "%s%s %s%s", i == 0 ? "" : ", ",
						 quoted == NULL ? "" : quoted,
						 is_time ? "timestamptz" : import_guess_type(guesses[i]),
						 is_time ? " NOT NULL" : "");
		has_time |= is_time;
		PQfreemem(quoted);
	}
	web_buffer_text(&sql, has_time && has_flowstore(import) ?
					") USING flowstore" : ")");
	web_buffer_put(&sql, "", 1);
	if (import->timestamp[0] != '\0' && !has_time)
		fail(import, "the file has no column of the name that timestamp gives", 400);
	else if (sql.has_failed || name == NULL)
		fail(import, "the columns have names that are too long, or not UTF-8", 400);
	else
		PQclear(run(import, sql.bytes, NULL, 0));
	PQfreemem(name);
	web_buffer_free(&sql);
}

/* Which of the table's columns are those of the file. */
static void
find_columns(struct import *import)
{
	static const char sql[] =
		"SELECT a.attname, CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END,"
		" t.typlen, pg_catalog.quote_ident(a.attname)"
		" FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid"
		" WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped"
		" AND a.attgenerated = ''";
	const char *table = import->table;
	PGresult   *result = run(import, sql, &table, 1);
	int			nfound = 0;

	for (int i = 0; i < import->rows.ncolumns && result != NULL; i++)
	{
		const char *name = import_rows_name(&import->rows, i);
		struct target *target = &import->targets[i];

		for (int row = 0; row < PQntuples(result) && target->column == NULL; row++)
		{
			if (strcasecmp(PQgetvalue(result, row, 0), name) != 0)
				continue;
			target->column = strdup(PQgetvalue(result, row, 3));
			target->type_oid = (unsigned) strtoul(PQgetvalue(result, row, 1), NULL, 10);
			target->size = atoi(PQgetvalue(result, row, 2));
			if (target->size < 0)
				target->size = 0;
			nfound++;
		}
	}
	PQclear(result);
	if (nfound == 0)
		fail(import, "the table has none of the columns of the file", 400);
}

static void
begin_copy(struct import *import)
{
	struct web_buffer sql = {.max = 1024 * 1024};
	const char *separator = "";

	if (import->overwrites)
	{
		web_buffer_print(&sql, "TRUNCATE %s", import->table);
		PQclear(run(import, sql.bytes, NULL, 0));
		web_buffer_clear(&sql);
	}
	web_buffer_print(&sql, "COPY %s (", import->table);
	for (int i = 0; i < import->rows.ncolumns; i++)
	{
		if (import->targets[i].column == NULL)
			continue;
		web_buffer_print(&sql, "%s%s", separator, import->targets[i].column);
		separator = ", ";
	}
	web_buffer_text(&sql, ") FROM STDIN");
	web_buffer_put(&sql, "", 1);
	if (sql.has_failed)
		fail(import, "the columns have names that are too long", 400);
	if (!import->has_failed)
		PQclear(run(import, sql.bytes, NULL, 0));
	web_buffer_free(&sql);
}

/* A value in COPY's text format. */
static void
put_copy_value(struct web_buffer *out, const char *text, size_t len)
{
	for (size_t pos = 0; pos < len;)
	{
		size_t		n = 0;

		while (pos + n < len && text[pos + n] != '\\' && text[pos + n] != '\t' &&
			   text[pos + n] != '\n' && text[pos + n] != '\r')
			n++;
		web_buffer_put(out, text + pos, n);
		pos += n;
		if (pos == len)
			break;
		web_buffer_text(out, text[pos] == '\\' ? "\\\\" : text[pos] == '\t' ? "\\t" :
						text[pos] == '\n' ? "\\n" : "\\r");
		pos++;
	}
}

/* The row as a line of COPY; false: it is left out. */
static bool
put_row(struct import *import)
{
	struct import_rows *rows = &import->rows;
	const char *separator = "";

	for (int i = 0; i < rows->ncolumns; i++)
	{
		struct target *target = &import->targets[i];
		const struct import_cell *cell = &rows->cells[i];
		bool		is_null = cell->is_null;

		if (target->column == NULL)
		{
			target->nerrors += !is_null;
			continue;
		}
		if (!is_null && !import_value_fits(target->type_oid,
										   import_rows_value(rows, i), cell->len))
		{
			target->nerrors++;
			if (import->atomicity != SKIP_COLUMN)
				return false;
			is_null = true;
		}
		web_buffer_text(&import->out, separator);
		separator = "\t";
		if (is_null)
			web_buffer_text(&import->out, "\\N");
		else
			put_copy_value(&import->out, import_rows_value(rows, i), cell->len);
	}
	web_buffer_text(&import->out, "\n");
	return true;
}

static void
send_lines(struct import *import)
{
	if (import->out.has_failed)
		fail(import, "a row is too long", 400);
	else if (PQputCopyData(import->pg->conn, import->out.bytes,
						   (int) import->out.len) != 1)
		fail(import, "the connection was lost", 503);
	web_buffer_clear(&import->out);
}

static void
copy_rows(struct import *import)
{
	enum import_result result;

	import->out.max = 2 * IMPORT_MAX_ROW + SEND_BYTES;
	while (!import->has_failed &&
		   (result = import_rows_next(&import->rows)) != IMPORT_END)
	{
		size_t		before = import->out.len;

		if (result == IMPORT_DAMAGED)
			fail(import, "the file is damaged", 400);
		else if (result == IMPORT_ROW && put_row(import))
			import->nimported++;
		else
		{
			import->out.len = before;
			import->nrejected++;
			if (import->atomicity == ABORT)
				fail(import, "a row has a value that its column cannot hold", 400);
		}
		if (import->out.len >= SEND_BYTES || import->out.has_failed)
			send_lines(import);
	}
	if (!import->has_failed && import->out.len > 0)
		send_lines(import);
}

/* Commit, or take all back. */
static void
end_copy(struct import *import)
{
	PGresult   *result;

	if (import->has_failed)
	{
		(void) PQputCopyEnd(import->pg->conn, "the rows cannot be read");
		web_postgres_drain(import->pg);
		return;
	}
	if (PQputCopyEnd(import->pg->conn, NULL) != 1)
	{
		fail(import, "the connection was lost", 503);
		return;
	}
	while ((result = web_postgres_result(import->pg, import->reply)) != NULL)
	{
		if (PQresultStatus(result) != PGRES_COMMAND_OK)
			fail_by_server(import, result);
		PQclear(result);
	}
	if (http_reply_is_gone(import->reply))
		fail(import, "the client has gone", 503);
	if (!import->has_failed)
		PQclear(run(import, "COMMIT", NULL, 0));
}

static const char *
type_name(const struct target *target)
{
	return target->column == NULL ? "NONE" : web_type_of(target->type_oid)->name;
}

static void
answer_json(struct import *import)
{
	struct web_buffer *body = http_reply_body(import->reply);

	http_reply_begin(import->reply, 200, "application/json; charset=utf-8");
	web_buffer_text(body, "{\"status\":\"OK\",\"location\":");
	web_buffer_json(body, import->name, strlen(import->name));
	web_buffer_print(body, ",\"rowsRejected\":%" PRIu64 ",\"rowsImported\":%" PRIu64
					 ",\"header\":%s,\"columns\":[", import->nrejected,
					 import->nimported, import->rows.delimiter != 0 ? "true" : "false");
	for (int i = 0; i < import->rows.ncolumns; i++)
	{
		const struct target *target = &import->targets[i];
		const char *name = import_rows_name(&import->rows, i);

		web_buffer_text(body, i == 0 ? "{\"name\":" : ",{\"name\":");
		web_buffer_json(body, name, strlen(name));
		web_buffer_print(body, ",\"type\":\"%s\",\"size\":%d,\"errors\":%" PRIu64 "}",
						 type_name(target), target->size, target->nerrors);
	}
	web_buffer_text(body, "]}\n");
}

static void
answer_text(struct import *import)
{
	static const char rule[] =
		"+----------------------------------------------------------------------+\r\n";
	struct web_buffer *body = http_reply_body(import->reply);

	http_reply_begin(import->reply, 200, "text/plain; charset=utf-8");
	web_buffer_print(body, "%s|  %14s  |  %-48s  |\r\n%s", rule, "Location",
					 import->name, rule);
	web_buffer_print(body, "|  %14s  |  %-48" PRIu64 "  |\r\n", "Rows handled",
					 import->nimported + import->nrejected);
	web_buffer_print(body, "|  %14s  |  %-48" PRIu64 "  |\r\n%s", "Rows imported",
					 import->nimported, rule);
	for (int i = 0; i < import->rows.ncolumns; i++)
		web_buffer_print(body, "|  %4d  |  %24s  |  %10s  |  %12" PRIu64 "  |\r\n", i,
						 import_rows_name(&import->rows, i),
						 type_name(&import->targets[i]), import->targets[i].nerrors);
	web_buffer_text(body, rule);
}

static void
open_table(struct import *import)
{
	if (!web_postgres_begin(import->pg, "BEGIN"))
	{
		fail(import, import->pg->message, 503);
		return;
	}
	find_table(import);
	if (!import->has_failed && import->table == NULL && import->creates)
	{
		create_table(import);
		if (!import->has_failed)
			find_table(import);
	}
	if (!import->has_failed && import->table == NULL)
		fail(import, "there is no such table", 400);
	if (!import->has_failed)
		find_columns(import);
}

static void
import_file(struct import *import)
{
	open_table(import);
	if (!import->has_failed)
		begin_copy(import);
	if (!import->has_failed)
	{
		copy_rows(import);
		end_copy(import);
	}
	if (!import->has_failed && import->is_json)
		answer_json(import);
	else if (!import->has_failed)
		answer_text(import);
	web_postgres_reset(import->pg);
}

void
web_import(struct web_postgres *pg, const struct http_request *request,
		   struct http_reply *reply)
{
	struct import *import = calloc(1, sizeof(*import));
	struct http_text data = http_form_part(request, "data");
	const char *problem = NULL;

	if (import == NULL)
	{
		web_query_error(reply, "", "out of memory", 0, 503);
		return;
	}
	import->pg = pg;
	import->request = request;
	import->reply = reply;
	parse_parameters(import);
	if (data.bytes == NULL)
		problem = "there are no rows, or no part \"data\"";
	else if (!import->has_failed)
		problem = import_rows_open(&import->rows, data.bytes, data.len);
	if (problem != NULL)
		fail(import, problem, 400);
	if (!import->has_failed)
		import_file(import);
	for (int i = 0; i < IMPORT_MAX_COLUMNS; i++)
		free(import->targets[i].column);
	import_rows_close(&import->rows);
	web_buffer_free(&import->out);
	free(import->table);
	free(import);
}
