-------------------------------------------------------------------------
-- Rollups: created, refreshed, read and dropped
-------------------------------------------------------------------------

CREATE FUNCTION flow.rollup_query(query text, OUT kind text, OUT name text, OUT expression text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'fs_rollup_query'
LANGUAGE C VOLATILE STRICT;

COMMENT ON FUNCTION flow.rollup_query(text) IS
'Takes the definition of a rollup apart: the relation (its OID), the filter (NULL if
there is none), and each column as dimension, count (a count
or a sum, which can be added up) or measure; expressions with all names qualified.  A query that cannot be kept
as a rollup is an error that says why (feature_not_supported).';

CREATE FUNCTION flow.rollup_register(rows regclass, reading regclass, step interval, keep interval, rollup jsonb)
RETURNS void
AS 'MODULE_PATHNAME', 'fs_rollup_register'
LANGUAGE C VOLATILE;

CREATE FUNCTION flow.rollup_unregister(rows regclass)
RETURNS void
AS 'MODULE_PATHNAME', 'fs_rollup_unregister'
LANGUAGE C VOLATILE STRICT;

CREATE FUNCTION flow.rollup_roll(rows regclass, since timestamptz, until timestamptz)
RETURNS bigint
AS 'MODULE_PATHNAME', 'fs_rollup_roll'
LANGUAGE C VOLATILE STRICT;

COMMENT ON FUNCTION flow.rollup_register(regclass, regclass, interval, interval, jsonb) IS
'flow.rollup_enter() for the owner of the level''s table and view, of the rollup and of
its source.';
COMMENT ON FUNCTION flow.rollup_unregister(regclass) IS
'flow.rollup_forget() for the owner of the level''s table.';
COMMENT ON FUNCTION flow.rollup_roll(regclass, timestamptz, timestamptz) IS
'Rolls up a level between since and until, now, as the owner of its table.  For him
and members of his role.  Returns in how many slices.';

CREATE FUNCTION flow.rollup_id(name text)
RETURNS regclass
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    parts CONSTANT text[] := pg_catalog.parse_ident(name);
    path CONSTANT text[] := CASE
        WHEN pg_catalog.cardinality(parts) OPERATOR(pg_catalog.=) 2 THEN parts[1:1] ELSE pg_catalog.current_schemas(true)::text[] END;
    id regclass;
BEGIN
    SELECT r.id INTO id
    FROM flow.rollup r
    JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) r.id
    JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
    WHERE r.name OPERATOR(pg_catalog.=) parts[pg_catalog.cardinality(parts)]
    AND n.nspname OPERATOR(pg_catalog.=) ANY (path)
    ORDER BY pg_catalog.array_position(path, n.nspname::text) LIMIT 1;
    IF id IS NULL THEN
        RAISE EXCEPTION 'rollup "%" does not exist', name
            USING ERRCODE = 'undefined_object',
            HINT = 'flow.rollups lists them; a name without a schema is looked for in search_path.';
    END IF;
    RETURN id;
END
$$;

COMMENT ON FUNCTION flow.rollup_id(text) IS
'The table of the finest level of a rollup, by its name, with a schema or found by
search_path.  No such rollup is an error (undefined_object).';

CREATE FUNCTION flow.rollup_levels(levels jsonb, OUT step interval, OUT keep interval, OUT suffix text)
RETURNS SETOF record
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    entry record;
    secs numeric;
BEGIN
    IF jsonb_typeof(levels) IS DISTINCT FROM 'object' OR levels = '{}' THEN
        RAISE EXCEPTION 'levels must be a JSON object' USING ERRCODE = 'invalid_parameter_value',
            HINT = 'An example is {"1 min": "2 days", "1 hour": "1 year"}.';
    END IF;
    FOR entry IN SELECT key, value FROM jsonb_each_text(levels) ORDER BY key::interval LOOP
        secs := extract(epoch FROM entry.key::interval);
        IF secs <= 0 OR secs <> trunc(secs) OR secs > 86400 * 365
           OR extract(month FROM entry.key::interval) <> 0
           OR extract(year FROM entry.key::interval) <> 0
           OR secs = extract(epoch FROM step) THEN
            RAISE EXCEPTION 'invalid step of a level: "%"', entry.key
                USING ERRCODE = 'invalid_parameter_value',
                DETAIL = 'Steps are different whole numbers of seconds, up to 365 days, without months.';
        END IF;
        step := make_interval(secs => secs::double precision);
        keep := NULL;
        IF lower(entry.value) <> 'forever' THEN
            keep := make_interval(secs => extract(epoch FROM entry.value::interval)::double precision);
            IF entry.value::interval > interval '999 years' THEN
                RAISE EXCEPTION 'level "%" is kept for more than 999 years', entry.key
                    USING ERRCODE = 'invalid_parameter_value',
                    HINT = 'Give "forever".';
            END IF;
            IF keep < step THEN
                RAISE EXCEPTION 'level "%" is kept for less than one step', entry.key
                    USING ERRCODE = 'invalid_parameter_value',
                    DETAIL = format('It would be kept for %s.', entry.value),
                    HINT = 'Give a longer time, or "forever".';
            END IF;
        END IF;
        suffix := CASE WHEN secs % 86400 = 0 THEN (secs / 86400)::integer || 'd'
                       WHEN secs % 3600 = 0 THEN (secs / 3600)::integer || 'h'
                       WHEN secs % 60 = 0 THEN (secs / 60)::integer || 'm'
                       ELSE secs::integer || 's' END;
        RETURN NEXT;
    END LOOP;
