--
-- ORDER BY the time column with a LIMIT: the rows that heap gives, in its order, without reading the others.
-- Without this test: rows missing or twice where values are equal, and whole tables read for a page of a log.
--
\set ECHO none
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
\getenv abs_srcdir PG_ABS_SRCDIR
\set twin :abs_srcdir '/test/differential/twin.sql'
\i :twin
\set ECHO all
CREATE SCHEMA query_order;
SET search_path = query_order;
SET TimeZone = 'UTC';
SET max_parallel_workers_per_gather = 0;
SET flowstore.enable_scan = on;
-- rows of every kind: clustered, fresh, single, late, deleted, changed, equal, infinite, null
SELECT twin.create_flows(60000);
SELECT count(*) > 0 AS done FROM flow.optimize('flow_f', full => true);
CREATE PROCEDURE in_both(statement text) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE replace(statement, '%s', 'flow_h');
	EXECUTE replace(statement, '%s', 'flow_f');
END $$;
CALL in_both('INSERT INTO %s SELECT * FROM twin.flows(60001, 63000)');
CALL in_both('INSERT INTO %s SELECT id, ts - interval ''70 minutes'', duration_ms, src_addr, dst_addr, src_port, dst_port, protocol FROM twin.flows(70001, 71000)');
CALL in_both('INSERT INTO %s (id, ts, dst_port) SELECT g, timestamptz ''2024-03-01 00:30'', g FROM generate_series(80001, 80300) g');
CALL in_both('INSERT INTO %s (id, ts) VALUES (90001, NULL), (90002, ''infinity''), (90003, ''-infinity''), (90004, NULL)');
DO $$ BEGIN FOR i IN 1 .. 40 LOOP CALL in_both(format('INSERT INTO %%s (id, ts, dst_port) VALUES (%s, timestamptz ''2024-03-01 01:44'' + %s * interval ''1 s'', 443)', 90010 + i, i % 7)); END LOOP; END $$;
CALL in_both('INSERT INTO %s (id, ts) SELECT g, NULL FROM generate_series(91001, 91200) g');
CALL in_both('DELETE FROM %s WHERE id % 11 = 0');
CALL in_both('UPDATE %s SET ts = ts + interval ''1 day'', bytes = -1 WHERE id % 997 = 1');
ANALYZE flow_h, flow_f;

CREATE FUNCTION uses(query text) RETURNS bool LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
	RETURN plan::text LIKE '%FlowOrder%';
