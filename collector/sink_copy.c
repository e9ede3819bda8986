/*-------------------------------------------------------------------------
 *
 * PostgreSQL sink: what to do with the events of the connection.
 *
 * After a failure the next attempt waits RETRY_MIN_US, doubled for every
 * failure in a row up to RETRY_MAX_US.  A command that the server refuses for
 * a reason other than the rows (the table is gone, a privilege was revoked) is
 * tried again in live mode, since an administrator may put it right; only at
 * start, before anything was written, it is taken for a mistake and fatal.
 * Refused rows are fatal to a file, since its load would not be complete.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "clock.h"
#include "log.h"
#include "sink_bisect.h"
#include "sink_copy.h"
#include "sink_queue.h"
#include "sink_server.h"

#define RETRY_MIN_US	INT64_C(100000)
#define RETRY_MAX_US	INT64_C(10000000)
#define FINISH_US		INT64_C(30000000)

struct copy_sink
{
	struct sink sink;			/* must be first */
	struct copy_options options;
	struct server *server;
	struct queue queue;
	struct batch *sending;		/* the queue's oldest, or NULL */
	struct bisect search;		/* in it */
	int64_t		due_us;			/* when to close the open batch; 0: no rows */
	int64_t		retry_at_us;	/* not connected: when to try */
	int64_t		retry_us;		/* the wait after the next failure */
	bool		was_connected;	/* ever, so the table was in order */
	int64_t		patient_until_us;	/* 0: nobody has waited yet */
	uint64_t	progress;		/* when that was set */
	bool		is_draining;
	bool		is_finishing;
	bool		has_trouble;	/* writing failed and has not succeeded since */
	struct log_limit lost_limit;
	struct log_limit drop_limit;
	struct log_limit reject_limit;
};

static void
schedule_retry(struct copy_sink *cs, int64_t now_us)
{
	cs->retry_at_us = now_us + cs->retry_us;
	cs->retry_us *= 2;
	if (cs->retry_us > RETRY_MAX_US)
		cs->retry_us = RETRY_MAX_US;
}

static void
stop_sending(struct copy_sink *cs)
{
	if (cs->sending == NULL)
		return;
	cs->sending->is_sending = false;
	cs->sending = NULL;
	cs->options.counters->batches_retried++;
}

/* Note how far the search has come. */
static void
settle(struct copy_sink *cs)
{
	cs->sending->nsettled = cs->search.from;
	if (cs->search.from < cs->search.end)
		return;
	cs->sending = NULL;
	queue_remove_oldest(&cs->queue);
}

/* Rows are bad, not the server: go on without them. */
static bool
handle_rejected(struct copy_sink *cs, int64_t now_us)
{
	size_t		nrows;

	if (!cs->options.is_live)
	{
		log_warnx("%s", server_message(cs->server));
		return false;
	}
	nrows = bisect_refused(&cs->search);
	cs->options.counters->rows_rejected += nrows;
	if (nrows > 0 && log_allowed(&cs->reject_limit, now_us))
		log_warnx("dropped %zu row%s that the server refused: %s", nrows,
				  nrows == 1 ? "" : "s", server_message(cs->server));
	settle(cs);
	return true;
}

static void
keep_batch(struct copy_sink *cs, int64_t now_us)
{
	if (log_allowed(&cs->lost_limit, now_us))
		log_warnx("could not write to the database, will try again: %s",
				  server_message(cs->server));
	cs->has_trouble = true;
	stop_sending(cs);
	schedule_retry(cs, now_us);
}

static bool
handle_refused(struct copy_sink *cs, int64_t now_us)
{
	bool		is_fatal = !cs->options.is_live || !cs->was_connected;

	if (is_fatal)
	{
		log_warnx("%s", server_message(cs->server));
		return false;
	}
	keep_batch(cs, now_us);
	return true;
}

static bool
handle_lost(struct copy_sink *cs, int64_t now_us)
{
	if (!cs->options.is_live && !cs->was_connected &&
		!server_is_starting(cs->server))
	{
		log_warnx("%s", server_message(cs->server));
		return false;
	}
	keep_batch(cs, now_us);
	return true;
}

static void
handle_sent(struct copy_sink *cs)
{
	cs->options.counters->batches++;
	cs->options.counters->rows_written += cs->search.nrows;
	bisect_accepted(&cs->search);
	settle(cs);
	cs->retry_us = RETRY_MIN_US;
	if (cs->has_trouble)
	{
		log_info("the database takes rows again");
		cs->has_trouble = false;
		cs->lost_limit = (struct log_limit) {0};
	}
}

static void
note_connected(struct copy_sink *cs)
{
	if (cs->was_connected && cs->retry_at_us != 0)
		cs->options.counters->reconnects++;
	cs->was_connected = true;
	cs->retry_at_us = 0;
}

/* Returns whether there is a batch to be sent. */
static bool
choose_batch(struct copy_sink *cs, int64_t now_us)
{
	if (queue_oldest(&cs->queue) == NULL && cs->due_us != 0 &&
		(now_us >= cs->due_us || cs->is_finishing))
		queue_close_batch(&cs->queue);
	if (queue_open_rows(&cs->queue) == 0)
		cs->due_us = 0;
	cs->sending = queue_oldest(&cs->queue);
	if (cs->sending == NULL)
		return false;
	cs->sending->is_sending = true;
	bisect_begin(&cs->search, cs->sending->nsettled, cs->sending->nflows);
	return true;
}