END
$$;

COMMENT ON FUNCTION flow.rollup_levels(jsonb) IS
'Reads the levels of a rollup: steps in rising order, how long each is kept (NULL:
for ever), and what its tables'' names end with.  Errors: invalid_parameter_value,
invalid_datetime_format.';

CREATE FUNCTION flow.rollup_time_column(relation regclass, columns jsonb)
RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own text := coalesce(columns ->> 'ts', 'ts');
    is_ours CONSTANT boolean := EXISTS (
        SELECT FROM pg_class c JOIN pg_am m ON m.oid = c.relam
        WHERE c.oid = relation
        AND m.amhandler = 'flow.table_am_handler(internal)'::regprocedure);
    partitions_by text;
BEGIN
    IF is_ours THEN
        SELECT value INTO partitions_by FROM flow.options(relation) WHERE name = 'time_column';
        IF partitions_by = 'none' THEN
            RAISE EXCEPTION 'table "%" has no time column', relation
                USING ERRCODE = 'undefined_column',
                HINT = 'flow.set() can name one, of type timestamptz.';
        END IF;
        IF NOT coalesce(columns, '{}') ? 'ts' THEN
            own := (parse_ident(partitions_by))[1];
        END IF;
        IF quote_ident(own) <> partitions_by THEN
            RAISE EXCEPTION 'column "%" is not the time column of table "%"', own, relation
                USING ERRCODE = 'invalid_parameter_value',
                DETAIL = format('Its option time_column is %s.', partitions_by),
                HINT = 'Changes are known by the times of that column only.';
        END IF;
    END IF;
    IF (SELECT atttypid FROM pg_attribute WHERE attrelid = relation AND attname = own
        AND NOT attisdropped AND attnum > 0) IS DISTINCT FROM 'timestamptz'::regtype THEN
        RAISE EXCEPTION 'table "%" has no column "%" of type timestamptz', relation, own
            USING ERRCODE = 'undefined_column',
            HINT = 'Argument columns can name another one: {"ts": "..."}.';
    END IF;
    RETURN own;
END
$$;

COMMENT ON FUNCTION flow.rollup_time_column(regclass, jsonb) IS
'The column of relation by which rollups of it are made, timestamptz: of a flowstore
table its time column, else the one that columns gives for "ts".';

CREATE FUNCTION flow.rollup_triggers(relation regclass, time_column text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    is_ours CONSTANT boolean := EXISTS (
        SELECT FROM pg_class c JOIN pg_am m ON m.oid = c.relam
        WHERE c.oid = relation
        AND m.amhandler = 'flow.table_am_handler(internal)'::regprocedure);
    is_partitioned CONSTANT boolean :=
        (SELECT c.relkind = 'p' FROM pg_class c WHERE c.oid = relation);
    event text;
    tables text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = relation
                   AND t.tgfoid = 'flow.rollup_watch()'::regprocedure) THEN
        -- somebody else may be about to make them
        EXECUTE format('LOCK TABLE ONLY %s IN SHARE ROW EXCLUSIVE MODE', relation);
    END IF;
    IF EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = relation
               AND t.tgfoid = 'flow.rollup_watch()'::regprocedure) THEN
        IF flow.watch_column(relation) = time_column THEN
            RETURN;
        END IF;
        RAISE EXCEPTION 'changes of table "%" are watched by another time column', relation
            USING ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = 'It has rollups or schedules by that column.';
    END IF;
    FOR event, tables IN VALUES
        ('TRUNCATE', ''),
        ('INSERT', 'REFERENCING NEW TABLE AS flow_new'),
        ('UPDATE', 'REFERENCING OLD TABLE AS flow_old NEW TABLE AS flow_new'),
        ('DELETE', 'REFERENCING OLD TABLE AS flow_old')
    LOOP
        CONTINUE WHEN is_ours AND event <> 'TRUNCATE' OR is_partitioned AND event = 'TRUNCATE';
        EXECUTE format('CREATE TRIGGER flow_rollup_%s AFTER %s ON %s %s FOR EACH STATEMENT'
                       ' EXECUTE FUNCTION flow.rollup_watch(%L)',
                       lower(event), event, relation, tables, time_column);
        EXECUTE format('ALTER TABLE ONLY %s ENABLE ALWAYS TRIGGER flow_rollup_%s',
                       relation, lower(event));
    END LOOP;
