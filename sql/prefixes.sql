-- Prefix tables: longest-prefix match, loading, and which table a query sees.
-- Without this test: a value of a shorter network, one of a table that was replaced, and rights that are passed by.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
SET search_path = public, flow;
\set SHOW_CONTEXT never

-- from text: with a header, without, by tabs
SELECT * FROM load_prefixes('site', E'# sites\nPrefix,City,Value,floor\n10.0.0.0/8,Berlin,head office,\n10.1.0.0/16,"Köln, Dom",branch,2\r\n'
  '2001:db8::/32,,lab,0\n10.0.0.1/8,x,y,z\n10.2.0.0/16,x,,1\n10.3.0.0/16,x,y,z,too many\n"10.4.0.0/16,x\n10.5.0.0/16,"a"b,c\n', source => 'us');
SELECT * FROM prefix_list('site');
SELECT * FROM load_prefixes('plain', E'10.0.0.0/8,ten\n0.0.0.0/0 , "say ""any"""\n10.0.0.0/8,TEN\n::/0,six\n10.9.9.9,one\n1.2.3.4,x,y\n');
SELECT * FROM prefix_list('plain');
SELECT * FROM load_prefixes('tabs', E'network\tname\n192.0.2.0/24\ta, b\n');
SELECT * FROM prefix_list('tabs');
SELECT * FROM load_prefixes('nothing', '');
SELECT name, networks, distinct_values, bytes > 0 AS has_bytes, source FROM prefix_tables ORDER BY name;

SELECT a, lookup('site', a::inet), lookup_more('site', a::inet)
FROM unnest('{10.0.0.0,10.255.255.255,9.255.255.255,10.1.0.0,10.1.255.255,10.2.0.0,11.0.0.0,2001:db8::1,2001:db9::,::,10.1.2.0/24,10.0.0.0/8,10.0.0.0/7}'::text[]) a;
SELECT lookup('site', NULL), lookup(NULL, '10.0.0.1'), lookup('nothing', '10.0.0.1'), lookup('nothing', '::1');
SELECT * FROM lookup_all('plain', '10.9.9.9');
SELECT * FROM lookup_all('plain', '10.9.0.0/16');
SELECT * FROM lookup_all('site', '11.1.1.1');

-- added, and put in place of all; of equal networks the last one counts
SELECT loaded FROM load_prefixes('site', E'10.1.0.0/16,moved\n10.7.0.0/16,new', replace => false);
SELECT * FROM prefix_list('site');
SELECT save_prefixes('site', $$ SELECT * FROM (VALUES ('10.1.0.0/16'::cidr, 'a', '{"n": 1}'::jsonb), ('10.1.0.0/16', 'b', NULL), (NULL, 'c', NULL), ('10.2.0.0/16', NULL, NULL)) v $$);
SELECT * FROM prefix_list('site');
SELECT save_prefixes('site', 'SELECT network::inet, value FROM flow.prefix_list(''plain'')', replace => false, source => 'again');
SELECT * FROM prefix_list('site');

-- as text and back; bits right of a mask, and JSON
SELECT name, map::text::prefix_map::text = map::text AS is_same FROM prefix_table ORDER BY name;
SELECT ''::prefix_map, prefix_map_networks(''), (prefix_map E'10.0.0.0/8,"a ""b"", c","{""x"": [1,2]}"' || '10.0.0.0/8,d')::text;
SELECT prefix_map '10.0.0.1/8,x';
SELECT prefix_map '10.0.0.0/8';
SELECT prefix_map '10.0.0.0/8,x,"{"';
SELECT prefix_map '10.0.0.0/8,"x';

-- the oracle: containment, the longest first; networks of all lengths, nested at their ends, with few and many ranges
CREATE TABLE prefixes_addr AS
SELECT i, CASE WHEN i % 3 = 0 THEN set_masklen('2001:db8::'::inet + (i::bigint * 7919 % 65536) * (1::bigint << (i % 40)), 128)
          ELSE '10.0.0.0'::inet + (i::bigint * 104729) % 16777216 END AS addr FROM generate_series(1, 4000) i;
