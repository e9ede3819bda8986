-- Indicators matched on the way in: scheduled, an alert for each new pair, late rows, too.
-- Without this test: the documented example that does not work.  Expected: by hand, from
-- the rows.  In a transaction, so that the worker sees nothing.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
SET timezone = 'UTC';
SET datestyle = 'ISO';
CREATE ROLE indicators_ann;
SELECT flow.grant_schedules('indicators_ann');
GRANT SELECT, INSERT, UPDATE, DELETE ON flow.indicator TO indicators_ann;

BEGIN;
CREATE SCHEMA indicators_watch AUTHORIZATION indicators_ann;
SET LOCAL ROLE indicators_ann;
SET LOCAL search_path = indicators_watch;
CREATE TABLE flows (ts timestamptz, src_addr inet, dst_addr inet, dst_port int, bytes bigint) USING flowstore;
SELECT loaded, bad FROM flow.load_indicators('botnet', E'192.0.2.66\n198.51.100.0/24\n', severity => 'high');
SET LOCAL flowstore.now = '2026-03-01 10:00';
SELECT flow.schedule('indicators', 'SELECT * FROM flow.match_indicators($1, $2)', '5 min', since => '2026-03-01 10:00');

INSERT INTO flows VALUES
    ('2026-03-01 10:01', '10.0.0.1', '192.0.2.66', 443, 100), ('2026-03-01 10:02', '10.0.0.1', '192.0.2.66', 443, 200),
    ('2026-03-01 10:03', '10.0.0.1', '192.0.2.67', 443, 100), ('2026-03-01 10:04', '198.51.100.7', '10.0.0.2', 22, 50),
    ('2026-03-01 10:06', '10.0.0.3', '198.51.100.255', 53, 60);
SET LOCAL flowstore.now = '2026-03-01 10:06';
SELECT since, until, alerts, error FROM flow.run_schedules();
SET LOCAL flowstore.now = '2026-03-01 10:11';
SELECT since, until, alerts, error FROM flow.run_schedules();
SELECT ts, rule, severity, src_addr, dst_addr, dedup_key, evidence FROM flow.alert WHERE rule = 'indicators' ORDER BY id;

-- late: a flow of 10:02 comes at 10:12, and is matched five minutes after that
SET LOCAL flowstore.now = '2026-03-01 10:12';
INSERT INTO flows VALUES ('2026-03-01 10:02', '10.0.0.4', '192.0.2.66', 443, 7);
SELECT since, until, alerts, error FROM flow.run_schedules();
SELECT again FROM flow.schedules;
SET LOCAL flowstore.now = '2026-03-01 10:17';
SELECT since, until, alerts, error FROM flow.run_schedules() ORDER BY since;
SELECT ts, src_addr, dst_addr, evidence ->> 'flows' AS flows FROM flow.alert WHERE rule = 'indicators' ORDER BY id;
-- an indicator that becomes known later is hunted backwards
SELECT loaded FROM flow.load_indicators('fresh', '192.0.2.67');
SELECT src_addr, dst_addr, flows FROM flow.retrohunt('fresh', '1 hour');
SELECT flow.rerun('indicators', '2026-03-01 10:00', '2026-03-01 10:15');
SELECT since, until, alerts, error FROM flow.run_schedules();
SELECT hour, src_addr, dst_addr, severity, repetitions FROM flow.alerts WHERE rule = 'indicators' ORDER BY ts, src_addr, dst_addr;
ROLLBACK;
DROP OWNED BY indicators_ann;
DROP ROLE indicators_ann;
