/*-------------------------------------------------------------------------
 *
 * The set of clustered chunks at hand.
 *
 * The domains that chunks are opened with are a front: most scans of numbers
 * never ask them for a value, and then no byte of the index is read.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "am/set.h"
#include "directory/directory.h"
#include "directory/life.h"

struct FsSet
{
	FsDomainSource front;		/* first: callbacks get its address */
	Relation	rel;
	Snapshot	snapshot;
	bool		is_walk;		/* one set after the other, in one command */
	FsDirectoryScan *probe;		/* of a walk: for INDEX items, or NULL */
	MemoryContext owner;		/* of the probe */
	MemoryContext cxt;			/* of the index at hand, or its parent */
	bool		is_kept;		/* indexes that are left */
	bool		is_in;
	FsPartition partition;
	uint32		number;			/* of the INDEX item */
	int			elevel;
	bool		is_open;		/* an attempt was made */
	FsStoredIndex *index;
	uint64		bytes_read;		/* of indexes that were left */
};

/* The real source, or NULL and a reason. */
static FsDomainSource *
real_source(FsDomainSource *front, FsFault *fault)
{
	FsStoredIndex *index = fs_set_index((FsSet *) front);

	if (index != NULL)
		return fs_pindex_source(fs_indexio_pindex(index));
	strlcpy(fault->reason, "its partition index cannot be read",
			sizeof(fault->reason));
	fault->off = 0;
	return NULL;
}

static bool
front_size(FsDomainSource *front, uint16 domain, uint32 *size, FsFault *fault)
{
	FsDomainSource *real = real_source(front, fault);

	return real != NULL && real->size(real, domain, size, fault);
}

static bool
front_addrs(FsDomainSource *front, uint16 domain, const uint32 *codes,
			uint32 n, FsAddr *values, FsFault *fault)
{
	FsDomainSource *real = real_source(front, fault);

	return real != NULL &&
		real->addrs(real, domain, codes, n, values, fault);
}

static const FsAddr *
front_all_addrs(FsDomainSource *front, uint16 domain, uint32 *size)
{
	FsFault		fault;
	FsDomainSource *real = real_source(front, &fault);

	return real == NULL ? NULL : real->all_addrs(real, domain, size);
}

static bool
front_bytes(FsDomainSource *front, uint16 domain, const uint32 *codes,
			uint32 n, const uint8 **ptrs, uint32 *lens, FsFault *fault)
{
	FsDomainSource *real = real_source(front, fault);

	return real != NULL &&
		real->bytes(real, domain, codes, n, ptrs, lens, fault);
}

static bool
front_attribute(FsDomainSource *front, uint16 domain, uint16 attribute,
				const uint32 *codes, uint32 n, int64 *values, FsFault *fault)
{
	FsDomainSource *real = real_source(front, fault);

	return real != NULL &&
		real->attribute(real, domain, attribute, codes, n, values, fault);
}

static bool
front_find_addr(FsDomainSource *front, uint16 domain, const FsAddr *addr,
				uint32 *code, FsFault *fault)
{
	FsDomainSource *real = real_source(front, fault);

	return real != NULL &&
		real->find_addr(real, domain, addr, code, fault);
}

static bool
front_find_net(FsDomainSource *front, uint16 domain, const FsAddr *net,
			   uint32 *first, uint32 *end, FsFault *fault)
{
	FsDomainSource *real = real_source(front, fault);

	return real != NULL &&
		real->find_net(real, domain, net, first, end, fault);
}

FsSet *
fs_set_create(Relation rel, Snapshot snapshot, bool is_walk)
{
	FsSet	   *set = palloc0(sizeof(FsSet));

	set->front.size = front_size;
	set->front.addrs = front_addrs;
	set->front.all_addrs = front_all_addrs;
	set->front.bytes = front_bytes;
	set->front.attribute = front_attribute;
	set->front.find_addr = front_find_addr;
	set->front.find_net = front_find_net;
	set->rel = rel;
	set->snapshot = snapshot == NULL ? SnapshotAny : snapshot;
	set->is_walk = is_walk;
	set->owner = CurrentMemoryContext;
	set->cxt = AllocSetContextCreate(CurrentMemoryContext, "flowstore set",
									 ALLOCSET_SMALL_SIZES);
	return set;
}

void
fs_set_keep(FsSet *set)
{
	set->is_kept = true;
}

void
fs_set_destroy(FsSet *set)
{
	fs_set_leave(set);
	if (set->probe != NULL)
		fs_directory_end(set->probe);
	MemoryContextDelete(set->cxt);
	pfree(set);
}

void
fs_set_leave(FsSet *set)
{
	if (set->index != NULL)
	{
		set->bytes_read += fs_indexio_bytes_read(set->index);
		if (set->is_kept)
			fs_indexio_keep(set->index);
	}
	set->is_in = set->is_open = false;
	set->index = NULL;
	MemoryContextReset(set->cxt);
}

bool
fs_set_enter(FsSet *set, const FsItem *chunk, int elevel)
{
	if (set->is_in && set->partition == chunk->partition &&
		set->number == chunk->chunk->index_number)
		return false;
	fs_set_leave(set);
	set->is_in = true;
	set->partition = chunk->partition;
	set->number = chunk->chunk->index_number;
	set->elevel = elevel;
	return true;
}

void
fs_set_rebind(FsSet *set, Relation rel)
{
	set->rel = rel;
	if (set->index != NULL)
		fs_indexio_rebind(set->index, rel);
}

FsDomainSource *
fs_set_domains(FsSet *set)
{
	return &set->front;
}

/* Fetch the INDEX item, which lives until the set is left. */
static bool
fetch_item(FsSet *set, FsItem *item)
{
	MemoryContext old;
	bool		found;

	if (set->is_walk && IsMVCCSnapshot(set->snapshot))
	{
		old = MemoryContextSwitchTo(set->owner);
		if (set->probe == NULL)
			set->probe = fs_directory_begin_probe(set->rel, set->snapshot);
		found = fs_directory_probe(set->probe, set->partition, set->number,
								   item);
		MemoryContextSwitchTo(old);
		return found;
	}
	if (IsMVCCSnapshot(set->snapshot))
		return fs_directory_fetch(set->rel, set->partition, set->number,
								  set->snapshot, item);
	return fs_life_fetch(set->rel, set->partition, set->number, item);
}

FsStoredIndex *
fs_set_index(FsSet *set)
{
	MemoryContext old;
	FsItem		item;
	bool		found;

	if (set->is_open)
		return set->index;
	old = MemoryContextSwitchTo(set->cxt);
	found = fetch_item(set, &item) && item.head->kind == FS_ITEM_INDEX;
	if (found)
		set->index = (set->is_kept ? fs_indexio_reopen : fs_indexio_open)
			(set->rel, item.index->extent, item.index->len, set->cxt,
			 set->elevel);
	else
		ereport(set->elevel,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("invalid directory of flowstore table \"%s\"",
						RelationGetRelationName(set->rel)),
				 errdetail("Partition %u has no INDEX item %u.",
						   set->partition, set->number)));
	MemoryContextSwitchTo(old);
	set->is_open = true;
	return set->index;
}

uint64
fs_set_bytes_read(const FsSet *set)
{
	return set->bytes_read +
		(set->index == NULL ? 0 : fs_indexio_bytes_read(set->index));
}
