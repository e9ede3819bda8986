/*-------------------------------------------------------------------------
 *
 * What was read of the file, kept for who reads the same next.
 *
 * The entries are few and in an array, the last that was put at its end.  A
 * query that goes round more than there is room for would always find what it
 * needs next just gone: what was used lately stays, and the newcomer goes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "store/keep.h"

#define MAX_ENTRIES		128

/* An entry gives way once so many others were put after it. */
#define STALE_PUTS		128

typedef struct Entry
{
	FsKeepKey	key;
	void	   *thing;
	Size		size;
	uint64		at;				/* of all that were put */
	void		(*drop) (void *thing);
} Entry;

static Entry entries[MAX_ENTRIES];
static uint32 nentries = 0;
static Size total = 0;
static uint64 nputs = 0;

/* Take entry i out of the array. */
static Entry
remove_entry(uint32 i)
{
	Entry		entry = entries[i];

	total -= entry.size;
	nentries--;
	memmove(&entries[i], &entries[i + 1], (nentries - i) * sizeof(Entry));
	return entry;
}

static int
find(const FsKeepKey *key)
{
	for (int i = (int) nentries - 1; i >= 0; i--)
		if (entries[i].key.first == key->first &&
			entries[i].key.relid == key->relid && entries[i].key.len == key->len)
			return i;
	return -1;
}

void *
fs_keep_take(const FsKeepKey *key)
{
	int			i = find(key);

	return i < 0 ? NULL : remove_entry(i).thing;
}

static void
drop_entry(uint32 i)
{
	Entry		entry = remove_entry(i);

	entry.drop(entry.thing);
}

void
fs_keep_put(const FsKeepKey *key, void *thing, Size size,
			void (*drop) (void *thing))
{
	Size		limit = Min(Max(work_mem * (Size) 1024, FS_KEEP_LEAST), FS_KEEP_MOST);
	int			same = find(key);

	if (same >= 0)
		drop_entry(same);
	nputs++;
	while (total > limit)
		drop_entry(0);
	while (nentries > 0 && nputs - entries[0].at > STALE_PUTS &&
		   (nentries == MAX_ENTRIES || total + size > limit))
		drop_entry(0);
	if (size > FS_KEEP_ONE || nentries == MAX_ENTRIES || total + size > limit)
	{
		drop(thing);
		return;
	}
	entries[nentries].key = *key;
	entries[nentries].thing = thing;
	entries[nentries].size = size;
	entries[nentries].at = nputs;
	entries[nentries].drop = drop;
	nentries++;
	total += size;
}
