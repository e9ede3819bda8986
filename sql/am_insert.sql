--
-- INSERT and COPY, and which command sees which rows.
-- Without this test: rows lost between buffers, or a statement that reads its own output for ever.
--
\set ECHO none
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
\getenv abs_srcdir PG_ABS_SRCDIR
\set twin :abs_srcdir '/test/differential/twin.sql'
\i :twin
\set ECHO all
CREATE SCHEMA am_insert;
SET search_path = am_insert;

CREATE TABLE h (a int, b text, c int DEFAULT 9);
CREATE TABLE f (a int, b text, c int DEFAULT 9) USING flowstore;

-- one row, some rows, all kinds of sources
INSERT INTO h VALUES (1, 'one', 1), (2, NULL, NULL), (3, '', -3);
INSERT INTO f VALUES (1, 'one', 1), (2, NULL, NULL), (3, '', -3);
INSERT INTO h DEFAULT VALUES;
INSERT INTO f DEFAULT VALUES;
INSERT INTO h (c, a) SELECT a, c FROM h WHERE a < 3;
INSERT INTO f (c, a) SELECT a, c FROM f WHERE a < 3;
SELECT * FROM twin.diff('h', 'f');
SELECT * FROM f ORDER BY a, b, c;

-- a statement does not see its own rows: each of these ends, and doubles
INSERT INTO h SELECT * FROM h;
INSERT INTO f SELECT * FROM f;
INSERT INTO h SELECT a + 1, b, c FROM h;
INSERT INTO f SELECT a + 1, b, c FROM f;
DO $$ BEGIN
	FOR i IN 1..10 LOOP
		INSERT INTO h SELECT a + i, b, c FROM h;
		INSERT INTO f SELECT a + i, b, c FROM f;
	END LOOP;
END $$;
SELECT * FROM twin.diff('h', 'f');

-- the same inside one transaction, next statement sees all before it
BEGIN;
INSERT INTO f VALUES (-1, 'mine');
INSERT INTO f SELECT a - 1, b, c FROM f WHERE a < 0;
INSERT INTO f SELECT a - 2, b, c FROM f WHERE a < 0;
SELECT a, b FROM f WHERE a < 0 ORDER BY a;
ROLLBACK;
SELECT count(*) FROM f WHERE a < 0;

-- data-modifying CTE: both halves see the state before the statement
WITH new AS (INSERT INTO f VALUES (-5, 'cte') RETURNING a, b)
	SELECT (SELECT count(*) FROM f WHERE a = -5) AS in_table, * FROM new;
SELECT count(*) FROM f WHERE a = -5;
WITH x AS (INSERT INTO f SELECT -6, 'x' FROM generate_series(1, 3) RETURNING *),
	y AS (INSERT INTO f SELECT a - 1, b FROM x RETURNING *)
	SELECT (SELECT count(*) FROM x), (SELECT count(*) FROM y);
SELECT a, count(*) FROM f WHERE a < 0 GROUP BY a ORDER BY a;

-- a volatile function inside INSERT sees the rows inserted so far, a stable
-- one those of before: visibility goes by command id
CREATE TABLE vh (a int, n bigint, m bigint);
CREATE TABLE vf (a int, n bigint, m bigint) USING flowstore;
CREATE FUNCTION seen_v(t regclass) RETURNS bigint LANGUAGE plpgsql VOLATILE AS
	$$ DECLARE n bigint; BEGIN EXECUTE 'SELECT count(*) FROM ' || t INTO n; RETURN n; END $$;
CREATE FUNCTION seen_s(t regclass) RETURNS bigint LANGUAGE plpgsql STABLE AS
	$$ DECLARE n bigint; BEGIN EXECUTE 'SELECT count(*) FROM ' || t INTO n; RETURN n; END $$;
