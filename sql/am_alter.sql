--
-- ALTER TABLE in all its forms, with rows of before, of now and pending.
-- Without this test: values of a new column wrong for old rows, or rows lost in a rewrite.
--
\set ECHO none
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
\getenv abs_srcdir PG_ABS_SRCDIR
\set twin :abs_srcdir '/test/differential/twin.sql'
\i :twin
\set ECHO all
CREATE SCHEMA am_alter;
SET search_path = am_alter;

SELECT twin.create_flows(3000);
-- the AM of a table, and what the file looks like to a reader: rewritten or not
CREATE FUNCTION node(t regclass) RETURNS oid LANGUAGE sql AS 'SELECT pg_relation_filenode(t)';

-- ADD COLUMN with a constant: no rewrite, old rows have the missing value
SELECT node('flow_f') AS before \gset
ALTER TABLE flow_h ADD COLUMN k int DEFAULT 42, ADD COLUMN w text DEFAULT 'missing', ADD COLUMN nn int NOT NULL DEFAULT 0, ADD COLUMN no int;
ALTER TABLE flow_f ADD COLUMN k int DEFAULT 42, ADD COLUMN w text DEFAULT 'missing', ADD COLUMN nn int NOT NULL DEFAULT 0, ADD COLUMN no int;
SELECT node('flow_f') = :before AS not_rewritten;
SELECT * FROM twin.diff('flow_h', 'flow_f');
SELECT twin.same('flow_h', 'flow_f', q) FROM unnest(ARRAY['SELECT k, w, nn, no, count(*) FROM %s GROUP BY 1, 2, 3, 4',
	'SELECT id FROM %s WHERE k = 42 AND w = ''missing''', 'SELECT id FROM %s WHERE k IS NULL', 'SELECT id FROM %s WHERE no IS NULL',
	'SELECT id FROM %s WHERE k <> 42', 'SELECT min(k), max(w), count(no) FROM %s']) q;
-- rows written after it have their own values; the default may change since
ALTER TABLE flow_h ALTER k SET DEFAULT 43;
ALTER TABLE flow_f ALTER k SET DEFAULT 43;
INSERT INTO flow_h (id, w) VALUES (-1, 'own'), (-2, NULL);
INSERT INTO flow_f (id, w) VALUES (-1, 'own'), (-2, NULL);
INSERT INTO flow_h (id, no) SELECT -g, g FROM generate_series(3, 1500) g;
INSERT INTO flow_f (id, no) SELECT -g, g FROM generate_series(3, 1500) g;
SELECT * FROM twin.diff('flow_h', 'flow_f');
SELECT twin.same('flow_h', 'flow_f', q) FROM unnest(ARRAY['SELECT k, w, nn, count(*), count(no) FROM %s GROUP BY 1, 2, 3',
	'SELECT id FROM %s WHERE k = 42', 'SELECT id FROM %s WHERE k = 43', 'SELECT id FROM %s WHERE w IS NULL',
	'SELECT id FROM %s WHERE no > 1000', 'SELECT id FROM %s WHERE no IS NULL AND k = 42']) q;

-- ADD COLUMN with a volatile default, an identity, a generated column: rewrite
SELECT node('flow_f') AS before \gset
ALTER TABLE flow_h ADD COLUMN r float8 DEFAULT random(), ADD COLUMN g bigint GENERATED ALWAYS AS (id * 2) STORED;
ALTER TABLE flow_f ADD COLUMN r float8 DEFAULT random(), ADD COLUMN g bigint GENERATED ALWAYS AS (id * 2) STORED;
SELECT node('flow_f') <> :before AS rewritten;
SELECT count(DISTINCT r) = count(*) AS all_different, sum(g) = sum(id * 2) AS generated FROM flow_f;
ALTER TABLE flow_h DROP COLUMN r;
ALTER TABLE flow_f DROP COLUMN r;
SELECT * FROM twin.diff('flow_h', 'flow_f');
ALTER TABLE flow_f ADD COLUMN serial_no int GENERATED ALWAYS AS IDENTITY;
SELECT count(DISTINCT serial_no), min(serial_no), max(serial_no) FROM flow_f;
ALTER TABLE flow_f DROP COLUMN serial_no;

