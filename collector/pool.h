/*-------------------------------------------------------------------------
 *
 * Pools: a bounded number of things, of which the one that was used least
 * recently makes room for the next.
 *
 * Things are spoken of by handle, which goes out of date when its thing is
 * released or has made room; so whoever keeps a handle needs no telling.
 *
 * Memory: max * (size + 24) bytes, reserved at once, touched as needed.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_POOL_H
#define COLLECTOR_POOL_H

#include <stddef.h>
#include <stdint.h>

/* The time from one use to the next that counts as one. */
#define POOL_TOUCH_US INT64_C(1000000)

struct pool_handle
{
	uint32_t	slot;			/* 0: none */
	uint32_t	generation;
};

struct pool;

/*
 * evict is told of each thing that makes room, while it is still there.
 * max is 1 .. 2^30.  Returns NULL when memory is exhausted.
 */
extern struct pool *pool_open(uint32_t max, size_t size,
							  void (*evict) (void *arg, void *thing), void *arg);

/* Things that are still there are forgotten without a word. */
extern void pool_close(struct pool *pool);

/* A thing, all of it zero; cannot fail. */
extern struct pool_handle pool_take(struct pool *pool, int64_t now_us);

/* The thing of a handle, or NULL if that is none or out of date. */
extern void *pool_get(const struct pool *pool, struct pool_handle handle);

/* It is used now; the handle must be good. */
extern void pool_touch(struct pool *pool, struct pool_handle handle,
					   int64_t now_us);

/* Let the thing go, without evict; the handle must be good. */
extern void pool_release(struct pool *pool, struct pool_handle handle);

/* The handle of what was used least recently; slot 0: there is nothing. */
extern struct pool_handle pool_oldest(const struct pool *pool);

#endif
