-- Schedules: each bucket once, late ones again, failed ones after a pause.
-- Without this test: alerts that come twice or never.  All in a transaction, so that the
-- worker sees nothing of it.  Expected: by hand, from the rows that are inserted.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never
\set VERBOSITY terse

BEGIN;
CREATE TABLE sched_flows (ts timestamptz, src_addr inet, dst_addr inet, dst_port int, bytes bigint) USING flowstore;
-- 10:00 to 10:30, a row a minute: 10.0.0.1 in the first ten minutes, .2 in the next, .3
INSERT INTO sched_flows SELECT '2026-03-01 10:00'::timestamptz + g * interval '1 min', '10.0.0.1'::inet + g / 10, '192.0.2.1', 443, 100 * (g + 1)
FROM generate_series(0, 29) g;
SET LOCAL flowstore.default_table = 'sched_flows';
SET LOCAL flowstore.now = '2026-03-01 10:30:30';
SELECT flow.schedule('big', $$SELECT src_addr, min(ts) AS first_seen, sum(bytes) AS score, count(*) AS flows, $1 AS a, flow.now() = $2 AS present
    FROM sched_flows WHERE ts >= $1 AND ts < $2 GROUP BY src_addr$$, '10 min', since => '2026-03-01 10:05');

-- three buckets have ended, two of them a minute ago; 10.0.0.1 sent 100 + ... + 1000
SELECT name, since, until, alerts, error FROM flow.run_schedules();
SELECT * FROM flow.run_schedules();
SELECT ts, rule, severity, score, src_addr, dedup_key, evidence, since, until FROM flow.alert ORDER BY id;
SELECT name, owner = current_user::regrole AS ours, relation, every, span, done_until, lag, next_run, again, failed, missed, runs, alerts, failures, error FROM flow.schedules;
SET LOCAL flowstore.now = '2026-03-01 10:31';
SELECT since, until, alerts, error FROM flow.run_schedules('big');
SELECT ts, score, src_addr FROM flow.alert WHERE until = '2026-03-01 10:30';

-- late rows: one in each of the first two buckets, the third is not touched
INSERT INTO sched_flows VALUES ('2026-03-01 10:03', '10.0.0.1', '192.0.2.1', 443, 1), ('2026-03-01 10:19:59', '10.0.0.9', '192.0.2.1', 443, 5);
SELECT flow.mark_late('sched_flows', '2026-03-01 10:03', '2026-03-01 10:20');
SELECT flow.mark_late('sched_flows', '2026-03-01 10:03', '2026-03-01 10:04');
SELECT flow.mark_late('sched_flows', '2026-03-01 10:31', 'infinity');
SELECT flow.mark_late('pg_class', '-infinity', 'infinity');
SELECT again, next_run FROM flow.schedules;
SELECT * FROM flow.run_schedules();
SET LOCAL flowstore.now = '2026-03-01 10:41';
-- the new bucket first, which is empty; then what was found before stays, what differs is new
SELECT since, until, alerts, error FROM flow.run_schedules();
SELECT ts, score, src_addr, since FROM flow.alert ORDER BY id;
SELECT ts, src_addr, score, repetitions FROM flow.alerts ORDER BY src_addr;

-- a second time on demand: nothing is new
SELECT flow.rerun('big', '2026-03-01 10:00', '2026-03-01 10:25');
SELECT since, until, alerts, error FROM flow.run_schedules();
SELECT flow.mark_late('sched_flows', '-infinity', 'infinity');
SELECT count(*), min(until), max(until) FROM flow.schedule_todo;
SELECT flow.unschedule('big');
SELECT count(*) FROM flow.schedule_todo;

-- spans that overlap, other rules and kinds of severity, a key of its own
DELETE FROM flow.alert;
SELECT flow.schedule('wide', $$SELECT count(*) AS score, 'HIGH' AS severity, 'my rule' AS rule, 'k' AS dedup_key, '{"x": 1}'::jsonb AS evidence, 2 AS y, NULL AS z
    FROM sched_flows WHERE ts >= $1 AND ts < $2$$, '10 min', span => '30 min', since => '2026-03-01 10:20', delay => '0');
SET LOCAL flowstore.now = '2026-03-01 10:40';
SELECT since, until, alerts FROM flow.run_schedules();
SELECT ts, rule, severity, score, dedup_key, evidence, since, until FROM flow.alert ORDER BY id;
-- a row of 10:29 is looked at by those that end at 10:30, 10:40 and 10:50
SET LOCAL flowstore.now = '2026-03-01 11:10';
SELECT count(*) FROM flow.run_schedules();
SELECT flow.mark_late('sched_flows', '2026-03-01 10:29', '2026-03-01 10:29:01');
SELECT until FROM flow.schedule_todo ORDER BY 1;
SELECT flow.unschedule('wide');

