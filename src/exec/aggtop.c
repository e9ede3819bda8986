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

#define MARGIN 1e-12

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

static double
rank_of(const FlowAggState *state, uint32 group, bool *has_rank, bool *isnull)
{
	double		rank = 0;

	*has_rank =
		fs_accumulator_rank(state->groups->accs[state->hints.agg], group,
							&rank, isnull);
	return state->hints.is_descending ? rank : -rank;
}

/* Learn the ranks of the groups at hand; false if one has none. */
static bool
add_groups(FlowAggState *state)
{
	FsAggTop   *top = &state->top;
	const FsGroups *groups = state->groups;
	uint32		limit = (uint32) state->hints.limit;

	if (top->ranks == NULL)
		top->ranks = MemoryContextAllocHuge(state->cxt,
											sizeof(double) * limit);
	for (uint32 g = 0; g < groups->n; g++)
	{
		bool		has_rank;
		bool		isnull;
		double		rank;

		if (!fs_groups_exists(groups, g))
			continue;
		rank = rank_of(state, g, &has_rank, &isnull);
		if (!has_rank)
			return false;
		if (!isnull)
			add_rank(top, rank, limit);
	}
	return true;
}

/*
 * The rank from which on groups are wanted.  Not where an aggregate has no
 * rank.  Ranks are doubles, results may be more
 * exact, hence the margin.
 */
void
fs_aggtop_learn(FlowAggState *state)
{
	FsAggTop   *top = &state->top;
	uint32		limit = (uint32) state->hints.limit;
	double		last;

	if (state->hints.limit <= 0 || top->is_useless || (state->is_whole && state->groups->n <= limit))
		return;
	if (!add_groups(state))
	{
		top->is_useless = true;
		top->has_threshold = false;
		return;
	}
	top->has_threshold = top->n == limit || top->has_floor;
	if (!top->has_threshold)
		return;
	last = top->n == limit ? top->ranks[0] : top->floor;
	if (top->has_floor)
		last = Max(last, top->floor);
	top->threshold = isinf(last) ? last : last - fabs(last) * MARGIN
		- state->hints.slack;
}

bool
fs_aggtop_last(FlowAggState *state, double *rank, bool *is_useless)
{
	FsAggTop   *top = &state->top;
	bool		has_last;

	*is_useless = !add_groups(state);
	has_last = !*is_useless && top->n == (uint32) state->hints.limit;
	if (has_last)
		*rank = top->ranks[0];
	/* the same groups come again */
	top->n = 0;
	return has_last;
}

void
fs_aggtop_set_floor(FlowAggState *state, double floor)
{
	state->top.floor = floor;
	state->top.has_floor = true;
}

bool
fs_aggtop_is_above(const FlowAggState *state, uint32 group, double rank)
{
	bool		has_rank;
	bool		isnull;
	double		mine = rank_of(state, group, &has_rank, &isnull);

	return isnull || mine >= rank;
}

bool
fs_aggtop_is_wanted(const FlowAggState *state, uint32 group)
{
	return fs_groups_exists(state->groups, group) &&
		(!state->top.has_threshold ||
		 fs_aggtop_is_above(state, group, state->top.threshold));
}
