/*-------------------------------------------------------------------------
 *
 * The connection: begin, queries, snapshot, table, filter.
 *
 * The table is looked up by the search_path that the server gives the user;
 * then search_path becomes pg_catalog, so that an operator of somebody's schema
 * cannot stand in for one that our SQL means.
 *
 *-------------------------------------------------------------------------
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "arguments.h"
#include "display.h"
#include "memory.h"
#include "password.h"
#include "query.h"
#include "session.h"
#include "terminal.h"

/* Seconds until a query is said to take long. */
#define PATIENCE_S 2

struct session
{
	const struct arguments *arguments;
	PGconn	   *connection;		/* NULL until session_connect */
	bool		may_write;
	bool		is_begun;		/* in a transaction of session_begin */
	bool		has_progress;	/* the line of waiting is shown */
	char	   *table;			/* NULL: there is none */
	char	   *relation;
};

/* What the handler of SIGINT may use: not NULL while a query runs. */
static PGcancel *volatile running;
static volatile sig_atomic_t is_interrupted;

static void
on_interrupt(int number)
{
	char		why[256];

	if (running == NULL || is_interrupted)
	{
		signal(number, SIG_DFL);
		raise(number);
		return;
	}
	is_interrupted = 1;
	PQcancel(running, why, sizeof(why));
}

bool
session_is_interrupted(void)
{
	return is_interrupted != 0;
}

static struct session *opened;

static void
close_opened(void)
{
	session_close(opened);
}

struct session *
session_new(const struct arguments *arguments)
{
	struct session *session = memory_get(sizeof(struct session));

	session->arguments = arguments;
	/* wrong usage that is noticed late ends the process with exit */
	if (opened == NULL)
		atexit(close_opened);
	opened = session;
	return session;
}

void
session_allow_writes(struct session *session)
{
	session->may_write = true;
}

/* One field of an error, line by line, each fit for a terminal. */
static void
print_field(const char *title, const char *text)
{
	struct buffer line = {0};

	if (text == NULL)
		return;
	while (*text != '\0')
	{
		size_t		len = strcspn(text, "\n");

		buffer_clear(&line);
		display_escape(&line, memory_copy(text, len));
		fprintf(stderr, "%s%s\n", title, line.text);
		title = "";
		text += len + (text[len] == '\n');
	}
	buffer_free(&line);
}

/* ERROR, in the language of the server. */
static const char *
severity_of(const PGresult *result)
{
	const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY);

	return severity != NULL ? display_safe(severity) : "ERROR";
}

/* The place in a text of the user's, such as a filter, that a function names. */
static void
print_place(const PGresult *result)
{
	const char *query = PQresultErrorField(result, PG_DIAG_INTERNAL_QUERY);
	const char *position = PQresultErrorField(result, PG_DIAG_INTERNAL_POSITION);
	const char *context = PQresultErrorField(result, PG_DIAG_CONTEXT);
	const char *end;
	struct buffer line = {0};
	size_t		before;

	/* a context says that SQL of a function failed, not a text of the user's */
	if (query == NULL || position == NULL || strchr(query, '\n') != NULL ||
		(context != NULL && context[0] != '\0'))
		return;
	end = query;
	for (int i = atoi(position); i > 1 && *end != '\0'; i--)
		for (end++; (*end & 0xc0) == 0x80; end++)
			;
	display_escape(&line, memory_copy(query, (size_t) (end - query)));
	before = display_width(line.text, line.len);
	display_escape(&line, end);
	fprintf(stderr, "  %s\n  %*s^\n", line.text, (int) before, "");
	buffer_free(&line);
}

/* Schema flow, or something in it, is not there. */
static bool
is_without_extension(const char *state, const char *message)
{
	static const char *const states[] = {"3F000", "42P01", "42883", "42704"};

	for (size_t i = 0; state != NULL && i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(state, states[i]) == 0)
			return strstr(message, " \"flow") != NULL || strstr(message, " flow.") != NULL;
	return false;
}

