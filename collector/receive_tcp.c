/*-------------------------------------------------------------------------
 *
 * Receiving IPFIX over TCP: RFC 7011, 10.3 and 10.4.
 *
 * Messages follow each other without anything between.  A connection that
 * sends anything else is closed: there is no place to go on from.
 *
 * While the spool has no room nothing is read, so the kernel tells the exporter
 * to wait.  Rules that change are applied to connections within a second.
 *
 *-------------------------------------------------------------------------
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "ipfix_stream.h"
#include "receive_socket.h"

#define ROOM_MS			10
#define TICK_MS			1000

struct connection
{
	struct receive_socket *socket;	/* that it came by */
	int			fd;
	struct spool_source source;
	int64_t		active_us;		/* monotonic */
	struct ipfix_stream stream;
};

struct tcp_thread
{
	struct receiver *receiver;
	struct counters *counters;
	uint64_t	rules;			/* version by which the connections may be here */
	int			nconnections;
	struct connection *connections[RECEIVE_MAX_CONNECTIONS];
	struct spool_burst burst;
	struct pollfd fds[1 + RECEIVE_MAX_SOCKETS + RECEIVE_MAX_CONNECTIONS];
};

static void
close_connection(struct tcp_thread *thread, int i)
{
	struct connection *connection = thread->connections[i];

	counter_add(&thread->counters->tcp_bytes_cut, ipfix_stream_left(&connection->stream));
	close(connection->fd);
	free(connection);
	thread->connections[i] = thread->connections[--thread->nconnections];
}

static void
log_malformed(struct connection *connection)
{
	char		text[INET6_ADDRSTRLEN] = "?";

	if (!log_allowed(&connection->socket->error_limit, clock_monotonic_us()))
		return;
	(void) inet_ntop(connection->source.addr.family == FLOW_FAMILY_IP4 ?
					 AF_INET : AF_INET6, connection->source.addr.bytes, text,
					 sizeof(text));
	log_warnx("closed a connection of exporter %s to %s: it sent no IPFIX message",
			  text, connection->socket->name);
}

static void
add_connection(struct tcp_thread *thread, struct receive_socket *socket, int fd,
			   const struct sockaddr_storage *peer)
{
	struct admit *admit = thread->receiver->options.admit;
	struct flow_addr addr = input_socket_addr(peer);
	struct connection *connection;

	if (thread->nconnections >= thread->receiver->options.max_connections ||
		(admit != NULL && !admit_connection(admit, &addr, clock_monotonic_us())) ||
		(connection = malloc(sizeof(*connection))) == NULL)
	{
		counter_add(&thread->counters->tcp_connections_refused, 1);
		close(fd);
		return;
	}
	counter_add(&thread->counters->tcp_connections, 1);
	connection->socket = socket;
	connection->fd = fd;
	connection->source = (struct spool_source) {
		.addr = addr,
		.flags = SPOOL_IS_TCP,
		.port = input_socket_port(peer),
		.local_port = socket->port
	};
	connection->active_us = clock_monotonic_us();
	connection->stream.begin = connection->stream.end = 0;
	thread->connections[thread->nconnections++] = connection;
}

static void
accept_all(struct tcp_thread *thread, struct receive_socket *socket)
{
	for (int i = 0; i < RECEIVE_MAX_CONNECTIONS; i++)
	{
		struct sockaddr_storage peer = {0};
		socklen_t	len = sizeof(peer);
		int			fd = accept4(socket->fd, (struct sockaddr *) &peer, &len,
								 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0)
			add_connection(thread, socket, fd, &peer);
		else
		{
			if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
				counter_add(&thread->counters->receive_errors, 1);
			return;
		}
	}
}

/*
 * Add whole messages to the burst until it is full.  Returns false if there is
 * something that is none.
 */
static bool
take_messages(struct tcp_thread *thread, struct connection *connection)
{
	const uint8_t *message;
	int			len;

	while ((len = ipfix_stream_look(&connection->stream, &message)) > 0)
	{
		struct spool_record record = {
			.type = SPOOL_DATAGRAM,
			.source = connection->source,
			.bytes = message,
			.len = (size_t) len
		};

		record.source.received_us = clock_realtime_us();
		if (!spool_burst_add(&thread->burst, &record))
			break;
		(void) ipfix_stream_next(&connection->stream, &message);
		counter_add(&thread->counters->tcp_messages, 1);
		receive_count(connection->socket, 1, (uint64_t) len);
	}
	return len >= 0;
}

/* Is the next message whole, and only the burst was full? */
static bool
has_message(const struct connection *connection)
{
	const uint8_t *message;

	return ipfix_stream_look(&connection->stream, &message) > 0;
}

static bool
append(struct tcp_thread *thread)
{
	return spool_try_append(thread->receiver->spool, &thread->burst);
}

enum feed
{
	FEED_MORE,					/* there may be more */
	FEED_WAIT,					/* nothing now, or no room */
	FEED_END					/* the connection is over */
};

