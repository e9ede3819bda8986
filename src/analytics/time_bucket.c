/*-------------------------------------------------------------------------
 *
 * flow.time_bucket: the start of the time bucket that a time falls in.
 *
 * Buckets of a fixed width lie at origin + k * width for all whole k, also
 * negative ones.  The default origin is a Monday, so that buckets of a week
 * begin on Mondays.  Days have 24 hours: buckets are laid out in UTC.
 *
 * Buckets of months lie at origin + k months by the calendar, in UTC, from
 * 2000-01-01 by default; where the origin's day of the month does not exist,
 * the last day of the month is taken, as interval addition does.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/int.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(fs_time_bucket);
PG_FUNCTION_INFO_V1(fs_time_bucket_origin);
PG_FUNCTION_INFO_V1(fs_time_bucket_date);
PG_FUNCTION_INFO_V1(fs_time_bucket_date_origin);

/* 2000-01-03, a Monday, and 2000-01-01, in microseconds since 2000-01-01 */
#define FIXED_ORIGIN		(2 * USECS_PER_DAY)
#define MONTH_ORIGIN		INT64CONST(0)

static void
report_width(const Interval *width, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("width of time bucket \"%s\" is out of range",
					DatumGetCString(DirectFunctionCall1(interval_out,
														IntervalPGetDatum(width)))),
			 errdetail("%s", detail)));
}

static void
report_out_of_range(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
			 errmsg("timestamp out of range")));
}

static inline bool
has_months(const Interval *width)
{
	return width->month != 0;
}

/* The width in microseconds, if it is one of days and time. */
static int64
fixed_width_us(const Interval *width)
{
	int64		width_us;

	if (pg_mul_s64_overflow(width->day, USECS_PER_DAY, &width_us) ||
		pg_add_s64_overflow(width_us, width->time, &width_us))
		report_width(width, "It does not fit 64 bits of microseconds.");
	if (width_us <= 0)
		report_width(width, "The width must be greater than zero.");
	return width_us;
}

static Timestamp
fixed_bucket(const Interval *width, Timestamp ts, Timestamp origin)
{
	int64		width_us = fixed_width_us(width);
	int64		since_origin;
	int64		into_bucket;
	Timestamp	start;

	if (pg_sub_s64_overflow(ts, origin, &since_origin))
		report_out_of_range();
	into_bucket = since_origin % width_us;
	if (into_bucket < 0)
		into_bucket += width_us;
	if (pg_sub_s64_overflow(ts, into_bucket, &start) ||
		!IS_VALID_TIMESTAMP(start))
		report_out_of_range();
	return start;
}

static void
check_width(const Interval *width)
{
	if (!has_months(width))
		(void) fixed_width_us(width);
	else if (width->day != 0 || width->time != 0)
		report_width(width, "Months cannot be mixed with days or time.");
	else if (width->month < 0)
		report_width(width, "The width must be greater than zero.");
}

static void
break_down(Timestamp ts, struct pg_tm *tm, fsec_t *fsec)
{
	if (timestamp2tm(ts, NULL, tm, fsec, NULL, NULL) != 0)
		report_out_of_range();
}

static Timestamp
add_months(Timestamp origin, int64 months)
{
	Interval	interval = {0};

	interval.month = (int32) months;
	if (months < PG_INT32_MIN || months > PG_INT32_MAX)
		report_out_of_range();
	return DatumGetTimestamp(DirectFunctionCall2(timestamp_pl_interval,
												 TimestampGetDatum(origin),
												 IntervalPGetDatum(&interval)));
}

static Timestamp
month_bucket(const Interval *width, Timestamp ts, Timestamp origin)
{
	struct pg_tm tm;
	struct pg_tm origin_tm;
	fsec_t		fsec;
	int64		months;
	int64		k;
	Timestamp	start;

	break_down(ts, &tm, &fsec);
	break_down(origin, &origin_tm, &fsec);
	months = (int64) (tm.tm_year - origin_tm.tm_year) * MONTHS_PER_YEAR +
		(tm.tm_mon - origin_tm.tm_mon);
	k = months / width->month;
	if (months % width->month < 0)
		k--;

	/* in the first month of the bucket ts may lie before its start */
	start = add_months(origin, k * width->month);
	return start <= ts ? start : add_months(origin, (k - 1) * width->month);
}

static Timestamp
bucket(const Interval *width, Timestamp ts, const Timestamp *origin)
{
	check_width(width);
	if (origin != NULL && TIMESTAMP_NOT_FINITE(*origin))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("origin of time buckets must be finite")));
	if (TIMESTAMP_NOT_FINITE(ts))
		return ts;
	if (has_months(width))
		return month_bucket(width, ts, origin ? *origin : MONTH_ORIGIN);
	return fixed_bucket(width, ts, origin ? *origin : FIXED_ORIGIN);
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
