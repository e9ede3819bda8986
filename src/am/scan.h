/*-------------------------------------------------------------------------
 *
 * Reading a table, vector by vector.
 *
 * A scan walks the items that its snapshot sees and stops at each vector: up
 * to FS_VECTOR_ROWS rows of a chunk, or the rows of a ROWS item.  A column of
 * the vector is decoded when it is asked for, so unread columns cost nothing.
 *
 * Values that are not by-value live until the scan leaves the item.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_SCAN_H
#define FS_AM_SCAN_H

#include "postgres.h"

#include "port/atomics.h"

#include "am/pruner.h"
#include "am/scancolumn.h"
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
 * Read only partitions first .. last, and those that are not of a time; before
 * the first row.
 */
extern void fs_scan_limit(FsScan *scan, FsPartition first, FsPartition last);

/* Read all partitions again, as a new scan does. */
extern void fs_scan_unlimit(FsScan *scan);

/* Take only items whose ordinal was drawn from the counter. */
extern void fs_scan_share(FsScan *scan, pg_atomic_uint64 *counter);

extern void fs_scan_rescan(FsScan *scan);
extern void fs_scan_end(FsScan *scan);

/* Move to the next vector that the pruner keeps; false at the end. */
extern bool fs_scan_next(FsScan *scan, ScanDirection direction);

/*
 * Go to vector v of an item that the caller fetched; the item's bytes must
 * stay until the next move.  Returns false if the chunk is damaged and to be
 * skipped.
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

/* Which item the scan is at: another number for each visit, never 0. */
extern uint64 fs_scan_visit(const FsScan *scan);

/* Number of vectors of an item; 1 for ROWS. */
extern uint32 fs_scan_item_vectors(const FsItem *item);

/*
 * Values of attribute att (0-based) of the current vector: [nrows] each, valid
 * until the scan moves.  Returns false if the column is damaged and the
 * setting says to skip; the vector is then to be left out.
 */
extern bool fs_scan_column(FsScan *scan, int att,
						   const Datum **values, const bool **isnull);

/*
 * Row number of the current vector's first row, if those of its rows are
 * neighbours; else returns false.
 */
extern bool fs_scan_first_rowno(const FsScan *scan, uint64 *rowno);

/*
 * The values of attribute att of the current vector as they are stored, valid
 * until the scan moves.
 */
extern FsReadResult fs_scan_vector(FsScan *scan, int att,
								   const FsVector **vector);

/*
 * The whole dictionary of such a vector, valid in the same chunk; empty if it
 * has none.  False if it is damaged, which was reported.
 */
extern bool fs_scan_dict(FsScan *scan, int att, FsClusterDict *dict);

/*
 * Values of codes[n], in any order, of such a dictionary; strings live until
 * the scan leaves the item.  False if damaged.
 */
extern bool fs_scan_addrs(FsScan *scan, int att, const uint32 *codes,
						  uint32 n, FsAddr *addrs);
extern bool fs_scan_bytes(FsScan *scan, int att, const uint32 *codes,
						  uint32 n, const uint8 **ptrs, uint32 *lens);

/*
 * Values of rows[n] of the current vector, ascending: those of values[] and
 * isnull[] are set.  rows NULL: all.  As fs_scan_column() otherwise.
 */
extern bool fs_scan_pick(FsScan *scan, int att, const uint16 *rows, uint32 n,
						 const Datum **values, const bool **isnull);

/*
 * The Datums of codes[n] of a vector with a dictionary: (*dict)[code] of these
 * is set, until the scan leaves the item.  n is FS_VECTOR_ROWS at most.
 */
extern bool fs_scan_codes(FsScan *scan, int att, const uint32 *codes,
						  uint32 n, const Datum **dict);

/* TID of row i of the current vector. */
extern void fs_scan_tid(const FsScan *scan, uint32 i, ItemPointer tid);

/*
 * Bounds of attribute att in the chunk at hand or in the current vector.
 * Return false if nothing is known: a ROWS item, a column added later, or
 * bounds that were made under another order than the type has now.
 */
extern bool fs_scan_chunk_zone(FsScan *scan, int att, FsZone *zone);
extern bool fs_scan_vector_zone(FsScan *scan, int att, FsZone *zone);

extern Oid	fs_scan_relid(const FsScan *scan);

/* How attribute att is stored. */
extern const FsTypeMap *fs_scan_typemap(const FsScan *scan, int att);

extern const FsScanCounters *fs_scan_counters(FsScan *scan);

#endif							/* FS_AM_SCAN_H */
