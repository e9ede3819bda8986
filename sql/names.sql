-- Names of numbers.
-- Without this test: a bucket off by one at powers of two, where floating point rounds.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;

SELECT flow.proto_name(6), flow.proto_name(17::smallint), flow.proto_name(58), flow.proto_name(253), flow.proto_name(NULL);
SELECT f, flow.flags_text(f) FROM unnest('{0,1,2,18,20,24,194,255}'::int[]) f;
SELECT flow.flags_text(NULL) IS NULL;

SELECT v, flow.log2_bucket(v) FROM unnest('{0,1,2,3,4,9223372036854775807}'::bigint[]) v;
-- 2^n - 1, 2^n and 2^n + 1 are in the buckets n - 1, n and n
SELECT count(*) FROM generate_series(2, 62) n
WHERE flow.log2_bucket((1::bigint << n) - 1) <> n - 1 OR flow.log2_bucket(1::bigint << n) <> n
   OR flow.log2_bucket((1::bigint << n) + 1) <> n;
SELECT flow.log2_bucket(-1);

SELECT flow.port_name(443), flow.port_name(53, 17), flow.port_name(514, 6), flow.port_name(514, 17), flow.port_name(1, 6);
INSERT INTO flow.service VALUES (6, 7777, 'ours');
SELECT flow.port_name(7777);
DELETE FROM flow.service WHERE own;
