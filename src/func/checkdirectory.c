/*-------------------------------------------------------------------------
 *
 * The directory, checked in itself.
 *
 *		extents		lie in the file, and no two overlap
 *		row numbers	are in one item each
 *		sets		a clustered chunk's INDEX item is there, its ordinal is
 *					its own and below the set's chunks, and all chunks but
 *					the last are full
 *
 * Chunks of a set may have ended, and so may the rows that were moved or
 * deleted; no snapshot sees half of a rewrite.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/bufmgr.h"

#include "directory/directory.h"
#include "format/layout.h"
#include "func/check.h"

static void
add_run(FsCheck *check, FsRowRun run, uint32 item)
{
	if (check->nruns == check->run_cap)
	{
		check->run_cap *= 2;
		check->runs = repalloc_huge(check->runs,
									sizeof(FsCheckRun) * check->run_cap);
	}
	check->runs[check->nruns].run = run;
	check->runs[check->nruns++].item = item;
}

static void
add_item(FsCheck *check, const FsItem *item)
{
	FsCheckItem *entry;
	uint32		len;

	if (check->n == check->cap)
	{
		check->cap *= 2;
		check->items = repalloc_huge(check->items,
									 sizeof(FsCheckItem) * check->cap);
	}
	entry = &check->items[check->n];
	memset(entry, 0, sizeof(FsCheckItem));
	entry->partition = item->partition;
	entry->number = item->number;
	entry->kind = item->head->kind;
	entry->nrows = item->head->nrows;
	entry->n = item->head->n;
	(void) fs_item_extent(item->head, &entry->extent, &len);
	if (entry->kind == FS_ITEM_CHUNK)
	{
		entry->is_clustered = item->chunk->level == FS_LEVEL_CLUSTERED;
		entry->ordinal = item->chunk->ordinal;
		entry->index_number = item->chunk->index_number;
	}
	if (fs_item_has_rows(item))
		for (int i = 0; i < fs_item_nruns(item); i++)
			add_run(check, fs_item_row_run(item, i), check->n);
	check->n++;
}

/* True if an item of this kind may have such a key. */
static bool
has_right_key(const FsItem *item)
{
	switch (item->head->kind)
	{
		case FS_ITEM_DELETES:
			return item->partition < FS_KEY_DELETES_END &&
				item->partition == item->deletes->block / 4 &&
				item->number == item->deletes->block % 4 * FS_ROWNO_PER_BLOCK +
				fs_item_delete(item->deletes, 0).offset;
		case FS_ITEM_MOVED:
			return item->partition == FS_KEY_MOVED;
		default:
			return item->partition >= FS_PARTITION_NONE;
	}
}

static void
read_items(FsCheck *check)
{
	FsDirectoryScan *dir = fs_directory_begin(check->rel, check->snapshot,
											  NULL);
	FsItem		item;

	check->cap = check->run_cap = 64;
	check->items = palloc(sizeof(FsCheckItem) * check->cap);
	check->runs = palloc(sizeof(FsCheckRun) * check->run_cap);
	fs_directory_tolerate(dir);
	while (fs_directory_next(dir, ForwardScanDirection, &item))
	{
		CHECK_FOR_INTERRUPTS();
		if (item.fault != NULL)
			fs_check_complain(check, &item, "%s", item.fault);
		else if (!has_right_key(&item))
			fs_check_complain(check, &item, "its key is %u, %u",
							  item.partition, item.number);
		else if (item.head->kind != FS_ITEM_DELETES)
			add_item(check, &item);
	}
	fs_directory_end(dir);
}

bool
fs_check_is_inside(const FsCheck *check, FsExtent extent)
{
	return (uint64) extent.first + extent.npages <=
		RelationGetNumberOfBlocks(check->rel);
}

static int
by_extent(const void *a, const void *b)
{
	BlockNumber x = (*(FsCheckItem *const *) a)->extent.first;
	BlockNumber y = (*(FsCheckItem *const *) b)->extent.first;

	return x < y ? -1 : x > y ? 1 : 0;
}

static void
check_extents(FsCheck *check, FsCheckItem **order)
{
	uint32		n = 0;
	uint64		end = 0;
	const FsCheckItem *last = NULL;

	for (uint32 i = 0; i < check->n; i++)
		if (check->items[i].extent.npages > 0)
			order[n++] = &check->items[i];
	qsort(order, n, sizeof(FsCheckItem *), by_extent);
	for (uint32 i = 0; i < n; i++)
	{
		const FsCheckItem *item = order[i];

		if (!fs_check_is_inside(check, item->extent))
			fs_check_complain_of(check, item,
								 "its extent of %u pages ends behind the file",
								 item->extent.npages);
		if (item->extent.first < end)
			fs_check_complain_of(check, item,
								 "its extent overlaps that of item %u",
								 last->number);
		if ((uint64) item->extent.first + item->extent.npages > end)
		{
			end = (uint64) item->extent.first + item->extent.npages;
			last = item;
		}
	}
}

