/*-------------------------------------------------------------------------
 *
 * One connection to PostgreSQL: libpq in nonblocking mode as a state machine.
 *
 *	  DOWN -> CONNECTING -> COLUMNS -> INGEST -> RANGES -> IDLE
 *	  IDLE -> STARTING -> ROWS -> ENDING -> IDLE
 *	  rows refused: -> COLUMNS, or IDLE where a transaction goes on
 *
 * Every other failure closes the connection and leads to DOWN.  The table is
 * described again after each, so a table that was altered or made anew
 * meanwhile is no problem.
 *
 * A command is one query string: "COPY ...; SELECT flow.note_ingest(...)" is
 * one transaction without a further round trip.  Parts are savepoints of one.
 * Constraints that are deferred are checked with each part, or else the commit
 * would fail when nobody knows for which row.
 *
 * The note comes last, and fails if the positions are noted already.  So of
 * two transactions that write the same rows one commits, even if the other's
 * connection is lost and its backend does not know that yet.
 *
 *-------------------------------------------------------------------------
 */
#include <inttypes.h>
#include <libpq-fe.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "sink_binary.h"
#include "sink_connect.h"
#include "sink_server.h"

#define CHUNK_LEN			(64 * 1024)
#define CHUNKS_PER_STEP		16	/* then let the input have its turn */
#define NOTE_LEN			4096
#define COMMAND_LEN			(12 * 1024)

enum state
{
	DOWN,
	CONNECTING,
	COLUMNS,					/* asked for, as the next two */
	INGEST,
	RANGES,
	IDLE,
	STARTING,					/* command sent, no answer yet */
	ROWS,
	ENDING						/* all rows sent */
};

struct server
{
	struct connector connector;
	struct description table;
	struct known *known;
	PGconn	   *conn;
	enum state	state;
	bool		wants_write;
	bool		has_failed;		/* of the command under way */
	bool		is_lasting;		/* trying again cannot cure the failure */
	bool		blames_rows;
	bool		has_rows;		/* that command */
	bool		is_in_transaction;	/* parts were sent */
	bool		is_part_rejected;	/* the last one */
	struct rows rows;			/* not yet given to libpq */
	bool		has_trailer;	/* that was the last of it */
	size_t		chunk_len;		/* encoded, not yet taken by libpq */
	size_t		chunk_capacity;
	uint8_t    *chunk;
	struct flow_extra extra;
	char		message[1024];
};

static void
set_message(struct server *server, const char *message)
{
	size_t		len;

	snprintf(server->message, sizeof(server->message), "%s", message);
	len = strlen(server->message);
	while (len > 0 && server->message[len - 1] == '\n')
		server->message[--len] = '\0';
}

void
server_disconnect(struct server *server)
{
	PQfinish(server->conn);
	server->conn = NULL;
	server->connector.conn = NULL;
	server->state = DOWN;
	server->is_in_transaction = false;
	server->is_part_rejected = false;
}

static enum server_event
lost(struct server *server)
{
	set_message(server, PQerrorMessage(server->conn));
	server_disconnect(server);
	return SERVER_LOST;
}

/* Close after a failure that set_message has described. */
static enum server_event
fail(struct server *server)
{
	server_disconnect(server);
	return server->is_lasting ? SERVER_REFUSED : SERVER_LOST;
}

/*
 * SQLSTATEs that time, an administrator's help or another connection may cure:
 * the classes connection, rollback, resources, object in use, intervention,
 * system; a server that has become a standby; a table whose columns are no
 * longer those that were described.
 */
static bool
may_be_cured(const char *sqlstate)
{
	static const char *const states[] = {"08", "40", "53", "55", "57", "58", "25006", "22P03"};

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
	{
		if (strncmp(sqlstate, states[i], strlen(states[i])) == 0)
			return true;
	}
	return false;
}

static void
note_failure(struct server *server, const PGresult *result)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	if (server->has_failed)
		return;					/* what comes first is the cause */
	server->has_failed = true;
	server->is_lasting = sqlstate != NULL && !may_be_cured(sqlstate);
	server->blames_rows = server->is_lasting &&
		(strncmp(sqlstate, "22", 2) == 0 || strncmp(sqlstate, "23", 2) == 0);
	set_message(server, PQresultErrorMessage(result));
	if (strstr(server->message, DESCRIBE_CHANGED) != NULL)
	{
		server->is_lasting = server->blames_rows = false;
		set_message(server, "the columns of the table have changed");
	}
}

