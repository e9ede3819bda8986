/*-------------------------------------------------------------------------
 *
 * What the functions that look inside a table have in common.
 *
 * They show bounds or values, so they ask for SELECT on the whole table and
 * refuse where row security hides rows from the caller.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_FUNC_INSPECT_H
#define FS_FUNC_INSPECT_H

#include "postgres.h"

#include "fmgr.h"
#include "utils/rel.h"

#include "directory/item.h"
#include "format/chunkreader.h"

/*
 * Open a flowstore table whose every row the caller may see, and write the
 * caller's own pending rows.  Raises WRONG_OBJECT_TYPE, UNDEFINED_TABLE or
 * INSUFFICIENT_PRIVILEGE.  Close with relation_close() and AccessShareLock.
 */
extern Relation fs_inspect_open(Oid relid);

/* The start of a partition as timestamptz, or NULL. */
extern Datum fs_inspect_partition(FsPartition partition, bool *isnull);

/* The name of a column as text; NULL for one that was dropped, and for 0. */
extern Datum fs_inspect_column(Relation rel, int att, bool *isnull);

/*
 * Widen *min_us .. *max_us, microseconds since 2000, by the times of an item
 * with rows, as far as they are known of column time_att (0: of none).
 */
extern void fs_inspect_times(Relation rel, const FsItem *item,
							 AttrNumber time_att, int64 *min_us,
							 int64 *max_us);

/* A chunk whose bytes are all in memory. */
typedef struct FsInspectedChunk
{
	FsFetch		fetch;
	FsChunkHead *head;
	FsChunkReader *reader;
} FsInspectedChunk;

/*
 * Read the chunk of len bytes in an extent; domains as of
 * fs_chunkreader_open().  Returns NULL and fills *fault on damage.
 */
extern FsInspectedChunk *fs_inspect_chunk(Relation rel, FsExtent extent,
										  uint32 len, FsDomainSource *domains,
										  FsArena *arena, FsFault *fault);

#endif							/* FS_FUNC_INSPECT_H */
