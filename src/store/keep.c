/*-------------------------------------------------------------------------
 *
 * What was read of the file, kept for who reads the same next.
 *
 * A query that goes round more than there is room for would always find what
 * it needs next just gone: what was used lately stays, and the newcomer goes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/ilist.h"
#include "utils/hsearch.h"

#include "store/keep.h"

/* An entry gives way once so many others were put after it. */
#define STALE_PUTS		1024

int			fs_keep_memory_kb = 40 * 1024;

typedef struct Entry
{
	FsKeepKey	key;
	dlist_node	node;			/* of order */
	void	   *thing;
	Size		size;
	uint64		at;				/* of all that were put */
	void		(*drop) (void *thing);
} Entry;

static HTAB *entries;
static dlist_head order = DLIST_STATIC_INIT(order); /* the last that was put at its end */
static Size total = 0;
static uint64 nputs = 0;

static void
create_entries(void)
{
	HASHCTL		ctl = {0};

	ctl.keysize = sizeof(FsKeepKey);
	ctl.entrysize = sizeof(Entry);
	entries = hash_create("flowstore kept chunks", 128, &ctl, HASH_ELEM | HASH_BLOBS);
}

/* Take an entry out; gives its thing. */
static void *
remove_entry(Entry *entry)
{
	void	   *thing = entry->thing;

	total -= entry->size;
	dlist_delete(&entry->node);
	hash_search(entries, &entry->key, HASH_REMOVE, NULL);
	return thing;
}

static void
drop_entry(Entry *entry)
{
	void		(*drop) (void *thing) = entry->drop;

	drop(remove_entry(entry));
}

void *
fs_keep_take(const FsKeepKey *key)
{
	Entry	   *entry = entries == NULL ? NULL : hash_search(entries, key, HASH_FIND, NULL);

	return entry == NULL ? NULL : remove_entry(entry);
}

/* The entry that was put first of all. */
static Entry *
oldest(void)
{
	return dlist_head_element(Entry, node, &order);
}

/* Make room for size bytes; false if what is there was used lately. */
static bool
make_room(Size size)
{
	Size		limit = (Size) fs_keep_memory_kb * 1024;

	while (total > limit)
		drop_entry(oldest());
	while (total + size > limit && !dlist_is_empty(&order) && nputs - oldest()->at > STALE_PUTS)
		drop_entry(oldest());
	return total + size <= limit;
}

void
fs_keep_put(const FsKeepKey *key, void *thing, Size size,
			void (*drop) (void *thing))
{
	Entry	   *entry;
	bool		is_found;

	if (entries == NULL)
		create_entries();
	entry = hash_search(entries, key, HASH_FIND, NULL);
	if (entry != NULL)
		drop_entry(entry);
	nputs++;
	if (size > FS_KEEP_ONE || !make_room(size))
	{
		drop(thing);
		return;
	}
	entry = hash_search(entries, key, HASH_ENTER, &is_found);
	entry->thing = thing;
	entry->size = size;
	entry->at = nputs;
	entry->drop = drop;
	dlist_push_tail(&order, &entry->node);
	total += size;
}