struct server *
server_open(const struct server_options *options)
{
	struct server *server = calloc(1, sizeof(*server));

	if (server == NULL)
		return NULL;
	server->connector.conninfo = options->conninfo;
	server->table.table = options->table;
	server->table.sensor = options->sensor;
	server->table.source = options->source;
	server->known = options->known;
	server->chunk_capacity = CHUNK_LEN;
	server->chunk = malloc(CHUNK_LEN);
	if (server->chunk != NULL)
		return server;
	free(server);
	return NULL;
}

void
server_close(struct server *server)
{
	PQfinish(server->conn);
	free(server->chunk);
	free(server);
}

bool
server_is_connected(const struct server *server)
{
	return server->conn != NULL;
}

void
server_connect(struct server *server, int64_t now_us)
{
	connect_begin(&server->connector, now_us);
	server->conn = server->connector.conn;
	server->state = CONNECTING;
}

static bool
ask_columns(struct server *server)
{
	server->has_failed = false;
	server->state = COLUMNS;
	return describe_ask_columns(&server->table, server->conn);
}

static enum server_event
step_connecting(struct server *server, int64_t now_us)
{
	enum connect_event event = connect_step(&server->connector, now_us);

	server->conn = server->connector.conn;
	if (event == CONNECT_FAILED)
	{
		set_message(server, server->connector.message);
		server_disconnect(server);
		return SERVER_LOST;
	}
	if (event == CONNECT_READY &&
		(PQsetnonblocking(server->conn, 1) != 0 || !ask_columns(server)))
		return lost(server);
	return SERVER_BUSY;
}

/* The table cannot be used; d->message says why. */
static void
refuse(struct server *server)
{
	server->has_failed = true;
	server->is_lasting = true;
	server->blames_rows = false;
	set_message(server, server->table.message);
}

/* Flush and read.  Returns false if the connection is lost. */
static bool
exchange(struct server *server)
{
	int			pending = PQflush(server->conn);

	server->wants_write = pending == 1;
	return pending >= 0 && PQconsumeInput(server->conn) != 0;
}

static void
read_answer(struct server *server, const PGresult *result)
{
	if (PQresultStatus(result) != PGRES_TUPLES_OK)
	{
		note_failure(server, result);
		describe_read_error(&server->table, result);
		set_message(server, server->table.message);
	}
	else if (server->state == COLUMNS)
	{
		if (!describe_read_columns(&server->table, result))
			refuse(server);
	}
	else if (server->state == RANGES)
		describe_read_ranges(result, server->known);
	else if (!describe_read_ingest(&server->table, result, server->known))
		refuse(server);
}

/* All of an answer is read: ask for the next thing. */
static enum server_event
ask_next(struct server *server)
{
	bool		is_asked = true;

	if (server->has_failed)
		return fail(server);
	if (server->state == COLUMNS && server->table.source != NULL)
	{
		server->state = INGEST;
		is_asked = describe_ask_ingest(&server->table, server->conn);
	}
	else if (server->state == INGEST && server->known->has_table)
	{
		server->state = RANGES;
		is_asked = describe_ask_ranges(&server->table, server->known, server->conn);
	}
	else
	{
		server->state = IDLE;
		return SERVER_IDLE;
	}
	return is_asked ? SERVER_BUSY : lost(server);
}

