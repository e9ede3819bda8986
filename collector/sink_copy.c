/*-------------------------------------------------------------------------
 *
 * PostgreSQL sink: what its driver asks for, and how long that may take.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "clock.h"
#include "sink_work.h"

#define FINISH_US		INT64_C(30000000)
#define FINISH_AGAIN_US	INT64_C(5000000) /* if the source is read again */
#define FILE_BATCHES	2		/* beyond those that are being written */

static bool
copy_tick(struct sink *sink, int64_t now_us)
{
	return work_step((struct copy_sink *) sink, now_us);
}

/* Let the epoll descriptor wait for what the lane waits for. */
static void
watch(struct copy_sink *cs, const struct lane *lane)
{
	struct pollfd fd;
	struct epoll_event event = {0};

	server_poll(lane->server, &fd);
	if (fd.fd < 0)
		return;
	event.events = ((fd.events & POLLIN) != 0 ? EPOLLIN : 0) |
		((fd.events & POLLOUT) != 0 ? EPOLLOUT : 0);
	if (epoll_ctl(cs->epoll, EPOLL_CTL_MOD, fd.fd, &event) != 0 && errno == ENOENT)
		(void) epoll_ctl(cs->epoll, EPOLL_CTL_ADD, fd.fd, &event);
}

static int64_t
lane_due(const struct copy_sink *cs, const struct lane *lane, int64_t now_us)
{
	if (!server_is_connected(lane->server) && work_wants(cs, lane))
		return lane->retry_at_us;
	if (server_is_connected(lane->server) && lane->batch == NULL && cs->due_us != 0 &&
		work_may_write(cs))
		return cs->due_us;
	return now_us + 1000000;	/* connecting may time out */
}

static int
copy_poll(struct sink *sink, struct pollfd *fd, int64_t now_us)
{
	struct copy_sink *cs = (struct copy_sink *) sink;
	int64_t		due_us = now_us + 1000000;

	work_note_age(cs, now_us);
	for (int i = 0; i < cs->nlanes; i++)
	{
		int64_t		lane_due_us = lane_due(cs, &cs->lanes[i], now_us);

		watch(cs, &cs->lanes[i]);
		if (lane_due_us < due_us)
			due_us = lane_due_us;
	}
	*fd = (struct pollfd) {.fd = cs->epoll,.events = POLLIN};
	return due_us <= now_us ? 0 : (int) ((due_us - now_us) / 1000 + 1);
}

/* Wait until a tick may do something. */
static void
wait_for_lanes(struct copy_sink *cs)
{
	struct pollfd fd;
	int			timeout_ms = copy_poll(&cs->sink, &fd, clock_monotonic_us());

	(void) poll(&fd, 1, timeout_ms);
}

/* Has the database taken anything in the last FINISH_US, or FINISH_AGAIN_US, of waiting? */
static bool
is_patient(struct copy_sink *cs, int64_t now_us)
{
	uint64_t	progress = cs->options.counters->batches +
		cs->options.counters->rows_rejected;

	if (cs->patient_until_us == 0 || cs->progress != progress)
	{
		cs->progress = progress;
		cs->patient_until_us = now_us +
			(cs->options.source_can_wait ? FINISH_AGAIN_US : FINISH_US);
	}
	return now_us <= cs->patient_until_us;
}

static void
drop_oldest(struct copy_sink *cs)
{
	size_t		nrows = queue_drop_oldest(&cs->queue);

	cs->options.counters->rows_dropped += nrows;
	if (nrows > 0 && log_allowed(&cs->drop_limit, clock_monotonic_us()))
		log_warnx("the queue for the database is full, dropped %zu rows",
				  nrows);
}

static bool
make_room(struct copy_sink *cs)
{
	while (cs->is_draining && cs->queue.bytes > cs->options.queue_bytes)
	{
		int64_t		now_us = clock_monotonic_us();

		if (!is_patient(cs, now_us))
			break;
		if (!copy_tick(&cs->sink, now_us))
			return false;
		if (cs->queue.bytes > cs->options.queue_bytes)
			wait_for_lanes(cs);
	}
	if (cs->queue.bytes > cs->options.queue_bytes && !cs->options.source_can_wait)
		drop_oldest(cs);
	return true;
}

