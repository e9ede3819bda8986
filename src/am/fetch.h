/*-------------------------------------------------------------------------
 *
 * Rows by TID: for triggers, RETURNING, EvalPlanQual and TID scans.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_FETCH_H
#define FS_AM_FETCH_H

#include "postgres.h"

#include "executor/tuptable.h"
#include "utils/rel.h"
#include "utils/snapshot.h"

#include "directory/item.h"

/*
 * Store the row with this TID.  Returns false if the snapshot does not see
 * it.  A row that was moved since is found at its new place, which the slot then
 * names.  Rows pending in this backend are written if they must be.
 */
extern bool fs_fetch_row(Relation rel, ItemPointer tid, Snapshot snapshot,
						 TupleTableSlot *slot);

/*
 * Where a row number stands: the key of the item that holds it, alive or not.
 * Returns false if no item that is still there has it.
 */
extern bool fs_fetch_find(Relation rel, uint64 rowno, FsPartition *partition,
						  uint32 *number);

/* A hint: rows of this item are likely to be asked for by TID. */
extern void fs_fetch_note_item(Relation rel, const FsItem *item);

/* True if the snapshot sees the row with this TID. */
extern bool fs_fetch_is_visible(Relation rel, ItemPointer tid,
								Snapshot snapshot);

/*
 * Let *tid be that of the row's latest version that the snapshot sees; it is
 * left as it is where there is no later one.
 */
extern void fs_fetch_latest(Relation rel, ItemPointer tid, Snapshot snapshot);

/* Forget what was cached: row numbers begin anew. */
extern void fs_fetch_forget(void);

/* Register the callback that forgets what was cached; once. */
extern void fs_fetch_init(void);

#endif							/* FS_AM_FETCH_H */
