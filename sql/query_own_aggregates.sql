-- Every aggregate of schema flow gives the same over a heap table and over a
-- flowstore table, through FlowAggregate and through PostgreSQL's own nodes,
-- serial, parallel, with little memory, clustered and partitioned.  The heap
-- in one process is the oracle.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
SET timezone = 'UTC';
SET flowstore.enable_scan = on;

CREATE TABLE own_heap (ts timestamptz NOT NULL, src_addr inet, dst_port int, proto int2, qname text, bytes bigint, f float8, alpha float8,
                       net flow.ipset, h flow.hll, d flow.ddsketch, k flow.topk_sketch, hist bigint[]);
INSERT INTO own_heap
SELECT timestamptz '2026-03-01' + i * interval '1 s',
       CASE WHEN i % 50 = 9 THEN NULL WHEN i % 3 = 0 THEN '2001:db8::'::inet + i % 3000 ELSE '10.0.0.0'::inet + i * 7919 % 5000 END,
       CASE WHEN i % 61 = 0 THEN NULL ELSE i * i % 140 END, CASE WHEN i % 97 = 0 THEN NULL WHEN i % 4 = 0 THEN 17 ELSE 6 END,
       'host' || i % 900 || '.example.com', CASE WHEN i % 31 = 0 THEN NULL ELSE (i::bigint * i * 31) % 1500000 END, sqrt(i) - 90, 0.25,
       CASE WHEN i % 200 = 0 THEN ('{10.0.' || i % 256 || '.0/24}')::flow.ipset END
FROM generate_series(1, 4000) i;
UPDATE own_heap o SET h = p.h, d = p.d, k = p.k, hist = p.l
FROM (SELECT min(ts) AS ts, flow.hll_agg(src_addr) AS h, flow.ddsketch_agg(bytes) AS d, flow.topk_agg(dst_port, 140) AS k, flow.log2_hist(bytes) AS l
      FROM own_heap GROUP BY date_trunc('minute', ts)) p
WHERE o.ts = p.ts;
CREATE TABLE own_flow (LIKE own_heap) USING flowstore;
INSERT INTO own_flow SELECT * FROM own_heap ORDER BY ts;
CREATE TABLE own_parts (LIKE own_heap) PARTITION BY RANGE (ts);
CREATE TABLE own_parts_1 PARTITION OF own_parts FOR VALUES FROM (MINVALUE) TO ('2026-03-01 00:40') USING flowstore;
CREATE TABLE own_parts_2 (f float8, qname text, ts timestamptz NOT NULL, src_addr inet, dst_port int, bytes bigint, proto int2, alpha float8,
                          net flow.ipset, h flow.hll, d flow.ddsketch, k flow.topk_sketch, hist bigint[]) USING flowstore;
ALTER TABLE own_parts ATTACH PARTITION own_parts_2 FOR VALUES FROM ('2026-03-01 00:40') TO (MAXVALUE);
INSERT INTO own_parts SELECT * FROM own_heap ORDER BY ts;
ANALYZE own_heap;
ANALYZE own_flow;
ANALYZE own_parts;

