-------------------------------------------------------------------------
-- Billing: the 95th percentile of interfaces and autonomous systems
-------------------------------------------------------------------------

CREATE TABLE flow.interface (
    exporter inet NOT NULL,
    if_index integer NOT NULL,
    name text,
    speed_bps bigint CHECK (speed_bps > 0),
    customer text,
    PRIMARY KEY (exporter, if_index)
);

COMMENT ON TABLE flow.interface IS
'What is known of the interfaces of exporters; who knows it fills it in.  Exporters do not tell the
speed of an interface with flows.';
COMMENT ON COLUMN flow.interface.speed_bps IS 'bits per second in each direction (ifSpeed, 1e6 * ifHighSpeed)';
COMMENT ON COLUMN flow.interface.customer IS 'who is billed for it';

CREATE TABLE flow.autonomous_system (
    as_number bigint PRIMARY KEY,
    name text,
    country text,
    customer text
);

COMMENT ON TABLE flow.autonomous_system IS
'What is known of autonomous systems; who knows it fills it in.';
COMMENT ON COLUMN flow.autonomous_system.country IS 'ISO 3166-1, two letters';
COMMENT ON COLUMN flow.autonomous_system.customer IS 'who is billed for it';

SELECT pg_catalog.pg_extension_config_dump('flow.interface', '');
SELECT pg_catalog.pg_extension_config_dump('flow.autonomous_system', '');

CREATE FUNCTION flow.billing_is_sampled(relation regclass, corrected boolean, columns jsonb)
RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    -- what is not there corrects nothing
    SELECT coalesce(corrected, false) AND EXISTS (
        SELECT FROM pg_attribute a WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped
        AND a.attname = coalesce(columns ->> 'sampling', 'sampling'))
$$;

COMMENT ON FUNCTION flow.billing_is_sampled(regclass, boolean, jsonb) IS
'part of flow.interface_billing and flow.as_billing; not to be called';

CREATE FUNCTION flow.billing_samples(
    relation regclass, owner text, key text, keys bigint[], corrected boolean, width interval,
    since timestamp with time zone, until timestamp with time zone, columns jsonb)
RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    sampled CONSTANT boolean := flow.billing_is_sampled(relation, corrected, columns);
    source CONSTANT text := flow.traffic_source(
        relation, array_remove(ARRAY[owner, key, CASE WHEN sampled THEN 'sampling' END], NULL), 'bytes', width, since, until, NULL, columns);
    own CONSTANT text := coalesce(quote_ident(owner), 'NULL::inet');
    groups CONSTANT text := concat_ws(', ', quote_ident(owner), quote_ident(key));
    wanted CONSTANT text := format('%I IS NOT NULL', key) ||
        CASE WHEN keys IS NULL THEN '' ELSE format(' AND %I = ANY (%L::bigint[])', key, keys) END;
    is_mixed boolean := false;
BEGIN
    IF sampled THEN
        EXECUTE format('SELECT count(*) > 0 FROM (SELECT %1$s FROM (SELECT %1$s, sampling FROM (%2$s) f WHERE %3$s GROUP BY %1$s, sampling) f
                        GROUP BY %1$s HAVING count(*) > 1) f', groups, source, wanted) INTO is_mixed;
    END IF;
    -- one rate of sampling for all flows of a key is multiplied in the end, which lets scans group
    RETURN format(CASE WHEN is_mixed
        THEN 'SELECT %1$s AS exporter, %2$I::bigint AS key, b, sum(bytes * greatest(coalesce(sampling, 1), 1)) AS bytes
              FROM (SELECT flow.time_bucket(%3$L::interval, bucket) AS b, %4$s, sampling, sum(amount) AS bytes
                    FROM (%5$s) f WHERE %6$s GROUP BY 1, %4$s, sampling) s GROUP BY 1, 2, 3'
        ELSE 'SELECT %1$s AS exporter, %2$I::bigint AS key, b, bytes
              FROM (SELECT flow.time_bucket(%3$L::interval, bucket) AS b, %4$s, sum(amount) %7$s AS bytes
                    FROM (%5$s) f WHERE %6$s GROUP BY 1, %4$s) s' END,
        own, key, width, groups, source, wanted, CASE WHEN sampled THEN '* greatest(coalesce(max(sampling), 1), 1)' ELSE '' END);
