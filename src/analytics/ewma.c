/*-------------------------------------------------------------------------
 *
 * flow.ewma: the exponentially weighted moving average.
 *
 *		s = v for the first value, then s = alpha * v + (1 - alpha) * s
 *
 *	  values 1 2 4, alpha 0.5  ->  1, 1.5, 2.75
 *
 * Source: Roberts, Technometrics 1, 1959.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"

PG_FUNCTION_INFO_V1(fs_ewma_step);

Datum
fs_ewma_step(PG_FUNCTION_ARGS)
{
	float8		alpha;
	float8		value;

	if (PG_ARGISNULL(2))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("alpha must not be null")));
	alpha = PG_GETARG_FLOAT8(2);
	if (!(alpha > 0 && alpha <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("alpha %g is out of range", alpha),
				 errdetail("It must be above 0 and at most 1."),
				 errhint("For a span of n values, alpha is 2 / (n + 1).")));
	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_FLOAT8(PG_GETARG_FLOAT8(0));
	}
	value = PG_GETARG_FLOAT8(1);
	if (!PG_ARGISNULL(0))
		value = alpha * value + (1 - alpha) * PG_GETARG_FLOAT8(0);
	PG_RETURN_FLOAT8(value);
}
