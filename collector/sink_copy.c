/*-------------------------------------------------------------------------
 *
 * PostgreSQL sink: what to do with the events of the lanes.
 *
 * A command that the server refuses for a reason other than the rows (the
 * table is gone, a privilege was revoked) is tried again in live mode, since
 * an administrator may put it right; only at start, before anything was
 * written, it is taken for a mistake and fatal.
 *
 * Before a batch is sent, what the database is known to have of it is left
 * out.  That knowledge is as old as the connection, but the note that a batch
 * makes fails if it is too old, and then there is a new connection.
 *
 * To go back, no lane may be writing: when the last one has ended all are
 * closed, and the first that is connected again says where to.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "sink_claim.h"
#include "sink_copy.h"
#include "sink_reject.h"
#include "sink_trouble.h"

#define FINISH_US		INT64_C(30000000)
#define FINISH_AGAIN_US	INT64_C(5000000) /* if the source is read again */
#define FILE_BATCHES	2		/* beyond those that are being written */

enum rewind
{
	REWIND_NONE,
	REWIND_QUIET,				/* lanes end what they are at */
	REWIND_ASK,					/* the database is asked where to */
	REWIND_READY				/* for the driver */
};

struct copy_sink
{
	struct sink sink;			/* must be first */
	struct copy_options options;
	struct lane lanes[COPY_MAX_CONNECTIONS];
	int			nlanes;
	int			epoll;			/* of the lanes' sockets */
	struct queue queue;
	struct known known;
	struct reject *reject;		/* or NULL */
	enum rewind rewind;
	struct claim claim;
	bool		has_other;		/* somebody else has written what is claimed */
	int64_t		due_us;			/* when to close the open batch; 0: no rows */
	bool		was_connected;	/* ever, so the table was in order */
	int64_t		patient_until_us;	/* 0: nobody has waited yet */
	uint64_t	progress;		/* when that was set */
	bool		is_draining;
	bool		is_finishing;
	struct trouble trouble;
	struct log_limit lane_limit;
	struct log_limit drop_limit;
	struct log_limit reject_limit;
};

/* Forget the connection's failure, but not the batch. */
static void
keep_batch(struct copy_sink *cs, struct lane *lane, const char *reason,
		   int64_t now_us)
{
	if (!lane->is_described && lane_is_any_connected(cs->lanes, cs->nlanes))
	{
		if (log_allowed(&cs->lane_limit, now_us))
			log_warnx("could not open one more connection to the database, will "
					  "try again: %s", reason);
		(void) lane_take(lane);
	}
	else
		trouble_note(&cs->trouble, reason, now_us);
	if (lane->batch != NULL && lane->is_described)
		cs->options.counters->batches_retried++;
	if (lane->batch != NULL && lane->batch->is_doubtful &&
		strstr(reason, SERVER_IS_NOTED) == NULL)
		claim_note(&cs->claim, lane->batch->first, lane->batch->end);
	lane->is_described = false;
	lane_schedule(lane, now_us);
}

static bool
handle_refused(struct copy_sink *cs, struct lane *lane, int64_t now_us)
{
	if (!cs->options.is_live || !cs->was_connected)
	{
		log_warnx("%s", server_message(lane->server));
		return false;
	}
	keep_batch(cs, lane, server_message(lane->server), now_us);
	return true;
}

static bool
handle_lost(struct copy_sink *cs, struct lane *lane, int64_t now_us)
{
	if (!cs->options.is_live && !cs->was_connected &&
		!server_is_starting(lane->server))
	{
		log_warnx("%s", server_message(lane->server));
		return false;
	}
	keep_batch(cs, lane, server_message(lane->server), now_us);
	return true;
}

/* Rows are bad, not the server: may we go on without them? */
static bool
handle_rejected(struct copy_sink *cs, struct lane *lane)
{
	if (cs->options.is_live || cs->reject != NULL)
		return true;
	log_warnx("%s", server_message(lane->server));
	return false;
}

/* Tell of refused rows, once even if their batch is sent again. */
static void
report_refused(struct copy_sink *cs, struct lane *lane, int64_t now_us)
{
	struct batch *batch = lane->batch;
	size_t		end = lane->refused_from + lane->refused_n;
	size_t		from = lane->refused_from > batch->reported ?
		lane->refused_from : batch->reported;

	if (from >= end)
		return;
	if (log_allowed(&cs->reject_limit, now_us))
		log_warnx("%s %zu row%s that the server refused: %s",
				  cs->reject == NULL ? "dropped" : "put aside", end - from,
				  end - from == 1 ? "" : "s", server_message(lane->server));
	if (cs->reject != NULL &&
		!reject_write(cs->reject, batch_rows(batch, from, end - from)))
	{
		server_disconnect(lane->server);
		keep_batch(cs, lane, "refused rows cannot be put aside", now_us);
		return;
	}
	batch->reported = end;
}

