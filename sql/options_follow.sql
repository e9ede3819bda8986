-- Options follow their table: through RENAME, other owners and schemas,
-- rewrites, and until it is dropped or becomes a heap table.
-- Without this test: options that name what is not there any more.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
\set SHOW_CONTEXT never
SET timezone = 'UTC';
CREATE SCHEMA options_follow;
SET search_path = options_follow;
CREATE VIEW labels AS
SELECT objoid::regclass AS name, label FROM pg_seclabel
WHERE provider = 'flowstore' AND classoid = 'pg_class'::regclass
AND objoid IN (SELECT oid FROM pg_class WHERE relnamespace = 'options_follow'::regnamespace);

CREATE TABLE t (seen timestamptz, ts timestamptz, src inet, dst inet, port int)
    USING flowstore
    WITH (flowstore.time_column = seen, flowstore.zorder = 'src,dst', flowstore.bitmap = 'port',
          flowstore.partition = '1 day');
INSERT INTO t SELECT timestamptz '2024-01-01 00:00+00' + g * interval '6 hours', now(), '10.0.0.1', '10.0.0.2', g
FROM generate_series(0, 7) g;

-- columns are renamed in the options
ALTER TABLE t RENAME COLUMN src TO "Source, of it";
ALTER TABLE t RENAME seen TO "none";
ALTER TABLE t RENAME port TO dst_port;
SELECT * FROM labels;
SELECT name, value FROM flow.options('t') WHERE NOT is_default;
BEGIN;
ALTER TABLE t RENAME "none" TO ignored;
ROLLBACK;
SELECT * FROM labels;

-- a dropped column leaves the lists; a list without columns is reset
ALTER TABLE t DROP COLUMN "Source, of it", DROP COLUMN dst_port;
SELECT * FROM labels;
-- but the time column stays, and stays a time
ALTER TABLE t DROP COLUMN "none";
ALTER TABLE t ALTER COLUMN "none" TYPE date;
ALTER TABLE t ALTER COLUMN "none" TYPE timestamp USING "none" AT TIME ZONE 'UTC';
SELECT DISTINCT partition FROM flow.chunks('t') ORDER BY 1;
SELECT flow.set('t', time_column => 'default');
ALTER TABLE t DROP COLUMN "none";
SELECT * FROM labels;
SELECT value FROM flow.options('t') WHERE name = 'time_column';
SELECT flow.set('t', time_column => 'none');
SELECT * FROM labels;
SELECT value FROM flow.options('t') WHERE name = 'time_column';

-- inheritance: the child has options of its own
CREATE TABLE base (a int, b int) USING flowstore WITH (flowstore.zorder = 'a,b');
CREATE TABLE heir () INHERITS (base) USING flowstore WITH (flowstore.bitmap = 'b');
ALTER TABLE base RENAME b TO c;
SELECT * FROM labels WHERE name IN ('base'::regclass, 'heir'::regclass) ORDER BY name::text;
ALTER TABLE base DROP COLUMN c;
SELECT * FROM labels WHERE name IN ('base'::regclass, 'heir'::regclass) ORDER BY name::text;

-- name, schema, persistence, rewrites
ALTER TABLE t RENAME TO u;
CREATE SCHEMA options_follow_2;
ALTER TABLE u SET SCHEMA options_follow_2;
SELECT label FROM pg_seclabel WHERE objoid = 'options_follow_2.u'::regclass;
ALTER TABLE options_follow_2.u SET SCHEMA options_follow;
VACUUM FULL u;
ALTER TABLE u SET UNLOGGED;
TRUNCATE u;
ALTER TABLE u SET (fillfactor = 50);
ALTER TABLE u ALTER COLUMN dst TYPE text;
SELECT * FROM labels WHERE name = 'u'::regclass;

-- rows that a rewrite or REFRESH writes are laid out by the options
CREATE TABLE r (ts timestamptz, n int) USING flowstore WITH (flowstore.partition = '2 days');
INSERT INTO r SELECT timestamptz '2024-01-01 00:00+00' + g * interval '12 hours', g FROM generate_series(0, 7) g;
SELECT count(DISTINCT partition) AS partitions FROM flow.chunks('r');
ALTER TABLE r ALTER COLUMN n TYPE bigint;
SELECT count(DISTINCT partition) AS partitions FROM flow.chunks('r');
CREATE MATERIALIZED VIEW mv USING flowstore WITH (flowstore.partition = '2 days') AS SELECT ts FROM r;
SELECT count(DISTINCT partition) AS partitions FROM flow.chunks('mv');
REFRESH MATERIALIZED VIEW mv;
SELECT count(DISTINCT partition) AS partitions FROM flow.chunks('mv');
CREATE TABLE ctas USING flowstore WITH (flowstore.partition = '2 days') AS SELECT ts FROM r;
SELECT count(DISTINCT partition) AS partitions FROM flow.chunks('ctas');

-- to heap and back: the options go, and come with the command that brings them
ALTER TABLE r SET ACCESS METHOD heap;
SELECT * FROM labels WHERE name = 'r'::regclass;
SELECT flow.set('r', merge => false);
ALTER TABLE r SET ACCESS METHOD flowstore;
SELECT * FROM labels WHERE name = 'r'::regclass;
SELECT count(DISTINCT partition) AS partitions FROM flow.chunks('r');
ALTER TABLE r SET ACCESS METHOD heap, SET (flowstore.partition = '4 days');
ALTER TABLE r SET ACCESS METHOD heap;
ALTER TABLE r SET ACCESS METHOD flowstore, SET (flowstore.partition = '4 days', flowstore.zorder = 'nothing');
ALTER TABLE r SET ACCESS METHOD flowstore, SET (flowstore.partition = '4 days', flowstore.zorder = n, fillfactor = 90);
SELECT * FROM labels WHERE name = 'r'::regclass;
SELECT count(DISTINCT partition) AS partitions FROM flow.chunks('r');
ALTER TABLE r SET ACCESS METHOD flowstore;
SELECT * FROM labels WHERE name = 'r'::regclass;
SELECT count(*), sum(n) FROM r;

-- dropped tables leave nothing
DROP TABLE r CASCADE;
DROP MATERIALIZED VIEW IF EXISTS mv;
DROP TABLE u, ctas, base, heir;
SELECT * FROM labels;
SELECT count(*) FROM pg_seclabel s WHERE provider = 'flowstore' AND NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = s.objoid);
SET client_min_messages = warning;
DROP SCHEMA options_follow, options_follow_2 CASCADE;
