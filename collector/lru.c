/*-------------------------------------------------------------------------
 *
 * Keyed tables that forget: chained hashing, and a list in order of use.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "lru.h"

struct lru
{
	struct lru_options options;
	size_t		nbytes;			/* in entries, <= options.max_bytes */
	struct lru_entry *oldest;
	struct lru_entry *newest;
	struct lru_entry *buckets[LRU_BUCKETS];
};

struct lru *
lru_open(const struct lru_options *options)
{
	struct lru *table = calloc(1, sizeof(*table));

	if (table != NULL)
		table->options = *options;
	return table;
}

void
lru_close(struct lru *table)
{
	if (table == NULL)
		return;
	while (table->oldest != NULL)
	{
		struct lru_entry *entry = table->oldest;

		table->oldest = entry->newer;
		free(entry);
	}
	free(table);
}

static struct lru_entry **
bucket_of(struct lru *table, const void *key)
{
	uint64_t	hash = hash_words(&table->options.hash_key, key,
								  table->options.key_len);

	return &table->buckets[hash % LRU_BUCKETS];
}

static void
unlink_use(struct lru *table, struct lru_entry *entry)
{
	if (entry->older != NULL)
		entry->older->newer = entry->newer;
	else
		table->oldest = entry->newer;
	if (entry->newer != NULL)
		entry->newer->older = entry->older;
	else
		table->newest = entry->older;
}

static void
link_newest(struct lru *table, struct lru_entry *entry)
{
	entry->older = table->newest;
	entry->newer = NULL;
	if (table->newest != NULL)
		table->newest->newer = entry;
	else
		table->oldest = entry;
	table->newest = entry;
}

void *
lru_find(struct lru *table, const void *key)
{
	struct lru_entry *entry = *bucket_of(table, key);

	while (entry != NULL && memcmp(entry + 1, key, table->options.key_len) != 0)
		entry = entry->chain;
	if (entry != NULL && entry != table->newest)
	{
		unlink_use(table, entry);
		link_newest(table, entry);
	}
	return entry;
}

void
lru_remove(struct lru *table, void *entry)
{
	struct lru_entry *gone = entry;
	struct lru_entry **link = bucket_of(table, gone + 1);

	while (*link != gone)
		link = &(*link)->chain;
	*link = gone->chain;
	unlink_use(table, gone);
	table->nbytes -= gone->size;
	free(gone);
}

void *
lru_add(struct lru *table, const void *key, size_t size)
{
	struct lru_entry *entry = lru_find(table, key);
	struct lru_entry **bucket;

	if (entry != NULL)
		lru_remove(table, entry);
	if (size > table->options.max_bytes || (entry = calloc(1, size)) == NULL)
		return NULL;
	while (size > table->options.max_bytes - table->nbytes)
	{
		lru_remove(table, table->oldest);
		(*table->options.evicted)++;
	}
	entry->size = size;
	memcpy(entry + 1, key, table->options.key_len);
	bucket = bucket_of(table, key);
	entry->chain = *bucket;
	*bucket = entry;
	link_newest(table, entry);
	table->nbytes += size;
	return entry;
}

void *
lru_oldest(const struct lru *table)
{
	return table->oldest;
}

void *
lru_newer(const void *entry)
{
	return ((const struct lru_entry *) entry)->newer;
}
