/*-------------------------------------------------------------------------
 *
 * A memory context as the arena that format/ allocates from.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_STORE_ARENA_H
#define FS_STORE_ARENA_H

#include "postgres.h"

#include "format/column.h"
#include "utils/memutils.h"

/* Let arena allocate from cxt; memory lives as long as cxt is not reset. */
extern void fs_arena_init(FsArena *arena, MemoryContext cxt);

#endif							/* FS_STORE_ARENA_H */
