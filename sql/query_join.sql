--
-- Joins with small tables: FlowScan reads what has a key, and every join gives what it gives on heap.
-- Without this test: rows that a join loses because its scan left them out.
--
\set ECHO none
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
\getenv abs_srcdir PG_ABS_SRCDIR
\set twin :abs_srcdir '/test/differential/twin.sql'
\i :twin
\set ECHO all
CREATE SCHEMA query_join;
SET search_path = query_join;
SET flowstore.enable_scan = on;
SELECT twin.create_flows(7000);
-- rows of every kind: clustered, fresh, deleted, changed, with nulls and networks
SELECT count(*) > 0 AS done FROM flow.optimize('flow_f', full => true);
INSERT INTO flow_h SELECT * FROM twin.flows(7001, 8000);
INSERT INTO flow_f SELECT * FROM twin.flows(7001, 8000);
INSERT INTO flow_h (id, ts, src_addr, rtt) VALUES (30001, NULL, '10.1.0.0/24', 'NaN'), (30002, 'infinity', '10.1.0.5/31', '-0'), (30003, now(), NULL, NULL);
INSERT INTO flow_f SELECT * FROM flow_h WHERE id > 30000;
DELETE FROM flow_h WHERE id % 11 = 0;
DELETE FROM flow_f WHERE id % 11 = 0;
UPDATE flow_h SET src_addr = '10.1.9.9' WHERE id % 397 = 1;
UPDATE flow_f SET src_addr = '10.1.9.9' WHERE id % 397 = 1;
ANALYZE flow_h, flow_f;
CREATE TABLE iocs AS SELECT inet '10.1.0.0' + g * 100 AS addr, 'feed' || g % 3 AS feed, g AS n FROM generate_series(0, 9) g;
INSERT INTO iocs VALUES (NULL, 'feed1', NULL), ('10.1.0.5', 'feed1', 7), ('10.1.0.5', 'feed2', 8), ('10.1.9.9', NULL, 9), ('2001:db8::1', 'feed0', 10), ('203.0.113.1', 'feed9', 11);
CREATE TABLE hosts (addr inet, name text, port int8, proto int4, heard timestamptz, rtt float8, small float4, exact numeric, net cidr);
INSERT INTO hosts SELECT inet '192.0.2.0' + g, 'host' || g * 7 || '.example.net', CASE g WHEN 3 THEN 5000000000 ELSE g * 31 + 22 END, g,
	timestamptz '2024-03-01 00:00+00' + g * interval '1 minute', g / 1000.0, g, g, network(set_masklen(inet '10.1.0.0' + g * 64, 30)) FROM generate_series(0, 7) g;
INSERT INTO hosts (port) VALUES (NULL);
INSERT INTO hosts VALUES ('192.0.2.1', 'x', 443, 6, 'infinity', 'NaN', 'NaN', 'NaN', '2001:db8::/120'), ('10.1.0.0/24', '', 53, 17, NULL, 0, -0, 53.0, '10.1.0.0/24');
CREATE TABLE nobody (LIKE iocs);
ANALYZE iocs, hosts, nobody;

-- each query on both tables, in several ways; what is not "same" is listed
CREATE FUNCTION ask(queries text[]) RETURNS TABLE (same text, n bigint) LANGUAGE plpgsql AS $$
DECLARE
	way text[];
	query text;
	want record;
	got record;
	found text[] := '{}';
BEGIN
	FOREACH query IN ARRAY queries LOOP
		SELECT * INTO want FROM twin.digest(replace(query, '%s', 'flow_h'));
		FOREACH way SLICE 1 IN ARRAY ARRAY[['flowstore.enable_join_filter', 'on'], ['flowstore.enable_join_filter', 'off'], ['enable_hashjoin', 'off'],
			['enable_nestloop', 'off'], ['flowstore.enable_filter', 'off'], ['geqo_threshold', '2']] LOOP
			PERFORM set_config(way[1], way[2], true);
			SELECT * INTO got FROM twin.digest(replace(query, '%s', 'flow_f'));
			found := found || CASE WHEN got IS NOT DISTINCT FROM want THEN 'same'
				ELSE format('%s = %s: %s rows, heap has %s: %s', way[1], way[2], got.n, want.n, query) END;
			EXECUTE 'RESET ' || way[1];
		END LOOP;
	END LOOP;
	RETURN QUERY SELECT f, count(*) FROM unnest(found) f GROUP BY 1 ORDER BY 2 DESC;
