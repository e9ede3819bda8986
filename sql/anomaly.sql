-- flow.anomaly and flow.classify against the formulas in plain SQL.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
\set SHOW_CONTEXT never
SET timezone = 'UTC';

-- by hand: 2 4 4 4 5 5 7 9 has mean 5 and squares 32: deviation sqrt(32 / 7)
SELECT key, t, v, expected, round(deviation::numeric, 9) AS deviation, round(sqrt(32 / 7.0), 9) AS as_expected,
       round(score::numeric, 9) AS score, is_anomaly
FROM flow.anomaly(ARRAY(SELECT timestamptz '2026-03-02' + i * interval '1 min' FROM generate_series(1, 8) i), '{2,4,4,4,5,5,7,9}', method => 'global', k => 1.5);

CREATE TABLE points AS
SELECT t, 100 + 50 * sin(2 * pi() * h / 24) * CASE WHEN extract(isodow FROM t) >= 6 THEN 0.5 ELSE 1 END
       + (hashint4(i) % 1000) / 100.0 + CASE i WHEN 400 THEN 500 ELSE 0 END AS v, i
FROM (SELECT timestamptz '2026-03-02' + i * interval '1 hour' AS t, i % 24 AS h, i FROM generate_series(0, 671) i) x;

-- ewma: the average is that of flow.ewma, the deviation follows variance = (1 - a)(variance + a d^2)
WITH RECURSIVE e(i, mean, variance) AS (
    SELECT 0, v, 0::float8 FROM points WHERE i = 0
    UNION ALL
    SELECT p.i, e.mean + 0.125 * (p.v - e.mean), 0.875 * (e.variance + 0.125 * (p.v - e.mean) ^ 2)
    FROM e JOIN points p ON p.i = e.i + 1)
SELECT count(*), count(a.score), max(abs(a.expected - e.mean)) < 1e-9 AS mean, max(abs(a.deviation - sqrt(e.variance))) < 1e-9 AS deviation,
       bool_and(a.is_anomaly = (abs(a.score) > 5)) FILTER (WHERE a.score IS NOT NULL) AS anomalies
FROM flow.anomaly('SELECT t, v FROM points', 'ewma') a JOIN points p ON p.t = a.t LEFT JOIN e ON e.i = p.i - 1;
-- mad: percentile_cont by hour of the day
WITH m AS (SELECT extract(hour FROM t) AS h, percentile_cont(0.5) WITHIN GROUP (ORDER BY v) AS med FROM points GROUP BY 1),
     d AS (SELECT extract(hour FROM t) AS h, med, percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(v - med)) AS mad
           FROM points JOIN m ON h = extract(hour FROM t) GROUP BY 1, 2)
SELECT count(*), max(abs(a.expected - d.med)) < 1e-9 AS median, max(abs(a.deviation - 1.4826 * d.mad)) < 1e-9 AS mad
FROM flow.anomaly('SELECT * FROM points', 'mad') a JOIN d ON d.h = extract(hour FROM a.t);
-- sine: at equal distances over whole days the coefficients are 2 / n sum(v sin), 2 / n sum(v cos)
WITH c AS (SELECT avg(v) AS a0, 2 * avg(v * sin(2 * pi() * i / 24)) AS a1, 2 * avg(v * cos(2 * pi() * i / 24)) AS a2 FROM points),
     f AS (SELECT t, v, a0 + a1 * sin(2 * pi() * i / 24) + a2 * cos(2 * pi() * i / 24) AS fit FROM points, c)
SELECT max(abs(a.expected - f.fit)) < 1e-9 AS fit,
       abs(max(a.deviation) - sqrt(sum((f.v - f.fit) ^ 2) / (count(*) - 3))) < 1e-9 AS deviation