END
$$;

COMMENT ON FUNCTION flow.billing_samples(regclass, text, text, bigint[], boolean, interval, timestamp with time zone, timestamp with time zone, jsonb) IS
'The query from which flow.billing_of takes the samples of one direction: exporter, key, b, bytes.';

CREATE FUNCTION flow.billing_of(
    relation regclass, owner text, into_key text, from_key text, since timestamp with time zone,
    until timestamp with time zone, width interval, n integer, corrected boolean, columns jsonb)
RETURNS TABLE (exporter inet, key bigint, in_bytes numeric, out_bytes numeric, in_p95 double precision,
    out_p95 double precision, in_max double precision, out_max double precision, samples bigint)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
DECLARE
    secs CONSTANT bigint := extract(epoch FROM width);
    sampled CONSTANT boolean := flow.billing_is_sampled(relation, corrected, columns);
    times bigint;
    keys bigint[];
BEGIN
    IF width IS NULL OR NOT flow.is_fixed(width, '1 min', '24:00') THEN
        RAISE EXCEPTION 'width must be between a minute and 24 hours' USING ERRCODE = 'invalid_parameter_value';
    ELSIF n IS NULL OR n < 0 THEN
        RAISE EXCEPTION 'n must not be negative' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- whole samples only
    since := flow.time_bucket(width, since - interval '1 us') + width;
    until := flow.time_bucket(width, least(until, flow.now()));
    IF since >= until THEN
        RETURN;
    END IF;
    -- samples are counted from the first flow of all, whichever keys are shown
    EXECUTE format('SELECT extract(epoch FROM %L - flow.time_bucket(%L::interval, min(f.bucket))) / %s FROM (%s) f', until, width, secs,
                   flow.traffic_source(relation, '{}', 'bytes', width, since, until, NULL, columns)) INTO times;
    IF owner IS NULL THEN
        -- samples of many are needed of the first only, and constants let scans group
        EXECUTE format('SELECT coalesce(array_agg(x.key), ''{}'') FROM (
                            SELECT w.key FROM (%s) w GROUP BY w.key ORDER BY sum(w.bytes) DESC NULLS LAST, w.key LIMIT %s) x',
            (SELECT string_agg(format('SELECT s.key, s.bytes %1$s AS bytes FROM (
                                           SELECT %2$I AS key%3$s, sum(amount) AS bytes FROM (%4$s) f WHERE %2$I IS NOT NULL GROUP BY %2$I%3$s) s',
                                      CASE WHEN sampled THEN '* greatest(coalesce(s.sampling, 1), 1)' ELSE '' END, side,
                                      CASE WHEN sampled THEN ', sampling' ELSE '' END,
                                      flow.traffic_source(relation, CASE WHEN sampled THEN ARRAY[side, 'sampling'] ELSE ARRAY[side] END, 'bytes',
                                                          width, since, until, NULL, columns)), ' UNION ALL ')
             FROM unnest(ARRAY[into_key, from_key]) side), n) INTO keys;
    END IF;
    -- nearest rank: of N samples, those without traffic included, the one at place ceil(0.95 N) in rising order
    RETURN QUERY EXECUTE format(
        'WITH one AS MATERIALIZED (
             SELECT false AS is_out, s.exporter, s.key, sum(s.bytes) AS bytes, array_agg(coalesce(s.bytes, 0)::float8) AS amounts FROM (%1$s) s GROUP BY 2, 3
             UNION ALL
             SELECT true, s.exporter, s.key, sum(s.bytes), array_agg(coalesce(s.bytes, 0)::float8) FROM (%2$s) s GROUP BY 2, 3),
         rated AS (
             SELECT o.*, coalesce((SELECT a FROM unnest(o.amounts) a ORDER BY a DESC OFFSET %3$s / 20 LIMIT 1), 0) * 8 / %4$L AS p95,
                    (SELECT max(a) FROM unnest(o.amounts) a) * 8 / %4$L AS most
             FROM one o)
         SELECT r.exporter, r.key, coalesce(sum(r.bytes) FILTER (WHERE NOT r.is_out), 0), coalesce(sum(r.bytes) FILTER (WHERE r.is_out), 0),
                coalesce(max(r.p95) FILTER (WHERE NOT r.is_out), 0), coalesce(max(r.p95) FILTER (WHERE r.is_out), 0),
                coalesce(max(r.most) FILTER (WHERE NOT r.is_out), 0), coalesce(max(r.most) FILTER (WHERE r.is_out), 0),
                %3$s::bigint
         FROM rated r GROUP BY 1, 2 ORDER BY max(r.p95) DESC, sum(r.bytes) DESC NULLS LAST, 1, 2 LIMIT %5$s',
        flow.billing_samples(relation, owner, into_key, keys, corrected, width, since, until, columns),
        flow.billing_samples(relation, owner, from_key, keys, corrected, width, since, until, columns), coalesce(times, 0), secs, n);
