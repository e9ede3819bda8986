-------------------------------------------------------------------------
-- The rollups that flow.traffic reads, and so dashboards
-------------------------------------------------------------------------

CREATE FUNCTION flow.traffic_internal(name text)
RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- the setting is not known before the library is loaded
    PERFORM flow.is_internal('0.0.0.0');
    RETURN format('%I OPERATOR(flow.<@) %L::flow.ipset', name, '{' || current_setting('flowstore.internal_networks') || '}');
END
$$;

COMMENT ON FUNCTION flow.traffic_internal(text) IS
'flow.is_internal of a column as an expression that does not change with the setting.';

CREATE FUNCTION flow.traffic_rollups(relation regclass DEFAULT NULL, OUT name text, OUT dimensions text[], OUT query text,
    OUT levels jsonb, OUT rollup regclass)
RETURNS SETOF record
LANGUAGE sql STABLE
AS $$ SELECT t.* FROM flow.traffic_rollups_in(flow.relation(relation)) t $$;

CREATE FUNCTION flow.traffic_rollups_in(relation regclass, OUT name text, OUT dimensions text[], OUT query text,
    OUT levels jsonb, OUT rollup regclass)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH wanted AS (
        SELECT v.place, v.name, v.dimensions, v.levels::jsonb AS levels,
               format('SELECT %s, count(*) AS flows, sum(packets)::bigint AS packets, sum(bytes)::bigint AS bytes',
                      (SELECT string_agg(CASE d WHEN 'src_internal' THEN flow.traffic_internal('src_addr') || ' AS src_internal'
                                                WHEN 'dst_internal' THEN flow.traffic_internal('dst_addr') || ' AS dst_internal'
                                                WHEN 'family' THEN 'family(src_addr) AS family'
                                                WHEN 'port' THEN 'CASE WHEN dst_port >= 10000 AND src_port < 10000 THEN src_port ELSE dst_port END AS port'
                                                ELSE quote_ident(d) END, ', ' ORDER BY place)
                       FROM unnest(v.dimensions) WITH ORDINALITY u(d, place))) AS selects,
               format(' GROUP BY %s', (SELECT string_agg(i::text, ', ') FROM generate_series(1, cardinality(v.dimensions)) i)) AS groups
        FROM (VALUES    -- those with fewer rows first
            (1, 'traffic', '{exporter,proto,family,src_internal,dst_internal,sampling}'::text[],
             '{"1 min": "7 days", "5 min": "90 days", "1 hour": "3 years"}'),
            (2, 'interfaces', '{exporter,in_if,out_if,sampling}', '{"5 min": "90 days", "1 hour": "3 years"}'),
            (3, 'as', '{src_as,dst_as,sampling}', '{"5 min": "90 days", "1 hour": "3 years"}'),
            (4, 'ports', '{proto,port}', '{"5 min": "7 days", "1 hour": "3 years"}'),
            (5, 'sources', '{src_addr}', '{"1 hour": "90 days", "1 day": "3 years"}'),
            (6, 'destinations', '{dst_addr}', '{"1 hour": "90 days", "1 day": "3 years"}')) v(place, name, dimensions, levels))
    SELECT w.name, w.dimensions, w.selects || format(' FROM %I.%I', n.nspname, c.relname) || w.groups, w.levels,
           -- as it was created, whatever the table was called then
           (SELECT r.id FROM flow.rollup r
            WHERE r.relation = traffic_rollups_in.relation AND r.time_column = 'ts' AND starts_with(r.query, w.selects || ' FROM ')
              AND right(r.query, length(w.groups)) = w.groups
              AND substr(r.query, length(w.selects || ' FROM ') + 1, length(r.query) - length(w.selects || ' FROM ') - length(w.groups))
                  ~ '^("([^"]|"")+"|[^". ]+)\.("([^"]|"")+"|[^". ]+)$'
              AND EXISTS (SELECT FROM flow.rollup_level l WHERE l.rollup = r.id)
            ORDER BY r.id LIMIT 1)
    FROM wanted w, pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid = traffic_rollups_in.relation ORDER BY w.place
