--
-- UPDATE FROM, DELETE USING, data-modifying WITH and MERGE, as on a heap table.
-- Without this test: a row changed twice because two rows join it.
--
\set ECHO none
\set script change_join
\getenv abs_srcdir PG_ABS_SRCDIR
\set run :abs_srcdir '/test/twin/run.psql'
\i :run
