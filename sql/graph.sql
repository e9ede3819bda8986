-- flow.hops, flow.graph, flow.related, flow.communities and flow.investigate
-- against canonical queries 19 and 25 on a heap table and by hand.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET flowstore.now = '2024-01-02';
SET flowstore.default_table = 'gr_flow';

CREATE TABLE gr_heap (ts timestamptz NOT NULL, src_addr inet, dst_addr inet, src_port integer, dst_port integer, proto smallint, bytes bigint);
INSERT INTO gr_heap
SELECT timestamptz '2024-01-01' + i * interval '40 s', inet '10.0.0.0' + i * 7 % 97, inet '10.0.0.0' + i * 7919 % 1009 % 97, 1024 + i, (ARRAY[80, 443, 53])[i % 3 + 1],
       (ARRAY[6, 6, 17])[i % 3 + 1], i * 31 % 1009
FROM generate_series(0, 400) i;
INSERT INTO gr_heap VALUES ('2023-12-31 23:59:59', '10.0.0.7', '192.0.2.1', 1, 2, 6, 3), ('2024-01-01 05:00', NULL, '10.0.0.7', 1, 2, 6, 3);
CREATE TABLE gr_flow (LIKE gr_heap) USING flowstore;
INSERT INTO gr_flow SELECT * FROM gr_heap;

-- query 19: outbound, and the other ways by the same recursion; one way is two edges
CREATE TABLE gr_edge AS SELECT DISTINCT d, a, b FROM (
  SELECT unnest(ARRAY['out', 'both']) AS d, src_addr AS a, dst_addr AS b, ts FROM gr_heap
  UNION ALL SELECT unnest(ARRAY['in', 'both']), dst_addr, src_addr, ts FROM gr_heap) e
WHERE ts >= '2024-01-01' AND a IS NOT NULL AND b IS NOT NULL;
WITH RECURSIVE hop(d, ip, n) AS (
  SELECT d, inet '10.0.0.7', 0 FROM unnest(ARRAY['out', 'in', 'both']) d
  UNION SELECT h.d, e.b, h.n + 1 FROM hop h JOIN gr_edge e ON e.a = h.ip AND e.d = h.d WHERE h.n < 3),
     expected AS (SELECT d, n AS hops, count(*) AS ips, array_agg(ip ORDER BY ip) AS members
                  FROM (SELECT d, ip, min(n) n FROM hop GROUP BY d, ip) x GROUP BY d, n)
SELECT e.d, hops, ips, h.addresses = ips AND h.members = e.members AS agree, is_cut
FROM expected e FULL JOIN (SELECT d, h.* FROM unnest(ARRAY['out', 'in', 'both']) d, flow.hops('10.0.0.7', 3, d) h) h USING (d, hops)
ORDER BY 1, 2;
SELECT hops, addresses, is_cut, members FROM flow.hops('10.0.0.7', per_hop => 2);
SELECT * FROM flow.hops('203.0.113.1', 5);
SELECT * FROM flow.hops('10.0.0.7', 0);
SELECT * FROM flow.hops('10.0.0.7', -1);
SELECT * FROM flow.hops('10.0.0.7', per_hop => 0);
SELECT * FROM flow.hops('10.0.0.7', direction => 'up');
SELECT * FROM flow.hops(NULL);
SELECT * FROM flow.hops('10.0.0.7', relation => 'gr_edge');

-- a small graph by hand: a sends 10 and 5 to b and 1 to c, b 7 to c and 2 to itself, c 4 to d, d 8 to a
CREATE TABLE gr_small (ts timestamptz, src_addr inet, dst_addr inet, octets bigint);
INSERT INTO gr_small SELECT '2024-01-01 12:00', ('10.1.0.' || s)::inet, ('10.1.0.' || d)::inet, b
FROM (VALUES (1, 2, 10), (1, 2, 5), (1, 3, 1), (2, 3, 7), (2, 2, 2), (3, 4, 4), (4, 1, 8), (5, 6, 100)) v(s, d, b);
SELECT * FROM flow.graph('10.1.0.2', relation => 'gr_small', columns => '{"bytes": "octets"}') ORDER BY kind DESC, secondarystat, id;
SELECT * FROM flow.graph('10.1.0.2', 2, 2, relation => 'gr_small', columns => '{"bytes": "octets"}') ORDER BY kind DESC, secondarystat, id;
SELECT * FROM flow.graph('10.1.0.2', n => -1);

-- query 25; equal counts are ordered by address here
WITH users AS (SELECT src_addr FROM gr_heap WHERE dst_addr = '10.0.0.20' AND ts >= flow.now() - interval '1 day'
               GROUP BY src_addr ORDER BY count(*) DESC, src_addr LIMIT 100),
     q AS (SELECT f.dst_addr, count(DISTINCT f.src_addr) AS shared_users,
                  round(count(DISTINCT f.src_addr)::numeric / (SELECT count(*) FROM users), 3) AS overlap
           FROM gr_heap f JOIN users u USING (src_addr)
           WHERE f.ts >= flow.now() - interval '1 day' AND f.dst_addr <> '10.0.0.20'
           GROUP BY f.dst_addr HAVING count(DISTINCT f.src_addr) >= 1 ORDER BY shared_users DESC, dst_addr LIMIT 5)
