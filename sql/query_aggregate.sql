--
-- FlowAggregate: grouping and aggregates of whole vectors give what PostgreSQL's own give on heap.
-- Without this test: wrong sums that look right.
--
\set ECHO none
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
\getenv abs_srcdir PG_ABS_SRCDIR
\set twin :abs_srcdir '/test/differential/twin.sql'
\i :twin
\set ECHO all
CREATE SCHEMA query_aggregate;
SET search_path = query_aggregate;
SET TimeZone = 'Europe/Berlin';
SELECT twin.create_flows(20000);
-- rows of every kind: clustered, fresh, single, deleted, changed, with nulls
SELECT count(*) > 0 AS done FROM flow.optimize('flow_f', full => true);
INSERT INTO flow_h SELECT * FROM twin.flows(20001, 22000);
INSERT INTO flow_f SELECT * FROM twin.flows(20001, 22000);
INSERT INTO flow_h (id, ts) VALUES (30001, NULL), (30002, 'infinity'), (30003, '-infinity'), (30004, '2024-03-31 01:59:59+01');
INSERT INTO flow_f (id, ts) VALUES (30001, NULL), (30002, 'infinity'), (30003, '-infinity'), (30004, '2024-03-31 01:59:59+01');
INSERT INTO flow_h (id, rtt) VALUES (30010, 'NaN'), (30011, '-0'), (30012, 'infinity');
INSERT INTO flow_f (id, rtt) VALUES (30010, 'NaN'), (30011, '-0'), (30012, 'infinity');
DELETE FROM flow_h WHERE id % 11 = 0;
DELETE FROM flow_f WHERE id % 11 = 0;
UPDATE flow_h SET bytes = -bytes, sni = NULL WHERE id % 97 = 1;
UPDATE flow_f SET bytes = -bytes, sni = NULL WHERE id % 97 = 1;
ANALYZE flow_h, flow_f;
CREATE FUNCTION ask(queries text[]) RETURNS TABLE (same text, n bigint) LANGUAGE sql AS $$
	SELECT twin.same('flow_h', 'flow_f', q), count(*) FROM unnest(queries) q GROUP BY 1 ORDER BY 2 DESC $$;

-- FlowAggregate is used where it knows everything, and only there
CREATE FUNCTION uses(query text) RETURNS bool LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
	RETURN plan::text LIKE '%FlowAggregate%';
END $$;
SET flowstore.enable_scan = on;
SELECT uses(q), q FROM unnest(ARRAY[
	'SELECT count(*) FROM flow_f',
	'SELECT src_addr, sum(bytes) FROM flow_f GROUP BY 1',
	'SELECT date_trunc(''hour'', ts), protocol, avg(bytes) FROM flow_f WHERE dst_port < 1024 GROUP BY 1, 2 HAVING count(*) > 3',
	'SELECT count(DISTINCT dst_addr) FILTER (WHERE protocol = 6) FROM flow_f',
	'SELECT protocol, bit_or(tcp_flags), bool_and(verdict) FROM flow_f GROUP BY 1',
	'SELECT protocol, flow.entropy(dst_port), flow.entropy_norm(sni, bytes) FROM flow_f GROUP BY 1',
	'SELECT flow.entropy(dst_port, rtt) FROM flow_f',
	'SELECT flow.entropy(DISTINCT dst_port) FROM flow_f',
	'SELECT flow.entropy(rtt) FROM flow_f',
	'SELECT string_agg(sni, '','') FROM flow_f',
	'SELECT sum(bytes ORDER BY id) FROM flow_f',
	'SELECT sum(DISTINCT bytes) FROM flow_f',
	'SELECT rtt, count(*) FROM flow_f GROUP BY 1',
	'SELECT protocol, src_port, count(*) FROM flow_f GROUP BY ROLLUP (1, 2)',
	'SELECT protocol + src_port, count(*) FROM flow_f GROUP BY 1',
	'SELECT random() > 2, count(*) FROM flow_f GROUP BY 1',
	'SELECT count(*) FROM flow_f WHERE EXISTS (SELECT 1)',
	'SELECT count(*) FROM flow_f a JOIN flow_f b USING (id)',
	'SELECT (SELECT count(*) FROM flow_f f WHERE f.protocol > h.protocol) FROM flow_h h LIMIT 1',
	'SELECT (SELECT sum(f.bytes + h.id) FROM flow_f f) FROM flow_h h LIMIT 1']) q;
