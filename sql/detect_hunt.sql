-- Modifiers of the hunt, odd TLS, random calls, shifts of entropy and rare hosts, against written-out arithmetic.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET flowstore.now = '2026-03-01 12:00';
CREATE SCHEMA detect_hunt;
SET search_path = detect_hunt;
SELECT flow.create_table('flows', '{tls,dns,http,payload}') IS NOT NULL AS made;
CREATE FUNCTION plant(ts timestamptz, src inet, dst inet, port integer, bytes bigint, ja3 text DEFAULT NULL, ja4 text DEFAULT NULL,
    version integer DEFAULT NULL, entropy real DEFAULT NULL, method text DEFAULT NULL, host text DEFAULT NULL, src_port integer DEFAULT 40000, ms integer DEFAULT 100)
RETURNS void LANGUAGE sql
AS 'INSERT INTO flows (ts, duration_ms, src_addr, dst_addr, src_port, dst_port, proto, tcp_flags, packets, bytes, ja3, ja4, tls_version, entropy, http_method, http_host)
    VALUES (ts, ms, src, dst, src_port, port, 6, 27, 10, bytes, ja3, ja4, version, entropy, method, host)';

-- 100 inside hosts talk to .100; 50 of them to .50; long connections of 5 hours, low, of 10.0.0.1 to each of 7 outside hosts, in records of 2
-- minutes; 2 more hosts to .2, which makes 3 of 100
SELECT count(plant('2026-03-01 10:00', inet '10.0.0.0' + i, '203.0.113.100', 443, 1000)) FROM generate_series(1, 100) i;
SELECT count(plant('2026-03-01 10:00', inet '10.0.0.0' + i, '203.0.113.50', 443, 1000)) FROM generate_series(1, 50) i;
SELECT count(plant('2026-03-01 10:00', inet '10.0.0.0' + i, '203.0.113.2', 443, 1000)) FROM generate_series(2, 3) i;
SELECT count(plant(timestamptz '2026-03-01 03:00' + i * interval '2 min', '10.0.0.1', inet '203.0.113.0' + h, 22, 100000, ms => 120000, src_port => 50000 + h))
FROM generate_series(0, 149) i, unnest('{1,2,4,5,6,50,100}'::int[]) h;
-- .4 is an indicator, and gets 30 MB; .5 one, without so much; .6 is asked by HTTP without a host, .2 with one
UPDATE flows SET bytes = 200001 WHERE dst_addr = '203.0.113.4';
SELECT plant('2026-03-01 11:00', '10.0.0.1', '203.0.113.6', 80, 500, method => 'GET'), plant('2026-03-01 11:00', '10.0.0.1', '203.0.113.2', 80, 500, method => 'GET', host => 'a.example');
INSERT INTO flow.indicator (set_name, network, severity) VALUES ('regress_bad', '203.0.113.4/31', 'high'), ('regress_friends', '203.0.113.0/24', 'info');
-- rare hosts have 1 of 100 clients, at most 2 %: 0.3 + 0.15 = 0.45, medium; with an indicator and more than 25 MB, 150 * 200001 bytes, + 0.15 = 0.6, still
-- medium; without a host + 0.1 = 0.55; 50 and 100 of 100 clients: 0.3 - 0.15 = 0.15, info; 3 of 100: 0.3, low
SELECT severity, round(score) AS seconds, dst_addr, evidence -> 'threat' AS threat, evidence -> 'modifiers' AS modifiers, evidence -> 'indicators' AS indicators
FROM flow.hunt(minimum => 'info', detections => '{long_connection}') ORDER BY dst_addr;
SELECT dst_addr FROM flow.hunt(detections => '{long_connection}');
-- first seen: unknown as long as nothing older than 7 days is; then .1 is new, + 0.15 = 0.6, .2 is of 30 days ago, 0.3 - 0.15 = 0.15, .5 of 20 days ago
SELECT flow.update_host_seen(since => '2026-03-01', until => '2026-03-01 12:00') > 0 AS updated;
SELECT DISTINCT evidence -> 'modifiers' -> 'first_seen' AS first_seen FROM flow.hunt(minimum => 'info', detections => '{long_connection}');
SELECT plant('2026-01-30 12:00', '10.0.0.1', '203.0.113.2', 443, 1000), plant('2026-02-09 12:00', '10.0.0.1', '203.0.113.5', 443, 1000);
SELECT flow.update_host_seen(since => '2026-01-30', until => '2026-02-10') AS addresses_of_days;
SELECT severity, dst_addr, evidence -> 'threat' AS threat, evidence -> 'modifiers' AS modifiers
FROM flow.hunt(minimum => 'info', detections => '{long_connection}') WHERE dst_addr IN ('203.0.113.1', '203.0.113.2', '203.0.113.5') ORDER BY dst_addr;
-- who may read the flows may read the addresses that are kept of them, but not indicators
CREATE ROLE regress_hunter;
GRANT USAGE ON SCHEMA detect_hunt TO regress_hunter;
GRANT SELECT ON flows TO regress_hunter;
SET ROLE regress_hunter;
SELECT severity, evidence -> 'modifiers' AS modifiers, evidence ? 'indicators' AS has_indicators FROM flow.hunt(detections => '{long_connection}') WHERE dst_addr = '203.0.113.4';
RESET ROLE;
-- infos stay, and a narrower table has fewer modifiers
SELECT count(*) > 0 AS some, count(*) FILTER (WHERE severity <> 'info') AS raised FROM flow.hunt(minimum => 'info', detections => '{rare_destination}');
CREATE VIEW narrow AS SELECT ts, duration_ms, src_addr AS client, dst_addr, src_port, dst_port, proto, bytes FROM flows;
SELECT dst_addr, evidence -> 'modifiers' AS modifiers FROM flow.hunt('narrow', columns => '{"src_addr": "client"}', detections => '{long_connection}') WHERE dst_addr = '203.0.113.6';

