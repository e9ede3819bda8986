-- Rollups: at any time a view gives what its definition, grouped by bucket, gives
-- for the rows of the table.  Without this test: dashboards that are wrong after
-- late, deleted or expired rows.  The oracle is that GROUP BY, computed anew, over
-- the same table (which other tests compare with heap) and over a heap table.
SET timezone = 'UTC';
SET client_min_messages = warning;
\set SHOW_CONTEXT never
CREATE EXTENSION IF NOT EXISTS flowstore;
CREATE SCHEMA rolled;
SET search_path = rolled, public;
CREATE TABLE flows (ts timestamptz, src_addr inet, dst_port int, bytes bigint) USING flowstore;
CREATE TABLE heaped (LIKE flows) USING heap;
CREATE FUNCTION fill(n int) RETURNS void LANGUAGE sql AS $$
    INSERT INTO flows SELECT '2026-01-01'::timestamptz + g * interval '7 s', '10.0.0.0'::inet + g % 5, g % 3, g
    FROM generate_series(1, n) g;
    INSERT INTO heaped SELECT '2026-01-01'::timestamptz + g * interval '7 s', '10.0.0.0'::inet + g % 5, g % 3, g
    FROM generate_series(1, n) g $$;
-- rows that the levels of rollup r of table t lack, and have too many
CREATE FUNCTION wrong(t text, r text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    level text; step text; a bigint; b bigint; result text := '';
BEGIN
    FOR level, step IN VALUES ('1m', '1 min'), ('5m', '5 min'), ('1h', '1 hour') LOOP
        EXECUTE format('WITH s AS (SELECT flow.time_bucket(%L::interval, ts) AS bucket, src_addr,'
            ' count(*) AS flows, sum(bytes) AS bytes, count(DISTINCT dst_port) AS ports, max(dst_port) AS top'
            ' FROM %s WHERE bytes %% 4 > 0 AND isfinite(ts) GROUP BY 1, 2)'
            ' SELECT (SELECT count(*) FROM (SELECT * FROM s EXCEPT ALL SELECT * FROM %s) a),'
            ' (SELECT count(*) FROM (SELECT * FROM %3$s EXCEPT ALL SELECT * FROM s) b)',
            step, t, r || '_' || level) INTO a, b;
        result := result || ' ' || a || '/' || b;
    END LOOP;
    RETURN result;
END $$;
CREATE FUNCTION all_wrong() RETURNS text LANGUAGE sql AS
$$ SELECT wrong('flows', 'talkers') || wrong('heaped', 'heapers') $$;

SELECT fill(3000);
SELECT flow.create_rollup('talkers',
    $$SELECT src_addr, count(*) AS flows, sum(bytes) AS bytes, count(DISTINCT dst_port) AS ports, max(dst_port) AS top
      FROM flows WHERE bytes % 4 > 0 GROUP BY src_addr$$,
    levels => '{"1 hour": "forever", "5 min": "forever", "1 min": "forever"}');
SELECT flow.create_rollup('rolled.heapers', dimensions => '{src_addr}',
    measures => '{"flows": "count(*)", "bytes": "sum(bytes)", "ports": "count(DISTINCT dst_port)", "top": "max(dst_port)"}',
    relation => 'heaped', filter => 'bytes % 4 > 0',
    levels => '{"1 min": "forever", "5 min": "forever", "1 hour": "forever"}');
-- jsonb sorts keys by length: name the columns for wrong()
SELECT column_name FROM information_schema.columns WHERE table_schema = 'rolled' AND table_name = 'heapers_1h' ORDER BY ordinal_position;
CREATE OR REPLACE FUNCTION all_wrong() RETURNS text LANGUAGE sql AS
$$ SELECT wrong('flows', 'talkers') || wrong('heaped', 'heaped_like') $$;
CREATE VIEW heaped_like_1m AS SELECT bucket, src_addr, flows, bytes, ports, top FROM heapers_1m;
CREATE VIEW heaped_like_5m AS SELECT bucket, src_addr, flows, bytes, ports, top FROM heapers_5m;
CREATE VIEW heaped_like_1h AS SELECT bucket, src_addr, flows, bytes, ports, top FROM heapers_1h;

-- nothing rolled, a part, all
SELECT all_wrong();
SELECT flow.refresh_rollup('talkers', '2026-01-01 01:30', '2026-01-01 02:30'), flow.refresh_rollup('heapers', '2026-01-01 01:30', '2026-01-01 02:30');
SELECT count(*) > 0, min(bucket), max(bucket) FROM talkers_1h_rows;
SELECT all_wrong();
SELECT flow.refresh_rollup('talkers'), flow.refresh_rollup('rolled.heapers');
SELECT name, step, keep, reading, rows, state, pending, raw_since, dimensions, measures, error FROM flow.rollups ORDER BY 1, 2;
SELECT all_wrong();

-- late rows, rows of the future, rows without a time, deleted and changed rows
INSERT INTO flows VALUES ('2026-01-01 02:00:01', '10.9.9.9', 1, 5), ('2025-12-30', '10.9.9.9', 1, 6), ('2027-01-01', '::1', 1, 7), (NULL, '::1', 1, 7), ('infinity', '::1', 1, 9), ('2026-01-01 03:00', NULL, NULL, 9);
INSERT INTO heaped SELECT * FROM flows WHERE src_addr IN ('10.9.9.9', '::1') OR src_addr IS NULL;
SELECT all_wrong();
DELETE FROM flows WHERE src_addr = '10.0.0.3' AND dst_port = 1; DELETE FROM heaped WHERE src_addr = '10.0.0.3' AND dst_port = 1;
SELECT all_wrong();
UPDATE flows SET ts = ts + interval '1 day', bytes = bytes + 1 WHERE ts BETWEEN '2026-01-01 01:00' AND '2026-01-01 01:10';
UPDATE heaped SET ts = ts + interval '1 day', bytes = bytes + 1 WHERE ts BETWEEN '2026-01-01 01:00' AND '2026-01-01 01:10';
SELECT all_wrong();
SELECT flow.refresh_rollup('talkers', '2026-01-01 01:00', '2026-01-01 01:05'), flow.refresh_rollup('heapers', '2026-01-01 01:00', '2026-01-01 01:05');
SELECT all_wrong();
SELECT flow.refresh_rollup('talkers'), flow.refresh_rollup('heapers');
SELECT all_wrong();

-- a transaction sees what it has done itself, and what it takes back it does not
BEGIN;
INSERT INTO flows VALUES ('2026-01-01 02:00:01', '10.8.8.8', 1, 5); INSERT INTO heaped VALUES ('2026-01-01 02:00:01', '10.8.8.8', 1, 5);
SELECT all_wrong();
SAVEPOINT a;
DELETE FROM flows WHERE dst_port = 2; DELETE FROM heaped WHERE dst_port = 2;
SELECT all_wrong();
SELECT flow.refresh_rollup('talkers');
SELECT all_wrong();
ROLLBACK TO a;
SELECT all_wrong();
TRUNCATE flows, heaped;
SELECT all_wrong();
ROLLBACK;
SELECT all_wrong();
-- an error while rolling up leaves nothing set
BEGIN;
SAVEPOINT b;
ALTER TABLE talkers_1m_rows ADD CONSTRAINT few CHECK (flows < 1) NOT VALID;
SELECT flow.refresh_rollup('talkers');
ROLLBACK TO b;
SELECT all_wrong();
COMMIT;
DO $$ BEGIN
    INSERT INTO flows VALUES ('2026-01-01 04:00:01', '10.7.7.7', 1, 5);
    BEGIN
        INSERT INTO flows VALUES ('2026-01-01 05:00:01', '10.7.7.7', 1, 5);
        PERFORM count(*) FROM talkers_1h;
        RAISE 'undone';
    EXCEPTION WHEN raise_exception THEN NULL; END;
END $$;
SELECT all_wrong();
-- filters on buckets and keys, and grouping of a level
SELECT bucket, flows FROM talkers_1h WHERE src_addr = '10.0.0.1' AND bucket >= '2026-01-01 01:00' AND bucket < '2026-01-01 04:00' ORDER BY 1;
SELECT (SELECT sum(flows) FROM talkers_1m WHERE bucket >= '2026-01-01 01:30') = (SELECT count(*) FROM flows WHERE bytes % 4 > 0 AND ts >= '2026-01-01 01:30' AND isfinite(ts)) AS same;
PREPARE p(timestamptz) AS SELECT sum(flows) FROM talkers_5m WHERE bucket < $1;
EXECUTE p('2026-01-01 01:00');
DELETE FROM flows WHERE ts < '2026-01-01 00:30'; DELETE FROM heaped WHERE ts < '2026-01-01 00:30';
EXECUTE p('2026-01-01 01:00');
SELECT count(*) FROM flows WHERE bytes % 4 > 0 AND ts < '2026-01-01 01:00';

-- series: 3600 / 7 rows an hour, a fifth of them for each address (less the filter), 0 where there is nothing
SELECT s.bucket, s.value, (SELECT count(*) FROM flows f WHERE src_addr = '10.0.0.1' AND bytes % 4 > 0 AND f.ts >= s.bucket AND f.ts < s.bucket + interval '30 min') AS counted
FROM flow.series('talkers', '10.0.0.1', '30 min', '2026-01-01 01:45', '2026-01-01 07:00') s;
SELECT sum(value) = (SELECT sum(bytes) FROM flows WHERE bytes % 4 > 0 AND ts >= '2026-01-01' AND ts < '2026-01-02') FROM flow.series('talkers', NULL, '1 hour', '2026-01-01', '2026-01-02', 'bytes');
SELECT * FROM flow.series('talkers', '10.9.9.9', '1 hour', '2026-01-01 01:00', '2026-01-01 04:00', 'top');
SELECT * FROM flow.series('talkers', '10.9.9.9', '90 s');
SELECT * FROM flow.series('talkers', '10.9.9.9', '2 hours', measure => 'top');
SELECT * FROM flow.series('talkers', NULL, '1 hour', measure => 'top');
SELECT * FROM flow.series('talkers', '10.9.9.9', measure => 'no');
SELECT * FROM flow.series('nobody');
SELECT * FROM flow.series('talkers', NULL, '0');
SELECT * FROM flow.series('talkers', NULL, NULL, '2026-01-02', '2026-01-01');
SELECT * FROM flow.series('talkers', $$'; DROP TABLE flows; --$$, '1 hour');

-- all kinds of measures: values in order, histogram, gauge, set; two dimensions, and none
SELECT flow.create_rollup('kinds', $$SELECT dst_port, src_addr << '10.0.0.0/8' AS inside, array_agg(bytes ORDER BY ts, bytes) AS series,
    array_agg(DISTINCT host(src_addr) ORDER BY host(src_addr)) AS hosts, (array_agg(bytes ORDER BY ts DESC, bytes))[1] AS gauge,
    count(*) FILTER (WHERE bytes > 1000) AS many, avg(bytes) AS mean
    FROM flows GROUP BY 1, 2$$, levels => '{"1 hour": "forever"}');
SELECT flow.create_rollup('totals', 'SELECT count(*) AS n FROM flows', levels => '{"30 s": "forever", "2 days": "forever"}');
SELECT flow.refresh_rollup('kinds'), flow.refresh_rollup('totals');
INSERT INTO flows VALUES ('2026-01-01 01:01', '10.1.1.1', 1, 77);
SELECT bucket, hosts, gauge, many, round(mean) FROM kinds_1h WHERE dst_port = 1 AND bucket BETWEEN '2026-01-01 01:00' AND '2026-01-01 02:00' ORDER BY 1;
SELECT count(*) FROM ((SELECT flow.time_bucket('1 hour', ts), dst_port, src_addr << '10.0.0.0/8', array_agg(bytes ORDER BY ts, bytes), avg(bytes) FROM flows WHERE isfinite(ts) GROUP BY 1, 2, 3)
    EXCEPT SELECT bucket, dst_port, inside, series, mean FROM kinds_1h) x;
SELECT sum(n) = (SELECT count(*) FROM flows WHERE isfinite(ts)) FROM totals_30s;
SELECT sum(n) = (SELECT count(*) FROM flows WHERE isfinite(ts)) FROM totals_2d;
SELECT value FROM flow.series('kinds', '{"dst_port": 1, "inside": true}', '1 hour', '2026-01-01 01:00', '2026-01-01 03:00', 'gauge');
SELECT value FROM flow.series('kinds', '{"dst_port": 1}', '1 hour', '2026-01-01 01:00', '2026-01-01 03:00', 'many');
SELECT value FROM flow.series('kinds', '{"port": 1}', '1 hour');
SELECT value FROM flow.series('kinds', '7', '1 hour');
SELECT flow.drop_rollup('kinds'), flow.drop_rollup('totals');

-- the table and its columns may be renamed, but not the time; used ones not dropped
ALTER TABLE flows RENAME TO streams;
ALTER TABLE streams RENAME dst_port TO service;
INSERT INTO streams VALUES ('2026-01-01 04:00:01', '10.7.7.7', 1, 5);
SELECT flow.refresh_rollup('talkers');
SELECT sum(flows) = (SELECT count(*) FROM streams WHERE bytes % 4 > 0 AND isfinite(ts)) FROM talkers_1m;
ALTER TABLE streams RENAME service TO dst_port;
ALTER TABLE streams RENAME TO flows;
ALTER TABLE flows RENAME ts TO t;
ALTER TABLE flows SET ACCESS METHOD heap;
ALTER TABLE flows DROP COLUMN dst_port;
-- which of several views the detail names is not said
\set VERBOSITY terse
ALTER TABLE flows ALTER bytes TYPE int;
\set VERBOSITY default
DROP TABLE flows;
ALTER TABLE flows ADD COLUMN more int DEFAULT 1;
VACUUM FULL flows;
DELETE FROM heaped; INSERT INTO heaped SELECT ts, src_addr, dst_port, bytes FROM flows;
SELECT all_wrong();
-- levels move with their schema
CREATE SCHEMA elsewhere;
ALTER TABLE talkers_5m_rows SET SCHEMA elsewhere;
ALTER TABLE elsewhere.talkers_5m_rows RENAME TO five;
SELECT flow.refresh_rollup('talkers');
SELECT all_wrong();

-- what is refused
SELECT flow.create_rollup('talkers', 'SELECT count(*) AS n FROM flows', levels => '{"1 min": "forever"}');
SELECT flow.create_rollup('x', 'SELECT count(*) AS n FROM flows; DROP TABLE flows');
SELECT flow.create_rollup('x', 'DELETE FROM flows');
SELECT flow.create_rollup('x', 'SELECT count(*) AS n FROM flows f JOIN heaped USING (ts)');
SELECT flow.create_rollup('x', 'SELECT count(*) AS n FROM talkers_1m');
SELECT flow.create_rollup('x', 'SELECT count(*) AS n FROM nothing');
SELECT flow.create_rollup('x', 'SELECT src_addr FROM flows GROUP BY 1');
SELECT flow.create_rollup('x', 'SELECT count(*) AS n FROM flows GROUP BY src_addr');
SELECT flow.create_rollup('x', 'SELECT count(*) AS n FROM flows HAVING count(*) > 1');
SELECT flow.create_rollup('x', 'SELECT src_addr, count(*) AS n FROM flows GROUP BY ROLLUP (src_addr)');
SELECT flow.create_rollup('x', 'SELECT count(*) AS n FROM flows LIMIT 1');
SELECT flow.create_rollup('x', 'SELECT count(*) AS n, (SELECT 1) AS o FROM flows');
SELECT flow.create_rollup('x', 'SELECT count(*) AS n FROM flows WHERE ts > now()');
SELECT flow.create_rollup('x', 'SELECT count(*) AS bucket FROM flows');
SELECT flow.create_rollup('x', 'SELECT count(*) AS n, rank() OVER () AS r FROM flows');
SELECT flow.create_rollup('x', 'SELECT 1 AS one, count(*) AS n FROM flows');
SELECT flow.create_rollup('x', dimensions => '{src_addr}', measures => '[]', relation => 'flows');
SELECT flow.create_rollup('x', dimensions => '{"src_addr FROM heaped; --"}', measures => '{"n": "count(*)"}', relation => 'flows');
SELECT flow.create_rollup('x', 'SELECT count(*) AS n FROM flows', columns => '{"ts": "bytes"}');
SELECT flow.create_rollup('x', 'SELECT count(*) AS n FROM heaped', columns => '{"ts": "bytes"}');
SELECT flow.create_rollup('x', 'SELECT count(*) AS n FROM flows', levels => '[]');
SELECT flow.create_rollup('x', 'SELECT count(*) AS n FROM flows', levels => '{"1 month": "1 year"}');
SELECT flow.create_rollup('x', 'SELECT count(*) AS n FROM flows', levels => '{"0": "1 year"}');
SELECT flow.create_rollup('x', 'SELECT count(*) AS n FROM flows', levels => '{"-1 min": "1 year"}');
SELECT flow.create_rollup('x', 'SELECT count(*) AS n FROM flows', levels => '{"1.5 s": "1 year"}');
SELECT flow.create_rollup('x', 'SELECT count(*) AS n FROM flows', levels => '{"60 s": "1 year", "1 min": "1 year"}');
SELECT flow.create_rollup('x', 'SELECT count(*) AS n FROM flows', levels => '{"1 hour": "1 min"}');
SELECT flow.create_rollup('x', 'SELECT count(*) AS n FROM flows', levels => '{"1 hour": "soon"}');
SELECT flow.create_rollup('a.b.c', 'SELECT count(*) AS n FROM flows');
CREATE TABLE timeless (v int) USING flowstore;
SELECT flow.create_rollup('x', 'SELECT count(*) AS n FROM timeless');
CREATE UNLOGGED TABLE passing (ts timestamptz) USING flowstore;
SELECT flow.create_rollup('x', 'SELECT count(*) AS n FROM passing');
CREATE TABLE parted (ts timestamptz) PARTITION BY RANGE (ts);
SELECT flow.create_rollup('x', 'SELECT count(*) AS n FROM parted');
SELECT flow.refresh_rollup('nobody');
SELECT flow.refresh_rollup('talkers', '2026-01-02', '2026-01-01');
SELECT flow.drop_rollup('nobody');
SELECT flow.rollup_touched('timeless');

-- privileges: the owner's; readers need the view only
CREATE ROLE rollup_reader; CREATE ROLE rollup_owner;
GRANT USAGE ON SCHEMA rolled TO rollup_reader; GRANT ALL ON SCHEMA rolled TO rollup_owner;
SET ROLE rollup_reader;
SELECT count(*) FROM talkers_1h;
SELECT flow.create_rollup('x', 'SELECT count(*) AS n FROM flows');
SELECT flow.refresh_rollup('talkers');
SELECT flow.drop_rollup('talkers');
SELECT flow.rollup_gather('flows', true);
DELETE FROM flow.rollup;
RESET ROLE;
GRANT SELECT ON talkers_1h TO rollup_reader;
SET ROLE rollup_reader;
SELECT count(*) > 10 FROM talkers_1h;
SET ROLE rollup_owner;
CREATE TABLE own (ts timestamptz, v int) USING flowstore;
SELECT flow.create_rollup('own', 'SELECT count(*) AS n FROM own', levels => '{"1 hour": "forever"}');
INSERT INTO own VALUES ('2026-01-01', 1);
SELECT flow.refresh_rollup('own');
SELECT * FROM own_1h;
RESET ROLE;
SELECT flow.refresh_rollup('own');
SELECT tableowner FROM pg_tables WHERE tablename = 'own_1h_rows';
DROP OWNED BY rollup_owner, rollup_reader;
SELECT name FROM flow.rollups WHERE name = 'own';
DROP ROLE rollup_owner, rollup_reader;

-- the end of a rollup, and of a table
SELECT flow.drop_rollup('talkers');
SELECT tgname FROM pg_trigger WHERE tgrelid = 'flows'::regclass;
DROP TABLE heaped CASCADE;
SELECT name, step, state FROM flow.rollups ORDER BY 2;
SELECT count(*) > 0 FROM heapers_1h_rows;
SELECT flow.drop_rollup('heapers');
SELECT count(*) FROM flow.rollups;
SELECT relname FROM pg_class WHERE relnamespace = 'rolled'::regnamespace AND relkind IN ('r', 'v') ORDER BY 1;
DROP SCHEMA elsewhere;
DROP SCHEMA rolled CASCADE;
