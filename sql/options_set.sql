-- Options are set by WITH, ALTER TABLE, flow.set and SECURITY LABEL alike, and
-- what is not valid is refused with what would be.
-- Without this test: an option that is silently ignored.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
\set SHOW_CONTEXT never
CREATE SCHEMA options_set;
SET search_path = options_set;
CREATE VIEW labels AS
SELECT objoid::regclass AS name, label FROM pg_seclabel
WHERE provider = 'flowstore' AND classoid = 'pg_class'::regclass
AND objoid IN (SELECT oid FROM pg_class WHERE relnamespace = 'options_set'::regnamespace);

-- every option there is, with its default
CREATE TABLE plain (ts timestamptz, src inet, dst inet, port int) USING flowstore;
SELECT name, value, is_default, default_value FROM flow.options('plain');
SELECT * FROM labels;

-- CREATE TABLE ... WITH, beside an option of core
CREATE TABLE t (ts timestamptz, src inet, dst inet, port int, bytes bigint, "Odd, name" text)
    USING flowstore
    WITH (flowstore.partition = '15 min', fillfactor = 70, flowstore.retain = '90 days',
          flowstore.zorder = 'src,dst', flowstore.merge = off, toast.autovacuum_enabled = off);
SELECT * FROM labels;
SELECT reloptions FROM pg_class WHERE oid = 't'::regclass;

-- ALTER TABLE SET and RESET, beside core's
ALTER TABLE t SET (flowstore.partition = '1 day', fillfactor = 80), RESET (flowstore.merge);
SELECT * FROM labels;
SELECT reloptions FROM pg_class WHERE oid = 't'::regclass;
ALTER TABLE t SET (flowstore.cluster = false);
ALTER TABLE t RESET (flowstore.partition, flowstore.zorder);
ALTER TABLE t SET (flowstore.merge);
SELECT * FROM labels;
SELECT name, value FROM flow.options('t') WHERE NOT is_default;
ALTER TABLE IF EXISTS no_such_table SET (flowstore.merge = off);
ALTER TABLE t ADD COLUMN vlan int, SET (flowstore.bitmap = 'vlan, "Odd, name"');
SELECT * FROM labels;

-- flow.set: values of any type, NULL and 'default' reset
SELECT flow.set('t', cluster => NULL, retain => 'default', merge => 'default', bitmap => 'none');
SELECT * FROM labels;
SELECT flow.set('t', max_rows => 2000000, merge => false, retain => interval '1 mon 1 day',
                zorder => ARRAY['src', 'Odd, name'], max_bytes => '1.5 GB');
SELECT flow.set('t', max_rows => 2000000, merge => false, retain => interval '1 mon 1 day',
                zorder => ARRAY['src', 'Odd, name'], max_bytes => '1536 MB',
                future_rows => 'SET_ASIDE', lateness => '00:00:30', max_future => 'P1D',
                time_column => 'ts');
