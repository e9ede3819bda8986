--
-- Row triggers, transition tables, rules and functions around changes, as on a heap table.
-- Without this test: a trigger that sees another row than the one that changed, or a change lost in an exception block.
--
\set ECHO none
\set script change_trigger
\getenv abs_srcdir PG_ABS_SRCDIR
\set run :abs_srcdir '/test/twin/run.psql'
\i :run
