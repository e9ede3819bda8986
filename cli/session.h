/*-------------------------------------------------------------------------
 *
 * The connection: settings as psql has them, queries with parameters, errors.
 *
 * SQL is always a constant of this program, into which go only names that
 * the server has quoted (session_table, columns of catalog.h) and what
 * session_filter returns; all that a user types is a parameter.  The session is
 * read-only, unless session_allow_writes was called first, its search_path is
 * pg_catalog, its DateStyle ISO, its encoding UTF-8.
 *
 * The first use connects.  SIGINT cancels the query that runs, and the
 * process ends with STATUS_INTERRUPTED.  What fails is reported on stderr by
 * the function that returns NULL or false, so that its caller can return
 * STATUS_FAILED at once.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <stdbool.h>

#include <libpq-fe.h>

struct arguments;
struct query;
struct session;

/* A session of these settings, of GROUP_TABLE, that is not connected yet. */
extern struct session *session_new(const struct arguments *arguments);

/* Before the first use: transactions may write. */
extern void session_allow_writes(struct session *session);

/* Connect, if that was not done.  Called by all below. */
extern bool session_connect(struct session *session);

/*
 * The result of a query that gives rows, or of a command; NULL after an error.
 * values[nparams] are texts or NULL; the query says their types: $1::inet.
 * The caller clears it by PQclear.
 */
extern PGresult *session_query(struct session *session, const char *sql,
							   int nparams, const char *const *values);

/* The same of a struct query, which is freed. */
extern PGresult *session_run(struct session *session, struct query *query);

/*
 * The same for what may fail without ending the command: an error is in the
 * result (PQresultStatus, PQresultErrorField) and not reported, and a
 * transaction of session_begin goes on.  NULL if the connection is lost, which
 * is reported.
 */
extern PGresult *session_try(struct session *session, const char *sql,
							 int nparams, const char *const *values);

/*
 * The same row by row in constant memory: calls each for every row, a result of
 * one row, which it does not clear; and once, first, with a result of no row
 * that has the columns, if there is no row.  It may return false to end it.
 */
extern bool session_stream(struct session *session, const char *sql,
						   int nparams, const char *const *values,
						   bool (*each) (PGresult *row, void *arg), void *arg);

/*
 * Run COPY ... TO STDOUT and call each for every row of it, or in the formats
 * that have none for every piece; it may return false to end it.
 */
extern bool session_copy(struct session *session, const char *sql,
						 bool (*each) (const char *bytes, size_t len, void *arg),
						 void *arg);

/* Begin a transaction of one snapshot that lasts until the end. */
extern bool session_begin(struct session *session);

/*
 * The table of -t, or the one that flowstore.default_table names: its name,
 * quoted and with its schema, for FROM; and its OID, for $1::regclass.
 */
extern const char *session_table(struct session *session);
extern const char *session_relation(struct session *session);

/*
 * The condition that flow.filter makes of a filter, in parentheses, "true" if
 * filter is NULL.  It names columns of the table without its name.  The one text
 * of SQL that comes from the server: flow.filter has parsed the filter and
 * writes numbers, addresses, quoted names and constants of its own only.
 */
extern const char *session_filter(struct session *session, const char *filter);

/* The connection, for COPY and notifications. */
extern PGconn *session_connection(struct session *session);

/* Say what a failed result, or with NULL the connection, tells. */
extern void session_report(struct session *session, const PGresult *result);

/* Whether SIGINT has come. */
extern bool session_is_interrupted(void);

extern void session_close(struct session *session);

#endif
