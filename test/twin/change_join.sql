CREATE TABLE t AS SELECT g AS id, g % 50 AS k, 'row ' || g AS v FROM generate_series(1, 3000) g;
CREATE TABLE u AS SELECT g AS k, g * 10 AS w FROM generate_series(0, 60) g;
CREATE TABLE few (id int, v text) USING heap;
INSERT INTO few VALUES (1, 'a'), (2, 'b'), (2, 'bb'), (3000, 'c'), (4000, 'd'), (NULL, 'e');
-- joins, also such that match a row twice: it is changed once
UPDATE t SET v = 'w' || u.w FROM u WHERE u.k = t.k AND t.id <= 100;
UPDATE t SET v = t.v || '!' FROM few WHERE few.id = t.id;
UPDATE t SET v = t.v || x.n FROM (SELECT k, count(*) AS n FROM t GROUP BY k) x WHERE x.k = t.k AND t.id > 2990;
UPDATE t a SET v = b.v FROM t b WHERE b.id = a.id + 1 AND a.id BETWEEN 200 AND 205;
UPDATE t a SET k = a.k + 1 FROM t b WHERE b.k = a.k AND a.id < 20;
DELETE FROM t USING few WHERE few.id = t.id;
DELETE FROM t USING u, few WHERE u.k = t.k AND few.id = t.id;
DELETE FROM t a USING t b WHERE a.k = b.k AND a.id > b.id AND a.id > 2900;
DELETE FROM t a USING t b WHERE a.id = b.id - 1 AND b.id % 100 = 0 RETURNING a.id, b.id;
DELETE FROM few USING t WHERE few.id = t.id;
UPDATE few SET v = t.v FROM t WHERE t.id = coalesce(few.id, 500) RETURNING few.*, t.id;
DELETE FROM t WHERE k IN (SELECT k FROM u WHERE w > 450);
UPDATE u SET w = (SELECT count(*) FROM t WHERE t.k = u.k);
SELECT * FROM u ORDER BY k, w LIMIT 12;
SELECT count(*), sum(id), sum(k), md5(string_agg(v, ',' ORDER BY id)) FROM t;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
UPDATE t SET v = 'nested' FROM u WHERE u.k = t.k AND u.k = 7;
DELETE FROM t USING u WHERE u.k = t.k AND u.k = 8;
RESET enable_hashjoin;
RESET enable_mergejoin;
-- several changes in one statement: all see the state before it
WITH d AS (DELETE FROM t WHERE id % 7 = 0 RETURNING *), i AS (INSERT INTO t SELECT id + 100000, k, v FROM d RETURNING id)
	SELECT (SELECT count(*) FROM d) AS d, (SELECT count(*) FROM i) AS i, (SELECT count(*) FROM t) AS before;
SELECT count(*), sum(id) FROM t;
WITH a AS (UPDATE t SET v = 'a' WHERE id = 51 RETURNING id, v), b AS (UPDATE t SET v = 'b' WHERE id = 52 RETURNING id, v)
	SELECT * FROM a UNION ALL SELECT * FROM b ORDER BY id;
WITH a AS (UPDATE t SET v = v || '+' WHERE id BETWEEN 51 AND 60 RETURNING id) DELETE FROM t USING a WHERE a.id + 1000 = t.id RETURNING t.id;
WITH moved AS (DELETE FROM t WHERE id > 102000 RETURNING *) INSERT INTO u SELECT id, k FROM moved;
WITH RECURSIVE r(n) AS (SELECT 51 UNION ALL SELECT n + 1 FROM r WHERE n < 56) DELETE FROM t USING r WHERE t.id = r.n;
WITH x AS (SELECT id FROM t ORDER BY id LIMIT 5), d AS (DELETE FROM t WHERE id IN (SELECT id FROM x) RETURNING id) UPDATE u SET w = -1 WHERE k = (SELECT min(id) % 50 FROM d);
SELECT count(*), sum(id), md5(string_agg(v, ',' ORDER BY id)) FROM t;
SELECT count(*), sum(w) FROM u;
-- MERGE
CREATE TABLE s (id int, v text);
INSERT INTO s VALUES (61, 'merge'), (62, 'delete'), (63, 'nothing'), (64, NULL), (-1, 'new'), (-2, 'nothing'), (NULL, 'null');
MERGE INTO t USING s ON t.id = s.id
	WHEN MATCHED AND s.v = 'delete' THEN DELETE
	WHEN MATCHED AND s.v = 'nothing' THEN DO NOTHING
	WHEN MATCHED THEN UPDATE SET v = coalesce(s.v, t.v || '?')
	WHEN NOT MATCHED AND s.v = 'nothing' THEN DO NOTHING
	WHEN NOT MATCHED THEN INSERT VALUES (s.id, 0, s.v);
SELECT * FROM t WHERE id < 66 OR id IS NULL ORDER BY id, v;
MERGE INTO t USING (SELECT generate_series(1000, 1100) AS n) g ON t.id = g.n WHEN MATCHED THEN UPDATE SET k = t.k + 100 WHEN NOT MATCHED THEN INSERT (id) VALUES (n);
MERGE INTO t USING t AS o ON t.id = o.id + 1 WHEN MATCHED AND o.k = 3 THEN DELETE WHEN MATCHED AND o.k = 4 THEN UPDATE SET v = o.v;
MERGE INTO t USING s ON false WHEN NOT MATCHED THEN INSERT DEFAULT VALUES;
-- a row that the source names twice
MERGE INTO t USING (VALUES (65), (65)) AS x(id) ON t.id = x.id WHEN MATCHED THEN UPDATE SET v = 'twice';
MERGE INTO t USING (VALUES (65), (65)) AS x(id) ON t.id = x.id WHEN MATCHED THEN DELETE;
MERGE INTO t USING (VALUES (65, 1), (65, 2)) AS x(id, n) ON t.id = x.id WHEN MATCHED AND n = 1 THEN DO NOTHING WHEN MATCHED THEN UPDATE SET v = 'once';
MERGE INTO u USING t ON u.k = t.id WHEN MATCHED THEN UPDATE SET w = t.k WHEN NOT MATCHED AND t.k = 5 THEN INSERT VALUES (t.id, -5);
SELECT count(*), sum(id), sum(k), md5(string_agg(v, ',' ORDER BY id, v)) FROM t;
SELECT count(*), sum(k), sum(w) FROM u;
