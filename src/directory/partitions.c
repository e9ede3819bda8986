/*-------------------------------------------------------------------------
 *
 * Which partitions a table has.
 *
 * The first item from a key on names a partition; the next look-up begins
 * behind it, so items are not read one by one.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "directory/directory.h"
#include "directory/partitions.h"

/* The first partition from *partition on; false if there is none. */
static bool
find_next(Relation rel, Snapshot snapshot, FsPartition *partition)
{
	FsKeyRange	range = {*partition, FS_PARTITION_LAST, 0, 0};
	FsDirectoryScan *scan = fs_directory_begin_range(rel, snapshot, &range);
	FsItem		item;
	bool		found = fs_directory_next(scan, ForwardScanDirection, &item);

	if (found)
		*partition = item.partition;
	fs_directory_end(scan);
	return found;
}

FsPartition *
fs_directory_partitions(Relation rel, Snapshot snapshot, uint32 *n)
{
	uint32		cap = 64;
	FsPartition *partitions = palloc(sizeof(FsPartition) * cap);
	FsPartition next = FS_PARTITION_FIRST;

	for (*n = 0; find_next(rel, snapshot, &next); next++)
	{
		CHECK_FOR_INTERRUPTS();
		if (*n == cap)
		{
			cap *= 2;
			partitions = repalloc_huge(partitions, sizeof(FsPartition) * cap);
		}
		partitions[(*n)++] = next;
	}
	return partitions;
}
