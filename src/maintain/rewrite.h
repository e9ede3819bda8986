/*-------------------------------------------------------------------------
 *
 * Rewriting: rows of some items of a partition are written again, and the
 * items end.
 *
 *		rewrite = fs_rewrite_begin(rel, partition, snapshot);
 *		for each source
 *			item = fs_rewrite_source(rewrite, holding);
 *			read its live rows, in order
 *			write new items, fs_rewrite_add_rows() for each run of rows
 *		is_done = fs_rewrite_finish(rewrite);
 *
 * All of it as one command, in a subtransaction that the caller rolls back if
 * it is not done.  The caller holds ShareUpdateExclusiveLock on the table, so
 * that nobody else rewrites, and the snapshot is not older than that lock.
 * Rows are deleted and read by others meanwhile.
 *
 * Live rows are counted from 0 in the order of the sources; new rows in the
 * order of fs_rewrite_add_rows().  Unless fs_rewrite_set_order() says
 * otherwise, the n-th live row is the n-th new one.
 *
 * Memory: 64 bytes a source and 8 a run of its row numbers, and a bitmap of
 * the rows of each source that has deleted ones.  It is taken from the
 * current memory context of fs_rewrite_begin().
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_MAINTAIN_REWRITE_H
#define FS_MAINTAIN_REWRITE_H

#include "postgres.h"

#include "storage/bufmgr.h"
#include "utils/relcache.h"
#include "utils/snapshot.h"

#include "directory/item.h"
#include "maintain/inventory.h"

typedef struct FsRewrite FsRewrite;

extern FsRewrite *fs_rewrite_begin(Relation rel, FsPartition partition,
								   Snapshot snapshot);

/* True if a row of the item is being deleted. */
extern bool fs_rewrite_is_busy(FsRewrite *rewrite, const FsHolding *holding);

/*
 * Take an item as a source.  Returns NULL, having taken nothing, if it has
 * ended or one of its rows is being deleted.  The item lives until the next
 * call.
 */
extern const FsItem *fs_rewrite_source(FsRewrite *rewrite,
									   const FsHolding *holding);

/* Deleted rows of the source taken last: bit i for row i; NULL: none. */
extern const uint8 *fs_rewrite_deleted(const FsRewrite *rewrite);

/* True if the source taken last has no live row. */
extern bool fs_rewrite_is_empty(const FsRewrite *rewrite);

/* Live rows of all sources taken so far. */
extern uint32 fs_rewrite_nlive(const FsRewrite *rewrite);

/* The next new rows have these row numbers. */
extern void fs_rewrite_add_rows(FsRewrite *rewrite, FsRowRun run);

/* new_of_live[fs_rewrite_nlive()]: which new row each live row became. */
extern void fs_rewrite_set_order(FsRewrite *rewrite,
								 const uint32 *new_of_live);

/*
 * Record where the rows went, carry deletions over that were committed
 * meanwhile, and end the sources.  Returns false if somebody is in the way:
 * then the subtransaction must be rolled back.
 */
extern bool fs_rewrite_finish(FsRewrite *rewrite,
							  BufferAccessStrategy strategy);

/* Bytes of the partition indexes that ended with the sources. */
extern uint64 fs_rewrite_index_bytes(const FsRewrite *rewrite);

#endif							/* FS_MAINTAIN_REWRITE_H */
