-- Named detections: each finds what is planted at its threshold, and nothing of what is planted just below.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET flowstore.now = '2026-03-01 12:00';

CREATE SCHEMA detect_named;
SET search_path = detect_named;
CREATE TABLE plant (ts timestamptz NOT NULL, duration_ms integer, src_addr inet, dst_addr inet, src_port integer, dst_port integer,
    proto smallint, tcp_flags smallint, packets bigint, bytes bigint, dns_query text, ja4 text, tls_version integer);
-- one SYN each: 32 and 31 targets, 20 and 19 ports, 5 sources of 4 ports and 4 of 5, 4 and 3 first contacts, 101 and 100 sources
INSERT INTO plant SELECT timestamptz '2026-03-01 11:55' + i * interval '0.5 s', 0, src, dst, 40000, port, 6, 2, 1, 44 FROM (
    SELECT i, inet '198.51.100.1' AS src, inet '10.1.0.0' + i AS dst, 23 AS port FROM generate_series(1, 32) i
    UNION ALL SELECT i, '198.51.100.2', inet '10.1.0.0' + i, 23 FROM generate_series(1, 31) i
    UNION ALL SELECT i, '198.51.100.4', '10.1.1.1', i FROM generate_series(1, 20) i
    UNION ALL SELECT i, '198.51.100.5', '10.1.1.2', i FROM generate_series(1, 19) i
    UNION ALL SELECT i, inet '198.51.100.10' + i % 5, '10.1.1.3', i FROM generate_series(1, 20) i
    UNION ALL SELECT i, inet '198.51.100.20' + i % 4, '10.1.1.4', i FROM generate_series(1, 20) i
    UNION ALL SELECT i, '198.51.100.6', inet '10.1.3.0' + i, 81 FROM generate_series(1, 4) i
    UNION ALL SELECT i, '198.51.100.7', inet '10.1.3.0' + i, 81 FROM generate_series(1, 3) i
    UNION ALL SELECT i % 100, inet '198.18.0.0' + i, '10.1.2.1', 443 FROM generate_series(1, 101) i
    UNION ALL SELECT i % 100, inet '198.18.1.0' + i, '10.1.2.2', 443 FROM generate_series(1, 100) i) x;
-- 40 targets that answer
INSERT INTO plant SELECT '2026-03-01 11:56', 10, CASE n WHEN 1 THEN inet '198.51.100.3' ELSE inet '10.1.4.0' + i END,
    CASE n WHEN 1 THEN inet '10.1.4.0' + i ELSE inet '198.51.100.3' END, CASE n WHEN 1 THEN 40000 ELSE 80 END,
    CASE n WHEN 1 THEN 80 ELSE 40000 END, 6, 27, 3, 200 FROM generate_series(1, 40) i, generate_series(1, 2) n;
-- more than 10000 and 1000 packets a second in a minute, and just so many; 51 and 50 reflectors
INSERT INTO plant VALUES ('2026-03-01 11:57', 60000, '198.51.100.30', '10.1.2.3', 5000, 5001, 17, 0, 600001, 60000100),
    ('2026-03-01 11:57', 60000, '198.51.100.30', '10.1.2.4', 5000, 5001, 17, 0, 600000, 60000000),
    ('2026-03-01 11:57', 60000, '198.51.100.31', '10.1.2.3', 0, 2048, 1, 0, 60001, 6000100),
    ('2026-03-01 11:57', 60000, '198.51.100.31', '10.1.2.4', 0, 2048, 1, 0, 60000, 6000000);
INSERT INTO plant SELECT '2026-03-01 11:58', 100, inet '192.0.2.0' + i, v, 53, 3333, 17, 0, 2, 2800
    FROM (VALUES (inet '10.1.2.5', 51), ('10.1.2.6', 50)) x(v, n), generate_series(1, n) i;
-- 31 and 30 attempts, with answers elsewhere
INSERT INTO plant SELECT timestamptz '2026-03-01 11:50' + i * interval '10 s', 900, '198.51.100.40', v, 30000 + i, 22, 6, 27, 14, 2000
    FROM (VALUES (inet '10.1.5.1', 31), ('10.1.5.2', 30)) x(v, n), generate_series(1, n) i;
-- every five minutes of a day 500 bytes; connections of 120 and 29 records of two minutes
INSERT INTO plant SELECT t, 200, '10.2.0.1', '203.0.113.1', 30000, 443, 6, 27, 5, 500
    FROM generate_series(timestamptz '2026-02-28 12:00', '2026-03-01 11:55', '5 min') t;
