--
-- Flowstore tables in queries of every shape.
-- Without this test: a plan node that gets a row it cannot use.
--
\set ECHO none
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
\getenv abs_srcdir PG_ABS_SRCDIR
\set twin :abs_srcdir '/test/differential/twin.sql'
\i :twin
\set ECHO all
CREATE SCHEMA am_query;
SET search_path = am_query;

SELECT twin.create_flows(6000);
-- rows of all ages: chunks, small statements, single rows
INSERT INTO flow_h SELECT * FROM twin.flows(6001, 6050);
INSERT INTO flow_f SELECT * FROM twin.flows(6001, 6050);
INSERT INTO flow_h SELECT * FROM twin.flows(6051, 6051);
INSERT INTO flow_f SELECT * FROM twin.flows(6051, 6051);
ANALYZE flow_f, flow_h;

-- the same question to both, FlowScan on and off
SELECT twin.same('flow_h', 'flow_f', q) FROM unnest(ARRAY[
	'SELECT * FROM %s',
	'SELECT count(*) FROM %s',
	'SELECT FROM %s',
	'SELECT 1 FROM %s',
	'SELECT id, id, verdict FROM %s',
	'SELECT t FROM %s t',
	'SELECT t.*, t FROM %s t',
	'SELECT (t).src_addr FROM %s t',
	'SELECT row_to_json(t)::text FROM %s t WHERE id < 50',
	'SELECT count(t) FROM %s t WHERE t IS NOT NULL',
	'SELECT tableoid::regclass IS NOT NULL, id FROM %s',
	'SELECT count(*) FROM %s WHERE ctid IS NOT NULL',
	'SELECT sum(bytes), avg(packets), stddev(rtt), count(DISTINCT src_addr), string_agg(sni, '','' ORDER BY id) FROM %s',
	'SELECT src_addr, sum(bytes) FROM %s GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 20',
	'SELECT date_trunc(''minute'', ts), protocol, count(*) FROM %s GROUP BY 1, 2',
	'SELECT protocol, dst_port, sum(bytes), grouping(protocol) FROM %s GROUP BY CUBE (protocol, dst_port)',
	'SELECT protocol, count(*) FILTER (WHERE verdict), count(*) FILTER (WHERE verdict IS NULL) FROM %s GROUP BY 1 HAVING count(*) > 5',
	'SELECT id, lag(bytes) OVER (PARTITION BY src_addr ORDER BY id) FROM %s',
	'SELECT DISTINCT ON (src_addr) src_addr, id FROM %s ORDER BY src_addr, id',
	'SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY bytes) FROM %s',
	'SELECT a.id, b.id FROM %s a JOIN %s b ON a.src_addr = b.src_addr AND a.id < b.id WHERE a.id < 100',
	'SELECT a.id FROM %s a LEFT JOIN %s b ON a.id = b.id + 6000 WHERE b.id IS NULL',
	'SELECT a.id FROM %s a FULL JOIN (SELECT * FROM %s WHERE id < 10) b ON a.id = b.id',
	'SELECT id FROM %s a WHERE EXISTS (SELECT 1 FROM %s b WHERE b.src_addr = a.dst_addr)',
	'SELECT id FROM %s a WHERE NOT EXISTS (SELECT 1 FROM %s b WHERE b.id = a.id + 1)',
	'SELECT id FROM %s WHERE src_port NOT IN (SELECT dst_port FROM %s)',
	'SELECT id, (SELECT max(b.id) FROM %s b WHERE b.src_addr = a.src_addr AND b.id < a.id) FROM %s a WHERE id < 60',
	'SELECT a.id, x.id FROM %s a, LATERAL (SELECT id FROM %s b WHERE b.dst_addr = a.dst_addr AND b.id > a.id ORDER BY id LIMIT 2) x WHERE a.id < 40',
	'SELECT id FROM %s WHERE id < 10 UNION ALL SELECT id FROM %s WHERE id > 6040',
	'SELECT id FROM %s INTERSECT SELECT id * 2 FROM %s',
	'SELECT id FROM %s WHERE id < 1000 EXCEPT SELECT id FROM %s WHERE protocol = 6',
	'WITH x AS MATERIALIZED (SELECT * FROM %s WHERE protocol = 6) SELECT a.id FROM x a JOIN x b ON a.id = b.id',
	'WITH RECURSIVE r AS (SELECT id, 1 AS d FROM %s WHERE id = 1 UNION ALL SELECT f.id, d + 1 FROM r JOIN %s f ON f.id = r.id + 7 WHERE d < 30) SELECT * FROM r',
	'SELECT id FROM %s WHERE (src_addr, dst_port) IN (SELECT dst_addr, 53 FROM %s)',
	'SELECT id FROM %s WHERE random() < 2 AND id % 3 = 0',
	'SELECT generate_series(1, 2), id FROM %s WHERE id < 20',
	'SELECT id FROM %s ORDER BY bytes, id OFFSET 100 LIMIT 50',
	'SELECT id FROM %s ORDER BY sni NULLS FIRST, id LIMIT 10',
	'SELECT id FROM %s FETCH FIRST 6051 ROWS ONLY',
	'SELECT x FROM (SELECT DISTINCT protocol AS x FROM %s) y']) q;

