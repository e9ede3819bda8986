/*-------------------------------------------------------------------------
 *
 * The cache: a hash table with chains of indexes, and a list by last packet.
 *
 * Entries lie in one array; used entries come off its unused end first and
 * then from a free list, so that resident memory follows the largest number
 * of flows at one time.  Index 0 is the end of every chain and list, and as
 * an entry it is the head of the list by last packet, which makes taking out
 * and putting in free of special cases.
 *
 * The clock never runs back, so appending to the list keeps it sorted, and
 * the idle flows are at its front.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "cache.h"

#define NONE 0

struct entry
{
	struct flow flow;
	int64_t		first_us;		/* clock at the first packet */
	int64_t		last_us;		/* clock at the last packet */
	uint32_t	hash;
	uint32_t	chain;			/* next in bucket, or next free entry */
	uint32_t	older;			/* neighbours by last packet */
	uint32_t	newer;
};

_Static_assert(sizeof(struct entry) == CACHE_FLOW_BYTES, "see cache.h");

struct cache
{
	struct cache_options options;
	int64_t		clock_us;
	uint32_t	nentries;		/* entries ever used, without the head */
	uint32_t	free_list;
	uint32_t	bucket_mask;
	uint32_t   *buckets;		/* [bucket_mask + 1] */
	struct entry *entries;		/* [max_flows + 1], 0 is the head */
};

struct cache *
cache_open(const struct cache_options *options)
{
	struct cache *cache = calloc(1, sizeof(*cache));
	size_t		nbuckets = 1;

	if (cache == NULL)
		return NULL;
	while (nbuckets < options->max_flows)
		nbuckets *= 2;
	cache->options = *options;
	cache->bucket_mask = (uint32_t) (nbuckets - 1);
	cache->buckets = calloc(nbuckets, sizeof(*cache->buckets));
	cache->entries = calloc((size_t) options->max_flows + 1,
							sizeof(*cache->entries));
	if (cache->buckets == NULL || cache->entries == NULL)
	{
		cache_close(cache);
		return NULL;
	}
	return cache;
}

void
cache_close(struct cache *cache)
{
	free(cache->buckets);
	free(cache->entries);
	free(cache);
}

static void
list_remove(struct cache *cache, uint32_t i)
{
	struct entry *e = &cache->entries[i];

	cache->entries[e->older].newer = e->newer;
	cache->entries[e->newer].older = e->older;
}

/* The head's "older" is the newest entry, its "newer" the oldest. */
static void
list_append(struct cache *cache, uint32_t i)
{
	struct entry *e = &cache->entries[i];
	struct entry *head = &cache->entries[NONE];

	e->newer = NONE;
	e->older = head->older;
	cache->entries[e->older].newer = i;
	head->older = i;
}

/* To the sinks, with what the watch knows. */
static void
put_flow(struct cache *cache, uint32_t i, enum flow_end reason)
{
	const struct cache_options *options = &cache->options;
	struct flow *flow = &cache->entries[i].flow;

	if (options->watch != NULL)
		flow->extra = watch_end(options->watch, i, flow, reason);
	options->counters->flows_exported++;
	options->out.put(options->out.arg, flow);
	if (options->watch != NULL)
		watch_release(options->watch, i, reason);
}

static void
end_flow(struct cache *cache, uint32_t i, enum flow_end reason)
{
	struct entry *e = &cache->entries[i];
	uint32_t   *link = &cache->buckets[e->hash & cache->bucket_mask];

	put_flow(cache, i, reason);
	while (*link != i)
		link = &cache->entries[*link].chain;
	*link = e->chain;
	list_remove(cache, i);
	e->chain = cache->free_list;
	cache->free_list = i;
}

static uint32_t
oldest_flow(const struct cache *cache)
{
	return cache->entries[NONE].newer;
}

void
cache_flush(struct cache *cache)
{
	while (oldest_flow(cache) != NONE)
		end_flow(cache, oldest_flow(cache), FLOW_END_FORCED);
}

void
cache_advance(struct cache *cache, int64_t now_us)
{
	const struct cache_options *options = &cache->options;

	if (now_us < cache->clock_us)
	{
		if (cache->clock_us - now_us <= options->active_us + options->idle_us)
			return;
		options->counters->time_jumps++;
		cache_flush(cache);
	}
	cache->clock_us = now_us;
	for (;;)
	{
		uint32_t	i = oldest_flow(cache);

		if (i == NONE ||
			now_us - cache->entries[i].last_us < options->idle_us)
			break;
		end_flow(cache, i, FLOW_END_IDLE);
	}
}

static uint32_t
find(const struct cache *cache, const struct flow_key *key, uint32_t hash)
{
	uint32_t	i = cache->buckets[hash & cache->bucket_mask];

	while (i != NONE &&
		   (cache->entries[i].hash != hash ||
			memcmp(&cache->entries[i].flow.key, key, sizeof(*key)) != 0))
		i = cache->entries[i].chain;
	return i;
}

static uint32_t
take_entry(struct cache *cache)
{
	uint32_t	i;

	if (cache->free_list == NONE)
	{
		if (cache->nentries < cache->options.max_flows)
			return ++cache->nentries;
		cache->options.counters->flows_evicted++;
		end_flow(cache, oldest_flow(cache), FLOW_END_EVICTED);
	}
	i = cache->free_list;
	cache->free_list = cache->entries[i].chain;
	return i;
}

static void
begin_flow(struct cache *cache, const struct packet *packet, uint32_t hash,
		   bool continues)
{
	uint32_t	i = take_entry(cache);
	struct entry *e = &cache->entries[i];
	uint32_t   *bucket = &cache->buckets[hash & cache->bucket_mask];

	e->flow = packet->flow;
	e->first_us = e->last_us = cache->clock_us;
	e->hash = hash;
	e->chain = *bucket;
	*bucket = i;
	list_append(cache, i);
	cache->options.counters->flows_created++;
	if (cache->options.watch != NULL)
		watch_begin(cache->options.watch, i, packet, continues);
}

void
cache_add(struct cache *cache, const struct packet *packet)
{
	const struct flow *flow = &packet->flow;
	uint32_t	hash = (uint32_t) hash_words(&cache->options.hash_key,
											 &flow->key, sizeof(flow->key));
	uint32_t	i = find(cache, &flow->key, hash);
	struct entry *e = &cache->entries[i];
	bool		continues = i != NONE &&
		cache->clock_us - e->first_us >= cache->options.active_us;

	if (continues)
		end_flow(cache, i, FLOW_END_ACTIVE);
	if (i == NONE || continues)
	{
		/* an entry that was ended is the first to be taken again */
		begin_flow(cache, packet, hash, continues);
		return;
	}
	if (cache->options.watch != NULL)
		watch_add(cache->options.watch, i, &e->flow, packet);
	if (flow->start_us < e->flow.start_us)
		e->flow.start_us = flow->start_us;
	if (flow->end_us > e->flow.end_us)
		e->flow.end_us = flow->end_us;
	e->flow.packets += flow->packets;
	e->flow.bytes += flow->bytes;
	e->flow.tcp_flags |= flow->tcp_flags;
	e->last_us = cache->clock_us;
	list_remove(cache, i);
	list_append(cache, i);
}
