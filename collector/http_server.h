/*-------------------------------------------------------------------------
 *
 * A small HTTP/1.1 server (RFC 9110, 9112), with threads of its own.
 *
 * One thread accepts connections, reads whole requests and answers the quick
 * ones; nworkers threads answer those that may take long, and write what they
 * answer while they make it.  A request waits until a worker is free.
 *
 * Memory: max_connections * (64 kB of head + 64 kB of answer), and max_body
 * bytes for the bodies of all connections together.  A head, a body and each
 * 64 kB of an answer have io_timeout_ms to arrive; so long a connection may
 * be idle, too.
 *
 * Tokens are compared in a time that does not depend on where they differ.
 * Without a read token, reading is open to all who reach the address; that
 * is accepted on loopback only, and only for requests whose Host is
 * "localhost" or an address, so that no web page can send its visitor's
 * browser here under another name.  Without a write token nobody writes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_HTTP_SERVER_H
#define COLLECTOR_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "http_counts.h"
#include "http_parse.h"
#include "web_buffer.h"

#define HTTP_MAX_WORKERS	64

struct http_reply;

enum http_access
{
	HTTP_OPEN,					/* no token */
	HTTP_READS,
	HTTP_WRITES
};

/*
 * Answer a request, by the functions below.  worker is -1 for a quick route,
 * else 0 .. nworkers - 1, and not in use by another thread meanwhile.
 */
typedef void (*http_answer) (void *arg, int worker,
							 const struct http_request *request,
							 struct http_reply *reply);

struct http_route
{
	enum http_method method;	/* GET answers HEAD, too */
	const char *path;
	enum http_access access;
	bool		is_quick;		/* never waits; runs in the server's thread */
	http_answer answer;
	void	   *arg;
};

struct http_options
{
	const char *listen;			/* "host:port", "[host]:port", ":port" is loopback */
	const char *read_token;		/* or NULL */
	const char *write_token;	/* or NULL */
	const struct http_route *routes;	/* [nroutes], stay; at most HTTP_MAX_ROUTES */
	int			nroutes;
	int			nworkers;		/* 1 .. HTTP_MAX_WORKERS */
	int			max_connections;
	size_t		max_body;
	int			io_timeout_ms;
};

struct http_server;

/*
 * Listen and start the threads.  The options' strings stay as long as the
 * server.  Returns NULL after a message.
 */
extern struct http_server *http_server_open(const struct http_options *options);

/* Ends the requests under way, and waits for the threads. */
extern void http_server_close(struct http_server *server);

/* In any thread. */
extern struct http_counts http_server_counts(struct http_server *server);

/* The port it listens on. */
extern int	http_server_port(const struct http_server *server);

/* Begin the answer; what was put before, and is not on its way, is gone. */
extern void http_reply_begin(struct http_reply *reply, int status,
							 const char *content_type);

/*
 * The body.  After putting to it, http_reply_flow sends what has become long
 * enough, if it runs in a worker; false: nobody is there any more.
 */
extern struct web_buffer *http_reply_body(struct http_reply *reply);
extern bool http_reply_flow(struct http_reply *reply);

/* Has a part of the answer left?  Then the status cannot change. */
extern bool http_reply_has_left(const struct http_reply *reply);

/* The answer is cut off, so that the client sees that it is not complete. */
extern void http_reply_abort(struct http_reply *reply);

/*
 * For waiting elsewhere: the client's socket, which becomes readable when
 * the client goes away; and whether it has gone or the server ends.
 */
extern int	http_reply_socket(const struct http_reply *reply);
extern bool http_reply_is_gone(const struct http_reply *reply);

#endif
