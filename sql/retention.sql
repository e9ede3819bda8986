-- The oldest rows go, and only they: by rows at every commit, by age and bytes
-- when asked.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
SET timezone = 'UTC';

CREATE FUNCTION pg_temp.at(i int) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS
  $$ SELECT '2026-01-01'::timestamptz + i * interval '1 second' $$;

-- by rows
CREATE TABLE retain_rows (ts timestamptz, i int) USING flowstore;
SELECT flow.set('retain_rows', max_rows => 1000, slack => 100);
INSERT INTO retain_rows SELECT pg_temp.at(i), i FROM generate_series(1, 5000) i;
SELECT count(*), min(i), max(i) FROM retain_rows;
INSERT INTO retain_rows SELECT pg_temp.at(i), i FROM generate_series(5001, 5100) i;
SELECT count(*), min(i), max(i) FROM retain_rows;
INSERT INTO retain_rows VALUES (pg_temp.at(5101), 5101);
SELECT count(*) BETWEEN 1000 AND 1100 AS bounded, max(i),
  count(*) = max(i) - min(i) + 1 AS newest FROM retain_rows;

-- late rows are among the oldest, rows without a time are older still
INSERT INTO retain_rows SELECT pg_temp.at(-i), -i FROM generate_series(1, 200) i;
INSERT INTO retain_rows SELECT NULL, -1000 FROM generate_series(1, 200) i;
SELECT count(*) BETWEEN 1000 AND 1100 AS bounded,
  count(*) FILTER (WHERE i > 4101) AS newest FROM retain_rows;

-- in random order; rows of one commit may all be too much
TRUNCATE retain_rows;
INSERT INTO retain_rows SELECT pg_temp.at(i), i
FROM (SELECT i FROM generate_series(1, 20000) i ORDER BY hashint4(i)) x;
SELECT count(*) BETWEEN 1000 AND 1100 AS bounded,
  count(*) FILTER (WHERE i > 19000) AS newest FROM retain_rows;

-- a statement for each of many commits
DO $$ BEGIN
  FOR k IN 1..60 LOOP
    INSERT INTO retain_rows SELECT pg_temp.at(20000 + 20 * k + j), 20000 + 20 * k + j
      FROM generate_series(1, 20) j;
    COMMIT;
    IF (SELECT count(*) FROM retain_rows) NOT BETWEEN 1000 AND 1100 THEN
      RAISE EXCEPTION 'not bounded: %', (SELECT count(*) FROM retain_rows);
    END IF;
  END LOOP;
END $$;
SELECT count(*) FILTER (WHERE i > 20220) AS newest FROM retain_rows;

-- a transaction that rolls back expires nothing
BEGIN;
INSERT INTO retain_rows SELECT pg_temp.at(30000 + i), 30000 + i FROM generate_series(1, 3000) i;
ROLLBACK;
SELECT count(*) BETWEEN 1000 AND 1100 AS bounded,
  count(*) FILTER (WHERE i > 20220) AS newest FROM retain_rows;
BEGIN;
SAVEPOINT s;
INSERT INTO retain_rows SELECT pg_temp.at(30000 + i), 30000 + i FROM generate_series(1, 3000) i;
ROLLBACK TO s;
INSERT INTO retain_rows VALUES (pg_temp.at(21221), 21221);
COMMIT;
SELECT count(*) BETWEEN 1000 AND 1100 AS bounded,
  count(*) FILTER (WHERE i > 20221) AS newest FROM retain_rows;

-- updates and deletes count
UPDATE retain_rows SET i = i WHERE i % 2 = 0;
DELETE FROM retain_rows WHERE i % 3 = 0;
INSERT INTO retain_rows SELECT pg_temp.at(40000 + i), 40000 + i FROM generate_series(1, 500) i;
SELECT count(*) <= 1100 AS bounded, count(*) FILTER (WHERE i > 40000) AS newest FROM retain_rows;

-- also at the other isolation levels
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) > 0 AS has_rows FROM retain_rows;
INSERT INTO retain_rows SELECT pg_temp.at(50000 + i), 50000 + i FROM generate_series(1, 1500) i;
COMMIT;
SELECT count(*) BETWEEN 1000 AND 1100 AS bounded, min(i) >= 50001 AS newest FROM retain_rows;
BEGIN ISOLATION LEVEL SERIALIZABLE;
INSERT INTO retain_rows SELECT pg_temp.at(60000 + i), 60000 + i FROM generate_series(1, 1500) i;
COMMIT;
SELECT count(*) BETWEEN 1000 AND 1100 AS bounded, min(i) >= 60001 AS newest FROM retain_rows;

-- nothing of ours runs at COMMIT PREPARED
BEGIN;
INSERT INTO retain_rows VALUES (now(), 1);
PREPARE TRANSACTION 'retain';

-- switched off and on again
SELECT flow.set('retain_rows', max_rows => NULL, slack => NULL);
INSERT INTO retain_rows SELECT pg_temp.at(70000 + i), 70000 + i FROM generate_series(1, 3000) i;
SELECT count(*) >= 4000 AS unbounded FROM retain_rows;
SELECT flow.set('retain_rows', max_rows => 1000, slack => 100);
INSERT INTO retain_rows VALUES (pg_temp.at(80000), 80000);
SELECT count(*) BETWEEN 1000 AND 1100 AS bounded, max(i) FROM retain_rows;
SELECT * FROM flow.check('retain_rows');

-- by age: now is the newest row that is not from the future
CREATE TABLE retain_age (ts timestamptz, i int)
USING flowstore WITH (flowstore.retain = '2 hours', flowstore.partition = '10 minutes');
INSERT INTO retain_age SELECT pg_temp.at(i), i FROM generate_series(1, 6 * 3600) i;
INSERT INTO retain_age VALUES (NULL, 0);
SELECT rows, bytes > 0 AS freed FROM flow.expire('retain_age');
SELECT count(*), min(i), max(i) FROM retain_age;
SELECT rows FROM flow.expire('retain_age');
INSERT INTO retain_age VALUES ('2100-01-01', -1);
SELECT rows FROM flow.expire('retain_age');
SELECT count(*) FROM retain_age;

-- by bytes
CREATE TABLE retain_bytes (ts timestamptz, i int, filler text)
USING flowstore WITH (flowstore.max_bytes = '400 kB', flowstore.partition = '10 minutes');
INSERT INTO retain_bytes SELECT pg_temp.at(i), i, md5(i::text) FROM generate_series(1, 36000) i;
SELECT rows > 0 AS expired FROM flow.expire('retain_bytes');
SELECT count(*) = max(i) - min(i) + 1 AS newest, max(i) FROM retain_bytes;
VACUUM retain_bytes;
SELECT pg_relation_size('retain_bytes') < 3 * 400 * 1024 AS given_back;

-- who may
CREATE ROLE regress_expire;
GRANT SELECT ON retain_age TO regress_expire;
SET ROLE regress_expire;
SELECT flow.expire('retain_age');
RESET ROLE;
SELECT flow.expire('pg_class');
DROP TABLE retain_rows, retain_age, retain_bytes;
DROP ROLE regress_expire;