END $$;
-- the conditions that keys of other tables make, and how many keys there were
CREATE FUNCTION filters(query text) RETURNS TABLE (cond text, keys text) LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (ANALYZE, TIMING off, SUMMARY off, BUFFERS off, FORMAT json) ' || query INTO plan;
	RETURN QUERY SELECT j ->> 'Join Key Cond', j ->> 'Join Keys' FROM jsonb_path_query(plan::jsonb, 'strict $.** ? (@."Join Key Cond" != null)') j;
END $$;
-- vectors that were read, of how many
CREATE FUNCTION vectors(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (ANALYZE, TIMING off, SUMMARY off, BUFFERS off, FORMAT json) ' || query INTO plan;
	RETURN sum((j ->> 'Vectors')::int - (j ->> 'Vectors Pruned by Partition Index')::int - (j ->> 'Vectors Pruned by Zone Map')::int)
		FROM jsonb_path_query(plan::jsonb, 'strict $.** ? (@."Vectors" != null)') j;
END $$;

-- where a table's keys are used
SELECT f.*, q FROM unnest(ARRAY[
	'SELECT count(*) FROM flow_f f JOIN iocs i ON i.addr = f.src_addr',
	'SELECT count(*) FROM iocs i, flow_f f WHERE f.src_addr = i.addr AND i.feed = ''feed1''',
	'SELECT count(*) FROM flow_f WHERE src_addr IN (SELECT addr FROM iocs)',
	'SELECT count(*) FROM flow_f f WHERE EXISTS (SELECT FROM iocs i WHERE f.src_addr = i.addr OR f.dst_addr = i.addr)',
	'SELECT count(*) FROM iocs i LEFT JOIN flow_f f ON f.src_addr = i.addr',
	'SELECT count(*) FROM flow_f f RIGHT JOIN iocs i ON f.src_addr = i.addr AND f.dst_addr = i.addr + 1',
	'SELECT count(*) FROM flow_f f JOIN hosts h ON f.src_addr <<= h.net',
	'SELECT count(*) FROM flow_f f JOIN hosts h ON f.dst_port = h.port AND h.proto = f.protocol',
	'SELECT count(*) FROM flow_f f JOIN (VALUES (''10.1.0.7''::inet), (''10.1.0.8'')) v(a) ON f.src_addr = v.a',
	'SELECT count(*) FROM flow_f f JOIN unnest(ARRAY[22, 23]) p ON f.src_port = p',
	'WITH i AS MATERIALIZED (SELECT addr FROM iocs LIMIT 3) SELECT count(*) FROM flow_f f JOIN i ON f.src_addr = i.addr',
	'SELECT count(*) FROM flow_f WHERE src_addr IN (SELECT addr FROM iocs UNION SELECT addr FROM hosts WHERE port > 22)',
	'SELECT count(*) FROM flow_f f JOIN (SELECT addr, n FROM iocs UNION ALL SELECT addr, port FROM hosts) i ON f.src_addr = i.addr',
	'SELECT count(*) FROM flow_f f JOIN (SELECT DISTINCT i.addr FROM iocs i, hosts h WHERE i.n = h.proto) i ON f.src_addr = i.addr',
	'SELECT count(*) FROM flow_f f JOIN nobody i ON i.addr = f.src_addr',
	'SELECT count(*) FROM flow_f f JOIN iocs i ON f.src_addr = i.addr JOIN hosts h ON f.dst_addr = h.addr']) q, filters(q) f;
-- and where they must not be
SELECT f.*, q FROM unnest(ARRAY[
	'SELECT count(*) FROM flow_f f LEFT JOIN iocs i ON i.addr = f.src_addr',
	'SELECT count(*) FROM flow_f f FULL JOIN iocs i ON i.addr = f.src_addr',
	'SELECT count(*) FROM flow_f f WHERE NOT EXISTS (SELECT FROM iocs i WHERE f.src_addr = i.addr)',
	'SELECT count(*) FROM flow_f f WHERE src_addr NOT IN (SELECT addr FROM iocs WHERE addr IS NOT NULL)',
	'SELECT count(*) FROM flow_f f JOIN iocs i ON f.src_addr < i.addr',
	'SELECT count(*) FROM flow_f f JOIN iocs i ON f.src_addr = i.addr + (random() * 0)::int',
	'SELECT count(*) FROM flow_f f JOIN (SELECT addr FROM iocs WHERE random() < 2) i ON f.src_addr = i.addr',
	'SELECT count(*) FROM flow_f f JOIN iocs i TABLESAMPLE BERNOULLI (100) ON f.src_addr = i.addr',
	'SELECT count(*) FROM flow_f f JOIN iocs i ON f.src_addr = i.addr OR f.src_port = 7',
	'SELECT count(*) FROM flow_f f JOIN (SELECT addr FROM iocs LIMIT 3) i ON f.src_addr = i.addr',
	'SELECT count(*) FROM flow_f f JOIN (SELECT addr, sum(n) FROM iocs GROUP BY 1) i ON f.src_addr = i.addr',
	'SELECT count(*) FROM flow_f f JOIN (SELECT addr FROM iocs UNION ALL SELECT addr FROM hosts WHERE random() < 2) i ON f.src_addr = i.addr',
	'SELECT count(*) FROM flow_f f LEFT JOIN (hosts h LEFT JOIN iocs i ON i.addr = h.addr) ON coalesce(i.n, 443) = f.dst_port']) q, filters(q) f;
SET flowstore.enable_join_filter = off;
SELECT filters('SELECT count(*) FROM flow_f f JOIN iocs i ON i.addr = f.src_addr');
RESET flowstore.enable_join_filter;

-- less is read, and nothing where there is no key
SELECT vectors('SELECT count(*) FROM flow_f f JOIN (VALUES (''172.16.0.7''::inet), (''172.16.0.8'')) v(a) ON f.src_addr = v.a') AS less, vectors('SELECT count(*) FROM flow_f') > 5 AS all;
SELECT vectors('SELECT count(*) FROM flow_f f JOIN nobody i ON i.addr = f.src_addr');

-- the inner side of a nested loop looks the rows of one key up
CREATE FUNCTION lookups(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
	RETURN QUERY SELECT (j ->> 'Zone Map Cond') FROM jsonb_path_query(plan::jsonb, 'strict $.** ? (@."Zone Map Cond" != null && @."Parent Relationship" == "Inner")') j;
END $$;
SET enable_hashjoin = off; SET enable_mergejoin = off;
SELECT l, q FROM unnest(ARRAY[
	'SELECT count(*) FROM iocs i LEFT JOIN flow_f f ON f.src_addr = i.addr AND i.n < 3',
	'SELECT count(*) FROM (SELECT * FROM iocs WHERE n = 3 AND random() < 2) i JOIN flow_f f ON f.src_addr = i.addr',
	'SELECT count(*) FROM hosts h LEFT JOIN flow_f f ON f.ts >= h.heard AND f.ts < h.heard + interval ''1 s'' WHERE h.proto = 3',
	'SELECT count(*) FROM flow_f f FULL JOIN iocs i ON f.src_addr = i.addr']) q, lookups(q) l;
RESET enable_hashjoin; RESET enable_mergejoin;
SET enable_hashjoin = off;
SELECT vectors('SELECT count(*) FROM (SELECT * FROM iocs WHERE n = 11 AND random() < 2) i JOIN flow_f f ON f.src_addr = i.addr') AS less;
RESET enable_hashjoin;

-- joins of every kind
SELECT * FROM ask(ARRAY(SELECT format('SELECT f.id, o.* FROM %%s f %s %s o ON %s', kind, o, cond) FROM unnest(ARRAY['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN']) kind,
	(VALUES ('iocs', 'f.src_addr = o.addr'), ('hosts', 'f.dst_addr = o.addr AND o.proto = f.protocol'), ('nobody', 'f.src_addr = o.addr')) c (o, cond)));
SELECT * FROM ask(ARRAY(SELECT format('SELECT f.id, o.name FROM %%s f %s hosts o ON %s', kind, cond) FROM unnest(ARRAY['JOIN', 'LEFT JOIN', 'RIGHT JOIN']) kind,
	unnest(ARRAY['f.src_addr <<= o.net', 'o.net >>= f.dst_addr', 'f.src_addr << o.net', 'f.src_addr = o.addr OR f.dst_addr = o.addr', 'f.src_port = o.port', 'f.protocol = o.port',
		'f.protocol = o.proto', 'f.rtt = o.rtt', 'f.rtt = o.small', 'f.bytes = o.exact', 'f.sni = o.name', 'f.sni = o.name || ''''', 'f.ts = o.heard', 'date_trunc(''minute'', f.ts) = o.heard',
		'f.src_addr = o.addr AND f.dst_port > o.port', '(f.src_port = o.port AND f.protocol = 6) OR (f.dst_addr = o.addr AND f.id < 900)', 'f.ts > o.heard AND f.ts < o.heard + interval ''10 s''']) cond));
SELECT * FROM ask(ARRAY(SELECT format('SELECT f.id FROM %%s f WHERE %s', cond) FROM unnest(ARRAY['EXISTS (SELECT FROM iocs i WHERE i.addr = f.src_addr)', 'NOT EXISTS (SELECT FROM iocs i WHERE i.addr = f.src_addr)',
	'f.src_addr IN (SELECT addr FROM iocs)', 'f.src_addr NOT IN (SELECT addr FROM iocs)', 'f.src_addr NOT IN (SELECT addr FROM iocs WHERE addr IS NOT NULL)', 'f.src_addr IN (SELECT addr FROM nobody)',
	'f.src_addr = ANY (ARRAY(SELECT addr FROM iocs))', 'f.src_addr = (SELECT max(addr) FROM iocs WHERE n < 5)', 'f.src_addr IN (SELECT DISTINCT addr FROM iocs WHERE n > 2 ORDER BY addr LIMIT 4)',
	'EXISTS (SELECT FROM iocs i JOIN hosts h ON h.proto = i.n WHERE i.addr = f.src_addr AND h.addr = f.dst_addr)', 'f.src_addr IN (SELECT addr FROM iocs) AND f.dst_addr IN (SELECT addr FROM hosts)',
	'f.src_addr IN (SELECT addr FROM iocs UNION SELECT addr FROM hosts)', '(f.src_addr, f.dst_addr) IN (SELECT i.addr, h.addr FROM iocs i, hosts h)']) cond));
SELECT * FROM ask(ARRAY[
	'SELECT i.n, (SELECT count(*) FROM %s f WHERE f.src_addr = i.addr) FROM iocs i',
	'SELECT i.n, l.* FROM iocs i, LATERAL (SELECT count(*), max(f.ts) FROM %s f JOIN hosts h ON h.addr = f.dst_addr WHERE f.src_addr = i.addr AND h.proto < i.n) l',
	'SELECT i.n, (SELECT count(*) FROM %s f JOIN hosts h ON f.dst_addr = h.addr WHERE h.proto = i.n) FROM iocs i',
	'SELECT i.n, (SELECT count(*) FROM %s f JOIN hosts h ON f.dst_addr = h.addr AND f.src_port > i.n WHERE h.port > 100 - i.n * 10) FROM iocs i',
	'SELECT i.n FROM iocs i WHERE NOT EXISTS (SELECT FROM %s f WHERE f.src_addr = i.addr)',
	'SELECT i.n FROM iocs i WHERE EXISTS (SELECT FROM %s f WHERE f.src_addr = i.addr AND f.dst_port < i.n * 10)',
	'SELECT f.id, i.n, h.port FROM %s f JOIN iocs i ON f.src_addr = i.addr JOIN hosts h ON f.dst_addr = h.addr',
	'SELECT f.id, i.n, h.port FROM iocs i LEFT JOIN (%s f JOIN hosts h ON f.dst_addr = h.addr) ON f.src_addr = i.addr',
	'SELECT f.id, i.n, h.port FROM hosts h LEFT JOIN (iocs i LEFT JOIN %s f ON f.src_addr = i.addr) ON f.dst_addr = h.addr',
	'SELECT f.id, i.n, h.port FROM hosts h LEFT JOIN %s f ON f.dst_addr = h.addr LEFT JOIN iocs i ON f.src_addr = i.addr',
	'SELECT f.id, i.n FROM hosts h LEFT JOIN iocs i ON i.n = h.proto JOIN %s f ON f.dst_port = coalesce(i.n, 443)',
	'SELECT f.id, i.n FROM hosts h LEFT JOIN iocs i ON i.n = h.proto LEFT JOIN %s f ON f.dst_port = coalesce(i.n, 443)',
	'SELECT f.id, i.n FROM hosts h LEFT JOIN iocs i ON i.n = h.proto JOIN %s f ON f.src_addr = i.addr',
	'SELECT f.id, i.n FROM (iocs i FULL JOIN hosts h ON h.proto = i.n) JOIN %s f ON f.src_addr = i.addr',
	'SELECT f.id, i.n FROM (iocs i FULL JOIN hosts h ON h.proto = i.n) LEFT JOIN %s f ON f.dst_port = h.port',
	'SELECT a.id, b.id FROM %s a JOIN %s b ON a.src_addr = b.src_addr AND a.dst_addr = b.dst_addr WHERE b.id % 1000 = 7',
	'SELECT a.id, i.n FROM %s a JOIN %s b ON a.ts = b.ts JOIN iocs i ON i.addr = b.src_addr',
	'SELECT a.id, i.n FROM %s a JOIN iocs i ON a.src_addr = i.addr JOIN iocs j ON i.addr = j.addr AND j.n < 5',
	'WITH i AS (SELECT addr FROM iocs WHERE n > 3), k AS MATERIALIZED (SELECT * FROM i) SELECT f.id FROM %s f JOIN k ON f.src_addr = k.addr WHERE f.src_addr IN (SELECT addr FROM k)',
	'SELECT f.id FROM %s f JOIN ROWS FROM (generate_series(20, 30), generate_series(440, 450)) AS g (a, b) ON f.dst_port = g.b',
	'SELECT f.id, i.n FROM iocs i JOIN %s f ON f.src_addr = i.addr WHERE i.n < 0',
	'SELECT * FROM (SELECT f.id, i.n FROM iocs i JOIN %s f ON f.src_addr = i.addr ORDER BY 1, 2 LIMIT 5) x',
	'SELECT f.src_addr, count(*), sum(f.bytes) FROM %s f JOIN iocs i ON f.src_addr = i.addr GROUP BY 1',
	'SELECT f.id, i.n FROM %s f JOIN (SELECT addr, n FROM iocs UNION ALL SELECT addr, port FROM hosts) i ON f.src_addr = i.addr',
	'SELECT f.id FROM %s f JOIN (SELECT DISTINCT i.addr FROM iocs i, hosts h WHERE i.n = h.proto) i ON f.src_addr = i.addr',
	'SELECT f.id FROM %s f JOIN (SELECT addr FROM iocs UNION SELECT addr FROM (SELECT addr FROM hosts EXCEPT SELECT addr FROM nobody) x) i ON f.src_addr = i.addr OR f.dst_addr = i.addr',
	'SELECT f.id FROM %s f JOIN (SELECT addr FROM iocs LIMIT 3) i ON f.src_addr = i.addr',
	'SELECT f.tableoid > 0, f.ctid IS NULL, f.id FROM %s f JOIN iocs i ON f.src_addr = i.addr',
	'SELECT x.id FROM (SELECT id, src_addr FROM %s UNION ALL SELECT id, dst_addr FROM %s) x JOIN iocs i ON x.src_addr = i.addr']);
SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
SELECT * FROM ask(ARRAY[
	'SELECT f.id, o.* FROM %s f JOIN iocs o ON f.src_addr = o.addr',
	'SELECT count(*), sum(f.bytes) FROM %s f JOIN hosts o ON f.dst_addr = o.addr JOIN iocs i ON i.addr = f.src_addr',
	'SELECT f.id FROM %s f WHERE EXISTS (SELECT FROM hosts h WHERE f.src_addr = h.addr OR f.dst_addr = h.addr)',
	'SELECT i.n, l.* FROM iocs i, LATERAL (SELECT count(*), max(f.ts) FROM %s f JOIN hosts h ON h.addr = f.dst_addr WHERE f.src_addr = i.addr) l']);
RESET max_parallel_workers_per_gather; RESET parallel_setup_cost; RESET parallel_tuple_cost; RESET min_parallel_table_scan_size;

-- more keys than expected, or larger ones: all rows are read
CREATE FUNCTION many() RETURNS SETOF inet ROWS 10 LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN QUERY SELECT inet '10.1.0.0' + g % 10001 FROM generate_series(0, 40000) g; END $$;
CREATE FUNCTION repeated() RETURNS SETOF inet ROWS 10 LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN QUERY SELECT inet '10.1.0.0' + g % 10000 / 40 FROM generate_series(0, 40000) g; END $$;
SELECT f.*, q FROM unnest(ARRAY['SELECT count(*) FROM flow_f f JOIN many() a ON a = f.src_addr', 'SELECT count(*) FROM flow_f f JOIN repeated() a ON a = f.src_addr']) q, filters(q) f;
SELECT * FROM ask(ARRAY['SELECT f.id FROM %s f JOIN many() a ON a = f.src_addr', 'SELECT f.id FROM %s f JOIN repeated() a ON a = f.src_addr']);
SET work_mem = '64kB';
CREATE TABLE wide AS SELECT repeat('x', 3000) || g AS name FROM generate_series(1, 30) g;
INSERT INTO wide SELECT 'host' || g || '.example.net' FROM generate_series(1, 10) g;
ANALYZE wide;
SELECT keys FROM filters('SELECT f.id, f.sni FROM flow_f f JOIN wide w ON f.sni = w.name');
SELECT * FROM ask(ARRAY['SELECT f.id, f.sni FROM %s f JOIN wide w ON f.sni = w.name']);
RESET work_mem;
SELECT keys FROM filters('SELECT f.id, f.sni FROM flow_f f JOIN wide w ON f.sni = w.name');

-- collations
DO $$ BEGIN
	CREATE COLLATION ignore_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
EXCEPTION WHEN OTHERS THEN
	CREATE COLLATION ignore_case FROM "C";
END $$;
SELECT * FROM ask(ARRAY['SELECT f.id FROM %s f JOIN hosts h ON f.sni = upper(h.name) COLLATE ignore_case', 'SELECT f.id FROM %s f JOIN hosts h ON f.sni COLLATE "C" = h.name']);

-- a policy hides rows from conditions that could tell of them
CREATE TABLE nets AS SELECT network(set_masklen(inet '10.1.1.0' + g * 16, 29)) AS net FROM generate_series(0, 4) g;
ANALYZE nets;
CREATE ROLE regress_join_reader;
GRANT USAGE ON SCHEMA query_join, twin TO regress_join_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA query_join TO regress_join_reader;
ALTER TABLE flow_f ENABLE ROW LEVEL SECURITY;
CREATE POLICY even ON flow_f TO regress_join_reader USING (id % 2 = 0);
ALTER TABLE iocs ENABLE ROW LEVEL SECURITY;
CREATE POLICY even ON iocs TO regress_join_reader USING (n % 2 = 0);
SELECT f.*, q FROM unnest(ARRAY['SELECT count(*) FROM flow_f f JOIN iocs i ON f.src_addr = i.addr', 'SELECT count(*) FROM flow_f f JOIN nets h ON f.src_addr <<= h.net']) q, filters(q) f;
SET ROLE regress_join_reader;
SELECT f.*, q FROM unnest(ARRAY['SELECT count(*) FROM flow_f f JOIN iocs i ON f.src_addr = i.addr', 'SELECT count(*) FROM flow_f f JOIN nets h ON f.src_addr <<= h.net']) q, filters(q) f;
SELECT count(*) = (SELECT count(*) FROM flow_h h JOIN iocs i ON h.src_addr = i.addr WHERE h.id % 2 = 0) AS same FROM flow_f f JOIN iocs i ON f.src_addr = i.addr;
SELECT count(*) = (SELECT count(*) FROM flow_h h JOIN nets n ON h.src_addr <<= n.net WHERE h.id % 2 = 0) AS same FROM flow_f f JOIN nets n ON f.src_addr <<= n.net;
RESET ROLE;
ALTER TABLE flow_f DISABLE ROW LEVEL SECURITY;
ALTER TABLE iocs DISABLE ROW LEVEL SECURITY;

-- changes
CREATE FUNCTION change(statements text[]) RETURNS TABLE (same text) LANGUAGE plpgsql AS $$
DECLARE
	statement text;
	want text;
	got text;
BEGIN
	FOREACH statement IN ARRAY statements LOOP
		EXECUTE format('WITH x AS (%s) SELECT count(*) || '' '' || coalesce(sum(hashtextextended(x::text, 0)), 0) FROM x', replace(statement, '%s', 'flow_h')) INTO want;
		EXECUTE format('WITH x AS (%s) SELECT count(*) || '' '' || coalesce(sum(hashtextextended(x::text, 0)), 0) FROM x', replace(statement, '%s', 'flow_f')) INTO got;
		RETURN QUERY SELECT CASE WHEN want = got AND want !~ '^0 ' THEN 'same' ELSE want || ' <> ' || got || ': ' || statement END;
	END LOOP;
	RETURN QUERY SELECT 'left: ' || d.heap_only || ' ' || d.flow_only FROM twin.diff('flow_h', 'flow_f') d;
END $$;
SELECT same, count(*) FROM change(ARRAY[
	'UPDATE %s f SET sni = i.feed FROM iocs i WHERE i.addr = f.src_addr AND i.n < 7 RETURNING f.id, f.sni',
	'DELETE FROM %s f USING iocs i WHERE i.addr = f.src_addr AND i.n = 3 RETURNING f.id',
	'DELETE FROM %s f USING hosts h WHERE f.dst_addr = h.addr AND f.protocol = h.proto RETURNING f.id',
	'UPDATE %s f SET bytes = 7 WHERE EXISTS (SELECT FROM iocs i WHERE i.addr IN (f.src_addr, f.dst_addr)) RETURNING f.id']) GROUP BY 1 ORDER BY 1;
MERGE INTO flow_h f USING iocs i ON f.src_addr = i.addr AND i.feed = 'feed2' WHEN MATCHED AND i.n > 7 THEN DELETE WHEN MATCHED THEN UPDATE SET packets = 3 WHEN NOT MATCHED THEN INSERT (id, src_addr) VALUES (40000 + n, addr);
MERGE INTO flow_f f USING iocs i ON f.src_addr = i.addr AND i.feed = 'feed2' WHEN MATCHED AND i.n > 7 THEN DELETE WHEN MATCHED THEN UPDATE SET packets = 3 WHEN NOT MATCHED THEN INSERT (id, src_addr) VALUES (40000 + n, addr);
SELECT * FROM twin.diff('flow_h', 'flow_f');
CREATE TABLE iocs_f AS TABLE iocs;
UPDATE iocs i SET n = i.n + 1000 FROM flow_h f WHERE f.src_addr = i.addr AND f.id < 3000;
UPDATE iocs_f i SET n = i.n + 1000 FROM flow_f f WHERE f.src_addr = i.addr AND f.id < 3000;
SELECT * FROM twin.diff('iocs', 'iocs_f');
-- a cursor that goes back, and one plan for several values
BEGIN;
DECLARE c SCROLL CURSOR FOR SELECT f.id FROM flow_f f JOIN iocs i ON f.src_addr = i.addr AND i.n = 2;
MOVE FORWARD ALL FROM c;
MOVE BACKWARD ALL FROM c;
MOVE FORWARD 2 FROM c;
FETCH PRIOR FROM c \g /dev/null
COMMIT;
SET plan_cache_mode = force_generic_plan;
PREPARE p (text) AS SELECT count(*) FROM flow_f f JOIN iocs i ON f.src_addr = i.addr AND i.feed = $1;
PREPARE q (text) AS SELECT count(*) FROM flow_h f JOIN iocs i ON f.src_addr = i.addr AND i.feed = $1;
EXECUTE p ('feed0'); EXECUTE q ('feed0'); EXECUTE p ('feed1'); EXECUTE q ('feed1'); EXECUTE p ('none'); EXECUTE p (NULL);
RESET plan_cache_mode;
DROP SCHEMA query_join CASCADE;
DROP OWNED BY regress_join_reader;
DROP ROLE regress_join_reader;
