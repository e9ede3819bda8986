-- FlowAggregate over UNION ALL, as in the view of a rollup: vectors of the parts
-- that are flowstore tables, rows of the others.  The same over heap tables is
-- the oracle.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
SET timezone = 'UTC';
SET flowstore.enable_scan = on;
SET max_parallel_workers_per_gather = 0;

CREATE SCHEMA heap_side;
CREATE SCHEMA flow_side;
CREATE TABLE heap_side.a (ts timestamptz NOT NULL, k int, bytes bigint, n numeric, s text, addr inet);
CREATE TABLE heap_side.b (addr inet, s text, gone int, k int, ts timestamptz NOT NULL, n numeric, bytes bigint);
CREATE TABLE heap_side.c (LIKE heap_side.a);
CREATE TABLE flow_side.a (LIKE heap_side.a) USING flowstore;
CREATE TABLE flow_side.b (LIKE heap_side.b) USING flowstore;
CREATE TABLE flow_side.c (LIKE heap_side.a);
ALTER TABLE heap_side.b DROP COLUMN gone;
ALTER TABLE flow_side.b DROP COLUMN gone;
INSERT INTO heap_side.a
SELECT timestamptz '2026-01-01' + i * interval '1 min', nullif(i % 7, 3), i, i % 13 + CASE WHEN i % 5 = 0 THEN 0.25 ELSE 0 END, 'a' || i % 11, '10.0.0.0'::inet + i % 50
FROM generate_series(1, 5000) i;
INSERT INTO heap_side.b (addr, s, k, ts, n, bytes)
SELECT '2001:db8::'::inet + i % 40, 'b' || i % 13, i % 9, timestamptz '2026-01-03' + i * interval '1 min', CASE i % 100 WHEN 0 THEN 'NaN' WHEN 1 THEN 1e30 WHEN 2 THEN NULL WHEN 3 THEN 9999999999999999 WHEN 4 THEN 10000000000000000 WHEN 5 THEN 50000.00 WHEN 6 THEN -70000 WHEN 7 THEN 0 ELSE -i END, nullif(i % 10, 4)
FROM generate_series(1, 5000) i;
INSERT INTO heap_side.c SELECT timestamptz '2026-01-05' + i * interval '1 min', i % 11, i, 0.125, 'a' || i % 17, '10.0.0.7' FROM generate_series(1, 3000) i;
INSERT INTO flow_side.a SELECT * FROM heap_side.a;
INSERT INTO flow_side.b SELECT * FROM heap_side.b;
INSERT INTO flow_side.c SELECT * FROM heap_side.c;
ANALYZE heap_side.a, heap_side.b, heap_side.c, flow_side.a, flow_side.b, flow_side.c;

