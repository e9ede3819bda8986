--
-- Savepoints and rollbacks: what is rolled back is gone, the rest stays.
-- Without this test: rows of an aborted subtransaction seen, or rows of its parent lost.
--
\set ECHO none
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
\getenv abs_srcdir PG_ABS_SRCDIR
\set twin :abs_srcdir '/test/differential/twin.sql'
\i :twin
\set ECHO all
CREATE SCHEMA am_transaction;
SET search_path = am_transaction;

CREATE TABLE h (a int, b text);
CREATE TABLE f (a int, b text) USING flowstore;

-- rollback, commit
BEGIN;
INSERT INTO f VALUES (1, 'gone');
SELECT * FROM f;
ROLLBACK;
SELECT * FROM f;
BEGIN;
INSERT INTO f SELECT g, 'gone' FROM generate_series(1, 70000) g;
SELECT count(*) FROM f;
ROLLBACK;
SELECT count(*) FROM f;

-- nested savepoints: roll back to, release, use one name twice
BEGIN;
INSERT INTO f VALUES (1, 'keep');
SAVEPOINT s;
INSERT INTO f VALUES (2, 'drop');
SAVEPOINT t;
INSERT INTO f VALUES (3, 'drop');
RELEASE t;
SELECT a FROM f ORDER BY a;
ROLLBACK TO s;
SELECT a FROM f ORDER BY a;
INSERT INTO f VALUES (4, 'keep');
SAVEPOINT s;
INSERT INTO f VALUES (5, 'keep');
RELEASE s;
SAVEPOINT u;
INSERT INTO f SELECT g, 'drop' FROM generate_series(100, 5000) g;
ROLLBACK TO u;
INSERT INTO f SELECT g, 'keep' FROM generate_series(6, 8) g;
RELEASE u;
SELECT a FROM f ORDER BY a;
COMMIT;
SELECT a, b FROM f ORDER BY a;

-- rows pending in the parent survive the child's abort, whatever the sizes
TRUNCATE f;
DO $$
DECLARE
	n int[] := ARRAY[1, 3, 100, 1023, 1024, 1025, 5000];
	outer_n int;
	inner_n int;
BEGIN
	FOREACH outer_n IN ARRAY n LOOP
		FOREACH inner_n IN ARRAY n LOOP
			INSERT INTO f SELECT outer_n, 'keep' FROM generate_series(1, outer_n);
			INSERT INTO h SELECT outer_n, 'keep' FROM generate_series(1, outer_n);
			BEGIN
				INSERT INTO f SELECT inner_n, 'drop' FROM generate_series(1, inner_n);
				RAISE EXCEPTION 'back';
			EXCEPTION WHEN raise_exception THEN
				NULL;
			END;
			BEGIN
				INSERT INTO f SELECT -inner_n, 'keep' FROM generate_series(1, inner_n);
				INSERT INTO h SELECT -inner_n, 'keep' FROM generate_series(1, inner_n);
			EXCEPTION WHEN raise_exception THEN
				NULL;
			END;
		END LOOP;
	END LOOP;
END $$;
SELECT * FROM twin.diff('h', 'f');

-- one subtransaction a row, every third fails
TRUNCATE h, f;
DO $$ BEGIN
	FOR i IN 1..600 LOOP
		BEGIN
			INSERT INTO f VALUES (i, 'loop');
			IF i % 3 = 0 THEN
				PERFORM 1 / 0;
			END IF;
			INSERT INTO h VALUES (i, 'loop');
		EXCEPTION WHEN division_by_zero THEN
			NULL;
		END;
	END LOOP;
END $$;
SELECT * FROM twin.diff('h', 'f');

