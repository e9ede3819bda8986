-- Answers at the edges: groups in which no row counts, infinite and negative sums, outer joins, clocks that are set back.
-- Without this test: zero instead of NULL, groups lost under LIMIT, plans that cannot be made.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
CREATE SCHEMA query_edges;
SET search_path = query_edges;
SET timezone = 'UTC';
SET datestyle = 'ISO, MDY';
SET max_parallel_workers_per_gather = 0;
SET flowstore.enable_scan = on;

-- steps of time that had no row when their neighbour was measured
CREATE TABLE g (ts timestamptz, p int, b bool, n int8) USING flowstore;
INSERT INTO g SELECT '2024-01-01'::timestamptz + i * interval '2 s', CASE WHEN i < 1800 THEN 5 END,
	CASE WHEN i < 1800 THEN false END, CASE WHEN i < 1800 THEN 5 END FROM generate_series(0, 3599) i;
SELECT date_trunc('hour', ts) AS hour, count(*), sum(p), min(p), max(p), bool_and(b), bit_or(n), bit_and(n), min(n) FROM g GROUP BY 1 ORDER BY 1;
SELECT flow.time_bucket('1 hour', ts) AS hour, sum(n) FILTER (WHERE p = 5), max(n) FILTER (WHERE p = 6) FROM g GROUP BY 1 ORDER BY 1;
SELECT date_trunc('hour', ts) AS hour FROM g GROUP BY 1 HAVING sum(n) IS NOT NULL;

-- the first groups where the last of them is infinite
CREATE TABLE i (k int, v float8, w float4) USING flowstore;
INSERT INTO i SELECT k, CASE k WHEN 2 THEN 'Infinity'::float8 WHEN 5 THEN '-Infinity' ELSE k END, k FROM generate_series(1, 10) k;
SELECT k, sum(v) FROM i GROUP BY k ORDER BY 2 DESC LIMIT 1;
SELECT k, avg(v) FROM i GROUP BY k ORDER BY 2 LIMIT 1;
SELECT k, max(v) FROM i GROUP BY k ORDER BY 2 DESC LIMIT 2;
SELECT k, min(v) FROM i GROUP BY k ORDER BY 2 LIMIT 1;

-- averages of small negative sums
CREATE TABLE r (g int, n int8, i int) USING flowstore;
INSERT INTO r VALUES (1, -1000, -1000);
INSERT INTO r SELECT 2, -3, -3 FROM generate_series(1, 1000);
SELECT g, avg(i)::numeric(8, 1) FROM r GROUP BY 1 ORDER BY avg(i) DESC LIMIT 1;
SELECT g, avg(n)::numeric(8, 1) FROM r GROUP BY 1 ORDER BY avg(n) DESC LIMIT 1;

-- of zeros that are equal the last is kept, as core does
CREATE TABLE z (x float8) USING flowstore;
INSERT INTO z VALUES (0), ('-0');
SELECT min(x), max(x) FROM z;

-- what an outer join may make NULL
CREATE TABLE f (ts timestamptz, sport int, dport int) USING flowstore;
INSERT INTO f SELECT '2024-01-01'::timestamptz + i * interval '1 s', i, CASE WHEN i % 2 = 0 THEN 443 ELSE 5 END FROM generate_series(1, 100) i;
CREATE TABLE k (a inet, b int);
INSERT INTO k VALUES ('10.0.0.1', 80), ('10.0.0.2', 5);
CREATE TABLE jj (x int);
INSERT INTO jj VALUES (1), (5), (NULL);
ANALYZE f, k, jj;
SELECT count(*), min(a) FROM (k LEFT JOIN (SELECT 80 b, 443 y) y ON y.b = k.b) JOIN f t ON y.y = t.dport;
SELECT count(*) FROM (k LEFT JOIN LATERAL (SELECT k.b + 0 z) q ON true) JOIN f t ON t.dport = q.z;
SELECT count(*) FROM jj a LEFT JOIN (SELECT coalesce(x, 5) y, x FROM jj) b ON a.x = b.x JOIN f ON f.dport = b.y;
SELECT count(*) FROM jj a LEFT JOIN (SELECT coalesce(x, 5) y, x FROM jj) b ON a.x = b.x LEFT JOIN f ON f.dport = b.y + 438;
SELECT one, count(*) FROM f t LEFT JOIN (SELECT 1 AS one) s ON true GROUP BY one;
SELECT sum(one), count(*) FROM f t LEFT JOIN (SELECT 1 AS one) s ON true;
SELECT dport + one AS p, count(*) FROM f t LEFT JOIN (SELECT 1 AS one) s ON true GROUP BY 1 ORDER BY 1;