END $$;
-- the same rows in the same order; the query's order must leave no choice
CREATE FUNCTION same(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	want text[];
	got text[];
BEGIN
	EXECUTE 'SELECT array_agg(q::text) FROM (' || replace(query, '%s', 'flow_h') || ') q' INTO want;
	EXECUTE 'SELECT array_agg(q::text) FROM (' || replace(query, '%s', 'flow_f') || ') q' INTO got;
	RETURN CASE WHEN want IS DISTINCT FROM got THEN format('heap has %s rows, flowstore %s', cardinality(want), cardinality(got))
		WHEN NOT uses(replace(query, '%s', 'flow_f')) THEN 'same, sorted' ELSE 'same' END;
END $$;
CREATE FUNCTION ask(queries text[]) RETURNS TABLE (result text, n bigint, query text) LANGUAGE sql AS $$
	SELECT s, count(*), CASE s WHEN 'same' THEN '' ELSE q END FROM unnest(queries) q, LATERAL (SELECT same(q) s OFFSET 0) x GROUP BY 1, 3 ORDER BY 2 DESC, 3 $$;

-- where it is used, and where not
SELECT uses(q), q FROM unnest(ARRAY[
	'SELECT * FROM flow_f ORDER BY ts DESC LIMIT 10',
	'SELECT * FROM flow_f ORDER BY ts LIMIT 10',
	'SELECT * FROM flow_f ORDER BY ts DESC NULLS LAST LIMIT 10 OFFSET 5',
	'SELECT * FROM flow_f ORDER BY ts, src_addr LIMIT 10',
	'SELECT id FROM flow_f WHERE dst_port = 443 ORDER BY ts LIMIT 10',
	'SELECT count(*), max(ts) FROM flow_f',
	'SELECT * FROM flow_f ORDER BY ts',
	'SELECT * FROM flow_f ORDER BY ts + interval ''1 s'' LIMIT 10',
	'SELECT * FROM flow_f ORDER BY src_addr, ts LIMIT 10',
	'SELECT * FROM flow_f LIMIT 10',
	'SELECT * FROM flow_f WHERE random() < 2 ORDER BY ts LIMIT 10',
	'SELECT * FROM flow_f WHERE EXISTS (SELECT 1 FROM generate_series(1, 3) g WHERE g = dst_port AND random() < 2 OFFSET 0) ORDER BY ts LIMIT 10',
	'SELECT * FROM flow_f WHERE now() > ''2000-01-01'' ORDER BY ts LIMIT 10',
	'SELECT * FROM flow_f TABLESAMPLE SYSTEM (100) ORDER BY ts LIMIT 10',
	'SELECT protocol, max(ts) FROM flow_f GROUP BY 1 ORDER BY 2 LIMIT 1']) q;
SET flowstore.enable_order = off;
SELECT uses('SELECT * FROM flow_f ORDER BY ts DESC LIMIT 10');
RESET flowstore.enable_order;
EXPLAIN (COSTS off) SELECT id, sni FROM flow_f WHERE dst_port = 443 ORDER BY ts DESC NULLS LAST LIMIT 10;

-- without a choice, so that all that follows is about its rows and not about costs
SET enable_sort = off;
SET flowstore.enable_aggregate = off;
SELECT uses('SELECT min(ts), max(ts) FROM flow_f WHERE protocol = 6');
-- both directions, nulls on either side, with and without conditions, few rows and many
SELECT * FROM ask(ARRAY(SELECT format('SELECT * FROM %%s %s ORDER BY ts %s, id LIMIT %s', w, o, l)
	FROM unnest(ARRAY['', 'DESC', 'NULLS FIRST', 'DESC NULLS LAST']) o, unnest(ARRAY['1', '10 OFFSET 2', '700']) l,
		unnest(ARRAY['', 'WHERE dst_port = 443', 'WHERE src_addr = ''10.1.0.77''', 'WHERE ts < ''2024-03-01 01:10''', 'WHERE sni LIKE ''%%9%%'' OR id > 90000', 'WHERE ts IS NULL OR id % 5 = 0']) w));
SELECT * FROM ask(ARRAY(SELECT format('SELECT ts FROM %%s ORDER BY ts %s LIMIT 70000', o) FROM unnest(ARRAY['', 'DESC', 'NULLS FIRST', 'DESC NULLS LAST']) o));
SELECT * FROM ask(ARRAY['SELECT ts FROM %s ORDER BY ts LIMIT 0', 'SELECT ts FROM %s WHERE id < 0 ORDER BY ts LIMIT 5', 'SELECT ts FROM %s WHERE false ORDER BY ts LIMIT 5',
	'SELECT ts, id FROM %s WHERE ts BETWEEN ''2024-03-01 00:10'' AND ''2024-03-01 00:11'' ORDER BY ts DESC, id LIMIT 3',
	'SELECT ts, id FROM %s WHERE ts > ''2024-03-01 00:59'' ORDER BY ts, id LIMIT 3',
	'SELECT f FROM %s f ORDER BY ts DESC NULLS LAST, id LIMIT 3',
	'SELECT 1 FROM %s ORDER BY ts LIMIT 3',
	'SELECT upper(sni), ts::date AS day FROM %s ORDER BY ts DESC, id LIMIT 3',
	'SELECT id FROM %s WHERE EXISTS (SELECT 1 FROM generate_series(1, 3) g WHERE g = protocol % 5 OFFSET 0) ORDER BY ts DESC, id LIMIT 30',
	'SELECT id FROM %s WHERE id IN (SELECT g * 7 FROM generate_series(1, 9000) g) ORDER BY ts DESC NULLS LAST, id LIMIT 30']);
SET work_mem = '64kB';
SELECT * FROM ask(ARRAY(SELECT format('SELECT * FROM %%s %s ORDER BY ts %s, id LIMIT 9000', w, o)
	FROM unnest(ARRAY['', 'DESC', 'DESC NULLS LAST']) o, unnest(ARRAY['', 'WHERE dst_port = 443']) w));
RESET work_mem;
-- each of many equal rows once
SELECT count(*), count(DISTINCT id), min(ts), max(ts) FROM (SELECT id, ts FROM flow_f WHERE ts = '2024-03-01 00:30' ORDER BY ts LIMIT 250) x;
SELECT count(*), count(DISTINCT id), count(ts) FROM (SELECT id, ts FROM flow_f ORDER BY ts DESC LIMIT 180) x;

-- min and max
SELECT * FROM ask(ARRAY['SELECT max(ts) FROM %s', 'SELECT min(ts) FROM %s', 'SELECT min(ts), max(ts) FROM %s WHERE dst_port = 53', 'SELECT max(ts) FROM %s WHERE id > 91000',
	'SELECT min(ts) FROM %s WHERE ts > ''2024-03-01 00:40''', 'SELECT max(ts) FROM %s WHERE ts < ''infinity''', 'SELECT max(ts), min(ts) FROM %s WHERE id = -5']);

-- joins, and once more with other parameters
CREATE TABLE port (port int, name text);
INSERT INTO port VALUES (443, 'https'), (53, 'dns'), (22, 'ssh'), (9, 'discard'), (NULL, 'none');
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SELECT * FROM ask(ARRAY['SELECT f.id, p.name FROM %s f JOIN port p ON p.port = f.dst_port ORDER BY f.ts DESC, f.id LIMIT 50',
	'SELECT f.id, p.name FROM %s f LEFT JOIN port p ON p.port = f.dst_port ORDER BY f.ts, f.id LIMIT 500',
	'SELECT p.name, l.* FROM port p, LATERAL (SELECT f.ts, f.id, f.bytes FROM %s f WHERE f.dst_port = p.port ORDER BY f.ts DESC, f.id LIMIT 3) l ORDER BY 1, 2, 3',
	'SELECT h, l.id FROM generate_series(0, 3) h, LATERAL (SELECT f.id FROM %s f WHERE f.ts < timestamptz ''2024-03-01 00:40'' + h * interval ''20 minutes'' ORDER BY f.ts DESC, f.id LIMIT 70) l ORDER BY 1, 2',
	'SELECT name, (SELECT max(ts) FROM %s f WHERE f.dst_port = p.port) FROM port p ORDER BY 1',
	'SELECT g, (SELECT string_agg(id::text, '' '') FROM (SELECT id FROM %s ORDER BY ts, id LIMIT 5) x) FROM generate_series(1, 3) g']);
RESET enable_hashjoin;
RESET enable_mergejoin;
PREPARE newest(int, int) AS SELECT id FROM flow_f WHERE dst_port <> $1 ORDER BY ts DESC NULLS LAST, id LIMIT $2;
SET plan_cache_mode = force_generic_plan;
SELECT uses('EXECUTE newest(1, 2)');
EXECUTE newest(443, 2);
EXECUTE newest(53, 3);
RESET plan_cache_mode;

-- cursors: in pieces, beyond what was found at first, and back
CREATE FUNCTION fetched(query text, pieces int) RETURNS TABLE (n int, sorted bool, once bool) LANGUAGE plpgsql AS $$
DECLARE
	c refcursor;
	r record;
	n_seen bigint;
	last timestamptz;
BEGIN
	n := 0;
	sorted := true;
	CREATE TEMP TABLE seen (id bigint);
	OPEN c NO SCROLL FOR EXECUTE query;
	LOOP
		FETCH c INTO r;
		EXIT WHEN NOT FOUND;
		sorted := sorted AND (last IS NULL OR r.ts <= last);
		last := r.ts;
		n := n + 1;
		INSERT INTO seen VALUES (r.id);
		IF n % pieces = 0 THEN
			CALL in_both(format('INSERT INTO %%s (id, ts) VALUES (%s, ''2024-03-01 01:00'')', 100000 + n));
		END IF;
	END LOOP;
	CLOSE c;
	once := (SELECT count(*) = count(DISTINCT id) FROM seen) AND NOT EXISTS (SELECT FROM seen WHERE id > 100000);
	DROP TABLE seen;
	RETURN NEXT;
END $$;
SET cursor_tuple_fraction = 0.001;
SELECT uses('DECLARE c CURSOR FOR SELECT id, ts FROM flow_f WHERE ts IS NOT NULL ORDER BY ts DESC');
SELECT f.n = (SELECT count(ts) FROM flow_h WHERE id < 100000) AS complete, sorted, once FROM fetched('SELECT id, ts FROM flow_f WHERE ts IS NOT NULL ORDER BY ts DESC', 5000) f;
BEGIN;
DECLARE c SCROLL CURSOR FOR SELECT id FROM flow_f WHERE ts < '2024-03-01 00:20' AND id < 60000 ORDER BY ts DESC;
FETCH 3 FROM c;
MOVE 2000 FROM c;
FETCH 2 FROM c;
MOVE ABSOLUTE 2 FROM c;
FETCH BACKWARD 2 FROM c;
-- the cursor does not see what comes later, a new query does
INSERT INTO flow_f (id, ts) VALUES (99999, '2024-03-01 00:19:59.9999');
DELETE FROM flow_f WHERE ts BETWEEN '2024-03-01 00:19:59' AND '2024-03-01 00:20' AND id < 60000;
FETCH 2 FROM c;
SELECT id FROM flow_f WHERE ts < '2024-03-01 00:20' ORDER BY ts DESC LIMIT 2;
ROLLBACK;
RESET cursor_tuple_fraction;

-- row versions of this transaction, and of a savepoint that is gone
BEGIN;
CALL in_both('DELETE FROM %s WHERE ts > ''2024-03-01 01:44'' AND id % 2 = 0');
SAVEPOINT s;
CALL in_both('INSERT INTO %s (id, ts) SELECT g, timestamptz ''2024-03-01 01:44'' + g * interval ''1 ms'' FROM generate_series(95001, 96000) g');
SELECT * FROM ask(ARRAY['SELECT id, ts FROM %s ORDER BY ts DESC, id LIMIT 2000', 'SELECT id, ts FROM %s WHERE isfinite(ts) ORDER BY ts DESC, id LIMIT 20', 'SELECT max(ts) FROM %s WHERE id > 94000']);
ROLLBACK TO s;
SELECT * FROM ask(ARRAY['SELECT id, ts FROM %s ORDER BY ts DESC, id LIMIT 2000', 'SELECT max(ts) FROM %s WHERE id > 94000']);
ROLLBACK;

-- what a row is known by
SELECT count(*) FROM (SELECT ctid c, tableoid t, id FROM flow_f ORDER BY ts DESC LIMIT 700) x JOIN flow_f f ON f.ctid = x.c AND f.tableoid = x.t AND f.id = x.id;

-- a column that was added, one that is gone, another time column
ALTER TABLE flow_h ADD late int DEFAULT 7, DROP rtt, ADD seen timestamp;
ALTER TABLE flow_f ADD late int DEFAULT 7, DROP rtt, ADD seen timestamp;
SELECT * FROM ask(ARRAY['SELECT * FROM %s ORDER BY ts DESC, id LIMIT 400', 'SELECT * FROM %s WHERE late = 7 ORDER BY ts, id LIMIT 400']);
SELECT flow.set('flow_f', time_column => 'seen');
CALL in_both('INSERT INTO %s (id, ts, seen) SELECT g, timestamptz ''2024-03-01'' + g * interval ''1 s'', timestamp ''2024-05-01'' - g * interval ''1 minute'' FROM generate_series(200001, 200500) g');
CALL in_both('INSERT INTO %s (id, seen) VALUES (200501, NULL), (200502, ''infinity'')');
SELECT * FROM ask(ARRAY(SELECT format('SELECT * FROM %%s ORDER BY seen %s, id LIMIT %s', o, l) FROM unnest(ARRAY['', 'DESC', 'NULLS FIRST', 'DESC NULLS LAST']) o, unnest(ARRAY[5, 600]) l));
SELECT count(*) > 0 AS done FROM flow.optimize('flow_f', full => true);
SELECT * FROM ask(ARRAY(SELECT format('SELECT * FROM %%s ORDER BY seen %s, id LIMIT %s', o, l) FROM unnest(ARRAY['', 'DESC', 'NULLS FIRST', 'DESC NULLS LAST']) o, unnest(ARRAY[5, 600]) l));
SELECT flow.set('flow_f', time_column => 'ts');
SELECT * FROM ask(ARRAY(SELECT format('SELECT * FROM %%s ORDER BY ts %s, id LIMIT %s', o, l) FROM unnest(ARRAY['', 'DESC', 'NULLS FIRST', 'DESC NULLS LAST']) o, unnest(ARRAY[5, 600]) l));

-- parts of a partitioned table, one of them heap
CREATE TABLE part_h (id bigint, ts timestamptz NOT NULL, v text);
CREATE TABLE part_f (LIKE part_h) PARTITION BY LIST (v);
CREATE TABLE part_1 PARTITION OF part_f FOR VALUES IN ('a') USING flowstore;
CREATE TABLE part_2 PARTITION OF part_f FOR VALUES IN ('b') USING flowstore;
CREATE TABLE part_3 PARTITION OF part_f DEFAULT;
CREATE INDEX ON part_3 (ts);
INSERT INTO part_h SELECT g, timestamptz '2024-03-01' + g * 7919 % 200000 * interval '1 s', chr(97 + g % 3) FROM generate_series(1, 30000) g;
INSERT INTO part_f SELECT * FROM part_h;
SELECT count(*) > 0 AS done FROM flow.optimize('part_1', full => true);
ANALYZE part_f;
CREATE FUNCTION parted(query text) RETURNS text LANGUAGE sql AS $$
	SELECT twin.same('part_h', 'part_f', query) || CASE WHEN uses(replace(query, '%s', 'part_f')) THEN '' ELSE ', sorted' END $$;
SELECT parted('SELECT * FROM %s ORDER BY ts DESC, id LIMIT 50'), parted('SELECT * FROM %s WHERE id % 9 = 0 ORDER BY ts, id LIMIT 900'), parted('SELECT min(ts), max(ts) FROM %s WHERE v <> ''c''');

RESET enable_sort;
RESET flowstore.enable_aggregate;
-- security: rows that a policy hides are not looked at by other conditions
CREATE ROLE regress_flow_reader;
GRANT USAGE ON SCHEMA query_order TO regress_flow_reader;
GRANT SELECT ON flow_f TO regress_flow_reader;
ALTER TABLE flow_f ENABLE ROW LEVEL SECURITY;
CREATE POLICY only_dns ON flow_f TO regress_flow_reader USING (dst_port = 53);
CREATE FUNCTION tell(int) RETURNS bool LANGUAGE plpgsql IMMUTABLE COST 0.0001 AS $$
BEGIN
	IF $1 IS DISTINCT FROM 53 THEN
		RAISE EXCEPTION 'seen: %', $1;
	END IF;
	RETURN true;
END $$;
SET ROLE regress_flow_reader;
SELECT uses('SELECT * FROM flow_f WHERE tell(dst_port) ORDER BY ts DESC LIMIT 100');
SELECT DISTINCT dst_port FROM (SELECT dst_port FROM flow_f WHERE tell(dst_port) ORDER BY ts DESC LIMIT 100) x;
RESET ROLE;
DROP POLICY only_dns ON flow_f;
REVOKE ALL ON flow_f FROM regress_flow_reader;
REVOKE ALL ON SCHEMA query_order FROM regress_flow_reader;
DROP ROLE regress_flow_reader;

-- how little is read: a day of hours, each clustered, in one pass
CREATE TABLE day (ts timestamptz, src_addr inet, port int) USING flowstore;
INSERT INTO day SELECT timestamptz '2024-03-01' + g * interval '0.4 s', inet '10.0.0.0' + (hashint4(g) & 1023), g % 1000 FROM generate_series(1, 215999) g;
SELECT count(*) > 0 AS done FROM flow.optimize('day', full => true);
ANALYZE day;
CREATE FUNCTION read(query text) RETURNS TABLE (passes int, kept int, items int, more int, few_vectors bool) LANGUAGE plpgsql AS $$
DECLARE
	plan json;
	node json;
BEGIN
	EXECUTE 'EXPLAIN (ANALYZE, FORMAT json) ' || query INTO plan;
	node := plan->0->'Plan'->'Plans'->0;
	IF node->>'Custom Plan Provider' IS NULL THEN
		node := node->'Plans'->0;
	END IF;
	RETURN QUERY SELECT (node->>'Passes')::int, (node->>'Rows Kept')::int, (node->>'Items Read')::int, (node->>'Items Not Read')::int,
		(node->'Plans'->0->>'Vectors')::int - (node->'Plans'->0->>'Vectors Pruned by Zone Map')::int < 10;
END $$;
SELECT * FROM read('SELECT * FROM day ORDER BY ts DESC LIMIT 100');
SELECT * FROM read('SELECT * FROM day ORDER BY ts LIMIT 100');
SELECT * FROM read('SELECT * FROM day WHERE port = 7 ORDER BY ts DESC LIMIT 20');
SELECT * FROM read('SELECT * FROM day WHERE ts < ''2024-03-01 12:00'' ORDER BY ts DESC LIMIT 20');
SELECT * FROM read('SELECT * FROM day ORDER BY ts DESC, src_addr LIMIT 20');
SELECT * FROM read('SELECT max(ts) FROM day');
-- a join that leaves few rows makes several passes, each over what is not yet given
SET flowstore.enable_join_filter = off;
SELECT passes BETWEEN 3 AND 8 AS passes, items < 4 AS items FROM read('SELECT * FROM day d JOIN (VALUES (1), (2)) v (p) ON d.port = v.p AND d.src_addr <> ''10.0.0.1'' ORDER BY d.ts DESC LIMIT 20');
RESET flowstore.enable_join_filter;
DROP SCHEMA query_order CASCADE;
