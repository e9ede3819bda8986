-- flow.create_table makes the standard table, where the caller would make it,
-- and takes no name for anything but a name.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
\set SHOW_CONTEXT never

SELECT flow.create_table('create_table_plain');
SELECT a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull, d.description
FROM pg_attribute a
JOIN pg_description d ON d.objoid = a.attrelid AND d.objsubid = a.attnum
    AND d.classoid = 'pg_class'::regclass
WHERE a.attrelid = 'create_table_plain'::regclass AND a.attnum > 0
ORDER BY a.attnum;
SELECT amname FROM pg_class c JOIN pg_am m ON m.oid = c.relam
WHERE c.oid = 'create_table_plain'::regclass;

-- column groups, in the order of flow.standard_columns()
SELECT flow.create_table('create_table_all', groups => '{payload,http,dns,tls,tls}');
SELECT a.attname, format_type(a.atttypid, a.atttypmod) AS type, d.description
FROM pg_attribute a
JOIN pg_description d ON d.objoid = a.attrelid AND d.objsubid = a.attnum
    AND d.classoid = 'pg_class'::regclass
WHERE a.attrelid = 'create_table_all'::regclass AND a.attnum > 18
ORDER BY a.attnum;
SELECT flow.create_table('create_table_null', NULL);
SELECT flow.create_table('create_table_bad', '{tls,bgp}');
SELECT flow.create_table('create_table_bad', ARRAY['tls', NULL]);
SELECT flow.create_table('create_table_plain');

-- names
CREATE SCHEMA "Create Table";
SELECT flow.create_table('"Create Table"."a ""b"" %s"');
SELECT flow.create_table('"Create Table".Folded');
SELECT flow.create_table('create_table_schema', schema => 'Create Table');
SELECT flow.create_table('pg_temp.create_table_temp');
SELECT relpersistence FROM pg_class WHERE relname = 'create_table_temp';
SELECT flow.create_table('a b');
SELECT flow.create_table('a (i int); DROP TABLE create_table_plain; --');
SELECT flow.create_table('"a (i int); DROP TABLE create_table_plain; --"');
SELECT flow.create_table('x.y.z');
SELECT flow.create_table('');
SELECT flow.create_table('no_such_schema.t');

-- the caller's search_path decides where an unqualified name goes
SET search_path = no_such_schema, "Create Table", public;
SELECT flow.create_table('create_table_path');
SET search_path = '';
SELECT flow.create_table('create_table_nowhere');
RESET search_path;
SELECT relnamespace::regnamespace FROM pg_class WHERE relname = 'create_table_path';

-- the caller's privileges decide
CREATE ROLE regress_create_table;
GRANT USAGE ON SCHEMA flow TO regress_create_table;
SET ROLE regress_create_table;
SELECT flow.create_table('"Create Table".denied');
RESET ROLE;
GRANT USAGE, CREATE ON SCHEMA "Create Table" TO regress_create_table;
SET ROLE regress_create_table;
SELECT flow.create_table('"Create Table".granted');
RESET ROLE;
SELECT relowner::regrole FROM pg_class WHERE relname = 'granted';

SET client_min_messages = warning;
DROP SCHEMA "Create Table" CASCADE;
RESET client_min_messages;
REVOKE USAGE ON SCHEMA flow FROM regress_create_table;
DROP ROLE regress_create_table;
DROP TABLE create_table_plain, create_table_all, create_table_null;
DROP TABLE "a (i int); DROP TABLE create_table_plain; --";
\unset SHOW_CONTEXT
