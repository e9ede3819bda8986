-- Alerts: all are kept, views judge them.
-- Without this test: an allowed alert that is gone for good, a repetition that hides another rule.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\set SHOW_CONTEXT never

BEGIN;
SET LOCAL flowstore.now = '2026-03-01 10:20';
SELECT flow.raise_alert('scan', 'medium', '10.0.0.1', '10.0.0.2', 22, 7, '{"targets": 40}') > 0;
SELECT flow.raise_alert('scan', 'high', '10.0.0.1', '10.0.0.2', 22, ts => '2026-03-01 10:59:59') > 0;
SELECT flow.raise_alert('scan', 'low', '10.0.0.1', '10.0.0.2', 22, ts => '2026-03-01 11:00') > 0;
SELECT flow.raise_alert('flood', 'high', '10.0.0.1', '10.0.0.2', 22) > 0;
SELECT flow.raise_alert('beacon', 'info', dst_addr => '2001:db8::1', dedup_key => 'k') > 0;

-- the first of an hour by key; the flood is no repetition of the scan
SELECT ts, rule, severity, worst, score, dedup_key, repetitions, last_ts, evidence, acknowledged FROM flow.alerts ORDER BY ts, rule;

-- the text of canonical query 42, asked of the same rows
CREATE VIEW alerts_reference AS
SELECT DISTINCT ON (a.dedup_key, flow.time_bucket('1 hour', a.ts)) a.*
FROM flow.alert a
WHERE NOT EXISTS (
  SELECT 1 FROM flow.alert_allow w
  WHERE (w.rule IS NULL OR w.rule = a.rule)
    AND (w.src_addr IS NULL OR a.src_addr <<= w.src_addr) AND (w.dst_addr IS NULL OR a.dst_addr <<= w.dst_addr)
    AND coalesce(w.until, 'infinity') > a.ts)
ORDER BY a.dedup_key, flow.time_bucket('1 hour', a.ts), a.ts;

-- the list changes the past, and back
SELECT flow.allow('our scanner', 'scan', '10.0.0.0/24', until => '2026-03-01 11:00') AS entry \gset
SELECT ts, rule, repetitions FROM flow.alerts ORDER BY ts, rule;
SELECT ts, rule, reason, author = current_user AS ours FROM flow.alerts_allowed ORDER BY ts;
SELECT count(*) FROM (SELECT id FROM flow.alerts EXCEPT SELECT id FROM alerts_reference) x;
SELECT count(*) FROM (SELECT id FROM alerts_reference EXCEPT SELECT id FROM flow.alerts) x;
SELECT flow.allow('all to the new net', dst_addr => '2001:db8::/32') > 0;
SELECT ts, rule, repetitions FROM flow.alerts ORDER BY ts, rule;
SELECT count(*) FROM (SELECT id FROM alerts_reference EXCEPT SELECT id FROM flow.alerts) x;
DELETE FROM flow.alert_allow WHERE id = :entry;
SELECT ts, rule, repetitions FROM flow.alerts ORDER BY ts, rule;

-- acknowledged up to a time
SELECT flow.acknowledge('scan 10.0.0.1 10.0.0.2 22', 'seen', '2026-03-01 10:30');
SELECT flow.acknowledge('scan 10.0.0.1 10.0.0.2 22', 'seen again', '2026-03-01 10:30');
SELECT ts, rule, acknowledged FROM flow.alerts ORDER BY ts, rule;
SELECT ts, acknowledged FROM flow.alerts_judged WHERE rule = 'scan' ORDER BY ts;

SELECT * FROM flow.alert_counts('1 hour', '2026-03-01', '2026-03-02');
SELECT * FROM flow.alert_counts('1 hour', '2026-03-01 10:30');

SET LOCAL flowstore.now = '2026-03-02 10:30';
SELECT flow.forget_alerts('1 day');
SELECT rule, ts FROM flow.alert ORDER BY ts;
SELECT count(*) FROM flow.alert_acknowledged;
\set VERBOSITY terse
SAVEPOINT a; SELECT flow.forget_alerts(NULL); ROLLBACK TO a;
SELECT flow.raise_alert(NULL, 'high'); ROLLBACK TO a;
SELECT flow.raise_alert(repeat('x', 201), 'high'); ROLLBACK TO a;
SELECT flow.allow('no'); ROLLBACK TO a;
SELECT flow.allow(NULL, 'scan'); ROLLBACK TO a;
ROLLBACK;

-- views show what the caller may see of the tables
CREATE ROLE alerts_nobody;
SET ROLE alerts_nobody;
SELECT * FROM flow.alerts;
SELECT flow.raise_alert('x', 'low');
RESET ROLE;
DROP ROLE alerts_nobody;
