/*-------------------------------------------------------------------------
 *
 * The HTTP interface: routes, and what each worker has.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "metrics.h"
#include "web.h"
#include "web_import.h"
#include "web_query.h"

#define IO_TIMEOUT_MS	30000
#define MAX_ROUTES		5

struct web
{
	struct web_options options;
	struct http_server *server;
	struct http_route routes[MAX_ROUTES];
	int			nroutes;
	struct status status;		/* of the server's thread */
	struct web_postgres *readers;	/* [nworkers] */
	struct web_postgres *writers;	/* [nworkers] */
};

static void
fill_status(struct web *web)
{
	memset(&web->status, 0, sizeof(web->status));
	web->options.fill(web->options.fill_arg, &web->status);
}

static void
put_counts(struct web *web, struct web_buffer *to)
{
	struct http_server *server = __atomic_load_n(&web->server, __ATOMIC_ACQUIRE);
	const char *paths[MAX_ROUTES];
	struct http_counts counts;

	if (server == NULL)			/* it has begun to answer before web_open has it */
		return;
	counts = http_server_counts(server);
	for (int i = 0; i < web->nroutes; i++)
		paths[i] = web->routes[i].path;
	http_counts_metrics(&counts, paths, web->nroutes, to);
}

static void
answer_metrics(void *arg, int worker, const struct http_request *request,
			   struct http_reply *reply)
{
	struct web *web = arg;

	(void) worker;
	(void) request;
	fill_status(web);
	http_reply_begin(reply, 200, METRICS_CONTENT_TYPE);
	metrics_print(&web->status, http_reply_body(reply));
	put_counts(web, http_reply_body(reply));
}

static void
answer_health(void *arg, int worker, const struct http_request *request,
			  struct http_reply *reply)
{
	struct web *web = arg;

	(void) worker;
	(void) request;
	fill_status(web);
	http_reply_begin(reply, web->status.nproblems == 0 ? 200 : 503,
					 "application/json; charset=utf-8");
	status_print_health(&web->status, http_reply_body(reply));
}

static void
answer_exec(void *arg, int worker, const struct http_request *request,
			struct http_reply *reply)
{
	struct web *web = arg;

	web_query_exec(&web->readers[worker], request, reply);
}

static void
answer_export(void *arg, int worker, const struct http_request *request,
			  struct http_reply *reply)
{
	struct web *web = arg;

	web_query_export(&web->readers[worker], request, reply);
}

static void
answer_import(void *arg, int worker, const struct http_request *request,
			  struct http_reply *reply)
{
	struct web *web = arg;

	web_import(&web->writers[worker], request, reply);
}

static int
make_routes(struct web *web)
{
	struct http_route *routes = web->routes;
	int			n = 0;

	routes[n++] = (struct http_route) {
		HTTP_GET, "/metrics", HTTP_READS, true, answer_metrics, web
	};
	routes[n++] = (struct http_route) {
		HTTP_GET, "/health", HTTP_OPEN, true, answer_health, web
	};
	if (web->options.query_conninfo != NULL)
	{
		routes[n++] = (struct http_route) {
			HTTP_GET, "/exec", HTTP_READS, false, answer_exec, web
		};
		routes[n++] = (struct http_route) {
			HTTP_GET, "/exp", HTTP_READS, false, answer_export, web
		};
	}
	if (web->options.import_conninfo != NULL)
		routes[n++] = (struct http_route) {
			HTTP_POST, "/imp", HTTP_WRITES, false, answer_import, web
		};
	return n;
}

static void
set_defaults(struct web_options *options)
{
	if (options->nworkers <= 0)
		options->nworkers = 4;
	if (options->nworkers > HTTP_MAX_WORKERS)
		options->nworkers = HTTP_MAX_WORKERS;
	if (options->max_connections <= 0)
		options->max_connections = 64;
	if (options->max_timeout_ms <= 0)
		options->max_timeout_ms = 60000;
	if (options->max_body == 0)
		options->max_body = 64 * 1024 * 1024;
}

struct web *
web_open(const struct web_options *given)
{
	struct web *web = calloc(1, sizeof(*web));
	struct web_options *options = &web->options;
	struct http_options http = {
		.io_timeout_ms = IO_TIMEOUT_MS
	};

	if (web == NULL)
		fatalx("out of memory");
	*options = *given;
	set_defaults(options);
	web->readers = calloc((size_t) options->nworkers, sizeof(struct web_postgres));
	web->writers = calloc((size_t) options->nworkers, sizeof(struct web_postgres));
	if (web->readers == NULL || web->writers == NULL)
		fatalx("out of memory");
	for (int i = 0; i < options->nworkers; i++)
	{
		web->readers[i].conninfo = options->query_conninfo;
		web->readers[i].role = options->query_role;
		web->readers[i].is_reader = true;
		web->readers[i].max_timeout_ms = options->max_timeout_ms;
		web->writers[i].conninfo = options->import_conninfo;
	}
	http.listen = options->listen;
	http.read_token = options->read_token;
	http.write_token = options->write_token;
	http.routes = web->routes;
	http.nroutes = web->nroutes = make_routes(web);
	http.nworkers = options->nworkers;
	http.max_connections = options->max_connections;
	http.max_body = options->max_body;
	__atomic_store_n(&web->server, http_server_open(&http), __ATOMIC_RELEASE);
	if (web->server == NULL)
	{
		web_close(web);
		return NULL;
	}
	return web;
}

void
web_close(struct web *web)
{
	if (web->server != NULL)
		http_server_close(web->server);
	for (int i = 0; i < web->options.nworkers; i++)
	{
		web_postgres_close(&web->readers[i]);
		web_postgres_close(&web->writers[i]);
	}
	free(web->readers);
	free(web->writers);
	free(web);
}

int
web_port(const struct web *web)
{
	return http_server_port(web->server);
}
