/*-------------------------------------------------------------------------
 *
 * GET /exec and GET /exp.
 *
 *-------------------------------------------------------------------------
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "web_query.h"
#include "web_type.h"

#define MAX_COLUMNS	1664		/* of a row of PostgreSQL */

struct query
{
	struct web_postgres *pg;
	const struct http_request *request;
	struct http_reply *reply;
	struct web_buffer *body;
	char	   *sql;			/* malloc */
	bool		is_csv;
	bool		counts_all;
	bool		has_no_columns;
	bool		has_timings;
	bool		has_plan;
	bool		quotes_large;
	int64_t		low;			/* first row shown, from 1 */
	int64_t		high;			/* last one */
	char		timeout[24];	/* milliseconds */

	bool		has_columns;	/* the first result has been seen */
	bool		has_failed;
	int			ncolumns;
	enum web_form forms[MAX_COLUMNS];
	int			time_column;
	int64_t		nrows;			/* seen */
	int64_t		nshown;
	int64_t		begin_us;
	int64_t		first_us;		/* when the first result came */
};

static bool
flag(const struct http_request *request, const char *name)
{
	char		value[8];

	return http_parameter(request, name, value, sizeof(value)) == 4 &&
		strcmp(value, "true") == 0;
}

/* "N" or "LO,HI". */
static bool
parse_limit(struct query *query)
{
	char		value[64];
	char	   *end = value;
	int			len = http_parameter(query->request, "limit", value, sizeof(value));
	long long	n;

	query->low = 1;
	query->high = INT64_MAX;
	if (len == -1 || len == 0)
		return true;
	if (len < 0 || value[0] < '0' || value[0] > '9')
		return false;
	n = strtoll(value, &end, 10);
	if (*end == '\0')
		query->high = n;
	else if (*end == ',')
	{
		query->low = n < 1 ? 1 : n;
		if (end[1] != '\0')
			query->high = strtoll(end + 1, &end, 10);
		else
			end++;
	}
	return *end == '\0' && query->high >= 0;
}

/* The shorter of ours and the client's. */
static bool
parse_timeout(struct query *query)
{
	struct http_text header = query->request->statement_timeout;
	long		max = query->pg->max_timeout_ms;
	long		n = 0;

	if (header.bytes != NULL)
	{
		if (header.len == 0 || header.len > 9)
			return false;
		for (size_t i = 0; i < header.len; i++)
		{
			if (header.bytes[i] < '0' || header.bytes[i] > '9')
				return false;
			n = n * 10 + (header.bytes[i] - '0');
		}
	}
	if (n == 0 || (max > 0 && n > max))
		n = max;
	snprintf(query->timeout, sizeof(query->timeout), "%ld", n);
	return true;
}

/* Fill in what the request asks for; false: it was answered with an error. */
static bool
parse_query(struct query *query)
{
	size_t		room = query->request->query.len + 1;
	const char *problem = NULL;
	int			len;

	query->sql = malloc(room);
	if (query->sql == NULL)
	{
		web_query_error(query->reply, "", "out of memory", 0, 503);
		return false;
	}
	len = http_parameter(query->request, "query", query->sql, room);
	if (len < 0)
		query->sql[0] = '\0';
	if (len <= 0)
		problem = len == -2 ? "the query is not percent-encoded text" : "the query is empty";
	else if (!parse_limit(query))
		problem = "limit is not N or LO,HI";
	else if (!parse_timeout(query))
		problem = "Statement-Timeout is not a number of milliseconds";
	for (int i = 0; i < len && problem == NULL;)
	{
		size_t		n = web_utf8_len(query->sql + i, (size_t) (len - i));

		if (n == 0)
			problem = "the query is not UTF-8";
		i += (int) n;
	}
	query->counts_all = flag(query->request, "count");
	query->has_no_columns = flag(query->request, "nm");
	query->has_timings = flag(query->request, "timings");
	query->has_plan = flag(query->request, "explain");
	query->quotes_large = flag(query->request, "quoteLargeNum");
	if (problem != NULL)
		web_query_error(query->reply, query->sql, problem, 0, 400);
	return problem == NULL;
}

