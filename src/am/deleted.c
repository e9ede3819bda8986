/*-------------------------------------------------------------------------
 *
 * Deleted rows, collected.
 *
 * As with pending rows, an item is stamped with the current subtransaction.
 * If a nested one must see the deletions of its parent, they are written under
 * its xid and kept: should it abort, they are unwritten again.
 *
 * Locks are taken for the top transaction's resource owner, since they live
 * from one call of the executor to another, perhaps under another portal.
 *
 * Rows can be held without being deleted.  A BEFORE trigger has seen the row
 * that core locked for it, and core does not call it again for another version.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relation.h"
#include "access/xact.h"
#include "lib/ilist.h"
#include "storage/lmgr.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "am/deleted.h"
#include "compat.h"
#include "directory/epoch.h"
#include "directory/life.h"

typedef struct Batch
{
	dlist_node	node;
	Oid			relid;
	FsFileNumber file;
	LockRelId	lockid;
	SubTransactionId subid;		/* whose deletions these are */
	SubTransactionId written_in;	/* nested one that wrote them, or invalid */
	CommandId	cid;
	FsPartition partition;		/* its lock is held */
	uint32		number;			/* of the item */
	bool		is_known;		/* the item is known to be alive */
	uint64		begun;			/* row that is locked and not yet added */
	bool		has_begun;
	bool		has_taken;		/* as of epoch: rows of the block that others */
	uint64		epoch;			/* delete or have deleted */
	uint8		taken[FS_ROWNO_PER_BLOCK / 8];
	int			n;
	FsDeletedRow rows[FS_DELETES_MAX_ROWS];
} Batch;

static dlist_head batches = DLIST_STATIC_INIT(batches);
static uint32 nlocked = 0;		/* rows of all batches */

/* A row that is held; its lock and its partition's are. */
typedef struct HeldRow
{
	dlist_node	node;
	LockRelId	lockid;
	SubTransactionId subid;
	FsPartition partition;
	uint64		rowno;
} HeldRow;

static dlist_head held_rows = DLIST_STATIC_INIT(held_rows);	/* latest first */
static int	nheld = 0;

static LOCKTAG
row_tag(LockRelId relid, uint64 rowno)
{
	ItemPointerData tid;
	LOCKTAG		tag;

	fs_rowno_to_tid(rowno, &tid);
	SET_LOCKTAG_TUPLE(tag, relid.dbId, relid.relId,
					  ItemPointerGetBlockNumber(&tid),
					  ItemPointerGetOffsetNumber(&tid));
	return tag;
}

/* False if it would have to wait and must not. */
static bool
lock_row(LockRelId relid, uint64 rowno, bool wait)
{
	ResourceOwner old = CurrentResourceOwner;
	LOCKTAG		tag = row_tag(relid, rowno);
	LockAcquireResult result;

	CurrentResourceOwner = TopTransactionResourceOwner;
	result = LockAcquire(&tag, ExclusiveLock, false, !wait);
	CurrentResourceOwner = old;
	return result != LOCKACQUIRE_NOT_AVAIL;
}

static void
unlock_row(LockRelId relid, uint64 rowno)
{
	ResourceOwner old = CurrentResourceOwner;
	LOCKTAG		tag = row_tag(relid, rowno);

	CurrentResourceOwner = TopTransactionResourceOwner;
	LockRelease(&tag, ExclusiveLock, false);
	CurrentResourceOwner = old;
}

static void
lock_partition(Relation rel, FsPartition partition)
{
	ResourceOwner old = CurrentResourceOwner;

	CurrentResourceOwner = TopTransactionResourceOwner;
	fs_life_lock(rel, partition, ShareLock);
	CurrentResourceOwner = old;
}

static void
unlock_partition(LockRelId relid, FsPartition partition)
{
	ResourceOwner old = CurrentResourceOwner;

	CurrentResourceOwner = TopTransactionResourceOwner;
	fs_life_unlock(relid, partition, ShareLock);
	CurrentResourceOwner = old;
}

