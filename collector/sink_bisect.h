/*-------------------------------------------------------------------------
 *
 * Search for the rows of a batch that the server refuses.
 *
 * The batch is tried as a whole, then, as long as what was tried is refused,
 * by halves, until the rows to blame stand alone; the others get in.
 *
 * Bound: after BISECT_MAX_REFUSED refusals what is refused is given up without
 * being halved.  So a batch of n rows is at most BISECT_MAX_REFUSED +
 * log2(n) + 2 refusals, and each of its rows is sent log2(n) + 2 times at most.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_SINK_BISECT_H
#define COLLECTOR_SINK_BISECT_H

#include <stddef.h>

#define BISECT_MAX_REFUSED 1024

struct bisect
{
	size_t		begin;
	size_t		end;
	size_t		from;			/* first row to try next; end: all is settled */
	size_t		nrows;			/* to try next */
	int			nrefused;
};

/* Search rows begin .. end, begin < end. */
extern void bisect_begin(struct bisect *bisect, size_t begin, size_t end);

/* The rows that were tried are written. */
extern void bisect_accepted(struct bisect *bisect);

/*
 * They were refused.  Returns how many rows, from the first that was tried,
 * are given up; 0 if fewer are to be tried.
 */
extern size_t bisect_refused(struct bisect *bisect);

#endif
