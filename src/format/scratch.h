/*-------------------------------------------------------------------------
 *
 * Scratch memory of an encoder, used again for each column.
 *
 * An arena never gives memory back, and a chunk has many columns: scratch
 * comes from slabs that are taken from the arena once and refilled after
 * fs_scratch_reset().  So a chunk needs as much scratch as its worst column.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_SCRATCH_H
#define FS_FORMAT_SCRATCH_H

#include "format/column.h"

typedef struct FsSlab FsSlab;

typedef struct FsScratch
{
	FsArena    *arena;
	FsSlab	   *first;			/* oldest slab */
	FsSlab	   *current;		/* the one that is being filled */
} FsScratch;

extern void fs_scratch_init(FsScratch *scratch, FsArena *arena);

/* Memory aligned to 16, valid until the next reset; never NULL. */
extern void *fs_scratch_alloc(FsScratch *scratch, size_t size);

/* Everything allocated so far is free again. */
extern void fs_scratch_reset(FsScratch *scratch);

#endif							/* FS_FORMAT_SCRATCH_H */
