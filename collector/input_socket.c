/*-------------------------------------------------------------------------
 *
 * Sockets of exporters.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "input_socket.h"
#include "log.h"

#define INHERITED_FIRST	3
#define BACKLOG			64

bool
input_socket_is_tcp(const char *url)
{
	return strncmp(url, "tcp://", 6) == 0;
}

/*
 * Split "udp://host:port" into host[size], empty for all addresses, and port.
 */
static bool
split_url(const char *url, char *host, size_t size, const char **port)
{
	const char *begin = url;
	const char *colon;
	size_t		len;

	if (strncmp(begin, "udp://", 6) == 0 || input_socket_is_tcp(begin))
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

void
input_socket_prepare(int fd, const char *name)
{
	int			on = 1;
	int			want = SOCKET_RECEIVE_BUFFER;
	int			got = 0;
	socklen_t	len = sizeof(got);

	(void) fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	(void) fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void) setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof(on));
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &want, sizeof(want)) != 0)
		(void) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &want, sizeof(want));

	/* the kernel doubles the value for its own needs, and says so */
	if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &got, &len) == 0 && got / 2 < want)
		log_info("receive buffer of %s has %d bytes instead of %d; "
				 "see net.core.rmem_max", name, got / 2, want);
}

static bool
bind_socket(int fd, const struct addrinfo *ai, const char *url, bool is_shared)
{
	int			on = 1;
	int			off = 0;
	bool		is_tcp = ai->ai_socktype == SOCK_STREAM;

	if (ai->ai_family == AF_INET6)
		(void) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (is_tcp)
		(void) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	else
		input_socket_prepare(fd, url);
	if (is_shared && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) != 0)
	{
		log_warn("could not share %s among threads", url);
		return false;
	}
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) != 0)
	{
		log_warn("could not bind to %s", url);
		return false;
	}
	if (is_tcp && listen(fd, BACKLOG) != 0)
	{
		log_warn("could not listen on %s", url);
		return false;
	}
	return true;
}

static int
bind_first(const struct addrinfo *list, const char *url, bool is_shared)
{
	for (const struct addrinfo *ai = list; ai != NULL; ai = ai->ai_next)
	{
		int			fd = socket(ai->ai_family,
								ai->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

		if (fd < 0)
			continue;
		if (bind_socket(fd, ai, url, is_shared))
			return fd;
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

int
input_socket_open(const char *url, bool is_shared)
{
	char		host[256];
	const char *port;
	struct addrinfo hints = {
		.ai_socktype = input_socket_is_tcp(url) ? SOCK_STREAM : SOCK_DGRAM,
		.ai_flags = AI_PASSIVE
	};
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
	fd = bind_first(list, url, is_shared);
	freeaddrinfo(list);
	return fd;
}

/* A number of the environment, or -1. */
static int
environment_number(const char *name)
{
	const char *text = getenv(name);
	char	   *end;
	long		value;

	if (text == NULL || text[0] == '\0')
		return -1;
	errno = 0;
	value = strtol(text, &end, 10);
	return *end != '\0' || errno != 0 || value < 0 || value > INT32_MAX ?
		-1 : (int) value;
}

int
input_socket_inherited(int *first)
{
	int			n = environment_number("LISTEN_FDS");

	*first = INHERITED_FIRST;
	return n > 0 && environment_number("LISTEN_PID") == (int) getpid() ? n : 0;
}

void
input_socket_inherited_name(int i, char *name, size_t size)
{
	const char *names = getenv("LISTEN_FDNAMES");

	for (int skip = i; names != NULL && skip > 0; skip--)
	{
		names = strchr(names, ':');
		names = names == NULL ? NULL : names + 1;
	}
	if (names == NULL || names[0] == '\0' || names[0] == ':')
		snprintf(name, size, "inherited %d", i);
	else
		snprintf(name, size, "%.*s", (int) strcspn(names, ":"), names);
}

struct flow_addr
input_socket_addr(const struct sockaddr_storage *source)
{
	struct flow_addr addr = {0};

	if (source->ss_family == AF_INET)
	{
		addr.family = FLOW_FAMILY_IP4;
		memcpy(addr.bytes, &((const struct sockaddr_in *) source)->sin_addr, 4);
	}
	else if (source->ss_family == AF_INET6)
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

uint16_t
input_socket_port(const struct sockaddr_storage *addr)
{
	if (addr->ss_family == AF_INET)
		return ntohs(((const struct sockaddr_in *) addr)->sin_port);
	if (addr->ss_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *) addr)->sin6_port);
	return 0;
}

uint16_t
input_socket_local_port(int fd)
{
	struct sockaddr_storage addr = {0};
	socklen_t	len = sizeof(addr);

	if (getsockname(fd, (struct sockaddr *) &addr, &len) != 0)
		return 0;
	return input_socket_port(&addr);
}
