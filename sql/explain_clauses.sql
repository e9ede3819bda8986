-- EXPLAIN tells what each clause of a FlowScan ruled out, and by which structure
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
CREATE SCHEMA explain_clauses;
SET search_path = explain_clauses;
SET timezone = 'UTC';
SET max_parallel_workers_per_gather = 0;

CREATE TABLE f (ts timestamptz, src_addr inet, dst_addr inet, src_port int, dst_port int, proto int2, bytes int8, sni text COLLATE "C") USING flowstore;
INSERT INTO f SELECT '2024-01-01'::timestamptz + g * interval '0.2 s', '10.0.0.0'::inet + g * 7919::int8 % 5000,
	'10.1.0.0'::inet + g * 104729::int8 % 3000, 1024 + g % 60000, (ARRAY[53, 80, 443, 22, 25])[1 + g * 31::int8 % 97 % 5],
	CASE WHEN g % 3 = 0 THEN 17 ELSE 6 END, g % 1500, 'host' || g % 100 FROM generate_series(0, 99999) g;
INSERT INTO f SELECT '2024-01-01'::timestamptz + g * interval '1 min', '10.7.0.1', '10.7.0.2', g, 7, 1, 7000, NULL FROM generate_series(1, 10) g;
-- five partitions of clustered chunks, a fresh chunk, an item of rows
SELECT action, sum(rows) FROM flow.optimize('f') GROUP BY 1;
INSERT INTO f SELECT '2024-01-01 09:00'::timestamptz + g * interval '1 s', '10.0.0.0'::inet + g, '10.9.0.1', 5000 + g, 443, 6, g, 'late' FROM generate_series(0, 2999) g;
INSERT INTO f VALUES ('2024-01-01 09:30', '10.0.0.77', '10.9.0.1', 5, 443, 6, 1, 'last');
ANALYZE f;

CREATE FUNCTION shown(query text, options text DEFAULT 'ANALYZE, VERBOSE, BUFFERS OFF, TIMING OFF, SUMMARY OFF') RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE format('EXPLAIN (%s, COSTS OFF) %s', options, query) LOOP
		IF line !~ 'Bytes|Output:|Memory:|Column|Buckets' THEN
			RETURN NEXT replace(line, '.00 loops', ' loops');
		END IF;
	END LOOP;
END $$;
-- the FlowScan of a plan
CREATE FUNCTION node(query text, options text DEFAULT 'ANALYZE, VERBOSE, TIMING OFF, SUMMARY OFF') RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	plan jsonb;
BEGIN
	EXECUTE format('EXPLAIN (%s, COSTS OFF, FORMAT JSON) %s', options, query) INTO plan;
	RETURN jsonb_path_query_first(plan, 'strict $.** ? (@."Custom Plan Provider" == "FlowScan")');
END $$;
-- one figure, summed over clauses
CREATE FUNCTION total(node jsonb, name text) RETURNS numeric LANGUAGE sql AS $$
	SELECT sum((c ->> name)::numeric) FROM jsonb_array_elements(node -> 'Clauses') c $$;

