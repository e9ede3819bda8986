--
-- A flowstore table is created, filled and dropped like any other.
-- Without this test: a way of creating a table that leaves it unusable.
--
\set ECHO none
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
\getenv abs_srcdir PG_ABS_SRCDIR
\set twin :abs_srcdir '/test/differential/twin.sql'
\i :twin
\set ECHO all
CREATE SCHEMA am_create;
SET search_path = am_create;

-- the plainest table of all
CREATE TABLE t (a int, b text) USING flowstore;
SELECT count(*) FROM t;
SELECT pg_relation_size('t') AS empty_bytes;
INSERT INTO t VALUES (1, 'one'), (2, NULL);
SELECT * FROM t ORDER BY a;
SELECT pg_relation_size('t') + pg_table_size('t') > 0 AS has_bytes;

-- IF NOT EXISTS leaves the table alone
CREATE TABLE IF NOT EXISTS t (x int) USING flowstore;
SELECT count(*) FROM t;

-- fixed width columns only: heap would have no TOAST table
CREATE TABLE fixed (a int, b int8, c float8) USING flowstore;
INSERT INTO fixed VALUES (1, 2, 3);
SELECT * FROM fixed;

-- LIKE, inheritance of defaults and constraints
CREATE TABLE model (a int DEFAULT 7, b text NOT NULL DEFAULT 'x', CHECK (a > 0),
	g int GENERATED ALWAYS AS (a * 2) STORED);
CREATE TABLE copy_of (LIKE model INCLUDING ALL) USING flowstore;
INSERT INTO copy_of DEFAULT VALUES;
INSERT INTO copy_of (a) VALUES (0);
INSERT INTO copy_of (a, b) VALUES (8, NULL);
INSERT INTO copy_of (a) VALUES (8);
SELECT * FROM copy_of ORDER BY a;

-- table inheritance
CREATE TABLE parent (a int, b text);
CREATE TABLE child (c int) INHERITS (parent) USING flowstore;
INSERT INTO parent VALUES (1, 'parent');
INSERT INTO child VALUES (2, 'child', 3);
SELECT tableoid::regclass, * FROM parent ORDER BY a;
SELECT count(*) FROM ONLY parent;

-- CREATE TABLE AS, also of nothing, also WITH NO DATA
CREATE TABLE ctas USING flowstore AS
	SELECT g AS a, 'row ' || g AS b FROM generate_series(1, 3000) g;
SELECT count(*), sum(a), min(b), max(b) FROM ctas;
CREATE TABLE ctas_none USING flowstore AS SELECT 1 AS a WHERE false;
SELECT count(*) FROM ctas_none;
INSERT INTO ctas_none VALUES (1);
SELECT * FROM ctas_none;
CREATE TABLE ctas_no_data USING flowstore AS SELECT 1 AS a WITH NO DATA;
INSERT INTO ctas_no_data VALUES (2);
SELECT * FROM ctas_no_data;
CREATE TABLE ctas_self USING flowstore AS SELECT * FROM ctas;
SELECT * FROM twin.diff('ctas', 'ctas_self');

-- the access method as the default
SET default_table_access_method = flowstore;
CREATE TABLE by_default (a int);
SELECT a, 2 AS b INTO by_select_into FROM ctas WHERE a <= 2;
RESET default_table_access_method;
SELECT relname, amname FROM pg_class c JOIN pg_am a ON a.oid = relam
	WHERE relname LIKE 'by\_%' AND relnamespace = 'am_create'::regnamespace
	ORDER BY relname;
SELECT * FROM by_select_into ORDER BY a;

-- no columns at all
CREATE TABLE nothing () USING flowstore;
INSERT INTO nothing DEFAULT VALUES;
INSERT INTO nothing SELECT FROM generate_series(1, 2000);
SELECT count(*) FROM nothing;
SELECT count(*) FROM (SELECT FROM nothing LIMIT 10) x;

-- a column comes to a table of none, all columns go from a table
ALTER TABLE nothing ADD COLUMN a int DEFAULT 5;
SELECT count(*), sum(a) FROM nothing;
ALTER TABLE nothing DROP COLUMN a;
SELECT count(*) FROM nothing;
INSERT INTO nothing DEFAULT VALUES;
SELECT count(*) FROM nothing;

