-- What somebody may try who wants more than he is allowed, or no answer for others:
-- names that look like SQL, numbers that overflow sums, states that no aggregate has
-- made, entries in the books of others.  Found by review; each was possible once.
-- Without this test: they are possible again.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
\set SHOW_CONTEXT never
SET timezone = 'UTC';

-- a table's name is a name, whatever it contains: one row is found
SELECT flow.create_table('hostile_flows');
CREATE TABLE "h {all} {flows} %s ""x""" (LIKE hostile_flows);
INSERT INTO "h {all} {flows} %s ""x""" (ts, src_addr, dst_addr, src_port, dst_port, proto, bytes) VALUES ('2026-01-01', '10.0.0.1', '198.51.100.1', 5000, 443, 6, 9223372036854775807);
SELECT detection, src_addr, bytes FROM flow.exfiltration('"h {all} {flows} %s ""x"""', '2026-01-01', '2026-01-02');
-- bytes 2^63 - 1 twice: what does not fit is cut, the finding stays
INSERT INTO "h {all} {flows} %s ""x""" (ts, src_addr, dst_addr, src_port, dst_port, proto, bytes) VALUES ('2026-01-01', '10.0.0.1', '198.51.100.1', 5000, 443, 6, 9223372036854775807);
SELECT detection, src_addr, bytes FROM flow.exfiltration('"h {all} {flows} %s ""x"""', '2026-01-01', '2026-01-02');
DROP TABLE "h {all} {flows} %s ""x""", hostile_flows;

-- columns that cannot be what they stand for
CREATE TABLE hostile (ts timestamptz, seen text, src_addr inet, dst_addr inet, bytes bigint);
SELECT * FROM flow.hops('10.0.0.1', relation => 'hostile', columns => '{"ts": "seen"}');
SELECT * FROM flow.top('src_addr', relation => 'hostile', columns => '{"src_addr": "bytes"}');
SELECT * FROM flow.changes('hostile', columns => '{"bytes": "src_addr"}');
DROP TABLE hostile;

-- a query that ends in a comment
SELECT flow.save_set('hostile', 'SELECT ''10.0.0.1''::inet -- one');
SELECT flow.forget_set('hostile');

-- a state for histograms that has no room for counts: a write behind its end
SELECT format('CREATE AGGREGATE hostile_log2(bigint) (SFUNC = flow.log2_hist_step, STYPE = bigint[], INITCOND = %L)',
              array_fill(NULL::bigint, '{64}')) \gexec
SELECT hostile_log2(g) FROM generate_series(1, 10) g;
DROP AGGREGATE hostile_log2(bigint);
CREATE AGGREGATE hostile_hist(double precision, double precision, double precision, integer)
    (SFUNC = flow.hist_step, STYPE = bigint[], INITCOND = '{}');
SELECT hostile_hist(g, 0, 10, 2) FROM generate_series(1, 10) g;
DROP AGGREGATE hostile_hist(double precision, double precision, double precision, integer);
SELECT flow.log2_hist_step(NULL, 1);

-- operators that fit better than those of pg_catalog: none of these may be called
CREATE SCHEMA hostile_ops;
CREATE FUNCTION hostile_ops.lie(bigint, integer) RETURNS boolean LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION 'called by mistake'; END $$;
CREATE FUNCTION hostile_ops.lie(jsonb, text) RETURNS text LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION 'called by mistake'; END $$;
SELECT format('CREATE FUNCTION hostile_ops.lie(%1$s, %2$s) RETURNS boolean LANGUAGE sql AS %3$L;'
              'CREATE OPERATOR hostile_ops.%4$s (LEFTARG = %1$s, RIGHTARG = %2$s, FUNCTION = hostile_ops.lie)',
              l, r, 'SELECT hostile_ops.lie(1::bigint, 2::integer)', '=') AS statement
FROM (VALUES ('numeric', 'integer'), ('numeric', 'numeric'), ('text', 'text'), ('integer', 'integer'), ('regclass', 'regclass')) v(l, r) \gexec
CREATE OPERATOR hostile_ops.->> (LEFTARG = jsonb, RIGHTARG = text, FUNCTION = hostile_ops.lie);
SELECT flow.create_table('hostile_flows');
INSERT INTO hostile_flows (ts, src_addr, dst_addr, dst_port, proto, bytes) VALUES ('2026-01-01', '10.0.0.1', '10.0.0.2', 443, 6, 1000);
SET search_path = hostile_ops, pg_catalog, public;
SELECT value, amount, percent FROM flow.top('src_addr', relation => 'hostile_flows', since => '2026-01-01', until => '2026-01-02');
SELECT count(*) FROM flow.rate('1 hour', since => '2026-01-01', until => '2026-01-01 02:00', relation => 'hostile_flows');
SELECT section, item, bytes FROM flow.investigate('10.0.0.1', relation => 'hostile_flows', since => '2026-01-01', until => '2026-01-02');
SELECT flow.create_rollup('public.hostile_r', '{src_addr}', '{"b": "sum(bytes)"}', 'hostile_flows', columns => '{}');
SELECT flow.drop_rollup('public.hostile_r');
SELECT flow.note_ingest('hostile', 'hostile_flows', 0, 1, 1), flow.note_ingest('hostile', 'hostile_flows', 1, 2, 1);
SELECT flow.forget_ingest('0') > 0;
RESET search_path;
DELETE FROM flow.ingest WHERE source = 'hostile';
SET client_min_messages = warning;
DROP SCHEMA hostile_ops CASCADE;
RESET client_min_messages;
DROP TABLE hostile_flows;

