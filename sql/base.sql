-- What analytics have in common: which table, which columns, which time.
-- Without this test: names of users in dynamic SQL, and errors that say nothing.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS flowstore;
RESET client_min_messages;
\set SHOW_CONTEXT never

CREATE TABLE base_flows (ts timestamptz, client inet, dst_addr inet, bytes bigint, gone int) USING flowstore;
ALTER TABLE base_flows DROP COLUMN gone;
INSERT INTO base_flows VALUES ('2026-01-01 00:00+00', '10.0.0.1', '10.0.0.2', 7);

SELECT flow.relation('base_flows'), flow.relation(NULL);
SET flowstore.default_table = 'base_flows';
SELECT flow.relation(NULL);

SELECT flow.column_name('base_flows', 'ts'), flow.column_name('base_flows', 'src_addr', '{"src_addr": "client"}');
SELECT flow.column_name('base_flows', 'src_addr');
SELECT flow.column_name('base_flows', 'src_addr', '{"src_addr": "no\"; --"}');
SELECT flow.column_name('base_flows', 'gone');
SELECT flow.column_name('base_flows', 'ts', '[]');
SELECT flow.column_name('base_flows', NULL);

SELECT flow.source_query('base_flows', '{ts,src_addr,bytes}', '{"src_addr": "client"}', '{dst_addr,sampling,sni}');
SELECT flow.source_query('base_flows', '{ts,src_addr}');
SELECT flow.source_query('base_flows', '{ts}', '{"srcaddr": "client"}');

SET flowstore.now = '2026-01-01 12:00+00';
SET timezone = 'UTC';
SELECT flow.now();
SELECT * FROM flow.time_range(NULL, NULL, '10 min');
SELECT * FROM flow.time_range('2026-01-01', NULL, '1 day');
SELECT * FROM flow.time_range('2026-01-02', NULL, '1 day');
SELECT * FROM flow.time_range(NULL, NULL, '0');
SET flowstore.now = 'soon';
SELECT flow.now();
RESET flowstore.now;
SELECT flow.now() = now();

DROP TABLE base_flows;
