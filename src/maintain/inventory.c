/*-------------------------------------------------------------------------
 *
 * Inventory.
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
#include "maintain/inventory.h"

/* Bounds of the times in a ROWS item. */
static void
scan_rows(Relation rel, const FsItem *item, AttrNumber time_att,
		  FsStock *stock)
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
			stock->min_us = Min(stock->min_us, ts_us);
			stock->max_us = Max(stock->max_us, ts_us);
		}
		row = fs_item_next_row(row);
	}
}

static FsStock
stock_of(Relation rel, Snapshot snapshot, const FsItem *item,
		 AttrNumber time_att, bool has_deletes)
{
	FsStock		stock = {0};
	FsExtent	extent;
	uint32		len = item->len;

	stock.partition = item->partition;
	stock.number = item->number;
	stock.kind = item->head->kind;
	stock.min_us = PG_INT64_MAX;
	stock.max_us = PG_INT64_MIN;
	stock.bytes = len;
	if (fs_item_extent(item->head, &extent, &len))
		stock.bytes = (uint64) extent.npages * BLCKSZ;
	if (stock.kind == FS_ITEM_INDEX)
		return stock;
	stock.live = item->head->nrows;
	if (has_deletes)
	{
		TransactionId deleter;
		uint32		count;
		uint8	   *bitmap = fs_deletes_bitmap(rel, snapshot, item, &count,
											   &deleter);

		stock.live -= count;
		if (bitmap != NULL)
			pfree(bitmap);
	}
	if (stock.kind == FS_ITEM_ROWS && time_att != 0)
		scan_rows(rel, item, time_att, &stock);
	if (stock.kind == FS_ITEM_CHUNK)
	{
		stock.level = item->chunk->level;
		stock.index_number = item->chunk->index_number;
		if (item->chunk->time_att == time_att && time_att != 0)
		{
			stock.min_us = item->chunk->min_us;
			stock.max_us = item->chunk->max_us;
		}
	}
	return stock;
}

FsInventory
fs_inventory_take(Relation rel, Snapshot snapshot, AttrNumber time_att)
{
	FsInventory inventory = {0};
	FsDirectoryScan *dir = fs_directory_begin(rel, snapshot, NULL);
	bool		has_deletes = fs_deletes_exist(rel);
	uint32		cap = 64;
	FsItem		item;

	inventory.newest_us = PG_INT64_MIN;
	inventory.stocks = palloc(sizeof(FsStock) * cap);
	while (fs_directory_next(dir, ForwardScanDirection, &item))
	{
		FsStock    *stock;

		CHECK_FOR_INTERRUPTS();
		if (!fs_item_has_rows(&item) && item.head->kind != FS_ITEM_INDEX)
			continue;
		if (inventory.n == cap)
		{
			cap *= 2;
			inventory.stocks = repalloc_huge(inventory.stocks,
											 sizeof(FsStock) * cap);
		}
		stock = &inventory.stocks[inventory.n++];
		*stock = stock_of(rel, snapshot, &item, time_att, has_deletes);
		inventory.live += stock->live;
		inventory.bytes += stock->bytes;
		inventory.newest_us = Max(inventory.newest_us, stock->max_us);
	}
	fs_directory_end(dir);
	return inventory;
}
