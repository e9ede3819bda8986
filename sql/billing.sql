-- What invoices go by: 95th percentiles by nearest rank, with samples of no traffic, with and without a rollup.
-- Without this test: customers who are charged for what they did not use.  Expected: by hand, in the comments.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET extra_float_digits = 0;
\set SHOW_CONTEXT never
\set VERBOSITY terse
CREATE SCHEMA billing_test;
SET search_path = billing_test;
SET flowstore.now = '2026-03-01 03:20';
SELECT flow.create_table('flows');
-- 40 samples of 5 minutes from 0:00 to 3:20; interface 1: in sample i, from 1 on, i * 300 bytes come in, one in ten packets was
-- seen, so i * 3000 bytes, 80 * i bits per second; they leave at interface 2 in the first two samples, else at 3
INSERT INTO flows (ts, exporter, in_if, out_if, src_as, dst_as, packets, bytes, sampling)
SELECT '2026-03-01'::timestamptz + i * interval '5 min' - interval '1 min', '192.0.2.1', 1, CASE WHEN i <= 2 THEN 2 ELSE 3 END, 64500, 64501, 1, i * 300, 10
FROM generate_series(1, 40) i;
-- of 40 samples the 38th: 38 * 80 = 3040 in at 1; of interface 2 only 2 have traffic: 0; of 3 the 38th of 40, too
SELECT exporter, interface, in_bytes, out_bytes, in_p95, out_p95, p95, in_max, out_max, samples
FROM flow.interface_billing('2026-03-01', '2026-03-02') ORDER BY 2;
SELECT * FROM flow.as_billing('2026-03-01', '2026-03-02') ORDER BY 1;
-- as reported: a tenth
SELECT interface, in_bytes, in_p95 FROM flow.interface_billing('2026-03-01', '2026-03-02', corrected => false) ORDER BY 1 LIMIT 1;
-- of 20 samples, from 0:00 to 1:40, the 19th; of 21 the 20th; of 19 the 19th, which is the largest
SELECT u, in_p95, samples FROM unnest('{2026-03-01 01:40,2026-03-01 01:45,2026-03-01 01:35}'::timestamptz[]) u, flow.interface_billing('2026-03-01', u) WHERE interface = 1;
-- whole samples only: from 0:05 on, and to 0:20; by 10 minutes: the second half of the first sample is left out with it
SELECT interface, in_bytes, samples FROM flow.interface_billing('2026-03-01 00:00:01', '2026-03-01 00:24:59') ORDER BY 1;
SELECT interface, in_bytes, in_p95, samples FROM flow.interface_billing('2026-03-01 00:05', '2026-03-01 00:35', width => '10 min') ORDER BY 1;
-- samples before the first flow do not count, those that are to come neither
SELECT DISTINCT samples FROM flow.interface_billing('2026-02-01', '2026-04-01');
-- two rates of sampling at one interface: 300 * 10 + 100 * 1
INSERT INTO flows (ts, exporter, in_if, out_if, src_as, dst_as, packets, bytes, sampling) VALUES ('2026-03-01 00:01', '192.0.2.1', 1, NULL, NULL, 0, 1, 100, NULL);
SELECT interface, in_bytes, in_max FROM flow.interface_billing('2026-03-01', '2026-03-01 00:05') ORDER BY 1;
SELECT as_number, in_bytes, out_bytes FROM flow.as_billing('2026-03-01', '2026-03-01 00:05') ORDER BY 1;
-- what is known of them
INSERT INTO flow.interface VALUES ('192.0.2.1', 1, 'uplink', 6080, 'regress');
INSERT INTO flow.autonomous_system VALUES (64500, 'regress', 'ZZ', NULL);
SELECT name, customer, p95 / speed_bps AS used FROM flow.interface_billing('2026-03-01', '2026-03-02') WHERE name IS NOT NULL;
SELECT as_number, name FROM flow.as_billing('2026-03-01', '2026-03-02', n => 1);
-- countries: by AS, by columns, by the prefix table
SELECT * FROM flow.country_bytes('2026-03-01', '2026-03-02');
ALTER TABLE flows ADD COLUMN src_country text, ADD COLUMN dst_country text;
UPDATE flows SET src_country = 'AA', dst_country = 'BB' WHERE ts < '2026-03-01 00:10';
SELECT * FROM flow.country_bytes('2026-03-01', '2026-03-02');
ALTER TABLE flows DROP COLUMN src_country;
SELECT loaded FROM flow.load_prefixes('country', E'198.51.100.0/24,CC\n');
UPDATE flows SET src_addr = '198.51.100.7', dst_addr = '203.0.113.1';
SELECT * FROM flow.country_bytes('2026-03-01', '2026-03-02');
SELECT * FROM flow.country_bytes('2026-03-01', '2026-03-02', n => 0);
SELECT flow.forget_prefixes('country');
-- the same from rollups, and with other names of columns
CREATE TEMP TABLE before AS
SELECT 1 AS q, exporter, interface AS key, in_bytes, out_bytes, in_p95, out_p95, in_max, out_max, samples FROM flow.interface_billing('2026-03-01', '2026-03-02')
UNION ALL SELECT 2, NULL, as_number, in_bytes, out_bytes, in_p95, out_p95, in_max, out_max, samples FROM flow.as_billing('2026-03-01', '2026-03-02');
SELECT count(*) > 0 AS made FROM flow.create_traffic_rollups();
SELECT count(flow.refresh_rollup(name)) > 0 AS filled FROM (SELECT DISTINCT schema_name || '.' || name AS name FROM flow.rollups WHERE relation = 'flows'::regclass) r;
CREATE TEMP TABLE after AS
SELECT 1 AS q, exporter, interface AS key, in_bytes, out_bytes, in_p95, out_p95, in_max, out_max, samples FROM flow.interface_billing('2026-03-01', '2026-03-02')
UNION ALL SELECT 2, NULL, as_number, in_bytes, out_bytes, in_p95, out_p95, in_max, out_max, samples FROM flow.as_billing('2026-03-01', '2026-03-02');
(TABLE before EXCEPT ALL TABLE after) UNION ALL (TABLE after EXCEPT ALL TABLE before);
SELECT reading::text FROM flow.traffic_level('flows', '{exporter,in_if,sampling}', '5 min', '2026-03-01', '2026-03-02');
CREATE TABLE other AS SELECT ts AS began, exporter, in_if AS inside, out_if AS outside, bytes AS octets FROM flows;
SELECT interface, in_bytes, out_bytes, in_p95 FROM flow.interface_billing('2026-03-01', '2026-03-02', relation => 'other',
    columns => '{"ts": "began", "in_if": "inside", "out_if": "outside", "bytes": "octets"}') ORDER BY 1;
-- errors
SELECT * FROM flow.interface_billing('2026-03-01', '2026-03-02', width => '30 s');
SELECT * FROM flow.interface_billing('2026-03-01', '2026-03-02', width => '1 month');
SELECT * FROM flow.interface_billing('2026-03-01', '2026-03-02', n => -1);
SELECT * FROM flow.interface_billing('2026-03-02', '2026-03-01');
SELECT * FROM flow.interface_billing(relation => 'other');
SELECT * FROM flow.country_bytes(n => NULL);
SELECT * FROM flow.interface_billing('2026-03-01', '2026-03-01 00:01');
INSERT INTO flow.interface VALUES ('192.0.2.1', 2, NULL, 0, NULL);
DELETE FROM flow.interface WHERE customer = 'regress';
DELETE FROM flow.autonomous_system WHERE name = 'regress';
SET client_min_messages = warning;
SELECT count(flow.drop_rollup(name)) > 0 AS dropped FROM (SELECT DISTINCT schema_name || '.' || name AS name FROM flow.rollups WHERE relation = 'flows'::regclass) r;
DROP SCHEMA billing_test CASCADE;
