/*-------------------------------------------------------------------------
 *
 * Lines over TCP.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "input_lines.h"
#include "log.h"
#include "tcp_listen.h"

struct line_connection
{
	int			fd;				/* -1: free */
	bool		is_cut;			/* passing over the rest of a long line */
	struct flow_addr from;
	int64_t		heard_us;
	size_t		len;			/* of the line that is not complete yet */
	char	   *bytes;			/* [LINES_MAX_LEN] */
};

struct line_input
{
	int			fd;
	struct line_out out;
	struct counters *counters;
	struct line_connection connections[LINES_MAX_CONNECTIONS];
};

struct line_input *
input_lines_open(const char *url, const struct line_out *out,
				 struct counters *counters)
{
	static const char scheme[] = "tcp://";
	struct line_input *input = calloc(1, sizeof(*input));

	if (input == NULL)
		fatalx("out of memory");
	if (strncmp(url, scheme, sizeof(scheme) - 1) == 0)
		url += sizeof(scheme) - 1;
	input->out = *out;
	input->counters = counters;
	for (int i = 0; i < LINES_MAX_CONNECTIONS; i++)
		input->connections[i].fd = -1;
	input->fd = tcp_listen(url, true);
	if (input->fd < 0)
	{
		input_lines_close(input);
		return NULL;
	}
	return input;
}

static void
close_connection(struct line_input *input, struct line_connection *c)
{
	if (c->len > 0)
		input->counters->lines_cut++;
	close(c->fd);
	free(c->bytes);
	memset(c, 0, sizeof(*c));
	c->fd = -1;
}

void
input_lines_close(struct line_input *input)
{
	for (int i = 0; i < LINES_MAX_CONNECTIONS; i++)
	{
		if (input->connections[i].fd >= 0)
			close_connection(input, &input->connections[i]);
	}
	if (input->fd >= 0)
		close(input->fd);
	free(input);
}

int
input_lines_poll(struct line_input *input, struct pollfd *fds)
{
	int			n = 0;

	fds[n++] = (struct pollfd) {.fd = input->fd,.events = POLLIN};
	for (int i = 0; i < LINES_MAX_CONNECTIONS; i++)
	{
		if (input->connections[i].fd >= 0)
			fds[n++] = (struct pollfd) {
				.fd = input->connections[i].fd,.events = POLLIN
			};
	}
	return n;
}

/* A free connection, or the one that was silent longest. */
static struct line_connection *
choose_connection(struct line_input *input)
{
	struct line_connection *oldest = &input->connections[0];

	for (int i = 0; i < LINES_MAX_CONNECTIONS; i++)
	{
		struct line_connection *c = &input->connections[i];

		if (c->fd < 0)
			return c;
		if (c->heard_us < oldest->heard_us)
			oldest = c;
	}
	input->counters->line_connections_closed++;
	close_connection(input, oldest);
	return oldest;
}

static struct flow_addr
address_of(const struct sockaddr_storage *from)
{
	struct flow_addr addr = {FLOW_FAMILY_NONE};
	const struct in6_addr *in6 = &((const struct sockaddr_in6 *) from)->sin6_addr;

	if (from->ss_family == AF_INET)
	{
		addr.family = FLOW_FAMILY_IP4;
		memcpy(addr.bytes, &((const struct sockaddr_in *) from)->sin_addr, 4);
	}
	else if (from->ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(in6))
	{
		addr.family = FLOW_FAMILY_IP4;
		memcpy(addr.bytes, in6->s6_addr + 12, 4);
	}
	else if (from->ss_family == AF_INET6)
	{
		addr.family = FLOW_FAMILY_IP6;
		memcpy(addr.bytes, in6, 16);
	}
	return addr;
}

static bool
accept_connection(struct line_input *input)
{
	struct sockaddr_storage from = {0};
	socklen_t	from_len = sizeof(from);
	int			fd = accept4(input->fd, (struct sockaddr *) &from, &from_len,
							 SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct line_connection *c;

	if (fd < 0)
		return false;
	c = choose_connection(input);
	c->bytes = malloc(LINES_MAX_LEN);
	if (c->bytes == NULL)
	{
		input->counters->line_connections_closed++;
		close(fd);
		return true;
	}
	input->counters->line_connections++;
	c->fd = fd;
	c->from = address_of(&from);
	c->heard_us = clock_monotonic_us();
	return true;
}

/* Hand on what is complete of bytes[len], of which the first c->len were seen. */
static void
split_lines(struct line_input *input, struct line_connection *c, size_t len)
{
	char	   *line = c->bytes;
	char	   *search = c->bytes + c->len;
	char	   *end = c->bytes + len;
	char	   *newline;

	while ((newline = memchr(search, '\n', (size_t) (end - search))) != NULL)
	{
		if (!c->is_cut && newline > line)
		{
			counter_add(&input->counters->received_lines, 1);
			input->out.put(input->out.arg, line, (size_t) (newline - line), &c->from);
		}
		c->is_cut = false;
		line = search = newline + 1;
	}
	c->len = (size_t) (end - line);
	if (c->len == LINES_MAX_LEN)
	{
		input->counters->lines_cut += !c->is_cut;
		c->is_cut = true;
	}
	if (c->is_cut)
		c->len = 0;
	memmove(c->bytes, line, c->len);
}

static bool
read_connection(struct line_input *input, struct line_connection *c)
{
	ssize_t		n = recv(c->fd, c->bytes + c->len, LINES_MAX_LEN - c->len, 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0)
		close_connection(input, c);
	else
	{
		c->heard_us = clock_monotonic_us();
		split_lines(input, c, c->len + (size_t) n);
	}
	return true;
}

bool
input_lines_receive(struct line_input *input)
{
	bool		has_any = accept_connection(input);

	for (int i = 0; i < LINES_MAX_CONNECTIONS; i++)
	{
		if (input->connections[i].fd >= 0)
			has_any |= read_connection(input, &input->connections[i]);
	}
	return has_any;
}

int
input_lines_port(const struct line_input *input)
{
	return tcp_port_of(input->fd);
}
