-- Samples of health and schedules of all detections: what others write and rename does not stop them.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
\set SHOW_CONTEXT never

CREATE SCHEMA hh;
SET search_path = hh, public;
SELECT flow.create_table('flows');

-- collectors write their rows themselves
INSERT INTO flow.collectors (name, last_seen, refused) VALUES
    ('hh a', now(), '{"10.0.0.0/8": 3, "::/0": 4}'), ('hh b', now(), '{"x": "abc", "y": 5}'), ('hh c', now(), '[1]'), ('hh d', now(), '{"x": 1e300, "y": -1}');
SELECT flow.watch_health();
SELECT DISTINCT collector, refused FROM flow.collector_health WHERE collector LIKE 'hh %' ORDER BY collector;
SELECT DISTINCT relation, rows FROM flow.table_health WHERE relation = 'flows'::regclass;
SELECT flow.watch_health(every => '9 s');
SELECT flow.watch_health(keep => '1 s');
SELECT flow.watch_health(columns_every => '0');
SELECT flow.unschedule('health of hh.flows');

-- schedules are found by their table, whatever it is called now; one's own stay
SELECT name, rule FROM flow.schedule_detections('{change,indicator}', minimum => 'info');
SELECT flow.schedule('change of mine', 'SELECT 1 WHERE false', '1 hour', 'flows');
ALTER TABLE flows RENAME TO "{all}";
SELECT * FROM flow.unschedule_detections('{change}', '"{all}"');
SELECT * FROM flow.unschedule_detections(relation => '"{all}"');
SELECT name FROM flow.schedules WHERE relation = '"{all}"'::regclass;
SELECT name FROM flow.schedule_detections('{change}', '"{all}"', 'info');
SELECT error FROM flow.run_schedules('change of hh."{all}"') WHERE error IS NOT NULL;
SELECT * FROM flow.unschedule_detections(relation => '"{all}"');
SELECT flow.unschedule('change of mine');
SELECT * FROM flow.schedule_detections('{nothing}', '"{all}"');
SELECT * FROM flow.schedule_detections('{NULL}', '"{all}"');
SELECT * FROM flow.schedule_detections(relation => '"{all}"', long => '1 min');

-- growth: nothing yet, and what is no table of flowstore
SELECT table_bytes > 0 AS bytes, bytes_per_day, limit_bytes, limited_by, days_left FROM flow.forecast('"{all}"');
SELECT flow.set('"{all}"', max_rows => 1000, slack => 100, max_bytes => '1 MB');
SELECT limit_bytes, limited_by FROM flow.forecast('"{all}"');
SELECT * FROM flow.forecast('"{all}"', '0');
CREATE TABLE plain (ts timestamptz);
SELECT * FROM flow.forecast('plain');

DELETE FROM flow.collectors WHERE name LIKE 'hh %';
DELETE FROM flow.collector_health WHERE collector LIKE 'hh %';
DELETE FROM flow.table_health WHERE relation = '"{all}"'::regclass;
DELETE FROM flow.column_health WHERE relation = '"{all}"'::regclass;
SET client_min_messages = warning;
DROP SCHEMA hh CASCADE;
