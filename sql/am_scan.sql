--
-- FlowScan: its place in plans, its switch, its answers.
-- Without this test: a query that silently reads everything, or a switch that does not switch.
--
\set ECHO none
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
\getenv abs_srcdir PG_ABS_SRCDIR
\set twin :abs_srcdir '/test/differential/twin.sql'
\i :twin
\set ECHO all
CREATE SCHEMA am_scan;
SET search_path = am_scan;

SELECT twin.create_flows(20000);
ANALYZE flow_f;
SELECT boot_val FROM pg_settings WHERE name = 'flowstore.enable_scan';
SET flowstore.enable_scan = on;
EXPLAIN (COSTS OFF) SELECT * FROM flow_f;
EXPLAIN (COSTS OFF) SELECT id FROM flow_f WHERE dst_port = 53;
SET flowstore.enable_aggregate = off;
EXPLAIN (COSTS OFF) SELECT count(*) FROM flow_f WHERE id > 100 AND sni IS NOT NULL;
EXPLAIN (COSTS OFF) SELECT t.id FROM flow_f t WHERE t.ts >= '2024-03-01 00:00:00+00' AND src_addr <<= '10.0.0.0/8';
EXPLAIN (COSTS OFF) SELECT a.id FROM flow_f a JOIN flow_h b USING (id) WHERE a.protocol = 6 AND b.protocol = 6 AND b.id < 10;
-- the switch
SET flowstore.enable_scan = off;
EXPLAIN (COSTS OFF) SELECT id FROM flow_f WHERE dst_port = 53;
SET flowstore.enable_scan = on;
-- a heap table is not touched, nor a sample, nor a TID
EXPLAIN (COSTS OFF) SELECT id FROM flow_h WHERE dst_port = 53;
EXPLAIN (COSTS OFF) SELECT id FROM flow_f TABLESAMPLE BERNOULLI (10) REPEATABLE (1);
-- rescan with a parameter, prepared
PREPARE q(int) AS SELECT id FROM flow_f WHERE dst_port = $1;
SET plan_cache_mode = force_generic_plan;
EXPLAIN (COSTS OFF) EXECUTE q(53);
RESET plan_cache_mode;
DEALLOCATE q;
-- the settings that belong to it
SELECT name, boot_val, context, vartype FROM pg_settings WHERE name LIKE 'flowstore.%' AND name IN ('flowstore.enable_scan', 'flowstore.on_corrupt_chunk') ORDER BY name;
SET flowstore.enable_scan = maybe;

-- zone maps: bounds at the edges of chunks and vectors, NULLs, constants, dropped and added columns
CREATE TABLE z_h (id int, up int, down int, blocky int, half int, nulls int, f float8, t text, a inet, b bool, ts timestamptz);
CREATE TABLE z_f (LIKE z_h) USING flowstore;
INSERT INTO z_h SELECT g, g, -g, g / 1024, CASE WHEN g > 4000 THEN g END, NULL,
	CASE g % 1000 WHEN 0 THEN 'NaN' WHEN 1 THEN 'Infinity' WHEN 2 THEN '-Infinity' WHEN 3 THEN -0.0 ELSE g END,
	lpad(g::text, 6, '0'), inet '10.0.0.0' + g / 64, g > 6000, timestamptz '2024-01-01 00:00:00+00' + g * interval '2 s' FROM generate_series(1, 8000) g;
INSERT INTO z_f SELECT * FROM z_h;
SELECT twin.same('z_h', 'z_f', format('SELECT id FROM %%s WHERE %s %s %s', col, op, val)) FROM
	(VALUES ('up'), ('down'), ('blocky'), ('half'), ('nulls')) c(col), unnest(ARRAY['=', '<>', '<', '<=', '>', '>=']) op,
	unnest(ARRAY['0', '1', '1023', '1024', '1025', '-1', '-1024', '7', '4000', '4001', '8000', '8001', '2147483647', '(-2147483648)', 'NULL']) val GROUP BY 1;
SELECT twin.same('z_h', 'z_f', format('SELECT id FROM %%s WHERE f %s %L::float8', op, val)) FROM
	unnest(ARRAY['=', '<>', '<', '<=', '>', '>=']) op, unnest(ARRAY['0', '-0', 'NaN', 'Infinity', '-Infinity', '5', '8000', '1e300']) val GROUP BY 1;
