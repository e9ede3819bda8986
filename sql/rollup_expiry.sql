-- Rows that options of a table remove stay counted in its rollups, and levels have an
-- age limit of their own.  Without this test: history that vanishes with the raw rows,
-- or buckets that are rolled up again from what is left of them.
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
CREATE TABLE raw (ts timestamptz, k int, v bigint) USING flowstore;
CREATE TABLE everything (LIKE raw);
CREATE FUNCTION more(since timestamptz, n int) RETURNS void LANGUAGE sql AS $$
    INSERT INTO raw SELECT since + g * interval '20 s', g % 3, g FROM generate_series(0, n - 1) g;
    INSERT INTO everything SELECT since + g * interval '20 s', g % 3, g FROM generate_series(0, n - 1) g $$;
CREATE FUNCTION wrong(level regclass, step interval, floor timestamptz DEFAULT '-infinity') RETURNS text LANGUAGE plpgsql AS $$
DECLARE a bigint; b bigint;
BEGIN
    EXECUTE format('WITH s AS (SELECT flow.time_bucket(%L::interval, ts), k, count(*), sum(v) FROM everything'
        ' WHERE flow.time_bucket(%1$L::interval, ts) >= %L GROUP BY 1, 2)'
        ' SELECT (SELECT count(*) FROM (SELECT * FROM s EXCEPT ALL SELECT * FROM %s) a),'
        ' (SELECT count(*) FROM (SELECT * FROM %3$s WHERE bucket >= %2$L EXCEPT ALL SELECT * FROM s) b)', step, floor, level) INTO a, b;
    RETURN a || ' missing, ' || b || ' too many';
END $$;
SELECT flow.create_rollup('sums', 'SELECT k, count(*) AS n, sum(v) AS v FROM raw GROUP BY k', levels => '{"5 min": "3 hours", "1 hour": "forever"}');
-- three days of 20 seconds
SELECT more('2026-01-01', 3 * 4320);
SELECT flow.refresh_rollup('sums');
SELECT wrong('sums_1h', '1 hour');
-- a level's age is counted from its newest bucket, here 2026-01-03 23:55
SELECT step, horizon FROM flow.rollups ORDER BY 1;
SELECT wrong('sums_5m', '5 min', '2026-01-03 20:55');

-- age: nothing changes but the table
BEGIN; -- before the worker does
SELECT flow.set('raw', retain => '1 day');
SELECT rows FROM flow.expire('raw');
COMMIT;
SELECT count(*), min(ts) FROM raw;
SELECT wrong('sums_1h', '1 hour'), wrong('sums_5m', '5 min', '2026-01-03 20:55');
SELECT flow.refresh_rollup('sums');
SELECT wrong('sums_1h', '1 hour'), wrong('sums_5m', '5 min', '2026-01-03 20:55');
SELECT DISTINCT raw_since FROM flow.rollups;
-- late rows count if they belong to a bucket that is whole, else not
SELECT more('2026-01-03 00:00:05', 100);
SELECT wrong('sums_1h', '1 hour');
INSERT INTO raw VALUES ('2026-01-01 12:00', 1, 1), ('2026-01-02 22:59', 1, 1);
SELECT wrong('sums_1h', '1 hour');
SELECT flow.refresh_rollup('sums');
SELECT wrong('sums_1h', '1 hour');
-- deleted rows do not count any more; what is not there cannot be deleted
DELETE FROM raw WHERE k = 2; DELETE FROM everything WHERE k = 2 AND ts >= '2026-01-02 23:00';
SELECT wrong('sums_1h', '1 hour');
SELECT flow.refresh_rollup('sums');
SELECT wrong('sums_1h', '1 hour');

-- the number of rows, in the transaction that inserts
SELECT flow.set('raw', retain => NULL, max_rows => 1000, slack => 500);
SELECT more('2026-01-04', 400);
SELECT flow.refresh_rollup('sums');
SELECT more('2026-01-04 03:00', 400);
SELECT count(*) <= 1500 AS bounded FROM raw;
SELECT wrong('sums_1h', '1 hour');
SELECT flow.refresh_rollup('sums');
SELECT more('2026-01-05', 400);
SELECT flow.refresh_rollup('sums');
SELECT more('2026-01-05 03:00', 400);
SELECT wrong('sums_1h', '1 hour');
SELECT flow.refresh_rollup('sums');
SELECT wrong('sums_1h', '1 hour');
-- the finer level's horizon moves with its newest bucket
SELECT step, horizon FROM flow.rollups ORDER BY 1;
SELECT wrong('sums_5m', '5 min', '2026-01-05 02:10');
-- what goes before it was rolled up is lost: 2000 rows at once, of which 1000 stay
SELECT more('2026-01-06', 2000);
SELECT count(*) <= 1500 AS bounded FROM raw;
SELECT sum(n) BETWEEN 1000 AND 1999 AS lost FROM sums_1h WHERE bucket >= '2026-01-06';
SELECT flow.drop_rollup('sums');
DROP TABLE raw, everything;
DROP FUNCTION more, wrong;
