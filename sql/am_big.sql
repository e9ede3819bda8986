--
-- Values of many sizes, also such that arrive toasted from another table.
-- Without this test: a pointer into another table's TOAST stored, or a size that fits nowhere.
--
\set ECHO none
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
\getenv abs_srcdir PG_ABS_SRCDIR
\set twin :abs_srcdir '/test/differential/twin.sql'
\i :twin
\set ECHO all
CREATE SCHEMA am_big;
SET search_path = am_big;

-- sources: compressed inline, external, external and compressed, plain
CREATE TABLE big_h (id int, ext text, main text, inl text, plain text, b bytea, j jsonb);
ALTER TABLE big_h ALTER ext SET STORAGE EXTERNAL, ALTER main SET STORAGE MAIN, ALTER plain SET STORAGE PLAIN;
INSERT INTO big_h
	SELECT n, repeat(md5(n::text), n / 32 + 1), repeat('ab', n / 20), repeat('x', n), left(repeat('p', n), 2000),
		decode(repeat(md5(n::text), n / 64 + 1), 'hex'), jsonb_build_object('k', repeat('v', n), 'n', n)
	FROM unnest(ARRAY[0, 1, 2, 125, 126, 127, 128, 1000, 1996, 2000, 2031, 2032, 2033, 4000, 7900, 8000, 8100, 8140, 8160,
		8191, 8192, 8193, 16384, 65535, 65536, 65537, 100000, 262143, 262144, 1000000]) n;
CREATE TABLE big_f (LIKE big_h) USING flowstore;
INSERT INTO big_f SELECT * FROM big_h;
SELECT twin.bits('big_h', 'big_f', 'id'), (SELECT n FROM twin.diff('big_h', 'big_f'));
-- one at a time, and through COPY
TRUNCATE big_f;
DO $$
DECLARE
	row big_h;
BEGIN
	FOR row IN SELECT * FROM big_h LOOP
		INSERT INTO big_f SELECT row.*;
	END LOOP;
END $$;
SELECT twin.bits('big_h', 'big_f', 'id'), (SELECT n FROM twin.diff('big_h', 'big_f'));
SELECT current_setting('data_directory') || '/pg_stat_tmp' AS dir \gset
\set file :dir '/am_big.bin'
COPY big_h TO :'file' (FORMAT binary);
TRUNCATE big_f;
COPY big_f FROM :'file' (FORMAT binary);
SELECT twin.bits('big_h', 'big_f', 'id'), (SELECT n FROM twin.diff('big_h', 'big_f'));
-- the source goes; the copies stay whole
CREATE TABLE keep AS SELECT id, md5(ext) AS ext, md5(main) AS main, md5(inl) AS inl, md5(b) AS b, md5(j::text) AS j FROM big_h;
TRUNCATE big_h;
DROP TABLE big_h;
VACUUM big_f;
SELECT count(*) FROM keep k JOIN big_f f USING (id)
	WHERE (k.ext, k.main, k.inl, k.b, k.j) = (md5(f.ext), md5(f.main), md5(f.inl), md5(f.b), md5(f.j::text));
-- and to heap and back
ALTER TABLE big_f SET ACCESS METHOD heap;
ALTER TABLE big_f SET ACCESS METHOD flowstore;
SELECT count(*) FROM keep k JOIN big_f f USING (id)
	WHERE (k.ext, k.main, k.inl, k.b, k.j) = (md5(f.ext), md5(f.main), md5(f.inl), md5(f.b), md5(f.j::text));
VACUUM FULL big_f;
SELECT count(*) FROM keep k JOIN big_f f USING (id)
	WHERE (k.ext, k.main, k.inl, k.b, k.j) = (md5(f.ext), md5(f.main), md5(f.inl), md5(f.b), md5(f.j::text));

