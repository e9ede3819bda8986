/*-------------------------------------------------------------------------
 *
 * Writes the golden files that are missing: golden_write DIRECTORY
 *
 * A file that exists is never touched: what a released version wrote stays.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "golden.h"
#include "tap.h"

int
main(int argc, char **argv)
{
	int			i;

	for (i = 0; argc == 2 && i < lengthof(goldens); i++)
	{
		const Golden *golden = &goldens[i];
		FsArena    *arena = tap_arena();
		Sample		sample = sample_make(golden->kind, golden->order, golden->rule,
										 golden->nrows, golden->null_one_in, arena);
		char		path[1024];
		uint32		len;
		uint8	   *bytes = fs_chunk_encode(&sample.spec, &sample.values, 1,
											golden->nrows, arena, &len);
		FILE	   *file;

		snprintf(path, sizeof(path), "%s/%s.bin", argv[1], golden->name);
		file = fopen(path, "wbx");
		if (file)
		{
			if (fwrite(bytes, 1, len, file) != len || fclose(file) != 0)
				return 1;
			printf("%s: %u bytes\n", path, len);
		}
		tap_arena_free(arena);
	}
	return argc == 2 ? 0 : 2;
}
