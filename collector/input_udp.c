/*-------------------------------------------------------------------------
 *
 * UDP sockets, read with recvmmsg.
 *
 * SO_RXQ_OVFL makes the kernel attach, to each datagram, how many it has
 * dropped at this socket so far; the difference is counted.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "input_socket.h"
#include "input_udp.h"
#include "log.h"

#define DATAGRAM_LEN 65536

struct socket
{
	int			fd;
	uint32_t	lost;			/* the kernel's count at the last datagram */
	int64_t		retry_at_us;	/* monotonic; not to be read before */
	struct socket_stats stats;
};

struct udp_input
{
	struct admit *admit;		/* or NULL */
	struct counters *counters;
	struct log_limit error_limit;
	int			nsockets;
	struct socket sockets[UDP_MAX_SOCKETS];
	struct mmsghdr messages[UDP_BURST];
	struct iovec iovecs[UDP_BURST];
	struct sockaddr_storage sources[UDP_BURST];
	_Alignas(struct cmsghdr) char controls[UDP_BURST][CMSG_SPACE(sizeof(uint32_t))];
	uint8_t		bytes[UDP_BURST][DATAGRAM_LEN];
};

struct udp_input *
input_udp_open(const char *const *urls, int nurls, struct admit *admit,
			   struct counters *counters)
{
	struct udp_input *input = calloc(1, sizeof(*input));

	if (input == NULL)
	{
		log_warnx("out of memory");
		return NULL;
	}
	input->admit = admit;
	input->counters = counters;
	for (int i = 0; i < nurls; i++)
	{
		input->sockets[i].fd = input_socket_open(urls[i], false);
		if (input->sockets[i].fd < 0)
		{
			input_udp_close(input);
			return NULL;
		}
		input->sockets[i].stats.name = urls[i];
		input->nsockets++;
	}
	for (int i = 0; i < UDP_BURST; i++)
	{
		input->iovecs[i].iov_base = input->bytes[i];
		input->iovecs[i].iov_len = DATAGRAM_LEN;
	}
	return input;
}

void
input_udp_close(struct udp_input *input)
{
	for (int i = 0; i < input->nsockets; i++)
		close(input->sockets[i].fd);
	free(input);
}

int
input_udp_poll(const struct udp_input *input, struct pollfd *fds,
			   int64_t now_us)
{
	for (int i = 0; i < input->nsockets; i++)
	{
		fds[i].fd = now_us < input->sockets[i].retry_at_us ?
			-1 : input->sockets[i].fd;
		fds[i].events = POLLIN;
		fds[i].revents = 0;
	}
	return input->nsockets;
}

int
input_udp_timeout(const struct udp_input *input, int64_t now_us)
{
	int			timeout_ms = -1;

	for (int i = 0; i < input->nsockets; i++)
	{
		int64_t		wait_us = input->sockets[i].retry_at_us - now_us;
		int			ms = (int) (wait_us / 1000 + 1);

		if (wait_us > 0 && (timeout_ms < 0 || ms < timeout_ms))
			timeout_ms = ms;
	}
	return timeout_ms;
}

static void
count_lost(struct udp_input *input, struct socket *socket,
		   struct msghdr *message)
{
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(message);
	uint32_t	lost;

	if (cmsg == NULL || cmsg->cmsg_level != SOL_SOCKET ||
		cmsg->cmsg_type != SO_RXQ_OVFL)
		return;
	memcpy(&lost, CMSG_DATA(cmsg), sizeof(lost));
	input->counters->datagrams_lost_in_kernel += lost - socket->lost;
	socket->stats.lost += lost - socket->lost;
	socket->lost = lost;
}

static int
receive_burst(struct udp_input *input, int fd)
{
	for (int i = 0; i < UDP_BURST; i++)
		input->messages[i].msg_hdr = (struct msghdr) {
		.msg_name = &input->sources[i],
		.msg_namelen = sizeof(input->sources[i]),
		.msg_iov = &input->iovecs[i],
		.msg_iovlen = 1,
		.msg_control = input->controls[i],
		.msg_controllen = sizeof(input->controls[i])
	};
	return recvmmsg(fd, input->messages, UDP_BURST, MSG_DONTWAIT, NULL);
}

int
input_udp_get_stats(const struct udp_input *input, struct socket_stats *stats)
{
	for (int i = 0; i < input->nsockets; i++)
		stats[i] = input->sockets[i].stats;
	return input->nsockets;
}

static void
note_error(struct udp_input *input, struct socket *socket)
{
	int64_t		now_us = clock_monotonic_us();

	input->counters->receive_errors++;
	socket->retry_at_us = now_us + UDP_RETRY_US;
	if (log_allowed(&input->error_limit, now_us))
		log_warn("could not receive datagrams");
}

static void
take_burst(struct udp_input *input, struct socket *socket, int n,
		   struct export_decoder *decoder)
{
	int64_t		received_us = clock_realtime_us();
	int64_t		now_us = clock_monotonic_us();

	for (int m = 0; m < n; m++)
	{
		struct datagram datagram = {
			.bytes = input->bytes[m],
			.len = input->messages[m].msg_len,
			.exporter = input_socket_addr(&input->sources[m]),
			.received_us = received_us,
			.port = input_socket_port(&input->sources[m])
		};

		count_lost(input, socket, &input->messages[m].msg_hdr);
		input->counters->received_datagrams++;
		input->counters->received_bytes += datagram.len;
		socket->stats.datagrams++;
		socket->stats.bytes += datagram.len;
		if (input->admit == NULL || admit_check(input->admit, &datagram.exporter, now_us))
			decode_export(decoder, &datagram);
	}
}

bool
input_udp_receive(struct udp_input *input, int i, int max_bursts,
				  struct export_decoder *decoder)
{
	struct socket *socket = &input->sockets[i];

	if (clock_monotonic_us() < socket->retry_at_us)
		return false;
	for (int burst = 0; burst < max_bursts; burst++)
	{
		int			n = receive_burst(input, socket->fd);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			note_error(input, socket);
		take_burst(input, socket, n, decoder);
		if (n < UDP_BURST)
			return false;
	}
	return true;
}
