/*-------------------------------------------------------------------------
 *
 * The HTTP server: connections, routes and workers.
 *
 * A connection belongs to the loop's thread except while its state is WORKING:
 * then it is in the list of waiting requests, with a worker, or in the list
 * of answered ones.  The lock guards both lists and the counts; an eventfd
 * wakes the loop when there is something in the second list.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "http_reply.h"
#include "log.h"
#include "tcp_listen.h"

#define READ_BYTES	(64 * 1024)

enum connection_state
{
	READING_HEAD,
	READING_BODY,
	WORKING,
	WRITING,
	CLOSED
};

struct connection
{
	struct http_server *server;
	struct connection *next;	/* in a list of requests */
	enum connection_state state;
	int64_t		due_us;			/* when it has been silent for too long */
	char	   *head;			/* [HTTP_MAX_HEAD] */
	size_t		head_len;		/* bytes in it, of which */
	size_t		used;			/* so many are this request's */
	struct web_buffer body;
	size_t		out_pos;
	struct web_buffer out;
	struct http_chunks chunks;
	struct http_request request;
	const struct http_route *route;
	struct http_reply reply;
};

struct http_server
{
	struct http_options options;
	int			fd;
	int			wake_fd;
	atomic_bool stops;
	pthread_t	loop;
	pthread_t	workers[HTTP_MAX_WORKERS];
	int			nworkers;		/* started */
	bool		has_loop;
	struct connection *connections; /* [max_connections] */
	struct pollfd *fds;			/* [2 + max_connections] */
	size_t		body_bytes;		/* of all connections */
	char	   *read_buffer;	/* [READ_BYTES] */

	pthread_mutex_t lock;
	pthread_cond_t has_waiting;
	struct connection *waiting;
	struct connection **waiting_end;
	struct connection *answered;
	struct http_counts counts;
};

static void
count(struct http_server *server, uint64_t *counter)
{
	pthread_mutex_lock(&server->lock);
	(*counter)++;
	pthread_mutex_unlock(&server->lock);
}

static void
set_due(struct connection *c)
{
	c->due_us = clock_monotonic_us() +
		c->server->options.io_timeout_ms * INT64_C(1000);
}

static void
drop_body(struct connection *c)
{
	c->server->body_bytes -= c->body.room;
	web_buffer_free(&c->body);
	web_buffer_clear(&c->body);
}

static void
close_connection(struct connection *c)
{
	close(c->reply.fd);
	drop_body(c);
	free(c->head);
	web_buffer_free(&c->reply.body);
	web_buffer_free(&c->out);
	memset(c, 0, sizeof(*c));
	c->state = CLOSED;
}

static void
count_answer(struct connection *c)
{
	struct http_server *server = c->server;
	int			route = c->route == NULL ? -1 : (int) (c->route - server->options.routes);

	pthread_mutex_lock(&server->lock);
	http_count_answer(&server->counts, route,
					  c->reply.has_failed ? HTTP_ABORTED : c->reply.status);
	pthread_mutex_unlock(&server->lock);
}

static void
begin_writing(struct connection *c)
{
	web_buffer_clear(&c->out);
	c->out_pos = 0;
	http_reply_finish(&c->reply, &c->out);
	if (c->out.has_failed)
		c->reply.has_failed = true;
	count_answer(c);
	c->state = WRITING;
	set_due(c);
}

/* Answer at once that something is wrong, and hang up. */
static void
refuse(struct connection *c, int status, const char *message)
{
	struct http_counts *counts = &c->server->counts;

	count(c->server, status == 401 || status == 403 ?
		  &counts->denied : &counts->bad_requests);
	http_reply_reset(&c->reply, &c->request);
	c->reply.keeps_alive = false;
	http_reply_error(&c->reply, status, message);
	begin_writing(c);
}

static bool
is_token(struct http_text header, const char *token)
{
	static const char scheme[] = "Bearer ";
	size_t		len = token == NULL ? 0 : strlen(token);
	unsigned	difference = 0;

	if (len == 0 || header.len <= sizeof(scheme) - 1 ||
		strncasecmp(header.bytes, scheme, sizeof(scheme) - 1) != 0)
		return false;
	header.bytes += sizeof(scheme) - 1;
	header.len -= sizeof(scheme) - 1;
	difference = header.len != len;
	for (size_t i = 0; i < header.len; i++)
		difference |= (unsigned) (header.bytes[i] ^ token[i % len]);
	return difference == 0;
}

/* 0, or the status of the refusal. */
static int
check_access(const struct http_options *options, enum http_access access,
			 const struct http_request *request)
{
	bool		may_write = is_token(request->authorization, options->write_token);
	bool		may_read = may_write ||
		is_token(request->authorization, options->read_token);

	if (options->read_token == NULL && !http_host_is_local(request->host))
		return 403;
	if (access == HTTP_OPEN)
		return 0;
	if (access == HTTP_WRITES)
		return may_write ? 0 : options->write_token == NULL || may_read ? 403 : 401;
	return may_read || options->read_token == NULL ? 0 : 401;
}

