-- flow.optimize: small items become chunks, deleted rows go, and all else stays
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
	EXECUTE replace(sql, '@', 'maint_flow');
	EXECUTE replace(sql, '@', 'maint_heap');
END $$;
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN port AS int CHECK (VALUE >= 0);
CREATE TABLE maint_heap (
	ts timestamptz, i2 int2, i4 int4, i8 int8, f4 float4, f8 float8, n numeric,
	b bool, c "char", t text, vc varchar(20), ch char(5), by bytea, a inet,
	ci cidr, m macaddr, u uuid, d date, ti time, iv interval, arr int[],
	js jsonb, e mood, dom port, gone int);
CREATE TABLE maint_flow (LIKE maint_heap) USING flowstore;
CREATE PROCEDURE pg_temp.fill(start int, rows int) LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO maint_heap SELECT
		CASE WHEN g % 97 > 0 THEN '2026-01-01'::timestamptz + g * interval '1 second' END,
		g, g, CASE WHEN g % 5 > 0 THEN g * 1000000007::int8 END, g / 3.0,
		CASE g % 11 WHEN 0 THEN 'NaN' WHEN 1 THEN '-0' ELSE g / 7.0 END::float8,
		g / 13.0, g % 3 = 0, chr(65 + g % 26)::"char",
		CASE WHEN g % 4 > 0 THEN repeat('x', g % 50) || g % 9 END, 'v' || g,
		g % 99999, decode(md5(g::text), 'hex'),
		CASE WHEN g % 2 > 0 THEN '10.0.0.0'::inet + g ELSE '2001:db8::'::inet + g END,
		set_masklen('10.0.0.0'::cidr, g % 9), '08:00:2b:01:02:03',
		md5(g::text)::uuid, '2026-01-01'::date + g % 500, '12:00'::time + g * interval '1 s',
		g * interval '1 hour', ARRAY[g, NULL, g % 7], jsonb_build_object('k', g % 12),
		CASE WHEN g % 6 > 0 THEN 'ok' ELSE 'sad' END::mood, g % 65536, g
		FROM generate_series(start, start + rows - 1) g;
	INSERT INTO maint_flow SELECT * FROM maint_heap WHERE i4 >= start AND i4 < start + rows;
END $$;

SELECT flow.set('maint_flow', cluster => 'off');
SELECT * FROM flow.optimize('maint_flow');
DO $$
BEGIN
	FOR i IN 0..59 LOOP
		CALL pg_temp.fill(i * 100, i * 4 % 97 + 1);
	END LOOP;
END $$;
SELECT pg_temp.diff('maint_heap', 'maint_flow');
SELECT partition, kind, count(*), sum(rows) FROM flow.chunks('maint_flow') WHERE kind <> 'moved' GROUP BY 1, 2 ORDER BY 1, 2;
SELECT partition, action, items, rows, bytes_after BETWEEN 1 AND bytes_before AS smaller FROM flow.optimize('maint_flow');
SELECT partition, kind, count(*), sum(rows) FROM flow.chunks('maint_flow') WHERE kind <> 'moved' GROUP BY 1, 2 ORDER BY 1, 2;
SELECT pg_temp.diff('maint_heap', 'maint_flow');
-- nothing is left to do
SELECT * FROM flow.optimize('maint_flow');

-- deletes and updates before, between and after, and new shapes of the table
CALL pg_temp.both('DELETE FROM @ WHERE i4 % 10 = 3');
SELECT partition, action FROM flow.optimize('maint_flow');
CALL pg_temp.both('DELETE FROM @ WHERE i4 % 5 = 1');
CALL pg_temp.both('UPDATE @ SET t = ''new'', ts = ts + interval ''10 minutes'' WHERE i4 % 7 = 1');
SELECT partition, action, items, rows FROM flow.optimize('maint_flow');
SELECT pg_temp.diff('maint_heap', 'maint_flow');
CALL pg_temp.both('UPDATE @ SET t = t || ''er'' WHERE t = ''new''');
CALL pg_temp.both('ALTER TABLE @ DROP COLUMN gone');
CALL pg_temp.both('ALTER TABLE @ ADD COLUMN added int DEFAULT 42, ADD COLUMN empty text');
CALL pg_temp.both('UPDATE @ SET added = NULL WHERE i4 % 100 = 0');
SELECT partition, action, items, rows FROM flow.optimize('maint_flow', '2026-01-01 00:30', '2026-01-01 00:40');
SELECT pg_temp.diff('maint_heap', 'maint_flow');
SELECT count(*) > 0 AS others FROM flow.optimize('maint_flow');
SELECT pg_temp.diff('maint_heap', 'maint_flow');

