--
-- VACUUM gives space back and never takes a row.
-- Without this test: files that only grow, or rows lost by VACUUM.
--
\set ECHO none
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
\getenv abs_srcdir PG_ABS_SRCDIR
\set twin :abs_srcdir '/test/differential/twin.sql'
\i :twin
\set ECHO all
CREATE SCHEMA am_vacuum;
SET search_path = am_vacuum;

-- the number of a rolled-back load must not stay on disk for ever
CREATE TABLE f (id bigint, v text) USING flowstore WITH (autovacuum_enabled = off, toast.autovacuum_enabled = off);
CREATE FUNCTION load(n int) RETURNS void LANGUAGE sql AS
	$$ INSERT INTO f SELECT g, md5(g::text) FROM generate_series(1, n) g $$;
SELECT load(70000);
VACUUM f;
SELECT pg_relation_size('f') AS before, pg_relation_size('f') > 0 AS has_blocks \gset
SELECT :'has_blocks';
BEGIN;
SELECT load(140000);
SELECT pg_relation_size('f') > :before AS grown;
ROLLBACK;
SELECT pg_relation_size('f') > :before AS still_grown;
VACUUM f;
SELECT pg_relation_size('f') <= :before * 1.05 AS tail_truncated;
SELECT count(*), sum(id) FROM f;

-- the hole in the middle is filled by the next load
BEGIN;
SELECT load(140000);
ROLLBACK;
SELECT load(1000);
SELECT pg_relation_size('f') AS high \gset
VACUUM f;
SELECT load(70000);
SELECT pg_relation_size('f') <= :high AS reused;
SELECT count(*), sum(id) FROM f;
-- aborted loads again and again, VACUUM between: the file does not grow without bound
DO $$ BEGIN
	FOR i IN 1..3 LOOP
		BEGIN
			PERFORM load(70000);
			PERFORM 1 / 0;
		EXCEPTION WHEN division_by_zero THEN
			NULL;
		END;
	END LOOP;
END $$;
VACUUM f;
SELECT pg_relation_size('f') AS bound \gset
BEGIN; SELECT load(140000); ROLLBACK; VACUUM f;
BEGIN; SELECT load(140000); ROLLBACK; VACUUM f;
BEGIN; SELECT load(140000); ROLLBACK; VACUUM f;
SELECT pg_relation_size('f') <= :bound * 1.05 AS bounded;
SELECT count(*), sum(id) FROM f;

-- the same with single rows, whose items lie in the TOAST table
CREATE TABLE small (a int, b text) USING flowstore WITH (autovacuum_enabled = off, toast.autovacuum_enabled = off);
CREATE FUNCTION toast_size(t regclass) RETURNS bigint LANGUAGE sql AS
	'SELECT pg_relation_size(reltoastrelid) FROM pg_class WHERE oid = t';
INSERT INTO small VALUES (1, 'stays');
DO $$ BEGIN
	FOR i IN 1..2000 LOOP
		BEGIN
			INSERT INTO small VALUES (i, 'goes');
			INSERT INTO small VALUES (-i, 'goes');
			PERFORM 1 / 0;
		EXCEPTION WHEN division_by_zero THEN
			NULL;
		END;
	END LOOP;
END $$;
SELECT toast_size('small') > 8192 AS has_dead_items;
VACUUM small;
SELECT toast_size('small') <= 16384 AS given_back;
SELECT * FROM small;

-- every option
VACUUM (FREEZE) f;
VACUUM (TRUNCATE off) f;
VACUUM (FREEZE, ANALYZE, DISABLE_PAGE_SKIPPING) f;
VACUUM (INDEX_CLEANUP off, SKIP_LOCKED) f;
VACUUM (PARALLEL 2) f;
VACUUM (PROCESS_TOAST off) f;
VACUUM ANALYZE f (id);
SELECT count(*), sum(id) FROM f;
-- the age of the table is that of any other after FREEZE
VACUUM (FREEZE) f;
SELECT age(c.relfrozenxid) < 1000 AS table_young, age(t.relfrozenxid) < 1000 AS toast_young
	FROM pg_class c JOIN pg_class t ON t.oid = c.reltoastrelid WHERE c.oid = 'f'::regclass;
-- numbers for the planner
SELECT reltuples = (SELECT count(*) FROM f) AS exact, relpages = pg_relation_size('f') / 8192 AS pages, relallvisible
	FROM pg_class WHERE oid = 'f'::regclass;

