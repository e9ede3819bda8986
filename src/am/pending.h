/*-------------------------------------------------------------------------
 *
 * Rows that this backend has inserted and not yet written.
 *
 * Pending rows belong to a table's file, a subtransaction and a command.
 * They are written when a buffer is full, when the next command inserts, when
 * a query that names the table starts, when the table is read otherwise,
 * rewritten or truncated by this backend, before a parallel plan starts, at
 * the end of the subtransaction and before commit or prepare.  Until then
 * nobody else could see them anyway.
 *
 * Memory of all pending rows of the backend is bounded by the setting
 * flowstore.load_memory, plus what one call of fs_pending_add() adds: a buffer
 * for each of its rows at the most.  Rows of outer subtransactions are not
 * written to keep it, since they could not be let go of.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_PENDING_H
#define FS_AM_PENDING_H

#include "postgres.h"

#include "executor/tuptable.h"
#include "utils/rel.h"

/* Add n rows as command cid, setting their TIDs. */
extern void fs_pending_add(Relation rel, TupleTableSlot **slots, int n,
						   CommandId cid);

/* Write the pending rows of one table, so that this backend can read them. */
extern void fs_pending_flush(Relation rel);

/* The same, if the transaction is past the point where all was written. */
extern void fs_pending_flush_if_ending(Relation rel);

/* The same for those of a list of tables that have pending rows. */
extern void fs_pending_flush_tables(List *relids);

/* Write all pending rows of the backend. */
extern void fs_pending_flush_all(void);

/*
 * True if there is anything to write, rows or deletions; cheap.  What flushes
 * rows flushes deletions, too, see am/deleted.h.
 */
extern bool fs_pending_exists(void);

/* Drop the pending rows of a table that is being truncated in place. */
extern void fs_pending_discard(Relation rel);

/* Register the transaction callbacks; once, from _PG_init. */
extern void fs_pending_init(void);

#endif							/* FS_AM_PENDING_H */
