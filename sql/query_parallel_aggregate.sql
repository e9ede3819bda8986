--
-- FlowAggregate in several processes, and with less memory than its groups need: groups are exchanged, or wait in files.
-- Without this test: groups that are given twice, lost, or merged wrongly, but only under load.
--
\set ECHO none
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
\getenv abs_srcdir PG_ABS_SRCDIR
\set twin :abs_srcdir '/test/differential/twin.sql'
\i :twin
\set ECHO all
CREATE SCHEMA query_parallel_aggregate;
SET search_path = query_parallel_aggregate;
SELECT twin.create_flows(20000);
SELECT count(*) > 0 AS done FROM flow.optimize('flow_f', full => true);
INSERT INTO flow_h SELECT * FROM twin.flows(20001, 26000);
INSERT INTO flow_f SELECT * FROM twin.flows(20001, 26000);
INSERT INTO flow_h (id, rtt) VALUES (30010, 'NaN'), (30011, '-0'), (30013, 'infinity');
INSERT INTO flow_f (id, rtt) VALUES (30010, 'NaN'), (30011, '-0'), (30013, 'infinity');
DELETE FROM flow_h WHERE id % 11 = 0;
DELETE FROM flow_f WHERE id % 11 = 0;
ALTER TABLE flow_f SET (parallel_workers = 3);
ANALYZE flow_h, flow_f;

