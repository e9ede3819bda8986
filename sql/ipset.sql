-- Type flow.ipset.
-- Without this test: a set that loses or invents an address where its forms change, and scans that skip members.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
SET search_path = public, flow;
\set SHOW_CONTEXT never

-- text: in order, united, networks where a range is one
SELECT '{}'::ipset, ' { } '::ipset;
SELECT '{10.1.0.0-10.1.0.9, 2001:db8::/32,192.0.2.1 , 10.1.0.10, 10.0.0.0 - 10.0.255.255,10.0.3.0/24}'::ipset;
SELECT '{0.0.0.0/0,::/0}'::ipset, '{255.255.255.255, 0.0.0.0, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, ::}'::ipset;
SELECT '{10.0.255.255,10.1.0.0}'::ipset AS "across blocks", '{::ffff:ffff:ffff:ffff,::1:0:0:0:0}'::ipset AS "across halves";
SELECT '{10.0.0.1/8}'::ipset;
SELECT '{10.0.0.9-10.0.0.1}'::ipset;
SELECT '{10.0.0.1-::1}'::ipset;
SELECT '{10.0.0.0/33}'::ipset;
SELECT '{10.0.0.1,}'::ipset;
SELECT '{10.0.0.1'::ipset;
SELECT '{host}'::ipset;

-- bytes, written out by hand: version, counts, first and last addresses
SELECT ipset_send('{10.0.0.0/8,192.0.2.1,2001:db8::/32}') =
       '\x01 00000002 0a000000 0affffff c0000201 c0000201 00000001 20010db8000000000000000000000000 20010db8ffffffffffffffffffffffff'::bytea AS same;

-- the reference: sets of rows.  Sparse, in runs, every second one (a bitmap), whole blocks, IPv6
CREATE TABLE ipset_rows (name text, a inet);
INSERT INTO ipset_rows
SELECT 'sparse', '10.0.0.0'::inet + (i::bigint * 7919) % 70000 FROM generate_series(1, 3000) i
UNION ALL SELECT 'runs', '10.0.0.0'::inet + i FROM generate_series(0, 70000) i WHERE i % 1000 < 300
UNION ALL SELECT 'bitmap', '10.0.0.0'::inet + 2 * i FROM generate_series(0, 15000) i
UNION ALL SELECT 'blocks', '10.0.0.0'::inet + i FROM generate_series(65500, 131080) i
UNION ALL SELECT 'ipv6', '2001:db8::ffff:ffff:ffff:ff00'::inet + i * (i % 3) FROM generate_series(0, 600) i
UNION ALL SELECT 'both', a FROM unnest('{10.0.0.7,10.1.0.0,10.2.1.1,2001:db8::ffff:ffff:ffff:ff05,::}'::inet[]) a
UNION ALL SELECT 'none', NULL;
CREATE TABLE ipsets AS SELECT name, ipset_agg(a) AS s, count(DISTINCT a) AS n FROM ipset_rows GROUP BY name;
SELECT name, cardinality(s) = n AS counted, is_empty(s), s = s::text::ipset AS again,
       (SELECT array_agg(m) FROM members(s) m) IS NOT DISTINCT FROM
       (SELECT array_agg(DISTINCT r.a) FROM ipset_rows r WHERE r.name = i.name AND r.a IS NOT NULL) AS same,
       (SELECT coalesce(sum(2::numeric ^ (CASE family(p) WHEN 4 THEN 32 ELSE 128 END - masklen(p))), 0) FROM prefixes(s) p) = n AS prefixes
FROM ipsets i ORDER BY name;
SELECT count(*) AS pairs,
       count(*) FILTER (WHERE (a.s | b.s) <> u.s OR (a.s & b.s) <> i.s OR (a.s - b.s) <> d.s) AS wrong,
       count(*) FILTER (WHERE (a.s @> b.s) <> is_empty(b.s - a.s) OR (b.s <@ a.s) <> (a.s @> b.s)) AS wrong_contains,
       count(*) FILTER (WHERE (a.s && b.s) = is_empty(i.s) OR (a.s = b.s) <> (a.name = b.name)) AS wrong_overlaps
