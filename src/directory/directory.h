/*-------------------------------------------------------------------------
 *
 * The directory: the transactional list of what a table holds.
 *
 * Its items are tuples of the table's TOAST table, which stores nothing else.
 * So visibility, savepoints, two-phase commit, freezing, standby conflicts
 * and predicate locks are heap's.  This room is the only one that touches
 * that table.
 *
 * Locking: the TOAST table is opened after its parent, its index after it.
 * A table without rows may lack a TOAST table (ALTER TABLE .. SET ACCESS
 * METHOD makes such): readers see no items, the first writer creates it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_DIRECTORY_DIRECTORY_H
#define FS_DIRECTORY_DIRECTORY_H

#include "postgres.h"

#include "access/relscan.h"
#include "access/sdir.h"
#include "utils/relcache.h"
#include "utils/snapshot.h"

#include "directory/item.h"

/*
 * Open the TOAST table; NULL if there is none.  Close with table_close() and
 * NoLock: the lock is kept to the end of the transaction.
 */
extern Relation fs_directory_open(Relation rel, LOCKMODE mode);

/*
 * Create the TOAST table if it is missing.  Needs AccessExclusiveLock on rel
 * or a table of this transaction; otherwise raises an error with a hint.
 */
extern void fs_directory_ensure(Relation rel);

/*
 * Insert an item of len <= FS_ITEM_MAX_LEN bytes as command cid.  The only
 * function of the code base that inserts items.  Raises what heap_insert
 * raises; allowed in the leader of a parallel operation.
 */
extern void fs_directory_insert(Relation rel, Relation toast,
								FsPartition partition, uint32 number,
								const FsItemHead *item, uint32 len,
								CommandId cid);

/*
 * Set by every insert, in this backend, and by a change of options; whoever
 * wants to know resets it.
 */
extern bool fs_directory_has_inserted;

/* Put the checksum into an item of len bytes, at any alignment. */
extern void fs_directory_seal(uint32 id, uint32 number, char *bytes,
							  uint32 len);

/*
 * What VACUUM FULL asks for: move an item to new storage.  item->xmin is
 * invalid unless the item is live.  Returns the item that takes its place and
 * its length, which is copied before the next call, or NULL if nobody needs it.
 */
typedef const FsItemHead *(*FsMoveItem) (const FsItem *item, uint32 *len,
										 void *arg);

/*
 * Copy every item that is not dead into the directory of another table,
 * keeping its transaction ids, and build the indexes.  Arguments as of
 * relation_copy_for_cluster; both tables are locked AccessExclusive.
 */
extern void fs_directory_rewrite(Relation from, Relation to,
								 TransactionId oldest_xmin,
								 TransactionId freeze_xid,
								 MultiXactId cutoff_multi,
								 FsMoveItem move, void *arg,
								 double *live, double *dead,
								 double *recently_dead);

typedef struct FsDirectoryScan FsDirectoryScan;

/*
 * Read all items visible to snapshot, in the order of the TOAST table's
 * pages, forwards or backwards.  With pscan, workers share the pages (see
 * fs_directory_parallel_init).
 */
extern FsDirectoryScan *fs_directory_begin(Relation rel, Snapshot snapshot,
										   ParallelTableScanDesc pscan);

/*
 * Read the items of the first nblocks pages only, whoever sees them; *nall is
 * the number of pages there are.  For estimates.
 */
extern FsDirectoryScan *fs_directory_begin_sample(Relation rel,
												  BlockNumber nblocks,
												  BlockNumber *nall);

/* Keys of items: chunk_id, and if they are equal, chunk_seq; inclusive. */
typedef struct FsKeyRange
{
	uint32		first_id;
	uint32		last_id;
	uint32		first_seq;		/* both 0: any, else first_id = last_id */
	uint32		last_seq;
} FsKeyRange;

/* Read the items of a range visible to snapshot, in the order of their keys. */
extern FsDirectoryScan *fs_directory_begin_range(Relation rel,
												 Snapshot snapshot,
												 const FsKeyRange *range);
extern void fs_directory_rescan(FsDirectoryScan *scan);

/*
 * Hand out items that their layout forbids, too, with the reason in
 * item->fault.
 */
extern void fs_directory_tolerate(FsDirectoryScan *scan);
extern void fs_directory_end(FsDirectoryScan *scan);

/*
 * The next item in this direction; false at the end.  Raises DATA_CORRUPTED
 * for an item that its layout forbids.
 */
extern bool fs_directory_next(FsDirectoryScan *scan, ScanDirection direction,
							  FsItem *item);

/* Bounds of what scans share; as table_parallelscan_estimate and _initialize. */
extern Size fs_directory_parallel_size(void);
extern Size fs_directory_parallel_init(Relation rel,
									   ParallelTableScanDesc pscan);

/* Fetch one item, allocated here and now; false if the snapshot does not see it. */
extern bool fs_directory_fetch(Relation rel, FsPartition partition,
							   uint32 number, Snapshot snapshot, FsItem *item);

/* The same for many, none at first; an item lives until the next call. */
extern FsDirectoryScan *fs_directory_begin_probe(Relation rel,
												 Snapshot snapshot);
extern bool fs_directory_probe(FsDirectoryScan *scan, FsPartition partition,
							   uint32 number, FsItem *item);

/* True if no item is in the TOAST table, dead or alive. */
extern bool fs_directory_is_empty(Relation rel);

/* True if a tuple with this key is in the TOAST table, dead or alive. */
extern bool fs_directory_has(Relation rel, uint32 id, uint32 number);

#endif							/* FS_DIRECTORY_DIRECTORY_H */
