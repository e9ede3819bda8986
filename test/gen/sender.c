/*-------------------------------------------------------------------------
 *
 * One batch for all sources: what stands side by side in it from the same
 * source is one system call.
 *
 * Sockets are not connected, so that a collector that starts late does not
 * stop the sending.
 *
 *-------------------------------------------------------------------------
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "sender.h"

#define BATCH			64
#define BATCH_BYTES		(1 << 17)
#define SEND_BUFFER		(4 * 1024 * 1024)
#define FIRST_SOURCE	0x7f010001	/* 127.1.0.1 */

struct sender
{
	struct sockaddr_storage to;
	socklen_t	to_len;
	int			nsources;
	int			fds[SENDER_MAX_SOURCES];
	int64_t		start_ns;
	uint64_t	count;
	uint64_t	nrefused;
	int			refused_errno;	/* of the first one */
	int			n;				/* in the batch */
	size_t		used;
	int			sources[BATCH];
	struct iovec parts[BATCH];
	struct mmsghdr messages[BATCH];
	uint8_t		bytes[BATCH_BYTES];
};

static int64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* host of url without brackets in host[size]; returns the port, or NULL */
static const char *
split_url(const char *url, char *host, size_t size)
{
	const char *begin = strncmp(url, "udp://", 6) == 0 ? url + 6 : url;
	const char *colon = strrchr(begin, ':');
	size_t		len;

	if (colon == NULL || colon == begin || colon[1] == '\0')
		return NULL;
	len = (size_t) (colon - begin);
	if (begin[0] == '[' && colon[-1] == ']' && len > 2)
	{
		begin++;
		len -= 2;
	}
	if (len >= size)
		return NULL;
	memcpy(host, begin, len);
	host[len] = '\0';
	return colon + 1;
}

static bool
resolve(struct sender *sender, const char *url)
{
	char		host[256];
	const char *port = split_url(url, host, sizeof(host));
	struct addrinfo hints = {.ai_socktype = SOCK_DGRAM};
	struct addrinfo *list;
	int			rc;

	if (port == NULL)
	{
		fprintf(stderr, "%s: invalid address of a collector: \"%s\"\n",
				program_invocation_short_name, url);
		return false;
	}
	rc = getaddrinfo(host, port, &hints, &list);
	if (rc != 0)
	{
		fprintf(stderr, "%s: could not look up \"%s\": %s\n", program_invocation_short_name, url,
				gai_strerror(rc));
		return false;
	}
	memcpy(&sender->to, list->ai_addr, list->ai_addrlen);
	sender->to_len = list->ai_addrlen;
	freeaddrinfo(list);
	return true;
}

static bool
is_loopback4(const struct sender *sender)
{
	const struct sockaddr_in *to = (const struct sockaddr_in *) &sender->to;

	return to->sin_family == AF_INET && ntohl(to->sin_addr.s_addr) >> 24 == 127;
}

static void
complain(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
}

static bool
open_source(struct sender *sender, int i)
{
	int			size = SEND_BUFFER;
	int			fd = socket(sender->to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	sender->fds[i] = fd;
	if (fd < 0)
	{
		complain("could not open a socket");
		return false;
	}
	(void) setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	if (sender->nsources > 1 && is_loopback4(sender))
	{
		struct sockaddr_in from = {.sin_family = AF_INET};

		from.sin_addr.s_addr = htonl(FIRST_SOURCE + (uint32_t) i);
		if (bind(fd, (const struct sockaddr *) &from, sizeof(from)) != 0)
		{
			complain("could not bind to a source address");
			return false;
		}
	}
	return true;
}

static void
close_sources(struct sender *sender, int n)
{
	for (int i = 0; i < n; i++)
		if (sender->fds[i] >= 0)
			close(sender->fds[i]);
	free(sender);
}

struct sender *
sender_open(const char *url, int nsources)
{
	struct sender *sender = calloc(1, sizeof(*sender));

	if (sender == NULL)
	{
		fprintf(stderr, "%s: out of memory\n", program_invocation_short_name);
		return NULL;
	}
	sender->nsources = nsources;
	sender->start_ns = now_ns();
	if (!resolve(sender, url))
	{
		free(sender);
		return NULL;
	}
	for (int i = 0; i < nsources; i++)
		if (!open_source(sender, i))
		{
			close_sources(sender, i + 1);
			return NULL;
		}
	return sender;
}

/* messages[from .. to) of one source; one that the kernel refuses is skipped */
static void
send_run(struct sender *sender, int from, int to)
{
	while (from < to)
	{
		int			n = sendmmsg(sender->fds[sender->sources[from]],
								 &sender->messages[from], (unsigned int) (to - from), 0);

		if (n > 0)
		{
			sender->count += (uint64_t) n;
			from += n;
		}
		else if (errno != EINTR)
		{
			if (sender->nrefused++ == 0)
				sender->refused_errno = errno;
			from++;
		}
	}
}

void
sender_flush(struct sender *sender)
{
	int			from = 0;

	while (from < sender->n)
	{
		int			to = from + 1;

		while (to < sender->n && sender->sources[to] == sender->sources[from])
			to++;
		send_run(sender, from, to);
		from = to;
	}
	sender->n = 0;
	sender->used = 0;
}

void
sender_put(struct sender *sender, int source, const uint8_t *bytes, size_t len)
{
	struct msghdr *header;

	if (sender->n == BATCH || len > sizeof(sender->bytes) - sender->used)
		sender_flush(sender);
	header = &sender->messages[sender->n].msg_hdr;
	memcpy(sender->bytes + sender->used, bytes, len);
	sender->parts[sender->n].iov_base = sender->bytes + sender->used;
	sender->parts[sender->n].iov_len = len;
	header->msg_iov = &sender->parts[sender->n];
	header->msg_iovlen = 1;
	header->msg_name = &sender->to;
	header->msg_namelen = sender->to_len;
	sender->sources[sender->n++] = source;
	sender->used += len;
}

int64_t
sender_elapsed_ns(const struct sender *sender)
{
	return now_ns() - sender->start_ns;
}

void
sender_wait(struct sender *sender, int64_t ns)
{
	int64_t		until_ns = sender->start_ns + ns;
	struct timespec until = {until_ns / 1000000000, until_ns % 1000000000};

	sender_flush(sender);
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
		;
}

uint64_t
sender_count(const struct sender *sender)
{
	return sender->count;
}

bool
sender_close(struct sender *sender)
{
	bool		is_good;

	sender_flush(sender);
	is_good = sender->nrefused == 0;
	if (!is_good)
		fprintf(stderr, "%s: %" PRIu64 " datagrams were not sent: %s\n", program_invocation_short_name,
				sender->nrefused, strerror(sender->refused_errno));
	close_sources(sender, sender->nsources);
	return is_good;
}