INSERT INTO plant SELECT timestamptz '2026-02-28 13:00' + i * interval '2 min', 120000, '10.2.0.2', v, 51515, 22, 6, 24, 60, 4560
    FROM (VALUES (inet '203.0.113.2', 120), ('203.0.113.3', 29)) x(v, n), generate_series(1, n) i;
-- 1 MB an hour, then 301 MB; 100 MB, then 250; 100 MB without a past
INSERT INTO plant SELECT timestamptz '2026-03-01 06:10' + h * interval '1 hour', 1000, src, '203.0.113.4', 30001, 443, 6, 27, 1000,
    CASE h WHEN 5 THEN last ELSE usual END
    FROM (VALUES (inet '10.2.0.3', 1000000, 301000000), ('10.2.0.4', 100000000, 250000000)) x(src, usual, last), generate_series(0, 5) h;
INSERT INTO plant VALUES ('2026-03-01 11:10', 1000, '10.2.0.5', '203.0.113.4', 30001, 443, 6, 27, 1000, 100000000);
-- 101 and 100 names of 41 characters, 200 of 21
INSERT INTO plant SELECT '2026-03-01 10:00', 0, src, '10.0.0.53', 30000, 53, 17, 0, 1, 100, lpad(i::text, len, 'x') || '.t.example'
    FROM (VALUES (inet '10.2.0.6', 101, 31), ('10.2.0.7', 100, 31), ('10.2.0.8', 200, 11)) x(src, n, len), generate_series(1, n) i;
-- answers to them and to 20 and 20 requests of the last minutes: 0, 9 and 10
INSERT INTO plant SELECT t, 0, server, '10.2.0.9', 123, 30000, 17, 0, 1, 76
    FROM (VALUES (inet '10.3.0.1', '2026-03-01 09:00'::timestamptz, 1), ('10.3.0.2', '2026-03-01 11:59', 9), ('10.3.0.3', '2026-03-01 11:59', 10)) x(server, t, n),
    generate_series(1, n) i;
INSERT INTO plant SELECT '2026-03-01 11:58:30', 0, '10.2.0.9', inet '10.3.0.0' + s, 30000, 123, 17, 0, 1, 76
    FROM generate_series(1, 4) s, generate_series(1, 20) i;
-- three new targets, one that is not new, one that ten others use
INSERT INTO plant SELECT '2026-03-01 11:30', 2500, '10.4.0.1', inet '10.4.1.0' + i, 50000, 445, 6, 27, 40, 9000 FROM generate_series(1, 5) i;
INSERT INTO plant VALUES ('2026-02-20 11:30', 2500, '10.4.0.1', '10.4.1.4', 50000, 445, 6, 27, 40, 9000);
INSERT INTO plant SELECT '2026-02-20 11:30', 2500, inet '10.4.2.0' + i, '10.4.1.5', 50000, 445, 6, 27, 40, 9000 FROM generate_series(1, 10) i;
-- a fingerprint of two hosts five times, one of three, one four times; TLS 1.0
INSERT INTO plant SELECT '2026-03-01 09:00', 100, inet '10.5.0.0' + h, '203.0.113.5', 40000, 443, 6, 27, 10, 1000, NULL, ja4, 772
    FROM (VALUES ('two', 1, 3), ('two', 2, 2), ('three', 1, 5), ('three', 2, 5), ('three', 3, 5), ('few', 4, 4)) x(ja4, h, n), generate_series(1, n) i;
INSERT INTO plant VALUES ('2026-03-01 09:00', 100, '10.5.0.5', '203.0.113.6', 40000, 443, 6, 27, 10, 1000, NULL, 'three', 769);

CREATE TABLE heap_flows (LIKE plant);
CREATE TABLE flows (LIKE plant) USING flowstore;
INSERT INTO heap_flows SELECT * FROM plant ORDER BY ts;
INSERT INTO flows SELECT * FROM heap_flows;