/* Let go of a batch and of all locks that it holds. */
static void
drop_batch(Batch *batch)
{
	for (int i = 0; i < batch->n; i++)
		unlock_row(batch->lockid, batch->rows[i].rowno);
	nlocked -= batch->n;
	if (batch->has_begun)
		unlock_row(batch->lockid, batch->begun);
	unlock_partition(batch->lockid, batch->partition);
	dlist_delete(&batch->node);
	pfree(batch);
}

static void
drop_held(HeldRow *held)
{
	unlock_row(held->lockid, held->rowno);
	unlock_partition(held->lockid, held->partition);
	dlist_delete(&held->node);
	pfree(held);
	nheld--;
}

static HeldRow *
find_held(LockRelId lockid, uint64 rowno)
{
	dlist_iter	iter;

	dlist_foreach(iter, &held_rows)
	{
		HeldRow    *held = dlist_container(HeldRow, node, iter.cur);

		if (held->rowno == rowno && held->lockid.relId == lockid.relId)
			return held;
	}
	return NULL;
}

bool
fs_deleted_hold(Relation rel, const FsRowPlace *place, bool wait)
{
	LockRelId	lockid = rel->rd_lockInfo.lockRelId;
	HeldRow    *held;

	if (find_held(lockid, place->rowno) != NULL)
		return true;
	lock_partition(rel, place->partition);
	if (!lock_row(lockid, place->rowno, wait))
	{
		unlock_partition(lockid, place->partition);
		return false;
	}
	if (nheld == FS_DELETES_MAX_ROWS)
		drop_held(dlist_container(HeldRow, node,
								  dlist_tail_node(&held_rows)));
	held = MemoryContextAlloc(TopTransactionContext, sizeof(HeldRow));
	held->lockid = lockid;
	held->subid = GetCurrentSubTransactionId();
	held->partition = place->partition;
	held->rowno = place->rowno;
	dlist_push_head(&held_rows, &held->node);
	nheld++;
	return true;
}

void
fs_deleted_release(Relation rel, uint64 rowno)
{
	HeldRow    *held = find_held(rel->rd_lockInfo.lockRelId, rowno);

	if (held != NULL)
		drop_held(held);
}

static int
by_rowno(const void *a, const void *b)
{
	uint64		x = ((const FsDeletedRow *) a)->rowno;
	uint64		y = ((const FsDeletedRow *) b)->rowno;

	return x < y ? -1 : x > y ? 1 : 0;
}

/* Write a batch as the current subtransaction. */
static void
write_batch(Batch *batch, Relation rel)
{
	if (batch->written_in != InvalidSubTransactionId)
		return;
	if (batch->n > 0)
	{
		qsort(batch->rows, batch->n, sizeof(FsDeletedRow), by_rowno);
		fs_deletes_insert(rel, batch->rows, batch->n, batch->cid);
	}
	if (batch->subid == GetCurrentSubTransactionId())
		drop_batch(batch);
	else
		batch->written_in = GetCurrentSubTransactionId();
}

static Batch *
create_batch(Relation rel, const FsRowPlace *place, CommandId cid)
{
	Batch	   *batch;

	/* the xid is assigned now, while it surely can be */
	(void) GetCurrentTransactionId();
	lock_partition(rel, place->partition);
	batch = MemoryContextAllocZero(TopTransactionContext, sizeof(Batch));
	batch->relid = RelationGetRelid(rel);
	batch->file = fs_file_number(rel);
	batch->lockid = rel->rd_lockInfo.lockRelId;
	batch->subid = GetCurrentSubTransactionId();
	batch->cid = cid;
	batch->partition = place->partition;
	batch->number = place->number;
	dlist_push_head(&batches, &batch->node);
	return batch;
}

/* True if the row can join the batch. */
static bool
fits(const Batch *batch, const FsRowPlace *place, CommandId cid)
{
	return batch->cid == cid && batch->partition == place->partition &&
		batch->number == place->number &&
		batch->n < FS_DELETES_MAX_ROWS &&
		(batch->n == 0 || batch->rows[0].rowno / FS_ROWNO_PER_BLOCK ==
		 place->rowno / FS_ROWNO_PER_BLOCK);
}

