--
-- Cursors: both directions, holdable, insensitive to later changes.
-- Without this test: FETCH BACKWARD gives other rows than FETCH FORWARD did.
--
\set ECHO none
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
\getenv abs_srcdir PG_ABS_SRCDIR
\set twin :abs_srcdir '/test/differential/twin.sql'
\i :twin
\set ECHO all
CREATE SCHEMA am_cursor;
SET search_path = am_cursor;

SELECT twin.create_flows(5000);

-- all rows forwards, then backwards: the second is the first, reversed
CREATE FUNCTION both_ways(query text) RETURNS TABLE (n int, mirrored bool, again bool)
LANGUAGE plpgsql AS $$
DECLARE
	c refcursor;
	row record;
	there text[];
	back text[];
	there2 text[];
BEGIN
	OPEN c SCROLL FOR EXECUTE query;
	LOOP
		FETCH NEXT FROM c INTO row;
		EXIT WHEN NOT FOUND;
		there := there || row::text;
	END LOOP;
	LOOP
		FETCH PRIOR FROM c INTO row;
		EXIT WHEN NOT FOUND;
		back := row::text || back;
	END LOOP;
	LOOP
		FETCH NEXT FROM c INTO row;
		EXIT WHEN NOT FOUND;
		there2 := there2 || row::text;
	END LOOP;
	n := cardinality(there);
	mirrored := there = back;
	again := there = there2;
	CLOSE c;
	RETURN NEXT;
END $$;
SELECT * FROM both_ways('SELECT * FROM flow_f');
SELECT * FROM both_ways('SELECT id, sni FROM flow_f WHERE dst_port = 53');
SELECT * FROM both_ways('SELECT id FROM flow_f WHERE ts < ''2024-03-01 00:03:00+00''');
SELECT * FROM both_ways('SELECT id FROM flow_f WHERE id IN (1, 1024, 1025, 2048, 5000)');
SELECT * FROM both_ways('SELECT FROM flow_f');
SET flowstore.enable_scan = off;
SELECT * FROM both_ways('SELECT * FROM flow_f');
SELECT * FROM both_ways('SELECT id, sni FROM flow_f WHERE dst_port = 53');
RESET flowstore.enable_scan;

-- the same over rows of every age: chunks, single rows, rows of this transaction
BEGIN;
INSERT INTO flow_f SELECT * FROM twin.flows(5001, 5003);
INSERT INTO flow_f SELECT * FROM twin.flows(5004, 8000);
INSERT INTO flow_f SELECT * FROM twin.flows(8001, 8001);
SELECT * FROM both_ways('SELECT * FROM flow_f');
ROLLBACK;

-- turning round in the middle
BEGIN;
DECLARE c SCROLL CURSOR FOR SELECT id FROM flow_f WHERE id <= 3000 ORDER BY id;
FETCH 3 FROM c;
FETCH BACKWARD 2 FROM c;
FETCH NEXT FROM c;
FETCH ABSOLUTE 1500 FROM c;
FETCH RELATIVE -500 FROM c;
FETCH LAST FROM c;
FETCH PRIOR FROM c;
FETCH FIRST FROM c;
FETCH BACKWARD 1 FROM c;
FETCH BACKWARD 1 FROM c;
FETCH NEXT FROM c;
MOVE FORWARD ALL FROM c;
FETCH NEXT FROM c;
FETCH PRIOR FROM c;
MOVE BACKWARD 1000 FROM c;
FETCH RELATIVE 0 FROM c;
MOVE ABSOLUTE 0 FROM c;
FETCH NEXT FROM c;
ROLLBACK;

-- turning round everywhere, in scan order, without a sort above the scan
CREATE FUNCTION zigzag(query text) RETURNS TABLE (steps int, wrong int)
LANGUAGE plpgsql AS $$
DECLARE
	c refcursor;
	row record;
	there text[];
	pos int := 0;
	step int;
BEGIN
	EXECUTE format('SELECT array_agg(q::text) FROM (%s) q', query) INTO there;
	there := NULL;
	OPEN c SCROLL FOR EXECUTE query;
	LOOP
		FETCH NEXT FROM c INTO row;
		EXIT WHEN NOT FOUND;
		there := there || row::text;
	END LOOP;
	MOVE ABSOLUTE 0 FROM c;
	steps := 0;
	wrong := 0;
	FOR i IN 1..400 LOOP
		step := (hashint4(i) % 300) + 20;
		IF pos + step BETWEEN 1 AND cardinality(there) THEN
			FETCH RELATIVE step FROM c INTO row;
			pos := pos + step;
			steps := steps + 1;
			IF row::text <> there[pos] THEN
				wrong := wrong + 1;
			END IF;
		END IF;
	END LOOP;
	CLOSE c;
	RETURN NEXT;
