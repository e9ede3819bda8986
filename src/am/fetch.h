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

/*
 * Store the row with this TID.  Returns false if the snapshot does not see
 * it.  Rows still pending in this backend are written first.
 */
extern bool fs_fetch_row(Relation rel, ItemPointer tid, Snapshot snapshot,
						 TupleTableSlot *slot);

/* True if the snapshot sees the row with this TID. */
extern bool fs_fetch_is_visible(Relation rel, ItemPointer tid,
								Snapshot snapshot);

/* Forget what was cached: row numbers begin anew. */
extern void fs_fetch_forget(void);

/* Register the callback that forgets what was cached; once. */
extern void fs_fetch_init(void);

#endif							/* FS_AM_FETCH_H */
