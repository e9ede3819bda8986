-- All detections, scheduled by one call: their alerts are what flow.hunt finds.
-- Without this test: a dashboard of security that stays empty.  In a transaction, so that the worker sees nothing of it.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never
\set VERBOSITY terse

BEGIN;
CREATE SCHEMA "odd name";
SET LOCAL search_path = "odd name";
SET LOCAL flowstore.now = '2026-03-01 12:05';
SELECT flow.create_table('flows') IS NOT NULL AS made;
-- a scan of 200 targets from 10:03 on, a brute force of 100 tries from 11:21 on, flows with an indicator from 11:00 to 11:10
INSERT INTO flows (ts, duration_ms, src_addr, dst_addr, src_port, dst_port, proto, tcp_flags, packets, bytes)
SELECT '2026-03-01 10:03'::timestamptz + i * interval '1 s', 0, '203.0.113.66'::inet, '10.0.0.0'::inet + i, 40000, 3389, 6, 2, 1, 40 FROM generate_series(1, 200) i
UNION ALL
SELECT '2026-03-01 11:21'::timestamptz + i * interval '1 s', 900, '203.0.113.67', '10.0.0.9', 40000 + i, 22, 6, 27, 20, 4000 FROM generate_series(1, 100) i
UNION ALL
SELECT '2026-03-01 11:00'::timestamptz + i * interval '2 min', 120000, '10.0.0.5', '203.0.113.68', 40000, 8443, 6, 24, 20, 4000 FROM generate_series(0, 4) i;
SELECT loaded FROM flow.load_indicators('regress', '203.0.113.68', severity => 'high');

-- without tls and dns columns: not what needs them
SELECT * FROM flow.schedule_detections(since => '2026-03-01 10:00', long => '12 hours') ORDER BY name;
SELECT DISTINCT relation, owner = current_user::regrole AS ours, failures FROM flow.schedules;
SELECT count(*) > 100 AS runs, bool_and(error IS NULL) AS good FROM flow.run_schedules();
SELECT rule, severity, score, src_addr, dst_addr, dst_port, evidence ->> 'flows' AS flows, count(*) FROM flow.alert GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 7;
-- the same as hunting at once
SELECT f.detection, f.severity, f.src_addr, f.dst_addr FROM flow.hunt(since => '2026-03-01 11:20', until => '2026-03-01 11:30', detections => '{bruteforce}') f
EXCEPT SELECT rule, severity, src_addr, dst_addr FROM flow.alert;

-- once more: nothing is new, and what differs is changed
SELECT count(*) FROM flow.schedule_detections(minimum => 'high', long => '12 hours');
SELECT count(*) FROM flow.schedules;
SELECT count(*) FROM flow.run_schedules();
SELECT count(DISTINCT query LIKE '%high%') AS kinds, bool_and(query LIKE '%high%') AS changed FROM flow.scheduled;
-- some of them, for another table with other names
CREATE TABLE other AS SELECT ts AS began, src_addr AS client, dst_addr, src_port, dst_port, proto, tcp_flags, packets, bytes, duration_ms FROM flows;
SELECT * FROM flow.schedule_detections('{bruteforce,rare_destination,indicator}', 'other', 'info', columns => '{"ts": "began", "src_addr": "client"}', since => '2026-03-01 11:00');
SELECT bool_and(error IS NULL) AS good FROM flow.run_schedules();
SELECT rule, severity, src_addr FROM flow.alert WHERE until > '2026-03-01 11:00' AND rule = 'bruteforce' ORDER BY id;
SELECT flow.unschedule_detections('{indicator}', 'other');
SELECT flow.unschedule_detections(relation => 'other');
SELECT count(*) FROM flow.unschedule_detections();
SELECT count(*) FROM flow.schedules;

-- errors
SAVEPOINT s;
SELECT flow.schedule_detections('{bruteforce,none}');
ROLLBACK TO s;
SELECT flow.schedule_detections('{NULL}');
ROLLBACK TO s;
SELECT flow.schedule_detections('{tls_oddity}');
ROLLBACK TO s;
SELECT flow.schedule_detections(long => '25 hours');
ROLLBACK TO s;
SELECT flow.schedule_detections(minimum => NULL);
ROLLBACK TO s;
SELECT flow.schedule_detections(relation => 'none');
ROLLBACK TO s;
SELECT flow.schedule_detections(since => '2026-02-01');
ROLLBACK;
