/*-------------------------------------------------------------------------
 *
 * A thread with a connection that never blocks it: a stop wakes it from every
 * wait.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "status_write.h"
#include "thread.h"

#define SECOND_US		INT64_C(1000000)
#define FIRST_US		(SECOND_US / 4)	/* looks again when there is nothing to say */
#define ANSWER_US		(10 * SECOND_US)	/* time for one round */
#define LAST_US			(2 * SECOND_US)
#define MAX_JSON		(1024 * 1024)

struct status_write
{
	const char *conninfo;
	bool		(*fill) (void *arg, struct status *status);
	void	   *arg;
	pthread_t	thread;
	int			wake;			/* eventfd: stop */
	bool		is_stopping;	/* the thread has seen it */
	bool		is_disabled;
	PGconn	   *conn;
	struct log_limit limit;
	struct web_buffer json;
	struct status status;
};

/* Wait for the socket, or fd -1 for time alone; false: it is time, or over. */
static bool
wait_for(struct status_write *writer, int fd, short events, int64_t until_us)
{
	int64_t		left_us = until_us - clock_monotonic_us();
	struct pollfd fds[2] = {
		{.fd = fd,.events = events},
		{.fd = writer->is_stopping ? -1 : writer->wake,.events = POLLIN}
	};

	if (left_us <= 0)
		return false;
	if (poll(fds, 2, (int) (left_us / 1000) + 1) < 0)
		return errno == EINTR;
	if (fds[1].revents != 0)
	{
		writer->is_stopping = true;
		return false;
	}
	return true;
}

static void
disconnect(struct status_write *writer)
{
	PQfinish(writer->conn);
	writer->conn = NULL;
}

static void
note_trouble(struct status_write *writer, const char *reason)
{
	if (!writer->is_stopping && log_allowed(&writer->limit, clock_monotonic_us()))
		log_warnx("could not write the collector's status, will try again: %.*s",
				  (int) strcspn(reason, "\n"), reason);
	disconnect(writer);
}

static bool
is_connected(struct status_write *writer, int64_t until_us)
{
	const char *const names[] = {"dbname", "fallback_application_name", NULL};
	const char *const values[] = {writer->conninfo, "flowcollectd status", NULL};
	PostgresPollingStatusType state = PGRES_POLLING_WRITING;

	if (writer->conn != NULL)
		return true;
	writer->conn = PQconnectStartParams(names, values, 1);
	while (writer->conn != NULL && PQstatus(writer->conn) != CONNECTION_BAD &&
		   state != PGRES_POLLING_OK && state != PGRES_POLLING_FAILED)
	{
		if (!wait_for(writer, PQsocket(writer->conn),
					  state == PGRES_POLLING_READING ? POLLIN : POLLOUT, until_us))
		{
			note_trouble(writer, "the server does not answer");
			return false;
		}
		state = PQconnectPoll(writer->conn);
	}
	if (state == PGRES_POLLING_OK && PQsetnonblocking(writer->conn, 1) == 0)
		return true;
	note_trouble(writer, writer->conn == NULL ? "out of memory" : PQerrorMessage(writer->conn));
	return false;
}

/* Trying again does not help until somebody has changed the database. */
static void
disable(struct status_write *writer, const char *sqlstate, const char *reason)
{
	if (strcmp(sqlstate, "42501") == 0)
		log_warnx("the collector's status is not written: %.*s; it takes GRANT USAGE ON "
				  "SCHEMA flow and GRANT SELECT, INSERT, UPDATE ON flow.collectors, "
				  "flow.exporters TO its role", (int) strcspn(reason, "\n"), reason);
	else if (strcmp(sqlstate, "42703") == 0)
		log_warnx("the collector's status is not written, since the extension in the database "
				  "is older than this program: %.*s", (int) strcspn(reason, "\n"), reason);
	else
		log_info("the database has no tables for the collector's status");
	writer->is_disabled = true;
	disconnect(writer);
}

