--
-- DELETE, UPDATE and RETURNING by all kinds of conditions do what they do to a heap table.
-- Without this test: rows that come back, stay, or are counted twice.
--
\set ECHO none
\set script change_rows
\getenv abs_srcdir PG_ABS_SRCDIR
\set run :abs_srcdir '/test/twin/run.psql'
\i :run
