-------------------------------------------------------------------------
-- What named detections have in common: rows of one form, times, thresholds
-------------------------------------------------------------------------

CREATE TYPE flow.finding AS (
    severity flow.severity,
    score double precision,
    detection text,
    src_addr inet,
    dst_addr inet,
    dst_port integer,
    first_seen timestamp with time zone,
    last_seen timestamp with time zone,
    flows bigint,
    bytes bigint,
    evidence jsonb
);

COMMENT ON TYPE flow.finding IS
'What a named detection has found.';

COMMENT ON COLUMN flow.finding.score IS
'As the detection counts, higher is worse; to be compared within one detection.';

COMMENT ON COLUMN flow.finding.src_addr IS
'Who did it; NULL if many did.';

COMMENT ON COLUMN flow.finding.dst_addr IS
'To whom; NULL if to many.';

COMMENT ON COLUMN flow.finding.dst_port IS
'At which port; NULL if at many.';

COMMENT ON COLUMN flow.finding.first_seen IS
'ts of the first row of it.';

COMMENT ON COLUMN flow.finding.last_seen IS
'ts of the last row of it.';

COMMENT ON COLUMN flow.finding.flows IS
'How many rows it has, as reported: not multiplied by sampling.';

COMMENT ON COLUMN flow.finding.bytes IS
'Their bytes, as reported; 2^63 - 1 if there are more.';

COMMENT ON COLUMN flow.finding.evidence IS
'What else is known: an object; its keys are those of the detection.';

CREATE FUNCTION flow.severity_of(value double precision, steps double precision[])
RETURNS flow.severity
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT (enum_range(NULL::flow.severity))[1 + least(4, width_bucket(value, steps))];
END;

COMMENT ON FUNCTION flow.severity_of(double precision, double precision[]) IS
'info below the first of steps, which rise, low from there, medium from the second,
high from the third, critical from the fourth.  NULL if value is.';

CREATE FUNCTION flow.direction_filter(direction text)
RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN CASE direction
        WHEN 'any' THEN ''
        WHEN 'in' THEN ' WHERE NOT flow.is_internal(src_addr) AND flow.is_internal(dst_addr)'
        WHEN 'out' THEN ' WHERE flow.is_internal(src_addr) AND NOT flow.is_internal(dst_addr)'
        WHEN 'internal' THEN ' WHERE flow.is_internal(src_addr) AND flow.is_internal(dst_addr)'
        WHEN 'edge' THEN ' WHERE flow.is_internal(src_addr) <> flow.is_internal(dst_addr)'
        END;
END
$$;

COMMENT ON FUNCTION flow.direction_filter(text) IS
'part of the queries of named detections; not to be called';

CREATE FUNCTION flow.find(
    detection text, relation regclass, since timestamp with time zone,
    until timestamp with time zone, speed text, limits double precision[],
    direction text DEFAULT 'any', columns jsonb DEFAULT NULL)
RETURNS SETOF flow.finding
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
-- of a CTE the planner knows neither rows nor values: all joins here are hash joins
SET enable_mergejoin = off
SET enable_nestloop = off
SET jit = off
AS $$
DECLARE
    d record;
    source text;
    query text;
    filter CONSTANT text := flow.direction_filter(direction);
BEGIN
    SELECT * INTO d FROM flow.detections() x WHERE x.detection = find.detection;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'detection "%" does not exist', detection
            USING ERRCODE = 'invalid_parameter_value',
            DETAIL = (SELECT 'Detections are ' || string_agg(x.detection, ', ' ORDER BY x.detection) || '.'
                      FROM flow.detections() x);
    ELSIF speed IS NULL OR speed NOT IN ('fast', 'slow') THEN
        RAISE EXCEPTION 'speed must be "fast" or "slow"' USING ERRCODE = 'invalid_parameter_value';
    ELSIF filter IS NULL THEN
        RAISE EXCEPTION 'direction must be "any", "in", "out", "internal" or "edge"'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    limits := (SELECT array_agg(coalesce(limits[i], d.limits[i]) ORDER BY i)
               FROM generate_subscripts(d.limits, 1) i);
    IF EXISTS (SELECT FROM unnest(limits, d.limits) x(v, usual)
               WHERE v < 0 OR v = 'NaN' OR v = 0 AND usual >= 1)
    THEN
        RAISE EXCEPTION 'thresholds of detection "%" must be positive numbers', detection
            USING ERRCODE = 'invalid_parameter_value',
            DETAIL = 'Only those that are parts of 1 may be 0.';
    END IF;
    SELECT t.since, t.until INTO since, until
    FROM flow.time_range(since, until, CASE speed WHEN 'fast' THEN d.fast ELSE d.slow END) t;
    source := flow.source_query(relation, d.required, columns, d.optional);
    -- all at once: a name in source may look like a placeholder
    query := format(replace(replace(replace(d.query, '%', '%%'), '{flows}', '%1$s'), '{all}', '%2$s'),
                    '(' || source || filter || ')', '(' || source || ')');
    RETURN QUERY EXECUTE format(
        'SELECT f.severity, f.score::float8, %L::text, f.src_addr, f.dst_addr, f.dst_port,
                f.first_seen, f.last_seen, f.flows::bigint,
                (CASE WHEN f.bytes > 9223372036854775807 THEN 9223372036854775807 ELSE f.bytes END)::bigint, f.evidence
         FROM (%s) f (severity, score, src_addr, dst_addr, dst_port, first_seen, last_seen, flows, bytes, evidence)
         ORDER BY f.severity DESC, f.score DESC, f.src_addr, f.dst_addr, f.dst_port',
        detection, query)
    USING since, until, limits, CASE speed WHEN 'fast' THEN d.fast_bucket ELSE d.slow_bucket END;
END
$$;

COMMENT ON FUNCTION flow.find(text, regclass, timestamp with time zone, timestamp with time zone, text, double precision[], text, jsonb) IS
'What one of flow.detections() finds in [since, until).  Its function says what
limits are, in the order of its arguments; NULL, one or all: the defaults.  Numbers that
are not positive are an error (invalid_parameter_value), but 0 is not for a part of
1, and so are an unknown detection, speed and direction.  A column that relation lacks is an error
(undefined_column).  Done with the privileges of the caller, who must be able to
read the columns.';
