-- flow.entropy and flow.entropy_norm agree with the formula in plain SQL, for
-- every type, every form of aggregate call, and every plan.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;

-- by hand
SELECT flow.entropy(x), round(flow.entropy_norm(x)::numeric, 12) AS norm
FROM (VALUES (1), (1), (2), (3)) v(x);
SELECT flow.entropy(x), flow.entropy_norm(x) FROM generate_series(1, 1024) x;
SELECT flow.entropy(7), flow.entropy_norm(7) FROM generate_series(1, 1000);
SELECT flow.entropy(x), flow.entropy_norm(x) FROM (VALUES (1)) v(x) WHERE false;
SELECT flow.entropy(x), flow.entropy_norm(x) FROM (VALUES (NULL::int), (NULL)) v(x);

-- weights: NULL is ignored, 0 contributes nothing
SELECT flow.entropy(x, w), flow.entropy(x, w::float8) AS f, flow.entropy(x, w::numeric) AS n
FROM (VALUES (1, 2::bigint), (2, 1), (3, 1), (4, 0), (5, NULL), (NULL, 9)) v(x, w);
SELECT flow.entropy_norm(x, w), flow.entropy_norm(x, w::float8) AS f
FROM (VALUES (1, 3::bigint), (2, 3), (4, 0)) v(x, w);
SELECT flow.entropy(x, 0::bigint) AS all_zero, flow.entropy(x, '-0'::float8) AS all_minus_zero
FROM generate_series(1, 3) x;
SELECT flow.entropy(x, w) BETWEEN 0 AND 1e-17 AS nearly_nothing
FROM (VALUES (1, 1e300::float8), (2, 1e-300)) v(x, w);
SELECT flow.entropy(1, w) FROM (VALUES (1::bigint), (-1)) v(w);
SELECT flow.entropy(1, w) FROM (VALUES (1::float8), (-0.5)) v(w);
SELECT flow.entropy(1, 'NaN'::float8);
SELECT flow.entropy(1, 'Infinity'::float8);
SELECT flow.entropy(1, 9223372036854775807) FROM generate_series(1, 2);
SELECT flow.entropy(x, 9223372036854775807) FROM generate_series(1, 4) x;
SELECT flow.entropy(1, 1e308::float8) FROM generate_series(1, 2);
SELECT flow.entropy(x, 1e308::float8) FROM generate_series(1, 2) x;

-- against the formula
CREATE TABLE entropy_rows AS
SELECT i, (i * i % 1009) AS a, (i::bigint * i % 65537 % 300)::int AS port,
       (i % 7) AS grp, (i * 31 % 1500)::bigint AS w
FROM generate_series(1, 40000) i;
ANALYZE entropy_rows;

SELECT abs(flow.entropy(a) - (
    SELECT -sum(p * log(2, p)) FROM (
        SELECT count(*) / sum(count(*)) OVER () AS p
        FROM entropy_rows GROUP BY a) s)) < 1e-12 AS agrees
FROM entropy_rows;

SELECT abs(flow.entropy(a, w) - (
    SELECT -sum(p * log(2, p)) FROM (
        SELECT sum(w) / sum(sum(w)) OVER () AS p
        FROM entropy_rows GROUP BY a HAVING sum(w) > 0) s)) < 1e-12 AS agrees
FROM entropy_rows;

WITH counted AS (
    SELECT grp, port, count(*) AS c FROM entropy_rows GROUP BY grp, port),
formula AS (
    SELECT grp, -sum(c / n * log(2, c / n)) AS h, count(*) AS m
    FROM (SELECT grp, c, sum(c) OVER (PARTITION BY grp) AS n FROM counted) s
    GROUP BY grp)
SELECT grp, abs(flow.entropy(port) - h) < 1e-12 AS entropy_agrees,
       abs(flow.entropy_norm(port) - h / log(2, m)) < 1e-12 AS norm_agrees
FROM entropy_rows JOIN formula USING (grp)
GROUP BY grp, h, m ORDER BY grp;

-- FILTER, DISTINCT, ORDER BY, HAVING, GROUPING SETS
SELECT flow.entropy(i) FILTER (WHERE i <= 8) AS filtered,
       flow.entropy(DISTINCT i % 16) AS distinct_values,
       flow.entropy(i % 4 ORDER BY i DESC) AS ordered
FROM entropy_rows;
SELECT count(*) FROM (
    SELECT port FROM entropy_rows GROUP BY port HAVING flow.entropy(i) > 5) s;
SELECT grp, round(flow.entropy(port)::numeric, 6) AS h
FROM entropy_rows WHERE i <= 5000
GROUP BY GROUPING SETS ((grp), ()) ORDER BY grp;

-- windows, growing and moving: the final function leaves the state as it was
SELECT i, round(flow.entropy(i) OVER (ORDER BY i)::numeric, 6) AS growing,
       round(flow.entropy(i) OVER (ORDER BY i ROWS 1 PRECEDING)::numeric, 6) AS moving
FROM generate_series(1, 5) i;
SELECT count(*) FILTER (WHERE abs(h - e) < 1e-12) AS agree, count(*)
FROM (SELECT grp, flow.entropy(port) OVER (PARTITION BY grp) AS h
      FROM entropy_rows WHERE i < 700) w
