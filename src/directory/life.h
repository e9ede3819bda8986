/*-------------------------------------------------------------------------
 *
 * The life of items: which are alive, and how they end.
 *
 * Items end when their rows are written again or expire.  Whoever ends items
 * of a partition holds fs_life_lock() exclusively while he does and commits at
 * once; whoever deletes rows holds it shared from looking at the row's item
 * until his DELETES item is written.  So no DELETES item is written for an item
 * that is gone already.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_DIRECTORY_LIFE_H
#define FS_DIRECTORY_LIFE_H

#include "postgres.h"

#include "storage/lock.h"
#include "utils/rel.h"

#include "directory/item.h"

typedef enum FsLife
{
	FS_LIFE_ALIVE,				/* or inserted by this transaction */
	FS_LIFE_ENDING,				/* by another transaction, in progress */
	FS_LIFE_ENDED				/* or never committed */
} FsLife;

/*
 * What is true of an item now; *xid is who is ending it.  An item that is being
 * relocated is alive, since its rows keep their numbers, but *xid is set.
 */
extern FsLife fs_life_of(Relation rel, FsPartition partition, uint32 number,
						 TransactionId *xid);

/*
 * End an item, as the current command.  Returns false, having done nothing,
 * if it is not alive.  Not allowed in parallel mode.
 */
extern bool fs_life_end(Relation rel, FsPartition partition, uint32 number);

/* The same for the item that a scan of the directory has just returned. */
extern bool fs_life_end_item(Relation rel, const FsItem *item);

/* True if the transaction that inserted the item cannot commit any more. */
extern bool fs_life_is_aborted(const FsItem *item);

/* Mode is ShareLock or ExclusiveLock; see above. */
extern void fs_life_lock(Relation rel, FsPartition partition, LOCKMODE mode);
extern bool fs_life_try_lock(Relation rel, FsPartition partition,
							 LOCKMODE mode);
extern void fs_life_unlock(LockRelId relid, FsPartition partition,
						   LOCKMODE mode);

/*
 * Fetch an item whoever sees it, in the current memory context: as it stands
 * now, or as it was when it ended.  A relocated item has several tuples of one
 * key, of which the last one that counts is taken.  One that another
 * transaction is still writing only if there is no other, an aborted one never.
 */
extern bool fs_life_fetch(Relation rel, FsPartition partition, uint32 number,
						  FsItem *item);

#endif							/* FS_DIRECTORY_LIFE_H */
