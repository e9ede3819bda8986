--
-- Partitions, inheritance, views and row security under changes, as on a heap table.
-- Without this test: a row lost or doubled on its way to another partition.
--
\set ECHO none
\set script change_partition
\getenv abs_srcdir PG_ABS_SRCDIR
\set run :abs_srcdir '/test/twin/run.psql'
\i :run
