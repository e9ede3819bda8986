/*-------------------------------------------------------------------------
 *
 * The first groups by an aggregate in a parallel plan.
 *
 * Groups are named by the hash of their keys, which is the same with all
 * participants.  One that has a named group's hash by chance is exchanged for
 * nothing, no more.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "storage/spin.h"
#include "utils/memutils.h"

#include "exec/aggbound.h"

/* ranks are doubles: what is below by so little may be rounding */
#define MARGIN 1e-9

/* bits of a filter before the list of names is searched */
#define FILTER_BITS 65536

static FsRankBound
bound_of(const FlowAggState *state)
{
	if (state->hints.limit <= 0 || state->groups->nkeys == 0)
		return FS_RANK_FREE;
	return fs_accumulator_rank_bound(state->groups->accs[state->hints.agg],
									 state->hints.is_descending);
}

void
fs_aggbound_init(FsAggBound *bound)
{
	memset(bound, 0, offsetof(FsAggBound, named));
	SpinLockInit(&bound->mutex);
}

void
fs_aggbound_tell(FlowAggState *state, FsAggBound *bound)
{
	bool		is_free = bound_of(state) == FS_RANK_FREE;
	bool		has_floor = false;
	double		floor = 0;

	if (!is_free)
		has_floor = fs_aggtop_last(state, &floor, &is_free);
	SpinLockAcquire(&bound->mutex);
	bound->nparts++;
	bound->is_useless |= is_free;
	if (has_floor && (!bound->has_floor || floor > bound->floor))
	{
		bound->floor = floor;
		bound->has_floor = true;
	}
	SpinLockRelease(&bound->mutex);
}

bool
fs_aggbound_is_used(const FsAggBound *bound)
{
	return !bound->is_useless && bound->has_floor;
}

/* The least rank of a group that has to be named. */
static double
least_rank(const FlowAggState *state, const FsAggBound *bound)
{
	double		least = bound->floor - state->hints.slack;

	if (bound_of(state) == FS_RANK_ADDS)
		least /= bound->nparts;
	return least - fabs(bound->floor) * MARGIN;
}

void
fs_aggbound_name(FlowAggState *state, FsAggBound *bound)
{
	FsGroups   *groups = state->groups;
	double		least = least_rank(state, bound);
	uint64	   *hashes = palloc(sizeof(uint64) * FS_AGG_NAMED);
	uint32		n = 0;
	bool		is_full;

	fs_aggtop_set_floor(state, bound->floor);
	for (uint32 g = 0; g < groups->n; g++)
	{
		if (!fs_groups_exists(groups, g) ||
			!fs_aggtop_is_above(state, g, least))
			continue;
		if (n == FS_AGG_NAMED)
		{
			n++;
			break;
		}
		hashes[n++] = fs_groups_select(groups, g, state->seed);
	}
	SpinLockAcquire(&bound->mutex);
	is_full = bound->is_full || n > FS_AGG_NAMED - bound->n;
	bound->is_full = is_full;
	if (!is_full)
	{
		memcpy(&bound->named[bound->n], hashes, sizeof(uint64) * n);
		bound->n += n;
	}
	SpinLockRelease(&bound->mutex);
	pfree(hashes);
}

static int
by_hash(const void *a, const void *b)
{
	uint64		x = *(const uint64 *) a;
	uint64		y = *(const uint64 *) b;

	return x < y ? -1 : x > y ? 1 : 0;
}

uint8 *
fs_aggbound_find(FlowAggState *state, const FsAggBound *bound)
{
	FsGroups   *groups = state->groups;
	uint64	   *named;
	uint8	   *filter;
	uint8	   *found;

	if (!fs_aggbound_is_used(bound) || bound->is_full)
		return NULL;
	named = palloc(sizeof(uint64) * Max(bound->n, 1));
	memcpy(named, bound->named, sizeof(uint64) * bound->n);
	qsort(named, bound->n, sizeof(uint64), by_hash);
	filter = palloc0(FILTER_BITS / 8);
	for (uint32 i = 0; i < bound->n; i++)
		filter[named[i] % FILTER_BITS / 8] |= 1 << named[i] % 8;
	found = MemoryContextAllocExtended(CurrentMemoryContext,
									   Max(groups->n, 1),
									   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (uint32 g = 0; g < groups->n; g++)
	{
		uint64		hash;

		if (!fs_groups_exists(groups, g))
			continue;
		hash = fs_groups_select(groups, g, state->seed);
		if ((filter[hash % FILTER_BITS / 8] >> hash % 8 & 1) != 0)
			found[g] = bsearch(&hash, named, bound->n, sizeof(uint64),
							   by_hash) != NULL;
	}
	pfree(filter);
	pfree(named);
	return found;
}
