/*-------------------------------------------------------------------------
 *
 * If this goes, rows may be written twice or not at all after a restart: what
 * is left out of a batch must be exactly what the database has.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "sink_queue.h"
#include "tap.h"

static void
put(struct queue *queue, uint64_t n)
{
	struct flow flow = {.packets = n};

	if (!queue_put(queue, &flow))
		exit(2);
}

static void
mark(struct queue *queue, uint64_t position)
{
	if (!queue_mark(queue, position))
		exit(2);
}

/* The packets of its rows, as a list. */
static void
has_rows(const struct batch *batch, const char *expected, const char *name)
{
	char		got[256] = "";
	struct rows rows = batch_rows(batch, 0, batch->nrows);
	struct flow_extra extra;
	struct flow flow;

	while (rows.n > 0)
	{
		if (!rows_next(&rows, &flow, &extra))
			exit(2);
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%d ", (int) flow.packets);
	}
	ok(strcmp(got, expected) == 0, name);
	if (strcmp(got, expected) != 0)
		printf("# got %s\n", got);
}

static void
clear(struct queue *queue)
{
	while (queue->oldest != NULL)
		queue_remove(queue, queue->oldest);
	is((int64_t) queue->bytes, 0, "nothing is left");
	is((int64_t) queue->nbatches, 0, "no batch either");
}

static void
test_ranges(void)
{
	struct ranges ranges = {0};
	bool		has[40] = {0};
	bool		is_right = true;

	is((int64_t) ranges_start(&ranges), 0, "nothing is known");
	srand(1);
	for (int round = 0; round < 2000 && is_right; round++)
	{
		uint64_t	first = (uint64_t) rand() % 39;
		uint64_t	next = first + 1 + (uint64_t) rand() % (39 - first);
		uint64_t	at = (uint64_t) rand() % 39;
		uint64_t	start = 0;

		if (round % 20 == 0)
		{
			ranges_clear(&ranges);
			memset(has, 0, sizeof(has));
		}
		if (next - first < 4)
		{
			is_right &= ranges_add(&ranges, first, next);
			memset(has + first, true, next - first);
		}
		while (has[start])
			start++;
		is_right &= ranges_start(&ranges) == start;
		is_right &= (ranges_overlap(&ranges, at, at + 1) != NULL) == has[at];
		for (size_t i = 1; i < ranges.n; i++)
			is_right &= ranges.list[i - 1].next < ranges.list[i].first;
		is_right &= ranges_cover(&ranges, first, next) ==
			(memchr(has + first, false, next - first) == NULL);
	}
	ok(is_right, "ranges are what an array of flags says");
	ranges_clear(&ranges);
}

/* Rows 0 .. 9 from positions 0, 10, ... 90; then marks without rows. */
static struct batch *
fill(struct queue *queue)
{
	for (uint64_t i = 0; i < 10; i++)
	{
		put(queue, i);
		mark(queue, 10 * (i + 1));
	}
	for (uint64_t i = 110; i <= 150; i += 10)
		mark(queue, i);
	queue_close_batch(queue);
	return queue->oldest;
}

static void
test_leave_out(uint64_t first, uint64_t next, const char *before, const char *behind,
			   size_t nout)
{
	struct queue queue = {.batch_rows = 100,.has_marks = true};
	struct batch *batch = fill(&queue);
	size_t		nrows = 0;

	printf("# leave out %d to %d\n", (int) first, (int) next);
	is((int64_t) batch->end, 150, "the batch has all positions");
	ok(queue_leave_out(&queue, batch, &(struct range) {first, next}, &nrows), "left out");
	is((int64_t) nrows, (int64_t) nout, "so many rows");
	has_rows(batch, before, "the first batch");
	if (behind != NULL)
	{
		ok(batch->end == first && batch->next != NULL && batch->next->first == next &&
		   batch->next->end == 150, "its positions, and those of the second");
		has_rows(batch->next, behind, "the second batch");
	}
	else
		ok(batch->next == NULL && (first > 0 || batch->first == next), "there is no second");
	clear(&queue);
}

static void
test_marks(void)
{
	struct queue queue = {.batch_rows = 2,.has_marks = true};

	put(&queue, 1);
	put(&queue, 2);
	put(&queue, 3);
	ok(!queue_waits(&queue), "a batch is not cut between marks");
	queue_close_batch(&queue);
	ok(!queue_waits(&queue), "nor if one wants to");
	mark(&queue, 5);
	ok(queue_waits(&queue) && queue.oldest->first == 0 && queue.oldest->end == 5, "but at one");
	mark(&queue, 8);
	is((int64_t) queue_settled(&queue), 0, "nothing is settled");
	queue_remove(&queue, queue.oldest);
	is((int64_t) queue_settled(&queue), 8, "all is");
	put(&queue, 4);
	is((int64_t) queue.newest->first, 5, "the next batch adjoins the one before");
	is((int64_t) queue_open_rows(&queue), 0, "its row is not marked");
	mark(&queue, 9);
	is((int64_t) queue_open_rows(&queue), 1, "now it is");
	is((int64_t) queue_settled(&queue), 5, "it waits");
	ok(queue_close_last(&queue), "the end");
	queue_remove(&queue, queue.oldest);
	mark(&queue, 20);
	ok(queue_close_last(&queue) && queue.oldest->nrows == 0 && queue.oldest->first == 9 &&
	   queue.oldest->end == 20, "positions without rows are a batch at the end");
	clear(&queue);
}

static void
test_no_marks(void)
{
	struct queue queue = {.batch_rows = 2};
	struct batch *batch;

	for (uint64_t i = 0; i < 7; i++)
		put(&queue, i);
	is((int64_t) queue.nbatches, 4, "each row is a mark");
	batch = queue_oldest(&queue);
	has_rows(batch, "0 1 ", "the oldest");
	batch->is_sending = true;
	has_rows(queue_oldest(&queue), "2 3 ", "the oldest that is not being sent");
	is((int64_t) queue_drop_oldest(&queue), 2, "which is dropped");
	has_rows(queue_oldest(&queue), "4 5 ", "then the next");
	has_rows(batch, "0 1 ", "but not what is being sent");
	clear(&queue);
}

int
main(void)
{
	test_ranges();
	test_leave_out(0, 30, "3 4 5 6 7 8 9 ", NULL, 3);
	test_leave_out(0, 150, "", NULL, 10);
	test_leave_out(0, 1000, "", NULL, 10);
	test_leave_out(30, 50, "0 1 2 ", "5 6 7 8 9 ", 2);
	test_leave_out(70, 200, "0 1 2 3 4 5 6 ", NULL, 3);
	test_leave_out(100, 110, "0 1 2 3 4 5 6 7 8 9 ", "", 0);
	test_leave_out(25, 47, "0 1 2 ", "4 5 6 7 8 9 ", 1);
	test_marks();
	test_no_marks();
	return tap_failed;
}
