/*-------------------------------------------------------------------------
 *
 * What a table holds, partition by partition, as the maintainer weighs it.
 *
 * Read from the directory alone, in one pass (two if rows were deleted).
 * Memory: about 72 bytes an item.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_MAINTAIN_INVENTORY_H
#define FS_MAINTAIN_INVENTORY_H

#include "postgres.h"

#include "utils/relcache.h"
#include "utils/snapshot.h"

#include "directory/item.h"

typedef struct FsHolding
{
	FsPartition partition;
	uint32		number;
	uint8		kind;			/* FS_ITEM_ROWS or FS_ITEM_CHUNK */
	uint8		level;			/* FsLevel; ROWS: fresh */
	bool		has_times;		/* the bounds below are known */
	uint32		nrows;
	uint32		ndeleted;
	uint32		len;			/* bytes of the chunk, or of the ROWS item */
	uint32		index_number;	/* clustered: of its set's INDEX item */
	int64		min_us;
	int64		max_us;
	uint64		first_row;		/* row number; ascends in order of arrival */
} FsHolding;

typedef struct FsInventory
{
	FsHolding  *holdings;		/* [n], by partition, then arrival */
	uint32		n;
	uint64		nrows;			/* of all holdings, deleted ones too */
	uint64		nbytes;
	bool		has_times;
	int64		newest_us;		/* of all chunks */
	bool		has_stale_deletes;	/* see fs_inventory_sweep() */
} FsInventory;

/*
 * All items with rows that the snapshot sees, in the current memory context.
 */
extern FsInventory *fs_inventory_read(Relation rel, Snapshot snapshot);

/* Rows of a holding that are not deleted. */
static inline uint32
fs_inventory_live(const FsHolding *holding)
{
	return holding->nrows - holding->ndeleted;
}

/*
 * End the DELETES items that all snapshots see and whose rows are all in items
 * that have ended; what the inventory was read with says which.  Gives their
 * number.
 */
extern uint32 fs_inventory_sweep(Relation rel, Snapshot snapshot);

#endif							/* FS_MAINTAIN_INVENTORY_H */
