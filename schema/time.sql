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
