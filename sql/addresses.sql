-- flow.is_internal and flow.subnet.
-- Without this test: addresses at the edges of networks, and plans made for another setting.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;

CREATE TABLE addresses_heap (a inet);
INSERT INTO addresses_heap
SELECT a::inet FROM unnest('{9.255.255.255,10.0.0.0,10.255.255.255,11.0.0.0,10.0.0.0/8,10.0.0.0/7,10.1.2.3/8,
  172.15.255.255,172.16.0.0,172.31.255.255,172.32.0.0,192.168.0.1,192.167.255.255,192.169.0.0,
  169.254.3.4,127.0.0.1,128.0.0.0,0.0.0.0,255.255.255.255,::1,::,::2,fbff:ffff::1,fc00::,fdff::1,fe00::,
  fe7f::1,fe80::1,febf::1,fec0::1,2001:db8::1,::ffff:10.0.0.1}'::text[]) a
UNION ALL SELECT NULL
UNION ALL SELECT ('10.0.0.0'::inet + (i * 7919 * 65537::bigint) % 4000000000) FROM generate_series(1, 3000) i
         WHERE (i * 7919 * 65537::bigint) % 4000000000 < 4000000000 - 200000000;
CREATE TABLE addresses (a inet) USING flowstore;
INSERT INTO addresses SELECT * FROM addresses_heap;

-- the reference: containment, written out
CREATE FUNCTION addresses_reference(a inet) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT a <<= inet '10.0.0.0/8' OR a <<= inet '172.16.0.0/12' OR a <<= inet '192.168.0.0/16'
       OR a <<= inet '169.254.0.0/16' OR a <<= inet '127.0.0.0/8'
       OR a <<= inet 'fc00::/7' OR a <<= inet 'fe80::/10' OR a <<= inet '::1/128' $$;

-- the function itself (its argument is no column), and the planner's clauses
SELECT a, flow.is_internal(coalesce(a)), flow.is_internal(a) FROM addresses_heap WHERE ctid < '(0,34)';
SELECT count(*) FROM addresses_heap
WHERE flow.is_internal(a) IS DISTINCT FROM addresses_reference(a)
   OR flow.is_internal(a + 0) IS DISTINCT FROM addresses_reference(a);
SELECT count(*), (SELECT count(*) FROM addresses_heap WHERE addresses_reference(a)) AS wanted
FROM addresses WHERE flow.is_internal(a);
SELECT count(*), (SELECT count(*) FROM addresses_heap WHERE NOT addresses_reference(a)) AS wanted
FROM addresses WHERE NOT flow.is_internal(a);
EXPLAIN (COSTS OFF) SELECT * FROM addresses_heap WHERE flow.is_internal(a);

-- a plan that is kept follows the setting
PREPARE addresses_internal AS SELECT count(*) FROM addresses WHERE flow.is_internal(a);
SET plan_cache_mode = force_generic_plan;
EXECUTE addresses_internal;
SET flowstore.internal_networks = '11.0.0.0/8,2001:db8::/32, 11.2.0.0/16';
EXECUTE addresses_internal;
SELECT count(*) FROM addresses_heap WHERE a <<= '11.0.0.0/8' OR a <<= '2001:db8::/32';
SET flowstore.internal_networks = '0.0.0.0/0';
EXECUTE addresses_internal;
SELECT count(*) FROM addresses_heap WHERE family(a) = 4;
SET flowstore.internal_networks = '';
EXECUTE addresses_internal;
SET flowstore.internal_networks = '10.0.0.0/8, somewhere';
SET flowstore.internal_networks = '10.0.0.1/8';
SET flowstore.internal_networks = '10.0.0.0/33';
SHOW flowstore.internal_networks;

-- more networks than the planner says one by one
SELECT set_config('flowstore.internal_networks', string_agg(format('10.%s.0.0/16', i * 5), ','), false) <> ''
FROM generate_series(0, 40) i;
EXPLAIN (COSTS OFF) SELECT * FROM addresses_heap WHERE flow.is_internal(a);
SELECT count(*) FROM addresses WHERE flow.is_internal(a);
SELECT count(*) FROM addresses_heap
WHERE masklen(a) >= 16 AND a <<= '10.0.0.0/8' AND split_part(host(a), '.', 2)::int % 5 = 0
  AND split_part(host(a), '.', 2)::int <= 200;
RESET flowstore.internal_networks;
RESET plan_cache_mode;

SELECT flow.subnet('192.0.2.77', 24, 48), flow.subnet('192.0.2.77/8', 31, 48), flow.subnet('192.0.2.77', 0, 0),
       flow.subnet('192.0.2.77', 32, 0), flow.subnet('2001:db8:1:2::3', 24, 48), flow.subnet('2001:db8::ff', 0, 127),
       flow.subnet(NULL, 24, 48);
SELECT count(*) FROM addresses_heap, generate_series(0, 32) v4, (VALUES (0), (7), (48), (65), (128)) v6(bits)
WHERE flow.subnet(a, v4, v6.bits) <> network(set_masklen(a, CASE family(a) WHEN 4 THEN v4 ELSE v6.bits END));
SELECT flow.subnet('::1', 33, 48);
SELECT flow.subnet('192.0.2.1', 24, -1);

DROP TABLE addresses, addresses_heap;
DROP FUNCTION addresses_reference;