-- look-ups in the partitions of a partitionwise join
CREATE TABLE a1 (k int, a int) PARTITION BY HASH (k);
CREATE TABLE a1_0 PARTITION OF a1 FOR VALUES WITH (MODULUS 2, REMAINDER 0) USING flowstore;
CREATE TABLE a1_1 PARTITION OF a1 FOR VALUES WITH (MODULUS 2, REMAINDER 1) USING flowstore;
CREATE TABLE b1 (k int) PARTITION BY HASH (k);
CREATE TABLE b1_0 PARTITION OF b1 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE b1_1 PARTITION OF b1 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO a1 SELECT i, i FROM generate_series(1, 50000) i;
INSERT INTO b1 SELECT i * 1000 FROM generate_series(1, 20) i;
ANALYZE a1, b1;
SET enable_partitionwise_join = on;
SELECT count(*) FROM b1 JOIN a1 USING (k);
SELECT count(*), sum(a) FROM a1 RIGHT JOIN b1 USING (k);
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SELECT count(*) FROM b1 WHERE EXISTS (SELECT FROM a1 WHERE a1.k = b1.k);
SELECT count(*), sum(a) FROM a1 RIGHT JOIN b1 USING (k);
RESET enable_hashjoin;
RESET enable_mergejoin;

-- an oid of 2^32 - n that is called an integer is -n: PostgreSQL's cast is of the bits
CREATE TABLE o (k int, o oid) USING flowstore;
INSERT INTO o SELECT i % 2, ('{4294967290,7}'::oid[])[1 + i % 2] FROM generate_series(1, 6000) i;
SELECT sum(o::int4), min(o::int4), max(o::int4), avg(o::int4)::int, bit_or(o::int4), count(o::int4), count(DISTINCT o::int4) FROM o;
SELECT k, sum(o::int4) FROM o GROUP BY 1 ORDER BY 1;
SELECT o::int4, count(*) FROM o WHERE o::int4 < 0 GROUP BY 1;

-- a day that begins twice
SET timezone = 'America/St_Johns';
CREATE TABLE sf (ts timestamptz, a int) USING flowstore;
INSERT INTO sf SELECT timestamptz '2010-11-04 00:00' + i * interval '30 s', i FROM generate_series(1, 14400) i;
SELECT date_trunc('day', ts)::date AS day, count(*) FROM sf GROUP BY date_trunc('day', ts) ORDER BY date_trunc('day', ts);
SET timezone = 'UTC';
SELECT date_trunc('day', ts, 'America/St_Johns') AS day, count(*) FROM sf GROUP BY 1 ORDER BY 1;
SELECT date_trunc('day', date_trunc('hour', ts, 'America/St_Johns')) AS day, count(*) FROM sf GROUP BY 1 ORDER BY 1;

-- steps that cannot be evaluated where no row is
SELECT date_trunc('foo', ts), count(*) FROM sf WHERE a < 0 GROUP BY 1;
EXPLAIN (COSTS OFF) SELECT date_part('epoch', ts) * 1e305 * 1e2, count(*) FROM sf WHERE a < 0 GROUP BY 1;
SELECT date_bin('30000000 days', ts, '2009-01-01'), count(*) FROM sf GROUP BY 1;
SELECT flow.time_bucket('250000 years', ts) IS NOT NULL AS is_known, count(*) FROM sf GROUP BY flow.time_bucket('250000 years', ts);

SET client_min_messages = error;
DROP SCHEMA query_edges CASCADE;
