/*-------------------------------------------------------------------------
 *
 * Rows changed: DELETE, UPDATE and row locks.
 *
 * The protocol of table_tuple_delete, _update and _lock: results, waiting and
 * *tmfd are as documented in access/tableam.h.  A row that was moved since the
 * caller saw it is the same version and is followed silently.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_MODIFY_H
#define FS_AM_MODIFY_H

#include "postgres.h"

#include "access/tableam.h"

/* What core passes to table_tuple_delete and _update. */
typedef struct FsModify
{
	Relation	rel;
	CommandId	cid;
	Snapshot	crosscheck;
	bool		wait;
	TM_FailureData *tmfd;
} FsModify;

/*
 * With TM_Ok, *tid is set to where the row is now: a deferred trigger asks for it
 * there when its old place may be forgotten.  elsewhere: the row goes on as a
 * row of another table.
 */
extern TM_Result fs_modify_delete(const FsModify *modify, ItemPointer tid,
								  bool elsewhere);

/* Sets the new row's TID in the slot. */
extern TM_Result fs_modify_update(const FsModify *modify, ItemPointer tid,
								  TupleTableSlot *slot);

/*
 * Wait until the row is nobody else's and store it in the slot; *tid is set to
 * its latest version if flags ask for that.  An UPDATE in progress does not
 * keep a row from LockTupleKeyShare.  With LockTupleNoKeyExclusive and
 * LockTupleExclusive the row is held (see fs_deleted_hold), with the others no
 * lock is left behind.
 */
extern TM_Result fs_modify_lock(const FsModify *modify, ItemPointer tid,
								TupleTableSlot *slot, LockTupleMode mode,
								LockWaitPolicy policy, uint8 flags);

#endif							/* FS_AM_MODIFY_H */