void
session_report(struct session *session, const PGresult *result)
{
	const char *primary = result != NULL ?
		PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
	const char *state = result != NULL ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
	const char *hint = result != NULL ?
		PQresultErrorField(result, PG_DIAG_MESSAGE_HINT) : NULL;

	fflush(stdout);
	/* who has pressed Ctrl-C knows */
	if (is_interrupted && state != NULL && strcmp(state, "57014") == 0)
		return;
	if (primary == NULL)
	{
		print_field("flow: ", result != NULL ? PQresultErrorMessage(result) :
					PQerrorMessage(session->connection));
		return;
	}
	print_field(memory_format("%s:  ", severity_of(result)), primary);
	print_place(result);
	print_field("DETAIL:  ", PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL));
	if (hint == NULL && is_without_extension(state, primary))
		hint = "CREATE EXTENSION flowstore is needed in each database.";
	print_field("HINT:  ", hint);
}

static void
on_notice(void *arg, const PGresult *result)
{
	(void) arg;
	fflush(stdout);
	print_field(memory_format("%s:  ", severity_of(result)),
				PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
	print_field("DETAIL:  ", PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL));
	print_field("HINT:  ", PQresultErrorField(result, PG_DIAG_MESSAGE_HINT));
}

static void
show_waiting(struct session *session, time_t since)
{
	long		seconds = (long) (time(NULL) - since);

	if (!terminal_has_progress() || seconds < PATIENCE_S)
		return;
	fprintf(stderr, "\r%ld s ... ", seconds);
	session->has_progress = true;
}

static void
hide_waiting(struct session *session)
{
	if (session->has_progress)
		fputs("\r              \r", stderr);
	session->has_progress = false;
}

/* PQgetResult, with signs of life. */
static PGresult *
next_result(struct session *session, time_t since)
{
	while (PQisBusy(session->connection))
	{
		struct pollfd ready = {PQsocket(session->connection), POLLIN, 0};

		if (poll(&ready, 1, 1000) == 0)
			show_waiting(session, since);
		else if (!PQconsumeInput(session->connection))
			break;
	}
	hide_waiting(session);
	return PQgetResult(session->connection);
}

static void
end_running(void)
{
	PGcancel   *cancel = running;

	running = NULL;
	PQfreeCancel(cancel);
}

/* Send a query; the results are to be taken up to NULL. */
static bool
send_query(struct session *session, const char *sql, int nparams,
		   const char *const *values)
{
	running = PQgetCancel(session->connection);
	if (PQsendQueryParams(session->connection, sql, nparams, NULL, values, NULL, NULL, 0))
		return true;
	end_running();
	return false;
}

/* The last result of a query; NULL if the connection is lost. */
static PGresult *
execute(struct session *session, const char *sql, int nparams,
		const char *const *values)
{
	time_t		since = time(NULL);
	PGresult   *last = NULL;
	PGresult   *result;

	if (!send_query(session, sql, nparams, values))
		return NULL;
	while ((result = next_result(session, since)) != NULL)
	{
		PQclear(last);
		last = result;
	}
	end_running();
	return last;
}

static bool
is_good_status(const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK ||
		status == PGRES_SINGLE_TUPLE;
}

/* The result if it is good; else reported and cleared. */
static PGresult *
checked(struct session *session, PGresult *result)
{
	if (result != NULL && is_good_status(result))
		return result;
	session_report(session, result);
	PQclear(result);
	return NULL;
}

/*
 * The table by the user's search_path, and all settings.  An absent table is an
 * error only for those who ask for it.
 */
static bool
prepare(struct session *session)
{
	const char *name = arguments_value(session->arguments, "table");
	PGresult   *result;

	result = checked(session, execute(session,
		"SELECT c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname)"
		" FROM pg_catalog.pg_class c"
		" JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
		" WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass("
		"  CASE WHEN $1::pg_catalog.text IS NULL"
		"  THEN coalesce(pg_catalog.current_setting('flowstore.default_table', true), 'flows')"
		"  ELSE (SELECT CASE WHEN pg_catalog.count(*) OPERATOR(pg_catalog.<=) 2"
		"        THEN pg_catalog.string_agg(pg_catalog.quote_ident(p), '.' ORDER BY i) END"
		"        FROM pg_catalog.unnest(pg_catalog.parse_ident($1)) WITH ORDINALITY u(p, i))"
		"  END)", 1, &name));
	if (result == NULL)
		return false;
	if (PQntuples(result) == 1)
	{
		session->relation = memory_format("%s", PQgetvalue(result, 0, 0));
		session->table = memory_format("%s", PQgetvalue(result, 0, 1));
	}
	PQclear(result);
	result = checked(session, execute(session,
		"SELECT pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', false),"
		" pg_catalog.set_config('standard_conforming_strings', 'on', false),"
		" pg_catalog.set_config('datestyle', 'ISO', false),"
		" pg_catalog.set_config('intervalstyle', 'postgres', false),"
		" pg_catalog.set_config('extra_float_digits', '1', false),"
		" pg_catalog.set_config('bytea_output', 'hex', false)", 0, NULL));
	PQclear(result);
	return result != NULL;
}