-- predicates over every column type, true of some, none and all
SELECT twin.same('flow_h', 'flow_f', 'SELECT id FROM %s WHERE ' || q) FROM unnest(ARRAY[
	'id = 77', 'id = -1', 'id < 1025', 'id >= 6051', 'id BETWEEN 2040 AND 2060', 'id IN (1, 1024, 1025, 99999)', 'id <> 5', '77 = id', '1025 > id',
	'id = ANY (ARRAY[5, NULL, 7])', 'id = ANY (ARRAY[]::bigint[])', 'id <> ALL (ARRAY[1, 2])', 'id = NULL', 'id IS NULL', 'id IS NOT NULL',
	'ts < ''2024-03-01 00:05:00+00''', 'ts >= ''2024-03-01 00:10:00+00'' AND ts < ''2024-03-01 00:10:01+00''', 'ts = ''infinity''', 'ts > ''-infinity''', 'ts::date = ''2024-02-29''',
	'src_addr = ''10.1.0.5''', 'src_addr <<= ''10.1.1.0/24''', 'src_addr << ''2001:db8::/32''', 'src_addr >>= ''10.1.0.5''', 'src_addr && ''10.1.0.0/31''', 'family(src_addr) = 6',
	'src_addr > ''10.1.2.0''', 'src_addr IN (''10.1.0.5'', ''2001:db8::7'')', 'src_addr = ''10.1.0.5/24''', 'src_addr = ''192.0.2.7'' OR dst_addr = ''192.0.2.7''', 'src_addr = dst_addr',
	'dst_port = 53', 'dst_port = 53::smallint', 'dst_port = 53::bigint', 'dst_port = 53.0', 'dst_port <> 443', 'dst_port > 70000', 'dst_port IN (53, 22) AND protocol = 17',
	'protocol = 6', 'protocol = 6::bigint', 'protocol < 0', 'protocol = 300', 'tcp_flags & 2 <> 0', 'tcp_flags & 18 = 2', 'tcp_flags IS NULL', 'tcp_flags IS NOT NULL AND protocol = 17',
	'bytes > 3000000', 'bytes::numeric > 3000000', 'bytes = 40 * packets', 'packets + 1 > 990',
	'sni = ''host7.example.net''', 'sni LIKE ''host1%''', 'sni LIKE ''%5.example%''', 'sni ILIKE ''HOST2%''', 'sni ~ ''^host3''', 'sni > ''host5''', 'sni IS NULL', 'length(sni) > 17', 'sni = ''host7.example.net'' COLLATE "C"', 'sni < ''host2'' COLLATE "C"',
	'rtt > 50', 'rtt = 50', 'rtt <= 0', 'rtt < ''NaN''', 'rtt IS NULL', 'rtt > 99.5::real', 'rtt = ''NaN''',
	'verdict', 'NOT verdict', 'verdict IS NULL', 'verdict IS NOT TRUE', 'verdict = true', 'verdict IS UNKNOWN OR id < 5',
	'NOT (id > 10)', 'NOT (dst_port = 53 AND protocol = 17)', '(id < 10 OR id > 6000) AND (protocol = 6 OR sni IS NULL)', 'false', 'true', 'NULL', 'id = 5 AND id = 6', 'id > 5 OR NULL',
	'CASE WHEN protocol = 6 THEN id < 100 ELSE id > 6000 END', 'coalesce(tcp_flags, 99) = 99', 'id = (SELECT 7)', 'id = (SELECT max(id) FROM flow_h)', 'ts < now()', 'ts > now()']) q GROUP BY 1;

