/*-------------------------------------------------------------------------
 *
 * Rows changed.
 *
 * A row is deleted by a DELETES item, and updated by one that names the row
 * that takes its place.  Deleters of the same row meet on the lock of its TID:
 * under it, a dirty look at the directory tells whether somebody was faster.
 * Deleters of different rows do not meet at all.
 *
 * A row may have been moved by the worker, to another item and row number,
 * after the caller's snapshot was taken.  Then it is deleted in all places: in
 * the last one for everybody, in the earlier ones for this transaction's own
 * older snapshots.
 *
 * Lock order: partition (fs_life_lock, shared), row.  The worker asks for the
 * partition exclusively without waiting.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "pgstat.h"
#include "storage/lmgr.h"
#include "storage/predicate.h"
#include "storage/procarray.h"
#include "utils/snapmgr.h"

#include "am/changes.h"
#include "am/deleted.h"
#include "am/fetch.h"
#include "am/modify.h"
#include "am/pending.h"
#include "am/refuse.h"
#include "am/tableoptions.h"
#include "compat.h"
#include "directory/life.h"
#include "directory/moves.h"

/* A row moves once between two snapshots, and rarely twice. */
#define USUAL_MOVES	8

/*
 * The places of a row, the last one being where it is now.  While its deleter
 * is waited for, the row's lock is kept, so that those who come later wait
 * behind us.
 */
typedef struct RowPath
{
	int			n;
	int			cap;
	FsRowPlace *places;			/* [cap]: usual, or allocated */
	FsRowPlace	usual[USUAL_MOVES];
	bool		is_queued;
	ItemPointerData queued;		/* whose lock is kept */
} RowPath;

static void
init_path(RowPath *path)
{
	path->n = 0;
	path->cap = USUAL_MOVES;
	path->places = path->usual;
	path->is_queued = false;
}

/* Where the next place is to be put. */
static FsRowPlace *
next_place(RowPath *path)
{
	FsRowPlace *more;

	if (path->n == path->cap)
	{
		more = palloc(sizeof(FsRowPlace) * 2 * path->cap);
		memcpy(more, path->places, sizeof(FsRowPlace) * path->n);
		path->places = more;
		path->cap *= 2;
	}
	return &path->places[path->n];
}

static FsRowPlace *
last_place(RowPath *path)
{
	return &path->places[path->n - 1];
}

/*
 * Find the place of a row number and add it to the path; false if there is no
 * such row any more.
 */
static bool
add_place(Relation rel, uint64 rowno, RowPath *path)
{
	FsRowPlace *place = next_place(path);

	for (;;)
	{
		if (fs_fetch_find(rel, rowno, &place->partition, &place->number))
		{
			place->rowno = rowno;
			path->n++;
			return true;
		}
		/* its old item is gone already; nobody needs a mark there */
		if (!fs_moves_find(rel, rowno, &rowno))
			return false;
	}
}

/* Follow the row from an item that has ended; false if the row is gone. */
static bool
follow_move(Relation rel, RowPath *path)
{
	uint64		to;

	return fs_moves_find(rel, last_place(path)->rowno, &to) &&
		add_place(rel, to, path);
}

static void
wait_for(Relation rel, TransactionId xid, uint64 rowno, XLTW_Oper oper)
{
	ItemPointerData tid;

	fs_rowno_to_tid(rowno, &tid);
	XactLockTableWait(xid, rel, &tid, oper);
}

/* Say why a row cannot be changed, from the deletion that was found. */
static TM_Result
describe_deletion(const FsDeletion *deletion, CommandId cid,
				  TM_FailureData *tmfd)
{
	bool		is_own = TransactionIdIsCurrentTransactionId(deletion->xid);

	tmfd->xmax = deletion->xid;
	tmfd->cmax = is_own ? deletion->cid : InvalidCommandId;
	tmfd->traversed = false;
	fs_rowno_to_tid(deletion->row.rowno, &tmfd->ctid);
	if (deletion->row.kind == FS_DELETE_SUCCESSOR)
		fs_rowno_to_tid(deletion->row.successor, &tmfd->ctid);
	else if (deletion->row.kind == FS_DELETE_ELSEWHERE)
		ItemPointerSetMovedPartitions(&tmfd->ctid);
	if (is_own)
		return deletion->cid >= cid ? TM_SelfModified : TM_Invisible;
	if (deletion->in_progress)
		return TM_BeingModified;
	return deletion->row.kind == FS_DELETE_ONLY ? TM_Deleted : TM_Updated;
}