-- a call of each; results that are sums of floats, in no order, are rounded
CREATE TABLE own_calls (aggregate regprocedure, call text);
INSERT INTO own_calls VALUES
    ('flow.approx_distinct(anyelement)', 'flow.approx_distinct(src_addr)'),
    ('flow.approx_distinct(anyelement)', 'flow.approx_distinct(dst_port)'),
    ('flow.approx_distinct(anyelement)', 'flow.approx_distinct(qname) FILTER (WHERE bytes > 500000)'),
    ('flow.approx_distinct(anyelement)', 'flow.approx_distinct(f)'),
    ('flow.approx_distinct(anyelement)', 'flow.approx_distinct(dst_port % 7)'),
    ('flow.approx_distinct(anyelement)', 'flow.approx_distinct(DISTINCT src_addr)'),
    ('flow.prefix_map_agg(inet,text)', 'md5(flow.prefix_map_agg(src_addr, src_addr::text)::text)'),
    ('flow.prefix_map_agg(inet,text,jsonb)', 'md5(flow.prefix_map_agg(src_addr, src_addr::text, jsonb_build_object(''a'', src_addr))::text)'),
    ('flow.hll_agg(anyelement)', 'md5(flow.hll_agg(src_addr)::text)'),
    ('flow.hll_agg(anyelement)', 'md5(flow.hll_agg(ts)::text)'),
    ('flow.hll_agg(anyelement)', 'md5(flow.hll_agg(bytes::numeric)::text)'),
    ('flow.merge(flow.hll)', 'md5(flow.merge(h)::text)'),
    ('flow.ddsketch_agg(double precision)', 'md5(flow.ddsketch_agg(bytes)::text)'),
    ('flow.ddsketch_agg(double precision)', 'md5(flow.ddsketch_agg(f)::text)'),
    ('flow.merge(flow.ddsketch)', 'md5(flow.merge(d)::text)'),
    ('flow.approx_percentile(double precision,double precision)', 'flow.approx_percentile(bytes, 0.95)'),
    ('flow.approx_percentile(double precision,double precision)', 'flow.approx_percentile(dst_port, 0.5) FILTER (WHERE proto = 6)'),
    ('flow.approx_percentile(double precision,double precision)', 'flow.approx_percentile(f * 2, alpha)'),
    ('flow.approx_percentile(double precision,double precision[])', 'flow.approx_percentile(bytes, ARRAY[0.1, 0.5, 0.99])'),
    ('flow.topk(anyelement,integer)', 'flow.topk(dst_port, 5)'),
    ('flow.topk(anyelement,integer)', 'flow.topk(lower(qname), 5)'),
    ('flow.topk(anyelement,integer,bigint)', 'flow.topk(src_addr, 5, bytes)'),
    ('flow.topk(anyelement,integer,bigint)', 'flow.topk(src_addr, 5, bytes * 2)'),
    ('flow.topk(anyelement,integer,double precision)', 'flow.topk(src_addr, 5, bytes::float8)'),
    ('flow.topk_values(anyelement,integer)', 'flow.topk_values(qname, 4)'),
    ('flow.topk_values(anyelement,integer,bigint)', 'flow.topk_values(src_addr, 4, bytes)'),
    ('flow.topk_values(anyelement,integer,double precision)', 'flow.topk_values(dst_port, 4, bytes::float8)'),
    ('flow.approx_topk(anyelement,integer)', 'flow.approx_topk(dst_port, 12)'),
    ('flow.approx_topk(anyelement,integer,bigint)', 'flow.approx_topk(dst_port, 12, bytes)'),
    ('flow.topk_agg(anyelement,integer)', 'md5(flow.topk_agg(qname, 900)::text)'),
    ('flow.topk_agg(anyelement,integer,bigint)', 'md5(flow.topk_agg(dst_port, 140, bytes)::text)'),
    ('flow.merge(flow.topk_sketch)', 'md5(flow.merge(k)::text)'),
    ('flow.entropy(anyelement)', 'round(flow.entropy(dst_port)::numeric, 9)'),
    ('flow.entropy(anyelement)', 'round(flow.entropy(upper(qname))::numeric, 9)'),
    ('flow.entropy(anyelement,bigint)', 'round(flow.entropy(src_addr, bytes)::numeric, 9)'),
    ('flow.entropy(anyelement,double precision)', 'round(flow.entropy(src_addr, bytes::float8)::numeric, 9)'),
    ('flow.entropy_norm(anyelement)', 'round(flow.entropy_norm(qname)::numeric, 9)'),
    ('flow.entropy_norm(anyelement,bigint)', 'round(flow.entropy_norm(dst_port, bytes)::numeric, 9)'),
    ('flow.entropy_norm(anyelement,double precision)', 'round(flow.entropy_norm(dst_port, bytes::float8)::numeric, 9)'),
    ('flow.hist(double precision,double precision,double precision,integer)', 'flow.hist(f, -50, 50, 4)'),
    ('flow.hist(double precision,double precision,double precision,integer)', 'flow.hist(bytes, 0, 1500000, 7)'),
    ('flow.log2_hist(bigint)', 'flow.log2_hist(bytes)'),
    ('flow.merge(bigint[])', 'flow.merge(hist)'),
    ('flow.mad(double precision)', 'flow.mad(f)'),
    ('flow.mad(double precision)', 'flow.mad(bytes)'),
    ('flow.ewma(double precision,double precision)', 'flow.ewma(bytes, 0.3 ORDER BY ts)'),
    ('flow.beacon_score(timestamp with time zone,bigint)', 'flow.beacon_score(ts, bytes)'),
    ('flow.beacon_parts(timestamp with time zone,bigint)', 'flow.beacon_parts(ts, bytes)'),
    ('flow.ipset_agg(inet)', 'md5(flow.ipset_agg(src_addr)::text)'),
    ('flow.ipset_agg(flow.ipset)', 'flow.ipset_agg(net)');

-- none is forgotten
SELECT p.oid::regprocedure AS not_tested FROM pg_proc p
WHERE p.pronamespace = 'flow'::regnamespace AND p.prokind = 'a'
AND NOT EXISTS (SELECT FROM own_calls c WHERE c.aggregate = p.oid) ORDER BY 1;

-- and those that have no partial results, so neither parallel plans nor FlowAggregate
SELECT a.aggfnoid::regprocedure AS whole_only FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid
WHERE p.pronamespace = 'flow'::regnamespace AND (a.aggcombinefn = 0 OR p.proparallel <> 's') ORDER BY 1;

