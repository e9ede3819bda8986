/*-------------------------------------------------------------------------
 *
 * Keyed tables that forget what was not used for longest.
 *
 * An entry is a struct of the caller's that begins with a struct lru_entry;
 * its key of key_len bytes comes directly behind that.  The order of use is
 * part of the table's value: it does not depend on the hash key, and a table
 * that is filled again from oldest to newest behaves as the one before.
 *
 * Memory: 8 * LRU_BUCKETS bytes, and at most max_bytes in entries, each
 * counted with its own size.
 *
 *-------------------------------------------------------------------------
 */
#ifndef COLLECTOR_LRU_H
#define COLLECTOR_LRU_H

#include <stddef.h>
#include <stdint.h>

#include "hash.h"

#define LRU_BUCKETS 8192

struct lru_entry
{
	struct lru_entry *chain;	/* of the bucket */
	struct lru_entry *older;
	struct lru_entry *newer;
	size_t		size;
};

struct lru;

struct lru_options
{
	struct hash_key hash_key;
	size_t		key_len;		/* a multiple of 8 */
	size_t		max_bytes;
	uint64_t   *evicted;		/* counts what was forgotten for want of room */
};

/* Returns NULL when memory is exhausted. */
extern struct lru *lru_open(const struct lru_options *options);
extern void lru_close(struct lru *table);

/* The entry of this key, which becomes the newest, or NULL. */
extern void *lru_find(struct lru *table, const void *key);

/*
 * A new entry of size bytes, zero but for the key, instead of the one that had
 * the key; the newest.  Others are forgotten to make room.  Returns NULL when
 * memory is exhausted or size is more than the table may have.
 */
extern void *lru_add(struct lru *table, const void *key, size_t size);

extern void lru_remove(struct lru *table, void *entry);

/* From the oldest to the newest; NULL at the end. */
extern void *lru_oldest(const struct lru *table);
extern void *lru_newer(const void *entry);

#endif
