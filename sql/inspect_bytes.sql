--
-- The worked bytes of metapage and items in src/format/README.md, sections 5 and 6.
-- Without this test: a specification that other programs read wrong bytes by.
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
CREATE SCHEMA inspect_bytes;
SET search_path = inspect_bytes;
SET timezone = 'UTC';
CREATE TABLE w (ts timestamptz, a int) USING flowstore;
-- an item as hexadecimal words of four bytes; what the encodings of clustered chunks decide is left out
CREATE FUNCTION items() RETURNS TABLE (id bigint, seq int, item text) LANGUAGE plpgsql AS $$
DECLARE data bytea; words text[];
BEGIN
	FOR id, seq, data IN EXECUTE format('SELECT chunk_id::text::bigint, chunk_seq, chunk_data FROM %s ORDER BY 1, 2',
		(SELECT reltoastrelid::regclass FROM pg_class WHERE oid = 'w'::regclass)) LOOP
		words := ARRAY(SELECT m[1] FROM regexp_matches(encode(data, 'hex'), '.{1,8}', 'g') m);
		IF get_byte(data, 0) = 4 OR (get_byte(data, 0) = 2 AND get_byte(data, 30) = 2) THEN
			words[3] := '(CRC)';
			words[7] := '(length)';
		END IF;
		item := array_to_string(words, ' ');
		RETURN NEXT;
	END LOOP;
END $$;
-- bytes of the metapage's payload
CREATE FUNCTION metapage(n int) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT encode(pg_read_binary_file(pg_relation_filepath('w'), 24 + i * 24, 24), 'hex') FROM generate_series(0, n / 24 - 1) i $$;

INSERT INTO w VALUES (NULL, 443), (NULL, NULL);
INSERT INTO w SELECT timestamptz '2000-01-01 01:00:00+00', 80 FROM generate_series(1, 64);
INSERT INTO w SELECT timestamptz '2000-01-01 01:00:00.000001+00', 80 FROM generate_series(1, 64);
DELETE FROM w WHERE ctid IN ('(0,3)', '(0,5)');
UPDATE w SET a = 53 WHERE ctid = '(0,4)';
SELECT * FROM items();
SELECT action, items, rows FROM flow.optimize('w');
SELECT * FROM items();
VACUUM w;
CHECKPOINT;
SELECT metapage(144);

DROP SCHEMA inspect_bytes CASCADE;
