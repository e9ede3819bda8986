-- by all kinds of quals
CREATE TABLE t AS SELECT * FROM twin.flows(1, 6000);
ALTER TABLE t ADD note text;
DELETE FROM t WHERE id = 1;
DELETE FROM t WHERE id = 1;
DELETE FROM t WHERE id IN (2, 3, 1024, 1025, 5999, 7000);
DELETE FROM t WHERE ts < '2024-03-01 00:00:05+00' AND dst_port = 53;
DELETE FROM t WHERE src_addr <<= '10.1.2.0/24' AND id % 2 = 0;
DELETE FROM t WHERE sni LIKE 'host1%';
DELETE FROM t WHERE sni IS NULL AND id BETWEEN 100 AND 200;
DELETE FROM t WHERE false;
DELETE FROM t WHERE tcp_flags & 2 <> 0 AND protocol = 6 AND id < 1000;
DELETE FROM t WHERE (SELECT count(*) FROM t) < 10;
DELETE FROM t WHERE id IN (SELECT id + 1 FROM t WHERE id % 100 = 7);
DELETE FROM t WHERE NOT EXISTS (SELECT 1 FROM t u WHERE u.id = t.id + 1) AND id < 5000;
DELETE FROM t WHERE id = ANY (ARRAY(SELECT max(id) FROM t));
DELETE FROM t WHERE ctid = (SELECT min(ctid) FROM t) AND random() > 2;
SELECT count(*), sum(id), md5(string_agg(t::text, ',' ORDER BY id)) FROM t;
UPDATE t SET note = 'one' WHERE id = 18;
UPDATE t SET note = coalesce(note, '') || 'two' WHERE id BETWEEN 18 AND 30;
UPDATE t SET bytes = bytes + 1, packets = DEFAULT WHERE id % 10 = 3;
UPDATE t SET (src_addr, dst_addr) = (dst_addr, src_addr) WHERE id % 17 = 0;
UPDATE t SET (bytes, sni) = (SELECT max(u.bytes), min(u.sni) FROM t u WHERE u.dst_port = t.dst_port) WHERE id % 171 = 0;
UPDATE t SET ts = ts + interval '5 hours' WHERE id % 13 = 5;
UPDATE t SET ts = NULL WHERE id % 500 = 1;
UPDATE t SET id = id + 10000 WHERE dst_port = 443;
UPDATE t SET id = id - 10000 WHERE id > 10000;
UPDATE t SET id = id;
UPDATE t SET sni = repeat(md5(id::text), 200) WHERE id % 300 = 2;
SELECT count(*), sum(id), md5(string_agg(t::text, ',' ORDER BY id)) FROM t;
-- the new version is seen, once, with FlowScan and pruning
SELECT id, note FROM t WHERE note IS NOT NULL ORDER BY id;
SELECT count(*), count(DISTINCT id) FROM t WHERE ts > '2024-03-01 05:00:00+00';
-- rows inserted, changed and deleted by one transaction
BEGIN;
INSERT INTO t SELECT * FROM twin.flows(20001, 20100);
UPDATE t SET note = 'x' WHERE id > 20000;
UPDATE t SET note = note || 'y' WHERE id > 20050;
DELETE FROM t WHERE id > 20000 AND id % 3 = 0;
INSERT INTO t SELECT * FROM twin.flows(20101, 20110);
DELETE FROM t WHERE id = 20105;
SELECT note, count(*) FROM t WHERE id > 20000 GROUP BY 1 ORDER BY 1;
COMMIT;
SELECT note, count(*) FROM t WHERE id > 20000 GROUP BY 1 ORDER BY 1;
-- everything, and back
BEGIN;
DELETE FROM t;
SELECT count(*) FROM t;
ROLLBACK;
SELECT count(*) FROM t;
-- an error in the middle
UPDATE t SET bytes = 1 / (id - 3000);
DELETE FROM t WHERE 1 / (id - 3000) >= 0;
SELECT count(*), sum(bytes) FROM t;
-- RETURNING: values, expressions, whole row, system columns, subqueries
WITH d AS (DELETE FROM t WHERE id BETWEEN 300 AND 320 RETURNING *) SELECT count(*), md5(string_agg(d::text, ',' ORDER BY id)) FROM d;
WITH d AS (DELETE FROM t WHERE id BETWEEN 321 AND 330 RETURNING t, id) SELECT count(*), md5(string_agg(t::text, ',' ORDER BY id)) FROM d;
WITH u AS (UPDATE t SET note = 'r', bytes = bytes * 2 WHERE id BETWEEN 331 AND 400 RETURNING t.*, bytes / 2 AS was, (SELECT count(*) FROM t) AS n)
	SELECT count(*), sum(was), min(n), max(n), md5(string_agg(u::text, ',' ORDER BY id)) FROM u;
