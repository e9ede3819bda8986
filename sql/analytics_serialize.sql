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