-- in a transaction: with own rows and deletions, rolled back and kept
BEGIN;
CALL pg_temp.fill(10000, 300);
CALL pg_temp.both('DELETE FROM @ WHERE i4 BETWEEN 10100 AND 10149');
SAVEPOINT s;
CALL pg_temp.both('DELETE FROM @ WHERE i4 % 2 = 0');
SELECT sum(rows) FROM flow.optimize('maint_flow');
CALL pg_temp.both('UPDATE @ SET i8 = 1 WHERE i4 % 3 = 0');
SELECT pg_temp.diff('maint_heap', 'maint_flow');
ROLLBACK TO s;
SELECT pg_temp.diff('maint_heap', 'maint_flow');
SELECT action, items, rows FROM flow.optimize('maint_flow', '2026-01-01 02:00', '2026-01-01 03:00');
CALL pg_temp.both('UPDATE @ SET i8 = 2 WHERE i4 >= 10150');
SELECT pg_temp.diff('maint_heap', 'maint_flow');
COMMIT;
SELECT pg_temp.diff('maint_heap', 'maint_flow');
BEGIN;
SELECT count(*) > 0 AS some FROM flow.optimize('maint_flow');
ROLLBACK;
SELECT pg_temp.diff('maint_heap', 'maint_flow');

-- triggers see old rows at the places that they had
CREATE TABLE maint_log (i4 int, t text);
CREATE FUNCTION maint_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO maint_log VALUES (OLD.i4, OLD.t); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER note AFTER DELETE ON maint_flow DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW EXECUTE FUNCTION maint_note();
BEGIN;
DELETE FROM maint_flow WHERE i4 BETWEEN 10200 AND 10205;
SELECT count(*) > 0 AS some FROM flow.optimize('maint_flow');
COMMIT;
SELECT * FROM maint_log ORDER BY i4;
DROP TRIGGER note ON maint_flow;
DELETE FROM maint_heap WHERE i4 BETWEEN 10200 AND 10205;

-- what all rows are deleted of goes
CALL pg_temp.both('DELETE FROM @');
SELECT DISTINCT action, rows FROM flow.optimize('maint_flow');
SELECT * FROM flow.optimize('maint_flow');
SELECT count(*) FROM flow.chunks('maint_flow');
CALL pg_temp.fill(1, 500);
SELECT sum(rows) FROM flow.optimize('maint_flow');
SELECT pg_temp.diff('maint_heap', 'maint_flow');

-- more than a chunk, and rows that are too long for many in a chunk
CREATE TABLE maint_big (i int, v text) USING flowstore;
SELECT flow.set('maint_big', cluster => 'off');
DO $$ BEGIN FOR i IN 0..4 LOOP INSERT INTO maint_big SELECT i * 30000 + g, md5(g::text) FROM generate_series(1, 30000) g; COMMIT; END LOOP; END $$;
SELECT action, items, rows FROM flow.optimize('maint_big');
SELECT rows FROM flow.chunks('maint_big') WHERE kind = 'chunk' ORDER BY first_row;
SELECT count(*), count(DISTINCT i), sum(i) FROM maint_big WHERE v = md5(((i - 1) % 30000 + 1)::text);
TRUNCATE maint_big;
DO $$ BEGIN FOR i IN 1..9 LOOP INSERT INTO maint_big SELECT i, repeat(chr(64 + i), 5000000); COMMIT; END LOOP; END $$;
SELECT action, items, rows FROM flow.optimize('maint_big');
SELECT count(*), sum(rows) FROM flow.chunks('maint_big') WHERE kind <> 'moved';
SELECT i, length(v), left(v, 2) FROM maint_big ORDER BY i;

-- temporary and unlogged tables, and a table without columns
CREATE TEMP TABLE maint_temp (a int) USING flowstore;
CREATE UNLOGGED TABLE maint_unlogged (a int) USING flowstore;
CREATE TABLE maint_bare () USING flowstore;
DO $$ BEGIN FOR i IN 1..3 LOOP
	INSERT INTO maint_temp SELECT generate_series(1, 50);
	INSERT INTO maint_unlogged SELECT generate_series(1, 50);
	INSERT INTO maint_bare SELECT FROM generate_series(1, 50);
COMMIT; END LOOP; END $$;
SELECT partition, action, items, rows FROM flow.optimize('maint_temp');
SELECT partition, action, items, rows FROM flow.optimize('maint_unlogged');
SELECT partition, action, items, rows FROM flow.optimize('maint_bare');
SELECT (SELECT sum(a) FROM maint_temp), (SELECT sum(a) FROM maint_unlogged), (SELECT count(*) FROM maint_bare);

-- who may, and on what
SELECT * FROM flow.optimize('maint_heap');
SELECT * FROM flow.optimize(0);
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT * FROM flow.optimize('maint_flow');
ROLLBACK;
BEGIN READ ONLY;
SELECT * FROM flow.optimize('maint_flow');
ROLLBACK;
CREATE ROLE maint_other;
GRANT ALL ON maint_flow TO maint_other;
SET ROLE maint_other;
SELECT * FROM flow.optimize('maint_flow');
RESET ROLE;
ALTER TABLE maint_flow OWNER TO maint_other;
SET ROLE maint_other;
SELECT count(*) FROM flow.optimize('maint_flow');
RESET ROLE;

DROP TABLE maint_flow, maint_heap, maint_log, maint_big, maint_unlogged, maint_bare;
DROP FUNCTION maint_note();
DROP DOMAIN port;
DROP TYPE mood;
DROP ROLE maint_other;
