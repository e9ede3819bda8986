-- The log of changes under rollups: every change of a watched table is covered
-- by a row that commits with it; nothing else is.  Without this test: rollups
-- that miss late or deleted rows.
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
DELETE FROM flow.rollup_change;
CREATE TABLE watched (ts timestamptz, v int) USING flowstore;
CREATE TABLE plain (ts timestamptz, v int) USING flowstore;

-- takes the log and shows it
CREATE FUNCTION taken(OUT relation regclass, OUT since timestamptz, OUT until timestamptz, OUT expired boolean)
RETURNS SETOF record LANGUAGE sql AS
$$ WITH gone AS (DELETE FROM flow.rollup_change RETURNING *) SELECT * FROM gone ORDER BY 1, 2, 3, 4 $$;

-- not watched: nothing
INSERT INTO watched VALUES ('2026-01-01 10:00', 1);
SELECT * FROM taken();

CREATE TRIGGER flow_rollup AFTER TRUNCATE ON watched
    FOR EACH STATEMENT EXECUTE FUNCTION flow.rollup_watch('ts');

-- single rows, ROWS items and chunks; the end is a microsecond after the last
INSERT INTO watched VALUES ('2026-01-01 10:00:30', 2);
INSERT INTO plain VALUES ('2026-01-01 10:00:30', 2);
SELECT * FROM taken();
INSERT INTO watched SELECT '2026-01-01 11:00'::timestamptz + g * interval '1 s', g FROM generate_series(1, 600) g;
SELECT * FROM taken();
-- rows of several hours: a minute or more between them stays
INSERT INTO watched VALUES ('2026-01-01 08:00', 1), ('2026-01-01 09:30', 1), ('2026-01-01 09:30:59', 1);
SELECT * FROM taken();
-- without a time there is nothing to note; infinity is a time
INSERT INTO watched VALUES (NULL, 1);
SELECT * FROM taken();
INSERT INTO watched VALUES ('-infinity', 1), ('infinity', 2);
SELECT * FROM taken();
DELETE FROM watched WHERE NOT isfinite(ts) OR ts IS NULL;
DELETE FROM flow.rollup_change;

-- DELETE and UPDATE note the item that held the row
DELETE FROM watched WHERE ts = '2026-01-01 10:00:30';
SELECT * FROM taken();
DELETE FROM watched WHERE v = 300;
SELECT * FROM taken();
UPDATE watched SET ts = ts + interval '1 day' WHERE v = 301;
SELECT * FROM taken();
DELETE FROM watched WHERE v = -1;
SELECT * FROM taken();
-- moving rows is no change
SELECT count(*) >= 0 FROM flow.optimize('watched', "full" => true);
VACUUM watched;
SELECT * FROM taken();
TRUNCATE watched;
SELECT * FROM taken();

-- aborted: nothing; savepoints: what commits is there
BEGIN; INSERT INTO watched VALUES ('2026-01-02 00:00', 1); ROLLBACK;
SELECT * FROM taken();
BEGIN;
INSERT INTO watched VALUES ('2026-01-02 01:00', 1);
SAVEPOINT a;
INSERT INTO watched VALUES ('2026-01-02 03:00', 1);
RELEASE a;
SAVEPOINT b;
INSERT INTO watched VALUES ('2026-01-02 05:00', 1);
ROLLBACK TO b;
COMMIT;
SELECT since FROM taken() WHERE since <> '2026-01-02 05:00';
-- many ranges become few, and cover all
INSERT INTO watched SELECT '2026-02-01'::timestamptz + g * interval '1 hour', g FROM generate_series(1, 500) g;
SELECT count(*), min(since), max(until) FROM taken();
-- a transaction that loads, truncates and loads
BEGIN; INSERT INTO watched VALUES ('2026-01-05', 1); TRUNCATE watched; INSERT INTO watched VALUES ('2026-01-06', 1); COMMIT;
SELECT * FROM taken();