INSERT INTO vh SELECT g, seen_v('vh'), seen_s('vh') FROM generate_series(1, 5) g;
INSERT INTO vf SELECT g, seen_v('vf'), seen_s('vf') FROM generate_series(1, 5) g;
SELECT * FROM vf ORDER BY a;
INSERT INTO vh SELECT g, seen_v('vh'), seen_s('vh') FROM generate_series(6, 3000) g;
INSERT INTO vf SELECT g, seen_v('vf'), seen_s('vf') FROM generate_series(6, 3000) g;
SELECT * FROM twin.diff('vh', 'vf');

-- a function that inserts while the outer query reads the same table
CREATE FUNCTION put(t regclass, v int) RETURNS int LANGUAGE plpgsql AS
	$$ BEGIN EXECUTE format('INSERT INTO %s VALUES (%s, 0, 0)', t, v); RETURN v; END $$;
SELECT count(put('vh', -a)), sum(a) FROM vh;
SELECT count(put('vf', -a)), sum(a) FROM vf;
SELECT * FROM twin.diff('vh', 'vf');

-- RETURNING, with system columns
CREATE TABLE r (a int, b text) USING flowstore;
INSERT INTO r VALUES (1, 'x'), (2, 'y') RETURNING a, b, tableoid::regclass, ctid IS NOT NULL AS has_ctid, r;
INSERT INTO r SELECT g, 'g' FROM generate_series(3, 2002) g RETURNING ctid \g /dev/null
WITH ins AS (INSERT INTO r SELECT g, 'h' FROM generate_series(3001, 4000) g RETURNING ctid, a)
	SELECT count(DISTINCT ctid), count(*) FROM ins;
CREATE TEMP TABLE tids (tid tid, a int);
WITH ins AS (INSERT INTO r SELECT g, 'i' FROM generate_series(5001, 8000) g RETURNING ctid, a)
	INSERT INTO tids SELECT * FROM ins;
-- the TID that RETURNING gave is the one that a scan gives
SELECT count(*), count(*) FILTER (WHERE r.a = tids.a) AS right FROM tids JOIN r ON r.ctid = tids.tid;
SELECT count(*) AS rows, count(DISTINCT ctid) AS tids FROM r;

-- ON CONFLICT DO NOTHING needs no index: a plain insert; a target needs one
INSERT INTO r VALUES (1, 'again') ON CONFLICT DO NOTHING;
SELECT count(*) FROM r WHERE a = 1;
INSERT INTO r VALUES (1, 'target') ON CONFLICT (a) DO NOTHING;
INSERT INTO r VALUES (1, 'update') ON CONFLICT (a) DO UPDATE SET b = 'no';

-- COPY in and out: text, csv, binary, column lists, WHERE, defaults, nulls
CREATE TABLE ch (id int, a inet, b text, c float8, d timestamptz, e bool, g int GENERATED ALWAYS AS (id * 2) STORED);
CREATE TABLE cf (LIKE ch INCLUDING ALL) USING flowstore;
INSERT INTO ch SELECT g, inet '10.0.0.0' + g, CASE WHEN g % 3 > 0 THEN repeat(chr(97 + g % 26), g % 40) END,
	g / 7.0::float8, '2024-01-01 UTC'::timestamptz + g * interval '7 s', g % 5 = 0 FROM generate_series(1, 5000) g;
SELECT current_setting('data_directory') || '/pg_stat_tmp' AS dir \gset
\set text :dir '/am_insert.txt'
\set csv :dir '/am_insert.csv'
\set bin :dir '/am_insert.bin'
COPY ch TO :'text';
COPY cf FROM :'text';
SELECT * FROM twin.diff('ch', 'cf');
COPY cf TO :'csv' (FORMAT csv, HEADER);
TRUNCATE cf;
COPY cf FROM :'csv' (FORMAT csv, HEADER match);
SELECT * FROM twin.diff('ch', 'cf');
COPY cf TO :'bin' (FORMAT binary);
TRUNCATE cf;
COPY cf FROM :'bin' (FORMAT binary);
SELECT * FROM twin.diff('ch', 'cf'), twin.bits('ch', 'cf', 'id');
TRUNCATE cf;
COPY cf FROM :'text' WHERE id % 100 = 0;
SELECT count(*), sum(g) FROM cf;
COPY (SELECT id, b FROM ch ORDER BY id) TO :'text';
TRUNCATE cf;
COPY cf (id, b) FROM :'text';
SELECT count(*), count(b), count(c), sum(g) FROM cf;
COPY (SELECT id, b FROM cf WHERE id < 4 ORDER BY id) TO STDOUT;
COPY cf (id, b) FROM STDIN;
10001	from stdin
10002	\N
\.
COPY cf (id, b) FROM STDIN (FORMAT csv, FREEZE);
10003,frozen
\.
BEGIN;
TRUNCATE cf;
COPY cf (id, b) FROM STDIN (FORMAT csv, FREEZE);
10003,frozen
\.
COMMIT;
SELECT id, b FROM cf ORDER BY id;

