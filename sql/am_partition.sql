--
-- Partitioned tables whose partitions are flowstore tables.
-- Without this test: rows in the wrong partition, or partitions that cannot be attached.
--
\set ECHO none
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
\getenv abs_srcdir PG_ABS_SRCDIR
\set twin :abs_srcdir '/test/differential/twin.sql'
\i :twin
\set ECHO all
CREATE SCHEMA am_partition;
SET search_path = am_partition;

CREATE TABLE p (id int, ts timestamptz, v text) PARTITION BY RANGE (ts);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2024-01-01') TO ('2024-02-01') USING flowstore;
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM ('2024-02-01') TO ('2024-03-01') USING flowstore;
CREATE TABLE p3 PARTITION OF p FOR VALUES FROM ('2024-03-01') TO ('2024-04-01') USING heap;
CREATE TABLE rest PARTITION OF p DEFAULT USING flowstore;
SET default_table_access_method = flowstore;
CREATE TABLE p5 PARTITION OF p FOR VALUES FROM ('2024-05-01') TO ('2024-06-01');
RESET default_table_access_method;

INSERT INTO p SELECT g, timestamptz '2024-01-01' + g * interval '1 hour', 'v' || g FROM generate_series(0, 4000) g;
SELECT tableoid::regclass, count(*), min(id), max(id) FROM p GROUP BY 1 ORDER BY 1;
INSERT INTO p VALUES (-1, '2024-01-15', 'one') RETURNING tableoid::regclass, *;
INSERT INTO p1 VALUES (-2, '2024-02-15', 'wrong');

-- COPY into the parent, in turns between the partitions
SELECT current_setting('data_directory') || '/pg_stat_tmp' AS dir \gset
\set file :dir '/am_partition.txt'
COPY (SELECT g, timestamptz '2024-01-01' + (g * 7919 % 4000) * interval '1 hour', 'c' || g FROM generate_series(10000, 30000) g) TO :'file';
COPY p FROM :'file';
CREATE TABLE h (id int, ts timestamptz, v text);
COPY h FROM :'file';
INSERT INTO h SELECT g, timestamptz '2024-01-01' + g * interval '1 hour', 'v' || g FROM generate_series(0, 4000) g;
INSERT INTO h VALUES (-1, '2024-01-15', 'one');
SELECT * FROM twin.diff('h', 'p');
SELECT twin.same('h', 'p', q) FROM unnest(ARRAY['SELECT id FROM %s WHERE ts >= ''2024-02-10'' AND ts < ''2024-02-12''',
	'SELECT count(*), sum(id) FROM %s WHERE v LIKE ''c1%''', 'SELECT date_trunc(''day'', ts), count(*) FROM %s GROUP BY 1',
	'SELECT id FROM %s WHERE ts = ''2024-01-15'' OR id = 77']) q;
-- by time order, merged over the partitions
SELECT id FROM p WHERE v LIKE 'v%' ORDER BY ts LIMIT 3;
SELECT id FROM p ORDER BY ts DESC, id DESC LIMIT 3;

-- pruning at plan time and at run time
SET enable_seqscan = on;
SELECT count(*) FROM (SELECT * FROM p WHERE ts >= '2024-02-01' AND ts < '2024-03-01') x;
PREPARE q(timestamptz) AS SELECT count(*) FROM p WHERE ts >= $1 AND ts < $1 + interval '1 day';
EXECUTE q('2024-02-03');
SET plan_cache_mode = force_generic_plan;
EXECUTE q('2024-02-03');
EXECUTE q('2024-03-03');
RESET plan_cache_mode;
DEALLOCATE q;