$$;

COMMENT ON FUNCTION flow.traffic_rollups_in(regclass) IS
'flow.traffic_rollups of a table; not to be called';
COMMENT ON FUNCTION flow.traffic_rollups(regclass) IS
'The rollups of relation that flow.traffic, and so the dashboards, can read: their names,
dimensions, queries and levels, and the rollup if there is one (the table of its finest level), by
whatever name it was created.  Dimensions family (4 or 6), port (the destination''s, but the source''s
where only that is below 10000: mostly the service''s), src_internal and dst_internal are computed.  The internal networks are those of setting
flowstore.internal_networks when the rollup was created: after a change it counts as missing.
NULL relation is flow.relation().';

CREATE FUNCTION flow.create_traffic_rollups(relation regclass DEFAULT NULL,
    which text[] DEFAULT '{traffic,interfaces,as,ports,sources,destinations}')
RETURNS SETOF regclass
LANGUAGE plpgsql
AS $$
DECLARE
    own CONSTANT regclass := flow.relation(relation);
    wrong CONSTANT text := (SELECT coalesce(w, 'NULL') FROM pg_catalog.unnest(which) w
        WHERE w IS NULL OR NOT EXISTS (SELECT FROM flow.traffic_rollups_in(own) t WHERE t.name OPERATOR(pg_catalog.=) w) LIMIT 1);
    missing record;
BEGIN
    IF which IS NULL OR wrong IS NOT NULL THEN
        RAISE EXCEPTION 'there is no traffic rollup "%"', coalesce(wrong, 'NULL')
            USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Those are traffic, interfaces, as, ports, sources and destinations.';
    END IF;
    -- what somebody else is creating now is there afterwards
    IF EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid OPERATOR(pg_catalog.=) own AND c.relkind OPERATOR(pg_catalog.=) 'r'::"char"
                 AND pg_catalog.pg_has_role(c.relowner, 'USAGE'))
       AND EXISTS (SELECT FROM flow.traffic_rollups_in(own) t WHERE t.rollup IS NULL AND t.name OPERATOR(pg_catalog.=) ANY (which)) THEN
        EXECUTE pg_catalog.format('LOCK TABLE ONLY %s IN SHARE UPDATE EXCLUSIVE MODE', own);
    END IF;
    FOR missing IN
        SELECT t.query, t.levels, pg_catalog.format('%I.%I', n.nspname, c.relname OPERATOR(pg_catalog.||) '_' OPERATOR(pg_catalog.||) t.name) AS name
        FROM flow.traffic_rollups_in(own) t, pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
        WHERE c.oid OPERATOR(pg_catalog.=) own AND t.rollup IS NULL AND t.name OPERATOR(pg_catalog.=) ANY (which)
        ORDER BY pg_catalog.array_position(which, t.name)
    LOOP
        RETURN QUERY SELECT r FROM flow.create_rollup(missing.name, missing.query, missing.levels) r;
    END LOOP;
END
$$;

COMMENT ON FUNCTION flow.create_traffic_rollups(regclass, text[]) IS
'Creates those of flow.traffic_rollups() that relation does not have, which ones being
  traffic        exporter, protocol, IP version, internal or not, sampling: 1 and 5 minutes, 1 hour
  interfaces     exporter, interfaces, sampling: 5 minutes, 1 hour
  as             AS numbers, sampling: 5 minutes, 1 hour
  ports          protocol and port: 5 minutes, 1 hour
  sources        source address: 1 hour, 1 day
  destinations   destination address: 1 hour, 1 day
