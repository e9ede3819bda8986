/*
 * The tables of queries.pl.  Each schema has the same tables with the same
 * rows: schema heap in heap tables, the others in flowstore tables of one
 * history each.  A query is run with each schema as its search_path.
 */
CREATE SCHEMA q;
CREATE TYPE q.verdict AS ENUM ('accept', 'drop', 'reject', 'unused');
CREATE DOMAIN q.port AS int CHECK (VALUE >= 0);
DO $$
BEGIN
	CREATE COLLATION q.folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
	CREATE COLLATION q.icu (provider = icu, locale = 'en');
EXCEPTION WHEN feature_not_supported THEN
	CREATE COLLATION q.folded FROM "C";
	CREATE COLLATION q.icu FROM "C";
END $$;
CREATE ROLE q_user;

/*
 * The rows.  Floats are multiples of 1/8, so that sums of them do not depend on order; the times of fall go through
 * the hours in which clocks are set back.
 */
CREATE TABLE q.rows (
	id int8, ts timestamptz, tl timestamp, d date, dur int, src_addr inet, dst_addr inet, net cidr,
	src_port int, dst_port int, protocol int2, packets int8, bytes int8, tcp_flags int2, big int8, b bool,
	f4 float4, f8 float8, num numeric, price numeric(12,2), sni text, tc text COLLATE "C", ti text COLLATE q.icu,
	tn text COLLATE q.folded, vc varchar(20), bp char(8), ba bytea, u uuid, j jsonb, ia int[], ta text[],
	dm q.port, en q.verdict, iv interval, mac macaddr, fall timestamptz, nothing int, one int2, added int, late text);

