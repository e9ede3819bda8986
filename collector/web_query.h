/*-------------------------------------------------------------------------
 *
 * GET /exec and GET /exp: a query's rows as JSON or CSV, in the shapes of
 * QuestDB's REST interface.
 *
 *		query			one statement
 *		limit			N: the first N rows; LO,HI: rows LO to HI, from 1
 *		count=true		"count" is the number of all rows, not of those shown
 *		nm=true			without columns, or without the header line
 *		timings=true	nanoseconds
 *		explain=true	PostgreSQL's plan
 *		quoteLargeNum=true	64-bit integers as strings
 *
 * "timestamp" is the index of the first column that is a time, or -1.  A
 * statement without rows answers {"ddl": "OK"}.  The header
 * Statement-Timeout, in milliseconds, shortens the server's own limit.  What
 * fails after a part of the answer has left cuts the answer off.
 *
 * Each query runs in a transaction of its own that is read-only and rolled
 * back.  Rows are taken one at a time: a worker holds one row, and 64 kB of
 * the answer.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_WEB_QUERY_H
#define COLLECTOR_WEB_QUERY_H

#include "web_postgres.h"

/* Answer the request by a connection that is a reader. */
extern void web_query_exec(struct web_postgres *pg,
						   const struct http_request *request,
						   struct http_reply *reply);
extern void web_query_export(struct web_postgres *pg,
							 const struct http_request *request,
							 struct http_reply *reply);

#endif
