/*-------------------------------------------------------------------------
 *
 * The partition index that is kept in test/golden: each form of each part.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_TEST_PINDEX_GOLDEN_H
#define FS_TEST_PINDEX_GOLDEN_H

#include "format/pindex_write.h"
#include "pindex_leaves.h"
#include "tap.h"

#define GOLDEN_ADDRS	400
#define GOLDEN_STRINGS	60
#define GOLDEN_KEYS		300
#define GOLDEN_ROWS		(3 * 65536 + 70000 / 2)
#define GOLDEN_VECTORS	((GOLDEN_ROWS - 1) / 1024 + 1)

static inline void
pindex_golden_domains(FsPindexWriter *writer, uint64 *random, FsArena *arena)
{
	static const uint16 cols[] = {2, 5, 9};
	static FsAddrNumber addrs[GOLDEN_ADDRS];
	static uint64 as[GOLDEN_ADDRS];
	static const uint64 *const attributes[] = {as};
	static const uint8 *ptrs[GOLDEN_STRINGS];
	static uint32 lens[GOLDEN_STRINGS];
	FsPindexDomainInput in = {1, FS_KIND_ADDR, GOLDEN_ADDRS, addrs, NULL, NULL, cols, 2, attributes, 1};
	uint32		i;

	for (i = 0; i < GOLDEN_ADDRS; i++)
	{
		addrs[i].family = i < 300 ? 4 : 6;
		addrs[i].hi = i < 300 ? 0 : UINT64CONST(0x20010db800000000) + i / 50;
		addrs[i].lo = i < 300 ? 0x0a000000 + i * (i < 200 ? 1 : 1000) :
			((uint64) i << 32) + tap_below(random, 1 << 20);
		addrs[i].bits = i < 300 ? 32 : 128;
		if (i > 280 && i < 320)
			addrs[i].bits -= 8;
		as[i] = 64512 + i / 7 * 3;
	}
	fs_pindex_write_domain(writer, &in);
	for (i = 0; i < GOLDEN_STRINGS; i++)
	{
		char	   *s = arena->alloc(arena, 3000);

		memset(s, 'a' + i / 3, 3000);
		lens[i] = i == 0 ? 0 : 100 + i % 3 * 1400;
		ptrs[i] = (const uint8 *) s;
	}
	in.number = 2;
	in.kind = FS_KIND_BYTES;
	in.size = GOLDEN_STRINGS;
	in.addrs = NULL;
	in.ptrs = ptrs;
	in.lens = lens;
	in.cols = cols + 2;
	in.ncols = 1;
	in.nattributes = 0;
	fs_pindex_write_domain(writer, &in);
}

/* Lists of all forms: none, a few, rising, runs, bitmaps, all. */
static inline void
pindex_golden_group(FsPindexWriter *writer, FsPindexGroupInput *in,
					uint64 *random)
{
	static uint32 starts[GOLDEN_ADDRS + 1];
	static uint16 vectors[GOLDEN_ADDRS * GOLDEN_VECTORS];
	uint32		at = 0;
	uint32		i;
	uint32		v;

	for (i = 0; i < in->size; i++)
	{
		uint32		step = i % 50 == 0 ? 1 : i % 50 == 1 ? 2 : i % 50 < 9 ? 12 : 100;

		starts[i] = at;
		for (v = 0; v < GOLDEN_VECTORS; v++)
			if (i % 10 == 3 ? v % 64 > 20 : i % 10 != 4 && tap_below(random, step) == 0)
				vectors[at++] = v;
	}
	starts[i] = at;
	in->starts = starts;
	in->vectors = vectors;
	fs_pindex_write_group(writer, in);
}

static inline uint8 *
pindex_golden(FsArena *arena, uint32 *len)
{
	static const uint16 cols[] = {2, 5, 7, 9, 11, 13};
	static int64 keys[GOLDEN_KEYS];
	static int64 many[GOLDEN_MANY];
	FsPindexWriter *writer = fs_pindex_write_begin(GOLDEN_ROWS, arena);
	FsPindexGroupInput addrs = {FS_KIND_ADDR, 1, GOLDEN_ADDRS, NULL, NULL, NULL, cols, 2, 1 << 20};
	FsPindexGroupInput ints = {FS_KIND_INT, FS_DOMAIN_NONE, GOLDEN_KEYS, keys, NULL, NULL, cols + 2, 1, 2800};
	FsPindexGroupInput strings = {FS_KIND_BYTES, 2, GOLDEN_STRINGS, NULL, NULL, NULL, cols + 3, 1, 1 << 20};
	FsPindexGroupInput many_addrs = {FS_KIND_ADDR, 3, GOLDEN_MANY, NULL, NULL, NULL, cols + 4, 1, 1 << 20};
	FsPindexGroupInput many_ints = {FS_KIND_INT, FS_DOMAIN_NONE, GOLDEN_MANY, many, NULL, NULL, cols + 5, 1, 1 << 20};
	uint64		random = 11;
	uint32		i;

	for (i = 0; i < GOLDEN_KEYS; i++)
		keys[i] = (int64) i * 5 - 700 + (i > 250 ? (int64) i << 40 : 0);
	for (i = 0; i < GOLDEN_MANY; i++)
		many[i] = (int64) i * 7;
	pindex_golden_domains(writer, &random, arena);
	pindex_golden_leaves(writer, arena);
	pindex_golden_group(writer, &addrs, &random);
	pindex_golden_group(writer, &ints, &random);
	pindex_golden_group(writer, &strings, &random);
	pindex_golden_many(writer, &many_addrs);
	pindex_golden_many(writer, &many_ints);
	return fs_pindex_write_end(writer, len);
}

#endif							/* FS_TEST_PINDEX_GOLDEN_H */
