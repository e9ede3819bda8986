/*-------------------------------------------------------------------------
 *
 * Which groups can be among the first by an aggregate.
 *
 * A heap holds the best ranks of all groups so far.  Where groups come in
 * several partitions the threshold rises from one to the next; each
 * participant of a parallel plan has one of its own.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "utils/memutils.h"

#include "exec/aggstate.h"

static int
by_rank(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return x < y ? -1 : x > y ? 1 : 0;
}

/* Keep the n greatest of ranks, with the least of them on top. */
static void
sift_down(double *heap, uint32 n)
{
	uint32		at = 0;

	for (;;)
	{
		uint32		child = 2 * at + 1;
		double		swap;

		if (child >= n)
			return;
		if (child + 1 < n && heap[child + 1] < heap[child])
			child++;
		if (heap[at] <= heap[child])
			return;
		swap = heap[at];
		heap[at] = heap[child];
		heap[child] = swap;
		at = child;
	}
}

static void
add_rank(FsAggTop *top, double rank, uint32 limit)
{
	if (top->n < limit)
	{
		top->ranks[top->n++] = rank;
		if (top->n == limit)
			qsort(top->ranks, limit, sizeof(double), by_rank);
	}
	else if (rank > top->ranks[0])
	{
		top->ranks[0] = rank;
		sift_down(top->ranks, limit);
	}
}

/*
 * The rank from which on groups are wanted.  Not where HAVING leaves some out,
 * nor where an aggregate has no rank.  Ranks are doubles, results may be more
 * exact, hence the margin.
 */
void
fs_aggtop_learn(FlowAggState *state)
{
	FsAggTop   *top = &state->top;
	const FsGroups *groups = state->groups;
	uint32		limit = (uint32) state->hints.limit;

	if (state->hints.limit <= 0 || state->css.ss.ps.qual != NULL ||
		top->is_useless || (state->is_whole && groups->n <= limit))
		return;
	if (top->ranks == NULL)
		top->ranks = MemoryContextAllocHuge(state->cxt,
											sizeof(double) * limit);
	for (uint32 g = 0; g < groups->n; g++)
	{
		double		rank;
		bool		isnull;

		if (!fs_groups_exists(groups, g))
			continue;
		if (!fs_accumulator_rank(groups->accs[state->hints.agg], g, &rank,
								 &isnull))
		{
			top->is_useless = true;
			top->has_threshold = false;
			return;
		}
		if (!isnull)
			add_rank(top, state->hints.is_descending ? rank : -rank, limit);
	}
	top->has_threshold = top->n == limit;
	if (top->has_threshold)
		top->threshold = isinf(top->ranks[0]) ? top->ranks[0]
			: top->ranks[0] - fabs(top->ranks[0]) * 1e-12;
}

bool
fs_aggtop_is_wanted(const FlowAggState *state, uint32 group)
{
	double		rank;
	bool		isnull;

	if (!fs_groups_exists(state->groups, group))
		return false;
	if (!state->top.has_threshold)
		return true;
	(void) fs_accumulator_rank(state->groups->accs[state->hints.agg], group,
							   &rank, &isnull);
	if (!state->hints.is_descending)
		rank = -rank;
	return isnull || rank >= state->top.threshold;
}
