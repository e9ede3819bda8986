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

/*
 * Who chooses among the rows of a FlowScan, beside its clauses, and what it
 * reads: the scan is then one of fs_scan_begin_seek(), which needs a source,
 * and gets the node's pruner if there is one.
 */
typedef struct FsBatchGuide
{
	/* leave in *rows those of use; false if a column is damaged */
	bool		(*narrow) (void *arg, FsScan *scan, FsBits *rows);

	/* the vector at hand is left out, because a column is damaged */
	void		(*skip) (void *arg, FsScan *scan);
	void	   *arg;
} FsBatchGuide;

/* What the clauses of a FlowScan leave, after its constants were evaluated. */
typedef struct FsBatchLimits
{
	const FsPruner *pruner;		/* or NULL */
	bool		is_limited;		/* to partitions first .. last, and those that
								 * are not of a time */
	FsPartition first;
	FsPartition last;
} FsBatchLimits;

/* Make the FlowScan give vectors only; before its first row. */
extern void fs_batch_prepare(CustomScanState *flowscan);

/* Let a guide choose; before the first row.  It must outlive the node. */
extern void fs_batch_guide(CustomScanState *flowscan,
						   const FsBatchGuide *guide);

/* Begin the scan, unless it is under way, and return it. */
extern FsScan *fs_batch_begin(CustomScanState *flowscan,
							  FsBatchLimits *limits);

/* True if the FlowScan gives all rows of the table. */
extern bool fs_batch_is_whole(CustomScanState *flowscan);

/*
 * Offer chunks all of whose rows are wanted to digest, before vectors of them
 * are given; before the first vector.  arg must outlive the node.
 */
extern void fs_batch_digest(CustomScanState *flowscan, FsDigest digest,
							void *arg);

/* Instead of vectors: count all rows of such a one. */
extern uint64 fs_batch_count(CustomScanState *flowscan);

/* A virtual slot as wide as the table, for expressions over it. */
extern TupleTableSlot *fs_batch_slot(CustomScanState *flowscan);

/* The next vector, valid until the next call; false at the end. */
extern bool fs_batch_next(CustomScanState *flowscan, FsBatch *batch);

/*
 * Give back what the scan holds, between its end and ExecReScan(); what was
 * counted stays.
 */
extern void fs_batch_release(CustomScanState *flowscan);

#endif							/* FS_EXEC_BATCH_H */
