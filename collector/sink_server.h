/*-------------------------------------------------------------------------
 *
 * One connection to PostgreSQL that copies rows into one table.
 *
 * Nothing here waits (but for looking up a host name while connecting): each
 * server_step does what can be done at once.  After connecting, the table is
 * described, and each server_send is one COPY in a transaction of its own, with
 * those of our columns that the table has.
 *
 * Each host of the conninfo has connect_timeout, or 15 s, to answer.  One that
 * does not is tried last from then on.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_SINK_SERVER_H
#define COLLECTOR_SINK_SERVER_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow.h"

enum server_event
{
	SERVER_BUSY,				/* call again when the socket is ready */
	SERVER_IDLE,				/* connected, and ready for server_send */
	SERVER_SENT,				/* the rows are committed; now idle */
	SERVER_REJECTED,			/* they were refused; will be idle again */
	SERVER_LOST,				/* no connection; trying again may help */
	SERVER_REFUSED				/* an error that trying again cannot cure */
};

struct server;

/*
 * The strings live as long as the server; table is an SQL name, qualified and
 * quoted as needed, sensor what all flows will have, or NULL.  Returns NULL
 * when memory is exhausted.
 */
extern struct server *server_open(const char *conninfo, const char *table,
								  const char *sensor);
extern void server_close(struct server *server);

/* Begin to connect; only when not connected. */
extern void server_connect(struct server *server, int64_t now_us);
extern bool server_is_connected(const struct server *server);

/*
 * Work without waiting.  After LOST or REFUSED the connection is closed, after
 * REJECTED the table is being described again; server_message says why.
 * now_us is a monotonic clock.
 */
extern enum server_event server_step(struct server *server, int64_t now_us);

/*
 * Copy flows[n], n > 0; only when idle.  They must stay until the next SENT,
 * REJECTED, LOST or REFUSED.  If the connection is lost while the commit is under way,
 * nobody knows whether they were written.
 */
extern void server_send(struct server *server, const struct flow *flows,
						size_t n);

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
