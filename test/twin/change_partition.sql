CREATE TABLE p (a int, b text) PARTITION BY RANGE (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (100);
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (100) TO (200) USING heap;
CREATE TABLE p3 (b text, extra int, a int);
ALTER TABLE p3 DROP COLUMN extra;
ALTER TABLE p ATTACH PARTITION p3 FOR VALUES FROM (200) TO (300);
CREATE TABLE p4 PARTITION OF p DEFAULT PARTITION BY LIST (b);
CREATE TABLE p4x PARTITION OF p4 FOR VALUES IN ('x');
CREATE TABLE p4y PARTITION OF p4 DEFAULT USING heap;
INSERT INTO p SELECT g, CASE g % 3 WHEN 0 THEN 'x' ELSE 'n' || g END FROM generate_series(0, 399) g;
CREATE FUNCTION parts() RETURNS TABLE (part regclass, n bigint, s bigint) LANGUAGE sql AS 'SELECT tableoid::regclass, count(*), sum(a) FROM p GROUP BY tableoid ORDER BY (tableoid::regclass)::text COLLATE "C"';
SELECT * FROM parts();
DELETE FROM p WHERE a % 10 = 1;
UPDATE p SET b = b || '!' WHERE a % 10 = 2 AND a < 300;
-- rows that move, each way
UPDATE p SET a = a + 100 WHERE a BETWEEN 40 AND 49 RETURNING tableoid::regclass, a, b;
UPDATE p SET a = a - 100 WHERE a BETWEEN 150 AND 159;
UPDATE p SET a = a + 200 WHERE a < 10;
UPDATE p SET a = 50, b = 'from p3' WHERE a = 250;
UPDATE p SET a = 1000 + a, b = 'x' WHERE a BETWEEN 270 AND 272;
UPDATE p SET b = 'z' WHERE a >= 300 AND b = 'x' AND a < 310;
UPDATE p SET b = 'x' WHERE a >= 310 AND b <> 'x' AND a < 320;
SELECT * FROM parts();
BEGIN;
UPDATE p SET a = a + 100 WHERE a < 100;
SELECT * FROM parts();
SAVEPOINT s;
DELETE FROM p WHERE a BETWEEN 100 AND 200;
ROLLBACK TO s;
UPDATE p SET a = a + 1;
SELECT * FROM parts();
ROLLBACK;
SELECT * FROM parts();
-- directly into a partition: the constraint of the partition holds
UPDATE p1 SET a = 150 WHERE a = 60;
UPDATE p1 SET a = 61, b = 'direct' WHERE a = 60 RETURNING *;
DELETE FROM p3 WHERE a = 260;
DELETE FROM ONLY p;
MERGE INTO p USING generate_series(0, 399, 25) g ON a = g WHEN MATCHED AND g < 200 THEN UPDATE SET a = a + 100 WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (g, 'merged');
SELECT * FROM parts();
-- row triggers while rows move
CREATE TABLE log (n serial, what text) USING heap;
CREATE FUNCTION say() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO log (what) VALUES (format('%s %s %s: %s -> %s', TG_TABLE_NAME, TG_WHEN, TG_OP, CASE WHEN TG_OP <> 'INSERT' THEN OLD::text END, CASE WHEN TG_OP <> 'DELETE' THEN NEW::text END));
	RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER b BEFORE INSERT OR UPDATE OR DELETE ON p FOR EACH ROW EXECUTE FUNCTION say();
CREATE TRIGGER a AFTER INSERT OR UPDATE OR DELETE ON p FOR EACH ROW EXECUTE FUNCTION say();
UPDATE p SET a = a + 100 WHERE a IN (20, 120, 220);
DELETE FROM p WHERE a = 21;
SELECT what FROM log ORDER BY n;
DROP TRIGGER b ON p;
DROP TRIGGER a ON p;
-- detach, change alone, attach again
ALTER TABLE p DETACH PARTITION p1;
DELETE FROM p1 WHERE a > 90;
UPDATE p1 SET a = a + 1000 WHERE a < 20;
ALTER TABLE p ATTACH PARTITION p1 FOR VALUES FROM (0) TO (100);
UPDATE p1 SET a = a - 1000 WHERE a >= 1000;
ALTER TABLE p ATTACH PARTITION p1 FOR VALUES FROM (0) TO (100);
TRUNCATE p3;
SELECT * FROM parts();
-- inheritance
CREATE TABLE parent (a int, b text) USING heap;
CREATE TABLE child (c int) INHERITS (parent);
CREATE TABLE grandchild (d int) INHERITS (child);
INSERT INTO parent SELECT g, 'p' FROM generate_series(1, 20) g;
INSERT INTO child SELECT g, 'c', g FROM generate_series(11, 1200) g;
INSERT INTO grandchild SELECT g, 'g', g, g FROM generate_series(1191, 1300) g;
UPDATE parent SET b = b || '+' WHERE a IN (15, 1195);
DELETE FROM parent WHERE a % 5 = 0 AND a > 1100;
DELETE FROM ONLY child WHERE a < 50;
UPDATE child SET c = -1 WHERE a % 100 = 1;
DELETE FROM parent USING child WHERE parent.a = child.a AND child.c = -1;
SELECT tableoid::regclass, count(*), sum(a), md5(string_agg(b, ',' ORDER BY a)) FROM parent GROUP BY tableoid ORDER BY (tableoid::regclass)::text COLLATE "C";
-- views: simple ones, with check option, with INSTEAD OF triggers
CREATE TABLE base (a int, b text);
INSERT INTO base SELECT g, 'b' || g FROM generate_series(1, 1200) g;
CREATE VIEW v AS SELECT a, b, a * 2 AS twice FROM base WHERE a > 100;
CREATE VIEW checked AS SELECT * FROM base WHERE a BETWEEN 200 AND 300 WITH CHECK OPTION;
DELETE FROM v WHERE a <= 110;
UPDATE v SET b = 'v' WHERE twice BETWEEN 222 AND 230 RETURNING *;
UPDATE checked SET a = a + 50 WHERE a < 250;
UPDATE checked SET a = a + 51 WHERE a = 252 AND b = 'b252';
DELETE FROM checked WHERE a = 251;
CREATE VIEW joined AS SELECT x.a, y.b FROM base x JOIN base y ON x.a = y.a + 1;
CREATE FUNCTION via() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP = 'DELETE' THEN
		DELETE FROM base WHERE a = OLD.a;
		RETURN OLD;
	END IF;
	UPDATE base SET b = NEW.b WHERE a = OLD.a;
	RETURN NEW;
END $$;
CREATE TRIGGER i INSTEAD OF UPDATE OR DELETE ON joined FOR EACH ROW EXECUTE FUNCTION via();
UPDATE joined SET b = 'joined' WHERE a BETWEEN 400 AND 410;
DELETE FROM joined WHERE a BETWEEN 405 AND 415 RETURNING *;
SELECT count(*), sum(a), md5(string_agg(b, ',' ORDER BY a, b)) FROM base;
-- row security
CREATE TABLE secret (id int, owner name, v text);
INSERT INTO secret SELECT g, CASE WHEN g % 2 = 0 THEN 'change_partition_role' ELSE 'other' END, 'v' || g FROM generate_series(1, 1500) g;
CREATE ROLE change_partition_role;
GRANT USAGE ON SCHEMA change_partition TO change_partition_role;
GRANT SELECT, UPDATE, DELETE ON secret TO change_partition_role;
ALTER TABLE secret ENABLE ROW LEVEL SECURITY;
CREATE POLICY sees ON secret FOR SELECT USING (owner = CURRENT_USER OR id < 10);
CREATE POLICY upd ON secret FOR UPDATE USING (owner = CURRENT_USER AND id < 1000) WITH CHECK (v <> 'forbidden');
CREATE POLICY del ON secret FOR DELETE USING (owner = CURRENT_USER AND id >= 1000);
SET ROLE change_partition_role;
UPDATE secret SET v = 'mine' WHERE id < 20 RETURNING id;
UPDATE secret SET v = 'forbidden' WHERE id = 2;
UPDATE secret SET owner = 'other' WHERE id = 4;
DELETE FROM secret WHERE id < 20;
DELETE FROM secret WHERE id BETWEEN 995 AND 1010 RETURNING id;
MERGE INTO secret USING (VALUES (6), (1100)) x(n) ON id = n WHEN MATCHED AND n = 6 THEN UPDATE SET v = 'merged' WHEN MATCHED THEN DELETE;
MERGE INTO secret USING (VALUES (8)) x(n) ON id = n WHEN MATCHED THEN DELETE;
RESET ROLE;
REVOKE DELETE ON secret FROM change_partition_role;
GRANT UPDATE (b) ON base TO change_partition_role;
SET ROLE change_partition_role;
DELETE FROM secret WHERE id = 1200;
UPDATE base SET a = 1;
UPDATE base SET b = 'x';
RESET ROLE;
SELECT count(*), sum(id), md5(string_agg(v || owner, ',' ORDER BY id)) FROM secret;
DROP OWNED BY change_partition_role;
DROP ROLE change_partition_role;