CREATE FUNCTION q.make_rows(first int, last int, seed int) RETURNS SETOF q.rows LANGUAGE sql STABLE AS $$
	SELECT g,
		CASE WHEN a % 97 = 0 THEN NULL WHEN a % 601 = 1 THEN 'infinity' WHEN a % 603 = 2 THEN '-infinity'
			ELSE timestamptz '2024-03-01 00:00+00' + g * interval '1.7 s' + a % 9000 * interval '1 ms' END,
		CASE WHEN b % 11 > 0 THEN timestamp '2024-03-01 12:00' + b % 200 * interval '10 min' END,
		CASE WHEN c % 307 = 0 THEN '-infinity' WHEN c % 13 > 0 THEN date '2024-02-20' + (c % 30)::int END,
		CASE WHEN a % 5 > 0 THEN CASE b % 700 WHEN 0 THEN -2147483648 WHEN 1 THEN 2147483647 ELSE b % 20000 - 100 END END,
		CASE WHEN c % 53 = 0 THEN NULL WHEN c % 9 = 0 THEN inet '2001:db8::' + a % 60
			WHEN c % 41 = 0 THEN set_masklen(inet '10.1.0.0' + a % 64, (24 + a % 8)::int) ELSE inet '10.1.0.0' + (a % 300) * (b % 300) / 300 END,
		CASE WHEN c % 9 = 0 THEN inet '2001:db8:ffff::' + b % 9 WHEN c % 8 = 0 THEN inet '10.1.0.0' + b % 300
			ELSE inet '192.0.2.0' + (b % 90) * (c % 90) / 90 END,
		CASE WHEN b % 7 > 0 THEN network(set_masklen(inet '10.1.0.0' + a % 4096, (16 + b % 17)::int))::cidr END,
		1024 + a % 60000,
		CASE WHEN b % 31 > 0 THEN (ARRAY[443, 53, 80, 22, 123, 8080, 443, 443, 666, 0])[1 + (b % 10) * (c % 10) / 10] END,
		(ARRAY[6, 17, 6, 6, 17, 1])[1 + b % 6],
		1 + (a % 50) * (b % 50), 40 * (1 + a % 30 * (b % 100000)),
		CASE WHEN c & 1 = 0 THEN c >> 1 & 63 END,
		CASE a % 300 WHEN 0 THEN -9223372036854775808 WHEN 1 THEN 9223372036854775807 ELSE (a >> 3) - (b >> 3) END,
		CASE c & 3 WHEN 0 THEN true WHEN 1 THEN false WHEN 2 THEN a % 100 = 0 END,
		CASE b % 400 WHEN 0 THEN 'NaN' WHEN 1 THEN '-0' WHEN 2 THEN 'infinity' ELSE CASE WHEN b % 6 > 0 THEN b % 256 / 8.0 - 4 END END,
		CASE c % 300 WHEN 0 THEN 'NaN' WHEN 1 THEN '-0' WHEN 2 THEN '-infinity' WHEN 3 THEN 1e9 ELSE CASE WHEN c % 7 > 0 THEN c % 65536 / 8.0 - 100 END END,
		CASE a % 250 WHEN 0 THEN 'NaN' WHEN 1 THEN 1.50 WHEN 2 THEN 1.5 WHEN 3 THEN 1e20 ELSE CASE WHEN a % 3 > 0 THEN b % 5000 / 100.0 END END,
		CASE WHEN c % 17 > 0 THEN (c % 100000 - 5000) / 100.0 END,
		CASE b & 7 WHEN 0 THEN 'host' || b % 300 || '.example.net' WHEN 1 THEN 'Host' || b % 20 || '.example.NET' WHEN 2 THEN '' WHEN 3 THEN md5((a % 40)::text) END,
		CASE WHEN a % 900 = 0 THEN repeat(md5(a::text), 90) WHEN a % 4 > 0 THEN chr(65 + (b % 26)::int) || chr(228 - (c % 3)::int) || c % 30 END,
		CASE WHEN b % 4 > 0 THEN (ARRAY['apple', 'Apple', 'äpfel', 'zebra', 'co-op', 'coop', ''])[1 + c % 7] || a % 4 END,
		CASE WHEN c % 3 > 0 THEN (ARRAY['curl', 'CURL', 'Wget', 'wget', 'Mozilla/5.0', ''])[1 + a % 6] END,
		CASE WHEN a % 8 > 0 THEN left(md5((b % 500)::text), (b % 21)::int) END,
		CASE WHEN c % 8 > 0 THEN left(md5((a % 50)::text), (a % 9)::int) END,
		CASE WHEN a % 9 > 0 THEN decode(left(md5((c % 90)::text), (c % 17)::int * 2), 'hex') END,
		CASE WHEN b % 9 > 0 THEN md5((b % 900)::text)::uuid END,
		CASE WHEN b % 10 > 0 THEN jsonb_build_object('k', a % 20, 'app', (ARRAY['dns', 'http', null])[1 + c % 3]) END,
		CASE WHEN c % 6 > 0 THEN CASE WHEN a % 5 = 0 THEN '{}' ELSE ARRAY[a % 7, NULL, b % 5]::int[] END END,
		CASE WHEN a % 7 > 0 THEN ARRAY['x' || b % 9, chr(97 + (a % 5)::int)] END,
		CASE WHEN c % 19 > 0 THEN c % 1000 END,
		CASE WHEN c % 23 > 0 THEN (ARRAY['accept', 'accept', 'drop', 'reject'])[1 + b % 4]::q.verdict END,
		CASE WHEN a % 21 > 0 THEN a % 5000 * interval '1 s' + b % 3 * interval '1 day' END,
		left(md5((b % 70)::text), 12)::macaddr,
		CASE WHEN a % 43 > 0 THEN timestamptz '2024-10-26 20:00+00' + g * interval '10 s' + CASE WHEN c % 2 = 0 THEN interval '170 h' ELSE '0' END END,
		NULL::int, 1::int2, CASE WHEN b % 4 > 0 THEN (a % 12)::int END, CASE WHEN a % 4 > 0 THEN 'late' || b % 12 END
	FROM generate_series(first, last) g,
		LATERAL (SELECT hashint8extended(g, seed) & 9007199254740991 AS a, hashint8extended(g, seed + 1) & 9007199254740991 AS b,
			hashint8extended(g, seed + 2) & 9007199254740991 AS c) r
$$;

/* The first half was there when columns added and late came. */
CREATE PROCEDURE q.init(n int, seed int) LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO q.rows SELECT * FROM q.make_rows(1, n, seed);
	UPDATE q.rows SET added = 7, late = NULL WHERE id <= n / 2;
END $$;