\set show 'severity, round(score::numeric, 6) AS score, src_addr, dst_addr, dst_port, flows, bytes, evidence'
SELECT :show FROM flow.scans();
SELECT :show FROM flow.scans('vertical');
SELECT :show FROM flow.scans('distributed');
-- n failed contacts of n: n * ln(0.8 / 0.2)
SELECT src_addr, score::numeric(12, 6), (flows * ln(4.0))::numeric(12, 6) AS expected, evidence FROM flow.scans('trw') ORDER BY 1;
SELECT :show FROM flow.floods('syn');
SELECT :show FROM flow.floods('udp');
SELECT :show FROM flow.floods('icmp');
SELECT :show FROM flow.floods('amplification');
SELECT :show FROM flow.bruteforce();
SELECT :show FROM flow.beacons(threshold => 0.9);
SELECT :show FROM flow.long_connections();
SELECT :show FROM flow.exfiltration();
SELECT :show FROM flow.dns_tunnels();
SELECT :show FROM flow.service_health();
SELECT :show FROM flow.lateral() ORDER BY dst_addr;
SELECT :show FROM flow.tls_oddities() ORDER BY src_addr;
SELECT :show FROM flow.changes(n => 2);

-- thresholds of one's own, directions, columns of other names
SELECT src_addr, score FROM flow.scans(threshold => 31);
SELECT src_addr, score FROM flow.scans(unanswered => 0);
SELECT direction, (SELECT count(*) FROM flow.scans(direction => direction)) FROM unnest('{any,in,out,internal,edge}'::text[]) direction;
SELECT (SELECT count(*) FROM flow.lateral(targets => 4)) AS four, (SELECT count(*) FROM flow.lateral(clients => 11)) AS with_busy;
CREATE VIEW renamed AS SELECT ts, duration_ms, src_addr AS client, dst_addr AS server, src_port, dst_port, proto, tcp_flags, packets, bytes FROM flows;
SELECT src_addr, score FROM flow.scans(relation => 'renamed', columns => '{"src_addr": "client", "dst_addr": "server"}');
SELECT src_addr FROM flow.scans(since => '2026-03-01 11:40', until => '2026-03-01 11:55');

-- the same as the queries of analysts, with all thresholds that these have
CREATE VIEW recent AS SELECT * FROM heap_flows WHERE ts >= flow.now() - interval '10 min' AND ts < flow.now();
CREATE TEMP TABLE compared AS
SELECT 'horizontal' AS what, src_addr, NULL::inet AS dst_addr, dst_port, count(DISTINCT dst_addr)::float8 AS n FROM recent WHERE packets <= 3
    GROUP BY src_addr, proto, dst_port HAVING count(DISTINCT dst_addr) >= 32
UNION ALL SELECT 'vertical', src_addr, dst_addr, NULL, count(DISTINCT dst_port) FROM recent WHERE packets <= 3
    GROUP BY 2, 3 HAVING count(DISTINCT dst_port) >= 20
UNION ALL SELECT 'bruteforce', src_addr, dst_addr, dst_port, count(*) FROM recent WHERE proto = 6 AND dst_port IN (21, 22, 23, 445, 1433, 3389, 5900)
    GROUP BY 2, 3, 4 HAVING count(*) > 30
UNION ALL SELECT 'syn', NULL, dst_addr, dst_port, count(*) FROM recent WHERE proto = 6 AND tcp_flags & 2 = 2 AND tcp_flags & 16 = 0
    GROUP BY dst_addr, dst_port, date_trunc('minute', ts) HAVING count(*) > 100
UNION ALL SELECT 'amplification', NULL, dst_addr, NULL, count(DISTINCT src_addr) FROM recent
    WHERE proto = 17 AND src_port IN (19, 53, 111, 123, 161, 389, 1900, 11211)
    GROUP BY dst_addr, src_port, date_trunc('minute', ts) HAVING count(DISTINCT src_addr) > 50;
CREATE TEMP TABLE ours AS
SELECT 'horizontal' AS what, src_addr, dst_addr, dst_port, score AS n FROM flow.scans(unanswered => 0)
UNION ALL SELECT 'vertical', src_addr, dst_addr, dst_port, score FROM flow.scans('vertical', unanswered => 0)
UNION ALL SELECT 'bruteforce', src_addr, dst_addr, dst_port, score FROM flow.bruteforce()
UNION ALL SELECT 'syn', src_addr, dst_addr, dst_port, score FROM flow.floods('syn')
UNION ALL SELECT 'amplification', src_addr, dst_addr, dst_port, score FROM flow.floods('amplification');
SELECT what, count(*) FROM compared GROUP BY 1 ORDER BY 1;
(TABLE compared EXCEPT ALL TABLE ours) UNION ALL (TABLE ours EXCEPT ALL TABLE compared);

