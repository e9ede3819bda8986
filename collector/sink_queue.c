/*-------------------------------------------------------------------------
 *
 * Queue of batches: a singly linked list, arrays that grow by doubling.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "sink_queue.h"

#define FIRST_CAPACITY 64

static struct batch *
open_batch(const struct queue *queue)
{
	if (queue->newest == NULL || queue->newest->is_closed)
		return NULL;
	return queue->newest;
}

static struct batch *
add_batch(struct queue *queue)
{
	struct batch *batch = calloc(1, sizeof(*batch));

	if (batch == NULL)
		return NULL;
	if (queue->newest == NULL)
		queue->oldest = batch;
	else
		queue->newest->next = batch;
	queue->newest = batch;
	queue->bytes += sizeof(*batch);
	queue->nbatches++;
	return batch;
}

static bool
grow_batch(struct queue *queue, struct batch *batch)
{
	size_t		capacity = batch->capacity == 0 ?
		FIRST_CAPACITY : batch->capacity * 2;
	struct flow *flows;

	if (capacity > queue->batch_rows)
		capacity = queue->batch_rows;
	flows = realloc(batch->flows, capacity * sizeof(*flows));
	if (flows == NULL)
		return false;
	queue->bytes += (capacity - batch->capacity) * sizeof(*flows);
	batch->flows = flows;
	batch->capacity = capacity;
	return true;
}

static void
free_batch(struct queue *queue, struct batch *batch)
{
	queue->bytes -= sizeof(*batch) + batch->capacity * sizeof(*batch->flows);
	queue->nbatches--;
	free(batch->flows);
	free(batch);
}

bool
queue_put(struct queue *queue, const struct flow *flow)
{
	struct batch *batch = open_batch(queue);

	if (batch == NULL)
		batch = add_batch(queue);
	if (batch == NULL ||
		(batch->nflows == batch->capacity && !grow_batch(queue, batch)))
		return false;
	batch->flows[batch->nflows] = *flow;
	batch->flows[batch->nflows++].extra = NULL; /* lives during the call only */
	if (batch->nflows == queue->batch_rows)
		batch->is_closed = true;
	return true;
}

size_t
queue_open_rows(const struct queue *queue)
{
	struct batch *batch = open_batch(queue);

	return batch == NULL ? 0 : batch->nflows;
}

void
queue_close_batch(struct queue *queue)
{
	if (queue_open_rows(queue) > 0)
		queue->newest->is_closed = true;
}

struct batch *
queue_oldest(struct queue *queue)
{
	if (queue->oldest == NULL || !queue->oldest->is_closed)
		return NULL;
	return queue->oldest;
}

void
queue_remove_oldest(struct queue *queue)
{
	struct batch *batch = queue->oldest;

	queue->oldest = batch->next;
	if (queue->oldest == NULL)
		queue->newest = NULL;
	free_batch(queue, batch);
}

size_t
queue_drop_oldest(struct queue *queue)
{
	struct batch *batch = queue->oldest;
	size_t		nflows;

	if (batch == NULL)
		return 0;
	if (!batch->is_sending)
	{
		nflows = batch->nflows - batch->nsettled;
		queue_remove_oldest(queue);
		return nflows;
	}
	if (batch->next == NULL)
		return 0;
	batch = batch->next;
	queue->oldest->next = batch->next;
	if (queue->newest == batch)
		queue->newest = queue->oldest;
	nflows = batch->nflows - batch->nsettled;
	free_batch(queue, batch);
	return nflows;
}
