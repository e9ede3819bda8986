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
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "input_udp.h"
#include "log.h"

#define DATAGRAM_LEN 65536

struct socket
{
	int			fd;
	uint32_t	lost;			/* the kernel's count at the last datagram */
	int64_t		retry_at_us;	/* monotonic; not to be read before */
};

struct udp_input
{
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

/*
 * Split "udp://host:port" into host[size], empty for all addresses, and port.
 */
static bool
split_url(const char *url, char *host, size_t size, const char **port)
{
	const char *begin = url;
	const char *colon;
	size_t		len;

	if (strncmp(begin, "udp://", 6) == 0)
		begin += 6;
	colon = strrchr(begin, ':');
	if (colon == NULL || colon[1] == '\0')
		return false;
	*port = colon + 1;
	len = (size_t) (colon - begin);
	if (len >= 2 && begin[0] == '[' && colon[-1] == ']')
	{
		begin++;
		len -= 2;
	}
	else if (memchr(begin, ':', len) != NULL)
		return false;			/* IPv6 needs brackets */
	if (len >= size)
		return false;
	memcpy(host, begin, len);
	host[len] = '\0';
	return true;
}

static void
set_options(int fd, int family, const char *url)
{
	int			on = 1;
	int			off = 0;
	int			want = UDP_RECEIVE_BUFFER;
	int			got = 0;
	socklen_t	len = sizeof(got);

	if (family == AF_INET6)
		(void) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	(void) setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof(on));
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &want, sizeof(want)) != 0)
		(void) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &want, sizeof(want));

	/* the kernel doubles the value for its own needs, and says so */
	if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &got, &len) == 0 && got / 2 < want)
		log_info("receive buffer of %s has %d bytes instead of %d; "
				 "see net.core.rmem_max", url, got / 2, want);
}

static int
bind_first(const struct addrinfo *list, const char *url)
{
	int			fd = -1;

	for (const struct addrinfo *ai = list; ai != NULL; ai = ai->ai_next)
	{
		fd = socket(ai->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (fd < 0)
			continue;
		set_options(fd, ai->ai_family, url);
		if (bind(fd, ai->ai_addr, ai->ai_addrlen) == 0)
			return fd;
		log_warn("could not bind to %s", url);
		close(fd);
		return -1;
	}
	log_warn("could not open a socket for %s", url);
	return -1;
}

/* An IPv6 socket takes IPv4 too, but a kernel may have been built without. */
static bool
has_ip6(void)
{
	int			fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

static int
open_socket(const char *url)
{
	char		host[256];
	const char *port;
	struct addrinfo hints = {.ai_socktype = SOCK_DGRAM,.ai_flags = AI_PASSIVE};
	struct addrinfo *list;
	int			rc;
	int			fd;

	if (!split_url(url, host, sizeof(host), &port))
	{
		log_warnx("invalid address to listen on: \"%s\"", url);
		return -1;
	}
	if (host[0] == '\0')
		hints.ai_family = has_ip6() ? AF_INET6 : AF_INET;
	rc = getaddrinfo(host[0] == '\0' ? NULL : host, port, &hints, &list);
	if (rc != 0)
	{
		log_warnx("could not look up \"%s\": %s", url, gai_strerror(rc));
		return -1;
	}
	fd = bind_first(list, url);
	freeaddrinfo(list);
	return fd;
}

struct udp_input *
input_udp_open(const char *const *urls, int nurls, struct counters *counters)
{
	struct udp_input *input = calloc(1, sizeof(*input));

	if (input == NULL)
	{
		log_warnx("out of memory");
		return NULL;
	}
	input->counters = counters;
	for (int i = 0; i < nurls; i++)
	{
		input->sockets[i].fd = open_socket(urls[i]);
		if (input->sockets[i].fd < 0)
		{
			input_udp_close(input);
			return NULL;
		}
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

static struct flow_addr
source_addr(const struct sockaddr_storage *source)
{
	struct flow_addr addr = {0};

	if (source->ss_family == AF_INET)
	{
		addr.family = FLOW_FAMILY_IP4;
		memcpy(addr.bytes, &((const struct sockaddr_in *) source)->sin_addr, 4);
	}
	else
	{
		const struct in6_addr *in6 =
			&((const struct sockaddr_in6 *) source)->sin6_addr;

		if (IN6_IS_ADDR_V4MAPPED(in6))
		{
			addr.family = FLOW_FAMILY_IP4;
			memcpy(addr.bytes, in6->s6_addr + 12, 4);
		}
		else
		{
			addr.family = FLOW_FAMILY_IP6;
			memcpy(addr.bytes, in6->s6_addr, 16);
		}
	}
	return addr;
}

static uint16_t
source_port(const struct sockaddr_storage *source)
{
	return ntohs(source->ss_family == AF_INET ?
				 ((const struct sockaddr_in *) source)->sin_port :
				 ((const struct sockaddr_in6 *) source)->sin6_port);
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

static void
note_error(struct udp_input *input, struct socket *socket)
{
	int64_t		now_us = clock_monotonic_us();

	input->counters->receive_errors++;
	socket->retry_at_us = now_us + UDP_RETRY_US;
	if (log_allowed(&input->error_limit, now_us))
		log_warn("could not receive datagrams");
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
		int64_t		received_us = clock_realtime_us();

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			note_error(input, socket);
		for (int m = 0; m < n; m++)
		{
			struct datagram datagram = {
				.bytes = input->bytes[m],
				.len = input->messages[m].msg_len,
				.exporter = source_addr(&input->sources[m]),
				.received_us = received_us,
				.port = source_port(&input->sources[m])
			};

			count_lost(input, socket, &input->messages[m].msg_hdr);
			decode_export(decoder, &datagram);
		}
		if (n < UDP_BURST)
			return false;
	}
	return true;
}
