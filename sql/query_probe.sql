-- Looking values up in partition indexes: right answers, and few bytes.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
CREATE SCHEMA query_probe;
SET search_path = query_probe;
SET TimeZone = 'UTC';
SET max_parallel_workers_per_gather = 0;
SET flowstore.enable_scan = on;

CREATE TABLE h (ts timestamptz, src_addr inet, dst_addr inet, src_port int, dst_port int, name text);
INSERT INTO h
SELECT timestamptz '2024-03-01 00:00+00' + g * interval '50 ms',
	(inet '10.0.0.0' + g * 7919 % 30011 * 2),
	CASE WHEN g % 3 = 0 THEN inet '2001:db8::' + g * 31 % 20011 * 2 ELSE inet '192.0.0.0' + g * 17 % 30011 * 2 END,
	g * 11 % 40009 * 2,
	CASE WHEN g % 5 = 0 THEN NULL ELSE g % 7 * 10 END,
	'n' || g * 13 % 9001
FROM generate_series(0, 143999) g;
CREATE TABLE f (LIKE h) USING flowstore;
INSERT INTO f SELECT * FROM h;
SELECT count(*) > 0 AS clustered FROM flow.optimize('f');
SELECT count(*) AS sets, bool_and(clustered > 8192 * 4) AS are_large FROM flow.partitions('f');
SELECT * FROM flow.check('f');

-- the sum of a counter over the nodes of a plan
CREATE FUNCTION counter(query text, name text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (ANALYZE, TIMING OFF, FORMAT json) ' || query INTO plan;
	RETURN (SELECT sum(x::text::bigint) FROM jsonb_path_query(plan::jsonb, format('strict $.** ? (exists(@."Node Type") && exists(@.%1$I)).%1$I', name)::jsonpath) x);
END $$;
CREATE FUNCTION bytes(query text) RETURNS bigint LANGUAGE sql AS
	$$SELECT counter(query, 'Partition Index Bytes Fetched')$$;

-- the same rows as heap has
CREATE FUNCTION same(clause text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	differ bigint;
BEGIN
	EXECUTE format('SELECT count(*) FROM ((SELECT * FROM f WHERE %1$s EXCEPT ALL SELECT * FROM h WHERE %1$s) UNION ALL
		(SELECT * FROM h WHERE %1$s EXCEPT ALL SELECT * FROM f WHERE %1$s)) d', clause) INTO differ;
	RETURN differ = 0;
END $$;

-- a value that no set has takes the front of each index, a leaf and a block
SELECT bytes('SELECT count(*) FROM f WHERE src_addr = ''10.0.0.1''') < 2 * 4096 AS v4,
	bytes('SELECT count(*) FROM f WHERE dst_addr = ''2001:db8::1''') < 2 * 4096 AS v6,
	bytes('SELECT count(*) FROM f WHERE dst_addr = ''9.9.9.9''') < 2 * 4096 AS below_all,
	bytes('SELECT count(*) FROM f WHERE dst_addr = ''ffff::''') < 2 * 4096 AS above_all,
	bytes('SELECT * FROM f WHERE src_port = 101') < 2 * 8192 AS port;
SELECT counter('SELECT * FROM f WHERE src_addr = ''10.0.0.1''', 'Chunks Pruned by Partition Index') AS chunks,
	counter('SELECT * FROM f WHERE src_addr = ''10.0.0.1''', 'Bytes Fetched') AS bytes;

-- either side is one look-up
SELECT bytes('SELECT * FROM f WHERE src_addr = ''10.0.0.1'' OR dst_addr = ''10.0.0.1'' LIMIT 100') =
	bytes('SELECT * FROM f WHERE src_addr = ''10.0.0.1'' LIMIT 100') AS either_side;

-- a long list reads no block twice, in whatever order it comes
CREATE TABLE listed AS SELECT inet '10.0.0.1' + g * 7919 % 30011 * 2 AS a FROM generate_series(1, 1000) g;
SELECT bytes(format('SELECT count(*) FROM f WHERE src_addr = ANY (%L)', (SELECT array_agg(a) FROM listed))) AS listed,
	bytes(format('SELECT count(*) FROM f WHERE src_addr = ANY (%1$L) OR dst_addr = ANY (%1$L)', (SELECT array_agg(a) FROM listed))) AS either
\gset
SELECT :listed = :either AS either_side, :listed < (SELECT sum(index_bytes) FROM flow.partitions('f')) / 2 AS less_than_half;

-- with a time range only its partitions are touched
SELECT counter('SELECT * FROM f WHERE src_addr = ''10.0.0.1'' AND ts >= ''2024-03-01 01:10+00''', 'Chunks') <
	counter('SELECT * FROM f WHERE src_addr = ''10.0.0.1''', 'Chunks') AS fewer_chunks,
	bytes('SELECT * FROM f WHERE src_addr = ''10.0.0.1'' AND ts >= ''2024-03-01 01:30+00''') < 4096 AS fewer_bytes;

SELECT clause, same(clause) FROM (VALUES
	('src_addr = ''10.0.0.1'''), ('src_addr = ''10.0.0.2'''), ('src_addr = ''10.0.100.2'' OR dst_addr = ''10.0.100.2'''),
	('src_addr = ''192.0.0.34'' OR dst_addr = ''192.0.0.34'''), ('src_addr = ''192.0.0.34'' AND dst_addr = ''192.0.0.34'''),
	('dst_addr = ''2001:db8::3e'''), ('dst_addr IN (''2001:db8::3e'', ''192.0.0.34'', NULL, ''192.0.0.34'')'),
	('dst_addr = ANY (''{192.0.234.22, 2001:db8::9c32, 192.0.0.0, 1.2.3.4}'') OR src_addr = ANY (''{192.0.234.22, 2001:db8::9c32, 192.0.0.0, 1.2.3.4}'')'),
	('src_addr = ANY (SELECT a + 1 FROM listed)'),
	('src_addr IN (''10.0.0.2'', ''10.0.0.0/24'') OR dst_addr IN (''10.0.0.2'', ''10.0.0.0/24'')'),
	('src_port = 202 OR dst_port = 202'), ('src_port = 30 OR dst_port = 30'), ('src_port IN (80016, 0, 40)'),
	('src_port = 80017'), ('src_port > 80000'), ('name = ''n77'''), ('name IN (''n9000'', ''n77'', ''none'')'),
	('src_addr << ''10.0.0.0/25'''), ('dst_addr <<= ''2001:db8::/120''')) x(clause)
ORDER BY 1;

-- values of a parameter
PREPARE q(inet) AS SELECT count(*) FROM f WHERE src_addr = $1 OR dst_addr = $1;
SET plan_cache_mode = force_generic_plan;
EXECUTE q('10.0.0.2');
EXECUTE q('192.0.0.34');
EXECUTE q('10.0.0.1');
EXECUTE q(NULL);

DROP SCHEMA query_probe CASCADE;
