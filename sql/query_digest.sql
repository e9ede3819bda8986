--
-- Heads of chunks answer counts, sums, averages, minima and maxima: the same as from the rows, on heap, and only where that is so.
-- Without this test: a sum that a deletion, a NULL or a column added later should have changed.
--
\set ECHO none
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
\getenv abs_srcdir PG_ABS_SRCDIR
\set twin :abs_srcdir '/test/differential/twin.sql'
\i :twin
\set ECHO all
CREATE SCHEMA query_digest;
SET search_path = query_digest;
SET TimeZone = 'UTC';
SET flowstore.enable_scan = on;
SET max_parallel_workers_per_gather = 0;
-- five hours: 6,000 rows each of the first four, too few for a sum in the fifth; bytes whose sum takes more than 64 bits in the
-- second, packets that are NULL in the third
CREATE TABLE flow_h (gone int, id bigint, ts timestamptz, bytes bigint, packets int, proto smallint, up bool, rtt float8, sni text);
INSERT INTO flow_h
	SELECT 1, i, '2026-01-01'::timestamptz + least(i / 6000, 3) * interval '1 hour' + i % 6000 * interval '500 ms',
		CASE i / 6000 WHEN 1 THEN 9000000000000000000 - i WHEN 2 THEN -i ELSE i END, CASE i / 6000 WHEN 2 THEN NULL ELSE i % 7 END,
		CASE WHEN i < 6000 THEN 6 ELSE i % 3 END, i % 5 <> 0, i / 8.0, CASE WHEN i % 4 > 0 THEN 's' || i % 10 END
	FROM generate_series(0, 23999) i
	UNION ALL
	SELECT 1, i, '2026-01-01 04:00'::timestamptz + i % 100 * interval '1 s', i, i, 17, NULL, NULL, NULL FROM generate_series(30001, 30500) i;
CREATE TABLE flow_f (LIKE flow_h) USING flowstore;
INSERT INTO flow_f SELECT * FROM flow_h;
ALTER TABLE flow_h DROP COLUMN gone;
ALTER TABLE flow_f DROP COLUMN gone;
SELECT count(*) > 0 AS done FROM flow.optimize('flow_f', full => true);
ANALYZE flow_h, flow_f;

-- how many chunks a query did without, and whether heap answers the same
CREATE FUNCTION answered(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (ANALYZE, FORMAT json, TIMING off) ' || replace(query, '@', 'flow_f') INTO plan;
	RETURN format('%s of %s', (regexp_match(plan::text, '"Chunks Answered by Head": (\d+)'))[1],
		(regexp_match(plan::text, '"Chunks": (\d+)'))[1]);
END $$;
CREATE VIEW asked AS
	SELECT answered(q) AS by_head, twin.same('flow_h', 'flow_f', replace(q, '@', '%s')) AS same, q FROM (VALUES
	('SELECT count(*), count(packets), count(sni), count(rtt), count(up) FROM @'),
	('SELECT sum(bytes), avg(bytes), min(bytes), max(bytes) FROM @'),
	('SELECT sum(packets), avg(packets), min(packets), max(packets), min(ts), max(ts), bool_and(up), bool_or(up) FROM @'),
	('SELECT sum(bytes) FROM @ WHERE ts >= ''2026-01-01 01:00'' AND ts < ''2026-01-01 04:00'''),
	('SELECT sum(bytes) FROM @ WHERE ts >= ''2026-01-01 00:10'' AND ts <= ''2026-01-01 03:20'''),
	('SELECT date_trunc(''hour'', ts), sum(bytes), sum(packets), max(packets) FROM @ GROUP BY 1'),
	('SELECT date_trunc(''hour'', ts), avg(packets) FROM @ GROUP BY 1 HAVING avg(packets) IS NULL OR count(*) < 1000'),
	('SELECT date_trunc(''hour'', ts), date_bin(''1 day'', ts, ''2000-01-01''), count(*) FROM @ GROUP BY 1, 2'),
	('SELECT date_bin(''10 minutes'', ts, ''2000-01-01''), sum(bytes) FROM @ GROUP BY 1'),
	('SELECT proto, sum(bytes) FROM @ GROUP BY 1'),
	('SELECT proto, date_trunc(''hour'', ts), min(bytes) FROM @ GROUP BY 1, 2'),
	('SELECT sum(bytes) FROM @ WHERE proto = 6'),
	('SELECT sum(bytes) FROM @ WHERE proto >= 0'),
	('SELECT sum(bytes) FROM @ WHERE NOT proto >= 100'),
	('SELECT sum(bytes) FROM @ WHERE bytes <> 7'),
	('SELECT count(*) FROM @ WHERE packets >= 0'),
	('SELECT sum(bytes) FROM @ WHERE ts > ''2026-01-01'' AND sni IS NOT NULL'),
	('SELECT sum(bytes) FILTER (WHERE proto = 6), count(*) FROM @'),
	('SELECT sum(bytes + 1), count(*) FROM @'),
	('SELECT sum(rtt), count(*) FROM @'),
	('SELECT min(rtt), max(rtt) FROM @'),
	('SELECT stddev(packets), sum(packets) FROM @'),
	('SELECT count(DISTINCT proto), sum(packets) FROM @'),
	('SELECT sum(bytes) FROM @ WHERE ts > ''2027-01-01''')) v (q);
SELECT * FROM asked;

-- EXPLAIN counts the rows, and the clause's vectors as settled; since PostgreSQL 18 rows have decimals
CREATE FUNCTION plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off, BUFFERS off) ' || query LOOP
		RETURN NEXT regexp_replace(line, '(rows=\d+)\.00', '\1');
	END LOOP;
