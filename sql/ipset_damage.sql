-- Text and bytes that are no set of addresses.
-- Without this test: a crash, or a set that no text gives, from what a client sends.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
SET search_path = public, flow;
\set SHOW_CONTEXT never

-- characters that are changed, left out and put in: a set that is the same as text and back, or a clear error
CREATE FUNCTION ipset_damage_text(n int) RETURNS TABLE (outcome text, times bigint, wrong bigint) LANGUAGE plpgsql AS $$
DECLARE
    good CONSTANT text[] := '{"{}","{10.0.0.0/8, 192.0.2.1-192.0.2.9,2001:db8::1}","{ 0.0.0.0/0,::/0 }","{10.0.0.1 - 10.0.0.5,10.0.0.6,fe80::-fe80::ffff}"}';
    signs CONSTANT text := '0123456789abcdef./:-{}, x*';
    words text;
    at int;
    outcomes text[] := '{}';
    nwrong int := 0;
    made flow.ipset;
BEGIN
    FOR i IN 1..n LOOP
        words := good[1 + i % 4];
        FOR k IN 0..i % 3 LOOP
            at := 1 + (i::bigint * (7919 + 31 * k)) % (length(words) + 1);
            words := overlay(words placing CASE WHEN (i + k) % 3 = 0 THEN '' ELSE substr(signs, 1 + (i * (13 + k)) % 26, 1) END
                             from at for CASE WHEN (i + k) % 3 = 1 THEN 0 ELSE 1 END);
        END LOOP;
        BEGIN
            made := words::flow.ipset;
            IF made IS DISTINCT FROM made::text::flow.ipset OR made::text <> made::text::flow.ipset::text THEN
                nwrong := nwrong + 1;
            END IF;
            outcomes := outcomes || 'set'::text;
        EXCEPTION WHEN OTHERS THEN
            outcomes := outcomes || sqlstate;
            IF sqlerrm NOT LIKE 'invalid input syntax for type flow.ipset: "%' THEN
                nwrong := nwrong + 1;
            END IF;
        END;
    END LOOP;
    RETURN QUERY SELECT o, count(*), max(nwrong)::bigint FROM unnest(outcomes) o GROUP BY o ORDER BY o;
END $$;
SELECT outcome, times > 100 AS often, wrong FROM ipset_damage_text(8000);
SELECT ('{' || repeat('1', 100000) || '}')::ipset;
SELECT ('{10.0.0.1' || repeat(' ', 100000) || '}')::ipset, cardinality(('{' || repeat('10.0.0.1,', 100000) || '10.0.0.2}')::ipset);

-- bytes as COPY reads them
CREATE TABLE ipset_damage (s ipset);
CREATE FUNCTION ipset_damage_bytes(value bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    path CONSTANT text := current_setting('data_directory') || '/ipset_damage.bin';
    head CONSTANT bytea := '\x5047434f50590aff0d0a00' || '\x0000000000000000'::bytea;
    id oid := lo_from_bytea(0, head || '\x0001'::bytea || int4send(length(value)) || value || '\xffff'::bytea);
    answer text;
BEGIN
    PERFORM lo_export(id, path), lo_unlink(id);
    BEGIN
        EXECUTE format('COPY ipset_damage FROM %L (FORMAT binary)', path);
        SELECT s::text INTO answer FROM ipset_damage;
        IF answer <> answer::flow.ipset::text THEN
            answer := 'WRONG ' || answer;
        END IF;
        DELETE FROM ipset_damage;
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS answer = PG_EXCEPTION_DETAIL;
        answer := concat_ws(': ', sqlstate, sqlerrm, nullif(answer, ''));
    END;
    RETURN answer;
END $$;
SELECT ipset_damage_bytes(ipset_send('{10.0.0.1-10.0.0.9,192.0.2.0/24,2001:db8::/64}'));
SELECT v, ipset_damage_bytes(v) FROM unnest(ARRAY[
  '\x', '\x01', '\x02', '\x0100000000', '\x010000000000000000', '\x010000000000000000ff',
  '\x01000000010a0000010a00000000000000', '\x01000000010a0000010a00000100000000',
  '\x01000000020a0000010a0000050a0000050a00000700000000', '\x01000000020a0000010a0000050a0000060a00000700000000',
  '\x01ffffffff0a0000010a00000500000000', '\x0100000000ffffffff', '\x01000000007fffffff20010db8000000000000000000000000']::bytea[]) v;
SELECT count(*), count(DISTINCT split_part(answer, ':', 1)) > 1 AS differ, count(*) FILTER (WHERE answer LIKE 'WRONG%' OR answer !~ '^([{]|22P03|08P01)') AS wrong
FROM generate_series(1, 400) i,
     LATERAL (SELECT ipset_send('{10.0.0.1-10.0.0.9,192.0.2.0/24,198.51.100.7,2001:db8::/64,::1}') b) g,
     LATERAL (SELECT ipset_damage_bytes(CASE WHEN i % 4 = 0 THEN substr(set_byte(b, i * 7 % length(b), i * 31 % 256), 1, i * 13 % length(b))
       ELSE set_byte(set_byte(b, i * 7 % length(b), i * 31 % 256), CASE WHEN i % 3 = 0 THEN 1 + i % 4 ELSE i * 11 % length(b) END, i * 17 % 256) END) AS answer) a;

DROP TABLE ipset_damage;
DROP FUNCTION ipset_damage_text, ipset_damage_bytes;
