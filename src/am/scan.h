/*-------------------------------------------------------------------------
 *
 * Reading a table, vector by vector.
 *
 * A scan walks the items that its snapshot sees and stops at each vector: up
 * to FS_VECTOR_ROWS rows of a chunk, or the rows of a ROWS item.  Values of
 * the vector are had by scanvalue.h.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_SCAN_H
#define FS_AM_SCAN_H

#include "postgres.h"

#include "port/atomics.h"

#include "am/pruner.h"
#include "am/typemap.h"
#include "directory/directory.h"
#include "format/cluster.h"
#include "vector/bits.h"

/*
 * Begin a scan of rel whose rows are described by desc (which differs from
 * the table's own while ALTER TABLE rewrites it).  With pscan, workers share
 * the directory's pages; with a counter set by fs_scan_share(), its items.
 */
extern FsScan *fs_scan_begin(Relation rel, Snapshot snapshot, TupleDesc desc,
							 ParallelTableScanDesc pscan);

/*
 * A scan without a directory, for fs_scan_seek() only.  Rows that the snapshot
 * sees as deleted are marked; NULL or SnapshotAny: none is.
 */
extern FsScan *fs_scan_begin_seek(Relation rel, Snapshot snapshot,
								  TupleDesc desc);

extern void fs_scan_set_pruner(FsScan *scan, const FsPruner *pruner);

/*
 * Gives one item after another, in any order, also the same once more; false
 * at the end.  Its bytes stay until the next is asked for.
 */
typedef bool (*FsItemSource) (void *arg, FsItem *item);

/*
 * Let fs_scan_next(), forwards, read the items of a source instead of the
 * directory's; only for scans of fs_scan_begin_seek().
 */
extern void fs_scan_set_source(FsScan *scan, FsItemSource source, void *arg);

/*
 * Say whether damage of the next item has been reported before: then what is
 * to be skipped is so silently.
 */
extern void fs_scan_set_known(FsScan *scan, bool is_known);

/*
 * Read only partitions first .. last, and those that are not of a time; before
 * the first row.
 */
extern void fs_scan_limit(FsScan *scan, FsPartition first, FsPartition last);

/* Read all partitions again, as a new scan does. */
extern void fs_scan_unlimit(FsScan *scan);

/* Take only items whose ordinal, or whose set's, was drawn from the counter. */
extern void fs_scan_share(FsScan *scan, pg_atomic_uint64 *counter, bool by_set);

/* Ask digest for each chunk none of whose rows is deleted (pruner.h). */
extern void fs_scan_set_digest(FsScan *scan, FsDigest digest, void *arg);

extern void fs_scan_rescan(FsScan *scan);
extern void fs_scan_end(FsScan *scan);

/* Move to the next vector that the pruner keeps; false at the end. */
extern bool fs_scan_next(FsScan *scan, ScanDirection direction);

/* Instead: the rows of all items that are left, as the directory says. */
extern uint64 fs_scan_count(FsScan *scan);

/*
 * Go to vector v of an item that the caller fetched; the item's bytes must
 * stay until the next move.  Returns false if the chunk is damaged and to be
 * skipped.  Items and vectors are not counted.
 */
extern bool fs_scan_seek(FsScan *scan, const FsItem *item, uint32 v);

/* Use another reference to the same table from now on (seek scans only). */
extern void fs_scan_rebind(FsScan *scan, Relation rel);

/*
 * Bitmap of the rows of the current vector that are deleted, or NULL if none
 * is.  The caller passes them over.
 */
extern const uint8 *fs_scan_deleted(const FsScan *scan);

static inline bool
fs_scan_is_live(const uint8 *deleted, uint32 row)
{
	return deleted == NULL || (deleted[row / 8] & (1 << row % 8)) == 0;
}

/* The rows of the current vector that are not deleted. */
extern void fs_scan_live(const FsScan *scan, FsBits *rows);

/* Dirty snapshots only: who is deleting row i of the vector, or invalid. */
extern TransactionId fs_scan_deleter(const FsScan *scan, uint32 i);

/* The current vector: its rows, its item, the place of its first row in it. */
extern uint32 fs_scan_nrows(const FsScan *scan);
extern const FsItem *fs_scan_item(const FsScan *scan);
extern uint32 fs_scan_first_row(const FsScan *scan);

/*
 * Which item the scan is at: another number for each visit, also of other
 * scans, never 0.
 */
extern uint64 fs_scan_visit(const FsScan *scan);

/* The same of the set that the current chunk belongs to, if it is clustered. */
extern uint64 fs_scan_set_visit(const FsScan *scan);

/* Number of vectors of an item; 1 for ROWS. */
static inline uint32
fs_scan_item_vectors(const FsItem *item)
{
	return item->head->kind == FS_ITEM_ROWS ? 1
		: (item->head->nrows + FS_VECTOR_ROWS - 1) / FS_VECTOR_ROWS;
}

/*
 * Row number of the current vector's first row, if those of its rows are
 * neighbours; else returns false.
 */
extern bool fs_scan_first_rowno(const FsScan *scan, uint64 *rowno);

/* TID of row i of the current vector. */
extern void fs_scan_tid(const FsScan *scan, uint32 i, ItemPointer tid);

extern Oid	fs_scan_relid(const FsScan *scan);

extern const FsScanCounters *fs_scan_counters(FsScan *scan);

/* For scanvalue.c: the columns, and the vector they are decoded for. */
extern struct FsScanColumns *fs_scan_columns(FsScan *scan);

#endif							/* FS_AM_SCAN_H */
