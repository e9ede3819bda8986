-- Time buckets on the wall clock of a zone.  Europe/Berlin in 2024 goes from +01
-- to +02 on 31 March at 01:00 UTC and back on 27 October at 01:00 UTC.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
\set SHOW_CONTEXT never
SET timezone = 'Europe/Berlin';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';

-- days, weeks, months and years are those of date_trunc, which core computes
SELECT zone, count(*) FILTER (WHERE flow.time_bucket('1 day', t, zone) = date_trunc('day', t, zone)) AS day,
       count(*) FILTER (WHERE flow.time_bucket('1 week', t, zone) = date_trunc('week', t, zone)) AS week,
       count(*) FILTER (WHERE flow.time_bucket('1 month', t, zone) = date_trunc('month', t, zone)) AS month,
       count(*) FILTER (WHERE flow.time_bucket('3 months', t, zone) = date_trunc('quarter', t, zone)) AS quarter,
       count(*) FILTER (WHERE flow.time_bucket('1 year', t, zone) = date_trunc('year', t, zone)) AS year,
       count(*)
FROM unnest(ARRAY['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe']) zone,
     generate_series(timestamptz '2003-01-01', '2006-01-01', '11 hours 17.3 s') t
GROUP BY zone ORDER BY zone;

-- in UTC and with NULL they are the plain ones
SELECT w, count(*) FILTER (WHERE flow.time_bucket(w, t, 'UTC') = flow.time_bucket(w, t)
                           AND flow.time_bucket(w, t, NULL) = flow.time_bucket(w, t)) AS agree, count(*)
FROM unnest(ARRAY['7 min', '1 hour', '1 day', '10 days', '5 months', '10 years']::interval[]) w,
     generate_series(timestamptz '1960-01-01', '2040-01-01', '401 hours 17.000003 s') t
GROUP BY w ORDER BY w;

-- what the definition says, from the definition: the last moment until t whose wall
-- clock shows a time of the grid or, in spring, that of the jump past one; searched
-- minute by minute, these widths and jumps being whole minutes
CREATE TABLE tz_expected AS
SELECT zone, since, w, m, max(m) FILTER (WHERE date_bin(w, wall, '2000-01-03') = wall OR date_bin(w, wall, '2000-01-03') > before)
                            OVER (PARTITION BY zone, since, w ORDER BY m) AS begin
FROM (SELECT zone, since, m, m AT TIME ZONE zone AS wall, (m - interval '1 us') AT TIME ZONE zone AS before
      FROM (VALUES ('Europe/Berlin', timestamptz '2024-03-30 00:00+00'), ('Europe/Berlin', '2024-10-26 00:00+00'),
                   ('America/St_Johns', '2005-10-29 00:00+00'), ('Australia/Lord_Howe', '2024-10-04 22:00+00'),
                   ('Pacific/Apia', '2011-12-29 00:00+00')) s(zone, since),
           generate_series(since, since + interval '52 hours', '1 min') m) t,
     unnest(ARRAY['15 min', '20 min', '45 min', '90 min', '5 hours', '1 day']::interval[]) w
WHERE date_bin(w, wall, '2000-01-03') = wall OR extract(minute FROM m)::int % 5 = 2 OR date_bin(w, wall, '2000-01-03') > before;
SELECT zone, since::date, count(*) FILTER (WHERE flow.time_bucket(w, m, zone) = begin) AS agree, count(begin)
FROM tz_expected GROUP BY 1, 2 ORDER BY 1, 2;

-- gapfill gives the same beginnings, each once
SELECT count(*) FILTER (WHERE g IS NULL) AS lacking, count(*) FILTER (WHERE e.begin IS NULL) AS excess, count(*) > 0 AS some
FROM (SELECT DISTINCT zone, since, w, begin FROM tz_expected) e
FULL JOIN (SELECT r.*, g FROM (SELECT zone, since, w, min(begin) AS begin, max(m) AS m FROM tz_expected GROUP BY 1, 2, 3) r,
                flow.gapfill(r.w, r.begin, r.m + interval '1 us', r.zone) g) f
ON f.zone = e.zone AND f.since = e.since AND f.w = e.w AND f.g = e.begin
WHERE e.begin IS NOT NULL OR f.g IS NOT NULL;
SELECT s.w, count(*) = count(DISTINCT g) AS is_once, count(*) FILTER (WHERE flow.time_bucket(w, g, 'Europe/Berlin') <> g) AS wrong,
       count(*)
FROM unnest(ARRAY['6 hours', '1 day', '1 month']::interval[]) AS s(w),
     flow.gapfill(w, '2024-01-01 00:00+01', '2025-01-01 00:00+01', 'Europe/Berlin') g
GROUP BY w ORDER BY w;
SELECT g, lead(g) OVER (ORDER BY g) - g AS length FROM flow.gapfill('1 day', '2024-03-30 12:00+01', '2024-04-02 00:00+02', 'Europe/Berlin') g;
SELECT g AS spring FROM flow.gapfill('30 min', '2024-03-31 01:40+01', '2024-03-31 04:00+02', 'Europe/Berlin') g;
SELECT g AS autumn FROM flow.gapfill('45 min', '2024-10-27 01:30+02', '2024-10-27 03:30+01', 'Europe/Berlin') g;

