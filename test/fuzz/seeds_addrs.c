/*-------------------------------------------------------------------------
 *
 * Writes sets of addresses and prefix maps as inputs: seeds_addrs IPSET_DIR
 * PREFIXMAP_DIR
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "format/ipset.h"
#include "format/prefixmap.h"

/* What is asked for comes first, as many bytes as the target takes. */
static void
write_file(const char *dir, int n, int asked_len, const uint8 *bytes, size_t len)
{
	static const uint8 asked[16] = {3, 0, 0, 10, 5, 0, 0, 10};
	char		path[1024];
	FILE	   *file;

	snprintf(path, sizeof(path), "%s/%d", dir, n);
	file = fopen(path, "wb");
	if (!file || fwrite(asked, 1, asked_len, file) != asked_len ||
		fwrite(bytes, 1, len, file) != len || fclose(file) != 0)
		exit(1);
}

/* n ranges of some addresses, so many apart: arrays, runs, bitmaps, whole blocks. */
static void
write_set(const char *dir, int n, uint32 nranges, uint32 len, uint32 apart)
{
	static FsIpRange v4[5000];
	FsIpRange	v6[2] = {{{1, 0}, {1, 9}}, {{2, 0}, {3, 0}}};
	static uint8 bytes[1024 * 1024];

	for (uint32 i = 0; i < nranges; i++)
	{
		v4[i].first = (FsIp) {0, 0x0a000000 + (uint64) i * apart};
		v4[i].last = (FsIp) {0, v4[i].first.lo + len - 1};
	}
	fs_ipset_encode(v4, nranges, v6, n % 3, bytes);
	write_file(dir, n, 8, bytes, fs_ipset_len(v4, nranges, n % 3));
}

static void
write_map(const char *dir, int n, uint32 nnets)
{
	static FsPrefix nets[2][300];
	static uint8 bytes[64 * 1024];
	static const uint32 ends[3] = {1, 4, 6};
	FsPrefixSource source = {{nets[0], nets[1]}, {nnets, nnets / 10}, 3, ends, "ab\0c23"};

	for (uint32 i = 0; i < nnets; i++)
	{
		nets[0][i] = (FsPrefix) {{0, 0x0a000000 + i / 2 * 512}, i % 3, i, i % 2 == 0 ? 24 : 25};
		nets[1][i] = (FsPrefix) {{i, 0}, i % 3, i, 64};
	}
	fs_prefixmap_encode(&source, bytes);
	write_file(dir, n, sizeof(FsIp), bytes, fs_prefixmap_len(&source));
}

int
main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	write_set(argv[1], 0, 0, 1, 1);
	write_set(argv[1], 1, 100, 1, 1000);
	write_set(argv[1], 2, 100, 100, 70000);
	write_set(argv[1], 3, 5000, 2, 4);
	write_set(argv[1], 4, 3, 200000, 300000);
	write_map(argv[2], 0, 0);
	write_map(argv[2], 1, 20);
	write_map(argv[2], 2, 300);
	return 0;
}
