-- Sketches and statistics are the same bytes in every plan: of a heap table, of
-- a flowstore table in chunks of columns, serial, parallel, sorted, hashed with
-- little memory, and merged from parts.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
SET timezone = 'UTC';

CREATE TABLE plan_heap (ts timestamptz NOT NULL, src_addr inet, dst_port int, proto int2, qname text, bytes bigint, f float8);
CREATE TABLE plan_flow (LIKE plan_heap) USING flowstore;
INSERT INTO plan_heap
SELECT timestamptz '2026-03-01' + i * interval '1 s',
       CASE WHEN i % 50 = 9 THEN NULL WHEN i % 3 = 0 THEN '2001:db8::'::inet + i % 3000 ELSE '10.0.0.0'::inet + i * 7919 % 5000 END,
       i * i % 700, CASE WHEN i % 4 = 0 THEN 17 ELSE 6 END, 'host' || i % 900 || '.example.com', (i::bigint * i * 31) % 1500000, sqrt(i) - 90
FROM generate_series(1, 30000) i;
INSERT INTO plan_flow SELECT * FROM plan_heap;
ANALYZE plan_heap;
ANALYZE plan_flow;

-- one line for each group, all as text
CREATE FUNCTION pg_temp.answers(source regclass) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format($q$
        SELECT concat_ws(' ', proto, flow.approx_distinct(src_addr), md5(flow.hll_agg(src_addr)::text), md5(flow.hll_agg(qname)::text),
               md5(flow.hll_agg(dst_port)::text), md5(flow.hll_agg(ts)::text), md5(flow.ddsketch_agg(bytes)::text),
               md5(flow.ddsketch_agg(f)::text), flow.approx_percentile(bytes, 0.95), flow.approx_percentile(f, ARRAY[0.1, 0.9]),
               flow.approx_topk(dst_port, 3, bytes), md5(flow.topk_agg(qname, 450)::text), flow.hist(f, -50, 50, 4),
               flow.log2_hist(bytes), flow.mad(f), flow.beacon_score(ts, bytes), flow.beacon_parts(ts, bytes))
        FROM %s GROUP BY proto $q$, source);
END $$;
CREATE TABLE plan_expected AS SELECT a FROM pg_temp.answers('plan_heap') a;
SELECT count(*) FROM plan_expected;
CREATE FUNCTION pg_temp.same(source regclass) RETURNS bigint LANGUAGE sql
AS $$ SELECT count(*) FROM pg_temp.answers(source) a JOIN plan_expected e USING (a) $$;

-- no key, a single aggregate
SET max_parallel_workers_per_gather = 0;
EXPLAIN (COSTS OFF) SELECT flow.approx_distinct(src_addr) FROM plan_flow;
SELECT (SELECT flow.hll_agg(src_addr)::text FROM plan_flow) = (SELECT flow.hll_agg(src_addr)::text FROM plan_heap) AS same,
       (SELECT flow.approx_distinct(src_addr) FROM plan_flow WHERE proto = 17) = (SELECT flow.approx_distinct(src_addr) FROM plan_heap WHERE proto = 17) AS same_filtered,
       (SELECT flow.approx_distinct(src_addr) FILTER (WHERE proto = 6) FROM plan_flow) = (SELECT flow.approx_distinct(src_addr) FILTER (WHERE proto = 6) FROM plan_heap) AS same_filter;
SELECT pg_temp.same('plan_heap') AS heap, pg_temp.same('plan_flow') AS flow;
SET enable_hashagg = off;
SELECT pg_temp.same('plan_heap') AS heap, pg_temp.same('plan_flow') AS flow;
RESET enable_hashagg;
SET flowstore.enable_scan = off;
SELECT pg_temp.same('plan_flow') AS flow;
RESET flowstore.enable_scan;

SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET work_mem = '64kB';
EXPLAIN (COSTS OFF) SELECT flow.approx_distinct(src_addr) FROM plan_heap;
EXPLAIN (COSTS OFF) SELECT flow.hll_agg(src_addr) FROM plan_flow;
SELECT pg_temp.same('plan_heap') AS heap, pg_temp.same('plan_flow') AS flow;
SET parallel_leader_participation = off;
SELECT pg_temp.same('plan_heap') AS heap, pg_temp.same('plan_flow') AS flow;
SET enable_hashagg = off;
SELECT pg_temp.same('plan_heap') AS heap, pg_temp.same('plan_flow') AS flow;
RESET enable_hashagg;
RESET parallel_leader_participation;
RESET work_mem;

-- beside aggregates that FlowAggregate knows
SELECT count(*) AS same FROM (
    SELECT dst_port, count(*) AS n, sum(bytes) AS b, flow.approx_distinct(src_addr) AS d FROM plan_flow GROUP BY dst_port) x
JOIN (SELECT dst_port, count(*) AS n, sum(bytes) AS b, count(DISTINCT src_addr) AS d FROM plan_heap GROUP BY dst_port) y USING (dst_port, n, b, d);
SELECT count(DISTINCT dst_port) AS expected FROM plan_heap;

-- parts that were kept, as in a rollup
CREATE TABLE parts AS
SELECT date_trunc('hour', ts) AS t, proto, flow.hll_agg(src_addr) AS h, flow.ddsketch_agg(bytes) AS d, flow.topk_agg(dst_port, 400) AS k, flow.log2_hist(bytes) AS l
FROM plan_flow GROUP BY 1, 2;
SELECT count(*) AS same
FROM (SELECT proto, flow.merge(h)::text AS h, flow.merge(d)::text AS d, flow.merge(k)::text AS k, flow.merge(l) AS l FROM parts GROUP BY proto) m
JOIN (SELECT proto, flow.hll_agg(src_addr)::text AS h, flow.ddsketch_agg(bytes)::text AS d, flow.topk_agg(dst_port, 400)::text AS k, flow.log2_hist(bytes) AS l
      FROM plan_heap GROUP BY proto) w USING (proto, h, d, k, l);
-- and in a flowstore table
CREATE TABLE parts_flow (LIKE parts) USING flowstore;
INSERT INTO parts_flow SELECT * FROM parts;
SELECT count(*) AS same FROM parts p JOIN parts_flow f USING (t, proto)
WHERE p.h::text = f.h::text AND p.d::text = f.d::text AND p.k::text = f.k::text AND p.l = f.l;
SELECT count(*) AS all FROM parts;

RESET min_parallel_table_scan_size;
RESET parallel_tuple_cost;
RESET parallel_setup_cost;
RESET max_parallel_workers_per_gather;
DROP TABLE plan_heap, plan_flow, plan_expected, parts, parts_flow;
