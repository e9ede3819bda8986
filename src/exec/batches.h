/*-------------------------------------------------------------------------
 *
 * Vectors of several nodes, one after the other: FlowScans, and others whose
 * rows become vectors.
 *
 * All are read as if they had the columns of the first, by the same numbers.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_BATCHES_H
#define FS_EXEC_BATCHES_H

#include "postgres.h"

#include "nodes/execnodes.h"
#include "nodes/plannodes.h"

#include "exec/batch.h"
#include "exec/rowbatch.h"

typedef struct FsBatches
{
	int			n;
	PlanState **nodes;			/* [n] */
	CustomScanState **scans;	/* [n] FlowScans; NULL: another node */
	FsRowBatch **rows;			/* [n] of these */
	int		  **maps;			/* [n] see fs_scan_view(); NULL: none */
	int			at;				/* the scan that is read */
	FsScan	   *viewed;			/* with a map, or NULL */
	FsDigest	digest;			/* or NULL */
	void	   *digest_arg;
} FsBatches;

/*
 * Begin the plans as children of parent: FlowScans, perhaps below a node of a
 * subquery that does nothing, then nothers others.  maps has a list of integers
 * for each of them, or NIL; it may be empty.
 */
extern FsBatches *fs_batches_begin(CustomScanState *parent, List *plans,
								   List *maps, int nothers,
								   int eflags);
extern void fs_batches_end(FsBatches *batches);

/* Begin anew; what changed is that of parent. */
extern void fs_batches_rescan(FsBatches *batches, CustomScanState *parent);

/* True if all rows of all tables are wanted; then count them instead. */
extern bool fs_batches_are_whole(const FsBatches *batches);
extern uint64 fs_batches_count(FsBatches *batches);

/* As fs_batch_digest(), of all scans; before the first vector. */
extern void fs_batches_digest(FsBatches *batches, FsDigest digest, void *arg);

/* The next vector, valid until the next call; false at the end. */
extern bool fs_batches_next(FsBatches *batches, FsBatch *batch);

#endif							/* FS_EXEC_BATCHES_H */