-- nesting deeper than the 64 cached subtransactions
TRUNCATE h, f;
CREATE FUNCTION nest(t regclass, depth int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('INSERT INTO %s VALUES (%s, %L)', t, depth, 'down');
	IF depth > 0 THEN
		BEGIN
			PERFORM nest(t, depth - 1);
			IF depth % 7 = 0 AND depth < 30 THEN
				RAISE EXCEPTION 'back';
			END IF;
		EXCEPTION WHEN raise_exception THEN
			EXECUTE format('INSERT INTO %s VALUES (%s, %L)', t, depth, 'up');
		END;
	END IF;
END $$;
SELECT nest('h', 100), nest('f', 100);
SELECT * FROM twin.diff('h', 'f');

-- rows of an outer subtransaction, first read inside a nested one that is then
-- rolled back, released, or released into one that is rolled back
TRUNCATE f;
BEGIN;
INSERT INTO f VALUES (1, 'outer');
SAVEPOINT a;
SELECT count(*) FROM f;
ROLLBACK TO a;
SELECT count(*) FROM f;
INSERT INTO f VALUES (2, 'outer');
SAVEPOINT b;
SAVEPOINT c;
SELECT count(*) FROM f;
RELEASE c;
ROLLBACK TO b;
SELECT count(*) FROM f;
INSERT INTO f VALUES (3, 'outer');
SAVEPOINT d;
INSERT INTO f VALUES (4, 'inner');
SAVEPOINT e;
INSERT INTO f VALUES (5, 'innermost');
SELECT count(*) FROM f;
RELEASE e;
SELECT count(*) FROM f;
ROLLBACK TO d;
SELECT a FROM f ORDER BY a;
SAVEPOINT g;
SELECT count(*) FROM f;
RELEASE g;
RELEASE a;
SELECT a FROM f ORDER BY a;
COMMIT;
SELECT a FROM f ORDER BY a;
-- the same where the nested one is the last that reads before the end
BEGIN;
INSERT INTO f VALUES (10, 'outer');
SAVEPOINT a;
SAVEPOINT b;
SELECT count(*) FROM f;
RELEASE b;
ROLLBACK TO a;
COMMIT;
SELECT a FROM f ORDER BY a;
BEGIN;
INSERT INTO f VALUES (11, 'outer');
SAVEPOINT a;
SELECT count(*) FROM f;
SAVEPOINT b;
SELECT count(*) FROM f;
ROLLBACK TO b;
RELEASE a;
ROLLBACK;
SELECT max(a) FROM f;
-- in functions with exception blocks that read and write at every level
CREATE FUNCTION reads(t regclass, depth int) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	EXECUTE format('INSERT INTO %s VALUES (%s, %L)', t, depth, 'reads');
	BEGIN
		EXECUTE format('SELECT count(*) FROM %s', t) INTO n;
		IF depth > 0 THEN
			n := n + reads(t, depth - 1);
		END IF;
		EXECUTE format('INSERT INTO %s VALUES (%s, %L)', t, n % 1000, 'n');
		IF depth % 3 = 1 THEN
			RAISE EXCEPTION 'back';
		END IF;
	EXCEPTION WHEN raise_exception THEN
		EXECUTE format('SELECT count(*) FROM %s', t) INTO n;
		EXECUTE format('INSERT INTO %s VALUES (%s, %L)', t, n % 1000, 'again');
	END;
	RETURN n;
END $$;
TRUNCATE h, f;
SELECT reads('h', 12) = reads('f', 12) AS same;
SELECT * FROM twin.diff('h', 'f');
BEGIN;
SELECT reads('h', 7) = reads('f', 7) AS same;
SELECT * FROM twin.diff('h', 'f');
SAVEPOINT s;
SELECT reads('h', 9) = reads('f', 9) AS same;
ROLLBACK TO s;
SELECT * FROM twin.diff('h', 'f');
SELECT reads('h', 4) = reads('f', 4) AS same;
COMMIT;
SELECT * FROM twin.diff('h', 'f');

-- the visible part of a cursor opened before a rolled-back savepoint
BEGIN;
INSERT INTO f VALUES (1000, 'before');
DECLARE c CURSOR FOR SELECT a FROM f WHERE a >= 1000 ORDER BY a;
SAVEPOINT s;
INSERT INTO f VALUES (1001, 'after');
FETCH ALL FROM c;
ROLLBACK TO s;
MOVE BACKWARD ALL FROM c;
FETCH ALL FROM c;
SELECT a FROM f WHERE a >= 1000;
ROLLBACK;

-- COMMIT AND CHAIN, ROLLBACK AND CHAIN
TRUNCATE f;
BEGIN ISOLATION LEVEL REPEATABLE READ;
INSERT INTO f VALUES (1, 'chain');
COMMIT AND CHAIN;
INSERT INTO f VALUES (2, 'chain');
ROLLBACK AND CHAIN;
INSERT INTO f VALUES (3, 'chain');
COMMIT;
SELECT a FROM f ORDER BY a;

-- a procedure that commits and rolls back inside a loop over the table
CREATE PROCEDURE step() LANGUAGE plpgsql AS $$
DECLARE
	row record;
BEGIN
	FOR row IN SELECT a FROM f ORDER BY a LOOP
		INSERT INTO f VALUES (row.a * 10, 'proc');
		IF row.a = 1 THEN
			COMMIT;
		ELSE
			ROLLBACK;
		END IF;
	END LOOP;
END $$;
CALL step();
SELECT a FROM f ORDER BY a;

-- a read-only transaction reads and does not write
BEGIN READ ONLY;
SELECT count(*) FROM f;
INSERT INTO f VALUES (4, 'read only');
ROLLBACK;

-- an error inside COPY inside a savepoint
BEGIN;
INSERT INTO f VALUES (50, 'keep');
SAVEPOINT s;
COPY f FROM STDIN;
51	drop
oops	drop
\.
ROLLBACK TO s;
COPY f FROM STDIN;
52	keep
\.
COMMIT;
SELECT a FROM f WHERE a >= 50 ORDER BY a;

-- DDL in between: the pending rows of the same transaction are kept
BEGIN;
INSERT INTO f VALUES (60, 'pending');
SAVEPOINT s;
ALTER TABLE f ADD COLUMN c int DEFAULT 3;
INSERT INTO f VALUES (61, 'with c', 4);
SELECT * FROM f WHERE a >= 60 ORDER BY a;
ROLLBACK TO s;
INSERT INTO f VALUES (62, 'without c');
COMMIT;
SELECT * FROM f WHERE a >= 60 ORDER BY a;

-- statement timeout and cancel leave the table usable
SET statement_timeout = '50ms';
INSERT INTO f SELECT g, 'late' FROM generate_series(1, 100000000) g;
RESET statement_timeout;
SELECT count(*) FROM f WHERE b = 'late';
INSERT INTO f VALUES (70, 'after cancel');
SELECT count(*) FROM f WHERE a = 70;

DROP SCHEMA am_transaction CASCADE;
