--
-- Triggers, constraints, foreign keys, rules and row security on inserts.
-- Without this test: a trigger that sees the wrong row, or a constraint that is not checked.
--
\set ECHO none
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
\getenv abs_srcdir PG_ABS_SRCDIR
\set twin :abs_srcdir '/test/differential/twin.sql'
\i :twin
\set ECHO all
CREATE SCHEMA am_trigger;
SET search_path = am_trigger;

CREATE TABLE h (a int, b text, c int);
CREATE TABLE f (a int, b text, c int) USING flowstore;
CREATE TABLE log (t name, w text, l text, a int, n bigint, tid_ok bool);

-- BEFORE ROW: changes, skips and counts; AFTER ROW: reads the row again by its TID
CREATE FUNCTION before_row() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	EXECUTE 'SELECT count(*) FROM ' || TG_RELID::regclass INTO n;
	NEW.c := n;
	IF NEW.a % 5 = 0 THEN
		RETURN NULL;
	END IF;
	NEW.b := coalesce(NEW.b, 'trigger');
	RETURN NEW;
END $$;
CREATE FUNCTION after_row() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	EXECUTE 'SELECT count(*) FROM ' || TG_RELID::regclass || ' WHERE a = $1' USING NEW.a INTO n;
	INSERT INTO log VALUES (left(TG_TABLE_NAME, 0), TG_WHEN, TG_LEVEL, NEW.a, n);
	RETURN NULL;
END $$;
CREATE TRIGGER b BEFORE INSERT ON h FOR EACH ROW EXECUTE FUNCTION before_row();
CREATE TRIGGER b BEFORE INSERT ON f FOR EACH ROW EXECUTE FUNCTION before_row();
CREATE TRIGGER a AFTER INSERT ON h FOR EACH ROW EXECUTE FUNCTION after_row();
CREATE TRIGGER a AFTER INSERT ON f FOR EACH ROW EXECUTE FUNCTION after_row();
INSERT INTO h (a, b) VALUES (1, NULL), (2, 'own'), (5, 'skipped'), (7, NULL) RETURNING *;
INSERT INTO f (a, b) VALUES (1, NULL), (2, 'own'), (5, 'skipped'), (7, NULL) RETURNING *;
SELECT * FROM twin.diff('h', 'f');
SELECT w, l, a, n, count(*) FROM log GROUP BY 1, 2, 3, 4 ORDER BY a;
COPY h (a) FROM STDIN;
10
11
12
\.
COPY f (a) FROM STDIN;
10
11
12
\.
INSERT INTO h SELECT g FROM generate_series(100, 1500) g;
INSERT INTO f SELECT g FROM generate_series(100, 1500) g;
SELECT * FROM twin.diff('h', 'f');
SELECT count(*), count(DISTINCT (a, n)), max(n) FROM log;
-- WHEN, and a trigger that fails half-way
CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'row % refused', NEW.a; END $$;
CREATE TRIGGER c AFTER INSERT ON f FOR EACH ROW WHEN (NEW.a = 2003) EXECUTE FUNCTION fail();
INSERT INTO f SELECT g FROM generate_series(2001, 2010) g;
SELECT count(*) FROM f WHERE a > 2000;
DROP TRIGGER c ON f;
-- WHEN of an AFTER trigger over big values and many rows
CREATE TABLE seen (a int, l int);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO seen VALUES (NEW.a, length(NEW.b)); RETURN NULL; END $$;
CREATE TABLE long (a int, b text) USING flowstore;
CREATE TRIGGER n AFTER INSERT ON long FOR EACH ROW WHEN (length(NEW.b) > 4) EXECUTE FUNCTION note();
INSERT INTO long SELECT g, repeat('x', g * g) FROM generate_series(1, 300) g;
SELECT count(*), sum(l) = (SELECT sum(length(b)) FROM long WHERE length(b) > 4) AS same FROM seen;

-- statement triggers with a transition table
CREATE FUNCTION statement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE WARNING '% rows, sum %, % in the table', (SELECT count(*) FROM new_rows), (SELECT sum(a) FROM new_rows), (SELECT count(*) FROM t);
	RETURN NULL;