static bool
wait_for_batches(struct copy_sink *cs)
{
	size_t		max = (size_t) cs->nlanes + FILE_BATCHES;

	while (cs->queue.nbatches > max)
	{
		if (!copy_tick(&cs->sink, clock_monotonic_us()))
			return false;
		if (cs->queue.nbatches > max)
			wait_for_lanes(cs);
	}
	return true;
}

static bool
copy_put(struct sink *sink, const struct flow *flow)
{
	struct copy_sink *cs = (struct copy_sink *) sink;
	struct counters *counters = cs->options.counters;

	counters->rows_queued++;
	if (cs->rewind != REWIND_NONE)
	{
		counters->rows_reread++;
		return true;
	}
	if (!queue_put(&cs->queue, flow))
	{
		counters->rows_dropped++;
		if (cs->options.is_live && !cs->options.source_can_wait)
			return true;
		log_warnx("out of memory");
		return false;
	}
	return cs->options.is_live ? make_room(cs) : wait_for_batches(cs);
}

static bool
copy_mark(struct sink *sink, uint64_t position)
{
	struct copy_sink *cs = (struct copy_sink *) sink;

	if (cs->options.source == NULL || cs->rewind != REWIND_NONE ||
		queue_mark(&cs->queue, position))
		return true;
	log_warnx("out of memory");
	return false;
}

static void
copy_begin_drain(struct sink *sink)
{
	((struct copy_sink *) sink)->is_draining = true;
}

static bool
copy_finish(struct sink *sink)
{
	struct copy_sink *cs = (struct copy_sink *) sink;

	cs->is_finishing = true;
	if (cs->options.source == NULL)
		queue_close_batch(&cs->queue);
	else if (!queue_close_last(&cs->queue))
	{
		log_warnx("out of memory");
		return false;
	}
	while (queue_waits(&cs->queue) && cs->rewind == REWIND_NONE)
	{
		int64_t		now_us = clock_monotonic_us();

		if (cs->options.is_live && (!is_patient(cs, now_us) ||
									(cs->options.source_can_wait && sink_copy_is_away(sink))))
			return cs->options.source_can_wait; /* close says what is left */
		if (!copy_tick(&cs->sink, now_us))
			return false;
		if (queue_waits(&cs->queue))
			wait_for_lanes(cs);
	}
	return true;
}

/* What is left when the sink is closed. */
static void
account_rest(struct copy_sink *cs)
{
	uint64_t	nrows = 0;

	for (int i = 0; i < cs->nlanes; i++)
		(void) lane_take(&cs->lanes[i]);
	if (cs->options.source_can_wait)
	{
		nrows = cs->options.counters->rows_reread;
		work_forget(cs);
		nrows = cs->options.counters->rows_reread - nrows;
		if (nrows > 0)
			log_info("%llu rows that the database did not take are left in \"%s\"",
					 (unsigned long long) nrows, cs->options.source);
		return;
	}
	while (cs->queue.oldest != NULL)
		nrows += queue_drop_oldest(&cs->queue);
	if (nrows == 0)
		return;
	cs->options.counters->rows_dropped += nrows;
	log_warnx("the database did not take the last %llu rows",
			  (unsigned long long) nrows);
}

static void
copy_close(struct sink *sink)
{
	struct copy_sink *cs = (struct copy_sink *) sink;

	account_rest(cs);
	for (int i = 0; i < cs->nlanes; i++)
		lane_close(&cs->lanes[i]);
	sources_close(cs->known.sources);
	ranges_clear(&cs->known.ranges);
	ranges_clear(&cs->claim.own);
	reject_close(cs->reject);
	if (cs->epoll >= 0)
		close(cs->epoll);
	free(cs);
}

static const struct sink_ops copy_ops = {
	.put = copy_put,
	.mark = copy_mark,
	.tick = copy_tick,
	.poll = copy_poll,
	.begin_drain = copy_begin_drain,
	.finish = copy_finish,
	.close = copy_close
};