SET flowstore.enable_aggregate = off;
SELECT uses('SELECT count(*) FROM flow_f');
RESET flowstore.enable_aggregate;

-- every aggregate of every type, without and with groups
SELECT * FROM ask(ARRAY(SELECT format('SELECT %s count(*) %s', g.head, '') || string_agg(format(', %s(%s)', agg, arg), '') || ' FROM %s ' || g.tail
	FROM unnest(ARRAY['count', 'sum', 'avg', 'min', 'max', 'stddev', 'stddev_samp', 'stddev_pop', 'variance', 'var_samp', 'var_pop']) agg,
		unnest(ARRAY['duration_ms', 'protocol', 'bytes', 'packets - 3', '-protocol', 'bytes * 1000003', 'CASE WHEN protocol = 6 THEN src_port END']) arg,
		(VALUES ('', ''), ('protocol,', 'GROUP BY 1'), ('sni,', 'WHERE id % 3 = 0 GROUP BY 1')) g (head, tail)
	GROUP BY g.head, g.tail, arg));
SELECT * FROM ask(ARRAY[
	'SELECT protocol, min(ts), max(ts), min(ts::date), max(ts::timestamp), count(ts), count(verdict) FROM %s GROUP BY 1',
	'SELECT protocol, round(sum(rtt)::numeric, 6), round(avg(rtt)::numeric, 6), min(rtt), max(rtt) FROM %s WHERE rtt BETWEEN 0 AND 1e6 GROUP BY 1',
	'SELECT min(rtt), max(rtt), sum(rtt), avg(rtt), count(rtt) FROM %s WHERE id > 30000',
	'SELECT min(rtt::float4), max(rtt::float4) FROM %s',
	'SELECT protocol, bit_or(tcp_flags), bit_and(tcp_flags), bool_and(verdict), bool_or(verdict), bit_or(bytes), bit_and(packets::bigint), bit_or(-src_port), bit_and(dst_port) FILTER (WHERE sni IS NOT NULL) FROM %s GROUP BY 1',
	'SELECT sni, bool_and(bytes > 100), bool_or(dst_port IS NULL), every(dst_port < 1024), bool_or(bytes > 900) FILTER (WHERE protocol = 6), min(ts::time), max(ts::time) FROM %s GROUP BY 1',
	'SELECT bit_or(tcp_flags), bit_and(dst_port), bool_and(sni IS NULL), bool_or(verdict IS NULL) FROM %s WHERE id < 0',
	'SELECT count(DISTINCT src_addr), count(DISTINCT dst_port), count(DISTINCT sni), count(DISTINCT ts), count(DISTINCT verdict) FROM %s',
	'SELECT protocol, count(DISTINCT dst_addr) FILTER (WHERE dst_port < 1024), count(*) FILTER (WHERE sni IS NULL), sum(bytes) FILTER (WHERE sni LIKE ''%%a%%'') FROM %s GROUP BY 1',
	'SELECT sum(bytes) / count(*), sum(bytes) * 8, 100.0 * sum(packets) / nullif(sum(bytes), 0) FROM %s']);