-- each structure by itself
SELECT shown($$SELECT * FROM f WHERE ts >= '2024-01-01 04:10' AND ts < '2024-01-01 05:00'$$);
SELECT shown($$SELECT * FROM f WHERE src_addr = '10.0.0.77'$$);
SELECT shown($$SELECT * FROM f WHERE src_addr = '10.99.0.77' AND bytes < 10$$);
SELECT shown($$SELECT * FROM f WHERE bytes > 5000$$);
SELECT shown($$SELECT * FROM f WHERE bytes BETWEEN 100 AND 110$$);
-- ways to evaluate
SELECT shown($$SELECT * FROM f WHERE sni LIKE '%9'$$);
SELECT shown($$SELECT * FROM f WHERE src_port = dst_port + 1$$);
SELECT shown($$SELECT * FROM f WHERE dst_addr << '10.1.0.0/28' AND bytes > 700 AND sni <> 'host7'$$);
SELECT shown($$SELECT * FROM f WHERE sni IS NULL$$);
SELECT shown($$SELECT * FROM f WHERE src_addr = '10.0.0.78' AND bytes >= random() * 0$$);
SELECT total(n, 'Chunks Pruned by Zone Map') AS chunks, total(n, 'Rows Removed by Filter') AS rows FROM node($$SELECT * FROM f WHERE bytes = (SELECT 7000)$$) n;
SET flowstore.enable_filter = off;
SELECT shown($$SELECT * FROM f WHERE src_addr = '10.0.0.77' AND bytes > 700$$);
RESET flowstore.enable_filter;
-- together, and below an aggregate
SELECT shown($$SELECT count(*), sum(bytes) FROM f WHERE ts < '2024-01-01 03:30' AND (src_addr = '10.0.0.16' OR dst_addr = '10.1.0.99') AND proto = 6$$);
-- without ANALYZE: what a clause is good for
SELECT shown($$SELECT * FROM f WHERE ts < '2024-01-01 03:30' AND src_addr = '10.0.0.77' AND bytes > 700 AND dst_port <> 53 AND sni LIKE '%9' AND (proto = 6 OR dst_port = 7) AND (proto = 6 OR bytes > 2) AND src_port + 1 = 2$$, 'VERBOSE');
SELECT shown($$SELECT * FROM f WHERE ts < '2024-01-01 03:30'$$, 'ANALYZE OFF');
SELECT shown($$SELECT * FROM f$$);
-- other formats
SELECT jsonb_pretty(node($$SELECT * FROM f WHERE ts < '2024-01-01 03:30' AND (src_addr = '10.0.0.16' OR bytes = 7000)$$) -> 'Clauses');
SELECT jsonb_pretty(node($$SELECT * FROM f WHERE src_addr = '10.0.0.16' AND sni LIKE '%9'$$, 'VERBOSE') -> 'Clauses');
CREATE FUNCTION xml_lines(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	plan text;
BEGIN
	EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, FORMAT XML) ' || query INTO plan;
	RETURN QUERY SELECT line FROM regexp_split_to_table(plan, '\n') line WHERE line ~ 'Clause|Item>|Rows-Removed|by-Zone';
END $$;
SELECT xml_lines($$SELECT * FROM f WHERE bytes > 5000$$);

-- what clauses are credited with adds up to what the scan counts
CREATE TABLE questions (q text);
INSERT INTO questions SELECT 'SELECT * FROM f WHERE ' || a || b || c FROM
	unnest(ARRAY['ts < ''2024-01-01 02:00''', 'ts > ''2024-01-01 03:10'' AND ts <= ''2024-01-01 04:20''', 'ts >= ''2024-01-01''']) a,
	unnest(ARRAY['', ' AND src_addr = ''10.0.0.77''', ' AND (src_addr <<= ''10.0.0.64/28'' OR dst_port = 7)', ' AND dst_port IN (7, 22)']) b,
	unnest(ARRAY['', ' AND bytes > 1400', ' AND sni >= ''host98''', ' AND bytes > 5 AND src_port % 10 = bytes % 10']) c;
CREATE FUNCTION adds_up() RETURNS TABLE (questions bigint, rows_removed bool, chunks bool, chunks_listed bool, vectors bool, vectors_listed bool) LANGUAGE sql AS $$
	WITH n AS MATERIALIZED (SELECT node(q) AS n FROM questions)
	SELECT count(*), bool_and(total(n, 'Rows Removed by Filter') = COALESCE((n ->> 'Rows Removed by Filter')::numeric, 0)),
		bool_and(total(n, 'Chunks Pruned by Zone Map') + total(n, 'Chunks Pruned by Bounds') = (n ->> 'Chunks Pruned by Zone Map')::numeric),
		bool_and(total(n, 'Chunks Pruned by Partition Index') = (n ->> 'Chunks Pruned by Partition Index')::numeric),
		bool_and(total(n, 'Vectors Pruned by Zone Map') = (n ->> 'Vectors Pruned by Zone Map')::numeric),
		bool_and(total(n, 'Vectors Pruned by Partition Index') = (n ->> 'Vectors Pruned by Partition Index')::numeric)
	FROM n $$;
