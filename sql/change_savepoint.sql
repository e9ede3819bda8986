--
-- Changes under savepoints, exception blocks, cursors and isolation levels, as on a heap table.
-- Without this test: a deletion that outlives the savepoint it was rolled back to.
--
\set ECHO none
\set script change_savepoint
\getenv abs_srcdir PG_ABS_SRCDIR
\set run :abs_srcdir '/test/twin/run.psql'
\i :run
