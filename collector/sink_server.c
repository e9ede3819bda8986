/*-------------------------------------------------------------------------
 *
 * One connection to PostgreSQL: libpq in nonblocking mode as a state machine.
 *
 *	  DOWN -> CONNECTING -> DESCRIBING -> IDLE -> STARTING -> ROWS -> ENDING
 *								 ^         ^                            |
 *								 |         +----------- committed ------+
 *								 +------------------ rows refused ------+
 *
 * Every other failure closes the connection and leads to DOWN.  The table is
 * described again after each, so a table that was altered or made anew
 * meanwhile is no problem.
 *
 * libpq leaves timeouts to callers that do not wait, and has no call to give
 * up one host of several: when one is silent we begin again, with the list
 * rotated so that the host after it comes first.
 *
 *-------------------------------------------------------------------------
 */
#include <libpq-fe.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "sink_binary.h"
#include "sink_hosts.h"
#include "sink_server.h"

#define CONNECT_TIMEOUT_S	15
#define PING_TIMEOUT_S		"2"
#define HOSTS_LEN			1024
#define CHUNK_LEN			(64 * 1024)
#define CHUNKS_PER_STEP		16	/* then let the input have its turn */

enum state
{
	DOWN,
	CONNECTING,
	DESCRIBING,
	IDLE,
	STARTING,					/* COPY sent, no answer yet */
	ROWS,
	ENDING						/* all rows sent, not yet committed */
};

struct server
{
	const char *conninfo;
	const char *table;
	const char *sensor;
	PGconn	   *conn;
	enum state	state;
	bool		wants_write;
	bool		has_failed;		/* of the command under way */
	bool		is_lasting;		/* trying again cannot cure the failure */
	bool		blames_rows;
	bool		has_timed_out;	/* the last failure: nobody answered */
	int			ntimeouts;		/* hosts given up in this attempt */
	int64_t		connect_until_us;
	int64_t		connect_timeout_us;
	char		trying[HOSTS_LEN];	/* the host that must answer until then */
	char		hosts[HOSTS_LEN];	/* lists of libpq's options, rotated; */
	char		hostaddrs[HOSTS_LEN];	/* empty until that is needed */
	char		ports[HOSTS_LEN];
	struct binary_layout layout;
	const struct flow *flows;	/* being sent */
	size_t		nflows;
	size_t		next;			/* first flow not yet given to libpq */
	size_t		chunk_len;		/* encoded, not yet taken by libpq */
	char		copy[4096];		/* the COPY command */
	char		message[1024];
	uint8_t		chunk[CHUNK_LEN];
};

static const char describe_sql[] =
"SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname),"
" has_any_column_privilege(c.oid, 'INSERT'), a.attname,"
" coalesce(nullif(t.typbasetype, 0), t.oid),"
" format_type(a.atttypid, a.atttypmod),"
" a.attname = 'sensor'"
" AND 1043 IN (t.oid, t.typbasetype)"
" AND greatest(a.atttypmod, t.typtypmod) >= 4"
" AND char_length(rtrim($2::text, ' '))"
" > greatest(a.atttypmod, t.typtypmod) - 4"
" FROM pg_catalog.pg_class c"
" JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
" JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid"
" JOIN pg_catalog.pg_type t ON t.oid = a.atttypid"
" WHERE c.oid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped"
" AND a.attgenerated = '' ORDER BY a.attnum";

static void
set_message(struct server *server, const char *fmt,...)
{
	va_list		args;
	size_t		len;

	va_start(args, fmt);
	vsnprintf(server->message, sizeof(server->message), fmt, args);
	va_end(args);
	len = strlen(server->message);
	while (len > 0 && server->message[len - 1] == '\n')
		server->message[--len] = '\0';
}

static void
disconnect(struct server *server)
{
	PQfinish(server->conn);
	server->conn = NULL;
	server->state = DOWN;
}

static enum server_event
lost(struct server *server)
{
	set_message(server, "%s", PQerrorMessage(server->conn));
	disconnect(server);
	return SERVER_LOST;
}

/* Close after a failure that set_message has described. */
static enum server_event
fail(struct server *server)
{
	disconnect(server);
	return server->is_lasting ? SERVER_REFUSED : SERVER_LOST;
}

/*
 * Classes of SQLSTATE that time or an administrator's help may cure:
 * connection, rollback, resources, object in use, intervention, system.
 */
static bool
may_be_cured(const char *sqlstate)
{
	static const char classes[][3] = {"08", "40", "53", "55", "57", "58"};

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
	{
		if (strncmp(sqlstate, classes[i], 2) == 0)
			return true;
	}
	return false;
}

