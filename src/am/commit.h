/*-------------------------------------------------------------------------
 *
 * What must be done for a table before those who inserted into it commit.
 *
 * Tables that may hold only so many rows (option max_rows) are bounded at every
 * commit.  How that is done is the business of maintain/expire, which this
 * room may not know: it registers itself here.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_COMMIT_H
#define FS_AM_COMMIT_H

#include "postgres.h"

#include "utils/rel.h"

/*
 * Called before commit, when all rows are written, for each table of which
 * fs_commit_note() was told, by ascending OID: the transaction has inserted at
 * most nrows rows.  May raise an error.
 */
typedef void (*FsBeforeCommit) (Relation rel, uint64 nrows);

extern void fs_commit_register(FsBeforeCommit before_commit);

/* Say that rows are inserted into a table that is bounded by rows. */
extern void fs_commit_note(Relation rel, uint64 nrows);

/*
 * Run what is due.  is_prepare: raises FEATURE_NOT_SUPPORTED if anything is,
 * since nothing of ours would run at COMMIT PREPARED.
 */
extern void fs_commit_run(bool is_prepare);

/* Forget everything: the transaction has ended. */
extern void fs_commit_forget(void);

#endif							/* FS_AM_COMMIT_H */
