/*-------------------------------------------------------------------------
 *
 * flow.log2_bucket: the power of two below a number.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "port/pg_bitutils.h"

PG_FUNCTION_INFO_V1(fs_log2_bucket);

Datum
fs_log2_bucket(PG_FUNCTION_ARGS)
{
	int64		value = PG_GETARG_INT64(0);

	if (value < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a negative number has no bucket"),
				 errdetail("The number is " INT64_FORMAT ".", value)));
	PG_RETURN_INT32(value == 0 ? -1 : pg_leftmost_one_pos64(value));
}
