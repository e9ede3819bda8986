/*-------------------------------------------------------------------------
 *
 * The oldest rows of a stock: which items, and which rows of the others.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_MAINTAIN_OLDEST_H
#define FS_MAINTAIN_OLDEST_H

#include "postgres.h"

#include "maintain/stock.h"

/*
 * True if at least keep live rows of the stock are newer than all of items[i].
 * Linear in the stock's size.
 */
extern bool fs_oldest_may_end(const FsStock *stock, uint32 i, uint64 keep);

/*
 * Delete the count oldest rows of the items that have not ended, count > 0 and
 * at most as many as there are.  Memory: 16 bytes for each row of the items in
 * which they may be.  Rows that another transaction is deleting are left
 * alone, *xid being one such.  Gives the number of rows that were deleted.
 */
extern uint64 fs_oldest_delete(Relation rel, Snapshot snapshot,
							   const FsStock *stock, AttrNumber time_att,
							   uint64 count, TransactionId *xid);

#endif							/* FS_MAINTAIN_OLDEST_H */
