/*-------------------------------------------------------------------------
 *
 * A connection to PostgreSQL for the answers of one worker.
 *
 *-------------------------------------------------------------------------
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web_postgres.h"

#define TURN_MS		500

static const char reader_check[] =
"SELECT rolname FROM pg_catalog.pg_roles WHERE rolname IN"
" ('pg_execute_server_program', 'pg_write_server_files', 'pg_read_server_files')"
" AND pg_catalog.pg_has_role(oid, 'MEMBER')";

static void
set_message(struct web_postgres *pg, const char *message)
{
	size_t		len;

	snprintf(pg->message, sizeof(pg->message), "%s", message);
	len = strlen(pg->message);
	while (len > 0 && pg->message[len - 1] == '\n')
		pg->message[--len] = '\0';
}

/* A read-only transaction is no fence for a role that may leave the database. */
static bool
is_harmless(struct web_postgres *pg)
{
	const char *is_superuser = PQparameterStatus(pg->conn, "is_superuser");
	PGresult   *result;
	bool		is_good;

	if (is_superuser == NULL || strcmp(is_superuser, "off") != 0)
	{
		set_message(pg, "the role for queries must not be a superuser");
		return false;
	}
	result = PQexec(pg->conn, reader_check);
	is_good = PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 0;
	if (!is_good)
		set_message(pg, PQresultStatus(result) == PGRES_TUPLES_OK ?
					"the role for queries must not use files or programs of the server" :
					PQerrorMessage(pg->conn));
	PQclear(result);
	return is_good;
}

/* Notices are made by whoever may query, and would fill our log. */
static void
ignore_notice(void *arg, const char *message)
{
	(void) arg;
	(void) message;
}

/* The options of the conninfo, or of the environment; ours follow them. */
static void
put_own_options(struct web_buffer *to, const char *conninfo)
{
	PQconninfoOption *options = PQconninfoParse(conninfo, NULL);
	const char *own = NULL;

	for (PQconninfoOption *o = options; o != NULL && o->keyword != NULL; o++)
	{
		if (strcmp(o->keyword, "options") == 0)
			own = o->val;
	}
	if (own == NULL)
		own = getenv("PGOPTIONS");
	if (own != NULL)
		web_buffer_text(to, own);
	PQconninfoFree(options);
}

static bool
web_postgres_connect(struct web_postgres *pg)
{
	struct web_buffer settings = {.max = 16 * 1024};
	const char *keys[] = {
		"connect_timeout", "dbname", "client_encoding", "fallback_application_name", "options",
		pg->role == NULL ? NULL : "user", NULL
	};
	const char *values[] = {
		"10", pg->conninfo, "UTF8", "flowcollectd http", NULL, pg->role, NULL
	};

	if (pg->conn != NULL && PQstatus(pg->conn) == CONNECTION_OK)
		return true;
	web_postgres_close(pg);
	put_own_options(&settings, pg->conninfo);
	web_buffer_print(&settings, " -c default_transaction_read_only=%s"
					 " -c statement_timeout=%d -c TimeZone=UTC -c DateStyle=ISO,YMD"
					 " -c IntervalStyle=iso_8601 -c extra_float_digits=1"
					 " -c bytea_output=hex", pg->is_reader ? "on" : "off",
					 pg->max_timeout_ms);
	values[4] = settings.has_failed ? "" : settings.bytes;
	pg->conn = PQconnectdbParams(keys, values, 1);
	web_buffer_free(&settings);
	if (pg->conn != NULL)
		PQsetNoticeProcessor(pg->conn, ignore_notice, NULL);
	if (pg->conn == NULL || PQstatus(pg->conn) != CONNECTION_OK)
		set_message(pg, pg->conn == NULL ? "out of memory" : PQerrorMessage(pg->conn));
	else if (!pg->is_reader || is_harmless(pg))
		return true;
	web_postgres_close(pg);
	return false;
}

