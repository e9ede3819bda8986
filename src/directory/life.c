/*-------------------------------------------------------------------------
 *
 * The life of items.
 *
 * The lock of a partition is that of a TID which no row can have: its block is
 * the partition, its offset beyond those of row numbers.
 *
 * heap_delete, not simple_heap_delete: that one raises an error if another
 * transaction was faster, which here only means that there is nothing to do.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/table.h"
#include "access/transam.h"
#include "access/xact.h"
#include "storage/lmgr.h"
#include "storage/procarray.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "directory/directory.h"
#include "directory/life.h"

#define LOCK_OFFSET		(FS_ROWNO_PER_BLOCK + 2)

static ItemPointerData
lock_tid(FsPartition partition)
{
	ItemPointerData tid;

	ItemPointerSet(&tid, partition, LOCK_OFFSET);
	return tid;
}

void
fs_life_lock(Relation rel, FsPartition partition, LOCKMODE mode)
{
	ItemPointerData tid = lock_tid(partition);

	LockTuple(rel, &tid, mode);
}

bool
fs_life_try_lock(Relation rel, FsPartition partition, LOCKMODE mode)
{
	ItemPointerData tid = lock_tid(partition);

	return ConditionalLockTuple(rel, &tid, mode, false);
}

void
fs_life_unlock(LockRelId relid, FsPartition partition, LOCKMODE mode)
{
	LOCKTAG		tag;

	SET_LOCKTAG_TUPLE(tag, relid.dbId, relid.relId, partition, LOCK_OFFSET);
	LockRelease(&tag, mode, false);
}

bool
fs_life_is_aborted(const FsItem *item)
{
	return TransactionIdIsNormal(item->xmin) &&
		!TransactionIdIsCurrentTransactionId(item->xmin) &&
		!TransactionIdIsInProgress(item->xmin) &&
		!TransactionIdDidCommit(item->xmin);
}

/* Fetch an item as it stands now; snapshot says who is at work on it. */
static bool
fetch_now(Relation rel, FsPartition partition, uint32 number,
		  SnapshotData *snapshot, FsItem *item)
{
	InitDirtySnapshot(*snapshot);
	return fs_directory_fetch(rel, partition, number, snapshot, item);
}

/*
 * True if a transaction is relocating an item: it ends the tuple and inserts
 * another one with its key.
 */
static bool
is_relocated_by(Relation rel, FsPartition partition, uint32 number,
				TransactionId xid)
{
	FsKeyRange	range = {partition, partition, number, number};
	SnapshotData dirty;
	FsDirectoryScan *scan;
	FsItem		item;
	bool		has_old = false;
	bool		has_new = false;

	InitDirtySnapshot(dirty);
	scan = fs_directory_begin_range(rel, &dirty, &range);
	while (fs_directory_next(scan, ForwardScanDirection, &item))
	{
		if (item.number != number)
			continue;
		has_old = has_old || dirty.xmax == xid;
		has_new = has_new || dirty.xmin == xid;
	}
	fs_directory_end(scan);
	return has_old && has_new;
}

FsLife
fs_life_of(Relation rel, FsPartition partition, uint32 number,
		   TransactionId *xid)
{
	SnapshotData dirty;
	FsItem		item;

	*xid = InvalidTransactionId;
	/* a relocated item's new tuple may be met too early, its old one too late */
	if (!fetch_now(rel, partition, number, &dirty, &item) &&
		!fetch_now(rel, partition, number, &dirty, &item))
		return FS_LIFE_ENDED;
	pfree((void *) item.head);
	/* an item that is being relocated may be met in its new form */
	*xid = TransactionIdIsValid(dirty.xmax) ? dirty.xmax : dirty.xmin;
	if (!TransactionIdIsValid(*xid) ||
		is_relocated_by(rel, partition, number, *xid))
		return FS_LIFE_ALIVE;
	return FS_LIFE_ENDING;
}

bool
fs_life_end_item(Relation rel, const FsItem *item)
{
	Relation	toast = fs_directory_open(rel, RowExclusiveLock);
	TM_FailureData failure;
	TM_Result	result;
	ItemPointerData tid = item->tid;

	result = heap_delete(toast, &tid, GetCurrentCommandId(true),
						 InvalidSnapshot, false, &failure, false);
	table_close(toast, NoLock);
	return result == TM_Ok;
}

bool
fs_life_end(Relation rel, FsPartition partition, uint32 number)
{
	SnapshotData dirty;
	FsItem		item;

	if (!fetch_now(rel, partition, number, &dirty, &item))
		return false;
	pfree((void *) item.head);
	return !TransactionIdIsValid(dirty.xmin) &&
		!TransactionIdIsValid(dirty.xmax) && fs_life_end_item(rel, &item);
}

/* Which of two tuples of a key came later; in progress counts as earliest. */
static bool
is_later(const FsItem *a, const FsItem *b)
{
	bool		a_counts = TransactionIdIsCurrentTransactionId(a->xmin) ||
		!TransactionIdIsInProgress(a->xmin);
	bool		b_counts = TransactionIdIsCurrentTransactionId(b->xmin) ||
		!TransactionIdIsInProgress(b->xmin);

	if (a_counts != b_counts)
		return a_counts;
	return TransactionIdFollows(a->xmin, b->xmin);
}

static bool
fetch_ended(Relation rel, FsPartition partition, uint32 number, FsItem *item)
{
	FsKeyRange	range = {partition, partition, number, number};
	FsDirectoryScan *scan = fs_directory_begin_range(rel, SnapshotAny, &range);
	FsItem		next;
	bool		found = false;

	while (fs_directory_next(scan, ForwardScanDirection, &next))
	{
		char	   *copy;

		if (next.number != number || fs_life_is_aborted(&next) ||
			(found && !is_later(&next, item)))
			continue;
		copy = palloc(next.len);
		memcpy(copy, next.head, next.len);
		*item = next;
		item->head = (const FsItemHead *) copy;
		found = true;
	}
	fs_directory_end(scan);
	return found;
}

bool
fs_life_fetch(Relation rel, FsPartition partition, uint32 number, FsItem *item)
{
	return fs_directory_fetch(rel, partition, number, SnapshotSelf, item) ||
		fetch_ended(rel, partition, number, item);
}
