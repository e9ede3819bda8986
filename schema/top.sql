-------------------------------------------------------------------------
-- The largest of something, with the rest
-------------------------------------------------------------------------

CREATE FUNCTION flow.top(
    by text[], measure text DEFAULT 'bytes', n integer DEFAULT 10,
    since timestamp with time zone DEFAULT NULL,
    until timestamp with time zone DEFAULT NULL, span interval DEFAULT '1 hour',
    other boolean DEFAULT true, corrected boolean DEFAULT false,
    relation regclass DEFAULT NULL, columns jsonb DEFAULT NULL,
    OUT rank bigint, OUT value text, OUT key jsonb, OUT amount numeric,
    OUT percent numeric, OUT cumulative numeric)
RETURNS SETOF record
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
AS $$
DECLARE
    -- no search_path of its own: the caller's finds the default table
    source CONSTANT regclass := flow.relation(relation);
    needed text[];
    keys text;
    names text;
    pairs text;
BEGIN
    SELECT r.since, r.until INTO since, until FROM flow.time_range(since, until, span) r;
    IF measure IS NULL OR NOT measure OPERATOR(pg_catalog.=) ANY ('{bytes,packets,flows}') THEN
        RAISE EXCEPTION 'measure "%" does not exist', measure
            USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Measures are bytes, packets and flows.';
    END IF;
    IF n IS NULL OR n OPERATOR(pg_catalog.<) 0 THEN
        RAISE EXCEPTION 'n must not be negative' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF by IS NULL OR pg_catalog.cardinality(by) OPERATOR(pg_catalog.=) 0
       OR pg_catalog.array_position(by, NULL) IS NOT NULL THEN
        RAISE EXCEPTION 'by must name columns' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    needed := ARRAY['ts'] OPERATOR(pg_catalog.||) by;
    IF measure OPERATOR(pg_catalog.<>) 'flows' THEN
        needed := needed OPERATOR(pg_catalog.||) measure;
    END IF;
    IF corrected THEN
        needed := needed OPERATOR(pg_catalog.||) 'sampling'::text;
    END IF;
    SELECT pg_catalog.array_agg(DISTINCT c) INTO needed FROM pg_catalog.unnest(needed) c;
    SELECT pg_catalog.string_agg(pg_catalog.format('f.%I', c), ', ' ORDER BY place),
           pg_catalog.string_agg(pg_catalog.format(
               'CASE WHEN f.%I IS NULL THEN ''NULL'' ELSE pg_catalog.format(''%%s'', f.%1$I) END', c),
               ', ' ORDER BY place),
           pg_catalog.string_agg(pg_catalog.format('%L, f.%I', c, c), ', ' ORDER BY place)
    INTO keys, names, pairs
    FROM (SELECT c, pg_catalog.min(place) AS place
          FROM pg_catalog.unnest(by) WITH ORDINALITY u(c, place) GROUP BY c) d;

    -- only the first n groups are turned into text
    RETURN QUERY EXECUTE pg_catalog.format(
        'WITH amounts AS MATERIALIZED (
             SELECT %1$s, coalesce(pg_catalog.sum(%2$s), 0)::numeric AS "flow.top"
             FROM (%3$s) f
             WHERE f.ts OPERATOR(pg_catalog.>=) $1 AND f.ts OPERATOR(pg_catalog.<) $2
             GROUP BY %1$s),
         whole AS (
             SELECT pg_catalog.sum(f."flow.top") AS v, pg_catalog.count(*) AS n FROM amounts f),
         first AS MATERIALIZED (
             SELECT pg_catalog.row_number() OVER (ORDER BY f."flow.top" DESC, %1$s) AS place,
                    pg_catalog.concat_ws('' | '', %4$s) AS name,
                    pg_catalog.jsonb_build_object(%5$s) AS key, f."flow.top" AS v
             FROM (SELECT * FROM amounts f ORDER BY f."flow.top" DESC, %1$s LIMIT $3) f),
         listed AS (
             SELECT place, name, key, v FROM first
             UNION ALL
             SELECT NULL, ''Other'', NULL,
                    w.v OPERATOR(pg_catalog.-) coalesce((SELECT pg_catalog.sum(v) FROM first), 0)
             FROM whole w WHERE $4 AND w.n OPERATOR(pg_catalog.>) $3)
         SELECT l.place, l.name, l.key, l.v,
                pg_catalog.round(100 OPERATOR(pg_catalog.*) l.v OPERATOR(pg_catalog./) CASE WHEN w.v OPERATOR(pg_catalog.<>) 0 THEN w.v END, 2),
                pg_catalog.round(100 OPERATOR(pg_catalog.*) pg_catalog.sum(l.v) OVER (ORDER BY l.place NULLS LAST)
                                 OPERATOR(pg_catalog./) CASE WHEN w.v OPERATOR(pg_catalog.<>) 0 THEN w.v END, 2)
         FROM listed l, whole w ORDER BY l.place NULLS LAST',
        keys,
        CASE WHEN measure OPERATOR(pg_catalog.=) 'flows' THEN '1::bigint' ELSE 'f.' OPERATOR(pg_catalog.||) measure END
            OPERATOR(pg_catalog.||)
            CASE WHEN corrected THEN ' OPERATOR(pg_catalog.*) greatest(coalesce(f.sampling, 1), 1)::numeric' ELSE '' END,
        flow.source_query(source, needed, columns), names, pairs)
    USING since, until, n, coalesce(other, false);
END
$$;

COMMENT ON FUNCTION flow.top(text[], text, integer, timestamp with time zone, timestamp with time zone, interval, boolean, boolean, regclass, jsonb) IS
'The n groups of columns by with most bytes, packets or flows (measure) that began in
[since, until), exactly: rank from 1; value, the group as text, columns parted by
" | "; key, the same as an object; amount; percent of all and cumulative percent,
with 2 digits.  Equal amounts are ordered by the group.  If there are more than n
groups and other is true, a last row Other without rank and key has the rest.
corrected multiplies by column sampling.  NULL until is flow.now(), NULL since is
span before until.  by may name any columns of the table.  A column that it lacks is an error
(undefined_column), and so are other measures, negative n and a range without time
(invalid_parameter_value).';

CREATE FUNCTION flow.top(
    by text, measure text DEFAULT 'bytes', n integer DEFAULT 10,
    since timestamp with time zone DEFAULT NULL,
    until timestamp with time zone DEFAULT NULL, span interval DEFAULT '1 hour',
    other boolean DEFAULT true, corrected boolean DEFAULT false,
    relation regclass DEFAULT NULL, columns jsonb DEFAULT NULL,
    OUT rank bigint, OUT value text, OUT key jsonb, OUT amount numeric,
    OUT percent numeric, OUT cumulative numeric)
RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL RESTRICTED
BEGIN ATOMIC
    SELECT t.rank, t.value, t.key, t.amount, t.percent, t.cumulative
    FROM flow.top(ARRAY[by], measure, n, since, until, span, other, corrected, relation, columns) t;
END;

COMMENT ON FUNCTION flow.top(text, text, integer, timestamp with time zone, timestamp with time zone, interval, boolean, boolean, regclass, jsonb) IS
'flow.top by one column.';