SELECT twin.same('z_h', 'z_f', format('SELECT id FROM %%s WHERE t %s %L %s', op, val, coll)) FROM
	unnest(ARRAY['=', '<>', '<', '<=', '>', '>=', 'LIKE']) op, unnest(ARRAY['', '000001', '001024', '0010', '0010%', '008000', '9', 'a', '%5']) val, unnest(ARRAY['', 'COLLATE "C"']) coll GROUP BY 1;
SELECT twin.same('z_h', 'z_f', format('SELECT id FROM %%s WHERE a %s %L', op, val)) FROM
	unnest(ARRAY['=', '<>', '<', '<=', '>', '>=', '<<', '<<=', '>>', '>>=', '&&']) op,
	unnest(ARRAY['10.0.0.0', '10.0.0.1', '10.0.0.0/24', '10.0.1.0/24', '10.0.1.56', '10.0.1.57', '0.0.0.0/0', '::', '::/0', '10.0.0.5/31']) val GROUP BY 1;
SELECT twin.same('z_h', 'z_f', 'SELECT id FROM %s WHERE ' || q) FROM unnest(ARRAY['b', 'NOT b', 'b IS NULL', 'half IS NULL', 'half IS NOT NULL', 'nulls IS NULL', 'nulls IS NOT NULL',
	'up BETWEEN 1020 AND 1030 OR up > 7990', 'up IN (1, 1024, 8000)', 'up = ANY (ARRAY[NULL, 5])', 'ts < ''2024-01-01 00:30:00+00''', 'ts >= ''2024-01-01 03:00:00+00'' AND ts <= ''2024-01-01 04:00:00+00''',
	'ts = ''2024-01-01 01:00:00+00''', 'ts > ''infinity''', 'up % 1024 = 0', 'up < 5.5', 'up < 5::bigint', 'up > 5::smallint', 'blocky = 3 AND up < 3100', 'up > 1000 AND down > -1010', 'up = down', 'half = 4001 OR nulls = 1']) q GROUP BY 1;
-- columns that came later and columns that went
ALTER TABLE z_h ADD COLUMN late int DEFAULT 5, ADD COLUMN later int;
ALTER TABLE z_f ADD COLUMN late int DEFAULT 5, ADD COLUMN later int;
INSERT INTO z_h (id, late, later) SELECT -g, g, g FROM generate_series(1, 2000) g;
INSERT INTO z_f (id, late, later) SELECT -g, g, g FROM generate_series(1, 2000) g;
ALTER TABLE z_h DROP COLUMN down;
ALTER TABLE z_f DROP COLUMN down;
SELECT twin.same('z_h', 'z_f', 'SELECT id, late, later FROM %s WHERE ' || q) FROM unnest(ARRAY['late = 5', 'late <> 5', 'late < 5', 'late IS NULL', 'late > 5', 'later IS NULL', 'later = 5', 'later IS NOT NULL AND late = 7', 'late = 5 AND up > 100']) q GROUP BY 1;
-- the time column is another one after DROP or RENAME; bounds of before are not its own
CREATE TABLE t_h (id int, a timestamptz, ts timestamptz);
CREATE TABLE t_f (LIKE t_h) USING flowstore;
INSERT INTO t_h SELECT g, timestamptz '2020-01-01' + g * interval '1 s', timestamptz '2024-01-01' - g * interval '1 s' FROM generate_series(1, 8000) g;
INSERT INTO t_f SELECT * FROM t_h;
CREATE TABLE q AS SELECT format('SELECT id FROM %%s WHERE %s %s %L', col, op, val) AS q FROM unnest(ARRAY['a', 'ts', 'old', 'x']) col,
	unnest(ARRAY['=', '<', '>=']) op, unnest(ARRAY['2010-01-01', '2020-01-01', '2020-01-01 01:00:00', '2022-01-01', '2023-12-31 23:00:00', '2024-01-01', 'infinity']) val;
CREATE FUNCTION ask() RETURNS TABLE (same text, n bigint) LANGUAGE sql AS $$
	WITH w AS MATERIALIZED (SELECT q FROM q, pg_attribute WHERE attrelid = 't_h'::regclass AND NOT attisdropped AND q LIKE '%WHERE ' || attname || ' %')
	SELECT twin.same('t_h', 't_f', q), count(*) FROM w GROUP BY 1 $$;
