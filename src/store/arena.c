/*-------------------------------------------------------------------------
 *
 * A memory context as the arena that format/ allocates from.
 *
 * palloc aligns to 8; the arena promises 16, for vector loads.
 *
 * A pool is a list of slabs, filled one after the other; what does not fit a
 * slab has one of its own.  Its slabs outlive it: the next pool of the session
 * gets them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <malloc.h>
#include <sys/mman.h>

#include "store/arena.h"

#define ALIGNMENT	16
#define SLAB_SIZE	(256 * 1024)

/* what the C library keeps anyway */
#define LIBRARY_KEEP	((Size) 256 * 1024)

typedef struct Slab
{
	struct Slab *next;
	Size		size;			/* of what follows the header */
} Slab;

#define SLAB_HEAD	TYPEALIGN(ALIGNMENT, sizeof(Slab))

/* Slabs, in a context of their own. */
typedef struct FsPoolMemory
{
	MemoryContext cxt;
	Slab	   *slabs;			/* the first to be filled */
	Slab	   *current;		/* NULL: none is begun */
	char	   *at;				/* in the current one, up to end */
	char	   *end;
} Store;

struct FsPool
{
	MemoryContextCallback callback;
	Store	   *store;			/* NULL: it was given back */
};

/* What a pool left behind, for the next. */
static Store *spare;

static void *
context_alloc(FsArena *arena, size_t size)
{
	char	   *p = MemoryContextAllocHuge((MemoryContext) arena->state,
										   size + ALIGNMENT);

	return (void *) TYPEALIGN(ALIGNMENT, p);
}

void
fs_arena_init(FsArena *arena, MemoryContext cxt)
{
	arena->alloc = context_alloc;
	arena->state = cxt;
}

static void
enter_slab(Store *store, Slab *slab)
{
	store->current = slab;
	store->at = (char *) TYPEALIGN(ALIGNMENT, (char *) slab + SLAB_HEAD);
	store->end = (char *) slab + SLAB_HEAD + ALIGNMENT + slab->size;
}

/* Enter a slab with room for size bytes: the next that has it, or a new one. */
static void
next_slab(Store *store, Size size)
{
	Slab	  **link = store->current == NULL ? &store->slabs : &store->current->next;
	Slab	   *slab = *link;

	if (slab == NULL || slab->size < size)
	{
		Size		slab_size = Max(size, SLAB_SIZE);

		slab = MemoryContextAllocHuge(store->cxt, SLAB_HEAD + ALIGNMENT + slab_size);
		slab->size = slab_size;
		slab->next = *link;
		*link = slab;
	}
	enter_slab(store, slab);
}

static void *
pool_alloc(FsArena *arena, size_t size)
{
	Store	   *store = ((FsPool *) arena->state)->store;
	char	   *p;

	size = TYPEALIGN(ALIGNMENT, Max(size, 1));
	if (store->current == NULL || size > (Size) (store->end - store->at))
		next_slab(store, size);
	p = store->at;
	store->at += size;
	return p;
}

void
fs_arena_init_pool(FsArena *arena, FsPool *pool)
{
	arena->alloc = pool_alloc;
	arena->state = pool;
}

/* Free the slabs that would make more than `keep` bytes of them. */
static void
free_slabs(Store *store, Size keep)
{
	Slab	  **link = &store->slabs;
	Size		kept = 0;

	while (*link != NULL)
	{
		Slab	   *slab = *link;

		if (kept + slab->size <= keep)
		{
			kept += slab->size;
			link = &slab->next;
			continue;
		}
		*link = slab->next;
		pfree(slab);
	}
}

static void
empty(Store *store)
{
	store->current = NULL;
	store->at = store->end = NULL;
}

/* Keep the slabs for the next pool, unless there are some. */
void
fs_pool_memory_free(FsPoolMemory *memory)
{
	if (spare != NULL)
	{
		MemoryContextDelete(memory->cxt);
		return;
	}
	free_slabs(memory, FS_POOL_SPARE);
	empty(memory);
	spare = memory;
}

static void
give_back(void *arg)
{
	FsPool	   *pool = arg;
	Store	   *store = pool->store;

	pool->store = NULL;
	if (store != NULL)
		fs_pool_memory_free(store);
}

static Store *
create_store(void)
{
	MemoryContext cxt = AllocSetContextCreate(TopMemoryContext,
											  "flowstore pool",
											  ALLOCSET_SMALL_SIZES);
	Store	   *store = MemoryContextAllocZero(cxt, sizeof(Store));

	store->cxt = cxt;
	return store;
}

static Store *
take_spare(void)
{
	Store	   *store = spare != NULL ? spare : create_store();

	spare = NULL;
	return store;
}

FsPool *
fs_pool_create(MemoryContext cxt)
{
	FsPool	   *pool = MemoryContextAllocZero(cxt, sizeof(FsPool));

	pool->store = take_spare();
	pool->callback.func = give_back;
	pool->callback.arg = pool;
	MemoryContextRegisterResetCallback(cxt, &pool->callback);
	return pool;
}

void
fs_pool_empty(FsPool *pool)
{
	free_slabs(pool->store, FS_POOL_KEEP);
	empty(pool->store);
}

void
fs_pool_destroy(FsPool *pool)
{
	give_back(pool);
}

FsPoolMemory *
fs_pool_detach(FsPool *pool)
{
	Store	   *store = pool->store;
	Slab	  **unused = store->current == NULL ? &store->slabs : &store->current->next;

	pool->store = take_spare();
	while (*unused != NULL)
	{
		Slab	   *slab = *unused;

		*unused = slab->next;
		pfree(slab);
	}
	return store;
}

void
fs_pool_attach(FsPool *pool, FsPoolMemory *memory)
{
	Assert(pool->store->current == NULL);
	fs_pool_memory_free(pool->store);
	pool->store = memory;
}

Size
fs_pool_memory_size(const FsPoolMemory *memory)
{
	Size		size = 0;

	for (const Slab *slab = memory->slabs; slab != NULL; slab = slab->next)
		size += slab->size;
	return size;
}

void
fs_arena_keep_freed(Size bytes, Size largest)
{
#ifdef M_TRIM_THRESHOLD
	static Size kept = 0;

	if (bytes == kept)
		return;
	kept = bytes;
	bytes = Max(bytes, LIBRARY_KEEP);
	(void) mallopt(M_MMAP_THRESHOLD, (int) Min(bytes / 2, largest));
	(void) mallopt(M_TRIM_THRESHOLD, (int) Min(bytes, PG_INT32_MAX));
	(void) mallopt(M_TOP_PAD, (int) Min(bytes / 64, SLAB_SIZE * 4));
#endif
}

void
fs_arena_use_huge_pages(void)
{
#if defined(M_TRIM_THRESHOLD) && defined(MADV_HUGEPAGE)
	static bool is_done = false;
	char	   *p;

	if (is_done)
		return;
	is_done = true;
	/* the library keeps it, and gives it out from now on */
	p = malloc(FS_ARENA_HUGE);
	if (p == NULL)
		return;
	(void) madvise((void *) TYPEALIGN(FS_HUGE_PAGE, p),
				   FS_ARENA_HUGE - FS_HUGE_PAGE, MADV_HUGEPAGE);
	free(p);
#endif
}
