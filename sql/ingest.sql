-- What collectors have written: flow.ingest, flow.note_ingest and flow.forget_ingest.
-- Without this test: rows that count twice, or never.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
\set SHOW_CONTEXT never
CREATE SCHEMA ingest;
SET search_path = ingest, public;
CREATE TABLE f (a int) USING flowstore;
CREATE TABLE g (a int) USING flowstore;
CREATE VIEW noted AS
    SELECT source, relation, first, next, rows FROM flow.ingest
    WHERE source ~ 'ingest_test' ORDER BY source, relation::text, first;

-- Adjacent ranges become one, from either side; others stay alone.
SELECT flow.note_ingest('spool:ingest_test', 'f', 0, 100, 7);
SELECT flow.note_ingest('spool:ingest_test', 'f', 100, 150, 3);
SELECT flow.note_ingest('spool:ingest_test', 'f', 300, 400, 5);
TABLE noted;
SELECT flow.note_ingest('spool:ingest_test', 'f', 200, 300, 0);
TABLE noted;
SELECT flow.note_ingest('spool:ingest_test', 'f', 150, 200, 1);
TABLE noted;

-- What is noted cannot be noted again, in whole or in part, and the rows that came with it go, too.
BEGIN;
INSERT INTO f VALUES (1);
SELECT flow.note_ingest('spool:ingest_test', 'f', 100, 150, 1);
COMMIT;
SELECT count(*) FROM f;
SELECT flow.note_ingest('spool:ingest_test', 'f', 399, 500, 1);
SELECT flow.note_ingest('spool:ingest_test', 'f', 0, 1000, 1);

-- Another source, or another table, is another matter.
SELECT flow.note_ingest('file:ingest_test', 'f', 0, 9223372036854775807, 4);
SELECT flow.note_ingest('spool:ingest_test', 'g', 0, 10, 1);
TABLE noted;

-- Ranges are in order.
\set VERBOSITY terse
SELECT flow.note_ingest('spool:ingest_test', 'g', 20, 20, 1);
SELECT flow.note_ingest('spool:ingest_test', 'g', -1, 0, 1);

\set VERBOSITY default
-- A watched file is forgotten when it is old, others are not; all are with their table.
SELECT flow.note_ingest('watch:ingest_test', 'f', 0, 10, 1), flow.note_ingest('watch:ingest_test', 'g', 0, 10, 1);
UPDATE flow.ingest SET written = now() - interval '2 days' WHERE source ~ 'ingest_test' AND relation = 'f'::regclass;
SELECT ranges FROM flow.forget_ingest('1 day');
UPDATE flow.ingest SET written = now() - interval '2 days' WHERE source ~ 'ingest_test';
SELECT ranges FROM flow.forget_ingest('1 day');
TABLE noted;
DROP TABLE f;
SELECT ranges FROM flow.forget_ingest('1 day');
TABLE noted;

-- It takes the privileges on the table, and no more.
CREATE ROLE ingest_writer;
GRANT USAGE ON SCHEMA ingest TO ingest_writer;
SET ROLE ingest_writer;
SELECT flow.note_ingest('spool:ingest_test', 'g', 10, 20, 1);
RESET ROLE;
GRANT SELECT, INSERT, UPDATE, DELETE ON flow.ingest TO ingest_writer;
SET ROLE ingest_writer;
SELECT flow.note_ingest('spool:ingest_test', 'g', 10, 20, 1);
SELECT count(*) FROM flow.ingest WHERE source = 'spool:ingest_test';
RESET ROLE;
REVOKE ALL ON flow.ingest FROM ingest_writer;

DELETE FROM flow.ingest WHERE source ~ 'ingest_test';
REVOKE USAGE ON SCHEMA ingest FROM ingest_writer;
DROP ROLE ingest_writer;
DROP VIEW noted;
DROP TABLE g;
DROP SCHEMA ingest;