-- prepared statements: custom plans, generic plans, new rows between executions
PREPARE by_id(bigint) AS SELECT id, dst_port FROM flow_f WHERE id = $1;
PREPARE by_addr(inet) AS SELECT count(*) = (SELECT count(*) FROM flow_h WHERE src_addr = $1 OR dst_addr = $1) AS same FROM flow_f WHERE src_addr = $1 OR dst_addr = $1;
PREPARE add(bigint) AS INSERT INTO flow_f (id, dst_port) VALUES ($1, 4711);
EXECUTE by_id(6051);
EXECUTE by_id(NULL);
EXECUTE add(9001);
EXECUTE by_id(9001);
SET plan_cache_mode = force_generic_plan;
EXECUTE by_id(1);
EXECUTE add(9002);
EXECUTE by_id(9002);
EXECUTE by_addr('10.1.0.9');
EXECUTE by_addr('2001:db8::7');
EXECUTE by_addr(NULL);
ALTER TABLE flow_f ADD COLUMN later int DEFAULT 8;
EXECUTE by_id(9002);
EXECUTE add(9003);
EXECUTE by_id(9003);
ALTER TABLE flow_f DROP COLUMN later;
TRUNCATE flow_f;
EXECUTE by_id(9003);
INSERT INTO flow_f SELECT * FROM flow_h;
EXECUTE by_addr('10.1.0.9');
RESET plan_cache_mode;
DEALLOCATE ALL;

-- rescans: nested loops with a parameter from outside, with FlowScan inside
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SELECT twin.same('flow_h', 'flow_f', q) FROM unnest(ARRAY[
	'SELECT v.p, f.id FROM (VALUES (53), (22), (NULL), (99)) v(p) JOIN %s f ON f.dst_port = v.p AND f.id < 500',
	'SELECT a.id, b.id FROM (SELECT * FROM %s WHERE id < 30) a JOIN %s b ON b.id = a.id + 1000',
	'SELECT v.t, (SELECT count(*) FROM %s WHERE ts >= v.t AND ts < v.t + interval ''10 s'') FROM generate_series(timestamptz ''2024-03-01 00:00+00'', ''2024-03-01 00:12+00'', ''1 min'') v(t)']) q;
RESET enable_hashjoin;
RESET enable_mergejoin;

-- a flowstore table beside a heap table that is changed
CREATE TABLE talkers (addr inet, n bigint DEFAULT 0, last_id bigint);
INSERT INTO talkers (addr) SELECT DISTINCT src_addr FROM flow_h;
UPDATE talkers t SET n = s.n FROM (SELECT src_addr, count(*) AS n FROM flow_f GROUP BY 1) s WHERE s.src_addr = t.addr;
SELECT sum(n) FROM talkers;
UPDATE talkers t SET last_id = f.id FROM flow_f f WHERE f.src_addr = t.addr AND f.id = 6051;
SELECT count(last_id), max(last_id) FROM talkers;
DELETE FROM talkers t USING flow_f f WHERE f.src_addr = t.addr AND f.protocol = 1;
SELECT count(*) = (SELECT count(DISTINCT src_addr) FROM flow_h WHERE src_addr NOT IN (SELECT src_addr FROM flow_h WHERE protocol = 1)) AS same FROM talkers;
INSERT INTO talkers (addr, n) SELECT dst_addr, count(*) FROM flow_f GROUP BY 1;
MERGE INTO talkers t USING (SELECT DISTINCT dst_addr FROM flow_f) f ON t.addr = f.dst_addr
	WHEN MATCHED THEN UPDATE SET last_id = -1 WHEN NOT MATCHED THEN INSERT (addr) VALUES (f.dst_addr);
