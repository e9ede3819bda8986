/*-------------------------------------------------------------------------
 *
 * Entropy by group.
 *
 * A table gives pairs of group and value their ids, by which weights are
 * added up.  When the first result is asked for, weights are sorted by group,
 * by counting, and all groups are finished at once.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "common/int.h"
#include "common/pg_prng.h"
#include "miscadmin.h"

#include "am/scanvalue.h"
#include "group/entropy.h"
#include "vector/entropy.h"

/* pairs between two looks for an interrupt */
#define SLICE	(1 << 20)

struct FsEntropy
{
	FsAllocator *allocator;
	FsPairIds  *pairs;
	uint32		cap;
	int64	   *weights;		/* [cap] by pair */

	/* once finished */
	uint32		ndone;
	double	   *bits;			/* [ndone] */
	uint32	   *nvalues;		/* [ndone] with a weight */

	/* once values were asked for */
	uint32	   *ends;			/* [nends] of groups, in the following */
	uint32		nends;
	int64	   *sorted;			/* [pairs] weights by group */
	uint32	   *ids;			/* [pairs] the values they are of */
};

FsEntropy *
fs_entropy_create(FsAllocator *allocator)
{
	FsEntropy  *entropy = palloc0(sizeof(FsEntropy));

	entropy->allocator = allocator;
	entropy->pairs = fs_pair_ids_create(allocator,
										pg_prng_uint64(&pg_global_prng_state));
	return entropy;
}

static void
release(FsEntropy *entropy, void *p)
{
	if (p != NULL)
		entropy->allocator->release(entropy->allocator, p);
}

/* Forget results: more rows come. */
static void
resume(FsEntropy *entropy)
{
	release(entropy, entropy->bits);
	release(entropy, entropy->nvalues);
	release(entropy, entropy->ends);
	release(entropy, entropy->sorted);
	release(entropy, entropy->ids);
	entropy->bits = NULL;
	entropy->nvalues = entropy->ends = entropy->ids = NULL;
	entropy->sorted = NULL;
	entropy->ndone = entropy->nends = 0;
}

void
fs_entropy_reset(FsEntropy *entropy)
{
	resume(entropy);
	release(entropy, entropy->weights);
	entropy->weights = NULL;
	entropy->cap = 0;
	fs_pair_ids_destroy(entropy->pairs);
	entropy->pairs = fs_pair_ids_create(entropy->allocator,
										pg_prng_uint64(&pg_global_prng_state));
}

Size
fs_entropy_bytes(const FsEntropy *entropy)
{
	return fs_pair_ids_bytes(entropy->pairs) + (Size) entropy->cap * 8 +
		(Size) entropy->ndone * 12 + (Size) entropy->nends * 4 +
		(entropy->ids == NULL ? 0 : (Size) fs_pair_ids_n(entropy->pairs) * 12);
}

static void
make_room(FsEntropy *entropy, uint32 npairs)
{
	FsAllocator *allocator = entropy->allocator;
	uint32		cap = Max(npairs, Max(1024, entropy->cap * 2));
	int64	   *weights;

	if (npairs <= entropy->cap)
		return;
	weights = allocator->alloc(allocator, sizeof(int64) * (Size) cap);
	if (entropy->weights != NULL)
		memcpy(weights, entropy->weights, sizeof(int64) * entropy->cap);
	memset(weights + entropy->cap, 0,
		   sizeof(int64) * (Size) (cap - entropy->cap));
	release(entropy, entropy->weights);
	entropy->weights = weights;
	entropy->cap = cap;
}

static void
add_weight(int64 *sum, int64 weight)
{
	if (weight < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("weight " INT64_FORMAT " is out of range", weight),
				 errdetail("Weights must not be negative.")));
	if (pg_add_s64_overflow(*sum, weight, sum))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("sum of weights is out of range for type %s",
						"bigint")));
}

void
fs_entropy_add(FsEntropy *entropy, const uint32 *g, const uint32 *ids,
			   const int64 *weights, uint32 m)
{
	uint32		pairs[FS_VECTOR_ROWS];

	resume(entropy);
	fs_pair_ids_add(entropy->pairs, g, ids, m, pairs);
	make_room(entropy, fs_pair_ids_n(entropy->pairs));
	if (weights == NULL)
		for (uint32 i = 0; i < m; i++)
			entropy->weights[pairs[i]]++;
	else
		for (uint32 i = 0; i < m; i++)
			add_weight(&entropy->weights[pairs[i]], weights[i]);
}

