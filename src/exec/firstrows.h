/*-------------------------------------------------------------------------
 *
 * The first n of many rows, by their places.
 *
 * Memory: 16 bytes for each row that is kept, of which there are max at most.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_FIRSTROWS_H
#define FS_EXEC_FIRSTROWS_H

#include "postgres.h"

#include "exec/ordering.h"

typedef struct FsFirstRows
{
	MemoryContext cxt;
	uint32		max;
	uint32		n;
	uint32		cap;
	FsOrderPlace    *places;			/* [n]: a heap, the last one at its root, until
								 * they are sorted */
} FsFirstRows;

/* Allocates in the current memory context. */
extern void fs_firstrows_init(FsFirstRows *rows);

/* Forget all rows; keep up to max from now on, at least 1. */
extern void fs_firstrows_reset(FsFirstRows *rows, uint32 max);

/* The last of the rows if there are max, else NULL: none may be left out. */
static inline const FsOrderPlace *
fs_firstrows_last(const FsFirstRows *rows)
{
	return rows->n == rows->max ? &rows->places[0] : NULL;
}

/* Keep a row, unless there are max before it. */
extern void fs_firstrows_add(FsFirstRows *rows, const FsOrderPlace *place);

/* Put the rows in order; none may be added then. */
extern void fs_firstrows_sort(FsFirstRows *rows);

#endif							/* FS_EXEC_FIRSTROWS_H */