static void
take_error(struct status_write *writer, const PGresult *result)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	if (sqlstate == NULL)
		sqlstate = "";
	if (strcmp(sqlstate, "42501") == 0 || strcmp(sqlstate, "42P01") == 0 ||
		strcmp(sqlstate, "3F000") == 0 || strcmp(sqlstate, "42703") == 0)
		disable(writer, sqlstate, PQresultErrorMessage(result));
	else
		note_trouble(writer, PQresultErrorMessage(result));
}

/* Send what is left, and read until a result is there. */
static bool
await_result(struct status_write *writer, int64_t until_us)
{
	PGconn	   *conn = writer->conn;

	for (;;)
	{
		int			left = PQflush(conn);

		if (left < 0 || !PQconsumeInput(conn))
		{
			note_trouble(writer, PQerrorMessage(conn));
			return false;
		}
		if (left == 0 && !PQisBusy(conn))
			return true;
		if (!wait_for(writer, PQsocket(conn), left > 0 ? POLLIN | POLLOUT : POLLIN, until_us))
		{
			note_trouble(writer, "the server does not answer");
			return false;
		}
	}
}

/* Run a statement with the JSON as its parameter. */
static bool
run(struct status_write *writer, const char *sql, int64_t until_us)
{
	const char *const values[] = {writer->json.bytes};
	PGresult   *result;
	bool		is_good = true;

	web_buffer_put(&writer->json, "", 1);
	if (writer->json.has_failed)
		return true;
	if (!PQsendQueryParams(writer->conn, sql, 1, NULL, values, NULL, NULL, 0))
	{
		note_trouble(writer, PQerrorMessage(writer->conn));
		return false;
	}
	while (is_good && await_result(writer, until_us) &&
		   (result = PQgetResult(writer->conn)) != NULL)
	{
		is_good = PQresultStatus(result) == PGRES_COMMAND_OK;
		if (!is_good)
			take_error(writer, result);
		PQclear(result);
	}
	return writer->conn != NULL;
}

static bool
write_once(struct status_write *writer, int64_t time_us)
{
	int64_t		until_us = clock_monotonic_us() + time_us;

	memset(&writer->status, 0, sizeof(writer->status));
	if (!writer->fill(writer->arg, &writer->status))
		return false;
	if (!is_connected(writer, until_us))
		return true;
	web_buffer_clear(&writer->json);
	status_collector_json(&writer->status, &writer->json);
	if (!run(writer, status_collector_sql, until_us))
		return true;
	web_buffer_clear(&writer->json);
	status_exporters_json(&writer->status, &writer->json);
	(void) run(writer, status_exporters_sql, until_us);
	return true;
}

static void *
keep_rows(void *arg)
{
	struct status_write *writer = arg;

	while (!writer->is_stopping && !writer->is_disabled)
	{
		bool		was_said = write_once(writer, ANSWER_US);
		int64_t		until_us = clock_monotonic_us() +
			(was_said ? STATUS_WRITE_S * SECOND_US : FIRST_US);

		while (!writer->is_disabled && wait_for(writer, -1, 0, until_us))
			continue;
	}
	if (writer->conn != NULL)
		(void) write_once(writer, LAST_US);
	disconnect(writer);
	return NULL;
}

struct status_write *
status_write_open(const char *conninfo, bool (*fill) (void *arg, struct status *status), void *arg)
{
	struct status_write *writer = calloc(1, sizeof(*writer));

	if (writer == NULL)
		fatalx("out of memory");
	writer->conninfo = conninfo;
	writer->fill = fill;
	writer->arg = arg;
	writer->json.max = MAX_JSON;
	writer->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (writer->wake < 0)
		fatal("could not make an eventfd");
	if (thread_start(&writer->thread, keep_rows, writer, "writes the collector's status"))
		return writer;
	close(writer->wake);
	free(writer);
	return NULL;
}

void
status_write_close(struct status_write *writer)
{
	if (eventfd_write(writer->wake, 1) != 0)
		fatal("could not wake the thread that writes the collector's status");
	pthread_join(writer->thread, NULL);
	close(writer->wake);
	web_buffer_free(&writer->json);
	free(writer);
}