CREATE TABLE union_queries (id serial, through boolean, query text);
INSERT INTO union_queries (through, query) VALUES
    -- plain tables, pulled up into the union; columns in another order
    (true, 'SELECT k, sum(bytes), count(*), count(bytes) FROM (SELECT ts, k, bytes, addr FROM a UNION ALL SELECT ts, k, bytes, addr FROM b) x GROUP BY k'),
    (true, 'SELECT k, sum(bytes), count(*) FROM (SELECT * FROM a UNION ALL SELECT ts, k, bytes, n, s, addr FROM b UNION ALL SELECT * FROM c) x GROUP BY k'),
    -- conditions within, which make them subqueries, and outside
    (true, 'SELECT k, s, sum(bytes), sum(n), avg(n) FROM (SELECT * FROM a WHERE ts > ''2026-01-01 12:00'' UNION ALL SELECT ts, k, bytes, n, s, addr FROM b WHERE k < 5 UNION ALL SELECT * FROM c WHERE k > 1) x GROUP BY k, s'),
    (true, 'SELECT date_trunc(''hour'', ts), count(DISTINCT addr), flow.approx_distinct(addr) FROM (SELECT * FROM a WHERE k > 1 UNION ALL SELECT ts, k, bytes, n, s, addr FROM b) x WHERE ts < ''2026-01-04 03:00'' AND s LIKE ''%1'' GROUP BY 1'),
    -- something computed: of heap tables anything, of flowstore tables it makes the part one of rows; other types are not brought together
    (true, 'SELECT k, sum(bytes), min(ts), max(addr) FROM (SELECT ts, k, bytes, addr FROM a UNION ALL SELECT ts + interval ''1 h'', k * 2, bytes + 1, addr FROM c) x GROUP BY k'),
    (true, 'SELECT k, sum(bytes), max(s), max(n), variance(n) FILTER (WHERE n < 1e9) FROM (SELECT k, bytes, s, n FROM a UNION ALL SELECT k + 1, -bytes, upper(s), n FROM b WHERE k > 2) x GROUP BY k'),
    (false, 'SELECT k, sum(bytes) FROM (SELECT k + 1 AS k, bytes FROM a UNION ALL SELECT k, bytes + 1 FROM b WHERE k > 2) x GROUP BY k'),
    (true, 'SELECT k, sum(n), count(*) FROM (SELECT k, n FROM a UNION ALL SELECT k, sum(n) FROM b GROUP BY k UNION ALL SELECT * FROM (SELECT k, n FROM c ORDER BY ts LIMIT 10) l) x GROUP BY k'),
    (false, 'SELECT sum(v), count(k) FROM (SELECT bytes AS v, k FROM a UNION ALL SELECT bytes, NULL FROM c UNION ALL SELECT 7, g FROM generate_series(1, 9) g) x'),
    -- without keys, groups of all columns, HAVING, the first groups
    (true, 'SELECT sum(bytes), min(n), stddev(bytes), bool_or(k > 3) FROM (SELECT * FROM a WHERE k < 4 UNION ALL SELECT * FROM c) x'),
    (true, 'SELECT count(*) FROM (SELECT k FROM a WHERE ts > ''2026-01-02'' UNION ALL SELECT k FROM b WHERE ts > ''2026-01-05'') x WHERE k = 3'),
    (true, 'SELECT s, count(*) AS c FROM (SELECT s, n FROM a UNION ALL SELECT s, n FROM b) x GROUP BY s HAVING sum(n) > 0 OR count(*) > 380'),
    (true, 'SELECT addr, sum(bytes) AS b FROM (SELECT addr, bytes FROM a UNION ALL SELECT addr, bytes FROM c WHERE k > 2) x GROUP BY addr ORDER BY b DESC, addr LIMIT 5'),
    (true, 'SELECT DISTINCT k FROM (SELECT k FROM a UNION ALL SELECT k FROM b) x GROUP BY k'),
    -- conditions that the planner settles, or that are known at run time only
    (true, 'SELECT k, count(*), sum(bytes) FROM (SELECT k, bytes FROM a UNION ALL SELECT k, bytes FROM b WHERE false) x GROUP BY k'),
    (true, 'SELECT k, count(*), sum(bytes) FROM (SELECT * FROM a WHERE ts > (SELECT min(ts) + interval ''1 day'' FROM c) - interval ''5 days'' UNION ALL SELECT * FROM c WHERE ts < (SELECT max(ts) FROM a) + interval ''2 days'') x GROUP BY k'),
    (NULL, 'SELECT k, count(*), sum(bytes) FROM (SELECT k, bytes FROM a WHERE current_setting(''work_mem'') = ''none'' UNION ALL SELECT k, bytes FROM b WHERE current_setting(''work_mem'') <> ''none'') x GROUP BY k'),
    -- a union of unions, one table twice, a union that is joined
    (true, 'SELECT k, count(*), sum(bytes) FROM (SELECT k, bytes FROM a UNION ALL (SELECT k, bytes FROM b WHERE k > 1 UNION ALL SELECT k, bytes FROM a WHERE k > 3)) x GROUP BY k'),
    (false, 'SELECT x.k, count(*) FROM (SELECT k, bytes FROM a UNION ALL SELECT k, bytes FROM c) x JOIN (VALUES (1), (2)) v(k) USING (k) GROUP BY x.k'),
    -- numeric: whole numbers, others, NaN, great ones, negative ones, none, with zeroes at the end
    (true, 'SELECT k, sum(n), avg(n), sum(n) FILTER (WHERE n < 1000), min(n), max(s), max(addr) FROM b GROUP BY k'),
    (true, 'SELECT addr, sum(n), count(*) FROM a GROUP BY addr'),
    (true, 'SELECT s, sum(n) FROM b WHERE n < 1e20 GROUP BY s'),
    (true, 'SELECT sum(n) FROM b WHERE n < -4000'),
    (true, 'SELECT k, sum(n) FROM b WHERE n IS NULL GROUP BY k'),
    (true, 'SELECT k, sum(bytes::numeric * 10000), sum(n + 1) FROM a GROUP BY k'),
    -- once for each row of another relation
    (NULL, 'SELECT i, l.* FROM generate_series(1, 6) i, LATERAL (SELECT count(*), sum(bytes), sum(n) FROM (SELECT k, bytes, n FROM a WHERE k = i UNION ALL SELECT k, bytes, n FROM c WHERE k < i) x) l'),
    (NULL, 'SELECT i, (SELECT max(bytes) FROM (SELECT k, bytes FROM a UNION ALL SELECT k, bytes FROM c) x WHERE k = i) FROM generate_series(1, 6) i');

