--
-- TRUNCATE in every combination of creation, writes and rollbacks.
-- Without this test: cached state of the old file: rows lost or found again after TRUNCATE.
--
\set ECHO none
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
\getenv abs_srcdir PG_ABS_SRCDIR
\set twin :abs_srcdir '/test/differential/twin.sql'
\i :twin
\set ECHO all
CREATE SCHEMA am_truncate;
SET search_path = am_truncate;

CREATE TABLE t (a int, b text) USING flowstore;
INSERT INTO t SELECT g, 'old' FROM generate_series(1, 3000) g;
TRUNCATE t;
SELECT count(*), pg_relation_size('t') FROM t;
INSERT INTO t VALUES (1, 'new');
SELECT * FROM t;

-- rolled back: everything is as before, also the pending rows of before
BEGIN;
INSERT INTO t VALUES (2, 'pending');
TRUNCATE t;
SELECT count(*) FROM t;
INSERT INTO t VALUES (3, 'doomed');
SELECT a FROM t;
ROLLBACK;
SELECT a, b FROM t ORDER BY a;

-- twice in one transaction, with rows in between, rolled back and committed
BEGIN;
TRUNCATE t;
INSERT INTO t VALUES (10, 'first');
TRUNCATE t;
INSERT INTO t VALUES (11, 'second');
SELECT a FROM t;
ROLLBACK;
SELECT a FROM t;
BEGIN;
TRUNCATE t;
INSERT INTO t SELECT g, 'first' FROM generate_series(1, 70000) g;
TRUNCATE t;
INSERT INTO t VALUES (11, 'second');
INSERT INTO t SELECT g, 'second' FROM generate_series(12, 15) g;
COMMIT;
SELECT a FROM t ORDER BY a;

-- in a savepoint
BEGIN;
INSERT INTO t VALUES (20, 'outer');
SAVEPOINT s;
TRUNCATE t;
INSERT INTO t VALUES (21, 'inner');
ROLLBACK TO s;
SELECT count(*), max(a) FROM t;
SAVEPOINT s2;
TRUNCATE t;
INSERT INTO t VALUES (22, 'inner');
SAVEPOINT s3;
TRUNCATE t;
INSERT INTO t VALUES (23, 'innermost');
ROLLBACK TO s3;
SELECT a FROM t;
RELEASE s2;
INSERT INTO t VALUES (24, 'outer');
COMMIT;
SELECT a FROM t ORDER BY a;

-- created, filled and truncated in one transaction: no new file, truncated in place
BEGIN;
CREATE TABLE n (a int) USING flowstore;
INSERT INTO n VALUES (1);
TRUNCATE n;
INSERT INTO n VALUES (2);
TRUNCATE n;
INSERT INTO n SELECT generate_series(3, 2000);
SELECT count(*), min(a) FROM n;
SAVEPOINT s;
TRUNCATE n;
INSERT INTO n VALUES (-1);
ROLLBACK TO s;
SELECT count(*), min(a) FROM n;
TRUNCATE n;
INSERT INTO n VALUES (7);
COMMIT;
SELECT a FROM n;
INSERT INTO n VALUES (8);
SELECT a FROM n ORDER BY a;

-- the same with a rollback, then the name again
BEGIN;
CREATE TABLE gone (a int) USING flowstore;
INSERT INTO gone VALUES (1);
TRUNCATE gone;
INSERT INTO gone VALUES (2);
ROLLBACK;
CREATE TABLE gone (a int) USING flowstore;
INSERT INTO gone VALUES (3);
SELECT * FROM gone;

-- TRUNCATE many rows, many times; heap beside it
CREATE TABLE h (a int);
CREATE TABLE f (a int) USING flowstore;
DO $$ BEGIN
	FOR i IN 1..20 LOOP
		INSERT INTO h SELECT generate_series(i, i * 100);
		INSERT INTO f SELECT generate_series(i, i * 100);
		IF i % 4 = 0 THEN
			TRUNCATE h, f;
			INSERT INTO h VALUES (-i);
			INSERT INTO f VALUES (-i);
		END IF;
		BEGIN
			TRUNCATE h, f;
			INSERT INTO f VALUES (0);
			IF i % 5 <> 0 THEN
				RAISE EXCEPTION 'back';
			END IF;
			INSERT INTO h VALUES (0);
		EXCEPTION WHEN raise_exception THEN
			NULL;
		END;
	END LOOP;
END $$;
SELECT * FROM twin.diff('h', 'f');

-- RESTART IDENTITY, CASCADE through a foreign key, ONLY
CREATE TABLE i (a int GENERATED ALWAYS AS IDENTITY, b int) USING flowstore;
INSERT INTO i (b) VALUES (1), (2);
TRUNCATE i RESTART IDENTITY;
INSERT INTO i (b) VALUES (3);
SELECT * FROM i;
CREATE TABLE pk (a int PRIMARY KEY);
CREATE TABLE fk (a int REFERENCES pk) USING flowstore;
INSERT INTO pk VALUES (1);
INSERT INTO fk VALUES (1), (NULL);
TRUNCATE pk;
TRUNCATE pk CASCADE;
SELECT count(*) FROM fk;

-- triggers of TRUNCATE fire
CREATE FUNCTION say() RETURNS trigger LANGUAGE plpgsql AS
	$$ BEGIN RAISE WARNING '% % %', TG_WHEN, TG_OP, TG_TABLE_NAME; RETURN NULL; END $$;
CREATE TRIGGER b BEFORE TRUNCATE ON i FOR EACH STATEMENT EXECUTE FUNCTION say();
CREATE TRIGGER a AFTER TRUNCATE ON i FOR EACH STATEMENT EXECUTE FUNCTION say();
TRUNCATE i;

-- a cursor of the same transaction keeps the table from being truncated
BEGIN;
DECLARE c CURSOR FOR SELECT a FROM t;
FETCH 1 FROM c \g /dev/null
TRUNCATE t;
ROLLBACK;
SELECT count(*) > 0 AS still FROM t;

DROP SCHEMA am_truncate CASCADE;