/* What is written of a batch's source; NULL if nobody remembers. */
static struct ranges *
written(struct copy_sink *cs, const struct batch *batch)
{
	if (batch->source != NULL)
		return &batch->source->ranges;
	return cs->known.has_table ? &cs->known.ranges : NULL;
}

static void
handle_written(struct copy_sink *cs, struct lane *lane)
{
	struct counters *counters = cs->options.counters;
	struct batch *batch = lane_take(lane);

	counters->batches++;
	counters->rows_written += batch->nrows - lane->nrefused;
	counters->rows_rejected += lane->nrefused;
	if (written(cs, batch) != NULL && batch->first < batch->end &&
		!ranges_add(written(cs, batch), batch->first, batch->end))
		fatalx("out of memory");
	claim_note(&cs->claim, batch->first, batch->end);
	queue_remove(&cs->queue, batch);
	trouble_end(&cs->trouble);
}

/* The database lacks what it had said was committed. */
static void
handle_loss(struct copy_sink *cs, const char *source, uint64_t had, uint64_t has)
{
	log_warnx("the database has lost what was written: positions %llu to %llu of "
			  "source \"%s\"%s", (unsigned long long) has,
			  (unsigned long long) had, source,
			  cs->options.source_can_wait ? ", which is read again" : "");
	if (cs->options.source_can_wait && cs->rewind == REWIND_NONE)
		cs->rewind = REWIND_QUIET;
}

static void
end_rewind(struct copy_sink *cs)
{
	while (cs->queue.oldest != NULL)
		cs->options.counters->rows_reread += queue_drop_oldest(&cs->queue);
	queue_switch(&cs->queue, NULL, ranges_start(&cs->known.ranges));
	cs->rewind = REWIND_READY;
}

static void
check_sources(struct copy_sink *cs)
{
	const struct source *lost = sources_find_lost(cs->known.sources);

	if (lost == NULL)
		return;
	handle_loss(cs, lost->name, lost->floor, ranges_start(&lost->ranges));
	sources_set_floors(cs->known.sources);
}

static void
handle_connected(struct copy_sink *cs, struct lane *lane, int64_t now_us)
{
	uint64_t	has = ranges_start(&cs->known.ranges);

	(void) lane_take(lane);
	cs->has_other = cs->known.has_table &&
		claim_is_broken(&cs->claim, &cs->known.ranges, cs->lanes, cs->nlanes);
	if (cs->has_other)
	{
		server_disconnect(lane->server);
		lane->is_described = false;
		keep_batch(cs, lane, "another collector writes this source, as from a copy "
				   "of the spool's directory", now_us);
		return;
	}

	if (lane->was_connected)
		cs->options.counters->reconnects++;
	lane->was_connected = true;
	cs->was_connected = true;
	if (cs->rewind == REWIND_ASK)
		end_rewind(cs);
	else if (cs->known.has_table && cs->known.sources != NULL)
		check_sources(cs);
	else if (cs->known.has_table && has < lane->known_start)
		handle_loss(cs, cs->options.source, lane->known_start, has);
}

/*
 * Leave out of a batch what the database has.  Returns false if nothing is
 * left of it.
 */
static bool
is_new(struct copy_sink *cs, struct batch *batch)
{
	const struct range *range;

	while (written(cs, batch) != NULL &&
		   (range = ranges_overlap(written(cs, batch), batch->first, batch->end)) != NULL)
	{
		size_t		nrows;

		if (!queue_leave_out(&cs->queue, batch, range, &nrows))
			fatalx("out of memory");
		if (batch->is_doubtful)
			cs->options.counters->rows_written += nrows;
		else
			cs->options.counters->rows_known += nrows;
	}
	return batch->nrows > 0 || batch->first < batch->end;
}

static bool
may_write(const struct copy_sink *cs)
{
	return cs->rewind == REWIND_NONE && !cs->has_other;
}

/* The next batch to be written, or NULL. */
static struct batch *
choose_batch(struct copy_sink *cs, int64_t now_us)
{
	struct batch *batch;

	if (!may_write(cs))
		return NULL;
	if (queue_oldest(&cs->queue) == NULL && cs->due_us != 0 &&
		(now_us >= cs->due_us || cs->is_finishing))
		queue_close_batch(&cs->queue);
	if (queue_open_rows(&cs->queue) == 0)
		cs->due_us = 0;
	while ((batch = queue_oldest(&cs->queue)) != NULL)
	{
		if (is_new(cs, batch))
			return batch;
		queue_remove(&cs->queue, batch);
		trouble_end(&cs->trouble);
	}
	return NULL;
}

/* The first lane always; others for batches that it cannot take. */
static bool
should_connect(const struct copy_sink *cs, const struct lane *lane)
{
	return lane == &cs->lanes[0] || lane->batch != NULL ||
		(may_write(cs) && queue_oldest(&cs->queue) != NULL);
}

