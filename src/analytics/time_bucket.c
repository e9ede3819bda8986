/*-------------------------------------------------------------------------
 *
 * flow.time_bucket: the start of the time bucket that a time falls in.
 *
 * Buckets of a fixed width lie at origin + k * width for all whole k, also
 * negative ones.  The default origin is a Monday, so that buckets of a week
 * begin on Mondays.  Days have 24 hours.
 *
 * Buckets of months lie at origin + k months by the calendar, from
 * 2000-01-01 by default; where the origin's day of the month does not exist,
 * the last day of the month is taken, as interval addition does.
 *
 * Both are laid out in UTC, or on the wall clock of a zone.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/timestamp.h"

#include "analytics/grid.h"

PG_FUNCTION_INFO_V1(fs_time_bucket);
PG_FUNCTION_INFO_V1(fs_time_bucket_origin);
PG_FUNCTION_INFO_V1(fs_time_bucket_shift);
PG_FUNCTION_INFO_V1(fs_time_bucket_zone);
PG_FUNCTION_INFO_V1(fs_time_bucket_date);
PG_FUNCTION_INFO_V1(fs_time_bucket_date_origin);

static Timestamp
bucket(const Interval *width, Timestamp ts, const Timestamp *origin)
{
	FsGrid		grid;

	fs_grid_init(&grid, width, origin, NULL);
	return TIMESTAMP_NOT_FINITE(ts) ? ts : fs_grid_floor(&grid, ts);
}

static Timestamp
date_to_timestamp(DateADT date)
{
	return DatumGetTimestamp(DirectFunctionCall1(date_timestamp,
												 DateADTGetDatum(date)));
}

static Datum
timestamp_to_date(Timestamp ts)
{
	return DirectFunctionCall1(timestamp_date, TimestampGetDatum(ts));
}

Datum
fs_time_bucket(PG_FUNCTION_ARGS)
{
	PG_RETURN_TIMESTAMP(bucket(PG_GETARG_INTERVAL_P(0),
							   PG_GETARG_TIMESTAMP(1), NULL));
}

Datum
fs_time_bucket_origin(PG_FUNCTION_ARGS)
{
	Timestamp	origin = PG_GETARG_TIMESTAMP(2);

	PG_RETURN_TIMESTAMP(bucket(PG_GETARG_INTERVAL_P(0),
							   PG_GETARG_TIMESTAMP(1), &origin));
}

Datum
fs_time_bucket_shift(PG_FUNCTION_ARGS)
{
	Timestamp	ts = PG_GETARG_TIMESTAMP(1);
	FsGrid		grid;

	fs_grid_init(&grid, PG_GETARG_INTERVAL_P(0), NULL, NULL);
	fs_grid_shift(&grid, PG_GETARG_INTERVAL_P(2));
	PG_RETURN_TIMESTAMP(TIMESTAMP_NOT_FINITE(ts) ? ts : fs_grid_floor(&grid, ts));
}

/* (width, ts, zone, origin, shift), the last three may be NULL */
Datum
fs_time_bucket_zone(PG_FUNCTION_ARGS)
{
	Timestamp	ts;
	Timestamp	origin;
	FsGrid		grid;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	ts = PG_GETARG_TIMESTAMP(1);
	origin = PG_ARGISNULL(3) ? 0 : PG_GETARG_TIMESTAMP(3);
	fs_grid_init(&grid, PG_GETARG_INTERVAL_P(0), PG_ARGISNULL(3) ? NULL : &origin,
				 fs_grid_zone(fcinfo, 2));
	if (!PG_ARGISNULL(4))
		fs_grid_shift(&grid, PG_GETARG_INTERVAL_P(4));
	PG_RETURN_TIMESTAMP(TIMESTAMP_NOT_FINITE(ts) ? ts : fs_grid_floor(&grid, ts));
}

Datum
fs_time_bucket_date(PG_FUNCTION_ARGS)
{
	Timestamp	ts = date_to_timestamp(PG_GETARG_DATEADT(1));

	return timestamp_to_date(bucket(PG_GETARG_INTERVAL_P(0), ts, NULL));
}

Datum
fs_time_bucket_date_origin(PG_FUNCTION_ARGS)
{
	Timestamp	ts = date_to_timestamp(PG_GETARG_DATEADT(1));
	Timestamp	origin = date_to_timestamp(PG_GETARG_DATEADT(2));

	return timestamp_to_date(bucket(PG_GETARG_INTERVAL_P(0), ts, &origin));
}
