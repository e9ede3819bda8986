/*-------------------------------------------------------------------------
 *
 * Which partition a row belongs to.
 *
 * Buckets are counted from 2000-01-01.  A partition is known by its beginning
 * in minutes, so later ones have greater numbers; what lies beyond 2,000 years
 * on either side joins the first or last one.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "datatype/timestamp.h"

#include "am/partition.h"
#include "store/meta.h"

AttrNumber
fs_partition_time_column(TupleDesc desc)
{
	AttrNumber	first = 0;

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		Oid			type;

		if (att->attisdropped)
			continue;
		type = att->atttypid;
		if (type != TIMESTAMPTZOID && type != TIMESTAMPOID)
			continue;
		if (strcmp(NameStr(att->attname), "ts") == 0)
			return att->attnum;
		if (first == 0)
			first = att->attnum;
	}
	return first;
}

FsPartition
fs_partition_of(int64 ts_us, int64 length_us)
{
	int64		bucket = ts_us / length_us;
	int64		code;

	if (ts_us % length_us < 0)
		bucket--;
	code = bucket * (length_us / USECS_PER_MINUTE) + FS_PARTITION_BIAS;
	return Min(Max(code, FS_PARTITION_FIRST), FS_PARTITION_LAST);
}

int64
fs_partition_start(FsPartition partition)
{
	Assert(partition >= FS_PARTITION_FIRST);
	if (partition == FS_PARTITION_FIRST)
		return PG_INT64_MIN;
	return ((int64) partition - FS_PARTITION_BIAS) * USECS_PER_MINUTE;
}

bool
fs_partition_range(Relation rel, AttrNumber att, int64 low_us, int64 high_us,
				   FsPartition *first, FsPartition *last)
{
	FsPartitioning made = fs_meta_partitioning(rel);
	int64		longest_us = made.max_minutes * USECS_PER_MINUTE;

	if (!made.is_known || made.is_mixed || made.time_att != att)
		return false;
	/* a partition may have begun before its first row that counts */
	low_us = low_us < PG_INT64_MIN + longest_us ? PG_INT64_MIN
		: low_us - longest_us;
	*first = fs_partition_of(low_us, USECS_PER_MINUTE);
	*last = fs_partition_of(high_us, USECS_PER_MINUTE);
	return true;
}