/*
 * The transaction the query runs in.  Its first query takes a snapshot, and
 * from then on nothing can make it writable.
 */
static bool
begin_transaction(struct query *query)
{
	static const char set[] =
		"SELECT pg_catalog.set_config('statement_timeout', $1, true)";
	const char *timeout = query->timeout;
	PGresult   *result;
	bool		is_good;

	if (!web_postgres_begin(query->pg, "BEGIN READ ONLY"))
	{
		web_query_error(query->reply, query->sql, query->pg->message, 0, 503);
		return false;
	}
	result = web_postgres_run(query->pg, set, &timeout, 1);
	is_good = PQresultStatus(result) == PGRES_TUPLES_OK;
	if (!is_good)
	{
		web_query_error(query->reply, query->sql, "the connection was lost", 0, 503);
		web_postgres_close(query->pg);
	}
	PQclear(result);
	return is_good;
}

static void
put_columns(struct query *query, const PGresult *result)
{
	query->has_columns = true;
	query->first_us = clock_monotonic_us();
	query->ncolumns = PQnfields(result);
	query->time_column = -1;
	for (int i = 0; i < query->ncolumns; i++)
	{
		const struct web_type *type = web_type_of(PQftype(result, i));
		const char *name = PQfname(result, i);

		query->forms[i] = type->form;
		if (type->form == WEB_TIMESTAMP && query->time_column < 0)
			query->time_column = i;
		if (query->has_no_columns)
			continue;
		if (i > 0)
			web_buffer_text(query->body, ",");
		if (query->is_csv)
			web_buffer_csv(query->body, name, strlen(name));
		else
		{
			web_buffer_text(query->body, "{\"name\":");
			web_buffer_json(query->body, name, strlen(name));
			web_buffer_print(query->body, ",\"type\":\"%s\"}", type->name);
		}
	}
}

static void
begin_rows(struct query *query, const PGresult *result)
{
	if (query->is_csv)
	{
		put_columns(query, result);
		if (!query->has_no_columns)
			web_buffer_text(query->body, "\r\n");
		return;
	}
	web_buffer_text(query->body, "{\"query\":");
	web_buffer_json(query->body, query->sql, strlen(query->sql));
	if (!query->has_no_columns)
		web_buffer_text(query->body, ",\"columns\":[");
	put_columns(query, result);
	if (!query->has_no_columns)
		web_buffer_text(query->body, "]");
	web_buffer_print(query->body, ",\"timestamp\":%d,\"dataset\":[",
					 query->time_column);
}

static void
put_row(struct query *query, const PGresult *result, int row)
{
	if (!query->is_csv)
		web_buffer_text(query->body, query->nshown > 0 ? ",[" : "[");
	for (int i = 0; i < query->ncolumns; i++)
	{
		const char *value = PQgetisnull(result, row, i) ? NULL :
			PQgetvalue(result, row, i);
		size_t		len = (size_t) PQgetlength(result, row, i);
		bool		is_quoted = query->forms[i] == WEB_LONG && query->quotes_large;

		if (i > 0)
			web_buffer_text(query->body, ",");
		if (query->is_csv)
			web_value_csv(query->body, query->forms[i], value, len);
		else
			web_value_json(query->body, is_quoted ? WEB_STRING : query->forms[i],
						   value, len);
	}
	web_buffer_text(query->body, query->is_csv ? "\r\n" : "]");
	query->nshown++;
}

/* The rows of one result; false: no more of them are wanted. */
static bool
put_rows(struct query *query, const PGresult *result)
{
	if (!query->has_columns)
		begin_rows(query, result);
	for (int row = 0; row < PQntuples(result); row++)
	{
		query->nrows++;
		if (query->nrows < query->low || query->nrows > query->high)
			continue;
		put_row(query, result, row);
		if (!http_reply_flow(query->reply))
		{
			query->has_failed = true;
			return false;
		}
	}
	return query->nrows < query->high || query->counts_all;
}

