/*-------------------------------------------------------------------------
 *
 * Open addressing.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "vector/slots.h"

#define FIRST_BITS	8

/* a table of fewer slots becomes four times as large, since most go on */
#define SMALL_SLOTS	(64 * 1024)

static void
take(FsSlots *slots, FsMemory *memory, int bits)
{
	uint64		n = UINT64CONST(1) << bits;
	uint64	   *words = fs_memory_take(memory, n * sizeof(uint64));

	memset(words, 0, n * sizeof(uint64));
	slots->slots = words;
	slots->last = (uint32) (n - 1);
	slots->shift = 32 - bits;
	slots->room = (uint32) (n / 2);
}

void
fs_slots_init(FsSlots *slots, FsMemory *memory)
{
	slots->used = 0;
	take(slots, memory, FIRST_BITS);
}

void
fs_slots_grow(FsSlots *slots, FsMemory *memory)
{
	FsSlots		old = *slots;
	uint64		i;

	take(slots, memory, 32 - old.shift + (old.last < SMALL_SLOTS ? 2 : 1));
	for (i = 0; i <= old.last; i++)
	{
		uint64		slot = old.slots[i];
		uint32		at;

		if (slot == 0)
			continue;
		for (at = (uint32) (slot >> 32) >> slots->shift; slots->slots[at] != 0;)
			at = (at + 1) & slots->last;
		slots->slots[at] = slot;
	}
	fs_slots_release(&old, memory);
}

void
fs_slots_release(FsSlots *slots, FsMemory *memory)
{
	fs_memory_release(memory, slots->slots, fs_slots_bytes(slots));
	slots->slots = NULL;
}
