-- Every function of schema flow that SQL can call, with NULL and with extreme values
-- for each argument in turn: right answers and errors that say something, but none
-- that is internal (class XX) and no crash.  New functions are found in pg_proc.
-- Without this test: a function that was forgotten when arguments were checked.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
\set SHOW_CONTEXT never

SELECT flow.create_table('bad_flows', '{tls,dns,http,payload}');
INSERT INTO bad_flows (ts, duration_ms, src_addr, dst_addr, src_port, dst_port, proto, tcp_flags, packets, bytes)
SELECT timestamptz '2026-01-01 00:00+00' + i * interval '1 min', i, '10.0.0.0'::inet + i % 7, '192.0.2.0'::inet + i % 5,
       1000 + i, 443, 6, 2, i, 10 * i
FROM generate_series(1, 50) i;
INSERT INTO bad_flows (ts, duration_ms, src_addr, dst_addr, packets, bytes) VALUES
    ('2026-01-01 00:10+00', 2147483647, '::1', '::2', 9223372036854775807, 9223372036854775807),
    ('2026-01-01 00:10+00', -5, '::1', '::2', -1, 9223372036854775807),
    ('2026-01-01 00:11+00', NULL, NULL, NULL, NULL, NULL),
    ('infinity', 1, '10.0.0.1', '10.0.0.2', 1, 1);
CREATE TABLE bad_empty (LIKE bad_flows);
CREATE TABLE bad_nothing (a integer, "b""; DROP" text);
CREATE TABLE bad_types (ts text, src_addr text, dst_addr integer, bytes text, packets text, duration_ms text, dst_port inet);
CREATE TABLE "Bad ""x""; {all} {flows} %s täble" (LIKE bad_flows);
CREATE VIEW bad_view AS SELECT * FROM bad_flows;
CREATE TABLE bad_parts (LIKE bad_flows) PARTITION BY RANGE (ts);