/* --now, for all functions that ask flow.now(). */
static bool
set_now(struct session *session)
{
	const char *now = arguments_value(session->arguments, "now");
	bool		is_newest = now != NULL && strcmp(now, "newest") == 0;
	char	   *sql;
	PGresult   *result;

	if (now == NULL)
		return true;
	if (is_newest && session_table(session) == NULL)
		return false;
	/* the newest row lies before the present, so that ranges have it */
	sql = is_newest ?
		memory_format("SELECT set_config('flowstore.now',"
					  " coalesce((max(ts) + interval '1 microsecond')::text, ''), false) FROM %s",
					  session->table) :
		memory_format("SELECT set_config('flowstore.now', $1::timestamptz::text, false)");
	result = checked(session, execute(session, sql, is_newest ? 0 : 1, &now));
	PQclear(result);
	return result != NULL;
}

static PGconn *
try_connect(const struct arguments *arguments, const char *password)
{
	const char *const keywords[] = {
		"dbname", "host", "port", "user", "password", "fallback_application_name",
		"client_encoding", "options", NULL
	};
	const char *const values[] = {
		arguments_value(arguments, "dbname"), arguments_value(arguments, "host"),
		arguments_value(arguments, "port"), arguments_value(arguments, "username"),
		password, "flow", "UTF8", NULL, NULL
	};

	return PQconnectdbParams(keywords, values, 1);
}

static bool
connect_server(struct session *session)
{
	const struct arguments *arguments = session->arguments;
	char	   *password = NULL;

	if (arguments_has(arguments, "password"))
		password = password_ask(NULL);
	session->connection = try_connect(arguments, password);
	if (PQstatus(session->connection) == CONNECTION_BAD && password == NULL &&
		PQconnectionNeedsPassword(session->connection) &&
		!arguments_has(arguments, "no-password"))
	{
		password = password_ask(PQuser(session->connection));
		if (password != NULL)
		{
			PQfinish(session->connection);
			session->connection = try_connect(arguments, password);
		}
	}
	if (password != NULL)
		explicit_bzero(password, strlen(password));
	if (PQstatus(session->connection) == CONNECTION_OK)
		return true;
	session_report(session, NULL);
	return false;
}

bool
session_connect(struct session *session)
{
	struct sigaction interrupt = {.sa_handler = on_interrupt};

	/* a query that ended before it could be cancelled is the last one */
	if (is_interrupted)
		return false;
	if (session->connection != NULL)
		return PQstatus(session->connection) == CONNECTION_OK;
	if (!connect_server(session))
		return false;
	PQsetNoticeReceiver(session->connection, on_notice, NULL);
	sigaction(SIGINT, &interrupt, NULL);
	if (!session->may_write)
	{
		PGresult   *result = checked(session, execute(session,
			"SELECT pg_catalog.set_config('default_transaction_read_only', 'on', false)", 0, NULL));

		PQclear(result);
		if (result == NULL)
			return false;
	}
	return prepare(session) && set_now(session);
}

PGresult *
session_query(struct session *session, const char *sql, int nparams,
			  const char *const *values)
{
	if (!session_connect(session))
		return NULL;
	return checked(session, execute(session, sql, nparams, values));
}

PGresult *
session_run(struct session *session, struct query *query)
{
	PGresult   *result = session_query(session, query->sql.text, query->nvalues, query->values);

	buffer_free(&query->sql);
	return result;
}

