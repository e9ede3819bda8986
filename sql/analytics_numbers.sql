-- Histograms, moving averages, median deviations, the entropy of bytes and
-- beacon scores are what their formulas in plain SQL give.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
\set SHOW_CONTEXT never

-- byte_entropy: by hand, and by flow.entropy of the bytes
SELECT flow.byte_entropy('\x00010203') AS two, flow.byte_entropy('aaaa') AS zero, flow.byte_entropy('') AS none,
       flow.byte_entropy(NULL) AS of_null, round(flow.byte_entropy('aab')::numeric, 12) AS aab,
       round(-(2 / 3.0 * log(2, 2 / 3.0) + 1 / 3.0 * log(2, 1 / 3.0)), 12) AS expected;
SELECT count(*) AS same FROM (
    SELECT flow.byte_entropy(b) AS h, (SELECT flow.entropy(get_byte(b, j)) FROM generate_series(0, length(b) - 1) j) AS e
    FROM (SELECT decode(repeat(md5(i::text), i % 9 + 1), 'hex') AS b FROM generate_series(1, 200) i) s) t
WHERE abs(h - e) < 1e-12;
SELECT flow.byte_entropy(string_agg(set_byte('\x00'::bytea, 0, i), '')) AS eight FROM generate_series(0, 255) i;

-- hist: as width_bucket
SELECT flow.hist(v, 0, 10, 5) FROM unnest(ARRAY[-1, 0, 1.9, 2, 9.99, 10, 11, NULL]) v;
SELECT flow.hist(v, 10, 0, 5) FROM unnest(ARRAY[-1, 0, 1.9, 2, 9.99, 10, 11]) v;
SELECT flow.hist(v, 0, 1, 3) FROM generate_series(1, 0) v;
SELECT (SELECT flow.hist(v, -7, 93, 13) FROM generate_series(-100, 200, 0.37) v)
     = (SELECT array_agg(coalesce(n, 0) ORDER BY b) FROM generate_series(0, 14) b
        LEFT JOIN (SELECT width_bucket(v, -7, 93, 13) AS b, count(*) AS n FROM generate_series(-100, 200, 0.37) v GROUP BY 1) g USING (b)) AS same;
SELECT flow.log2_hist(v) FROM unnest(ARRAY[-5, 0, 1, 2, 3, 4, 1500, 9223372036854775807, NULL]) v;
SELECT flow.hist_add('{1,2,3}', '{10,20,30}') AS sum, flow.hist_add('{1}', NULL) AS of_null;
SELECT flow.merge(h) AS all, count(*) FROM (SELECT i % 3, flow.hist(i, 0, 100, 4) AS h FROM generate_series(-2, 120) i GROUP BY 1) s;
SELECT flow.hist(i, 0, 100, 4) AS all FROM generate_series(-2, 120) i;
SELECT flow.merge(h) FROM (VALUES (NULL::bigint[])) v(h);
SELECT i, flow.hist(i, 0, 4, 2) OVER (ORDER BY i) AS growing FROM generate_series(0, 3) i;
SELECT flow.hist(1, 0, 1, 0);
SELECT flow.hist(1, 0, 1, 100001);
SELECT flow.hist(1, 0, NULL, 2);
SELECT flow.hist(1, 1, 1, 2);
SELECT flow.hist('NaN', 0, 1, 2);
SELECT flow.hist(1, 0, 1, i) FROM generate_series(1, 2) i;
SELECT flow.hist_add('{1,2}', '{1}');
SELECT flow.hist_add('{{1,2}}', '{1}');
SELECT flow.hist_add('{1,NULL}', '{1,2}');
SELECT flow.hist_add('{9223372036854775807}', '{1}');

-- ewma: by hand 1, 1.5, 2.75, and by the sum of weights alpha * (1 - alpha)^age
SELECT flow.ewma(v, 0.5 ORDER BY t) AS last FROM (VALUES (1, 1), (2, 2), (3, 4)) x(t, v);
SELECT t, flow.ewma(v, 0.5) OVER (ORDER BY t), flow.ewma(v, 0.5) OVER (ORDER BY t ROWS 1 PRECEDING) AS of_two
FROM (VALUES (0, NULL), (1, 1), (2, 2), (3, NULL), (4, 4)) x(t, v);
SELECT abs(flow.ewma(v, 0.2 ORDER BY t) - (sum(0.2 * 0.8 ^ (99 - t) * v) + max(0.8 ^ 99 * 0.8 * v) FILTER (WHERE t = 0))) < 1e-9 AS same
FROM (SELECT t, (t * 7919 % 101)::float8 AS v FROM generate_series(0, 99) t) x;
SELECT flow.ewma(v, 1 ORDER BY v) AS last, flow.ewma(NULLIF(v, v), 0.5) AS none FROM generate_series(1, 5) v;
SELECT flow.ewma(1, 0);
SELECT flow.ewma(1, 1.01);
SELECT flow.ewma(1, 'NaN');
SELECT flow.ewma(1, NULL);

-- mad: by hand (median 2, deviations 1 1 0 0 2 4 7), and by percentile_cont
SELECT flow.mad(v) AS one FROM unnest(ARRAY[1, 1, 2, 2, 4, 6, 9]) v;
SELECT flow.mad(v) AS zero, flow.mad(NULLIF(v, v)) AS none FROM unnest(ARRAY[5]) v;
SELECT flow.mad(v) FROM generate_series(1, 0) v;
CREATE TABLE deviations AS SELECT i % 97 AS g, hashint8(i) / 1e6::float8 AS v FROM generate_series(1, 20000) i;
CREATE VIEW expected_mad AS
SELECT g, percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(v - m)) AS e
FROM deviations JOIN (SELECT g, percentile_cont(0.5) WITHIN GROUP (ORDER BY v) AS m FROM deviations GROUP BY g) s USING (g) GROUP BY g;
SELECT count(*) AS same FROM (SELECT g, flow.mad(v) AS mad FROM deviations GROUP BY g) s JOIN expected_mad USING (g) WHERE mad = e;
SELECT i, flow.mad(v) OVER (ORDER BY i) AS growing FROM (VALUES (1, 1), (2, 4), (3, 2), (4, 10)) x(i, v);

DROP VIEW expected_mad;
DROP TABLE deviations;
