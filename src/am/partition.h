/*-------------------------------------------------------------------------
 *
 * Which partition a row belongs to.
 *
 * Unless option time_column says otherwise, the time column is the one named
 * "ts" if it is a timestamp, with or without time zone, or else the table's
 * first timestamp column.  A table that has none is one partition.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FS_AM_PARTITION_H
#define FS_AM_PARTITION_H

#include "postgres.h"

#include "access/tupdesc.h"
#include "utils/rel.h"

#include "directory/item.h"

/*
 * Attribute number of the time column if options do not name one, or 0;
 * cannot fail.
 */
extern AttrNumber fs_partition_time_column(TupleDesc desc);

/*
 * Partition of a time in microseconds since 2000; length_us is a multiple of
 * a minute.  Cannot fail.
 */
extern FsPartition fs_partition_of(int64 ts_us, int64 length_us);

/*
 * The partitions in which rows of a table with times low .. high of attribute
 * att may stand, beside those that are not of a time.  Returns false if any
 * may, because the table's partitions were not always made by that column.
 */
extern bool fs_partition_range(Relation rel, AttrNumber att, int64 low_us,
							   int64 high_us, FsPartition *first,
							   FsPartition *last);

/*
 * First microsecond of a partition, PG_INT64_MIN if it has no beginning;
 * partition must be FS_PARTITION_FIRST or above.
 */
extern int64 fs_partition_start(FsPartition partition);

#endif							/* FS_AM_PARTITION_H */
