-- flow.search.
-- Without this test: a word that is not found where it is, or found as something else.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
SET search_path = public, flow;
SET timezone = 'UTC';
\set SHOW_CONTEXT never
-- the oracle is heap, asked row by row
SELECT flow.create_table('search_flows', '{tls,dns}');
CREATE TABLE search_heap (LIKE search_flows);
INSERT INTO search_heap (ts, exporter, sensor, src_addr, dst_addr, src_port, dst_port, bytes, src_as, dst_as, sni, dns_query)
SELECT '2024-01-01'::timestamptz + i * interval '1 minute', '192.0.2.1', 'tap' || i % 3,
       CASE WHEN i % 50 = 0 THEN '2001:db8::'::inet + i ELSE '10.0.0.0'::inet + i * 7 % 1009 END, '10.0.0.0'::inet + i * 11 % 2003,
       i * 13 % 65536, (ARRAY[53, 80, 443])[i % 3 + 1], i, 64500 + i % 7, 64500 + i % 5,
       CASE WHEN i % 4 = 0 THEN 'h' || i % 10 || '.example.com' WHEN i % 4 = 1 THEN 'h_1%.example.org' END,
       CASE WHEN i % 9 = 0 THEN 'h' || i % 10 || '.example.com' END
FROM generate_series(1, 20000) i;
INSERT INTO search_flows SELECT * FROM search_heap;
SELECT DISTINCT action FROM flow.optimize('search_flows');
CREATE VIEW search_all AS
SELECT f.ts, f.bytes, v.* FROM search_heap f CROSS JOIN LATERAL (VALUES ('src_addr', host(src_addr)), ('dst_addr', host(dst_addr)), ('exporter', host(exporter)),
  ('src_port', src_port::text), ('dst_port', dst_port::text), ('src_as', src_as::text), ('dst_as', dst_as::text), ('sensor', sensor), ('sni', sni),
  ('dns_query', dns_query)) v(column_name, value);
CREATE FUNCTION search_differ(word text, condition text) RETURNS TABLE (found bigint, flows numeric, missing bigint, wrong bigint) LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY EXECUTE format($q$ WITH f AS (SELECT * FROM flow.search(%L, 1000000, relation => 'search_flows')),
    w AS (SELECT column_name, value, count(*), sum(bytes), min(ts), max(ts) FROM search_all WHERE %s GROUP BY 1, 2)
    SELECT (SELECT count(*) FROM f), (SELECT sum(f.flows) FROM f), (SELECT count(*) FROM (SELECT * FROM w EXCEPT ALL SELECT * FROM f) d),
           (SELECT count(*) FROM (SELECT * FROM f EXCEPT ALL SELECT * FROM w) d) $q$, word, condition);
END $$;
SELECT * FROM search_differ('10.0.0.77', $$ value = '10.0.0.77' $$);
SELECT * FROM search_differ(' 2001:db8::32 ', $$ value = '2001:db8::32' $$);
SELECT * FROM search_differ('10.0.2.0/24', $$ value LIKE '10.0.2.%' $$);
SELECT * FROM search_differ('2001:db8::/32', $$ value LIKE '2001:db8::%' $$);
SELECT * FROM search_differ('192.0.2.1', $$ value = '192.0.2.1' $$);
SELECT * FROM search_differ('443', $$ value = '443' $$);
SELECT * FROM search_differ('as64503', $$ value = '64503' AND column_name LIKE '%as' $$);
SELECT * FROM search_differ('h8.example.com', $$ value = 'h8.example.com' $$);
SELECT * FROM search_differ('h_1%.example.org', $$ value = 'h_1%.example.org' $$);
SELECT * FROM search_differ('h*.example.*', $$ value ~ '^h.*[.]example[.]' $$);
SELECT * FROM search_differ('h_1%.*', $$ value = 'h_1%.example.org' $$);
SELECT * FROM search_differ('tap2', $$ value = 'tap2' $$);
SELECT * FROM search_differ('nothing', 'false');

SELECT * FROM search('10.0.0.77', relation => 'search_flows');
SELECT * FROM search('10.0.0.0/8', 2, relation => 'search_flows');
SELECT * FROM search('80', since => '2024-01-02', until => '2024-01-03', relation => 'search_flows');
SELECT count(*), sum(bytes) FROM search_heap WHERE dst_port = 80 AND ts >= '2024-01-02' AND ts < '2024-01-03';
CREATE TABLE search_few (ts timestamptz, client inet, "Server" inet);
INSERT INTO search_few VALUES ('2024-01-01', '10.0.0.1', '10.0.0.2'), ('2024-01-02', NULL, '10.0.0.1');
SELECT * FROM search('10.0.0.1', relation => 'search_few', columns => '{"src_addr": "client", "dst_addr": "Server"}');

SELECT * FROM search('');
SELECT * FROM search(NULL);
SELECT * FROM search('x', -1);
SELECT * FROM search('x', since => '2024-01-02', until => '2024-01-02');
SELECT * FROM search('x', relation => 'pg_class');

DROP VIEW search_all;
DROP FUNCTION search_differ;
DROP TABLE search_flows, search_heap, search_few;