/* Returns whether there was something to be sent. */
static bool
send_next(struct copy_sink *cs, int64_t now_us)
{
	if (cs->sending == NULL && !choose_batch(cs, now_us))
		return false;
	server_send(cs->server, cs->sending->flows + cs->search.from,
				cs->search.nrows);
	return true;
}

static bool
copy_tick(struct sink *sink, int64_t now_us)
{
	struct copy_sink *cs = (struct copy_sink *) sink;

	if (cs->due_us == 0 && queue_open_rows(&cs->queue) > 0 &&
		(cs->options.is_live || cs->is_finishing))
		cs->due_us = now_us + cs->options.max_age_us;
	for (;;)
	{
		if (!server_is_connected(cs->server))
		{
			if (now_us < cs->retry_at_us)
				return true;
			server_connect(cs->server, now_us);
		}
		switch (server_step(cs->server, now_us))
		{
			case SERVER_BUSY:
				return true;
			case SERVER_SENT:
				handle_sent(cs);
				break;
			case SERVER_REJECTED:
				if (!handle_rejected(cs, now_us))
					return false;
				break;
			case SERVER_LOST:
				if (!handle_lost(cs, now_us))
					return false;
				break;
			case SERVER_REFUSED:
				if (!handle_refused(cs, now_us))
					return false;
				break;
			case SERVER_IDLE:
				note_connected(cs);
				if (!send_next(cs, now_us))
					return true;
				break;
		}
	}
}

static int
copy_poll(struct sink *sink, struct pollfd *fd, int64_t now_us)
{
	struct copy_sink *cs = (struct copy_sink *) sink;
	int64_t		due_us = 0;

	server_poll(cs->server, fd);
	if (fd->fd < 0)
		due_us = cs->retry_at_us;
	else if (cs->sending == NULL)
		due_us = cs->due_us;
	if (due_us == 0)
		return 1000;			/* connecting may time out */
	return due_us <= now_us ? 0 : (int) ((due_us - now_us) / 1000 + 1);
}

/* Tick, then wait until there may be more to do. */
static bool
work_and_wait(struct copy_sink *cs, int64_t now_us)
{
	struct pollfd fd;
	int			timeout_ms;

	if (!copy_tick(&cs->sink, now_us))
		return false;
	timeout_ms = copy_poll(&cs->sink, &fd, now_us);
	(void) poll(&fd, 1, timeout_ms);
	return true;
}

/* Has the database taken anything in the last FINISH_US of waiting? */
static bool
is_patient(struct copy_sink *cs, int64_t now_us)
{
	uint64_t	progress = cs->options.counters->batches +
		cs->options.counters->rows_rejected;

	if (cs->patient_until_us == 0 || cs->progress != progress)
	{
		cs->progress = progress;
		cs->patient_until_us = now_us + FINISH_US;
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
		if (!work_and_wait(cs, now_us))
			return false;
	}
	if (cs->queue.bytes > cs->options.queue_bytes)
		drop_oldest(cs);
	return true;
}

static bool
wait_for_batches(struct copy_sink *cs)
{
	while (cs->queue.nbatches > COPY_FILE_BATCHES)
	{
		if (!work_and_wait(cs, clock_monotonic_us()))
			return false;
	}
	return true;
}

static bool
copy_put(struct sink *sink, const struct flow *flow)
{
	struct copy_sink *cs = (struct copy_sink *) sink;

	cs->options.counters->rows_queued++;
	if (!queue_put(&cs->queue, flow))
	{
		cs->options.counters->rows_dropped++;
		if (cs->options.is_live)
			return true;
		log_warnx("out of memory");
		return false;
	}
	return cs->options.is_live ? make_room(cs) : wait_for_batches(cs);
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
	queue_close_batch(&cs->queue);
	while (cs->queue.nbatches > 0)
	{
		int64_t		now_us = clock_monotonic_us();

		if (cs->options.is_live && !is_patient(cs, now_us))
			return false;		/* close says what is lost */
		if (!work_and_wait(cs, now_us))
			return false;
	}
	return true;
}

static void
copy_close(struct sink *sink)
{
	struct copy_sink *cs = (struct copy_sink *) sink;
	uint64_t	lost = 0;

	stop_sending(cs);
	while (cs->queue.nbatches > 0)
		lost += queue_drop_oldest(&cs->queue);
	cs->options.counters->rows_dropped += lost;
	if (lost > 0)
		log_warnx("the database did not take the last %llu rows",
				  (unsigned long long) lost);
	server_close(cs->server);
	free(cs);
}

static const struct sink_ops copy_ops = {
	.put = copy_put,
	.tick = copy_tick,
	.poll = copy_poll,
	.begin_drain = copy_begin_drain,
	.finish = copy_finish,
	.close = copy_close
};

struct sink *
sink_copy_open(const struct copy_options *options)
{
	struct copy_sink *cs = calloc(1, sizeof(*cs));

	if (cs != NULL)
		cs->server = server_open(options->conninfo, options->table,
								 options->sensor);
	if (cs == NULL || cs->server == NULL)
	{
		log_warnx("out of memory");
		free(cs);
		return NULL;
	}
	cs->sink.ops = &copy_ops;
	cs->options = *options;
	cs->queue.batch_rows = options->batch_rows;
	cs->retry_us = RETRY_MIN_US;
	while (!options->is_live && !cs->was_connected)
	{
		if (*options->stop_requested)
			log_warnx("stopped before there was a connection to the database");
		else if (work_and_wait(cs, clock_monotonic_us()))
			continue;
		copy_close(&cs->sink);
		return NULL;
	}
	return &cs->sink;
}
