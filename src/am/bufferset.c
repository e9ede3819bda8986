/*-------------------------------------------------------------------------
 *
 * The row buffers of a table.
 *
 * Most transactions write to one partition or two, for which an array will do;
 * from FEW on a hash table finds the place in it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "am/bufferset.h"

#define FEW		8

typedef struct BufferPlace
{
	FsPartition partition;		/* hash key */
	uint32		i;
} BufferPlace;

void
fs_bufferset_init(FsBufferSet *set, MemoryContext cxt)
{
	memset(set, 0, sizeof(FsBufferSet));
	set->cxt = cxt;
	set->cap = FEW;
	set->buffers = MemoryContextAlloc(cxt, sizeof(FsBuffer *) * set->cap);
}

static void
note_place(FsBufferSet *set, uint32 i)
{
	FsPartition partition = fs_buffer_partition(set->buffers[i]);
	BufferPlace *place = hash_search(set->places, &partition, HASH_ENTER,
									 NULL);

	place->i = i;
}

static void
create_places(FsBufferSet *set)
{
	HASHCTL		ctl = {0};

	ctl.keysize = sizeof(FsPartition);
	ctl.entrysize = sizeof(BufferPlace);
	ctl.hcxt = set->cxt;
	set->places = hash_create("flowstore row buffers", 64, &ctl,
							  HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	for (uint32 i = 0; i < set->n; i++)
		note_place(set, i);
}

static FsBuffer *
search(const FsBufferSet *set, FsPartition partition)
{
	BufferPlace *place;

	if (set->places == NULL)
	{
		for (uint32 i = 0; i < set->n; i++)
			if (fs_buffer_partition(set->buffers[i]) == partition)
				return set->buffers[i];
		return NULL;
	}
	place = hash_search(set->places, &partition, HASH_FIND, NULL);
	return place == NULL ? NULL : set->buffers[place->i];
}

FsBuffer *
fs_bufferset_find(FsBufferSet *set, FsPartition partition)
{
	FsBuffer   *found;

	if (set->last != NULL && fs_buffer_partition(set->last) == partition)
		return set->last;
	found = search(set, partition);
	if (found != NULL)
		set->last = found;
	return found;
}

void
fs_bufferset_add(FsBufferSet *set, FsBuffer *buffer)
{
	if (set->n == set->cap)
	{
		set->cap *= 2;
		set->buffers = repalloc_huge(set->buffers,
									 sizeof(FsBuffer *) * set->cap);
	}
	set->buffers[set->n++] = buffer;
	set->last = buffer;
	if (set->places != NULL)
		note_place(set, set->n - 1);
	else if (set->n > FEW)
		create_places(set);
}

/* Place of a buffer of the set. */
static uint32
place_of(const FsBufferSet *set, const FsBuffer *buffer)
{
	FsPartition partition = fs_buffer_partition(buffer);
	BufferPlace *place;
	uint32		i = 0;

	if (set->places == NULL)
	{
		while (set->buffers[i] != buffer)
			i++;
		return i;
	}
	place = hash_search(set->places, &partition, HASH_FIND, NULL);
	return place->i;
}

void
fs_bufferset_remove(FsBufferSet *set, FsBuffer *buffer)
{
	FsPartition partition = fs_buffer_partition(buffer);
	uint32		i = place_of(set, buffer);

	Assert(set->buffers[i] == buffer);
	if (set->last == buffer)
		set->last = NULL;
	set->buffers[i] = set->buffers[--set->n];
	if (set->places == NULL)
		return;
	(void) hash_search(set->places, &partition, HASH_REMOVE, NULL);
	if (i < set->n)
		note_place(set, i);
}
