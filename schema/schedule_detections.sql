-------------------------------------------------------------------------
-- All detections, scheduled
-------------------------------------------------------------------------

CREATE FUNCTION flow.detections_to_schedule(
    relation regclass, detections text[], long interval, columns jsonb)
RETURNS TABLE (rule text, every interval, span interval)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    stray text;
    lacks CONSTANT text[] := array(
        SELECT c.column_name FROM flow.standard_columns() c
        WHERE NOT EXISTS (SELECT FROM pg_attribute a
                          WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped
                          AND a.attname = coalesce(columns ->> c.column_name, c.column_name)));
BEGIN
    IF long IS NULL OR NOT flow.is_fixed(long, '10 min', '24:00') THEN
        RAISE EXCEPTION 'long must be between 10 minutes and 24 hours'
            USING ERRCODE = 'invalid_parameter_value',
            DETAIL = 'The detections that it is for look at 24 hours.';
    END IF;
    SELECT x INTO stray FROM unnest(detections) x
    WHERE x IS NULL OR x <> 'indicator' AND x NOT IN (SELECT d.detection FROM flow.detections() d) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'detection "%" does not exist', coalesce(stray, 'NULL')
            USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Detections are indicator, and what flow.detections() lists.';
    END IF;
    -- one that is named and cannot be says which column is missing
    PERFORM flow.source_query(relation, d.required, columns, d.optional)
    FROM flow.detections() d WHERE d.detection = ANY (detections);
    RETURN QUERY
    SELECT d.detection,
           CASE WHEN d.detection = 'entropy_shift' THEN interval '10 min'
                WHEN d.fast > interval '1 hour' THEN long ELSE d.fast END,
           CASE WHEN d.detection = 'entropy_shift' THEN interval '10 min' ELSE d.fast END
    FROM flow.detections() d
    WHERE d.detection = ANY (detections)
       OR detections IS NULL AND d.detection NOT IN ('rare_destination', 'change') AND NOT d.required && lacks
    UNION ALL
    SELECT 'indicator', interval '5 min', interval '5 min'
    WHERE detections IS NULL OR 'indicator' = ANY (detections);
END
$$;

COMMENT ON FUNCTION flow.detections_to_schedule(regclass, text[], interval, jsonb) IS
'part of flow.schedule_detections; not to be called';

CREATE FUNCTION flow.schedule_detections_of(
    relation regclass, detections text[], minimum flow.severity, long interval,
    since timestamp with time zone, columns jsonb)
RETURNS TABLE (name text, rule text, every interval, span interval)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    source CONSTANT text := (SELECT format('%I.%I', n.nspname, c.relname)
                             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                             WHERE c.oid = relation);
    d record;
BEGIN
    IF minimum IS NULL THEN
        RAISE EXCEPTION 'minimum must not be NULL' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    FOR d IN SELECT w.rule, w.every, w.span
             FROM flow.detections_to_schedule(relation, detections, long, columns) w
    LOOP
        name := d.rule || ' of ' || source;
        rule := d.rule;
        every := d.every;
        span := d.span;
        PERFORM flow.schedule(name,
            CASE d.rule WHEN 'indicator' THEN
                format('SELECT %L AS rule, f.* FROM flow.match_indicators($1, $2, %L, %L) f'
                       ' WHERE f.severity >= %L ORDER BY f.severity DESC, f.ts LIMIT 1000',
                       d.rule, source, columns, minimum)
            ELSE
                format('SELECT %L AS rule, f.severity, f.score, f.src_addr, f.dst_addr, f.dst_port, f.first_seen, f.evidence ||'
                       ' jsonb_build_object(''flows'', f.flows, ''bytes'', f.bytes, ''last_seen'', f.last_seen) AS evidence'
                       ' FROM flow.hunt(%L, $1, $2, ''fast'', %L, 1000, %L, %L) f',
                       d.rule, source, minimum, ARRAY[d.rule], columns)
            END,
            d.every, relation, span => d.span, severity => 'medium', since => since,
            timeout => '10 min', search_path => 'pg_catalog, pg_temp', columns => columns);
        RETURN NEXT;
    END LOOP;
END
$$;

COMMENT ON FUNCTION flow.schedule_detections_of(regclass, text[], flow.severity, interval, timestamp with time zone, jsonb) IS
'part of flow.schedule_detections; not to be called';

CREATE FUNCTION flow.schedule_detections(
    detections text[] DEFAULT NULL, relation regclass DEFAULT NULL,
    minimum flow.severity DEFAULT 'low', long interval DEFAULT '6 hours',
    since timestamp with time zone DEFAULT NULL, columns jsonb DEFAULT NULL)
RETURNS TABLE (name text, rule text, every interval, span interval)
LANGUAGE sql
BEGIN ATOMIC
    SELECT s.name, s.rule, s.every, s.span
    FROM flow.schedule_detections_of(flow.relation(relation), detections, minimum, long, since, columns) s;
END;

COMMENT ON FUNCTION flow.schedule_detections(text[], regclass, flow.severity, interval, timestamp with time zone, jsonb) IS
'Has the background worker run detections of flow.detections(), those that are named or
else all that judge and whose columns relation has, and "indicator", which is
flow.match_indicators(): each in a schedule (flow.schedule) of its own, called "RULE of
SCHEMA.TABLE", whose alerts have its name as their rule.  Gives the schedules.  Those that look
at minutes run every 10 minutes, indicators every 5, those that look at an hour every
hour, and those that look at a day each long (6 hours): each at the time since its last run, or
the last hour or day.  They find what flow.hunt() finds, of severity minimum or worse, with
severities as flow.modify_findings() changes them, at most the 1000 worst of a run.
Once more, it changes the schedules that there are; others stay.  since: begin with the buckets
of that time, at most a day ago.  rare_destination and change list and do not judge: they run only if
they are named, with minimum info.  Modifiers know more if flow.watch_hosts() was called.
A detection that does not exist, a column that relation lacks, a long that is
shorter than 10 minutes or longer than a day are errors (invalid_parameter_value,
undefined_column); others are those of flow.schedule().';

CREATE FUNCTION flow.unschedule_detections_of(relation regclass, detections text[])
RETURNS SETOF text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own text;
BEGIN
    FOR own IN
        SELECT s.name FROM flow.scheduled s,
             (SELECT d.detection FROM flow.detections() d UNION ALL SELECT 'indicator') k(rule)
        WHERE s.relation = unschedule_detections_of.relation
        -- as it was made, whatever the table was called then
        AND starts_with(s.name, k.rule || ' of ') AND starts_with(s.query, format('SELECT %L AS rule, f.', k.rule))
        AND (detections IS NULL OR k.rule = ANY (detections))
        ORDER BY 1
    LOOP
        PERFORM flow.unschedule(own);
        RETURN NEXT own;
    END LOOP;
END
$$;

COMMENT ON FUNCTION flow.unschedule_detections_of(regclass, text[]) IS
'part of flow.unschedule_detections; not to be called';

CREATE FUNCTION flow.unschedule_detections(detections text[] DEFAULT NULL, relation regclass DEFAULT NULL)
RETURNS SETOF text
LANGUAGE sql
BEGIN ATOMIC
    SELECT * FROM flow.unschedule_detections_of(flow.relation(relation), detections);
END;

COMMENT ON FUNCTION flow.unschedule_detections(text[], regclass) IS
'Ends the schedules that flow.schedule_detections() has made for relation and of whose
owners one has the privileges, or those of the detections that are named, and gives their
names.  Their alerts stay.';
