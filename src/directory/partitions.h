/*-------------------------------------------------------------------------
 *
 * Which partitions a table has.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_DIRECTORY_PARTITIONS_H
#define FS_DIRECTORY_PARTITIONS_H

#include "postgres.h"

#include "utils/relcache.h"
#include "utils/snapshot.h"

#include "directory/item.h"

/*
 * The partitions of times in which the snapshot sees items, ascending, in the
 * current memory context: *n of them.  One descent of an index for each.
 */
extern FsPartition *fs_directory_partitions(Relation rel, Snapshot snapshot,
											uint32 *n);

#endif							/* FS_DIRECTORY_PARTITIONS_H */