static TM_Result
describe_gone(ItemPointer tid, TM_FailureData *tmfd)
{
	tmfd->ctid = *tid;
	tmfd->xmax = InvalidTransactionId;
	tmfd->cmax = InvalidCommandId;
	tmfd->traversed = false;
	return TM_Deleted;
}

/* What there is to do after a look at a row under its lock. */
typedef enum Finding
{
	FOUND_FREE,					/* the row can be changed; it stays locked */
	FOUND_RESULT,				/* it cannot, see the result */
	FOUND_BUSY,					/* wait for *xid, then look again */
	FOUND_MOVED					/* its item has ended: follow it */
} Finding;

static void
enter_queue(Relation rel, RowPath *path)
{
	if (path->is_queued)
		return;
	fs_rowno_to_tid(last_place(path)->rowno, &path->queued);
	LockTuple(rel, &path->queued, ExclusiveLock);
	path->is_queued = true;
}

static void
leave_queue(Relation rel, RowPath *path)
{
	if (path->is_queued)
		UnlockTuple(rel, &path->queued, ExclusiveLock);
	path->is_queued = false;
}

static Finding
look_at_row(const FsModify *modify, RowPath *path, TM_Result *result,
			TransactionId *xid)
{
	FsRowPlace *place = last_place(path);
	FsDeletion	deletion;
	bool		is_known;
	FsLife		life;
	Finding		finding = FOUND_RESULT;

	if (!fs_deleted_begin(modify->rel, place, modify->cid, &is_known,
						  &deletion))
	{
		*result = describe_deletion(&deletion, modify->cid, modify->tmfd);
		return FOUND_RESULT;
	}
	life = is_known ? FS_LIFE_ALIVE :
		fs_life_of(modify->rel, place->partition, place->number, xid);
	if (life == FS_LIFE_ENDED)
		finding = FOUND_MOVED;
	else if (life == FS_LIFE_ENDING)
		finding = FOUND_BUSY;
	else
	{
		if (fs_deleted_is_free(modify->rel, &deletion))
			return FOUND_FREE;
		*xid = deletion.xid;
		*result = describe_deletion(&deletion, modify->cid, modify->tmfd);
		if (*result == TM_BeingModified && modify->wait)
			finding = FOUND_BUSY;
	}
	if (finding == FOUND_BUSY)
		enter_queue(modify->rel, path);
	fs_deleted_cancel(modify->rel);
	return finding;
}

/*
 * A row that did not move when its item ended was deleted before, or has
 * expired.  Who deleted it is still known, and which row took its place.  With
 * true somebody who was at it has ended: look again.
 */
static bool
find_left_out(const FsModify *modify, uint64 rowno, XLTW_Oper oper,
			  TM_Result *result)
{
	FsDeletion	deletion;
	ItemPointerData tid;

	if (fs_deletes_probe(modify->rel, rowno, &deletion))
		*result = describe_deletion(&deletion, modify->cid, modify->tmfd);
	else
	{
		fs_rowno_to_tid(rowno, &tid);
		*result = describe_gone(&tid, modify->tmfd);
	}
	if (*result != TM_BeingModified || !modify->wait)
		return false;
	wait_for(modify->rel, deletion.xid, rowno, oper);
	return true;
}

/* Look at the row, wait, and follow it, until there is a result. */
static TM_Result
look_until_free(const FsModify *modify, XLTW_Oper oper, RowPath *path)
{
	Relation	rel = modify->rel;

	for (;;)
	{
		TM_Result	result = TM_Ok;
		TransactionId xid = InvalidTransactionId;

		switch (look_at_row(modify, path, &result, &xid))
		{
			case FOUND_RESULT:
				return result;
			case FOUND_FREE:
				return TM_Ok;
			case FOUND_BUSY:
				wait_for(rel, xid, last_place(path)->rowno, oper);
				break;
			case FOUND_MOVED:
				if (!follow_move(rel, path) &&
					!find_left_out(modify, last_place(path)->rowno, oper,
								   &result))
					return result;
				break;
		}
		CHECK_FOR_INTERRUPTS();
	}
}