SELECT count(*) FILTER (WHERE last_id = -1) = (SELECT count(DISTINCT dst_addr) FROM flow_h) AS same FROM talkers;
-- MERGE that only inserts may have a flowstore table as its target
CREATE TABLE merged (id bigint, v text) USING flowstore;
INSERT INTO merged VALUES (1, 'old');
MERGE INTO merged m USING (VALUES (1, 'dup'), (2, 'new')) v(id, v) ON m.id = v.id WHEN NOT MATCHED THEN INSERT VALUES (v.id, v.v);
SELECT * FROM merged ORDER BY id;

-- locking clauses name the heap side only
SELECT count(*) FROM (SELECT t.addr FROM talkers t JOIN flow_f f ON f.src_addr = t.addr WHERE f.id < 50 FOR UPDATE OF t) x;
BEGIN;
SELECT t.n > 0 AS has FROM talkers t, flow_f f WHERE f.id = 1 AND t.addr = f.dst_addr FOR UPDATE OF t;
ROLLBACK;

-- system columns
SELECT count(DISTINCT ctid) = count(*) AS unique_ctid, count(DISTINCT tableoid) AS one FROM flow_f;
SELECT f.id FROM flow_f f, (SELECT ctid AS c FROM flow_f WHERE id = 4000) x WHERE f.ctid = x.c;
SELECT ctid AS tid FROM flow_f WHERE id = 1234 \gset
SELECT id FROM flow_f WHERE ctid = :'tid';
SELECT id FROM flow_f WHERE ctid IN (:'tid', '(0,0)', '(4294967295,1)', '(0,65535)');
SELECT id FROM flow_f WHERE ctid = '(4000000,7)';
SET enable_tidscan = off;
SELECT id FROM flow_f WHERE ctid = :'tid';
RESET enable_tidscan;
SELECT count(*) FROM flow_f WHERE ctid >= '(0,1)';
SELECT count(*) FROM flow_f WHERE ctid < '(0,1)';
SELECT currtid2('flow_f', :'tid'::tid) = :'tid'::tid AS same;
BEGIN;
INSERT INTO flow_f (id) VALUES (-77);
SELECT count(*) FROM flow_f WHERE xmin::text = pg_current_xact_id()::text AND id = -77;
ROLLBACK;

-- functions in SQL and plpgsql, with %ROWTYPE and SETOF
CREATE FUNCTION top(n int) RETURNS SETOF flow_f LANGUAGE sql STABLE AS 'SELECT * FROM flow_f ORDER BY bytes DESC, id LIMIT n';
SELECT count(*), sum(bytes) = (SELECT sum(bytes) FROM (SELECT bytes FROM flow_h ORDER BY bytes DESC, id LIMIT 10) x) AS same FROM top(10);
CREATE FUNCTION one_row(bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	r flow_f%ROWTYPE;
BEGIN
	SELECT * INTO STRICT r FROM flow_f WHERE id = $1;
	RETURN r.id || ' ' || r.dst_port;
END $$;
SELECT one_row(6051);
SELECT one_row(-5);

-- EXPLAIN of everything that writes
EXPLAIN (COSTS OFF) INSERT INTO merged VALUES (1, 'x');
INSERT INTO merged SELECT g, 'x' FROM generate_series(1, 10) g;
SELECT count(*) FROM merged;

DROP SCHEMA am_query CASCADE;