-- rare destinations: of 100 inside hosts 2 % are 2 clients; .2 has 3; with a prevalence of 0.03 it is one
SELECT dst_addr, src_addr, score, flows, evidence FROM flow.rare_destinations() ORDER BY dst_addr;
SELECT dst_addr, src_addr, flows, evidence FROM flow.rare_destinations(prevalence => 0.03) WHERE dst_addr = '203.0.113.2';
SELECT count(*) FROM flow.rare_destinations(prevalence => 1);
SELECT * FROM flow.rare_destinations(prevalence => -0.1);
TRUNCATE flows;

-- fingerprints: JA3 a of 2 hosts 5 times, b of 3 hosts, c 4 times; JA4 x with JA3 d: JA4 is named; answers of a server of ours do not count
SELECT count(plant('2026-03-01 09:00', inet '10.5.0.0' + h, '203.0.113.5', 443, 1000, ja3 => ja3, ja4 => ja4, version => 772))
FROM (VALUES ('a', 'common', 1, 3), ('a', 'common', 2, 2), ('b', 'common', 1, 5), ('b', 'common', 2, 5), ('b', 'common', 3, 5), ('c', 'common', 4, 4), ('d', 'x', 6, 5)) v(ja3, ja4, h, n), generate_series(1, n);
SELECT count(plant('2026-03-01 09:00', '10.5.0.9', '203.0.113.9', 40000, 1000, ja3 => 'e', ja4 => 'y', version => 769, src_port => 443)) FROM generate_series(1, 9);
SELECT severity, src_addr, flows, evidence -> 'why' AS why, evidence -> 'ja3' AS ja3, evidence -> 'ja4' AS ja4 FROM flow.tls_oddities() ORDER BY src_addr;
-- a table without JA4
CREATE VIEW only_ja3 AS SELECT ts, src_addr, dst_addr, dst_port, bytes, ja3, tls_version FROM flows WHERE src_port <> 443;
SELECT src_addr, flows, evidence -> 'why' AS why, evidence -> 'ja3' AS ja3 FROM flow.tls_oddities('only_ja3') ORDER BY src_addr;
TRUNCATE flows;
-- entropy: nine pairs with 7.0, 7.1 ... 7.8, five connections each, and one with 5.6: median 7.35, distances .35 .25 .15 .05 .05 .15 .25 .35 .45 and 1.75, their
-- median .25, times 1.4826 = 0.37065; 1.75 / 0.37065 = 4.7214: not at k = 5, but at 4.7; a pair with 4 connections is none
SELECT count(plant('2026-03-01 09:00', '10.6.0.1', inet '203.0.113.0' + h, 443, 1000, ja4 => 'common', version => 772, entropy => e))
FROM (SELECT h, (6.9 + h * 0.1)::real AS e, 5 AS n FROM generate_series(1, 9) h UNION ALL VALUES (10, 5.6::real, 5), (11, 1::real, 4)) v(h, e, n), generate_series(1, n);
UPDATE flows SET src_addr = inet '10.6.0.0' + (dst_addr - inet '203.0.113.0');
SELECT count(*) FROM flow.tls_oddities(hosts => 0.5) WHERE evidence ->> 'why' = 'entropy';
SELECT severity, src_addr, dst_addr, flows, round((evidence -> 'entropy')::numeric, 4) AS entropy, round((evidence -> 'usual')::numeric, 4) AS usual,
    round((evidence -> 'z')::numeric, 4) AS z, round(-1.75 / (1.4826 * 0.25), 4) AS expected FROM flow.tls_oddities(k => 4.7) WHERE evidence ->> 'why' = 'entropy';
