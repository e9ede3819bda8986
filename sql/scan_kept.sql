--
-- A session keeps what it has read of chunks and partition indexes where few rows were wanted.
-- Without this test: rows of bytes that are not there any more, or look-ups that open every column anew.
--
\set ECHO none
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
\getenv abs_srcdir PG_ABS_SRCDIR
\set twin :abs_srcdir '/test/differential/twin.sql'
\i :twin
\set ECHO all
CREATE SCHEMA scan_kept;
SET search_path = scan_kept;
SET TimeZone = 'UTC';
SET max_parallel_workers_per_gather = 0;
SET flowstore.enable_scan = on;
CREATE FUNCTION fetched(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (ANALYZE, TIMING off, FORMAT json) ' || query INTO plan;
	RETURN (SELECT sum(m[1]::bigint) FROM regexp_matches(plan::text, 'Bytes Fetched": (\d+)', 'g') m);
END $$;
-- the same bytes under the same name: TRUNCATE begins the file anew
CREATE TABLE same (i int, v int) USING flowstore;
INSERT INTO same SELECT g, 1 FROM generate_series(1, 1000) g;
SELECT i, v FROM same WHERE i = 500;
TRUNCATE same;
INSERT INTO same SELECT g, 2 FROM generate_series(1, 1000) g;
SELECT i, v FROM same WHERE i = 500;
BEGIN;
CREATE TABLE fresh (i int, v int) USING flowstore;
INSERT INTO fresh SELECT g, 1 FROM generate_series(1, 1000) g;
SELECT i, v FROM fresh WHERE i = 500;
SAVEPOINT s;
TRUNCATE fresh;
INSERT INTO fresh SELECT g, 2 FROM generate_series(1, 1000) g;
SELECT i, v FROM fresh WHERE i = 500;
ROLLBACK TO s;
SELECT i, v FROM fresh WHERE i = 500;
TRUNCATE fresh;
INSERT INTO fresh SELECT g, 3 FROM generate_series(1, 1000) g;
SELECT i, v FROM fresh WHERE i = 500;
COMMIT;
SELECT i, v FROM fresh WHERE i = 500;

-- clustered chunks, and their partition indexes
SELECT twin.create_flows(60000);
-- rows of some hosts that are not the same in heap and here
CREATE FUNCTION differences() RETURNS TABLE (host inet, n bigint) LANGUAGE sql AS $$
	SELECT a.host, (SELECT count(*) FROM (SELECT * FROM flow_h WHERE src_addr = a.host OR dst_addr = a.host) h
					FULL JOIN (SELECT * FROM flow_f WHERE src_addr = a.host OR dst_addr = a.host) f USING (id)
					WHERE h IS DISTINCT FROM f)
	FROM (SELECT DISTINCT src_addr FROM flow_h WHERE id % 5000 = 7) a (host)
$$;
SELECT count(*) > 0 AS done FROM flow.optimize('flow_f', full => true);
SELECT src_addr AS host FROM flow_h WHERE id = 31007 \gset
SELECT fetched(format('SELECT * FROM flow_f WHERE src_addr = %L', :'host')) AS first \gset
SELECT fetched(format('SELECT * FROM flow_f WHERE src_addr = %L', :'host')) AS again \gset
SELECT :again > 0 AND 2 * :again < :first AS fewer;
SELECT count(*) > 3 AS hosts, sum(n) AS differences FROM differences();
SELECT count(*) > 3 AS hosts, sum(n) AS differences FROM differences();
-- a cursor holds a chunk while others read it
BEGIN;
DECLARE c CURSOR FOR SELECT id FROM flow_f WHERE src_addr = :'host' ORDER BY id;
FETCH 1 FROM c \gset a_
SELECT count(*) = (SELECT count(*) FROM flow_h WHERE src_addr = :'host') AS same FROM flow_f WHERE src_addr = :'host';
MOVE ALL FROM c;
COMMIT;
-- an error in the middle
SELECT id, 1 / (id - id) FROM flow_f WHERE src_addr = :'host' ORDER BY id LIMIT 1;
SELECT sum(n) AS differences FROM differences();

-- deleted rows, changed rows, extents that are used again
DELETE FROM flow_h WHERE id % 7 = 0;
DELETE FROM flow_f WHERE id % 7 = 0;
UPDATE flow_h SET bytes = -1 WHERE id % 97 = 0;
UPDATE flow_f SET bytes = -1 WHERE id % 97 = 0;
SELECT sum(n) AS differences FROM differences();
SELECT count(*) > 0 AS done FROM flow.optimize('flow_f', full => true);
SELECT sum(n) AS differences FROM differences();
VACUUM flow_f;
INSERT INTO flow_h SELECT * FROM twin.flows(60001, 80000);
INSERT INTO flow_f SELECT * FROM twin.flows(60001, 80000);
SELECT sum(n) AS differences FROM differences();
SELECT count(*) > 0 AS done FROM flow.optimize('flow_f', full => true);
VACUUM flow_f;
SELECT sum(n) AS differences FROM differences();
VACUUM FULL flow_f;
SELECT sum(n) AS differences FROM differences();

-- look-ups of a nested loop
SET enable_hashjoin = off;
SET enable_mergejoin = off;
CREATE TABLE hosts AS SELECT host FROM differences();
SELECT (SELECT count(*) FROM hosts JOIN flow_f ON src_addr = host) = (SELECT count(*) FROM hosts JOIN flow_h ON src_addr = host) AS same;

-- chunks of the same bytes in the same place, whose partition index has other addresses and other numbers that go with them
CREATE TABLE again_f (id int, ts timestamptz, src_addr inet, dst_addr inet, src_as int, dst_as int, bytes bigint) USING flowstore;
CREATE TABLE again_h (LIKE again_f);
CREATE FUNCTION fill(changed int) RETURNS bool LANGUAGE plpgsql AS $$
BEGIN
	TRUNCATE again_f, again_h;
	INSERT INTO again_h
	SELECT i, timestamptz '2026-01-01' + i * interval '10 ms', inet '10.0.0.0' + s * 10 + CASE WHEN s = 500 THEN changed ELSE 0 END,
		inet '10.0.0.0' + d * 10 + CASE WHEN d = 500 THEN changed ELSE 0 END, CASE WHEN s = 500 THEN 20 + changed ELSE s * 7919 % 50 END, CASE WHEN d = 500 THEN 20 + changed ELSE d * 7919 % 50 END, i
	FROM (SELECT i, i * bigint '7' % 1000 AS s, i * bigint '13' / 11 % 1000 AS d FROM generate_series(1, 60000) i) x;
	INSERT INTO again_f SELECT * FROM again_h ORDER BY id;
	RETURN count(*) > 0 FROM flow.optimize('again_f', full => true);
END $$;
CREATE FUNCTION differ() RETURNS bigint LANGUAGE sql AS $$
	SELECT count(*) FROM (SELECT * FROM (SELECT * FROM again_f WHERE bytes % 43 = 3 OFFSET 0) f EXCEPT SELECT * FROM again_h) x
$$;
SELECT fill(0);
SELECT differ(), (SELECT count(src_addr) FROM (SELECT src_addr FROM again_f WHERE bytes % 43 = 3 OFFSET 0) x);
SELECT fill(1);
SELECT differ();
DELETE FROM again_f WHERE id = 1;
SELECT count(*) > 0 AS done FROM flow.optimize('again_f', full => true);
SELECT count(*) FROM (SELECT * FROM again_f EXCEPT SELECT * FROM again_h) x;
DROP TABLE flow_f, flow_h, same, fresh, hosts, again_f, again_h;
