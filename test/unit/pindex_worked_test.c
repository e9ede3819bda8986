/*-------------------------------------------------------------------------
 *
 * The example of format/README.md, section 7, byte by byte; the golden file.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include <zstd.h>

#include "format/pindex_write.h"
#include "memory_fetch.h"
#include "pindex_golden.h"
#include "tap.h"

static const uint8 example[] = {
	0x46, 0x53, 0x50, 0x58, 0x01, 0x00, 0x00, 0x00, 0x5c, 0x00, 0x00, 0x00, 0x8e, 0x00, 0x00, 0x00,
	0xb8, 0x0b, 0x00, 0x00, 0x01, 0x00, 0x01, 0x00, 0x1a, 0x39, 0xf5, 0xdb, 0x00, 0x00, 0x00, 0x00,
	0x01, 0x00, 0x02, 0x00, 0x02, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00,
	0x13, 0x00, 0x00, 0x00, 0x88, 0x0c, 0xea, 0x71, 0x0c, 0x00, 0x00, 0x00, 0x06, 0x00, 0x07, 0x00,
	0x02, 0x00, 0x01, 0x00, 0x02, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x09, 0x00, 0x00, 0x00,
	0x7f, 0x40, 0x98, 0x9f, 0x0a, 0x00, 0x00, 0x00, 0x06, 0x00, 0x07, 0x00, 0x00, 0x01, 0x01, 0x00,
	0x00, 0x0a, 0x00, 0x00, 0x00, 0x00, 0x01, 0x0c, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01,
	0x0a, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0x00, 0x00, 0x00, 0x88, 0x7f, 0x01,
	0x3a, 0x9b, 0x04, 0xe8, 0x03, 0x59, 0x00, 0x00, 0x00, 0x3c, 0x71, 0x5e, 0x33, 0x5b
};

static void
test_example(void)
{
	static const FsAddrNumber addrs[] = {
		{0, 0x0a000001, 4, 32}, {0, 0x0a000009, 4, 32}, {0, 0x0a000100, 4, 32}
	};
	static const uint16 cols[] = {6, 7};
	static const uint32 starts[] = {0, 1, 4, 5};
	static const uint16 vectors[] = {0, 0, 1, 2, 1};
	FsPindexDomainInput domain = {1, FS_KIND_ADDR, 3, addrs, NULL, NULL, cols, 2, NULL, 0};
	FsPindexGroupInput group = {FS_KIND_ADDR, 1, 3, NULL, starts, vectors, cols, 2, 1000};
	FsArena    *arena = tap_arena();
	FsPindexWriter *writer = fs_pindex_write_begin(3000, arena);
	uint8	   *bytes;
	uint32		len;

	fs_pindex_write_domain(writer, &domain);
	ok(fs_pindex_write_group(writer, &group), "a group");
	bytes = fs_pindex_write_end(writer, &len);
	ok_bytes(bytes, len, example, sizeof(example), "an index of three addresses");
	tap_arena_free(arena);
}

/* What a released version wrote is read, and written the same. */
static void
test_golden(const char *path)
{
	FsArena    *arena = tap_arena();
	uint8	   *kept = arena->alloc(arena, 1024 * 1024);
	uint32		kept_len = 0;
	uint32		len;
	uint8	   *bytes = pindex_golden(arena, &len);
	FILE	   *file = fopen(path, "rb");
	MemoryFetch fetch;
	FsPindex   *index;
	FsFault		fault = {"", 0};

	if (file)
	{
		kept_len = fread(kept, 1, 1024 * 1024, file);
		fclose(file);
	}
	fetch = memory_fetch(kept, kept_len);
	index = fs_pindex_open(&fetch.fetch, kept_len, arena, &fault);
	ok(index && fs_pindex_check(index, &fault), "the golden file is read %s", fault.reason);
	if (ZSTD_versionNumber() != 10504)
		ok(true, "it is written the same # SKIP zstd is %u", ZSTD_versionNumber());
	else
		ok(len == kept_len && memcmp(kept, bytes, len) == 0, "it is written the same");
	tap_arena_free(arena);
}

int
main(int argc, char **argv)
{
	if (argc == 3)				/* write it, unless it is there: write PATH */
	{
		FsArena    *arena = tap_arena();
		uint32		len;
		uint8	   *bytes = pindex_golden(arena, &len);
		FILE	   *file = fopen(argv[2], "wbx");

		return !file || fwrite(bytes, 1, len, file) != len || fclose(file) != 0;
	}
	test_example();
	test_golden("../golden/v1/pindex/all_forms.bin");
	return tap_done();
}
