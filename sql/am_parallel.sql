--
-- Parallel plans above and below a flowstore table.
-- Without this test: rows read twice or not at all by workers, or an error in parallel mode.
--
\set ECHO none
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
\getenv abs_srcdir PG_ABS_SRCDIR
\set twin :abs_srcdir '/test/differential/twin.sql'
\i :twin
\set ECHO all
CREATE SCHEMA am_parallel;
SET search_path = am_parallel;

SET flowstore.enable_aggregate = off;
SELECT twin.create_flows(30000);
ANALYZE flow_h;
ANALYZE flow_f;
CREATE FUNCTION par(on_ bool) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('max_parallel_workers_per_gather', CASE WHEN on_ THEN '3' ELSE '0' END, false);
	PERFORM set_config('parallel_setup_cost', '0', false);
	PERFORM set_config('parallel_tuple_cost', '0', false);
	PERFORM set_config('min_parallel_table_scan_size', '0', false);
END $$;
ALTER TABLE flow_f SET (parallel_workers = 3);
ALTER TABLE flow_h SET (parallel_workers = 3);
SELECT par(true);
-- a plan is parallel, with FlowScan and with SeqScan
CREATE FUNCTION is_parallel(query text) RETURNS bool LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		IF line ~ 'Gather' THEN
			RETURN true;
		END IF;
	END LOOP;
	RETURN false;
END $$;
SELECT is_parallel('SELECT count(*), sum(bytes) FROM flow_f WHERE rtt > 3');
SET flowstore.enable_scan = off;
SELECT is_parallel('SELECT count(*), sum(bytes) FROM flow_f WHERE rtt > 3');
RESET flowstore.enable_scan;

SELECT twin.same('flow_h', 'flow_f', q) FROM unnest(ARRAY[
	'SELECT count(*), sum(bytes), min(ts), max(ts), count(sni) FROM %s',
	'SELECT * FROM %s',
	'SELECT src_addr, count(*), sum(packets) FROM %s GROUP BY 1',
	'SELECT id FROM %s WHERE dst_port = 53 AND protocol = 17',
	'SELECT id FROM %s WHERE ts BETWEEN ''2024-03-01 00:10:00+00'' AND ''2024-03-01 00:20:00+00''',
	'SELECT a.id FROM %s a JOIN %s b ON a.id = b.id + 1 WHERE b.dst_port = 22',
	'SELECT id, rank() OVER (ORDER BY bytes, id) FROM %s',
	'SELECT DISTINCT dst_addr FROM %s',
	'SELECT id FROM %s ORDER BY bytes DESC, id LIMIT 100',
	'SELECT count(*) FROM %s WHERE sni LIKE ''host1%%''']) q;

-- rows of this transaction, pending and of a subtransaction, are seen by workers
BEGIN;
INSERT INTO flow_h SELECT * FROM twin.flows(30001, 30003);
INSERT INTO flow_f SELECT * FROM twin.flows(30001, 30003);
INSERT INTO flow_h SELECT * FROM twin.flows(30004, 34000);
INSERT INTO flow_f SELECT * FROM twin.flows(30004, 34000);
SAVEPOINT s;
INSERT INTO flow_h SELECT * FROM twin.flows(40001, 40005);
INSERT INTO flow_f SELECT * FROM twin.flows(40001, 40005);
SAVEPOINT t;
INSERT INTO flow_f SELECT * FROM twin.flows(50001, 50005);
ROLLBACK TO t;
SELECT twin.same('flow_h', 'flow_f', 'SELECT count(*), sum(bytes), sum(id), min(ts) FROM %s');
SELECT twin.same('flow_h', 'flow_f', 'SELECT * FROM %s WHERE id > 29990');
ROLLBACK;
SELECT twin.same('flow_h', 'flow_f', 'SELECT count(*), sum(id) FROM %s');

