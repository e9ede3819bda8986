/*
 * The heap twin: helpers shared by sql/am_*.sql and test/differential/run.pl.
 *
 * A test sends the same statements to a heap table and to a flowstore table;
 * these functions say whether the two still hold the same rows.
 */
CREATE SCHEMA IF NOT EXISTS twin;

/*
 * Multiset difference both ways.  Rows are compared by their text form, so
 * that types without equality (json, point, xml) take part, and so that
 * 1.0 and 1.00 differ.
 */
CREATE OR REPLACE FUNCTION twin.diff(heap regclass, flow regclass,
	OUT n bigint, OUT heap_only bigint, OUT flow_only bigint)
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('SELECT (SELECT count(*) FROM %2$s),
		(SELECT count(*) FROM (SELECT t::text FROM %1$s t
			EXCEPT ALL SELECT t::text FROM %2$s t) x),
		(SELECT count(*) FROM (SELECT t::text FROM %2$s t
			EXCEPT ALL SELECT t::text FROM %1$s t) x)', heap, flow)
		INTO n, heap_only, flow_only;
END $$;

/*
 * Rows whose bytes differ, joined by a unique column: tells -0 from 0 and one
 * NaN from another.  Also counts rows that are on one side only.
 */
CREATE OR REPLACE FUNCTION twin.bits(heap regclass, flow regclass, key name)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	EXECUTE format('SELECT count(*) FROM %s h FULL JOIN %s f USING (%I)
		WHERE (h *= f) IS NOT TRUE', heap, flow, key) INTO n;
	RETURN n;
END $$;

/* The rows a query returns, as one number that does not depend on order. */
CREATE OR REPLACE FUNCTION twin.digest(query text,
	OUT n bigint, OUT digest numeric)
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('SELECT count(*), coalesce(sum(hashtextextended(q::text, 0)), 0)
		FROM (%s) q', query) INTO n, digest;
END $$;

/*
 * Run one query on both tables (%s stands for the table), with FlowScan on
 * and off; say "same" or show the numbers.
 */
CREATE OR REPLACE FUNCTION twin.same(heap regclass, flow regclass, query text)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	want record;
	got record;
	setting text;
	was text := current_setting('flowstore.enable_scan', true);
BEGIN
	SELECT * INTO want FROM twin.digest(replace(query, '%s', heap::text));
	FOREACH setting IN ARRAY ARRAY['on', 'off'] LOOP
		PERFORM set_config('flowstore.enable_scan', setting, true);
		SELECT * INTO got FROM twin.digest(replace(query, '%s', flow::text));
		IF got IS DISTINCT FROM want THEN
			PERFORM set_config('flowstore.enable_scan', coalesce(was, 'on'), true);
			RETURN format('enable_scan=%s: %s rows, heap has %s: %s',
						  setting, got.n, want.n, query);
		END IF;
	END LOOP;
	PERFORM set_config('flowstore.enable_scan', coalesce(was, 'on'), true);
	RETURN 'same';
END $$;

/* What a refused statement raises: SQLSTATE, and whether it gives a hint. */
CREATE OR REPLACE FUNCTION twin.refusal(statement text)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	hint text;
BEGIN
	EXECUTE statement;
	RETURN 'not refused';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
	RETURN SQLSTATE || CASE WHEN hint <> '' THEN ' with hint' ELSE '' END;
END $$;

/* Flow records that look like traffic and are the same at every run. */
CREATE OR REPLACE FUNCTION twin.flows(first bigint, last bigint)
RETURNS TABLE (id bigint, ts timestamptz, duration_ms int, src_addr inet,
	dst_addr inet, src_port int, dst_port int, protocol smallint,
	packets bigint, bytes bigint, tcp_flags smallint, sni text, rtt float8,
	verdict bool)
LANGUAGE sql STABLE AS $$
	SELECT g,
		timestamptz '2024-03-01 00:00:00+00' + g * interval '100 milliseconds'
			+ (r & 4095) * interval '1 millisecond',
		(r & 65535)::int,
		CASE WHEN r & 15 = 0
			THEN inet '2001:db8::' + (r & 255)
			ELSE inet '10.1.0.0' + (abs(r) % 700) END,
		CASE WHEN r & 15 = 0
			THEN inet '2001:db8:ffff::' + (r & 15)
			ELSE inet '192.0.2.0' + (abs(r) % 90) END,
		(1024 + abs(r) % 60000)::int,
		(ARRAY[443, 53, 80, 22, 123, 8080])[1 + abs(r) % 6],
		(ARRAY[6, 17, 6, 6, 17, 1])[1 + abs(r) % 6]::smallint,
		1 + abs(r) % 1000,
		40 * (1 + abs(r) % 100000),
		CASE WHEN r & 1 = 0 THEN (r & 63)::smallint END,
		CASE WHEN r & 3 = 0 THEN 'host' || (abs(r) % 300) || '.example.net' END,
		CASE WHEN r & 7 <> 0 THEN (abs(r) % 100000) / 1000.0 END::float8,
		CASE r & 3 WHEN 0 THEN true WHEN 1 THEN false END
	FROM generate_series(first, last) g,
		LATERAL (SELECT hashint8extended(g, 42) >> 8 AS r) x
$$;

/* flow_h and flow_f: a heap table and its flowstore twin with n such rows. */
CREATE OR REPLACE FUNCTION twin.create_flows(n bigint)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	CREATE TABLE flow_h AS SELECT * FROM twin.flows(1, n);
	CREATE TABLE flow_f (LIKE flow_h) USING flowstore;
	INSERT INTO flow_f SELECT * FROM flow_h;
END $$;
