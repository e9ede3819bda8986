/*-------------------------------------------------------------------------
 *
 * Sources by name: a hash table with chains, keyed, since names are made of
 * what strangers write.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "hash.h"
#include "sink_sources.h"

struct sources
{
	struct hash_key key;
	struct source *buckets[SOURCES_BUCKETS];
};

struct sources *
sources_open(void)
{
	struct sources *sources = calloc(1, sizeof(*sources));

	if (sources != NULL)
		sources->key = hash_key_random();
	return sources;
}

static void
free_source(struct source *source)
{
	ranges_clear(&source->ranges);
	free(source);
}

void
sources_close(struct sources *sources)
{
	if (sources == NULL)
		return;
	for (int i = 0; i < SOURCES_BUCKETS; i++)
		while (sources->buckets[i] != NULL)
		{
			struct source *source = sources->buckets[i];

			sources->buckets[i] = source->chain;
			free_source(source);
		}
	free(sources);
}

/* A name is hashed with zeros behind it, up to a whole number of words. */
static size_t
bucket_of(const struct sources *sources, const char *name)
{
	uint64_t	words[SOURCES_NAME_LEN / 8] = {0};
	size_t		len = strnlen(name, SOURCES_NAME_LEN - 1);

	memcpy(words, name, len);
	return hash_words(&sources->key, words, (len / 8 + 1) * 8) % SOURCES_BUCKETS;
}

struct source *
sources_find(const struct sources *sources, const char *name)
{
	struct source *source = sources->buckets[bucket_of(sources, name)];

	while (source != NULL && strcmp(source->name, name) != 0)
		source = source->chain;
	return source;
}

struct source *
sources_add(struct sources *sources, const char *name)
{
	struct source *source = sources_find(sources, name);
	size_t		len = strlen(name);
	struct source **bucket;

	if (source != NULL)
		return source;
	source = calloc(1, sizeof(*source) + len + 1);
	if (source == NULL)
		return NULL;
	memcpy(source->name, name, len + 1);
	source->seen_us = clock_realtime_us();
	bucket = &sources->buckets[bucket_of(sources, name)];
	source->chain = *bucket;
	*bucket = source;
	return source;
}

void
sources_set_floors(struct sources *sources)
{
	for (int i = 0; i < SOURCES_BUCKETS; i++)
		for (struct source *source = sources->buckets[i]; source != NULL; source = source->chain)
			source->floor = ranges_start(&source->ranges);
}

const struct source *
sources_find_lost(const struct sources *sources)
{
	for (int i = 0; i < SOURCES_BUCKETS; i++)
		for (const struct source *source = sources->buckets[i]; source != NULL; source = source->chain)
			if (ranges_start(&source->ranges) < source->floor)
				return source;
	return NULL;
}

bool
source_set_base(struct source *source, uint64_t position)
{
	source->base = position;
	return position == 0 || ranges_add(&source->ranges, 0, position);
}

bool
sources_clear_ranges(struct sources *sources)
{
	bool		is_good = true;

	for (int i = 0; i < SOURCES_BUCKETS; i++)
		for (struct source *source = sources->buckets[i]; source != NULL; source = source->chain)
		{
			ranges_clear(&source->ranges);
			is_good &= source_set_base(source, source->base);
		}
	return is_good;
}

void
sources_clear_queued(struct sources *sources)
{
	for (int i = 0; i < SOURCES_BUCKETS; i++)
		for (struct source *source = sources->buckets[i]; source != NULL; source = source->chain)
			source->queued = 0;
}

void
sources_forget(struct sources *sources, int64_t before_us)
{
	for (int i = 0; i < SOURCES_BUCKETS; i++)
	{
		struct source **link = &sources->buckets[i];

		while (*link != NULL)
		{
			struct source *source = *link;

			if (source->seen_us >= before_us || source->nbatches > 0)
			{
				link = &source->chain;
				continue;
			}
			*link = source->chain;
			free_source(source);
		}
	}
}

bool
sources_visit(const struct sources *sources,
			  bool (*visit) (void *arg, const struct source *source), void *arg)
{
	for (int i = 0; i < SOURCES_BUCKETS; i++)
		for (const struct source *source = sources->buckets[i]; source != NULL; source = source->chain)
			if (!visit(arg, source))
				return false;
	return true;
}