-- a run that fails costs nothing but its bucket, and comes again after 5, 10, 20 seconds
DELETE FROM flow.alert;
SELECT flow.schedule('frail', $$SELECT src_addr, 1 / (extract(minute FROM $1) - 10)::int AS v FROM sched_flows LIMIT 1$$, '10 min', since => '2026-03-01 10:00', delay => '0');
SELECT flow.schedule('sound', $$SELECT 1 AS score$$, '20 min', since => '2026-03-01 10:40', delay => '0');
SET LOCAL flowstore.now = '2026-03-01 10:40';
SELECT flow.unschedule('sound');
SELECT flow.schedule('sound', $$SELECT 1 AS score$$, '20 min', since => '2026-03-01 10:00', delay => '0');
SELECT name, since, until, alerts, error FROM flow.run_schedules();
SELECT name, done_until, failed, failures, error, next_run FROM flow.schedules ORDER BY 1;
SET LOCAL flowstore.now = '2026-03-01 10:40:05';
SELECT name, since, until, alerts, error FROM flow.run_schedules();
SELECT name, done_until, failed, failures, next_run FROM flow.schedules WHERE name = 'frail';
SET LOCAL flowstore.now = '2026-03-01 10:40:15';
SELECT name, since, until, alerts, error FROM flow.run_schedules();
-- mended: it comes at once
SELECT flow.schedule('frail', $$SELECT src_addr, 1 / (extract(minute FROM $1) - 5)::int AS v FROM sched_flows LIMIT 1$$, '10 min', delay => '0');
SELECT name, since, until, alerts, error FROM flow.run_schedules();
SELECT name, done_until, failed, failures, error FROM flow.schedules WHERE name = 'frail';
SELECT flow.unschedule('frail'), flow.unschedule('sound');

-- what is too old is given up and counted: of 10:00 to 12:00 the last hour is left
SELECT flow.schedule('slow', 'SELECT 1 AS score', '10 min', since => '2026-03-01 10:00', delay => '0', catch_up => '1 hour');
SET LOCAL flowstore.now = '2026-03-01 12:00';
SELECT count(*), min(since), max(until), sum(alerts) FROM flow.run_schedules();
SELECT missed, runs, done_until FROM flow.schedules;
-- asked for, it comes however old
SELECT flow.rerun('slow', '2026-03-01 10:00', '2026-03-01 10:00:01');
SELECT since, until, alerts FROM flow.run_schedules();
SELECT flow.unschedule('slow');

-- rows that make no alert
DELETE FROM flow.alert;
SELECT flow.schedule('r' || i, q, '1 h', since => '2026-03-01 11:00', delay => '0') FROM (VALUES
    (1, 'SELECT ''no address'' AS src_addr'), (2, 'SELECT 1 AS ts'), (3, 'SELECT ''grave'' AS severity'),
    (4, 'SELECT generate_series(1, 10001) AS x'), (5, 'SELECT generate_series(1, 3) AS dst_port'), (6, 'SELECT FROM sched_flows LIMIT 2'),
    (7, 'SELECT repeat(''x'', 201) AS rule'), (8, 'SELECT set_config(''role'', ''none'', false)'), (9, 'SELECT set_config(''search_path'', ''nowhere'', false) AS p;')) v(i, q);
SELECT name, alerts, error FROM flow.run_schedules() ORDER BY name;
SELECT rule, dst_port, dedup_key, evidence, ts FROM flow.alert ORDER BY id;
SELECT current_setting('search_path') = 'nowhere';

-- errors
SAVEPOINT a;
SELECT flow.schedule('x', 'DELETE FROM sched_flows RETURNING *', '1 h'); ROLLBACK TO a;
SELECT flow.schedule('x', 'SELECT 1; SELECT 2', '1 h'); ROLLBACK TO a;
SELECT flow.schedule('x', 'SELECT 1 INTO y', '1 h'); ROLLBACK TO a;
SELECT flow.schedule('x', '', '1 h'); ROLLBACK TO a;
SELECT flow.schedule('x', 'SELECT $3', '1 h'); ROLLBACK TO a;
SELECT flow.schedule('x', 'SELECT nothing', '1 h'); ROLLBACK TO a;
SELECT flow.schedule('x', 'SELECT 1', '0'); ROLLBACK TO a;
SELECT flow.schedule('x', 'SELECT 1', '1 month'); ROLLBACK TO a;
SELECT flow.schedule('x', 'SELECT 1', NULL); ROLLBACK TO a;
SELECT flow.schedule(NULL, 'SELECT 1', '1 h'); ROLLBACK TO a;
SELECT flow.schedule('', 'SELECT 1', '1 h'); ROLLBACK TO a;
SELECT flow.schedule('x', 'SELECT 1', '1 h', span => '59 min'); ROLLBACK TO a;
SELECT flow.schedule('x', 'SELECT 1', '1 h', delay => '-1 s'); ROLLBACK TO a;
SELECT flow.schedule('x', 'SELECT 1', '1 h', timeout => '2 days'); ROLLBACK TO a;
SELECT flow.schedule('x', 'SELECT 1', '1 h', catch_up => '1 min'); ROLLBACK TO a;
SELECT flow.schedule('x', 'SELECT 1', '1 h', since => '2025-01-01'); ROLLBACK TO a;
SET LOCAL flowstore.default_table = 'no_such';
SELECT flow.schedule('x', 'SELECT 1', '1 h'); ROLLBACK TO a;
SELECT flow.unschedule('x'); ROLLBACK TO a;
SELECT flow.rerun('x', '2026-01-01', '2026-01-02'); ROLLBACK TO a;
SELECT flow.rerun('r1', '2026-01-01', '2026-01-01'); ROLLBACK TO a;
SELECT flow.rerun('r1', '2026-01-01', 'infinity'); ROLLBACK TO a;
SELECT flow.rerun('r1', '1000-01-01', '2026-03-01'); ROLLBACK TO a;
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT flow.run_schedules();
ROLLBACK;