CREATE FUNCTION pg_temp.uses(query text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
    RETURN plan::text LIKE '%FlowAggregate%' AND (plan::text NOT LIKE '%"Append"%');
END $$;
CREATE FUNCTION pg_temp.rows_of(side text, query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('search_path', side || ', pg_catalog', true);
    RETURN QUERY EXECUTE format('SELECT x::text FROM (%s) x', query);
    RESET search_path;
END $$;
CREATE FUNCTION pg_temp.differences() RETURNS TABLE (id int, missing bigint, surplus bigint) LANGUAGE sql AS $$
    SELECT q.id, (SELECT count(*) FROM (SELECT * FROM pg_temp.rows_of('heap_side', query) EXCEPT ALL SELECT * FROM pg_temp.rows_of('flow_side', query)) d),
           (SELECT count(*) FROM (SELECT * FROM pg_temp.rows_of('flow_side', query) EXCEPT ALL SELECT * FROM pg_temp.rows_of('heap_side', query)) d)
    FROM union_queries q $$;

SET search_path = flow_side, public;
SELECT id, query FROM union_queries WHERE through <> pg_temp.uses(query) ORDER BY 1;
RESET search_path;
SELECT min(n) > 0 AS all_have_rows FROM (SELECT (SELECT count(*) FROM pg_temp.rows_of('heap_side', query)) AS n FROM union_queries q) x;
SELECT * FROM pg_temp.differences() WHERE missing > 0 OR surplus > 0;
SET work_mem = '64kB';
SELECT * FROM pg_temp.differences() WHERE missing > 0 OR surplus > 0;
RESET work_mem;
SET flowstore.enable_aggregate = off;
SELECT * FROM pg_temp.differences() WHERE missing > 0 OR surplus > 0;
RESET flowstore.enable_aggregate;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT * FROM pg_temp.differences() WHERE missing > 0 OR surplus > 0;
SET max_parallel_workers_per_gather = 0;
SELECT count(*) > 0 AS clustered FROM flow.optimize('flow_side.a');
SELECT * FROM pg_temp.differences() WHERE missing > 0 OR surplus > 0;

SET search_path = flow_side, public;
EXPLAIN (COSTS OFF) SELECT k, sum(bytes), count(*) FROM (SELECT * FROM a WHERE ts > '2026-01-01 12:00' UNION ALL SELECT ts, k, bytes, n, s, addr FROM b WHERE k < 5 UNION ALL SELECT * FROM c) x GROUP BY k;

-- a generic plan, with a parameter that settles a part
PREPARE of_k(int) AS SELECT k, sum(bytes), sum(n) FROM (SELECT * FROM a WHERE k > $1 UNION ALL SELECT * FROM c WHERE k < $1) x GROUP BY k ORDER BY k;
SET plan_cache_mode = force_generic_plan;
EXECUTE of_k(4);
EXECUTE of_k(NULL);
SET search_path = heap_side, public;
SELECT k, sum(bytes), sum(n) FROM (SELECT * FROM a WHERE k > 4 UNION ALL SELECT * FROM c WHERE k < 4) x GROUP BY k ORDER BY k;
RESET plan_cache_mode;
DEALLOCATE of_k;

-- the view of a rollup: all current, and with rows that are not rolled up yet
SET search_path = flow_side, public;
SELECT flow.create_rollup('of_a', 'SELECT k, addr, count(*) AS flows, sum(bytes) AS bytes, flow.hll_agg(s) AS names, flow.ddsketch_agg(bytes) AS sizes FROM a GROUP BY k, addr',
                          levels => '{"5 min": "forever", "1 hour": "forever"}');
SELECT flow.refresh_rollup('of_a');
CREATE FUNCTION pg_temp.rollup_is_right(step interval) RETURNS TABLE (through boolean, n bigint, wrong bigint) LANGUAGE plpgsql AS $$
DECLARE
    level text := CASE WHEN step = '1 hour' THEN 'of_a_1h' ELSE 'of_a_5m' END;
    dash text := 'SELECT flow.time_bucket(''6 hours'', bucket) AS t, k, sum(flows) AS flows, sum(bytes) AS bytes, flow.estimate(flow.merge(names)) AS names, flow.percentile(flow.merge(sizes), 0.9) AS p FROM '
                 || level || ' GROUP BY 1, 2';
BEGIN
    through := pg_temp.uses(dash);
    EXECUTE format('WITH d AS MATERIALIZED (%s), e AS MATERIALIZED (SELECT flow.time_bucket(''6 hours'', ts) AS t, k, count(*) AS flows, sum(bytes) AS bytes, flow.approx_distinct(s) AS names,'
                   ' flow.approx_percentile(bytes, 0.9) AS p FROM a GROUP BY 1, 2)'
                   ' SELECT (SELECT count(*) FROM d), (SELECT count(*) FROM (SELECT * FROM d EXCEPT ALL SELECT * FROM e) x) + (SELECT count(*) FROM (SELECT * FROM e EXCEPT ALL SELECT * FROM d) x)', dash) INTO n, wrong;
    RETURN NEXT;
END $$;
SET enable_hashagg = off;
SET enable_sort = off;
SELECT * FROM pg_temp.rollup_is_right('5 min');
SELECT * FROM pg_temp.rollup_is_right('1 hour');
INSERT INTO a SELECT timestamptz '2026-01-04 12:00' + i * interval '7 s', i % 3, i, 1, 'late' || i % 5, '10.9.9.9' FROM generate_series(1, 2000) i;
DELETE FROM a WHERE k = 2 AND ts < '2026-01-01 08:00';
SELECT * FROM pg_temp.rollup_is_right('5 min');
SELECT * FROM pg_temp.rollup_is_right('1 hour');
SELECT flow.refresh_rollup('of_a');
SELECT * FROM pg_temp.rollup_is_right('5 min');
SELECT * FROM pg_temp.rollup_is_right('1 hour');
RESET enable_hashagg;
RESET enable_sort;
SELECT flow.drop_rollup('of_a');

RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA heap_side CASCADE;
DROP SCHEMA flow_side CASCADE;
DROP TABLE union_queries;