-- origin and shift
SELECT flow.time_bucket('1 day', timestamptz '2024-03-05 05:30+00', interval '6 hours') AS from_6,
       flow.time_bucket('1 day', timestamptz '2024-03-05 05:30+00', shift => '-1 hour') AS from_23,
       flow.time_bucket('1 day', timestamptz '2024-07-05 05:30+02', 'Europe/Berlin', shift => '6 hours') AS berlin_6,
       flow.time_bucket('2 days', timestamptz '2024-07-05 05:30+02', 'Europe/Berlin', '2024-01-01 03:00+01') AS from_origin,
       flow.time_bucket('1 month', timestamptz '2024-07-05 05:30+02', 'Europe/Berlin', shift => '14 days') AS billing;
-- a beginning that the clock skips is where it jumps
SELECT g FROM flow.gapfill('1 day', '2024-03-30 12:00+01', '2024-04-01 12:00+02', 'Europe/Berlin', NULL, '2 hours 30 min') g;

-- the session's zone does not matter
SET timezone = 'America/New_York';
SELECT flow.time_bucket('1 day', timestamptz '2024-10-27 12:00+00', 'Europe/Berlin') = '2024-10-27 00:00+02' AS same;
SET timezone = 'UTC';

-- infinity, NULL and errors
SELECT flow.time_bucket('1 day', timestamptz 'infinity', 'Europe/Berlin') AS inf,
       flow.time_bucket(NULL, timestamptz '2024-01-01', 'UTC') IS NULL AS a,
       flow.time_bucket('1 day', NULL::timestamptz, 'UTC') IS NULL AS b;
SELECT flow.time_bucket('1 day', timestamptz '2024-01-01', 'Europe/Atlantis');
SELECT flow.time_bucket('1 day', timestamptz '2024-01-01', '2024-01-01 00:00+00');
SELECT flow.time_bucket('1 day', timestamptz '2024-01-01', repeat('x', 300)) IS NULL;
SELECT flow.time_bucket('0 s', timestamptz '2024-01-01', 'UTC');
SELECT flow.time_bucket('1 day', timestamptz '2024-01-01', 'UTC', 'infinity');
SELECT flow.time_bucket('1 day', timestamptz '4714-11-24 00:00+00 BC', 'Asia/Tokyo');
SELECT count(*) FROM flow.gapfill('1 s', '2024-01-01', '2025-01-01');
SELECT count(*) FROM flow.gapfill('1 s', '2024-01-01', 'infinity');
SELECT count(*) FROM flow.gapfill('1 s', NULL, '2024-01-01');
SELECT count(*) FROM flow.gapfill('1 s', '2024-01-01', '2024-01-01');

-- how many rows the planner expects
CREATE FUNCTION pg_temp.plan_rows(query text) RETURNS text LANGUAGE plpgsql AS
$$ DECLARE line text; BEGIN FOR line IN EXECUTE 'EXPLAIN ' || query LOOP RETURN substring(line FROM 'rows=\d+'); END LOOP; END $$;
SELECT pg_temp.plan_rows($$SELECT * FROM flow.gapfill('5 min', '2024-01-01', '2024-01-02')$$) AS "288",
       pg_temp.plan_rows($$SELECT * FROM flow.gapfill('1 month', '2024-01-01', '2025-12-01')$$) AS "about 23";

-- FlowAggregate groups by buckets in zones and moved ones, as heap does
CREATE TABLE tz_heap (ts timestamptz, bytes bigint);
INSERT INTO tz_heap SELECT t, extract(epoch FROM t)::bigint % 1009
FROM generate_series(timestamptz '2024-03-20 00:00+00', '2024-11-10 00:00+00', '17 min 13 s') t;
CREATE TABLE tz_flow (ts timestamptz, bytes bigint) USING flowstore;
INSERT INTO tz_flow SELECT * FROM tz_heap;
CREATE FUNCTION pg_temp.different(expr text, OUT rows bigint, OUT differ bigint, OUT is_planned boolean) LANGUAGE plpgsql AS $$
DECLARE
    heap text := format('SELECT flow.time_bucket(%s) AS b, count(*), sum(bytes) FROM tz_heap GROUP BY 1', expr);
    plan text := CASE WHEN current_setting('flowstore.enable_scan')::boolean THEN 'FlowAggregate' ELSE 'HashAggregate' END;
    line text;
BEGIN
    is_planned := false;
    EXECUTE format('SELECT (SELECT count(*) FROM (%s) h), count(*) FROM ((%1$s EXCEPT ALL %2$s) UNION ALL (%2$s EXCEPT ALL %1$s)) d',
                   heap, replace(heap, 'tz_heap', 'tz_flow')) INTO rows, differ;
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || replace(heap, 'tz_heap', 'tz_flow') LOOP
        is_planned := is_planned OR line ~ plan;
    END LOOP;
END $$;
SELECT expr, d.*
FROM unnest(ARRAY[
  $$'1 day', ts, 'Europe/Berlin'$$, $$'1 hour', ts, 'Europe/Berlin'$$, $$'45 min', ts, 'Australia/Lord_Howe'$$,
  $$'1 month', ts, 'America/New_York'$$, $$'1 day', ts, interval '6 hours'$$,
  $$'7 hours', ts, 'Europe/Berlin', '2024-05-05 05:05:05+00', '-17 min'$$]) expr, pg_temp.different(expr) d;

DROP TABLE tz_expected, tz_heap, tz_flow;
