/*-------------------------------------------------------------------------
 *
 * Inventory: the items of a table that hold rows, with what is left of them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_MAINTAIN_INVENTORY_H
#define FS_MAINTAIN_INVENTORY_H

#include "postgres.h"

#include "utils/rel.h"
#include "utils/snapshot.h"

#include "directory/item.h"

typedef struct FsStock
{
	FsPartition partition;
	uint32		number;
	uint8		kind;			/* FS_ITEM_ROWS, CHUNK or INDEX */
	uint8		level;			/* FsLevel of a chunk */
	uint32		index_number;	/* of a clustered chunk */
	uint32		live;			/* rows that are not deleted */
	uint64		bytes;			/* of the extent, or the item */
	int64		min_us;			/* times; min > max: all are null */
	int64		max_us;
} FsStock;

typedef struct FsInventory
{
	FsStock    *stocks;			/* [n], in no order */
	uint32		n;
	uint64		live;			/* rows of all items */
	uint64		bytes;
	int64		newest_us;		/* largest max_us, PG_INT64_MIN if none */
} FsInventory;

/*
 * Take the inventory of what the snapshot sees, in the current memory
 * context.  The time column is attribute time_att, 0 if there is none.
 */
extern FsInventory fs_inventory_take(Relation rel, Snapshot snapshot,
									 AttrNumber time_att);

#endif							/* FS_MAINTAIN_INVENTORY_H */