CREATE TABLE prefixes_net AS
SELECT n AS network, 'v' || min(i) % 40 AS value FROM (
  SELECT i, network(set_masklen(addr, CASE WHEN family(addr) = 4 THEN 2 + i * 31 % 31 ELSE 20 + i * 57 % 109 END)) AS n FROM prefixes_addr WHERE i <= 1600) x GROUP BY n;
INSERT INTO prefixes_net SELECT DISTINCT network(set_masklen('255.255.255.255'::inet, i)), 'end' || i FROM generate_series(2, 32) i;
INSERT INTO prefixes_net SELECT DISTINCT network(set_masklen('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'::inet, i)), 'end' || i FROM generate_series(2, 128) i;
INSERT INTO prefixes_addr SELECT 0, a FROM unnest('{0.0.0.0,255.255.255.255,255.255.255.254,127.255.255.255,128.0.0.0,::,ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff,7fff::,8000::,10.2.0.0/15,2001:db8::/33}'::inet[]) a;
-- first and last address of each network, and their neighbours
INSERT INTO prefixes_addr SELECT 0, set_masklen(a, CASE family(a) WHEN 4 THEN 32 ELSE 128 END) FROM prefixes_net, LATERAL (
  VALUES (network::inet), (broadcast(network))) v(a);