END
$$;

COMMENT ON FUNCTION flow.rollup_triggers(regclass, text) IS
'Makes the triggers by which changes of a table are logged, unless it has them.  Those of a
partitioned table are told of rows that go through it to its partitions, but for
TRUNCATE, which each partition is told itself.';

CREATE FUNCTION flow.rollup_view(rows regclass, relation regclass, time_column text, step interval, parts jsonb)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format(
        'SELECT t.bucket%1$s FROM %2$s t WHERE t.bucket >= (SELECT flow.rollup_floor(%3$L))'
        ' AND t.bucket < (SELECT flow.rollup_first(%3$L))'
        ' UNION ALL SELECT t.bucket%1$s FROM %2$s t WHERE t.bucket >= (SELECT flow.rollup_floor(%3$L))'
        ' AND t.bucket >= (SELECT flow.rollup_first(%3$L))'
        ' AND NOT t.bucket <@ (SELECT flow.rollup_touched(%3$L))'
        ' UNION ALL SELECT f.* FROM unnest((SELECT flow.rollup_touched(%3$L))) AS touched(span)'
        ' CROSS JOIN LATERAL (%4$s) f',
        string_agg(format(', t.%I', p ->> 'name'), '' ORDER BY i)
            FILTER (WHERE p ->> 'kind' IN ('dimension', 'count', 'measure')),
        rows, rows::text,
        flow.rollup_definition(relation, time_column, step, parts,
                               format('s.%1$I >= lower(touched.span) AND s.%1$I < upper(touched.span)',
                                      time_column)))
    FROM jsonb_array_elements(parts) WITH ORDINALITY AS e(p, i)
$$;

CREATE FUNCTION flow.rollup_definition(relation regclass, time_column text, step interval, parts jsonb, condition text)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('SELECT flow.time_bucket(%L::interval, s.%I) AS bucket%s FROM ONLY %s s WHERE %s%s GROUP BY 1%s',
        step, time_column,
        string_agg(format(', %s AS %I', p ->> 'expression', p ->> 'name'), '' ORDER BY i)
            FILTER (WHERE p ->> 'kind' IN ('dimension', 'count', 'measure')),
        relation, condition,
        max(' AND (' || (p ->> 'expression') || ')') FILTER (WHERE p ->> 'kind' = 'filter'),
        (SELECT string_agg(', ' || place, '' ORDER BY place)
         FROM (SELECT 1 + row_number() OVER (ORDER BY j) AS place, c ->> 'kind' AS kind
               FROM jsonb_array_elements(parts) WITH ORDINALITY AS d(c, j)
               WHERE c ->> 'kind' IN ('dimension', 'count', 'measure')) k
         WHERE kind = 'dimension'))
    FROM jsonb_array_elements(parts) WITH ORDINALITY AS e(p, i)
$$;

COMMENT ON FUNCTION flow.rollup_view(regclass, regclass, text, interval, jsonb) IS
'The query of a level''s view: rows before the first touched bucket, which are most and
need only comparisons that scans settle by bounds, those after it that are not touched,
and fresh ones for the touched.';
COMMENT ON FUNCTION flow.rollup_definition(regclass, text, interval, jsonb, text) IS
'The definition of a rollup over its source, in buckets of a step, for rows that
fulfil a condition.';

