-------------------------------------------------------------------------
-- What analytics have in common: which table, which columns, which time
-------------------------------------------------------------------------

CREATE TYPE flow.severity AS ENUM ('info', 'low', 'medium', 'high', 'critical');

COMMENT ON TYPE flow.severity IS
'How much a finding matters, in rising order.  RITA''s base is info.';

CREATE FUNCTION flow.now()
RETURNS timestamp with time zone
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(nullif(pg_catalog.current_setting('flowstore.now', true), '')::timestamptz,
                    pg_catalog.now());
END;

COMMENT ON FUNCTION flow.now() IS
'The present, as functions of this schema see it: setting flowstore.now, or the
beginning of the transaction if that is empty.  SET flowstore.now for old data,
and the scheduler sets it to the end of a bucket.  A setting that is no time is
an error (invalid_datetime_format).';

CREATE FUNCTION flow.relation(relation regclass)
RETURNS regclass
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
    -- the setting is not known before the library is loaded
    name CONSTANT text :=
        coalesce(pg_catalog.current_setting('flowstore.default_table', true), 'flows');
BEGIN
    -- no search_path of its own: the caller's finds the table
    relation := coalesce(relation, pg_catalog.to_regclass(name));
    IF relation IS NULL THEN
        RAISE EXCEPTION 'table "%" does not exist', name
            USING ERRCODE = 'undefined_table',
            DETAIL = 'It is the table that setting flowstore.default_table names.',
            HINT = 'Name a table in argument relation, or set flowstore.default_table or search_path.';
    END IF;
    RETURN relation;
END
$$;

COMMENT ON FUNCTION flow.relation(regclass) IS
'The table that a function of this schema works on: relation itself, or if it is
NULL the one that setting flowstore.default_table names (default flows), found by the
search_path of the caller.  A name without a table is an error (undefined_table).';

CREATE FUNCTION flow.column_name(relation regclass, name text, columns jsonb DEFAULT NULL)
RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    own CONSTANT text := coalesce(columns ->> name, name);
BEGIN
    IF columns IS NOT NULL AND jsonb_typeof(columns) <> 'object' THEN
        RAISE EXCEPTION 'argument columns must be a JSON object'
            USING ERRCODE = 'invalid_parameter_value',
            HINT = 'An example is {"src_addr": "client"}.';
    END IF;
    IF relation IS NULL OR name IS NULL THEN
        RAISE EXCEPTION 'table and column must not be NULL'
            USING ERRCODE = 'null_value_not_allowed';
    END IF;
    IF NOT EXISTS (SELECT FROM pg_attribute
                   WHERE attrelid = relation AND attname = own AND attnum > 0
                   AND NOT attisdropped)
    THEN
        RAISE EXCEPTION 'table "%" has no column "%"', relation, own
            USING ERRCODE = 'undefined_column',
            HINT = CASE WHEN name LIKE '%,%' THEN 'Several columns are given as an array.'
                   ELSE format('Argument columns can name another one: {"%s": "..."}.', name) END;
    END IF;
    RETURN quote_ident(own);
END
$$;

COMMENT ON FUNCTION flow.column_name(regclass, text, jsonb) IS
'The quoted name of the column of relation that stands for standard column name:
the one that columns, an object {"standard name": "own name"}, gives, else the
column of that name.  A table without it is an error (undefined_column).';

CREATE FUNCTION flow.source_query(
    relation regclass, required text[], columns jsonb DEFAULT NULL,
    optional text[] DEFAULT '{}')
RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    outputs text;
    stray text;
    wrong record;
BEGIN
    IF jsonb_typeof(columns) = 'object' THEN
        SELECT k INTO stray FROM jsonb_object_keys(columns) k
        WHERE k NOT IN (SELECT c.column_name FROM flow.standard_columns() c) LIMIT 1;
        IF stray IS NOT NULL THEN
            RAISE EXCEPTION 'argument columns names "%", which is no standard column', stray
                USING ERRCODE = 'invalid_parameter_value',
                HINT = 'flow.standard_columns() lists them.';
        END IF;
    END IF;
    SELECT string_agg(format('%s AS %I', value, name), ', ' ORDER BY place) INTO outputs
    FROM (SELECT name, place, flow.column_name(relation, name, columns) AS value
          FROM unnest(required) WITH ORDINALITY AS r(name, place)
          UNION ALL
          SELECT o.name, cardinality(required) + o.place,
                 CASE WHEN a.attname IS NULL
                      THEN format('NULL::%s', split_part(c.column_type, ' ', 1))
                      ELSE quote_ident(a.attname) END
          FROM unnest(optional) WITH ORDINALITY AS o(name, place)
          LEFT JOIN flow.standard_columns() c ON c.column_name = o.name
          LEFT JOIN pg_attribute a ON a.attrelid = relation AND a.attnum > 0
               AND NOT a.attisdropped AND a.attname = coalesce(columns ->> o.name, o.name)) v;
    -- a number that stands for a time is better refused here than where it is compared;
    -- text does for addresses that are only grouped by
    SELECT c.column_name AS name, quote_ident(a.attname) AS own, a.atttypid::regtype AS has, s.typname AS needs
    INTO wrong
    FROM flow.standard_columns() c
    JOIN pg_attribute a ON a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped
         AND a.attname = coalesce(columns ->> c.column_name, c.column_name)
    JOIN pg_type t ON t.oid = a.atttypid
    JOIN pg_type s ON s.oid = to_regtype(split_part(c.column_type, ' ', 1))
    WHERE c.column_name = ANY (required || optional)
      AND s.typcategory IN ('D', 'I', 'N') AND t.typcategory <> s.typcategory
      AND NOT (s.typcategory = 'I' AND t.typcategory = 'S') LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'column % of table "%" has type %', wrong.own, relation, wrong.has
            USING ERRCODE = 'datatype_mismatch',
            DETAIL = format('What stands for column "%s" must be like %s.', wrong.name, wrong.needs);
    END IF;
    RETURN format('SELECT %s FROM %s', outputs,
                  (SELECT format('%I.%I', n.nspname, r.relname)
                   FROM pg_class r JOIN pg_namespace n ON n.oid = r.relnamespace
                   WHERE r.oid = relation));
END
$$;

COMMENT ON FUNCTION flow.source_query(regclass, text[], jsonb, text[]) IS
'A SELECT of columns of relation under their standard names, to be used as a
subquery in FROM, where the planner pulls it up: it costs nothing.  columns is as
in flow.column_name.  A required column that the table lacks is an error
(undefined_column); an optional one is NULL then.  One that stands for a time, address
or number and is none is an error (datatype_mismatch).';

CREATE FUNCTION flow.time_range(INOUT since timestamp with time zone,
    INOUT until timestamp with time zone, span interval)
RETURNS record
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF span IS NULL OR span <= interval '0' THEN
        RAISE EXCEPTION 'span must be positive' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    until := coalesce(until, flow.now());
    since := coalesce(since, until - span);
    IF since >= until THEN
        RAISE EXCEPTION 'since must be earlier than until'
            USING ERRCODE = 'invalid_parameter_value',
            DETAIL = format('since is %s, until is %s.', since, until);
    END IF;
END
$$;

COMMENT ON FUNCTION flow.time_range(timestamp with time zone, timestamp with time zone, interval) IS
'The times [since, until) that a function looks at: NULL until is flow.now(),
NULL since is span before until.  A span that is not positive is an error
(invalid_parameter_value), and so is a range without time in it.';
