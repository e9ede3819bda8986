-------------------------------------------------------------------------
-- Series of a rollup
-------------------------------------------------------------------------

CREATE FUNCTION flow.rollup_condition(id regclass, key text)
RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    dimensions CONSTANT text[] := (SELECT r.dimensions FROM flow.rollup r WHERE r.id = rollup_condition.id);
    given jsonb;
    stray text;
BEGIN
    IF key IS NULL THEN
        RETURN 'true';
    END IF;
    IF cardinality(dimensions) = 1 THEN
        RETURN format('%I = %L', dimensions[1], key);
    END IF;
    BEGIN
        given := key::jsonb;
    EXCEPTION WHEN invalid_text_representation THEN
        given := NULL;
    END;
    SELECT k INTO stray FROM jsonb_object_keys(CASE WHEN jsonb_typeof(given) = 'object' THEN given END) k
    WHERE k <> ALL (dimensions);
    IF jsonb_typeof(given) IS DISTINCT FROM 'object' OR stray IS NOT NULL THEN
        RAISE EXCEPTION 'invalid key of a series: "%"', key
            USING ERRCODE = 'invalid_parameter_value',
            DETAIL = format('The rollup has the dimensions: %s.', array_to_string(dimensions, ', ')),
            HINT = 'With several dimensions a key is a JSON object: {"src_addr": "10.0.0.1", "dst_port": 443}.';
    END IF;
    RETURN (SELECT coalesce(string_agg(format(CASE WHEN value IS NULL THEN '%I IS NULL' ELSE '%I = %L' END,
                                              k, value), ' AND '), 'true')
            FROM jsonb_each_text(given) AS g(k, value));
END
$$;

COMMENT ON FUNCTION flow.rollup_condition(regclass, text) IS
'The WHERE clause for a key of a rollup; see flow.series().';

CREATE FUNCTION flow.rollup_series(id regclass, key text, step interval, since timestamptz, until timestamptz, measure text)
RETURNS TABLE (bucket timestamptz, value double precision)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    rollup CONSTANT flow.rollup := (SELECT r FROM flow.rollup r WHERE r.id = rollup_series.id);
    width CONSTANT interval := coalesce(step, (SELECT min(l.step) FROM flow.rollup_level l WHERE l.rollup = id));
    chosen CONSTANT text := coalesce(measure, rollup.measures[1]);
    secs CONSTANT numeric := extract(epoch FROM width);
    level flow.rollup_level;
    condition CONSTANT text := flow.rollup_condition(id, key);
    is_count CONSTANT boolean := chosen = ANY (rollup.counts);
    is_one_key CONSTANT boolean := cardinality(rollup.dimensions) = 0
        OR (key IS NOT NULL AND (cardinality(rollup.dimensions) = 1
            OR (SELECT count(*) FROM jsonb_object_keys(key::jsonb)) = cardinality(rollup.dimensions)));
BEGIN
    until := coalesce(until, flow.now());
    since := coalesce(since, until - interval '1 day');
    IF since >= until OR NOT isfinite(since) OR NOT isfinite(until)
       OR extract(epoch FROM until - since) / nullif(secs, 0) > 1000000 THEN
        RAISE EXCEPTION 'since must be before until, and at most 1000000 steps'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT l.* INTO level FROM flow.rollup_level l
    WHERE l.rollup = id AND secs > 0 AND secs % extract(epoch FROM l.step) = 0
    ORDER BY l.horizon > since, l.step DESC LIMIT 1;
    IF level.rows IS NULL THEN
        RAISE EXCEPTION 'rollup "%" has no level of which % is a multiple', rollup.name, width
            USING ERRCODE = 'invalid_parameter_value',
            DETAIL = format('Its levels are %s.', (SELECT string_agg(l.step::text, ', ' ORDER BY l.step)
                                                   FROM flow.rollup_level l WHERE l.rollup = id));
    END IF;
    IF chosen <> ALL (rollup.measures) THEN
        RAISE EXCEPTION 'rollup "%" has no measure "%"', rollup.name, chosen
            USING ERRCODE = 'undefined_column',
            DETAIL = format('Its measures are %s.', array_to_string(rollup.measures, ', '));
    END IF;
    IF NOT is_count AND (NOT is_one_key OR width <> level.step) THEN
        RAISE EXCEPTION 'values of measure "%" cannot be added up', chosen
            USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Ask for a key in all dimensions, and for the step of a level.';
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT g.bucket, %1$s FROM generate_series($1, $2, $3) AS g(bucket) LEFT JOIN'
        ' (SELECT flow.time_bucket($3, v.bucket) AS bucket, %2$s AS value FROM %3$s v'
        '  WHERE v.bucket >= $1 AND v.bucket < $4 AND (%4$s) %5$s) f ON f.bucket = g.bucket ORDER BY 1',
        CASE WHEN is_count THEN 'coalesce(f.value, 0)' ELSE 'f.value' END,
        format(CASE WHEN is_count THEN 'sum(v.%I)::double precision' ELSE 'v.%I::double precision' END, chosen),
        level.reading, condition, CASE WHEN is_count THEN 'GROUP BY 1' ELSE '' END)
    USING flow.time_bucket(make_interval(secs => secs::double precision), since),
        until - interval '1 microsecond', make_interval(secs => secs::double precision),
        flow.rollup_span_end(make_interval(secs => secs::double precision), until);
END
$$;

CREATE FUNCTION flow.rollup_span_end(step interval, until timestamptz)
RETURNS timestamptz
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT flow.time_bucket(step, until - interval '1 microsecond') + step;
END;

COMMENT ON FUNCTION flow.rollup_series(regclass, text, interval, timestamptz, timestamptz, text) IS
'flow.series() by the table of the finest level.';
COMMENT ON FUNCTION flow.rollup_span_end(interval, timestamptz) IS
'The end of the last bucket that begins before until.';

CREATE FUNCTION flow.series(name text, key text DEFAULT NULL, step interval DEFAULT NULL,
    since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL, measure text DEFAULT NULL)
RETURNS TABLE (bucket timestamptz, value double precision)
LANGUAGE sql STABLE
AS $$ SELECT * FROM flow.rollup_series(flow.rollup_id(name), key, step, since, until, measure) $$;

COMMENT ON FUNCTION flow.series(text, text, interval, timestamptz, timestamptz, text) IS
'The values of one measure of a rollup (NULL: its first), for one key, in buckets of
step from that of since to the last that begins before until, each once: 0 for counts
and sums where there are no rows, NULL for other measures.
  SELECT * FROM flow.series(''talkers'', ''10.1.2.3'', ''1 hour'', since => ''2026-03-01'');
key: the value of the dimension; with several dimensions a JSON object of some or all;
NULL adds up all keys.  step: NULL is that of the finest level; else a multiple of a
level''s step, the coarsest that reaches back to since.  Only counts and sums can be
added up, over keys or steps.  until NULL is flow.now(), since NULL a day before.
Errors: undefined_object, undefined_column, invalid_parameter_value.';
