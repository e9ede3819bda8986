-- flow.time_bucket agrees with date_bin for fixed widths, with date_trunc for
-- months and years, before and after the origin, in every time zone.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';

SELECT flow.time_bucket('5 min', timestamptz '2024-03-05 12:34:56.789') AS min5,
       flow.time_bucket('1 day', timestamp '2024-03-05 12:34:56.789') AS day,
       flow.time_bucket('1 week', date '2024-03-05') AS week;
SELECT flow.time_bucket('1 month', timestamptz '2024-03-05 12:34:56') AS month,
       flow.time_bucket('3 months', timestamp '1999-12-31 23:59:59') AS quarter,
       flow.time_bucket('10 years', date '1969-07-20') AS decade;
SELECT to_char(flow.time_bucket('1 week', d), 'FMDay') AS week_begins, count(*)
FROM generate_series(timestamp '1970-01-01', '2030-01-01', '17 hours') d GROUP BY 1;

-- fixed widths
SELECT w, count(*) FILTER (WHERE flow.time_bucket(w, t) = date_bin(w, t, '2000-01-03 00:00+00')
                           AND flow.time_bucket(w, t::timestamp) =
                               date_bin(w, t::timestamp, '2000-01-03')) AS agree,
       count(*) FILTER (WHERE flow.time_bucket(w, t, timestamptz '1999-05-05 05:05:05+00') =
                           date_bin(w, t, '1999-05-05 05:05:05+00')) AS agree_with_origin,
       count(*)
FROM unnest(ARRAY['1 us', '0.020 s', '300.000s', '7 min', '1 hour',
                  '1 day', '36 hours', '1 week', '1 day -1 hour', '1036800.000s']::interval[]) w,
     generate_series(timestamptz '1960-01-01', '2040-01-01', '401 hours 17.000003 s') t
GROUP BY w ORDER BY w;
SELECT t, flow.time_bucket('1 hour', t) FROM unnest(ARRAY[
    '2000-01-03 00:00+00', '2000-01-02 23:59:59.999999+00', '1999-12-31 00:00+00',
    '0001-01-01 00:30+00 BC', '4714-11-24 01:30+00 BC', '294276-12-31 23:59:59.999999+00']::timestamptz[]) t;

-- fixed widths do not see daylight saving time
SET timezone = 'Europe/Berlin';
SELECT t, flow.time_bucket('6 hours', t) FROM unnest(ARRAY[
    '2024-03-31 01:59:59+01', '2024-03-31 03:00:00+02', '2024-10-27 02:30+02', '2024-10-27 02:30+01']::timestamptz[]) t;
SELECT flow.time_bucket('1 month', timestamptz '2024-03-01 00:30+01');
SET timezone = 'UTC';

-- months and years
SELECT count(*) FILTER (WHERE flow.time_bucket('1 month', t) = date_trunc('month', t)
                        AND flow.time_bucket('1 month', t::timestamptz) = date_trunc('month', t::timestamptz)
                        AND flow.time_bucket('1 month', t::date) = date_trunc('month', t)::date) AS month,
       count(*) FILTER (WHERE flow.time_bucket('3 months', t) = date_trunc('quarter', t)) AS quarter,
       count(*) FILTER (WHERE flow.time_bucket('1 year', t) = date_trunc('year', t)) AS year,
       count(*)
FROM generate_series(timestamp '1960-01-01', '2040-01-01', '37 hours 17.000003 s') t;
SELECT t, flow.time_bucket('1 month', t, '2000-01-31 12:00') FROM unnest(ARRAY[
    '2024-02-29 11:59', '2024-02-29 12:00', '2024-03-31 11:00', '1999-12-31 11:00', '2000-01-31 12:00']::timestamp[]) t;
SELECT count(*) FILTER (WHERE b <= t AND t < b2)  AS inside, count(*)
FROM generate_series(timestamp '1980-01-01', '2020-01-01', '29 hours') t,
     LATERAL flow.time_bucket('5 months', t, '2001-03-15 07:30') b,
     LATERAL (SELECT b + interval '5 months' AS b2) n;

-- dates
SELECT count(*) FILTER (WHERE flow.time_bucket(w, d) = date_bin(w, d, '2000-01-03')::date) AS agree,
       count(*) FILTER (WHERE flow.time_bucket(w, d, date '1999-05-05') =
                           date_bin(w, d, '1999-05-05')::date) AS agree_with_origin,
       count(*)
FROM unnest(ARRAY['5 min', '1 day', '36 hours', '1 week', '10 days']::interval[]) w,
     (SELECT t::date AS d FROM generate_series(timestamp '1990-01-01', '2010-01-01', '5 days') t) s;

-- infinity and NULL
SELECT flow.time_bucket('1 hour', timestamptz 'infinity') AS a,
       flow.time_bucket('1 month', timestamp '-infinity') AS b,
       flow.time_bucket('1 week', date 'infinity') AS c,
       flow.time_bucket(NULL, timestamptz '2024-01-01') IS NULL AS d,
       flow.time_bucket('1 hour', NULL::date) IS NULL AS e;

-- errors
SELECT flow.time_bucket('0', timestamptz '2024-01-01');
SELECT flow.time_bucket('-5 min', timestamptz '2024-01-01');
SELECT flow.time_bucket('-1 month', timestamp '2024-01-01');
SELECT flow.time_bucket('1 month 1 day', timestamp '2024-01-01');
SELECT flow.time_bucket('1 year -1 s', date '2024-01-01');
SELECT flow.time_bucket('0', timestamptz 'infinity');
SELECT flow.time_bucket('1 month 1 day', timestamp '-infinity', timestamp '2024-01-01');
SELECT flow.time_bucket('-1 month', date 'infinity');
SELECT flow.time_bucket('200000000 days', timestamp '2024-01-01');
SELECT flow.time_bucket('1 hour', timestamp '2024-01-01', timestamp 'infinity');
SELECT flow.time_bucket('5 days', timestamptz '4714-11-24 00:00+00 BC');
SELECT flow.time_bucket('100 years', timestamp '4714-11-24 00:00 BC');
SELECT flow.time_bucket('1 hour', timestamp '294276-12-31 23:00', timestamp '4714-11-24 00:00 BC');

RESET intervalstyle;
RESET datestyle;
RESET timezone;
