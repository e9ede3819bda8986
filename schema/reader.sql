-------------------------------------------------------------------------
-- Roles that only read, for dashboards
-------------------------------------------------------------------------

CREATE FUNCTION flow.reader_tables(role regrole, OUT relation regclass, OUT schema_name name)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.oid::regclass, n.nspname
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm', 'p', 'v') AND c.relpersistence <> 't' AND n.nspname <> 'flow'
      AND pg_has_role(reader_tables.role, c.relowner, 'USAGE')
      AND (EXISTS (SELECT FROM pg_am m WHERE m.oid = c.relam
                   AND m.amhandler = 'flow.table_am_handler(internal)'::regprocedure)
           OR EXISTS (SELECT FROM pg_partition_tree(c.oid) t JOIN pg_class p ON p.oid = t.relid JOIN pg_am m ON m.oid = p.relam
                      WHERE m.amhandler = 'flow.table_am_handler(internal)'::regprocedure)
           OR EXISTS (SELECT FROM flow.rollup r WHERE r.relation = c.oid)
           OR EXISTS (SELECT FROM flow.rollup_level l WHERE c.oid IN (l.rows, l.reading)))
$$;

COMMENT ON FUNCTION flow.reader_tables(regrole) IS
'The flow tables that a role owns, or may do as an owner with: those of access method flowstore, partitioned
ones with such partitions, tables that have rollups, and rollups.';

CREATE FUNCTION flow.reader_check(name text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    role pg_roles;
    group_name name;
    writes regclass;
BEGIN
    IF name IS NULL OR name = '' THEN
        RAISE EXCEPTION 'name of a reader must not be empty' USING ERRCODE = 'invalid_parameter_value';
    ELSIF octet_length(name) > 63 THEN
        RAISE EXCEPTION 'name of a reader must not be longer than 63 bytes' USING ERRCODE = 'name_too_long';
    END IF;
    SELECT * INTO role FROM pg_roles r WHERE r.rolname = name;
    IF NOT FOUND THEN
        RETURN;
    ELSIF name IN (current_user, session_user) THEN
        RAISE EXCEPTION 'role "%" is your own', name
            USING ERRCODE = 'invalid_parameter_value',
            HINT = 'A reader is a role of its own, for programs that show and do not change.';
    ELSIF role.rolsuper OR role.rolcreaterole OR role.rolcreatedb OR role.rolreplication OR role.rolbypassrls THEN
        RAISE EXCEPTION 'role "%" may do more than read', name
            USING ERRCODE = 'invalid_parameter_value',
            DETAIL = 'It has one of the attributes SUPERUSER, CREATEROLE, CREATEDB, REPLICATION and BYPASSRLS.',
            HINT = 'Name another role, or take the attribute from it.';
    END IF;
    group_name := (SELECT r.rolname FROM pg_roles r
                   WHERE r.oid <> role.oid AND pg_has_role(role.oid, r.oid, 'MEMBER')
                     AND (r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls
                          OR r.rolname IN ('pg_write_all_data', 'pg_write_server_files', 'pg_execute_server_program', 'pg_maintain')
                          OR EXISTS (SELECT FROM pg_shdepend d WHERE d.refclassid = 'pg_authid'::regclass AND d.refobjid = r.oid AND d.deptype = 'o'))
                   ORDER BY r.rolname LIMIT 1);
    writes := (SELECT c.oid FROM pg_class c, aclexplode(c.relacl) a
               WHERE a.grantee = role.oid AND a.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')
                 AND c.relnamespace <> 'flow'::regnamespace ORDER BY c.oid LIMIT 1);
    IF EXISTS (SELECT FROM pg_shdepend d WHERE d.refclassid = 'pg_authid'::regclass AND d.refobjid = role.oid AND d.deptype = 'o') THEN
        RAISE EXCEPTION 'role "%" owns objects', name
            USING ERRCODE = 'invalid_parameter_value',
            DETAIL = 'A reader cannot write to what it owns.',
            HINT = 'Name another role.';
    ELSIF group_name IS NOT NULL THEN
        RAISE EXCEPTION 'role "%" may do more than read', name
            USING ERRCODE = 'invalid_parameter_value',
            DETAIL = format('It is a member of role "%s".', group_name),
            HINT = 'Name another role, or revoke the membership.';
    ELSIF writes IS NOT NULL THEN
        RAISE EXCEPTION 'role "%" may do more than read', name
            USING ERRCODE = 'invalid_parameter_value',
            DETAIL = format('It may write to table %s.', writes),
            HINT = 'Name another role, or revoke the privilege.';
    END IF;
END
$$;

COMMENT ON FUNCTION flow.reader_check(text) IS
'An error unless a role of that name can be a reader, or is to be made.';

CREATE FUNCTION flow.create_reader(name text, password text DEFAULT NULL, future boolean DEFAULT true)
RETURNS SETOF regclass
LANGUAGE plpgsql
AS $$
DECLARE
    -- no search_path of its own: the role gets the caller's
    path CONSTANT name[] := pg_catalog.current_schemas(false);
BEGIN
    PERFORM flow.reader_check(name);
    RETURN QUERY SELECT r FROM flow.reader_make(name, password, coalesce(future, false), path) r;
END
$$;

CREATE FUNCTION flow.reader_make(name text, password text, future boolean, path name[])
RETURNS SETOF regclass
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- a schema of somebody else could have a table or function of a name that another one's is meant by
    schemas CONSTANT name[] := ARRAY(
        SELECT s.name FROM (SELECT p.name, p.place FROM unnest(path) WITH ORDINALITY p(name, place)
                            UNION ALL
                            SELECT t.schema_name, 1000 FROM flow.reader_tables(quote_ident(current_user)::regrole) t
                            JOIN pg_namespace n ON n.nspname = t.schema_name JOIN pg_roles o ON o.oid = n.nspowner
                            WHERE o.rolsuper OR o.rolname IN (current_user, 'pg_database_owner')
                               OR o.oid = (SELECT d.datdba FROM pg_database d WHERE d.datname = current_database())) s
        WHERE s.name <> 'flow' AND s.name !~ '^pg_' GROUP BY s.name ORDER BY min(s.place), s.name);
    setting record;
    object record;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = name) THEN
        EXECUTE format('CREATE ROLE %I', name);
    END IF;
    EXECUTE format('ALTER ROLE %I LOGIN%s', name, ' PASSWORD ' || quote_literal(password));
    FOR setting IN SELECT * FROM (VALUES
        ('search_path', (SELECT string_agg(quote_ident(s), ', ' ORDER BY place)
                         FROM unnest('flow'::name || schemas) WITH ORDINALITY u(s, place))),
        ('default_transaction_read_only', 'on'), ('statement_timeout', '''30s'''), ('lock_timeout', '''5s'''),
        ('idle_in_transaction_session_timeout', '''1min'''), ('max_parallel_workers_per_gather', '1'), ('jit', 'off')) v(name, value)
    LOOP
        EXECUTE format('ALTER ROLE %I IN DATABASE %I SET %I = %s', name, current_database(), setting.name, setting.value);
    END LOOP;
    IF NOT has_database_privilege(name, current_database(), 'CONNECT') THEN
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), name);
    END IF;
    FOR object IN SELECT u.s FROM unnest(schemas) u(s) WHERE future AND has_schema_privilege(u.s, 'CREATE') LOOP
        EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT SELECT ON TABLES TO %I', object.s, name);
    END LOOP;
    PERFORM flow.reader_grant(name, schemas || ARRAY(
        SELECT DISTINCT t.schema_name FROM flow.reader_tables(quote_ident(current_user)::regrole) t
        WHERE t.schema_name <> ALL (schemas)));
    FOR object IN SELECT t.relation FROM flow.reader_tables(quote_ident(current_user)::regrole) t ORDER BY t.relation::text LOOP
        EXECUTE format('GRANT SELECT ON %s TO %I', object.relation, name);
        RETURN NEXT object.relation;
    END LOOP;