CREATE TABLE own_keys (keys text);
INSERT INTO own_keys VALUES ('1'), ('proto'), ('dst_port'), ('date_trunc(''hour'', ts), proto');

-- all calls of a list in one query: their results by key
CREATE FUNCTION pg_temp.statement(calls text[], keys text, source regclass) RETURNS text LANGUAGE sql
AS $$ SELECT format('SELECT concat_ws(''|'', %2$s) AS key, ARRAY[%1$s] AS results FROM %3$s %4$s', (SELECT string_agg('(' || c || ')::text', ', ' ORDER BY i) FROM unnest(calls) WITH ORDINALITY u(c, i)),
                    keys, source, CASE WHEN keys <> '1' THEN 'GROUP BY ' || keys ELSE '' END) $$;
CREATE FUNCTION pg_temp.answers(calls text[], keys text, source regclass) RETURNS TABLE (call text, key text, result text) LANGUAGE plpgsql
AS $$ BEGIN RETURN QUERY EXECUTE format('SELECT u.call, x.key, u.result FROM (%s) x, unnest($1, x.results) u(call, result)', pg_temp.statement(calls, keys, source)) USING calls; END $$;
CREATE FUNCTION pg_temp.has_node(statement text, node text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT json) ' || statement INTO plan;
    RETURN plan::text LIKE '%"' || node || '"%';
END $$;

-- those that cannot be computed in parts are asked for alone, for they would keep the others from it
CREATE TABLE own_lists AS
SELECT keys, array_agg(call) AS calls FROM own_keys, own_calls GROUP BY keys, call ~ 'DISTINCT|ORDER BY|prefix_map';
SET max_parallel_workers_per_gather = 0;
CREATE TABLE own_expected AS SELECT l.keys, a.* FROM own_lists l, pg_temp.answers(l.calls, l.keys, 'own_heap') a;
SELECT keys, count(*), count(result) AS with_result FROM own_expected GROUP BY 1 ORDER BY 1;

-- what is wrong with a table under the settings at hand: no row if nothing is
CREATE FUNCTION pg_temp.differences(source regclass) RETURNS TABLE (keys text, call text, missing bigint, surplus bigint) LANGUAGE plpgsql AS $$
BEGIN
    CREATE TEMP TABLE own_found AS SELECT l.keys, a.* FROM own_lists l, pg_temp.answers(l.calls, l.keys, source) a;
    RETURN QUERY SELECT z.keys, z.call, count(*) FILTER (WHERE side = 1), count(*) FILTER (WHERE side = 2) FROM (
        SELECT 1 AS side, x.* FROM (SELECT * FROM own_expected EXCEPT ALL SELECT * FROM own_found) x
        UNION ALL
        SELECT 2, y.* FROM (SELECT * FROM own_found EXCEPT ALL SELECT * FROM own_expected) y) z GROUP BY 1, 2 ORDER BY 1, 2;
    DROP TABLE own_found;
END $$;

-- through FlowAggregate, all but those that need an order or distinct values; other plans seem dear, so memory does not decide
SET enable_hashagg = off;
SET enable_sort = off;
SELECT c.call AS not_through FROM own_calls c WHERE NOT pg_temp.has_node(pg_temp.statement(ARRAY[c.call], 'proto', 'own_flow'), 'FlowAggregate') ORDER BY 1;
SELECT l.keys, bool_or(pg_temp.has_node(pg_temp.statement(l.calls, l.keys, 'own_flow'), 'FlowAggregate')) AS through FROM own_lists l GROUP BY 1 ORDER BY 1;
SELECT * FROM pg_temp.differences('own_flow');
SELECT * FROM pg_temp.differences('own_parts');
SET work_mem = '64kB';
SELECT * FROM pg_temp.differences('own_flow');
RESET work_mem;
RESET enable_hashagg;
RESET enable_sort;

-- row by row
SET flowstore.enable_aggregate = off;
SELECT * FROM pg_temp.differences('own_flow');
SET enable_hashagg = off;
SELECT * FROM pg_temp.differences('own_flow');
SET flowstore.enable_scan = off;
SELECT * FROM pg_temp.differences('own_flow');
SET flowstore.enable_scan = on;
RESET enable_hashagg;
RESET flowstore.enable_aggregate;