TRUNCATE flows;

-- beacons: 36 calls with gaps of 1000 s
SELECT count(plant(timestamptz '2026-03-01 00:00' + i * interval '1000 s', '10.7.0.1', '203.0.113.1', 443, 500)) FROM generate_series(0, 35) i;
-- gaps of 100, 200 ... 1900 and again: quartiles 500, 1000, 1500, no skewness, MAD 500: (1 + 0.5) / 2 = 0.75, below 0.525 + 2.1 / sqrt(39) = 0.8613, at most 0.825
SELECT count(plant(timestamptz '2026-03-01 00:00' + s * interval '1 s', '10.7.0.2', '203.0.113.1', 443, 500))
FROM (SELECT coalesce(sum(100 * (1 + i % 19)) OVER (ORDER BY i), 0) AS s FROM generate_series(-1, 37) i WHERE i >= 0 UNION ALL SELECT 0) x;
SELECT src_addr, flows, round((evidence -> 'timestamps')::numeric, 4) AS timestamps FROM flow.beacons() ORDER BY 1;
SELECT src_addr, flows, round((evidence -> 'timestamps')::numeric, 4) AS timestamps FROM flow.beacons(regularity => 0) ORDER BY 1;
TRUNCATE flows;

-- entropy: 61 minutes of 8 rows, each time 4 sources of 2 rows, entropy 2, or in every third 8 sources, entropy 3; the last of all has one source, entropy 0
SELECT count(plant(timestamptz '2026-03-01 10:59' + m * interval '1 min' + i * interval '1 s', CASE WHEN m = 60 THEN inet '10.8.0.1'
    WHEN m % 3 = 0 THEN inet '10.8.0.1' + i ELSE inet '10.8.0.1' + i / 2 END, '203.0.113.1', 443, 500)) FROM generate_series(0, 60) m, generate_series(0, 7) i;
-- of the 60 before, 20 have 3 and 40 have 2: mean 7/3, variance (20 * 4/9 + 40 * 1/9) / 59 = 13.3333 / 59; 7/3 / sqrt(that) = 4.9083
SELECT count(*) FROM flow.entropy_shift();
SELECT severity, round(score::numeric, 4) AS score, round(7 / 3.0 / sqrt((20 * 4 / 9.0 + 40 / 9.0) / 59), 4) AS expected, first_seen, flows, evidence -> 'h_src' AS h_src
FROM flow.entropy_shift(k => 4.9);
-- a minute with fewer than half of the rows is not judged
DELETE FROM flows WHERE ts >= '2026-03-01 11:59:03';
SELECT count(*) FROM flow.entropy_shift(k => 4.9);
-- twice 4.9 deviations would be medium; with half of the baseline there is none before
SELECT count(*) FROM flow.entropy_shift(k => 0.1, baseline => 200);
TRUNCATE flows;

-- amplification: 60 reflectors, 20 of which were asked: 40, below 50; of 71, 51 were not
SELECT count(plant('2026-03-01 11:55:30', CASE WHEN i <= 20 THEN v ELSE inet '192.0.2.0' + i END, CASE WHEN i <= 20 THEN inet '192.0.2.0' + i ELSE v END, CASE WHEN i <= 20 THEN 53 ELSE 3333 END, 100,
    src_port => CASE WHEN i <= 20 THEN 3333 ELSE 53 END)) FROM (VALUES (inet '10.9.0.1', 60), ('10.9.0.2', 71)) x(v, n), generate_series(1, n) i;
