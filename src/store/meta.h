/*-------------------------------------------------------------------------
 *
 * The metapage: what a table knows beside its directory.
 *
 * Block 0 holds the counters of row and item numbers, the extents that the
 * last VACUUM found free, how rows are partitioned, and statistics that
 * outlive a restart.  A table without rows has no block at all; the metapage
 * appears with the first write.  Nothing in it is transactional.
 *
 * Locking: the metapage's buffer lock, inside and for a moment.  Functions
 * that may write the first page need fs_extent_lock(), where it says so.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_STORE_META_H
#define FS_STORE_META_H

#include "postgres.h"

#include "utils/rel.h"

#include "store/extent.h"

#define FS_META_BLKNO		0

/* What is counted for ever. */
typedef enum FsCounter
{
	FS_COUNT_BYTES_LOADED,		/* of items and chunks as they were inserted */
	FS_COUNT_BYTES_REWRITTEN,	/* of those that merging and clustering wrote */
	FS_COUNT_ROWS_EXPIRED,
	FS_COUNT_FUTURE_REFUSED,	/* rows beyond max_future */
	FS_COUNT_FUTURE_ASIDE
} FsCounter;

#define FS_NCOUNTERS	8		/* on disk */

/* How the rows of a table were partitioned so far. */
typedef struct FsPartitioning
{
	bool		is_known;		/* false: no row was partitioned by time */
	bool		is_mixed;		/* by one time column and then by another */
	uint16		time_att;		/* attribute number */
	uint32		max_minutes;	/* longest partition */
} FsPartitioning;

/* False: nothing was ever written, or block 0 was lost. */
extern bool fs_meta_exists(Relation rel);

/* Why the metapage is damaged; NULL if it is not, or is not there. */
extern const char *fs_meta_fault(Relation rel);

/*
 * Who knows whether anything was ever written to a table beside the metapage.
 */
typedef bool (*FsMetaIsUnused) (Relation rel);

extern void fs_meta_register(FsMetaIsUnused is_unused);

/*
 * Let the metapage exist, under fs_extent_lock().  Raises DATA_CORRUPTED if
 * there was one before.
 */
extern void fs_meta_ensure(Relation rel);

/*
 * The smallest free extent of at least npages that begins before a block, cut
 * to size and taken off the list; false if there is none.  Under
 * fs_extent_lock().
 */
extern bool fs_meta_take_free(Relation rel, uint32 npages, BlockNumber before,
							  FsExtent *extent);

/* Replace the list of free extents, under fs_extent_lock(); keeps the largest. */
extern void fs_meta_set_free(Relation rel, FsExtent *extents, int n);

/* Pages on the list of free extents; 0 if there is no metapage. */
extern uint64 fs_meta_free_pages(Relation rel);

/* The latest format version that the table was written with; 0: none yet. */
extern uint32 fs_meta_version(Relation rel);

/*
 * Take nrows row numbers and nitems item numbers from the counters.  Row
 * numbers start at a multiple of 256.  *has_wrapped says that item numbers
 * began anew once, so that old items may have the same.  Raises
 * PROGRAM_LIMIT_EXCEEDED when no row numbers are free: VACUUM finds more.
 */
extern void fs_meta_take_numbers(Relation rel, uint32 nrows, uint32 nitems,
								 uint64 *first_row, uint32 *first_item,
								 bool *has_wrapped);

/* Row numbers that can still be taken before the next VACUUM. */
extern uint64 fs_meta_rows_left(Relation rel);

/*
 * Take row numbers first .. end - 1 next; multiples of 256.  Nobody may be
 * writing.  This is a new window.
 */
extern void fs_meta_set_rows(Relation rel, uint64 first, uint64 end);

/* Number of the current window; row numbers of others must not be used. */
extern uint32 fs_meta_window(Relation rel);

/* Row numbers are below this. */
extern uint64 fs_meta_max_row(void);

/* Let the counters of a rewritten table go on where those of the old stood. */
extern void fs_meta_copy(Relation from, Relation to);

extern FsPartitioning fs_meta_partitioning(Relation rel);

/*
 * Say that rows are partitioned so from now on, time_att 0: not by time, and
 * whether they are counted, see fs_meta_add_row_count().  Cheap if nothing
 * changes.
 */
extern void fs_meta_begin_load(Relation rel, uint16 time_att, uint32 minutes,
							   bool is_counted);

/*
 * An upper bound of the table's rows, for tables that are bounded by rows.
 * Add nrows to it unless it would exceed limit or is not known; returns
 * whether that was done.
 */
extern bool fs_meta_add_row_count(Relation rel, uint64 nrows, uint64 limit);

/* Set it. */
#define FS_ROWS_UNKNOWN		PG_UINT64_MAX
extern void fs_meta_set_row_count(Relation rel, uint64 nrows);

/*
 * Add to a counter.  fs_meta_note() remembers n for the next change of the
 * metapage by this session, or until FS_META_NOTE_MAX is reached; what a
 * session has noted since when it ends is lost.
 */
#define FS_META_NOTE_MAX	65536

extern void fs_meta_count(Relation rel, FsCounter counter, uint64 n);
extern void fs_meta_note(Relation rel, FsCounter counter, uint64 n);

/* Its value, without what other sessions have noted; 0 if there is no metapage. */
extern uint64 fs_meta_counter(Relation rel, FsCounter counter);

#endif							/* FS_STORE_META_H */
