-------------------------------------------------------------------------
-- Traffic over time by anything, from the coarsest rollup that can tell
-------------------------------------------------------------------------

CREATE FUNCTION flow.traffic_parts(
    by text[], OUT part text, OUT place bigint, OUT expression text, OUT needs text[], OUT rolled text)
RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.part, min(b.place),
           CASE p.part WHEN 'src_internal' THEN format(k.form, 'flow.is_internal(f.src_addr)')
                       WHEN 'dst_internal' THEN format(k.form, 'flow.is_internal(f.dst_addr)')
                       WHEN 'family' THEN 'family(f.src_addr)'
                       WHEN 'port' THEN 'CASE WHEN f.dst_port >= 10000 AND f.src_port < 10000 THEN f.src_port ELSE f.dst_port END'
                       ELSE format('f.%I', p.part) END,
           CASE p.part WHEN 'src_internal' THEN '{src_addr}' WHEN 'dst_internal' THEN '{dst_addr}'
                       WHEN 'family' THEN '{src_addr}' WHEN 'port' THEN '{src_port,dst_port}'
                       ELSE ARRAY[p.part] END,
           format(k.form, format('v.%I', p.part))
    FROM unnest(by) WITH ORDINALITY b(name, place)
    CROSS JOIN LATERAL unnest(CASE b.name WHEN 'direction' THEN '{src_internal,dst_internal}' ELSE ARRAY[b.name] END) p(part)
    -- an end that is not known counts as not internal, or a direction would be more than one group
    CROSS JOIN LATERAL (SELECT CASE WHEN p.part IN ('src_internal', 'dst_internal') AND p.part <> ALL (by)
                                    THEN 'coalesce(%s, false)' ELSE '%s' END) k(form)
    GROUP BY p.part, k.form
$$;

COMMENT ON FUNCTION flow.traffic_parts(text[]) IS
'The values that flow.traffic groups by: columns of the same name in rollups, what
they are of a row f of a table, with the columns that this needs, and of a row v of a rollup.';

