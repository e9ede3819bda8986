/*-------------------------------------------------------------------------
 *
 * Delete sets: which rows are gone, and who took their place.
 *
 * A DELETES item names rows of one block of 256 row numbers; a block may have
 * many of them, no two with the same row unless one has aborted.  What a
 * snapshot sees of them is heap's business, as with every item.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_DIRECTORY_DELETES_H
#define FS_DIRECTORY_DELETES_H

#include "postgres.h"

#include "utils/relcache.h"
#include "utils/snapshot.h"

#include "directory/directory.h"
#include "directory/item.h"

/* A deleted row. */
typedef struct FsDeletedRow
{
	uint64		rowno;
	FsDeleteKind kind;
	uint64		successor;		/* FS_DELETE_SUCCESSOR: its row number */
} FsDeletedRow;

/*
 * Insert DELETES items for rows[n] of one block, by ascending row number, as
 * command cid.  1 <= n <= FS_DELETES_MAX_ROWS.  The caller holds a lock on each
 * row that its other deleters ask for.
 */
extern void fs_deletes_insert(Relation rel, const FsDeletedRow *rows, int n,
							  CommandId cid);

/*
 * True if there is any DELETES item in the table, whoever sees it.  If there
 * is none, no snapshot that exists by now will ever see one.
 */
extern bool fs_deletes_exist(Relation rel);

/*
 * In how many runs of FS_DELETES_RUN row numbers rows were deleted, whoever
 * sees it; no more than max are counted.
 */
#define FS_DELETES_RUN	65536

extern uint32 fs_deletes_count_runs(Relation rel, uint32 max);

/*
 * Visit the deleted rows of a run that the snapshot sees.  With a dirty
 * snapshot, snapshot->xmin says during the call whether their deleter is in
 * progress.  item lives until visit returns.
 */
typedef void (*FsDeletesVisitor) (void *arg, const FsItem *item,
								  const FsDeletedRow *row);

extern void fs_deletes_visit(Relation rel, Snapshot snapshot, FsRowRun run,
							 FsDeletesVisitor visit, void *arg);

/* Who deleted a row. */
typedef struct FsDeletion
{
	FsDeletedRow row;
	TransactionId xid;
	CommandId	cid;
	bool		in_progress;	/* by another transaction */
} FsDeletion;

/*
 * Look for the deletion of a row that is in progress, committed, or of this
 * transaction; false if there is none.
 */
extern bool fs_deletes_probe(Relation rel, uint64 rowno,
							 FsDeletion *deletion);

/*
 * The same for all rows of the block of 256 that holds rowno, as a bitmap:
 * taken[256 / 8].
 */
extern void fs_deletes_taken(Relation rel, uint64 rowno, uint8 *taken);

/*
 * A bitmap of the deleted rows of an item that the snapshot sees, bit i for
 * the item's row i, allocated in the current memory context; NULL if there
 * are none.  If the snapshot is dirty, rows whose deleter is in progress are
 * left out, and its xid is put into *deleter.
 */
extern uint8 *fs_deletes_bitmap(Relation rel, Snapshot snapshot,
								const FsItem *item, uint32 *count,
								TransactionId *deleter);

#endif							/* FS_DIRECTORY_DELETES_H */
