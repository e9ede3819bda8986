/*-------------------------------------------------------------------------
 *
 * The first n of many rows, by their places.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "exec/firstrows.h"

void
fs_firstrows_init(FsFirstRows *rows)
{
	memset(rows, 0, sizeof(FsFirstRows));
	rows->cxt = CurrentMemoryContext;
}

void
fs_firstrows_reset(FsFirstRows *rows, uint32 max)
{
	Assert(max > 0);
	rows->max = max;
	rows->n = 0;
}

static void
make_room(FsFirstRows *rows)
{
	rows->cap = Min(Max(2 * rows->cap, 128), rows->max);
	rows->places = rows->places == NULL
		? MemoryContextAllocHuge(rows->cxt, sizeof(FsOrderPlace) * rows->cap)
		: repalloc_huge(rows->places, sizeof(FsOrderPlace) * rows->cap);
}

/* Move the place at the end of the heap up to where it belongs. */
static void
sift_up(FsOrderPlace *heap, uint32 i)
{
	FsOrderPlace place = heap[i];

	while (i > 0 && fs_orderplace_before(&heap[(i - 1) / 2], &place))
	{
		heap[i] = heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	heap[i] = place;
}

/* Put a place where the root was, and down to where it belongs. */
static void
replace_root(FsOrderPlace *heap, uint32 n, const FsOrderPlace *place)
{
	uint32		i = 0;

	for (;;)
	{
		uint32		child = 2 * i + 1;

		if (child >= n)
			break;
		if (child + 1 < n && fs_orderplace_before(&heap[child], &heap[child + 1]))
			child++;
		if (!fs_orderplace_before(place, &heap[child]))
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = *place;
}

void
fs_firstrows_add(FsFirstRows *rows, const FsOrderPlace *place)
{
	if (rows->n < rows->max)
	{
		if (rows->n == rows->cap)
			make_room(rows);
		rows->places[rows->n] = *place;
		sift_up(rows->places, rows->n++);
	}
	else if (fs_orderplace_before(place, &rows->places[0]))
		replace_root(rows->places, rows->n, place);
}

static int
by_place(const void *a, const void *b)
{
	return fs_orderplace_before(a, b) ? -1 : fs_orderplace_before(b, a) ? 1 : 0;
}

void
fs_firstrows_sort(FsFirstRows *rows)
{
	qsort(rows->places, rows->n, sizeof(FsOrderPlace), by_place);
}