-- expiry is no change, but known
INSERT INTO watched SELECT '2026-01-06'::timestamptz + g * interval '1 hour', g FROM generate_series(1, 100) g;
DELETE FROM flow.rollup_change;
SELECT flow.set('watched', retain => '1 day');
SELECT rows FROM flow.expire('watched');
SELECT relation, since, until <= (SELECT min(ts) FROM watched) AS is_before_rest, until, expired FROM taken();
SELECT flow.set('watched', retain => NULL, max_rows => 10, slack => 0);
INSERT INTO watched VALUES ('2026-01-10 05:00', 1);
SELECT relation, since, until, expired, (SELECT min(ts) FROM watched) AS rest FROM taken() WHERE expired;
SELECT flow.set('watched', max_rows => NULL, slack => NULL);

-- another column than the time column: the whole table
DROP TRIGGER flow_rollup ON watched;
CREATE TRIGGER flow_rollup AFTER TRUNCATE ON watched
    FOR EACH STATEMENT EXECUTE FUNCTION flow.rollup_watch('other');
INSERT INTO watched VALUES ('2026-01-10 06:00', 1);
SELECT * FROM taken();
DROP TRIGGER flow_rollup ON watched;
INSERT INTO watched VALUES ('2026-01-10 07:00', 1);
SELECT * FROM taken();

-- heap tables: statement triggers
CREATE TABLE heaped (a int, ts timestamptz) USING heap;
CREATE TRIGGER w1 AFTER INSERT ON heaped REFERENCING NEW TABLE AS n
    FOR EACH STATEMENT EXECUTE FUNCTION flow.rollup_watch('ts');
CREATE TRIGGER w2 AFTER UPDATE ON heaped REFERENCING OLD TABLE AS o NEW TABLE AS n
    FOR EACH STATEMENT EXECUTE FUNCTION flow.rollup_watch('ts');
CREATE TRIGGER w3 AFTER DELETE ON heaped REFERENCING OLD TABLE AS o
    FOR EACH STATEMENT EXECUTE FUNCTION flow.rollup_watch('ts');
CREATE TRIGGER w4 AFTER TRUNCATE ON heaped
    FOR EACH STATEMENT EXECUTE FUNCTION flow.rollup_watch('ts');
INSERT INTO heaped VALUES (1, '2026-01-01'), (2, '2026-01-02'), (3, NULL);
SELECT * FROM taken();
UPDATE heaped SET ts = '2026-01-03' WHERE a = 1;
SELECT * FROM taken();
DELETE FROM heaped WHERE a = 2;
SELECT * FROM taken();
UPDATE heaped SET a = a WHERE false;
SELECT * FROM taken();
TRUNCATE heaped;
SELECT * FROM taken();

-- what would make the log untrue is refused
ALTER TABLE heaped RENAME ts TO t;
ALTER TABLE heaped RENAME a TO b;
CREATE TRIGGER flow_rollup AFTER TRUNCATE ON watched
    FOR EACH STATEMENT EXECUTE FUNCTION flow.rollup_watch('ts');
ALTER TABLE watched RENAME ts TO t;
ALTER TABLE watched SET ACCESS METHOD heap;
SELECT flow.rollup_watch();
CREATE TRIGGER wrong BEFORE INSERT ON heaped FOR EACH STATEMENT EXECUTE FUNCTION flow.rollup_watch('ts');
INSERT INTO heaped VALUES (1, '2026-01-01');

-- everybody may read the log, nobody write it
CREATE ROLE rollup_nobody;
GRANT INSERT ON watched TO rollup_nobody;
SET ROLE rollup_nobody;
INSERT INTO watched VALUES ('2026-01-11', 1);
SELECT since FROM flow.rollup_change;
DELETE FROM flow.rollup_change;
RESET ROLE;
REVOKE ALL ON watched FROM rollup_nobody;
DROP ROLE rollup_nobody;
DELETE FROM flow.rollup_change;
DROP FUNCTION taken;
DROP TABLE watched, plain, heaped;
