--
-- flow.columns tells what each column takes, and nothing is left over.
-- Without this test: an administrator who drops the wrong column to save space.
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
CREATE SCHEMA inspect_columns;
SET search_path = inspect_columns;
SET timezone = 'UTC';

CREATE TABLE h (id int, ts timestamptz, src_addr inet, dst_addr inet, src_port int, dst_port int, proto int2, bytes bigint,
	name text, big text, n numeric, u uuid, f8 float8, b bool, c "char", nm name, iv interval, net cidr, arr int[], empty text, gone text);
ALTER TABLE h ALTER big SET STORAGE EXTERNAL;
CREATE TABLE f (LIKE h) USING flowstore;
INSERT INTO h SELECT g, timestamptz '2024-01-01 00:00:00+00' + g % 7100 * interval '1 s',
	CASE g % 9 WHEN 0 THEN NULL WHEN 1 THEN '2001:db8::'::inet + g % 50 ELSE '10.0.0.0'::inet + g % 900 END,
	CASE WHEN g % 2 = 0 THEN '10.0.0.0'::inet + g % 70 ELSE '2001:db8::'::inet + g % 70 END,
	CASE WHEN g % 2 = 0 THEN 443 ELSE 1024 + g % 5000 END, CASE WHEN g % 2 = 1 THEN 443 ELSE 1024 + g % 5000 END, 6, g * 17 % 9999,
	CASE WHEN g % 4 > 0 THEN repeat('x', g % 200) || g % 90 END, CASE WHEN g % 1000 = 0 THEN repeat(md5(g::text), 9) END,
	g / 3.0, md5(g::text)::uuid, g / 7.0, g % 3 = 0, 'x', 'n' || g, g * interval '1 h', set_masklen('10.0.0.0'::cidr, g % 9),
	ARRAY[g, NULL, g % 7], NULL, 'gone' FROM generate_series(1, 9000) g;
INSERT INTO f SELECT * FROM h;
INSERT INTO f (id) VALUES (0); -- not in a chunk

-- values take in a heap what raw_bytes says; rows and nulls are right
CREATE FUNCTION pg_temp.wrong() RETURNS TABLE (col text, rows numeric, nulls numeric, raw numeric, heap_nulls bigint, heap_raw bigint) LANGUAGE plpgsql AS $$
DECLARE a text;
BEGIN
	FOR a IN SELECT attname FROM pg_attribute WHERE attrelid = 'h'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum LOOP
		EXECUTE format('SELECT count(*) - count(%1$I), coalesce(sum(pg_column_size(%1$I)), 0) FROM h', a) INTO heap_nulls, heap_raw;
		SELECT sum(c.rows), sum(c.nulls), sum(c.raw_bytes) INTO rows, nulls, raw FROM flow.columns('f') c WHERE c.column_name = a;
		IF (rows, nulls, raw) IS DISTINCT FROM (9000::numeric, heap_nulls::numeric, heap_raw::numeric) THEN
			col := a;
			RETURN NEXT;
		END IF;
	END LOOP;
END $$;
-- all bytes of chunks and indexes belong to a line
CREATE FUNCTION pg_temp.rest() RETURNS numeric LANGUAGE sql AS $$
	SELECT (SELECT sum(bytes) FROM flow.columns('f')) - (SELECT sum(bytes) FROM flow.chunks('f') WHERE kind IN ('chunk', 'index')) $$;

SELECT * FROM pg_temp.wrong();
SELECT pg_temp.rest();
SELECT DISTINCT encoding FROM flow.columns('f') WHERE column_name IS NULL ORDER BY 1;
SELECT sum(rows) AS clustered FROM flow.optimize('f');
SELECT * FROM pg_temp.wrong();
SELECT pg_temp.rest();
SELECT encoding, count(*), bool_and(rows IS NULL AND chunks IS NULL AND raw_bytes IS NULL AND nulls IS NULL) AS bytes_alone
	FROM flow.columns('f') WHERE column_name IS NULL OR encoding LIKE 'index%' GROUP BY 1 ORDER BY 1;
-- both addresses share their values
SELECT abs(sum(bytes) FILTER (WHERE column_name = 'src_addr') - sum(bytes) FILTER (WHERE column_name = 'dst_addr')) <= 2 AS is_half_each
	FROM flow.columns('f') WHERE encoding = 'index values';
-- what was dropped still takes its bytes
ALTER TABLE h DROP COLUMN gone, DROP COLUMN name;
ALTER TABLE f DROP COLUMN gone, DROP COLUMN name;
SELECT * FROM pg_temp.wrong();
SELECT pg_temp.rest();
SELECT count(*) > 0 AS some FROM flow.columns('f') WHERE column_name IS NULL AND rows = 9000;
-- columns that chunks lack
ALTER TABLE f ADD COLUMN added int DEFAULT 7;
SELECT count(*) FROM flow.columns('f') WHERE column_name = 'added';
-- new bytes for all
VACUUM FULL f;
SELECT pg_temp.rest();
SELECT * FROM flow.check('f');

DROP SCHEMA inspect_columns CASCADE;
