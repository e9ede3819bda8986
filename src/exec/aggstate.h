/*-------------------------------------------------------------------------
 *
 * What a FlowAggregate node holds, and how its parts work together.
 *
 * Rows become groups (aggmerge); groups that have no room, and those of the
 * participants of a parallel plan, go into runs and come back partition by
 * partition (aggmerge, aggshare); of those at hand some may not be wanted
 * (aggtop).
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_EXEC_AGGSTATE_H
#define FS_EXEC_AGGSTATE_H

#include "postgres.h"

#include "access/parallel.h"
#include "nodes/execnodes.h"

#include "exec/aggruns.h"
#include "exec/batches.h"
#include "exec/flowagg.h"
#include "group/groups.h"

/* Partitions are cut again, each time by other bits of the groups' hash. */
#define FS_AGG_LEVELS 6

/* The first groups by an aggregate. */
typedef struct FsAggTop
{
	double	   *ranks;			/* [limit] the best so far, the worst on top */
	uint32		n;
	double		threshold;		/* groups before it are wanted */
	bool		has_threshold;
	double		floor;			/* not above the rank of the last wanted group */
	bool		has_floor;
	bool		is_useless;		/* not all groups have a rank */
} FsAggTop;

/* What EXPLAIN ANALYZE shows; of all participants in a parallel plan. */
typedef struct FsAggCounters
{
	uint64		groups;
	uint64		peak_bytes;		/* of one participant's groups */
	uint64		partitions;		/* that had records */
	uint64		file_bytes;
} FsAggCounters;

/* Runs that wait to be read. */
typedef struct FsAggLevel
{
	FsRuns	   *runs;			/* NULL: none */
	int			bits;			/* log2 of the number of partitions */
	int			next;			/* partition; in a parallel plan shared instead */
} FsAggLevel;

typedef struct FsAggShared FsAggShared;

typedef struct FlowAggState
{
	CustomScanState css;
	FsBatches  *input;
	CustomScanState *child;		/* the first that is read */
	Index		varno;			/* of its columns in keys and aggregates */
	FsFlowAggHints hints;
	FsAllocator allocator;
	MemoryContext cxt;			/* of what grows with groups */
	FsGroups   *groups;
	Size		limit;			/* of their memory, in bytes */
	bool		can_emit;		/* groups can be put into runs */
	uint64		seed;			/* of hashes that choose partitions */
	MemoryContext record_cxt;	/* of a record being made */
	StringInfoData record;
	FsAggLevel	levels[FS_AGG_LEVELS];
	int			depth;			/* levels that are being read */
	bool		is_done;		/* all rows are in */
	bool		is_whole;		/* and all groups are at hand */
	uint32		next;			/* group to give */
	FsAggTop	top;
	FsAggCounters counters;
	FsAggShared *shared;		/* NULL: not in a parallel plan */
	FsAggCounters others;		/* counters of other participants */
} FlowAggState;

/* Take all rows of the child; groups that have no room are emitted. */
extern void fs_aggmerge_take_rows(FlowAggState *state);

/*
 * Put all groups at hand into the runs of a level, or those with only[group];
 * none are at hand then.
 */
extern void fs_aggmerge_emit(FlowAggState *state, int level,
							 const uint8 *only);

/* Make the next groups, which are complete; false at the end. */
extern bool fs_aggmerge_next(FlowAggState *state);

/* Forget all groups and runs. */
extern void fs_aggmerge_reset(FlowAggState *state);

/* Learn from the groups at hand which are wanted. */
extern void fs_aggtop_learn(FlowAggState *state);
extern bool fs_aggtop_is_wanted(const FlowAggState *state, uint32 group);

/*
 * Of the groups at hand, whose rows are not all of theirs: the rank of the
 * last that would be wanted; false if they are too few, *is_useless if one has
 * no rank.  Nothing is learned.
 */
extern bool fs_aggtop_last(FlowAggState *state, double *rank,
						   bool *is_useless);

/* No group below this rank is wanted. */
extern void fs_aggtop_set_floor(FlowAggState *state, double floor);

/* Has the group this rank at least, or none for being NULL? */
extern bool fs_aggtop_is_above(const FlowAggState *state, uint32 group,
							   double rank);

/*
 * Take part in a parallel plan: take rows, and exchange groups with the other
 * participants.  Returns when all have come so far.
 */
extern void fs_aggshare_build(FlowAggState *state);

/* Level 0 in a parallel plan: its runs; the partition to read, -1: no more. */
extern FsRuns *fs_aggshare_open_runs(FlowAggState *state);
extern int	fs_aggshare_draw(FlowAggState *state);

extern void fs_aggshare_add_counters(FsAggCounters *sum,
									 const FsAggCounters *more);

/* Callbacks of the node. */
extern Size fs_aggshare_estimate_dsm(CustomScanState *node,
									 ParallelContext *pcxt);
extern void fs_aggshare_initialize_dsm(CustomScanState *node,
									   ParallelContext *pcxt,
									   void *coordinate);
extern void fs_aggshare_reinitialize_dsm(CustomScanState *node,
										 ParallelContext *pcxt,
										 void *coordinate);
extern void fs_aggshare_initialize_worker(CustomScanState *node,
										  shm_toc *toc, void *coordinate);
extern void fs_aggshare_shutdown(CustomScanState *node);

#endif							/* FS_EXEC_AGGSTATE_H */