CREATE FUNCTION flow.rollup_create(name text, schema text, query text, parts jsonb, levels jsonb, columns jsonb)
RETURNS SETOF regclass
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ident text[] := parse_ident(name);
    relation CONSTANT regclass := (SELECT (p ->> 'expression')::oid::regclass
        FROM jsonb_array_elements(parts) p WHERE p ->> 'kind' = 'relation');
    time_column CONSTANT text := flow.rollup_time_column(relation, columns);
    level record;
    rows regclass;
    reading regclass;
    base text;
    rollup jsonb;
    id regclass;
BEGIN
    ident := CASE cardinality(ident) WHEN 1 THEN ARRAY[schema, ident[1]] WHEN 2 THEN ident END;
    IF ident IS NULL OR ident[1] IS NULL OR octet_length(ident[2]) > 48 THEN
        RAISE EXCEPTION 'invalid name of a rollup: "%"', name
            USING ERRCODE = 'invalid_name',
            DETAIL = 'It is an identifier of at most 48 bytes, perhaps with a schema.',
            HINT = 'Without a schema it needs a search_path that has one.';
    END IF;
    IF NOT pg_has_role((SELECT relowner FROM pg_class WHERE oid = relation), 'USAGE') THEN
        RAISE EXCEPTION 'must be owner of table %', relation
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF (SELECT relpersistence FROM pg_class WHERE oid = relation) <> 'p' THEN
        RAISE EXCEPTION 'table "%" cannot have rollups', relation
            USING ERRCODE = 'feature_not_supported',
            DETAIL = 'It is temporary or unlogged, and loses rows without a trace.';
    END IF;

    PERFORM flow.rollup_triggers(relation, time_column);
    FOR level IN SELECT * FROM flow.rollup_levels(levels) LOOP
        base := ident[2] || '_' || level.suffix;
        EXECUTE format('CREATE TABLE %I.%I USING flowstore AS %s WITH NO DATA', ident[1], base || '_rows',
            flow.rollup_definition(relation, time_column, level.step, parts, 'false'));
        rows := to_regclass(format('%I.%I', ident[1], base || '_rows'));
        PERFORM flow.set(rows, time_column => 'bucket',
            partition => least(greatest(make_interval(mins => (extract(epoch FROM level.step) * 24)::integer),
                                        interval '1 hour'), interval '365 days')::text,
            retain => CASE WHEN level.keep IS NULL THEN 'forever'
                           ELSE (level.keep + interval '1 day')::text END);
        EXECUTE format('CREATE VIEW %I.%I AS %s', ident[1], base,
            flow.rollup_view(rows, relation, time_column, level.step, parts));
        reading := to_regclass(format('%I.%I', ident[1], base));
        id := coalesce(id, rows);
        rollup := coalesce(rollup, jsonb_build_object('id', id::oid, 'name', ident[2],
            'relation', relation::oid, 'time_column', time_column, 'query', query,
            'dimensions', coalesce((SELECT jsonb_agg(p ->> 'name') FROM jsonb_array_elements(parts) p
                                    WHERE p ->> 'kind' = 'dimension'), '[]'),
            'measures', (SELECT jsonb_agg(p ->> 'name') FROM jsonb_array_elements(parts) p
                         WHERE p ->> 'kind' IN ('count', 'measure')),
            'counts', coalesce((SELECT jsonb_agg(p ->> 'name') FROM jsonb_array_elements(parts) p
                                WHERE p ->> 'kind' = 'count'), '[]')));
        PERFORM flow.rollup_register(rows, reading, level.step, level.keep, rollup);
        EXECUTE format('COMMENT ON VIEW %s IS %L', reading,
            format('rollup %s of %s in steps of %s', ident[2], relation, level.step));
        EXECUTE format('COMMENT ON TABLE %s IS %L', rows,
            format('kept by flowstore for view %s; not to be written to', reading));
        RETURN NEXT reading;
    END LOOP;
END
$$;

COMMENT ON FUNCTION flow.rollup_create(text, text, text, jsonb, jsonb, jsonb) IS
'flow.create_rollup() once the query is taken apart.';

CREATE FUNCTION flow.create_rollup(
    name text, query text,
    levels jsonb DEFAULT '{"1 min": "2 days", "5 min": "90 days", "1 hour": "1 year"}',
    columns jsonb DEFAULT NULL)
RETURNS SETOF regclass
LANGUAGE sql
AS $$
    SELECT flow.rollup_create(name, pg_catalog.current_schema()::text, query,
        (SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
             'kind', q.kind, 'name', q.name, 'expression', q.expression))
         FROM flow.rollup_query(query) q),
        levels, columns)
$$;