static uint32
group_of(const FsEntropy *entropy, uint32 pair, uint32 *id)
{
	uint32		group;

	if (pair % SLICE == 0)
		CHECK_FOR_INTERRUPTS();
	fs_pair_ids_key(entropy->pairs, pair, &group, id);
	return group;
}

/* An array with an element for each pair. */
static void *
for_each_pair(const FsEntropy *entropy, Size size)
{
	Size		npairs = Max(fs_pair_ids_n(entropy->pairs), 1);

	return entropy->allocator->alloc(entropy->allocator, size * npairs);
}

/*
 * The weights of pairs, and unless NULL the ids of values, those of each group
 * together: the ones of group g end before ends[g], where those of the next
 * begin.
 */
static void
sort_weights(const FsEntropy *entropy, uint32 *ends, uint32 ngroups,
			 int64 *sorted, uint32 *ids)
{
	uint32		npairs = fs_pair_ids_n(entropy->pairs);
	uint32		begin = 0;
	uint32		id;

	memset(ends, 0, sizeof(uint32) * (Size) ngroups);
	for (uint32 i = 0; i < npairs; i++)
		ends[group_of(entropy, i, &id)]++;
	for (uint32 g = 0; g < ngroups; g++)
	{
		uint32		n = ends[g];

		ends[g] = begin;
		begin += n;
	}
	for (uint32 i = 0; i < npairs; i++)
	{
		uint32		at = ends[group_of(entropy, i, &id)]++;

		sorted[at] = entropy->weights[i];
		if (ids != NULL)
			ids[at] = id;
	}
}

static void
finish(FsEntropy *entropy, uint32 ngroups)
{
	FsAllocator *allocator = entropy->allocator;
	Size		n = Max(ngroups, 1);
	uint32	   *ends = allocator->alloc(allocator, sizeof(uint32) * n);
	int64	   *sorted = for_each_pair(entropy, sizeof(int64));
	uint32		begin = 0;

	sort_weights(entropy, ends, ngroups, sorted, NULL);
	entropy->bits = allocator->alloc(allocator, sizeof(double) * n);
	entropy->nvalues = allocator->alloc(allocator, sizeof(uint32) * n);
	for (uint32 g = 0; g < ngroups; g++)
	{
		CHECK_FOR_INTERRUPTS();
		entropy->bits[g] = fs_entropy_of_weights(sorted + begin,
												 ends[g] - begin,
												 &entropy->nvalues[g]);
		begin = ends[g];
	}
	entropy->ndone = ngroups;
	release(entropy, sorted);
	release(entropy, ends);
}

bool
fs_entropy_of_group(FsEntropy *entropy, uint32 group, uint32 ngroups,
					bool is_norm, double *result)
{
	uint32		n;

	if (group >= ngroups)
		return false;
	if (entropy->bits == NULL)
		finish(entropy, ngroups);
	n = entropy->nvalues[group];
	*result = entropy->bits[group];
	if (n > 0 && is_norm)
		*result = n == 1 ? 0 : Min(1.0, *result / log2((double) n));
	return n > 0;
}

uint32
fs_entropy_n(const FsEntropy *entropy)
{
	return fs_pair_ids_n(entropy->pairs);
}

void
fs_entropy_values(FsEntropy *entropy, uint32 group, uint32 ngroups,
				  const uint32 **ids, const int64 **weights, uint32 *n)
{
	uint32		begin;

	*n = 0;
	if (group >= ngroups)
		return;
	if (entropy->ends == NULL)
	{
		FsAllocator *allocator = entropy->allocator;

		entropy->sorted = for_each_pair(entropy, sizeof(int64));
		entropy->ids = for_each_pair(entropy, sizeof(uint32));
		entropy->ends = allocator->alloc(allocator,
										 sizeof(uint32) * (Size) ngroups);
		entropy->nends = ngroups;
		sort_weights(entropy, entropy->ends, ngroups, entropy->sorted,
					 entropy->ids);
	}
	begin = group == 0 ? 0 : entropy->ends[group - 1];
	*ids = entropy->ids + begin;
	*weights = entropy->sorted + begin;
	*n = entropy->ends[group] - begin;
}
