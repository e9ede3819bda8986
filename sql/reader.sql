-- flow.create_reader: a role that reads flow tables and nothing else, from whoever may make roles.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
\set SHOW_CONTEXT never

CREATE SCHEMA rd;
CREATE SCHEMA "Rd two";
SET search_path = rd, public;
SELECT flow.create_table('rd.flows');
CREATE TABLE "Rd two".more (ts timestamptz) USING flowstore;
CREATE TABLE rd.parted (ts timestamptz) PARTITION BY RANGE (ts);
CREATE TABLE rd.part PARTITION OF rd.parted DEFAULT USING flowstore;
CREATE TABLE rd.secret (i int);
SELECT * FROM flow.create_traffic_rollups('rd.flows', '{as}');

SELECT relation FROM flow.create_reader('Rd reader') r(relation) JOIN pg_class c ON c.oid = r.relation
WHERE c.relnamespace IN ('rd'::regnamespace, '"Rd two"'::regnamespace) ORDER BY relation::text COLLATE "C";
SELECT rolcanlogin, rolsuper, rolinherit FROM pg_roles WHERE rolname = 'Rd reader';
-- other schemas with flow tables follow in search_path
SELECT regexp_replace(unnest(setconfig), '(search_path=flow, rd, public, ).*"Rd two".*', '\1...') AS setting FROM pg_db_role_setting WHERE setrole = '"Rd reader"'::regrole AND setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
EXCEPT SELECT 'none' ORDER BY 1;

-- what it may, and may not
SET ROLE "Rd reader";
SELECT count(*) FROM flows, flows_as_5m, "Rd two".more, parted;
SELECT count(*) >= 0 AS ok FROM flow.alerts, flow.alerts_judged, flow.collectors, flow.exporters, flow.ingest, flow.rollups, flow.tables;
SELECT count(*) FROM flow.traffic('1 hour', '{src_as}', n => 3);
SELECT count(*) FROM flow.investigate('10.0.0.1');
SELECT rows FROM flow.stats('flows');
SELECT count(*) FROM rd.secret;
INSERT INTO flows (ts) VALUES (now());
DELETE FROM flow.alert;
SELECT flow.raise_alert('x', 'low');
\set VERBOSITY terse
SELECT flow.create_reader('rd_other');
\set VERBOSITY default
RESET ROLE;

-- tables of later, and without
CREATE TABLE rd.later (ts timestamptz) USING flowstore;
SET ROLE "Rd reader";
SELECT count(*) FROM rd.later;
RESET ROLE;
SELECT count(*) > 0 FROM flow.create_reader('rd_now', future => false);
CREATE TABLE rd.even_later (ts timestamptz) USING flowstore;
SELECT has_table_privilege('Rd reader', 'rd.even_later', 'SELECT') AS with_future, has_table_privilege('rd_now', 'rd.even_later', 'SELECT') AS without,
       has_table_privilege('rd_now', 'rd.later', 'SELECT') AS before;

-- again: nothing is lost, and what was missing is there
SELECT has_table_privilege('rd_now', 'rd.even_later', 'SELECT') FROM flow.create_reader('rd_now', 'secret', false) LIMIT 1;
SELECT rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid WHERE rolname = 'rd_now';
SELECT count(*) > 0 FROM flow.create_reader('rd_now');
SELECT rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid WHERE rolname = 'rd_now';

-- by a role that is no superuser
CREATE ROLE rd_admin CREATEROLE;
GRANT USAGE, CREATE ON SCHEMA rd TO rd_admin;
SET ROLE rd_admin;
SELECT flow.create_table('rd.mine');
\set VERBOSITY terse
SELECT * FROM flow.create_reader('rd_his');
\set VERBOSITY default
RESET ROLE;
SELECT has_table_privilege('rd_his', 'rd.mine', 'SELECT') AS his, has_table_privilege('rd_his', 'rd.flows', 'SELECT') AS ours;
SELECT count(*) > 0 FROM flow.create_reader('rd_his');
SELECT has_table_privilege('rd_his', 'flow.alert', 'SELECT') AS alerts, has_table_privilege('rd_his', 'rd.flows', 'SELECT') AS ours;