-- a COPY that fails half-way leaves nothing
COPY cf (id, b) FROM STDIN (FORMAT csv);
20001,good
20002,good
not a number,bad
\.
SELECT count(*) FROM cf WHERE id > 20000;
\set ON_ERROR_ROLLBACK on
BEGIN;
INSERT INTO cf (id) VALUES (30001);
COPY cf (id, b) FROM STDIN (FORMAT csv);
20001,good
not a number,bad
\.
INSERT INTO cf (id) VALUES (30002);
COMMIT;
\set ON_ERROR_ROLLBACK off
SELECT id FROM cf WHERE id > 20000 ORDER BY id;

-- numbers of rows around every size that the format knows
CREATE TABLE sizes (n int, a int, b text) USING flowstore;
DO $$
DECLARE n int;
BEGIN
	FOREACH n IN ARRAY ARRAY[1, 2, 7, 8, 9, 63, 64, 65, 255, 256, 257, 1000, 1023, 1024, 1025, 2047, 2048, 2049, 4097] LOOP
		INSERT INTO sizes SELECT n, g, 'v' || g FROM generate_series(1, n) g;
	END LOOP;
END $$;
SELECT n, count(*) = n AS complete, count(DISTINCT a) = n AS distinct, sum(a) = n::bigint * (n + 1) / 2 AS sum
	FROM sizes GROUP BY n HAVING count(*) <> n OR count(DISTINCT a) <> n OR sum(a) <> n::bigint * (n + 1) / 2;
SELECT count(*), count(DISTINCT n) FROM sizes;
CREATE TABLE chunk (n int, a int) USING flowstore;
INSERT INTO chunk SELECT 65535, g FROM generate_series(1, 65535) g;
INSERT INTO chunk SELECT 65536, g FROM generate_series(1, 65536) g;
INSERT INTO chunk SELECT 65537, g FROM generate_series(1, 65537) g;
INSERT INTO chunk SELECT 150000, g FROM generate_series(1, 150000) g;
COPY (SELECT 65535, g FROM generate_series(1, 65535) g) TO :'text';
COPY chunk FROM :'text';
COPY (SELECT 65536, g FROM generate_series(1, 65536) g) TO :'text';
COPY chunk FROM :'text';
COPY (SELECT 65537, g FROM generate_series(1, 65537) g) TO :'text';
COPY chunk FROM :'text';
SELECT n, count(*), count(DISTINCT a), min(a), max(a), sum(a) FROM chunk GROUP BY n ORDER BY n;

-- two tables filled in turns by one transaction
CREATE TABLE f2 (a int) USING flowstore;
CREATE TABLE f3 (a int) USING flowstore;
BEGIN;
DO $$ BEGIN
	FOR i IN 1..500 LOOP
		INSERT INTO f2 VALUES (i);
		INSERT INTO f3 VALUES (-i);
		IF i % 100 = 0 THEN
			INSERT INTO f3 SELECT a FROM f2 WHERE a = i;
		END IF;
	END LOOP;
END $$;
COMMIT;
SELECT count(*), sum(a) FROM f2;
SELECT count(*), sum(a) FROM f3;

DROP SCHEMA am_insert CASCADE;
