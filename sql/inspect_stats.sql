--
-- flow.stats, flow.partitions and flow.chunks agree with each other and with the rows.
-- Without this test: a dashboard that shows a healthy table while its debt grows.
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
CREATE SCHEMA inspect_stats;
SET search_path = inspect_stats;
SET timezone = 'UTC';

CREATE TABLE f (id int, ts timestamptz, src_addr inet, dst_addr inet, v text) USING flowstore;
CREATE FUNCTION pg_temp.fill(first int, n int, at timestamptz) RETURNS void LANGUAGE sql AS $$
	INSERT INTO f SELECT g, at + (g - first) * interval '1 s', '10.0.0.0'::inet + g % 90, '10.1.0.0'::inet + g % 70, md5(g::text)
	FROM generate_series(first, first + n - 1) g $$;
-- what must agree, in words if it does not
CREATE FUNCTION pg_temp.disagree() RETURNS SETOF text LANGUAGE sql AS $$
	WITH s AS (SELECT * FROM flow.stats('f')), p AS (
		SELECT count(*) AS n, coalesce(sum(items), 0) AS items, coalesce(sum(chunks), 0) AS chunks, coalesce(sum(rows), 0) AS rows,
			coalesce(sum(deleted), 0) AS deleted, coalesce(sum(fresh + merged + clustered), 0) AS levels,
			coalesce(sum(bytes), 0) AS bytes, coalesce(sum(index_bytes), 0) AS index_bytes,
			min(ts_min) AS ts_min, max(ts_max) AS ts_max FROM flow.partitions('f')), c AS (
		SELECT count(*) FILTER (WHERE kind <> 'moved') AS items, count(*) FILTER (WHERE kind = 'chunk') AS chunks,
			count(*) FILTER (WHERE kind = 'index') AS sets, count(*) FILTER (WHERE kind = 'moved') AS moved,
			coalesce(sum(rows), 0) AS rows, coalesce(sum(deleted), 0) AS deleted,
			coalesce(sum(bytes) FILTER (WHERE kind IN ('chunk', 'rows')), 0) AS bytes,
			coalesce(sum(bytes) FILTER (WHERE kind = 'index'), 0) AS index_bytes,
			count(DISTINCT set) AS sets_named FROM flow.chunks('f')), t AS (
		SELECT count(*) AS n, min(ts) AS ts_min, max(ts) AS ts_max FROM f)
	SELECT unnest(ARRAY[
		CASE WHEN t.n <> s.rows - s.deleted THEN 'rows of the table' END,
		CASE WHEN (p.rows, p.deleted, p.levels, p.n, p.chunks, p.ts_min, p.ts_max) IS DISTINCT FROM
			(s.rows, s.deleted, s.rows, s.partitions, s.chunks, s.ts_min, s.ts_max) THEN 'partitions and stats' END,
		CASE WHEN (p.items, p.rows, p.deleted, p.chunks, p.bytes, p.index_bytes) IS DISTINCT FROM
			(c.items, c.rows, c.deleted, c.chunks, c.bytes, c.index_bytes) THEN 'partitions and chunks' END,
		CASE WHEN (s.sets, s.sets, s.moved_items, s.items) IS DISTINCT FROM
			(c.sets, c.sets_named, c.moved, c.items + c.moved + s.deletes_items) THEN 'stats and chunks' END,
		CASE WHEN t.ts_min < s.ts_min OR t.ts_max > s.ts_max THEN 'times' END,
		CASE WHEN s.file_bytes <> pg_relation_size('f') OR s.directory_bytes <> pg_total_relation_size((SELECT reltoastrelid FROM pg_class WHERE oid = 'f'::regclass))
			OR s.free_bytes > s.file_bytes THEN 'bytes' END])
	FROM s, p, c, t $$;

-- an empty table has one row of zeroes
SELECT * FROM pg_temp.disagree() d WHERE d IS NOT NULL;
SELECT rows, deleted, items, partitions, file_bytes, bytes_loaded, write_amplification, ts_min FROM flow.stats('f');
SELECT count(*) FROM flow.partitions('f');

-- fresh
SELECT pg_temp.fill(1, 5000, '2024-01-01 00:00');
SELECT pg_temp.fill(5001, 10, '2024-01-01 05:00');
INSERT INTO f (id) VALUES (0);
SELECT * FROM pg_temp.disagree() d WHERE d IS NOT NULL;
SELECT partition, items, chunks, rows, deleted, fresh, merged, clustered, bytes > 0 AS has_bytes, index_bytes, ts_min, ts_max, is_quiet, due FROM flow.partitions('f');
SELECT s.bytes_loaded = c.bytes AS loaded, bytes_rewritten, write_amplification, merge_rows, cluster_rows, cluster_bytes = d.bytes AS cluster_bytes
	FROM flow.stats('f') s, (SELECT sum(bytes) AS bytes FROM flow.chunks('f')) c, (SELECT sum(bytes) AS bytes FROM flow.partitions('f') WHERE due = 'cluster') d;

