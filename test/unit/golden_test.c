/*-------------------------------------------------------------------------
 *
 * What earlier versions wrote is read today, and written the same today.
 *
 * Without this test a change of format could pass unnoticed.  Files are in
 * ../golden/v1, or in the directory given as argument.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include <zstd.h>

#include "format/roundtrip.h"
#include "golden.h"
#include "tap.h"

/* the library that compressed the golden files: 1.5.4 */
#define ZSTD_GOLDEN		10504

static uint8 *
read_file(const char *dir, const char *name, FsArena *arena, uint32 *len)
{
	char		path[1024];
	uint8	   *bytes = arena->alloc(arena, 1024 * 1024);
	FILE	   *file;

	snprintf(path, sizeof(path), "%s/%s.bin", dir, name);
	file = fopen(path, "rb");
	if (!file)
		return NULL;
	*len = fread(bytes, 1, 1024 * 1024, file);
	fclose(file);
	return bytes;
}

static void
check(const char *dir, const Golden *golden)
{
	FsArena    *arena = tap_arena();
	Sample		sample = sample_make(golden->kind, golden->order, golden->rule,
									 golden->nrows, golden->null_one_in, arena);
	FsChunkInput in = {&sample.spec, &sample.values, 1, golden->nrows, NULL, NULL};
	FsFault		fault = {"", 0};
	uint32		kept_len = 0;
	uint32		len;
	uint8	   *kept = read_file(dir, golden->name, arena, &kept_len);
	uint8	   *bytes = fs_chunk_encode(&sample.spec, &sample.values, 1,
										golden->nrows, arena, &len);

	ok(kept && kept_len >= FS_CHUNK_PREFIX_LEN &&
	   fs_roundtrip_check(&in, kept, kept_len, arena, &fault),
	   "%s is read%s%s", golden->name, fault.reason[0] ? ": " : "", fault.reason);
	if (golden->has_zstd && ZSTD_versionNumber() != ZSTD_GOLDEN)
		ok(true, "%s is written the same # SKIP zstd is %u", golden->name,
		   ZSTD_versionNumber());
	else
		ok(kept && len == kept_len && memcmp(kept, bytes, len) == 0,
		   "%s is written the same", golden->name);
	tap_arena_free(arena);
}

static void
check_convs(const char *dir, const GoldenConvs *golden)
{
	FsArena    *arena = tap_arena();
	FsFault		fault = {"", 0};
	MemDomains	domains;
	Convs	   *convs;
	uint32		kept_len = 0;
	uint32		len;
	uint8	   *kept = read_file(dir, golden->name, arena, &kept_len);
	uint8	   *bytes;

	convs_domains(&domains, arena);
	convs = convs_make(golden->rule, golden->nrows, &domains, arena);
	bytes = fs_chunk_encode_clustered(&convs->in, arena, &len, &fault);
	ok(kept && kept_len >= FS_CHUNK_PREFIX_LEN &&
	   fs_roundtrip_check(&convs->in, kept, kept_len, arena, &fault),
	   "%s is read%s%s", golden->name, fault.reason[0] ? ": " : "", fault.reason);
	ok(kept && bytes && len == kept_len && memcmp(kept, bytes, len) == 0,
	   "%s is written the same", golden->name);
	tap_arena_free(arena);
}

int
main(int argc, char **argv)
{
	int			i;

	for (i = 0; i < lengthof(goldens); i++)
		check(argc > 1 ? argv[1] : "../golden/v1", &goldens[i]);
	for (i = 0; i < lengthof(golden_convs); i++)
		check_convs(argc > 1 ? argv[1] : "../golden/v1", &golden_convs[i]);
	return tap_done();
}
