-------------------------------------------------------------------------
-- Maintenance
-------------------------------------------------------------------------

CREATE FUNCTION flow.optimize(
    relation regclass,
    since timestamptz DEFAULT '-infinity',
    until timestamptz DEFAULT 'infinity',
    "full" boolean DEFAULT false,
    OUT partition timestamptz,
    OUT action text,
    OUT items bigint,
    OUT rows bigint,
    OUT bytes_before bigint,
    OUT bytes_after bigint,
    OUT duration_ms double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'fs_optimize'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE ROWS 100;

COMMENT ON FUNCTION flow.optimize(regclass, timestamptz, timestamptz, boolean) IS
'Merges and clusters what is worth it in the partitions between since and
until, now, in the caller''s transaction, without locking out readers and
writers.  With full also what is clustered already, after a change of zorder
say.  One row for each partition in which there was something to do: its start
(NULL for rows without a time), the action (merge, cluster; drop if all rows
of the items were deleted; skip if other sessions were in the way; relocate,
once, if the end of a half empty file was copied to its front), the items
that were replaced, their rows, their bytes before and after, and the time it
took.  Space comes free with the next VACUUM; a table that was just loaded is
as small as can be after optimize, VACUUM, optimize and VACUUM.  For the owner of the table; not
at REPEATABLE READ and above.';

CREATE FUNCTION flow.expire(
    relation regclass,
    OUT rows bigint,
    OUT bytes bigint)
RETURNS record
AS 'MODULE_PATHNAME', 'fs_expire'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION flow.expire(regclass) IS
'Removes what the table''s options retain (age) and max_bytes (size of chunks
and their indexes) no longer keep, oldest first: chunks and small inserts as a
whole, once all of their rows may go.  Age is counted from the newest row that
is not from the future.  The rows and bytes that went; space comes
free with the next VACUUM.  The background worker does the same.  max_rows is
kept by whoever inserts.  For the owner of the table.';

CREATE FUNCTION flow.worker_status(
    OUT database text,
    OUT pid integer,
    OUT activity text,
    OUT activity_since timestamptz,
    OUT task_rows bigint,
    OUT task_rows_done bigint,
    OUT tasks bigint,
    OUT rows bigint,
    OUT wal_bytes bigint,
    OUT last_run timestamptz,
    OUT next_run timestamptz,
    OUT has_news boolean,
    OUT errors bigint,
    OUT last_error_at timestamptz,
    OUT last_error text,
    OUT scheduler_pid integer)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'fs_worker_status'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED ROWS 10;

COMMENT ON FUNCTION flow.worker_status() IS
'What the background worker does, one row for each database of the server: the
pid of the worker that is at it and what it is doing, since when, with how many
rows and how many of them it has read; the tasks it has done, the rows it has
read for them and the log it has written since the server started; the end of
its last look, the time of the next if nothing is written until then, whether
something was written since; errors; and the pid of the process that runs schedules
there, whose tasks and errors count here, too.  Activity and last error are NULL
unless the caller has the privileges of pg_read_all_stats or owns the database
that he is connected to.  An error if flowstore is not in
shared_preload_libraries.';
