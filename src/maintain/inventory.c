/*-------------------------------------------------------------------------
 *
 * What a table holds.
 *
 * Deleted rows are assigned to holdings by the runs of row numbers of all
 * items, sorted.  Within one snapshot a deleted row whose item is not there
 * was in an item that has ended: rows are deleted only where somebody sees
 * them, and the snapshot sees whatever the deleter saw unless it has ended.
 * Older snapshots that still see the item also still see its DELETES.
 *
 * But their owners also ask who deleted a row, and what took its place, by
 * what is there now.  So a DELETES item stays until all snapshots see it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/transam.h"
#include "miscadmin.h"
#include "storage/procarray.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "directory/deletes.h"
#include "directory/directory.h"
#include "directory/life.h"
#include "maintain/inventory.h"

/* Neighbouring row numbers of one holding. */
typedef struct RowRange
{
	uint64		first;
	uint32		n;
	uint32		holding;
} RowRange;

typedef struct Builder
{
	FsInventory *inventory;
	uint32		cap;
	RowRange   *ranges;			/* NULL: not wanted */
	uint32		nranges;
	uint32		range_cap;
} Builder;

static int
by_place(const void *a, const void *b)
{
	const FsHolding *x = a;
	const FsHolding *y = b;

	if (x->partition != y->partition)
		return x->partition < y->partition ? -1 : 1;
	if (x->first_row != y->first_row)
		return x->first_row < y->first_row ? -1 : 1;
	return 0;
}

static int
by_first(const void *a, const void *b)
{
	uint64		x = ((const RowRange *) a)->first;
	uint64		y = ((const RowRange *) b)->first;

	return x < y ? -1 : x > y ? 1 : 0;
}

static FsHolding
describe(const FsItem *item)
{
	FsHolding	holding = {0};

	holding.partition = item->partition;
	holding.number = item->number;
	holding.kind = item->head->kind;
	holding.nrows = item->head->nrows;
	holding.len = item->len;
	holding.first_row = fs_item_row_run(item, 0).first;
	if (holding.kind == FS_ITEM_CHUNK)
	{
		holding.level = item->chunk->level;
		holding.len = item->chunk->len;
		holding.index_number = item->chunk->index_number;
		holding.has_times = item->chunk->time_att != 0;
		holding.min_us = item->chunk->min_us;
		holding.max_us = item->chunk->max_us;
	}
	return holding;
}

static void
add_ranges(Builder *builder, const FsItem *item, uint32 holding)
{
	for (int i = 0; i < fs_item_nruns(item); i++)
	{
		FsRowRun	run = fs_item_row_run(item, i);
		RowRange   *range;

		if (builder->nranges == builder->range_cap)
		{
			builder->range_cap *= 2;
			builder->ranges = repalloc_huge(builder->ranges,
											sizeof(RowRange) *
											builder->range_cap);
		}
		range = &builder->ranges[builder->nranges++];
		range->first = run.first;
		range->n = run.n;
		range->holding = holding;
	}
}

static void
add_holding(Builder *builder, const FsItem *item)
{
	FsInventory *inventory = builder->inventory;
	FsHolding  *holding;

	if (inventory->n == builder->cap)
	{
		builder->cap *= 2;
		inventory->holdings = repalloc_huge(inventory->holdings,
											sizeof(FsHolding) * builder->cap);
	}
	holding = &inventory->holdings[inventory->n];
	*holding = describe(item);
	if (builder->ranges != NULL)
		add_ranges(builder, item, inventory->n);
	inventory->n++;
	inventory->nrows += holding->nrows;
	inventory->nbytes += holding->len;
	if (holding->has_times &&
		(!inventory->has_times || holding->max_us > inventory->newest_us))
	{
		inventory->has_times = true;
		inventory->newest_us = holding->max_us;
	}
}

static void
read_holdings(Builder *builder, Relation rel, Snapshot snapshot,
			  bool with_ranges)
{
	FsDirectoryScan *scan;
	FsItem		item;

	builder->cap = 256;
	builder->inventory = palloc0(sizeof(FsInventory));
	builder->inventory->holdings = palloc(sizeof(FsHolding) * builder->cap);
	if (with_ranges)
	{
		builder->range_cap = 256;
		builder->ranges = palloc(sizeof(RowRange) * builder->range_cap);
	}
	scan = fs_directory_begin(rel, snapshot, NULL);
	while (fs_directory_next(scan, ForwardScanDirection, &item))
	{
		CHECK_FOR_INTERRUPTS();
		if (fs_item_has_rows(&item))
			add_holding(builder, &item);
	}
	fs_directory_end(scan);
	qsort(builder->ranges, builder->nranges, sizeof(RowRange), by_first);
}

/* The holding that has a row, or NULL. */
static FsHolding *
find_holding(const Builder *builder, uint64 rowno)
{
	uint32		lo = 0;
	uint32		hi = builder->nranges;
	const RowRange *range;

	while (lo < hi)
	{
		uint32		mid = lo + (hi - lo) / 2;

		if (builder->ranges[mid].first <= rowno)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == 0)
		return NULL;
	range = &builder->ranges[lo - 1];
	return rowno - range->first < range->n
		? &builder->inventory->holdings[range->holding] : NULL;
}

/* Count the item's rows with their holdings; false if none has one. */
static bool
assign_deletes(Builder *builder, const FsItem *item)
{
	bool		found = false;

	for (int i = 0; i < item->head->n; i++)
	{
		uint64		rowno = (uint64) item->deletes->block *
			FS_ROWNO_PER_BLOCK + fs_item_delete(item->deletes, i).offset;
		FsHolding  *holding = find_holding(builder, rowno);

		if (holding == NULL)
			continue;
		holding->ndeleted = Min(holding->ndeleted + 1, holding->nrows);
		found = true;
	}
	return found;
}

/* Visit all DELETES; ends the stale ones if is_sweep.  Gives their number. */
static uint32
read_deletes(Builder *builder, Relation rel, Snapshot snapshot, bool is_sweep)
{
	FsKeyRange	range = {0, FS_KEY_DELETES_END - 1, 0, 0};
	FsDirectoryScan *scan = fs_directory_begin_range(rel, snapshot, &range);
	TransactionId oldest = GetOldestNonRemovableTransactionId(rel);
	FsItem		item;
	uint32		n = 0;

	while (fs_directory_next(scan, ForwardScanDirection, &item))
	{
		CHECK_FOR_INTERRUPTS();
		if (!assign_deletes(builder, &item) &&
			TransactionIdPrecedes(item.xmin, oldest) &&
			(!is_sweep || fs_life_end_item(rel, &item)))
			n++;
	}
	fs_directory_end(scan);
	return n;
}

FsInventory *
fs_inventory_read(Relation rel, Snapshot snapshot)
{
	Builder		builder = {0};
	bool		has_deletes = fs_deletes_exist(rel);

	read_holdings(&builder, rel, snapshot, has_deletes);
	if (has_deletes)
	{
		builder.inventory->has_stale_deletes =
			read_deletes(&builder, rel, snapshot, false) > 0;
		pfree(builder.ranges);
	}
	qsort(builder.inventory->holdings, builder.inventory->n,
		  sizeof(FsHolding), by_place);
	return builder.inventory;
}

uint32
fs_inventory_sweep(Relation rel, Snapshot snapshot)
{
	MemoryContext cxt = AllocSetContextCreate(CurrentMemoryContext,
											  "flowstore inventory",
											  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(cxt);
	Builder		builder = {0};
	uint32		n;

	read_holdings(&builder, rel, snapshot, true);
	n = read_deletes(&builder, rel, snapshot, true);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(cxt);
	return n;
}
