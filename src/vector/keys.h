/*-------------------------------------------------------------------------
 *
 * Ids of 64-bit keys by hash: what integers and pairs have in common.
 *
 * keys[id] is the key of each id.  A table may do without slots as long as
 * it finds its keys otherwise; fs_keys_hash() makes them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_VECTOR_KEYS_H
#define FS_VECTOR_KEYS_H

#include "vector/slots.h"

typedef struct FsKeys
{
	FsMemory	memory;
	uint64		seed;			/* odd */
	uint64	   *keys;			/* [n] */
	uint32		n;
	uint32		room;			/* keys that fit */
	bool		has_slots;
	FsSlots		slots;
} FsKeys;

extern void fs_keys_init(FsKeys *keys, FsAllocator *allocator, uint64 seed);
extern void fs_keys_release(FsKeys *keys);

/* Make room for n keys in all. */
extern void fs_keys_grow(FsKeys *keys, uint32 n);

static inline void
fs_keys_reserve(FsKeys *keys, uint32 n)
{
	if (unlikely(n > keys->room))
		fs_keys_grow(keys, n);
}

/* Enter all keys into slots, which it must not have yet. */
extern void fs_keys_hash(FsKeys *keys);

/* Ids of n keys, which are added where they are new; it must have slots. */
extern void fs_keys_add(FsKeys *keys, const uint64 *key, uint32 n,
						uint32 *ids);

#endif							/* FS_VECTOR_KEYS_H */
