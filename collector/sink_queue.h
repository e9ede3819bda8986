/*-------------------------------------------------------------------------
 *
 * Queue of batches that wait for the database.
 *
 * A batch is what one COPY, and so one transaction, will write.  Rows wait as
 * struct flow, which is smaller than their encoding, and is independent of
 * the columns that the table will have when the server is back.
 *
 * Memory: queue_bytes(), which counts all batches by what is allocated for
 * them; the caller keeps it below its limit by queue_drop_oldest().
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_SINK_QUEUE_H
#define COLLECTOR_SINK_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "flow.h"

struct batch
{
	struct batch *next;			/* younger */
	struct flow *flows;			/* [nflows] */
	size_t		nflows;
	size_t		nsettled;		/* the first of them; written or refused */
	size_t		capacity;
	bool		is_closed;		/* takes no more rows */
	bool		is_sending;		/* must not be dropped */
};

struct queue
{
	size_t		batch_rows;		/* a batch is closed when it has so many */
	size_t		bytes;
	size_t		nbatches;
	struct batch *oldest;
	struct batch *newest;
};

/* Append a flow.  Returns false if memory is exhausted; it is not in then. */
extern bool queue_put(struct queue *queue, const struct flow *flow)
			__attribute__((warn_unused_result));

/* Rows in the batch that still takes rows. */
extern size_t queue_open_rows(const struct queue *queue);

/* Let that batch take no more rows; no effect if it has none. */
extern void queue_close_batch(struct queue *queue);

/* The oldest closed batch, or NULL. */
extern struct batch *queue_oldest(struct queue *queue);

/* Remove the oldest batch, which must exist. */
extern void queue_remove_oldest(struct queue *queue);

/*
 * Remove the oldest batch that is not being sent and return the number of its
 * rows that were not settled, 0 if there is none.
 */
extern size_t queue_drop_oldest(struct queue *queue);

#endif