-- several megabytes in one row, in each way of inserting
CREATE TABLE huge (id int, t text, n text) USING flowstore;
INSERT INTO huge SELECT 1, repeat('compressible ', 500000), NULL;
INSERT INTO huge SELECT 2, (SELECT string_agg(md5(g::text), '') FROM generate_series(1, 150000) g), 'small';
INSERT INTO huge VALUES (3, 'tiny', 'tiny');
SELECT id, length(t), n FROM huge ORDER BY id;
SELECT md5(t) = md5((SELECT string_agg(md5(g::text), '') FROM generate_series(1, 150000) g)) FROM huge WHERE id = 2;
BEGIN;
INSERT INTO huge SELECT id + 10, t, n FROM huge;
SELECT count(*), sum(length(t)) FROM huge;
SAVEPOINT s;
INSERT INTO huge SELECT id + 20, t, n FROM huge WHERE id < 10;
ROLLBACK TO s;
COMMIT;
SELECT count(*), sum(length(t)) FROM huge;
-- many big rows: more than any buffer holds
INSERT INTO huge SELECT g, repeat(md5(g::text), 3000), NULL FROM generate_series(100, 299) g;
SELECT count(*), sum(length(t)), count(*) FILTER (WHERE t = repeat(md5(id::text), 3000)) FROM huge WHERE id >= 100;
-- the small columns are read without the big ones
SELECT sum(id), count(n) FROM huge;

-- rows of a length around what one page, one item and one COPY buffer hold
CREATE TABLE len_h (id int, t text);
CREATE TABLE len_f (id int, t text) USING flowstore;
DO $$ BEGIN
	FOR i IN 1900..2100 BY 3 LOOP
		INSERT INTO len_f VALUES (i, repeat(chr(65 + i % 26), i));
	END LOOP;
	FOR i IN 7900..8250 BY 3 LOOP
		INSERT INTO len_f VALUES (i, repeat(chr(65 + i % 26), i));
	END LOOP;
END $$;
INSERT INTO len_h SELECT i, repeat(chr(65 + i % 26), i) FROM generate_series(1900, 2100, 3) i
	UNION ALL SELECT i, repeat(chr(65 + i % 26), i) FROM generate_series(7900, 8250, 3) i;
SELECT * FROM twin.diff('len_h', 'len_f');
INSERT INTO len_h SELECT -i, (SELECT string_agg(md5(i::text || g), '') FROM generate_series(1, 1 + i / 32) g) FROM generate_series(1, 30000, 577) i;
INSERT INTO len_f SELECT * FROM len_h WHERE id < 0;
SELECT * FROM twin.diff('len_h', 'len_f');
DO $$
DECLARE
	row record;
BEGIN
	FOR row IN SELECT * FROM len_h WHERE id < 0 LOOP
		INSERT INTO len_f VALUES (row.id * 100, row.t);
	END LOOP;
	INSERT INTO len_h SELECT id * 100, t FROM len_h WHERE id < 0;
END $$;
SELECT * FROM twin.diff('len_h', 'len_f');

-- heap's limit of one row a page is not ours: 300 columns of 100 bytes inline
SELECT string_agg('c' || g || ' text', ', ') AS cols, string_agg(format('repeat(chr(65 + (x + %s) %% 26), 100)', g), ', ') AS vals
	FROM generate_series(1, 300) g \gset
\set ECHO none
CREATE TABLE fat (id int, :cols) USING flowstore;
INSERT INTO fat SELECT x, :vals FROM generate_series(1, 200) x;
INSERT INTO fat SELECT 1000, :vals FROM generate_series(1, 1) x;
\set ECHO all
SELECT count(*), sum(length(c1) + length(c300)), count(*) FILTER (WHERE c7 = repeat(chr((65 + (id + 7) % 26)), 100)) FROM fat WHERE id < 1000;
SELECT id, left(c1, 3), left(c300, 3) FROM fat WHERE id IN (1, 1000) ORDER BY id;

DROP SCHEMA am_big CASCADE;
