/*-------------------------------------------------------------------------
 *
 * flow.series_model: the models of series.h on arrays.
 *
 * The result has the expected values, then as many deviations; NULL where the
 * model cannot tell.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "datatype/timestamp.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "analytics/series.h"

PG_FUNCTION_INFO_V1(fs_series_model);

static void
refuse(const char *message)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("%s", message)));
}

static void
check_values(const FsSeries *s)
{
	for (int i = 0; i < s->n; i++)
	{
		if (!isfinite(s->v[i]) || TIMESTAMP_NOT_FINITE(s->t[i]))
			refuse("times and values of a series must be finite");
		if (i > 0 && s->t[i] <= s->t[i - 1])
			refuse("times of a series must rise");
	}
}

static void
run_model(FsSeries *s, const char *method)
{
	if (strcmp(method, "global") == 0)
		fs_series_global(s);
	else if (strcmp(method, "ewma") == 0)
		fs_series_ewma(s);
	else if (strcmp(method, "seasonal") == 0)
		fs_series_seasonal(s);
	else if (strcmp(method, "mad") == 0)
		fs_series_mad(s);
	else if (strcmp(method, "sine") == 0)
		fs_series_sine(s);
	else if (strcmp(method, "holtwinters") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("method \"%s\" does not exist", method),
				 errdetail("Methods are global, ewma, seasonal, mad, sine and holtwinters.")));
	else if (!fs_series_holt_winters(s))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the series is too short for method holtwinters"),
				 errdetail("It needs two seasons of at least two values.")));
}

static ArrayType *
as_array(const float8 *values, int n)
{
	Datum	   *datums = palloc_extended(Max(n, 1) * sizeof(Datum), MCXT_ALLOC_HUGE);
	bool	   *nulls = palloc_extended(Max(n, 1) * sizeof(bool), MCXT_ALLOC_HUGE);
	int			lower = 1;

	for (int i = 0; i < n; i++)
	{
		nulls[i] = isnan(values[i]);
		datums[i] = Float8GetDatum(values[i]);
	}
	return construct_md_array(datums, nulls, 1, &n, &lower, FLOAT8OID, sizeof(float8),
							  FLOAT8PASSBYVAL, TYPALIGN_DOUBLE);
}

Datum
fs_series_model(PG_FUNCTION_ARGS)
{
	ArrayType  *times = PG_GETARG_ARRAYTYPE_P(0);
	ArrayType  *values = PG_GETARG_ARRAYTYPE_P(1);
	int			n = ArrayGetNItems(ARR_NDIM(times), ARR_DIMS(times));
	FsSeries	s = {.n = n, .season = PG_GETARG_INT64(3)};
	float8	   *out;

	if (ARR_NDIM(times) > 1 || ARR_NDIM(values) > 1 ||
		ArrayGetNItems(ARR_NDIM(values), ARR_DIMS(values)) != n)
		refuse("times and values of a series must be as many");
	if (array_contains_nulls(times) || array_contains_nulls(values))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("times and values of a series must not be null")));
	if (s.season <= 0)
		refuse("season must be positive");
	s.t = (const int64 *) ARR_DATA_PTR(times);
	s.v = (const float8 *) ARR_DATA_PTR(values);
	check_values(&s);
	out = palloc_extended(Max(2 * (Size) n, 1) * sizeof(float8), MCXT_ALLOC_HUGE);
	s.expected = out;
	s.deviation = out + n;
	run_model(&s, text_to_cstring(PG_GETARG_TEXT_PP(2)));
	PG_RETURN_ARRAYTYPE_P(as_array(out, 2 * n));
}
