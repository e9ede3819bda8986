-- Samples of health, and the forecast of a table's size.
-- Without this test: dashboards and alert rules whose lines stand still.  What depends on the machine is only compared with what
-- it comes from.  Schedules are in a transaction, so that the worker sees nothing of them.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never
\set VERBOSITY terse
CREATE ROLE health_ann;
CREATE ROLE health_monitor;
GRANT pg_monitor TO health_monitor;
SELECT flow.grant_schedules('health_ann');

BEGIN;
CREATE SCHEMA health_test;
GRANT ALL ON SCHEMA health_test TO PUBLIC;
SET LOCAL search_path = health_test;
SELECT flow.create_table('flows');
INSERT INTO flows (ts, src_addr, bytes) SELECT '2026-03-01'::timestamptz + i * interval '1 min', '10.0.0.1', i FROM generate_series(0, 3599) i;
INSERT INTO flow.collectors (name, last_seen, lag, queue_rows, spool_bytes, exporters, drops, refused)
VALUES ('regress health', now(), '1.5 s', 7, 8, 9, '{"rows_dropped": 3}', '{"192.0.2.0/24": 4, "198.51.100.0/24": 5}');
INSERT INTO flow.exporters (collector, address, version, domain, last_seen, records, gaps, missed) VALUES ('regress health', '192.0.2.1', 10, 1, now(), 100, 1, 2);

-- the first sample at once, columns too
SELECT flow.watch_health();
SELECT name, relation, every, span FROM flow.schedules WHERE name LIKE 'health of %';
SELECT collector, lag_s, queue_rows, spool_bytes, exporters, drops, refused FROM flow.collector_health WHERE collector = 'regress health';
SELECT address, version, domain, records, gaps, missed FROM flow.exporter_health WHERE collector = 'regress health';
SELECT h.relation, h.rows = s.rows AND h.deleted = s.deleted AND h.file_bytes = s.file_bytes AND h.bytes_loaded = s.bytes_loaded AND h.chunks = s.chunks AS same,
       h.disk_bytes >= h.disk_free_bytes AND h.disk_free_bytes > 0 AS disk, h.scans >= 0 AS scans
FROM flow.table_health h, flow.stats('flows') s WHERE h.relation = 'flows'::regclass;
SELECT (SELECT sum(bytes) FROM flow.column_health WHERE relation = 'flows'::regclass) = (SELECT sum(bytes) FROM flow.columns('flows')) AS same;
SELECT ts = date_trunc('minute', ts) AS whole FROM flow.table_health WHERE relation = 'flows'::regclass;
-- another one: columns are a day's; the same once more: nothing
SELECT flow.sample_health('flows', date_trunc('minute', now()) + interval '1 hour', '30 days', '1 day');
SELECT flow.sample_health('flows', date_trunc('minute', now()) + interval '1 hour', '30 days', '1 day');
SELECT count(*), count(DISTINCT ts), (SELECT count(DISTINCT ts) FROM flow.column_health WHERE relation = 'flows'::regclass) AS columns FROM flow.table_health WHERE relation = 'flows'::regclass;
-- what is older than keep goes
SELECT flow.sample_health('flows', date_trunc('minute', now()) + interval '2 days', '30 hours', NULL);
SELECT count(*), (SELECT count(*) FROM flow.column_health WHERE relation = 'flows'::regclass) AS columns,
       (SELECT count(*) FROM flow.collector_health WHERE collector = 'regress health') AS collectors FROM flow.table_health WHERE relation = 'flows'::regclass;
-- what was long ago is not measured
SELECT flow.health_run('flows', now() - interval '1 hour', '1 min', '30 days', NULL), flow.health_run('flows', now(), '1 min', '30 days', NULL);
SELECT flow.unschedule('health of health_test.flows');

-- a role that may schedule, and read its own table, and no more
SET LOCAL ROLE health_ann;
CREATE TABLE own (ts timestamptz, src_addr inet) USING flowstore;
SELECT flow.watch_health('own', every => '30 s', columns_every => NULL);
SELECT relation, rows, disk_bytes FROM flow.table_health WHERE relation = 'own'::regclass;
SELECT table_bytes >= 0 AS known, disk_bytes FROM flow.forecast('own');
SELECT count(*) FROM flow.column_health WHERE relation = 'own'::regclass;
SELECT flow.unschedule('health of health_test.own');
SAVEPOINT s;
SELECT * FROM flow.disk('own');
ROLLBACK TO s;
SELECT * FROM flow.schedule_status();
ROLLBACK TO s;
RESET ROLE;
SET LOCAL ROLE health_monitor;
SELECT disk_free_bytes <= disk_bytes AS known FROM flow.disk('flow.alert');
SELECT disk_free_bytes <= disk_bytes AS known FROM flow.disk('pg_database');
SAVEPOINT s;
SELECT * FROM flow.disk(4294967295);
ROLLBACK TO s;
SELECT count(*) FROM flow.schedule_status() WHERE name LIKE 'health of %';
RESET ROLE;

-- growth: 60 partitions of an hour, the newest left out; limits
SELECT abs(f.bytes_per_day / (SELECT sum(bytes + index_bytes) / 59.0 * 24 FROM (SELECT * FROM flow.partitions('flows') ORDER BY partition LIMIT 59) p) - 1) < 1e-9 AS growth,
       f.table_bytes = s.file_bytes - s.free_bytes + s.directory_bytes AS size, limit_bytes, limited_by, days_left > 0 AS ends
FROM flow.forecast() f, flow.stats('flows') s;
SELECT flow.set('flows', retain => '10 days');
SELECT limited_by, abs(limit_bytes / bytes_per_day - 10) < 1e-9 AS limited, days_left FROM flow.forecast();
SELECT flow.set('flows', max_bytes => '64 kB');
SELECT limited_by, limit_bytes FROM flow.forecast();
SELECT flow.set('flows', max_bytes => '1000000 GB', retain => NULL);
SELECT limited_by, days_left > 0 AS ends FROM flow.forecast();
SELECT flow.set('flows', max_bytes => NULL, max_rows => 7200, slack => 3600);
SELECT limited_by, abs(limit_bytes / table_bytes - 3) < 1e-9 AS limited FROM flow.forecast();

-- errors
SAVEPOINT s;
SELECT flow.watch_health(every => '1 s');
ROLLBACK TO s;
SELECT flow.watch_health(every => '1 min', keep => '10 s');
ROLLBACK TO s;
SELECT flow.watch_health(columns_every => '-1 day');
ROLLBACK TO s;
SELECT flow.watch_health('none');
ROLLBACK TO s;
SELECT flow.forecast(span => '0');
ROLLBACK TO s;
SELECT flow.forecast('pg_class');
ROLLBACK;

DO $$ BEGIN EXECUTE 'DROP OWNED BY health_ann, health_monitor'; END $$;
DROP ROLE health_ann, health_monitor;
