/*-------------------------------------------------------------------------
 *
 * Collecting the lists of a group while chunks are made.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FORMAT_CLUSTER_LISTS_H
#define FS_FORMAT_CLUSTER_LISTS_H

#include "format/cluster_values.h"
#include "format/pindex_write.h"

typedef struct FsClusterPairs FsClusterPairs;

typedef struct FsClusterLists
{
	FsArena    *arena;
	bool		is_given_up;	/* too many values: no list is kept */
	FsClusterValues *keys;		/* of integers; NULL: values are codes */
	uint32		max_values;
	uint32	   *last;			/* [cap] of each value: last vector + 1 */
	uint32		cap;
	FsClusterPairs *first;		/* (value, vector), in order of vectors */
	FsClusterPairs *current;
	uint32		npairs;
} FsClusterLists;

/* size: of the domain, or 0: integers, at most max_values distinct ones. */
extern void fs_cluster_lists_init(FsClusterLists *lists, uint32 size,
								  uint32 max_values, FsArena *arena);

/* Row values of one vector; vectors ascend from call to call. */
extern void fs_cluster_lists_add_codes(FsClusterLists *lists, uint32 vector,
									   const uint32 *codes, uint32 n,
									   const uint8 *nulls);
extern void fs_cluster_lists_add_ints(FsClusterLists *lists, uint32 vector,
									  const int64 *values, uint32 n,
									  const uint8 *nulls);

/*
 * Set what the writer is given of size, keys, starts and vectors.  Returns
 * false if there are no lists.
 */
extern bool fs_cluster_lists_finish(FsClusterLists *lists,
									FsPindexGroupInput *group);

#endif							/* FS_FORMAT_CLUSTER_LISTS_H */
