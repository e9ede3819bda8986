/*-------------------------------------------------------------------------
 *
 * When things happen: how many rows a second gets, and in which order the
 * exporters send what they saw.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GEN_TIMELINE_H
#define GEN_TIMELINE_H

#include <stdint.h>

#include "conv.h"

/* Shares rows out over seconds along a day curve. */
struct curve
{
	int64_t		start_s;		/* since 1970 */
	uint32_t	seconds;
	uint64_t	rows;
	uint64_t	total;			/* sum of all weights */
	uint64_t	so_far;
	uint32_t	second;
};

extern void curve_begin(struct curve *curve, int64_t start_s, uint32_t seconds, uint64_t rows);

/* how many rows there have to be at the end of the next second; rows at the last */
extern uint64_t curve_next(struct curve *curve);

/* Where rows go: side 0 of a conversation is from a to b, side 1 is back. */
struct row_out
{
	void		(*put) (void *arg, const struct conv *conv, int side);
	void	   *arg;
};

/* Holds conversations until their exporter would send them. */
struct queue;

/* exits when out of memory, as does queue_add */
extern struct queue *queue_create(struct row_out out, int64_t start_s);

/* times must not lie before the second of the last queue_release */
extern void queue_add(struct queue *queue, const struct conv *conv, uint32_t delay_ms);

/* write what is due in the next second */
extern void queue_release(struct queue *queue);

/* write the rest and free */
extern void queue_end(struct queue *queue);

#endif
