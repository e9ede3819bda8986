/*-------------------------------------------------------------------------
 *
 * A memory context as the arena that format/ allocates from.
 *
 * palloc aligns to 8; the arena promises 16, for vector loads.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "store/arena.h"

static void *
context_alloc(FsArena *arena, size_t size)
{
	char	   *p = MemoryContextAllocHuge((MemoryContext) arena->state,
										   size + 16);

	return (void *) TYPEALIGN(16, p);
}

void
fs_arena_init(FsArena *arena, MemoryContext cxt)
{
	arena->alloc = context_alloc;
	arena->state = cxt;
}