-- entropy, to the last digit
SELECT * FROM ask(ARRAY[
	'SELECT src_addr, flow.entropy(dst_port), flow.entropy(dst_addr), flow.entropy(sni), flow.entropy_norm(dst_port), flow.entropy_norm(sni) FROM %s GROUP BY 1',
	'SELECT protocol, flow.entropy(verdict), flow.entropy(src_addr) FILTER (WHERE dst_port < 1024), flow.entropy(ts), count(*), flow.entropy_norm(tcp_flags) FROM %s GROUP BY 1',
	'SELECT flow.entropy(dst_port, packets), flow.entropy_norm(src_addr, packets), flow.entropy(sni, packets) FILTER (WHERE packets > 3), count(DISTINCT sni) FROM %s WHERE packets >= 0',
	'SELECT sni, flow.entropy(dst_port, bytes), flow.entropy_norm(dst_addr, bytes) FROM %s WHERE bytes >= 0 OR bytes IS NULL GROUP BY 1',
	'SELECT flow.entropy(sni), flow.entropy(dst_port, bytes), flow.entropy_norm(sni) FROM %s WHERE id < 0',
	'SELECT sni, flow.entropy(sni), flow.entropy_norm(sni) FROM %s GROUP BY 1',
	'SELECT src_addr, flow.entropy(dst_port) e FROM %s GROUP BY 1 ORDER BY 2 DESC NULLS LAST, 1 LIMIT 7',
	'SELECT src_addr, flow.entropy_norm(dst_port) e FROM %s GROUP BY 1 HAVING flow.entropy(dst_port) > 2 ORDER BY 2, 1 LIMIT 7']);
CREATE TABLE weights_f (g int, v int, w bigint) USING flowstore;
INSERT INTO weights_f VALUES (1, 1, 0), (1, 2, 0), (2, 1, 0), (2, 2, 5), (3, 1, 9223372036854775807), (3, 2, 1), (3, NULL, -1), (4, 1, NULL), (5, NULL, 7), (6, 1, 2), (6, 2, 1), (6, 3, 1);
SELECT g, flow.entropy(v, w), flow.entropy_norm(v, w), flow.entropy(v), flow.entropy_norm(v) FROM weights_f GROUP BY 1 ORDER BY 1;
SET flowstore.enable_aggregate = off;
SELECT g, flow.entropy(v, w), flow.entropy_norm(v, w), flow.entropy(v), flow.entropy_norm(v) FROM weights_f GROUP BY 1 ORDER BY 1;
SET flowstore.enable_aggregate = on;
INSERT INTO weights_f VALUES (3, 1, 1);
SELECT flow.entropy(v, w) FROM weights_f;
INSERT INTO weights_f VALUES (7, 1, -3);
SELECT flow.entropy(v, w) FROM weights_f WHERE g = 7;
-- nothing, or only nulls
SELECT * FROM ask(ARRAY[
	'SELECT count(*), sum(bytes), avg(bytes), min(ts), stddev(bytes), count(DISTINCT sni) FROM %s WHERE false',
	'SELECT count(*), sum(bytes), avg(bytes), min(ts), stddev(bytes), count(DISTINCT sni) FROM %s WHERE id = -1',
	'SELECT protocol, sum(bytes) FROM %s WHERE id = -1 GROUP BY 1',
	'SELECT sni, sum(bytes), stddev(bytes) FROM %s WHERE id = 30002 GROUP BY 1',
	'SELECT count(*) FROM %s HAVING count(*) > 1000000']);