-- the ways to run a query
CREATE TABLE ways (way text, settings text[]);
INSERT INTO ways VALUES
	('alone', '{max_parallel_workers_per_gather, 0}'),
	('alone, little memory', '{max_parallel_workers_per_gather, 0, work_mem, 64kB}'),
	('parallel', '{max_parallel_workers_per_gather, 3}'),
	('parallel, little memory', '{max_parallel_workers_per_gather, 3, work_mem, 64kB}'),
	('workers only', '{max_parallel_workers_per_gather, 3, parallel_leader_participation, off}'),
	('workers only, little memory', '{max_parallel_workers_per_gather, 3, parallel_leader_participation, off, work_mem, 64kB}'),
	('one worker', '{max_parallel_workers_per_gather, 1}'),
	('no worker comes', '{max_parallel_workers_per_gather, 3, max_parallel_workers, 0}'),
	('no worker comes, little memory', '{max_parallel_workers_per_gather, 3, max_parallel_workers, 0, work_mem, 64kB}'),
	('off', '{max_parallel_workers_per_gather, 0, flowstore.enable_aggregate, off}');
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
CREATE FUNCTION go(settings text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1 .. cardinality(settings) BY 2 LOOP
		PERFORM set_config(settings[i], settings[i + 1], true);
	END LOOP;
END $$;
-- each query on heap once, and in each way on the flowstore table
CREATE FUNCTION ask(queries text[]) RETURNS TABLE (way text, same bigint, others text) LANGUAGE plpgsql AS $$
DECLARE
	q text;
	w ways;
	want record;
	got record;
BEGIN
	CREATE TEMP TABLE answers (way text, query text, is_same bool);
	FOREACH q IN ARRAY queries LOOP
		SELECT * INTO want FROM twin.digest(replace(q, '%s', 'flow_h'));
		FOR w IN SELECT * FROM ways LOOP
			BEGIN
				PERFORM go(w.settings);
				SELECT * INTO got FROM twin.digest(replace(q, '%s', 'flow_f'));
				RAISE EXCEPTION USING ERRCODE = 'QQ000'; -- the settings go
			EXCEPTION WHEN SQLSTATE 'QQ000' THEN
			END;
			INSERT INTO answers VALUES (w.way, q, got IS NOT DISTINCT FROM want);
		END LOOP;
	END LOOP;
	RETURN QUERY SELECT a.way, count(*) FILTER (WHERE is_same), string_agg(query, '; ') FILTER (WHERE NOT is_same)
		FROM answers a GROUP BY 1 ORDER BY 1;
	DROP TABLE answers;
END $$;

-- the plan: participants below Gather, nothing of core's between
CREATE FUNCTION plan(query text, settings text[] DEFAULT '{max_parallel_workers_per_gather, 3}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	line text;
	nodes text[] := '{}';
BEGIN
	PERFORM go(settings || '{flowstore.enable_scan, on}'::text[]);
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		nodes := nodes || substring(line FROM '(?:->  |^)((?:Parallel )?[A-Z][A-Za-z ]+(?:\(\w+\))?)');
	END LOOP;
	RETURN array_to_string(array_remove(nodes, NULL), ' < ');
END $$;
SELECT plan(q), q FROM unnest(ARRAY[
	'SELECT src_addr, count(*) FROM flow_f GROUP BY 1',
	'SELECT count(*), sum(bytes) FROM flow_f',
	'SELECT src_addr, sum(bytes) FROM flow_f GROUP BY 1 ORDER BY 2 DESC LIMIT 3',
	'SELECT src_addr, count(*) FROM flow_f GROUP BY 1 HAVING count(*) > random()']) q;
CREATE FUNCTION here(int) RETURNS int LANGUAGE plpgsql IMMUTABLE PARALLEL RESTRICTED AS 'BEGIN RETURN $1; END';
SELECT plan(q) LIKE '%Parallel Custom Scan (FlowAggregate)%' AS is_parallel, q FROM unnest(ARRAY[
	'SELECT here(dst_port), count(*) FROM flow_f GROUP BY 1',
	'SELECT count(*) FROM flow_f GROUP BY here(dst_port)',
	'SELECT sum(here(dst_port)) FROM flow_f',
	'SELECT count(*) FILTER (WHERE here(dst_port) > 3) FROM flow_f',
	'SELECT protocol FROM flow_f GROUP BY 1 HAVING count(here(dst_port)) > 3']) q;

-- every aggregate, every kind of key
SELECT * FROM ask(ARRAY[
	'SELECT count(*), count(sni), sum(bytes), avg(bytes), min(ts), max(ts), stddev(bytes), var_pop(duration_ms), count(DISTINCT src_addr), count(DISTINCT sni) FROM %s',
	'SELECT id, count(*), sum(bytes), avg(packets), min(bytes), max(ts), variance(bytes), count(DISTINCT dst_port), count(DISTINCT sni) FROM %s GROUP BY 1',
	'SELECT src_addr, count(*), sum(bytes), max(packets) FROM %s GROUP BY 1',
	'SELECT src_addr, dst_addr, src_port, dst_port, protocol, sni, count(*), sum(bytes), stddev(bytes) FROM %s GROUP BY 1, 2, 3, 4, 5, 6',
	'SELECT sni, count(DISTINCT src_addr), count(DISTINCT id), count(DISTINCT dst_port) FILTER (WHERE protocol = 6) FROM %s GROUP BY 1',
	'SELECT protocol, count(DISTINCT id), count(DISTINCT (ts)) FROM %s GROUP BY 1',
	'SELECT date_trunc(''minute'', ts), date_bin(''5 minutes'', ts, ''2000-01-01''), count(*) FROM %s GROUP BY 1, 2',
	'SELECT id % 7000, upper(left(sni, 3)), count(*), sum(bytes) FROM %s GROUP BY 1, 2',
	'SELECT verdict, tcp_flags, count(*) FILTER (WHERE bytes > 5000) FROM %s GROUP BY 1, 2',
	'SELECT protocol, round(sum(rtt)::numeric, 6), round(avg(rtt)::numeric, 6), round(stddev(rtt)::numeric, 6), min(rtt), max(rtt), count(rtt) FROM %s WHERE rtt BETWEEN 0 AND 1e6 GROUP BY 1',
	'SELECT min(rtt), max(rtt), sum(rtt), avg(rtt), stddev(rtt), sum(rtt::float4), count(rtt) FROM %s WHERE id > 30000',
	'SELECT dst_port, count(*) FROM %s GROUP BY 1 HAVING count(*) > 20']);
-- equal keys whose bytes differ are one group
SELECT * FROM ask(ARRAY[
	'SELECT count(*), count(x) FROM (SELECT CASE id % 3 WHEN 0 THEN 1.0 WHEN 1 THEN 1.00 ELSE id END FROM %s GROUP BY CASE id % 3 WHEN 0 THEN 1.0 WHEN 1 THEN 1.00 ELSE id END) x (x)',
	'SELECT count(*) FROM (SELECT rtt * 0 FROM %s GROUP BY rtt * 0) x',
	'SELECT count(*) FROM (SELECT CASE id % 2 WHEN 0 THEN interval ''1 day'' ELSE ''24 hours'' END FROM %s GROUP BY CASE id % 2 WHEN 0 THEN interval ''1 day'' ELSE ''24 hours'' END) x']);
-- long keys, and longer ones than a block
SELECT * FROM ask(ARRAY[
	'SELECT repeat(sni, 10), count(*) FROM %s GROUP BY 1',
	'SELECT repeat(coalesce(sni, ''x''), 5000), count(*), sum(bytes) FROM %s WHERE id % 97 = 0 GROUP BY 1',
	'SELECT repeat(dst_port::text, 3000), count(DISTINCT sni) FROM %s WHERE dst_port < 60 GROUP BY 1']);
-- the first ones
SELECT * FROM ask(ARRAY[
	'SELECT id, sum(bytes) FROM %s GROUP BY 1 ORDER BY 2 DESC NULLS LAST, 1 LIMIT 7',
	'SELECT id, sum(bytes) FROM %s GROUP BY 1 ORDER BY 2, 1 LIMIT 7 OFFSET 5',
	'SELECT src_addr, count(*) FROM %s GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10',
	'SELECT id, stddev(bytes) FROM %s GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 3',
	'SELECT id, count(*) FROM %s GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 3',
	'SELECT count(*) FROM (SELECT id, max(ts) FROM %s GROUP BY 1 LIMIT 30) x']);
-- nothing, and nothing in most participants
CREATE TABLE empty_f (LIKE flow_f) USING flowstore WITH (parallel_workers = 3);
SELECT * FROM ask(ARRAY[
	'SELECT count(*), sum(bytes), min(ts), count(DISTINCT sni) FROM %s WHERE id = -1',
	'SELECT protocol, sum(bytes) FROM %s WHERE id < -1 GROUP BY 1',
	'SELECT id, count(*), sum(bytes) FROM %s WHERE id BETWEEN 5 AND 7 GROUP BY 1',
	'SELECT count(*) FROM %s HAVING count(*) > 1000000']);
BEGIN;
SELECT go('{max_parallel_workers_per_gather, 3}');
SELECT count(*), sum(bytes), count(DISTINCT sni) FROM empty_f;
SELECT protocol, count(*) FROM empty_f GROUP BY 1;
COMMIT;
-- again and again: Gather on the inner side of a join, a plan that is kept, an early end
SET enable_material = off;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SELECT * FROM ask(ARRAY[
	'SELECT g, count(*), sum(x.c) FROM generate_series(1, 4) g LEFT JOIN (SELECT dst_port, count(*) c FROM %s GROUP BY 1 OFFSET 0) x ON x.c % 4 = g - 1 GROUP BY 1',
	'SELECT g, count(*), sum(x.s) FROM generate_series(1, 3) g, LATERAL (SELECT id, sum(bytes) s FROM %s GROUP BY 1 OFFSET 0) x WHERE x.id % 3 < g GROUP BY 1',
	'SELECT g, (SELECT count(*) FROM (SELECT id, count(*) FROM %s GROUP BY 1 LIMIT 10) x) FROM generate_series(1, 3) g',
	'SELECT g, (SELECT count(*) FROM (SELECT id, count(*) FROM %s GROUP BY 1 LIMIT g) x) FROM generate_series(1, 3) g',
	'SELECT g, (SELECT sum(c) FROM (SELECT dst_port, count(*) c FROM %s WHERE src_port > g * 10000 GROUP BY 1) x) FROM generate_series(1, 3) g']);
RESET enable_material;
RESET enable_hashjoin;
RESET enable_mergejoin;
BEGIN;
SELECT go('{max_parallel_workers_per_gather, 3, plan_cache_mode, force_generic_plan}');
PREPARE above(int) AS SELECT count(*), sum(c) FROM (SELECT dst_port, count(*) c FROM flow_f WHERE id > $1 GROUP BY 1) x;
EXECUTE above(0);
EXECUTE above(15000);
EXECUTE above(40000);
DEALLOCATE above;
COMMIT;
-- a cursor that is left in the middle, with files
BEGIN;
SELECT go('{work_mem, 64kB}');
DECLARE c CURSOR FOR SELECT id, count(*), sum(bytes) FROM flow_f GROUP BY 1;
MOVE 5000 IN c;
SAVEPOINT s;
MOVE 5000 IN c;
ROLLBACK TO s;
MOVE 5000 IN c;
CLOSE c;
DECLARE d SCROLL CURSOR WITH HOLD FOR SELECT id, count(*) FROM flow_f GROUP BY 1;
MOVE 100 IN d;
COMMIT;
MOVE ALL IN d;
MOVE BACKWARD ALL IN d;
CLOSE d;

-- what EXPLAIN ANALYZE says
CREATE FUNCTION analyzed(query text, settings text[], OUT groups bigint, OUT has_partitions bool, OUT has_files bool, OUT is_small bool) LANGUAGE plpgsql AS $$
DECLARE
	plan json;
	node json;
BEGIN
	PERFORM go(settings || '{flowstore.enable_scan, on}'::text[]);
	EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, FORMAT json) ' || query INTO plan;
	node := plan -> 0 -> 'Plan';
	WHILE node ->> 'Custom Plan Provider' IS DISTINCT FROM 'FlowAggregate' LOOP
		node := node -> 'Plans' -> 0;
	END LOOP;
	groups := node ->> 'Groups';
	has_partitions := (node ->> 'Partitions')::int > 1;
	has_files := (node ->> 'Disk')::int > 0;
	is_small := (node ->> 'Memory')::int < 2000;
	RAISE EXCEPTION USING ERRCODE = 'QQ000'; -- the settings go
EXCEPTION WHEN SQLSTATE 'QQ000' THEN
END $$;
SELECT way, a.* FROM ways, analyzed('SELECT id, count(*), sum(bytes) FROM flow_f GROUP BY 1', settings) a WHERE way NOT IN ('off', 'one worker');
SELECT way, a.* FROM ways, analyzed('SELECT protocol, count(*), sum(bytes) FROM flow_f GROUP BY 1', settings) a WHERE way NOT IN ('off', 'one worker');
SELECT count(DISTINCT id) AS groups, count(DISTINCT protocol) + 1 AS and_these FROM flow_h;

-- limits and errors are core's
\set VERBOSITY sqlstate
\set SHOW_CONTEXT never
BEGIN;
SELECT go('{work_mem, 64kB, temp_file_limit, 64kB, flowstore.enable_scan, on}');
SELECT count(*) FROM (SELECT id, count(DISTINCT sni) FROM flow_f GROUP BY 1) x;
ROLLBACK;
BEGIN;
SELECT go('{work_mem, 64kB, temp_file_limit, 64kB, max_parallel_workers_per_gather, 3, max_parallel_workers, 0, flowstore.enable_scan, on}');
SELECT count(*) FROM (SELECT id, count(DISTINCT sni), sum(bytes), sum(packets), stddev(bytes) FROM flow_f GROUP BY 1) x;
ROLLBACK;
\set VERBOSITY default
SET max_parallel_workers_per_gather = 3;
SELECT protocol, sum(1 / (id - 300)) FROM flow_f GROUP BY 1;
SELECT id, sum(bytes * 9223372036854775807) FROM flow_f WHERE bytes > 1 GROUP BY 1;
RESET max_parallel_workers_per_gather;
DROP SCHEMA query_parallel_aggregate CASCADE;
