/*-------------------------------------------------------------------------
 *
 * Queue of batches that wait for the database.
 *
 * A batch is what one transaction will write: the rows of the source's
 * positions first .. end (exclusive).  Batches of a source adjoin each other, and are cut
 * at marks only; where the source has no positions, each row is a mark.
 *
 * Rows wait packed (flow_pack.h), which is small, and independent of the
 * columns that the table will have when the server is back.
 *
 * Memory: bytes, which counts all batches by what is allocated for them; the
 * caller keeps it below its limit.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_SINK_QUEUE_H
#define COLLECTOR_SINK_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow_extra.h"
#include "sink_ranges.h"
#include "sink_sources.h"

/* Some rows of a batch, one behind the other. */
struct rows
{
	const uint8_t *bytes;
	size_t		n;
};

struct batch
{
	struct batch *next;			/* younger */
	uint8_t    *bytes;			/* [capacity], rows and marks */
	size_t		len;
	size_t		capacity;
	size_t		nrows;
	size_t		marked_rows;	/* of them before the last mark */
	int			nmarks;			/* at the end, up to 2 */
	struct source *source;		/* or NULL: there is only one */
	uint64_t	first;
	uint64_t	end;
	bool		is_closed;		/* takes no more rows */
	bool		is_sending;		/* must not be dropped */
	bool		is_doubtful;	/* was sent, and nobody knows the outcome */
	size_t		reported;		/* refused rows before this one were told of */
};

struct queue
{
	size_t		batch_rows;		/* a batch is closed when it has so many */
	bool		has_marks;
	size_t		bytes;
	size_t		nbatches;
	struct source *source;		/* of what is put; or NULL */
	uint64_t	at;				/* position of the last mark */
	uint64_t	begin;			/* where the batch that is opened next begins */
	struct batch *oldest;
	struct batch *newest;
};

/* Append a flow.  Returns false if memory is exhausted; it is not in then. */
extern bool queue_put(struct queue *queue, const struct flow *flow)
			__attribute__((warn_unused_result));

/*
 * All rows that were put come from before this position, and those that will
 * be do not.  Returns false when memory is exhausted.
 */
extern bool queue_mark(struct queue *queue, uint64_t position)
			__attribute__((warn_unused_result));

/* Rows of the batch that still takes rows, up to the last mark. */
extern size_t queue_open_rows(const struct queue *queue);

/*
 * Let that batch take no more rows; no effect if it has none, or some since
 * the last mark.
 */
extern void queue_close_batch(struct queue *queue);

/*
 * The same at the end of a source, also for positions without rows.  Returns
 * false when memory is exhausted.
 */
extern bool queue_close_last(struct queue *queue)
			__attribute__((warn_unused_result));

/*
 * Go to a position, of this source or another one; only if no batch takes rows,
 * as after queue_close_last.
 */
extern void queue_switch(struct queue *queue, struct source *source, uint64_t position);

/* Is there a closed batch? */
extern bool queue_waits(const struct queue *queue);

/* The oldest closed batch that is not being sent, or NULL. */
extern struct batch *queue_oldest(const struct queue *queue);

extern void queue_remove(struct queue *queue, struct batch *batch);

/*
 * Leave out the rows of a closed batch that come from a range, which overlaps
 * its positions, and set *nrows to how many.  What comes behind the range
 * becomes a batch of its own if there is something before it, too.  A batch
 * with first >= end is left if there is neither.  Returns false when memory is
 * exhausted; nothing is changed then.
 */
extern bool queue_leave_out(struct queue *queue, struct batch *batch,
							const struct range *range, size_t *nrows)
			__attribute__((warn_unused_result));

/*
 * Remove the oldest batch that is not being sent and return the number of its
 * rows, 0 if there is none.
 */
extern size_t queue_drop_oldest(struct queue *queue);

/* Before this position no row waits, if there is one source. */
extern uint64_t queue_settled(const struct queue *queue);

/* The same: all before was in batches that have been removed. */
extern uint64_t queue_removed(const struct queue *queue);

/* The n rows of a batch from row "from" on. */
extern struct rows batch_rows(const struct batch *batch, size_t from, size_t n);

/* Take the next of rows, n > 0; see flow_unpack. */
extern bool rows_next(struct rows *rows, struct flow *flow,
					  struct flow_extra *extra)
			__attribute__((warn_unused_result));

#endif