/* Write a batch of a table that may have been dropped or rewritten since. */
static void
flush_batch(Batch *batch)
{
	Relation	rel = try_relation_open(batch->relid, RowExclusiveLock);

	if (rel == NULL)
		return;
	if (fs_file_number(rel) == batch->file)
		write_batch(batch, rel);
	relation_close(rel, NoLock);
}

/* True if it is for the current subtransaction to write the batch. */
static bool
is_own(const Batch *batch)
{
	return batch->subid == GetCurrentSubTransactionId() &&
		batch->written_in == InvalidSubTransactionId;
}

/*
 * Write what the current subtransaction has collected, of all tables, if that
 * is as much as one item holds: the lock table is everybody's.
 */
static void
keep_few_locks(void)
{
	dlist_mutable_iter iter;
	uint32		n = 0;

	if (nlocked < FS_DELETES_MAX_ROWS)
		return;
	dlist_foreach_modify(iter, &batches)
	{
		Batch	   *batch = dlist_container(Batch, node, iter.cur);

		n += is_own(batch) ? batch->n : 0;
	}
	if (n < FS_DELETES_MAX_ROWS)
		return;
	dlist_foreach_modify(iter, &batches)
	{
		Batch	   *batch = dlist_container(Batch, node, iter.cur);

		if (is_own(batch))
			flush_batch(batch);
	}
}

/* The current subtransaction's batch of a table, or NULL. */
static Batch *
own_batch(Relation rel)
{
	dlist_iter	iter;

	dlist_foreach(iter, &batches)
	{
		Batch	   *batch = dlist_container(Batch, node, iter.cur);

		if (batch->relid == RelationGetRelid(rel) &&
			batch->file == fs_file_number(rel) && is_own(batch))
			return batch;
	}
	return NULL;
}

/* True if the batch has the row, which the same command has deleted then. */
static bool
find_in_batch(const Batch *batch, uint64 rowno, FsDeletion *own)
{
	for (int i = 0; i < batch->n; i++)
	{
		if (batch->rows[i].rowno != rowno)
			continue;
		own->row = batch->rows[i];
		own->xid = GetCurrentTransactionId();
		own->cid = batch->cid;
		own->in_progress = false;
		return true;
	}
	return false;
}

/*
 * Lock a row, unless this transaction has deleted it already: then whoever
 * holds its lock is waiting for us.
 */
static bool
lock_or_find_own(Batch *batch, Relation rel, uint64 rowno, FsDeletion *own)
{
	if (lock_row(batch->lockid, rowno, false))
		return true;
	if (fs_deletes_probe(rel, rowno, own) &&
		TransactionIdIsCurrentTransactionId(own->xid))
		return false;
	return lock_row(batch->lockid, rowno, true);
}

bool
fs_deleted_begin(Relation rel, const FsRowPlace *place, CommandId cid,
				 bool *is_known, FsDeletion *own)
{
	Batch	   *batch = own_batch(rel);

	if (batch != NULL && batch->cid == cid &&
		find_in_batch(batch, place->rowno, own))
		return false;
	if (batch != NULL && !fits(batch, place, cid))
	{
		write_batch(batch, rel);
		batch = NULL;
	}
	if (batch == NULL || nlocked >= FS_DELETES_MAX_ROWS)
	{
		keep_few_locks();
		batch = own_batch(rel);
	}
	if (batch == NULL)
		batch = create_batch(rel, place, cid);
	Assert(!batch->has_begun);
	if (!lock_or_find_own(batch, rel, place->rowno, own))
		return false;
	batch->begun = place->rowno;
	batch->has_begun = true;
	*is_known = batch->is_known;
	batch->is_known = true;
	return true;
}

/*
 * True if the row that was begun may be deleted already.  If it is not the
 * only one of its block, a look at the whole block is remembered for as long as
 * the epoch stays.
 */
static bool
is_taken(Batch *batch, Relation rel)
{
	uint64		epoch;
	uint32		i = batch->begun % FS_ROWNO_PER_BLOCK;

	if (batch->n == 0 || !fs_epoch_read(rel, &epoch))
		return true;
	if (!batch->has_taken || batch->epoch != epoch)
	{
		fs_deletes_taken(rel, batch->begun, batch->taken);
		batch->epoch = epoch;
		batch->has_taken = true;
	}
	return (batch->taken[i / 8] & (1 << i % 8)) != 0;
}

