/*-------------------------------------------------------------------------
 *
 * Scratch memory of an encoder.
 *
 * Slabs form a list in order of age and are filled in that order.  A
 * request that the current slab cannot hold skips to the next one that can;
 * what was skipped is used again after the next reset.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/scratch.h"

#define SLAB_SIZE	((size_t) 1024 * 1024)

struct FsSlab
{
	FsSlab	   *next;
	size_t		size;
	size_t		used;
	char	   *memory;
};

void
fs_scratch_init(FsScratch *scratch, FsArena *arena)
{
	scratch->arena = arena;
	scratch->first = NULL;
	scratch->current = NULL;
}

static FsSlab *
slab_create(FsArena *arena, size_t size)
{
	FsSlab	   *slab = arena->alloc(arena, sizeof(FsSlab));

	slab->next = NULL;
	slab->size = size;
	slab->used = 0;
	slab->memory = arena->alloc(arena, size);
	return slab;
}

void *
fs_scratch_alloc(FsScratch *scratch, size_t size)
{
	FsSlab	  **link = scratch->current ? &scratch->current : &scratch->first;
	FsSlab	   *slab;
	void	   *p;

	size = (size + 15) & ~(size_t) 15;
	while (*link && (*link)->size - (*link)->used < size)
		link = &(*link)->next;
	if (!*link)
		*link = slab_create(scratch->arena, Max(size, SLAB_SIZE));
	slab = *link;
	scratch->current = slab;
	p = slab->memory + slab->used;
	slab->used += size;
	return p;
}

void
fs_scratch_reset(FsScratch *scratch)
{
	FsSlab	   *slab;

	for (slab = scratch->first; slab; slab = slab->next)
		slab->used = 0;
	scratch->current = scratch->first;
}
