/*-------------------------------------------------------------------------
 *
 * Open addressing: where the ids of keys stand by the keys' hashes.
 *
 * A slot holds 32 bits of hash and an id; keys are kept elsewhere, by id.
 * The high bits of the hash are the slot's number and probing is linear, so
 * growing needs no key and goes through both tables in order.
 *
 *		slot		hash << 32 | id + 1; 0 if free
 *		nslots		a power of two, at least 2 for each id
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_VECTOR_SLOTS_H
#define FS_VECTOR_SLOTS_H

#include "format/hash.h"
#include "vector/allocator.h"

/* keys whose slots are fetched into the cache together */
#define FS_SLOTS_BATCH			64

/* tables above this size are out of the second cache, or not alone in it */
#define FS_SLOTS_PREFETCH_BYTES	(512 * 1024)

typedef struct FsSlots
{
	uint64	   *slots;
	uint32		last;			/* nslots - 1 */
	int			shift;			/* hash >> shift is a slot's number */
	uint32		room;			/* ids that fit before it must grow */
	uint32		used;			/* slots, if the owner counts them */
} FsSlots;

/* Both may take memory; the table is unchanged if that does not return. */
extern void fs_slots_init(FsSlots *slots, FsMemory *memory);
extern void fs_slots_grow(FsSlots *slots, FsMemory *memory);

extern void fs_slots_release(FsSlots *slots, FsMemory *memory);

/* Make room for n ids in all. */
static inline void
fs_slots_reserve(FsSlots *slots, FsMemory *memory, uint32 n)
{
	while (unlikely(n > slots->room))
		fs_slots_grow(slots, memory);
}

static inline size_t
fs_slots_bytes(const FsSlots *slots)
{
	return ((size_t) slots->last + 1) * sizeof(uint64);
}

static inline void
fs_slots_prefetch(const FsSlots *slots, uint32 hash)
{
	const uint64 *slot = &slots->slots[hash >> slots->shift];

	/* the last that is looked at first may be in the next line */
	__builtin_prefetch(slot);
	__builtin_prefetch(slot + 2);
}

/* The id of a slot that is not free; and whether a slot has this hash. */
#define FS_SLOT_ID(slot)			((uint32) (slot) - 1)
#define FS_SLOT_HAS(slot, hash)		((uint32) ((slot) >> 32) == (hash))

/*
 * The slot where a key of this hash most likely is, of the first three: it
 * may be free, or another key's.  No branch, which would be mispredicted for
 * each key that is not in its first slot.
 */
static inline uint64
fs_slots_guess(const FsSlots *slots, uint32 hash)
{
	uint32		at = hash >> slots->shift;
	uint64		a = slots->slots[at];
	uint64		b = slots->slots[(at + 1) & slots->last];
	uint64		c = slots->slots[(at + 2) & slots->last];

	c = FS_SLOT_HAS(b, hash) ? b : c;
	return FS_SLOT_HAS(a, hash) ? a : c;
}

/* Put id into a free slot; its room has been reserved. */
static inline void
fs_slots_put(FsSlots *slots, uint64 *slot, uint32 hash, uint32 id)
{
	Assert(*slot == 0);
	*slot = (uint64) hash << 32 | (id + 1);
}

/*
 * Walk the slots of a hash, to one whose id satisfies is_key (an expression
 * of id), or to the free one.
 */
#define FS_SLOTS_FIND(table, hash, slot, id, is_key) \
	do { \
		uint32		at = (hash) >> (table)->shift; \
		for (;; at = (at + 1) & (table)->last) \
		{ \
			(slot) = &(table)->slots[at]; \
			(id) = FS_SLOT_ID(*(slot)); \
			if (*(slot) == 0 || (FS_SLOT_HAS(*(slot), hash) && (is_key))) \
				break; \
		} \
	} while (0)

#endif							/* FS_VECTOR_SLOTS_H */
