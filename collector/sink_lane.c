/*-------------------------------------------------------------------------
 *
 * A lane: one connection, and the batch that it writes.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "sink_lane.h"

#define RETRY_MIN_US	INT64_C(100000)
#define RETRY_MAX_US	INT64_C(10000000)

bool
lane_open(struct lane *lane, const struct server_options *options)
{
	memset(lane, 0, sizeof(*lane));
	lane->retry_us = RETRY_MIN_US;
	lane->server = server_open(options);
	return lane->server != NULL;
}

void
lane_close(struct lane *lane)
{
	if (lane->server != NULL)
		server_close(lane->server);
	lane->server = NULL;
}

void
lane_connect(struct lane *lane, int64_t now_us)
{
	lane->is_described = false;
	server_connect(lane->server, now_us);
}

bool
lane_is_any_connected(const struct lane *lanes, int n)
{
	for (int i = 0; i < n; i++)
		if (lanes[i].is_described && server_is_connected(lanes[i].server))
			return true;
	return false;
}

bool
lane_is_any_connecting(const struct lane *lanes, int n)
{
	for (int i = 0; i < n; i++)
		if (!lanes[i].is_described && server_is_connected(lanes[i].server))
			return true;
	return false;
}

void
lane_write(struct lane *lane, struct batch *batch)
{
	lane->batch = batch;
	lane->is_begun = false;
	batch->is_sending = true;
}

struct batch *
lane_take(struct lane *lane)
{
	struct batch *batch = lane->batch;

	lane->batch = NULL;
	if (batch != NULL)
		batch->is_sending = false;
	return batch;
}

static struct server_note
note_of(const struct batch *batch, uint64_t nrows)
{
	return (struct server_note) {
		.source = batch->source == NULL ? NULL : batch->source->name,
		.first = batch->first,
		.next = batch->end,
		.nrows = nrows
	};
}

static void
send_whole(struct lane *lane)
{
	struct batch *batch = lane->batch;
	struct server_note note = note_of(batch, batch->nrows);

	lane->is_begun = true;
	lane->is_committing = true;
	lane->nrefused = 0;
	lane->was_doubtful = batch->is_doubtful;
	batch->is_doubtful = true;
	bisect_begin(&lane->search, 0, batch->nrows);
	server_send(lane->server, batch_rows(batch, 0, batch->nrows), &note);
}

/* The part that the search is at, or the commit if it is at the end. */
static void
send_next(struct lane *lane)
{
	struct batch *batch = lane->batch;
	struct server_note note = note_of(batch, batch->nrows - lane->nrefused);

	lane->is_committing = lane->search.from == lane->search.end;
	if (lane->is_committing)
		server_commit(lane->server, &note);
	else
		server_send_part(lane->server,
						 batch_rows(batch, lane->search.from, lane->search.nrows));
}

/* The server is ready. */
static enum lane_event
go_on(struct lane *lane)
{
	if (!lane->is_described)
	{
		lane->is_described = true;
		return LANE_CONNECTED;
	}
	if (lane->batch == NULL)
		return LANE_FREE;
	if (lane->is_begun)
		send_next(lane);
	else
		send_whole(lane);
	return LANE_BUSY;
}

static enum lane_event
end_command(struct lane *lane)
{
	if (!lane->is_committing)
	{
		bisect_accepted(&lane->search);
		return LANE_BUSY;
	}
	lane->retry_us = RETRY_MIN_US;
	lane->is_begun = false;
	return LANE_WRITTEN;
}

static enum lane_event
search(struct lane *lane)
{
	lane->refused_from = lane->search.from;
	lane->refused_n = bisect_refused(&lane->search);
	lane->nrefused += lane->refused_n;
	return lane->refused_n > 0 ? LANE_GAVE_UP : LANE_REJECTED;
}

enum lane_event
lane_step(struct lane *lane, int64_t now_us)
{
	for (;;)
	{
		enum server_event server_event = server_step(lane->server, now_us);
		enum lane_event event;

		switch (server_event)
		{
			case SERVER_BUSY:
				return LANE_BUSY;
			case SERVER_IDLE:
				event = go_on(lane);
				break;
			case SERVER_SENT:
				event = end_command(lane);
				break;
			case SERVER_REJECTED:
				event = search(lane);
				break;
			default:
				lane->is_begun = false;
				return server_event == SERVER_LOST ? LANE_LOST : LANE_REFUSED;
		}
		if (event != LANE_BUSY)
			return event;
	}
}

void
lane_schedule(struct lane *lane, int64_t now_us)
{
	lane->retry_at_us = now_us + lane->retry_us;
	lane->retry_us *= 2;
	if (lane->retry_us > RETRY_MAX_US)
		lane->retry_us = RETRY_MAX_US;
}