/* A schema with empty tables. */
CREATE PROCEDURE q.create(schema text, am text) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE SCHEMA %I', schema);
	PERFORM set_config('search_path', schema || ', q, public', true), set_config('default_table_access_method', am, true);
	IF schema = 'evolved' THEN
		CREATE TABLE t (gone int, LIKE q.rows, gone_too text);
		ALTER TABLE t DROP added, DROP late;
	ELSIF schema = 'parted' THEN
		CREATE TABLE t (LIKE q.rows) PARTITION BY RANGE (ts);
		CREATE TABLE t1 PARTITION OF t FOR VALUES FROM ('2024-03-01 00:00+00') TO ('2024-03-01 00:30+00');
		CREATE TABLE t2 PARTITION OF t FOR VALUES FROM ('2024-03-01 00:30+00') TO ('2024-03-01 01:00+00');
		CREATE TABLE t3 PARTITION OF t FOR VALUES FROM ('2024-03-01 01:00+00') TO ('2024-03-01 01:30+00') USING heap;
		CREATE TABLE td PARTITION OF t DEFAULT;
	ELSIF schema = 'ranged' THEN
		-- one partition has its columns in another order, and had more
		CREATE TABLE t (LIKE q.rows) PARTITION BY RANGE (ts);
		CREATE TABLE t1 PARTITION OF t FOR VALUES FROM ('-infinity') TO ('2024-03-01 00:25+00');
		EXECUTE 'CREATE TABLE t2 (gone int, ' || (SELECT string_agg(format('%I %s %s', attname, format_type(atttypid, atttypmod),
			'COLLATE ' || nullif(attcollation, 0)::regcollation), ', ' ORDER BY attnum DESC) FROM pg_attribute
			WHERE attrelid = 'q.rows'::regclass AND attnum > 0) || ', gone_too text)';
		ALTER TABLE t2 DROP gone, DROP gone_too;
		ALTER TABLE t ATTACH PARTITION t2 FOR VALUES FROM ('2024-03-01 00:25+00') TO ('2024-03-01 01:00+00');
		CREATE TABLE t3 PARTITION OF t FOR VALUES FROM ('2024-03-01 01:00+00') TO ('2024-03-01 01:10+00');
		CREATE TABLE td PARTITION OF t DEFAULT;
	ELSIF schema = 'listed' THEN
		CREATE TABLE t (LIKE q.rows) PARTITION BY LIST (protocol);
		CREATE TABLE t6 PARTITION OF t FOR VALUES IN (6) PARTITION BY HASH (src_port);
		CREATE TABLE t60 PARTITION OF t6 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
		CREATE TABLE t61 PARTITION OF t6 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
		CREATE TABLE t17 PARTITION OF t FOR VALUES IN (17);
		CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1) USING heap;
		CREATE TABLE td PARTITION OF t DEFAULT;
	ELSE
		CREATE TABLE t (LIKE q.rows);
	END IF;
	CREATE TABLE e (LIKE q.rows);
	CREATE TABLE s (k int, addr inet, subnet cidr, name text, since timestamptz, weight numeric);
	INSERT INTO s SELECT (ARRAY[443, 53, 22, 7, NULL, 666])[1 + g % 6], inet '10.1.0.0' + g * 7,
		network(set_masklen(inet '10.1.0.0' + g * 40, 26 + g % 6)), 'host' || g || '.example.net',
		timestamptz '2024-03-01 00:00+00' + g * interval '1 min', g / 4.0 FROM generate_series(1, 80) g;
END $$;

CREATE PROCEDURE q.finish() LANGUAGE plpgsql AS $$
BEGIN
	CREATE VIEW w AS SELECT * FROM t;
	CREATE VIEW v WITH (security_barrier) AS SELECT * FROM t WHERE dst_port IS DISTINCT FROM 22;
	CREATE VIEW x AS SELECT * FROM t UNION ALL SELECT * FROM e;
	ALTER TABLE t ENABLE ROW LEVEL SECURITY;
	CREATE POLICY visible ON t TO q_user USING (dst_port IS DISTINCT FROM 53 AND protocol <> 1);
	EXECUTE format('GRANT USAGE ON SCHEMA %I TO q_user', current_schema);
	EXECUTE format('GRANT ALL ON ALL TABLES IN SCHEMA %I TO q_user', current_schema);
	EXECUTE format('GRANT USAGE ON SCHEMA q, flow TO q_user');
	ANALYZE t, s, e;
