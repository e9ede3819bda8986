--
-- flow.chunks, flow.columns and flow.check show what is there, to who may see it.
-- Without this test: an administrator who cannot tell what a table consists of, or a user who sees too much.
--
\set ECHO none
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
\getenv abs_srcdir PG_ABS_SRCDIR
\set twin :abs_srcdir '/test/differential/twin.sql'
\i :twin
\set ECHO all
CREATE SCHEMA am_inspect;
SET search_path = am_inspect;

CREATE TABLE f (id int, ts timestamptz, v text) USING flowstore;
SELECT count(*) FROM flow.chunks('f');
SELECT count(*) FROM flow.check('f');
INSERT INTO f SELECT g, timestamptz '2024-01-01 00:00:00+00' + g * interval '1 s', md5(g::text) FROM generate_series(0, 9999) g;
INSERT INTO f VALUES (-1, '2024-01-01 07:30:00+00', 'single');
INSERT INTO f VALUES (-2, NULL, 'no time');
INSERT INTO f VALUES (-3, 'infinity', 'late'), (-4, '-infinity', 'early');
-- one chunk an hour, the rest as rows
SELECT kind, partition, rows, bytes > 0 AS has_bytes, first_block IS NOT NULL AS has_block, ts_min, ts_max FROM flow.chunks('f') ORDER BY partition NULLS LAST, kind;
SELECT sum(rows) = (SELECT count(*) FROM f) AS all_rows FROM flow.chunks('f');
-- row numbers and blocks do not overlap; the file holds them
SELECT count(*) FROM flow.chunks('f') a JOIN flow.chunks('f') b ON a.first_row < b.first_row + b.rows AND b.first_row < a.first_row + a.rows
	AND (a.partition, a.item) IS DISTINCT FROM (b.partition, b.item);
SELECT max(first_block * 8192 + bytes) <= pg_relation_size('f') AS inside FROM flow.chunks('f');
SELECT column_name, sum(chunks) AS chunks, sum(nulls) AS nulls, sum(bytes) > 0 AS has_bytes FROM flow.columns('f') GROUP BY 1 ORDER BY 1;
SELECT * FROM flow.check('f');
-- the caller's snapshot: own pending rows yes, rolled back no
BEGIN;
INSERT INTO f SELECT g, '2024-01-02 00:00:00+00', 'x' FROM generate_series(1, 1000) g;
SELECT count(*), sum(rows) FROM flow.chunks('f') WHERE partition = '2024-01-02 00:00:00+00';
ROLLBACK;
SELECT count(*) FROM flow.chunks('f') WHERE partition = '2024-01-02 00:00:00+00';
TRUNCATE f;
SELECT count(*) FROM flow.chunks('f');
-- other relations are refused
\set VERBOSITY sqlstate
CREATE TABLE h (a int);
CREATE TABLE p (a int) PARTITION BY LIST (a);
CREATE VIEW v AS SELECT 1 AS a;
SELECT * FROM flow.chunks('h');
SELECT * FROM flow.chunks('p');
SELECT * FROM flow.chunks('v');
SELECT * FROM flow.check('h');
SELECT * FROM flow.columns('pg_class');
SELECT * FROM flow.chunks(0);
\set VERBOSITY default
SELECT count(*) FROM flow.chunks(NULL);
-- who may look: SELECT on the table, and no row security that would hide rows
CREATE ROLE am_inspect_role;
GRANT USAGE ON SCHEMA am_inspect TO am_inspect_role;
SET ROLE am_inspect_role;
SELECT count(*) FROM flow.chunks('f');
SELECT count(*) FROM flow.columns('f');
SELECT count(*) FROM flow.check('f');
RESET ROLE;
GRANT SELECT (id) ON f TO am_inspect_role;
SET ROLE am_inspect_role;
SELECT count(*) FROM flow.chunks('f');
RESET ROLE;
GRANT SELECT ON f TO am_inspect_role;
SET ROLE am_inspect_role;
SELECT count(*) FROM flow.chunks('f');
SELECT count(*) FROM flow.check('f');
RESET ROLE;
ALTER TABLE f ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON f USING (id < 0);
SET ROLE am_inspect_role;
SELECT count(*) FROM flow.chunks('f');
SELECT count(*) FROM flow.columns('f');
SELECT count(*) FROM flow.check('f');
RESET ROLE;
SELECT count(*) FROM flow.chunks('f');
DROP OWNED BY am_inspect_role;
DROP ROLE am_inspect_role;

DROP SCHEMA am_inspect CASCADE;