END
$$;

COMMENT ON FUNCTION flow.reader_make(text, text, boolean, name[]) IS
'flow.create_reader with the schemas of the caller''s search_path; not to be called';

CREATE FUNCTION flow.reader_relations()
RETURNS SETOF regclass
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c FROM unnest('{flow.alert,flow.alert_allow,flow.alert_acknowledged,flow.alerts_judged,flow.alerts,flow.alerts_allowed,
        flow.collectors,flow.exporters,flow.ingest,flow.collector_health,flow.exporter_health,flow.table_health,
        flow.column_health,flow.worker_health,flow.interface,flow.autonomous_system,flow.prefix_table,flow.prefix_tables}'::regclass[]) c
$$;

CREATE FUNCTION flow.reader_functions()
RETURNS SETOF regprocedure
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT f FROM unnest('{flow.disk(regclass),flow.schedule_status()}'::regprocedure[]) f
$$;

CREATE FUNCTION flow.reader_grant(name text, schemas name[])
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    object record;
    refused text[] := '{}';
BEGIN
    FOR object IN
        SELECT format('SELECT ON %s', r) AS privilege, has_table_privilege(r, 'SELECT WITH GRANT OPTION') AS may_grant
        FROM flow.reader_relations() r WHERE NOT has_table_privilege(name, r, 'SELECT')
        UNION ALL
        SELECT format('EXECUTE ON FUNCTION %s', f), has_function_privilege(f, 'EXECUTE WITH GRANT OPTION')
        FROM flow.reader_functions() f WHERE NOT has_function_privilege(name, f, 'EXECUTE')
        UNION ALL
        SELECT format('USAGE ON SCHEMA %I', u.s), has_schema_privilege(u.s, 'USAGE WITH GRANT OPTION')
        FROM unnest(schemas) u(s) WHERE NOT has_schema_privilege(name, u.s, 'USAGE')
    LOOP
        IF object.may_grant THEN
            EXECUTE format('GRANT %s TO %I', object.privilege, name);
        ELSE
            refused := refused || object.privilege;
        END IF;
    END LOOP;
    IF refused <> '{}' THEN
        RAISE WARNING 'role "%" cannot read all that dashboards show', name
            USING DETAIL = format('You may not grant %s.', array_to_string(refused, ', ')),
            HINT = 'Have the owner of these, or a superuser, call flow.create_reader with the same name.';
    END IF;