static void
note_failure(struct server *server, const PGresult *result)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	server->has_failed = true;
	server->is_lasting = sqlstate != NULL && !may_be_cured(sqlstate);
	server->blames_rows = sqlstate != NULL &&
		(strncmp(sqlstate, "22", 2) == 0 || strncmp(sqlstate, "23", 2) == 0);
	set_message(server, "%s", PQresultErrorMessage(result));
}

static void
log_notice(void *arg, const char *message)
{
	(void) arg;
	log_info("%s", message);
}

struct server *
server_open(const char *conninfo, const char *table, const char *sensor)
{
	struct server *server = calloc(1, sizeof(*server));

	if (server == NULL)
		return NULL;
	server->conninfo = conninfo;
	server->table = table;
	server->sensor = sensor;
	server->connect_timeout_us = CONNECT_TIMEOUT_S * INT64_C(1000000);
	return server;
}

void
server_close(struct server *server)
{
	PQfinish(server->conn);
	free(server);
}

bool
server_is_connected(const struct server *server)
{
	return server->conn != NULL;
}

/* Give the host that libpq tries now its time, if it has just begun to. */
static void
watch_host(struct server *server, int64_t now_us)
{
	char		trying[HOSTS_LEN];

	snprintf(trying, sizeof(trying), "%s %s %s", PQhost(server->conn),
			 PQhostaddr(server->conn), PQport(server->conn));
	if (strcmp(trying, server->trying) == 0)
		return;
	memcpy(server->trying, trying, sizeof(trying));
	server->connect_until_us = now_us + server->connect_timeout_us;
}

static void
copy_option(char *to, const PQconninfoOption *option, const char *keyword)
{
	if (strcmp(option->keyword, keyword) == 0 && option->val != NULL &&
		strlen(option->val) < HOSTS_LEN)
		strcpy(to, option->val);
}

/* What conninfo, environment and service file add up to. */
static void
read_options(struct server *server)
{
	PQconninfoOption *options = PQconninfo(server->conn);
	char		timeout[HOSTS_LEN] = "";
	long		seconds;

	for (PQconninfoOption *o = options; o != NULL && o->keyword != NULL; o++)
	{
		copy_option(server->hosts, o, "host");
		copy_option(server->hostaddrs, o, "hostaddr");
		copy_option(server->ports, o, "port");
		copy_option(timeout, o, "connect_timeout");
	}
	PQconninfoFree(options);
	seconds = strtol(timeout, NULL, 10);
	if (seconds > 0 && seconds <= INT32_MAX)
		server->connect_timeout_us = seconds * INT64_C(1000000);
}

static void
begin_connecting(struct server *server, int64_t now_us)
{
	const char *const keywords[] = {
		"dbname", "fallback_application_name", "host", "hostaddr", "port", NULL
	};
	const char *const values[] = {
		server->conninfo, "flowcollectd", server->hosts, server->hostaddrs,
		server->ports, NULL
	};

	server->conn = PQconnectStartParams(keywords, values, 1);
	if (server->conn == NULL)
		fatalx("out of memory");
	PQsetNoticeProcessor(server->conn, log_notice, NULL);
	server->state = CONNECTING;
	server->wants_write = true;
	server->has_timed_out = false;
	read_options(server);
	server->trying[0] = '\0';
	watch_host(server, now_us);
}

void
server_connect(struct server *server, int64_t now_us)
{
	server->ntimeouts = 0;
	begin_connecting(server, now_us);
}

/* The host is silent: go on with the next one, unless all are. */
static enum server_event
give_up_host(struct server *server, int64_t now_us)
{
	const char *list = server->hosts[0] != '\0' ?
		server->hosts : server->hostaddrs;
	int			nhosts = hosts_count(list);
	int			i = hosts_find(list, server->ports, PQhost(server->conn),
							   PQport(server->conn));
	int			next = (i + 1) % nhosts;

	server->has_timed_out = true;
	set_message(server, "connecting to \"%s\" timed out",
				PQhost(server->conn));
	hosts_rotate(server->hosts, next);
	hosts_rotate(server->hostaddrs, next);
	hosts_rotate(server->ports, next);
	disconnect(server);
	if (++server->ntimeouts >= nhosts)
		return SERVER_LOST;
	begin_connecting(server, now_us);
	return SERVER_BUSY;
}

static bool
send_describe(struct server *server)
{
	const char *values[] = {server->table, server->sensor};

	server->has_failed = false;
	server->state = DESCRIBING;
	return PQsendQueryParams(server->conn, describe_sql, 2, NULL, values, NULL,
							 NULL, 0) != 0;
}