FROM flow.anomaly('SELECT t, v FROM points', 'sine') a JOIN f ON f.t = a.t;
-- seasonal: flow.ewma of earlier values of the hour, weekends divided by their level
WITH l AS (SELECT avg(v) FILTER (WHERE extract(isodow FROM t) >= 6) / avg(v) FILTER (WHERE extract(isodow FROM t) < 6) AS level FROM points),
     x AS (SELECT t, CASE WHEN extract(isodow FROM t) >= 6 THEN level ELSE 1 END AS f, v FROM points, l),
     e AS (SELECT t, f * flow.ewma(v / f, 0.125) OVER (PARTITION BY extract(hour FROM t) ORDER BY t ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS fit,
                  row_number() OVER (PARTITION BY extract(hour FROM t) ORDER BY t) AS n FROM x)
SELECT count(*), count(a.expected), max(abs(a.expected - e.fit)) < 1e-9 AS fit, bool_and((a.expected IS NULL) = (e.n <= 3)) AS known
FROM flow.anomaly('SELECT t, v FROM points', 'seasonal') a JOIN e ON e.t = a.t;
-- holtwinters: a line with a season is foreseen exactly, and a jump stands out
SELECT count(a.expected), max(abs(a.expected - a.v)) < 1e-6 AS exact FROM flow.anomaly(
    'SELECT timestamptz ''2026-03-02'' + i * interval ''1 hour'' AS t, 3 * i + 100 * sin(2 * pi() * i / 24) AS v FROM generate_series(0, 239) i', 'holtwinters') a;

-- every method puts the planted point first
SELECT method, (SELECT i FROM flow.anomaly('SELECT t, v FROM points', method, k => 4) a JOIN points p ON p.t = a.t AND a.is_anomaly
                ORDER BY abs(score) DESC LIMIT 1)
FROM unnest('{global,ewma,seasonal,mad,sine,holtwinters}'::text[]) method;
SELECT count(*) FILTER (WHERE is_anomaly) FROM flow.anomaly('SELECT t, v FROM points', 'seasonal', '1 week');

-- keys are series of their own; nulls are left out; constant series; nothing at all
SELECT key, count(*), max(score) FROM flow.anomaly('SELECT inet ''10.0.0.1'' + i % 2 AS key, t, NULLIF(i % 2, 1) * 3 AS v FROM points', 'global') GROUP BY 1;
SELECT key, max(score) = 'infinity' AS jump, count(*) FILTER (WHERE is_anomaly) FROM flow.anomaly('SELECT i % 2 AS key, t, CASE i WHEN 400 THEN 1 ELSE 0 END AS v FROM points', 'ewma') GROUP BY 1 ORDER BY 1;
SELECT * FROM flow.anomaly('SELECT t, v FROM points WHERE false');
SELECT * FROM flow.anomaly('{}'::timestamptz[], '{}');

-- a day of hours, sin alone: all of the variance; weekends half as high; noise; a random walk
SELECT key, n, round(daily_ratio::numeric, 2) AS daily, round(weekly_ratio::numeric, 2) AS weekly, method FROM flow.classify(
    'SELECT key, t, CASE key WHEN ''sine'' THEN 10 + sin(2 * pi() * i / 24)
        WHEN ''week'' THEN (1 + (i % 24) / 8 % 2) * CASE WHEN extract(isodow FROM t) >= 6 THEN 0.5 ELSE 1 END
        WHEN ''noise'' THEN hashint4(i) % 100 WHEN ''steps'' THEN i / 100 ELSE 7 END AS v
     FROM points, unnest(''{sine,week,noise,steps,flat}''::text[]) key');

-- 20,000 points
SELECT method, (SELECT count(*) FROM flow.anomaly('SELECT timestamptz ''2026-03-02'' + i * interval ''1 min'' AS t, i % 1440 AS v FROM generate_series(1, 20000) i', method))
FROM unnest('{global,ewma,seasonal,mad,sine,holtwinters}'::text[]) method;

-- refused
SELECT * FROM flow.anomaly('SELECT t, v FROM points', 'arma');
SELECT * FROM flow.anomaly('SELECT t, v FROM points', NULL);
SELECT * FROM flow.anomaly('SELECT t, v FROM points', k => 0);
SELECT * FROM flow.anomaly('SELECT t, v FROM points', k => 'NaN');
SELECT * FROM flow.anomaly('SELECT t, v FROM points', season => '0');
SELECT * FROM flow.anomaly('SELECT t, v FROM points LIMIT 30', 'holtwinters');
SELECT * FROM flow.anomaly('SELECT t FROM points');
SELECT * FROM flow.anomaly(NULL::text);
SELECT * FROM flow.anomaly('SELECT t, v FROM points UNION ALL SELECT t, v FROM points');
SELECT * FROM flow.anomaly('SELECT t, ''infinity''::float8 AS v FROM points');
SELECT * FROM flow.anomaly('DELETE FROM points RETURNING t, v');
SELECT * FROM flow.anomaly('SELECT t, v FROM points) q) y GROUP BY 1; DELETE FROM points; --');
SELECT * FROM flow.anomaly(ARRAY[now()], '{1,2}');
SELECT flow.series_model(ARRAY[now(), NULL], '{1,2}', 'global', 1);
SELECT flow.series_model('{{2026-01-01},{2026-01-02}}', '{1,2}', 'global', 1);
SELECT count(*) FROM points;
DROP TABLE points;
