/*-------------------------------------------------------------------------
 *
 * Which partition a row belongs to.
 *
 * Buckets are counted from 2000-01-01 and biased by 2^31, so that later times
 * have greater numbers; what lies outside joins the first or last bucket.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "am/partition.h"

#define BIAS	(INT64CONST(1) << 31)

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

	if (ts_us % length_us < 0)
		bucket--;
	if (bucket < FS_PARTITION_FIRST - BIAS)
		return FS_PARTITION_FIRST;
	if (bucket > (int64) FS_PARTITION_LAST - BIAS)
		return FS_PARTITION_LAST;
	return (FsPartition) (bucket + BIAS);
}

int64
fs_partition_start(FsPartition partition, int64 length_us)
{
	int64		bucket = (int64) partition - BIAS;

	Assert(partition >= FS_PARTITION_FIRST);
	if (partition == FS_PARTITION_FIRST)
		return PG_INT64_MIN;
	return bucket * length_us;
}