-- empty table, empty after TRUNCATE, empty after abort
CREATE TABLE e (a int) USING flowstore WITH (autovacuum_enabled = off);
VACUUM e;
VACUUM FULL e;
INSERT INTO e VALUES (1);
SELECT * FROM e;
TRUNCATE e;
VACUUM e;
SELECT pg_relation_size('e');
BEGIN;
INSERT INTO e SELECT generate_series(1, 70000);
ROLLBACK;
VACUUM e;
SELECT count(*), pg_relation_size('e') <= 2 * 8192 AS small FROM e;
INSERT INTO e VALUES (2);
SELECT * FROM e;

-- VACUUM FULL: the same rows in a new file, without what was dead
SELECT pg_relation_filenode('f') AS node \gset
BEGIN;
SELECT load(70000);
ROLLBACK;
SELECT pg_table_size('f') AS before \gset
VACUUM FULL f;
SELECT pg_relation_filenode('f') <> :node AS new_file, pg_table_size('f') < :before AS smaller;
SELECT count(*), sum(id), count(DISTINCT v) FROM f;
SELECT load(10);
SELECT count(*) FROM f;
VACUUM FULL small;
SELECT * FROM small;
-- twice, with rows of every kind between, against the heap
SELECT twin.create_flows(5000);
VACUUM FULL flow_f;
SELECT * FROM twin.diff('flow_h', 'flow_f');
INSERT INTO flow_h SELECT * FROM twin.flows(5001, 5001);
INSERT INTO flow_f SELECT * FROM twin.flows(5001, 5001);
ALTER TABLE flow_h ADD COLUMN extra int DEFAULT 3;
ALTER TABLE flow_f ADD COLUMN extra int DEFAULT 3;
ALTER TABLE flow_h DROP COLUMN src_port;
ALTER TABLE flow_f DROP COLUMN src_port;
INSERT INTO flow_h (id) SELECT generate_series(6000, 7000);
INSERT INTO flow_f (id) SELECT generate_series(6000, 7000);
VACUUM FULL flow_f;
SELECT * FROM twin.diff('flow_h', 'flow_f');
VACUUM FULL flow_f;
VACUUM FREEZE flow_f;
SELECT * FROM twin.diff('flow_h', 'flow_f');
SELECT twin.same('flow_h', 'flow_f', 'SELECT extra, count(*) FROM %s GROUP BY 1');
-- CLUSTER needs an index; REINDEX and CHECKPOINT do no harm
CLUSTER flow_f;
REINDEX TABLE flow_f;
SELECT * FROM twin.diff('flow_h', 'flow_f');
-- the table's own TOAST table is refused to everyone

DO $$
DECLARE
	toast regclass := (SELECT reltoastrelid FROM pg_class WHERE oid = 'flow_f'::regclass);
	verb text;
BEGIN
	FOREACH verb IN ARRAY ARRAY['DELETE FROM %s', 'TRUNCATE %s', 'DROP TABLE %s', 'INSERT INTO %s VALUES (1, 1, NULL)'] LOOP
		BEGIN
			EXECUTE format(verb, toast);
			RAISE WARNING 'not refused: %', verb;
		EXCEPTION WHEN OTHERS THEN
			RAISE WARNING '% %', replace(verb, '%s', 'toast'), SQLSTATE;
		END;
	END LOOP;
END $$;
-- VACUUM FULL of it alone is allowed and changes nothing
SELECT 'VACUUM FULL ' || reltoastrelid::regclass AS q FROM pg_class WHERE oid = 'flow_f'::regclass \gset
\set ECHO none
:q;
\set ECHO all
SELECT * FROM twin.diff('flow_h', 'flow_f');
INSERT INTO flow_h (id) VALUES (8000);
INSERT INTO flow_f (id) VALUES (8000);
SELECT * FROM twin.diff('flow_h', 'flow_f');

-- statistics that bring autovacuum
SELECT pg_stat_force_next_flush();
SELECT n_tup_ins > 5000 AS counted FROM pg_stat_user_tables WHERE relid = 'flow_f'::regclass;
SELECT seq_scan > 0 AS scans, seq_tup_read > 0 AS tuples, last_vacuum IS NOT NULL AS vacuumed FROM pg_stat_user_tables WHERE relid = 'flow_f'::regclass;

DROP SCHEMA am_vacuum CASCADE;
