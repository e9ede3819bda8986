/*-------------------------------------------------------------------------
 *
 * Receiving lines over TCP into the spool.
 *
 *-------------------------------------------------------------------------
 */
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "input_lines.h"
#include "log.h"
#include "receive_lines.h"
#include "thread.h"

#define STOP_US			(2 * INT64_C(1000000))
#define FULL_MS			10		/* between tries while the spool has no room */
#define STOP_IDLE_MS	50		/* this long nothing has come: all is read */

struct line_receiver
{
	struct line_input *input;
	struct spool *spool;
	pthread_t	thread;
	int			wake;			/* eventfd: stop */
	int64_t		until_us;		/* of the stop; 0: go on */
	struct spool_burst burst;
};

static bool
is_stopped(struct line_receiver *receiver, int wait_ms)
{
	struct pollfd fd = {.fd = receiver->wake,.events = POLLIN};

	if (receiver->until_us == 0 && poll(&fd, 1, wait_ms) > 0)
		receiver->until_us = clock_monotonic_us() + STOP_US;
	return receiver->until_us != 0;
}

/* Waits for room; at the end what finds none is refused, and counted. */
static void
append(struct line_receiver *receiver)
{
	const struct timespec pause = {.tv_nsec = FULL_MS * 1000000};

	while (!spool_try_append(receiver->spool, &receiver->burst))
	{
		if (!is_stopped(receiver, FULL_MS))
			continue;
		if (clock_monotonic_us() >= receiver->until_us)
		{
			(void) spool_append(receiver->spool, &receiver->burst);
			return;
		}
		nanosleep(&pause, NULL);
	}
}

static void
put(void *arg, const char *bytes, size_t len, const struct flow_addr *from)
{
	struct line_receiver *receiver = arg;
	struct spool_record record = {
		.type = SPOOL_LINES,
		.source = {
			.received_us = clock_realtime_us(),
			.addr = *from,
			.flags = SPOOL_IS_TCP
		},
		.bytes = (const uint8_t *) bytes,
		.len = len
	};

	while (!spool_burst_add(&receiver->burst, &record))
		append(receiver);
}

static void *
receive(void *arg)
{
	struct line_receiver *receiver = arg;
	struct pollfd fds[LINES_MAX_POLL + 1];

	for (;;)
	{
		int			n = input_lines_poll(receiver->input, fds);
		int			nready;

		fds[n] = (struct pollfd) {
			.fd = receiver->until_us == 0 ? receiver->wake : -1,.events = POLLIN
		};
		nready = poll(fds, (nfds_t) n + 1, receiver->until_us == 0 ? -1 : STOP_IDLE_MS);
		if (nready > 0)
			(void) input_lines_receive(receiver->input);
		append(receiver);
		if (is_stopped(receiver, 0) &&
			(nready == 0 || clock_monotonic_us() >= receiver->until_us))
			return NULL;
	}
}

struct line_receiver *
receive_lines_open(const char *url, struct counters *counters)
{
	struct line_receiver *receiver = calloc(1, sizeof(*receiver));
	struct line_out out = {put, receiver};

	if (receiver == NULL)
		fatalx("out of memory");
	receiver->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (receiver->wake < 0)
		log_warn("could not make an eventfd");
	else
		receiver->input = input_lines_open(url, &out, counters);
	if (receiver->input != NULL)
		return receiver;
	receive_lines_close(receiver);
	return NULL;
}

bool
receive_lines_start(struct line_receiver *receiver, struct spool *spool)
{
	receiver->spool = spool;
	return thread_start(&receiver->thread, receive, receiver, "receives lines");
}

void
receive_lines_stop(struct line_receiver *receiver)
{
	if (eventfd_write(receiver->wake, 1) != 0)
		fatal("could not wake the thread that receives lines");
	pthread_join(receiver->thread, NULL);
}

void
receive_lines_close(struct line_receiver *receiver)
{
	if (receiver->input != NULL)
		input_lines_close(receiver->input);
	if (receiver->wake >= 0)
		close(receiver->wake);
	free(receiver);
}
