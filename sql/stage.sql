-- Staging: records are parsed once, bad ones stay, and a better parser replaces the rows.
-- Without this test: rows that are there twice after a parser was mended.
-- Expected: by hand, from the records that are inserted.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never
\set VERBOSITY terse

CREATE TABLE stage_flows (ts timestamptz, src_addr inet, dst_port int CHECK (dst_port < 65536), bytes bigint, kb numeric GENERATED ALWAYS AS (bytes / 1000.0) STORED, stage_id bigint) USING flowstore;
CREATE FUNCTION stage_conn(s flow.stage) RETURNS TABLE (ts timestamptz, src_addr inet, dst_port int, bytes bigint, unused text) LANGUAGE sql
AS $$ SELECT s.ts, (s.doc ->> 'src')::inet, (s.doc ->> 'port')::int, (s.doc ->> 'in')::bigint, 'x' FROM generate_series(1, coalesce((s.doc ->> 'n')::int, 1)) $$;
INSERT INTO flow.stage (ts, sensor, kind, doc) SELECT '2026-03-01'::timestamptz + g * interval '1 min', 'a', 'conn', jsonb_build_object('src', '10.0.0.' || g, 'port', 80, 'in', g, 'out', 1000)
FROM generate_series(1, 50) g;
INSERT INTO flow.stage (ts, kind, doc) VALUES ('2026-03-01 02:00', 'conn', '{"src": "nobody"}'), ('2026-03-01 02:01', 'conn', '{"src": "10.0.0.99", "port": 70000}'),
    ('2026-03-01 02:02', 'conn', '{"src": "10.0.0.98", "n": 3, "in": 7}'), ('2026-03-01 02:03', 'conn', '{"n": 0}');
INSERT INTO flow.stage (ts, kind, raw) VALUES ('2026-03-01 02:04', 'other', '\x00');
SELECT flow.add_parser('conn', 'stage_conn(flow.stage)', 'stage_flows');

-- 50 + 3 rows; two records are bad, one makes no row
SELECT * FROM flow.parse('conn', 10);
SELECT * FROM flow.parse('conn');
SELECT * FROM flow.parse('conn');
SELECT count(*), count(DISTINCT stage_id), sum(bytes), sum(kb) FROM stage_flows;
SELECT ts, doc, version, error FROM flow.stage WHERE error IS NOT NULL ORDER BY ts;
SELECT kind, records, new, bad, outdated, version, function, target, owner = current_user::regrole AS ours FROM flow.stages ORDER BY kind;
SELECT count(*) FROM stage_flows f JOIN flow.stage s ON s.id = f.stage_id AND s.ts = f.ts;

-- a better parser: both directions, and what it could not read; new records are not its business
INSERT INTO flow.stage (ts, kind, doc) VALUES ('2026-03-01 00:30', 'conn', '{"src": "10.0.0.77", "in": 1}');
CREATE OR REPLACE FUNCTION stage_conn(s flow.stage) RETURNS TABLE (ts timestamptz, src_addr inet, dst_port int, bytes bigint, unused text) LANGUAGE sql
AS $$ SELECT s.ts, CASE s.doc ->> 'src' WHEN 'nobody' THEN '0.0.0.0' ELSE (s.doc ->> 'src')::inet END, (s.doc ->> 'port')::int % 65536,
    (s.doc ->> 'in')::bigint + coalesce((s.doc ->> 'out')::bigint, 0), 'x' FROM generate_series(1, coalesce((s.doc ->> 'n')::int, 1)) $$;
SELECT flow.add_parser('conn', 'stage_conn(flow.stage)', 'stage_flows', 2);
SELECT outdated FROM flow.stages WHERE kind = 'conn';
-- minutes 10 to 19: 145 bytes and 10,000 more
SELECT * FROM flow.reparse('conn', '2026-03-01 00:10', '2026-03-01 00:20');
SELECT count(*), sum(bytes) FROM stage_flows;
SELECT version, error IS NOT NULL AS bad, count(*) FROM flow.stage WHERE kind = 'conn' GROUP BY 1, 2 ORDER BY 1, 2;
SELECT * FROM flow.reparse('conn', only_bad => true);
SELECT * FROM flow.reparse('conn');
SELECT * FROM flow.reparse('conn');
SELECT count(*), sum(bytes) FROM stage_flows;
SELECT * FROM flow.parse('conn');
SELECT count(*), sum(bytes) FROM stage_flows;

-- others see the old rows until all is done, and all of it may be undone
BEGIN;
CREATE OR REPLACE FUNCTION stage_conn(s flow.stage) RETURNS TABLE (ts timestamptz, src_addr inet, dst_port int, bytes bigint, unused text) LANGUAGE sql AS $$ SELECT s.ts, NULL::inet, 1, 1::bigint, '' $$;
SELECT * FROM flow.reparse('conn');
SELECT count(*), sum(bytes) FROM stage_flows;
ROLLBACK;
SELECT count(*), sum(bytes) FROM stage_flows;