as <table>_<name>, with flows, packets and bytes, and returns the views made.  What is there stays, so it can be
called again.  The rest is as in flow.create_rollup: for the owner of the table, filled in the
background; errors are its errors, and another name is one (invalid_parameter_value).  NULL relation is
flow.relation().';

CREATE FUNCTION flow.traffic(
    width interval, by text[] DEFAULT '{}', measure text DEFAULT 'bytes', n integer DEFAULT NULL,
    since timestamp with time zone DEFAULT NULL,
    until timestamp with time zone DEFAULT NULL, span interval DEFAULT '1 hour',
    other boolean DEFAULT true, filter text DEFAULT NULL,
    relation regclass DEFAULT NULL, columns jsonb DEFAULT NULL,
    OUT bucket timestamp with time zone, OUT value text, OUT key jsonb, OUT amount numeric,
    OUT per_second double precision)
RETURNS SETOF record
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
AS $$
DECLARE
    -- no search_path of its own: the caller's finds the default table
    own CONSTANT regclass := flow.relation(relation);
BEGIN
    SELECT r.since, r.until INTO since, until FROM flow.time_range(since, until, span) r;
    IF measure IS NULL OR NOT measure OPERATOR(pg_catalog.=) ANY ('{bytes,packets,flows}') THEN
        RAISE EXCEPTION 'measure "%" does not exist', measure
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Measures are bytes, packets and flows.';
    ELSIF n OPERATOR(pg_catalog.<) 0 THEN
        RAISE EXCEPTION 'n must not be negative' USING ERRCODE = 'invalid_parameter_value';
    ELSIF by IS NULL OR pg_catalog.array_position(by, NULL) IS NOT NULL
          OR (SELECT pg_catalog.count(DISTINCT c) FROM pg_catalog.unnest(by) c) OPERATOR(pg_catalog.<>) pg_catalog.cardinality(by) THEN
        RAISE EXCEPTION 'by must name different dimensions' USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Dimensions are columns of the table, direction, family and port.';
    ELSIF width OPERATOR(pg_catalog.<=) interval '0' OR extract(month FROM width) OPERATOR(pg_catalog.<>) 0
          OR extract(year FROM width) OPERATOR(pg_catalog.<>) 0
          OR extract(epoch FROM until OPERATOR(pg_catalog.-) since) OPERATOR(pg_catalog./) extract(epoch FROM width) OPERATOR(pg_catalog.>) 1000000 THEN
        RAISE EXCEPTION 'width must be positive, without months, and at most 1000000 buckets must be asked for'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN QUERY SELECT t.bucket, t.value, t.key, t.amount, t.per_second
        FROM flow.traffic_in(own, width, by, measure, n, since, until, coalesce(other, false), filter, columns) t;
END
$$;

COMMENT ON FUNCTION flow.traffic(interval, text[], text, integer, timestamp with time zone, timestamp with time zone, interval, boolean, text, regclass, jsonb) IS
'Bytes, packets or flows (measure) by time and dimensions, exactly, of flows by their beginning: from the
start of the bucket of since to until.  NULL width: one sum from since to until.
by: columns of the table, and direction (in, out, internal, transit, by flow.is_internal of both ends, NULL
being not internal),
family (4 or 6), port (the destination''s, but the source''s where only that is below 10000).  value is the group as text, parted by " | ", key the same as
an object; per_second is amount by the length of a bucket in seconds.  With n, only the n groups
that have most in the whole range, and, if other is true, a value Other with the rest.  filter is in the
language of flow.filter.  Buckets without flows have no row; rows are in the order of bucket, the
largest amount first.
Where there is no filter it reads the coarsest level of flow.traffic_rollups() that has the dimensions and of which
the step divides width, and the table only at the ends; without one, the table.  NULL
until is flow.now(), NULL since is span before until, NULL relation is flow.relation().  Errors: other measures and dimensions,
negative n, a width that is not positive (invalid_parameter_value), columns that the table lacks
(undefined_column), a filter that is not understood (syntax_error).';