END $$;

/* How the rows of a schema come about. */
CREATE PROCEDURE q.fill_at_once() LANGUAGE sql AS $$
	INSERT INTO t SELECT * FROM q.rows ORDER BY id
$$;

CREATE PROCEDURE q.fill_clustered() LANGUAGE sql AS $$
	INSERT INTO t SELECT * FROM q.rows ORDER BY id;
	SELECT flow.optimize('t', "full" => true)
$$;

/* Clustered, merged, fresh and few rows, with deleted and updated ones in all of them. */
CREATE PROCEDURE q.fill_mixed() LANGUAGE plpgsql AS $$
DECLARE
	n int := (SELECT count(*) FROM q.rows);
	r record;
BEGIN
	INSERT INTO t SELECT * FROM q.rows WHERE id <= n * 0.4;
	INSERT INTO t SELECT * FROM q.make_rows(n + 1, n + 600, 3);
	PERFORM flow.optimize('t', "full" => true);
	PERFORM flow.set('t', cluster => false);
	FOR r IN SELECT k FROM generate_series(0, 9) k LOOP
		INSERT INTO t SELECT * FROM q.rows WHERE id > n * 0.4 AND id <= n * 0.6 AND id % 10 = r.k;
	END LOOP;
	PERFORM flow.optimize('t');
	PERFORM flow.set('t', cluster => NULL);
	INSERT INTO t SELECT * FROM q.rows WHERE id > n * 0.6 AND id <= n * 0.9;
	INSERT INTO t SELECT * FROM q.make_rows(n + 1001, n + 1100, 4);
	FOR r IN SELECT k FROM generate_series(0, 39) k LOOP
		INSERT INTO t SELECT * FROM q.rows WHERE id > n * 0.9 AND id % 40 = r.k;
	END LOOP;
	DELETE FROM t WHERE id > n;
	UPDATE t SET sni = 'wrong', src_addr = '10.1.0.5', dst_port = 443, ts = ts - interval '1 day', f8 = 7, b = true, ia = NULL WHERE id % 9 = 2;
	UPDATE t SET (sni, src_addr, dst_port, ts, f8, b, ia) = (o.sni, o.src_addr, o.dst_port, o.ts, o.f8, o.b, o.ia)
		FROM q.rows o WHERE o.id % 9 = 2 AND t.id % 9 = 2 AND o.id = t.id;
END $$;

CREATE PROCEDURE q.fill_parts() LANGUAGE plpgsql AS $$
BEGIN
	PERFORM flow.set('t', partition => '5 minutes', zorder => 'dst_port, sni, u', bitmap => 'sni, dst_port, src_addr, num, en, b');
	INSERT INTO t SELECT * FROM q.rows WHERE id % 3 > 0;
	PERFORM flow.optimize('t', since => '2024-03-01 00:12+00', "full" => true);
	INSERT INTO t SELECT * FROM q.rows WHERE id % 3 = 0;
END $$;

CREATE PROCEDURE q.fill_evolved() LANGUAGE plpgsql AS $$
DECLARE
	n int := (SELECT count(*) FROM q.rows);
	names text := (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
		WHERE attrelid = 'q.rows'::regclass AND attnum > 0 AND attname NOT IN ('added', 'late'));
	more text := format('INSERT INTO t (%1$s) SELECT %1$s FROM q.rows WHERE id > $1 AND id <= $2', names);
BEGIN
	EXECUTE more USING n * 0.1, n * 0.3;
	UPDATE t SET gone = 1, gone_too = 'away';
	PERFORM flow.optimize('t');
	EXECUTE more USING n * 0.3, n * 0.5;
	EXECUTE more USING 0, 20;
	EXECUTE more USING 20, n * 0.1;
	ALTER TABLE t DROP gone, DROP gone_too, ADD added int DEFAULT 7, ADD late text;
	INSERT INTO t SELECT * FROM q.rows WHERE id > n / 2 AND id % 2 = 0;
	PERFORM flow.optimize('t', since => '2024-03-01 01:00+00');
	INSERT INTO t SELECT * FROM q.rows WHERE id > n / 2 AND id % 2 = 1;
