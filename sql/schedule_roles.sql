-- Schedules run with the privileges of who made them, and belong to him.
-- Without this test: a role that has its code run as another, or reads others' queries.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never
\set VERBOSITY terse

CREATE ROLE sched_ann;
CREATE ROLE sched_bob;
CREATE ROLE sched_bypass BYPASSRLS;
CREATE ROLE sched_none;
SELECT flow.grant_schedules('sched_ann'), flow.grant_schedules('sched_bob'), flow.grant_schedules('sched_bypass');
SELECT grantee, table_name, string_agg(privilege_type, ' ' ORDER BY privilege_type) FROM information_schema.role_table_grants
WHERE grantee LIKE 'sched\_%' AND grantee <> 'sched_bypass' GROUP BY 1, 2 ORDER BY 1, 2;

BEGIN;
SET LOCAL flowstore.now = '2026-03-01 11:00';
CREATE TABLE sched_secret (ts timestamptz, v int);
INSERT INTO sched_secret VALUES ('2026-03-01 10:30', 42);
CREATE TABLE sched_open (ts timestamptz, v int);
GRANT SELECT ON sched_open TO PUBLIC;
CREATE SCHEMA sched_own AUTHORIZATION sched_ann;
SAVEPOINT a;

SET ROLE sched_none;
SELECT flow.schedule('x', 'SELECT 1', '1 h', 'sched_open'); ROLLBACK TO a;
SET ROLE sched_none;
SELECT * FROM flow.schedules; ROLLBACK TO a;
SET ROLE sched_none;
SELECT flow.grant_schedules('sched_none'); ROLLBACK TO a;

SET LOCAL ROLE sched_ann;
SELECT flow.schedule('who', $$SELECT current_user AS who, session_user = current_user AS same$$, '1 h', 'sched_open', since => '2026-03-01 10:00', delay => '0');
-- late rows of others' tables are noticed only if the owner says so
SELECT tgname FROM pg_trigger WHERE tgrelid = 'sched_open'::regclass;
SAVEPOINT w;
SELECT flow.watch_changes('sched_open'); ROLLBACK TO w;
SELECT name, watched FROM flow.schedules;
RESET ROLE;
SELECT flow.watch_changes('sched_open');
SELECT tgname FROM pg_trigger WHERE tgrelid = 'sched_open'::regclass ORDER BY 1;
SELECT name, watched FROM flow.schedules;
SET LOCAL ROLE sched_ann;
SELECT flow.schedule('steal', 'SELECT v FROM sched_secret', '1 h', 'sched_open', since => '2026-03-01 10:00', delay => '0');
-- code that tries to be somebody else, or to leave something behind
CREATE FUNCTION sched_own.evil(what text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN EXECUTE what; RETURN current_user; END $$;
SELECT flow.schedule('e' || i, format('SELECT sched_own.evil(%L) AS e', what), '1 h', 'sched_open', since => '2026-03-01 10:00', delay => '0') FROM (VALUES
    (1, 'RESET ROLE'), (2, 'SET ROLE sched_bob'), (3, 'SET SESSION AUTHORIZATION DEFAULT'), (4, 'CREATE TEMP TABLE leave_behind (i int)'),
    (5, 'LISTEN flow_alerts'), (6, 'DECLARE c CURSOR WITH HOLD FOR SELECT 1'), (7, 'SET flowstore.now = ''2020-01-01'''), (8, 'PREPARE p AS SELECT 1'),
    (9, 'UPDATE flow.scheduled SET owner = (SELECT oid FROM pg_roles WHERE rolsuper LIMIT 1)')) v(i, what);
RESET ROLE;
-- the superuser has them run, as the worker does: nothing is done in his name
SELECT name, alerts, error FROM flow.run_schedules() ORDER BY name;
SELECT rule, evidence FROM flow.alert ORDER BY rule;
SELECT current_user = session_user, flow.now();

-- others do not see it, run it, change it, end it
SET LOCAL ROLE sched_bob;
SELECT count(*) FROM flow.schedules;
SELECT count(*) FROM flow.scheduled;
SELECT count(*) FROM flow.schedule_state;
SELECT count(*) FROM flow.schedule_todo;
SELECT count(*) FROM flow.run_schedules();
SELECT flow.mark_late('sched_open', '-infinity', 'infinity');
UPDATE flow.scheduled SET query = 'SELECT 2';
DELETE FROM flow.scheduled;
SAVEPOINT b;
SELECT flow.unschedule('who'); ROLLBACK TO b;
SELECT flow.rerun('who', '2026-03-01', '2026-03-02'); ROLLBACK TO b;
SELECT flow.schedule('who', 'SELECT 2', '1 h', 'sched_open'); ROLLBACK TO b;
INSERT INTO flow.scheduled (name, owner, query, relation, every, span, delay, settle, catch_up, timeout, severity, search_path, time_zone, default_table)
VALUES ('forged', 'sched_ann', 'SELECT 1', 'sched_open', '1 h', '1 h', '0', '1 h', '1 day', '1 min', 'low', '', 'UTC', 'flows'); ROLLBACK TO b;
INSERT INTO flow.schedule_state (name, begins, done_until) VALUES ('who', '2026-01-01', '2026-01-01'); ROLLBACK TO b;
-- nor who bypasses row level security
SET LOCAL ROLE sched_bypass;
SELECT count(*) > 0 FROM flow.scheduled;
UPDATE flow.scheduled SET query = 'SELECT 2' WHERE name = 'who'; ROLLBACK TO b;
SET LOCAL ROLE sched_bypass;
UPDATE flow.scheduled SET owner = 'sched_bypass' WHERE name = 'who'; ROLLBACK TO b;
SET LOCAL ROLE sched_bypass;
SELECT flow.rerun('steal', '2026-03-01 10:00', '2026-03-01 11:00');
SELECT flow.run_schedules('steal'); ROLLBACK TO b;

-- nobody can write a row that stops the others' runs
SET LOCAL ROLE sched_ann;
UPDATE flow.scheduled SET every = '0'; ROLLBACK TO b;
SET LOCAL ROLE sched_ann;
UPDATE flow.scheduled SET every = '1 month'; ROLLBACK TO b;
SET LOCAL ROLE sched_ann;
UPDATE flow.scheduled SET span = '100000 years'; ROLLBACK TO b;
SET LOCAL ROLE sched_ann;
UPDATE flow.schedule_state SET done_until = '-infinity'; ROLLBACK TO b;

-- who has the privileges of the owner may do as he does
RESET ROLE;
GRANT sched_ann TO sched_bob;
SET LOCAL ROLE sched_bob;
SELECT count(*) > 5 FROM flow.schedules;
SELECT flow.rerun('who', '2026-03-01 10:00', '2026-03-01 11:00');
SELECT alerts, error FROM flow.run_schedules('who');
RESET ROLE;

-- an owner who is no more, or may not write alerts any more
REVOKE INSERT ON flow.alert FROM sched_ann;
SELECT flow.rerun('who', '2026-03-01 10:00', '2026-03-01 11:00');
SELECT alerts, error FROM flow.run_schedules('who');
DROP OWNED BY sched_ann;
DROP ROLE sched_ann;
SELECT flow.rerun('who', '2026-03-01 10:00', '2026-03-01 11:00');
SELECT alerts, regexp_replace(error, '\d+', 'N') FROM flow.run_schedules('who');
ROLLBACK;
DROP OWNED BY sched_ann, sched_bob, sched_bypass, sched_none;
DROP ROLE sched_ann, sched_bob, sched_bypass, sched_none;