FROM ipsets a, ipsets b,
LATERAL (SELECT ipset_agg(x) AS s FROM (SELECT a FROM ipset_rows WHERE name = a.name UNION SELECT a FROM ipset_rows WHERE name = b.name) u(x)) u,
LATERAL (SELECT ipset_agg(x) AS s FROM (SELECT a FROM ipset_rows WHERE name = a.name INTERSECT SELECT a FROM ipset_rows WHERE name = b.name) u(x)) i,
LATERAL (SELECT ipset_agg(x) AS s FROM (SELECT a FROM ipset_rows WHERE name = a.name EXCEPT SELECT a FROM ipset_rows WHERE name = b.name) u(x)) d;
SELECT i.name, count(*) FILTER (WHERE (r.a <@ i.s) <> (x.a IS NOT NULL)) AS wrong,
       count(*) FILTER (WHERE (i.s @> r.a) <> (r.a <@ i.s)) AS wrong_the_other_way
FROM ipsets i CROSS JOIN (SELECT DISTINCT a FROM ipset_rows WHERE name IN ('sparse', 'ipv6', 'both')
     UNION SELECT '9.255.255.255' UNION SELECT '11.0.0.0' UNION SELECT '0.0.0.0' UNION SELECT '255.255.255.255') r
LEFT JOIN (SELECT DISTINCT name, a FROM ipset_rows WHERE a IS NOT NULL) x ON x.name = i.name AND x.a = r.a
GROUP BY 1 ORDER BY 1;

-- a network is in a set if all of it is; across blocks, too
SELECT n, n <@ '{10.0.0.0-10.1.0.255, 10.2.0.0/15}'::ipset AS inside
FROM unnest('{10.0.0.0/16,10.1.0.0/24,10.1.0.0/23,10.0.0.0/15,10.2.0.0/15,10.3.7.9/20,::/0}'::inet[]) n;
SELECT '10.0.0.0/14'::inet <@ '{10.0.0.0/15, 10.2.0.0-10.2.255.254, 10.2.255.255-10.3.255.255}'::ipset AS pieces;

SELECT cardinality('{::/0,0.0.0.0/0}'::ipset) = 2::numeric ^ 128 + 2::numeric ^ 32 AS all;
SELECT members('{10.0.0.0/8}');
SELECT members('{10.0.0.0/30}', 3);
SELECT members('{10.0.0.0/30}', -1);
SELECT array_agg(m) FROM members('{10.0.0.0/31,::ff/128}', 3) m;
SELECT array_agg(p) FROM prefixes('{10.0.0.1-10.0.0.8, ::1-::4}') p;
SELECT ipset('10.1.2.3/24'::inet), '10.1.2.3'::inet::ipset, ipset_agg(NULL::inet) FROM generate_series(1, 1);
SELECT count(*), (SELECT ipset_agg(d) FROM unnest(array_agg(s)) d) FROM
  (SELECT s FROM (VALUES ('{10.0.0.0}'::ipset), ('{10.0.0.1,10.0.0.0}'), ('{10.0.0.0-10.0.0.1}')) v(s) GROUP BY s) g;

-- in parallel, in windows, and stored where values are compressed or out of line
CREATE TABLE ipset_big (a inet);
INSERT INTO ipset_big SELECT '11.0.0.0'::inet + (i::bigint * 7919) % 4000037 FROM generate_series(1, 60000) i;
ALTER TABLE ipset_big SET (parallel_workers = 2);
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF) SELECT ipset_agg(a) FROM ipset_big;
CREATE TABLE ipset_parallel AS SELECT ipset_agg(a) AS s FROM ipset_big;
SET max_parallel_workers_per_gather = 0;
SELECT s = (SELECT ipset_agg(a) FROM ipset_big) AS same, cardinality(s) FROM ipset_parallel;
SELECT count(*) FROM ipset_big, ipset_parallel WHERE a <@ s;
SELECT array_agg(c) FROM (SELECT cardinality(ipset_agg(a) OVER (ORDER BY a)) AS c FROM unnest('{10.0.0.3,10.0.0.1,10.0.0.2}'::inet[]) a) w;
COPY ipset_parallel TO '/dev/null' (FORMAT binary);