-- as many columns as PostgreSQL allows
SELECT string_agg(format('c%s %s', g, (ARRAY['int', 'smallint', 'bool', 'text'])[1 + g % 4]), ', '
	ORDER BY g) AS columns
	FROM generate_series(1, 1600) g \gset
SELECT string_agg(format((ARRAY['x + %1$s', '((x + %1$s) %% 999)::smallint',
		'(x + %1$s) %% 3 = 0', 'CASE WHEN (x + %1$s) %% 5 = 0 THEN (x + %1$s)::text END'])[1 + g % 4], g),
		', ' ORDER BY g) AS exprs
	FROM generate_series(1, 1600) g \gset
\set ECHO none
CREATE TABLE wide_h (:columns);
CREATE TABLE wide_f (:columns) USING flowstore;
INSERT INTO wide_h SELECT :exprs FROM generate_series(1, 300) x;
\set ECHO all
INSERT INTO wide_f SELECT * FROM wide_h;
INSERT INTO wide_f SELECT * FROM wide_h WHERE c1 = 5;
INSERT INTO wide_h SELECT * FROM wide_h WHERE c1 = 5;
SELECT twin.same('wide_h', 'wide_f', 'SELECT count(*), sum(c1596), min(c1597), sum(c800), count(c3), min(c1599), max(c1599) FROM %s');
SELECT twin.same('wide_h', 'wide_f', 'SELECT * FROM %s');
ALTER TABLE wide_f ADD COLUMN one_more int;

-- identity and serial columns
CREATE TABLE ident (a int GENERATED ALWAYS AS IDENTITY, b serial, c text) USING flowstore;
INSERT INTO ident (c) SELECT 'x' || g FROM generate_series(1, 3) g;
INSERT INTO ident (a, c) OVERRIDING SYSTEM VALUE VALUES (100, 'over');
INSERT INTO ident (a, c) VALUES (101, 'refused');
SELECT * FROM ident ORDER BY a;

-- reserved and strange names
CREATE TABLE "Fl ow""s" ("select" int, "" text) USING flowstore;
CREATE TABLE "Fl ow""s" ("select" int, "a b" text, "x-y" int) USING flowstore;
INSERT INTO "Fl ow""s" VALUES (1, 'q', 2);
SELECT "select", "a b", "x-y" FROM "Fl ow""s";

-- heap's storage options are accepted
CREATE TABLE opts (a int) USING flowstore
	WITH (fillfactor = 70, autovacuum_enabled = off, toast.autovacuum_enabled = off);
ALTER TABLE opts SET (autovacuum_vacuum_threshold = 100);
INSERT INTO opts VALUES (1);
SELECT * FROM opts;
ALTER TABLE opts SET (no_such_option = 1);

-- every table has its TOAST table, and DROP leaves none behind
SELECT count(*) FILTER (WHERE reltoastrelid = 0) AS without,
	count(*) FILTER (WHERE reltoastrelid <> 0) > 10 AS many_with
	FROM pg_class c WHERE relnamespace = 'am_create'::regnamespace
	AND relam = (SELECT oid FROM pg_am WHERE amname = 'flowstore');
CREATE TABLE dropped (a int) USING flowstore;
INSERT INTO dropped SELECT generate_series(1, 5000);
SELECT reltoastrelid AS toast
	FROM pg_class WHERE oid = 'dropped'::regclass \gset
DROP TABLE dropped;
SELECT count(*) FROM pg_class WHERE oid = :toast;

-- created and dropped in one transaction; created, filled and rolled back
BEGIN;
CREATE TABLE brief (a int) USING flowstore;
INSERT INTO brief SELECT generate_series(1, 1000);
SELECT sum(a) FROM brief;
DROP TABLE brief;
COMMIT;
BEGIN;
CREATE TABLE brief (a int) USING flowstore;
INSERT INTO brief VALUES (1);
ROLLBACK;
SELECT to_regclass('brief');
BEGIN;
DROP TABLE ctas;
ROLLBACK;
SELECT count(*) FROM ctas;

-- the access method cannot go while tables use it
DROP ACCESS METHOD flowstore;
SET client_min_messages = error;
\set VERBOSITY sqlstate
DROP EXTENSION flowstore;
\set VERBOSITY default

DROP SCHEMA am_create CASCADE;
