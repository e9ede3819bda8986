-------------------------------------------------------------------------
-- Time
-------------------------------------------------------------------------

CREATE FUNCTION flow.time_bucket(width interval, ts timestamp with time zone)
RETURNS timestamp with time zone
AS 'MODULE_PATHNAME', 'fs_time_bucket'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.time_bucket(interval, timestamp with time zone) IS
'Start of the time bucket that ts falls in: the last origin + k * width that
is not later.  A width of days and time is fixed, a day being 24 hours, and by
default counted from Monday 2000-01-03; a width of months or years follows the
calendar, by default from 2000-01-01, all in UTC.  Infinity is returned
as it is.  A width that is not positive or mixes months with days or time is
an error (invalid_parameter_value), and so is a bucket that starts before the
first timestamp (datetime_field_overflow).';

CREATE FUNCTION flow.time_bucket(width interval, ts timestamp with time zone, origin timestamp with time zone)
RETURNS timestamp with time zone
AS 'MODULE_PATHNAME', 'fs_time_bucket_origin'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.time_bucket(interval, timestamp with time zone, timestamp with time zone) IS
'Start of the time bucket that ts falls in: the last origin + k * width that
is not later.  A width of days and time is fixed, a day being 24 hours, and counted
from origin; a width of months or years follows the
calendar from origin, all in UTC.  Infinity is returned
as it is.  A width that is not positive or mixes months with days or time is
an error (invalid_parameter_value), and so is a bucket that starts before the
first timestamp (datetime_field_overflow).
An infinite origin is an error (invalid_parameter_value).';

CREATE FUNCTION flow.time_bucket(width interval, ts timestamp without time zone)
RETURNS timestamp without time zone
AS 'MODULE_PATHNAME', 'fs_time_bucket'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.time_bucket(interval, timestamp without time zone) IS
'Start of the time bucket that ts falls in: the last origin + k * width that
is not later.  A width of days and time is fixed, a day being 24 hours, and by
default counted from Monday 2000-01-03; a width of months or years follows the
calendar, by default from 2000-01-01.  Infinity is returned
as it is.  A width that is not positive or mixes months with days or time is
an error (invalid_parameter_value), and so is a bucket that starts before the
first timestamp (datetime_field_overflow).';

CREATE FUNCTION flow.time_bucket(width interval, ts timestamp without time zone, origin timestamp without time zone)
RETURNS timestamp without time zone
AS 'MODULE_PATHNAME', 'fs_time_bucket_origin'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.time_bucket(interval, timestamp without time zone, timestamp without time zone) IS
'Start of the time bucket that ts falls in: the last origin + k * width that
is not later.  A width of days and time is fixed, a day being 24 hours, and counted
from origin; a width of months or years follows the
calendar from origin.  Infinity is returned
as it is.  A width that is not positive or mixes months with days or time is
an error (invalid_parameter_value), and so is a bucket that starts before the
first timestamp (datetime_field_overflow).
An infinite origin is an error (invalid_parameter_value).';

CREATE FUNCTION flow.time_bucket(width interval, day date)
RETURNS date
AS 'MODULE_PATHNAME', 'fs_time_bucket_date'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.time_bucket(interval, date) IS
'Start of the time bucket that day falls in: the last origin + k * width that
is not later.  A width of days and time is fixed, a day being 24 hours, and by
default counted from Monday 2000-01-03; a width of months or years follows the
calendar, by default from 2000-01-01.  Infinity is returned
as it is.  A width that is not positive or mixes months with days or time is
an error (invalid_parameter_value), and so is a bucket that starts before the
first timestamp (datetime_field_overflow).
The date is taken as its midnight, and the result is the date on which the
bucket starts.';

CREATE FUNCTION flow.time_bucket(width interval, day date, origin date)
RETURNS date
AS 'MODULE_PATHNAME', 'fs_time_bucket_date_origin'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.time_bucket(interval, date, date) IS
'Start of the time bucket that day falls in: the last origin + k * width that
is not later.  A width of days and time is fixed, a day being 24 hours, and counted
from origin; a width of months or years follows the
calendar from origin.  Infinity is returned
as it is.  A width that is not positive or mixes months with days or time is
an error (invalid_parameter_value), and so is a bucket that starts before the
first timestamp (datetime_field_overflow).
The date is taken as its midnight, and the result is the date on which the
bucket starts.
An infinite origin is an error (invalid_parameter_value).';

CREATE FUNCTION flow.time_bucket(width interval, ts timestamp with time zone, shift interval)
RETURNS timestamp with time zone
AS 'MODULE_PATHNAME', 'fs_time_bucket_shift'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.time_bucket(interval, timestamp with time zone, interval) IS
'As flow.time_bucket(width, ts), with all buckets moved by shift, which may be
negative: days that begin at 6:00 UTC have shift 6 hours.';

