/*-------------------------------------------------------------------------
 *
 * What a FlowScan node holds.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_SCANSTATE_H
#define FS_EXEC_SCANSTATE_H

#include "postgres.h"

#include "access/parallel.h"
#include "commands/explain.h"
#include "nodes/execnodes.h"
#include "storage/spin.h"

#include "am/scanvalue.h"
#include "exec/batch.h"
#include "exec/keyfilter.h"
#include "exec/tally.h"
#include "filter/filter.h"
#include "prune/predicate.h"

/* A needed column of the current vector. */
typedef struct NeededColumn
{
	int			att;			/* 0-based */
	bool		is_output;		/* else only the qual needs it */
	const Datum *values;
	const bool *isnull;
} NeededColumn;

/* The partitions that are read. */
typedef struct FlowLimit
{
	bool		is_limited;
	int			att;			/* by this column, 0-based */
	FsPartition first;
	FsPartition last;
} FlowLimit;

/* What the participants of a parallel plan share. */
typedef struct FlowShared
{
	pg_atomic_uint64 next_item;
	bool		is_large;		/* draw sets, unless time is limited */
	slock_t		mutex;			/* of what follows */
	bool		has_limit;		/* a participant has found the limit */
	FlowLimit	limit;
	FsScanCounters counters;	/* of participants that have finished */
	FsClauseCounters clauses[FLEXIBLE_ARRAY_MEMBER];	/* the same */
} FlowShared;

typedef struct FlowScanState
{
	CustomScanState css;
	FsScan	   *scan;			/* begun with the first row */
	FsPruner	pruner;
	const FsBatchGuide *guide;	/* or NULL */
	FsDigest	digest;			/* of the node above, or NULL */
	void	   *digest_arg;
	uint64		ndigested;		/* rows since the last vector */
	FsPredicate *predicate;		/* NULL: no clause can be tested */
	List	   *clauses;		/* the same, for EXPLAIN */
	bool		is_bound;		/* the predicate's constants are known */
	bool		was_bound;		/* perhaps for an earlier scan */
	FlowLimit	limit;			/* of the last scan */
	FsFilter   *filter;			/* NULL: all rows of vectors */
	int			nfiltered;		/* quals that it has, the first ones */
	ExprState  *rest;			/* what is evaluated row by row, or NULL */
	FsKeyFilter *keys;			/* of joined relations, or NULL */
	FsTally    *tally;			/* of clauses; NULL: nobody will ask */
	int			ncols;
	NeededColumn *cols;
	bool		has_vector;
	bool		has_rowno;		/* row numbers of the vector are neighbours */
	uint64		rowno;			/* of its first row */
	bool		is_filled;		/* cols have the values of rows */
	uint32		nrows;
	uint32		at;				/* in rows; nrows or PG_UINT32_MAX: outside */
	FsBits		bits;			/* rows of the vector that may be given */
	uint16		rows[FS_VECTOR_ROWS];	/* the same as a list */
	FlowShared *shared;
	FsScanCounters past;		/* of scans that were released */
	FsScanCounters counters;	/* of other participants, once shut down */
	FsClauseCounters *others;	/* the same of clauses: of the workers */
} FlowScanState;

/* Callbacks of the node in a parallel plan, and for EXPLAIN. */
extern Size fs_scanshare_estimate_dsm(CustomScanState *node,
									  ParallelContext *pcxt);
extern void fs_scanshare_initialize_dsm(CustomScanState *node,
										ParallelContext *pcxt,
										void *coordinate);
extern void fs_scanshare_reinitialize_dsm(CustomScanState *node,
										  ParallelContext *pcxt,
										  void *coordinate);
extern void fs_scanshare_initialize_worker(CustomScanState *node,
										   shm_toc *toc, void *coordinate);
extern void fs_scanshare_shutdown(CustomScanState *node);
extern void fs_scanshare_explain(CustomScanState *node, List *ancestors,
								 ExplainState *es);

#endif							/* FS_EXEC_SCANSTATE_H */