SELECT * FROM labels;
SELECT name, value FROM flow.options('t') WHERE NOT is_default OR name = 'slack';
SELECT flow.set('t', max_rows => 100);
SELECT value, is_default FROM flow.options('t') WHERE name = 'slack';
SELECT flow.set('t', slack => 10), flow.set('t', retain => 'forever');
SELECT name, value, is_default FROM flow.options('t') WHERE name IN ('slack', 'retain');
SELECT flow.set('t');
SELECT * FROM labels;
SELECT flow.set('t', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
SELECT * FROM labels;

-- SECURITY LABEL is checked, and kept in the one form
SECURITY LABEL FOR flowstore ON TABLE t IS ' partition = ''90 min'',zorder=''src , DST'', merge=no, retain=default ';
SELECT * FROM labels;
SELECT name, value FROM flow.options('t') WHERE NOT is_default;
SECURITY LABEL FOR flowstore ON TABLE t IS 'partition';
SECURITY LABEL FOR flowstore ON TABLE t IS 'partition=''1 hour';
SECURITY LABEL FOR flowstore ON TABLE t IS 'partition=''1 hour'',';
SECURITY LABEL FOR flowstore ON TABLE t IS 'merge=on merge=on';
SECURITY LABEL FOR flowstore ON TABLE t IS 'merge=on, merge=off';
SECURITY LABEL FOR flowstore ON TABLE t IS 'size=3';
SECURITY LABEL FOR flowstore ON TABLE t IS 'partition=''3 seconds''';
SECURITY LABEL FOR flowstore ON TABLE t IS 'zorder=''src,nothing''';
SECURITY LABEL FOR flowstore ON COLUMN t.ts IS 'merge=on';
SECURITY LABEL FOR flowstore ON SCHEMA options_set IS 'merge=on';
SELECT * FROM labels;
SECURITY LABEL FOR flowstore ON TABLE t IS NULL;
SELECT * FROM labels;

-- bad values, each with what is valid
SELECT flow.set('t', partition => '90 seconds');
SELECT flow.set('t', partition => '2 years');
SELECT flow.set('t', partition => '-1 hour');
SELECT flow.set('t', partition => 'an hour');
SELECT flow.set('t', partition => '');
SELECT flow.set('t', partition => '2147483647 years');
SELECT flow.set('t', partition => repeat('1', 300));
SELECT flow.set('t', time_column => 'src');
SELECT flow.set('t', time_column => 'ts,src');
SELECT flow.set('t', time_column => 'nothing');
SELECT flow.set('t', zorder => 'src,dst,port,bytes,ts');
SELECT flow.set('t', zorder => 'src,src');
SELECT flow.set('t', zorder => 'src,');
SELECT flow.set('t', zorder => ARRAY['src', NULL]);
SELECT flow.set('t', zorder => 'ctid');
SELECT flow.set('t', bitmap => '"unfinished');
SELECT flow.set('t', retain => '10 seconds');
SELECT flow.set('t', max_rows => 0);
SELECT flow.set('t', max_rows => '99999999999999999999');
SELECT flow.set('t', max_rows => 1.5);
SELECT flow.set('t', slack => -1);
SELECT flow.set('t', max_bytes => '100 GiB');
SELECT flow.set('t', max_bytes => '10000 PB');
SELECT flow.set('t', max_future => 'never');
SELECT flow.set('t', future_rows => 'drop');
SELECT flow.set('t', lateness => '-1 s');
SELECT flow.set('t', merge => 'maybe');
ALTER TABLE t SET (flowstore.merge = 'maybe');
ALTER TABLE t SET (flowstore.partition);
ALTER TABLE t SET (flowstore.size = 1);
ALTER TABLE t RESET (flowstore.size);
ALTER TABLE t SET (flowstore.merge = on, flowstore.merge = off);
ALTER TABLE t SET (flowstore.zorder = 'nothing');
ALTER TABLE t SET (other.merge = on);
CREATE TABLE bad (a int) USING flowstore WITH (flowstore.partition = '1 second');
CREATE TABLE bad (a int) USING flowstore WITH (flowstore.zorder = 'b');
CREATE TABLE bad (a int) USING flowstore WITH (flowstore.size = 1);
SELECT to_regclass('bad');
SELECT * FROM labels;

-- only flowstore tables have options
CREATE TABLE heap (ts timestamptz);
CREATE TABLE heap2 (ts timestamptz) WITH (flowstore.partition = '1 day');
SELECT to_regclass('heap2');
ALTER TABLE heap SET (flowstore.partition = '1 day');
SELECT flow.set('heap', partition => '1 day');
SECURITY LABEL FOR flowstore ON TABLE heap IS 'merge=off';
SELECT * FROM flow.options('heap');
CREATE VIEW v AS SELECT 1 AS one;
SELECT flow.set('v', merge => false);
ALTER VIEW v SET (flowstore.merge = off);
CREATE TABLE parent (ts timestamptz) PARTITION BY RANGE (ts) WITH (flowstore.partition = '1 day');
CREATE TABLE parent (ts timestamptz) PARTITION BY RANGE (ts);
ALTER TABLE parent SET (flowstore.partition = '1 day');
SELECT flow.set(0, merge => false);
SELECT flow.set(NULL, merge => false);
SELECT * FROM labels;

-- the other ways to make a table
CREATE TABLE child PARTITION OF parent FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')
    USING flowstore WITH (flowstore.partition = '1 day');
CREATE TABLE as_table USING flowstore WITH (flowstore.partition = '2 days') AS
    SELECT timestamptz '2024-01-01 00:00+00' + g * interval '12 hours' AS ts FROM generate_series(0, 7) g;
CREATE MATERIALIZED VIEW mv USING flowstore WITH (flowstore.partition = '2 days') AS TABLE as_table;
CREATE MATERIALIZED VIEW mv_empty USING flowstore WITH (flowstore.merge = off) AS TABLE as_table WITH NO DATA;
CREATE TABLE liked (LIKE t) USING flowstore WITH (flowstore.lateness = '1 hour');
CREATE TABLE liked_plain (LIKE t INCLUDING ALL) USING flowstore;
CREATE TEMP TABLE temporary (a int) USING flowstore WITH (flowstore.merge = off);
CREATE UNLOGGED TABLE unlogged (a serial, b int GENERATED ALWAYS AS IDENTITY) USING flowstore WITH (flowstore.merge = off);
SET default_table_access_method = flowstore;
CREATE TABLE by_setting (a int) WITH (flowstore.merge = off);
RESET default_table_access_method;
CREATE SCHEMA options_set_2 CREATE TABLE inner_table (a int) USING flowstore WITH (flowstore.merge = off);
SELECT value FROM flow.options('options_set_2.inner_table') WHERE name = 'merge';
DROP SCHEMA options_set_2 CASCADE;
SELECT value FROM flow.options('temporary') WHERE name = 'merge';
-- an existing table keeps its options
CREATE TABLE IF NOT EXISTS t (a int) USING flowstore WITH (flowstore.merge = off);
CREATE TABLE IF NOT EXISTS as_table USING flowstore WITH (flowstore.merge = off) AS SELECT 1;
SELECT * FROM labels ORDER BY name::text;
ALTER MATERIALIZED VIEW mv SET (flowstore.retain = '1 day');
SELECT * FROM labels WHERE name = 'mv'::regclass;

-- of several in one session, in functions and prepared
PREPARE make AS SELECT flow.set('t', retain => $1::text);
EXECUTE make('2 days');
EXECUTE make('3 days');
DO $$ BEGIN EXECUTE 'ALTER TABLE options_set.t SET (flowstore.partition = ''3 hours'')'; END $$;
DO $$ DECLARE kept interval := '4 days'; BEGIN PERFORM flow.set('options_set.t', retain => kept); END $$;
SELECT label FROM labels WHERE name = 't'::regclass;
BEGIN;
SELECT flow.set('t', retain => NULL);
SAVEPOINT a;
ALTER TABLE t RESET (flowstore.partition);
SELECT name FROM flow.options('t') WHERE NOT is_default;
ROLLBACK TO a;
SELECT name FROM flow.options('t') WHERE NOT is_default;
ROLLBACK;
SELECT name FROM flow.options('t') WHERE NOT is_default;
BEGIN READ ONLY;
SELECT flow.set('t', retain => NULL);
ROLLBACK;

-- the owner only
SET client_min_messages = warning;
CREATE ROLE options_set_reader;
CREATE ROLE options_set_owner;
GRANT USAGE, CREATE ON SCHEMA options_set TO options_set_reader, options_set_owner;
GRANT SELECT ON t TO options_set_reader;
SET ROLE options_set_reader;
SELECT flow.set('t', merge => false);
ALTER TABLE t SET (flowstore.merge = off);
SECURITY LABEL FOR flowstore ON TABLE t IS NULL;
SELECT count(*) FROM flow.options('t');
SELECT table_name, partition, merge, options_set FROM flow.tables WHERE schema_name = 'options_set';
SELECT table_name FROM flow.tables WHERE schema_name = 'options_set' AND table_name = 'plain';
RESET ROLE;
ALTER TABLE t OWNER TO options_set_owner;
SET ROLE options_set_owner;
ALTER TABLE t SET (flowstore.merge = off);
SELECT flow.set('t', merge => true, cluster => false);
CREATE TABLE own (a int) USING flowstore WITH (flowstore.merge = off);
SELECT table_name, partition, merge, options_set FROM flow.tables WHERE schema_name = 'options_set' ORDER BY 1;
RESET ROLE;
SELECT schema_name, table_name, time_column, partition, zorder, bitmap, retain, max_rows, slack, max_bytes
FROM flow.tables WHERE schema_name = 'options_set' ORDER BY table_name;
SELECT table_name, max_future, future_rows, lateness, merge, cluster, options_set, rows_estimate, total_bytes > 0 AS has_bytes
FROM flow.tables WHERE schema_name = 'options_set' ORDER BY table_name;

DROP SCHEMA options_set CASCADE;
DROP ROLE options_set_reader, options_set_owner;