-- pending rows of the same transaction get the new column, too
BEGIN;
INSERT INTO flow_h (id) VALUES (-10001);
INSERT INTO flow_f (id) VALUES (-10001);
INSERT INTO flow_h (id) SELECT -g FROM generate_series(10002, 12000) g;
INSERT INTO flow_f (id) SELECT -g FROM generate_series(10002, 12000) g;
ALTER TABLE flow_h ADD COLUMN late text DEFAULT 'late';
ALTER TABLE flow_f ADD COLUMN late text DEFAULT 'late';
INSERT INTO flow_h (id, late) VALUES (-12001, 'own');
INSERT INTO flow_f (id, late) VALUES (-12001, 'own');
SELECT * FROM twin.diff('flow_h', 'flow_f');
ALTER TABLE flow_h ALTER late TYPE varchar(20) USING late || '!', ADD COLUMN later int DEFAULT 5;
ALTER TABLE flow_f ALTER late TYPE varchar(20) USING late || '!', ADD COLUMN later int DEFAULT 5;
SELECT * FROM twin.diff('flow_h', 'flow_f');
COMMIT;
SELECT * FROM twin.diff('flow_h', 'flow_f');
BEGIN;
INSERT INTO flow_f (id) VALUES (-20001);
ALTER TABLE flow_f ADD COLUMN gone int DEFAULT 1;
INSERT INTO flow_f (id) VALUES (-20002);
ROLLBACK;
SELECT * FROM twin.diff('flow_h', 'flow_f');

-- DROP COLUMN: in the middle, first, last; add one of the same name
ALTER TABLE flow_h DROP COLUMN src_port, DROP COLUMN later;
ALTER TABLE flow_f DROP COLUMN src_port, DROP COLUMN later;
INSERT INTO flow_h (id, late) VALUES (-13001, 'after');
INSERT INTO flow_f (id, late) VALUES (-13001, 'after');
ALTER TABLE flow_h ADD COLUMN src_port text DEFAULT 'text now';
ALTER TABLE flow_f ADD COLUMN src_port text DEFAULT 'text now';
SELECT * FROM twin.diff('flow_h', 'flow_f');
SELECT twin.same('flow_h', 'flow_f', 'SELECT src_port, count(*) FROM %s GROUP BY 1');
BEGIN;
ALTER TABLE flow_f DROP COLUMN dst_addr;
INSERT INTO flow_f (id) VALUES (-30001);
SELECT count(*) FROM flow_f WHERE id < -30000;
ROLLBACK;
SELECT * FROM twin.diff('flow_h', 'flow_f');

-- DROP COLUMN ts: the table goes on without its time
CREATE TABLE no_ts USING flowstore AS SELECT * FROM flow_f WHERE ts IS NOT NULL;
ALTER TABLE no_ts DROP COLUMN ts;
INSERT INTO no_ts (id) VALUES (0);
SELECT count(*), sum(id) FROM no_ts;
ALTER TABLE no_ts ADD COLUMN ts timestamptz DEFAULT '2024-05-05 00:00:00+00';
INSERT INTO no_ts (id, ts) VALUES (0, '2024-01-01 00:00:00+00'), (0, NULL);
SELECT count(*), count(ts), count(DISTINCT ts) FROM no_ts;
ALTER TABLE no_ts RENAME COLUMN ts TO seen_at;
INSERT INTO no_ts (id, seen_at) VALUES (0, '2024-01-02 00:00:00+00');
ALTER TABLE no_ts RENAME COLUMN duration_ms TO ts;
INSERT INTO no_ts (id, ts) VALUES (0, 17);
SELECT count(*), sum(ts) > 0 AS some, count(DISTINCT seen_at) FROM no_ts;

-- ALTER TYPE: by rewrite, by relabelling, with USING, refused by a bad value
ALTER TABLE flow_h ALTER dst_port TYPE bigint, ALTER bytes TYPE numeric(20,2), ALTER protocol TYPE text USING 'p' || protocol;
ALTER TABLE flow_f ALTER dst_port TYPE bigint, ALTER bytes TYPE numeric(20,2), ALTER protocol TYPE text USING 'p' || protocol;
SELECT * FROM twin.diff('flow_h', 'flow_f');
SELECT node('flow_f') AS before \gset
ALTER TABLE flow_h ALTER protocol TYPE varchar;
ALTER TABLE flow_f ALTER protocol TYPE varchar;
SELECT node('flow_f') = :before AS not_rewritten;
\set VERBOSITY sqlstate
ALTER TABLE flow_f ALTER sni TYPE int USING sni::int;
\set VERBOSITY default
ALTER TABLE flow_h ALTER ts TYPE timestamp USING ts AT TIME ZONE 'UTC';
ALTER TABLE flow_f ALTER ts TYPE timestamp USING ts AT TIME ZONE 'UTC';
SELECT * FROM twin.diff('flow_h', 'flow_f');
ALTER TABLE flow_h ALTER ts TYPE date;
ALTER TABLE flow_f ALTER ts TYPE date;
SELECT * FROM twin.diff('flow_h', 'flow_f');

