/*-------------------------------------------------------------------------
 *
 * Groups by code: those of one chunk, where the key is a column with a
 * dictionary.
 *
 * A row finds its group by its code, with no table of ids in between, and the
 * accumulators of a chunk's groups stay in the cache.  They are merged into
 * those of all groups when the scan has left the chunk.  This pays if there
 * are as many rows as codes, or nearly.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_GROUP_BYCODE_H
#define FS_GROUP_BYCODE_H

#include "postgres.h"

#include "group/accumulator.h"
#include "group/key.h"

typedef struct FsByCode
{
	FsKey	   *key;
	int			naggs;
	FsAccumulator **accs;		/* [naggs] that can be merged, for this alone */
	FsAllocator *allocator;
	uint64		visit;			/* the chunk that was judged; 0: none */
	bool		is_on;			/* its rows are added by code */
	bool		is_lazy;		/* only codes that rows have get ids */
	const uint32 *ids;			/* [ncodes] of the key */
	uint32		ncodes;
	uint32		n;				/* groups: codes, and one of NULL */
	bool		has_rows;		/* that were not taken */
	uint32		next;			/* to be taken */
	uint8	   *has;			/* [n] a row has it */
	uint32		has_cap;
} FsByCode;

/* The caller fills accs.  In the current memory context. */
extern FsByCode *fs_bycode_create(FsKey *key, int naggs,
								  FsAllocator *allocator);

/* Is the scan still in the chunk that was judged? */
extern bool fs_bycode_is_at(const FsByCode *by, FsScan *scan);

/*
 * Add rows; those of another chunk must have been taken.  False: not these,
 * which then are to be added row by row, since there are too few of them, or
 * room is too little for the groups of a chunk that is entered.  Rows of
 * a vector with a damaged column are left out, which was reported.
 */
extern bool fs_bycode_add(FsByCode *by, const FsGroupRows *rows,
						  const FsBits *bits, Size room);

/*
 * The next groups, FS_VECTOR_ROWS at most: from[], groups of accs, are groups
 * to[] of the key's.  Returns how many; 0: there are none any more.
 */
extern uint32 fs_bycode_take(FsByCode *by, uint32 *from, uint32 *to);

/* Forget all. */
extern void fs_bycode_reset(FsByCode *by);

/* Memory in use. */
extern Size fs_bycode_bytes(const FsByCode *by);

#endif							/* FS_GROUP_BYCODE_H */
