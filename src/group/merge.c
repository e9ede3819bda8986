/*-------------------------------------------------------------------------
 *
 * Groups of one accumulator, merged into those of another.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "group/accstate.h"
#include "group/merge.h"
#include "vector/group.h"

/* groups of acc are fetched into the cache so many groups ahead */
#define AHEAD 16

bool
fs_accumulator_can_merge(const FsAccumulator *acc)
{
	return acc->values == NULL && acc->entropy == NULL && acc->called == NULL &&
		(!acc->is_float || acc->kind == FS_AGG_COUNT);
}

void
fs_accumulator_expect_merge(FsAccumulator *acc, const FsAccumulator *other,
							const uint8 *met)
{
	if (other->has != NULL)
		fs_accumulator_begin_has(acc, met);
}

static void
merge_counts(FsAccumulator *acc, const FsAccumulator *other,
			 const uint32 *from, const uint32 *to, uint32 m)
{
	for (uint32 i = 0; i < m; i++)
	{
		if (i + AHEAD < m)
			__builtin_prefetch(&acc->counts[to[i + AHEAD]], 1);
		acc->counts[to[i]] += other->counts[from[i]];
	}
}

static void
merge_has(FsAccumulator *acc, const FsAccumulator *other,
		  const uint32 *from, const uint32 *to, uint32 m)
{
	if (acc->has == NULL)
	{
		for (uint32 i = 0; i < m; i++)
			acc->has_first |= to[i] == 0;
		return;
	}
	for (uint32 i = 0; i < m; i++)
		acc->has[to[i]] |= other->has == NULL || other->has[from[i]];
}

static void
merge_sums(FsAccumulator *acc, const FsAccumulator *other,
		   const uint32 *from, const uint32 *to, uint32 m)
{
	for (uint32 i = 0; i < m; i++)
	{
		if (i + AHEAD < m)
			__builtin_prefetch(&acc->sums[to[i + AHEAD]], 1);
		fs_int128_add(&acc->sums[to[i]], &other->sums[from[i]]);
	}
}

static void
merge_best(FsAccumulator *acc, const FsAccumulator *other,
		   const uint32 *from, const uint32 *to, uint32 m)
{
	for (uint32 i = 0; i < m; i++)
	{
		int64	   *best = &acc->best[to[i]];
		int64		v = other->best[from[i]];

		switch (acc->kind)
		{
			case FS_AGG_MIN:
				*best = Min(*best, v);
				break;
			case FS_AGG_MAX:
				*best = Max(*best, v);
				break;
			case FS_AGG_BIT_AND:
				*best &= v;
				break;
			default:
				*best |= v;
				break;
		}
	}
}

void
fs_accumulator_merge(FsAccumulator *acc, const FsAccumulator *other,
					 const uint32 *from, const uint32 *to, uint32 m,
					 uint32 ngroups)
{
	fs_accumulator_reserve(acc, ngroups);
	acc->has_negative |= other->has_negative;
	if (acc->counts != NULL)
		merge_counts(acc, other, from, to, m);
	else
		merge_has(acc, other, from, to, m);
	if (acc->sums != NULL)
		merge_sums(acc, other, from, to, m);
	if (acc->squares != NULL)
		for (uint32 i = 0; i < m; i++)
			fs_uint192_add(&acc->squares[to[i]], &other->squares[from[i]]);
	if (acc->best != NULL)
		merge_best(acc, other, from, to, m);
}

void
fs_accumulator_clear(FsAccumulator *acc)
{
	if (acc->counts != NULL)
		memset(acc->counts, 0, sizeof(int64) * acc->n);
	if (acc->has != NULL)
		memset(acc->has, 0, acc->n);
	if (acc->sums != NULL)
		memset(acc->sums, 0, sizeof(FsInt128) * acc->n);
	if (acc->squares != NULL)
		memset(acc->squares, 0, sizeof(FsUint192) * acc->n);
	if (acc->best != NULL)
		for (uint32 i = 0; i < acc->n; i++)
			acc->best[i] = fs_accumulator_best_start(acc->kind);
	acc->has_first = acc->has_negative = false;
	acc->n = 0;
}