END $$;

CREATE PROCEDURE q.fill_parted() LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO t SELECT * FROM q.rows;
	PERFORM flow.optimize('t1', "full" => true);
	DELETE FROM t WHERE id % 5 = 1;
	INSERT INTO t SELECT * FROM q.rows WHERE id % 5 = 1;
END $$;

/* Some partitions clustered, some not, rows in the wrong one at first. */
CREATE PROCEDURE q.fill_ranged() LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO t SELECT * FROM q.rows WHERE id % 4 < 3;
	PERFORM flow.optimize('t1', "full" => true), flow.optimize('t2', "full" => true);
	INSERT INTO t SELECT * FROM q.rows WHERE id % 4 = 3;
	UPDATE t SET ts = '2024-03-01 01:05+00', src_addr = '10.1.0.5' WHERE id % 11 = 3;
	UPDATE t SET ts = o.ts, src_addr = o.src_addr FROM q.rows o WHERE o.id % 11 = 3 AND t.id % 11 = 3 AND o.id = t.id;
END $$;

CREATE PROCEDURE q.fill_listed() LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO t SELECT * FROM q.rows;
	PERFORM flow.optimize('t60', "full" => true), flow.optimize('t17');
	UPDATE t SET protocol = CASE protocol WHEN 6 THEN 17 WHEN 17 THEN 1 ELSE 99 END, bytes = 0 WHERE id % 13 = 5;
	UPDATE t SET protocol = o.protocol, bytes = o.bytes FROM q.rows o WHERE o.id % 13 = 5 AND t.id % 13 = 5 AND o.id = t.id;
END $$;