-- CREATE TABLE AS and REFRESH: the leader inserts while in parallel mode
CREATE TABLE ctas USING flowstore AS SELECT * FROM flow_f WHERE bytes > 0;
SELECT * FROM twin.diff('flow_h', 'ctas');
CREATE TABLE ctas_agg USING flowstore AS SELECT dst_port, count(*), sum(bytes) FROM flow_f GROUP BY 1;
SELECT count(*), sum(count) FROM ctas_agg;
CREATE MATERIALIZED VIEW mv USING flowstore AS SELECT id, src_addr, bytes FROM flow_f WHERE protocol = 6;
SELECT count(*) = (SELECT count(*) FROM flow_h WHERE protocol = 6) AS same FROM mv;
INSERT INTO flow_f SELECT * FROM twin.flows(30001, 32000);
INSERT INTO flow_h SELECT * FROM twin.flows(30001, 32000);
REFRESH MATERIALIZED VIEW mv;
SELECT count(*) = (SELECT count(*) FROM flow_h WHERE protocol = 6) AS same FROM mv;
BEGIN;
REFRESH MATERIALIZED VIEW mv;
TRUNCATE flow_f;
REFRESH MATERIALIZED VIEW mv;
SELECT count(*) FROM mv;
ROLLBACK;
SELECT count(*) = (SELECT count(*) FROM flow_h WHERE protocol = 6) AS same FROM mv;
REFRESH MATERIALIZED VIEW mv WITH NO DATA;
SELECT count(*) FROM mv;
REFRESH MATERIALIZED VIEW mv;
SELECT count(*) > 0 AS populated FROM mv;
CREATE MATERIALIZED VIEW mv_empty USING flowstore AS SELECT 1 AS a WITH NO DATA;
REFRESH MATERIALIZED VIEW mv_empty;
SELECT * FROM mv_empty;
-- CONCURRENTLY needs a unique index, which is refused
REFRESH MATERIALIZED VIEW CONCURRENTLY mv;
-- inside a savepoint, in a plpgsql block with EXCEPTION
DO $$ BEGIN
	CREATE TABLE in_sub USING flowstore AS SELECT * FROM flow_f;
	PERFORM 1 / 0;
EXCEPTION WHEN division_by_zero THEN
	CREATE TABLE in_sub USING flowstore AS SELECT * FROM flow_f;
END $$;
SELECT * FROM twin.diff('flow_h', 'in_sub');

-- INSERT .. SELECT from a parallel-safe source, and from the table itself
INSERT INTO ctas SELECT * FROM flow_f;
SELECT count(*) FROM ctas;
INSERT INTO ctas SELECT * FROM ctas WHERE dst_port = 53;
SELECT count(*) = 62000 + (SELECT count(*) FROM flow_h WHERE dst_port = 53) + (SELECT count(*) FROM flow_h WHERE dst_port = 53 AND id <= 30000) AS same FROM ctas;

-- rescan of a parallel scan below a nested loop; a cursor over Gather
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_material = off;
SELECT twin.same('flow_h', 'flow_f', 'SELECT count(*) FROM (VALUES (53), (22), (99)) v(p), LATERAL (SELECT count(*) AS n FROM %s WHERE dst_port = p) x');
RESET enable_hashjoin;
RESET enable_mergejoin;
RESET enable_material;
BEGIN;
DECLARE c CURSOR FOR SELECT id FROM flow_f WHERE dst_port = 53;
MOVE FORWARD ALL FROM c;
ROLLBACK;
-- LIMIT ends the workers early
SELECT count(*) FROM (SELECT id FROM flow_f LIMIT 7) x;
-- serializable and read only
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT count(*) FROM flow_f;
COMMIT;
-- a parallel append over partitions
CREATE TABLE parts (id bigint, bytes bigint) PARTITION BY HASH (id);
CREATE TABLE parts_0 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 0) USING flowstore;
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 1) USING flowstore;
INSERT INTO parts SELECT id, bytes FROM flow_h;
SET enable_parallel_append = on;
SELECT count(*), sum(bytes) = (SELECT sum(bytes) FROM flow_h) AS same FROM parts;

DROP SCHEMA am_parallel CASCADE;
