/*-------------------------------------------------------------------------
 *
 * Receiving: sockets and threads.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "landing.h"
#include "receive_socket.h"

static bool
add_socket(struct receiver *receiver, int fd, const char *name, bool is_tcp)
{
	struct receive_socket *socket = &receiver->sockets[receiver->nsockets];

	if (receiver->nsockets == RECEIVE_MAX_SOCKETS)
	{
		log_warnx("too many sockets to listen on, at most %d", RECEIVE_MAX_SOCKETS);
		close(fd);
		return false;
	}
	receiver->nsockets++;
	receiver->has_tcp |= is_tcp;
	socket->receiver = receiver;
	socket->fd = fd;
	socket->is_tcp = is_tcp;
	socket->port = input_socket_local_port(fd);
	snprintf(socket->name, sizeof(socket->name), "%s", name);
	socket->stats.name = socket->name;
	return true;
}

static bool
open_address(struct receiver *receiver, const char *url)
{
	bool		is_tcp = input_socket_is_tcp(url);
	int			n = is_tcp ? 1 : receiver->options.nthreads;

	for (int i = 0; i < n; i++)
	{
		int			fd = input_socket_open(url, n > 1);

		if (fd < 0 || !add_socket(receiver, fd, url, is_tcp))
			return false;
	}
	return true;
}

static bool
take_inherited(struct receiver *receiver)
{
	int			first;
	int			n = input_socket_inherited(&first);

	for (int i = 0; i < n; i++)
	{
		char		name[SOCKET_NAME_LEN];
		int			type = 0;
		socklen_t	len = sizeof(type);

		input_socket_inherited_name(i, name, sizeof(name));
		if (getsockopt(first + i, SOL_SOCKET, SO_TYPE, &type, &len) != 0 ||
			(type != SOCK_DGRAM && type != SOCK_STREAM))
		{
			log_warnx("inherited descriptor \"%s\" is no socket to receive from; "
					  "it is left alone", name);
			continue;
		}
		input_socket_prepare(first + i, name);
		if (!add_socket(receiver, first + i, name, type == SOCK_STREAM))
			return false;
	}
	return true;
}

struct receiver *
receive_open(const struct receive_options *options)
{
	struct receiver *receiver = calloc(1, sizeof(*receiver));
	bool		is_good;

	if (receiver == NULL)
	{
		log_warnx("out of memory");
		return NULL;
	}
	receiver->options = *options;
	receiver->counters = options->counters;
	receiver->stop = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	is_good = receiver->stop >= 0;
	if (!is_good)
		log_warn("could not make an eventfd");
	for (int i = 0; is_good && i < options->nurls; i++)
		is_good = open_address(receiver, options->urls[i]);
	if (is_good && (!options->inherits || take_inherited(receiver)))
		return receiver;
	receive_close(receiver);
	return NULL;
}

static bool
start_thread(pthread_t *thread, void *(*function) (void *), void *arg)
{
	int			rc = pthread_create(thread, NULL, function, arg);

	if (rc == 0)
		return true;
	errno = rc;
	log_warn("could not start a thread that receives");
	return false;
}

/* Signals are for the thread that calls this. */
bool
receive_start(struct receiver *receiver, struct spool *spool)
{
	sigset_t	all;
	sigset_t	mask;
	bool		is_good = true;

	receiver->spool = spool;
	landing_recover(spool, receiver->options.admit);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &mask);
	for (int i = 0; is_good && i < receiver->nsockets; i++)
	{
		struct receive_socket *socket = &receiver->sockets[i];

		is_good = socket->is_tcp ||
			start_thread(&socket->thread, receive_udp, socket);
		receiver->nstarted += is_good;
	}
	if (is_good && receiver->has_tcp)
	{
		is_good = start_thread(&receiver->tcp_thread, receive_tcp, receiver);
		receiver->has_tcp_thread = is_good;
	}
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	if (!is_good)
		receive_stop(receiver);
	return is_good;
}

void
receive_stop(struct receiver *receiver)
{
	uint64_t	one = 1;

	if (write(receiver->stop, &one, sizeof(one)) < 0)
		fatal("could not stop the threads that receive");
	for (int i = 0; i < receiver->nstarted; i++)
		if (!receiver->sockets[i].is_tcp)
			pthread_join(receiver->sockets[i].thread, NULL);
	if (receiver->has_tcp_thread)
		pthread_join(receiver->tcp_thread, NULL);
	receiver->nstarted = 0;
	receiver->has_tcp_thread = false;
}

void
receive_close(struct receiver *receiver)
{
	for (int i = 0; i < receiver->nsockets; i++)
		close(receiver->sockets[i].fd);
	if (receiver->stop >= 0)
		close(receiver->stop);
	free(receiver);
}

int
receive_get_stats(const struct receiver *receiver, struct socket_stats *stats)
{
	for (int i = 0; i < receiver->nsockets; i++)
	{
		const struct socket_stats *from = &receiver->sockets[i].stats;

		stats[i].name = from->name;
		stats[i].datagrams = __atomic_load_n(&from->datagrams, __ATOMIC_RELAXED);
		stats[i].bytes = __atomic_load_n(&from->bytes, __ATOMIC_RELAXED);
		stats[i].lost = __atomic_load_n(&from->lost, __ATOMIC_RELAXED);
	}
	return receiver->nsockets;
}