-- deleted rows, by the snapshot that sees them
BEGIN ISOLATION LEVEL REPEATABLE READ;
DELETE FROM f WHERE id % 100 = 7;
SELECT * FROM pg_temp.disagree() d WHERE d IS NOT NULL;
SELECT partition, rows, deleted FROM flow.partitions('f') WHERE deleted > 0;
SELECT kind, rows, deleted FROM flow.chunks('f') WHERE deleted > 0 ORDER BY first_row;
ROLLBACK;
SELECT deleted, deletes_items FROM flow.stats('f');
DELETE FROM f WHERE id % 100 = 7;

-- what is due is done, and costs
SELECT sum(o.rows) = (SELECT sum(rows - deleted) FROM flow.partitions('f') WHERE rows > 64) AS all_of_it FROM flow.optimize('f') o;
SELECT * FROM pg_temp.disagree() d WHERE d IS NOT NULL;
SELECT partition, items, chunks, rows, deleted, fresh, merged, clustered, index_bytes > 0 AS has_index, due FROM flow.partitions('f');
SELECT kind, level, count(*), count(DISTINCT set) AS sets, sum(rows) AS rows, bool_and(first_block > 0) AS has_block, bool_and(partition IS NOT NULL) AS has_partition
	FROM flow.chunks('f') GROUP BY 1, 2 ORDER BY 1, 2;
SELECT late_rows, bytes_rewritten = (SELECT sum(bytes) FROM flow.chunks('f') WHERE level = 'clustered' OR kind = 'index') AS rewritten,
	write_amplification = (bytes_loaded + bytes_rewritten)::float8 / bytes_loaded AS amplification, merge_rows, cluster_rows FROM flow.stats('f');
-- late rows
SELECT pg_temp.fill(7000, 30, '2024-01-01 00:10');
DELETE FROM f WHERE id = 7003;
SELECT late_rows FROM flow.stats('f');
-- many small items: merging is due
DO $$ BEGIN FOR i IN 0..40 LOOP PERFORM pg_temp.fill(8000 + i * 10, 10, '2024-01-01 05:00'); COMMIT; END LOOP; END $$;
SELECT flow.set('f', cluster => 'off');
SELECT partition, due FROM flow.partitions('f') WHERE due IS NOT NULL;
SELECT merge_rows > 0 AS rows, merge_bytes > 0 AS bytes, cluster_rows FROM flow.stats('f');
SELECT * FROM pg_temp.disagree() d WHERE d IS NOT NULL;
SELECT * FROM flow.check('f');
-- space comes back
VACUUM f;
SELECT free_bytes > 0 AS free FROM flow.stats('f');
SELECT * FROM pg_temp.disagree() d WHERE d IS NOT NULL;
-- what was refused and expired
SELECT flow.set('f', max_future => '1 hour', future_rows => 'set_aside', retain => '1 day');
INSERT INTO f (id, ts) VALUES (-1, now() + interval '2 days');
SELECT future_set_aside, future_refused, rows_expired FROM flow.stats('f');
SELECT * FROM pg_temp.disagree() d WHERE d IS NOT NULL;
-- counted anew after TRUNCATE
TRUNCATE f;
SELECT rows, bytes_loaded, bytes_rewritten, future_set_aside FROM flow.stats('f');
SELECT * FROM pg_temp.disagree() d WHERE d IS NOT NULL;

-- only who sees all rows
CREATE ROLE inspect_stats_role;
GRANT USAGE ON SCHEMA inspect_stats TO inspect_stats_role;
SET ROLE inspect_stats_role;
SELECT * FROM flow.stats('f');
SELECT * FROM flow.partitions('f');
RESET ROLE;
GRANT SELECT ON f TO inspect_stats_role;
SET ROLE inspect_stats_role;
SELECT rows FROM flow.stats('f');
RESET ROLE;
ALTER TABLE f ENABLE ROW LEVEL SECURITY;
SET ROLE inspect_stats_role;
SELECT * FROM flow.stats('f');
SELECT * FROM flow.partitions('f');
RESET ROLE;
DROP OWNED BY inspect_stats_role;
DROP ROLE inspect_stats_role;
CREATE TABLE h (a int);
SELECT * FROM flow.stats('h');
SELECT * FROM flow.partitions('pg_class');
SELECT flow.stats(NULL) IS NULL AS nothing;

DROP SCHEMA inspect_stats CASCADE;
