/*-------------------------------------------------------------------------
 *
 * A memory context as the arena that format/ allocates from.
 *
 * A pool is memory that is used again: what chunk after chunk is read into, so
 * that none of them pays for memory the system has to give.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_STORE_ARENA_H
#define FS_STORE_ARENA_H

#include "postgres.h"

#include "format/column.h"
#include "utils/memutils.h"

typedef struct FsPool FsPool;

/* Let arena allocate from cxt; memory lives as long as cxt is not reset. */
extern void fs_arena_init(FsArena *arena, MemoryContext cxt);

/* The same from a pool, until that is emptied. */
extern void fs_arena_init_pool(FsArena *arena, FsPool *pool);

/*
 * A pool, until cxt is reset.  What it had is kept for the next one, up to
 * FS_POOL_SPARE bytes a session.
 */
#define FS_POOL_SPARE	(4 * 1024 * 1024)

extern FsPool *fs_pool_create(MemoryContext cxt);

/* Forget all that was allocated; keeps FS_POOL_KEEP bytes at most. */
#define FS_POOL_KEEP	(4 * 1024 * 1024)

extern void fs_pool_empty(FsPool *pool);

/* Before cxt is reset: nothing that the pool gave out is used any more. */
extern void fs_pool_destroy(FsPool *pool);

/* What a pool gave out, without the pool: it lives until it is freed. */
typedef struct FsPoolMemory FsPoolMemory;

/* Take what the pool gave out away from it; the pool is empty. */
extern FsPoolMemory *fs_pool_detach(FsPool *pool);

/* Let an empty pool go on where the one had stopped that this was taken from. */
extern void fs_pool_attach(FsPool *pool, FsPoolMemory *memory);

extern Size fs_pool_memory_size(const FsPoolMemory *memory);
extern void fs_pool_memory_free(FsPoolMemory *memory);

/*
 * Let the C library keep what is freed, up to so many bytes, instead of giving
 * it back to the system and asking for it again, page by page: that is up to a
 * third of the time of a query with many groups.  0 leaves it as it is.  Pieces
 * of `largest` bytes and more go back at once: a session would keep the smaller
 * ones that a table has outgrown beside them.
 */
#define FS_ARENA_PROCESS_KEEP	(64 * 1024 * 1024)	/* of who ends with its query */
#define FS_ARENA_PROCESS_LARGEST (32 * 1024 * 1024)
#define FS_ARENA_SESSION_LARGEST (4 * 1024 * 1024)

extern void fs_arena_keep_freed(Size bytes, Size largest);

/*
 * Of such a process the next FS_ARENA_HUGE bytes are in pages of 2 MB, if the
 * system gives them to who asks: with fewer faults, and a quicker end, parallel
 * queries of tens of milliseconds take some 6 % less.
 */
#define FS_ARENA_HUGE	(16 * 1024 * 1024)
#define FS_HUGE_PAGE	((Size) 2 * 1024 * 1024)

extern void fs_arena_use_huge_pages(void);

#endif							/* FS_STORE_ARENA_H */
