-- What zone maps must not rule out: constants of another width than the
-- column, and a time column that is another one now than when chunks were
-- written.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
CREATE SCHEMA am_prune;
SET search_path = am_prune;
SET TimeZone = 'UTC';

CREATE TABLE w (a int, b int2) USING flowstore;
INSERT INTO w SELECT g, g FROM generate_series(-2500, 2500) g;
SELECT count(*) FROM w WHERE a < 3000000000;
SELECT count(*) FROM w WHERE a <= 3000000000;
SELECT count(*) FROM w WHERE a > 3000000000;
SELECT count(*) FROM w WHERE a >= -3000000000;
SELECT count(*) FROM w WHERE a <> 3000000000;
SELECT count(*) FROM w WHERE a = 4294967297;
SELECT count(*) FROM w WHERE b < 40000::int8;
SELECT count(*) FROM w WHERE b > -40000::int8;
SELECT count(*) FROM w WHERE b = 65537::int8;
SELECT count(*) FROM w WHERE b < 40000;
SELECT count(*) FROM w WHERE a = ANY ('{4294967297, 7, 3000000000}'::int8[]);
PREPARE p(bigint) AS SELECT count(*) FROM w WHERE a < $1 AND b < $1;
SET plan_cache_mode = force_generic_plan;
EXECUTE p(40000);
EXECUTE p(3000000000);
EXECUTE p(-3000000000);
RESET plan_cache_mode;

-- the first timestamp column divides the rows, until one is called ts
CREATE TABLE t (a timestamptz, b timestamptz) USING flowstore;
INSERT INTO t SELECT '2020-01-01 00:00+00', '2024-01-01 00:00+00' FROM generate_series(1, 1000);
ALTER TABLE t RENAME b TO ts;
SELECT count(*) FROM t WHERE ts = '2024-01-01 00:00+00';
SELECT count(*) FROM t WHERE a = '2020-01-01 00:00+00';
ALTER TABLE t DROP COLUMN ts;
ALTER TABLE t ADD COLUMN ts timestamptz DEFAULT '2025-01-01 00:00+00';
SELECT count(*) FROM t WHERE ts = '2025-01-01 00:00+00' AND a < '2021-01-01 00:00+00';
INSERT INTO t SELECT '2020-01-01 00:00+00', '2025-06-01 00:00+00' FROM generate_series(1, 1000);
SELECT count(*), count(*) FILTER (WHERE a < '2021-01-01 00:00+00') FROM t WHERE ts >= '2025-01-01 00:00+00';


DROP SCHEMA am_prune CASCADE;
