/*-------------------------------------------------------------------------
 *
 * Chunks in their extents.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "store/arena.h"
#include "store/chunkio.h"
#include "store/keep.h"
#include "store/meta.h"

struct FsStoredChunk
{
	Relation	rel;
	Oid			relid;
	FsExtent	extent;
	FsArena		arena;
	int			elevel;			/* of damage */
	bool		is_damaged;		/* some was met */
	FsPoolMemory *memory;		/* that it is in, while it is kept */
	const uint8 *head_bytes;	/* [head->head_len] */
	FsChunkHead *head;
	FsFetch		fetch;
	FsChunkReader *reader;
	uint64		bytes_read;
};

void
fs_chunkio_fault(FsStoredChunk *chunk, uint16 id, const FsFault *fault)
{
	chunk->is_damaged = true;
	if (fault->reason[0] == '\0')
		return;
	ereport(chunk->elevel,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("invalid %s in flowstore table \"%s\"",
					id == 0 ? "chunk" : "column data",
					RelationGetRelationName(chunk->rel)),
			 id == 0
			 ? errdetail("Chunk at block %u, byte %u: %s.",
						 chunk->extent.first, fault->off, fault->reason)
			 : errdetail("Chunk at block %u, column %d, byte %u: %s.",
						 chunk->extent.first, id, fault->off, fault->reason),
			 errhint("Run flow.check('%s') to list damaged chunks.",
					 RelationGetRelationName(chunk->rel))));
}

/* Report damage of the head. */
static void
head_fault(FsStoredChunk *chunk, const char *reason)
{
	FsFault		fault = {{0}, 0};

	strlcpy(fault.reason, reason, sizeof(fault.reason));
	fs_chunkio_fault(chunk, 0, &fault);
}

/* Bytes off .. off + len of the chunk, or NULL after reporting damage. */
static uint8 *
fetch(FsStoredChunk *chunk, uint32 off, uint32 len)
{
	uint8	   *bytes = chunk->arena.alloc(&chunk->arena, len);

	if (!fs_extent_read(chunk->rel, chunk->extent, off, len, bytes,
						chunk->elevel))
		return NULL;
	chunk->bytes_read += len;
	return bytes;
}

/* Read and parse the head; false after reporting damage. */
static bool
read_head(FsStoredChunk *chunk, uint32 len)
{
	uint32		first_len = Min(len, FS_PAGE_BYTES);
	uint32		head_len;
	uint32		version;
	uint8	   *bytes;
	FsFault		fault = {{0}, 0};

	if (len < FS_CHUNK_PREFIX_LEN)
	{
		head_fault(chunk, "the directory gives an impossible length");
		return false;
	}
	/* the first page usually holds the whole head */
	bytes = fetch(chunk, 0, first_len);
	if (bytes == NULL)
		return false;
	if (!fs_chunk_head_len(bytes, &head_len, &version, &fault))
	{
		/* a later release has told the metapage; anything else is damage */
		if (version > FS_FORMAT_VERSION &&
			version <= fs_meta_version(chunk->rel))
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("flowstore table \"%s\" has format version %u",
							RelationGetRelationName(chunk->rel), version),
					 errdetail("This library reads versions up to %u.",
							   FS_FORMAT_VERSION),
					 errhint("Install a newer release of flowstore.")));
		fs_chunkio_fault(chunk, 0, &fault);
		return false;
	}
	if (head_len > len)
	{
		head_fault(chunk, "the head is longer than the chunk");
		return false;
	}
	if (head_len > first_len)
	{
		bytes = fetch(chunk, 0, head_len);
		if (bytes == NULL)
			return false;
	}
	chunk->head = fs_chunk_head_parse(bytes, head_len, &chunk->arena, &fault);
	if (chunk->head == NULL)
	{
		fs_chunkio_fault(chunk, 0, &fault);
		return false;
	}
	chunk->head_bytes = bytes;
	if (chunk->head->total_len != len)
	{
		head_fault(chunk, "the directory gives another length");
		return false;
	}
	return true;
}

/* FsFetch.get: only room. */
static const uint8 *
get_room(FsFetch *from, uint32 off, uint32 len, FsFault *fault)
{
	FsArena    *arena = &((FsStoredChunk *) from->state)->arena;

	return arena->alloc(arena, len);
}