SELECT * FROM adds_up();
SET flowstore.enable_filter = off;
SELECT * FROM adds_up();
RESET flowstore.enable_filter;

-- counting does not change what is read
CREATE FUNCTION answer(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	EXECUTE replace(query, '*', 'count(*)') INTO n;
	RETURN n;
END $$;
SELECT count(*), bool_and((node(q) ->> 'Actual Rows')::numeric = answer(q)) FROM questions;

-- parallel: the sum of all participants
CREATE TABLE serial_figures AS SELECT q, name, total(node(q), name) AS n FROM questions,
	unnest(ARRAY['Rows Removed by Filter', 'Partitions Pruned', 'Chunks Pruned by Bounds', 'Chunks Pruned by Partition Index', 'Vectors Pruned by Partition Index',
	'Chunks Pruned by Zone Map', 'Vectors Pruned by Zone Map', 'Vectors Settled Whole', 'Vectors by Stored Values', 'Vectors by Dictionary Codes', 'Vectors by Distinct Value', 'Vectors Row by Row']) name;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
CREATE FUNCTION differences() RETURNS TABLE (q text, name text, serial numeric, parallel numeric, is_parallel bool) LANGUAGE sql AS $$
	WITH n AS MATERIALIZED (SELECT q, node(q) AS n FROM questions)
	SELECT s.q, s.name, s.n, total(n.n, s.name), (n.n ->> 'Parallel Aware')::bool FROM serial_figures s JOIN n USING (q)
	WHERE total(n.n, s.name) IS DISTINCT FROM s.n OR NOT (n.n ->> 'Parallel Aware')::bool $$;
SELECT * FROM differences();
SET parallel_leader_participation = off;
SELECT * FROM differences();
RESET parallel_leader_participation;
SET max_parallel_workers = 0;
SELECT * FROM differences();
RESET max_parallel_workers;
SET max_parallel_workers_per_gather = 0;

-- a scan that is repeated: counts of all loops
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_material = off;
SET enable_memoize = off;
SELECT shown($$SELECT * FROM generate_series(1, 3) g, LATERAL (SELECT count(*) FROM f WHERE ts < '2024-01-01'::timestamptz + g * interval '1 hour' AND bytes > g + 1400) f$$);
RESET enable_hashjoin;
RESET enable_mergejoin;
RESET enable_material;
RESET enable_memoize;

-- keys of a joined table are one clause
CREATE TABLE hosts AS SELECT '10.0.0.0'::inet + g * 100 AS addr FROM generate_series(1, 5) g;
ANALYZE hosts;
SELECT shown($$SELECT f.bytes FROM f JOIN hosts ON src_addr = addr WHERE bytes > 100$$);
SELECT shown($$SELECT f.bytes FROM f JOIN hosts ON src_addr = addr WHERE bytes > 100$$, 'VERBOSE');
-- where a policy hides rows, no clause has counts of its own
CREATE ROLE explain_clauses_user;
GRANT USAGE ON SCHEMA explain_clauses TO explain_clauses_user;
GRANT SELECT ON f TO explain_clauses_user;
CREATE POLICY p ON f USING (sni = 'host7');
ALTER TABLE f ENABLE ROW LEVEL SECURITY;
SET ROLE explain_clauses_user;
SELECT shown($$SELECT * FROM f WHERE bytes > 1400$$);
SELECT shown($$SELECT * FROM f$$);
SELECT c FROM jsonb_array_elements(node($$SELECT * FROM f WHERE bytes > 1400$$) -> 'Clauses') c;
RESET ROLE;
DROP SCHEMA explain_clauses CASCADE;
DROP ROLE explain_clauses_user;
