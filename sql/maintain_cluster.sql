-- Clustered partitions: whatever is done to them, the rows stay those of a heap table
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
\set VERBOSITY terse
SET timezone = 'UTC';
CREATE FUNCTION pg_temp.diff(a text, b text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE n bigint;
BEGIN
	EXECUTE format('SELECT count(*) FROM ((TABLE %1$s EXCEPT ALL TABLE %2$s) UNION ALL (TABLE %2$s EXCEPT ALL TABLE %1$s)) d', a, b) INTO n;
	RETURN n;
END $$;
-- what both tables go through
CREATE PROCEDURE pg_temp.both(sql text) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE replace(sql, '@', 'clus_flow');
	EXECUTE replace(sql, '@', 'clus_heap');
END $$;
CREATE TYPE clus_mood AS ENUM ('sad', 'ok');
CREATE DOMAIN clus_port AS int CHECK (VALUE >= 0);
CREATE TABLE clus_heap (
	ts timestamptz, i2 int2, i4 int4, i8 int8, f4 float4, f8 float8, n numeric,
	b bool, c "char", t text, vc varchar(20), ch char(5), by bytea, src_addr inet, dst_addr inet,
	src_port int, dst_port int, proto int2, ci cidr, m macaddr, u uuid, d date, ti time, iv interval, arr int[],
	js jsonb, e clus_mood, dom clus_port, gone int);
CREATE TABLE clus_flow (LIKE clus_heap) USING flowstore;
CREATE PROCEDURE pg_temp.fill(start int, rows int) LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO clus_heap SELECT
		CASE WHEN g % 97 > 0 THEN '2026-01-01'::timestamptz + g % 100000 * interval '1 second' END,
		g % 30000, g, CASE WHEN g % 5 > 0 THEN g * 1000000007::int8 END, g / 3.0,
		CASE g % 11 WHEN 0 THEN 'NaN' WHEN 1 THEN '-0' ELSE g / 7.0 END::float8,
		g / 13.0, g % 3 = 0, chr(65 + g % 26)::"char",
		CASE WHEN g % 4 > 0 THEN repeat('x', g % 50) || g % 9 END, 'v' || g,
		g % 99999, decode(md5(g::text), 'hex'),
		CASE g % 9 WHEN 0 THEN NULL WHEN 1 THEN '2001:db8::'::inet + g % 50 ELSE '10.0.0.0'::inet + g % 200 END,
		CASE g % 8 WHEN 0 THEN NULL WHEN 1 THEN '2001:db8::'::inet + g % 40 ELSE '10.0.0.0'::inet + g % 70 END,
		CASE WHEN g % 2 > 0 THEN 443 ELSE 1024 + g % 5000 END, CASE WHEN g % 2 > 0 THEN 1024 + g % 5000 WHEN g % 3 > 0 THEN 443 END,
		CASE WHEN g % 10 > 0 THEN 6 ELSE 17 END,
		set_masklen('10.0.0.0'::cidr, g % 9), '08:00:2b:01:02:03',
		md5(g::text)::uuid, '2026-01-01'::date + g % 500, '12:00'::time + g * interval '1 s',
		g * interval '1 hour', ARRAY[g, NULL, g % 7], jsonb_build_object('k', g % 12),
		CASE WHEN g % 6 > 0 THEN 'ok' ELSE 'sad' END::clus_mood, g % 65536, g
		FROM generate_series(start, start + rows - 1) g;
	INSERT INTO clus_flow SELECT * FROM clus_heap WHERE i4 >= start AND i4 < start + rows;
END $$;

-- queries whose answers must not change with the layout
CREATE FUNCTION pg_temp.asks() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE q text; a text; b text; n bigint := 0;
BEGIN
	FOREACH q IN ARRAY ARRAY[
		'src_addr = ''10.0.0.7''', 'src_addr = ''10.0.0.7'' OR dst_addr = ''10.0.0.7''',
		'src_addr = ''10.9.9.9''', 'dst_addr <<= ''2001:db8::/64''', 'src_addr IS NULL',
		'dst_port = 443 AND proto = 17', 'src_port BETWEEN 1100 AND 1110', 'dst_port IS NULL',
		't = ''xx3''', 't >= ''xxx'' AND t < ''xxxx''', 't IS NULL', 'ts >= ''2026-01-01 00:30'' AND ts < ''2026-01-01 00:31''',
		'ts IS NULL', 'f8 = ''NaN''', 'n < 3', 'b AND c = ''B''', 'js @> ''{"k": 3}''', 'e = ''sad''', 'arr[3] = 2',
		'src_addr = dst_addr', 'i8 IS NULL AND src_addr > ''2001:db8::5''', 'ch = ''77''', 'iv < ''3 days''']
	LOOP
		EXECUTE 'SELECT md5(string_agg(i4::text, '','' ORDER BY i4)) FROM clus_heap WHERE ' || q INTO a;
		EXECUTE 'SELECT md5(string_agg(i4::text, '','' ORDER BY i4)) FROM clus_flow WHERE ' || q INTO b;
		IF a IS DISTINCT FROM b THEN RAISE WARNING 'differs: %', q; END IF;
		n := n + 1;
	END LOOP;
	RETURN n;
END $$;

CALL pg_temp.fill(0, 5000);
SELECT partition, action, items, rows FROM flow.optimize('clus_flow');
SELECT pg_temp.diff('clus_heap', 'clus_flow'), pg_temp.asks();
SELECT * FROM flow.optimize('clus_flow');

-- late rows become a set of their own if they are few; else all is one again
CALL pg_temp.fill(100010, 100);
SELECT partition, action, items, rows FROM flow.optimize('clus_flow');
SELECT pg_temp.diff('clus_heap', 'clus_flow'), pg_temp.asks();
CALL pg_temp.fill(203000, 1000);
SELECT partition, action, items, rows FROM flow.optimize('clus_flow');
SELECT pg_temp.diff('clus_heap', 'clus_flow'), pg_temp.asks();

-- a few deleted rows are left where they are, many are not
CALL pg_temp.both('DELETE FROM @ WHERE i4 % 20 = 3');
SELECT partition, action, items, rows FROM flow.optimize('clus_flow');
SELECT pg_temp.diff('clus_heap', 'clus_flow'), pg_temp.asks();
CALL pg_temp.both('DELETE FROM @ WHERE i4 % 4 = 1');
CALL pg_temp.both('UPDATE @ SET src_addr = ''10.0.0.7'', t = ''new'' WHERE i4 % 7 = 1');
SELECT pg_temp.diff('clus_heap', 'clus_flow'), pg_temp.asks();
SELECT partition, action, items, rows FROM flow.optimize('clus_flow');
SELECT pg_temp.diff('clus_heap', 'clus_flow'), pg_temp.asks();

-- new shapes of the table
CALL pg_temp.both('ALTER TABLE @ DROP COLUMN gone');
CALL pg_temp.both('ALTER TABLE @ ADD COLUMN added int DEFAULT 42, ADD COLUMN late text DEFAULT ''x'', ADD COLUMN empty inet');
CALL pg_temp.both('ALTER TABLE @ ALTER vc TYPE text, ALTER dom TYPE int');
CALL pg_temp.both('UPDATE @ SET added = NULL, late = t, empty = dst_addr WHERE i4 % 10 = 0');
SELECT pg_temp.diff('clus_heap', 'clus_flow'), pg_temp.asks();
SELECT partition, action, items, rows FROM flow.optimize('clus_flow', full => true);
SELECT pg_temp.diff('clus_heap', 'clus_flow'), pg_temp.asks();
CALL pg_temp.both('ALTER TABLE @ ALTER i2 TYPE bigint');
SELECT pg_temp.diff('clus_heap', 'clus_flow'), pg_temp.asks();
SELECT sum(rows) FROM flow.optimize('clus_flow', full => true);
SELECT pg_temp.diff('clus_heap', 'clus_flow'), pg_temp.asks();

-- other orders and other lists
SELECT flow.set('clus_flow', zorder => 'dst_port,t,u', bitmap => 't,i4,src_addr,n');
SELECT sum(rows) FROM flow.optimize('clus_flow', full => true);
SELECT pg_temp.diff('clus_heap', 'clus_flow'), pg_temp.asks();
SELECT flow.set('clus_flow', zorder => 'none', bitmap => 'none');
SELECT sum(rows) FROM flow.optimize('clus_flow', full => true);
SELECT pg_temp.diff('clus_heap', 'clus_flow'), pg_temp.asks();
SELECT flow.set('clus_flow', zorder => NULL, bitmap => NULL);

-- little memory: several sets
SET maintenance_work_mem = '1MB';
DO $$
BEGIN
	FOR i IN 0..9 LOOP
		CALL pg_temp.fill(20000 + i * 3000, 3000);
	END LOOP;
END $$;
SELECT sum(rows) FROM flow.optimize('clus_flow', full => true);
RESET maintenance_work_mem;
SELECT pg_temp.diff('clus_heap', 'clus_flow'), pg_temp.asks();
SELECT sum(rows) FROM flow.optimize('clus_flow', full => true);
SELECT pg_temp.diff('clus_heap', 'clus_flow'), pg_temp.asks();

-- within a transaction, with changes before and after, and rolled back
BEGIN;
CALL pg_temp.both('DELETE FROM @ WHERE i4 % 3 = 0');
SAVEPOINT s;
SELECT sum(rows) > 0 AS some FROM flow.optimize('clus_flow');
CALL pg_temp.both('UPDATE @ SET i8 = 1, src_port = src_port + 1 WHERE i4 % 5 = 0');
SELECT sum(rows) > 0 AS some FROM flow.optimize('clus_flow', full => true);
SELECT pg_temp.diff('clus_heap', 'clus_flow'), pg_temp.asks();
ROLLBACK TO s;
SELECT pg_temp.diff('clus_heap', 'clus_flow'), pg_temp.asks();
COMMIT;
SELECT sum(rows) > 0 AS some FROM flow.optimize('clus_flow');
SELECT pg_temp.diff('clus_heap', 'clus_flow'), pg_temp.asks();
VACUUM clus_flow;
VACUUM FULL clus_flow;
SELECT pg_temp.diff('clus_heap', 'clus_flow'), pg_temp.asks();
CALL pg_temp.both('DELETE FROM @ WHERE ts < ''2026-01-01 02:00''');
SELECT partition, action, rows FROM flow.optimize('clus_flow', until => '2026-01-01 01:00');
CALL pg_temp.both('DELETE FROM @');
SELECT count(*) > 0 AS some FROM flow.optimize('clus_flow');
SELECT count(*) FROM flow.chunks('clus_flow') WHERE kind <> 'moved';
CALL pg_temp.fill(1, 300);
SELECT pg_temp.diff('clus_heap', 'clus_flow'), pg_temp.asks();

DROP TABLE clus_flow, clus_heap;
DROP DOMAIN clus_port;
DROP TYPE clus_mood;