-- parallel
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT * FROM pg_temp.differences('own_heap');
SET enable_hashagg = off;
SET enable_sort = off;
SELECT l.keys, bool_or(pg_temp.has_node(pg_temp.statement(l.calls, l.keys, 'own_flow'), 'Gather')) AS parallel FROM own_lists l GROUP BY 1 ORDER BY 1;
SELECT * FROM pg_temp.differences('own_flow');
SET work_mem = '64kB';
SELECT * FROM pg_temp.differences('own_flow');
RESET work_mem;
SET parallel_leader_participation = off;
SELECT * FROM pg_temp.differences('own_parts');
RESET enable_hashagg;
RESET enable_sort;
SET flowstore.enable_aggregate = off;
SELECT * FROM pg_temp.differences('own_flow');
RESET flowstore.enable_aggregate;
RESET parallel_leader_participation;
RESET max_parallel_workers_per_gather;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;

-- clustered: dictionaries that chunks share
SELECT count(*) > 0 AS clustered FROM flow.optimize('own_flow');
SET enable_hashagg = off;
SET enable_sort = off;
SELECT * FROM pg_temp.differences('own_flow');

-- a column that most rows do not have, and rows that are deleted
ALTER TABLE own_flow ADD COLUMN late int;
ALTER TABLE own_heap ADD COLUMN late int;
INSERT INTO own_flow (ts, proto, alpha, late) SELECT '2026-03-02', 6, 0.25, i % 10 FROM generate_series(1, 50) i;
INSERT INTO own_heap (ts, proto, alpha, late) SELECT '2026-03-02', 6, 0.25, i % 10 FROM generate_series(1, 50) i;
DELETE FROM own_flow WHERE bytes % 3 = 0;
DELETE FROM own_heap WHERE bytes % 3 = 0;
SELECT (SELECT flow.approx_distinct(late) FROM own_flow) AS late, 10 AS expected;
TRUNCATE own_expected;
SET flowstore.enable_aggregate = off;
INSERT INTO own_expected SELECT l.keys, a.* FROM own_lists l, pg_temp.answers(l.calls, l.keys, 'own_heap') a;
RESET flowstore.enable_aggregate;
SELECT * FROM pg_temp.differences('own_flow');

-- no rows: NULL, or 0 for approx_distinct; a group of NULL alone
SELECT flow.approx_distinct(src_addr), flow.hll_agg(src_addr), flow.approx_percentile(bytes, 0.5), flow.merge(hist), flow.hist(f, 0, 1, 2), flow.ipset_agg(src_addr)
FROM own_flow WHERE ts < '2000-01-01';
SELECT proto, flow.approx_distinct(src_addr), flow.approx_percentile(bytes, 0.5) FROM own_flow WHERE src_addr IS NULL AND bytes IS NULL GROUP BY 1 ORDER BY 1;

-- errors are those of the functions, once a row is met
SELECT flow.approx_percentile(bytes, 1.5) FROM own_flow;
SELECT flow.approx_percentile(bytes, 1.5) FROM own_flow WHERE ts < '2000-01-01';
SELECT flow.approx_percentile(bytes, NULL::float8) FROM own_flow;
SELECT flow.approx_percentile(bytes, ARRAY[0.5, 2]) FROM own_flow GROUP BY dst_port;
SELECT flow.ddsketch_agg('NaN'::float8 + f) FROM own_flow;
SELECT flow.topk(dst_port, 0) FROM own_flow;
SELECT flow.entropy(dst_port, -bytes) FROM own_flow WHERE bytes > 0;
SELECT flow.hist(f, 0, 1, 0) FROM own_flow;

-- results that HAVING, ORDER BY and expressions use; the same again when rescanned
SELECT dst_port, flow.approx_distinct(src_addr) + 1 AS n FROM own_flow GROUP BY 1 HAVING flow.approx_distinct(qname) > 5 ORDER BY 2 DESC, 1 LIMIT 3;
SELECT dst_port, count(DISTINCT src_addr) + 1 AS n FROM own_heap GROUP BY 1 HAVING count(DISTINCT qname) > 5 ORDER BY 2 DESC, 1 LIMIT 3;
SELECT i, (SELECT flow.approx_distinct(src_addr) FROM own_flow WHERE dst_port = i) AS flow, (SELECT count(DISTINCT src_addr) FROM own_heap WHERE dst_port = i) AS heap
FROM generate_series(1, 4) i;

-- who may not call an aggregate may not have it computed
CREATE ROLE regress_own_aggregates;
GRANT SELECT ON own_flow TO regress_own_aggregates;
REVOKE EXECUTE ON FUNCTION flow.approx_distinct(anyelement) FROM PUBLIC;
SET ROLE regress_own_aggregates;
SELECT flow.approx_distinct(src_addr) FROM own_flow;
RESET ROLE;
GRANT EXECUTE ON FUNCTION flow.approx_distinct(anyelement) TO PUBLIC;
DROP TABLE own_heap, own_flow, own_parts, own_calls, own_keys, own_lists, own_expected;
DROP ROLE regress_own_aggregates;
