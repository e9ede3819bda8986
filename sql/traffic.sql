-- flow.traffic: the same as written in SQL, from the table and from rollups, whatever the ends.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never

CREATE SCHEMA tr;
SET search_path = tr, public;
SELECT flow.create_table('flows');
INSERT INTO flows (ts, exporter, in_if, out_if, src_addr, dst_addr, src_port, dst_port, proto, packets, bytes, src_as, dst_as)
SELECT timestamptz '2026-03-01 00:00' + i * interval '112.5 s', ('192.0.2.' || i % 3)::inet, i % 4, nullif(i % 5, 0),
       CASE WHEN i % 11 = 0 THEN NULL WHEN i % 7 = 0 THEN inet '2001:db8::' + i % 5 WHEN i % 2 = 0 THEN inet '10.0.0.0' + i % 40 ELSE inet '198.51.100.0' + i % 60 END,
       CASE WHEN i % 13 = 0 THEN inet '10.9.0.1' ELSE inet '203.0.113.0' + i * 31 % 50 END,
       CASE WHEN i % 9 = 0 THEN 443 ELSE 10000 + i * 7 % 50000 END, CASE WHEN i % 17 = 0 THEN NULL WHEN i % 9 = 0 THEN 30000 + i % 9000 ELSE (ARRAY[53, 80, 443, 50000])[i % 4 + 1] END,
       (ARRAY[6, 17, 6, 1])[i % 4 + 1], i % 50 + 1, CASE WHEN i % 101 = 0 THEN NULL ELSE i * 104729 % 1500000 END, i % 6, i % 8
FROM generate_series(0, 3999) i;

SELECT * FROM flow.traffic('1 day', '{proto}', since => '2026-03-01', until => '2026-03-03') ORDER BY 1, 4 DESC;
SELECT bucket, value, key, amount FROM flow.traffic('2 days', '{direction,family}', 'flows', since => '2026-03-01', until => '2026-03-05');
SELECT bucket, value, key, amount FROM flow.traffic('1 day', '{src_addr}', 'packets', 2, since => '2026-03-01', until => '2026-03-03');
SELECT bucket, value, amount, per_second FROM flow.traffic(NULL, since => '2026-03-01 00:00:01', until => '2026-03-01 00:03:21');
SELECT bucket, value, key, amount FROM flow.traffic(NULL, '{proto,port}', 'bytes', 3, since => '2026-03-01', until => '2026-03-02', filter => 'bytes > 1M');
SELECT bucket, value, amount FROM flow.traffic('1 day', '{src_as}', 'flows', 2, '2026-03-01', '2026-03-02', other => false);
-- many values of two columns: what SQL gives, where few pairs have most, and where all have the same
CREATE TABLE many (ts timestamptz, src_addr inet, dst_addr inet, bytes bigint) USING flowstore;
INSERT INTO many SELECT '2026-03-01', inet '10.0.0.0' + i % 3000, inet '192.0.2.0' + i / 7 % 2500, CASE WHEN i % 3000 < 40 THEN 100000 + i ELSE i % 100 END FROM generate_series(1, 30000) i;
INSERT INTO many SELECT '2026-03-01', NULL, '192.0.2.1', 77777777;
SELECT count(*) AS differ FROM (
    SELECT (key ->> 'src_addr')::inet, (key ->> 'dst_addr')::inet, amount FROM (VALUES (NULL::interval), ('1 day')) w(w),
        flow.traffic(w, '{src_addr,dst_addr}', 'bytes', 50, '2026-03-01', '2026-03-02', other => false, relation => 'many')
    EXCEPT ALL SELECT p.* FROM (SELECT src_addr, dst_addr, sum(bytes) FROM many GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 50) p, (VALUES (1), (2)) twice) d;
SELECT count(*), min(value), sum(amount) FROM flow.traffic(NULL, '{src_addr,dst_addr}', 'flows', 5, '2026-03-01', '2026-03-02', relation => 'many');
SELECT count(*), sum(amount) FROM flow.traffic('1 hour', '{src_addr,dst_addr}', 'bytes', 0, '2026-03-01', '2026-03-02', relation => 'many');
-- columns of several types, one after the other in a session, and in one call
ALTER TABLE many ADD COLUMN dst_port integer, ADD COLUMN src_as bigint;
UPDATE many SET dst_port = bytes % 4000, src_as = bytes % 3500;
SELECT b AS by, count(*), sum(amount) FROM (VALUES (1, '{src_as,dst_port}'::text[]), (2, '{dst_port,src_addr}'), (3, '{src_addr,src_as}')) v(i, b),
    flow.traffic('1 day', b, 'flows', 3, '2026-03-01', '2026-03-02', relation => 'many') GROUP BY i, b ORDER BY i;