/* One result; false: the query is over. */
static bool
take_result(struct query *query, const PGresult *result)
{
	switch (PQresultStatus(result))
	{
		case PGRES_SINGLE_TUPLE:
		case PGRES_TUPLES_OK:
			return put_rows(query, result);
		case PGRES_COMMAND_OK:
			if (!query->is_csv)
				web_buffer_text(query->body, "{\"ddl\":\"OK\"}\n");
			query->has_failed = true;
			return false;
		case PGRES_COPY_IN:
		case PGRES_COPY_OUT:
		case PGRES_COPY_BOTH:
			web_query_error(query->reply, query->sql, "COPY is not supported here",
							0, 400);
			web_postgres_close(query->pg);
			query->has_failed = true;
			return false;
		default:
			web_postgres_error(query->pg, result, query->sql, query->reply);
			query->has_failed = true;
			return false;
	}
}

static void
put_plan(struct query *query)
{
	static const char prefix[] = "EXPLAIN (FORMAT JSON) ";
	struct web_buffer sql = {.max = HTTP_MAX_HEAD + sizeof(prefix)};
	PGresult   *result;

	web_buffer_text(&sql, prefix);
	web_buffer_put(&sql, query->sql, strlen(query->sql) + 1);
	result = sql.has_failed ? NULL : web_postgres_run(query->pg, sql.bytes, NULL, 0);
	web_buffer_text(query->body, ",\"explain\":");
	web_buffer_text(query->body, PQresultStatus(result) == PGRES_TUPLES_OK ?
					PQgetvalue(result, 0, 0) : "null");
	PQclear(result);
	web_buffer_free(&sql);
}

static void
end_rows(struct query *query)
{
	int64_t		end_us = clock_monotonic_us();

	if (query->is_csv)
		return;
	web_buffer_print(query->body, "],\"count\":%" PRId64,
					 query->counts_all ? query->nrows : query->nshown);
	if (query->has_timings)
		web_buffer_print(query->body, ",\"timings\":{\"compiler\":%" PRId64
						 ",\"execute\":%" PRId64 ",\"count\":0}",
						 (query->first_us - query->begin_us) * 1000,
						 (end_us - query->begin_us) * 1000);
	if (query->has_plan)
		put_plan(query);
	web_buffer_text(query->body, "}\n");
}

static void
run_query(struct query *query)
{
	PGconn	   *conn = query->pg->conn;
	PGresult   *result;
	bool		goes_on = true;

	query->begin_us = clock_monotonic_us();
	if (!PQsendQueryParams(conn, query->sql, 0, NULL, NULL, NULL, NULL, 0) ||
		!PQsetSingleRowMode(conn))
	{
		web_postgres_error(query->pg, NULL, query->sql, query->reply);
		web_postgres_close(query->pg);
		return;
	}
	http_reply_begin(query->reply, 200, query->is_csv ? "text/csv; charset=utf-8" :
					 "application/json; charset=utf-8");
	while (goes_on &&
		   (result = web_postgres_result(query->pg, query->reply)) != NULL)
	{
		goes_on = take_result(query, result);
		PQclear(result);
	}
	if (!goes_on)
		web_postgres_cancel(query->pg);
	if (query->has_failed)
		return;
	if (goes_on && http_reply_is_gone(query->reply))
		http_reply_abort(query->reply);
	else if (query->has_columns)
		end_rows(query);
	else
		web_query_error(query->reply, query->sql, "the connection was lost", 0, 503);
}

static void
answer(struct query *query)
{
	query->body = http_reply_body(query->reply);
	if (parse_query(query) && begin_transaction(query))
	{
		run_query(query);
		web_postgres_reset(query->pg);
	}
	free(query->sql);
}

void
web_query_exec(struct web_postgres *pg, const struct http_request *request,
			   struct http_reply *reply)
{
	struct query query = {.pg = pg, .request = request, .reply = reply};

	answer(&query);
}

void
web_query_export(struct web_postgres *pg, const struct http_request *request,
				 struct http_reply *reply)
{
	struct query query = {
		.pg = pg, .request = request, .reply = reply, .is_csv = true
	};

	answer(&query);
}