-- keys
SELECT * FROM ask(ARRAY[
	'SELECT src_addr, dst_addr, src_port, dst_port, protocol, count(*), sum(bytes) FROM %s GROUP BY 1, 2, 3, 4, 5',
	'SELECT verdict, tcp_flags, count(*) FROM %s GROUP BY 1, 2',
	'SELECT date_trunc(''hour'', ts), count(*) FROM %s GROUP BY 1',
	'SELECT date_trunc(''day'', ts), date_trunc(''month'', ts), count(*) FROM %s GROUP BY 1, 2',
	'SELECT date_trunc(''day'', ts, ''Australia/Lord_Howe''), count(*) FROM %s GROUP BY 1',
	'SELECT date_bin(''5 minutes'', ts, ''2000-01-01''), protocol, count(*), sum(bytes) FROM %s WHERE isfinite(ts) GROUP BY 1, 2',
	'SELECT floor(extract(epoch from ts)/300)*300, count(*) FROM %s GROUP BY 1',
	'SELECT flow.time_bucket(''7 minutes'', ts), count(*) FROM %s WHERE isfinite(ts) GROUP BY 1',
	'SELECT flow.time_bucket(''1 month'', ts), count(*) FROM %s WHERE isfinite(ts) GROUP BY 1',
	'SELECT extract(hour from ts), extract(dow from ts), count(*) FROM %s WHERE isfinite(ts) GROUP BY 1, 2',
	'SELECT ts::date, count(*) FROM %s GROUP BY 1',
	'SELECT family(src_addr), count(*) FROM %s GROUP BY 1',
	'SELECT set_masklen(src_addr::cidr, 24), sum(bytes) FROM %s WHERE family(src_addr) = 4 GROUP BY 1',
	'SELECT dst_port / 1000, upper(left(sni, 2)), count(*) FROM %s GROUP BY 1, 2',
	'SELECT CASE WHEN dst_port < 1024 THEN ''low'' WHEN dst_port IS NULL THEN ''none'' ELSE ''high'' END, count(*) FROM %s GROUP BY 1',
	'SELECT tcp_flags & 2, coalesce(sni, ''-''), count(*) FROM %s GROUP BY 1, 2',
	'SELECT DISTINCT protocol, dst_port FROM %s WHERE dst_port < 100',
	'SELECT protocol FROM %s GROUP BY protocol, dst_port HAVING sum(bytes) > 100000']);
-- the first groups, also where many are equal, and with nulls
SELECT * FROM ask(ARRAY[
	'SELECT src_addr, sum(bytes) s FROM %s GROUP BY 1 ORDER BY 2 DESC NULLS LAST, 1 LIMIT 7',
	'SELECT src_addr, sum(bytes) s FROM %s GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 7',
	'SELECT src_addr, sum(bytes) s FROM %s GROUP BY 1 ORDER BY 2, 1 LIMIT 7 OFFSET 3',
	'SELECT dst_port, count(*) c FROM %s GROUP BY 1 ORDER BY c DESC, 1 LIMIT 500',
	'SELECT id, count(*) c FROM %s GROUP BY 1 ORDER BY c DESC, 1 LIMIT 5',
	'SELECT sni, avg(bytes) c FROM %s GROUP BY 1 ORDER BY c DESC, 1 LIMIT 5',
	'SELECT sni, round(avg(rtt)::numeric, 3) FROM %s WHERE rtt < 1e9 GROUP BY 1 ORDER BY 2, 1 LIMIT 5',
	'SELECT src_addr, max(ts) FROM %s GROUP BY 1 ORDER BY 2 DESC NULLS LAST, 1 LIMIT 4',
	'SELECT src_addr, count(*) FROM %s GROUP BY 1 HAVING count(*) < 30 ORDER BY 2 DESC, 1 LIMIT 4',
	'SELECT src_addr, count(*) c FROM %s GROUP BY 1 ORDER BY c DESC, 1 LIMIT 0',
	'SELECT count(*) FROM (SELECT protocol FROM %s GROUP BY protocol ORDER BY count(*) DESC FETCH FIRST 2 ROWS WITH TIES) x']);