-- all of them, from heap and from flowstore, fast and slow
SELECT detection, severity, count(*) FROM flow.hunt(minimum => 'info') GROUP BY 1, 2 ORDER BY 1, 2;
SELECT speed, count(*) > 20 AS enough FROM unnest('{fast,slow}'::text[]) speed, flow.hunt('flows', speed => speed, minimum => 'info') GROUP BY 1;
SELECT * FROM (SELECT * FROM flow.hunt('heap_flows', minimum => 'info') EXCEPT ALL SELECT * FROM flow.hunt('flows', minimum => 'info')) x;
SELECT * FROM (SELECT * FROM flow.hunt('flows', speed => 'slow', minimum => 'info')
               EXCEPT ALL SELECT * FROM flow.hunt('heap_flows', speed => 'slow', minimum => 'info')) x;
SELECT severity, detection, src_addr FROM flow.hunt(n => 3);
SELECT DISTINCT detection FROM flow.hunt('renamed', columns => '{"src_addr": "client", "dst_addr": "server"}', detections => '{bruteforce,scan_trw}') ORDER BY 1;

-- addresses: each row counts at both ends; twice is as once; a deleted row is gone; expired days stay
SELECT flow.update_host_seen(since => '2026-02-20', until => '2026-03-01 12:00') =
    (SELECT count(*) FROM (SELECT ts::date, src_addr FROM heap_flows UNION SELECT ts::date, dst_addr FROM heap_flows) x) AS as_expected;
CREATE TEMP TABLE once AS SELECT * FROM flow.host_seen;
SELECT sum(flows) AS both_ends, (SELECT 2 * count(*) FROM heap_flows) AS expected FROM flow.host_seen;
SELECT ip, first_seen, last_seen, flows, days FROM flow.host_seen WHERE ip = '10.4.1.4';
SELECT flow.update_host_seen(since => '2026-02-20', until => '2026-03-01 12:00') > 0;
(TABLE once EXCEPT ALL TABLE flow.host_seen) UNION ALL (TABLE flow.host_seen EXCEPT ALL TABLE once);
SELECT count(*) = (SELECT count(*) FROM once WHERE first_seen >= '2026-02-28 12:00' AND NOT flow.is_internal(ip)) AS as_expected FROM flow.first_seen();
SELECT src_addr, first_seen, flows, evidence FROM flow.first_seen(since => '2026-03-01 11:00', internal => true) WHERE src_addr <<= '10.4.1.0/24' ORDER BY 1;
DELETE FROM flows WHERE src_addr = '10.2.0.5' OR ts < '2026-02-28';
SELECT flow.update_host_seen(since => '2026-02-20', until => '2026-03-01 12:00') > 0;
SELECT ip, flows, days FROM flow.host_seen WHERE ip IN ('10.2.0.5', '10.4.2.1');

-- refused
SELECT * FROM flow.scans('sideways');
SELECT * FROM flow.scans(NULL);
SELECT * FROM flow.scans(threshold => 0);
SELECT * FROM flow.scans(threshold => -1);
SELECT * FROM flow.scans(threshold => 'NaN');
SELECT * FROM flow.scans(speed => 'medium');
SELECT * FROM flow.scans(speed => NULL);
SELECT * FROM flow.scans(direction => 'up');
SELECT * FROM flow.scans(since => '2026-03-01', until => '2026-03-01');
SELECT * FROM flow.scans(relation => 'renamed');
SELECT * FROM flow.dns_tunnels(relation => 'renamed', columns => '{"src_addr": "client", "dst_addr": "server"}');
SELECT * FROM flow.scans(columns => '{"src_addr": "x; DROP TABLE flows"}');
SELECT * FROM flow.hunt(detections => '{bruteforce,none}');
SELECT * FROM flow.hunt(n => -1);
SET flowstore.default_table = 'nothing';
SELECT * FROM flow.hunt();
RESET flowstore.default_table;
-- with the privileges of the caller
CREATE ROLE regress_detect_reader;
GRANT USAGE ON SCHEMA detect_named TO regress_detect_reader;
SET ROLE regress_detect_reader;
SELECT * FROM flow.bruteforce();
SELECT * FROM flow.update_host_seen(since => '2026-02-20');
RESET ROLE;

SET client_min_messages = warning;
DELETE FROM flow.host_day;
DROP SCHEMA detect_named CASCADE;
DROP ROLE regress_detect_reader;
