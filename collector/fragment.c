/*-------------------------------------------------------------------------
 *
 * First fragments: a four-way associative table.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "fragment.h"

#define WAYS 4

static size_t
first_slot(const struct fragment_table *table, const struct fragment_key *key)
{
	uint64_t	hash = hash_words(&table->hash_key, key, sizeof(*key));

	return (size_t) (hash % (FRAGMENT_SLOTS / WAYS)) * WAYS;
}

struct fragment *
fragment_add(struct fragment_table *table, const struct fragment *first)
{
	struct fragment *set = &table->slots[first_slot(table, &first->key)];
	struct fragment *victim = set;

	for (int i = 0; i < WAYS; i++)
	{
		if (memcmp(&set[i].key, &first->key, sizeof(first->key)) == 0)
		{
			victim = &set[i];
			break;
		}
		if (set[i].time_us < victim->time_us)
			victim = &set[i];
	}
	*victim = *first;
	return victim;
}

const struct fragment *
fragment_find(const struct fragment_table *table,
			  const struct fragment_key *key, int64_t time_us)
{
	const struct fragment *set = &table->slots[first_slot(table, key)];

	for (int i = 0; i < WAYS; i++)
	{
		if (memcmp(&set[i].key, key, sizeof(*key)) == 0 &&
			llabs(time_us - set[i].time_us) <= FRAGMENT_TIMEOUT_US)
			return &set[i];
	}
	return NULL;
}