/*
 * Find where the snapshot sees the row, here or where it was before it moved;
 * false if it does not.  It may be older than the one that found the row, as
 * in referential actions.
 */
static bool
find_seen(Relation rel, Snapshot snapshot, uint64 *rowno)
{
	for (;;)
	{
		ItemPointerData tid;

		fs_rowno_to_tid(*rowno, &tid);
		if (fs_fetch_is_visible(rel, &tid, snapshot))
			return true;
		if (!fs_moves_find_origin(rel, snapshot, *rowno, rowno))
			return false;
		CHECK_FOR_INTERRUPTS();
	}
}

/*
 * Begin to change a row: with TM_Ok, its places are known and it is locked
 * until fs_deleted_add().
 */
static TM_Result
begin_change(const FsModify *modify, ItemPointer tid, XLTW_Oper oper,
			 RowPath *path)
{
	Relation	rel = modify->rel;
	uint64		rowno;
	TM_Result	result;
	bool		is_seen = true;

	CheckForSerializableConflictIn(rel, NULL, InvalidBlockNumber);
	fs_refuse_published(rel);
	init_path(path);
	if (!fs_rowno_from_tid(tid, &rowno))
		return describe_gone(tid, modify->tmfd);
	/* now, for it may write what is collected */
	if (modify->crosscheck != InvalidSnapshot)
		is_seen = find_seen(rel, modify->crosscheck, &rowno);
	if (!add_place(rel, rowno, path))
		return describe_gone(tid, modify->tmfd);
	result = look_until_free(modify, oper, path);
	leave_queue(rel, path);
	if (result == TM_Ok && !is_seen)
	{
		fs_deleted_cancel(rel);
		(void) describe_gone(tid, modify->tmfd);
		return TM_Updated;
	}
	return result;
}

/* Delete the row that begin_change() has locked, in all of its places. */
static void
finish_change(const FsModify *modify, RowPath *path, FsDeleteKind kind,
			  uint64 successor)
{
	FsDeletedRow row = {0};

	if (fs_tableoptions_get(modify->rel)->watch != FS_WATCH_NONE)
		fs_changes_note_item(modify->rel, last_place(path)->partition,
							 last_place(path)->number);
	row.kind = kind;
	row.successor = successor;
	for (int i = 0; i < path->n - 1; i++)
	{
		row.rowno = path->places[i].rowno;
		fs_deletes_insert(modify->rel, &row, 1, modify->cid);
	}
	row.rowno = last_place(path)->rowno;
	fs_deleted_add(modify->rel, &row);
	fs_pending_flush_if_ending(modify->rel);
}

TM_Result
fs_modify_delete(const FsModify *modify, ItemPointer tid, bool elsewhere)
{
	RowPath		path;
	TM_Result	result = begin_change(modify, tid, XLTW_Delete, &path);

	if (result != TM_Ok)
		return result;
	finish_change(modify, &path,
				  elsewhere ? FS_DELETE_ELSEWHERE : FS_DELETE_ONLY, 0);
	fs_rowno_to_tid(last_place(&path)->rowno, tid);
	pgstat_count_heap_delete(modify->rel);
	return TM_Ok;
}

TM_Result
fs_modify_update(const FsModify *modify, ItemPointer tid, TupleTableSlot *slot)
{
	RowPath		path;
	uint64		successor;
	TM_Result	result = begin_change(modify, tid, XLTW_Update, &path);

	if (result != TM_Ok)
		return result;
	fs_pending_add(modify->rel, &slot, 1, modify->cid);
	if (!fs_rowno_from_tid(&slot->tts_tid, &successor))
		elog(ERROR, "unexpected TID of a new row");
	finish_change(modify, &path, FS_DELETE_SUCCESSOR, successor);
	fs_rowno_to_tid(last_place(&path)->rowno, tid);
	pgstat_count_heap_update(modify->rel, false, false);
	return TM_Ok;
}

static void
raise_not_available(Relation rel)
{
	ereport(ERROR,
			(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
			 errmsg("could not obtain lock on row in relation \"%s\"",
					RelationGetRelationName(rel))));
}

