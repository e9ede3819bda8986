-- Indicators: loading, matching, and hunting backwards.
-- Without this test: a bad line that is loaded or a good one lost, and a hunt that misses a flow or finds one outside of validity.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
SET search_path = public, flow;
\set SHOW_CONTEXT never
SET timezone = 'UTC';

SELECT * FROM load_indicators('plain', E'# a list\n203.0.113.7 # scanner\n\n198.51.100.0/24\r\n10.0.0.1/8\nnonsense\n2001:db8::/32\n203.0.113.7\n');
SELECT * FROM load_indicators('csv', E'Note,IP,severity,valid_from,valid_to\n"a ""b"", c",192.0.2.1,HIGH,2024-01-01,2024-01-03\n,192.0.2.2,,,\nx,192.0.2.3,awful,,\nx,192.0.2.4,,yesterdayish,\nx,192.0.2.5,,2024-02-01,2024-01-01\n', source => 'us');
SELECT * FROM indicator ORDER BY set_name, network;
-- added, and put in place of all
SELECT loaded, bad FROM load_indicators('csv', '192.0.2.9');
SELECT count(*) FROM indicator WHERE set_name = 'csv';
SELECT loaded, bad FROM load_indicators('csv', '192.0.2.9', replace => true, severity => 'low');
SELECT network, severity FROM indicator WHERE set_name = 'csv';
SELECT load_indicators(NULL, '');
SELECT * FROM load_indicators('empty', '');

SELECT loaded FROM load_indicators('timed', E'ip,valid_from,valid_to,note\n192.0.2.0/28,2024-01-02,2024-01-03,wide\n192.0.2.1,2024-01-01,,narrow');
SELECT network, note FROM matches('192.0.2.1', '2024-01-02');
SELECT network, note FROM matches('192.0.2.1', '2024-01-03');
SELECT network, note FROM matches('192.0.2.1', '2023-01-03');
SELECT array_length(supernets('10.1.2.3'), 1), array_length(supernets('::1'), 1), (supernets('10.1.2.3'))[9];
SELECT indicator_set('timed'), indicator_set('timed', until => '2024-01-02'), indicator_set('unknown');

-- the oracle: a join row by row, over heap
CREATE TABLE indicators_heap AS
SELECT '2024-01-01'::timestamptz + i * interval '3 s' AS ts,
       '10.0.0.0'::inet + (i::bigint * 7919) % 4001 AS src_addr,
       CASE WHEN i % 97 = 0 THEN '192.0.2.0'::inet + i % 16 WHEN i % 89 = 0 THEN '2001:db8::1'
            WHEN i % 83 = 0 THEN NULL ELSE '172.16.0.0'::inet + (i::bigint * 104729) % 30011 END AS dst_addr,
       i::bigint AS bytes
FROM generate_series(1, 70000) i;
CREATE TABLE indicators_flows (LIKE indicators_heap) USING flowstore;
INSERT INTO indicators_flows SELECT * FROM indicators_heap;
SELECT load_indicators('timed', E'10.0.0.5\n172.16.3.0/24\n') IS NOT NULL AS loaded;
CREATE VIEW indicators_wanted AS
SELECT i.set_name, i.network, i.severity, s.side, f.src_addr, f.dst_addr, count(*), min(f.ts), max(f.ts), sum(f.bytes), i.note, i.source
FROM indicators_heap f CROSS JOIN LATERAL (VALUES ('src', f.src_addr), ('dst', f.dst_addr)) s(side, addr)
JOIN indicator i ON s.addr <<= i.network AND f.ts >= i.valid_from AND f.ts < i.valid_to
WHERE f.ts >= '2024-01-01 12:00' AND f.ts < '2024-01-03 06:00'
GROUP BY 1, 2, i.valid_from, 3, 4, 5, 6, i.note, i.source;
CREATE FUNCTION indicators_differ(set_name text) RETURNS TABLE (found bigint, missing bigint, wrong bigint) LANGUAGE sql AS $$
  WITH f AS (SELECT * FROM flow.retrohunt(set_name, relation => 'indicators_flows', since => '2024-01-01 12:00', until => '2024-01-03 06:00')),
       w AS (SELECT * FROM indicators_wanted x WHERE $1 IS NULL OR x.set_name = $1)
  SELECT (SELECT count(*) FROM f), (SELECT count(*) FROM (SELECT * FROM w EXCEPT ALL SELECT * FROM f) d),
         (SELECT count(*) FROM (SELECT * FROM f EXCEPT ALL SELECT * FROM w) d) $$;
SELECT * FROM indicators_differ('timed');
SELECT * FROM indicators_differ(NULL);
SELECT DISTINCT action FROM flow.optimize('indicators_flows');
SELECT * FROM indicators_differ('timed');
SELECT * FROM indicators_differ(NULL);
SELECT * FROM retrohunt('timed', relation => 'indicators_flows', since => '2024-01-01 12:00', until => '2024-01-03 06:00') LIMIT 2;
SET flowstore.now = '2024-01-03';
SELECT count(*), sum(flows) FROM retrohunt('timed', '1 hour', 'indicators_flows');
SELECT count(*), count(DISTINCT dedup_key) FROM match_indicators(relation => 'indicators_flows', span => '1 hour');
SELECT * FROM match_indicators(relation => 'indicators_flows', span => '4 min');

-- errors
SELECT * FROM retrohunt('unknown', relation => 'indicators_flows');
SELECT * FROM retrohunt('timed', '0', 'indicators_flows');
SELECT * FROM retrohunt('timed', relation => 'indicator');
SELECT * FROM retrohunt('timed', relation => 'indicators_flows', columns => '{"src_addr": "nothing"}');
RESET flowstore.now;

DELETE FROM indicator;
DROP FUNCTION indicators_differ;
DROP VIEW indicators_wanted;
DROP TABLE indicators_heap, indicators_flows;