PGresult *
session_try(struct session *session, const char *sql, int nparams,
			const char *const *values)
{
	PGresult   *result;

	if (!session_connect(session))
		return NULL;
	if (session->is_begun)
		PQclear(execute(session, "SAVEPOINT flow", 0, NULL));
	result = execute(session, sql, nparams, values);
	if (result == NULL || PQstatus(session->connection) != CONNECTION_OK)
	{
		session_report(session, NULL);
		PQclear(result);
		return NULL;
	}
	if (session->is_begun)
		PQclear(execute(session, is_good_status(result) ? "RELEASE flow" : "ROLLBACK TO flow", 0, NULL));
	return result;
}

bool
session_stream(struct session *session, const char *sql, int nparams,
			   const char *const *values,
			   bool (*each) (PGresult *row, void *arg), void *arg)
{
	time_t		since = time(NULL);
	bool		is_done = false;
	bool		has_failed = false;
	long		nrows = 0;
	PGresult   *result;

	if (!session_connect(session))
		return false;
	if (!send_query(session, sql, nparams, values))
	{
		session_report(session, NULL);
		return false;
	}
	PQsetSingleRowMode(session->connection);
	while ((result = next_result(session, since)) != NULL)
	{
		char		why[256];

		if (!is_good_status(result))
		{
			if (!is_done && !has_failed)
			{
				session_report(session, result);
				has_failed = true;
			}
		}
		else if (!is_done && (PQntuples(result) > 0 || nrows == 0) && !each(result, arg))
		{
			is_done = true;
			PQcancel(running, why, sizeof(why));
		}
		nrows += PQntuples(result);
		PQclear(result);
	}
	end_running();
	return !has_failed;
}

/* The results behind a COPY, or in its place; false if one is an error, reported. */
static bool
end_copy(struct session *session, bool is_stopped)
{
	bool		is_good = true;
	PGresult   *result;

	while ((result = PQgetResult(session->connection)) != NULL)
	{
		if (is_good && !is_stopped && !is_good_status(result))
		{
			session_report(session, result);
			is_good = false;
		}
		PQclear(result);
	}
	end_running();
	return is_good && !is_stopped;
}

bool
session_copy(struct session *session, const char *sql,
			 bool (*each) (const char *bytes, size_t len, void *arg), void *arg)
{
	PGresult   *result;
	bool		is_stopped = false;
	char	   *bytes;
	int			len;

	if (!session_connect(session))
		return false;
	if (!send_query(session, sql, 0, NULL))
	{
		session_report(session, NULL);
		return false;
	}
	result = next_result(session, time(NULL));
	if (PQresultStatus(result) != PGRES_COPY_OUT)
	{
		session_report(session, result);
		PQclear(result);
		end_copy(session, true);
		return false;
	}
	PQclear(result);
	while ((len = PQgetCopyData(session->connection, &bytes, 0)) > 0)
	{
		char		why[256];

		if (!is_stopped && !each(bytes, (size_t) len, arg))
		{
			is_stopped = true;
			PQcancel(running, why, sizeof(why));
		}
		PQfreemem(bytes);
	}
	return end_copy(session, is_stopped);
}

bool
session_begin(struct session *session)
{
	PGresult   *result = session_query(session,
									   "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", 0, NULL);

	session->is_begun = result != NULL;
	PQclear(result);
	return session->is_begun;
}

const char *
session_table(struct session *session)
{
	const char *name = arguments_value(session->arguments, "table");

	if (!session_connect(session))
		return NULL;
	if (session->table != NULL)
		return session->table;
	if (name != NULL)
		print_field("flow: ", memory_format("table \"%s\" does not exist", name));
	else
		print_field("flow: ", "there is no table that setting flowstore.default_table, or else \"flows\", names");
	print_field("HINT:  ", "Name one by -t; \"flow tables\" lists those that there are.");
	return NULL;
}

const char *
session_relation(struct session *session)
{
	return session_table(session) != NULL ? session->relation : NULL;
}

const char *
session_filter(struct session *session, const char *filter)
{
	const char *clause;
	PGresult   *result;

	if (filter == NULL)
		return "true";
	result = session_query(session, "SELECT flow.filter($1)", 1, &filter);
	if (result == NULL)
		return NULL;
	clause = memory_format("(%s)", PQgetvalue(result, 0, 0));
	PQclear(result);
	return clause;
}

PGconn *
session_connection(struct session *session)
{
	return session_connect(session) ? session->connection : NULL;
}

void
session_close(struct session *session)
{
	PQfinish(session->connection);
	session->connection = NULL;
}
