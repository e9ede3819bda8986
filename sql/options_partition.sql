-- Whatever the history of partition and time_column, a bounded query sees the
-- rows that a heap table has.
-- Without this test: a partition that is looked for where it does not begin.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
CREATE SCHEMA options_partition;
SET search_path = options_partition;
SET timezone = 'UTC';

CREATE TABLE h (a timestamptz, b timestamptz, n int);
CREATE TABLE f (a timestamptz, b timestamptz, n int) USING flowstore
    WITH (flowstore.max_future = '10 years', flowstore.future_rows = set_aside);

-- rounds of: other options, rows, questions; returns the answers that differ
CREATE FUNCTION play(rounds int, columns text[]) RETURNS TABLE (questions bigint, wrong bigint)
LANGUAGE plpgsql AS $$
DECLARE
    lengths CONSTANT text[] := '{1 minute,7 minutes,1 hour,25 hours,7 days,1 year}';
    low timestamptz;
    high timestamptz;
    which text;
    got bigint[];
    want bigint[];
BEGIN
    questions := 0;
    wrong := 0;
    FOR round IN 1 .. rounds LOOP
        PERFORM flow.set('f', partition => lengths[1 + floor(random() * 6)::int],
                         time_column => columns[1 + floor(random() * array_length(columns, 1))::int]);
        CREATE TEMP TABLE fresh AS
            SELECT CASE WHEN random() < 0.02 THEN NULL WHEN random() < 0.02 THEN 'infinity'
                   ELSE timestamptz '1999-12-25' + random() * interval '20 days' END AS a,
                timestamptz '2000-01-01' - random() * interval '20 days' AS b, g AS n
            FROM generate_series(1, 200) g;
        INSERT INTO h TABLE fresh;
        INSERT INTO f TABLE fresh;
        DROP TABLE fresh;
        FOR question IN 1 .. 10 LOOP
            low := timestamptz '1999-12-20' + random() * interval '25 days';
            high := low + random() ^ 4 * interval '20 days';
            which := (ARRAY['a', 'b'])[1 + floor(random() * 2)::int];
            EXECUTE format('SELECT ARRAY[count(*), sum(n)] FROM f WHERE %I BETWEEN $1 AND $2', which) INTO got USING low, high;
            EXECUTE format('SELECT ARRAY[count(*), sum(n)] FROM h WHERE %I BETWEEN $1 AND $2', which) INTO want USING low, high;
            questions := questions + 1;
            wrong := wrong + (got IS DISTINCT FROM want)::int;
            EXECUTE format('SELECT ARRAY[count(*), sum(n)] FROM f WHERE %I >= $1', which) INTO got USING high;
            EXECUTE format('SELECT ARRAY[count(*), sum(n)] FROM h WHERE %I >= $1', which) INTO want USING high;
            questions := questions + 1;
            wrong := wrong + (got IS DISTINCT FROM want)::int;
        END LOOP;
    END LOOP;
    RETURN NEXT;
END $$;

SELECT setseed(0.5);
-- one time column, partitions of all lengths
SELECT * FROM play(20, '{a}');
VACUUM FULL f;
SELECT * FROM play(5, '{a}');
-- both columns, and none
SELECT * FROM play(20, '{a,b,none,default}');
SELECT count(*) FROM (TABLE h EXCEPT ALL TABLE f) x;
SELECT count(*) FROM (TABLE f EXCEPT ALL TABLE h) x;
-- in one transaction with a savepoint
BEGIN;
SELECT wrong FROM play(3, '{a,b}');
SAVEPOINT s;
SELECT wrong FROM play(3, '{none}');
ROLLBACK TO s;
SELECT wrong FROM play(3, '{a}');
COMMIT;
ALTER TABLE f ALTER COLUMN n TYPE bigint;
SELECT wrong FROM play(3, '{a,b}');
SELECT count(*) FROM (SELECT a, b, n::bigint FROM h EXCEPT ALL TABLE f) x;

SET client_min_messages = warning;
DROP SCHEMA options_partition CASCADE;
