--
-- ANALYZE, the planner's numbers, and TABLESAMPLE.
-- Without this test: default selectivities, or samples from the wrong rows.
--
\set ECHO none
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
\getenv abs_srcdir PG_ABS_SRCDIR
\set twin :abs_srcdir '/test/differential/twin.sql'
\i :twin
\set ECHO all
CREATE SCHEMA am_analyze;
SET search_path = am_analyze;

CREATE TABLE f (id int, const int, few int, many int, half_null int, all_null text, ts timestamptz, addr inet, down int) USING flowstore;
INSERT INTO f SELECT g, 7, g % 10, hashint4(g) & 1048575, CASE WHEN g % 2 = 0 THEN g % 100 END, NULL,
	timestamptz '2024-01-01' + g * interval '1 s', inet '10.0.0.0' + g % 200, -g FROM generate_series(1, 40000) g;
SELECT reltuples, relpages FROM pg_class WHERE oid = 'f'::regclass;
ANALYZE f;
SELECT reltuples, relpages = pg_relation_size('f') / 8192 AS pages FROM pg_class WHERE oid = 'f'::regclass;
SELECT attname, CASE WHEN n_distinct < 0 THEN 'fraction ' || (abs(n_distinct + 1) < 0.2) ELSE 'about ' || (n_distinct BETWEEN 1 AND 210) END AS n_distinct,
	round(null_frac::numeric, 1) AS null_frac, avg_width,
	CASE WHEN abs(correlation) > 0.99 THEN round(correlation::numeric, 1)::text WHEN abs(correlation) < 0.3 THEN 'low' ELSE correlation::text END AS correlation,
	cardinality(most_common_vals::text::text[]) AS mcv
	FROM pg_stats WHERE schemaname = 'am_analyze' AND tablename = 'f' AND attname NOT IN ('many', 'half_null', 'addr', 'few', 'const') ORDER BY attname;
SELECT attname, n_distinct, round(null_frac::numeric, 1) AS null_frac
	FROM pg_stats WHERE schemaname = 'am_analyze' AND tablename = 'f' AND attname IN ('const', 'few') ORDER BY attname;
SELECT attname, n_distinct BETWEEN 45 AND 55 AS fifty, null_frac BETWEEN 0.45 AND 0.55 AS half
	FROM pg_stats WHERE schemaname = 'am_analyze' AND tablename = 'f' AND attname = 'half_null';
SELECT attname, n_distinct BETWEEN 190 AND 210 AS two_hundred FROM pg_stats WHERE schemaname = 'am_analyze' AND tablename = 'f' AND attname = 'addr';
-- the histogram spans the table: the sample comes from all of it
SELECT (histogram_bounds::text::int[])[1] < 2000 AS low, (histogram_bounds::text::int[])[cardinality(histogram_bounds::text::int[])] > 38000 AS high
	FROM pg_stats WHERE schemaname = 'am_analyze' AND tablename = 'f' AND attname = 'id';

