-- flow.is_internal says of any address what a list of networks says.
-- Without this test: a binary search that goes wrong somewhere between the edges.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
-- of both families, a third of them near the networks, some of them networks themselves
CREATE TABLE addresses_random AS
SELECT CASE i % 6
         WHEN 0 THEN '0.0.0.0'::inet + (h & 4294967295)
         WHEN 1 THEN (to_hex(h & 65535) || '::' || to_hex((h >> 16) & 65535))::inet
         WHEN 2 THEN (to_hex(63488 + (h & 2047)) || ':' || to_hex((h >> 16) & 65535) || '::1')::inet
         WHEN 3 THEN '9.240.0.0'::inet + (h & 33554431)
         WHEN 4 THEN (ARRAY['172.0.0.0', '192.160.0.0', '169.240.0.0', '126.255.0.0']::inet[])[1 + (h & 3)] + ((h >> 2) & 4194303)
         ELSE set_masklen('10.0.0.0'::inet + (h & 4294967295) % 3000000000, 1 + ((h >> 33) & 31)::int) END AS a
FROM (SELECT i, hashint8extended(i, 3) AS h FROM generate_series(1::bigint, 60000) i) g;
CREATE TABLE addresses_random_flows (a inet) USING flowstore;
INSERT INTO addresses_random_flows SELECT * FROM addresses_random;
-- the oracle
CREATE VIEW addresses_random_wanted AS SELECT a, coalesce(a <<= ANY ((SELECT string_to_array(replace(current_setting('flowstore.internal_networks'), ' ', ''), ',')::inet[])::inet[]), false) AS wanted FROM addresses_random;
SELECT count(*), count(*) FILTER (WHERE wanted) AS internal, count(*) FILTER (WHERE flow.is_internal(coalesce(a)) <> wanted) AS wrong,
       count(*) FILTER (WHERE flow.is_internal(a) <> wanted) AS wrong_as_clauses FROM addresses_random_wanted;
SELECT count(*) FILTER (WHERE flow.is_internal(a)) AS internal FROM addresses_random_flows;
SELECT count(*) AS internal FROM addresses_random_flows WHERE flow.is_internal(a);
-- many networks, which nest and touch
SELECT set_config('flowstore.internal_networks', string_agg(n, ','), false) <> '' FROM (
  SELECT network(set_masklen(a, CASE family(a) WHEN 4 THEN 8 ELSE 9 END + i::int % 23))::text AS n
  FROM (SELECT a, row_number() OVER () AS i FROM addresses_random WHERE masklen(a) IN (32, 128)) r WHERE i % 400 = 0) x;
SELECT count(*), count(*) FILTER (WHERE wanted) AS internal, count(*) FILTER (WHERE flow.is_internal(a) <> wanted) AS wrong FROM addresses_random_wanted;
SELECT count(*) AS internal FROM addresses_random_flows WHERE flow.is_internal(a);
RESET flowstore.internal_networks;
DROP VIEW addresses_random_wanted;
DROP TABLE addresses_random, addresses_random_flows;
