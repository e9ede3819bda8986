/*-------------------------------------------------------------------------
 *
 * Partition indexes in their extents.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "store/arena.h"
#include "store/indexio.h"
#include "store/keep.h"

/* what a look-up takes */
#define CONTEXT_SIZE	((Size) 32 * 1024)

struct FsStoredIndex
{
	FsPindexFetch fetch;		/* first: the callback gets its address */
	Relation	rel;
	Oid			relid;
	FsExtent	extent;
	uint32		len;
	int			elevel;
	bool		is_damaged;		/* some was met */
	MemoryContext cxt;			/* of its own, or NULL */
	uint64		bytes_read;
	FsArena		arena;
	FsPindex   *pindex;
};

static bool
fetch_bytes(FsPindexFetch *fetch, uint32 off, uint32 len, uint8 *dst,
			FsFault *fault)
{
	FsStoredIndex *stored = (FsStoredIndex *) fetch;
	bool		was_damaged = stored->is_damaged;

	stored->is_damaged = true;	/* what an error leaves behind is not kept */
	if (!fs_extent_read(stored->rel, stored->extent, off, len, dst,
						stored->elevel))
	{
		strlcpy(fault->reason, "its pages cannot be read",
				sizeof(fault->reason));
		fault->off = off;
		return false;
	}
	stored->is_damaged = was_damaged;
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
	stored->relid = RelationGetRelid(rel);
	stored->extent = extent;
	stored->len = len;
	stored->elevel = elevel;
	fs_arena_init(&stored->arena, cxt);
	stored->pindex = fs_pindex_open(&stored->fetch, len, &stored->arena,
									&fault);
	if (stored->pindex != NULL)
		return stored;
	fs_indexio_fault(stored, &fault);
	return NULL;
}

static void
drop(void *thing)
{
	MemoryContextDelete(((FsStoredIndex *) thing)->cxt);
}

/* Whether the bytes in the extent begin as the index does. */
static bool
has_front(Relation rel, FsExtent extent, const FsStoredIndex *stored)
{
	uint32		len;
	const uint8 *front = fs_pindex_front(stored->pindex, &len);
	uint8	   *bytes = palloc(len);
	bool		is_same = fs_extent_read(rel, extent, 0, len, bytes, DEBUG1) &&
		memcmp(bytes, front, len) == 0;

	pfree(bytes);
	return is_same;
}

/* What is kept of the index in this extent, below cxt, or NULL. */
static FsStoredIndex *
take_kept(Relation rel, FsExtent extent, uint32 len, MemoryContext cxt)
{
	FsKeepKey	key = {RelationGetRelid(rel), extent.first, len};
	FsStoredIndex *stored = fs_keep_take(&key);

	if (stored == NULL)
		return NULL;
	MemoryContextSetParent(stored->cxt, cxt);
	if (has_front(rel, extent, stored))
		return stored;
	drop(stored);
	return NULL;
}

FsStoredIndex *
fs_indexio_reopen(Relation rel, FsExtent extent, uint32 len,
				  MemoryContext cxt, int elevel)
{
	FsStoredIndex *stored = take_kept(rel, extent, len, cxt);
	MemoryContext own;

	if (stored != NULL)
	{
		stored->rel = rel;
		stored->extent = extent;
		stored->elevel = elevel;
		(void) fs_pindex_front(stored->pindex, &len);
		stored->bytes_read = len;
		return stored;
	}
	own = AllocSetContextCreate(cxt, "flowstore partition index",
								CONTEXT_SIZE, CONTEXT_SIZE,
								ALLOCSET_DEFAULT_MAXSIZE);
	stored = fs_indexio_open(rel, extent, len, own, elevel);
	if (stored == NULL)
		MemoryContextDelete(own);
	else
		stored->cxt = own;
	return stored;
}

void
fs_indexio_keep(FsStoredIndex *stored)
{
	FsKeepKey	key = {stored->relid, stored->extent.first, stored->len};

	if (stored->is_damaged)
	{
		drop(stored);
		return;
	}
	MemoryContextSetParent(stored->cxt, TopMemoryContext);
	fs_keep_put(&key, stored, MemoryContextMemAllocated(stored->cxt, true), drop);
}

FsPindex *
fs_indexio_pindex(FsStoredIndex *stored)
{
	return stored->pindex;
}

void
fs_indexio_fault(FsStoredIndex *stored, const FsFault *fault)
{
	stored->is_damaged = true;
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
