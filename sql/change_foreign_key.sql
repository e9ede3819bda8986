--
-- Foreign keys from a flowstore table with all their actions, as on a heap table.
-- Without this test: a cascade that forgets rows, or a check that sees rows that are gone.
--
\set ECHO none
\set script change_foreign_key
\getenv abs_srcdir PG_ABS_SRCDIR
\set run :abs_srcdir '/test/twin/run.psql'
\i :run