-- a heap table, a function that returns its type, a schedule that parses
CREATE TABLE "stage Odd" ("From Stage" bigint, "what ""it"" is" bytea, len int DEFAULT -1);
CREATE FUNCTION "stage Odd parser"(s flow.stage) RETURNS SETOF "stage Odd" LANGUAGE sql AS $$ SELECT NULL::bigint, s.raw, length(s.raw) $$;
SELECT flow.add_parser('other', '"stage Odd parser"(flow.stage)', '"stage Odd"', link => 'From Stage');
BEGIN;
SET LOCAL flowstore.now = '2026-03-02';
SELECT flow.schedule('parse', $$SELECT p.* FROM flow.parse('other') p WHERE p.bad > 0$$, '1 h', 'stage_flows', since => '2026-03-01 23:00', delay => '0');
SELECT alerts, error FROM flow.run_schedules('parse');
SELECT flow.unschedule('parse');
COMMIT;
SELECT "what ""it"" is", len, "From Stage" = (SELECT id FROM flow.stage WHERE kind = 'other') AS linked FROM "stage Odd";

-- what is no fault of a record stops all; the records stay new
INSERT INTO flow.stage (ts, kind, raw) VALUES ('2026-03-01', 'other', '\x01');
ALTER TABLE "stage Odd" RENAME TO "stage Even";
SELECT * FROM flow.parse('other');
DROP FUNCTION "stage Odd parser";
SELECT * FROM flow.parse('other');

-- old records go, rows stay
BEGIN;
SET LOCAL flowstore.now = '2026-03-02';
SELECT flow.forget_stage('conn', '23 h 30 min');
SELECT count(*), min(ts) FROM flow.stage WHERE kind = 'conn';
SELECT count(*) FROM stage_flows;
SELECT * FROM flow.reparse('conn');
SELECT count(*) FROM stage_flows;
ROLLBACK;

-- errors
CREATE FUNCTION stage_wrong(s flow.stage) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION stage_wrong(s int) RETURNS SETOF stage_flows LANGUAGE sql AS 'SELECT * FROM stage_flows';
CREATE TABLE stage_plain (ts timestamptz, stage_id text);
SELECT flow.add_parser('w', 'stage_wrong(flow.stage)', 'stage_flows');
SELECT flow.add_parser('w', 'stage_wrong(int)', 'stage_flows');
SELECT flow.add_parser('w', 'stage_conn(flow.stage)', 'stage_plain');
SELECT flow.add_parser('w', 'stage_conn(flow.stage)', 'stage_flows', link => 'nothing');
SELECT flow.add_parser(NULL, 'stage_conn(flow.stage)', 'stage_flows');
SELECT flow.add_parser('conn', 'stage_conn(flow.stage)', 'stage_flows', link => 'bytes');
SELECT flow.parse('none');
SELECT flow.parse('conn', -1);
SELECT flow.reparse('conn', '2026-01-01', '2026-01-01');
SELECT flow.forget_stage('conn', NULL);
SELECT flow.drop_parser('none');
INSERT INTO flow.stage (ts, kind) VALUES (now(), 'conn');
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT flow.parse('conn');
ROLLBACK;

-- nobody runs the parser of another, not even a superuser
CREATE ROLE stage_ann;
CREATE ROLE stage_bob;
SELECT flow.grant_stage('stage_ann'), flow.grant_stage('stage_bob');
GRANT SELECT, INSERT, DELETE ON stage_flows TO stage_ann;
SET ROLE stage_ann;
SELECT flow.add_parser('anns', 'stage_conn(flow.stage)', 'stage_flows');
INSERT INTO flow.stage (ts, kind, doc) VALUES ('2026-03-03', 'anns', '{}');
SELECT flow.add_parser('conn', 'stage_conn(flow.stage)', 'stage_flows', 3);
SELECT * FROM flow.parse('conn');
SET ROLE stage_bob;
SELECT * FROM flow.parse('anns');
UPDATE flow.parser SET function = 'x' WHERE kind = 'anns' RETURNING kind;
SELECT flow.drop_parser('anns');
INSERT INTO flow.parser VALUES ('forged', 'stage_ann', 'public.stage_conn', 'stage_flows', 'stage_id', 1);
RESET ROLE;
SELECT * FROM flow.parse('anns');
SET ROLE stage_ann;
SELECT * FROM flow.parse('anns');
SELECT flow.drop_parser('anns');
RESET ROLE;
DROP OWNED BY stage_ann, stage_bob;
DROP ROLE stage_ann, stage_bob;

SELECT flow.drop_parser('conn'), flow.drop_parser('other');
DELETE FROM flow.stage;
DROP FUNCTION stage_wrong(flow.stage), stage_wrong(int), stage_conn;
DROP TABLE stage_flows, "stage Even", stage_plain;
