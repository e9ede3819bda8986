/*-------------------------------------------------------------------------
 *
 * Receiving UDP: one thread, one socket, 64 datagrams per system call.
 *
 * The kernel attaches to each datagram when it came (SO_TIMESTAMPNS), and how
 * many it has dropped at this socket so far (SO_RXQ_OVFL).
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "landing.h"
#include "receive_socket.h"

#define BURST			LANDING_SLOTS
#define RETRY_MS		100

struct udp_thread
{
	struct receive_socket *socket;
	struct receiver *receiver;
	struct landing *landing;
	struct spool_burst burst;
};

static void
note_lost(struct udp_thread *thread, uint32_t lost)
{
	struct receive_socket *socket = thread->socket;

	if (lost == socket->lost)
		return;
	counter_add(&thread->receiver->counters->datagrams_lost_in_kernel,
				lost - socket->lost);
	counter_add(&socket->stats.lost, lost - socket->lost);
	socket->lost = lost;
}

static void
append(struct udp_thread *thread, const struct landing_area *area, int i,
	   const struct spool_source *source)
{
	struct spool_record record = {
		.type = SPOOL_DATAGRAM,
		.source = *source,
		.bytes = area->bytes[i],
		.len = area->messages[i].msg_len
	};

	if (spool_burst_add(&thread->burst, &record))
		return;
	(void) spool_append(thread->receiver->spool, &thread->burst);
	if (!spool_burst_add(&thread->burst, &record))
		abort();				/* an empty burst takes any datagram */
}

static void
take_burst(struct udp_thread *thread, struct landing_area *area, int n)
{
	struct admit *admit = thread->receiver->options.admit;
	int64_t		now_us = clock_monotonic_us();
	int64_t		received_us = clock_realtime_us();
	uint32_t	lost = thread->socket->lost;
	uint64_t	bytes = 0;

	for (int i = 0; i < n; i++)
	{
		struct spool_source source = {
			.received_us = landing_time(&area->messages[i].msg_hdr, received_us, &lost),
			.addr = input_socket_addr(&area->sources[i]),
			.port = input_socket_port(&area->sources[i]),
			.local_port = thread->socket->port,
			.tag = landing_tag(thread->landing, area, i)
		};

		bytes += area->messages[i].msg_len;
		note_lost(thread, lost);
		if (admit == NULL || admit_check(admit, &source.addr, now_us))
			append(thread, area, i, &source);
	}
	receive_count(thread->socket, (uint64_t) n, bytes);
	(void) spool_append(thread->receiver->spool, &thread->burst);
}

static void
note_error(struct udp_thread *thread)
{
	counter_add(&thread->receiver->counters->receive_errors, 1);
	if (log_allowed(&thread->socket->error_limit, clock_monotonic_us()))
		log_warn("could not receive datagrams at %s", thread->socket->name);
}

/* Take what waits.  Returns false if the socket has failed. */
static bool
drain(struct udp_thread *thread, int64_t end_us)
{
	struct landing_area *area;
	int			error;
	int			n;

	do
	{
		area = landing_begin(thread->landing, thread->socket->port);
		n = recvmmsg(thread->socket->fd, area->messages, BURST, MSG_DONTWAIT, NULL);
		error = errno;
		if (n > 0)
			take_burst(thread, area, n);
		landing_end(thread->landing, area, n);
		errno = error;
	} while ((n == BURST || (n < 0 && errno == EINTR)) &&
			 clock_monotonic_us() < end_us);
	if (n >= 0 || errno == EAGAIN || errno == EINTR)
		return true;
	note_error(thread);
	return false;
}

static void
run(struct udp_thread *thread)
{
	struct pollfd fds[2] = {
		{.fd = thread->receiver->stop,.events = POLLIN},
		{.fd = thread->socket->fd,.events = POLLIN}
	};
	bool		is_good = true;

	for (;;)
	{
		fds[1].fd = is_good ? thread->socket->fd : -1;
		if (poll(fds, 2, is_good ? -1 : RETRY_MS) < 0 && errno != EINTR)
			fatal("could not wait for datagrams");
		if (fds[0].revents != 0)
			break;
		is_good = drain(thread, clock_monotonic_us() + RECEIVE_DRAIN_US);
	}
	(void) drain(thread, clock_monotonic_us() + RECEIVE_DRAIN_US);
}

void *
receive_udp(void *arg)
{
	struct receive_socket *socket = arg;
	struct udp_thread *thread = calloc(1, sizeof(*thread));
	int			on = 1;

	if (thread == NULL)
		fatalx("out of memory");
	thread->socket = socket;
	thread->receiver = socket->receiver;
	thread->landing = landing_open(thread->receiver->spool,
								   (int) (socket - thread->receiver->sockets));
	if (thread->landing == NULL)
		fatalx("out of memory");
	(void) setsockopt(socket->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
	run(thread);
	landing_close(thread->landing);
	free(thread);
	return NULL;
}
