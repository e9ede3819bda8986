-- FlowAggregate over a table whose partitions are flowstore tables: plans, and the answers of a heap table
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
CREATE SCHEMA query_partition;
SET search_path = query_partition;
SET timezone = 'UTC';
SET max_parallel_workers_per_gather = 0;
SET flowstore.enable_scan = on;

-- partitions with the parent's columns at other places, one of them partitioned itself
CREATE TABLE p (gone int, ts timestamptz, src inet, port int, bytes int8, sni text, note text) PARTITION BY RANGE (ts);
ALTER TABLE p DROP gone;
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2024-01-01') TO ('2024-01-02') USING flowstore;
CREATE TABLE p2 (sni text, gone2 int, note text, bytes int8, port int, gone3 text, ts timestamptz, src inet) USING flowstore;
ALTER TABLE p2 DROP gone2, DROP gone3;
ALTER TABLE p ATTACH PARTITION p2 FOR VALUES FROM ('2024-01-02') TO ('2024-01-03');
CREATE TABLE p3 (port int, src inet, ts timestamptz, sni text, bytes int8, note text) PARTITION BY LIST (port);
CREATE TABLE p3a PARTITION OF p3 FOR VALUES IN (0, 1, 2) USING flowstore;
CREATE TABLE p3b (note text, bytes int8, port int, ts timestamptz, src inet, sni text) USING flowstore;
ALTER TABLE p3 ATTACH PARTITION p3b DEFAULT;
ALTER TABLE p ATTACH PARTITION p3 FOR VALUES FROM ('2024-01-03') TO ('2024-01-04');
CREATE TABLE h (ts timestamptz, src inet, port int, bytes int8, sni text, note text);
INSERT INTO h SELECT '2024-01-01'::timestamptz + g * interval '8 s', CASE WHEN g % 11 > 0 THEN '10.0.0.0'::inet + g % 50 ELSE '2001:db8::'::inet + g % 3 END,
	g % 7, CASE WHEN g % 13 > 0 THEN g END, CASE WHEN g % 5 > 0 THEN 's' || g % 13 END, g % 3 || repeat('x', g % 40) FROM generate_series(0, 32399) g;
INSERT INTO p SELECT * FROM h;
SELECT sum(rows) FROM (VALUES ('p1'), ('p3b')) v(t), flow.optimize(t::regclass);
-- a partition that is empty, one without statistics
CREATE TABLE p4 PARTITION OF p FOR VALUES FROM ('2024-01-04') TO ('2024-01-05') USING flowstore;
ANALYZE p;
ANALYZE h;

