-- flow.approx_topk is flow.topk as long as it has room, and keeps its bounds
-- beyond; sketches are kept, merged and checked.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
\set SHOW_CONTEXT never

SELECT flow.approx_topk(x, 2) FROM (VALUES (443), (80), (443), (53), (80), (22)) v(x);
SELECT flow.approx_topk(x, 2, w) FROM (VALUES ('10.0.0.1'::inet, 5::bigint), ('10.0.0.2', 7), ('10.0.0.1', 3), (NULL, 9), ('10.0.0.3', NULL), ('10.0.0.4', 0)) v(x, w);
SELECT flow.approx_topk(x, 2) AS none, flow.topk_agg(x, 2) AS no_sketch FROM (VALUES (NULL::int)) v(x);
SELECT flow.approx_topk(x, 2) FROM (VALUES (1)) v(x) WHERE false;

-- with room for all it is flow.topk with an error of 0
CREATE TABLE heavy AS
SELECT t, floor(60 / power(u, 0.8))::int - 60 AS v, (h & 255)::bigint AS w
FROM generate_series(1, 1000) t, generate_series(1, 400) i,
     LATERAL (SELECT hashint8(t * 1000 + i) AS h) x, LATERAL (SELECT (h + 2147483649.0)::float8 / 4294967297.0 AS u) y;
SELECT count(*) AS same FROM (
    SELECT t, flow.topk(v, 10, w) AS exact, flow.approx_topk(v, 10, w) AS approx FROM heavy GROUP BY t) s
WHERE exact = (SELECT jsonb_agg(jsonb_build_object('value', e -> 'value', 'weight', e -> 'weight') ORDER BY n)
               FROM jsonb_array_elements(approx) WITH ORDINALITY a(e, n) WHERE e -> 'error' = '0' AND e -> 'bound' = '0');

-- 1,000 trials of capacity 20: every weight is right within its error, what is
-- not there weighs at most the bound, and that is at most total / 21
CREATE TABLE kept AS
SELECT t, flow.topk_agg(v, 20, w) AS sketch, sum(w)::bigint AS total FROM heavy GROUP BY t;
CREATE FUNCTION pg_temp.judge() RETURNS TABLE (trials bigint, right_totals bigint, right_bounds bigint, n_over_40 bigint,
                                               wrong_weights bigint, wrong_errors bigint, wrong_missing bigint, some_missing boolean)
LANGUAGE sql AS $$
    WITH e AS (SELECT t, (x ->> 'value')::int AS v, (x ->> 'weight')::bigint AS weight, (x ->> 'error')::bigint AS error
               FROM kept, jsonb_array_elements(flow.estimate(sketch, 100)) x),
    f AS (SELECT t, v, sum(w)::bigint AS w FROM heavy GROUP BY t, v),
    k AS MATERIALIZED (SELECT t, flow.sketch_bound(sketch) AS bound FROM kept),
    j AS (SELECT t, f.w, e.weight, e.error, k.bound FROM f FULL JOIN e USING (t, v) JOIN k USING (t))
    SELECT (SELECT count(*) FROM kept), (SELECT count(*) FROM kept WHERE flow.sketch_total(sketch) = total),
           (SELECT count(*) FROM kept WHERE flow.sketch_bound(sketch) BETWEEN 1 AND total / 21),
           (SELECT count(*) FROM (SELECT FROM e GROUP BY t HAVING count(*) > 40) s),
           count(*) FILTER (WHERE NOT coalesce(w, 0) BETWEEN weight - error AND weight),
           count(*) FILTER (WHERE NOT error BETWEEN 0 AND bound),
           count(*) FILTER (WHERE weight IS NULL AND w > bound), bool_or(weight IS NULL)
    FROM j $$;
SELECT * FROM pg_temp.judge();
TRUNCATE kept;
INSERT INTO kept
SELECT t, flow.merge(sketch), sum(total) FROM (
    SELECT t, v % 7 AS part, flow.topk_agg(v, 20, w) AS sketch, sum(w)::bigint AS total FROM heavy GROUP BY 1, 2) s
GROUP BY t;
SELECT * FROM pg_temp.judge();
-- the distribution of errors: of 20 heaviest values the greatest error, as a part of the total
SELECT count(*) AS trials, max(part) <= 1 / 21.0 AS below_the_bound, round(avg(part), 2) AS mean_part
FROM (SELECT t, max((x ->> 'error')::numeric) / max(total) AS part
      FROM kept, jsonb_array_elements(flow.estimate(sketch, 20)) x GROUP BY t) s;

