/*-------------------------------------------------------------------------
 *
 * What is worth doing.
 *
 * Merging.  An item is small below half a chunk, unless merging has made it
 * as large as it can be.  Small items wait until
 *
 *		together they fill a chunk, then those that fill chunks are joined, or
 *		some below a vector's rows make GROWTH times the largest of them.
 *
 * or the partition is quiet and will hardly get more.  So there are never many
 * of them: fewer than GROWTH in each of three classes, and 63 of a vector or
 * more.  A chunk with more than a fifth of its rows deleted is written again at
 * once.
 *
 * Clustering.  Late rows of less than a tenth of a clustered partition become
 * a set of their own; more make it worth to cluster everything again.  Small
 * sets are joined when there are several.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "am/partition.h"
#include "directory/item.h"
#include "format/layout.h"
#include "maintain/choice.h"

#define GROWTH				16
#define SMALL_ROWS			(FS_CHUNK_MAX_ROWS / 2)
#define CLUSTER_MIN_ROWS	FS_VECTOR_ROWS
#define FORCED_MIN_ROWS		64
#define SMALL_SET_ROWS		FS_CHUNK_MAX_ROWS
#define MANY_SMALL_SETS		4

/* in a quiet partition so many small items are joined, whatever their size */
#define RESTING_ITEMS		4

/* an unbounded partition is clustered by so many rows */
#define LARGE_SET_ROWS		(16 * FS_CHUNK_MAX_ROWS)

static bool
is_clustered(const FsHolding *holding)
{
	return holding->level == FS_LEVEL_CLUSTERED;
}

/* True if so many rows are deleted that the rest is worth writing again. */
static bool
is_hollow(uint64 ndeleted, uint64 nrows)
{
	return ndeleted * 5 > nrows;
}

static bool
is_small(const FsHolding *holding)
{
	return holding->level == FS_LEVEL_FRESH &&
		fs_inventory_live(holding) < SMALL_ROWS;
}

static void
take(FsTask *task, const FsHolding *holding)
{
	task->sources[task->nsources++] = *holding;
	task->nrows += fs_inventory_live(holding);
	task->nbytes += holding->len;
}

/* A partition's rows by whether they are clustered. */
typedef struct Split
{
	uint64		fresh;			/* live rows not yet clustered */
	uint64		clustered;		/* rows, with those deleted since */
	uint64		deleted;		/* of these */
	uint32		nsmall_sets;
	int64		end_us;			/* end of the partition, if it has one */
} Split;

/* Rows of the set that a clustered holding belongs to. */
static uint64
set_rows(const FsHolding *holdings, uint32 n, uint32 index_number)
{
	uint64		rows = 0;

	for (uint32 i = 0; i < n; i++)
		if (is_clustered(&holdings[i]) &&
			holdings[i].index_number == index_number)
			rows += holdings[i].nrows;
	return rows;
}

/* True if the holding's set is small; it stands for the set if it is first. */
static bool
is_in_small_set(const FsHolding *holdings, uint32 n, uint32 i, bool *is_first)
{
	*is_first = true;
	for (uint32 k = 0; k < i && *is_first; k++)
		*is_first = !is_clustered(&holdings[k]) ||
			holdings[k].index_number != holdings[i].index_number;
	return holdings[i].nrows < SMALL_SET_ROWS &&
		set_rows(holdings, n, holdings[i].index_number) < SMALL_SET_ROWS;
}

static Split
split_rows(const FsPolicy *policy, const FsHolding *holdings, uint32 n)
{
	Split		split = {0};
	FsPartition partition = holdings[0].partition;

	split.end_us = PG_INT64_MAX;
	if (partition > FS_PARTITION_FIRST)
		split.end_us = fs_partition_start(partition) + policy->partition_us;
	for (uint32 i = 0; i < n; i++)
	{
		bool		is_first;

		if (!is_clustered(&holdings[i]))
			split.fresh += fs_inventory_live(&holdings[i]);
		else
		{
			split.clustered += holdings[i].nrows;
			split.deleted += holdings[i].ndeleted;
			if (is_in_small_set(holdings, n, i, &is_first) && is_first)
				split.nsmall_sets++;
		}
		/* partitions may have been longer once */
		if (split.end_us != PG_INT64_MAX && holdings[i].has_times)
			split.end_us = Max(split.end_us, holdings[i].max_us);
	}
	return split;
}

/* True if nobody is expected to write into the partition any more. */
static bool
is_quiet(const FsPolicy *policy, const Split *split)
{
	if (policy->is_forced || policy->is_idle)
		return true;
	return split->end_us != PG_INT64_MAX &&
		split->end_us < policy->now_us - policy->lateness_us;
}

/* What is small in a partition. */
typedef struct Smalls
{
	uint32		n;
	uint64		nrows;
	uint64		nbytes;
	uint32		limit;			/* items of at most so many rows are joined */
	uint64		wanted;			/* until so many rows are taken */
} Smalls;

static int
by_size(const void *a, const void *b)
{
	uint32		x = *(const uint32 *) a;
	uint32		y = *(const uint32 *) b;

	return x < y ? -1 : x > y ? 1 : 0;
}