/* True if the row may be taken; else what to do is in *result or waited for. */
static bool
look_for_lock(const FsModify *modify, uint64 rowno, LockTupleMode mode,
			  LockWaitPolicy policy, FsDeletion *deletion, TM_Result *result)
{
	for (;;)
	{
		ItemPointerData tid;

		if (!fs_deletes_probe(modify->rel, rowno, deletion))
			return true;
		*result = describe_deletion(deletion, modify->cid, modify->tmfd);
		if (*result != TM_BeingModified)
			return false;
		/* an UPDATE changes no key, there being none */
		if (mode == LockTupleKeyShare &&
			deletion->row.kind == FS_DELETE_SUCCESSOR)
			return true;
		fs_rowno_to_tid(rowno, &tid);
		if (policy == LockWaitBlock)
			XactLockTableWait(deletion->xid, modify->rel, &tid, XLTW_Lock);
		else if (!ConditionalXactLockTableWait(deletion->xid, false))
		{
			*result = TM_WouldBlock;
			if (policy == LockWaitSkip)
				return false;
			raise_not_available(modify->rel);
		}
	}
}

/* Follow moves until the row's item is alive; false if the row is gone. */
static bool
find_alive(Relation rel, uint64 *rowno, FsRowPlace *alive)
{
	RowPath		path;

	init_path(&path);
	if (!add_place(rel, *rowno, &path))
		return false;
	for (;;)
	{
		FsRowPlace *place = last_place(&path);
		TransactionId xid;
		FsLife		life = fs_life_of(rel, place->partition, place->number,
									  &xid);

		*rowno = place->rowno;
		*alive = *place;
		if (life == FS_LIFE_ALIVE)
			return true;
		if (life == FS_LIFE_ENDING)
			wait_for(rel, xid, place->rowno, XLTW_Lock);
		else if (!follow_move(rel, &path))
			return false;
	}
}

/*
 * Hold a row that was found to be free, if the mode asks for it.  False if it
 * must be looked at again, since it may have been changed or moved before.
 */
static bool
hold_row(const FsModify *modify, const FsRowPlace *place, LockTupleMode mode,
		 LockWaitPolicy policy, TM_Result *result)
{
	FsDeletion	deletion;
	TransactionId xid;

	if (mode != LockTupleNoKeyExclusive && mode != LockTupleExclusive)
		return true;
	if (!fs_deleted_hold(modify->rel, place, policy == LockWaitBlock))
	{
		if (policy == LockWaitError)
			raise_not_available(modify->rel);
		*result = TM_WouldBlock;
		return true;
	}
	if (fs_life_of(modify->rel, place->partition, place->number,
				   &xid) == FS_LIFE_ALIVE &&
		!fs_deletes_probe(modify->rel, place->rowno, &deletion))
		return true;
	fs_deleted_release(modify->rel, place->rowno);
	return false;
}

TM_Result
fs_modify_lock(const FsModify *modify, ItemPointer tid, TupleTableSlot *slot,
			   LockTupleMode mode, LockWaitPolicy policy, uint8 flags)
{
	uint64		rowno;
	bool		traversed = false;

	if (!fs_rowno_from_tid(tid, &rowno))
		return describe_gone(tid, modify->tmfd);
	fs_deleted_flush(RelationGetRelid(modify->rel));
	for (;;)
	{
		FsDeletion	deletion;
		TM_Result	result = TM_Ok;
		FsRowPlace	place;
		bool		is_alive = find_alive(modify->rel, &rowno, &place);

		/* of a row that was left out, its successor may be alive */
		if (look_for_lock(modify, rowno, mode, policy, &deletion, &result))
		{
			if (!is_alive)
				return describe_gone(tid, modify->tmfd);
			if (!hold_row(modify, &place, mode, policy, &result))
				continue;
			if (result == TM_WouldBlock)
				return result;
			break;
		}
		if (result != TM_Updated ||
			(flags & TUPLE_LOCK_FLAG_FIND_LAST_VERSION) == 0)
			return result;
		if (deletion.row.kind == FS_DELETE_ELSEWHERE)
			ereport(ERROR,
					(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
					 errmsg("tuple to be locked was already moved to another partition due to concurrent update")));
		rowno = deletion.row.successor;
		traversed = true;
	}
	fs_rowno_to_tid(rowno, tid);
	modify->tmfd->ctid = *tid;
	modify->tmfd->traversed = traversed;
	return fs_fetch_row(modify->rel, tid, SnapshotAny, slot) ? TM_Ok
		: TM_Deleted;
}
