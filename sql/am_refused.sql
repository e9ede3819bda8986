--
-- What is not supported is refused, with a hint, and leaves nothing behind.
-- Without this test: a statement that reports success and does nothing, or an invalid index.
--
\set ECHO none
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
\getenv abs_srcdir PG_ABS_SRCDIR
\set twin :abs_srcdir '/test/differential/twin.sql'
\i :twin
\set ECHO all
CREATE SCHEMA am_refused;
SET search_path = am_refused;

CREATE TABLE f (a int, b text) USING flowstore;
INSERT INTO f SELECT g, 'row ' || g FROM generate_series(1, 3000) g;
CREATE TABLE h (a int, b text);
INSERT INTO h SELECT a, b FROM f;
CREATE TABLE p (a int, b text) PARTITION BY RANGE (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (100) USING flowstore;
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (100) TO (200);
INSERT INTO p SELECT g, 'p' FROM generate_series(0, 199) g;
CREATE TABLE parent (a int, b text);
CREATE TABLE child () INHERITS (parent) USING flowstore;
INSERT INTO child VALUES (1, 'child');
CREATE VIEW v AS SELECT * FROM f;

-- what a user reads
SELECT * FROM f WHERE a = 1 FOR UPDATE;
CREATE INDEX ON f (a);
CREATE PUBLICATION pub FOR TABLE f;

-- every strength of row lock, on every way to a flowstore table
SELECT q, twin.refusal(q) FROM unnest(ARRAY[
	'SELECT * FROM f FOR UPDATE', 'SELECT * FROM f FOR NO KEY UPDATE', 'SELECT * FROM f FOR SHARE', 'SELECT * FROM f FOR KEY SHARE',
	'SELECT * FROM f WHERE false FOR UPDATE', 'SELECT * FROM f LIMIT 1 FOR UPDATE NOWAIT', 'SELECT * FROM f LIMIT 1 FOR UPDATE SKIP LOCKED',
	'SELECT * FROM f, h WHERE f.a = h.a FOR UPDATE', 'SELECT * FROM f, h WHERE f.a = h.a FOR UPDATE OF f', 'SELECT * FROM h LEFT JOIN f USING (a) FOR SHARE OF h, f',
	'SELECT count(*) FROM (SELECT * FROM f FOR UPDATE) x', 'SELECT * FROM h WHERE a IN (SELECT a FROM f FOR SHARE)', 'SELECT (SELECT b FROM f WHERE a = 1 FOR UPDATE)',
	'WITH x AS (SELECT * FROM f FOR UPDATE) SELECT * FROM x', 'SELECT * FROM v FOR UPDATE', 'SELECT * FROM (SELECT * FROM f) x FOR UPDATE',
	'SELECT * FROM p FOR UPDATE', 'SELECT * FROM p1 FOR SHARE', 'SELECT * FROM parent FOR UPDATE', 'SELECT * FROM child FOR UPDATE',
	'INSERT INTO h SELECT * FROM f FOR UPDATE', 'CREATE TABLE c AS SELECT * FROM f FOR UPDATE', 'DECLARE c CURSOR FOR SELECT * FROM f FOR UPDATE',
	'SELECT * FROM f TABLESAMPLE SYSTEM (10) FOR UPDATE']) q;
SELECT count(*) FROM (SELECT h.a FROM f, h WHERE f.a = h.a AND f.a < 10 FOR UPDATE OF h) x;
DO $$
DECLARE
	r record;
BEGIN
	FOR r IN SELECT * FROM f FOR UPDATE LOOP
		NULL;
	END LOOP;
EXCEPTION WHEN feature_not_supported THEN
	RAISE WARNING 'refused in plpgsql';
END $$;

-- every way to an index; nothing is left behind
SELECT q, twin.refusal(q) FROM unnest(ARRAY[
	'CREATE INDEX i ON f (a)', 'CREATE UNIQUE INDEX i ON f (a)', 'CREATE INDEX i ON f USING hash (a)', 'CREATE INDEX i ON f USING brin (a)',
	'CREATE INDEX i ON f USING gin (to_tsvector(''simple'', b))', 'CREATE INDEX i ON f ((a + 1)) WHERE a > 5', 'CREATE INDEX IF NOT EXISTS i ON f (a)', 'CREATE INDEX i ON ONLY f (a)',
	'ALTER TABLE f ADD PRIMARY KEY (a)', 'ALTER TABLE f ADD UNIQUE (a)', 'ALTER TABLE f ADD EXCLUDE (a WITH =)',
	'CREATE TABLE bad (a int PRIMARY KEY) USING flowstore', 'CREATE TABLE bad (a int UNIQUE) USING flowstore', 'CREATE TABLE bad (a int, EXCLUDE USING gist (b WITH &&), b int4range) USING flowstore',
	'CREATE TABLE bad (LIKE pg_class INCLUDING INDEXES) USING flowstore', 'CREATE TEMP TABLE bad (a int PRIMARY KEY) USING flowstore',
	'CREATE INDEX i ON p (a)', 'ALTER TABLE p ADD PRIMARY KEY (a)', 'CREATE UNIQUE INDEX i ON p (a)',
	'CREATE INDEX i ON p1 (a)']) q;
CREATE TABLE indexed (a int PRIMARY KEY, b text) PARTITION BY RANGE (a);
SELECT q, twin.refusal(q) FROM unnest(ARRAY['CREATE TABLE indexed1 PARTITION OF indexed FOR VALUES FROM (0) TO (10) USING flowstore']) q;
CREATE TABLE loose (a int NOT NULL, b text) USING flowstore;
SELECT q, twin.refusal(q) FROM unnest(ARRAY['ALTER TABLE indexed ATTACH PARTITION loose FOR VALUES FROM (0) TO (10)']) q;
CREATE MATERIALIZED VIEW mv USING flowstore AS SELECT * FROM h;
SELECT q, twin.refusal(q) FROM unnest(ARRAY['CREATE UNIQUE INDEX i ON mv (a)']) q;
\set VERBOSITY sqlstate
CREATE INDEX CONCURRENTLY i ON f (a);
CREATE UNIQUE INDEX CONCURRENTLY i ON f (a);
CREATE INDEX CONCURRENTLY i ON mv (a);
\set VERBOSITY default
-- on the parent alone an index is legal as long as no flowstore partition is part of it
SELECT count(*) AS indexes FROM pg_index JOIN pg_class c ON c.oid = indrelid JOIN pg_am a ON a.oid = c.relam WHERE amname = 'flowstore';
SELECT count(*) AS left_behind FROM pg_class WHERE relname IN ('i', 'bad', 'bad_pkey', 'indexed1', 'f_pkey') AND relnamespace = 'am_refused'::regnamespace;
INSERT INTO f VALUES (9999, 'still writable');
SELECT count(*) FROM f;
-- to flowstore with an index in place
CREATE TABLE has_index (a int PRIMARY KEY);
INSERT INTO has_index VALUES (1);
SELECT twin.refusal('ALTER TABLE has_index SET ACCESS METHOD flowstore');
SELECT amname, count(*) FROM has_index, pg_class c JOIN pg_am a ON a.oid = relam WHERE c.oid = 'has_index'::regclass GROUP BY 1;
INSERT INTO has_index VALUES (1);

-- publications that name the table, its partition or its parent
SELECT q, twin.refusal(q) FROM unnest(ARRAY['CREATE PUBLICATION pub FOR TABLE f', 'CREATE PUBLICATION pub FOR TABLE h, f', 'CREATE PUBLICATION pub FOR TABLE f (a)', 'CREATE PUBLICATION pub FOR TABLE f WHERE (a > 1)',
	'CREATE PUBLICATION pub FOR TABLE p1']) q;
SET client_min_messages = error;
CREATE PUBLICATION pub FOR TABLE h;
SELECT q, twin.refusal(q) FROM unnest(ARRAY['ALTER PUBLICATION pub ADD TABLE f', 'ALTER PUBLICATION pub SET TABLE f', 'ALTER PUBLICATION pub SET TABLE h, f']) q;
SELECT pubname, tablename FROM pg_publication_tables WHERE pubname = 'pub' ORDER BY tablename;
DROP PUBLICATION pub;
SET client_min_messages = warning;

-- a read-only look at the heap-only commands
\set VERBOSITY sqlstate
CLUSTER f USING no_such_index;
ALTER TABLE f CLUSTER ON no_such_index;
\set VERBOSITY default
SELECT count(*) FROM f;

DROP SCHEMA am_refused CASCADE;