-- what reads any table cannot run in a parallel worker, which sees no temporary ones
CREATE TEMPORARY TABLE hostile_mine (ts timestamptz, src_addr inet, dst_addr inet, bytes bigint);
INSERT INTO hostile_mine VALUES ('2026-01-01', '10.0.0.1', '10.0.0.2', 1000);
SELECT set_config(name, 'on', false) FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
SELECT amount FROM flow.top('src_addr', relation => 'hostile_mine', since => '2026-01-01', until => '2026-01-02');
SELECT members FROM flow.hops('10.0.0.1', relation => 'hostile_mine', since => '2026-01-01', until => '2026-01-02');
SELECT set_config(name, 'off', false) FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
DROP TABLE hostile_mine;

-- a parser of one column
CREATE TABLE hostile_parsed (stage_id bigint, src_addr inet);
CREATE FUNCTION hostile_parser(r flow.stage) RETURNS TABLE (src_addr inet) LANGUAGE sql AS $$ SELECT (r.doc ->> 'a')::inet $$;
SELECT flow.add_parser('hostile', 'hostile_parser(flow.stage)', 'hostile_parsed');
INSERT INTO flow.stage (ts, kind, doc) VALUES ('2026-01-01', 'hostile', '{"a": "10.0.0.1"}');
SELECT * FROM flow.parse('hostile');
SELECT src_addr, stage_id IS NOT NULL FROM hostile_parsed;
SELECT flow.drop_parser('hostile');
DELETE FROM flow.stage WHERE kind = 'hostile';
DROP FUNCTION hostile_parser(flow.stage);
DROP TABLE hostile_parsed;

-- a loop over all days that there are
SELECT flow.host_seen_run('pg_class', '-infinity', '2026-01-01', NULL);
SELECT flow.host_seen_run('pg_class', '2010-01-01', '2026-01-01', NULL);

-- roles that are none
SELECT flow.grant_alerts(NULL);
SELECT flow.grant_schedules(0);
SELECT flow.grant_stage(4294967295);

-- levels in the rollups of others, and rollups of the tables of others
CREATE ROLE hostile_owner;
CREATE ROLE hostile_other;
CREATE SCHEMA hostile_own AUTHORIZATION hostile_owner;
CREATE SCHEMA hostile_other AUTHORIZATION hostile_other;
SET ROLE hostile_owner;
CREATE TABLE hostile_own.t (ts timestamptz, v bigint);
INSERT INTO hostile_own.t VALUES ('2026-01-01 00:00', 5);
SELECT flow.create_rollup('hostile_own.r', 'SELECT sum(v) AS v FROM hostile_own.t', '{"1 min": "forever"}');
SELECT r.id::oid AS id, r.relation::oid AS relation FROM flow.rollup r WHERE r.name = 'r' \gset
SET ROLE hostile_other;
CREATE TABLE hostile_other.rows (bucket timestamptz, v numeric);
CREATE VIEW hostile_other.reading AS SELECT timestamptz '2026-01-01' AS bucket, 1::numeric AS v;
SELECT jsonb_build_object('name', 'r', 'time_column', 'v', 'query', '', 'dimensions', '[]'::jsonb,
                          'measures', '["v"]'::jsonb, 'counts', '["v"]'::jsonb) AS entry,
       'hostile_other.rows'::regclass::oid AS mine \gset
SELECT flow.rollup_register('hostile_other.rows', 'hostile_other.reading', '1 hour', NULL,
    :'entry'::jsonb || jsonb_build_object('id', :id, 'relation', :relation));
SELECT flow.rollup_register('hostile_other.rows', 'hostile_other.reading', '1 hour', NULL,
    :'entry'::jsonb || jsonb_build_object('id', :mine, 'relation', :relation));
SELECT flow.rollup_register('hostile_other.rows', 'hostile_other.reading', '1 hour', NULL, :'entry');
SELECT flow.refresh_rollup('hostile_own.r');
SELECT flow.drop_rollup('hostile_own.r');
SET ROLE hostile_owner;
SELECT * FROM flow.series('hostile_own.r', since => '2026-01-01 00:00', until => '2026-01-01 00:02');
SELECT flow.drop_rollup('hostile_own.r');

-- whole rows, tables that others inherit from, a source that is gone
SELECT flow.create_rollup('hostile_own.w', 'SELECT count(t.*) AS n FROM hostile_own.t', '{"1 min": "forever"}');
SELECT n FROM hostile_own.w_1m;
CREATE TABLE hostile_own.child () INHERITS (hostile_own.t);
SELECT flow.create_rollup('hostile_own.i', 'SELECT count(*) AS n FROM hostile_own.t', '{"1 min": "forever"}');
SELECT flow.create_rollup('hostile_own.i', 'SELECT count(*) AS n FROM ONLY hostile_own.t', '{"1 min": "1000 years"}');
SET client_min_messages = warning;
DROP TABLE hostile_own.t CASCADE;
RESET client_min_messages;
\set VERBOSITY terse
SELECT flow.refresh_rollup('hostile_own.w');
\set VERBOSITY default
SELECT schema_name, name, state FROM flow.rollups WHERE schema_name = 'hostile_own';
SELECT flow.drop_rollup('hostile_own.w');
RESET ROLE;
SET client_min_messages = warning;
DROP SCHEMA hostile_own, hostile_other CASCADE;
RESET client_min_messages;
DROP ROLE hostile_owner, hostile_other;
