/*-------------------------------------------------------------------------
 *
 * A lane: one connection, and the batch that it writes.
 *
 * A batch is written whole.  If its rows are refused, and the caller goes on,
 * sink_bisect finds those to blame, in one transaction that writes the others.
 *
 * A batch stays with the lane when the connection is lost, until the lane has
 * connected again and been told what the database has, or somebody takes it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_SINK_LANE_H
#define COLLECTOR_SINK_LANE_H

#include "sink_bisect.h"
#include "sink_server.h"

enum lane_event
{
	LANE_BUSY,					/* call again when the socket is ready */
	LANE_CONNECTED,				/* the table is described; call again */
	LANE_FREE,					/* for lane_write */
	LANE_WRITTEN,				/* batch is written but for nrefused rows */
	LANE_REJECTED,				/* some of the rows; call again to find them */
	LANE_GAVE_UP,				/* rows refused_from, refused_n; call again */
	LANE_LOST,					/* as SERVER_LOST */
	LANE_REFUSED				/* as SERVER_REFUSED */
};

struct lane
{
	struct server *server;
	struct batch *batch;		/* being written, or NULL */
	struct bisect search;		/* in it */
	bool		is_begun;		/* the batch, on this connection */
	bool		is_described;	/* since connecting */
	bool		is_committing;
	bool		was_doubtful;	/* the batch, before it was sent this time */
	size_t		nrefused;		/* of the batch */
	size_t		refused_from;	/* after GAVE_UP */
	size_t		refused_n;
	int64_t		retry_at_us;	/* not connected: when to try; 0: never tried */
	int64_t		retry_us;		/* the wait after the next failure */
	bool		was_connected;
	uint64_t	known_start;	/* of the database's ranges, when connecting */
};

/* Fill in *lane.  Returns false when memory is exhausted. */
extern bool lane_open(struct lane *lane, const struct server_options *options)
			__attribute__((warn_unused_result));
extern void lane_close(struct lane *lane);

/* Connect, when not connected. */
extern void lane_connect(struct lane *lane, int64_t now_us);

/* Is one of lanes[n] ready, or on its way to be? */
extern bool lane_is_any_connected(const struct lane *lanes, int n);
extern bool lane_is_any_connecting(const struct lane *lanes, int n);

/* Write a batch; only when free.  It must stay until WRITTEN. */
extern void lane_write(struct lane *lane, struct batch *batch);

/* Take the batch from a lane that is not connected, or has been told. */
extern struct batch *lane_take(struct lane *lane);

/* Work without waiting. */
extern enum lane_event lane_step(struct lane *lane, int64_t now_us);

/* After a failure: the next attempt waits, twice as long each time. */
extern void lane_schedule(struct lane *lane, int64_t now_us);

#endif