WITH u AS (UPDATE t SET note = 's' WHERE id = 340 RETURNING ctid, xmin, cmin, xmax, tableoid::regclass, id)
	SELECT ctid IS NOT NULL AS has_ctid, xmin::text = pg_current_xact_id()::text AS own, cmin IS NOT NULL AS has_cmin, xmax, tableoid, id FROM u;
WITH d AS (DELETE FROM t WHERE id = 5000 RETURNING ctid, xmin, tableoid::regclass, id)
	SELECT ctid IS NOT NULL AS has_ctid, xmin::text = pg_current_xact_id()::text AS own, tableoid, id FROM d;
WITH i AS (INSERT INTO t SELECT * FROM twin.flows(30001, 30002) RETURNING ctid, id) SELECT count(*), count(DISTINCT ctid) FROM i;
-- by TID
BEGIN;
SELECT ctid AS tid FROM t WHERE id = (SELECT min(id) FROM t WHERE id > 4000) \gset
DELETE FROM t WHERE ctid = :'tid' RETURNING id;
DELETE FROM t WHERE ctid = :'tid' RETURNING id;
SELECT id FROM t WHERE ctid = :'tid';
ROLLBACK;
UPDATE t SET note = 'tid' WHERE ctid IN (SELECT ctid FROM t WHERE id < 60) RETURNING note IS NOT NULL AS changed;
DELETE FROM t WHERE ctid = '(4294967294,1)';
DELETE FROM t WHERE ctid BETWEEN '(0,0)' AND '(0,0)';
-- prepared statements, generic plans
PREPARE del(bigint, int) AS DELETE FROM t WHERE id = $1 AND dst_port <> $2;
PREPARE upd(text, bigint) AS UPDATE t SET note = $1 WHERE id = $2 RETURNING id, note;
SET plan_cache_mode = force_generic_plan;
EXECUTE del(501, 0);
EXECUTE del(501, 0);
EXECUTE upd('prepared', 502);
EXECUTE upd('gone', 501);
EXECUTE upd(NULL, 502);
RESET plan_cache_mode;
-- what else reads
SELECT count(*) AS live FROM t;
SELECT count(*) FROM t TABLESAMPLE SYSTEM (100);
SELECT count(*) FROM t TABLESAMPLE BERNOULLI (100);
COPY (SELECT count(*), sum(hashtextextended(t::text, 0)) FROM t) TO STDOUT;
ANALYZE t;
SELECT reltuples FROM pg_class WHERE oid = 't'::regclass;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT count(*), sum(id), count(DISTINCT src_addr), sum(bytes) FROM t;
BEGIN;
DELETE FROM t WHERE id % 4 = 0;
UPDATE t SET bytes = 0 WHERE id % 4 = 1;
SELECT count(*), sum(id), count(DISTINCT src_addr), sum(bytes) FROM t;
SAVEPOINT s;
DELETE FROM t WHERE id % 4 = 2;
SELECT count(*), sum(id), sum(bytes) FROM t;
ROLLBACK TO s;
SELECT count(*), sum(id), sum(bytes) FROM t;
COMMIT;
SET flowstore.enable_scan = off;
SELECT count(*), sum(id), sum(bytes) FROM t;
RESET ALL;
SELECT min(id), max(id), min(ts), max(ts) FROM t;