CREATE FUNCTION flow.time_bucket(
    width interval, ts timestamp with time zone, zone text,
    origin timestamp with time zone DEFAULT NULL, shift interval DEFAULT NULL)
RETURNS timestamp with time zone
AS 'MODULE_PATHNAME', 'fs_time_bucket_zone'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.time_bucket(interval, timestamp with time zone, text, timestamp with time zone, interval) IS
'Start of the time bucket that ts falls in, on the wall clock of zone (a name in
pg_timezone_names; NULL is UTC).  A bucket begins whenever that clock shows origin +
shift + k * width for a whole k, twice where a clock set back shows a time twice,
and when a clock is set forward past such a time.  So buckets never overlap, leave
nothing out and rise with ts; one in which the clock changes is shorter or longer
than the others: a day has 23 or 25 hours, 6 hours from midnight are 5 or 7, and an
hour that is skipped has no bucket.  Defaults and errors are those of
flow.time_bucket(width, ts); a zone that does not exist is an error
(invalid_parameter_value).  The result is NULL if width or ts is.';

CREATE FUNCTION flow.gapfill_support(internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_gapfill_support'
LANGUAGE C STRICT;

COMMENT ON FUNCTION flow.gapfill_support(internal) IS
'planner support of flow.gapfill; not to be called';

CREATE FUNCTION flow.gapfill(
    width interval, since timestamp with time zone, until timestamp with time zone,
    zone text DEFAULT NULL, origin timestamp with time zone DEFAULT NULL,
    shift interval DEFAULT NULL)
RETURNS SETOF timestamp with time zone
AS 'MODULE_PATHNAME', 'fs_gapfill'
LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10
SUPPORT flow.gapfill_support;

COMMENT ON FUNCTION flow.gapfill(interval, timestamp with time zone, timestamp with time zone, text, timestamp with time zone, interval) IS
'The starts of all time buckets that [since, until) meets, in order, to be joined
with what there is: FROM flow.gapfill(...) AS t LEFT JOIN ... USING (t).  The first
is the bucket of since, so it may begin before it.  Other arguments are those of
flow.time_bucket.  Nothing if until is not after since.  NULL width, since or until
is an error (null_value_not_allowed), a time that is not finite too
(invalid_parameter_value), and so are more than a million buckets
(program_limit_exceeded).';

CREATE FUNCTION flow.locf(value anyelement)
RETURNS anyelement
AS 'MODULE_PATHNAME', 'fs_locf'
LANGUAGE C IMMUTABLE WINDOW PARALLEL SAFE;

COMMENT ON FUNCTION flow.locf(anyelement) IS
'window function: the last value that is not NULL, of this row or a row before it in
the order of the window, over the whole partition, whatever the frame; NULL if there
is none.  "Last observation carried forward".';

CREATE FUNCTION flow.interpolate(t timestamp with time zone, value double precision)
RETURNS double precision
AS 'MODULE_PATHNAME', 'fs_interpolate'
LANGUAGE C IMMUTABLE WINDOW PARALLEL SAFE;

COMMENT ON FUNCTION flow.interpolate(timestamp with time zone, double precision) IS
'window function, ORDER BY t: value, or if that is NULL what lies at t on the straight
line between the nearest values before and after in the partition, by time; NULL
before the first value and after the last.  Rows without t or with an infinite t are
not interpolated and not drawn on.';

CREATE FUNCTION flow.interpolate(t timestamp without time zone, value double precision)
RETURNS double precision
AS 'MODULE_PATHNAME', 'fs_interpolate'
LANGUAGE C IMMUTABLE WINDOW PARALLEL SAFE;

COMMENT ON FUNCTION flow.interpolate(timestamp without time zone, double precision) IS
'window function, ORDER BY t: value, or if that is NULL what lies at t on the straight
line between the nearest values before and after in the partition, by time; NULL
before the first value and after the last.  Rows without t or with an infinite t are
not interpolated and not drawn on.';

CREATE FUNCTION flow.spread(
    ts timestamp with time zone, duration_ms bigint, value bigint, width interval,
    zone text DEFAULT NULL,
    OUT bucket timestamp with time zone, OUT share bigint)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'fs_spread'
LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 ROWS 2;

COMMENT ON FUNCTION flow.spread(timestamp with time zone, bigint, bigint, interval, text) IS
'What a flow counted, spread over the time buckets that it was active in, the time
from ts to duration_ms milliseconds later, in proportion to the time in each.  Shares
are whole and sum to value: what rounding down leaves goes to the largest remainders,
earlier buckets first.  A duration of 0 or NULL puts all into the bucket of ts.
Nothing if ts or value is NULL.  Negative values and durations, infinite times and
widths out of range are errors (invalid_parameter_value), and so are more than a
million buckets (program_limit_exceeded).';