CREATE FUNCTION flow.traffic_name(name text, alias text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE name
        WHEN 'direction' THEN format(
            'CASE WHEN %1$s.src_internal AND %1$s.dst_internal THEN ''internal'' WHEN %1$s.src_internal THEN ''out'''
            ' WHEN %1$s.dst_internal THEN ''in'' ELSE ''transit'' END', alias)
        WHEN 'family' THEN format('coalesce(''IPv'' || %s.family, ''NULL'')', alias)
        WHEN 'proto' THEN format('coalesce(flow.proto_name(%s.proto), ''NULL'')', alias)
        ELSE format('CASE WHEN %1$s.%2$I IS NULL THEN ''NULL'' ELSE format(''%%s'', %1$s.%2$I) END', alias, name) END
$$;

COMMENT ON FUNCTION flow.traffic_name(text, text) IS
'An expression for the text of one dimension of flow.traffic, over its parts in a relation alias.';

CREATE FUNCTION flow.traffic_level(
    relation regclass, parts text[], width interval, since timestamp with time zone,
    until timestamp with time zone, OUT reading regclass, OUT step interval)
RETURNS record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT l.reading, l.step
    FROM (SELECT t.*, row_number() OVER () AS place FROM flow.traffic_rollups_in(relation) t) t
    JOIN flow.rollup r ON r.id = t.rollup
    JOIN flow.rollup_level l ON l.rollup = r.id
    WHERE t.dimensions @> parts
      AND CASE WHEN width IS NULL THEN until - since >= 100 * l.step
               ELSE extract(epoch FROM width) % extract(epoch FROM l.step) = 0 END
      -- a level that begins later, only if the table begins even later
      AND (l.horizon <= since OR l.horizon < r.raw_since)
      -- one that is being filled computes from rows what it lacks, and that takes longer than to read them
      AND l.refreshed IS NOT NULL AND (isempty(l.pending) OR isfinite(lower(l.pending)))
      AND has_table_privilege(l.reading, 'SELECT')
    ORDER BY l.horizon > since, t.place, l.step DESC LIMIT 1
$$;

COMMENT ON FUNCTION flow.traffic_level(regclass, text[], interval, timestamp with time zone, timestamp with time zone) IS
'The view of a rollup that flow.traffic reads: the coarsest level of the first of
flow.traffic_rollups() that has the parts as dimensions, of which the step divides width
(NULL: is a hundredth of the range or less), and that reaches back to since and is not being filled; NULL if
there is none.';

CREATE FUNCTION flow.traffic_raw(relation regclass, by text[], measure text, since timestamp with time zone,
    until timestamp with time zone, filter text, columns jsonb)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH needed AS (
        SELECT array_agg(DISTINCT x.name) AS names
        FROM (SELECT n AS name FROM flow.traffic_parts(by) p, unnest(p.needs) n
              UNION SELECT 'ts' UNION SELECT measure WHERE measure <> 'flows') x),
    source AS (
        SELECT flow.source_query(relation, d.names, columns, ARRAY(
                   SELECT s.column_name FROM flow.standard_columns() s WHERE s.column_name <> ALL (d.names))) AS query
        FROM needed d),
    branches AS (
        SELECT b.place, b.port, b.condition
        FROM (VALUES
            (1, NULL, 'true', false),
            (1, 'f.dst_port', 'f.dst_port < 10000 OR f.src_port >= 10000 OR f.dst_port IS NULL OR f.src_port IS NULL', true),
            (2, 'f.src_port', 'f.dst_port >= 10000 AND f.src_port < 10000', true)) b(place, port, condition, is_port)
        WHERE b.is_port = ('port' = ANY (by)))
    SELECT string_agg(format('SELECT f.ts AS bucket%s, %s AS amount FROM (%s) f WHERE (%s) AND (%s) AND f.ts >= %L AND f.ts < %L',
                             (SELECT string_agg(format(', %s AS %I', CASE p.part WHEN 'port' THEN coalesce(b.port, p.expression) ELSE p.expression END, p.part),
                                                '' ORDER BY p.place, p.part) FROM flow.traffic_parts(by) p),
                             CASE WHEN measure = 'flows' THEN '1::bigint' ELSE 'f.' || measure END,
                             s.query, b.condition, coalesce(flow.filter(nullif(btrim(filter), '')), 'true'),
                             since, until),
                      ' UNION ALL ' ORDER BY b.place)
    FROM branches b, source s
$$;

COMMENT ON FUNCTION flow.traffic_raw(regclass, text[], text, timestamp with time zone, timestamp with time zone, text, jsonb) IS
'A query of what flow.traffic counts of the rows of a table: bucket, parts and amount.  By port it is in
two halves, each of which takes one column as it is: scans group that many times faster than an expression of two.';

CREATE FUNCTION flow.traffic_source(
    relation regclass, by text[], measure text, width interval, since timestamp with time zone,
    until timestamp with time zone, filter text, columns jsonb)
RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parts CONSTANT text[] := ARRAY(SELECT p.part FROM flow.traffic_parts(by) p ORDER BY p.place, p.part);
    level record;
    low timestamp with time zone;
    high timestamp with time zone;
BEGIN
    IF nullif(btrim(filter), '') IS NULL AND columns IS NULL THEN
        SELECT * INTO level FROM flow.traffic_level(relation, parts, width, since, until);
        low := flow.time_bucket(level.step, since - interval '1 microsecond') + level.step;
        high := flow.time_bucket(level.step, until);
    END IF;
    IF low < high THEN
        RETURN format('SELECT v.bucket%s, v.%I AS amount FROM %s v WHERE v.bucket >= %L AND v.bucket < %L',
                      (SELECT string_agg(format(', %s AS %I', p.rolled, p.part), '' ORDER BY p.place, p.part) FROM flow.traffic_parts(by) p),
                      measure, level.reading, low, high)
            || CASE WHEN since < low THEN ' UNION ALL ' || flow.traffic_raw(relation, by, measure, since, low, filter, columns) ELSE '' END
            || CASE WHEN high < until THEN ' UNION ALL ' || flow.traffic_raw(relation, by, measure, high, until, filter, columns) ELSE '' END;
    END IF;
    RETURN flow.traffic_raw(relation, by, measure, since, until, filter, columns);
END
$$;

COMMENT ON FUNCTION flow.traffic_source(regclass, text[], text, interval, timestamp with time zone, timestamp with time zone, text, jsonb) IS
'The query with all that flow.traffic counts, as bucket, parts and amount: of a rollup
where there is one, of the table at the ends that are no whole steps, else all of it.';

CREATE FUNCTION flow.traffic_first(relation regclass, source text, by text[], n integer, columns jsonb)
RETURNS jsonb[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- so many values of each part are looked at first
    width CONSTANT bigint := greatest(300, 3 * n::bigint);
    parts CONSTANT text[] := ARRAY(SELECT p.part FROM flow.traffic_parts(by) p ORDER BY p.place, p.part);
    names CONSTANT text := (SELECT string_agg(format('s.%I', x.part), ', ' ORDER BY x.place) FROM unnest(parts) WITH ORDINALITY x(part, place));
    condition text := 'true';
    bound numeric := -1;
    part text;
    most record;
    first record;
BEGIN
    IF cardinality(parts) > 1 THEN
        FOREACH part IN ARRAY parts LOOP
            EXECUTE format('SELECT to_jsonb(array_agg(s.v)) AS values, count(*) AS n, min(s.amount) AS least FROM (
                                SELECT s.%1$I AS v, coalesce(sum(s.amount), 0) AS amount FROM (%2$s) s GROUP BY 1
                                ORDER BY 2 DESC LIMIT %3$s) s', part, source, width) INTO most;
            IF most.n = width THEN
                condition := condition || ' AND ' || flow.traffic_any(relation, part, most.values, columns);
                bound := greatest(bound, most.least);
            END IF;
        END LOOP;
    END IF;
    FOR attempt IN 1 .. 2 LOOP
        EXECUTE format('SELECT array_agg(s.k) AS keys, count(*) AS n, min(s.amount) AS least FROM (
                            SELECT jsonb_build_array(%2$s) AS k, s.amount FROM (
                                SELECT %2$s, coalesce(sum(s.amount), 0) AS amount FROM (%1$s) s WHERE %4$s GROUP BY %2$s
                                ORDER BY coalesce(sum(s.amount), 0) DESC, %2$s LIMIT %3$s) s) s',
                       source, names, n, condition) INTO first;
        -- a group with another value of a part has no more than the last of those values
        EXIT WHEN bound < 0 OR first.n = n AND first.least > bound;
        condition := 'true';
        bound := -1;
    END LOOP;
    RETURN first.keys;
END
$$;

COMMENT ON FUNCTION flow.traffic_first(regclass, text, text[], integer, jsonb) IS
'The parts of the n groups with most, as arrays.  By several parts it looks at the largest values of each first: these have
the largest groups, unless the last group found has less than the last value, and then it looks at all.';

CREATE FUNCTION flow.traffic_any(relation regclass, part text, given jsonb, columns jsonb)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('(s.%1$I = ANY (%2$L::%3$s[])%4$s)', part, coalesce(array_agg(DISTINCT k) FILTER (WHERE k IS NOT NULL), '{}'),
                  CASE WHEN part IN ('src_internal', 'dst_internal') THEN 'boolean'
                       WHEN part IN ('family', 'port') THEN 'integer'
                       ELSE (SELECT format_type(a.atttypid, a.atttypmod) FROM pg_attribute a
                             WHERE a.attrelid = relation AND a.attname = coalesce(columns ->> part, part)) END,
                  CASE WHEN bool_or(k IS NULL) THEN format(' OR s.%I IS NULL', part) ELSE '' END)
    FROM jsonb_array_elements_text(CASE WHEN jsonb_typeof(given) = 'array' THEN given ELSE '[]' END) k
$$;

COMMENT ON FUNCTION flow.traffic_any(regclass, text, jsonb, jsonb) IS
'A condition that a part is one of the given values, in a form that scans settle by indexes.';

CREATE FUNCTION flow.traffic_groups(
    relation regclass, source text, width interval, start timestamp with time zone, by text[], n integer, columns jsonb,
    OUT listed text, OUT totals text, OUT has_other boolean)
RETURNS record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    at CONSTANT text := CASE WHEN width IS NULL THEN format('%L::timestamptz', start)
                             ELSE format('flow.time_bucket(%L::interval, s.bucket)', width) END;
    parts CONSTANT text[] := ARRAY(SELECT p.part FROM flow.traffic_parts(by) p ORDER BY p.place, p.part);
    names CONSTANT text := (SELECT string_agg(format('s.%I', x.part), ', ' ORDER BY x.place) FROM unnest(parts) WITH ORDINALITY x(part, place));
    groups CONSTANT text := format('SELECT %s AS bucket%s, sum(s.amount) AS amount FROM (%s) s', at, ', ' || names, source);
    keys jsonb[];
BEGIN
    has_other := n IS NOT NULL AND cardinality(by) > 0;
    totals := format('SELECT %s AS bucket, sum(s.amount) AS amount FROM (%s) s GROUP BY 1', at, source);
    IF NOT has_other THEN
        listed := format('%s GROUP BY 1%s', groups, ', ' || names);
    ELSIF width IS NULL AND cardinality(parts) = 1 THEN
        listed := format('%1$s GROUP BY %2$s ORDER BY sum(s.amount) DESC NULLS LAST, %2$s LIMIT %3$s', groups, names, n);
    ELSIF parts <@ '{proto,exporter,sensor,in_if,out_if,tos,tcp_flags,sampling,family,port,src_internal,dst_internal}' THEN
        -- few groups, or such as only rows one by one can tell: all of them, in one pass
        listed := format('WITH every AS MATERIALIZED (%1$s GROUP BY 1, %2$s)
                          SELECT s.* FROM every s WHERE jsonb_build_array(%2$s) IN (
                              SELECT jsonb_build_array(%2$s) FROM every s GROUP BY %2$s
                              ORDER BY sum(s.amount) DESC NULLS LAST, %2$s LIMIT %3$s)', groups, names, n);
    ELSE
        keys := flow.traffic_first(relation, source, by, n, columns);
        listed := format('SELECT s.* FROM (%s WHERE %s GROUP BY 1, %s OFFSET 0) s WHERE jsonb_build_array(%3$s) = ANY (%L::jsonb[])',
                         groups, flow.traffic_keys(relation, by, keys, columns), names, keys);
    END IF;
END
$$;

COMMENT ON FUNCTION flow.traffic_groups(regclass, text, interval, timestamp with time zone, text[], integer, jsonb) IS
'Queries for flow.traffic: listed gives bucket, parts and amount of the groups to be shown, totals the amount of each
bucket; has_other says whether these can differ.';

CREATE FUNCTION flow.traffic_in(
    relation regclass, width interval, by text[], measure text, n integer, since timestamp with time zone,
    until timestamp with time zone, other boolean, filter text, columns jsonb,
    OUT bucket timestamp with time zone, OUT value text, OUT key jsonb, OUT amount numeric,
    OUT per_second double precision)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    start CONSTANT timestamp with time zone := CASE WHEN width IS NULL THEN since ELSE flow.time_bucket(width, since) END;
    source CONSTANT text := flow.traffic_source(relation, by, measure, width, start, until, filter, columns);
    groups CONSTANT record := flow.traffic_groups(relation, source, width, start, by, n, columns);
    query text;
BEGIN
    query := format('SELECT b.bucket, %s, jsonb_build_object(%s), sum(b.amount) FROM (%s) b GROUP BY 1, 2, 3',
        CASE WHEN cardinality(by) = 0 THEN '''all''::text'
             ELSE (SELECT format('concat_ws('' | '', %s)', string_agg(flow.traffic_name(c, 'b'), ', ' ORDER BY place))
                   FROM unnest(by) WITH ORDINALITY u(c, place)) END,
        (SELECT string_agg(format('%L, ', c) || CASE c WHEN 'direction' THEN flow.traffic_name(c, 'b') ELSE format('b.%I', c) END,
                           ', ' ORDER BY place)
         FROM unnest(by) WITH ORDINALITY u(c, place)),
        groups.listed);
    IF groups.has_other AND other THEN
        query := format('WITH listed(bucket, value, key, amount) AS MATERIALIZED (%s)
                         SELECT * FROM listed
                         UNION ALL
                         SELECT t.bucket, ''Other'', NULL, t.amount - coalesce(l.amount, 0)
                         FROM (%s) t
                         LEFT JOIN (SELECT bucket, sum(amount) AS amount FROM listed GROUP BY 1) l ON l.bucket = t.bucket
                         WHERE t.amount <> coalesce(l.amount, 0)', query, groups.totals);
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT x.bucket, x.value, x.key, coalesce(x.amount, 0)::numeric, (coalesce(x.amount, 0) / %L)::double precision
         FROM (%s) x(bucket, value, key, amount) ORDER BY 1, 4 DESC, 2',
        extract(epoch FROM coalesce(width, until - start)), query);
END
$$;

COMMENT ON FUNCTION flow.traffic_in(regclass, interval, text[], text, integer, timestamp with time zone, timestamp with time zone, boolean, text, jsonb) IS
'flow.traffic of a table; not to be called';

CREATE FUNCTION flow.traffic_keys(relation regclass, by text[], keys jsonb[], columns jsonb)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT string_agg(flow.traffic_any(relation, p.part, (SELECT jsonb_agg(k -> p.i) FROM unnest(keys) k), columns), ' AND ')
    FROM (SELECT p.part, row_number() OVER (ORDER BY p.place, p.part)::integer - 1 AS i FROM flow.traffic_parts(by) p) p
$$;

COMMENT ON FUNCTION flow.traffic_keys(regclass, text[], jsonb[], jsonb) IS
'A condition that rows with these keys meet, and few others, in a form that scans settle by indexes.';
