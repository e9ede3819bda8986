--
-- VACUUM FULL, ALTER TABLE, TRUNCATE, temporary and unlogged tables after changes, as on a heap table.
-- Without this test: deleted rows that a rewrite brings back.
--
\set ECHO none
\set script change_ddl
\getenv abs_srcdir PG_ABS_SRCDIR
\set run :abs_srcdir '/test/twin/run.psql'
\i :run