END $$;
CREATE TABLE t (a int) USING flowstore;
CREATE TRIGGER s AFTER INSERT ON t REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION statement();
INSERT INTO t VALUES (1), (2);
INSERT INTO t SELECT generate_series(1, 3000);
INSERT INTO t SELECT a FROM t WHERE false;
COPY t FROM STDIN;
5
6
\.

-- deferred constraint triggers keep TIDs to the end of the transaction
CREATE TABLE d (a int, b text) USING flowstore;
CREATE TABLE checked (a int, b text);
CREATE FUNCTION deferred() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO checked VALUES (NEW.a, NEW.b);
	IF NEW.a < 0 THEN
		RAISE EXCEPTION 'negative';
	END IF;
	RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER d AFTER INSERT ON d DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION deferred();
BEGIN;
INSERT INTO d VALUES (1, 'one');
INSERT INTO d SELECT g, 'row ' || g FROM generate_series(2, 3000) g;
SAVEPOINT s;
INSERT INTO d VALUES (-5, 'rolled back');
ROLLBACK TO s;
INSERT INTO d VALUES (3001, 'last');
SELECT count(*) FROM checked;
COMMIT;
SELECT * FROM twin.diff('checked', 'd');
BEGIN;
INSERT INTO d SELECT g, 'doomed' FROM generate_series(4000, 4010) g;
INSERT INTO d VALUES (-1, 'doomed');
COMMIT;
SELECT count(*) FROM d WHERE b = 'doomed';
BEGIN;
INSERT INTO d SELECT g, 'now' FROM generate_series(5000, 5100) g;
SET CONSTRAINTS ALL IMMEDIATE;
SELECT count(*) FROM checked WHERE b = 'now';
COMMIT;

-- foreign keys from a flowstore table: immediate, deferred, actions, NULLs, in COPY
CREATE TABLE host (id int PRIMARY KEY, name text, UNIQUE (id, name));
INSERT INTO host SELECT g, 'h' || g FROM generate_series(1, 100) g;
CREATE TABLE visit (id int, host int REFERENCES host) USING flowstore;
INSERT INTO visit SELECT g, 1 + g % 100 FROM generate_series(1, 3000) g;
INSERT INTO visit VALUES (-1, NULL);
INSERT INTO visit VALUES (-2, 101);
COPY visit FROM STDIN;
-3	102
\.
DELETE FROM host WHERE id = 7;
SELECT count(*) FROM visit;
INSERT INTO host VALUES (200);
DELETE FROM host WHERE id = 200;
ALTER TABLE visit DROP CONSTRAINT visit_host_fkey;
INSERT INTO visit VALUES (-4, 999);
ALTER TABLE visit ADD FOREIGN KEY (host) REFERENCES host;
ALTER TABLE visit ADD FOREIGN KEY (host) REFERENCES host NOT VALID;
ALTER TABLE visit VALIDATE CONSTRAINT visit_host_fkey;
CREATE TABLE later (a int, h int REFERENCES host DEFERRABLE INITIALLY DEFERRED) USING flowstore;
BEGIN;
INSERT INTO later VALUES (1, 300);
INSERT INTO host VALUES (300, 'late');
COMMIT;
BEGIN;
INSERT INTO later SELECT g, 301 FROM generate_series(1, 10) g;
COMMIT;
SELECT count(*) FROM later;
-- cascades; more of them in sql/change_foreign_key.sql
CREATE TABLE casc (a int, h int REFERENCES host ON DELETE CASCADE ON UPDATE SET NULL) USING flowstore;
INSERT INTO casc VALUES (1, 50), (2, 51);
\set VERBOSITY sqlstate
ALTER TABLE visit DROP CONSTRAINT visit_host_fkey;
DELETE FROM host WHERE id = 50;
UPDATE host SET id = 1051 WHERE id = 51;
SELECT a, h FROM casc;
-- a foreign key to a flowstore table has no unique index to lean on
CREATE TABLE child (a int REFERENCES visit (id));
\set VERBOSITY default

-- CHECK, NOT NULL, generated columns, whole-row CHECK
CREATE TABLE c (a int CHECK (a > 0), b int NOT NULL, g int GENERATED ALWAYS AS (a + b) STORED, CHECK (c IS NOT NULL)) USING flowstore;
INSERT INTO c VALUES (1, 2);
INSERT INTO c VALUES (0, 2);
INSERT INTO c VALUES (1, NULL);
INSERT INTO c SELECT g, CASE WHEN g < 1000 THEN g END FROM generate_series(1, 2000) g;
SELECT count(*), sum(g) FROM c;