-- The first value of each type is one that most functions take.
CREATE TABLE bad_value (type text, literals text[]);
INSERT INTO bad_value VALUES
('timestamp with time zone', ARRAY['2026-01-01 00:20+00', '-infinity', 'infinity', '4713-01-01 00:00+00 BC', '294276-12-31 23:59:59.999999+00']),
('timestamp without time zone', ARRAY['2026-01-01 00:20', '-infinity', 'infinity', '4713-01-01 00:00 BC', '294276-12-31 23:59:59.999999']),
('date', ARRAY['2026-01-01', '-infinity', 'infinity', '4713-01-01 BC', '5874897-12-31']),
('interval', ARRAY['1 hour', '0', '-1 hour', '1 us', '1 mon 1 day -1 hour', '178000000 years', '-178000000 years', '2147483647 days']),
('smallint', ARRAY['10', '0', '-1', '32767', '-32768']),
('integer', ARRAY['10', '0', '-1', '2147483647', '-2147483648']),
('bigint', ARRAY['10', '0', '-1', '9223372036854775807', '-9223372036854775808']),
('double precision', ARRAY['0.5', '0', '-1', 'NaN', 'Infinity', '-Infinity', '1e308', '5e-324']),
('real', ARRAY['0.5', '0', 'NaN', 'Infinity']),
('numeric', ARRAY['1', 'NaN', 'Infinity', '-1', '1e1000']),
('boolean', ARRAY['true', 'false']),
('text', ARRAY['bytes', '', '"', '''; DROP TABLE bad_flows; --', '%s %I {all} {flows}', 'É{', 'SELECT ts AS t, bytes AS v FROM bad_flows', 'src_addr', repeat('(', 10000)]),
('name', ARRAY['bytes', '', '"']),
('cstring', ARRAY['x', '', '{', '{10.0.0.1}', '\x00']),
('regclass', ARRAY['bad_flows', 'bad_empty', 'bad_nothing', 'bad_types', '"Bad ""x""; {all} {flows} %s täble"', 'bad_view', 'bad_parts', '0', '4294967295', 'pg_class']),
('regprocedure', ARRAY['now()', '0', '4294967295']),
('regrole', ARRAY['0', '4294967295']),
('oid', ARRAY['0', '4294967295']),
('jsonb', ARRAY['{}', '[]', '1', 'null', '{"ts": null}', '{"ts": {"a": 1}}', '{"ts": "bytes"}', '{"src_addr": "bytes"}', '{"1 min": "-1 day"}', '{"x": "count(*)"}', '{"bytes": "x\"; DROP"}']),
('inet', ARRAY['10.0.0.1', '0.0.0.0/0', '::/0', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff']),
('cidr', ARRAY['10.0.0.0/8', '0.0.0.0/0', '::/0']),
('bytea', ARRAY['\x00', '', '\xffffffffffffffffffffffffffffffff', '\x0105b817900208910290']),
('tstzrange', ARRAY['[2026-01-01,2026-01-02)', 'empty', '(,)']),
('flow.severity', ARRAY['low']),
('flow.ipset', ARRAY['{10.0.0.0/8}', '{}', '{0.0.0.0/0, ::/0}']);
INSERT INTO bad_value
SELECT type || '[]', ARRAY[ARRAY[literals[1]]::text, '{}', '{NULL}', literals::text, ARRAY[[literals[1]], [literals[1]]]::text, '[-5:-5]=' || ARRAY[literals[1]]::text]
FROM bad_value WHERE type NOT IN ('cstring');
INSERT INTO bad_value VALUES ('anyelement', '{10}'), ('"any"', '{10}'), ('anyarray', '{"{1,2}"}');

-- Calls f with argument i (0: none) as given, and undoes it; the error, if any.
CREATE FUNCTION bad_call(f oid, kind "char", args text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text;
    message text;
    list text;
BEGIN
    SELECT string_agg(CASE WHEN a.arg IS NULL AND t.type LIKE '%any%' THEN 'NULL::integer'
                           WHEN a.arg IS NULL THEN format('NULL::%s', t.type)
                           WHEN t.type = 'anyarray' THEN format('%L::integer[]', a.arg)
                           WHEN t.type LIKE '%any%' THEN format('%L::integer', a.arg)
                           ELSE format('%L::%s', a.arg, t.type) END, ', ' ORDER BY i)
    INTO list
    FROM (SELECT i, format_type(p.proargtypes[i - 1], NULL) AS type
          FROM pg_proc p, generate_series(1, p.pronargs) i WHERE p.oid = f) t
    JOIN unnest(args) WITH ORDINALITY a(arg, i) USING (i);
    BEGIN
        EXECUTE format(CASE kind WHEN 'w' THEN 'SELECT %s(%s) OVER () FROM generate_series(1, 3)'
                                 WHEN 'a' THEN 'SELECT %s(%s) FROM generate_series(1, 3)'
                                 ELSE 'SELECT count(*) FROM (SELECT * FROM %s(%s) LIMIT 5) x' END,
                       f::regproc, list);
        RAISE EXCEPTION 'undone' USING ERRCODE = 'FS000';
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
    END;
    RETURN CASE WHEN state ~ '^(XX|57|58|53)' THEN format('%s(%s): %s %s', f::regproc, list, state, left(message, 200)) END;
END
$$;

CREATE VIEW bad_functions AS
SELECT p.oid, p.prokind, p.pronargs, p.proargnames,
       ARRAY(SELECT format_type(t, NULL) FROM unnest(p.proargtypes) WITH ORDINALITY u(t, i) ORDER BY i) AS types
FROM pg_proc p LEFT JOIN pg_aggregate a ON a.aggfnoid = p.oid
WHERE p.pronamespace = 'flow'::regnamespace AND p.prokind IN ('f', 'a', 'w') AND coalesce(a.aggkind, 'n') = 'n'
AND p.provariadic = 0
AND format_type(p.prorettype, NULL) NOT IN ('trigger', 'internal', 'table_am_handler', 'index_am_handler')
AND NOT 'internal'::regtype = ANY (p.proargtypes);

CREATE VIEW bad_usual AS
SELECT f.oid, f.prokind, f.types,
       ARRAY(SELECT CASE f.proargnames[i]
                         WHEN 'since' THEN CASE types[i] WHEN 'interval' THEN '1 hour' ELSE '2026-01-01 00:00+00' END
                         WHEN 'until' THEN '2026-01-01 01:00+00'
                         WHEN 'direction' THEN 'out' WHEN 'speed' THEN 'fast' WHEN 'method' THEN 'mad'
                         WHEN 'kind' THEN 'high' WHEN 'metric' THEN 'sum(bytes)'
                         WHEN 'by' THEN CASE types[i] WHEN 'text' THEN 'src_addr' ELSE '{src_addr}' END
                         WHEN 'zone' THEN 'Europe/Berlin'
                         WHEN 'series' THEN 'SELECT ts AS t, bytes AS v FROM bad_flows WHERE isfinite(ts)'
                         WHEN 'query' THEN 'SELECT src_addr, sum(bytes) AS b FROM bad_flows GROUP BY src_addr'
                         WHEN 'columns' THEN NULL
                         ELSE (SELECT v.literals[1] FROM bad_value v WHERE v.type = types[i]) END
             FROM generate_series(1, f.pronargs) i ORDER BY i) AS args
FROM bad_functions f;

SET statement_timeout = '10min';
SET client_min_messages = error;
SET flowstore.default_table = 'bad_flows';
WITH calls AS MATERIALIZED (
    SELECT u.oid, u.prokind, u.args FROM bad_usual u
    UNION ALL
    SELECT u.oid, u.prokind, array_fill(NULL::text, ARRAY[cardinality(u.args)]) FROM bad_usual u WHERE u.args <> '{}'
    UNION ALL
    SELECT u.oid, u.prokind, u.args[:i - 1] || ARRAY[l] || u.args[i + 1:]
    FROM bad_usual u, generate_series(1, cardinality(u.args)) i,
         LATERAL (SELECT NULL AS l UNION ALL SELECT unnest(v.literals[2:]) FROM bad_value v WHERE v.type = u.types[i]) l)
SELECT count(*) > 2000 AS are_many, string_agg(c.problem, E'\n') AS problems
FROM (SELECT bad_call(oid, prokind, args) AS problem FROM calls) c;
RESET client_min_messages;

-- nothing of that is left
SELECT count(*) FROM bad_flows;
DROP VIEW bad_usual, bad_functions, bad_view;
DROP FUNCTION bad_call(oid, "char", text[]);
DROP TABLE bad_value, bad_flows, bad_empty, bad_nothing, bad_types, bad_parts, "Bad ""x""; {all} {flows} %s täble";
