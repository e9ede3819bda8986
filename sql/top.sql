-- flow.top against canonical query 2 and written-out arithmetic.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
\set SHOW_CONTEXT never
SET timezone = 'UTC';

CREATE TABLE top_heap (ts timestamptz NOT NULL, src_addr inet, "Own port" integer, proto smallint, packets bigint, bytes bigint, sampling integer);
INSERT INTO top_heap
SELECT timestamptz '2024-01-01' + i * interval '1.3 s', nullif(inet '10.0.0.0' + i * i % 41, '10.0.0.4'), i % 5, (ARRAY[6, 17, 1])[i % 3 + 1],
       i % 7, i * 7919 % 1501, nullif(i % 4, 0) * 100
FROM generate_series(1, 4000) i;
CREATE TABLE top_flow (LIKE top_heap) USING flowstore;
INSERT INTO top_flow SELECT * FROM top_heap;
SET flowstore.now = '2024-01-01 01:20:00';
SET flowstore.default_table = 'top_flow';

-- query 2 of the canonical ones: no row differs
WITH t AS (SELECT src_addr, sum(bytes) b FROM top_heap WHERE ts >= flow.now() - interval '1 hour' AND ts < flow.now() GROUP BY src_addr),
     r AS (SELECT *, row_number() OVER (ORDER BY b DESC, src_addr) rn, sum(b) OVER () tot FROM t),
     q AS (SELECT CASE WHEN rn <= 10 THEN coalesce(host(src_addr), 'NULL') ELSE 'Other' END AS src_addr, sum(b) AS bytes,
                  round(100 * sum(b) / max(tot), 2) AS pct FROM r GROUP BY 1)
SELECT count(*), count(q.src_addr), count(t.value), max(cumulative)
FROM q FULL JOIN flow.top('src_addr') t ON value = src_addr AND amount = bytes AND percent = pct;
SELECT rank, value, key, amount = (SELECT sum(bytes) FROM top_heap WHERE src_addr IS NOT DISTINCT FROM (key ->> 'src_addr')::inet AND rank IS NOT NULL
                                   AND ts >= '2024-01-01' AND ts < '2024-01-02') AS is_right, cumulative - percent < 1e-9 AS is_first
FROM flow.top('src_addr', n => 3, since => '2024-01-01', until => '2024-01-02');

-- several columns, any names, flows, no rest
SELECT * FROM flow.top(ARRAY['proto', 'Own port', 'proto'], 'flows', 4, '2024-01-01', '2024-01-02', other => false);
SELECT proto, "Own port", count(*) FROM top_heap GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 4;
SELECT DISTINCT percent = round(267 * 100 / 4000.0, 2) AS is_right FROM flow.top(ARRAY['proto', 'Own port'], 'flows', 4, '2024-01-01', '2024-01-02', other => false);
-- sampling: NULL counts as 1
SELECT rank, value, amount, percent, cumulative FROM flow.top('proto', 'packets', 2, '2024-01-01', '2024-01-02', corrected => true);
SELECT proto, sum(packets * coalesce(sampling, 1)) FROM top_heap GROUP BY 1 ORDER BY 2 DESC;
-- another table with other names; all groups, none, no rows, nothing to divide by
CREATE TABLE top_other (t timestamptz, client text, octets bigint);
INSERT INTO top_other VALUES ('2024-01-01 01:00', 'a', 0), ('2024-01-01 01:00', NULL, 0), ('2024-01-01 00:00', 'c', 5);
SELECT * FROM flow.top('src_addr', relation => 'top_other', columns => '{"ts": "t", "src_addr": "client", "bytes": "octets"}');
SELECT * FROM flow.top('client', n => 0, span => '1 day', relation => 'top_other', columns => '{"ts": "t", "bytes": "octets"}');
SELECT * FROM flow.top('src_addr', since => '2030-01-01', until => '2031-01-01');

-- errors
SELECT * FROM flow.top('dst_addr');
SELECT * FROM flow.top('src_addr,dst_addr');
SELECT * FROM flow.top('src_addr; DROP TABLE top_heap');
SELECT * FROM flow.top('src_addr', 'bytes; DROP TABLE top_heap');
SELECT * FROM flow.top('src_addr', n => -1);
SELECT * FROM flow.top('src_addr', span => '0');
SELECT * FROM flow.top('{}'::text[]);
SELECT * FROM flow.top(NULL::text);
SELECT * FROM flow.top('client', relation => 'top_other');
-- with objects of the caller's that have names of core's
CREATE SCHEMA top_trap;
CREATE FUNCTION top_trap.greater(timestamptz, timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'trapped'; END $$;
CREATE OPERATOR top_trap.>= (LEFTARG = timestamptz, RIGHTARG = timestamptz, FUNCTION = top_trap.greater);
CREATE FUNCTION top_trap.sum(bigint) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'trapped'; END $$;
SET search_path = top_trap, pg_catalog, public;
SELECT count(*) FROM flow.top('src_addr', relation => 'public.top_flow');
RESET search_path;

RESET flowstore.now;
RESET flowstore.default_table;
SET client_min_messages = warning;
DROP SCHEMA top_trap CASCADE;
DROP TABLE top_heap, top_flow, top_other;
