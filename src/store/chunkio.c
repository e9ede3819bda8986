/*-------------------------------------------------------------------------
 *
 * Chunks in their extents.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "store/arena.h"
#include "store/chunkio.h"
#include "store/meta.h"

struct FsStoredChunk
{
	Relation	rel;
	FsExtent	extent;
	FsArena		arena;
	int			elevel;			/* of damage */
	FsChunkHead *head;
	FsFetch		fetch;
	FsChunkReader *reader;
	uint64		bytes_read;
};

void
fs_chunkio_fault(const FsStoredChunk *chunk, uint16 id, const FsFault *fault)
{
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
head_fault(const FsStoredChunk *chunk, const char *reason)
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

	chunk->bytes_read += len;
	return fs_extent_read(chunk->rel, chunk->extent, off, len, dst,
						  chunk->elevel);
}

FsStoredChunk *
fs_chunkio_open(Relation rel, FsExtent extent, uint32 len,
				FsDomainSource *domains, FsArena *arena, int elevel)
{
	FsStoredChunk *chunk = arena->alloc(arena, sizeof(FsStoredChunk));

	memset(chunk, 0, sizeof(FsStoredChunk));
	chunk->rel = rel;
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