INSERT INTO prefixes_addr SELECT -1, a FROM prefixes_addr, LATERAL (VALUES (CASE WHEN host(addr) NOT IN ('0.0.0.0', '::') THEN addr - 1 END),
  (CASE WHEN host(addr) NOT IN ('255.255.255.255', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff') THEN addr + 1 END)) v(a) WHERE i = 0 AND a IS NOT NULL;
CREATE FUNCTION prefixes_differ(name text) RETURNS TABLE (asked bigint, found bigint, wrong bigint) LANGUAGE sql AS $$
  SELECT count(*), count(flow.lookup(name, a.addr)), count(*) FILTER (WHERE flow.lookup(name, a.addr) IS DISTINCT FROM
    (SELECT n.value FROM prefixes_net n WHERE n.network >>= a.addr ORDER BY masklen(n.network) DESC LIMIT 1))
  FROM prefixes_addr a $$;
SELECT save_prefixes('few', 'SELECT network, value FROM prefixes_net') = (SELECT count(*) FROM prefixes_net) AS all_kept;
SELECT * FROM prefixes_differ('few');
INSERT INTO prefixes_net SELECT '10.0.0.0'::inet + i * 4099, 'many' || i % 1000 FROM generate_series(1, 4000) i ON CONFLICT DO NOTHING;
DELETE FROM prefixes_net n USING prefixes_net o WHERE n.network = o.network AND n.ctid > o.ctid;
SELECT save_prefixes('many', 'SELECT network, value FROM prefixes_net') = (SELECT count(*) FROM prefixes_net) AS all_kept;
SELECT * FROM prefixes_differ('many');
SELECT count(*), count(*) FILTER (WHERE n.value <> l.value) AS wrong FROM prefixes_net n LEFT JOIN prefix_list('many') l USING (network);
SELECT name, map::text::prefix_map::text = map::text AS is_same FROM prefix_table WHERE name IN ('few', 'many') ORDER BY name;
SELECT count(*) AS wrong FROM (SELECT addr FROM prefixes_addr WHERE i > 3800) a WHERE
  (SELECT array_agg(l.network::text || l.value ORDER BY masklen(l.network)) FROM lookup_all('many', a.addr) l) IS DISTINCT FROM
  (SELECT array_agg(n.network::text || n.value ORDER BY masklen(n.network)) FROM prefixes_net n WHERE n.network >>= a.addr);

-- in groups, filters and parallel plans over a flowstore table, as over heap
CREATE TABLE prefixes_flows (addr inet, bytes bigint) USING flowstore;
INSERT INTO prefixes_flows SELECT addr, i FROM prefixes_addr, generate_series(1, 5);
CREATE VIEW prefixes_wanted AS SELECT lookup('many', addr) AS value, count(*), sum(i) FROM prefixes_addr, generate_series(1, 5) GROUP BY 1;
SELECT count(*) AS differ FROM ((SELECT lookup('many', addr), count(*), sum(bytes) FROM prefixes_flows GROUP BY 1 EXCEPT ALL SELECT * FROM prefixes_wanted)) d;
SELECT count(*) = (SELECT w.count FROM prefixes_wanted w WHERE w.value = 'v7') AS is_same FROM prefixes_flows WHERE lookup('many', addr) = 'v7';
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
SET enable_hashagg = off;
EXPLAIN (COSTS OFF) SELECT lookup('many', addr), count(*) FROM prefixes_addr GROUP BY 1;
SELECT count(*) AS differ FROM ((SELECT lookup('many', addr), count(*), sum(i) FROM prefixes_addr, generate_series(1, 5) GROUP BY 1 EXCEPT ALL SELECT * FROM prefixes_wanted)) d;
RESET ALL;
SET search_path = public, flow;

-- what a snapshot sees: other calls in the same function and transaction, another name for each row, an open cursor
SELECT save_prefixes('now', '10.0.0.0/8,old'::prefix_map);
DO $$
DECLARE
    seen text[];
    word text;
BEGIN
    FOR i IN 1..3 LOOP
        word := flow.lookup('now', '10.0.0.1');
        seen := seen || word;
        PERFORM flow.save_prefixes('now', ('10.0.0.0/8,new' || i)::flow.prefix_map);
    END LOOP;
    RAISE NOTICE 'seen %, now %', seen, flow.lookup('now', '10.0.0.1');
END
$$;
BEGIN;
DECLARE c CURSOR FOR SELECT lookup('now', '10.0.0.1'), lookup('many', '10.0.0.0') FROM generate_series(1, 3);
FETCH c;
SELECT save_prefixes('now', '10.0.0.0/8,newer'::prefix_map);
SELECT lookup('now', '10.0.0.1');
FETCH c;
SELECT forget_prefixes('now');
SELECT lookup('now', '10.0.0.1');
ROLLBACK;
SELECT lookup('now', '10.0.0.1');
SELECT n, lookup(n, '10.9.9.9') FROM generate_series(1, 2), unnest('{now,plain,site}'::text[]) n;
-- a session that may keep nothing
SET flowstore.keep_memory = 0;
SELECT lookup('now', '10.0.0.1'), lookup('many', '10.0.0.0'), lookup('now', '10.0.0.2');
RESET flowstore.keep_memory;

-- rights are those of the caller, also for what the session has
CREATE ROLE prefixes_reader;
GRANT USAGE ON SCHEMA flow TO prefixes_reader;
SET ROLE prefixes_reader;
SELECT flow.lookup('now', '10.0.0.1');
SELECT flow.load_prefixes('mine', '10.0.0.0/8,x');
RESET ROLE;
GRANT SELECT ON flow.prefix_table TO prefixes_reader;
SET ROLE prefixes_reader;
SELECT flow.lookup('now', '10.0.0.1');
RESET ROLE;
REVOKE ALL ON flow.prefix_table FROM prefixes_reader;
REVOKE ALL ON SCHEMA flow FROM prefixes_reader;
DROP ROLE prefixes_reader;

-- errors
SELECT lookup('unknown', '10.0.0.1');
SELECT * FROM prefix_list('unknown');
SELECT load_prefixes(NULL, '');
SELECT load_prefixes('x', NULL);
\set VERBOSITY terse
SELECT load_prefixes('', '10.0.0.0/8,x');
\set VERBOSITY default
SELECT save_prefixes('x', NULL::text);
SELECT save_prefixes('x', 'SELECT 1');
SELECT save_prefixes('x', 'nonsense');
SELECT forget_prefixes('x'), forget_prefixes('now');

DELETE FROM prefix_table;
DROP VIEW prefixes_wanted;
DROP TABLE prefixes_addr, prefixes_net, prefixes_flows;
DROP FUNCTION prefixes_differ;
