/*-------------------------------------------------------------------------
 *
 * Connecting to PostgreSQL without waiting (but for looking up a host name).
 *
 * Each host of the conninfo has connect_timeout, or 15 s, to answer.  One that
 * does not is tried last from then on.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_SINK_CONNECT_H
#define COLLECTOR_SINK_CONNECT_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONNECT_HOSTS_LEN 1024

enum connect_event
{
	CONNECT_BUSY,				/* call again when the socket is ready */
	CONNECT_READY,
	CONNECT_FAILED				/* message says why */
};

/* Starts with all zero but for conninfo. */
struct connector
{
	const char *conninfo;		/* lives as long */
	PGconn	   *conn;			/* of connect_begin; whoever called it ends it */
	bool		wants_write;	/* wait until the socket can be written */
	bool		has_timed_out;	/* the last failure: nobody answered */
	int			ntimeouts;		/* hosts given up in this attempt */
	int64_t		until_us;
	int64_t		timeout_us;
	char		trying[CONNECT_HOSTS_LEN];	/* must answer until then */
	char		hosts[CONNECT_HOSTS_LEN];	/* lists of libpq's options, */
	char		hostaddrs[CONNECT_HOSTS_LEN];	/* rotated; empty until that */
	char		ports[CONNECT_HOSTS_LEN];	/* is needed */
	char		message[1024];	/* after FAILED */
};

/* Begin to connect; now_us is a monotonic clock. */
extern void connect_begin(struct connector *connector, int64_t now_us);

extern enum connect_event connect_step(struct connector *connector,
									   int64_t now_us);

/*
 * After FAILED: is the server up but not yet, or no longer, taking
 * connections?  This waits, up to 2 s for each host.
 */
extern bool connect_is_starting(const struct connector *connector);

#endif