END
$$;

COMMENT ON FUNCTION flow.reader_relations() IS
'What a reader reads of schema flow beside what everybody may: alerts, collectors, exporters, ingest, samples of health, interfaces.';
COMMENT ON FUNCTION flow.reader_functions() IS
'What a reader may call of schema flow beside what everybody may: the free space of the disk, how schedules are.';
COMMENT ON FUNCTION flow.reader_grant(text, name[]) IS
'Lets a reader use schemas, read flow.reader_relations() and call flow.reader_functions(), as far as the caller may grant it;
else a warning.';
COMMENT ON FUNCTION flow.create_reader(text, text, boolean) IS
'Makes a role that logs in and only reads, for Grafana and the like, and returns the flow tables that it may
read now: those of the caller (of all, for a superuser) that use flowstore, or have rollups, and their rollups.  Also alerts,
collectors, exporters, ingest, how schedules and the disk are.  future: SELECT on all tables, of whatever kind, that the caller makes later in the schemas of
these tables and of his search_path (ALTER DEFAULT PRIVILEGES).  Where the role exists it gets what is missing and keeps
what it has; a NULL password changes none.  In this database its sessions have: search_path
schema flow, so that time_bucket is flow''s, then his search_path and those of these schemas that are his, the database owner''s or a
superuser''s; default_transaction_read_only; statement_timeout 30 s,
lock_timeout 5 s, idle_in_transaction_session_timeout 1 min; one parallel worker a query, so that many panels
at once do not crowd out the rest; jit off.  ALTER ROLE ... IN DATABASE ... SET changes that.
The password is part of the statement, which log_statement may write down: NULL and psql''s \password avoid that.
For superusers and roles with CREATEROLE; what the latter may not grant is a warning.  Errors: an empty name, a role that may do
more than read, by attributes, memberships, ownership or the right to write to tables beside schema flow, or one''s own
(invalid_parameter_value), a name of more than 63 bytes (name_too_long), no right to make roles
(insufficient_privilege).  To see what the worker does and its last error, GRANT pg_monitor TO the role.';

CREATE FUNCTION flow.drop_reader(name text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    reader oid := (SELECT r.oid FROM pg_roles r WHERE r.rolname = name);
    entry record;
BEGIN
    IF reader IS NULL THEN
        RAISE EXCEPTION 'role "%" does not exist', coalesce(name, 'NULL') USING ERRCODE = 'undefined_object';
    END IF;
    PERFORM flow.reader_check(name);
    FOR entry IN
        SELECT format('REVOKE ALL ON %s FROM %I', c.oid::regclass, name) AS command, array_agg(a.grantor) || c.relowner AS owners
        FROM pg_class c, aclexplode(c.relacl) a WHERE a.grantee = reader GROUP BY c.oid
        UNION ALL
        SELECT format('REVOKE ALL ON FUNCTION %s FROM %I', p.oid::regprocedure, name), array_agg(a.grantor) || p.proowner
        FROM pg_proc p, aclexplode(p.proacl) a WHERE a.grantee = reader GROUP BY p.oid
        UNION ALL
        SELECT format('REVOKE ALL ON SCHEMA %I FROM %I', n.nspname, name), array_agg(a.grantor) || n.nspowner
        FROM pg_namespace n, aclexplode(n.nspacl) a WHERE a.grantee = reader GROUP BY n.oid
        UNION ALL
        SELECT format('ALTER DEFAULT PRIVILEGES FOR ROLE %I%s REVOKE ALL ON TABLES FROM %I', pg_get_userbyid(d.defaclrole),
                      (SELECT format(' IN SCHEMA %I', n.nspname) FROM pg_namespace n WHERE n.oid = d.defaclnamespace), name), ARRAY[d.defaclrole]
        FROM pg_default_acl d, aclexplode(d.defaclacl) a WHERE a.grantee = reader AND d.defaclobjtype = 'r' GROUP BY d.oid
        UNION ALL
        SELECT format('REVOKE ALL ON DATABASE %I FROM %I', b.datname, name), array_agg(a.grantor) || b.datdba
        FROM pg_database b, aclexplode(b.datacl) a WHERE a.grantee = reader AND b.datname = current_database() GROUP BY b.oid
    LOOP
        -- what others have granted is an error of DROP ROLE that names it
        CONTINUE WHEN NOT EXISTS (SELECT FROM unnest(entry.owners) o WHERE pg_has_role(o, 'USAGE'));
        EXECUTE entry.command;
    END LOOP;
    EXECUTE format('DROP ROLE %I', name);
END
$$;

COMMENT ON FUNCTION flow.drop_reader(text) IS
'Drops a role that flow.create_reader has made, with its privileges in this database.  A role that may do more than read or
owns objects is refused as there (invalid_parameter_value); privileges that others have granted, or in other databases, are an error of DROP
ROLE, which names them (dependent_objects_still_exist), and so nothing is done.';
