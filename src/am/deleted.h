/*-------------------------------------------------------------------------
 *
 * Rows that this backend has deleted and not yet said so in the directory.
 *
 * Deleted rows of one block and one command are collected and written as one
 * DELETES item: when another block, item or command follows, when the query
 * ends, when the table is read, and with the rows that are pending.  Until then
 * their row locks are held, so other deleters of the same rows wait as they
 * would for the item.  At most FS_DELETES_MAX_ROWS rows of all tables together
 * are collected in each nested subtransaction, with as many row locks.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_DELETED_H
#define FS_AM_DELETED_H

#include "postgres.h"

#include "utils/rel.h"

#include "directory/deletes.h"

/* Where a row stands. */
typedef struct FsRowPlace
{
	uint64		rowno;
	FsPartition partition;		/* of its item */
	uint32		number;
} FsRowPlace;

/*
 * Begin to delete a row as command cid: writes what does not go together with
 * it and takes the lock of its partition (see fs_life_lock) and its own.  The
 * result is false if this transaction is found to have deleted the row
 * already: then *own says how, and the row is not locked.  Else *is_known says
 * that the row's item is known to be alive.
 */
extern bool fs_deleted_begin(Relation rel, const FsRowPlace *place,
							 CommandId cid, bool *is_known, FsDeletion *own);

/* True if nobody has deleted the row that was begun; else *deletion. */
extern bool fs_deleted_is_free(Relation rel, FsDeletion *deletion);

/* Give up the row that was begun: unlock it. */
extern void fs_deleted_cancel(Relation rel);

/* Delete the row that was begun. */
extern void fs_deleted_add(Relation rel, const FsDeletedRow *row);

/*
 * Keep the locks of a row and of its partition until the row is deleted or the
 * subtransaction ends: nobody else can change the row, nor will it be moved.
 * Of many rows only FS_DELETES_MAX_ROWS are kept, the latest.  False if the
 * lock is not to be had at once and wait is false.
 */
extern bool fs_deleted_hold(Relation rel, const FsRowPlace *place, bool wait);

/* Let go of a row that was held. */
extern void fs_deleted_release(Relation rel, uint64 rowno);

/* True if there is anything to write. */
extern bool fs_deleted_exists(void);

/* Write what is collected for a table, or for all if relid is invalid. */
extern void fs_deleted_flush(Oid relid);

/* Drop what is collected for a table that is being truncated in place. */
extern void fs_deleted_discard(Relation rel);

/* Register the transaction callbacks; once, from _PG_init. */
extern void fs_deleted_init(void);

#endif							/* FS_AM_DELETED_H */
