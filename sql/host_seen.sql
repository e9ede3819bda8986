-- Addresses that are new: kept by a schedule, right after late, deleted and changed rows.
-- Without this test: first_seen that nobody has updated.  Expected: from the rows, by an
-- independent query over the heap table.  In a transaction, so that the worker sees nothing.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never
\set VERBOSITY terse
CREATE ROLE hosts_ann;
CREATE ROLE hosts_bob;
CREATE ROLE hosts_limited;
SELECT flow.grant_schedules('hosts_ann');

BEGIN;
CREATE SCHEMA hosts_test;
GRANT ALL ON SCHEMA hosts_test TO PUBLIC;
SET LOCAL search_path = hosts_test;
SET LOCAL ROLE hosts_ann;
CREATE TABLE flows (ts timestamptz, src_addr inet, dst_addr inet) USING flowstore;
CREATE TABLE heap_flows (LIKE flows);
-- two days, a flow a minute from 2026-03-01; a new outside host each hour
INSERT INTO flows SELECT '2026-03-01'::timestamptz + g * interval '1 min', '10.0.0.0'::inet + g % 7, '192.0.2.0'::inet + g / 60
FROM generate_series(0, 2879) g;
INSERT INTO heap_flows TABLE flows;
CREATE VIEW expected AS
SELECT ip, min(ts) AS first_seen, max(ts) AS last_seen, count(*) AS flows, count(DISTINCT ts::date) AS days
FROM (SELECT src_addr AS ip, ts FROM heap_flows UNION ALL SELECT dst_addr, ts FROM heap_flows WHERE dst_addr IS DISTINCT FROM src_addr) x
WHERE ts < current_setting('hosts.until')::timestamptz AND ip IS NOT NULL GROUP BY 1;
CREATE VIEW wrong AS
(SELECT ip, first_seen, last_seen, flows, days FROM flow.host_seen WHERE relation = 'flows'::regclass EXCEPT ALL TABLE expected)
UNION ALL
(TABLE expected EXCEPT ALL SELECT ip, first_seen, last_seen, flows, days FROM flow.host_seen WHERE relation = 'flows'::regclass);

-- history at once, the last days by buckets of an hour
SET LOCAL flowstore.now = '2026-03-02 12:05';
INSERT INTO flows SELECT '2026-02-20'::timestamptz + g * interval '1 h', '10.0.0.8', '192.0.2.250' FROM generate_series(0, 23) g;
INSERT INTO heap_flows SELECT '2026-02-20'::timestamptz + g * interval '1 h', '10.0.0.8', '192.0.2.250' FROM generate_series(0, 23) g;
SELECT flow.watch_hosts(every => '1 hour');
SET LOCAL hosts.until = '2026-02-28';
SELECT * FROM wrong;
SELECT count(*), bool_and(error IS NULL), sum(alerts) FROM flow.run_schedules();
SET LOCAL hosts.until = '2026-03-02 12:00';
SELECT * FROM wrong;
SELECT dst_addr, first_seen, flows FROM flow.first_seen(span => '3 hours');

