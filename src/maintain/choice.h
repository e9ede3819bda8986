/*-------------------------------------------------------------------------
 *
 * What is worth doing in a partition.
 *
 * Merging joins small items in order of arrival.  A row is merged when its
 * item has grown 16-fold by that or becomes full, so at most four times if it
 * came alone, and once or twice if it came with a thousand others.  Clustering
 * takes all that is not clustered yet, once the partition is quiet.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_MAINTAIN_CHOICE_H
#define FS_MAINTAIN_CHOICE_H

#include "postgres.h"

#include "maintain/inventory.h"

typedef enum FsTaskKind
{
	FS_TASK_NONE,
	FS_TASK_MERGE,
	FS_TASK_CLUSTER
} FsTaskKind;

/* Items of a partition to be written again, or to end if no row is live. */
typedef struct FsTask
{
	FsTaskKind	kind;
	FsPartition partition;
	FsHolding  *sources;		/* [nsources]; to be merged: by arrival, to be
								 * clustered: by time */
	uint32		nsources;
	uint32		ndone;			/* of these, by earlier runs of the task */
	uint64		nrows;			/* live rows */
	uint64		nbytes;			/* of the sources */
	bool		is_whole;		/* not while a row of one is being deleted */
} FsTask;

typedef struct FsPolicy
{
	bool		is_forced;		/* whatever is worth it, quiet or not */
	bool		is_full;		/* cluster what is clustered already, too */
	bool		may_merge;
	bool		may_cluster;
	bool		is_idle;		/* nobody has written for a lateness */
	int64		partition_us;	/* length of a partition */
	int64		lateness_us;
	int64		now_us;			/* microseconds since 2000 */
} FsPolicy;

/*
 * Choose a task for the partition of holdings[n], n >= 1, all of one
 * partition.  Allocates in the current memory context; kind is FS_TASK_NONE
 * if there is nothing to do.
 */
extern FsTask fs_choice_make(const FsPolicy *policy,
							 const FsHolding *holdings, uint32 n);

/* True if nobody is expected to write into this partition any more. */
extern bool fs_choice_is_quiet(const FsPolicy *policy,
							   const FsHolding *holdings, uint32 n);

#endif							/* FS_MAINTAIN_CHOICE_H */
