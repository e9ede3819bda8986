/*-------------------------------------------------------------------------
 *
 * Capturing into the spool.
 *
 * All flows that have ended are appended before the thread waits, so that they
 * are out of reach of a kill as soon as the spool writes.
 *
 * The thread raises its counters without locking, so nobody else looks at them:
 * it publishes a copy each turn.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "flow_pack.h"
#include "log.h"
#include "receive_capture.h"
#include "thread.h"

#define DRAIN_US	INT64_C(2000000)
#define FULL_NS		5000000		/* between tries while the spool has no room */

struct capture_receiver
{
	struct live_meter *live;
	struct spool *spool;
	pthread_t	thread;
	int			wake;			/* eventfd: stop */
	int64_t		full_us;		/* since when the spool has no room; 0: it has */
	struct counters counters;	/* of the thread, and of that of the ring */
	pthread_mutex_t lock;		/* for "published" */
	struct counters published;
	struct counters collected;	/* of them, by receive_capture_collect */
	uint8_t		flow[SPOOL_MAX_CONTENT];
	struct spool_burst burst;
};

/* Waits for room, but not for ever; what finds none is refused, and counted. */
static void
append(struct capture_receiver *receiver)
{
	const struct timespec pause = {.tv_nsec = FULL_NS};

	while (!spool_try_append(receiver->spool, &receiver->burst))
	{
		int64_t		now_us = clock_monotonic_us();

		if (receiver->full_us == 0)
			receiver->full_us = now_us;
		if (now_us - receiver->full_us >= CAPTURE_PATIENCE_US)
		{
			(void) spool_append(receiver->spool, &receiver->burst);
			return;
		}
		nanosleep(&pause, NULL);
	}
	receiver->full_us = 0;
}

static void
put_flow(void *arg, const struct flow *flow)
{
	struct capture_receiver *receiver = arg;
	struct spool_record record = {
		.type = SPOOL_FLOW,
		.source.received_us = clock_realtime_us(),
		.bytes = receiver->flow
	};

	if (flow_pack_bound(flow) > sizeof(receiver->flow))
	{
		counter_add(&receiver->counters.spool_records_refused, 1);
		return;
	}
	record.len = flow_pack(flow, receiver->flow);
	while (!spool_burst_add(&receiver->burst, &record))
		append(receiver);
}

/* Returns whether it is time to stop. */
static bool
wait_for_frames(struct capture_receiver *receiver, bool has_more)
{
	struct pollfd fds[1 + LIVE_METER_MAX];
	int			timeout_ms;
	int			n = live_meter_poll(receiver->live, fds + 1, &timeout_ms);

	fds[0] = (struct pollfd) {.fd = receiver->wake,.events = POLLIN};
	if (poll(fds, (nfds_t) n + 1, has_more ? 0 : timeout_ms) < 0 && errno != EINTR)
		fatal("could not wait for frames");
	return fds[0].revents != 0;
}

static void
publish(struct capture_receiver *receiver)
{
	pthread_mutex_lock(&receiver->lock);
#define PUBLISH(name) \
	receiver->published.name = __atomic_load_n(&receiver->counters.name, __ATOMIC_RELAXED);

	COUNTER_LIST(PUBLISH)
#undef PUBLISH
	pthread_mutex_unlock(&receiver->lock);
}

static void *
receive(void *arg)
{
	struct capture_receiver *receiver = arg;
	bool		has_more = false;
	int64_t		end_us;

	while (!wait_for_frames(receiver, has_more))
	{
		has_more = live_meter_read(receiver->live);
		append(receiver);
		publish(receiver);
	}
	end_us = clock_monotonic_us() + DRAIN_US;
	while (live_meter_read(receiver->live) && clock_monotonic_us() < end_us)
		append(receiver);
	live_meter_close(receiver->live);
	receiver->live = NULL;
	append(receiver);
	publish(receiver);
	return NULL;
}

struct capture_receiver *
receive_capture_open(const char *const *devices, int ndevices,
					 const struct live_options *options, const struct meter_options *meter)
{
	struct capture_receiver *receiver = calloc(1, sizeof(*receiver));
	struct meter_options ours = *meter;

	if (receiver == NULL)
		fatalx("out of memory");
	pthread_mutex_init(&receiver->lock, NULL);
	ours.out = (struct flow_out) {put_flow, receiver};
	ours.counters = &receiver->counters;
	receiver->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (receiver->wake < 0)
		log_warn("could not make an eventfd");
	else
		receiver->live = live_meter_open(devices, ndevices, options, &ours);
	if (receiver->live != NULL)
		return receiver;
	receive_capture_close(receiver);
	return NULL;
}

bool
receive_capture_start(struct capture_receiver *receiver, struct spool *spool)
{
	receiver->spool = spool;
	return live_meter_open_ring(receiver->live) && thread_start(&receiver->thread, receive, receiver, "captures");
}

void
receive_capture_collect(struct capture_receiver *receiver, struct counters *counters)
{
	pthread_mutex_lock(&receiver->lock);
#define COLLECT(name) \
	if (receiver->published.name != receiver->collected.name) \
		counter_add(&counters->name, receiver->published.name - receiver->collected.name);

	COUNTER_LIST(COLLECT)
#undef COLLECT
	receiver->collected = receiver->published;
	pthread_mutex_unlock(&receiver->lock);
}

void
receive_capture_stop(struct capture_receiver *receiver)
{
	if (eventfd_write(receiver->wake, 1) != 0)
		fatal("could not wake the thread that captures");
	pthread_join(receiver->thread, NULL);
}

void
receive_capture_close(struct capture_receiver *receiver)
{
	if (receiver->live != NULL)
		live_meter_close(receiver->live);
	if (receiver->wake >= 0)
		close(receiver->wake);
	pthread_mutex_destroy(&receiver->lock);
	free(receiver);
}
