/*-------------------------------------------------------------------------
 *
 * A FlowScan that a node above drives vector by vector.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_BATCH_H
#define FS_EXEC_BATCH_H

#include "postgres.h"

#include "nodes/execnodes.h"

#include "am/scanvalue.h"
#include "vector/bits.h"

/* The rows of a vector that passed the filter, at least one. */
typedef struct FsBatch
{
	FsScan	   *scan;			/* at the vector */
	const uint16 *rows;			/* [n] */
	uint32		n;
	bool		is_all;			/* they are all rows of the vector */
	const FsBits *bits;			/* the same rows */
} FsBatch;

/* Make the FlowScan give vectors only; before its first row. */
extern void fs_batch_prepare(CustomScanState *flowscan);

/* A virtual slot as wide as the table, for expressions over it. */
extern TupleTableSlot *fs_batch_slot(CustomScanState *flowscan);

/* The next vector, valid until the next call; false at the end. */
extern bool fs_batch_next(CustomScanState *flowscan, FsBatch *batch);

#endif							/* FS_EXEC_BATCH_H */
