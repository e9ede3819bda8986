/*-------------------------------------------------------------------------
 *
 * Search for refused rows: ranges as in a buddy allocator.
 *
 * Sizes are powers of two.  When a range is settled, the lowest bit of the
 * distance to the beginning is the size of the next range: of the range's
 * sibling, or of the sibling of one that contains both.
 *
 *		8 rows, row 5 is bad: 0-7 no, 0-3 yes, 4-7 no, 4-5 no, 4 yes, 5 no,
 *		6-7 yes
 *
 *-------------------------------------------------------------------------
 */
#include "sink_bisect.h"

static void
settle(struct bisect *bisect)
{
	size_t		off;

	bisect->from += bisect->nrows;
	off = bisect->from - bisect->begin;
	bisect->nrows = off & (~off + 1);
	if (bisect->nrows > bisect->end - bisect->from)
		bisect->nrows = bisect->end - bisect->from;
}

void
bisect_begin(struct bisect *bisect, size_t begin, size_t end)
{
	bisect->begin = begin;
	bisect->end = end;
	bisect->from = begin;
	bisect->nrows = end - begin;
	bisect->nrefused = 0;
}

void
bisect_accepted(struct bisect *bisect)
{
	settle(bisect);
}

size_t
bisect_refused(struct bisect *bisect)
{
	size_t		nrows = bisect->nrows;
	size_t		half = 1;

	bisect->nrefused++;
	if (nrows == 1 || bisect->nrefused > BISECT_MAX_REFUSED)
	{
		settle(bisect);
		return nrows;
	}
	while (half * 2 < nrows)
		half *= 2;
	bisect->nrows = half;
	return 0;
}