COMMENT ON FUNCTION flow.create_rollup(text, text, jsonb, jsonb) IS
'Keeps what a query of one table computes, for each bucket of time:
  SELECT flow.create_rollup(''talkers'', $$SELECT src_addr, count(*) AS flows,
      sum(bytes) AS bytes FROM flows GROUP BY src_addr$$,
      levels => ''{"1 min": "2 days", "1 hour": "1 year"}'');
makes the views talkers_1m and talkers_1h, which are returned, with a column bucket
before those of the query.  A view gives at any time what the query grouped by
flow.time_bucket(step, ts) would give for the rows of the table, under the same
snapshot: from a table of its own, kept by the background worker, where that is up to
date, else from the rows.  Rows that options of the table (retain, max_rows,
max_bytes) have removed stay counted; rows that are deleted do not.  The levels: the
step (whole seconds, no months) and how long its buckets are kept, counted from the
newest one, or "forever".  columns: {"ts": "own name"} for a table whose time is
not called ts.  All levels are computed from the rows of the table.
The query: SELECT with aggregates, WHERE and GROUP BY, only immutable functions, each
expression of GROUP BY a column of the result.  The table: permanent, not partitioned, inherited
from by none (or ONLY), the caller''s own; one of another access method gets statement triggers.  Rows without a
time, or with time infinity, do not count.  Errors: feature_not_supported,
invalid_parameter_value, undefined_column, duplicate_table and what the query gives.';

CREATE FUNCTION flow.create_rollup(
    name text, dimensions text[], measures jsonb, relation regclass DEFAULT NULL,
    filter text DEFAULT NULL,
    levels jsonb DEFAULT '{"1 min": "2 days", "5 min": "90 days", "1 hour": "1 year"}',
    columns jsonb DEFAULT NULL)
RETURNS SETOF regclass
LANGUAGE plpgsql
AS $$
DECLARE
    query text;
BEGIN
    IF (pg_catalog.jsonb_typeof(measures) OPERATOR(pg_catalog.=) 'object') IS NOT TRUE THEN
        RAISE EXCEPTION 'measures must be a JSON object'
            USING ERRCODE = 'invalid_parameter_value',
            HINT = 'An example is {"flows": "count(*)", "bytes": "sum(bytes)"}.';
    END IF;
    SELECT pg_catalog.format('SELECT %s FROM %s%s%s',
        pg_catalog.string_agg(c.text, ', ' ORDER BY c.place),
        flow.relation(relation)::text,
        ' WHERE ' OPERATOR(pg_catalog.||) filter,
        ' GROUP BY ' OPERATOR(pg_catalog.||)
            pg_catalog.string_agg(c.place::text, ', ' ORDER BY c.place) FILTER (WHERE c.is_key))
    INTO query
    FROM (SELECT CASE WHEN columns OPERATOR(pg_catalog.->>) d.name IS NULL THEN d.name
                      ELSE pg_catalog.format('%I AS %I', columns OPERATOR(pg_catalog.->>) d.name, d.name) END AS text,
                 d.place, true AS is_key
          FROM pg_catalog.unnest(dimensions) WITH ORDINALITY AS d(name, place)
          UNION ALL
          SELECT pg_catalog.format('%s AS %I', m.value, m.key),
                 pg_catalog.cardinality(dimensions) OPERATOR(pg_catalog.+) m.place, false
          FROM pg_catalog.jsonb_each_text(measures) WITH ORDINALITY AS m(key, value, place)) c;
    RETURN QUERY SELECT flow.create_rollup(name, query, levels, columns);
END
$$;

COMMENT ON FUNCTION flow.create_rollup(text, text[], jsonb, regclass, text, jsonb, jsonb) IS
'The same for a query that is given in parts: expressions to group by, measures as
{"name": "aggregate"}, and perhaps a filter:
  SELECT flow.create_rollup(''talkers'', dimensions => ''{src_addr}'',
      measures => ''{"flows": "count(*)", "bytes": "sum(bytes)"}'', relation => ''flows'');';

