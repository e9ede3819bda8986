-- Invoices: 95th percentiles by nearest rank, as computed by hand, from the table and from rollups.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET extra_float_digits = 0;
\set SHOW_CONTEXT never

CREATE SCHEMA bs;
SET search_path = bs, public;
SELECT flow.create_table('flows');
SELECT count(*) FROM flow.interface_billing('2026-03-01', '2026-03-02');
SELECT count(*) FROM flow.as_billing('2026-03-01', '2026-03-02');
SELECT count(*) FROM flow.country_bytes('2026-03-01', '2026-03-02');

-- 100 samples of 37500, 75000, ... bytes, 1000 bit/s a step: the one at place 95 is 95000 bit/s
INSERT INTO flows (ts, exporter, in_if, out_if, src_as, dst_as, bytes)
SELECT timestamptz '2026-03-01' + i * interval '5 min', '192.0.2.1', 1, 2, 10, 20, (i * 37 % 100 + 1) * 37500 FROM generate_series(0, 99) i;
INSERT INTO flow.interface VALUES ('192.0.2.1', 1, 'uplink', 1000000, 'Example Ltd');
SELECT interface, name, customer, in_bytes, out_bytes, in_p95, out_p95, p95, in_max, samples FROM flow.interface_billing('2026-03-01', '2026-03-01 08:20');
-- samples that do not end before until do not count: 99, and place ceil(94.05) = 95; 40, and place 38
SELECT interface, p95, samples FROM flow.interface_billing('2026-03-01', '2026-03-01 08:19:59');
SELECT interface, p95, samples, (SELECT 8 * bytes / 300 FROM flows WHERE ts < '2026-03-01 03:20' ORDER BY bytes OFFSET 37 LIMIT 1) AS place_38
FROM flow.interface_billing('2026-03-01', '2026-03-01 03:20');
-- samples without traffic count: twice as many, and place 190 of 200 is 90 of those with
SELECT interface, p95, samples FROM flow.interface_billing('2026-03-01', '2026-03-01 16:40');
-- and those without bytes are samples without traffic, not the largest
UPDATE flows SET bytes = NULL WHERE bytes <= 20 * 37500;
SELECT interface, p95, in_max, samples FROM flow.interface_billing('2026-03-01', '2026-03-01 08:20');
INSERT INTO flows (ts, exporter, in_if, bytes) VALUES ('2026-03-01 01:00', '192.0.2.1', 3, NULL);
SELECT interface, in_bytes, p95, in_max FROM flow.interface_billing('2026-03-01', '2026-03-01 08:20');

-- the percentile of a system is the same whatever n is, as samples are counted from the first flow of all
INSERT INTO flows (ts, src_as, dst_as, bytes) VALUES ('2026-02-28 15:40', 9, 9, 1);
SELECT n, b.as_number, b.p95, b.samples FROM (VALUES (1), (2), (9)) n(n), flow.as_billing('2026-02-28', '2026-03-01 08:20', n => n) b ORDER BY n, b.p95 DESC, b.as_number;

-- sampling: the first of many are those with most corrected bytes
INSERT INTO flows (ts, exporter, in_if, src_as, dst_as, bytes, sampling) SELECT '2026-03-03 00:01', '192.0.2.2', a, a, 99, 1000 * a, CASE a WHEN 1 THEN 1000 END FROM generate_series(1, 5) a;
INSERT INTO flows (ts, exporter, in_if, src_as, dst_as, bytes, sampling) VALUES ('2026-03-03 00:02', '192.0.2.2', 2, 2, 99, 10, 0), ('2026-03-03 00:02', '192.0.2.2', 1, 1, 99, 5, 10);
SELECT as_number, in_bytes, out_bytes FROM flow.as_billing('2026-03-03', '2026-03-04', n => 2);
SELECT as_number, in_bytes, out_bytes FROM flow.as_billing('2026-03-03', '2026-03-04', n => 2, corrected => false);
SELECT interface, in_bytes FROM flow.interface_billing('2026-03-03', '2026-03-04', n => 2);

-- the same from rollups
CREATE TABLE before AS
SELECT 'i' AS kind, i.exporter, i.interface AS key, i.in_bytes, i.out_bytes, i.in_p95, i.out_p95, i.in_max, i.out_max, i.samples FROM flow.interface_billing('2026-02-28', '2026-03-04') i
UNION ALL SELECT 'a', NULL, a.as_number, a.in_bytes, a.out_bytes, a.in_p95, a.out_p95, a.in_max, a.out_max, a.samples FROM flow.as_billing('2026-02-28', '2026-03-04') a;
SELECT count(*) FROM flow.create_traffic_rollups('flows', '{traffic,interfaces,as}');
DO $$ BEGIN PERFORM flow.refresh_rollup(format('bs.%I', name)) FROM (SELECT DISTINCT name FROM flow.rollups WHERE schema_name = 'bs') r; END $$;
SELECT count(*) AS differ FROM (
    (SELECT 'i', i.exporter, i.interface, i.in_bytes, i.out_bytes, i.in_p95, i.out_p95, i.in_max, i.out_max, i.samples FROM flow.interface_billing('2026-02-28', '2026-03-04') i
     UNION ALL SELECT 'a', NULL, a.as_number, a.in_bytes, a.out_bytes, a.in_p95, a.out_p95, a.in_max, a.out_max, a.samples FROM flow.as_billing('2026-02-28', '2026-03-04') a)
    EXCEPT ALL TABLE before) d;
SELECT count(*) FROM before;

-- countries: what has no bytes is not first
INSERT INTO flow.autonomous_system VALUES (10, 'Ten', 'DE', NULL), (20, 'Twenty', 'FR', NULL), (77, 'None', 'AQ', NULL);
INSERT INTO flows (ts, src_as, dst_as) VALUES ('2026-03-01 00:10', 77, 77);
SELECT * FROM flow.country_bytes('2026-03-01', '2026-03-02', n => 2);
SELECT as_number, name, in_bytes, out_bytes FROM flow.as_billing('2026-03-01', '2026-03-02', n => 2);

-- a table without what is needed
CREATE TABLE bare (ts timestamptz, src_as bigint, dst_as bigint, bytes bigint) USING flowstore;
INSERT INTO bare VALUES ('2026-03-01', 1, 2, 300);
SELECT as_number, in_bytes, out_bytes, p95, samples FROM flow.as_billing('2026-03-01', '2026-03-01 01:00', relation => 'bare');
SELECT * FROM flow.interface_billing('2026-03-01', '2026-03-01 01:00', relation => 'bare');
SELECT * FROM flow.interface_billing(width => '59 s');
SELECT * FROM flow.interface_billing(width => '25 hours');
SELECT * FROM flow.as_billing(n => -1);
SELECT * FROM flow.country_bytes(n => NULL);
SELECT * FROM flow.as_billing('2026-03-02', '2026-03-01');

DO $$ BEGIN PERFORM flow.drop_rollup(format('bs.%I', name)) FROM (SELECT DISTINCT name FROM flow.rollups WHERE schema_name = 'bs') r; END $$;
DELETE FROM flow.interface WHERE exporter = '192.0.2.1';
DELETE FROM flow.autonomous_system WHERE as_number IN (10, 20, 77);
SET client_min_messages = warning;
DROP SCHEMA bs CASCADE;