-- what was granted by who may, without owning it, he takes back
GRANT USAGE ON SCHEMA rd TO rd_admin WITH GRANT OPTION;
GRANT SELECT ON flow.alert, flow.collectors TO rd_admin WITH GRANT OPTION;
GRANT EXECUTE ON FUNCTION flow.disk(regclass) TO rd_admin WITH GRANT OPTION;
SET ROLE rd_admin;
\set VERBOSITY terse
SELECT * FROM flow.create_reader('rd_granted');
\set VERBOSITY default
SELECT has_table_privilege('rd_granted', 'flow.alert', 'SELECT');
SELECT flow.drop_reader('rd_granted');
RESET ROLE;

-- names
SELECT count(*) > 0 FROM (VALUES ('rd "quoted'' name;'), ('current_user'), ('all')) n(n), flow.create_reader(n, 'it''s \ a "pw"');
SELECT flow.drop_reader('rd "quoted'' name;'), flow.drop_reader('current_user'), flow.drop_reader('all');
SELECT flow.create_reader(repeat('x', 64));
SELECT flow.create_reader('none');

-- roles that write
CREATE ROLE rd_boss SUPERUSER;
CREATE ROLE rd_group;
GRANT rd_boss TO rd_group;
CREATE ROLE rd_member IN ROLE rd_group;
SELECT flow.create_reader('rd_member');
SELECT flow.drop_reader('rd_member');
CREATE ROLE rd_writer IN ROLE pg_write_all_data;
SELECT flow.create_reader('rd_writer');
CREATE ROLE rd_collector LOGIN;
GRANT SELECT, INSERT ON rd.flows TO rd_collector;
SELECT flow.create_reader('rd_collector');
SELECT rolname, setconfig FROM pg_db_role_setting JOIN pg_roles r ON r.oid = setrole WHERE rolname IN ('rd_member', 'rd_writer', 'rd_collector');
REVOKE ALL ON rd.flows FROM rd_collector;
DROP ROLE rd_boss, rd_group, rd_member, rd_writer, rd_collector;

-- what is refused
SELECT flow.create_reader(NULL);
SELECT flow.create_reader('');
SELECT flow.create_reader(current_user);
SELECT flow.create_reader('pg_monitor');
SELECT flow.create_reader('public');
SELECT flow.create_reader('rd_admin');
CREATE ROLE rd_owner;
CREATE SCHEMA rd_theirs AUTHORIZATION rd_owner;
SELECT flow.create_reader('rd_owner');
SELECT flow.drop_reader('rd_owner');
-- tables of others can be read, and do not take the place of one's own
CREATE TABLE rd_theirs.flows (ts timestamptz) USING flowstore;
ALTER TABLE rd_theirs.flows OWNER TO rd_owner;
SELECT r AS reads FROM flow.create_reader('rd_all') r WHERE r::text LIKE 'rd_theirs%';
SELECT count(*) FILTER (WHERE s LIKE '%rd_theirs%') AS theirs FROM pg_db_role_setting, unnest(setconfig) s WHERE setrole = 'rd_all'::regrole;
SELECT has_schema_privilege('rd_all', 'rd_theirs', 'USAGE') AS may_use;
SELECT flow.drop_reader('rd_all');
DROP TABLE rd_theirs.flows;
SELECT flow.drop_reader('rd_admin');
SELECT flow.drop_reader('rd_nobody');
SELECT flow.drop_reader(NULL);
GRANT pg_read_all_stats TO rd_now;
CREATE TYPE rd.t AS ENUM ('x');
GRANT USAGE ON TYPE rd.t TO rd_now;
SELECT flow.drop_reader('rd_now');    -- of another kind, so it is DROP ROLE's error
REVOKE USAGE ON TYPE rd.t FROM rd_now;
SELECT flow.drop_reader('rd_now'), flow.drop_reader('Rd reader'), flow.drop_reader('rd_his');
SELECT count(*) FROM pg_roles WHERE rolname IN ('rd_now', 'Rd reader', 'rd_his');

SELECT flow.drop_rollup('rd.flows_as');
SET client_min_messages = warning;
DROP SCHEMA rd CASCADE;
DROP SCHEMA "Rd two" CASCADE;
DROP SCHEMA rd_theirs;
REVOKE ALL ON SCHEMA public FROM rd_admin;
REVOKE ALL ON flow.alert, flow.collectors FROM rd_admin;
REVOKE ALL ON FUNCTION flow.disk(regclass) FROM rd_admin;
DROP ROLE rd_admin, rd_owner;
