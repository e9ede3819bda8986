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

/* Write a file unless it is there; gives false if that fails. */
static bool
write_file(const char *dir, const char *name, const uint8 *bytes, uint32 len)
{
	char		path[1024];
	FILE	   *file;

	snprintf(path, sizeof(path), "%s/%s.bin", dir, name);
	file = fopen(path, "wbx");
	if (!file)
		return true;
	printf("%s: %u bytes\n", path, len);
	return fwrite(bytes, 1, len, file) == len && fclose(file) == 0;
}

static bool
write_sample(const char *dir, const Golden *golden)
{
	FsArena    *arena = tap_arena();
	Sample		sample = sample_make(golden->kind, golden->order, golden->rule,
									 golden->nrows, golden->null_one_in, arena);
	uint32		len;
	uint8	   *bytes = fs_chunk_encode(&sample.spec, &sample.values, 1,
										golden->nrows, arena, &len);
	bool		is_ok = write_file(dir, golden->name, bytes, len);

	tap_arena_free(arena);
	return is_ok;
}

static bool
write_convs(const char *dir, const GoldenConvs *golden)
{
	FsArena    *arena = tap_arena();
	FsFault		fault;
	MemDomains	domains;
	Convs	   *convs;
	uint32		len;
	uint8	   *bytes;
	bool		is_ok;

	convs_domains(&domains, arena);
	convs = convs_make(golden->rule, golden->nrows, &domains, arena);
	bytes = fs_chunk_encode_clustered(&convs->in, arena, &len, &fault);
	is_ok = bytes && write_file(dir, golden->name, bytes, len);
	tap_arena_free(arena);
	return is_ok;
}

int
main(int argc, char **argv)
{
	int			i;

	if (argc != 2)
		return 2;
	for (i = 0; i < lengthof(goldens); i++)
		if (!write_sample(argv[1], &goldens[i]))
			return 1;
	for (i = 0; i < lengthof(golden_convs); i++)
		if (!write_convs(argv[1], &golden_convs[i]))
			return 1;
	return 0;
}
