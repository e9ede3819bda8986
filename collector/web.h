/*-------------------------------------------------------------------------
 *
 * The HTTP interface of the collector.
 *
 *		GET /metrics	for Prometheus, with answers by route; open as reading is
 *		GET /health		200, or 503 with the reasons; needs no token
 *		GET /exec		a query's rows as JSON
 *		GET /exp		a query's rows as CSV
 *		POST /imp		rows into a table; needs the write token
 *
 * Queries run on connections of their own, one a worker, as a role that
 * should be able to read what may be seen, and nothing else.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_WEB_H
#define COLLECTOR_WEB_H

#include "http_server.h"
#include "status.h"

/* Strings stay as long as the server; NULL: not wanted. */
struct web_options
{
	const char *listen;			/* "host:port", ":port" is on loopback */
	const char *read_token;
	const char *write_token;
	const char *query_conninfo; /* of PostgreSQL; NULL: no /exec, no /exp */
	const char *query_role;		/* to log in as; NULL: as query_conninfo says */
	const char *import_conninfo;	/* NULL: no /imp */
	int			nworkers;		/* queries and imports at a time; 0: 4 */
	int			max_connections;	/* 0: 64 */
	int			max_timeout_ms; /* of a statement; 0: 60,000 */
	size_t		max_body;		/* of all imports together; 0: 64 MB */

	/*
	 * Fill in *status, which is all zero, name and counters included.
	 * Called by the server's thread.
	 */
	void		(*fill) (void *arg, struct status *status);
	void	   *fill_arg;
};

struct web;

/* Returns NULL after a message.  SIGPIPE need not be ignored. */
extern struct web *web_open(const struct web_options *options);
extern void web_close(struct web *web);
extern int	web_port(const struct web *web);

#endif
