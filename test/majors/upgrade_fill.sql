-- The tables that upgrade.sh takes from one major to the next.
SET client_min_messages = warning;
CREATE EXTENSION flowstore;
\i /var/tmp/flowstore/test/differential/twin.sql
CREATE TABLE h AS SELECT * FROM twin.flows(1, 100000);
CREATE TABLE f (LIKE h) USING flowstore;
INSERT INTO f SELECT * FROM h;
INSERT INTO h SELECT * FROM twin.flows(100001, 100030);
INSERT INTO f SELECT * FROM twin.flows(100001, 100030);
ALTER TABLE f DROP COLUMN rtt, ADD COLUMN k int DEFAULT 8;
ALTER TABLE h DROP COLUMN rtt, ADD COLUMN k int DEFAULT 8;
BEGIN;
INSERT INTO f (id) SELECT g FROM generate_series(1, 70000) g;
ROLLBACK;
INSERT INTO f (id, k) SELECT -g, g FROM generate_series(1, 500) g;
INSERT INTO h (id, k) SELECT -g, g FROM generate_series(1, 500) g;
CREATE TABLE one (a int) USING flowstore;
INSERT INTO one VALUES (1);
CREATE TABLE empty (a int, b text) USING flowstore;
CREATE UNLOGGED TABLE unlogged (a int) USING flowstore;
INSERT INTO unlogged SELECT generate_series(1, 3000);
CREATE MATERIALIZED VIEW m USING flowstore AS SELECT count(*) AS n, sum(bytes) AS bytes FROM f;
SELECT flow.create_table('standard', '{tls,dns}');
INSERT INTO standard (ts, src_addr, bytes, sni)
	SELECT '2026-01-01 00:00+00'::timestamptz + g * interval '1 s', inet '10.0.0.0' + g % 100, g, 'host' || g % 50 FROM generate_series(1, 20000) g;
-- what newer libraries know: options of a table, deleted rows, clustered chunks
\set ON_ERROR_STOP off
\o /dev/null
ALTER TABLE f SET (flowstore.partition = '2 hours', flowstore.retain = '9000 days');
SELECT flow.set('standard', retain => '9000 days');
DELETE FROM f WHERE id % 10 = 3;
DELETE FROM h WHERE id % 10 = 3 AND NOT EXISTS (SELECT FROM f WHERE f.id % 10 = 3);
SELECT flow.optimize('f');
\o
