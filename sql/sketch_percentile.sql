-- flow.approx_percentile is at most 1/129 away from percentile_disc, always;
-- sketches are kept, merged and checked.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
\set SHOW_CONTEXT never

SELECT flow.approx_percentile(v, 0) AS first, flow.approx_percentile(v, 1) AS last,
       flow.approx_percentile(NULLIF(v, v), 0.5) AS none, flow.ddsketch_agg(NULLIF(v, v)) AS no_sketch
FROM generate_series(1, 9) v;
SELECT flow.approx_percentile(v, 0.5) FROM generate_series(1, 0) v;
-- 443 is in the bucket from 440 to 444; 2 * 440 * 444 / 884 is in its middle
SELECT flow.approx_percentile(v, 0.5), 2 * 440 * 444 / 884.0 AS expected
FROM unnest(ARRAY[80, 443, 443, 443, 8080]) v;

-- 1,000 samples of seven shapes, positive and negative
CREATE TABLE samples AS
SELECT s, CASE s % 7 WHEN 0 THEN i WHEN 1 THEN -i WHEN 2 THEN exp(h / 3e8) WHEN 3 THEN h / 1e9 WHEN 4 THEN i * i - 9000
                     WHEN 5 THEN 40 / power((h + 2147483649) / 4294967297, 1.2) ELSE i % 3 END::float8 AS v
FROM generate_series(1, 1000) s, generate_series(1, 10 + s % 171) i,
     LATERAL (SELECT hashint8(s * 1000 + i)::float8 AS h) x;
SELECT count(*) AS samples, max(e) <= 1.0000001 / 129 AS bound_holds, max(e) > 0.005 AS and_is_near
FROM (SELECT s, max(abs(a - d) / nullif(abs(d), 0)) AS e, bool_and(d <> 0 OR a = 0) AS zeroes
      FROM (SELECT s, flow.approx_percentile(v, f) AS approx, percentile_disc(f) WITHIN GROUP (ORDER BY v) AS disc
            FROM samples, (SELECT ARRAY[0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.95, 0.99, 1]::float8[] AS f) g
            GROUP BY s, f) t, unnest(approx, disc) u(a, d)
      GROUP BY s) t WHERE zeroes;
SELECT count(*) AS same FROM (
    SELECT s, flow.ddsketch_agg(v) AS k, min(v), max(v), count(*) AS n, sum(v) AS sum, sum(abs(v)) AS size,
           flow.approx_percentile(v, 0.9) AS p
    FROM samples GROUP BY s) t
WHERE flow.sketch_count(k) = n AND flow.sketch_min(k) = min AND flow.sketch_max(k) = max
  AND abs(flow.approx_sum(k) - sum) <= size / 128.9 AND flow.percentile(k, 0.9) = p
  AND flow.percentile(k, ARRAY[0.9, 0]) = ARRAY[p, min] AND k::text::flow.ddsketch::text = k::text;

-- merged in any order it is the same
SELECT (SELECT flow.ddsketch_agg(v)::text FROM samples)
     = (SELECT flow.merge(k ORDER BY md5(s::text))::text
        FROM (SELECT s, flow.ddsketch_agg(v) AS k FROM samples GROUP BY s) t) AS same,
       (SELECT flow.ddsketch_agg(v ORDER BY v DESC)::text FROM samples WHERE s < 50)
     = (SELECT flow.ddsketch_agg(v ORDER BY v)::text FROM samples WHERE s < 50) AS same_order,
       flow.merge(flow.ddsketch '\x0100', flow.ddsketch '\x0100') AS empty;
SELECT flow.percentile(k, 0.5), flow.sketch_count(k), flow.sketch_min(k), flow.sketch_max(k), flow.approx_sum(k),
       flow.percentile(k, ARRAY[0.5]) FROM (SELECT flow.ddsketch '\x0100' AS k) s;

-- 1e-300 to 1e300: the ends are exact, as is the count
SELECT flow.sketch_min(k), flow.sketch_max(k), flow.sketch_count(k),
       abs(flow.percentile(k, 0.99) / 1e294 - 1) < 1 / 128.9 AS near
FROM (SELECT flow.ddsketch_agg(power(10::float8, i)) AS k FROM generate_series(-300, 300) i) s;

-- bad arguments
SELECT flow.approx_percentile(v, 1.5) FROM generate_series(1, 3) v;
SELECT flow.approx_percentile(v, 'NaN') FROM generate_series(1, 3) v;
SELECT flow.approx_percentile(v, NULL::float8) FROM generate_series(1, 3) v;
SELECT flow.approx_percentile(v, ARRAY[0.5, NULL]) FROM generate_series(1, 3) v;
SELECT flow.approx_percentile(v, ARRAY[0.5, -1]) FROM generate_series(1, 3) v;
SELECT flow.approx_percentile(v, ARRAY[[0.5], [1]]) FROM generate_series(1, 3) v;
SELECT flow.approx_percentile(v, v / 10.0) FROM generate_series(1, 3) v;
SELECT flow.approx_percentile(v, ARRAY[v / 10.0]) FROM generate_series(1, 3) v;
SELECT flow.approx_percentile(v, '{}'::float8[]) FROM generate_series(1, 3) v;
SELECT flow.approx_percentile('NaN', 0.5);
SELECT flow.approx_percentile('-Infinity', 0.5);
SELECT flow.percentile(flow.ddsketch '\x0100', 2);
SELECT flow.ddsketch '\x';
SELECT flow.ddsketch '\x0200';
SELECT flow.ddsketch '\x0101';
SELECT flow.ddsketch '\x018000';
SELECT flow.ddsketch '\x010000';
SELECT flow.ddsketch '\x0101000000000000f03f000000000000f03f0001c0ff030100';
SELECT flow.ddsketch '\x0101000000000000f03f000000000000f03f0001c1ff030100';
SELECT flow.ddsketch '\x0101000000000000f07f000000000000f07f0001c0ff030100';
SELECT flow.merge(k) FROM (SELECT flow.ddsketch '\x01ffffffffffffffff7f00000000000000000000000000000000ffffffffffffffff7f0000' AS k
                           FROM generate_series(1, 2)) s;

DROP TABLE samples;
