-- flow.detect against arithmetic.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET flowstore.now = '2026-03-01 12:00';
CREATE TABLE counted (ts timestamptz NOT NULL, src_addr inet, dst_addr inet, dst_port integer, bytes bigint) USING flowstore;
-- six buckets before 11:50: host 1 has 2 4 4 4 6 4 rows, then 9; host 2 has 4 in each, then none; host 3 is new, 1 row
INSERT INTO counted SELECT timestamptz '2026-03-01 10:50' + b * interval '10 min' + i * interval '1 s', '10.0.0.1', inet '10.1.0.0' + i, 80, 100
FROM unnest('{2,4,4,4,6,4,9}'::int[]) WITH ORDINALITY x(n, b), generate_series(1, n) i WHERE b <= 7;
UPDATE counted SET ts = ts - interval '10 min';
INSERT INTO counted SELECT timestamptz '2026-03-01 10:50' + b * interval '10 min' + i * interval '1 s', '10.0.0.2', '10.1.0.1', 80, 50
FROM generate_series(0, 5) b, generate_series(1, 4) i;
INSERT INTO counted VALUES ('2026-03-01 11:55', '10.0.0.3', '10.1.0.1', 80, 7);

-- host 1: mean 4, squares 4 + 4 = 8: deviation sqrt(8 / 5), (9 - 4) / sqrt(1.6) = 3.952847; host 3: 1 instead of 0
SELECT at, entity, value, expected, round(score::numeric, 6) AS score, round(5 / sqrt(1.6), 6) AS of_host_1 FROM flow.detect('count', by => 'src_addr', baseline => '1 hour', k => 3, relation => 'counted');
SELECT entity, value, expected FROM flow.detect('count', by => 'src_addr', baseline => '1 hour', k => 4, relation => 'counted');
-- 100 bytes a row: the same scores
SELECT entity, value, expected, round(score::numeric, 6) AS score FROM flow.detect('sum(bytes)', by => 'src_addr', baseline => '1 day', k => 3, relation => 'counted');
SELECT entity, value, expected, round(score::numeric, 6) AS score FROM flow.detect('distinct(dst_addr)', by => 'src_addr', k => 3, relation => 'counted');
-- host 2 has gone
SELECT entity, value, expected, score FROM flow.detect('count', by => 'src_addr', kind => 'low', k => 3, relation => 'counted');
-- among the hosts of the bucket: 9 and 1, mean 5, deviation sqrt(32) = 5.656854, 4 / 5.656854 = 0.707107
SELECT entity, value, expected, round(score::numeric, 6) AS score FROM flow.detect('count', over => 'src_addr', k => 0.7, relation => 'counted');
SELECT entity, value, expected, round(score::numeric, 6) AS score FROM flow.detect('count', over => 'src_addr', kind => 'low', k => 0.7, relation => 'counted');
-- several buckets against 2 4 4 of host 1, mean 10 / 3; host 2 is as ever
SELECT at, entity, value FROM flow.detect('count', by => 'src_addr', k => 0.1, baseline => '30 min', since => '2026-03-01 11:20', relation => 'counted') ORDER BY 1, 2;
-- no history: nothing can be told
SELECT * FROM flow.detect('count', by => 'src_addr', since => '2026-03-01 10:50', relation => 'counted', k => 1e-6);
-- a port that host 1 never used in 24 rows: log2(25 / 1); the other one: log2(25 / 25); host 3 has no past
INSERT INTO counted VALUES ('2026-03-01 11:51', '10.0.0.1', '10.1.0.1', 81, 100);
SELECT entity, value, expected, round(score::numeric, 6) AS score, round(ln(25.0) / ln(2.0), 6) AS as_expected FROM flow.detect('count', 'src_addr', 'dst_port', kind => 'rare', k => 4, relation => 'counted');
-- what it calls, which has no defaults: 10 rows of host 1 now, (1000 - 400) / (100 * sqrt(1.6)) = 4.743416; the others have no deviation
SELECT at, entity, value, expected, round(score::numeric, 6) AS score FROM flow.detect_in('counted', 'sum(bytes)', 'src_addr', NULL, 'high', '10 min', '1 hour', 3,
    NULL, '2026-03-01 12:00', NULL) WHERE score < 'infinity';
SELECT flow.detect_in(NULL, 'count', 'src_addr', NULL, 'high', '10 min', '1 hour', 3, NULL, NULL, NULL);
CREATE TABLE counted_heap AS TABLE counted;
SELECT count(*) FROM (SELECT * FROM flow.detect('sum(bytes)', by => 'src_addr', k => 0.01, relation => 'counted')
    EXCEPT ALL SELECT * FROM flow.detect('sum(bytes)', by => 'src_addr', k => 0.01, relation => 'counted_heap')) x;
-- refused
SELECT * FROM flow.detect('max(bytes)', by => 'src_addr', relation => 'counted');
SELECT * FROM flow.detect('sum', by => 'src_addr', relation => 'counted');
SELECT * FROM flow.detect('sum(bytes) FROM counted; --)', by => 'src_addr', relation => 'counted');
SELECT * FROM flow.detect('sum(packets)', by => 'src_addr', relation => 'counted');
SELECT * FROM flow.detect('count', relation => 'counted');
SELECT * FROM flow.detect('count', 'src_addr', 'src_addr', relation => 'counted');
SELECT * FROM flow.detect('count', by => 'src_addr; DROP TABLE counted', relation => 'counted');
SELECT * FROM flow.detect('count', by => 'src_addr', kind => 'rare', relation => 'counted');
SELECT * FROM flow.detect('sum(bytes)', 'src_addr', 'dst_port', kind => 'rare', relation => 'counted');
SELECT * FROM flow.detect('count', by => 'src_addr', kind => 'odd', relation => 'counted');
SELECT * FROM flow.detect('count', by => 'src_addr', k => -1, relation => 'counted');
SELECT * FROM flow.detect('count', by => 'src_addr', bucket => '0', relation => 'counted');
SELECT * FROM flow.detect('count', by => 'src_addr', baseline => '10 min', relation => 'counted');
DROP TABLE counted, counted_heap;
