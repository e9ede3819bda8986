/*-------------------------------------------------------------------------
 *
 * What was read of the file, kept for who reads the same next.
 *
 * The entries are few and in an array, the last that was put at its end.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "store/keep.h"

#define MAX_ENTRIES		128

typedef struct Entry
{
	FsKeepKey	key;
	void	   *thing;
	Size		size;
	void		(*drop) (void *thing);
} Entry;

static Entry entries[MAX_ENTRIES];
static uint32 nentries = 0;
static Size total = 0;

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
	if (size > FS_KEEP_ONE)
	{
		drop(thing);
		return;
	}
	while (nentries > 0 &&
		   (nentries == MAX_ENTRIES || total + size > limit))
		drop_entry(0);
	entries[nentries].key = *key;
	entries[nentries].thing = thing;
	entries[nentries].size = size;
	entries[nentries].drop = drop;
	nentries++;
	total += size;
}
