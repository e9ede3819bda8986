-- max_future and future_rows; partition and time_column say where rows go.
-- Without this test: one row from the year 2100 that moves everything else.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
\set SHOW_CONTEXT never
SET timezone = 'UTC';
CREATE SCHEMA options_future;
SET search_path = options_future;

CREATE TABLE t (ts timestamptz, n int) USING flowstore WITH (flowstore.max_future = '1 hour');
INSERT INTO t VALUES (now() + interval '59 minutes', 1), (now() - interval '100 years', 2), (NULL, 3), ('-infinity', 4);
\set VERBOSITY sqlstate
INSERT INTO t VALUES (now(), 5), (now() + interval '61 minutes', 6);
INSERT INTO t VALUES ('infinity', 7);
COPY t FROM stdin;
2024-01-01 00:00+00	8
2100-01-01 00:00+00	9
\.
\set VERBOSITY default
SELECT n FROM t ORDER BY n;
SELECT future_refused, future_set_aside FROM flow.stats('t');

-- the message names the time, the limit and a way out
DO $$
DECLARE message text; detail text; hint text;
BEGIN
    INSERT INTO t VALUES ('2100-01-01 00:00+00', 10);
EXCEPTION WHEN check_violation THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RAISE NOTICE '%', message;
    RAISE NOTICE '%', regexp_replace(detail, 'allows is [-0-9]+ [0-9:.]+', 'allows is TIME');
    RAISE NOTICE '%', hint;
END $$;

-- set aside: outside of all partitions, and there for every query
SELECT flow.set('t', future_rows => 'set_aside');
INSERT INTO t VALUES (now(), 11), ('2100-01-01 00:00+00', 12), ('infinity', 13);
INSERT INTO t SELECT timestamptz '2101-01-01 00:00+00' + g * interval '1 day', 100 + g FROM generate_series(1, 100) g;
BEGIN;
INSERT INTO t VALUES ('2100-01-01 00:00+00', 14);
ROLLBACK;
SELECT count(*) FROM t WHERE ts > '2099-01-01';
SELECT count(*) FROM t WHERE ts > now() + interval '1 day' AND ts < '2101-01-11';
SELECT sum(rows) AS outside FROM flow.chunks('t') WHERE partition IS NULL;
SELECT count(*) FROM flow.chunks('t') WHERE partition > '2099-01-01';
SELECT future_refused, future_set_aside FROM flow.stats('t');
UPDATE t SET ts = '2102-01-01' WHERE n = 11;
SELECT future_refused, future_set_aside FROM flow.stats('t');

-- counts outlive VACUUM FULL; TRUNCATE begins anew
VACUUM FULL t;
SELECT future_refused, future_set_aside FROM flow.stats('t');
-- a rewrite keeps apart what was, counts nothing and refuses nothing
SELECT flow.set('t', max_future => '1 minute', future_rows => 'error');
ALTER TABLE t ALTER COLUMN n TYPE bigint;
SELECT count(*) FROM t;
SELECT flow.set('t', future_rows => 'set_aside');
ALTER TABLE t ALTER COLUMN n TYPE int;
SELECT count(*) FROM t WHERE ts > '2099-01-01';
SELECT count(*) FROM flow.chunks('t') WHERE partition > '2099-01-01';
SELECT future_refused, future_set_aside FROM flow.stats('t');
TRUNCATE t;
SELECT future_refused, future_set_aside FROM flow.stats('t');

-- times without time zone count as UTC
SET timezone = 'America/New_York';
CREATE TABLE local (ts timestamp) USING flowstore WITH (flowstore.max_future = 0);
INSERT INTO local VALUES (clock_timestamp() AT TIME ZONE 'UTC' - interval '1 second');
\set VERBOSITY sqlstate
INSERT INTO local VALUES (clock_timestamp() AT TIME ZONE 'UTC' + interval '1 minute');
\set VERBOSITY default
SET timezone = 'UTC';

-- no limit without a time column
CREATE TABLE timeless (ts timestamptz) USING flowstore WITH (flowstore.max_future = 0, flowstore.time_column = none);
INSERT INTO timeless VALUES ('2100-01-01');
SELECT count(*) FROM timeless;

-- partitions of different lengths stand side by side
CREATE TABLE p (a timestamptz, b timestamptz) USING flowstore;
INSERT INTO p SELECT timestamptz '2024-01-01 00:00+00' + g * interval '10 minutes', timestamptz '2020-01-01 00:00+00' FROM generate_series(0, 11) g;
SELECT flow.set('p', partition => '10 minutes');
INSERT INTO p SELECT timestamptz '2024-01-01 02:00+00' + g * interval '10 minutes', timestamptz '2020-01-01 00:00+00' FROM generate_series(0, 11) g;
BEGIN;
SELECT flow.set('p', partition => '1 day');
INSERT INTO p SELECT timestamptz '2024-01-01 04:00+00' + g * interval '10 minutes', timestamptz '2020-01-01 00:00+00' FROM generate_series(0, 11) g;
COMMIT;
SELECT flow.set('p', time_column => 'b', partition => '1 year');
INSERT INTO p SELECT timestamptz '2024-01-01 06:00+00' + g * interval '10 minutes', timestamptz '2020-01-01 00:00+00' FROM generate_series(0, 11) g;
SELECT partition, sum(rows) AS rows FROM flow.chunks('p') GROUP BY 1 ORDER BY 1;
SELECT count(*), min(a), max(a), count(DISTINCT b) FROM p;
SELECT count(*) FROM p WHERE a >= '2024-01-01 01:00+00' AND a < '2024-01-01 03:00+00';
SELECT count(*) FROM p WHERE b = '2020-01-01 00:00+00';
VACUUM FULL p;
SELECT partition, sum(rows) AS rows FROM flow.chunks('p') GROUP BY 1 ORDER BY 1;
SELECT count(*), min(a), max(a), count(DISTINCT b) FROM p;

-- privileges
SET client_min_messages = warning;
CREATE ROLE options_future_stranger;
GRANT USAGE ON SCHEMA options_future TO options_future_stranger;
SET ROLE options_future_stranger;
SELECT future_refused FROM flow.stats('t');
RESET ROLE;
DROP SCHEMA options_future CASCADE;
DROP ROLE options_future_stranger;