-- late rows today and yesterday, deleted and changed ones, an address that was never there
INSERT INTO flows VALUES ('2026-03-02 01:02:03', '10.0.0.9', '203.0.113.1'), ('2026-03-01 05:00', '10.0.0.9', NULL), ('2026-03-02 01:00', '::1', '::1');
INSERT INTO heap_flows VALUES ('2026-03-02 01:02:03', '10.0.0.9', '203.0.113.1'), ('2026-03-01 05:00', '10.0.0.9', NULL), ('2026-03-02 01:00', '::1', '::1');
DELETE FROM flows WHERE ts >= '2026-03-02 03:00' AND ts < '2026-03-02 04:00';
DELETE FROM heap_flows WHERE ts >= '2026-03-02 03:00' AND ts < '2026-03-02 04:00';
UPDATE flows SET dst_addr = '203.0.113.2' WHERE ts = '2026-03-02 06:00';
UPDATE heap_flows SET dst_addr = '203.0.113.2' WHERE ts = '2026-03-02 06:00';
SELECT count(*) FROM flow.run_schedules();
SELECT count(*) > 0 FROM wrong;
SELECT again > 1 FROM flow.schedules;
-- an hour later
SET LOCAL flowstore.now = '2026-03-02 13:05';
SELECT bool_and(error IS NULL) FROM flow.run_schedules();
SET LOCAL hosts.until = '2026-03-02 13:00';
SELECT * FROM wrong;
-- what is new goes on by additions
SET LOCAL flowstore.now = '2026-03-03 00:05';
SELECT count(*), bool_and(error IS NULL) FROM flow.run_schedules();
SET LOCAL hosts.until = '2026-03-03';
SELECT * FROM wrong;
SELECT until FROM flow.host_done WHERE isfinite(day) ORDER BY 1;
-- by hand in between, and buckets that are counted again
SELECT flow.update_host_seen(since => '2026-03-02') > 0;
SELECT * FROM wrong;
SELECT flow.rerun('hosts of hosts_test.flows', '2026-03-02 10:00', '2026-03-02 12:00');
SELECT count(*), bool_and(error IS NULL) FROM flow.run_schedules();
SELECT * FROM wrong;
-- a second call changes the schedule, and counts nothing twice
SELECT flow.watch_hosts();
SET LOCAL flowstore.now = '2026-03-03 02:05';
SELECT count(*), bool_and(error IS NULL) FROM flow.run_schedules();
SELECT * FROM wrong;
-- a day of which all rows are gone stays
DELETE FROM flows WHERE ts < '2026-02-21';
SELECT flow.update_host_seen(since => '2026-02-20', until => '2026-02-21');
SELECT * FROM wrong;
-- a heap table, with names of its own
ALTER TABLE heap_flows RENAME src_addr TO client;
ALTER TABLE heap_flows RENAME ts TO began;
SELECT flow.watch_hosts('heap_flows', history => '0', columns => '{"ts": "began", "src_addr": "client"}');
INSERT INTO heap_flows VALUES ('2026-03-03 01:00', '10.7.7.7', '192.0.2.200');
SET LOCAL flowstore.now = '2026-03-03 03:05';
SELECT bool_and(error IS NULL) FROM flow.run_schedules();
SELECT src_addr, first_seen FROM flow.first_seen('heap_flows', internal => true);
SELECT flow.unschedule('hosts of hosts_test.heap_flows');

-- who sees it: who may read all of the table
GRANT SELECT ON flows TO hosts_bob, hosts_limited;
GRANT SELECT (began) ON heap_flows TO hosts_bob;
ALTER TABLE flows ENABLE ROW LEVEL SECURITY;
CREATE POLICY reader ON flows TO hosts_limited USING (src_addr = '10.0.0.1');
SET LOCAL ROLE hosts_limited;
SELECT count(*) FROM flow.host_seen;
SET LOCAL ROLE hosts_ann;
ALTER TABLE flows DISABLE ROW LEVEL SECURITY;
SET LOCAL ROLE hosts_bob;
SELECT relation, count(*) > 0 FROM flow.host_seen GROUP BY 1;
SAVEPOINT a;
DELETE FROM flow.host_day; ROLLBACK TO a;
SELECT flow.watch_hosts(); ROLLBACK TO a;
SELECT flow.update_host_seen(); ROLLBACK TO a;
-- not even those who may schedule write those of others
RESET ROLE;
SELECT flow.grant_schedules('hosts_bob');
SET LOCAL ROLE hosts_bob;
DELETE FROM flow.host_day;
SAVEPOINT a;
INSERT INTO flow.host_day VALUES ('flows', '2026-03-01', '10.9.9.9', now(), now(), 1); ROLLBACK TO a;
SELECT flow.update_host_seen(); ROLLBACK TO a;
RESET ROLE;

-- refused
SAVEPOINT a;
SELECT flow.watch_hosts(history => '-1 day'); ROLLBACK TO a;
SELECT flow.watch_hosts(every => '7 min'); ROLLBACK TO a;
SELECT flow.watch_hosts(every => '0'); ROLLBACK TO a;
SELECT flow.watch_hosts(every => '2 days'); ROLLBACK TO a;
SELECT flow.watch_hosts(every => NULL); ROLLBACK TO a;
SELECT flow.watch_hosts('pg_class'); ROLLBACK TO a;
SELECT flow.watch_hosts(columns => '{"src_addr": "nothing"}'); ROLLBACK TO a;
ROLLBACK;
DROP OWNED BY hosts_ann, hosts_bob, hosts_limited;
DROP ROLE hosts_ann, hosts_bob, hosts_limited;