-- NOT NULL and CHECK are verified by a scan; NOT VALID is not
ALTER TABLE flow_f ALTER sni SET NOT NULL;
ALTER TABLE flow_f ALTER id SET NOT NULL;
ALTER TABLE flow_f ADD CONSTRAINT positive CHECK (id > 0);
ALTER TABLE flow_f ADD CONSTRAINT positive CHECK (id > 0) NOT VALID;
INSERT INTO flow_f (id) VALUES (-1);
ALTER TABLE flow_f VALIDATE CONSTRAINT positive;
ALTER TABLE flow_f DROP CONSTRAINT positive;
ALTER TABLE flow_f ADD CONSTRAINT large CHECK (id > -1000000);

-- names
ALTER TABLE flow_f RENAME TO renamed;
ALTER TABLE renamed RENAME COLUMN dst_addr TO destination;
SELECT count(destination) FROM renamed;
CREATE SCHEMA am_alter_2;
ALTER TABLE renamed SET SCHEMA am_alter_2;
SELECT count(destination) FROM am_alter_2.renamed;
DROP SCHEMA am_alter_2 CASCADE;

-- SET ACCESS METHOD, from heap with and without TOAST table, full and empty
CREATE TABLE narrow (a int, b int8);
INSERT INTO narrow SELECT g, -g FROM generate_series(1, 3000) g;
ALTER TABLE narrow SET ACCESS METHOD flowstore;
SELECT count(*), sum(a), sum(b) FROM narrow;
INSERT INTO narrow VALUES (0, 0);
SELECT count(*), (SELECT reltoastrelid <> 0 FROM pg_class WHERE oid = 'narrow'::regclass) AS has_toast FROM narrow;
CREATE TABLE empty_narrow (a int);
ALTER TABLE empty_narrow SET ACCESS METHOD flowstore;
SELECT count(*) FROM empty_narrow;
INSERT INTO empty_narrow VALUES (1);
SELECT * FROM empty_narrow;
CREATE TABLE no_columns ();
INSERT INTO no_columns DEFAULT VALUES;
ALTER TABLE no_columns SET ACCESS METHOD flowstore;
INSERT INTO no_columns DEFAULT VALUES;
SELECT count(*) FROM no_columns;
CREATE TABLE wide (a int, b text);
INSERT INTO wide VALUES (1, 'x'), (2, repeat('y', 30000));
ALTER TABLE wide SET ACCESS METHOD flowstore;
SELECT a, length(b) FROM wide ORDER BY a;
CREATE TABLE empty_wide (a int, b text);
ALTER TABLE empty_wide SET ACCESS METHOD flowstore;
INSERT INTO empty_wide VALUES (1, 'x');
SELECT * FROM empty_wide;
-- in the transaction that writes
BEGIN;
CREATE TABLE swap (a int);
INSERT INTO swap VALUES (1);
ALTER TABLE swap SET ACCESS METHOD flowstore;
INSERT INTO swap VALUES (2);
SELECT * FROM swap ORDER BY a;
ALTER TABLE swap SET ACCESS METHOD heap;
INSERT INTO swap VALUES (3);
ALTER TABLE swap SET ACCESS METHOD flowstore;
SAVEPOINT s;
INSERT INTO swap VALUES (4);
ALTER TABLE swap SET ACCESS METHOD heap;
ROLLBACK TO s;
INSERT INTO swap VALUES (5);
COMMIT;
SELECT * FROM swap ORDER BY a;
BEGIN;
CREATE TABLE he (a int);
ALTER TABLE he SET ACCESS METHOD flowstore;
INSERT INTO he VALUES (1);
TRUNCATE he;
INSERT INTO he VALUES (2);
COMMIT;
SELECT * FROM he;
-- back to heap, then DELETE and indexes work
ALTER TABLE narrow SET ACCESS METHOD heap;
DELETE FROM narrow WHERE a % 2 = 0;
CREATE UNIQUE INDEX ON narrow (a);
SELECT count(*) FROM narrow;
-- with an index it cannot become a flowstore table; without, it can
\set VERBOSITY sqlstate
ALTER TABLE narrow SET ACCESS METHOD flowstore;
\set VERBOSITY default
SELECT count(*), amname FROM narrow, pg_class c JOIN pg_am a ON a.oid = relam WHERE c.oid = 'narrow'::regclass GROUP BY amname;
DROP INDEX narrow_a_idx;
ALTER TABLE narrow SET ACCESS METHOD flowstore, ADD COLUMN c text DEFAULT 'c', ALTER a TYPE int8;
SELECT count(*), sum(a), min(c) FROM narrow;
-- dropped columns and missing values go along
ALTER TABLE narrow ADD COLUMN d int DEFAULT 9, DROP COLUMN b;
ALTER TABLE narrow SET ACCESS METHOD heap;
SELECT count(*), sum(a), min(c), sum(d) FROM narrow;
ALTER TABLE narrow SET ACCESS METHOD flowstore;
SELECT count(*), sum(a), min(c), sum(d) FROM narrow;