JOIN (SELECT grp, flow.entropy(port) AS e
      FROM entropy_rows WHERE i < 700 GROUP BY grp) g USING (grp);

-- types: distinct values and entropy as GROUP BY sees them
CREATE FUNCTION pg_temp.check_type(expr text, OUT agrees boolean, OUT n bigint)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format($q$
        WITH v AS MATERIALIZED (SELECT %s AS x FROM generate_series(1, 500) i),
        g AS (SELECT x, count(*) AS c FROM v WHERE NOT x IS NULL GROUP BY x)
        SELECT abs(flow.entropy(x) -
                   (SELECT sum(c / 1.0 / t * log(2, t / c)) FROM g,
                           (SELECT sum(c) AS t FROM g) s)) < 1e-12,
               (SELECT count(*) FROM g)
        FROM v $q$, expr) INTO agrees, n;
END $$;

CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN port_number AS int CHECK (VALUE BETWEEN 0 AND 65535);
CREATE TYPE mood AS ENUM ('calm', 'busy', 'down');

SELECT expr, (pg_temp.check_type(expr)).* FROM unnest(ARRAY[
    '(i % 37)::int2 - 18::int2',
    'i % 100 - 50',
    '(i % 41)::int8 * 10000000000',
    'i % 3 = 0',
    '(i % 60)::port_number',
    '(ARRAY[''calm'', ''busy'', ''down'']::mood[])[i % 3 + 1]',
    '(i % 50)::oid',
    'chr(97 + i % 26)::"char"',
    'chr(97 + i % 26)::name',
    'repeat(chr(97 + i % 26), i % 11)',
    'repeat(chr(97 + i % 26), 3000)',
    'rpad(chr(97 + i % 5), 1 + i % 4)::bpchar',
    'substr(md5((i % 77)::text), 1, 9)::varchar(20)',
    'decode(md5((i % 77)::text), ''hex'')',
    'md5((i % 77)::text)::uuid',
    '''10.0.0.0''::inet + i % 40',
    'set_masklen(''10.0.0.1''::inet, 8 + i % 3)',
    '''2001:db8::''::inet + i % 40',
    '''10.0.0.0''::cidr',
    '''08:00:2b:01:02:03''::macaddr',
    'round((i % 10)::numeric / 4, i % 5 + 2)',
    'CASE WHEN i % 2 = 0 THEN ''NaN''::numeric ELSE i % 3 END',
    '(ARRAY[0, ''-0'', ''NaN'', ''-NaN'', 1.5, ''Infinity'']::float8[])[i % 6 + 1]',
    '(ARRAY[0, ''-0'', ''NaN'', ''-NaN'', 1.5, ''Infinity'']::float4[])[i % 6 + 1]',
    'CASE WHEN i % 2 = 0 THEN interval ''1 day'' ELSE interval ''24 hours'' END',
    'timestamptz ''2024-01-01'' + i % 20 * interval ''1 hour''',
    'date ''2024-01-01'' + i % 20',
    'ARRAY[i % 3, NULL, i % 5]',
    'ARRAY[round((i % 3)::numeric, i % 4)]',
    'ROW(i % 4, chr(97 + i % 3))::pair',
    'ROW(i % 4, NULL)::pair',
    'to_jsonb(round((i % 3)::numeric, i % 4))',
    'int4range(i % 5, 10)',
    '(i % 5)::text::xid',
    'NULLIF(i % 4, 0)']) expr;

SELECT flow.entropy(x) FROM (VALUES (point '(1,2)')) v(x);
SELECT flow.entropy(x) FROM (VALUES (json '1')) v(x);
SELECT flow.entropy(x) FROM (VALUES (tsvector 'a')) v(x);

-- a value has one form, wherever it comes from: a stored oid is read with its
-- sign extended, a cast gives one without
CREATE TABLE narrow AS
SELECT 4000000000::oid AS o, '4000000000'::xid AS x, (-1)::int2 AS i, '\377'::"char" AS c, 'down'::mood AS m;
SELECT flow.entropy(o) AS oid, flow.entropy(x) AS xid, flow.entropy(i) AS int2, flow.entropy(c) AS "char",
       flow.entropy(m) AS enum
FROM (SELECT * FROM narrow
      UNION ALL SELECT oid '4000000000', '4000000000'::text::xid, '-1'::int2, '\377'::text::"char", 'down'::text::mood
      UNION ALL SELECT 4000000000::bigint::oid, '4000000000', -1, '\377', enum_last(NULL::mood)) s;
SELECT flow.topk(o, 3), flow.topk_values(o, 3)
FROM (SELECT o FROM narrow UNION ALL SELECT oid '4000000000' UNION ALL SELECT oid '7') s;
DROP TABLE narrow;

-- equality is that of the collation
SELECT count(*) > 0 AND getdatabaseencoding() = 'UTF8' AS has_icu
FROM pg_collation WHERE collprovider = 'i' AND collname = 'und-x-icu' \gset
\if :has_icu
CREATE COLLATION any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
SELECT round(flow.entropy(x COLLATE any_case)::numeric, 12) AS any_case, flow.entropy(x COLLATE "C") AS c,
       flow.topk(x COLLATE any_case, 5) AS top
