-- flow.beacon_score is what the formula in plain SQL gives; parts, bounds, plans.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
\set SHOW_CONTEXT never
SET timezone = 'UTC';

-- regularity by hand: 10 at even gaps of 60 s, all of 100 bytes, in one hour
-- of 24: gaps and sizes 1, CV = sqrt(23) > 1 gives 0, fewer than 6 hours gives 0
SELECT flow.beacon_score(timestamptz '2026-03-01 10:00' + i * interval '60 s', 100), (1 + 1 + 0 + 0) / 4.0 AS expected
FROM generate_series(1, 10) i;
-- each hour of the day once: histogram 1, duration 1
SELECT (flow.beacon_parts(timestamptz '2026-03-01' + i * interval '1 hour', 100)).* FROM generate_series(0, 23) i;
-- gaps 10 20 30 40 100: quartiles 20 30 40, 1 - 0; MAD 10 of median 30: (1 + 2/3) / 2;
-- sizes 0 0 0 0 0 9: median 0 gives (1 + 0) / 2
SELECT round((p).timestamps::numeric, 12) AS timestamps, round((1 + 2 / 3.0) / 2, 12) AS expected, (p).data_size, (p).bimodal
FROM (SELECT flow.beacon_parts(timestamptz '2026-03-01' + s * interval '1 s', b) AS p
      FROM (VALUES (0, 0), (10, 0), (30, 0), (60, 0), (100, 0), (200, 9)) v(s, b)) x;
-- 12 hours with 1 1 1 1 1 20 20 20 20 20 20 7 rows: levels 1, 20 and 7 of 20;
-- 11 of 12 - 1 are on the two most common
SELECT (flow.beacon_parts(timestamptz '2026-03-01' + h * interval '1 hour' + i * interval '1 min', 1)).bimodal
FROM unnest(ARRAY[1, 1, 1, 1, 1, 20, 20, 20, 20, 20, 20, 7]) WITH ORDINALITY v(n, h), generate_series(1, n) i;

-- too few rows or gaps; parts of what is not scored
SELECT flow.beacon_score(t, 1) FROM generate_series(timestamptz '2026-03-01', '2026-03-01 02:00', '1 hour') t;
SELECT flow.beacon_score(timestamptz '2026-03-01' + i % 3 * interval '1 s', 1) FROM generate_series(1, 100) i;
SELECT (flow.beacon_parts(t, 1)).* FROM generate_series(timestamptz '2026-03-01', '2026-03-01 02:00', '1 hour') t;
SELECT flow.beacon_score(t, 1), flow.beacon_parts(t, 1) FROM generate_series(timestamptz '2026-03-01', '2026-02-01', '1 hour') t;
SELECT flow.beacon_score('infinity', 1), flow.beacon_parts(NULL, NULL) FROM generate_series(1, 5);

-- a row a second is scored, one more in a day is a strobe
SELECT (flow.beacon_parts(t, 60)).* FROM generate_series(timestamptz '2026-03-01', '2026-03-01 23:59:59', '1 s') t;
SELECT (flow.beacon_parts(t, 60)).* FROM generate_series(timestamptz '2026-03-01', '2026-03-02', '1 s') t;

-- the formula in plain SQL
CREATE FUNCTION pg_temp.regular(v float8[]) RETURNS float8 LANGUAGE sql AS $$
    WITH q AS (SELECT percentile_cont(0.25) WITHIN GROUP (ORDER BY x) AS q1, percentile_cont(0.5) WITHIN GROUP (ORDER BY x) AS q2,
                      percentile_cont(0.75) WITHIN GROUP (ORDER BY x) AS q3 FROM unnest(v) x),
         d AS (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(x - q2)) AS mad FROM unnest(v) x, q)
    SELECT coalesce((CASE WHEN q3 - q1 >= 10 AND q2 NOT IN (q1, q3) THEN 1 - abs(q3 + q1 - 2 * q2) / (q3 - q1) ELSE 1 END
                     + CASE WHEN q2 > 0 THEN greatest(0, 1 - mad / q2) ELSE 0 END) / 2, 0.5) FROM q, d $$;
