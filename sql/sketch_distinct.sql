-- flow.approx_distinct counts as count(DISTINCT) does, exactly up to 768 values
-- and to a few percent beyond; sketches are kept, merged and checked.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
\set SHOW_CONTEXT never

-- count(DISTINCT) says what is right
SELECT flow.approx_distinct(i % 5) AS five, flow.approx_distinct(i) AS all_768,
       flow.approx_distinct(NULLIF(i, i)) AS none, flow.hll_agg(NULLIF(i, i)) AS no_sketch
FROM generate_series(1, 768) i;
SELECT flow.approx_distinct(i) AS no_row, flow.hll_agg(i) AS no_sketch FROM generate_series(1, 0) i;

-- worked out apart: hashes are SplitMix64's of the value, the upper 26 bits
-- times 64, and 1 + the number of low zeroes of the lower 38
SELECT flow.hll_agg(i) FROM generate_series(0, 1) i;

-- 1,000 sets of 1,000 values: errors are at most 4.5 standard errors of
-- 0.95 %, and their mean square is below its square
SELECT count(*) AS sets, max(abs(e)) < 0.043 AS none_is_far, sqrt(avg(e * e)) < 0.0095 AS standard_error,
       abs(avg(e)) < 0.0015 AS no_bias, max(pg_column_size(h)) <= 4096 AS small
FROM (SELECT flow.estimate(h) / 1000.0::float8 - 1 AS e, h
      FROM (SELECT flow.hll_agg(i) AS h FROM generate_series(0, 999999) i GROUP BY i / 1000) s) t;

-- every type as count(DISTINCT) sees it
CREATE FUNCTION pg_temp.check_type(expr text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE a bigint; b bigint;
BEGIN
    EXECUTE format('SELECT flow.approx_distinct(x), count(DISTINCT x)
        FROM (SELECT %s AS x FROM generate_series(1, 600) i) v', expr) INTO a, b;
    RETURN CASE WHEN a = b THEN 'same: ' || a ELSE a || ' instead of ' || b END;
END $$;
SELECT expr, pg_temp.check_type(expr) FROM unnest(ARRAY[
    '(i % 37)::int2 - 18::int2', 'i % 100 - 50', '(i % 41)::int8 * 10000000000', 'i % 3 = 0',
    '''10.0.0.0''::inet + i % 400', 'set_masklen(''10.0.0.1''::inet, 8 + i % 3)', '''2001:db8::''::inet + i',
    '''10.0.0.0''::cidr', 'repeat(chr(97 + i % 26), i % 11)', 'repeat(chr(97 + i % 26), 3000)',
    'rpad(chr(97 + i % 5), 1 + i % 4)::bpchar', 'md5((i % 77)::text)::uuid',
    'round((i % 10)::numeric / 4, i % 5 + 2)',
    '(ARRAY[0, ''-0'', ''NaN'', ''-NaN'', 1.5, ''Infinity'']::float8[])[i % 6 + 1]',
    '(ARRAY[0, ''-0'', ''NaN'', ''-NaN'', 1.5, ''Infinity'']::float4[])[i % 6 + 1]',
    'CASE WHEN i % 2 = 0 THEN interval ''1 day'' ELSE interval ''24 hours'' END',
    'timestamptz ''2024-01-01'' + i % 20 * interval ''1 hour''', 'date ''2024-01-01'' + i % 20',
    'ARRAY[i % 3, NULL, i % 5]', 'to_jsonb(round((i % 3)::numeric, i % 4))', 'NULLIF(i % 4, 0)']) expr;
SELECT flow.approx_distinct(x) FROM (VALUES (point '(1,2)')) v(x);
SELECT flow.approx_distinct(x) FROM (VALUES (json '1')) v(x);

-- a value has one hash, in all integer types, and stored or computed
SELECT flow.hll_agg(7::int2)::text = flow.hll_agg(7::int8)::text AS same,
       flow.hll_agg('a'::text)::text = flow.hll_agg('a'::varchar)::text AS same_text;

-- kept in a table, merged there, and read again
CREATE TABLE sketches AS
SELECT i % 10 AS part, flow.hll_agg(i / 2) AS sketch FROM generate_series(0, 9999) i GROUP BY 1;
INSERT INTO sketches VALUES (10, NULL);
SELECT flow.merge(sketch)::text = (SELECT flow.hll_agg(i)::text FROM generate_series(0, 4999) i) AS same,
       flow.estimate(flow.merge(sketch)) BETWEEN 4800 AND 5200 AS about_5000
FROM sketches;
SELECT flow.estimate(flow.merge(a.sketch, b.sketch)) AS of_two, flow.merge(a.sketch, NULL) AS of_null
FROM sketches a, sketches b WHERE a.part = 0 AND b.part = 5;
SELECT flow.merge(sketch), flow.estimate(flow.merge(sketch)) FROM sketches WHERE part = 10;
CREATE TABLE copied (part int, sketch flow.hll);
COPY (SELECT * FROM sketches) TO '/tmp/flowstore_sketch_distinct' (FORMAT binary);
COPY copied FROM '/tmp/flowstore_sketch_distinct' (FORMAT binary);
COPY (SELECT 1) TO PROGRAM 'rm /tmp/flowstore_sketch_distinct';
SELECT count(*) AS same FROM sketches s JOIN copied c USING (part)
WHERE s.sketch::text = c.sketch::text AND s.sketch::text::flow.hll::text = c.sketch::text;

-- what is not a sketch
SELECT flow.hll '';
SELECT flow.hll '\x';
SELECT flow.hll '\x0';
SELECT flow.hll '\x01';
SELECT flow.hll '\x0201';
SELECT flow.hll '\x0107';
SELECT flow.hll '\x010100';
SELECT flow.hll '\x010100000000';
SELECT flow.hll '\x01010100000001000000';
SELECT flow.hll '\x0102';
SELECT flow.hll '\x0102000000';
SELECT ('\x0102' || repeat('ff', 4000))::flow.hll;
SELECT flow.estimate(flow.hll '\x0101') AS empty;
SELECT flow.estimate('\x0101c1140b1d'::flow.hll) AS one;

-- windows: the sketch grows, and is asked again for each row
SELECT i, flow.approx_distinct(i % 3) OVER (ORDER BY i) AS growing,
       flow.approx_distinct(i) OVER (ORDER BY i ROWS 1 PRECEDING) AS moving
FROM generate_series(1, 5) i;
SELECT flow.approx_distinct(DISTINCT i % 4) AS distinct_values, flow.approx_distinct(i) FILTER (WHERE i > 7) AS filtered
FROM generate_series(1, 9) i;

DROP TABLE sketches, copied;