bool
fs_deleted_is_free(Relation rel, FsDeletion *deletion)
{
	Batch	   *batch = own_batch(rel);

	return !is_taken(batch, rel) ||
		!fs_deletes_probe(rel, batch->begun, deletion);
}

void
fs_deleted_cancel(Relation rel)
{
	Batch	   *batch = own_batch(rel);

	unlock_row(batch->lockid, batch->begun);
	batch->has_begun = false;
	/* the caller may be about to wait: hold nothing meanwhile */
	batch->is_known = false;
	write_batch(batch, rel);
}

void
fs_deleted_add(Relation rel, const FsDeletedRow *row)
{
	Batch	   *batch = own_batch(rel);

	Assert(batch->has_begun && batch->begun == row->rowno);
	batch->rows[batch->n++] = *row;
	batch->has_begun = false;
	nlocked++;
	fs_deleted_release(rel, row->rowno);
}

bool
fs_deleted_exists(void)
{
	return !dlist_is_empty(&batches);
}

void
fs_deleted_flush(Oid relid)
{
	dlist_mutable_iter iter;

	dlist_foreach_modify(iter, &batches)
	{
		Batch	   *batch = dlist_container(Batch, node, iter.cur);

		if (!OidIsValid(relid) || batch->relid == relid)
			flush_batch(batch);
	}
}

void
fs_deleted_discard(Relation rel)
{
	dlist_mutable_iter iter;

	dlist_foreach_modify(iter, &batches)
	{
		Batch	   *batch = dlist_container(Batch, node, iter.cur);

		if (batch->relid == RelationGetRelid(rel) &&
			batch->file == fs_file_number(rel))
			drop_batch(batch);
	}
}

static void
at_xact(XactEvent event, void *arg)
{
	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
		case XACT_EVENT_PRE_PREPARE:
			/* no trigger is called any more */
			while (!dlist_is_empty(&held_rows))
				drop_held(dlist_head_element(HeldRow, node, &held_rows));
			break;
		case XACT_EVENT_COMMIT:
		case XACT_EVENT_PREPARE:
		case XACT_EVENT_ABORT:
			/* the memory goes with TopTransactionContext, the locks too */
			dlist_init(&batches);
			nlocked = 0;
			dlist_init(&held_rows);
			nheld = 0;
			break;
		default:
			break;
	}
}

static void
end_subxact(Batch *batch, SubTransactionId subid, SubTransactionId parent,
			bool is_commit)
{
	if (batch->subid == subid)
		drop_batch(batch);
	else if (batch->written_in == subid)
	{
		batch->written_in = is_commit ? parent : InvalidSubTransactionId;
		if (is_commit && batch->subid == parent)
			drop_batch(batch);
	}
}

static void
end_held(SubTransactionId subid, SubTransactionId parent, bool is_commit)
{
	dlist_mutable_iter iter;

	dlist_foreach_modify(iter, &held_rows)
	{
		HeldRow    *held = dlist_container(HeldRow, node, iter.cur);

		if (held->subid != subid)
			continue;
		if (is_commit)
			held->subid = parent;
		else
			drop_held(held);
	}
}

static void
at_subxact(SubXactEvent event, SubTransactionId subid,
		   SubTransactionId parent, void *arg)
{
	dlist_mutable_iter iter;

	if (event == SUBXACT_EVENT_START_SUB)
		return;
	if (event != SUBXACT_EVENT_PRE_COMMIT_SUB)
		end_held(subid, parent, event == SUBXACT_EVENT_COMMIT_SUB);
	dlist_foreach_modify(iter, &batches)
	{
		Batch	   *batch = dlist_container(Batch, node, iter.cur);

		if (event != SUBXACT_EVENT_PRE_COMMIT_SUB)
			end_subxact(batch, subid, parent,
						event == SUBXACT_EVENT_COMMIT_SUB);
		else if (batch->subid == subid)
			flush_batch(batch);
	}
}

void
fs_deleted_init(void)
{
	RegisterXactCallback(at_xact, NULL);
	RegisterSubXactCallback(at_subxact, NULL);
}
