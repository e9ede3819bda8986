-------------------------------------------------------------------------
-- Options of tables
-------------------------------------------------------------------------

CREATE FUNCTION flow.set(
    relation regclass,
    time_column "any" DEFAULT 'unchanged',
    partition "any" DEFAULT 'unchanged',
    zorder "any" DEFAULT 'unchanged',
    bitmap "any" DEFAULT 'unchanged',
    retain "any" DEFAULT 'unchanged',
    max_rows "any" DEFAULT 'unchanged',
    slack "any" DEFAULT 'unchanged',
    max_bytes "any" DEFAULT 'unchanged',
    max_future "any" DEFAULT 'unchanged',
    future_rows "any" DEFAULT 'unchanged',
    lateness "any" DEFAULT 'unchanged',
    merge "any" DEFAULT 'unchanged',
    cluster "any" DEFAULT 'unchanged')
RETURNS void
AS 'MODULE_PATHNAME', 'fs_set'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION flow.set(regclass, "any", "any", "any", "any", "any", "any",
"any", "any", "any", "any", "any", "any", "any") IS
'Sets options of a flowstore table or materialized view, for its owner only;
those not named stay as they are:
  SELECT flow.set(''flows'', partition => ''15 minutes'', retain => ''90 days'');
A value may be of any type and counts as its text, a text[] as a list of
columns; a parameter of a prepared statement needs a type, as in $2::text.
NULL and ''default'' reset an option.  An invalid value is an error that says
which are valid (invalid_parameter_value; undefined_column or
datatype_mismatch for columns).  flow.options() describes the options.';

CREATE FUNCTION flow.options(
    relation regclass,
    OUT name text,
    OUT value text,
    OUT is_default boolean,
    OUT default_value text,
    OUT description text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'fs_options'
LANGUAGE C STABLE STRICT PARALLEL RESTRICTED ROWS 13;

COMMENT ON FUNCTION flow.options(regclass) IS
'The options of a flowstore table: for each its name, the value in force,
whether that is the default, the default, and what it is for.  Needs no
privilege on the table; no rows if it was dropped.';

CREATE VIEW flow.tables AS
SELECT c.nspname AS schema_name,
    c.relname AS table_name,
    o.time_column, o.partition, o.zorder, o.bitmap, o.retain, o.max_rows,
    o.slack, o.max_bytes, o.max_future, o.future_rows, o.lateness, o.merge,
    o.cluster, o.options_set,
    CASE WHEN c.reltuples >= 0 THEN c.reltuples::bigint END AS rows_estimate,
    pg_catalog.pg_total_relation_size(c.oid) AS total_bytes
FROM (
    SELECT n.nspname, c.relname, c.oid, c.reltuples
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_am m ON m.oid = c.relam
    WHERE m.amhandler = 'flow.table_am_handler(internal)'::pg_catalog.regprocedure
    AND c.relkind IN ('r', 'm')
    AND NOT pg_catalog.pg_is_other_temp_schema(c.relnamespace)
    AND (pg_catalog.pg_has_role(c.relowner, 'USAGE')
        OR pg_catalog.has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
        OR pg_catalog.has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'))
    OFFSET 0 -- flow.options() is only called for these
    ) c
CROSS JOIN LATERAL (
    SELECT max(value) FILTER (WHERE name = 'time_column') AS time_column,
        max(value) FILTER (WHERE name = 'partition') AS partition,
        max(value) FILTER (WHERE name = 'zorder') AS zorder,
        max(value) FILTER (WHERE name = 'bitmap') AS bitmap,
        max(value) FILTER (WHERE name = 'retain') AS retain,
        max(value) FILTER (WHERE name = 'max_rows') AS max_rows,
        max(value) FILTER (WHERE name = 'slack') AS slack,
        max(value) FILTER (WHERE name = 'max_bytes') AS max_bytes,
        max(value) FILTER (WHERE name = 'max_future') AS max_future,
        max(value) FILTER (WHERE name = 'future_rows') AS future_rows,
        max(value) FILTER (WHERE name = 'lateness') AS lateness,
        max(value) FILTER (WHERE name = 'merge') AS merge,
        max(value) FILTER (WHERE name = 'cluster') AS cluster,
        coalesce(array_agg(name ORDER BY name) FILTER (WHERE NOT is_default),
                 '{}') AS options_set
    FROM flow.options(c.oid)) o;

COMMENT ON VIEW flow.tables IS
'The flowstore tables and materialized views on which the user has a privilege:
the value in force of each option, the names of those that are not at their
default (options_set), the number of rows as the last VACUUM or ANALYZE knew
it (NULL if there was none), and the bytes on disk, directory included.';

GRANT SELECT ON flow.tables TO PUBLIC;