END $$;
SELECT steps > 300 AS many, wrong FROM zigzag('SELECT * FROM flow_f');
SELECT steps > 300 AS many, wrong FROM zigzag('SELECT id, bytes FROM flow_f WHERE protocol = 6');

-- a cursor does not see what comes after its opening
BEGIN;
CREATE TABLE t (a int) USING flowstore;
INSERT INTO t SELECT generate_series(1, 3);
DECLARE c SCROLL CURSOR FOR SELECT a FROM t ORDER BY a;
DECLARE u NO SCROLL CURSOR FOR SELECT a FROM t;
FETCH 1 FROM c;
INSERT INTO t SELECT generate_series(4, 2000);
FETCH ALL FROM c;
FETCH BACKWARD ALL FROM c;
SELECT count(*) FROM t;
FETCH ALL FROM u \g /dev/null
FETCH BACKWARD 1 FROM u;
ROLLBACK;

-- opened before the first row of the transaction
CREATE TABLE t (a int) USING flowstore;
BEGIN;
DECLARE c CURSOR FOR SELECT a FROM t;
INSERT INTO t VALUES (1);
FETCH ALL FROM c;
DECLARE d CURSOR FOR SELECT a FROM t;
INSERT INTO t VALUES (2);
FETCH ALL FROM d;
SAVEPOINT s;
INSERT INTO t VALUES (3);
DECLARE e CURSOR FOR SELECT a FROM t ORDER BY a;
INSERT INTO t VALUES (4);
FETCH ALL FROM e;
RELEASE s;
MOVE BACKWARD ALL FROM e;
FETCH ALL FROM e;
COMMIT;
SELECT a FROM t ORDER BY a;

-- one cursor in a loop that inserts into the table it reads
DO $$
DECLARE
	row record;
	n int := 0;
BEGIN
	FOR row IN SELECT a FROM t LOOP
		INSERT INTO t VALUES (row.a + 100);
		n := n + 1;
	END LOOP;
	RAISE WARNING '% rows read', n;
END $$;
SELECT count(*), sum(a) FROM t;

-- WITH HOLD outlives the transaction, and TRUNCATE and DROP of the table
BEGIN;
DECLARE held SCROLL CURSOR WITH HOLD FOR SELECT a FROM t ORDER BY a;
FETCH 2 FROM held;
INSERT INTO t VALUES (1000);
COMMIT;
TRUNCATE t;
FETCH NEXT FROM held;
DROP TABLE t;
FETCH ALL FROM held;
FETCH BACKWARD 2 FROM held;
CLOSE held;

-- WHERE CURRENT OF names the row that was fetched last
BEGIN;
DECLARE c CURSOR FOR SELECT * FROM flow_f;
DELETE FROM flow_f WHERE CURRENT OF c;
ROLLBACK;
BEGIN;
DECLARE c CURSOR FOR SELECT src_addr FROM flow_f WHERE id > 1020 AND dst_port = 443;
FETCH 3 FROM c \g /dev/null
FETCH 1 FROM c;
DELETE FROM flow_f WHERE CURRENT OF c RETURNING id, src_addr;
UPDATE flow_f SET bytes = 0 WHERE CURRENT OF c;
FETCH 1 FROM c;
UPDATE flow_f SET bytes = 1 WHERE CURRENT OF c RETURNING id, src_addr;
SELECT count(*) FROM flow_f;
ROLLBACK;
SELECT count(*) FROM flow_f;

-- many cursors over one table at once
BEGIN;
DO $$
DECLARE
	c refcursor[];
	cur refcursor;
	got int;
	wrong int := 0;
BEGIN
	FOR i IN 1..30 LOOP
		cur := NULL;
		OPEN cur FOR EXECUTE format('SELECT id::int FROM flow_f WHERE id %% 30 = %s ORDER BY id', i - 1);
		c := c || cur;
	END LOOP;
	FOR k IN 1..100 LOOP
		FOR i IN 1..30 LOOP
			cur := c[i];
			FETCH NEXT FROM cur INTO got;
			IF got % 30 <> i - 1 THEN
				wrong := wrong + 1;
			END IF;
		END LOOP;
	END LOOP;
	RAISE WARNING '% wrong', wrong;
END $$;
COMMIT;

DROP SCHEMA am_cursor CASCADE;