static const struct http_route *
find_route(const struct http_options *options, const struct http_request *request,
		   int *status)
{
	enum http_method method = request->method == HTTP_HEAD ? HTTP_GET : request->method;

	*status = 404;
	for (int i = 0; i < options->nroutes; i++)
	{
		const struct http_route *route = &options->routes[i];

		if (strlen(route->path) != request->path.len ||
			memcmp(route->path, request->path.bytes, request->path.len) != 0)
			continue;
		if (route->method == method)
			return route;
		*status = 405;
	}
	return NULL;
}

/* The request is complete. */
static void
begin_answer(struct connection *c)
{
	struct http_server *server = c->server;

	count(server, &server->counts.requests);
	http_reply_reset(&c->reply, &c->request);
	c->request.body = (struct http_text) {c->body.bytes, c->body.len};
	if (c->route->is_quick)
	{
		c->reply.flows = false;
		c->route->answer(c->route->arg, -1, &c->request, &c->reply);
		begin_writing(c);
		return;
	}
	c->reply.flows = true;
	c->state = WORKING;
	pthread_mutex_lock(&server->lock);
	c->next = NULL;
	*server->waiting_end = c;
	server->waiting_end = &c->next;
	pthread_cond_signal(&server->has_waiting);
	pthread_mutex_unlock(&server->lock);
}

static bool
add_body(struct connection *c, const char *bytes, size_t len)
{
	size_t		before = c->body.room;
	size_t		others = c->server->body_bytes - before;

	c->body.max = c->server->options.max_body > others ?
		c->server->options.max_body - others : 0;
	web_buffer_put(&c->body, bytes, len);
	c->server->body_bytes += c->body.room - before;
	return !c->body.has_failed;
}

/* Bytes that follow the head; returns how many of them are this request's. */
static size_t
take_body(struct connection *c, char *bytes, size_t len)
{
	enum http_parsed parsed = HTTP_GOOD;
	size_t		nused = len;
	size_t		nbody = len;

	if (c->request.is_chunked)
		parsed = http_dechunk(&c->chunks, bytes, len, &nused, &nbody);
	else if (c->request.content_length - c->body.len > len)
		parsed = HTTP_MORE;
	else
		nused = nbody = (size_t) c->request.content_length - c->body.len;
	if (parsed == HTTP_BAD)
		refuse(c, 400, "the chunks of the body are damaged");
	else if (!add_body(c, bytes, nbody))
		refuse(c, 413, "the body is too long");
	else if (parsed == HTTP_GOOD)
		begin_answer(c);
	return nused;
}

