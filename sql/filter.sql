-- flow.filter: clauses against what is written in SQL, and what is refused.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
\set SHOW_CONTEXT never

SELECT flow.filter('src net 10.0.0.0/8 and dst port 443 and bytes > 1M') AS clause;
SELECT flow.filter('NOT (ip 2001:DB8:0::1 or exporter 192.0.2.77/24) AND bps >= 3k', '{"src_addr": "Client \"IP\"", "exporter": "x;y"}') AS clause;

CREATE TABLE fi_heap (ts timestamptz NOT NULL, duration_ms integer, exporter inet, sensor text, in_if integer, out_if integer, src_addr inet, dst_addr inet,
    src_port integer, dst_port integer, proto smallint, tcp_flags smallint, tos smallint, packets bigint, bytes bigint, src_as bigint, dst_as bigint);
INSERT INTO fi_heap
SELECT timestamptz '2024-01-01 00:00+00' + i * interval '1 s', i % 7 * 500, ('192.0.2.' || i % 3)::inet, (ARRAY['a', 'b c', NULL, 'd''e\f'])[i % 4 + 1], i % 5, i % 6,
       CASE WHEN i % 9 = 0 THEN inet '2001:db8::' + i % 4 ELSE inet '10.0.0.0' + i * 7919 % 70000 END, inet '10.0.1.0' + i * 31 % 600,
       nullif(i % 11, 0) * 40, (ARRAY[53, 80, 443, 22])[i % 4 + 1], (ARRAY[1, 6, 17])[i % 3 + 1], i % 64, i % 3 * 8, i % 100 + 1, i * 104729 % 2000003, i % 13, i % 17
FROM generate_series(1, 3000) i;
CREATE TABLE fi_flow (LIKE fi_heap) USING flowstore;
INSERT INTO fi_flow SELECT * FROM fi_heap;

-- rows of a filter on the flowstore table, of SQL on the heap one, and differing ones
CREATE FUNCTION pg_temp.compare(filter text, clause text, OUT rows bigint, OUT differ bigint) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SELECT count(*), count(*) FILTER (WHERE n <> 2) FROM (SELECT r, count(*) AS n FROM (SELECT r::text FROM fi_flow r WHERE %s UNION ALL SELECT r::text FROM fi_heap r WHERE %s) u(r) GROUP BY r) g',
                   flow.filter(filter), clause) INTO rows, differ;
END $$;
SELECT filter, c.* FROM (VALUES
  ('any', 'true'),
  ('src net 10.0.0.0/16 and dst port 443 and bytes > 1M', $$src_addr <<= '10.0.0.0/16' AND dst_port = 443 AND bytes > 1000000$$),
  ('ip 10.0.1.31', $$src_addr = '10.0.1.31' OR dst_addr = '10.0.1.31'$$),
  ('src ip 2001:db8::1', $$src_addr = '2001:db8::1'$$),
  ('src and dst net 10.0.1.77/24', $$src_addr <<= '10.0.1.0/24' AND dst_addr <<= '10.0.1.0/24'$$),
  ('src or dst net 10.0.1.0/24', $$src_addr <<= '10.0.1.0/24' OR dst_addr <<= '10.0.1.0/24'$$),
  ('host in [10.0.1.31, 10.0.2.0/26 2001:db8::/127]', $$dst_addr = '10.0.1.31' OR src_addr = '10.0.1.31' OR src_addr <<= '10.0.2.0/26' OR dst_addr <<= '10.0.2.0/26' OR src_addr <<= '2001:db8::/127'$$),
  ('port 80', 'src_port = 80 OR dst_port = 80'),
  ('port != 80', 'src_port <> 80 AND dst_port <> 80'),
  ('not port 80', 'NOT (src_port = 80 OR dst_port = 80)'),
  ('dst port in [53,22] or src port >= 400', 'dst_port IN (53, 22) OR src_port >= 400'),
  ('proto tcp and flags S and not flags AF', 'proto = 6 AND tcp_flags & 2 = 2 AND NOT tcp_flags & 17 = 17'),
  ('proto 17 || proto ICMP && tos 8', 'proto = 17 OR proto = 1 AND tos = 8'),
  ('(proto 17 or proto icmp) and ! tos 8', 'proto IN (1, 17) AND tos <> 8'),
  ('src as 3 and dst as lt 5 or as in [12]', 'src_as = 3 AND dst_as < 5 OR src_as = 12 OR dst_as = 12'),
  ('in if 3 and out if 2 or if 4', 'in_if = 3 AND out_if = 2 OR in_if = 4 OR out_if = 4'),
  ('exporter 192.0.2.1', $$exporter = '192.0.2.1'$$),
  ('exporter net 192.0.2.0/31 and inet6', $$exporter <<= '192.0.2.0/31' AND family(src_addr) = 6$$),
  ('sensor a or sensor "b c"', $$sensor IN ('a', 'b c')$$),
  ($$sensor "d'e\f"$$, $$sensor = $_$d'e\f$_$ $$),
  ('bpp > 100k', 'bytes / packets > 100000 OR bytes > packets * 100000'),
  ('bps <= 8k and duration > 2999', 'duration_ms >= 3000 AND bytes * 8 <= duration_ms * 8'),
  ('pps eq 2 or packets ge 99 or bytes = 0k', 'packets >= 99 OR duration_ms > 0 AND packets * 1000 = duration_ms * 2 OR bytes = 0')
  ) v(filter, clause), pg_temp.compare(filter, clause) c;

-- refused
SELECT flow.filter('');
SELECT flow.filter('src');
SELECT flow.filter('src net 10.0.0.0/33');
SELECT flow.filter('src net 10.0.0.0/');
SELECT flow.filter('ip 10.0.0.256');
SELECT flow.filter('ip 10.1');
SELECT flow.filter('port 99999999999999999999');
SELECT flow.filter('bytes > 9999999999999999T');
SELECT flow.filter('port -1');
SELECT flow.filter('port 80 443');
SELECT flow.filter('port in [80, 443');
SELECT flow.filter('port in []');
SELECT flow.filter('(port 80');
SELECT flow.filter('flags SX');
SELECT flow.filter('port 80; DROP TABLE flows');
SELECT flow.filter($$ip '10.0.0.1') OR true --'$$);
SELECT flow.filter($$sensor 'x$$);
SELECT flow.filter('größe 3 and port 80 or grüße');
SELECT flow.filter('port 80 or ümlaut');
CREATE FUNCTION pg_temp.fault(filter text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE detail text;
BEGIN PERFORM flow.filter(filter); RETURN 'none';
EXCEPTION WHEN syntax_error THEN GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL; RETURN detail; END $$;
SELECT pg_temp.fault(repeat('(', 200) || 'any'), pg_temp.fault('any' || repeat(' or any', 1100)), pg_temp.fault(repeat('(', 90) || 'any' || repeat(')', 90));
SELECT length(flow.filter('any' || repeat(' or any', 900)));
SELECT flow.filter('any', '[]');
SELECT flow.filter('port 80', '{"src_port": 3}');
SELECT flow.filter(NULL) IS NULL AS is_null;
DROP TABLE fi_heap, fi_flow;