-- a direction is one group, also where an end is not known
CREATE TABLE ends (ts timestamptz, src_addr inet, dst_addr inet, bytes bigint) USING flowstore;
INSERT INTO ends VALUES ('2026-03-01', '10.0.0.1', '192.0.2.1', 100), ('2026-03-01', NULL, '10.0.0.1', 300), ('2026-03-01', '192.0.2.1', '10.0.0.1', 250),
    ('2026-03-01', '192.0.2.1', '192.0.2.2', 260), ('2026-03-01', NULL, NULL, 20), ('2026-03-01', '10.0.0.1', NULL, 7);
SELECT n, bucket, value, amount FROM (VALUES (1), (2), (9)) n(n), flow.traffic('1 day', '{direction}', 'bytes', n, '2026-03-01', '2026-03-02', relation => 'ends') ORDER BY n, amount DESC;
SELECT value, key, amount FROM flow.traffic(NULL, '{direction,dst_internal}', 'bytes', NULL, '2026-03-01', '2026-03-02', relation => 'ends');
SELECT count(*) FROM flow.traffic('1 hour', '{proto}', since => '2020-01-01', until => '2020-01-02');
SELECT count(*) FROM flow.traffic('1 hour', '{src_addr}', n => 3, since => '2020-01-01', until => '2020-01-02');

-- rows of flow.traffic that SQL does not give, and the other way round
CREATE FUNCTION tr.compare(width interval, by text[], measure text, since timestamptz, until timestamptz, OUT rows bigint, OUT differ bigint)
LANGUAGE plpgsql AS $$
DECLARE
    expressions CONSTANT jsonb := '{"direction": "CASE WHEN flow.is_internal(src_addr) AND flow.is_internal(dst_addr) THEN ''internal'' WHEN flow.is_internal(src_addr) THEN ''out'' WHEN flow.is_internal(dst_addr) THEN ''in'' ELSE ''transit'' END",
        "family": "family(src_addr)", "port": "CASE WHEN dst_port >= 10000 AND src_port < 10000 THEN src_port ELSE dst_port END"}';
    start CONSTANT timestamptz := coalesce(flow.time_bucket(width, since), since);
BEGIN
    EXECUTE format(
        'WITH t AS (SELECT bucket, key, amount FROM flow.traffic(%1$L, %2$L, %3$L, since => %4$L, until => %5$L, relation => ''tr.flows'')),
         s AS (SELECT %6$s AS bucket, jsonb_build_object(%7$s) AS key, coalesce(sum(%8$s), 0)::numeric AS amount FROM tr.flows WHERE ts >= %9$L AND ts < %5$L GROUP BY 1, 2)
         SELECT (SELECT count(*) FROM t), (SELECT count(*) FROM ((TABLE t EXCEPT ALL TABLE s) UNION ALL (TABLE s EXCEPT ALL TABLE t)) d)',
        width, by, measure, since, until,
        CASE WHEN width IS NULL THEN format('%L::timestamptz', start) ELSE format('flow.time_bucket(%L::interval, ts)', width) END,
        (SELECT string_agg(format('%L, %s', c, coalesce(expressions ->> c, quote_ident(c))), ', ') FROM unnest(by) c),
        CASE measure WHEN 'flows' THEN '1' ELSE measure END, start) INTO rows, differ;
END
$$;
CREATE VIEW tr.compared AS
SELECT w.width, b.by, m.measure, r.since, r.until, c.rows, c.differ
FROM (VALUES (1, NULL::interval), (2, '7 min'), (3, '10 min'), (4, '1 hour'), (5, '1 day')) w(i, width),
     (VALUES (1, '{}'::text[]), (2, '{proto}'), (3, '{direction}'), (4, '{exporter,out_if}'), (5, '{src_addr}'), (6, '{port,proto}'), (7, '{src_as,dst_as}'), (8, '{family,src_addr}')) b(i, by),
     (VALUES (1, 'bytes'), (2, 'packets'), (3, 'flows')) m(i, measure),
     (VALUES (1, timestamptz '2026-03-01 03:07:11.5', timestamptz '2026-03-05 04:00:00.25'), (2, '2026-03-02', '2026-03-03'), (3, '2026-03-06 04:58', '2026-03-20')) r(i, since, until),
     LATERAL tr.compare(w.width, b.by, m.measure, r.since, r.until) c
