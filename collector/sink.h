/*-------------------------------------------------------------------------
 *
 * Sinks: where flows end up.
 *
 * A sink is driven by one thread: put hands it a flow, tick lets it work
 * without waiting, poll says what it waits for.  A function that returns false
 * has logged why; the sink has failed then, and close is all that may follow.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_SINK_H
#define COLLECTOR_SINK_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "flow.h"

#define MUST_CHECK __attribute__((warn_unused_result))

struct sink;

struct sink_ops
{
	/* Take one flow.  May wait for the receiver if the input can wait. */
	bool		(*put) (struct sink *sink, const struct flow *flow) MUST_CHECK;

	/*
	 * All flows put so far come from before this position of the source, and
	 * those that will be put do not.  Positions grow.
	 */
	bool		(*mark) (struct sink *sink, uint64_t position) MUST_CHECK;

	/* Do what can be done at once.  now_us is a monotonic clock. */
	bool		(*tick) (struct sink *sink, int64_t now_us) MUST_CHECK;

	/*
	 * Fill in *fd (fd -1: nothing to wait for) and return in how many
	 * milliseconds tick is due at the latest; -1 means never.
	 */
	int			(*poll) (struct sink *sink, struct pollfd *fd, int64_t now_us);

	/* From now on the input can wait, so put waits before it drops. */
	void		(*begin_drain) (struct sink *sink);

	/* Deliver all that was put, waiting if need be. */
	bool		(*finish) (struct sink *sink) MUST_CHECK;

	/* What was not delivered is lost, and counted. */
	void		(*close) (struct sink *sink);
};

/* The first member of each kind of sink. */
struct sink
{
	const struct sink_ops *ops;
	bool		has_failed;		/* kept by the driver */
};

#endif
