/*-------------------------------------------------------------------------
 *
 * Merging: rows of small items, in order of arrival, become full chunks.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_MAINTAIN_MERGE_H
#define FS_MAINTAIN_MERGE_H

#include "postgres.h"

#include "utils/relcache.h"
#include "utils/snapshot.h"

#include "maintain/choice.h"
#include "maintain/pace.h"

/* What a task has done. */
typedef struct FsTaskResult
{
	uint64		items;			/* that ended */
	uint64		rows;			/* written again */
	uint64		read;			/* bytes of the items that ended */
	uint64		written;		/* bytes of the new ones */
} FsTaskResult;

/*
 * Do the whole task, as fs_rewrite_begin() describes.  Sources that have ended or
 * are in use are left out.  False: somebody was in the way, or the pace said
 * so.  Memory: that of a row buffer and a chunk, and of the rewrite.
 */
extern bool fs_merge_run(Relation rel, FsTask *task, Snapshot snapshot,
						 const FsPace *pace, FsTaskResult *result);

#endif							/* FS_MAINTAIN_MERGE_H */