/* Run a statement of which nothing but success matters. */
static bool
command(struct web_postgres *pg, const char *sql)
{
	PGresult   *result = pg->conn == NULL ? NULL : PQexec(pg->conn, sql);
	ExecStatusType status = PQresultStatus(result);

	PQclear(result);
	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

bool
web_postgres_begin(struct web_postgres *pg, const char *sql)
{
	for (int attempt = 0; attempt < 2; attempt++)
	{
		if (!web_postgres_connect(pg))
			return false;
		if (command(pg, sql))
			return true;
		set_message(pg, PQerrorMessage(pg->conn));
		web_postgres_close(pg);
	}
	return false;
}

void
web_postgres_close(struct web_postgres *pg)
{
	PQfinish(pg->conn);
	pg->conn = NULL;
}

void
web_postgres_drain(struct web_postgres *pg)
{
	PGresult   *result;

	while (pg->conn != NULL && (result = PQgetResult(pg->conn)) != NULL)
	{
		ExecStatusType status = PQresultStatus(result);

		PQclear(result);
		/* a copy that was begun can only be left */
		if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT ||
			status == PGRES_COPY_BOTH)
			web_postgres_close(pg);
	}
}

void
web_postgres_cancel(struct web_postgres *pg)
{
	PGcancel   *handle;
	char		message[256];

	if (pg->conn == NULL || PQtransactionStatus(pg->conn) != PQTRANS_ACTIVE)
		return;
	handle = PQgetCancel(pg->conn);
	if (handle == NULL || !PQcancel(handle, message, sizeof(message)))
		web_postgres_close(pg);
	else
		web_postgres_drain(pg);
	PQfreeCancel(handle);
}

PGresult *
web_postgres_result(struct web_postgres *pg, struct http_reply *reply)
{
	struct pollfd fds[2] = {
		{.events = POLLIN},
		{.fd = http_reply_socket(reply), .events = POLLIN | POLLRDHUP}
	};

	while (pg->conn != NULL && PQisBusy(pg->conn))
	{
		fds[0].fd = PQsocket(pg->conn);
		(void) poll(fds, 2, TURN_MS);
		if (http_reply_is_gone(reply))
		{
			web_postgres_cancel(pg);
			return NULL;
		}
		if (fds[1].revents != 0)
			fds[1].fd = -1;		/* the next request; a look per turn is enough */
		if (fds[0].revents != 0 && !PQconsumeInput(pg->conn))
			break;
	}
	return pg->conn == NULL ? NULL : PQgetResult(pg->conn);
}

PGresult *
web_postgres_run(struct web_postgres *pg, const char *sql,
				 const char *const *values, int nvalues)
{
	if (pg->conn == NULL)
		return NULL;
	return PQexecParams(pg->conn, sql, nvalues, NULL, values, NULL, NULL, 0);
}

void
web_postgres_reset(struct web_postgres *pg)
{
	if (pg->conn != NULL &&
		!(command(pg, "ROLLBACK") && command(pg, "DISCARD ALL")))
		web_postgres_close(pg);
}

void
web_query_error(struct http_reply *reply, const char *query, const char *error,
				long position, int status)
{
	struct web_buffer *body = http_reply_body(reply);

	if (http_reply_has_left(reply))
	{
		http_reply_abort(reply);
		return;
	}
	http_reply_begin(reply, status, "application/json; charset=utf-8");
	web_buffer_text(body, "{\"query\":");
	web_buffer_json(body, query, strlen(query));
	web_buffer_text(body, ",\"error\":");
	web_buffer_json(body, error, strlen(error));
	web_buffer_print(body, ",\"position\":%ld}\n", position);
}

void
web_postgres_error(struct web_postgres *pg, const PGresult *result,
				   const char *query, struct http_reply *reply)
{
	const char *position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
	const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	bool		is_lost = pg->conn == NULL || PQstatus(pg->conn) != CONNECTION_OK;

	if (primary == NULL)
	{
		set_message(pg, pg->conn == NULL ? "the connection was lost" :
					PQerrorMessage(pg->conn));
		primary = pg->message;
	}
	web_query_error(reply, query, primary,
					position == NULL ? 0 : strtol(position, NULL, 10) - 1,
					is_lost ? 503 : 400);
}