-- rules: INSTEAD, ALSO; views: updatable, with check option, INSTEAD OF triggers
CREATE TABLE plain (a int, b text);
CREATE TABLE target (a int, b text) USING flowstore;
CREATE RULE also AS ON INSERT TO plain DO ALSO INSERT INTO target VALUES (NEW.a, NEW.b);
INSERT INTO plain VALUES (1, 'x'), (2, 'y');
INSERT INTO plain SELECT g, 'z' FROM generate_series(3, 1500) g;
SELECT * FROM twin.diff('plain', 'target');
CREATE RULE instead AS ON INSERT TO target WHERE NEW.a < 0 DO INSTEAD NOTHING;
INSERT INTO target VALUES (-1, 'nothing'), (0, 'zero');
SELECT min(a) FROM target;
CREATE VIEW v AS SELECT a, b FROM target WHERE a >= 0 WITH CHECK OPTION;
INSERT INTO v VALUES (7777, 'through view');
INSERT INTO v VALUES (-7, 'refused');
SELECT a, b FROM v WHERE a = 7777;
CREATE VIEW w AS SELECT a * 2 AS twice FROM target;
CREATE FUNCTION via() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO target VALUES (NEW.twice / 2, 'via'); RETURN NEW; END $$;
CREATE TRIGGER i INSTEAD OF INSERT ON w FOR EACH ROW EXECUTE FUNCTION via();
INSERT INTO w VALUES (123456);
SELECT a, b FROM target WHERE b = 'via';

-- row security: reading, WITH CHECK, leaky functions stay above the policy
CREATE TABLE secret (id int, owner name, v text) USING flowstore;
INSERT INTO secret SELECT g, CASE WHEN g % 2 = 0 THEN 'am_trigger_role' ELSE 'other' END, 'v' || g FROM generate_series(1, 2000) g;
CREATE ROLE am_trigger_role;
GRANT USAGE ON SCHEMA am_trigger TO am_trigger_role;
GRANT SELECT, INSERT ON secret TO am_trigger_role;
ALTER TABLE secret ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON secret USING (owner = CURRENT_USER) WITH CHECK (owner = CURRENT_USER);
CREATE FUNCTION leak(t text) RETURNS bool LANGUAGE plpgsql COST 0.0001 AS $$ BEGIN RAISE WARNING 'seen %', t; RETURN true; END $$;
SET ROLE am_trigger_role;
SELECT count(*), min(id), count(DISTINCT owner) FROM secret;
INSERT INTO secret VALUES (5000, CURRENT_USER, 'mine');
INSERT INTO secret VALUES (5001, 'other', 'not mine');
SELECT id, v FROM secret WHERE id < 4 AND leak(v);
SELECT count(*) FROM secret WHERE v = 'v1';
-- an error in an unsafe operator must not tell hidden values
SELECT count(*) FROM secret WHERE 1 / (id - 1) >= 0;
SELECT * FROM secret TABLESAMPLE BERNOULLI (100) WHERE id = 1;
COPY (SELECT count(*) FROM secret) TO STDOUT;
RESET ROLE;
CREATE VIEW barrier WITH (security_barrier) AS SELECT * FROM secret WHERE owner = 'other';
GRANT SELECT ON barrier TO am_trigger_role;
SET ROLE am_trigger_role;
SELECT id, v FROM barrier WHERE leak(v) AND id < 4;
-- column privileges
RESET ROLE;
CREATE TABLE cols (a int, b int) USING flowstore;
INSERT INTO cols VALUES (1, 2);
GRANT SELECT (a) ON cols TO am_trigger_role;
SET ROLE am_trigger_role;
SELECT a FROM cols;
SELECT b FROM cols;
SELECT * FROM cols;
SELECT count(*) FROM cols;
INSERT INTO cols VALUES (1, 2);
RESET ROLE;
DROP OWNED BY am_trigger_role;
DROP ROLE am_trigger_role;

DROP SCHEMA am_trigger CASCADE;
