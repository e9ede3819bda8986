/*-------------------------------------------------------------------------
 *
 * Pools: one array of things, one of links.  Slot 0 is no thing but the head
 * of the list by last use: its "newer" is the oldest.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "pool.h"

#define NONE 0

struct link
{
	int64_t		used_us;
	uint32_t	generation;
	uint32_t	older;			/* or the next free slot */
	uint32_t	newer;
};

struct pool
{
	void		(*evict) (void *arg, void *thing);
	void	   *arg;
	uint8_t    *things;			/* [max + 1][size] */
	struct link *links;			/* [max + 1] */
	size_t		size;
	uint32_t	max;
	uint32_t	nused;			/* slots ever used */
	uint32_t	free_list;
};

struct pool *
pool_open(uint32_t max, size_t size, void (*evict) (void *arg, void *thing),
		  void *arg)
{
	struct pool *pool = calloc(1, sizeof(*pool));

	if (pool == NULL)
		return NULL;
	pool->evict = evict;
	pool->arg = arg;
	pool->size = size;
	pool->max = max;
	pool->things = calloc((size_t) max + 1, size);
	pool->links = calloc((size_t) max + 1, sizeof(*pool->links));
	if (pool->things == NULL || pool->links == NULL)
	{
		pool_close(pool);
		return NULL;
	}
	return pool;
}

void
pool_close(struct pool *pool)
{
	free(pool->things);
	free(pool->links);
	free(pool);
}

static void *
thing_at(const struct pool *pool, uint32_t slot)
{
	return pool->things + slot * pool->size;
}

static void
list_remove(struct pool *pool, uint32_t slot)
{
	struct link *link = &pool->links[slot];

	pool->links[link->older].newer = link->newer;
	pool->links[link->newer].older = link->older;
}

static void
list_append(struct pool *pool, uint32_t slot, int64_t now_us)
{
	struct link *link = &pool->links[slot];

	link->used_us = now_us;
	link->newer = NONE;
	link->older = pool->links[NONE].older;
	pool->links[link->older].newer = slot;
	pool->links[NONE].older = slot;
}

struct pool_handle
pool_oldest(const struct pool *pool)
{
	uint32_t	slot = pool->links[NONE].newer;
	struct pool_handle handle = {slot, pool->links[slot].generation};

	return handle;
}

void
pool_release(struct pool *pool, struct pool_handle handle)
{
	list_remove(pool, handle.slot);
	pool->links[handle.slot].generation++;
	pool->links[handle.slot].older = pool->free_list;
	pool->free_list = handle.slot;
}

struct pool_handle
pool_take(struct pool *pool, int64_t now_us)
{
	struct pool_handle handle;

	if (pool->free_list == NONE && pool->nused == pool->max)
	{
		handle = pool_oldest(pool);
		pool->evict(pool->arg, thing_at(pool, handle.slot));
		pool_release(pool, handle);
	}
	if (pool->free_list == NONE)
		handle.slot = ++pool->nused;
	else
	{
		handle.slot = pool->free_list;
		pool->free_list = pool->links[handle.slot].older;
	}
	handle.generation = pool->links[handle.slot].generation;
	memset(thing_at(pool, handle.slot), 0, pool->size);
	list_append(pool, handle.slot, now_us);
	return handle;
}

void *
pool_get(const struct pool *pool, struct pool_handle handle)
{
	if (handle.slot == NONE ||
		pool->links[handle.slot].generation != handle.generation)
		return NULL;
	return thing_at(pool, handle.slot);
}

void
pool_touch(struct pool *pool, struct pool_handle handle, int64_t now_us)
{
	int64_t		since_us = now_us - pool->links[handle.slot].used_us;

	if (since_us >= 0 && since_us < POOL_TOUCH_US)
		return;
	list_remove(pool, handle.slot);
	list_append(pool, handle.slot, now_us);
}