-- in subqueries, with parameters, and again
SELECT * FROM ask(ARRAY[
	'SELECT x.p, (SELECT sum(bytes) FROM %s f WHERE f.protocol = x.p AND f.dst_port < x.q) FROM (VALUES (6, 100), (17, 1000), (1, 5), (6, 60000)) x (p, q)',
	'SELECT * FROM (SELECT protocol, count(*) c FROM %s GROUP BY 1) a JOIN (SELECT protocol, sum(bytes) s FROM %s GROUP BY 1) b USING (protocol)',
	'SELECT g, (SELECT count(*) FROM %s f WHERE f.src_port > 40000) FROM generate_series(1, 3) g',
	'WITH t AS (SELECT src_addr, sum(bytes) s FROM %s GROUP BY 1) SELECT count(*), max(s) FROM t WHERE s > (SELECT avg(s) FROM t)']);
PREPARE of_port(int, bigint) AS SELECT protocol, count(*), sum(bytes * $2) FROM flow_f WHERE dst_port = $1 GROUP BY 1 ORDER BY 1;
SET plan_cache_mode = force_generic_plan;
EXECUTE of_port(443, 1);
EXECUTE of_port(53, 2);
RESET plan_cache_mode;
-- errors are the same
SELECT sum(bytes * 9223372036854775807) FROM flow_f WHERE bytes > 1;
SELECT 1 / (protocol - 6), count(*) FROM flow_f GROUP BY 1;
SELECT count(*) FILTER (WHERE 1 / (protocol - 6) > 0) FROM flow_f;
-- guarded by an earlier condition, no error
SELECT * FROM ask(ARRAY['SELECT count(*) FROM %s WHERE CASE WHEN protocol <> 6 THEN 1 / (protocol - 6) > 0 ELSE false END']);
-- row security: groups of the rows that one may see
CREATE ROLE regress_flow_reader;
GRANT USAGE ON SCHEMA query_aggregate TO regress_flow_reader;
GRANT SELECT ON flow_f TO regress_flow_reader;
ALTER TABLE flow_f ENABLE ROW LEVEL SECURITY;
CREATE POLICY only_dns ON flow_f TO regress_flow_reader USING (dst_port = 53);
SET ROLE regress_flow_reader;
SELECT count(DISTINCT dst_port), min(dst_port), uses('SELECT count(*) FROM flow_f') FROM flow_f;
SELECT dst_port, count(*) > 0 AS some FROM flow_f GROUP BY 1;
RESET ROLE;
-- a policy with a subquery hides rows from conditions that tell of them
CREATE FUNCTION tell(int) RETURNS bool LANGUAGE plpgsql IMMUTABLE COST 0.0001 AS $$
BEGIN
	IF $1 <> 53 THEN
		RAISE EXCEPTION 'seen: %', $1;
	END IF;
	RETURN true;
END $$;
CREATE TABLE visible (port int);
INSERT INTO visible VALUES (53);
GRANT SELECT ON visible TO regress_flow_reader;
CREATE POLICY by_list ON flow_f AS RESTRICTIVE TO regress_flow_reader
	USING (EXISTS (SELECT 1 FROM visible v WHERE v.port = dst_port OFFSET 0));
ALTER POLICY only_dns ON flow_f USING (true);
SET ROLE regress_flow_reader;
SELECT count(*) > 0 AS some FROM (SELECT id FROM flow_f WHERE tell(dst_port) OFFSET 0) x;
SELECT count(*) > 0 AS some FROM flow_f WHERE tell(dst_port);
RESET ROLE;
DROP POLICY by_list ON flow_f;
REVOKE ALL ON visible FROM regress_flow_reader;
ALTER TABLE flow_f DISABLE ROW LEVEL SECURITY;
DROP POLICY only_dns ON flow_f;
REVOKE ALL ON flow_f FROM regress_flow_reader;
REVOKE ALL ON SCHEMA query_aggregate FROM regress_flow_reader;
DROP ROLE regress_flow_reader;
-- more groups than work_mem has room for: see query_parallel_aggregate
SET work_mem = '64kB';
SELECT uses('SELECT id, count(*) FROM flow_f GROUP BY 1'), uses('SELECT protocol, count(*) FROM flow_f GROUP BY 1');
RESET work_mem;
DROP SCHEMA query_aggregate CASCADE;
