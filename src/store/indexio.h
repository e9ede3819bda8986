/*-------------------------------------------------------------------------
 *
 * Partition indexes in their extents: fetched part by part.
 *
 * This is where faults in the bytes of a partition index become errors:
 * DATA_CORRUPTED with table, first block and byte.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_STORE_INDEXIO_H
#define FS_STORE_INDEXIO_H

#include "postgres.h"

#include "format/pindex.h"
#include "store/extent.h"

typedef struct FsStoredIndex FsStoredIndex;

/*
 * Open the partition index of len bytes that lies in the extent, reading its
 * head.  Memory comes from cxt and is freed with it; there is no close.
 * Damage is reported at elevel, ERROR or WARNING, and NULL returned.
 */
extern FsStoredIndex *fs_indexio_open(Relation rel, FsExtent extent,
									  uint32 len, MemoryContext cxt,
									  int elevel);

/*
 * The same in a context of its own below cxt, from what the session has kept of
 * the index if it has.
 */
extern FsStoredIndex *fs_indexio_reopen(Relation rel, FsExtent extent,
										uint32 len, MemoryContext cxt,
										int elevel);

/*
 * Keep such an index, which is not used any more, with all that was read of it,
 * unless it is damaged or large.
 */
extern void fs_indexio_keep(FsStoredIndex *stored);

extern FsPindex *fs_indexio_pindex(FsStoredIndex *stored);

/* Report damage that a reader of the index met. */
extern void fs_indexio_fault(FsStoredIndex *stored,
							 const FsFault *fault);

/* Use another reference to the same table from now on. */
extern void fs_indexio_rebind(FsStoredIndex *stored, Relation rel);

/* Bytes fetched from pages so far, for EXPLAIN. */
extern uint64 fs_indexio_bytes_read(const FsStoredIndex *stored);

#endif							/* FS_STORE_INDEXIO_H */