CREATE TABLE pairs AS
SELECT g, timestamptz '2026-03-01' + CASE g % 5 WHEN 0 THEN k * 300 WHEN 1 THEN h / 4294967297 * 86400
            WHEN 2 THEN k % 7 * 10 WHEN 3 THEN k * (300 + h / 1e9) ELSE k * k * 10 END * interval '1 s' AS ts,
       CASE WHEN k % 19 = 7 THEN NULL WHEN g % 3 = 0 THEN 100 WHEN g % 3 = 1 THEN h / 4294967 ELSE h * h / 1e13 END::bigint AS bytes
FROM generate_series(1, 300) g, generate_series(1, 3 + g % 200) k, LATERAL (SELECT hashint8(g * 1000 + k) + 2147483648::float8 AS h) x;
CREATE TABLE expected AS
WITH o AS (SELECT g, floor(extract(epoch FROM ts))::bigint AS s, bytes FROM pairs),
     gaps AS (SELECT g, array_agg(gap::float8) AS a FROM (SELECT g, s - lag(s) OVER (PARTITION BY g ORDER BY s) AS gap FROM o) x
              WHERE gap > 0 GROUP BY g HAVING count(*) >= 3),
     hist AS (SELECT g, h, coalesce(n, 0) AS n
              FROM (SELECT DISTINCT g FROM o) p CROSS JOIN generate_series(0, 23) h
              LEFT JOIN (SELECT g, s / 3600 % 24 AS h, count(*) AS n FROM o GROUP BY 1, 2) c USING (g, h)),
     runs AS (SELECT g, max(len) AS longest FROM (
                SELECT g, count(*) AS len FROM (SELECT g, h - row_number() OVER (PARTITION BY g ORDER BY h) AS island FROM hist WHERE n > 0) x
                GROUP BY g, island) y GROUP BY g),
     cv AS (SELECT g, stddev_pop(n) / avg(n) AS cv, count(*) FILTER (WHERE n > 0) AS seen FROM hist GROUP BY g),
     whole AS (SELECT g, array_agg(bytes::float8) FILTER (WHERE bytes IS NOT NULL) AS sizes, max(s) - min(s) AS span FROM o GROUP BY g HAVING count(*) >= 4)
SELECT g, pg_temp.regular(a) AS timestamps, pg_temp.regular(sizes) AS data_size, greatest(0, 1 - cv)::float8 AS histogram,
       CASE WHEN seen >= 6 THEN greatest(least(1, span / 86400.0), least(1, longest / 12.0)) ELSE 0 END::float8 AS duration
FROM whole JOIN gaps USING (g) JOIN runs USING (g) JOIN cv USING (g);
SELECT count(*) AS scored, (SELECT count(*) FROM expected) AS expected,
       count(*) FILTER (WHERE greatest(abs((p).timestamps - e.timestamps), abs((p).data_size - e.data_size), abs((p).histogram - e.histogram),
                                       abs((p).duration - e.duration)) < 1e-9
                        AND abs((p).score - (e.timestamps + e.data_size + e.histogram + e.duration) / 4) < 1e-9
                        AND (p).score = score) AS same
FROM (SELECT g, flow.beacon_parts(ts, bytes) AS p, flow.beacon_score(ts, bytes) AS score FROM pairs GROUP BY g) s
JOIN expected e USING (g);
SELECT count(*) AS not_scored FROM (SELECT g, flow.beacon_score(ts, bytes) AS score FROM pairs GROUP BY g) s
WHERE score IS NULL AND g NOT IN (SELECT g FROM expected);

-- no order matters
SELECT count(*) AS same FROM (
    SELECT flow.beacon_parts(ts, bytes ORDER BY md5(ts::text)) AS a, flow.beacon_parts(ts, bytes ORDER BY bytes) AS b FROM pairs GROUP BY g) s
WHERE a IS NOT DISTINCT FROM b;

DROP TABLE pairs, expected;