/* All that can fail at once. */
static bool
open_parts(struct copy_sink *cs)
{
	struct server_options server = {
		.conninfo = cs->options.conninfo,
		.table = cs->options.table,
		.sensor = cs->options.sensor,
		.source = cs->options.source,
		.known = &cs->known
	};

	cs->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (cs->epoll < 0)
	{
		log_warn("could not make an epoll descriptor");
		return false;
	}
	if (cs->options.has_sources && (cs->known.sources = sources_open()) == NULL)
	{
		log_warnx("out of memory");
		return false;
	}
	while (cs->nlanes < cs->options.connections)
	{
		if (!lane_open(&cs->lanes[cs->nlanes++], &server))
		{
			log_warnx("out of memory");
			return false;
		}
	}
	if (cs->options.rejected != NULL)
		cs->reject = reject_open(cs->options.rejected);
	return cs->options.rejected == NULL || cs->reject != NULL;
}

struct sink *
sink_copy_open(const struct copy_options *options)
{
	struct copy_sink *cs = calloc(1, sizeof(*cs));
	bool		is_open;

	if (cs == NULL)
	{
		log_warnx("out of memory");
		return NULL;
	}
	cs->sink.ops = &copy_ops;
	cs->options = *options;
	cs->queue.batch_rows = options->batch_rows;
	cs->queue.has_marks = options->source != NULL;
	is_open = open_parts(cs);
	while (is_open && !options->is_live && !cs->was_connected)
	{
		is_open = !*options->stop_requested;
		if (!is_open)
			log_warnx("stopped before there was a connection to the database");
		else
			is_open = copy_tick(&cs->sink, clock_monotonic_us());
		if (is_open && !cs->was_connected)
			wait_for_lanes(cs);
	}
	if (is_open)
		return &cs->sink;
	copy_close(&cs->sink);
	return NULL;
}

bool
sink_copy_is_ready(const struct sink *sink)
{
	return ((const struct copy_sink *) sink)->was_connected;
}

const char *
sink_copy_table(const struct sink *sink)
{
	return ((const struct copy_sink *) sink)->known.table;
}

bool
sink_copy_start(const struct sink *sink, uint64_t *position)
{
	const struct copy_sink *cs = (const struct copy_sink *) sink;

	*position = ranges_start(&cs->known.ranges);
	return cs->known.has_table;
}

void
sink_copy_claim(struct sink *sink, uint64_t earlier, uint64_t begin)
{
	struct copy_sink *cs = (struct copy_sink *) sink;
	const struct ranges *known = &cs->known.ranges;

	cs->claim.is_claimed = true;
	claim_note(&cs->claim, 0, earlier);
	for (size_t i = 0; i < known->n; i++)
		claim_note(&cs->claim, known->list[i].first,
				   known->list[i].next < begin ? known->list[i].next : begin);
}

struct sources *
sink_copy_sources(struct sink *sink)
{
	return ((struct copy_sink *) sink)->known.sources;
}

bool
sink_copy_switch(struct sink *sink, const char *name, uint64_t position)
{
	struct copy_sink *cs = (struct copy_sink *) sink;
	struct source *source = sources_add(cs->known.sources, name);

	if (cs->rewind != REWIND_NONE)
		return true;
	if (source != NULL && source == cs->queue.source && position == cs->queue.at)
		return true;
	if (source == NULL || !queue_close_last(&cs->queue))
	{
		log_warnx("out of memory");
		return false;
	}
	queue_switch(&cs->queue, source, position);
	return true;
}

void
sink_copy_forget(struct sink *sink, uint64_t position)
{
	((struct copy_sink *) sink)->gone = position;
}

bool
sink_copy_is_away(const struct sink *sink)
{
	const struct copy_sink *cs = (const struct copy_sink *) sink;

	return cs->trouble.is_there || !lane_is_any_connected(cs->lanes, cs->nlanes);
}

uint64_t
sink_copy_settled(const struct sink *sink)
{
	const struct copy_sink *cs = (const struct copy_sink *) sink;

	return cs->known.has_table && cs->known.sources == NULL ?
		queue_removed(&cs->queue) : queue_settled(&cs->queue);
}

bool
sink_copy_is_full(const struct sink *sink)
{
	const struct copy_sink *cs = (const struct copy_sink *) sink;

	return cs->queue.bytes >= cs->options.queue_bytes;
}

bool
sink_copy_must_rewind(struct sink *sink, uint64_t *position)
{
	struct copy_sink *cs = (struct copy_sink *) sink;

	if (cs->rewind != REWIND_READY)
		return false;
	cs->rewind = REWIND_NONE;
	*position = cs->queue.at;
	return true;
}