WHERE (w.i + b.i + m.i + r.i) % 4 = 0;    -- each pair of values comes, not each combination
SELECT count(*), sum(rows), sum(differ) FROM tr.compared;

SELECT name, dimensions, levels, rollup FROM flow.traffic_rollups();
SELECT * FROM flow.create_traffic_rollups();
SELECT name, rollup FROM flow.traffic_rollups();
SELECT count(*) FROM flow.create_traffic_rollups('flows', '{as,traffic}');
SELECT count(*), sum(rows), sum(differ) FROM tr.compared WHERE since = '2026-03-02';    -- nothing is rolled up yet
DO $$ BEGIN PERFORM flow.refresh_rollup(format('tr.%I', name)) FROM (SELECT DISTINCT name FROM flow.rollups WHERE schema_name = 'tr') r; END $$;
SELECT count(*), sum(rows), sum(differ) FROM tr.compared;

-- direction with n, from rollups with ends that are not known
SELECT count(*) AS differ FROM (
    (SELECT value, sum(amount) FROM flow.traffic('1 hour', '{direction}', 'bytes', 9, '2026-03-01', '2026-03-06') GROUP BY 1
     EXCEPT SELECT CASE WHEN flow.is_internal(src_addr) AND flow.is_internal(dst_addr) THEN 'internal' WHEN flow.is_internal(src_addr) THEN 'out'
                        WHEN flow.is_internal(dst_addr) THEN 'in' ELSE 'transit' END, sum(bytes) FROM flows WHERE ts >= '2026-03-01' AND ts < '2026-03-06' GROUP BY 1)) d;
SELECT flow.traffic_source('flows', '{direction}', 'bytes', '1 hour', '2026-03-02', '2026-03-03', NULL, NULL);

-- which level is read: the coarsest that divides the width and has the dimensions
SELECT w AS width, b AS by, t.reading, t.step
FROM (VALUES ('1 min'), ('2 min'), ('15 min'), ('1 hour'), ('90 min'), ('1 day'), ('45 s'), (NULL)) w(w), (VALUES ('{}'), ('{proto}'), ('{src_addr}'), ('{src_as}'), ('{sensor}')) b(b),
     flow.traffic_level('flows', b::text[], w::interval, '2026-03-01 03:00:01', '2026-03-05 04:00:01') t
ORDER BY w::interval, b;
SELECT flow.traffic_source('flows', '{proto}', 'bytes', '1 hour', '2026-03-01 03:00:00', '2026-03-02 04:00:01', NULL, NULL);
-- a filter is applied to rows
SELECT flow.traffic_source('flows', '{proto}', 'bytes', '1 hour', '2026-03-01 03:00:00', '2026-03-02 04:00:01', 'port 53', NULL) LIKE '%flows_traffic%' AS of_rollup;

-- other networks are another rollup; another name of the table is not
SET flowstore.internal_networks = '203.0.113.0/24';
SELECT name, rollup FROM flow.traffic_rollups() WHERE rollup IS NULL;
SELECT sum(differ) FROM tr.compared WHERE by = '{direction}' AND measure = 'bytes';
SET flowstore.internal_networks = '';
SELECT sum(differ) FROM tr.compared WHERE by = '{direction}' AND measure = 'bytes';
RESET flowstore.internal_networks;
ALTER TABLE flows RENAME TO "Odd ""name";
SELECT count(*) FROM flow.traffic_rollups('"Odd ""name"') WHERE rollup IS NOT NULL;
SELECT amount FROM flow.traffic(NULL, since => '2026-03-01', until => '2026-04-01', relation => '"Odd ""name"') EXCEPT SELECT sum(bytes) FROM "Odd ""name";
ALTER TABLE "Odd ""name" RENAME TO flows;