-- ATTACH and DETACH, of tables with rows
CREATE TABLE p4 (id int, v text, extra int, ts timestamptz) USING flowstore;
ALTER TABLE p4 DROP COLUMN extra;
INSERT INTO p4 (id, ts, v) VALUES (1, '2024-07-02', 'attached'), (2, '2024-07-03', 'attached');
ALTER TABLE p ATTACH PARTITION p4 FOR VALUES FROM ('2024-07-01') TO ('2024-08-01');
INSERT INTO p VALUES (3, '2024-07-04', 'through the parent');
SELECT id, v FROM p WHERE ts >= '2024-07-01' ORDER BY id;
SELECT id, v FROM p4 ORDER BY id;
ALTER TABLE p DETACH PARTITION p4;
INSERT INTO p4 (id, ts, v) VALUES (4, '2025-07-04', 'alone');
ALTER TABLE p ATTACH PARTITION p4 FOR VALUES FROM ('2024-07-01') TO ('2024-08-01');
SELECT count(*) FROM p WHERE ts >= '2024-07-01';
ALTER TABLE p DETACH PARTITION p1;
INSERT INTO p VALUES (5, '2024-01-20', 'to the default');
ALTER TABLE p ATTACH PARTITION p1 FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
TRUNCATE rest;
ALTER TABLE p ATTACH PARTITION p1 FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
SELECT tableoid::regclass, count(*) FROM p GROUP BY 1 ORDER BY 1;
ALTER TABLE p DETACH PARTITION rest;
ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY;
SELECT count(*) FROM p1;
ALTER TABLE p ATTACH PARTITION p1 FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
SELECT count(*) FROM p;

-- two levels
CREATE TABLE deep (a int, b int) PARTITION BY LIST (a);
CREATE TABLE deep1 PARTITION OF deep FOR VALUES IN (1) PARTITION BY HASH (b);
CREATE TABLE deep1a PARTITION OF deep1 FOR VALUES WITH (MODULUS 2, REMAINDER 0) USING flowstore;
CREATE TABLE deep1b PARTITION OF deep1 FOR VALUES WITH (MODULUS 2, REMAINDER 1) USING flowstore;
CREATE TABLE deep2 PARTITION OF deep FOR VALUES IN (2) USING flowstore;
INSERT INTO deep SELECT 1 + g % 2, g FROM generate_series(1, 3000) g;
SELECT count(*), sum(b), count(DISTINCT tableoid) FROM deep;
SELECT a, count(*) FROM deep GROUP BY a ORDER BY a;

-- DDL through the parent reaches the partitions
ALTER TABLE deep ADD COLUMN c int DEFAULT 7;
ALTER TABLE deep ALTER c TYPE bigint;
INSERT INTO deep VALUES (2, 9999, 8);
SELECT c, count(*), sum(b) FROM deep GROUP BY c ORDER BY c;
ALTER TABLE deep DROP COLUMN c;
SELECT count(*) FROM deep;
TRUNCATE deep;
SELECT count(*) FROM deep;

-- partitionwise join and aggregate
SET enable_partitionwise_join = on;
SET enable_partitionwise_aggregate = on;
INSERT INTO deep SELECT 1 + g % 2, g FROM generate_series(1, 500) g;
SELECT count(*) FROM deep x JOIN deep y USING (a, b);
SELECT a, sum(b) FROM deep GROUP BY a ORDER BY a;
RESET enable_partitionwise_join;
RESET enable_partitionwise_aggregate;

-- many partitions and one COPY: a buffer for each, in bounded memory
CREATE TABLE many (k int, v text) PARTITION BY LIST (k);
DO $$ BEGIN
	FOR i IN 0..149 LOOP
		EXECUTE format('CREATE TABLE many_%s PARTITION OF many FOR VALUES IN (%s) USING flowstore', i, i);
	END LOOP;
END $$;
COPY (SELECT g % 150, 'row ' || g FROM generate_series(1, 30000) g) TO :'file';
COPY many FROM :'file';
INSERT INTO many SELECT g % 150, 'ins ' || g FROM generate_series(1, 3000) g;
SELECT count(*), count(DISTINCT k), count(DISTINCT v) FROM many;
SELECT min(n), max(n) FROM (SELECT count(*) AS n FROM many GROUP BY k) x;

-- and one UPDATE and one DELETE, without a lock for each of their rows
UPDATE many SET v = v || ' changed';
SELECT count(*), count(DISTINCT v), count(*) FILTER (WHERE v LIKE '% changed') FROM many;
DELETE FROM many WHERE v LIKE 'row %';
SELECT count(*), count(DISTINCT v) FROM many;

DROP SCHEMA am_partition CASCADE;
