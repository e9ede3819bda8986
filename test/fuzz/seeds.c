/*-------------------------------------------------------------------------
 *
 * Turns golden files into inputs: seeds HEAD_DIR COLUMN_DIR CHUNK_DIR FILE...
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/chunk.h"
#include "format/enc.h"
#include "format/little.h"
#include "tap.h"

static void
write_file(const char *dir, int n, const uint8 *a, size_t alen,
		   const uint8 *b, size_t blen)
{
	char		path[1024];
	FILE	   *file;

	snprintf(path, sizeof(path), "%s/%d", dir, n);
	file = fopen(path, "wb");
	if (!file || fwrite(a, 1, alen, file) != alen ||
		fwrite(b, 1, blen, file) != blen || fclose(file) != 0)
		exit(1);
}

static void
write_seeds(char **argv, int n, const uint8 *bytes)
{
	FsArena    *arena = tap_arena();
	FsFault		fault;
	FsChunkHead *head;
	FsColumnMeta *meta;
	uint8		fixed[24];
	uint32		head_len;
	uint32		version;

	if (!fs_chunk_head_len(bytes, &head_len, &version, &fault) ||
		!(head = fs_chunk_head_parse(bytes, head_len, arena, &fault)))
		exit(1);
	meta = &head->cols[0];
	fixed[0] = meta->kind;
	fixed[1] = meta->order;
	fixed[2] = meta->encoding;
	fixed[3] = meta->zone.has_bounds;
	fs_little_put16(fixed + 4, head->nrows - 1);
	fs_little_put16(fixed + 6, meta->zone.nulls);
	fs_little_put64(fixed + 8, meta->zone.imin);
	fs_little_put64(fixed + 16, meta->zone.imax);
	write_file(argv[1], n, bytes, head_len, bytes, 0);
	if (meta->place == FS_PLACE_ROWS && meta->encoding != FS_ENC_DOMAIN)
		write_file(argv[2], n, fixed, sizeof(fixed), bytes + meta->off, meta->len);
	write_file(argv[3], n, bytes, head->total_len, bytes, 0);
	tap_arena_free(arena);
}

int
main(int argc, char **argv)
{
	static uint8 bytes[1024 * 1024];
	int			i;

	for (i = 4; i < argc; i++)
	{
		FILE	   *file = fopen(argv[i], "rb");

		if (!file || fread(bytes, 1, sizeof(bytes), file) < FS_CHUNK_PREFIX_LEN)
			return 1;
		fclose(file);
		write_seeds(argv, i, bytes);
	}
	return 0;
}