-- LOGGED and UNLOGGED
CREATE UNLOGGED TABLE u (a int) USING flowstore;
INSERT INTO u SELECT generate_series(1, 2000);
SELECT relpersistence FROM pg_class WHERE oid = 'u'::regclass;
ALTER TABLE u SET LOGGED;
SELECT count(*), sum(a), (SELECT relpersistence FROM pg_class WHERE oid = 'u'::regclass) FROM u;
INSERT INTO u VALUES (-1);
ALTER TABLE u SET UNLOGGED;
INSERT INTO u VALUES (-2);
SELECT count(*), sum(a), (SELECT relpersistence FROM pg_class WHERE oid = 'u'::regclass) FROM u;
BEGIN;
ALTER TABLE u SET LOGGED;
INSERT INTO u VALUES (-3);
ROLLBACK;
SELECT count(*), sum(a) FROM u;
TRUNCATE u;
SELECT count(*), pg_relation_size('u') FROM u;

-- SET TABLESPACE: the file, the TOAST table with it; back; while empty; rolled back
SET allow_in_place_tablespaces = on;
CREATE TABLESPACE am_alter_space LOCATION '';
DROP TABLE flow_h;
SELECT twin.create_flows(20);
INSERT INTO flow_h SELECT * FROM twin.flows(21, 3000);
INSERT INTO flow_f SELECT * FROM twin.flows(21, 3000);
ALTER TABLE flow_f SET TABLESPACE am_alter_space;
SELECT * FROM twin.diff('flow_h', 'flow_f');
SELECT c.reltablespace = t.oid AND toast.reltablespace = t.oid AS together
	FROM pg_class c JOIN pg_class toast ON toast.oid = c.reltoastrelid, pg_tablespace t
	WHERE c.oid = 'flow_f'::regclass AND spcname = 'am_alter_space';
INSERT INTO flow_h SELECT * FROM twin.flows(3001, 3100);
INSERT INTO flow_f SELECT * FROM twin.flows(3001, 3100);
BEGIN;
INSERT INTO flow_f SELECT * FROM twin.flows(1, 5);
ALTER TABLE flow_f SET TABLESPACE pg_default;
INSERT INTO flow_f SELECT * FROM twin.flows(6, 10);
SELECT count(*) FROM flow_f;
ROLLBACK;
SELECT * FROM twin.diff('flow_h', 'flow_f');
ALTER TABLE flow_f SET TABLESPACE pg_default;
VACUUM flow_f;
SELECT * FROM twin.diff('flow_h', 'flow_f');
CREATE TABLE spaced (a int) USING flowstore TABLESPACE am_alter_space;
ALTER TABLE spaced SET TABLESPACE pg_default;
INSERT INTO spaced VALUES (1);
SELECT * FROM spaced;
ALTER TABLE spaced SET TABLESPACE am_alter_space;
DROP TABLE spaced;
DROP TABLESPACE am_alter_space;

-- other properties of a table
ALTER TABLE flow_f SET WITHOUT CLUSTER;
ALTER TABLE flow_f OWNER TO CURRENT_USER;
ALTER TABLE flow_f ALTER sni SET STATISTICS 10;
ALTER TABLE flow_f ALTER sni SET STORAGE EXTERNAL;
ALTER TABLE flow_f SET (autovacuum_enabled = off);
ALTER TABLE flow_f DISABLE TRIGGER ALL;
ALTER TABLE flow_f REPLICA IDENTITY FULL;
COMMENT ON TABLE flow_f IS 'flows';
COMMENT ON COLUMN flow_f.sni IS 'name';
GRANT SELECT ON flow_f TO pg_monitor;
SELECT * FROM twin.diff('flow_h', 'flow_f');
CREATE TABLE heir () INHERITS (flow_f) USING flowstore;
INSERT INTO heir SELECT * FROM flow_f LIMIT 1;
SELECT count(*) FROM flow_f;
ALTER TABLE heir NO INHERIT flow_f;
SELECT count(*) FROM flow_f;

DROP SCHEMA am_alter CASCADE;
