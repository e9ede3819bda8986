/*-------------------------------------------------------------------------
 *
 * Queue of batches: a singly linked list, buffers that grow by doubling.
 *
 *	  row		length (4), packed flow
 *	  mark		MARK (4), position (8)
 *
 * in the byte order of the machine.  Of marks that follow each other without
 * rows the first and the last are kept: between them nothing can be cut that
 * matters.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "flow_pack.h"
#include "sink_queue.h"

#define FIRST_CAPACITY	4096
#define HEAD_BYTES		4
#define MARK			UINT32_MAX
#define MARK_BYTES		(HEAD_BYTES + 8)

static struct batch *
open_batch(const struct queue *queue)
{
	if (queue->newest == NULL || queue->newest->is_closed)
		return NULL;
	return queue->newest;
}

static bool
resize(struct queue *queue, struct batch *batch, size_t capacity)
{
	uint8_t    *bytes = realloc(batch->bytes, capacity);

	if (bytes == NULL)
		return false;
	queue->bytes += capacity;
	queue->bytes -= batch->capacity;
	batch->bytes = bytes;
	batch->capacity = capacity;
	return true;
}

static bool
make_room(struct queue *queue, struct batch *batch, size_t room)
{
	size_t		capacity = batch->capacity == 0 ? FIRST_CAPACITY : batch->capacity;

	while (capacity - batch->len < room)
		capacity *= 2;
	return capacity == batch->capacity || resize(queue, batch, capacity);
}

static struct batch *
new_batch(struct queue *queue, struct source *source, uint64_t first)
{
	struct batch *batch = calloc(1, sizeof(*batch));

	if (batch == NULL)
		return NULL;
	batch->first = batch->end = first;
	batch->source = source;
	if (source != NULL)
		source->nbatches++;
	queue->bytes += sizeof(*batch);
	queue->nbatches++;
	return batch;
}

static bool
add_mark(struct queue *queue, struct batch *batch, uint64_t position)
{
	uint32_t	head = MARK;

	if (batch->nmarks == 2)
		batch->len -= MARK_BYTES;
	else
		batch->nmarks++;
	if (!make_room(queue, batch, MARK_BYTES))
		return false;
	memcpy(batch->bytes + batch->len, &head, HEAD_BYTES);
	memcpy(batch->bytes + batch->len + HEAD_BYTES, &position, sizeof(position));
	batch->len += MARK_BYTES;
	batch->end = position;
	return true;
}

static struct batch *
add_batch(struct queue *queue)
{
	struct batch *batch = new_batch(queue, queue->source, queue->begin);

	if (batch == NULL)
		return NULL;
	if (queue->newest == NULL)
		queue->oldest = batch;
	else
		queue->newest->next = batch;
	queue->newest = batch;
	if (queue->at > batch->first && !add_mark(queue, batch, queue->at))
	{
		queue_remove(queue, batch);
		return NULL;
	}
	return batch;
}

static void
close_batch(struct queue *queue, struct batch *batch)
{
	batch->is_closed = true;
	queue->begin = batch->end;
	if (batch->len > 0)
		(void) resize(queue, batch, batch->len);
}

static void
free_batch(struct queue *queue, struct batch *batch)
{
	queue->bytes -= sizeof(*batch) + batch->capacity;
	queue->nbatches--;
	if (batch->source != NULL)
		batch->source->nbatches--;
	free(batch->bytes);
	free(batch);
}

bool
queue_put(struct queue *queue, const struct flow *flow)
{
	struct batch *batch = open_batch(queue);
	uint32_t	len;

	if (batch == NULL)
		batch = add_batch(queue);
	if (batch == NULL ||
		!make_room(queue, batch, HEAD_BYTES + flow_pack_bound(flow)))
		return false;
	len = (uint32_t) flow_pack(flow, batch->bytes + batch->len + HEAD_BYTES);
	memcpy(batch->bytes + batch->len, &len, HEAD_BYTES);
	batch->len += HEAD_BYTES + len;
	batch->nrows++;
	batch->nmarks = 0;
	if (queue->has_marks)
		return true;
	batch->marked_rows = batch->nrows;
	if (batch->nrows >= queue->batch_rows)
		close_batch(queue, batch);
	return true;
}

bool
queue_mark(struct queue *queue, uint64_t position)
{
	struct batch *batch = open_batch(queue);

	if (batch != NULL && position > batch->end &&
		!add_mark(queue, batch, position))
		return false;
	if (position > queue->at)
		queue->at = position;
	if (batch == NULL)
		return true;
	batch->marked_rows = batch->nrows;
	if (batch->nrows >= queue->batch_rows)
		close_batch(queue, batch);
	return true;
}

size_t
queue_open_rows(const struct queue *queue)
{
	struct batch *batch = open_batch(queue);

	return batch == NULL ? 0 : batch->marked_rows;
}

void
queue_close_batch(struct queue *queue)
{
	struct batch *batch = open_batch(queue);

	if (batch != NULL && batch->nrows > 0 && batch->nrows == batch->marked_rows)
		close_batch(queue, batch);
}

bool
queue_close_last(struct queue *queue)
{
	struct batch *batch = open_batch(queue);

	if (batch == NULL && queue->at > queue->begin)
	{
		batch = add_batch(queue);
		if (batch == NULL)
			return false;
	}
	if (batch != NULL && batch->nrows == batch->marked_rows)
		close_batch(queue, batch);
	return true;
}

void
queue_switch(struct queue *queue, struct source *source, uint64_t position)
{
	queue->source = source;
	queue->at = queue->begin = position;
}

bool
queue_waits(const struct queue *queue)
{
	return queue->oldest != NULL && queue->oldest->is_closed;
}

struct batch *
queue_oldest(const struct queue *queue)
{
	struct batch *batch = queue->oldest;

	while (batch != NULL && batch->is_sending)
		batch = batch->next;
	return batch == NULL || !batch->is_closed ? NULL : batch;
}

void
queue_remove(struct queue *queue, struct batch *batch)
{
	struct batch *before = NULL;

	if (queue->oldest == batch)
		queue->oldest = batch->next;
	else
	{
		before = queue->oldest;
		while (before->next != batch)
			before = before->next;
		before->next = batch->next;
	}
	if (queue->newest == batch)
		queue->newest = before;
	free_batch(queue, batch);
}

/* Where a range cuts a batch: its rows are those before, in, and behind. */
struct cut
{
	size_t		begin_off;
	size_t		end_off;
	size_t		nbefore;
	size_t		nin;
	size_t		nbehind;
};