/* Runs something and gives back one text, or the SQLSTATE; internal errors with their message. */
CREATE FUNCTION q.set(settings text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1 .. cardinality(settings) / 2 LOOP
		PERFORM set_config(settings[2 * i - 1], settings[2 * i], true);
	END LOOP;
END $$;

CREATE FUNCTION q.state(state text, message text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT 'error ' || state || CASE WHEN state ~ '^(XX|58|42)' THEN ': ' || replace(message, E'\n', ' ') ELSE '' END
$$;

CREATE FUNCTION q.run(settings text[], query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
	PERFORM q.set(settings);
	EXECUTE query INTO answer;
	RETURN answer;
EXCEPTION WHEN query_canceled OR OTHERS THEN
	RETURN q.state(SQLSTATE, SQLERRM);
END $$;

/* Prepared once, executed with one list of parameters after another. */
CREATE FUNCTION q.prepared(settings text[], query text, types text, lists text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
	answers text := '';
	list text;
BEGIN
	PERFORM q.set(settings);
	EXECUTE 'PREPARE q_statement (' || types || ') AS ' || query;
	FOREACH list IN ARRAY lists LOOP
		EXECUTE 'EXECUTE q_statement (' || list || ')' INTO answer;
		answers := answers || coalesce(answer, '') || '; ';
	END LOOP;
	DEALLOCATE q_statement;
	RETURN answers;
EXCEPTION WHEN query_canceled OR OTHERS THEN
	answer := q.state(SQLSTATE, SQLERRM);
	DEALLOCATE ALL;
	RETURN answers || answer;
END $$;

/*
 * Forwards, backwards, and a few moves: a digest of the rows, or the rows themselves, whatever their order, and whether
 * all passes agree.
 */
CREATE FUNCTION q.scroll(settings text[], query text, moves int[], in_full bool) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	c refcursor;
	r record;
	there text[] := '{}';
	back text[] := '{}';
	at int := 0;
	good bool := true;
BEGIN
	PERFORM q.set(settings);
	OPEN c SCROLL FOR EXECUTE query;
	LOOP
		FETCH NEXT FROM c INTO r;
		EXIT WHEN NOT FOUND;
		there := there || r::text;
	END LOOP;
	LOOP
		FETCH PRIOR FROM c INTO r;
		EXIT WHEN NOT FOUND;
		back := r::text || back;
	END LOOP;
	IF cardinality(there) > 0 THEN
		FOREACH at IN ARRAY moves LOOP
			at := 1 + at % cardinality(there);
			FETCH ABSOLUTE at FROM c INTO r;
			good := good AND r::text = there[at];
			FETCH RELATIVE -1 FROM c INTO r;
			good := good AND CASE WHEN FOUND THEN r::text = there[at - 1] ELSE at = 1 END;
		END LOOP;
	END IF;
	RETURN CASE WHEN there <> back OR NOT good THEN 'the cursor moved wrongly'
		WHEN in_full THEN (SELECT string_agg(line, E'\x01' ORDER BY line COLLATE "C") FROM unnest(there) line)
		ELSE cardinality(there) || ' ' || coalesce((SELECT sum(hashtextextended(line, 0)) FROM unnest(there) line), 0) END;
EXCEPTION WHEN query_canceled OR OTHERS THEN
	RETURN q.state(SQLSTATE, SQLERRM);
END $$;

/* Several statements in a subtransaction that is rolled back; each gives one text. */
CREATE FUNCTION q.change(settings text[], statements text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
	answers text := '';
	statement text;
BEGIN
	PERFORM q.set(settings);
	FOREACH statement IN ARRAY statements LOOP
		EXECUTE statement INTO answer;
		answers := answers || coalesce(answer, '') || '; ';
	END LOOP;
	RAISE EXCEPTION USING ERRCODE = 'QQ000', MESSAGE = answers;
EXCEPTION
	WHEN SQLSTATE 'QQ000' THEN RETURN SQLERRM;
	WHEN query_canceled OR OTHERS THEN RETURN answers || q.state(SQLSTATE, SQLERRM);
END $$;

/* A cursor that is opened, and read for a while, before a change that is rolled back: it shows what was there. */
CREATE FUNCTION q.across(settings text[], query text, count int, statement text, in_full bool) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	c refcursor;
	r record;
	lines text[] := '{}';
BEGIN
	PERFORM q.set(settings);
	OPEN c NO SCROLL FOR EXECUTE query;
	LOOP
		FETCH c INTO r;
		EXIT WHEN NOT FOUND;
		lines := lines || r::text;
		IF cardinality(lines) = count THEN EXECUTE statement; END IF;
	END LOOP;
	RAISE EXCEPTION USING ERRCODE = 'QQ000';
EXCEPTION
	WHEN SQLSTATE 'QQ000' THEN
		RETURN CASE WHEN in_full THEN (SELECT string_agg(line, E'\x01' ORDER BY line COLLATE "C") FROM unnest(lines) line)
			ELSE cardinality(lines) || ' ' || coalesce((SELECT sum(hashtextextended(line, 0)) FROM unnest(lines) line), 0) END;
	WHEN query_canceled OR OTHERS THEN RETURN q.state(SQLSTATE, SQLERRM);
END $$;

/* Which of our plan nodes a query uses. */
CREATE FUNCTION q.nodes(settings text[], query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	line text;
	nodes text := '';
BEGIN
	PERFORM q.set(settings);
	FOR line IN EXECUTE 'EXPLAIN (COSTS off) ' || query LOOP
		IF line ~ '(FlowScan|FlowAggregate|FlowOrder)' THEN nodes := nodes || ' ' || substring(line FROM '(FlowScan|FlowAggregate|FlowOrder)'); END IF;
		IF line ~ 'Workers Planned' THEN nodes := nodes || ' Parallel'; END IF;
	END LOOP;
	RETURN nodes;
EXCEPTION WHEN query_canceled OR OTHERS THEN
	RETURN q.state(SQLSTATE, SQLERRM);
END $$;

/* Functions for quals: one that the planner cannot look into, and one that row security keeps from hidden rows. */
CREATE FUNCTION q.plus(int) RETURNS int LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS 'BEGIN RETURN $1 + 1; END';
CREATE FUNCTION q.never(dst_port int, protocol int2) RETURNS bool LANGUAGE plpgsql IMMUTABLE COST 0.0001 PARALLEL SAFE AS $$
BEGIN
	IF dst_port = 53 OR protocol = 1 THEN
		RAISE EXCEPTION USING ERRCODE = 'QQ001', MESSAGE = 'a hidden row was seen';
	END IF;
	RETURN true;
END $$;