static enum server_event
step_asking(struct server *server)
{
	if (!exchange(server))
		return lost(server);
	while (!PQisBusy(server->conn))
	{
		PGresult   *result = PQgetResult(server->conn);

		if (result == NULL)
			return ask_next(server);
		read_answer(server, result);
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

/* A failure to send is seen by the next step. */
static void
run(struct server *server, const char *command, struct rows rows)
{
	server->rows = rows;
	server->has_rows = rows.n > 0;
	server->has_failed = false;
	server->has_trailer = false;
	server->chunk_len = binary_encode_header(server->chunk);
	server->state = STARTING;
	(void) PQsendQuery(server->conn, command);
}

/* What comes behind the rows: is the table the same, and the note. */
static void
write_note(struct server *server, const struct server_note *note,
		   char text[NOTE_LEN])
{
	const char *name = note->source != NULL ? note->source : server->table.source;
	char	   *source;
	char	   *table;
	int			len = describe_check(&server->table, server->conn, text, NOTE_LEN);

	if (len >= NOTE_LEN || name == NULL || !server->known->has_table ||
		note->first >= note->next)
		return;
	source = PQescapeLiteral(server->conn, name, strlen(name));
	table = PQescapeLiteral(server->conn, server->table.table,
							strlen(server->table.table));
	if (source == NULL || table == NULL)
		fatalx("out of memory");
	snprintf(text + len, (size_t) (NOTE_LEN - len), "SELECT flow.note_ingest(%s, %s, %" PRIu64 ", %" PRIu64
			 ", %" PRIu64 ");", source, table, note->first, note->next, note->nrows);
	PQfreemem(source);
	PQfreemem(table);
}

void
server_send(struct server *server, struct rows rows,
			const struct server_note *note)
{
	char		text[NOTE_LEN];
	char		command[COMMAND_LEN];

	write_note(server, note, text);
	snprintf(command, sizeof(command),
			 "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; %s%s %s",
			 rows.n == 0 ? "" : server->table.copy, rows.n == 0 ? "" : ";", text);
	run(server, command, rows);
}

void
server_send_part(struct server *server, struct rows rows)
{
	char		command[COMMAND_LEN];

	snprintf(command, sizeof(command),
			 "%s%sSAVEPOINT part; %s; RELEASE SAVEPOINT part",
			 server->is_in_transaction ? "" : "BEGIN ISOLATION LEVEL READ COMMITTED;"
			 " SET CONSTRAINTS ALL IMMEDIATE; ",
			 server->is_part_rejected ? "ROLLBACK TO SAVEPOINT part;"
			 " RELEASE SAVEPOINT part; " : "", server->table.copy);
	server->is_in_transaction = true;
	server->is_part_rejected = false;
	run(server, command, rows);
}

void
server_commit(struct server *server, const struct server_note *note)
{
	char		text[NOTE_LEN];
	char		command[COMMAND_LEN];

	if (!server->is_in_transaction)
	{
		server_send(server, (struct rows) {0}, note);
		return;
	}
	write_note(server, note, text);
	snprintf(command, sizeof(command), "%s %s COMMIT",
			 server->is_part_rejected ? "ROLLBACK TO SAVEPOINT part;" : "", text);
	server->is_in_transaction = false;
	server->is_part_rejected = false;
	run(server, command, (struct rows) {0});
}

/* All of a command's results are read. */
static enum server_event
end_command(struct server *server)
{
	server->state = IDLE;
	if (!server->has_failed)
		return SERVER_SENT;
	if (!server->blames_rows || !server->has_rows)
		return fail(server);
	if (server->is_in_transaction)
	{
		server->is_part_rejected = true;
		return SERVER_REJECTED;
	}
	return ask_columns(server) ? SERVER_REJECTED : lost(server);
}

static enum server_event
step_starting(struct server *server)
{
	if (!exchange(server))
		return lost(server);
	while (!PQisBusy(server->conn))
	{
		PGresult   *result = PQgetResult(server->conn);
		ExecStatusType status = PQresultStatus(result);

		if (result == NULL)
			return end_command(server);
		if (status == PGRES_FATAL_ERROR)
			note_failure(server, result);
		PQclear(result);
		if (status == PGRES_COPY_IN)
		{
			server->state = ROWS;
			return SERVER_BUSY;
		}
	}
	return SERVER_BUSY;
}

/* Let the chunk hold one more row of this size. */
static bool
has_room(struct server *server, size_t bound)
{
	size_t		needed = server->chunk_len + BINARY_TRAILER_LEN + bound;
	uint8_t    *chunk;

	if (needed <= server->chunk_capacity)
		return true;
	if (server->chunk_len > BINARY_HEADER_LEN)
		return false;			/* it goes out first */
	chunk = realloc(server->chunk, needed);
	if (chunk == NULL)
		fatalx("out of memory");
	server->chunk = chunk;
	server->chunk_capacity = needed;
	return true;
}

static void
fill_chunk(struct server *server)
{
	while (server->rows.n > 0)
	{
		struct rows before = server->rows;
		struct flow flow;

		if (!rows_next(&server->rows, &flow, &server->extra))
			continue;			/* we have packed it, so this cannot be */
		if (!has_room(server, binary_row_bound(&server->table.layout, &flow)))
		{
			server->rows = before;
			return;
		}
		server->chunk_len += binary_encode_row(&server->table.layout, &flow,
											   server->chunk + server->chunk_len);
	}
	server->chunk_len += binary_encode_trailer(server->chunk + server->chunk_len);
	server->has_trailer = true;
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
		if (server->has_trailer)
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
			case COLUMNS:
			case INGEST:
			case RANGES:
				event = step_asking(server);
				break;
			case IDLE:
				event = step_idle(server);
				break;
			case STARTING:
			case ENDING:
				event = step_starting(server);
				break;
			case ROWS:
				event = step_rows(server);
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
		fd->events = server->connector.wants_write ? POLLOUT : POLLIN;
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
	return connect_is_starting(&server->connector);
}