END
$$;

COMMENT ON FUNCTION flow.billing_of(regclass, text, text, text, timestamp with time zone, timestamp with time zone, interval, integer, boolean, jsonb) IS
'part of flow.interface_billing and flow.as_billing; not to be called';

CREATE FUNCTION flow.interface_billing(
    since timestamp with time zone DEFAULT NULL, until timestamp with time zone DEFAULT NULL,
    span interval DEFAULT '30 days', width interval DEFAULT '5 min', n integer DEFAULT 1000,
    corrected boolean DEFAULT true, relation regclass DEFAULT NULL, columns jsonb DEFAULT NULL)
RETURNS TABLE (exporter inet, interface bigint, name text, customer text, speed_bps bigint, in_bytes numeric,
    out_bytes numeric, in_p95 double precision, out_p95 double precision, p95 double precision, in_max double precision,
    out_max double precision, samples bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT b.exporter, b.key, i.name, i.customer, i.speed_bps, b.in_bytes, b.out_bytes, b.in_p95, b.out_p95,
           greatest(b.in_p95, b.out_p95), b.in_max, b.out_max, b.samples
    FROM flow.time_range(interface_billing.since, interface_billing.until, interface_billing.span) t,
         flow.billing_of(flow.relation(relation), 'exporter', 'in_if', 'out_if', t.since, t.until, width, n, corrected, columns) b
    LEFT JOIN flow.interface i ON i.exporter = b.exporter AND i.if_index = b.key
    ORDER BY 10 DESC, b.in_bytes + b.out_bytes DESC, b.exporter, b.key;
END;

COMMENT ON FUNCTION flow.interface_billing(timestamp with time zone, timestamp with time zone, interval, interval, integer, boolean, regclass, jsonb) IS
'What goes over the interfaces of exporters in [since, until), for invoices: bytes into and out of the
device, and in bits per second the 95th percentile of samples of width (5 minutes), by nearest rank: of N samples,
those without traffic included, the one at place ceil(0.95 N) in rising order; p95 is the larger of the two directions, and *_max the largest sample.
Only whole samples between since, or the first flow after it, and until, or the present, count, a flow in the one in
which it begins; samples is N.  corrected: bytes
are multiplied by column sampling.  The n with the largest p95, that first; name, customer and speed are those of
flow.interface.  Reads a rollup of flow.create_traffic_rollups() where there is one, else the table.  until NULL is
flow.now(), since NULL is span before.  A width of less than a minute or more than a day, a negative n and a range without time are errors
(invalid_parameter_value); a table without exporter, in_if, out_if is one (undefined_column).';

CREATE FUNCTION flow.as_billing(
    since timestamp with time zone DEFAULT NULL, until timestamp with time zone DEFAULT NULL,
    span interval DEFAULT '30 days', width interval DEFAULT '5 min', n integer DEFAULT 100,
    corrected boolean DEFAULT true, relation regclass DEFAULT NULL, columns jsonb DEFAULT NULL)
RETURNS TABLE (as_number bigint, name text, customer text, in_bytes numeric, out_bytes numeric, in_p95 double precision,
    out_p95 double precision, p95 double precision, in_max double precision, out_max double precision, samples bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT b.key, a.name, a.customer, b.in_bytes, b.out_bytes, b.in_p95, b.out_p95, greatest(b.in_p95, b.out_p95), b.in_max, b.out_max, b.samples
    FROM flow.time_range(as_billing.since, as_billing.until, as_billing.span) t,
         flow.billing_of(flow.relation(relation), NULL, 'src_as', 'dst_as', t.since, t.until, width, n, corrected, columns) b
    LEFT JOIN flow.autonomous_system a ON a.as_number = b.key
    ORDER BY 8 DESC, b.in_bytes + b.out_bytes DESC, b.key;
END;

COMMENT ON FUNCTION flow.as_billing(timestamp with time zone, timestamp with time zone, interval, interval, integer, boolean, regclass, jsonb) IS
'The same by autonomous system, of the n with most bytes: what came from it (in) and what went to it (out).
0 are addresses whose system is not known; name and customer are those of flow.autonomous_system.';


CREATE FUNCTION flow.country_bytes_of(
    relation regclass, since timestamp with time zone, until timestamp with time zone, n integer, columns jsonb)
RETURNS TABLE (country text, in_bytes numeric, out_bytes numeric)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
DECLARE
    kind text := 'as';
BEGIN
    IF (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped
        AND a.attname IN ('src_country', 'dst_country')) = 2 THEN
        kind := 'country';
    ELSIF has_table_privilege('flow.prefix_table', 'SELECT') THEN
        kind := CASE WHEN EXISTS (SELECT FROM flow.prefix_table p WHERE p.name = 'country') THEN 'addr' ELSE 'as' END;
    END IF;
    IF n IS NULL OR n < 0 THEN
        RAISE EXCEPTION 'n must not be negative' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT coalesce(x.country, ''unknown''), coalesce(sum(x.bytes) FILTER (WHERE NOT x.is_out), 0), coalesce(sum(x.bytes) FILTER (WHERE x.is_out), 0)
         FROM (%s) x GROUP BY 1 ORDER BY sum(x.bytes) DESC NULLS LAST, 1 LIMIT %s',
        (SELECT string_agg(format('SELECT %L::boolean AS is_out, %s AS country, s.bytes
                                   FROM (SELECT f.%I AS key, sum(f.amount) AS bytes FROM (%s) f GROUP BY 1) s %s',
            side.is_out,
            CASE kind WHEN 'country' THEN 's.key::text' WHEN 'addr' THEN 'flow.lookup(''country'', s.key)' ELSE 'a.country' END,
            side.key, flow.traffic_source(relation, ARRAY[side.key], 'bytes', NULL, since, until, NULL, columns),
            CASE kind WHEN 'as' THEN 'LEFT JOIN flow.autonomous_system a ON a.as_number = s.key' END), ' UNION ALL ')
         FROM (VALUES (false, 'src_' || kind), (true, 'dst_' || kind)) side(is_out, key)), n);
END
$$;

COMMENT ON FUNCTION flow.country_bytes_of(regclass, timestamp with time zone, timestamp with time zone, integer, jsonb) IS
'part of flow.country_bytes; not to be called';

CREATE FUNCTION flow.country_bytes(
    since timestamp with time zone DEFAULT NULL, until timestamp with time zone DEFAULT NULL,
    span interval DEFAULT '24 hours', n integer DEFAULT 300, relation regclass DEFAULT NULL, columns jsonb DEFAULT NULL)
RETURNS TABLE (country text, in_bytes numeric, out_bytes numeric)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.country, c.in_bytes, c.out_bytes
    FROM flow.time_range(country_bytes.since, country_bytes.until, country_bytes.span) t,
         flow.country_bytes_of(flow.relation(relation), t.since, t.until, n, columns) c;
END;

COMMENT ON FUNCTION flow.country_bytes(timestamp with time zone, timestamp with time zone, interval, integer, regclass, jsonb) IS
'The n countries with most bytes, as reported, in [since, until): bytes that came from there (in) and that went there
(out).  Countries are those of columns src_country and dst_country if the table has them (flowcollectd writes them with
--networks), else of addresses in the prefix table "country" if there is one (flow.load_prefixes), else of AS numbers in
flow.autonomous_system; what none of them knows is unknown.  Reads a rollup of flow.create_traffic_rollups() where there is one.
until NULL is flow.now(), since NULL is span before.  A negative n and a range without time are errors
(invalid_parameter_value).';
