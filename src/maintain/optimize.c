/*-------------------------------------------------------------------------
 *
 * Maintaining one table.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "am/partition.h"
#include "am/tableoptions.h"
#include "directory/moves.h"
#include "maintain/arrange.h"
#include "maintain/optimize.h"

FsPolicy
fs_optimize_policy(Relation rel)
{
	const FsTableOptions *options = fs_tableoptions_get(rel);
	FsPolicy	policy = {0};

	policy.may_merge = options->merge;
	policy.may_cluster = options->cluster;
	policy.partition_us = options->partition_us;
	policy.lateness_us = options->lateness_us;
	policy.now_us = GetCurrentTimestamp();
	return policy;
}

static bool
is_wanted(const FsPolicy *policy, FsPartition partition, int64 from_us,
		  int64 to_us)
{
	int64		start_us;

	if (from_us == PG_INT64_MIN && to_us == PG_INT64_MAX)
		return true;
	if (partition < FS_PARTITION_FIRST)
		return false;
	start_us = fs_partition_start(partition);
	return start_us <= to_us &&
		(start_us == PG_INT64_MIN || from_us == PG_INT64_MIN ||
		 start_us > from_us - policy->partition_us);
}

static void
plan_partitions(FsAgenda *agenda, const FsInventory *inventory,
				const FsPolicy *policy, int64 from_us, int64 to_us)
{
	uint32		i = 0;
	uint32		cap = 16;

	agenda->tasks = palloc(sizeof(FsTask) * cap);
	while (i < inventory->n)
	{
		const FsHolding *first = &inventory->holdings[i];
		uint32		n = 1;
		FsTask		task;

		while (i + n < inventory->n &&
			   first[n].partition == first->partition)
			n++;
		i += n;
		if (!is_wanted(policy, first->partition, from_us, to_us))
			continue;
		task = fs_choice_make(policy, first, n);
		if (task.kind == FS_TASK_NONE)
		{
			pfree(task.sources);
			continue;
		}
		if (agenda->n == cap)
		{
			cap *= 2;
			agenda->tasks = repalloc_huge(agenda->tasks, sizeof(FsTask) * cap);
		}
		agenda->tasks[agenda->n++] = task;
	}
}

FsAgenda *
fs_optimize_plan(Relation rel, const FsPolicy *policy, int64 from_us,
				 int64 to_us)
{
	FsAgenda   *agenda = palloc0(sizeof(FsAgenda));
	FsPolicy	actual = *policy;
	FsInventory *inventory;

	PushActiveSnapshot(GetLatestSnapshot());
	inventory = fs_inventory_read(rel, GetActiveSnapshot());
	PopActiveSnapshot();

	/* one row from the future must not make everything quiet */
	if (inventory->has_times)
		actual.now_us = Min(actual.now_us, inventory->newest_us);
	plan_partitions(agenda, inventory, &actual, from_us, to_us);
	agenda->nitems = inventory->n;
	for (uint32 i = 0; i < inventory->n; i++)
		agenda->newest_row = Max(agenda->newest_row,
								 inventory->holdings[i].first_row);
	agenda->has_stale_deletes = inventory->has_stale_deletes;
	pfree(inventory->holdings);
	pfree(inventory);
	return agenda;
}

bool
fs_optimize_run(Relation rel, FsTask *task, const FsPace *pace,
				FsTaskResult *result)
{
	MemoryContext cxt = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	bool		is_done;

	memset(result, 0, sizeof(FsTaskResult));
	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(cxt);
	PushActiveSnapshot(GetLatestSnapshot());
	if (task->kind == FS_TASK_CLUSTER)
		is_done = fs_arrange_run(rel, task, GetActiveSnapshot(), pace, result);
	else
		is_done = fs_merge_run(rel, task, GetActiveSnapshot(), pace, result);
	if (is_done)
	{
		PopActiveSnapshot();
		ReleaseCurrentSubTransaction();
	}
	else
		RollbackAndReleaseCurrentSubTransaction();
	MemoryContextSwitchTo(cxt);
	CurrentResourceOwner = owner;
	CommandCounterIncrement();
	return is_done;
}

uint32
fs_optimize_tidy(Relation rel, bool has_stale_deletes)
{
	uint32		n = fs_moves_forget(rel);

	if (has_stale_deletes)
	{
		PushActiveSnapshot(GetLatestSnapshot());
		n += fs_inventory_sweep(rel, GetActiveSnapshot());
		PopActiveSnapshot();
	}
	CommandCounterIncrement();
	return n;
}