static bool
is_ready(const struct server *server)
{
	struct pollfd fd;

	server_poll(server, &fd);
	return poll(&fd, 1, 0) > 0;
}

static enum server_event
step_connecting(struct server *server, int64_t now_us)
{
	if (PQstatus(server->conn) == CONNECTION_BAD)
		return lost(server);
	if (!is_ready(server))
	{
		if (now_us < server->connect_until_us)
			return SERVER_BUSY;
		return give_up_host(server, now_us);
	}
	switch (PQconnectPoll(server->conn))
	{
		case PGRES_POLLING_READING:
			server->wants_write = false;
			watch_host(server, now_us);
			return SERVER_BUSY;
		case PGRES_POLLING_WRITING:
			server->wants_write = true;
			watch_host(server, now_us);
			return SERVER_BUSY;
		case PGRES_POLLING_OK:
			break;
		default:
			return lost(server);
	}
	if (PQsetnonblocking(server->conn, 1) != 0 || !send_describe(server))
		return lost(server);
	return SERVER_BUSY;
}

static void
refuse(struct server *server)
{
	server->has_failed = true;
	server->is_lasting = true;
	server->blames_rows = false;
}

/* The text may have been refused before there is a table to speak of. */
static void
blame_sensor(struct server *server, const PGresult *result)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	if (server->sensor == NULL || sqlstate == NULL ||
		(strcmp(sqlstate, "22021") != 0 && strcmp(sqlstate, "22P05") != 0))
		return;
	set_message(server, "the database cannot hold table name \"%s\" or sensor "
				"name \"%s\": %s", server->table, server->sensor,
				PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
}

static void
refuse_sensor(struct server *server, const char *table, const char *type)
{
	refuse(server);
	set_message(server, "sensor name \"%s\" is too long for column \"sensor\" "
				"of table %s, which is of type %s", server->sensor, table, type);
}

/*
 * Result columns: table, may insert, column, type, name of type, is the sensor
 * too long.
 */
static void
use_description(struct server *server, const PGresult *result)
{
	struct binary_layout *layout = &server->layout;
	const char *table = PQntuples(result) == 0 ?
		server->table : PQgetvalue(result, 0, 0);
	int			len = snprintf(server->copy, sizeof(server->copy),
							   "COPY %s (", table);

	layout->ncolumns = 0;
	for (int row = 0; row < PQntuples(result); row++)
	{
		const char *name = PQgetvalue(result, row, 2);
		int			ncolumns = layout->ncolumns;

		if (PQgetvalue(result, row, 1)[0] != 't')
		{
			refuse(server);
			set_message(server, "permission denied for table %s", table);
			return;
		}
		if (!binary_layout_add(layout, name,
							   (uint32_t) strtoul(PQgetvalue(result, row, 3),
												  NULL, 10)))
		{
			refuse(server);
			set_message(server, "cannot write column \"%s\" of table %s, "
						"which is of type %s", name, table,
						PQgetvalue(result, row, 4));
			return;
		}
		if (PQgetvalue(result, row, 5)[0] == 't')
		{
			refuse_sensor(server, table, PQgetvalue(result, row, 4));
			return;
		}
		if (layout->ncolumns > ncolumns)
			len += snprintf(server->copy + len, sizeof(server->copy) - len,
							"%s\"%s\"", ncolumns == 0 ? "" : ", ", name);
	}
	snprintf(server->copy + len, sizeof(server->copy) - len,
			 ") FROM STDIN (FORMAT binary)");
	if (layout->ncolumns == 0)
	{
		refuse(server);
		set_message(server, "table %s has none of the columns of a flow", table);
	}
}

/* Flush and read.  Returns false if the connection is lost. */
static bool
exchange(struct server *server)
{
	int			pending = PQflush(server->conn);

	server->wants_write = pending == 1;
	return pending >= 0 && PQconsumeInput(server->conn) != 0;
}

static enum server_event
step_describing(struct server *server)
{
	PGresult   *result;

	if (!exchange(server))
		return lost(server);
	while (!PQisBusy(server->conn))
	{
		result = PQgetResult(server->conn);
		if (result == NULL)
		{
			if (server->has_failed)
				return fail(server);
			server->state = IDLE;
			return SERVER_IDLE;
		}
		if (PQresultStatus(result) == PGRES_TUPLES_OK)
			use_description(server, result);
		else
		{
			note_failure(server, result);
			blame_sensor(server, result);
		}
		PQclear(result);
	}
	return SERVER_BUSY;
}

static enum server_event
step_idle(struct server *server)
{
	if (!exchange(server) || PQstatus(server->conn) == CONNECTION_BAD)
		return lost(server);
	return SERVER_IDLE;
}

