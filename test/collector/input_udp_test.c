/*-------------------------------------------------------------------------
 *
 * If this goes, a socket that fails may fill the log, or take all of a
 * processor.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "clock.h"
#include "input_udp.h"
#include "tap.h"

static int	ncalls;

/* In place of libc's. */
int
recvmmsg(int fd, struct mmsghdr *messages, unsigned int n, int flags,
		 struct timespec *timeout)
{
	(void) fd;
	(void) messages;
	(void) n;
	(void) flags;
	(void) timeout;
	ncalls++;
	errno = ENOMEM;
	return -1;
}

static int
count_lines(const char *path)
{
	FILE	   *file = fopen(path, "r");
	int			nlines = 0;

	for (int c = getc(file); c != EOF; c = getc(file))
		nlines += c == '\n';
	fclose(file);
	return nlines;
}

int
main(int argc, char **argv)
{
	static const char *const urls[] = {"127.0.0.1:0"};
	struct counters counters = {0};
	struct udp_input *input;
	struct pollfd fds[UDP_MAX_SOCKETS];
	char		path[4096];
	int64_t		begin_us;
	int64_t		now_us;
	int			nlines;

	if (argc != 2)
		return 2;
	snprintf(path, sizeof(path), "%s/udp.log", argv[1]);
	if (freopen(path, "w", stderr) == NULL)
		return 2;
	input = input_udp_open(urls, 1, NULL, &counters);
	if (input == NULL)
		return 2;
	nlines = count_lines(path); /* the receive buffer may be small */
	begin_us = clock_monotonic_us();
	for (int i = 0; i < 10000; i++)
		(void) input_udp_receive(input, 0, 4, NULL);
	now_us = clock_monotonic_us();
	ok(ncalls >= 1 && ncalls <= 1 + (now_us - begin_us) / UDP_RETRY_US,
	   "a socket that failed is left alone for a while");
	is((int64_t) counters.receive_errors, ncalls, "each failure is counted");
	is(count_lines(path) - nlines, 1, "and logged once");
	(void) input_udp_poll(input, fds, begin_us);
	is(fds[0].fd, -1, "nobody waits for it meanwhile");
	ok(input_udp_timeout(input, begin_us) > 0, "but for the time");
	now_us += 2 * UDP_RETRY_US;
	(void) input_udp_poll(input, fds, now_us);
	ok(fds[0].fd >= 0 && input_udp_timeout(input, now_us) < 0,
	   "until that has come");
	input_udp_close(input);
	return tap_failed;
}