FROM unnest(ARRAY['www', 'WWW', 'Www', 'ftp', 'FTP', 'ftp', 'mail', 'Mail']) x;
DROP COLLATION any_case;
\else
SELECT 1.561278124459 AS any_case, 2.75 AS c, '[{"value": "FTP", "weight": 3}, {"value": "WWW", "weight": 3}, {"value": "Mail", "weight": 2}]'::jsonb AS top;
\endif

-- every plan: serial, parallel, sorted and hashed groups, little memory
CREATE TABLE entropy_plans AS
SELECT i % 11 AS grp, i % 5003 AS a, ('10.0.0.0'::inet + i % 701) AS ip,
       'name ' || i % 301 AS name, round((i % 20)::numeric, i % 3) AS num,
       (i % 97)::float8 AS f, (i % 1500)::bigint AS w, ARRAY[i % 9] AS arr,
       ROW(i % 9, 'x')::pair AS comp
FROM generate_series(1, 60000) i;
ANALYZE entropy_plans;

CREATE VIEW entropy_groups AS
SELECT grp, count(*) AS n, flow.entropy(a) AS a, flow.entropy(a, w) AS aw,
       flow.entropy(a, f / 3) AS af, flow.entropy(ip, w) AS ip,
       flow.entropy_norm(name) AS name, flow.entropy(num) AS num,
       flow.entropy(f) AS f, flow.entropy(arr) AS arr, flow.entropy(comp) AS comp
FROM entropy_plans GROUP BY grp;

SET max_parallel_workers_per_gather = 0;
CREATE TABLE entropy_serial AS SELECT * FROM entropy_groups;
CREATE VIEW entropy_agreement AS
SELECT count(*) AS groups, max(greatest(
           abs(p.a - s.a), abs(p.aw - s.aw), abs(p.af - s.af),
           abs(p.ip - s.ip), abs(p.name - s.name), abs(p.num - s.num),
           abs(p.f - s.f), abs(p.arr - s.arr), abs(p.comp - s.comp))) < 1e-12 AS agree,
       bool_and((p.a, p.aw, p.ip, p.name, p.num, p.f, p.arr, p.comp) =
                (s.a, s.aw, s.ip, s.name, s.num, s.f, s.arr, s.comp)) AS same_bits
FROM entropy_groups p JOIN entropy_serial s USING (grp, n);

SET enable_hashagg = off;
SELECT * FROM entropy_agreement;
RESET enable_hashagg;
SET work_mem = '64kB';
SELECT * FROM entropy_agreement;

SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF) SELECT flow.entropy(a) FROM entropy_plans;

SELECT * FROM entropy_agreement;
SET enable_hashagg = off;
SELECT * FROM entropy_agreement;
SET parallel_leader_participation = off;
SELECT * FROM entropy_agreement;
RESET enable_hashagg;
SELECT * FROM entropy_agreement;
RESET parallel_leader_participation;
WITH formula AS (
    SELECT -sum(p * log(2, p)) AS h FROM (
        SELECT count(*) / sum(count(*)) OVER () AS p
        FROM entropy_plans GROUP BY a) s)
SELECT abs((SELECT flow.entropy(a) FROM entropy_plans) - h) < 1e-12 AS agrees
FROM formula;
SELECT flow.entropy(a) FROM entropy_plans WHERE a < 0;

RESET work_mem;
RESET min_parallel_table_scan_size;
RESET parallel_tuple_cost;
RESET parallel_setup_cost;
RESET max_parallel_workers_per_gather;

-- each session hashes with another secret, and gets the same bits
CREATE VIEW entropy_bits AS
SELECT a % 300 AS grp, flow.entropy(i) AS i, flow.entropy(i % 50, w) AS iw,
       flow.entropy(i, sqrt(i) / 3) AS f, flow.entropy_norm(a, exp(i % 500)) AS norm
FROM entropy_rows GROUP BY 1;
CREATE TABLE entropy_first AS SELECT * FROM entropy_bits;
\connect -
SELECT count(*), count(*) FILTER (WHERE here = there) AS same_bits
FROM entropy_bits here JOIN entropy_first there USING (grp);
\connect -
SELECT count(*), count(*) FILTER (WHERE here = there) AS same_bits
FROM entropy_bits here JOIN entropy_first there USING (grp);
DROP VIEW entropy_bits;
DROP TABLE entropy_first;

-- the internals cannot be called; by which error PostgreSQL says so is not the same in all minor versions
DO $$
BEGIN
    PERFORM flow.entropy_final(NULL);
    RAISE NOTICE 'called';
EXCEPTION WHEN undefined_function OR feature_not_supported THEN
    RAISE NOTICE 'refused';
END
$$;

DROP VIEW entropy_agreement, entropy_groups;
DROP TABLE entropy_rows, entropy_plans, entropy_serial;
DROP TYPE pair;
DROP TYPE mood;
DROP DOMAIN port_number;