-- estimates within a factor of two
CREATE FUNCTION estimate(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
	RETURN plan->0->'Plan'->>'Plan Rows';
END $$;
SELECT q, estimate('SELECT * FROM f' || q) BETWEEN want / 2 AND want * 2 AS close
	FROM (VALUES ('', 40000), (' WHERE few = 3', 4000), (' WHERE id < 10000', 10000), (' WHERE half_null IS NULL', 20000),
		(' WHERE ts < ''2024-01-01 02:46:40''', 10000), (' WHERE addr = ''10.0.0.7''', 200), (' WHERE id BETWEEN 100 AND 4099', 4000)) v(q, want);
-- without ANALYZE the number of rows is known, and follows the inserts
INSERT INTO f (id) SELECT generate_series(40001, 80000);
SELECT estimate('SELECT * FROM f') BETWEEN 40000 AND 160000 AS close;
CREATE TABLE fresh (a int, b text) USING flowstore;
INSERT INTO fresh SELECT g, 'x' FROM generate_series(1, 100000) g;
SELECT estimate('SELECT * FROM fresh') BETWEEN 50000 AND 200000 AS close;
CREATE TABLE one (a int) USING flowstore;
INSERT INTO one VALUES (1);
ANALYZE one;
SELECT reltuples FROM pg_class WHERE oid = 'one'::regclass;
SELECT estimate('SELECT * FROM one');
CREATE TABLE none (a int) USING flowstore;
ANALYZE none;
SELECT reltuples, relpages FROM pg_class WHERE oid = 'none'::regclass;

-- reltuples is right for every mixture of rows: big chunks, small ones, single rows, aborted ones
CREATE TABLE mixed (a int, b text) USING flowstore WITH (autovacuum_enabled = off);
INSERT INTO mixed SELECT g, md5(g::text) FROM generate_series(1, 70000) g;
DO $$ BEGIN
	FOR i IN 1..300 LOOP
		INSERT INTO mixed VALUES (-i, 'single');
	END LOOP;
	FOR i IN 1..20 LOOP
		INSERT INTO mixed SELECT -1000 * i - g, 'small' FROM generate_series(1, 100) g;
	END LOOP;
END $$;
BEGIN;
INSERT INTO mixed SELECT g, 'aborted' FROM generate_series(1, 30000) g;
ROLLBACK;
ANALYZE mixed;
SELECT abs(reltuples - 72300) < 723 AS within_one_percent FROM pg_class WHERE oid = 'mixed'::regclass;
-- rows of the own transaction count, and ANALYZE in a transaction works
BEGIN;
TRUNCATE mixed;
INSERT INTO mixed SELECT g, 'new' FROM generate_series(1, 5000) g;
ANALYZE mixed;
SELECT reltuples FROM pg_class WHERE oid = 'mixed'::regclass;
ROLLBACK;
-- a subset of the columns; extended statistics; expressions
ANALYZE f (few);
CREATE STATISTICS st (dependencies, ndistinct, mcv) ON few, const FROM f;
ANALYZE f;
SELECT statistics_name, dependencies IS NOT NULL AS has FROM pg_stats_ext WHERE statistics_schemaname = 'am_analyze';
-- inheritance and partitions
CREATE TABLE parted (a int) PARTITION BY RANGE (a);
CREATE TABLE parted1 PARTITION OF parted FOR VALUES FROM (0) TO (5000) USING flowstore;
CREATE TABLE parted2 PARTITION OF parted FOR VALUES FROM (5000) TO (10000) USING heap;
INSERT INTO parted SELECT generate_series(0, 9999);
ANALYZE parted;
SELECT relname, reltuples FROM pg_class WHERE relname LIKE 'parted%' AND relnamespace = 'am_analyze'::regnamespace ORDER BY relname;
SELECT inherited, n_distinct FROM pg_stats WHERE schemaname = 'am_analyze' AND tablename = 'parted';

-- TABLESAMPLE
CREATE TABLE s (a int, b text) USING flowstore;
INSERT INTO s SELECT g, 'x' || g FROM generate_series(1, 30000) g;
SELECT count(*) FROM s TABLESAMPLE SYSTEM (100);
SELECT count(*) FROM s TABLESAMPLE BERNOULLI (100);
SELECT count(*) FROM s TABLESAMPLE SYSTEM (0);
SELECT count(*) FROM s TABLESAMPLE BERNOULLI (0);
SELECT count(*) BETWEEN 2500 AND 3500 AS tenth, count(DISTINCT a) = count(*) AS distinct FROM s TABLESAMPLE BERNOULLI (10) REPEATABLE (1);
SELECT count(*) BETWEEN 8000 AND 22000 AS half, count(DISTINCT a) = count(*) AS distinct FROM s TABLESAMPLE SYSTEM (50) REPEATABLE (7);
SELECT count(*) FROM (SELECT a FROM s TABLESAMPLE SYSTEM (20) REPEATABLE (5) EXCEPT SELECT a FROM s TABLESAMPLE SYSTEM (20) REPEATABLE (5)) x;
SELECT count(*) FROM (SELECT a FROM s TABLESAMPLE BERNOULLI (20) REPEATABLE (5) EXCEPT SELECT a FROM s TABLESAMPLE BERNOULLI (20) REPEATABLE (5)) x;
SELECT count(*) > 0 AS differ FROM (SELECT a FROM s TABLESAMPLE BERNOULLI (20) REPEATABLE (5) EXCEPT SELECT a FROM s TABLESAMPLE BERNOULLI (20) REPEATABLE (6)) x;
-- with a filter, a join, a lateral percentage, a view, a cursor backwards
SELECT count(*) FROM s TABLESAMPLE SYSTEM (100) WHERE a % 3 = 0;
SELECT count(*) FROM s x TABLESAMPLE SYSTEM (100) JOIN s y TABLESAMPLE BERNOULLI (100) USING (a);
SELECT pct, count(s.a) FROM (VALUES (0), (100)) v(pct), LATERAL (SELECT a FROM s TABLESAMPLE BERNOULLI (pct)) s GROUP BY pct ORDER BY pct;
SELECT count(*) FROM none TABLESAMPLE SYSTEM (100);
SELECT count(*) FROM one TABLESAMPLE SYSTEM (100);
BEGIN;
INSERT INTO s VALUES (-1, 'pending');
SELECT count(*), min(a) FROM s TABLESAMPLE SYSTEM (100);
SELECT count(*), min(a) FROM s TABLESAMPLE BERNOULLI (100);
ROLLBACK;
SELECT count(*) FROM s TABLESAMPLE BERNOULLI (-1);

DROP SCHEMA am_analyze CASCADE;
