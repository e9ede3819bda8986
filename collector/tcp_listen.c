/*-------------------------------------------------------------------------
 *
 * Addresses to listen on by TCP.
 *
 *-------------------------------------------------------------------------
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tcp_listen.h"
#include "log.h"

static bool
is_loopback(const struct sockaddr *addr)
{
	if (addr->sa_family == AF_INET)
		return ntohl(((const struct sockaddr_in *) addr)->sin_addr.s_addr) >> 24 == 127;
	return addr->sa_family == AF_INET6 &&
		IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *) addr)->sin6_addr);
}

/* Split "host:port" or "[host]:port"; false if it is neither. */
static bool
split_address(const char *address, char *host, size_t room, const char **port)
{
	const char *colon = strrchr(address, ':');
	size_t		len = colon == NULL ? 0 : (size_t) (colon - address);

	if (colon == NULL || colon[1] == '\0' || len >= room)
		return false;
	*port = colon + 1;
	if (len >= 2 && address[0] == '[' && address[len - 1] == ']')
	{
		address++;
		len -= 2;
	}
	else if (memchr(address, ':', len) != NULL)
		return false;
	memcpy(host, address, len);
	host[len] = '\0';
	if (len == 0)
		snprintf(host, room, "127.0.0.1");
	return true;
}

static int
listen_on(const struct addrinfo *info, const char *address)
{
	int			one = 1;
	int			fd = socket(info->ai_family,
							SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 ||
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0 ||
		bind(fd, info->ai_addr, info->ai_addrlen) != 0 || listen(fd, 64) != 0)
	{
		log_warn("could not listen on %s", address);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

int
tcp_listen(const char *address, bool may_be_remote)
{
	struct addrinfo hints = {
		.ai_family = AF_UNSPEC,.ai_socktype = SOCK_STREAM,.ai_flags = AI_PASSIVE
	};
	struct addrinfo *info;
	char		host[256];
	const char *port;
	int			fd = -1;
	int			error;

	if (!split_address(address, host, sizeof(host), &port))
	{
		log_warnx("\"%s\" is not host:port", address);
		return -1;
	}
	error = getaddrinfo(host, port, &hints, &info);
	if (error != 0)
	{
		log_warnx("could not resolve %s: %s", address, gai_strerror(error));
		return -1;
	}
	if (!may_be_remote && !is_loopback(info->ai_addr))
		log_warnx("%s is not a loopback address, which needs a token", address);
	else
		fd = listen_on(info, address);
	freeaddrinfo(info);
	return fd;
}

int
tcp_port_of(int fd)
{
	struct sockaddr_storage addr;
	socklen_t	len = sizeof(addr);

	if (getsockname(fd, (struct sockaddr *) &addr, &len) != 0)
		return -1;
	return addr.ss_family == AF_INET ?
		ntohs(((struct sockaddr_in *) &addr)->sin_port) :
		ntohs(((struct sockaddr_in6 *) &addr)->sin6_port);
}