SELECT count(*), count(q.dst_addr), count(r.dst_addr) FROM q FULL JOIN flow.related('10.0.0.20', at_least => 1, n => 5) r
ON q.dst_addr = r.dst_addr AND shared_users = shared_clients AND q.overlap = r.overlap;
SELECT * FROM flow.related('10.1.0.3', at_least => 1, relation => 'gr_small');
SELECT * FROM flow.related('203.0.113.1');
SELECT * FROM flow.related('10.1.0.3', clients => 0);

-- communities by hand: 1 and 2 share two of three destinations (Jaccard 2/3), 2 and 3 two
-- of four (1/2), so 1, 2, 3 are one at 0.5 and 3 is alone at 0.6; 4 and 5 share all of two;
-- 6 shares one, which is less than at_least
CREATE TABLE gr_share (ts timestamptz, src_addr inet, dst_addr inet);
INSERT INTO gr_share SELECT '2024-01-01 12:00', ('10.2.0.' || s)::inet, ('192.0.2.' || d)::inet
FROM (VALUES (1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (3, 2), (3, 3), (3, 4), (4, 10), (4, 11), (5, 10), (5, 11), (6, 11), (6, 11)) v(s, d),
     generate_series(1, 2);
SELECT * FROM flow.communities(relation => 'gr_share');
SELECT * FROM flow.communities(0.6, relation => 'gr_share');
SELECT * FROM flow.communities(0.5, 1, relation => 'gr_share');
-- destinations of more than two sources tell nothing: 2 and 11
SELECT * FROM flow.communities(0.3, 1, popular => 2, relation => 'gr_share');
SELECT * FROM flow.communities(0.5, relation => 'gr_share', since => '2024-01-01 13:00');
SELECT * FROM flow.communities(0, relation => 'gr_share');
SELECT * FROM flow.communities(popular => 1, relation => 'gr_share');
-- a large one against the recursion that defines it
INSERT INTO gr_share SELECT '2024-01-01 14:00', inet '10.3.0.0' + s, inet '198.51.100.0' + (s / 4 * 5 + s * s * k % 7) FROM generate_series(0, 199) s, generate_series(1, 4) k;
WITH RECURSIVE l AS (SELECT DISTINCT src_addr s, dst_addr d FROM gr_share WHERE ts = '2024-01-01 14:00'),
  n AS (SELECT s, count(*) n FROM l GROUP BY s),
  pair AS (SELECT x.s, y.s AS t FROM l x JOIN l y USING (d) JOIN n p ON p.s = x.s JOIN n q ON q.s = y.s WHERE x.s <> y.s
           GROUP BY x.s, y.s, p.n, q.n HAVING count(*) >= 2 AND count(*) >= 0.5 * (p.n + q.n - count(*))),
  reach AS (SELECT s, s AS t FROM n UNION SELECT r.s, p.t FROM reach r JOIN pair p ON p.s = r.t),
  comp AS (SELECT array_agg(t ORDER BY t) AS members FROM reach GROUP BY s HAVING count(*) > 1),
  expected AS (SELECT DISTINCT members FROM comp)
SELECT count(*) > 5 AS some, count(*) = count(e.members) AND count(*) = count(c.members) AS agree
FROM expected e FULL JOIN flow.communities(since => '2024-01-01 14:00', relation => 'gr_share') c USING (members);

-- one address: what is there of it in the heap
INSERT INTO flow.alert (ts, rule, severity, src_addr, dst_addr, dedup_key)
VALUES ('2024-01-01 03:00', 'gr rule', 'low', '10.0.0.7', NULL, 'gr 1'), ('2024-01-01 03:10', 'gr rule', 'high', '10.0.0.7', NULL, 'gr 1'),
       ('2024-01-01 04:00', 'gr other', 'medium', '192.0.2.9', '10.0.0.7', 'gr 2'), ('2023-12-01 04:00', 'gr old', 'medium', '192.0.2.9', '10.0.0.7', 'gr 3');
SELECT * FROM flow.investigate('10.0.0.7', 3, span => '1 day');
SELECT count(*), sum(bytes), min(ts), max(ts) FROM gr_heap WHERE ts >= '2024-01-01' AND '10.0.0.7' IN (src_addr, dst_addr);
SELECT 'sent' AS s, count(DISTINCT dst_addr), count(*), sum(bytes) FROM gr_heap WHERE ts >= '2024-01-01' AND src_addr = '10.0.0.7'
UNION ALL SELECT 'received', count(DISTINCT src_addr), count(*), sum(bytes) FROM gr_heap WHERE ts >= '2024-01-01' AND dst_addr = '10.0.0.7';
SELECT proto, dst_port, count(*), sum(bytes), count(DISTINCT dst_addr) FROM gr_heap WHERE ts >= '2024-01-01' AND src_addr = '10.0.0.7' GROUP BY 1, 2 ORDER BY 4 DESC;
SELECT src_addr, count(*), sum(bytes) FROM gr_heap WHERE ts >= '2024-01-01' AND src_addr <<= '10.0.0.0/24' AND src_addr <> '10.0.0.7' GROUP BY 1 ORDER BY 3 DESC LIMIT 3;
SELECT * FROM flow.investigate('2001:db8::1');
SELECT * FROM flow.investigate('10.0.0.7', -1);
SELECT * FROM flow.investigate(NULL);
DELETE FROM flow.alert WHERE rule LIKE 'gr %';

RESET flowstore.now;
RESET flowstore.default_table;
DROP TABLE gr_heap, gr_flow, gr_edge, gr_small, gr_share;
