/*-------------------------------------------------------------------------
 *
 * Any bytes as the head of a chunk.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/chunk.h"
#include "tap.h"

extern int	LLVMFuzzerTestOneInput(const uint8 *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	FsArena    *arena = tap_arena();
	FsFault		fault;
	uint32		head_len;
	uint32		version;

	if (size >= FS_CHUNK_PREFIX_LEN &&
		fs_chunk_head_len(data, &head_len, &version, &fault) && head_len <= size)
	{
		FsChunkHead *head = fs_chunk_head_parse(data, head_len, arena, &fault);
		uint32		i;

		for (i = 0; head && i < head->ncols; i++)
			if (fs_chunk_column(head, head->cols[i].id) != &head->cols[i] ||
				head->cols[i].off + head->cols[i].len > head->total_len)
				abort();
	}
	tap_arena_free(arena);
	return 0;
}
