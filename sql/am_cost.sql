--
-- What statements may cost, counted in blocks and bytes: bounds that hold on any machine.
-- Without this test: planning that grows with the table, chunks decoded for each row, memory for
-- each row or partition, files that grow by deleting, chunks that are written again for nothing.
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
CREATE SCHEMA am_cost;
SET search_path = am_cost, public;

-- blocks that a query needs before it begins, or with the word Execution while it runs
CREATE FUNCTION blocks(phase text, query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	plan json;
	part json;
BEGIN
	EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ' || query INTO plan;
	part := CASE phase WHEN 'Planning' THEN plan->0->'Planning' ELSE plan->0->'Plan' END;
	RETURN (part->>'Shared Hit Blocks')::bigint + (part->>'Shared Read Blocks')::bigint;
END $$;

-- planning does not look at each chunk: two items, then two thousand
CREATE TABLE plans (ts timestamptz, a int) USING flowstore;
INSERT INTO plans SELECT '2026-01-01', generate_series(1, 200);
INSERT INTO plans SELECT '2026-01-01 01:00', generate_series(1, 200);
ANALYZE plans;
SELECT blocks('Planning', 'SELECT * FROM plans WHERE ts = ''2026-01-01 01:00''') < 1000 AS warm;
SELECT blocks('Planning', 'SELECT * FROM plans WHERE ts = ''2026-01-01 01:00''') AS few \gset
INSERT INTO plans SELECT timestamptz '2026-01-02' + h * interval '1 hour', g FROM generate_series(1, 2000) h, generate_series(1, 64) g;
ANALYZE plans;
SELECT blocks('Planning', 'SELECT * FROM plans WHERE ts = ''2026-01-01 01:00''') < 1000 AS warm;
SELECT blocks('Planning', 'SELECT * FROM plans WHERE ts = ''2026-01-01 01:00''') <= :few + 200 AS planned_alike;
-- nor does a query for one hour read the items of the others
SELECT NOT current_setting('flowstore.enable_scan')::boolean OR
	blocks('Execution', 'SELECT * FROM plans WHERE ts = ''2026-01-01 01:00''') < 100 AS reads_one_hour;

-- rows that are changed do not have their chunk read for each of them
CREATE TABLE rows (a int, b text) USING flowstore;
INSERT INTO rows SELECT g, md5(g::text) FROM generate_series(1, 60000) g;
SELECT blocks('Execution', 'UPDATE rows SET b = '''' WHERE a BETWEEN 20001 AND 20200') < 200 * pg_relation_size('rows') / 8192 / 10 AS updated_together;
SELECT blocks('Execution', 'DELETE FROM rows WHERE a BETWEEN 30001 AND 30200') < 200 * pg_relation_size('rows') / 8192 / 10 AS deleted_together;

-- deleting takes bytes of its own, few a row, and copies none
SELECT pg_table_size('rows') AS before \gset
DELETE FROM rows WHERE a % 2 = 0;
SELECT pg_table_size('rows') - :before < 30000 * 8 AS small, pg_table_size('rows') < :before * 1.5 AS no_copies;

-- what is as it should be is not written again
CREATE TABLE clean (ts timestamptz, a int) USING flowstore;
INSERT INTO clean SELECT '2026-01-01', generate_series(1, 5000);
INSERT INTO clean SELECT '2026-01-01', generate_series(1, 5000);
SELECT action, rows FROM flow.optimize('clean');
SELECT action, rows FROM flow.optimize('clean');
-- nor under a snapshot that would not see what came while the lock was waited for
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT flow.optimize('clean');
ROLLBACK;

-- rows of many partitions are written when the budget is used up, whatever their number,
-- and a row that a BEFORE trigger has seen is not kept
CREATE TABLE budget (ts timestamptz, v text) USING flowstore;
CREATE TABLE peak (bytes bigint);
CREATE FUNCTION note_memory() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF extract(minute FROM NEW.ts) = 59 THEN
		INSERT INTO peak SELECT sum(total_bytes) FROM pg_backend_memory_contexts;
	END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER note BEFORE INSERT ON budget FOR EACH ROW EXECUTE FUNCTION note_memory();
SET flowstore.load_memory = '1MB';
INSERT INTO budget SELECT timestamptz '2026-01-01' + g * interval '1 minute', repeat(md5(g::text), 40) FROM generate_series(1, 12000) g;
RESET flowstore.load_memory;
SELECT count(*) > 100 AS noted, max(bytes) < min(bytes) + 6 * 1024 * 1024 AS within_the_budget FROM peak;
SELECT count(*), count(DISTINCT v) FROM budget;

DROP SCHEMA am_cost CASCADE;
