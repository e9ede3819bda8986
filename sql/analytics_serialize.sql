-- The state of an aggregate survives as bytes, and bytes that are damaged are
-- an error, whatever the damage.  Here the serial functions are called as the
-- final functions of aggregates of our own.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
\set SHOW_CONTEXT never

CREATE AGGREGATE encoded(anyelement) (
    SFUNC = flow.entropy_step, STYPE = internal, FINALFUNC = flow.counts_serialize);
CREATE AGGREGATE encoded(anyelement, float8) (
    SFUNC = flow.entropy_step, STYPE = internal, FINALFUNC = flow.counts_serialize);
CREATE FUNCTION last_bytes(bytea, bytea) RETURNS bytea LANGUAGE sql AS 'SELECT $2';
CREATE FUNCTION decoded_final(bytea) RETURNS bigint
AS '$libdir/flowstore', 'fs_aggregate_deserialize' LANGUAGE C STRICT;
CREATE AGGREGATE decoded(bytea) (
    SFUNC = last_bytes, STYPE = bytea, FINALFUNC = decoded_final);

-- the examples of the format
SELECT encoded(x) FROM (VALUES (80), (80)) v(x);
SELECT encoded(x, 1.5) FROM (VALUES (inet '10.0.0.1')) v(x);
SELECT encoded(x) FROM (VALUES ('a longer text' COLLATE "C")) v(x);
SELECT encoded(x) FROM (VALUES (uuid '00112233-4455-6677-8899-aabbccddeeff')) v(x);

SELECT decoded(b) IS NOT NULL AS ok FROM (
    SELECT encoded(x) AS b FROM generate_series(1, 1000) x) s;
SELECT decoded(b) IS NOT NULL AS ok FROM (
    SELECT encoded(x::numeric) AS b FROM generate_series(1, 1000) x) s;

-- Values chosen to share one slot under the mix of the hash alone, in their
-- order, lie scattered, because each session mixes a secret of its own in:
-- else the time to count them would grow with the square of their number.
CREATE FUNCTION fold(x bigint) RETURNS bigint LANGUAGE sql IMMUTABLE
RETURN x # ((x >> 33) & 2147483647);
CREATE FUNCTION multiply(x bigint, factor numeric) RETURNS bigint LANGUAGE sql IMMUTABLE
RETURN mod(mod(x * factor, 2::numeric ^ 64) + 1.5 * 2::numeric ^ 64, 2::numeric ^ 64) - 2::numeric ^ 63;
CREATE TABLE chosen AS
SELECT i, fold(multiply(fold(multiply(fold(i), 11291846944257947611)), 5725274745694666757)) AS x
FROM generate_series(1::bigint, 20000) i;
SELECT flow.entropy(x) = flow.entropy(i) AS same, flow.entropy(x, i) = flow.entropy(i, i) AS same_weighted,
       flow.topk_values(x, 3, i) = array_agg(x ORDER BY i DESC) FILTER (WHERE i > 19997) AS same_top
FROM chosen;
SELECT count(*) AS n, count(*) FILTER (WHERE next_x = next_slot) < 100 AS scattered
FROM (SELECT x, lead(x) OVER (ORDER BY i) AS next_x FROM chosen WHERE i <= 1000) v
JOIN (SELECT slot, lead(slot) OVER (ORDER BY k) AS next_slot
      FROM (SELECT encoded(x) AS b FROM (SELECT x FROM chosen WHERE i <= 1000 ORDER BY i) o) e,
           generate_series(0, 999) k,
           LATERAL (SELECT ('x' || encode(substr(b, 29 + 16 * k, 8), 'hex'))::bit(64)::bigint AS slot) l) s
ON x = slot;

-- so two sessions have different bytes for every kind of value, and the same
-- answers
CREATE VIEW seeded AS
SELECT 'word' AS kind, encoded(x) AS b, flow.entropy(x, sqrt(x)) AS h FROM generate_series(1, 1000) x
UNION ALL SELECT 'float8', encoded(x::float8), flow.entropy(x::float8, sqrt(x)) FROM generate_series(1, 1000) x
UNION ALL SELECT 'short', encoded('10.0.0.0'::inet + x), flow.entropy('10.0.0.0'::inet + x, sqrt(x)) FROM generate_series(1, 1000) x
UNION ALL SELECT 'long', encoded('2001:db8::'::inet + x), flow.entropy('2001:db8::'::inet + x, sqrt(x)) FROM generate_series(1, 1000) x
UNION ALL SELECT 'general', encoded(x::numeric), flow.entropy(x::numeric, sqrt(x)) FROM generate_series(1, 1000) x;
CREATE TABLE first_session AS SELECT * FROM seeded;
\connect -
SELECT kind, f.b <> s.b AS other_bytes, length(f.b) = length(s.b) AS same_length,
       float8send(f.h) = float8send(s.h) AS same_entropy, decoded(f.b) IS NOT NULL AS understood
FROM first_session f JOIN seeded s USING (kind)
GROUP BY kind, f.b, s.b, f.h, s.h ORDER BY kind;
DROP VIEW seeded;
DROP TABLE chosen, first_session;
DROP FUNCTION fold(bigint), multiply(bigint, numeric);

-- damage: each byte changed, and each length
CREATE TABLE damage AS
SELECT 'int4' AS what, encoded(x) AS b FROM generate_series(1, 5) x
UNION ALL SELECT 'text', encoded(repeat('x', x)) FROM generate_series(0, 9) x
UNION ALL SELECT 'numeric', encoded(x::numeric / 3) FROM generate_series(0, 3) x
UNION ALL SELECT 'float8', encoded(x::float8, x::float8) FROM generate_series(1, 3) x;

CREATE FUNCTION decode_state(b bytea) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT CASE WHEN decoded(b) IS NOT NULL THEN 'accepted' END);
EXCEPTION WHEN data_corrupted THEN
    RETURN 'refused';
END $$;

SELECT what, decode_state(set_byte(b, i, get_byte(b, i) # mask)) AS changed, count(*) > 0 AS some
FROM damage, generate_series(0, length(b) - 1) i, unnest(ARRAY[1, 128, 255]) mask
GROUP BY 1, 2 ORDER BY 1, 2;
SELECT what, decode_state(substr(b, 1, n)) AS cut, count(*) > 0 AS some
FROM damage, generate_series(0, length(b) - 1) n GROUP BY 1, 2 ORDER BY 1, 2;
SELECT what, decode_state(b || '\x00') AS longer, decode_state(b) AS whole
FROM damage ORDER BY 1;
SELECT decoded('\x00');
SELECT decoded(set_byte(b, 30, 255)) FROM damage WHERE what = 'int4';

DROP TABLE damage;
DROP FUNCTION decode_state(bytea);
DROP AGGREGATE encoded(anyelement), encoded(anyelement, float8), decoded(bytea);
DROP FUNCTION decoded_final(bytea), last_bytes(bytea, bytea);
\unset SHOW_CONTEXT