-- scans: few ranges are looked up among the table's addresses, many the other way round
CREATE TABLE ipset_heap AS
SELECT '2024-01-01'::timestamptz + i * interval '1 s' AS ts,
       '10.0.0.0'::inet + (i::bigint * 7919) % 100003 AS src_addr,
       CASE WHEN i % 50 = 0 THEN '2001:db8::'::inet + (i % 777) WHEN i % 61 = 0 THEN NULL
            ELSE '198.51.0.0'::inet + (i::bigint * 104729) % 60013 END AS dst_addr
FROM generate_series(1, 70000) i;
INSERT INTO ipset_heap VALUES ('2024-01-02', '10.0.0.0/24', '198.51.0.0/16');
CREATE TABLE ipset_flows (LIKE ipset_heap) USING flowstore;
INSERT INTO ipset_flows SELECT * FROM ipset_heap;
CREATE TABLE ipset_asked AS
SELECT 'few' AS name, '{10.0.0.0/24, 198.51.7.7, 2001:db8::5-2001:db8::9}'::ipset AS s
UNION ALL SELECT 'many', ipset_agg('10.0.0.0'::inet + (i::bigint * 31337) % 1000003) | '{2001:db8::7}' FROM generate_series(1, 50000) i
UNION ALL SELECT 'absent', '{172.16.0.0/12}' UNION ALL SELECT 'all', '{0.0.0.0/0,::/0}' UNION ALL SELECT 'none', '{}' UNION ALL SELECT 'null', NULL;
CREATE FUNCTION ipset_compare(OUT name text, OUT src bigint, OUT "either" bigint, OUT neither bigint, OUT wrong bigint)
RETURNS SETOF record LANGUAGE plpgsql AS $$
DECLARE s ipset;
BEGIN
  FOR name, s IN SELECT i.name, i.s FROM ipset_asked i ORDER BY 1 LOOP
    EXECUTE 'SELECT count(*) FROM ipset_flows WHERE src_addr <@ $1' INTO src USING s;
    EXECUTE 'SELECT count(*) FROM ipset_flows WHERE $1 @> src_addr OR dst_addr <@ $1' INTO "either" USING s;
    EXECUTE 'SELECT count(*) FROM ipset_flows WHERE NOT (src_addr <@ $1 OR dst_addr <@ $1)' INTO neither USING s;
    SELECT abs(src - count(*) FILTER (WHERE h.src_addr <@ s)) + abs("either" - count(*) FILTER (WHERE h.src_addr <@ s OR h.dst_addr <@ s))
           + abs(neither - count(*) FILTER (WHERE NOT (h.src_addr <@ s OR h.dst_addr <@ s))) INTO wrong FROM ipset_heap h;
    RETURN NEXT;
  END LOOP;
END $$;
SELECT name, src, "either", neither, wrong FROM ipset_compare();
SELECT DISTINCT action FROM flow.optimize('ipset_flows');
SELECT name, src, "either", neither, wrong FROM ipset_compare();
SELECT count(*) FROM ipset_flows WHERE src_addr <@ (SELECT s FROM ipset_asked WHERE name = 'many');
SELECT count(*) FROM ipset_flows WHERE src_addr <@ ANY (ARRAY['{10.0.0.1}', '{10.0.0.2}']::ipset[]);

-- sets that are kept
SELECT save_set('one', s) FROM ipset_asked WHERE name = 'few';
SELECT save_set('two', 'SELECT src_addr FROM ipset_heap WHERE src_addr << ''10.0.0.0/28'''), save_set('three', ' {10.0.0.0/30}');
SELECT name, addrs FROM stored_set ORDER BY name;
SELECT count(*) FROM ipset_flows WHERE src_addr <@ saved_set('two');
SELECT count(*) FROM ipset_heap WHERE src_addr <<= '10.0.0.0/28' AND src_addr <> '10.0.0.0/24';
SELECT array_agg(m) FROM set_members('three') m;
SELECT forget_set('three'), forget_set('three');
SELECT saved_set('three');
SELECT save_set('x', NULL::text);
SELECT save_set('x', 'SELECT 1');
DELETE FROM stored_set;

DROP TABLE ipset_rows, ipsets, ipset_big, ipset_parallel, ipset_heap, ipset_flows, ipset_asked;
DROP FUNCTION ipset_compare;
