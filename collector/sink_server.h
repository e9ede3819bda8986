/*-------------------------------------------------------------------------
 *
 * One connection to PostgreSQL that copies rows into one table.
 *
 * Nothing here waits (but for looking up a host name while connecting): each
 * server_step does what can be done at once.  After connecting, the table is
 * described, with what the database has of the source already, and rows are
 * copied into those of our columns that the table has.
 *
 * Rows are written whole, in one transaction that notes their positions in
 * flow.ingest; or, to leave out some, in parts: any number of server_send_part,
 * each of which is accepted or rejected, then server_commit.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_SINK_SERVER_H
#define COLLECTOR_SINK_SERVER_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sink_describe.h"
#include "sink_queue.h"

/* What a failure to note positions says that are noted already. */
#define SERVER_IS_NOTED	"have been written already"

enum server_event
{
	SERVER_BUSY,				/* call again when the socket is ready */
	SERVER_IDLE,				/* ready for the next command */
	SERVER_SENT,				/* the command is done: rows committed, part accepted */
	SERVER_REJECTED,			/* the rows were refused; will be idle again */
	SERVER_LOST,				/* no connection; trying again may help */
	SERVER_REFUSED				/* an error that trying again cannot cure */
};

/*
 * The strings live as long as the server; table is an SQL name, qualified and
 * quoted as needed, sensor what all flows will have, or NULL, source the name
 * under which positions are noted, or NULL.  What the database knows of it is
 * put into *known on each connection.
 */
struct server_options
{
	const char *conninfo;
	const char *table;
	const char *sensor;
	const char *source;
	struct known *known;
};

/* What is noted with rows, if first < next and the database has flow.ingest. */
struct server_note
{
	const char *source;			/* or NULL: that of the server */
	uint64_t	first;
	uint64_t	next;
	uint64_t	nrows;			/* of them, those that are written */
};

struct server;

/* Returns NULL when memory is exhausted. */
extern struct server *server_open(const struct server_options *options);
extern void server_close(struct server *server);

/* Begin to connect; only when not connected. */
extern void server_connect(struct server *server, int64_t now_us);
extern bool server_is_connected(const struct server *server);

/* Close the connection, and so roll back what is under way. */
extern void server_disconnect(struct server *server);

/*
 * Work without waiting.  After LOST or REFUSED the connection is closed;
 * server_message says why.  now_us is a monotonic clock.
 */
extern enum server_event server_step(struct server *server, int64_t now_us);

/*
 * Only when idle: copy rows and commit.  They must stay until the next event
 * but BUSY; without rows only the note is made.  After REJECTED nothing is
 * written, and the table is described again.  If the connection is lost,
 * nobody knows whether they were written, until the next connection has told.
 */
extern void server_send(struct server *server, struct rows rows,
						const struct server_note *note);

/*
 * Only when idle: copy rows, n > 0, in a transaction that goes on.  After
 * REJECTED the parts that were accepted before are still in it.
 */
extern void server_send_part(struct server *server, struct rows rows);

/* Only when idle, after parts: commit them with the note. */
extern void server_commit(struct server *server, const struct server_note *note);

/* What to wait for; fd->fd is -1 without a connection. */
extern void server_poll(const struct server *server, struct pollfd *fd);

/* The server's or libpq's words. */
extern const char *server_message(const struct server *server);

/*
 * After LOST: is it up but not yet, or no longer, taking connections?  This
 * waits, up to 2 s for each host.
 */
extern bool server_is_starting(const struct server *server);

#endif
