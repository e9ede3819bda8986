/*-------------------------------------------------------------------------
 *
 * How many distinct values there are, about: a sketch of their hashes.
 *
 * It depends on the set of hashes only, not on their order or how often each
 * came, and so do its bytes; merging gives the sketch of the union.
 *
 *		up to FS_HLL_MAX_TOKENS		each is remembered: exact, but for two
 *									hashes with the same 32 bits that count
 *		beyond						FS_HLL_REGISTERS registers
 *
 * The standard error is 0.76 / sqrt(FS_HLL_REGISTERS) = 0.95 %: two of three
 * estimates are nearer than that, 997 of 1,000 nearer than 2.9 %.  Encoded,
 * random hashes take at most FS_HLL_MAX_BYTES less the length word of a value
 * of PostgreSQL; chosen ones at most FS_HLL_WORST_BYTES.  In memory it takes
 * 4 or 8 bytes a token, then FS_HLL_REGISTERS bytes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_VECTOR_HLL_H
#define FS_VECTOR_HLL_H

#include "vector/allocator.h"

#define FS_HLL_REGISTERS	6464
#define FS_HLL_MAX_TOKENS	768
#define FS_HLL_MAX_BYTES	4096
#define FS_HLL_WORST_BYTES	(2 + FS_HLL_REGISTERS)

typedef struct FsHll
{
	FsMemory	memory;
	uint32		ntokens;
	uint32		cap;			/* slots, a power of two or 0 */
	uint32	   *slots;			/* [cap] tokens, 0: free */
	uint8	   *registers;		/* [FS_HLL_REGISTERS]; NULL: there are tokens */
} FsHll;

/* An empty sketch; takes no memory yet. */
extern void fs_hll_init(FsHll *hll, FsAllocator *allocator);
extern void fs_hll_release(FsHll *hll);

extern void fs_hll_add(FsHll *hll, uint64 hash);
extern void fs_hll_merge(FsHll *dst, const FsHll *src);

/* 0 if it is empty; finite. */
extern double fs_hll_estimate(const FsHll *hll);

/* Write it to out[>= FS_HLL_WORST_BYTES]; gives the length. */
extern uint32 fs_hll_encode(const FsHll *hll, uint8 *out);

/*
 * Read what encode wrote into an empty sketch.  False if nothing wrote that,
 * with the reason; the sketch may be released then, not used.
 */
extern bool fs_hll_decode(FsHll *hll, const uint8 *in, uint32 len,
						  const char **reason)
			__attribute__((warn_unused_result));

#endif							/* FS_VECTOR_HLL_H */