/* Read once, and take what is whole. */
static enum feed
feed(struct tcp_thread *thread, struct connection *connection)
{
	size_t		room;
	uint8_t    *space = ipfix_stream_space(&connection->stream, &room);
	ssize_t		n;

	if (room == 0)
		return FEED_WAIT;
	n = recv(connection->fd, space, room, 0);
	if (n == 0)
		return FEED_END;
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? FEED_WAIT : FEED_END;
	connection->active_us = clock_monotonic_us();
	ipfix_stream_added(&connection->stream, (size_t) n);
	do
	{
		if (!take_messages(thread, connection))
		{
			counter_add(&thread->counters->tcp_malformed, 1);
			log_malformed(connection);
			return FEED_END;
		}
		if (!append(thread))
			return FEED_WAIT;
	} while (has_message(connection));
	return FEED_MORE;
}

/* A connection may have left messages when there was no room. */
static void
take_left(struct tcp_thread *thread)
{
	for (int i = 0; i < thread->nconnections; i++)
		while (has_message(thread->connections[i]))
			if (!take_messages(thread, thread->connections[i]) || !append(thread))
				return;
}

static void
close_idle(struct tcp_thread *thread)
{
	int64_t		now_us = clock_monotonic_us();

	for (int i = thread->nconnections - 1; i >= 0; i--)
		if (now_us - thread->connections[i]->active_us >
			thread->receiver->options.idle_us)
		{
			counter_add(&thread->counters->tcp_connections_idle, 1);
			close_connection(thread, i);
		}
}

/* Connections of exporters that rules refuse since they have changed. */
static void
close_refused(struct tcp_thread *thread)
{
	struct admit *admit = thread->receiver->options.admit;
	uint64_t	version = admit == NULL ? 0 : admit_version(admit);

	if (version == thread->rules)
		return;
	thread->rules = version;
	for (int i = thread->nconnections - 1; i >= 0; i--)
		if (!admit_connection(admit, &thread->connections[i]->source.addr,
							  clock_monotonic_us()))
		{
			counter_add(&thread->counters->tcp_connections_revoked, 1);
			close_connection(thread, i);
		}
}

/* Returns how many entries there are; listeners come first. */
static int
fill_fds(struct tcp_thread *thread, bool has_room)
{
	int			n = 0;

	thread->fds[n++] = (struct pollfd) {.fd = thread->receiver->stop,.events = POLLIN};
	for (int i = 0; i < thread->receiver->nsockets; i++)
		if (thread->receiver->sockets[i].is_tcp)
			thread->fds[n++] = (struct pollfd) {
			.fd = thread->receiver->sockets[i].fd,.events = POLLIN
		};
	for (int i = 0; i < thread->nconnections; i++)
		thread->fds[n++] = (struct pollfd) {
		.fd = has_room ? thread->connections[i]->fd : -1,.events = POLLIN
	};
	return n;
}

/* Serve the connections, whose entries begin at fds, from the last on. */
static void
serve(struct tcp_thread *thread, const struct pollfd *fds, int n)
{
	for (int i = n - 1; i >= 0; i--)
		if (fds[i].revents != 0 &&
			feed(thread, thread->connections[i]) == FEED_END)
			close_connection(thread, i);
}

static void
accept_ready(struct tcp_thread *thread)
{
	int			n = 1;

	for (int i = 0; i < thread->receiver->nsockets; i++)
		if (thread->receiver->sockets[i].is_tcp &&
			thread->fds[n++].revents != 0)
			accept_all(thread, &thread->receiver->sockets[i]);
}

/* What the kernel has taken already, for as long as there is room. */
static void
drain(struct tcp_thread *thread)
{
	int64_t		end_us = clock_monotonic_us() + RECEIVE_DRAIN_US;

	for (int i = thread->nconnections - 1; i >= 0; i--)
		while (clock_monotonic_us() < end_us &&
			   feed(thread, thread->connections[i]) == FEED_MORE)
			continue;
	(void) spool_append(thread->receiver->spool, &thread->burst);
	while (thread->nconnections > 0)
		close_connection(thread, thread->nconnections - 1);
}

static void
run(struct tcp_thread *thread)
{
	for (;;)
	{
		bool		has_room = append(thread);
		int			nconnections;
		int			n;

		close_refused(thread);
		nconnections = thread->nconnections;
		if (has_room)
			take_left(thread);
		has_room = thread->burst.nrecords == 0;
		n = fill_fds(thread, has_room);
		if (poll(thread->fds, (nfds_t) n, has_room ? TICK_MS : ROOM_MS) < 0)
		{
			if (errno != EINTR)
				fatal("could not wait for connections");
			continue;
		}
		if (thread->fds[0].revents != 0)
			break;
		serve(thread, thread->fds + n - nconnections, nconnections);
		accept_ready(thread);
		close_idle(thread);
	}
	drain(thread);
}

void *
receive_tcp(void *arg)
{
	struct receiver *receiver = arg;
	struct tcp_thread *thread = calloc(1, sizeof(*thread));

	if (thread == NULL)
		fatalx("out of memory");
	thread->receiver = receiver;
	thread->counters = receiver->counters;
	run(thread);
	free(thread);
	return NULL;
}
