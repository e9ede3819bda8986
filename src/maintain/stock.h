/*-------------------------------------------------------------------------
 *
 * Stock: the items of a table by age, with the rows that are left of them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_MAINTAIN_STOCK_H
#define FS_MAINTAIN_STOCK_H

#include "postgres.h"

#include "utils/rel.h"
#include "utils/snapshot.h"

#include "directory/item.h"

typedef struct FsStockItem
{
	FsPartition partition;
	uint32		number;
	uint8		kind;			/* FS_ITEM_ROWS, CHUNK or INDEX */
	bool		is_ended;		/* by fs_stock_end() */
	uint32		index_number;	/* of a clustered chunk, else 0 */
	uint32		live;			/* rows that are not deleted */
	uint64		bytes;			/* of the extent, or the item */
	int64		min_us;			/* times; min > max: all are null */
	int64		max_us;
} FsStockItem;

typedef struct FsStock
{
	FsStockItem *items;			/* [n], by max_us, min_us; INDEX items last */
	uint32		n;
	uint64		live;			/* rows of all items that have not ended */
	uint64		bytes;
} FsStock;

/*
 * What the snapshot sees, in the current memory context.  The time column is
 * attribute time_att, 0 if there is none.
 */
extern FsStock *fs_stock_take(Relation rel, Snapshot snapshot,
							  AttrNumber time_att);

/*
 * The newest time that is known and not later than clock_us; PG_INT64_MIN if
 * there is none.
 */
extern int64 fs_stock_newest(const FsStock *stock, int64 clock_us);

/*
 * End an item.  Returns false if another transaction is ending it or has
 * done so; *xid is that one while it is in progress, else invalid.
 */
extern bool fs_stock_end(Relation rel, FsStock *stock, FsStockItem *item,
						 TransactionId *xid);

/* End the partition indexes of which no chunk is left. */
extern void fs_stock_end_indexes(Relation rel, FsStock *stock);

#endif							/* FS_MAINTAIN_STOCK_H */