static int
by_first(const void *a, const void *b)
{
	uint64		x = ((const FsCheckRun *) a)->run.first;
	uint64		y = ((const FsCheckRun *) b)->run.first;

	return x < y ? -1 : x > y ? 1 : 0;
}

/* Each item is told once, however many rows it shares. */
static void
check_runs(FsCheck *check)
{
	bool	   *is_told = palloc_extended(Max(check->n, 1),
										  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	const FsCheckRun *last = NULL;

	qsort(check->runs, check->nruns, sizeof(FsCheckRun), by_first);
	for (uint32 i = 0; i < check->nruns; i++)
	{
		const FsCheckRun *run = &check->runs[i];

		if (last != NULL && run->run.first < last->run.first + last->run.n &&
			!is_told[run->item])
		{
			is_told[run->item] = true;
			fs_check_complain_of(check, &check->items[run->item],
								 "row number " UINT64_FORMAT " is in item %u, too",
								 run->run.first,
								 check->items[last->item].number);
		}
		if (last == NULL ||
			run->run.first + run->run.n > last->run.first + last->run.n)
			last = run;
	}
	pfree(is_told);
}

const FsCheckItem *
fs_check_find_row(const FsCheck *check, uint64 rowno)
{
	uint32		lo = 0;
	uint32		hi = check->nruns;

	while (lo < hi)
	{
		uint32		mid = lo + (hi - lo) / 2;

		if (check->runs[mid].run.first <= rowno)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == 0 ||
		rowno - check->runs[lo - 1].run.first >= check->runs[lo - 1].run.n)
		return NULL;
	return &check->items[check->runs[lo - 1].item];
}

/* Sets one after another, each with its INDEX item first. */
static int
by_set(const void *a, const void *b)
{
	const FsCheckItem *x = *(FsCheckItem *const *) a;
	const FsCheckItem *y = *(FsCheckItem *const *) b;
	uint32		xset = x->is_clustered ? x->index_number : x->number;
	uint32		yset = y->is_clustered ? y->index_number : y->number;

	if (x->partition != y->partition)
		return x->partition < y->partition ? -1 : 1;
	if (xset != yset)
		return xset < yset ? -1 : 1;
	if (x->is_clustered != y->is_clustered)
		return x->is_clustered ? 1 : -1;
	return (int) x->ordinal - (int) y->ordinal;
}

/* A clustered chunk against its set's INDEX item. */
static void
check_place(FsCheck *check, const FsCheckItem *chunk,
			const FsCheckItem *index)
{
	uint64		before = (uint64) chunk->ordinal * FS_CHUNK_MAX_ROWS;
	uint64		expected;

	if (chunk->ordinal >= index->n || before >= index->nrows)
	{
		fs_check_complain_of(check, chunk,
							 "it is chunk %u of a set of %u chunks and %u rows",
							 chunk->ordinal, index->n, index->nrows);
		return;
	}
	expected = Min(index->nrows - before, FS_CHUNK_MAX_ROWS);
	if (chunk->nrows != expected)
		fs_check_complain_of(check, chunk,
							 "chunk %u of its set must have " UINT64_FORMAT " rows",
							 chunk->ordinal, expected);
}

static void
check_sets(FsCheck *check, FsCheckItem **order)
{
	uint32		n = 0;
	const FsCheckItem *index = NULL;

	for (uint32 i = 0; i < check->n; i++)
		if (check->items[i].is_clustered ||
			check->items[i].kind == FS_ITEM_INDEX)
			order[n++] = &check->items[i];
	qsort(order, n, sizeof(FsCheckItem *), by_set);
	for (uint32 i = 0; i < n; i++)
	{
		const FsCheckItem *item = order[i];

		if (!item->is_clustered)
		{
			index = item;
			continue;
		}
		if (index == NULL || index->partition != item->partition ||
			index->number != item->index_number)
			fs_check_complain_of(check, item,
								 "its partition has no INDEX item %u",
								 item->index_number);
		else
			check_place(check, item, index);
		if (i > 0 && order[i - 1]->is_clustered &&
			by_set(&order[i - 1], &order[i]) == 0)
			fs_check_complain_of(check, item,
								 "item %u is chunk %u of its set, too",
								 order[i - 1]->number, item->ordinal);
	}
}

void
fs_check_directory(FsCheck *check)
{
	FsCheckItem **order;

	read_items(check);
	order = palloc_extended(sizeof(FsCheckItem *) * Max(check->n, 1),
							MCXT_ALLOC_HUGE);
	check_extents(check, order);
	check_runs(check);
	check_sets(check, order);
	pfree(order);
}
