-- Rows that are pending when a nested subtransaction reads them: they are
-- written under its xid and must survive its rollback, for every reader.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
CREATE SCHEMA am_nested;
SET search_path = am_nested;

CREATE FUNCTION left_in(c refcursor) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE n bigint;
BEGIN
	MOVE FORWARD ALL FROM c;
	GET DIAGNOSTICS n = ROW_COUNT;
	RETURN n;
END $$;

-- a cursor whose first row is fetched inside a savepoint that is rolled back
CREATE TABLE spread (ts timestamptz, id int) USING flowstore;
CREATE TABLE dense (id int, v text) USING flowstore;
BEGIN;
INSERT INTO spread SELECT '2026-01-01 00:00+00'::timestamptz + g * interval '1 hour', g FROM generate_series(1, 3000) g;
INSERT INTO dense SELECT g, md5(g::text) FROM generate_series(1, 60000) g;
DECLARE c CURSOR FOR SELECT id FROM spread;
DECLARE d CURSOR FOR SELECT id, v FROM dense;
SAVEPOINT s;
FETCH 1 FROM c \g /dev/null
FETCH 1 FROM d \g /dev/null
ROLLBACK TO s;
SELECT left_in('c');
SELECT left_in('d');
COMMIT;
SELECT count(*), sum(id) FROM spread;
SET flowstore.enable_scan = off;
BEGIN;
INSERT INTO spread SELECT '2026-01-01 00:00+00'::timestamptz + g * interval '1 hour', g FROM generate_series(1, 3000) g;
DECLARE c CURSOR FOR SELECT id FROM spread;
SAVEPOINT s;
FETCH 1 FROM c \g /dev/null
ROLLBACK TO s;
SELECT left_in('c');
COMMIT;
RESET flowstore.enable_scan;

-- rows fetched by TID after they were written twice
CREATE TABLE twice (ts timestamptz, id int) USING flowstore;
BEGIN;
INSERT INTO twice SELECT '2026-01-01 00:00+00'::timestamptz + (g * 7919 % 41) * interval '1 hour', g FROM generate_series(1, 1000) g;
SAVEPOINT s;
SELECT count(*) FROM twice;
ROLLBACK TO s;
SELECT count(*) FROM twice;
ROLLBACK TO s;
SELECT count(*) FROM twice;
ROLLBACK TO s;
COMMIT;
SELECT count(*) FROM twice WHERE ctid = ANY (ARRAY(SELECT ctid FROM twice));
SET flowstore.enable_scan = off;
SELECT count(*) FROM twice WHERE ctid = ANY (ARRAY(SELECT ctid FROM twice));
RESET flowstore.enable_scan;

-- a statement whose every row is read by a nested subtransaction that fails
CREATE TABLE each_row (ts timestamptz, id int, seen int) USING flowstore;
CREATE FUNCTION rows_before() RETURNS int LANGUAGE plpgsql AS $$
DECLARE n int;
BEGIN
	BEGIN
		SELECT count(*) INTO n FROM each_row;
		RAISE EXCEPTION 'x';
	EXCEPTION WHEN raise_exception THEN
		RETURN n;
	END;
END $$;
INSERT INTO each_row SELECT '2026-01-01 00:00+00'::timestamptz + (g % 2) * interval '1 hour', g, rows_before() FROM generate_series(1, 600) g;
SELECT count(*), count(DISTINCT id), count(DISTINCT ctid), sum(seen) FROM each_row;
SELECT * FROM flow.check('each_row');

-- rollback at each level of four savepoints
CREATE TABLE levels (id int) USING flowstore;
BEGIN;
INSERT INTO levels SELECT generate_series(1, 100);
SAVEPOINT a;
INSERT INTO levels SELECT generate_series(101, 200);
SELECT count(*) FROM levels;
SAVEPOINT b;
INSERT INTO levels SELECT generate_series(201, 300);
SELECT count(*) FROM levels;
SAVEPOINT c;
INSERT INTO levels SELECT generate_series(301, 400);
ROLLBACK TO c;
SELECT count(*) FROM levels;
ROLLBACK TO b;
SELECT count(*) FROM levels;
RELEASE a;
SELECT count(*) FROM levels;
COMMIT;
SELECT count(*), min(id), max(id) FROM levels;

DROP SCHEMA am_nested CASCADE;