CREATE FUNCTION shown(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		IF line !~ 'Columns:' THEN
			RETURN NEXT line;
		END IF;
	END LOOP;
END $$;
-- differences between a query on p and on h
CREATE FUNCTION differs(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	EXECUTE format('SELECT count(*) FROM ((%1$s EXCEPT ALL %2$s) UNION ALL (%2$s EXCEPT ALL %1$s)) d',
		'(' || replace(query, '@', 'p') || ')', '(' || replace(query, '@', 'h') || ')') INTO n;
	RETURN n;
END $$;
CREATE FUNCTION uses(query text, OUT aggregates bigint, OUT scans bigint) LANGUAGE plpgsql AS $$
DECLARE
	plan jsonb;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT JSON) ' || replace(query, '@', 'p') INTO plan;
	SELECT count(*) FILTER (WHERE name = 'FlowAggregate'), count(*) FILTER (WHERE name = 'FlowScan') INTO aggregates, scans
		FROM jsonb_path_query(plan, 'strict $.**."Custom Plan Provider"') j, LATERAL (SELECT j #>> '{}' AS name) n;
END $$;

SELECT shown('SELECT src, count(*) FROM p GROUP BY 1');
SELECT shown('SELECT date_trunc(''hour'', ts), sum(bytes) FILTER (WHERE port = 3) FROM p WHERE ts < ''2024-01-02 12:00'' GROUP BY 1 HAVING sum(bytes) > 5');
SELECT shown('SELECT port, sum(bytes) FROM p WHERE ts < ''2024-01-01 12:00'' GROUP BY 1 ORDER BY 2 DESC LIMIT 3');
CREATE TABLE asked (q text);
INSERT INTO asked VALUES
	('SELECT count(*) FROM @'),
	('SELECT count(*), count(bytes), sum(bytes), min(ts), max(ts), avg(port) FROM @ WHERE port > 2'),
	('SELECT src, count(*), sum(bytes) FROM @ GROUP BY 1'),
	('SELECT sni, src, count(*), sum(bytes) FILTER (WHERE port < 3), max(ts) FROM @ GROUP BY 1, 2'),
	('SELECT port, src, sni, count(*) FROM @ WHERE sni IS NOT NULL GROUP BY 1, 2, 3'),
	('SELECT date_trunc(''hour'', ts) AS t, sum(bytes), min(bytes), max(port) FROM @ GROUP BY 1'),
	('SELECT date_bin(''7 minutes'', ts, ''2024-01-01'') AS t, port, count(*) FROM @ WHERE src <<= ''10.0.0.0/28'' GROUP BY 1, 2'),
	('SELECT upper(sni), count(DISTINCT src), count(DISTINCT sni), count(DISTINCT note) FROM @ GROUP BY 1'),
	('SELECT family(src), stddev(bytes), variance(port) FROM @ GROUP BY 1'),
	('SELECT set_masklen(src, 28), count(*) FILTER (WHERE sni LIKE ''s1%''), count(*) FILTER (WHERE note < ''1'') FROM @ GROUP BY 1'),
	('SELECT length(note), count(*) FILTER (WHERE port + length(sni) > 5), sum(port) FROM @ WHERE ts >= ''2024-01-02 20:00'' GROUP BY 1'),
	('SELECT src, sum(bytes) FROM @ GROUP BY 1 HAVING count(*) > 600'),
	('SELECT note, count(*) FROM @ WHERE port IN (1, 4) AND bytes > 100 GROUP BY 1'),
	('SELECT sni, sum(bytes) FROM @ WHERE ts BETWEEN ''2024-01-02'' AND ''2024-01-02 23:59'' GROUP BY 1'),
	('SELECT count(*) FROM @ WHERE ts > ''2024-01-04 10:00'''),
	('SELECT src, sum(bytes) AS s FROM @ GROUP BY 1 ORDER BY 2 DESC LIMIT 5'),
	('SELECT sni, min(note), max(note) FROM @ GROUP BY 1');
SELECT q, (uses(q)).*, differs(q) FROM asked;
SET flowstore.enable_filter = off;
SELECT sum(differs(q)), sum((uses(q)).aggregates) FROM asked;
RESET flowstore.enable_filter;
SET flowstore.enable_aggregate = off;
SELECT sum(differs(q)), sum((uses(q)).aggregates) FROM asked;
RESET flowstore.enable_aggregate;
-- one FlowAggregate for each partition, where groups do not span them
SET enable_partitionwise_aggregate = on;
SELECT sum(differs(q)), sum((uses(q)).aggregates) FROM asked;
SELECT shown('SELECT ts, port, count(*), max(bytes) FROM p WHERE port < 2 AND ts > ''2024-01-02'' GROUP BY 1, 2');
SELECT differs(q) FROM unnest(ARRAY['SELECT ts, count(*) FROM @ GROUP BY 1', 'SELECT port, ts, sni, sum(bytes), max(bytes) FROM @ WHERE src < ''10.0.0.20'' GROUP BY 1, 2, 3 HAVING count(*) > 0',
	'SELECT ts, port, count(*) FROM @ GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 5']) q;
RESET enable_partitionwise_aggregate;

-- parameters: partitions are not pruned, their scans are
SET plan_cache_mode = force_generic_plan;
PREPARE q(timestamptz, int) AS SELECT count(*), sum(bytes) FROM p WHERE ts >= $1 AND port = $2;
EXECUTE q('2024-01-02 06:00', 3);
EXECUTE q('2024-01-01 06:00', 5);
EXECUTE q('2025-01-01', 5);
SELECT count(*), sum(bytes) FROM h WHERE ts >= '2024-01-02 06:00' AND port = 3;
SELECT count(*), sum(bytes) FROM h WHERE ts >= '2024-01-01 06:00' AND port = 5;
RESET plan_cache_mode;
DEALLOCATE q;
-- rescans, with other and with the same parameters
SELECT differs('SELECT g, s, n FROM generate_series(0, 8) g, LATERAL (SELECT sum(bytes) AS s, count(*) AS n FROM @ WHERE port = g AND ts > ''2024-01-01 05:00'') x');
SELECT differs('SELECT g, sni, n FROM generate_series(0, 8) g, LATERAL (SELECT sni, count(*) AS n FROM @ WHERE length(note) > g * 5 GROUP BY 1) x');
-- rows of the same transaction, deleted rows
BEGIN;
INSERT INTO p VALUES ('2024-01-04 10:00', '10.9.9.9', 99, 5, 'new', 'new'), ('2024-01-01 10:00', '10.9.9.9', 99, 6, 'new', 'new');
INSERT INTO h VALUES ('2024-01-04 10:00', '10.9.9.9', 99, 5, 'new', 'new'), ('2024-01-01 10:00', '10.9.9.9', 99, 6, 'new', 'new');
DELETE FROM p WHERE port = 4;
DELETE FROM h WHERE port = 4;
SELECT sum(differs(q)) FROM asked;
ROLLBACK;
-- what EXPLAIN counts stays when a scan has been left for the next one
CREATE FUNCTION counted(query text) RETURNS TABLE (relation text, rows text, chunks text, clauses bigint) LANGUAGE plpgsql AS $$
DECLARE
	plan jsonb;
BEGIN
	EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, FORMAT JSON) ' || query INTO plan;
	RETURN QUERY SELECT n ->> 'Relation Name', (n ->> 'Actual Rows')::numeric::int::text, n ->> 'Chunks', jsonb_array_length(n -> 'Clauses')::bigint
		FROM jsonb_path_query(plan, 'strict $.** ? (@."Custom Plan Provider" == "FlowScan")') n;
END $$;
SELECT * FROM counted('SELECT sni, count(*) FROM p WHERE port = 3 GROUP BY 1');

-- in a parallel plan participants go from partition to partition
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SELECT sum(differs(q)), sum((uses(q)).aggregates) > 12 AS are_used FROM asked;
SELECT shown('SELECT src, count(*) FROM p WHERE ts < ''2024-01-03'' GROUP BY 1');
CREATE TEMP TABLE got AS SELECT src, sni, count(*) AS n, sum(bytes), count(DISTINCT port) AS ports, bit_or(port) FROM p GROUP BY 1, 2;
SELECT count(*) FROM (TABLE got EXCEPT ALL SELECT src, sni, count(*), sum(bytes), count(DISTINCT port), bit_or(port) FROM h GROUP BY 1, 2) d;
SET work_mem = '64kB';
SELECT sum(differs(q)) FROM asked;
RESET work_mem;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
SET max_parallel_workers_per_gather = 0;
SET flowstore.enable_scan = on;

-- partitions whose chunks and dictionaries have the same numbers, but not the same values
CREATE TABLE l (ts timestamptz, src inet, site int, n int, sni text) PARTITION BY LIST (site);
CREATE TABLE l1 PARTITION OF l FOR VALUES IN (1) USING flowstore;
CREATE TABLE l2 PARTITION OF l FOR VALUES IN (2) USING flowstore;
CREATE TABLE l3 (sni text, src inet, ts timestamptz, n int, site int) USING flowstore;
ALTER TABLE l ATTACH PARTITION l3 FOR VALUES IN (3);
CREATE TABLE lh AS SELECT '2024-01-01'::timestamptz + g * interval '0.3 s' AS ts, ('10.' || site || '.0.0')::inet + (site * g) % 700 AS src, site, g AS n, 's' || site || '.' || g % 99 AS sni
	FROM generate_series(1, 5000) g, generate_series(1, 3) site;
INSERT INTO l SELECT * FROM lh;
SELECT count(*) FROM (VALUES ('l1'), ('l2'), ('l3')) v(t), flow.optimize(t::regclass);
CREATE FUNCTION differs_l(query text, OUT n bigint) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('SELECT count(*) FROM ((%1$s EXCEPT ALL %2$s) UNION ALL (%2$s EXCEPT ALL %1$s)) d', replace(query, '@', 'l'), replace(query, '@', 'lh')) INTO n;
END $$;
SELECT differs_l(q), (uses(replace(q, '@', 'l'))).aggregates FROM unnest(ARRAY['SELECT src, count(*), sum(n), min(n) FROM @ GROUP BY 1', 'SELECT sni, count(DISTINCT src) FROM @ GROUP BY 1',
	'SELECT set_masklen(src, 16), upper(sni), count(*) FILTER (WHERE sni > ''s2'') FROM @ GROUP BY 1, 2', 'SELECT count(DISTINCT src), count(DISTINCT sni) FROM @',
	'SELECT src, site, sni, max(ts) FROM @ WHERE src = ANY (''{10.1.0.7, 10.2.0.8, 10.3.0.9}'') GROUP BY 1, 2, 3']) q;

-- left to PostgreSQL: plain inheritance, UNION ALL, a partition of another kind
CREATE TABLE parent (a int, b int);
CREATE TABLE child () INHERITS (parent) USING flowstore;
INSERT INTO child SELECT g % 5, g FROM generate_series(1, 1000) g;
SELECT (uses('SELECT a, sum(b) FROM parent GROUP BY 1')).*;
SELECT a, sum(b) FROM parent GROUP BY 1 ORDER BY 1;
SELECT (uses('SELECT sni, count(*) FROM (SELECT * FROM p1 UNION ALL SELECT ts, src, port, bytes, sni, note FROM p2) u GROUP BY 1')).*;
CREATE TABLE p5 PARTITION OF p FOR VALUES FROM ('2024-01-05') TO ('2024-01-06') USING heap;
INSERT INTO p VALUES ('2024-01-05 10:00', '10.9.9.9', 99, 5, 'new', 'new');
INSERT INTO h VALUES ('2024-01-05 10:00', '10.9.9.9', 99, 5, 'new', 'new');
SELECT sum(differs(q)), sum((uses(q)).aggregates) FROM asked;
-- there each partition can be grouped by itself, if groups do not span them
SET enable_partitionwise_aggregate = on;
SELECT shown('SELECT ts, port, count(*), max(bytes) FROM p WHERE port < 2 AND ts > ''2024-01-02'' GROUP BY 1, 2');
SELECT differs(q), (uses(q)).* FROM unnest(ARRAY['SELECT ts, count(*), sum(bytes) AS s FROM @ GROUP BY 1', 'SELECT port, ts, sni, sum(bytes), max(bytes) FROM @ WHERE src < ''10.0.0.20'' GROUP BY 1, 2, 3 HAVING count(*) > 0',
	'SELECT ts, port, count(*) FROM @ GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 5']) q;
RESET enable_partitionwise_aggregate;
-- unless it is pruned
SELECT (uses('SELECT src, count(*) FROM @ WHERE ts < ''2024-01-05'' GROUP BY 1')).*, differs('SELECT src, count(*) FROM @ WHERE ts < ''2024-01-05'' GROUP BY 1');
-- detached, or all gone
ALTER TABLE p DETACH PARTITION p5;
DELETE FROM h WHERE ts >= '2024-01-05';
ALTER TABLE p DETACH PARTITION p2;
DELETE FROM h WHERE ts >= '2024-01-02' AND ts < '2024-01-03';
SELECT sum(differs(q)), sum((uses(q)).aggregates) FROM asked;
SELECT count(*), sum(bytes) FROM p WHERE ts < '2020-01-01';
-- policies
CREATE ROLE query_partition_user;
GRANT USAGE ON SCHEMA query_partition TO query_partition_user;
GRANT SELECT ON p, h, asked TO query_partition_user;
CREATE POLICY no_3 ON p USING (port <> 3);
CREATE POLICY no_3 ON h USING (port <> 3);
ALTER TABLE p ENABLE ROW LEVEL SECURITY;
ALTER TABLE h ENABLE ROW LEVEL SECURITY;
SET ROLE query_partition_user;
SELECT sum(differs(q)), sum((uses(q)).aggregates) FROM asked;
RESET ROLE;
DROP SCHEMA query_partition CASCADE;
DROP ROLE query_partition_user;