SELECT count(plant('2026-03-01 11:55:31', inet '192.0.2.0' + i, v, 3333, 1000, src_port => 53)) FROM unnest('{10.9.0.1,10.9.0.2}'::inet[]) v, generate_series(1, 20) i;
UPDATE flows SET proto = 17;
SELECT dst_addr, score, flows, evidence -> 'reflectors' AS reflectors FROM flow.floods('amplification');
-- UDP: 600001 packets of one source, to whom 60000 go, less than a tenth, or 60001
TRUNCATE flows;
INSERT INTO flows (ts, src_addr, dst_addr, src_port, dst_port, proto, packets, bytes)
SELECT '2026-03-01 11:55:30', CASE way WHEN 0 THEN s ELSE d END, CASE way WHEN 0 THEN d ELSE s END, 1, 2, 17, CASE way WHEN 0 THEN 600001 ELSE n END, 1000
FROM (VALUES (inet '198.51.100.1', inet '10.9.0.3', 60000), ('198.51.100.2', '10.9.0.4', 60001)) x(s, d, n), generate_series(0, 1) way;
SELECT dst_addr, round(score::numeric, 2) AS score, flows FROM flow.floods('udp');
TRUNCATE flows;
-- echo requests to 40 hosts, 21 of which reply, more than half; and to 40, 20 of which do; other messages are no requests
INSERT INTO flows (ts, src_addr, dst_addr, src_port, dst_port, proto, packets, bytes)
SELECT timestamptz '2026-03-01 11:55', s, inet '10.9.1.0' + i, 0, 2048, 1, 1, 84 FROM unnest('{198.51.100.1,198.51.100.2}'::inet[]) s, generate_series(1, 40) i
UNION ALL SELECT '2026-03-01 11:55', inet '10.9.1.0' + i, s, 0, 0, 1, 1, 84 FROM (VALUES (inet '198.51.100.1', 21), ('198.51.100.2', 20)) x(s, n), generate_series(1, n) i
UNION ALL SELECT '2026-03-01 11:55', '198.51.100.3', inet '10.9.1.0' + i, 0, 771, 1, 1, 84 FROM generate_series(1, 40) i;
SELECT src_addr, dst_port, score, evidence FROM flow.scans();
TRUNCATE flows;
-- exfiltration: 200 MB by TCP as a client; the same as an answer of port 443, by ESP, and to one who sends as much
INSERT INTO flows (ts, src_addr, dst_addr, src_port, dst_port, proto, packets, bytes)
SELECT '2026-03-01 11:00', s, d, sp, dp, p, 1000, 200000000 FROM (VALUES (inet '10.9.2.1', inet '203.0.113.1', 40000, 443, 6), ('10.9.2.2', '203.0.113.1', 443, 40000, 6),
    ('10.9.2.3', '203.0.113.1', 0, 0, 50), ('10.9.2.4', '203.0.113.1', 40000, 443, 6), ('203.0.113.1', '10.9.2.4', 443, 40000, 6)) x(s, d, sp, dp, p);
SELECT src_addr, score, evidence -> 'targets' AS targets FROM flow.exfiltration();
TRUNCATE flows;
-- a server that is down for ten minutes of two hours: 20 requests without an answer after 240 with one
INSERT INTO flows (ts, src_addr, dst_addr, src_port, dst_port, proto, tcp_flags, packets, bytes)
SELECT timestamptz '2026-03-01 10:00' + i * interval '30 s', c, s, sp, dp, 6, 26, 5, 500
FROM generate_series(0, 239) i, (VALUES (inet '10.9.3.1', inet '10.9.3.2', 40000, 389), ('10.9.3.2', '10.9.3.1', 389, 40000)) x(c, s, sp, dp)
WHERE dp = 389 OR i NOT BETWEEN 100 AND 119;
SELECT severity, score, dst_addr, dst_port, first_seen, flows, evidence FROM flow.service_health(since => '2026-03-01 10:00');

DELETE FROM flow.host_day WHERE relation = 'flows'::regclass;
DELETE FROM flow.indicator WHERE set_name LIKE 'regress_%';
SET client_min_messages = warning;
DROP SCHEMA detect_hunt CASCADE;
DROP ROLE regress_hunter;