static void
say_continue(struct connection *c)
{
	static const char line[] = "HTTP/1.1 100 Continue\r\n\r\n";

	/* an empty socket buffer takes these few bytes */
	if (send(c->reply.fd, line, sizeof(line) - 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		c->reply.has_failed = true;
}

static void
accept_head(struct connection *c)
{
	const struct http_options *options = &c->server->options;
	int			status;

	c->route = find_route(options, &c->request, &status);
	if (c->route == NULL)
	{
		refuse(c, status, status == 404 ? "there is nothing under this path" :
			   "the path has no such method");
		return;
	}
	status = check_access(options, c->route->access, &c->request);
	if (status != 0)
	{
		refuse(c, status, status == 401 ? "a token is required" :
			   "the request is not permitted");
		return;
	}
	if (c->request.content_length > options->max_body)
	{
		refuse(c, 413, "the body is too long");
		return;
	}
	memset(&c->chunks, 0, sizeof(c->chunks));
	drop_body(c);
	c->state = READING_BODY;
	set_due(c);
	if (c->request.expects_continue && c->head_len == c->used)
		say_continue(c);
	if (c->head_len > c->used || !(c->request.is_chunked || c->request.content_length > 0))
		c->used += take_body(c, c->head + c->used, c->head_len - c->used);
}

static void
try_head(struct connection *c)
{
	switch (http_parse_head(c->head, c->head_len, &c->request, &c->used))
	{
		case HTTP_MORE:
			break;
		case HTTP_BAD:
			memset(&c->request, 0, sizeof(c->request));
			if (c->head_len >= HTTP_MAX_HEAD)
				refuse(c, 431, "the head is too long");
			else
				refuse(c, 400, "not a request");
			break;
		case HTTP_GOOD:
			accept_head(c);
			break;
	}
}

static void
on_readable(struct connection *c)
{
	bool		in_head = c->state == READING_HEAD;
	char	   *to = in_head ? c->head + c->head_len : c->server->read_buffer;
	size_t		room = in_head ? HTTP_MAX_HEAD - c->head_len : READ_BYTES;
	ssize_t		n;

	if (!in_head && !c->request.is_chunked &&
		c->request.content_length - c->body.len < room)
		room = (size_t) c->request.content_length - c->body.len;
	n = recv(c->reply.fd, to, room, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
	{
		close_connection(c);
		return;
	}
	if (in_head)
	{
		if (c->head_len == 0)
			set_due(c);
		c->head_len += (size_t) n;
		try_head(c);
	}
	/* what follows a chunked body has no place to wait */
	else if (take_body(c, to, (size_t) n) < (size_t) n)
		c->request.keeps_alive = c->reply.keeps_alive = false;
}

/* The answer is out: close, or go on with the next request. */
static void
end_answer(struct connection *c)
{
	if (!c->reply.keeps_alive || c->reply.has_failed)
	{
		shutdown(c->reply.fd, SHUT_WR);
		close_connection(c);
		return;
	}
	c->route = NULL;
	drop_body(c);
	web_buffer_free(&c->reply.body);
	memmove(c->head, c->head + c->used, c->head_len - c->used);
	c->head_len -= c->used;
	c->used = 0;
	c->state = READING_HEAD;
	set_due(c);
	if (c->head_len > 0)
		try_head(c);
}

static void
on_writable(struct connection *c)
{
	ssize_t		n = 0;

	if (c->out_pos < c->out.len && !c->reply.has_failed)
		n = send(c->reply.fd, c->out.bytes + c->out_pos, c->out.len - c->out_pos,
				 MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		c->reply.has_failed = true;
	else if (n > 0)
	{
		c->out_pos += (size_t) n;
		set_due(c);
	}
	if (c->out_pos == c->out.len || c->reply.has_failed)
		end_answer(c);
}

static void
accept_connection(struct http_server *server)
{
	int			fd = accept4(server->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct connection *c = server->connections;
	struct connection *end = c + server->options.max_connections;

	if (fd < 0)
		return;
	while (c < end && c->state != CLOSED)
		c++;
	if (c == end || (c->head = malloc(HTTP_MAX_HEAD)) == NULL)
	{
		count(server, &server->counts.connections_refused);
		close(fd);
		return;
	}
	count(server, &server->counts.connections);
	c->server = server;
	c->state = READING_HEAD;
	c->reply.fd = fd;
	c->reply.timeout_ms = server->options.io_timeout_ms;
	c->reply.stops = &server->stops;
	c->reply.body.max = HTTP_REPLY_MAX;
	c->out.max = SIZE_MAX / 2;
	set_due(c);
}

/* Those that workers have answered are the loop's again. */
static void
take_answered(struct http_server *server)
{
	uint64_t	n;
	struct connection *c;

	if (read(server->wake_fd, &n, sizeof(n)) < 0)
		return;
	pthread_mutex_lock(&server->lock);
	c = server->answered;
	server->answered = NULL;
	pthread_mutex_unlock(&server->lock);
	while (c != NULL)
	{
		struct connection *next = c->next;

		c->state = WRITING;
		c->out_pos = c->out.len;
		end_answer(c);
		c = next;
	}
}

static void
serve_connection(struct connection *c, short revents, int64_t now_us)
{
	if (c->state == CLOSED || c->state == WORKING)
		return;
	if (c->state == WRITING)
	{
		if (revents != 0)
			on_writable(c);
	}
	else if (revents != 0)
		on_readable(c);
	if (c->state == CLOSED || c->state == WORKING || now_us < c->due_us)
		return;
	if (c->state != WRITING && c->head_len > 0)
		refuse(c, 408, "the request took too long");
	else
		close_connection(c);
}

static void *
run_loop(void *arg)
{
	struct http_server *server = arg;
	int			max = server->options.max_connections;

	while (!atomic_load(&server->stops))
	{
		server->fds[0] = (struct pollfd) {.fd = server->fd, .events = POLLIN};
		server->fds[1] = (struct pollfd) {.fd = server->wake_fd, .events = POLLIN};
		for (int i = 0; i < max; i++)
		{
			struct connection *c = &server->connections[i];

			server->fds[2 + i] = (struct pollfd) {
				.fd = c->state == CLOSED || c->state == WORKING ? -1 : c->reply.fd,
				.events = c->state == WRITING ? POLLOUT : POLLIN
			};
		}
		if (poll(server->fds, (nfds_t) max + 2, 1000) < 0 && errno != EINTR)
			break;
		for (int i = 0; i < max; i++)
			serve_connection(&server->connections[i], server->fds[2 + i].revents,
							 clock_monotonic_us());
		if (server->fds[1].revents != 0)
			take_answered(server);
		if (server->fds[0].revents != 0)
			accept_connection(server);
	}
	return NULL;
}

static struct connection *
next_waiting(struct http_server *server)
{
	struct connection *c;

	pthread_mutex_lock(&server->lock);
	while (server->waiting == NULL && !atomic_load(&server->stops))
		pthread_cond_wait(&server->has_waiting, &server->lock);
	c = atomic_load(&server->stops) ? NULL : server->waiting;
	if (c != NULL)
	{
		server->waiting = c->next;
		if (c->next == NULL)
			server->waiting_end = &server->waiting;
	}
	pthread_mutex_unlock(&server->lock);
	return c;
}

struct worker
{
	struct http_server *server;
	int			number;
};

static void *
run_worker(void *arg)
{
	struct worker worker = *(struct worker *) arg;
	struct http_server *server = worker.server;
	struct connection *c;

	free(arg);
	while ((c = next_waiting(server)) != NULL)
	{
		uint64_t	one = 1;

		if (!http_reply_is_gone(&c->reply))
			c->route->answer(c->route->arg, worker.number, &c->request, &c->reply);
		web_buffer_clear(&c->out);
		http_reply_finish(&c->reply, &c->out);
		if (c->out.has_failed)
			c->reply.has_failed = true;
		(void) http_reply_send(&c->reply, &c->out);
		count_answer(c);
		web_buffer_free(&c->out);
		pthread_mutex_lock(&server->lock);
		c->next = server->answered;
		server->answered = c;
		pthread_mutex_unlock(&server->lock);
		if (write(server->wake_fd, &one, sizeof(one)) < 0)
			log_warn("could not wake the HTTP server");
	}
	return NULL;
}

static bool
start_threads(struct http_server *server)
{
	if (pthread_create(&server->loop, NULL, run_loop, server) != 0)
		return false;
	server->has_loop = true;
	while (server->nworkers < server->options.nworkers)
	{
		struct worker *worker = malloc(sizeof(*worker));

		if (worker == NULL)
			return false;
		*worker = (struct worker) {server, server->nworkers};
		if (pthread_create(&server->workers[server->nworkers], NULL, run_worker,
						   worker) != 0)
		{
			free(worker);
			return false;
		}
		server->nworkers++;
	}
	return true;
}

struct http_server *
http_server_open(const struct http_options *options)
{
	struct http_server *server = calloc(1, sizeof(*server));
	size_t		max = (size_t) options->max_connections;

	if (server == NULL)
		fatalx("out of memory");
	server->options = *options;
	if (server->options.nworkers > HTTP_MAX_WORKERS)
		server->options.nworkers = HTTP_MAX_WORKERS;
	server->waiting_end = &server->waiting;
	pthread_mutex_init(&server->lock, NULL);
	pthread_cond_init(&server->has_waiting, NULL);
	server->wake_fd = -1;
	server->fd = tcp_listen(options->listen, options->read_token != NULL);
	if (server->fd < 0)
	{
		http_server_close(server);
		return NULL;
	}
	server->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	server->connections = calloc(max, sizeof(struct connection));
	server->fds = calloc(max + 2, sizeof(struct pollfd));
	server->read_buffer = malloc(READ_BYTES);
	if (server->connections == NULL || server->fds == NULL ||
		server->read_buffer == NULL || server->wake_fd < 0)
		fatalx("out of memory for the HTTP server");
	for (size_t i = 0; i < max; i++)
		server->connections[i].state = CLOSED;
	if (!start_threads(server))
	{
		log_warnx("could not start the threads of the HTTP server");
		http_server_close(server);
		return NULL;
	}
	return server;
}

void
http_server_close(struct http_server *server)
{
	pthread_mutex_lock(&server->lock);
	atomic_store(&server->stops, true);
	pthread_cond_broadcast(&server->has_waiting);
	pthread_mutex_unlock(&server->lock);
	for (int i = 0; i < server->nworkers; i++)
		pthread_join(server->workers[i], NULL);
	if (server->has_loop)
		pthread_join(server->loop, NULL);
	for (int i = 0; server->connections != NULL &&
		 i < server->options.max_connections; i++)
	{
		if (server->connections[i].state != CLOSED)
			close_connection(&server->connections[i]);
	}
	if (server->fd >= 0)
		close(server->fd);
	if (server->wake_fd >= 0)
		close(server->wake_fd);
	pthread_mutex_destroy(&server->lock);
	pthread_cond_destroy(&server->has_waiting);
	free(server->connections);
	free(server->fds);
	free(server->read_buffer);
	free(server);
}

struct http_counts
http_server_counts(struct http_server *server)
{
	struct http_counts counts;

	pthread_mutex_lock(&server->lock);
	counts = server->counts;
	pthread_mutex_unlock(&server->lock);
	return counts;
}

int
http_server_port(const struct http_server *server)
{
	return tcp_port_of(server->fd);
}