SELECT * FROM ask();
BEGIN;
ALTER TABLE t_h DROP COLUMN ts;
ALTER TABLE t_f DROP COLUMN ts;
SELECT * FROM ask();
INSERT INTO t_h VALUES (0, '2022-01-01');
INSERT INTO t_f VALUES (0, '2022-01-01');
ALTER TABLE t_h ADD COLUMN ts timestamptz DEFAULT '2010-01-01';
ALTER TABLE t_f ADD COLUMN ts timestamptz DEFAULT '2010-01-01';
SELECT * FROM ask();
INSERT INTO t_h SELECT -g, '2022-01-01', timestamptz '2022-01-01' + g * interval '1 s' FROM generate_series(1, 5000) g;
INSERT INTO t_f SELECT -g, '2022-01-01', timestamptz '2022-01-01' + g * interval '1 s' FROM generate_series(1, 5000) g;
SELECT * FROM ask();
ROLLBACK;
ALTER TABLE t_h RENAME ts TO old;
ALTER TABLE t_f RENAME ts TO old;
SELECT * FROM ask();
ALTER TABLE t_h RENAME a TO ts;
ALTER TABLE t_f RENAME a TO ts;
SELECT * FROM ask();
INSERT INTO t_h SELECT -g, timestamptz '2022-01-01' + g * interval '1 s', '2010-01-01' FROM generate_series(1, 5000) g;
INSERT INTO t_f SELECT -g, timestamptz '2022-01-01' + g * interval '1 s', '2010-01-01' FROM generate_series(1, 5000) g;
SELECT * FROM ask();
VACUUM FULL t_f;
SELECT * FROM ask();
ALTER TABLE t_h ALTER ts TYPE timestamp USING ts AT TIME ZONE 'UTC', ADD COLUMN x timestamp DEFAULT '2020-01-01 01:00:00';
ALTER TABLE t_f ALTER ts TYPE timestamp USING ts AT TIME ZONE 'UTC', ADD COLUMN x timestamp DEFAULT '2020-01-01 01:00:00';
ALTER TABLE t_h DROP COLUMN ts, DROP COLUMN old;
ALTER TABLE t_f DROP COLUMN ts, DROP COLUMN old;
SELECT * FROM ask();
SELECT * FROM twin.diff('t_h', 't_f');
-- counters: what was read is what had to be
CREATE TABLE n (id int, ts timestamptz, v text) USING flowstore;
-- (how many bytes that is depends on the encodings and is left out)
CREATE FUNCTION counters(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (ANALYZE, BUFFERS OFF, COSTS OFF, TIMING OFF, SUMMARY OFF) ' || query LOOP
		IF line !~ 'Bytes|Filter:|Cond:|Clause:' THEN
			RETURN NEXT replace(line, '.00 loops', ' loops');
		END IF;
	END LOOP;
END $$;
INSERT INTO n SELECT g, timestamptz '2024-01-01 00:00:00+00' + g * interval '1 s', md5(g::text) FROM generate_series(0, 35999) g;
SELECT counters($$SELECT id FROM n WHERE ts >= '2024-01-01 03:00:00+00' AND ts < '2024-01-01 05:00:00+00'$$);
SELECT counters($$SELECT id FROM n WHERE id = 12345$$);
SELECT counters($$SELECT id FROM n WHERE ts > '2025-01-01 00:00:00+00'$$);

-- rows of every age take part: a chunk, a small one, single rows, pending rows
BEGIN;
INSERT INTO z_h (id, up) VALUES (30001, 1024), (30002, NULL);
INSERT INTO z_f (id, up) VALUES (30001, 1024), (30002, NULL);
SELECT twin.same('z_h', 'z_f', 'SELECT id FROM %s WHERE ' || q) FROM unnest(ARRAY['up = 1024', 'up IS NULL AND id > 0', 'up > 20000', 'id > 20000']) q GROUP BY 1;
ROLLBACK;
SELECT twin.same('z_h', 'z_f', 'SELECT id FROM %s WHERE up = 1024');

DROP SCHEMA am_scan CASCADE;
