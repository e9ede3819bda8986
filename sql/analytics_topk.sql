-- flow.topk and flow.topk_values give what GROUP BY, ORDER BY and LIMIT give,
-- in the same order, for every plan.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;

-- ties go to the smaller value; n may exceed the number of values
SELECT flow.topk(x, 2), flow.topk_values(x, 2)
FROM (VALUES (443), (80), (443), (53), (80), (22)) v(x);
SELECT flow.topk(x, 1000000), flow.topk_values(x, 1000000)
FROM (VALUES (443), (80), (443), (53), (NULL), (22)) v(x);
SELECT flow.topk(x, 3), flow.topk_values(x, 3) FROM (VALUES (NULL::int)) v(x);
SELECT flow.topk(x, 3), flow.topk_values(x, 3) FROM (VALUES (1)) v(x) WHERE false;

-- weights
SELECT flow.topk(x, 3, w) AS bigint, flow.topk(x, 3, w::float8 / 2) AS float8,
       flow.topk(x, 3, w::numeric / 4) AS numeric, flow.topk_values(x, 3, w) AS values
FROM (VALUES (1, 10::bigint), (2, 7), (2, 7), (3, 0), (4, NULL), (5, 1)) v(x, w);
SELECT flow.topk(x, 2, w), flow.topk_values(x, 2, w::float8)
FROM (VALUES (1, 9223372036854775807), (2, 9223372036854775806), (2, 1), (3, 5)) v(x, w);
SELECT flow.topk(x, 2, w) FROM (VALUES (1, 9223372036854775807), (1, 1)) v(x, w);

-- a weight is shown as it is: a double to its last digit, whatever the session
-- prefers, and sum(bigint) beyond 2^53 if cast
SET extra_float_digits = -15;
SELECT flow.topk(1, 1, 1234567890123457::numeric) AS numeric,
       flow.topk(1, 1, 9007199254740992::float8) AS float8;
SELECT flow.topk(1, 1, x) AS sum, flow.topk(x > 0.15, 2, x) AS parts FROM unnest(ARRAY[0.1, 0.2]::float8[]) x;
SELECT flow.topk(i, 5, w) AS scales FROM unnest(ARRAY[1.5e-20, 1e-7, 123456789.125, 1e22]::float8[]) WITH ORDINALITY v(w, i);
RESET extra_float_digits;
SELECT flow.topk(x, 1, total::bigint) AS exact, flow.topk(x, 1, total) AS nearest_double
FROM (SELECT 1 AS x, sum(b) AS total FROM (VALUES (9007199254740992), (1::bigint)) v(b)) s;
SELECT flow.topk(x, 2, w) FROM (VALUES (1, -1::bigint)) v(x, w);
SELECT flow.topk(x, 2, w) FROM (VALUES (1, 'NaN'::float8)) v(x, w);

-- n
SELECT flow.topk(x, 0) FROM (VALUES (1)) v(x);
SELECT flow.topk(x, 1000001) FROM (VALUES (1)) v(x);
SELECT flow.topk(x, NULL) FROM (VALUES (1)) v(x);
SELECT flow.topk(x, x) FROM (VALUES (1), (2)) v(x);
SELECT x, flow.topk(x, x) FROM (VALUES (1), (2)) v(x) GROUP BY x ORDER BY x;

-- also where the rows with one n are aggregated apart from those with another
CREATE TABLE topk_parts (n int, x int) PARTITION BY LIST (n);
CREATE TABLE topk_part1 PARTITION OF topk_parts FOR VALUES IN (1);
CREATE TABLE topk_part2 PARTITION OF topk_parts FOR VALUES IN (2);
INSERT INTO topk_parts SELECT 1 + i % 2, i % 50 FROM generate_series(1, 20000) i;
ANALYZE topk_parts;
SET max_parallel_workers_per_gather = 0;
SELECT flow.topk(x, n) FROM topk_parts;
SET enable_partitionwise_aggregate = on;
EXPLAIN (COSTS OFF) SELECT flow.topk(x, n) FROM topk_parts;
SELECT flow.topk(x, n) FROM topk_parts;
SELECT flow.topk_values(x, 2) FROM topk_parts;
RESET enable_partitionwise_aggregate;
RESET max_parallel_workers_per_gather;
DROP TABLE topk_parts;