CREATE FUNCTION flow.refresh_rollup(name text, since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    finest CONSTANT regclass := flow.rollup_id(name);
    level regclass;
    lost oid;
BEGIN
    SELECT x.relid INTO lost
    FROM flow.rollup r JOIN flow.rollup_level l ON l.rollup OPERATOR(pg_catalog.=) r.id,
         LATERAL (VALUES (r.relation::oid), (l.reading::oid)) x(relid)
    WHERE r.id OPERATOR(pg_catalog.=) finest
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid OPERATOR(pg_catalog.=) x.relid) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'rollup "%" cannot be refreshed', name
            USING ERRCODE = 'undefined_table',
            DETAIL = pg_catalog.format('Its table or one of its views, with OID %s, was dropped.', lost),
            HINT = 'Drop it with flow.drop_rollup().';
    END IF;
    IF since OPERATOR(pg_catalog.>=) until THEN
        RAISE EXCEPTION 'since must be before until' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    FOR level IN SELECT l.rows FROM flow.rollup_level l
                 WHERE l.rollup OPERATOR(pg_catalog.=) finest ORDER BY l.step LOOP
        PERFORM flow.rollup_roll(level, coalesce(since, '-infinity'), coalesce(until, 'infinity'));
    END LOOP;
END
$$;

COMMENT ON FUNCTION flow.refresh_rollup(text, timestamptz, timestamptz) IS
'Rolls up all levels of a rollup from since to until (exclusive; NULL: without bound)
now, in the caller''s transaction, with its definition, whether something changed or
not.  Views give the same before and after, only faster.  What the table does not
have any more stays as it is.  For the owner.  At REPEATABLE READ and above it can
fail with serialization_failure.  Errors: undefined_object, undefined_table (its table or
a view was dropped), invalid_parameter_value.';

CREATE FUNCTION flow.rollup_drop(id regclass)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    source CONSTANT regclass := (SELECT r.relation FROM flow.rollup r WHERE r.id = rollup_drop.id);
    level record;
BEGIN
    FOR level IN SELECT l.rows, l.reading FROM flow.rollup_level l WHERE l.rollup = id LOOP
        CONTINUE WHEN NOT EXISTS (SELECT FROM pg_class WHERE oid = level.rows);
        PERFORM flow.rollup_unregister(level.rows);
        IF EXISTS (SELECT FROM pg_class WHERE oid = level.reading) THEN
            EXECUTE format('DROP VIEW %s', level.reading);
        END IF;
        EXECUTE format('DROP TABLE %s', level.rows);
    END LOOP;
    IF NOT EXISTS (SELECT FROM flow.rollup r WHERE r.relation = source)
       AND NOT flow.is_scheduled(source) THEN
        PERFORM flow.unwatch(source);
    END IF;
END
$$;

COMMENT ON FUNCTION flow.rollup_drop(regclass) IS 'flow.drop_rollup() by the finest level''s table.';

CREATE FUNCTION flow.drop_rollup(name text)
RETURNS void
LANGUAGE sql
AS $$ SELECT flow.rollup_drop(flow.rollup_id(name)) $$;

COMMENT ON FUNCTION flow.drop_rollup(text) IS
'Drops a rollup with its views and tables, and with the last one of a table the
triggers that watched it.  For the owner.  Views of others that read the rollup are an
error (dependent_objects_still_exist), and so is a name without a rollup
(undefined_object).';

CREATE VIEW flow.rollups AS
SELECT n.nspname AS schema_name, r.name, r.relation, l.step, l.keep, l.reading, l.rows,
    CASE WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_class s WHERE s.oid = r.relation) THEN 'orphaned'
         WHEN r.failures > 0 THEN 'failing'
         WHEN l.noted IS NULL THEN 'current'
         WHEN l.refreshed IS NULL OR NOT isfinite(lower(l.pending)) THEN 'filling'
         ELSE 'pending' END AS state,
    pg_catalog.clock_timestamp() - l.noted AS lag,
    l.pending, l.horizon, r.raw_since, l.refreshed, l.buckets AS rows_written,
    CASE WHEN c.reltuples >= 0 THEN c.reltuples::bigint END AS rows_estimate,
    r.query, r.dimensions, r.measures, r.error
FROM flow.rollup_level l
JOIN flow.rollup r ON r.id = l.rollup
JOIN pg_catalog.pg_class c ON c.oid = l.rows
JOIN pg_catalog.pg_class i ON i.oid = r.id
JOIN pg_catalog.pg_namespace n ON n.oid = i.relnamespace;

COMMENT ON VIEW flow.rollups IS
'The levels of all rollups: view and table, and how they stand: current, pending (times
that are to be rolled up again are in pending), filling (from history, the newest
first), failing (with the error; tried again after a pause) or orphaned (its source was
dropped); lag since when something is pending.  Buckets before horizon are not kept
any more; before raw_since the source is not complete, so buckets stay as they are.
Reading a view is exact in all of these states, but slower the more is pending.';

GRANT SELECT ON flow.rollups TO PUBLIC;