void
server_send(struct server *server, const struct flow *flows, size_t n)
{
	server->flows = flows;
	server->nflows = n;
	server->next = 0;
	server->has_failed = false;
	server->chunk_len = binary_encode_header(server->chunk);
	server->state = STARTING;

	/* a failure to send is seen by the next step */
	(void) PQsendQuery(server->conn, server->copy);
}

static enum server_event
step_starting(struct server *server)
{
	PGresult   *result;

	if (!exchange(server))
		return lost(server);
	if (PQisBusy(server->conn))
		return SERVER_BUSY;
	result = PQgetResult(server->conn);
	if (result == NULL)
		return lost(server);
	if (PQresultStatus(result) != PGRES_COPY_IN)
	{
		note_failure(server, result);
		PQclear(result);
		return fail(server);
	}
	PQclear(result);
	server->state = ROWS;
	return SERVER_BUSY;
}

static void
fill_chunk(struct server *server)
{
	while (server->next < server->nflows)
	{
		const struct flow *flow = &server->flows[server->next];

		if (server->chunk_len + BINARY_TRAILER_LEN +
			binary_row_bound(&server->layout, flow) > CHUNK_LEN)
			return;
		server->chunk_len += binary_encode_row(&server->layout, flow,
											   server->chunk + server->chunk_len);
		server->next++;
	}
	server->chunk_len += binary_encode_trailer(server->chunk + server->chunk_len);
	server->next++;				/* the trailer is in */
}

static enum server_event
step_rows(struct server *server)
{
	for (int i = 0; i < CHUNKS_PER_STEP; i++)
	{
		int			put;

		if (!exchange(server))
			return lost(server);
		if (server->wants_write)
			return SERVER_BUSY;
		if (server->next > server->nflows)
		{
			put = PQputCopyEnd(server->conn, NULL);
			if (put > 0)
				server->state = ENDING;
		}
		else
		{
			fill_chunk(server);
			put = PQputCopyData(server->conn, (char *) server->chunk,
								(int) server->chunk_len);
			server->chunk_len = 0;
		}
		if (put <= 0)
			return lost(server);
		if (server->state == ENDING)
			break;
	}
	if (!exchange(server))
		return lost(server);

	/* ask to be called at once even if the socket has taken everything */
	server->wants_write |= server->state == ROWS;
	return SERVER_BUSY;
}

static enum server_event
step_ending(struct server *server)
{
	PGresult   *result;

	if (!exchange(server))
		return lost(server);
	while (!PQisBusy(server->conn))
	{
		result = PQgetResult(server->conn);
		if (result == NULL)
		{
			if (server->has_failed && server->blames_rows)
				return send_describe(server) ? SERVER_REJECTED : lost(server);
			if (server->has_failed)
				return fail(server);
			server->state = IDLE;
			return SERVER_SENT;
		}
		if (PQresultStatus(result) != PGRES_COMMAND_OK)
			note_failure(server, result);
		PQclear(result);
	}
	return SERVER_BUSY;
}

enum server_event
server_step(struct server *server, int64_t now_us)
{
	enum state	before;
	enum server_event event;

	do
	{
		before = server->state;
		switch (before)
		{
			case CONNECTING:
				event = step_connecting(server, now_us);
				break;
			case DESCRIBING:
				event = step_describing(server);
				break;
			case IDLE:
				event = step_idle(server);
				break;
			case STARTING:
				event = step_starting(server);
				break;
			case ROWS:
				event = step_rows(server);
				break;
			case ENDING:
				event = step_ending(server);
				break;
			default:
				return SERVER_LOST;
		}
	} while (event == SERVER_BUSY && server->state != before);
	return event;
}

void
server_poll(const struct server *server, struct pollfd *fd)
{
	fd->fd = server->conn == NULL ? -1 : PQsocket(server->conn);
	fd->events = POLLIN;
	if (server->state == CONNECTING)
		fd->events = server->wants_write ? POLLOUT : POLLIN;
	else if (server->wants_write)
		fd->events = POLLIN | POLLOUT;
	fd->revents = 0;
}

const char *
server_message(const struct server *server)
{
	return server->message;
}

bool
server_is_starting(const struct server *server)
{
	const char *const keywords[] = {
		"dbname", "host", "hostaddr", "port", "connect_timeout", NULL
	};
	const char *const values[] = {
		server->conninfo, server->hosts, server->hostaddrs, server->ports,
		PING_TIMEOUT_S, NULL
	};

	return !server->has_timed_out &&
		PQpingParams(keywords, values, 1) == PQPING_REJECT;
}
