--
-- Temporary and unlogged tables.
-- Without this test: rows of an ended transaction or session seen, or a temporary table that asks for WAL.
--
\set ECHO none
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
\getenv abs_srcdir PG_ABS_SRCDIR
\set twin :abs_srcdir '/test/differential/twin.sql'
\i :twin
\set ECHO all
CREATE SCHEMA am_temporary;
SET search_path = am_temporary;

-- ON COMMIT PRESERVE ROWS, the default
CREATE TEMP TABLE keep (a int, b text) USING flowstore;
INSERT INTO keep SELECT g, 'k' FROM generate_series(1, 3000) g;
SELECT count(*), sum(a) FROM keep;
BEGIN;
INSERT INTO keep VALUES (-1, 'rolled back');
ROLLBACK;
SELECT count(*), sum(a) FROM keep;
SELECT relpersistence, (SELECT relpersistence FROM pg_class t WHERE t.oid = c.reltoastrelid) AS toast FROM pg_class c WHERE oid = 'keep'::regclass;
VACUUM keep;
VACUUM FULL keep;
ANALYZE keep;
ALTER TABLE keep ADD COLUMN c int DEFAULT 4, ALTER a TYPE bigint;
SELECT count(*), sum(a), sum(c) FROM keep;
TRUNCATE keep;
INSERT INTO keep VALUES (1, 'x', 2);
SELECT * FROM keep;

-- ON COMMIT DELETE ROWS: pending rows, big loads, savepoints, several transactions
CREATE TEMP TABLE del (a int) USING flowstore ON COMMIT DELETE ROWS;
INSERT INTO del VALUES (1);
SELECT count(*), pg_relation_size('del') FROM del;
BEGIN;
INSERT INTO del VALUES (1), (2);
SELECT count(*) FROM del;
COMMIT;
SELECT count(*), pg_relation_size('del') FROM del;
BEGIN;
INSERT INTO del SELECT generate_series(1, 70000);
SAVEPOINT s;
INSERT INTO del SELECT generate_series(1, 10);
ROLLBACK TO s;
INSERT INTO del VALUES (0);
SELECT count(*) FROM del;
COMMIT;
SELECT count(*), pg_relation_size('del') FROM del;
BEGIN;
INSERT INTO del VALUES (5);
DECLARE c CURSOR WITH HOLD FOR SELECT a FROM del;
COMMIT;
FETCH ALL FROM c;
CLOSE c;
BEGIN;
INSERT INTO del VALUES (6);
TRUNCATE del;
INSERT INTO del VALUES (7);
SELECT a FROM del;
ROLLBACK;
BEGIN;
SELECT count(*) FROM del;
INSERT INTO del VALUES (8);
COMMIT AND CHAIN;
SELECT count(*) FROM del;
INSERT INTO del VALUES (9);
SELECT a FROM del;
COMMIT;
DO $$ BEGIN
	FOR i IN 1..20 LOOP
		INSERT INTO del SELECT generate_series(1, i * 200);
		COMMIT;
		INSERT INTO del VALUES (i);
		IF (SELECT count(*) FROM del) <> 1 THEN
			RAISE WARNING 'round %: % rows', i, (SELECT count(*) FROM del);
		END IF;
		ROLLBACK;
	END LOOP;
END $$;
SELECT count(*) FROM del;

-- ON COMMIT DROP
BEGIN;
CREATE TEMP TABLE short (a int) USING flowstore ON COMMIT DROP;
INSERT INTO short SELECT generate_series(1, 2000);
SELECT count(*) FROM short;
COMMIT;
SELECT to_regclass('short');
BEGIN;
CREATE TEMP TABLE short USING flowstore ON COMMIT DROP AS SELECT generate_series(1, 2000) AS a;
SELECT count(*) FROM short;
COMMIT;

-- a new session has none of them, and no file is left
\c -
SET search_path = am_temporary;
SELECT to_regclass('pg_temp.keep'), to_regclass('pg_temp.del');
CREATE TEMP TABLE keep (a int) USING flowstore;
INSERT INTO keep VALUES (1);
DISCARD TEMP;
SELECT to_regclass('pg_temp.keep');

-- a temporary table between two others
CREATE TABLE source (a int, b text) USING flowstore;
INSERT INTO source SELECT g, md5(g::text) FROM generate_series(1, 5000) g;
CREATE TEMP TABLE stage USING flowstore AS SELECT * FROM source WHERE a % 2 = 0;
INSERT INTO stage SELECT * FROM source WHERE a % 2 = 1;
SELECT * FROM twin.diff('source', 'stage');
-- parallel plans do not read it, but work beside it
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT count(*) FROM stage JOIN source USING (a, b);

-- unlogged
CREATE UNLOGGED TABLE ul (a int, b text) USING flowstore;
INSERT INTO ul SELECT * FROM source;
SELECT * FROM twin.diff('source', 'ul');
SELECT relpersistence, (SELECT relpersistence FROM pg_class t WHERE t.oid = c.reltoastrelid) AS toast FROM pg_class c WHERE oid = 'ul'::regclass;
SELECT pg_relation_size('ul', 'init');
BEGIN;
TRUNCATE ul;
INSERT INTO ul VALUES (1);
ROLLBACK;
VACUUM ul;
SELECT * FROM twin.diff('source', 'ul');
VACUUM FULL ul;
SELECT * FROM twin.diff('source', 'ul');
TRUNCATE ul;
INSERT INTO ul VALUES (1, 'x');
SELECT * FROM ul;

DROP SCHEMA am_temporary CASCADE;