/*
 * Rows between two marks are in the range if both marks are; if only one is,
 * they are kept, since it is better to have them twice than not at all.
 */
static struct cut
find_cut(const struct batch *batch, const struct range *range)
{
	struct cut	cut = {0, 0, 0, 0, 0};
	uint64_t	from = batch->first;
	size_t		nrows = 0;

	for (size_t off = 0; off < batch->len;)
	{
		uint32_t	head;
		uint64_t	to;

		memcpy(&head, batch->bytes + off, HEAD_BYTES);
		off += head == MARK ? MARK_BYTES : HEAD_BYTES + head;
		if (head != MARK)
		{
			nrows++;
			continue;
		}
		memcpy(&to, batch->bytes + off - sizeof(to), sizeof(to));
		if (from < range->first)
		{
			cut.nbefore += nrows;
			cut.begin_off = cut.end_off = off;
		}
		else if (to <= range->next)
		{
			cut.nin += nrows;
			cut.end_off = off;
		}
		else
			cut.nbehind += nrows;
		from = to;
		nrows = 0;
	}
	return cut;
}

/* Put what is behind the range into a batch of its own. */
static bool
split(struct queue *queue, struct batch *batch, uint64_t first,
	  const struct cut *cut)
{
	struct batch *rest = new_batch(queue, batch->source, first);
	size_t		len = batch->len - cut->end_off;

	if (rest == NULL)
		return false;
	if (len > 0 && !resize(queue, rest, len))
	{
		free_batch(queue, rest);
		return false;
	}
	if (len > 0)
		memcpy(rest->bytes, batch->bytes + cut->end_off, len);
	rest->len = len;
	rest->nrows = rest->marked_rows = cut->nbehind;
	rest->end = batch->end;
	rest->is_closed = true;
	rest->is_doubtful = batch->is_doubtful;
	rest->next = batch->next;
	batch->next = rest;
	if (queue->newest == batch)
		queue->newest = rest;
	return true;
}

bool
queue_leave_out(struct queue *queue, struct batch *batch,
				const struct range *range, size_t *nrows)
{
	struct cut	cut = find_cut(batch, range);
	bool		has_before = range->first > batch->first;
	bool		has_behind = range->next < batch->end;

	if (has_before && has_behind && !split(queue, batch, range->next, &cut))
		return false;
	if (has_before)
	{
		batch->end = range->first;
		batch->len = cut.begin_off;
		batch->nrows = cut.nbefore;
	}
	else
	{
		batch->first = range->next;
		batch->len -= cut.end_off;
		batch->nrows = cut.nbehind;
		memmove(batch->bytes, batch->bytes + cut.end_off, batch->len);
	}
	batch->marked_rows = batch->nrows;
	batch->reported = 0;
	*nrows = cut.nin;
	return true;
}

size_t
queue_drop_oldest(struct queue *queue)
{
	struct batch *batch = queue->oldest;
	size_t		nrows;

	while (batch != NULL && batch->is_sending)
		batch = batch->next;
	if (batch == NULL)
		return 0;
	nrows = batch->nrows;
	if (!batch->is_closed)
		queue->begin = batch->end;
	queue_remove(queue, batch);
	return nrows;
}

uint64_t
queue_settled(const struct queue *queue)
{
	const struct batch *batch = queue->oldest;

	if (batch == NULL || (!batch->is_closed && batch->nrows == 0))
		return queue->at;
	return batch->first;
}

uint64_t
queue_removed(const struct queue *queue)
{
	return queue->oldest == NULL ? queue->begin : queue->oldest->first;
}

static void
skip_marks(struct rows *rows)
{
	uint32_t	head;

	memcpy(&head, rows->bytes, HEAD_BYTES);
	while (head == MARK)
	{
		rows->bytes += MARK_BYTES;
		memcpy(&head, rows->bytes, HEAD_BYTES);
	}
}

struct rows
batch_rows(const struct batch *batch, size_t from, size_t n)
{
	struct rows rows = {batch->bytes, n};

	for (; from > 0; from--)
	{
		uint32_t	len;

		skip_marks(&rows);
		memcpy(&len, rows.bytes, HEAD_BYTES);
		rows.bytes += HEAD_BYTES + len;
	}
	return rows;
}

bool
rows_next(struct rows *rows, struct flow *flow, struct flow_extra *extra)
{
	const uint8_t *packed;
	uint32_t	len;

	skip_marks(rows);
	memcpy(&len, rows->bytes, HEAD_BYTES);
	packed = rows->bytes + HEAD_BYTES;
	rows->bytes += HEAD_BYTES + len;
	rows->n--;
	return flow_unpack(packed, len, flow, extra);
}
