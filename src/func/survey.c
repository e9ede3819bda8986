/*-------------------------------------------------------------------------
 *
 * A survey of a table.
 *
 * The maintainer's inventory has the items with rows, and its choice says what
 * is due; the rest is counted here.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/rel.h"

#include "am/tableoptions.h"
#include "directory/directory.h"
#include "func/inspect.h"
#include "func/survey.h"
#include "maintain/inventory.h"
#include "maintain/optimize.h"

static void
add_holding(FsSurveyPart *part, const FsHolding *holding)
{
	if (holding->kind == FS_ITEM_CHUNK)
		part->nchunks++;
	else
		part->nrows_items++;
	part->rows += holding->nrows;
	part->deleted += holding->ndeleted;
	part->level_rows[holding->level] += holding->nrows;
	if (holding->level != FS_LEVEL_CLUSTERED)
		part->live_late += fs_inventory_live(holding);
	part->bytes += holding->len;
}

/* A part of holdings[n], all of one partition. */
static FsSurveyPart
describe(const FsPolicy *policy, const FsHolding *holdings, uint32 n)
{
	FsSurveyPart part = {holdings[0].partition};
	FsTask		task = fs_choice_make(policy, holdings, n);

	for (uint32 i = 0; i < n; i++)
		add_holding(&part, &holdings[i]);
	if (part.level_rows[FS_LEVEL_CLUSTERED] == 0)
		part.live_late = 0;
	part.min_us = PG_INT64_MAX;
	part.max_us = PG_INT64_MIN;
	part.is_quiet = fs_choice_is_quiet(policy, holdings, n);
	part.due = task.kind;
	if (task.kind != FS_TASK_NONE)
	{
		part.due_rows = task.nrows;
		part.due_bytes = task.nbytes;
	}
	pfree(task.sources);
	return part;
}

static void
describe_all(FsSurvey *survey, const FsPolicy *policy,
			 const FsInventory *inventory)
{
	uint32		nparts = 0;
	uint32		i = 0;

	for (uint32 k = 0; k < inventory->n; k++)
		nparts += k == 0 || inventory->holdings[k].partition !=
			inventory->holdings[k - 1].partition;
	survey->parts = palloc_extended(sizeof(FsSurveyPart) * Max(nparts, 1),
									MCXT_ALLOC_HUGE);
	while (i < inventory->n)
	{
		const FsHolding *first = &inventory->holdings[i];
		uint32		n = 1;

		CHECK_FOR_INTERRUPTS();
		while (i + n < inventory->n && first[n].partition == first->partition)
			n++;
		survey->parts[survey->n++] = describe(policy, first, n);
		i += n;
	}
}

/* The part of a partition, or NULL. */
static FsSurveyPart *
find_part(const FsSurvey *survey, FsPartition partition)
{
	uint32		lo = 0;
	uint32		hi = survey->n;

	while (lo < hi)
	{
		uint32		mid = lo + (hi - lo) / 2;

		if (survey->parts[mid].partition < partition)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < survey->n && survey->parts[lo].partition == partition
		? &survey->parts[lo] : NULL;
}

static void
add_item(FsSurvey *survey, Relation rel, const FsItem *item,
		 AttrNumber time_att)
{
	FsSurveyPart *part = find_part(survey, item->partition);

	switch (item->head->kind)
	{
		case FS_ITEM_DELETES:
			survey->ndeletes++;
			break;
		case FS_ITEM_MOVED:
			survey->nmoved++;
			survey->moved_rows += item->head->nrows;
			break;
		case FS_ITEM_INDEX:
			if (part != NULL)
			{
				part->nindexes++;
				part->index_bytes += item->index->len;
			}
			break;
		default:
			if (part != NULL)
				fs_inspect_times(rel, item, time_att, &part->min_us,
								 &part->max_us);
			break;
	}
}

FsSurvey *
fs_survey_take(Relation rel, Snapshot snapshot)
{
	FsSurvey   *survey = palloc0(sizeof(FsSurvey));
	AttrNumber	time_att = fs_tableoptions_get(rel)->time_att;
	FsPolicy	policy = fs_optimize_policy(rel);
	FsInventory *inventory = fs_inventory_read(rel, snapshot);
	FsDirectoryScan *dir;
	FsItem		item;

	/* as fs_optimize_plan() sees the time */
	if (inventory->has_times)
		policy.now_us = Min(policy.now_us, inventory->newest_us);
	describe_all(survey, &policy, inventory);
	pfree(inventory->holdings);
	pfree(inventory);

	dir = fs_directory_begin(rel, snapshot, NULL);
	while (fs_directory_next(dir, ForwardScanDirection, &item))
	{
		CHECK_FOR_INTERRUPTS();
		add_item(survey, rel, &item, time_att);
	}
	fs_directory_end(dir);
	return survey;
}
