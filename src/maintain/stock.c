/*-------------------------------------------------------------------------
 *
 * Stock.
 *
 * The directory has the bounds of chunks; rows of ROWS items are looked at.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "directory/deletes.h"
#include "directory/directory.h"
#include "directory/life.h"
#include "maintain/stock.h"

/* Bounds of the times in a ROWS item. */
static void
look_at_rows(Relation rel, const FsItem *item, AttrNumber time_att,
			 FsStockItem *stocked)
{
	MinimalTuple row = fs_item_first_row(item->rows);

	for (int i = 0; i < item->head->nrows; i++)
	{
		HeapTupleData tuple;
		bool		isnull;
		int64		ts_us;

		tuple.t_len = row->t_len + MINIMAL_TUPLE_OFFSET;
		tuple.t_data = (HeapTupleHeader) ((char *) row - MINIMAL_TUPLE_OFFSET);
		ItemPointerSetInvalid(&tuple.t_self);
		tuple.t_tableOid = InvalidOid;
		ts_us = DatumGetInt64(heap_getattr(&tuple, time_att,
										   RelationGetDescr(rel), &isnull));
		if (!isnull)
		{
			stocked->min_us = Min(stocked->min_us, ts_us);
			stocked->max_us = Max(stocked->max_us, ts_us);
		}
		row = fs_item_next_row(row);
	}
}

static uint32
count_deleted(Relation rel, Snapshot snapshot, const FsItem *item)
{
	TransactionId deleter;
	uint32		count;
	uint8	   *bitmap = fs_deletes_bitmap(rel, snapshot, item, &count,
										   &deleter);

	if (bitmap != NULL)
		pfree(bitmap);
	return count;
}

static FsStockItem
describe(Relation rel, const FsItem *item, AttrNumber time_att)
{
	FsStockItem stocked = {0};
	FsExtent	extent;
	uint32		len;

	stocked.partition = item->partition;
	stocked.number = item->number;
	stocked.kind = item->head->kind;
	stocked.min_us = PG_INT64_MAX;
	stocked.max_us = PG_INT64_MIN;
	stocked.bytes = fs_item_extent(item->head, &extent, &len)
		? (uint64) extent.npages * BLCKSZ : item->len;
	if (stocked.kind == FS_ITEM_INDEX)
		return stocked;
	stocked.live = item->head->nrows;
	if (stocked.kind == FS_ITEM_ROWS && time_att != 0)
		look_at_rows(rel, item, time_att, &stocked);
	if (stocked.kind == FS_ITEM_CHUNK)
	{
		stocked.index_number = item->chunk->index_number;
		if (item->chunk->time_att == time_att && time_att != 0)
		{
			stocked.min_us = item->chunk->min_us;
			stocked.max_us = item->chunk->max_us;
		}
	}
	return stocked;
}

static int
by_age(const void *a, const void *b)
{
	const FsStockItem *x = a;
	const FsStockItem *y = b;

	if ((x->kind == FS_ITEM_INDEX) != (y->kind == FS_ITEM_INDEX))
		return x->kind == FS_ITEM_INDEX ? 1 : -1;
	if (x->max_us != y->max_us)
		return x->max_us < y->max_us ? -1 : 1;
	if (x->min_us != y->min_us)
		return x->min_us < y->min_us ? -1 : 1;
	return 0;
}

FsStock *
fs_stock_take(Relation rel, Snapshot snapshot, AttrNumber time_att)
{
	FsStock    *stock = palloc0(sizeof(FsStock));
	FsDirectoryScan *dir = fs_directory_begin(rel, snapshot, NULL);
	bool		has_deletes = fs_deletes_exist(rel);
	uint32		cap = 64;
	FsItem		item;

	stock->items = palloc(sizeof(FsStockItem) * cap);
	while (fs_directory_next(dir, ForwardScanDirection, &item))
	{
		FsStockItem *stocked;

		CHECK_FOR_INTERRUPTS();
		if (!fs_item_has_rows(&item) && item.head->kind != FS_ITEM_INDEX)
			continue;
		if (stock->n == cap)
		{
			cap *= 2;
			stock->items = repalloc_huge(stock->items,
										 sizeof(FsStockItem) * cap);
		}
		stocked = &stock->items[stock->n++];
		*stocked = describe(rel, &item, time_att);
		if (has_deletes && fs_item_has_rows(&item))
			stocked->live -= count_deleted(rel, snapshot, &item);
		stock->live += stocked->live;
		stock->bytes += stocked->bytes;
	}
	fs_directory_end(dir);
	qsort(stock->items, stock->n, sizeof(FsStockItem), by_age);
	return stock;
}

int64
fs_stock_newest(const FsStock *stock, int64 clock_us)
{
	int64		newest_us = PG_INT64_MIN;

	for (uint32 i = 0; i < stock->n; i++)
	{
		const FsStockItem *item = &stock->items[i];

		if (item->max_us <= clock_us)
			newest_us = Max(newest_us, item->max_us);
		else if (item->min_us <= clock_us)
			newest_us = Max(newest_us, item->min_us);
	}
	return newest_us;
}

bool
fs_stock_end(Relation rel, FsStock *stock, FsStockItem *item,
			 TransactionId *xid)
{
	if (!fs_life_end(rel, item->partition, item->number))
	{
		(void) fs_life_of(rel, item->partition, item->number, xid);
		return false;
	}
	item->is_ended = true;
	stock->live -= item->live;
	stock->bytes -= item->bytes;
	return true;
}

void
fs_stock_end_indexes(Relation rel, FsStock *stock)
{
	TransactionId xid;

	for (uint32 i = 0; i < stock->n; i++)
	{
		FsStockItem *index = &stock->items[i];
		bool		is_used = false;

		if (index->kind != FS_ITEM_INDEX)
			continue;
		for (uint32 k = 0; k < stock->n && !is_used; k++)
			is_used = !stock->items[k].is_ended &&
				stock->items[k].partition == index->partition &&
				stock->items[k].index_number == index->number &&
				stock->items[k].kind == FS_ITEM_CHUNK;
		if (!is_used)
			(void) fs_stock_end(rel, stock, index, &xid);
	}
}
