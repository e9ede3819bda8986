/*-------------------------------------------------------------------------
 *
 * A connection to PostgreSQL for the answers of one worker of the HTTP server.
 *
 * Connected when first needed, and again when it was lost.  What is sent is
 * cancelled as soon as the client of the request goes away.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_WEB_POSTGRES_H
#define COLLECTOR_WEB_POSTGRES_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "http_server.h"

struct web_postgres
{
	const char *conninfo;
	const char *role;			/* to connect as, or NULL */
	bool		is_reader;		/* read-only; refused to roles that could do more */
	int			max_timeout_ms; /* of a statement */
	PGconn	   *conn;			/* NULL: not connected */
	char		message[512];	/* why the last connection failed */
};

/*
 * Begin a transaction by this statement, connecting if need be; false: message
 * says why.  A connection that has died since the last request is made again.
 * A reader must not be a superuser, nor a member of a role that may use files
 * or programs of the server.
 */
extern bool web_postgres_begin(struct web_postgres *pg, const char *sql);
extern void web_postgres_close(struct web_postgres *pg);

/*
 * The next result of what was sent; NULL when there is none any more, or the
 * client has gone: then the statement was cancelled and nothing is left.
 */
extern PGresult *web_postgres_result(struct web_postgres *pg,
									 struct http_reply *reply);

/* End what runs, if anything does, without its results. */
extern void web_postgres_cancel(struct web_postgres *pg);

/* Pass over all results that are left. */
extern void web_postgres_drain(struct web_postgres *pg);

/*
 * A short statement of our own, with nvalues text parameters.  NULL or a
 * result with an error: it failed.
 */
extern PGresult *web_postgres_run(struct web_postgres *pg, const char *sql,
								  const char *const *values, int nvalues);

/*
 * Roll back, and forget what the session was told; the connection is given up
 * if that fails.
 */
extern void web_postgres_reset(struct web_postgres *pg);

/*
 * The answer to a statement that failed: {"query", "error", "position"}; 400,
 * or 503 if the connection was lost.
 */
extern void web_postgres_error(struct web_postgres *pg, const PGresult *result,
							   const char *query, struct http_reply *reply);

/* The same answer in our words; position counts characters from 0. */
extern void web_query_error(struct http_reply *reply, const char *query,
							const char *error, long position, int status);

#endif
