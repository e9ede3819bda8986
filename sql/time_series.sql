-- flow.locf, flow.interpolate, flow.spread and flow.rate against written-out
-- arithmetic and SQL.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';

-- by hand: between 10 at 00:01 and 40 at 00:04 each minute adds 10, also if rows
-- are not evenly far apart; before the first and after the last there is nothing
SELECT k, t::time, v, flow.locf(v) OVER w, flow.interpolate(t, v) OVER w
FROM (VALUES (1, timestamptz '2024-01-01 00:00', NULL::float8), (1, '2024-01-01 00:01', 10), (1, '2024-01-01 00:01:30', NULL),
             (1, '2024-01-01 00:03', NULL), (1, '2024-01-01 00:04', 40), (1, '2024-01-01 00:05', 50), (1, '2024-01-01 00:06', NULL),
             (2, '2024-01-01 00:00', NULL), (2, '2024-01-01 00:01', 7), (2, 'infinity', NULL), (2, NULL, NULL),
             (3, '2024-01-01 00:00', NULL)) s(k, t, v)
WINDOW w AS (PARTITION BY k ORDER BY t) ORDER BY k, t;
SELECT flow.locf(v) OVER (ORDER BY i), flow.interpolate(timestamp '2024-01-01' + i * interval '1 h', n) OVER (ORDER BY i)
FROM (VALUES (1, 'a', 1), (2, NULL, NULL), (3, 'c', 4), (4, NULL, NULL)) s(i, v, n);
-- rows without t are no neighbours
SELECT i, flow.interpolate(t, v) OVER (ORDER BY i) FROM (VALUES (1, timestamptz '2024-01-01 00:00', 0::float8), (2, NULL, 99),
    (3, '2024-01-01 00:01', NULL), (4, NULL, 98), (5, '2024-01-01 00:04', 8)) s(i, t, v) ORDER BY i;
-- the frame does not matter, and against SQL of another kind
CREATE TABLE ts_points AS
SELECT i % 3 AS k, timestamptz '2024-01-01' + i * i * interval '1 s' AS t, CASE WHEN i * 7919 % 11 < 4 THEN (i * 31 % 101)::float8 END AS v
FROM generate_series(1, 600) i;
SELECT count(*) FILTER (WHERE a.l IS NOT DISTINCT FROM b.l) AS locf,
       count(*) FILTER (WHERE a.i IS NOT DISTINCT FROM b.i OR abs(a.i - b.i) < 1e-9) AS interpolate, count(*), count(a.i) AS known
FROM (SELECT k, t, flow.locf(v) OVER w AS l, flow.interpolate(t, v) OVER w AS i FROM ts_points
      WINDOW w AS (PARTITION BY k ORDER BY t ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)) a
JOIN (SELECT p.k, p.t, o.v AS l,
             coalesce(p.v, o.v + (n.v - o.v) * extract(epoch FROM p.t - o.t)::float8 / nullif(extract(epoch FROM n.t - o.t)::float8, 0)) AS i
      FROM ts_points p
      LEFT JOIN LATERAL (SELECT * FROM ts_points o WHERE o.k = p.k AND o.t <= p.t AND o.v IS NOT NULL ORDER BY o.t DESC LIMIT 1) o ON true
      LEFT JOIN LATERAL (SELECT * FROM ts_points n WHERE n.k = p.k AND n.t >= p.t AND n.v IS NOT NULL ORDER BY n.t LIMIT 1) n ON true) b
USING (k, t);

