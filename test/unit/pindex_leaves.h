/*-------------------------------------------------------------------------
 *
 * Parts of the golden partition index that have leaves.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_TEST_PINDEX_LEAVES_H
#define FS_TEST_PINDEX_LEAVES_H

#include "format/pindex_write.h"

#define GOLDEN_MANY		8400	/* values that take leaves */
#define GOLDEN_LONG		66		/* strings of a block each, that take leaves */
#define GOLDEN_LONG_LEN	33000

/* Domains whose blocks have leaves. */
static inline void
pindex_golden_leaves(FsPindexWriter *writer, FsArena *arena)
{
	static const uint16 cols[] = {11, 12};
	static FsAddrNumber addrs[GOLDEN_MANY];
	static const uint8 *ptrs[GOLDEN_LONG];
	static uint32 lens[GOLDEN_LONG];
	FsPindexDomainInput in = {3, FS_KIND_ADDR, GOLDEN_MANY, addrs, NULL, NULL, cols, 1, NULL, 0};
	uint32		i;

	for (i = 0; i < GOLDEN_MANY; i++)
	{
		addrs[i].family = i < 8300 ? 4 : 6;
		addrs[i].hi = i < 8300 ? 0 : UINT64CONST(0x20010db800000000);
		addrs[i].lo = i < 8300 ? 0xc0000000 + i * 3 : i;
		addrs[i].bits = i < 8300 ? 32 : 128;
	}
	fs_pindex_write_domain(writer, &in);
	for (i = 0; i < GOLDEN_LONG; i++)
	{
		char	   *s = arena->alloc(arena, GOLDEN_LONG_LEN);

		memset(s, '0' + i, GOLDEN_LONG_LEN);
		lens[i] = GOLDEN_LONG_LEN;
		ptrs[i] = (const uint8 *) s;
	}
	in.number = 4;
	in.kind = FS_KIND_BYTES;
	in.size = GOLDEN_LONG;
	in.addrs = NULL;
	in.ptrs = ptrs;
	in.lens = lens;
	in.cols = cols + 1;
	fs_pindex_write_domain(writer, &in);
}

/* Lists of one vector, neighbours in the same. */
static inline void
pindex_golden_many(FsPindexWriter *writer, FsPindexGroupInput *in)
{
	static uint32 starts[GOLDEN_MANY + 1];
	static uint16 vectors[GOLDEN_MANY];
	uint32		i;

	for (i = 0; i <= in->size; i++)
		starts[i] = i;
	for (i = 0; i < in->size; i++)
		vectors[i] = i / 100;
	in->starts = starts;
	in->vectors = vectors;
	fs_pindex_write_group(writer, in);
}

#endif							/* FS_TEST_PINDEX_LEAVES_H */