-- by hand: capacity 1, values a a a b c; c makes three, b and c go, bound 1
SELECT flow.estimate(k, 9), flow.sketch_total(k), flow.sketch_bound(k)
FROM (SELECT flow.topk_agg(x, 1 ORDER BY x) AS k FROM unnest(ARRAY['a', 'a', 'a', 'b', 'c']) x) s;
-- d comes after that and may have been there once before
SELECT flow.estimate(k, 9), flow.sketch_total(k), flow.sketch_bound(k)
FROM (SELECT flow.topk_agg(x, 1 ORDER BY x) AS k FROM unnest(ARRAY['a', 'a', 'a', 'b', 'c', 'd']) x) s;

-- kept values: the same for sessions that show them in other ways, and merged
SET timezone = 'Asia/Kolkata';
SET extra_float_digits = -10;
CREATE TABLE shown AS SELECT flow.topk_agg(t, 5) AS t, flow.topk_agg(f, 5) AS f
FROM (VALUES (timestamptz '2026-01-01 00:00 UTC', 0.1::float8 + 0.2), (timestamptz '2026-01-01 00:00 UTC', 0.3)) v(t, f);
RESET extra_float_digits;
SET timezone = 'UTC';
SELECT (SELECT flow.topk_agg(v, 5)::text FROM unnest(ARRAY[timestamptz '2026-01-01 00:00 UTC', '2026-01-01 00:00 UTC']) v) = t::text AS same,
       flow.estimate(flow.merge(t, t), 2) AS t, flow.estimate(f, 2) AS f
FROM shown;
RESET timezone;
SELECT flow.estimate(flow.topk_agg(x, 9), 9) FROM (VALUES ('a"b'), (E'tab\t'), (U&'\00e4'), ('')) v(x);
SELECT flow.estimate(flow.topk_agg(x, 9), 9) FROM (VALUES ('{"a": [1, null]}'::jsonb), ('null'), ('[]')) v(x);
SELECT k::text::flow.topk_sketch::text = k::text AS same FROM (SELECT flow.topk_agg(v, 50, w) AS k FROM heavy) s;
SELECT flow.merge(k, k) AS four, flow.merge(k, NULL) AS nothing FROM (SELECT flow.topk_agg(7, 3) AS k FROM generate_series(1, 2)) s;

-- windows and ties
SELECT i, flow.approx_topk(i % 2, 1) OVER (ORDER BY i) FROM generate_series(1, 3) i;

-- bad arguments
SELECT flow.approx_topk(1, 0);
SELECT flow.approx_topk(1, 100001);
SELECT flow.approx_topk(1, NULL);
SELECT flow.approx_topk(1, i) FROM generate_series(1, 2) i;
SELECT flow.approx_topk(1, 1, -1::bigint);
SELECT flow.approx_topk(1, 1, 9223372036854775807) FROM generate_series(1, 2);
SELECT flow.approx_topk(point '(1,2)', 1);
SELECT flow.topk_agg(1, 0);
SELECT flow.topk_agg(1, i) FROM generate_series(1, 2) i;
SELECT flow.merge(k) FROM (SELECT flow.topk_agg(1, i) AS k FROM generate_series(1, 2) i GROUP BY i) s;
SELECT flow.merge(flow.topk_agg(1, 1), flow.topk_agg(1, 2));
SELECT flow.estimate(flow.topk_agg(1, 1), 0);
SELECT flow.topk_sketch '\x01';
SELECT flow.topk_sketch '\x0205030003';
SELECT flow.topk_sketch '\x0100000000';
SELECT flow.topk_sketch '\x0105000000' AS empty;
SELECT flow.topk_sketch '\x0105060200';
SELECT flow.topk_sketch '\x01050200010100013a';
SELECT flow.topk_sketch '\x010502000101000131' AS one;
SELECT flow.topk_sketch '\x010502000101000231';
SELECT flow.topk_sketch '\x0105020001010001ff';
SELECT flow.topk_sketch '\x010502000103000131';
SELECT flow.topk_sketch '\x010502000101010131';
SELECT flow.topk_sketch '\x01050200020100013101000131';
SELECT flow.topk_sketch '\x01050200020100013201000131';

DROP TABLE heavy, kept, shown;
