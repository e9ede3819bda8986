/*-------------------------------------------------------------------------
 *
 * Chunks in their extents: fetch the head, then what is read of columns.
 *
 * This is where faults in chunk bytes become errors: DATA_CORRUPTED with
 * table, first block, column and byte.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_STORE_CHUNKIO_H
#define FS_STORE_CHUNKIO_H

#include "postgres.h"

#include "format/chunkreader.h"
#include "store/arena.h"
#include "store/extent.h"

typedef struct FsStoredChunk FsStoredChunk;

/*
 * Open the chunk of len bytes that lies in the extent, reading its head.
 * domains, or NULL for a chunk that is not clustered: where columns get the
 * values of domains from; it must live as long as the chunk.
 * Memory comes from the arena and is freed with it; there is no close.  Damage is
 * reported at elevel, ERROR or WARNING, and NULL returned; a chunk of a newer
 * format version raises FEATURE_NOT_SUPPORTED.
 */
extern FsStoredChunk *fs_chunkio_open(Relation rel, FsExtent extent,
									  uint32 len, FsDomainSource *domains,
									  FsArena *arena, int elevel);

/*
 * The same in the memory of an empty pool, from what the session has kept of
 * the chunk if it has.
 */
extern FsStoredChunk *fs_chunkio_reopen(Relation rel, FsExtent extent,
										uint32 len, FsDomainSource *domains,
										FsPool *pool, int elevel);

/*
 * Keep such a chunk, which is not used any more, with all that was read of it,
 * unless it is damaged or large.  The pool becomes empty.
 */
extern void fs_chunkio_keep(FsStoredChunk *chunk, FsPool *pool);

extern const FsChunkHead *fs_chunkio_head(const FsStoredChunk *chunk);

/*
 * Open a column that the chunk has, and what it needs of others.  Damage is
 * reported, and NULL returned.
 */
extern FsColumnReader *fs_chunkio_column(FsStoredChunk *chunk, uint16 id);

/*
 * Report damage that a reader of this column met; id 0 means the head.  An
 * empty fault has been reported already, by the pages.
 */
extern void fs_chunkio_fault(FsStoredChunk *chunk, uint16 id,
							 const FsFault *fault);

/* Use another reference to the same table from now on. */
extern void fs_chunkio_rebind(FsStoredChunk *chunk, Relation rel);

/* Bytes fetched from pages so far, for EXPLAIN. */
extern uint64 fs_chunkio_bytes_read(const FsStoredChunk *chunk);

#endif							/* FS_STORE_CHUNKIO_H */
