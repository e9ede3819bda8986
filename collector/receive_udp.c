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
#include "receive_socket.h"

#define BURST			64
#define DATAGRAM_LEN	65536
#define RETRY_MS		100
#define CONTROL_LEN		(CMSG_SPACE(sizeof(uint32_t)) + CMSG_SPACE(sizeof(struct timespec)))

struct udp_thread
{
	struct receive_socket *socket;
	struct receiver *receiver;
	struct mmsghdr messages[BURST];
	struct iovec iovecs[BURST];
	struct sockaddr_storage sources[BURST];
	_Alignas(struct cmsghdr) char controls[BURST][CONTROL_LEN];
	struct spool_burst burst;
	uint8_t		bytes[BURST][DATAGRAM_LEN];
};

static int
receive_burst(struct udp_thread *thread)
{
	for (int i = 0; i < BURST; i++)
	{
		thread->iovecs[i] = (struct iovec) {thread->bytes[i], DATAGRAM_LEN};
		thread->messages[i].msg_hdr = (struct msghdr) {
			.msg_name = &thread->sources[i],
			.msg_namelen = sizeof(thread->sources[i]),
			.msg_iov = &thread->iovecs[i],
			.msg_iovlen = 1,
			.msg_control = thread->controls[i],
			.msg_controllen = sizeof(thread->controls[i])
		};
	}
	return recvmmsg(thread->socket->fd, thread->messages, BURST, MSG_DONTWAIT, NULL);
}

static void
note_lost(struct udp_thread *thread, uint32_t lost)
{
	struct receive_socket *socket = thread->socket;

	counter_add(&thread->receiver->counters->datagrams_lost_in_kernel,
				lost - socket->lost);
	counter_add(&socket->stats.lost, lost - socket->lost);
	socket->lost = lost;
}

/* Read what the kernel has attached; *received_us stays if it is no time. */
static void
read_controls(struct udp_thread *thread, struct msghdr *message,
			  int64_t *received_us)
{
	for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(message); cmsg != NULL;
		 cmsg = CMSG_NXTHDR(message, cmsg))
	{
		if (cmsg->cmsg_level != SOL_SOCKET)
			continue;
		if (cmsg->cmsg_type == SO_RXQ_OVFL)
		{
			uint32_t	lost;

			memcpy(&lost, CMSG_DATA(cmsg), sizeof(lost));
			if (lost != thread->socket->lost)
				note_lost(thread, lost);
		}
		else if (cmsg->cmsg_type == SCM_TIMESTAMPNS)
		{
			struct timespec time;

			memcpy(&time, CMSG_DATA(cmsg), sizeof(time));
			*received_us = (int64_t) time.tv_sec * 1000000 + time.tv_nsec / 1000;
		}
	}
}

static void
append(struct udp_thread *thread, int i, const struct spool_source *source)
{
	struct spool_record record = {
		.type = SPOOL_DATAGRAM,
		.source = *source,
		.bytes = thread->bytes[i],
		.len = thread->messages[i].msg_len
	};

	if (spool_burst_add(&thread->burst, &record))
		return;
	(void) spool_append(thread->receiver->spool, &thread->burst);
	if (!spool_burst_add(&thread->burst, &record))
		abort();				/* an empty burst takes any datagram */
}

static void
take_burst(struct udp_thread *thread, int n)
{
	struct admit *admit = thread->receiver->options.admit;
	int64_t		now_us = clock_monotonic_us();
	int64_t		received_us = clock_realtime_us();
	uint64_t	bytes = 0;

	for (int i = 0; i < n; i++)
	{
		struct spool_source source = {
			.received_us = received_us,
			.addr = input_socket_addr(&thread->sources[i]),
			.port = input_socket_port(&thread->sources[i]),
			.local_port = thread->socket->port
		};

		bytes += thread->messages[i].msg_len;
		read_controls(thread, &thread->messages[i].msg_hdr, &source.received_us);
		if (admit == NULL || admit_check(admit, &source.addr, now_us))
			append(thread, i, &source);
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
	int			n;

	do
	{
		n = receive_burst(thread);
		if (n > 0)
			take_burst(thread, n);
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
	(void) setsockopt(socket->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
	run(thread);
	free(thread);
	return NULL;
}