/* The rows of the largest item that is to be joined with smaller ones, or 0. */
static uint32
find_class(const FsHolding *holdings, uint32 n, uint32 nsmall)
{
	uint32	   *sizes = palloc(sizeof(uint32) * Max(nsmall, 1));
	uint32		k = 0;
	uint64		sum = 0;
	uint32		limit = 0;

	for (uint32 i = 0; i < n; i++)
		if (is_small(&holdings[i]))
			sizes[k++] = fs_inventory_live(&holdings[i]);
	qsort(sizes, k, sizeof(uint32), by_size);
	for (uint32 i = 0; i < k && sizes[i] < FS_VECTOR_ROWS; i++)
	{
		sum += sizes[i];
		if (sum >= (uint64) GROWTH * sizes[i])
			limit = sizes[i];
	}
	pfree(sizes);
	return limit;
}

static Smalls
weigh_smalls(const FsPolicy *policy, const FsHolding *holdings, uint32 n)
{
	Smalls		smalls = {0};
	Split		split = split_rows(policy, holdings, n);
	bool		is_at_rest = is_quiet(policy, &split);

	for (uint32 i = 0; i < n; i++)
	{
		if (!is_small(&holdings[i]))
			continue;
		smalls.n++;
		smalls.nrows += fs_inventory_live(&holdings[i]);
		smalls.nbytes += holdings[i].len;
	}
	smalls.wanted = smalls.nrows;
	if (policy->is_forced || (is_at_rest && smalls.n >= RESTING_ITEMS) ||
		policy->is_idle)
	{
		/* joined if they become a chunk, or fewer items of rows */
		if (smalls.n > 1 &&
			(smalls.nrows >= FORCED_MIN_ROWS ||
			 smalls.nbytes < (uint64) smalls.n * FS_ITEM_MAX_LEN / 2))
			smalls.limit = SMALL_ROWS;
	}
	else if (smalls.nrows >= FS_CHUNK_MAX_ROWS)
	{
		smalls.limit = SMALL_ROWS;
		smalls.wanted -= smalls.nrows % FS_CHUNK_MAX_ROWS;
	}
	else
		smalls.limit = find_class(holdings, n, smalls.n);
	return smalls;
}

static void
choose_merge(const FsPolicy *policy, const FsHolding *holdings, uint32 n,
			 FsTask *task)
{
	Smalls		smalls = weigh_smalls(policy, holdings, n);
	uint64		taken = 0;

	for (uint32 i = 0; i < n; i++)
	{
		const FsHolding *holding = &holdings[i];
		uint32		live = fs_inventory_live(holding);

		if (live == 0)
			take(task, holding);
		else if (is_small(holding) && live <= smalls.limit &&
				 taken < smalls.wanted)
		{
			taken += live;
			take(task, holding);
		}
		else if (!is_clustered(holding) &&
				 is_hollow(holding->ndeleted, holding->nrows))
			take(task, holding);
	}
	if (task->nsources > 0)
		task->kind = FS_TASK_MERGE;
}

/* Rows that are close in time shall be clustered together. */
static int
by_time(const void *a, const void *b)
{
	const FsHolding *x = a;
	const FsHolding *y = b;

	if (x->has_times != y->has_times)
		return x->has_times ? -1 : 1;
	if (x->has_times && x->min_us != y->min_us)
		return x->min_us < y->min_us ? -1 : 1;
	return x->first_row < y->first_row ? -1 : x->first_row > y->first_row;
}

static void
choose_cluster(const FsPolicy *policy, const FsHolding *holdings, uint32 n,
			   FsTask *task)
{
	Split		split = split_rows(policy, holdings, n);
	bool		is_bounded = split.end_us != PG_INT64_MAX;
	uint64		min_rows = policy->is_forced ? FORCED_MIN_ROWS :
		CLUSTER_MIN_ROWS;
	bool		all;
	bool		small_sets = split.nsmall_sets >= MANY_SMALL_SETS;

	if (!is_quiet(policy, &split) &&
		(is_bounded || split.fresh < LARGE_SET_ROWS))
		return;
	all = policy->is_full ||
		is_hollow(split.deleted, split.clustered) ||
		(is_bounded && split.fresh >= min_rows &&
		 split.fresh * 10 >= split.clustered);
	if (all ? split.fresh + split.clustered - split.deleted < min_rows :
		split.fresh < min_rows)
		return;
	for (uint32 i = 0; i < n; i++)
	{
		bool		is_first;

		if (all || !is_clustered(&holdings[i]) ||
			(small_sets && is_in_small_set(holdings, n, i, &is_first)))
			take(task, &holdings[i]);
	}
	qsort(task->sources, task->nsources, sizeof(FsHolding), by_time);
	task->is_whole = !policy->is_forced;
	task->kind = FS_TASK_CLUSTER;
}

FsTask
fs_choice_make(const FsPolicy *policy, const FsHolding *holdings, uint32 n)
{
	FsTask		task = {FS_TASK_NONE, holdings[0].partition};

	task.sources = palloc_extended(sizeof(FsHolding) * n, MCXT_ALLOC_HUGE);
	if (policy->may_cluster)
		choose_cluster(policy, holdings, n, &task);
	if (task.kind == FS_TASK_NONE && policy->may_merge)
		choose_merge(policy, holdings, n, &task);
	return task;
}

bool
fs_choice_is_quiet(const FsPolicy *policy, const FsHolding *holdings, uint32 n)
{
	Split		split = split_rows(policy, holdings, n);

	return is_quiet(policy, &split);
}
