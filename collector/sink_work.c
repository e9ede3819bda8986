/*-------------------------------------------------------------------------
 *
 * PostgreSQL sink: what to do with the events of the lanes.
 *
 * A command that the server refuses for a reason other than the rows (the
 * table is gone, a privilege was revoked) is tried again in live mode, since
 * an administrator may put it right; only at start, if nothing was ever
 * written, it is taken for a mistake and fatal.
 *
 * Before a batch is sent, what the database is known to have of it is left
 * out.  That knowledge is as old as the connection, but the note that a batch
 * makes fails if it is too old, and then there is a new connection.
 *
 * A source may go on for long without giving rows.  That is noted, too, before
 * it is told that it may forget: or else it would have to say what was there.
 *
 * To go back, no lane may be writing: when the last one has ended all are
 * closed, and the first that is connected again says where to.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <string.h>

#include "sink_work.h"

#define NOTE_US		INT64_C(5000000) /* positions without rows are noted after */

/* Are positions noted of one source, which is read again from them? */
static bool
is_noting(const struct copy_sink *cs)
{
	return cs->known.has_table && cs->known.sources == NULL && cs->options.source_can_wait;
}

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
	if (lane->batch != NULL && lane->batch->is_doubtful)
	{
		if (strstr(reason, SERVER_IS_NOTED) != NULL)
			lane->batch->is_doubtful = lane->was_doubtful;	/* this time it was undone */
		else
			claim_note(&cs->claim, lane->batch->first, lane->batch->end);
	}
	lane->is_described = false;
	lane_schedule(lane, now_us);
}

static bool
handle_refused(struct copy_sink *cs, struct lane *lane, int64_t now_us)
{
	if (!cs->options.is_live || (!cs->was_connected && !cs->options.waits_at_start))
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
	cs->note_due_us = 0;
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

/* Rows of a batch that are from before what the source still has. */
static size_t
leave_out_gone(struct copy_sink *cs, struct batch *batch)
{
	struct range gone = {batch->first, cs->gone};
	size_t		nrows = 0;

	if (cs->gone <= batch->first)
		return 0;
	if (cs->gone >= batch->end)
		gone.next = batch->end;
	if (gone.first < gone.next && !queue_leave_out(&cs->queue, batch, &gone, &nrows))
		fatalx("out of memory");
	return nrows;
}

void
work_forget(struct copy_sink *cs)
{
	uint64_t	nlost = 0;

	while (cs->queue.oldest != NULL)
	{
		nlost += leave_out_gone(cs, cs->queue.oldest);
		cs->options.counters->rows_reread += queue_drop_oldest(&cs->queue);
	}
	cs->options.counters->rows_dropped += nlost;
	if (nlost > 0)
		log_warnx("dropped %llu rows that the database did not take, and that \"%s\" no "
				  "longer has", (unsigned long long) nlost, cs->options.source);
}

static void
end_rewind(struct copy_sink *cs)
{
	work_forget(cs);
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
	if (!cs->was_connected && is_noting(cs))
		queue_switch(&cs->queue, NULL, has);
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

bool
work_may_write(const struct copy_sink *cs)
{
	return cs->rewind == REWIND_NONE && !cs->has_other;
}

/* The next batch to be written, or NULL. */
static struct batch *
choose_batch(struct copy_sink *cs, int64_t now_us)
{
	struct batch *batch;

	if (!work_may_write(cs))
		return NULL;
	if (queue_oldest(&cs->queue) == NULL && cs->due_us != 0 &&
		(now_us >= cs->due_us || cs->is_finishing))
		queue_close_batch(&cs->queue);
	if (queue_open_rows(&cs->queue) == 0)
	{
		cs->due_us = 0;
		if (queue_oldest(&cs->queue) == NULL && cs->note_due_us != 0 &&
			now_us >= cs->note_due_us && !queue_close_last(&cs->queue))
			fatalx("out of memory");
	}
	while ((batch = queue_oldest(&cs->queue)) != NULL)
	{
		if (is_new(cs, batch))
			return batch;
		queue_remove(&cs->queue, batch);
		trouble_end(&cs->trouble);
	}
	return NULL;
}

bool
work_wants(const struct copy_sink *cs, const struct lane *lane)
{
	return lane == &cs->lanes[0] || lane->batch != NULL ||
		(work_may_write(cs) && queue_oldest(&cs->queue) != NULL);
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
			if (now_us < lane->retry_at_us || !work_wants(cs, lane))
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

void
work_note_age(struct copy_sink *cs, int64_t now_us)
{
	if (cs->due_us == 0 && queue_open_rows(&cs->queue) > 0 &&
		(cs->options.is_live || cs->is_finishing))
		cs->due_us = now_us + cs->options.max_age_us;
	if (!is_noting(cs) || queue_removed(&cs->queue) >= cs->queue.at)
		cs->note_due_us = 0;
	else if (cs->note_due_us == 0)
		cs->note_due_us = now_us + NOTE_US;
}

bool
work_step(struct copy_sink *cs, int64_t now_us)
{
	work_note_age(cs, now_us);
	for (int i = 0; i < cs->nlanes; i++)
	{
		if (!work(cs, &cs->lanes[i], now_us))
			return false;
	}
	if (cs->rewind == REWIND_QUIET)
		quiet(cs);
	return true;
}
