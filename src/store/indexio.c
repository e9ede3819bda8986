/*-------------------------------------------------------------------------
 *
 * Partition indexes in their extents.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "store/arena.h"
#include "store/indexio.h"

struct FsStoredIndex
{
	FsPindexFetch fetch;		/* first: the callback gets its address */
	Relation	rel;
	FsExtent	extent;
	int			elevel;
	uint64		bytes_read;
	FsArena		arena;
	FsPindex   *pindex;
};

static bool
fetch_bytes(FsPindexFetch *fetch, uint32 off, uint32 len, uint8 *dst,
			FsFault *fault)
{
	FsStoredIndex *stored = (FsStoredIndex *) fetch;

	if (!fs_extent_read(stored->rel, stored->extent, off, len, dst,
						stored->elevel))
	{
		strlcpy(fault->reason, "its pages cannot be read",
				sizeof(fault->reason));
		fault->off = off;
		return false;
	}
	stored->bytes_read += len;
	return true;
}

FsStoredIndex *
fs_indexio_open(Relation rel, FsExtent extent, uint32 len, MemoryContext cxt,
				int elevel)
{
	FsStoredIndex *stored = MemoryContextAllocZero(cxt, sizeof(FsStoredIndex));
	FsFault		fault = {{0}, 0};

	stored->fetch.fetch = fetch_bytes;
	stored->rel = rel;
	stored->extent = extent;
	stored->elevel = elevel;
	fs_arena_init(&stored->arena, cxt);
	stored->pindex = fs_pindex_open(&stored->fetch, len, &stored->arena,
									&fault);
	if (stored->pindex != NULL)
		return stored;
	fs_indexio_fault(stored, &fault);
	return NULL;
}

FsPindex *
fs_indexio_pindex(FsStoredIndex *stored)
{
	return stored->pindex;
}

void
fs_indexio_fault(const FsStoredIndex *stored, const FsFault *fault)
{
	ereport(stored->elevel,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("invalid partition index in flowstore table \"%s\"",
					RelationGetRelationName(stored->rel)),
			 errdetail("Index in block %u, byte %u: %s.",
					   stored->extent.first, fault->off, fault->reason),
			 errhint("Run flow.check() to list damaged chunks.")));
}

void
fs_indexio_rebind(FsStoredIndex *stored, Relation rel)
{
	stored->rel = rel;
}

uint64
fs_indexio_bytes_read(const FsStoredIndex *stored)
{
	return stored->bytes_read;
}
