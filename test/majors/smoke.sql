--
-- Every callback once, with a few hundred thousand rows in a cluster that has
-- page checksums; the heap twin says what is right.
-- Without this test: a callback that compiles on a newer major and misbehaves there.
--
-- Variables: data (output of flowgen), space (empty folder), source (this tree).
-- Silent, unless something is wrong.
--
SET client_min_messages = warning;
SET synchronize_seqscans = off;
CREATE EXTENSION flowstore;
\set twin :source '/test/differential/twin.sql'
\i :twin
\o /dev/null

CREATE FUNCTION pg_temp.must(ok boolean, what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF ok IS NOT TRUE THEN
		RAISE EXCEPTION 'smoke: %', what;
	END IF;
END $$;

-- both tables hold the same rows
CREATE FUNCTION pg_temp.twins(what text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	d record;
BEGIN
	SELECT * INTO d FROM twin.diff('h', 'f');
	PERFORM pg_temp.must(d.heap_only = 0 AND d.flow_only = 0, what || ': ' || d::text);
END $$;

-- text of EXPLAIN matches
CREATE FUNCTION pg_temp.plan(options text, query text, pattern text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	line text;
	plan text := '';
BEGIN
	FOR line IN EXECUTE format('EXPLAIN (%s) %s', options, query) LOOP
		plan := plan || line || E'\n';
	END LOOP;
	PERFORM pg_temp.must(plan ~ pattern, 'no ' || pattern || ' in ' || plan);
END $$;

-- COPY, whole and in a transaction that also made the table
SELECT flow.create_table('f');
CREATE TABLE h (LIKE f);
SET client_min_messages = error;
\set copy 'COPY h FROM ' :'data'
:copy;
\set copy 'COPY f FROM ' :'data'
:copy;
SELECT pg_temp.must(count(*) > 200000, 'rows of COPY') FROM f;
SELECT pg_temp.twins('COPY');
INSERT INTO f SELECT * FROM h LIMIT 1000;
INSERT INTO h SELECT * FROM h LIMIT 1000;
SELECT pg_temp.twins('INSERT');
BEGIN;
CREATE TABLE young (LIKE f) USING flowstore;
\set copy 'COPY young FROM ' :'data' ' (FREEZE)'
:copy;
SAVEPOINT s;
INSERT INTO young SELECT * FROM h;
ROLLBACK TO s;
SELECT pg_temp.must(count(*) = (SELECT count(*) - 1000 FROM h), 'savepoint') FROM young;
ABORT;

-- queries, serial and parallel, with FlowScan and without
SET max_parallel_workers_per_gather = 0;
SELECT pg_temp.must(r = 'same', r) FROM (VALUES
	('SELECT count(*), sum(bytes), min(ts), max(ts) FROM %s'),
	('SELECT proto, count(*), sum(packets) FROM %s GROUP BY proto'),
	('SELECT * FROM %s WHERE dst_port = 443 AND bytes > 100000'),
	('SELECT src_addr, sum(bytes) FROM %s WHERE src_addr << inet ''10.0.0.0/8'' GROUP BY 1'),
	('SELECT dst_port, count(DISTINCT dst_addr) FROM %s WHERE ts > timestamptz ''2000-01-01'' GROUP BY 1')
	) AS q (query), twin.same('h', 'f', query) r;
SELECT pg_temp.plan('ANALYZE, TIMING off, COSTS off, SUMMARY off',
	'SELECT sum(bytes) FROM f WHERE bytes < 0', 'FlowScan(.|\n)*Chunks Pruned by Zone Map: [1-9]');
SELECT pg_temp.plan('ANALYZE, VERBOSE, BUFFERS, WAL, SETTINGS, FORMAT JSON', 'SELECT * FROM f WHERE proto = 6', 'Chunks');
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT pg_temp.plan('ANALYZE, TIMING off, COSTS off', 'SELECT sum(bytes) FROM f', 'Workers Launched: [12](.|\n)*Parallel');
SELECT pg_temp.must(r = 'same', 'parallel ' || r) FROM (VALUES
	('SELECT count(*), sum(bytes) FROM %s'),
	('SELECT proto, count(*) FROM %s WHERE bytes > 1000 GROUP BY proto')) AS q (query), twin.same('h', 'f', query) r;
SET flowstore.enable_scan = off;
SELECT pg_temp.plan('ANALYZE, TIMING off, COSTS off', 'SELECT sum(bytes) FROM f', 'Workers Launched: [12](.|\n)*Parallel Seq Scan');
RESET flowstore.enable_scan;
SELECT pg_temp.must(a = b, 'join') FROM
	(SELECT count(*) AS a FROM f x JOIN f y USING (exporter, sensor, ts, src_addr, src_port)) i,
	(SELECT count(*) AS b FROM h x JOIN h y USING (exporter, sensor, ts, src_addr, src_port)) j;
CREATE TABLE made USING flowstore AS SELECT * FROM f WHERE proto = 17;
SELECT pg_temp.must(count(*) = (SELECT count(*) FROM h WHERE proto = 17), 'CREATE TABLE AS') FROM made;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
SELECT pg_temp.must((flow.topk(dst_port, 3)) IS NOT NULL AND flow.entropy(dst_port) > 0, 'aggregates') FROM f;
SET jit_above_cost = 0;
SELECT pg_temp.must(r = 'same', 'jit ' || r) FROM twin.same('h', 'f', 'SELECT proto, sum(bytes) FROM %s WHERE dst_port < 1000 GROUP BY proto') r;
RESET jit_above_cost;

-- ANALYZE: about what heap finds
ANALYZE f;
ANALYZE h;
SELECT pg_temp.must(abs(f.reltuples / h.reltuples - 1) < 0.1, 'reltuples ' || f.reltuples || ' ' || h.reltuples)
	FROM pg_class f, pg_class h WHERE f.relname = 'f' AND h.relname = 'h' AND h.relkind = 'r';
SELECT pg_temp.must(count(*) = (SELECT count(*) FROM pg_stats WHERE tablename = 'h'), 'pg_stats') FROM pg_stats WHERE tablename = 'f';
SELECT pg_temp.must(abs(f.null_frac - h.null_frac) < 0.05 AND abs(f.most_common_freqs[1] - h.most_common_freqs[1]) < 0.1,
	'statistics of proto') FROM pg_stats f JOIN pg_stats h USING (attname)
	WHERE f.tablename = 'f' AND h.tablename = 'h' AND attname = 'proto';

-- TABLESAMPLE
SELECT pg_temp.must(count(*) BETWEEN 0.08 * (SELECT count(*) FROM h) AND 0.12 * (SELECT count(*) FROM h), 'BERNOULLI ' || count(*))
	FROM f TABLESAMPLE BERNOULLI (10) REPEATABLE (1);
SELECT pg_temp.must(count(*) BETWEEN 1 AND (SELECT count(*) - 1 FROM h), 'SYSTEM ' || count(*))
	FROM f TABLESAMPLE SYSTEM (30) REPEATABLE (1);
SELECT pg_temp.must((SELECT count(*) FROM f TABLESAMPLE SYSTEM (100)) = (SELECT count(*) FROM h), 'SYSTEM (100)');

-- cursors
BEGIN;
CREATE TEMP TABLE there (n serial, r text);
CREATE TEMP TABLE back (n serial, r text);
DECLARE c SCROLL CURSOR FOR SELECT * FROM f;
DO $$
DECLARE
	c refcursor := 'c';
	r record;
BEGIN
	FOR i IN 1..30000 LOOP
		FETCH NEXT FROM c INTO r;
		INSERT INTO there (r) VALUES (r::text);
	END LOOP;
	FETCH NEXT FROM c INTO r;
	FOR i IN 1..30000 LOOP
		FETCH PRIOR FROM c INTO r;
		INSERT INTO back (r) VALUES (r::text);
	END LOOP;
END $$;
SELECT pg_temp.must(bool_and(there.r = back.r), 'backward') FROM there JOIN back ON back.n = 30001 - there.n;
MOVE LAST FROM c;
CLOSE c;
COMMIT;

-- rows by TID: triggers, ctid, foreign keys, row locks of the other side
CREATE TABLE seen (n bigint);
CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO seen VALUES (NEW.bytes); RETURN NULL; END';
CREATE FUNCTION see_all() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO seen SELECT bytes FROM new_rows; RETURN NULL; END';
CREATE TRIGGER one AFTER INSERT ON f FOR EACH ROW EXECUTE FUNCTION see();
CREATE TRIGGER many AFTER INSERT ON f REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION see_all();
INSERT INTO f SELECT * FROM h LIMIT 5000;
INSERT INTO h SELECT * FROM h LIMIT 5000;
SELECT pg_temp.must(count(*) = 10000, 'triggers') FROM seen;
DROP TRIGGER one ON f;
DROP TRIGGER many ON f;
SELECT pg_temp.must(count(*) = 1, 'ctid') FROM f WHERE ctid = (SELECT ctid FROM f OFFSET 12345 LIMIT 1);
SELECT pg_temp.must(count(*) = (SELECT count(*) FROM h), 'ctid range') FROM f WHERE ctid >= '(0,0)';
SELECT pg_temp.twins('triggers');

-- changes, before and after the rows are written again
UPDATE f SET bytes = bytes + 1 WHERE bytes % 7 = 0;
UPDATE h SET bytes = bytes + 1 WHERE bytes % 7 = 0;
DELETE FROM f WHERE bytes % 11 = 0;
DELETE FROM h WHERE bytes % 11 = 0;
SELECT pg_temp.twins('changes');
SELECT pg_temp.must(sum(rows) > 0, 'optimize') FROM flow.optimize('f');
SELECT pg_temp.twins('optimize');
UPDATE f SET bytes = bytes + 1 WHERE bytes % 13 = 0;
UPDATE h SET bytes = bytes + 1 WHERE bytes % 13 = 0;
SELECT pg_temp.must(sum(rows) > 0, 'optimize in full') FROM flow.optimize('f', "full" => true);
SELECT pg_temp.twins('optimize in full');
SELECT pg_temp.must(count(*) = 0, 'check') FROM flow.check('f');

-- refused
SELECT pg_temp.must(twin.refusal(q) LIKE '0A000%', q || ' gave ' || twin.refusal(q)) FROM unnest(ARRAY[
	'SELECT * FROM f FOR UPDATE', 'CREATE INDEX ON f (ts)', 'ALTER TABLE f ADD UNIQUE (ts)',
	'CREATE PUBLICATION p FOR TABLE f']) q;

-- VACUUM, also of what an abort left
BEGIN;
INSERT INTO f SELECT * FROM h;
ABORT;
SELECT pg_stat_force_next_flush();
VACUUM (ANALYZE) f;
SELECT pg_temp.twins('VACUUM');
SELECT pg_temp.must(n_dead_tup = 0 AND n_live_tup > 0, 'pg_stat') FROM pg_stat_all_tables WHERE relname = 'f';
SELECT pg_temp.must(age(relfrozenxid) < 1000000, 'relfrozenxid') FROM pg_class WHERE relname = 'f';
VACUUM (FREEZE, DISABLE_PAGE_SKIPPING) f;
VACUUM FULL f;
SELECT pg_temp.twins('VACUUM FULL');
CLUSTER;

-- files: tablespace, rewrite by ALTER, other access method, unlogged
\set place 'CREATE TABLESPACE smoke LOCATION ' :'space'
:place;
ALTER TABLE f SET TABLESPACE smoke;
SELECT pg_temp.twins('SET TABLESPACE');
ALTER TABLE f SET TABLESPACE pg_default;
ALTER TABLE f ALTER COLUMN packets TYPE numeric, ADD COLUMN note text DEFAULT 'none', DROP COLUMN tos;
ALTER TABLE h ALTER COLUMN packets TYPE numeric, ADD COLUMN note text DEFAULT 'none', DROP COLUMN tos;
SELECT pg_temp.twins('ALTER TYPE');
ALTER TABLE f ADD COLUMN half bigint GENERATED ALWAYS AS (bytes / 2) STORED;
ALTER TABLE h ADD COLUMN half bigint GENERATED ALWAYS AS (bytes / 2) STORED;
SELECT pg_temp.twins('generated column');
ALTER TABLE f SET UNLOGGED;
ALTER TABLE f SET LOGGED;
ALTER TABLE f SET ACCESS METHOD heap;
ALTER TABLE f SET ACCESS METHOD flowstore;
SELECT pg_temp.twins('SET ACCESS METHOD');
CREATE MATERIALIZED VIEW m USING flowstore AS SELECT * FROM h WHERE proto = 6;
REFRESH MATERIALIZED VIEW m;
SELECT pg_temp.must(count(*) = (SELECT count(*) FROM h WHERE proto = 6), 'materialized view') FROM m;

-- partitions; since 17 the parent has an access method, too
CREATE TABLE parts (LIKE h) PARTITION BY RANGE (ts);
CREATE TABLE parts_all PARTITION OF parts DEFAULT USING flowstore;
INSERT INTO parts (ts, bytes) SELECT ts, bytes FROM h;
SELECT pg_temp.must(count(*) = (SELECT count(*) FROM h), 'partition') FROM parts_all;

SELECT current_setting('server_version_num')::int >= 160000 AS since_16,
	current_setting('server_version_num')::int >= 170000 AS since_17,
	current_setting('server_version_num')::int >= 180000 AS since_18 \gset

\if :since_17
ALTER TABLE parts SET ACCESS METHOD flowstore;
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM ('1990-01-01') TO ('1991-01-01');
SELECT pg_temp.must(amname = 'flowstore', 'access method of the parent')
	FROM pg_class c JOIN pg_am a ON a.oid = relam WHERE relname = 'parts_2';
MERGE INTO f USING (SELECT 1 AS one) s ON false WHEN NOT MATCHED BY SOURCE AND bytes % 17 = 0 THEN DELETE;
MERGE INTO h USING (SELECT 1 AS one) s ON false WHEN NOT MATCHED BY SOURCE AND bytes % 17 = 0 THEN DELETE;
SELECT pg_temp.twins('MERGE BY SOURCE');
CREATE TABLE fewer (a int, b int) USING flowstore;
COPY fewer FROM PROGRAM 'printf "1\t2\nx\t3\n4\t5\n"' (ON_ERROR ignore);
SELECT pg_temp.must(count(*) = 2, 'ON_ERROR') FROM fewer;
\endif

\if :since_18
-- virtual columns are not stored; RETURNING knows the old row, which is none
CREATE TABLE v (a int, b int GENERATED ALWAYS AS (a * 2) VIRTUAL, c int) USING flowstore;
INSERT INTO v (a, c) SELECT g, -g FROM generate_series(1, 5000) g;
SELECT pg_temp.must(sum(b) = 2 * sum(a) AND sum(c) = -sum(a) AND count(b) = 5000, 'virtual column') FROM v;
SELECT pg_temp.must(count(*) = 1, 'condition on a virtual column') FROM v WHERE b = 200;
SELECT pg_temp.must(count(*) = 1, 'whole row with a virtual column') FROM v WHERE v::text = '(7,14,-7)';
ALTER TABLE v ALTER COLUMN b SET EXPRESSION AS (a * 3), ALTER COLUMN c TYPE bigint;
SELECT pg_temp.must(sum(b) = 3 * sum(a) AND sum(c) = -sum(a), 'another expression') FROM v;
ANALYZE v;
VACUUM FULL v;
SELECT pg_temp.must(sum(b) = 3 * sum(a), 'virtual column, VACUUM FULL') FROM v;
WITH r AS (INSERT INTO v (a, c) VALUES (1, 1) RETURNING old.a AS o, new.b AS n)
	SELECT pg_temp.must(o IS NULL AND n = 3, 'RETURNING old') FROM r;
ALTER TABLE v ADD CONSTRAINT a_there NOT NULL a NOT VALID, ADD CHECK (c < 10) NOT ENFORCED;
ALTER TABLE v VALIDATE CONSTRAINT a_there;
VACUUM ONLY parts;
ANALYZE ONLY parts;
COPY m TO '/dev/null';
\endif

-- damage would show as a checksum failure
CHECKPOINT;
SELECT pg_temp.must(count(*) = 0, 'flow.check') FROM flow.check('f');
SELECT pg_temp.must(sum(checksum_failures) = 0, 'checksums') FROM pg_stat_database;
TRUNCATE f;
SELECT pg_temp.must(count(*) = 0 AND pg_relation_size('f') = 0, 'TRUNCATE') FROM f;
INSERT INTO f (ts, bytes) VALUES ('2024-01-01', 1);
SELECT pg_temp.must(count(*) = 1, 'INSERT after TRUNCATE') FROM f;
DROP MATERIALIZED VIEW m;
DROP TABLE f, h, made, parts, seen;
DROP TABLESPACE smoke;