static bool
handle_event(struct copy_sink *cs, struct lane *lane, enum lane_event event,
			 int64_t now_us)
{
	switch (event)
	{
		case LANE_CONNECTED:
			handle_connected(cs, lane, now_us);
			return true;
		case LANE_WRITTEN:
			handle_written(cs, lane);
			return true;
		case LANE_REJECTED:
			return handle_rejected(cs, lane);
		case LANE_GAVE_UP:
			if (!handle_rejected(cs, lane))
				return false;
			report_refused(cs, lane, now_us);
			return true;
		case LANE_LOST:
			return handle_lost(cs, lane, now_us);
		case LANE_REFUSED:
			return handle_refused(cs, lane, now_us);
		default:
			return true;
	}
}

/* What is written so far must be there when there is a connection. */
static void
begin_connecting(struct copy_sink *cs, struct lane *lane, int64_t now_us)
{
	if (cs->known.has_table && cs->known.sources != NULL && !lane_is_any_connecting(cs->lanes, cs->nlanes))
		sources_set_floors(cs->known.sources);
	lane->known_start = ranges_start(&cs->known.ranges);
	lane_connect(lane, now_us);
}

static bool
work(struct copy_sink *cs, struct lane *lane, int64_t now_us)
{
	for (;;)
	{
		enum lane_event event;
		struct batch *batch;

		if (!server_is_connected(lane->server))
		{
			if (now_us < lane->retry_at_us || !should_connect(cs, lane))
				return true;
			begin_connecting(cs, lane, now_us);
		}
		event = lane_step(lane, now_us);
		if (event == LANE_BUSY)
			return true;
		if (event == LANE_FREE)
		{
			batch = choose_batch(cs, now_us);
			if (batch == NULL)
				return true;
			lane_write(lane, batch);
		}
		else if (!handle_event(cs, lane, event, now_us))
			return false;
	}
}

/* Once no lane is writing, ask anew what the database has. */
static void
quiet(struct copy_sink *cs)
{
	for (int i = 0; i < cs->nlanes; i++)
	{
		struct lane *lane = &cs->lanes[i];

		if (!server_is_connected(lane->server))
			(void) lane_take(lane);
		if (lane->batch != NULL)
			return;
	}
	for (int i = 0; i < cs->nlanes; i++)
		server_disconnect(cs->lanes[i].server);
	cs->rewind = REWIND_ASK;
}

static bool
copy_tick(struct sink *sink, int64_t now_us)
{
	struct copy_sink *cs = (struct copy_sink *) sink;

	if (cs->due_us == 0 && queue_open_rows(&cs->queue) > 0 &&
		(cs->options.is_live || cs->is_finishing))
		cs->due_us = now_us + cs->options.max_age_us;
	for (int i = 0; i < cs->nlanes; i++)
	{
		if (!work(cs, &cs->lanes[i], now_us))
			return false;
	}
	if (cs->rewind == REWIND_QUIET)
		quiet(cs);
	return true;
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
	if (!server_is_connected(lane->server) && should_connect(cs, lane))
		return lane->retry_at_us;
	if (server_is_connected(lane->server) && lane->batch == NULL && cs->due_us != 0 &&
		may_write(cs))
		return cs->due_us;
	return now_us + 1000000;	/* connecting may time out */
}

static int
copy_poll(struct sink *sink, struct pollfd *fd, int64_t now_us)
{
	struct copy_sink *cs = (struct copy_sink *) sink;
	int64_t		due_us = now_us + 1000000;

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
	while (cs->queue.oldest != NULL)
		nrows += queue_drop_oldest(&cs->queue);
	if (nrows == 0)
		return;
	if (cs->options.source_can_wait)
	{
		cs->options.counters->rows_reread += nrows;
		log_info("%llu rows that the database did not take are left in \"%s\"",
				 (unsigned long long) nrows, cs->options.source);
		return;
	}
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

bool
sink_copy_start(const struct sink *sink, uint64_t *position)
{
	const struct copy_sink *cs = (const struct copy_sink *) sink;

	*position = ranges_start(&cs->known.ranges);
	return cs->known.has_table;
}

void
sink_copy_claim(struct sink *sink, uint64_t position)
{
	struct copy_sink *cs = (struct copy_sink *) sink;

	cs->claim.is_claimed = true;
	claim_note(&cs->claim, 0, position);
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

bool
sink_copy_is_away(const struct sink *sink)
{
	const struct copy_sink *cs = (const struct copy_sink *) sink;

	return cs->trouble.is_there || !lane_is_any_connected(cs->lanes, cs->nlanes);
}

uint64_t
sink_copy_settled(const struct sink *sink)
{
	return queue_settled(&((const struct copy_sink *) sink)->queue);
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