-- how values look in jsonb and as an array
SELECT flow.topk(x, 2), flow.topk_values(x, 2)
FROM unnest(ARRAY['10.0.0.1', '10.0.0.1', '2001:db8::1', '10.0.0.0/8']::inet[]) x;
SELECT flow.topk(x, 2), flow.topk_values(x, 2)
FROM unnest(ARRAY['it''s "quoted"', 'a longer name.example.com', 'a longer name.example.com']) x;
SELECT flow.topk(x, 3), flow.topk_values(x, 3)
FROM unnest(ARRAY[true, false, true]) x;
SELECT flow.topk(x, 3), flow.topk_values(x, 3)
FROM unnest(ARRAY['NaN', 'NaN', 0, '-0', 1.5]::float8[]) x;
SELECT flow.topk(x, 3), flow.topk_values(x, 3)
FROM unnest(ARRAY[1.50, 1.5, 1.500, 20]::numeric[]) x;
SELECT flow.topk(x, 1), flow.topk_values(x, 1)
FROM unnest(ARRAY['2024-01-01', '2024-01-01', '2024-01-02']::date[]) x;
SELECT flow.topk(x, 1) FROM (VALUES (ARRAY[1, 2]), (ARRAY[1, 2]), (NULL)) v(x);
SELECT flow.topk(x, 1) FROM (VALUES ('{"a": [1]}'::jsonb), ('{"a": [1]}')) v(x);
SELECT flow.topk(x, 1) FROM (VALUES ('7'::xid), ('7')) v(x);

-- as rows
SELECT t.* FROM (
    SELECT flow.topk(x, 2, 100::bigint) AS top
    FROM unnest(ARRAY['10.0.0.1', '10.0.0.2', '10.0.0.2']::inet[]) x) s,
    jsonb_to_recordset(top) AS t(value inet, weight bigint);

-- against plain SQL, with many ties
CREATE TABLE topk_rows AS
SELECT i % 7 AS grp, i::bigint * i % 4001 AS a, ('10.0.0.0'::inet + i % 2003) AS ip,
       'host ' || i % 1501 AS name, round((i % 900)::numeric, i % 3) AS num,
       (i % 300)::bigint AS w
FROM generate_series(1, 50000) i;
ANALYZE topk_rows;

CREATE VIEW topk_agreement AS
WITH answers AS (
    SELECT grp, flow.topk(a, 25) AS a, flow.topk(ip, 500, w) AS ip,
           flow.topk_values(name, 3, w / 2.0) AS name, flow.topk(num, 10, w) AS num
    FROM topk_rows GROUP BY grp),
formula AS (
    SELECT grp,
       (SELECT jsonb_agg(jsonb_build_object('value', a, 'weight', c))
        FROM (SELECT a, count(*) AS c FROM topk_rows r WHERE r.grp = g.grp
              GROUP BY a ORDER BY c DESC, a LIMIT 25) s) AS a,
       (SELECT jsonb_agg(jsonb_build_object('value', ip, 'weight', c))
        FROM (SELECT ip, sum(w) AS c FROM topk_rows r WHERE r.grp = g.grp
              GROUP BY ip HAVING sum(w) > 0 ORDER BY c DESC, ip LIMIT 500) s) AS ip,
       (SELECT array_agg(name)
        FROM (SELECT name, sum(w) AS c FROM topk_rows r WHERE r.grp = g.grp
              GROUP BY name ORDER BY c DESC, name LIMIT 3) s) AS name,
       (SELECT jsonb_agg(jsonb_build_object('value', num, 'weight', c))
        FROM (SELECT num, sum(w) AS c FROM topk_rows r WHERE r.grp = g.grp
              GROUP BY num ORDER BY c DESC, num LIMIT 10) s) AS num
    FROM generate_series(0, 6) g(grp))
SELECT count(*) AS groups, bool_and(p.a = f.a) AS a, bool_and(p.ip = f.ip) AS ip,
       bool_and(p.name = f.name) AS name, bool_and(p.num = f.num) AS num
FROM answers p JOIN formula f USING (grp);

SET max_parallel_workers_per_gather = 0;
SELECT * FROM topk_agreement;
SET enable_hashagg = off;
SELECT * FROM topk_agreement;
RESET enable_hashagg;

SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET work_mem = '64kB';
EXPLAIN (COSTS OFF) SELECT flow.topk(a, 3) FROM topk_rows;
SELECT * FROM topk_agreement;
SET parallel_leader_participation = off;
SELECT * FROM topk_agreement;
SELECT flow.topk(num, 3) FROM topk_rows;
RESET parallel_leader_participation;
RESET work_mem;
RESET min_parallel_table_scan_size;
RESET parallel_tuple_cost;
RESET parallel_setup_cost;
RESET max_parallel_workers_per_gather;

SELECT x, flow.topk_values(x / 2, 2) OVER (ORDER BY x) FROM generate_series(1, 5) x;
SELECT flow.topk(a, 2) FILTER (WHERE a < 50), flow.topk_values(DISTINCT a, 3) FROM topk_rows;

DROP VIEW topk_agreement;
DROP TABLE topk_rows;
