/*-------------------------------------------------------------------------
 *
 * A survey of a table, partition by partition.
 *
 * Read from the directory, in three passes.  Rows are counted with those that
 * are deleted; bytes are those of chunks, partition indexes and ROWS items,
 * without the rest of their pages.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FUNC_SURVEY_H
#define FS_FUNC_SURVEY_H

#include "postgres.h"

#include "utils/relcache.h"
#include "utils/snapshot.h"

#include "maintain/choice.h"

#define FS_NLEVELS	(FS_LEVEL_CLUSTERED + 1)

typedef struct FsSurveyPart
{
	FsPartition partition;
	uint32		nrows_items;
	uint32		nchunks;
	uint32		nindexes;
	uint64		rows;
	uint64		deleted;		/* of these */
	uint64		level_rows[FS_NLEVELS]; /* by FsLevel; fresh: with ROWS */
	uint64		live_late;		/* live and not clustered, in a partition
								 * that has been clustered */
	uint64		bytes;			/* of chunks and ROWS items */
	uint64		index_bytes;
	int64		min_us;			/* times; min > max: none is known */
	int64		max_us;
	bool		is_quiet;
	FsTaskKind	due;			/* what the worker would do now */
	uint64		due_rows;
	uint64		due_bytes;
} FsSurveyPart;

typedef struct FsSurvey
{
	FsSurveyPart *parts;		/* [n], ascending */
	uint32		n;
	uint64		ndeletes;		/* DELETES items */
	uint64		nmoved;			/* MOVED items */
	uint64		moved_rows;
} FsSurvey;

/* What the snapshot sees, in the current memory context. */
extern FsSurvey *fs_survey_take(Relation rel, Snapshot snapshot);

#endif							/* FS_FUNC_SURVEY_H */