/* FsFetch.load: extents report damage themselves, so *fault stays empty. */
static bool
load(FsFetch *from, uint32 off, uint32 len, uint8 *dst, FsFault *fault)
{
	FsStoredChunk *chunk = from->state;

	bool		was_damaged = chunk->is_damaged;

	chunk->bytes_read += len;
	chunk->is_damaged = true;	/* what an error leaves behind is not kept */
	if (!fs_extent_read(chunk->rel, chunk->extent, off, len, dst,
						chunk->elevel))
		return false;
	chunk->is_damaged = was_damaged;
	return true;
}

FsStoredChunk *
fs_chunkio_open(Relation rel, FsExtent extent, uint32 len,
				FsDomainSource *domains, FsArena *arena, int elevel)
{
	FsStoredChunk *chunk = arena->alloc(arena, sizeof(FsStoredChunk));

	memset(chunk, 0, sizeof(FsStoredChunk));
	chunk->rel = rel;
	chunk->relid = RelationGetRelid(rel);
	chunk->extent = extent;
	chunk->elevel = elevel;
	chunk->arena = *arena;
	if (!read_head(chunk, len))
		return NULL;
	chunk->fetch.get = get_room;
	chunk->fetch.load = load;
	chunk->fetch.state = chunk;
	chunk->reader = fs_chunkreader_open(chunk->head, &chunk->fetch, domains,
										&chunk->arena);
	return chunk;
}

static void
drop(void *thing)
{
	FsStoredChunk *chunk = thing;

	fs_pool_memory_free(chunk->memory);
}

/* Whether the bytes in the extent begin with the chunk's head. */
static bool
has_head(Relation rel, FsExtent extent, const FsStoredChunk *chunk)
{
	uint32		len = chunk->head->head_len;
	uint8	   *bytes = palloc(len);
	bool		is_same = fs_extent_read(rel, extent, 0, len, bytes, DEBUG1) &&
		memcmp(bytes, chunk->head_bytes, len) == 0;

	pfree(bytes);
	return is_same;
}

/* What is kept of the chunk in this extent, or NULL. */
static FsStoredChunk *
take_kept(Relation rel, FsExtent extent, uint32 len)
{
	FsKeepKey	key = {RelationGetRelid(rel), extent.first, len};
	FsStoredChunk *chunk = fs_keep_take(&key);
	bool		is_same = false;

	if (chunk == NULL)
		return NULL;
	PG_TRY();
	{
		is_same = has_head(rel, extent, chunk);
	}
	PG_FINALLY();
	{
		if (!is_same)
			drop(chunk);
	}
	PG_END_TRY();
	return is_same ? chunk : NULL;
}

FsStoredChunk *
fs_chunkio_reopen(Relation rel, FsExtent extent, uint32 len,
				  FsDomainSource *domains, FsPool *pool, int elevel)
{
	FsStoredChunk *chunk = take_kept(rel, extent, len);
	FsArena		arena;

	fs_arena_init_pool(&arena, pool);
	if (chunk == NULL)
		return fs_chunkio_open(rel, extent, len, domains, &arena, elevel);
	fs_pool_attach(pool, chunk->memory);
	chunk->memory = NULL;
	chunk->rel = rel;
	chunk->extent = extent;
	chunk->arena = arena;
	chunk->elevel = elevel;
	chunk->bytes_read = chunk->head->head_len;
	fs_chunkreader_rebind(chunk->reader, domains);
	return chunk;
}

void
fs_chunkio_keep(FsStoredChunk *chunk, FsPool *pool)
{
	FsKeepKey	key = {chunk->relid, chunk->extent.first, chunk->head->total_len};

	if (chunk->is_damaged)
	{
		fs_pool_empty(pool);
		return;
	}
	fs_chunkreader_rebind(chunk->reader, NULL);
	chunk->memory = fs_pool_detach(pool);
	fs_keep_put(&key, chunk, fs_pool_memory_size(chunk->memory), drop);
}

const FsChunkHead *
fs_chunkio_head(const FsStoredChunk *chunk)
{
	return chunk->head;
}

FsColumnReader *
fs_chunkio_column(FsStoredChunk *chunk, uint16 id)
{
	FsFault		fault = {{0}, 0};
	FsColumnReader *reader = fs_chunkreader_column(chunk->reader, id, &fault);

	if (reader == NULL)
		fs_chunkio_fault(chunk, id, &fault);
	return reader;
}

void
fs_chunkio_rebind(FsStoredChunk *chunk, Relation rel)
{
	chunk->rel = rel;
}

uint64
fs_chunkio_bytes_read(const FsStoredChunk *chunk)
{
	return chunk->bytes_read;
}