END $$;
SELECT * FROM plan($$SELECT sum(bytes) FROM flow_f WHERE ts < '2026-01-01 02:00'$$);

-- where groups are shorter than the chunks of an hour, vectors are looked at, and counted once
SELECT * FROM plan($$SELECT date_bin('10 minutes', ts, '2000-01-01'), sum(bytes) FROM flow_f WHERE ts < '2026-01-01 02:00' GROUP BY 1$$);

-- the planner counts on heads where no row was deleted
CREATE FUNCTION cost(query text) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
	RETURN plan -> 0 -> 'Plan' ->> 'Total Cost';
END $$;
SELECT cost('SELECT sum(id) FROM flow_f') AS by_head \gset

-- rows deleted, rows since, a column added with a value and one without, a transaction that sees its own
DELETE FROM flow_h WHERE id IN (5, 12345);
DELETE FROM flow_f WHERE id IN (5, 12345);
SELECT cost('SELECT sum(id) FROM flow_f') > 2 * :by_head AS by_row;
UPDATE flow_h SET bytes = 0 WHERE id = 6001;
UPDATE flow_f SET bytes = 0 WHERE id = 6001;
ALTER TABLE flow_h ADD COLUMN late bigint DEFAULT 3, ADD COLUMN later int;
ALTER TABLE flow_f ADD COLUMN late bigint DEFAULT 3, ADD COLUMN later int;
INSERT INTO flow_h SELECT i, '2026-01-01 02:30', i FROM generate_series(50001, 55000) i;
INSERT INTO flow_f SELECT i, '2026-01-01 02:30', i FROM generate_series(50001, 55000) i;
SELECT count(*), count(*) FILTER (WHERE same = 'same') AS same, array_agg(by_head ORDER BY q) FROM asked;
SELECT answered(q), twin.same('flow_h', 'flow_f', replace(q, '@', '%s')) AS same, q FROM (VALUES
	('SELECT sum(late), count(late), min(late), max(later), count(later), sum(later) FROM @'),
	('SELECT sum(later), date_trunc(''hour'', ts) FROM @ GROUP BY 2')) v (q);

-- an older snapshot sees what it saw
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT sum(id) FROM flow_f;
SAVEPOINT s;
DELETE FROM flow_f WHERE id = 18001;
SELECT sum(id) FROM flow_f;
ROLLBACK TO s;
SELECT sum(id) FROM flow_f;
COMMIT;

-- partitions whose columns have other numbers
CREATE TABLE parts (id bigint, ts timestamptz, bytes bigint) PARTITION BY RANGE (ts);
CREATE TABLE parts_1 (gone text, ts timestamptz, bytes bigint, id bigint) USING flowstore;
ALTER TABLE parts_1 DROP COLUMN gone;
ALTER TABLE parts ATTACH PARTITION parts_1 FOR VALUES FROM ('2026-01-01') TO ('2026-01-01 02:00');
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM ('2026-01-01 02:00') TO ('2026-02-01') USING flowstore;
INSERT INTO parts SELECT id, ts, bytes FROM flow_h WHERE id < 50000;
SET enable_partitionwise_aggregate = on;
SELECT answered(replace(q, '@', 'parts')), twin.same('flow_h', 'parts', replace(q, '@', '%s')) AS same, q FROM (VALUES
	('SELECT count(*), sum(bytes), max(id), min(ts) FROM @ WHERE id < 50000'),
	('SELECT date_trunc(''hour'', ts), sum(bytes), max(id) FROM @ WHERE id < 50000 GROUP BY 1')) v (q);

-- the same from several processes
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT twin.same('flow_h', 'flow_f', 'SELECT date_trunc(''hour'', ts), sum(bytes), avg(packets) FROM %s GROUP BY 1');

SET max_parallel_workers_per_gather = 0;

-- a day that begins twice within a chunk: from 02:30 to 02:31 it is the 7th in St. John's, before and after that the 6th
CREATE TABLE twice (ts timestamptz, n int) USING flowstore;
SELECT flow.set('twice', partition => '1 day');
INSERT INTO twice SELECT timestamptz '2010-11-07 02:00' + i * interval '1 s', 1 FROM generate_series(0, 4799) i;
SELECT date_trunc('day', ts, 'America/St_Johns') AS day, sum(n) FROM twice GROUP BY 1 ORDER BY 1;
SELECT date_trunc('hour', ts, 'America/St_Johns') AS hour, sum(n) FROM twice WHERE ts < '2010-11-07 02:31' GROUP BY 1 ORDER BY 1;

-- nothing else than the values says so
SELECT * FROM flow.check('flow_f');
\set ECHO none
DROP SCHEMA query_digest CASCADE;
