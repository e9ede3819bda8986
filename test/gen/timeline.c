/*-------------------------------------------------------------------------
 *
 * A ring with one list for each second.  A flow is sent when it has ended,
 * or, without FIN or RST, when it has been quiet for the idle timeout.
 * So start times come nearly in order, with long flows late.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>

#include "timeline.h"
#include "traffic.h"

#define RING_SECONDS	512
#define IDLE_MS			15000

struct list
{
	struct conv *convs;
	uint32_t	n;
	uint32_t	capacity;
};

struct queue
{
	struct row_out out;
	int64_t		now_s;			/* the next second to be released */
	struct list ring[RING_SECONDS];
};

/* the longest delay must find room in the ring */
_Static_assert(TRAFFIC_MAX_MS + IDLE_MS + 60000 < RING_SECONDS * 1000, "ring too short");

/* relative traffic at each full hour, UTC */
static const uint8_t hour_weight[24] = {
	34, 28, 25, 24, 25, 30, 42, 62, 84, 97, 100, 98,
	92, 95, 97, 94, 88, 80, 74, 72, 70, 64, 54, 43
};

static uint64_t
second_weight(int64_t second)
{
	uint32_t	hour = (uint32_t) (second / 3600 % 24);
	uint32_t	part = (uint32_t) (second % 3600);
	uint64_t	weight = (uint64_t) hour_weight[hour] * (3600 - part) +
		(uint64_t) hour_weight[(hour + 1) % 24] * part;

	/* 1970-01-01 was a Thursday */
	uint32_t	weekday = (uint32_t) ((second / 86400 + 3) % 7);

	return weekday < 5 ? weight : weight / 2;
}

void
curve_begin(struct curve *curve, int64_t start_s, uint32_t seconds, uint64_t rows)
{
	curve->start_s = start_s;
	curve->seconds = seconds;
	curve->rows = rows;
	curve->total = 0;
	curve->so_far = 0;
	curve->second = 0;
	for (uint32_t i = 0; i < seconds; i++)
		curve->total += second_weight(start_s + i);
}

uint64_t
curve_next(struct curve *curve)
{
	curve->so_far += second_weight(curve->start_s + curve->second++);
	return (uint64_t) ((unsigned __int128) curve->rows * curve->so_far / curve->total);
}

struct queue *
queue_create(struct row_out out, int64_t start_s)
{
	struct queue *queue = calloc(1, sizeof(*queue));

	if (queue == NULL)
	{
		fprintf(stderr, "out of memory\n");
		exit(1);
	}
	queue->out = out;
	queue->now_s = start_s;
	return queue;
}

static int64_t
sent_at_ms(const struct conv *conv)
{
	int64_t		sent_ms = 0;

	for (int i = 0; i < 2; i++)
	{
		const struct side *side = &conv->side[i];
		int64_t		end_ms = side->start_ms + side->duration_ms;

		if (!(side->tcp_flags & (TCP_FIN | TCP_RST)))
			end_ms += IDLE_MS;
		if ((conv->directions & (FORTH << i)) && end_ms > sent_ms)
			sent_ms = end_ms;
	}
	return sent_ms;
}

void
queue_add(struct queue *queue, const struct conv *conv, uint32_t delay_ms)
{
	int64_t		due_s = (sent_at_ms(conv) + delay_ms) / 1000;
	struct list *list;

	if (due_s < queue->now_s)
		due_s = queue->now_s;
	if (due_s >= queue->now_s + RING_SECONDS)
		due_s = queue->now_s + RING_SECONDS - 1;
	list = &queue->ring[due_s % RING_SECONDS];
	if (list->n == list->capacity)
	{
		uint32_t	capacity = list->capacity > 0 ? list->capacity * 2 : 64;
		struct conv *convs = realloc(list->convs, capacity * sizeof(*convs));

		if (convs == NULL)
		{
			fprintf(stderr, "out of memory\n");
			exit(1);
		}
		list->convs = convs;
		list->capacity = capacity;
	}
	list->convs[list->n++] = *conv;
}

void
queue_release(struct queue *queue)
{
	struct list *list = &queue->ring[queue->now_s % RING_SECONDS];

	for (uint32_t i = 0; i < list->n; i++)
	{
		const struct conv *conv = &list->convs[i];

		if (conv->directions & FORTH)
			queue->out.put(queue->out.arg, conv, 0);
		if (conv->directions & BACK)
			queue->out.put(queue->out.arg, conv, 1);
	}
	list->n = 0;
	queue->now_s++;
}

void
queue_end(struct queue *queue)
{
	for (int i = 0; i < RING_SECONDS; i++)
		queue_release(queue);
	for (int i = 0; i < RING_SECONDS; i++)
		free(queue->ring[i].convs);
	free(queue);
}
