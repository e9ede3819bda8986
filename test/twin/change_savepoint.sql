CREATE TABLE t (id int, v text);
INSERT INTO t SELECT g, 'row ' || g FROM generate_series(1, 3000) g;
CREATE FUNCTION now_in() RETURNS text LANGUAGE sql AS $$ SELECT format('%s rows, sum %s, %s', count(*), sum(id), count(*) FILTER (WHERE v NOT LIKE 'row%')) FROM t $$;
BEGIN;
DELETE FROM t WHERE id = 1;
SAVEPOINT a;
DELETE FROM t WHERE id = 2;
UPDATE t SET v = 'a' WHERE id = 3;
SAVEPOINT b;
DELETE FROM t WHERE id IN (1, 2, 3, 4);
UPDATE t SET v = 'b' WHERE id = 5;
SELECT now_in();
ROLLBACK TO b;
SELECT now_in();
UPDATE t SET v = 'b again' WHERE id IN (3, 4, 5);
RELEASE b;
ROLLBACK TO a;
SELECT now_in();
DELETE FROM t WHERE id IN (2, 3);
SAVEPOINT c;
INSERT INTO t VALUES (5001, 'c');
DELETE FROM t WHERE id = 5001 OR id = 6;
RELEASE c;
SAVEPOINT d;
UPDATE t SET v = 'd' WHERE id BETWEEN 7 AND 2000;
SAVEPOINT e;
DELETE FROM t WHERE v = 'd';
ROLLBACK TO e;
SAVEPOINT f;
DELETE FROM t WHERE v = 'd' AND id < 1000;
ROLLBACK TO d;
SELECT now_in();
COMMIT;
SELECT now_in();
-- the same row again and again, each time taken back
DO $$
BEGIN
	FOR i IN 1..30 LOOP
		BEGIN
			DELETE FROM t WHERE id = 10;
			UPDATE t SET v = 'doomed' WHERE id BETWEEN 11 AND 11 + i;
			IF i % 2 = 0 THEN RAISE EXCEPTION 'back'; END IF;
			INSERT INTO t VALUES (10, 'row again');
		EXCEPTION WHEN raise_exception THEN NULL;
		END;
	END LOOP;
END $$;
SELECT now_in();
-- an inner block reads what the outer one has deleted, fails, and the outer one goes on
DO $$
DECLARE
	n int;
BEGIN
	FOR i IN 100..140 LOOP
		DELETE FROM t WHERE id = i;
		BEGIN
			SELECT count(*) INTO n FROM t WHERE id BETWEEN 100 AND 140;
			IF n <> 140 - i THEN RAISE WARNING '% rows at %', n, i; END IF;
			DELETE FROM t WHERE id = i + 1000;
			UPDATE t SET v = 'inner' WHERE id = i + 1100;
			PERFORM 1 / (i % 2);
		EXCEPTION WHEN division_by_zero THEN
			UPDATE t SET v = 'handler' WHERE id = i + 1000;
		END;
	END LOOP;
END $$;
SELECT now_in();
SELECT v, count(*) FROM t WHERE v !~ '^row' GROUP BY v ORDER BY v;
-- procedures that commit
CREATE PROCEDURE step(n int) LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1..n LOOP
		DELETE FROM t WHERE id = 200 + i;
		UPDATE t SET v = 'p' || i WHERE id = 300;
		IF i % 3 = 0 THEN ROLLBACK; ELSE COMMIT; END IF;
	END LOOP;
END $$;
CALL step(10);
SELECT id, v FROM t WHERE id BETWEEN 200 AND 212 OR id = 300 ORDER BY id;
-- cursors: opened before a change, held, and naming the row to change
BEGIN;
DECLARE c SCROLL CURSOR FOR SELECT id FROM t ORDER BY id;
DECLARE u CURSOR FOR SELECT id FROM t;
DECLARE held CURSOR WITH HOLD FOR SELECT id FROM t ORDER BY id;
FETCH 3 FROM c;
DELETE FROM t WHERE id < 20;
FETCH 3 FROM c;
MOVE ABSOLUTE 0 FROM c;
FETCH 2 FROM c;
UPDATE t SET id = -id WHERE id < 30;
MOVE FORWARD ALL FROM u;
FETCH 1 FROM c;
SAVEPOINT s;
DECLARE d CURSOR FOR SELECT id FROM t WHERE id < 0 ORDER BY id;
DELETE FROM t WHERE id < 0;
FETCH 2 FROM d;
ROLLBACK TO s;
SELECT count(*) FROM t WHERE id < 0;
COMMIT;
FETCH 3 FROM held;
CLOSE held;
SELECT now_in();
BEGIN;
DECLARE c CURSOR FOR SELECT * FROM t WHERE id BETWEEN 500 AND 520;
FETCH 5 FROM c \g /dev/null
UPDATE t SET v = 'current' WHERE CURRENT OF c RETURNING id, v;
UPDATE t SET v = 'again' WHERE CURRENT OF c;
FETCH 1 FROM c;
DELETE FROM t WHERE CURRENT OF c RETURNING id, v;
DELETE FROM t WHERE CURRENT OF c;
FETCH 1 FROM c;
SAVEPOINT s;
DELETE FROM t WHERE CURRENT OF c RETURNING id;
ROLLBACK TO s;
DELETE FROM t WHERE CURRENT OF c RETURNING id;
COMMIT;
DO $$
DECLARE
	c CURSOR FOR SELECT * FROM t WHERE id BETWEEN 600 AND 700;
BEGIN
	FOR r IN c LOOP
		IF r.id % 3 = 0 THEN DELETE FROM t WHERE CURRENT OF c;
		ELSIF r.id % 3 = 1 THEN UPDATE t SET v = 'loop ' || r.id WHERE CURRENT OF c;
		END IF;
	END LOOP;
END $$;
SELECT now_in();
-- a loop over the table that it changes sees what it saw when it began
DO $$
DECLARE
	r record;
	n int := 0;
BEGIN
	FOR r IN SELECT id FROM t WHERE id BETWEEN 800 AND 1000 LOOP
		DELETE FROM t WHERE id = 1800 - r.id;
		UPDATE t SET v = v || '*' WHERE id = r.id;
		n := n + 1;
	END LOOP;
	RAISE NOTICE '% rows', n;
END $$;
SELECT now_in();
-- isolation levels within one session
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT now_in();
DELETE FROM t WHERE id BETWEEN 1500 AND 1600;
UPDATE t SET v = 'rr' WHERE id BETWEEN 1700 AND 1710;
UPDATE t SET v = v || 'rr' WHERE id BETWEEN 1705 AND 1715;
SELECT now_in();
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE;
DELETE FROM t WHERE id BETWEEN 2500 AND 2600;
UPDATE t SET v = 'ser' WHERE id BETWEEN 2700 AND 2710;
SELECT now_in();
COMMIT;
SELECT now_in();
BEGIN READ ONLY;
DELETE FROM t;
COMMIT;