-- 100 bytes over 12:00:50 to 12:03:20, 150 s: 10, 60, 60 and 20 s of it are 6.67, 40, 40
-- and 13.33; rounded down that is 99, and the first has the largest remainder
SELECT * FROM flow.spread('2024-01-01 12:00:50', 150000, 100, '1 min');
-- 2 bytes over 4 whole minutes: 0.5 each, earlier ones first
SELECT * FROM flow.spread('2024-01-01 12:00:00', 240000, 2, '1 min');
SELECT * FROM flow.spread('2024-01-01 12:00:50', 0, 100, '1 min');
SELECT * FROM flow.spread('2024-01-01 12:00:50', NULL, 100, '1 min');
SELECT count(*) FROM flow.spread('2024-01-01 12:00:50', 5, NULL, '1 min');
SELECT count(*) FROM flow.spread(NULL, 5, 100, '1 min');
-- 9,223,372,036,854,775,807 over three seconds: a third is 3,074,457,345,618,258,602.33
SELECT * FROM flow.spread('2024-01-01 12:00:00', 3000, 9223372036854775807, '1 s');
-- the night of the change has a third hour: 2 to 3 is there twice
SELECT bucket AT TIME ZONE 'Europe/Berlin' AS wall, share
FROM flow.spread('2024-10-26 23:00+00', 4 * 3600000, 400, '1 hour', 'Europe/Berlin');
-- sums are kept, and each share is less than 1 from the exact one
SELECT count(*) FILTER (WHERE sum = value) AS exact, count(*) FILTER (WHERE off < 1) AS near, count(*)
FROM (SELECT i, value, sum(share), max(abs(share - value * greatest(0, extract(epoch FROM least(bucket + interval '7 s', ts + d * interval '1 ms')
             - greatest(bucket, ts))) * 1000 / d)) AS off
      FROM (SELECT i, timestamptz '2024-01-01' + i * interval '1.234567 s' AS ts, (i * 7919 % 100000 + 1)::bigint AS d, (i * 104729 % 5003)::bigint AS value
            FROM generate_series(1, 2000) i) f, flow.spread(ts, d, value, '7 s') GROUP BY i, value) s;
SELECT * FROM flow.spread('2024-01-01', -1, 100, '1 min');
SELECT * FROM flow.spread('2024-01-01', 1, -100, '1 min');
SELECT * FROM flow.spread('2024-01-01', 9223372036854775807, 100, '1 min');
SELECT * FROM flow.spread('infinity', 1, 100, '1 min');
SELECT * FROM flow.spread('2024-01-01', 1, 100, '0');
SELECT * FROM flow.spread('2024-01-01', 1, 100, NULL);
SELECT * FROM flow.spread('2024-01-01', 86400000, 100, '1 ms');

-- flow.rate: 600 bytes over 00:00:30 to 00:01:30, 60 at 00:02:00, sampled 1 in 10, and a
-- flow of before that reaches into the first minute with 30 of 90 s and 90 bytes
CREATE TABLE ts_rate (ts timestamptz NOT NULL, duration_ms integer, bytes bigint, packets bigint, sampling integer) USING flowstore;
INSERT INTO ts_rate VALUES ('2024-01-01 00:00:30', 60000, 600, 4, NULL), ('2024-01-01 00:02:00', 0, 60, 1, 10),
    ('2023-12-31 23:59:00', 90000, 90, 3, NULL), ('2024-01-01 00:05:00', 0, 7, 1, NULL);
SELECT * FROM flow.rate('1 min', since => '2024-01-01 00:00:10', until => '2024-01-01 00:04:00', relation => 'ts_rate');
SELECT * FROM flow.rate('1 min', 'bytes', '2024-01-01 00:00:10', '2024-01-01 00:04:00', corrected => true, longest => '0', relation => 'ts_rate');
SELECT * FROM flow.rate('4 min', 'packets', '2024-01-01', '2024-01-01 00:04:00', relation => 'ts_rate');
SELECT * FROM flow.rate('1 h', 'flows', '2024-01-01', '2024-01-01 00:04:00', relation => 'ts_rate', columns => '{"bytes": "packets"}');
SELECT * FROM flow.rate('1 min', 'flags', relation => 'ts_rate');
SELECT * FROM flow.rate('0', since => '2024-01-01', until => '2024-01-02', relation => 'ts_rate');
SELECT * FROM flow.rate('1 min', since => '2024-01-01', until => '2024-01-02', relation => 'ts_points');
SELECT * FROM flow.rate('1 min', span => '-1 h', relation => 'ts_rate');
SELECT * FROM flow.rate('1 min', longest => '-1 h', relation => 'ts_rate');
DROP TABLE ts_points, ts_rate;
