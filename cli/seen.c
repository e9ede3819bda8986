/*-------------------------------------------------------------------------
 *
 * Rows that were seen: two hash tables, of this look and of the one before.
 *
 * Open addressing, at most half full.  64 bits of FNV-1a, finished by a mixer,
 * make it unlikely (1 in 10^11 for 20,000 rows) that two rows are taken for one.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "seen.h"

#define SLOTS 65536				/* a power of two, more than twice SEEN_MAX_ROWS */

_Static_assert(SLOTS > 2 * SEEN_MAX_ROWS, "at most half full");

struct slot
{
	uint64_t	hash;			/* 0: empty */
	uint64_t	count;
};

struct seen
{
	struct slot *now;			/* now[SLOTS] */
	struct slot *before;
};

struct seen *
seen_new(void)
{
	struct seen *seen = memory_get(sizeof(struct seen));

	seen->now = memory_get(SLOTS * sizeof(struct slot));
	seen->before = memory_get(SLOTS * sizeof(struct slot));
	return seen;
}

static struct slot *
find(struct slot *slots, uint64_t hash)
{
	size_t		i = hash & (SLOTS - 1);

	while (slots[i].hash != 0 && slots[i].hash != hash)
		i = (i + 1) & (SLOTS - 1);
	return &slots[i];
}

bool
seen_add(struct seen *seen, uint64_t hash)
{
	struct slot *slot;

	/* finalizer of MurmurHash3, so that the low bits depend on all */
	hash ^= hash >> 33;
	hash *= UINT64_C(0xff51afd7ed558ccd);
	hash ^= hash >> 33;
	hash |= hash == 0;
	slot = find(seen->now, hash);
	slot->hash = hash;
	slot->count++;
	return slot->count > find(seen->before, hash)->count;
}

void
seen_turn(struct seen *seen)
{
	struct slot *oldest = seen->before;

	seen->before = seen->now;
	seen->now = oldest;
	memset(seen->now, 0, SLOTS * sizeof(struct slot));
}

uint64_t
seen_hash(uint64_t hash, const char *bytes, size_t len)
{
	if (hash == 0)
		hash = UINT64_C(0xcbf29ce484222325);
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char) bytes[i]) * UINT64_C(0x100000001b3);
	return hash;
}
