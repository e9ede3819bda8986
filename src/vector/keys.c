/*-------------------------------------------------------------------------
 *
 * Ids of 64-bit keys by hash.
 *
 * A batch is looked up in three passes, so that misses of the caches
 * overlap: fetch the slots, fetch the keys that the slots name, compare.
 * Tables that fit the second cache do without the fetching.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "vector/keys.h"
#include "vector/reduce.h"

#define FIRST_KEYS	256

/* keys that are judged together; runs of this many pay on average */
#define PIECE		1024
#define RUN_KEYS	2

void
fs_keys_init(FsKeys *keys, FsAllocator *allocator, uint64 seed)
{
	memset(keys, 0, sizeof(FsKeys));
	keys->memory.allocator = allocator;
	keys->seed = fs_hash_mix(seed) | 1;
}

void
fs_keys_release(FsKeys *keys)
{
	if (keys->has_slots)
		fs_slots_release(&keys->slots, &keys->memory);
	fs_memory_release(&keys->memory, keys->keys, keys->room * sizeof(uint64));
}

void
fs_keys_grow(FsKeys *keys, uint32 n)
{
	uint32		room = Max(keys->room, FIRST_KEYS);

	while (room < n)
		room *= 2;
	keys->keys = fs_memory_grow(&keys->memory, keys->keys, keys->room, room,
								sizeof(uint64));
	keys->room = room;
}

static inline uint32
hash(const FsKeys *keys, uint64 key)
{
	return (uint32) (fs_hash_int(key, keys->seed) >> 32);
}

void
fs_keys_hash(FsKeys *keys)
{
	FsSlots		slots;
	uint32		i;

	fs_slots_init(&slots, &keys->memory);
	keys->slots = slots;
	keys->has_slots = true;
	fs_slots_reserve(&keys->slots, &keys->memory, keys->n);
	for (i = 0; i < keys->n; i++)
	{
		uint32		h = hash(keys, keys->keys[i]);
		uint64	   *slot;
		uint32		id;

		FS_SLOTS_FIND(&keys->slots, h, slot, id, id == i);
		fs_slots_put(&keys->slots, slot, h, i);
	}
}

static pg_noinline uint32
find_or_add(FsKeys *keys, uint64 key, uint32 h)
{
	uint64	   *slot;
	uint32		id;

	FS_SLOTS_FIND(&keys->slots, h, slot, id, keys->keys[id] == key);
	if (*slot != 0)
		return id;
	fs_slots_put(&keys->slots, slot, h, keys->n);
	keys->keys[keys->n] = key;
	return keys->n++;
}

static void
prefetch(const FsKeys *keys, const uint32 *hashes, uint32 n)
{
	const FsSlots *slots = &keys->slots;
	uint32		i;

	for (i = 0; i < n; i++)
		fs_slots_prefetch(slots, hashes[i]);
	for (i = 0; i < n; i++)
	{
		uint64		slot = fs_slots_guess(slots, hashes[i]);

		if (slot != 0)
			__builtin_prefetch(&keys->keys[FS_SLOT_ID(slot)]);
	}
}

/* There is room for all, so neither array moves. */
static void
find_or_add_all(FsKeys *keys, const uint64 *key, const uint32 *hashes,
				uint32 n, uint32 *ids)
{
	const FsSlots slots = keys->slots;
	const uint64 *known = keys->keys;
	uint32		i;

	for (i = 0; i < n; i++)
	{
		uint64		slot = fs_slots_guess(&slots, hashes[i]);

		if (likely(slot != 0 && known[FS_SLOT_ID(slot)] == key[i]))
			ids[i] = FS_SLOT_ID(slot);
		else
			ids[i] = find_or_add(keys, key[i], hashes[i]);
	}
}

static void
add_each(FsKeys *keys, const uint64 *key, uint32 n, uint32 *ids)
{
	uint32		hashes[FS_SLOTS_BATCH];
	uint32		m;
	uint32		i;

	for (; n > 0; n -= m, key += m, ids += m)
	{
		m = Min(n, FS_SLOTS_BATCH);
		fs_slots_reserve(&keys->slots, &keys->memory, keys->n + m);
		fs_keys_reserve(keys, keys->n + m);
		for (i = 0; i < m; i++)
			hashes[i] = hash(keys, key[i]);
		if (fs_slots_bytes(&keys->slots) > FS_SLOTS_PREFETCH_BYTES)
			prefetch(keys, hashes, m);
		find_or_add_all(keys, key, hashes, m, ids);
	}
}

/* At most PIECE keys in runs: each run is looked up once. */
static void
add_runs(FsKeys *keys, const uint64 *key, uint32 n, uint32 *ids)
{
	uint64		heads[PIECE];
	uint32		head_ids[PIECE];
	uint16		run[PIECE];
	uint32		r = 0;
	uint32		i;

	heads[0] = key[0];
	run[0] = 0;
	for (i = 1; i < n; i++)
	{
		r += key[i] != key[i - 1];
		heads[r] = key[i];
		run[i] = r;
	}
	add_each(keys, heads, r + 1, head_ids);
	for (i = 0; i < n; i++)
		ids[i] = head_ids[run[i]];
}

void
fs_keys_add(FsKeys *keys, const uint64 *key, uint32 n, uint32 *ids)
{
	uint32		m;

	for (; n > 0; n -= m, key += m, ids += m)
	{
		m = Min(n, PIECE);
		if (fs_reduce_changes((const int64 *) key, m) * RUN_KEYS <= m)
			add_runs(keys, key, m, ids);
		else
			add_each(keys, key, m, ids);
	}
}