-- a rollup of other rows or other sums is none of them
SELECT flow.drop_rollup('flows_as');
SELECT flow.create_rollup('as_a', 'SELECT src_as, dst_as, sampling, count(*) AS flows, sum(packets)::bigint AS packets, sum(bytes)::bigint AS bytes FROM tr.flows WHERE proto = 6 GROUP BY 1, 2, 3', '{"1 hour": "forever"}');
SELECT flow.create_rollup('as_b', 'SELECT src_as, dst_as, sampling, count(*) AS flows, sum(packets)::bigint AS packets, sum(2 * bytes)::bigint AS bytes FROM tr.flows GROUP BY 1, 2, 3', '{"1 hour": "forever"}');
SELECT name, rollup FROM flow.traffic_rollups() WHERE name = 'as';
SELECT flow.create_rollup('as_c', 'SELECT src_as, dst_as, sampling, count(*) AS flows, sum(packets)::bigint AS packets, sum(bytes)::bigint AS bytes FROM tr.flows GROUP BY 1, 2, 3', '{"1 hour": "forever"}');
SELECT name, rollup FROM flow.traffic_rollups() WHERE name = 'as';

-- nor is one by another time
CREATE TABLE ended (ts timestamptz, ended timestamptz, src_as bigint, dst_as bigint, sampling integer, packets bigint, bytes bigint);
INSERT INTO ended VALUES ('2026-03-01 00:30', '2026-03-02 00:10', 1, 2, NULL, 3, 4);
SELECT flow.create_rollup('ended_as', query, '{"1 hour": "forever"}', '{"ts": "ended"}') FROM flow.traffic_rollups('ended') WHERE name = 'as';
SELECT flow.refresh_rollup('ended_as');
SELECT name, rollup FROM flow.traffic_rollups('ended') WHERE rollup IS NOT NULL;
SELECT bucket, value, amount FROM flow.traffic('1 hour', '{src_as}', since => '2026-03-01', until => '2026-03-04', relation => 'ended');

-- rows that options removed stay counted where a rollup has them
SELECT flow.refresh_rollup('flows_traffic');
CREATE TABLE kept AS SELECT * FROM flow.traffic('1 day', since => '2026-03-01', until => '2026-03-06');
SELECT flow.set('flows', retain => '1 day');
SELECT (flow.expire('flows')).rows > 0 AS removed;
SELECT count(*) < 2000 AS fewer, min(ts) > '2026-03-02' AS later FROM flows;
SELECT count(*) FROM (TABLE kept EXCEPT SELECT * FROM flow.traffic('1 day', since => '2026-03-01', until => '2026-03-06')) d;

-- other names of columns, and what is refused
CREATE TABLE own (at timestamptz, "Client" inet, dst_addr inet, volume int) USING flowstore;
INSERT INTO own VALUES ('2026-03-01 00:10', '10.0.0.1', '192.0.2.1', 5), ('2026-03-01 00:20', '192.0.2.7', NULL, 7);
SELECT * FROM flow.traffic('1 hour', '{direction}', since => '2026-03-01', until => '2026-03-02', relation => 'own', columns => '{"ts": "at", "src_addr": "Client", "bytes": "volume"}');
SELECT * FROM flow.traffic('1 hour', '{src_addr}', n => 1, since => '2026-03-01', until => '2026-03-02', relation => 'own', columns => '{"ts": "at", "src_addr": "Client", "bytes": "volume"}');
SELECT * FROM flow.traffic('1 hour', '{nothing}');
SELECT * FROM flow.traffic('1 hour', '{proto,proto}');
SELECT * FROM flow.traffic('1 hour', NULL);
SELECT * FROM flow.traffic('1 hour', '{proto}', 'bits');
SELECT * FROM flow.traffic('1 hour', '{proto}', n => -1);
SELECT * FROM flow.traffic('0 s');
SELECT * FROM flow.traffic('1 month');
SELECT * FROM flow.traffic('1 ms', span => '1 day');
SELECT * FROM flow.traffic('1 hour', since => '2026-03-02', until => '2026-03-01');
SELECT * FROM flow.traffic('1 hour', filter => 'port x');
SELECT * FROM flow.traffic('1 hour', '{"proto) FROM pg_authid --"}');
SELECT * FROM flow.traffic('1 hour', relation => 'missing');
SELECT * FROM flow.create_traffic_rollups('flows', '{as,others}');
SELECT * FROM flow.create_traffic_rollups('flows', '{as,NULL}');
SELECT * FROM flow.create_traffic_rollups('flows', NULL);
SELECT * FROM flow.create_traffic_rollups('own');

DO $$ BEGIN PERFORM flow.drop_rollup(format('tr.%I', name)) FROM (SELECT DISTINCT name FROM flow.rollups WHERE schema_name = 'tr') r; END $$;
SET client_min_messages = warning;
DROP SCHEMA tr CASCADE;
