-------------------------------------------------------------------------
-- Inspection
-------------------------------------------------------------------------

CREATE FUNCTION flow.stats(
    relation regclass,
    OUT rows bigint,
    OUT deleted bigint,
    OUT late_rows bigint,
    OUT ts_min timestamptz,
    OUT ts_max timestamptz,
    OUT partitions bigint,
    OUT items bigint,
    OUT chunks bigint,
    OUT sets bigint,
    OUT deletes_items bigint,
    OUT moved_items bigint,
    OUT file_bytes bigint,
    OUT free_bytes bigint,
    OUT directory_bytes bigint,
    OUT bytes_loaded bigint,
    OUT bytes_rewritten bigint,
    OUT write_amplification double precision,
    OUT merge_rows bigint,
    OUT merge_bytes bigint,
    OUT cluster_rows bigint,
    OUT cluster_bytes bigint,
    OUT rows_expired bigint,
    OUT future_refused bigint,
    OUT future_set_aside bigint)
AS 'MODULE_PATHNAME', 'fs_stats'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;

COMMENT ON FUNCTION flow.stats(regclass) IS
'A flowstore table in one row, as the caller''s snapshot sees it:
  rows, deleted: rows stored, and how many of them are deleted (count(*) gives
    the difference)
  late_rows: rows, not deleted, that came to a partition after it was clustered
  ts_min, ts_max: bounds of the time column, deleted rows included
  partitions, items, chunks: their numbers; items are all tuples of the
    directory, of which sets are partition indexes, deletes_items name deleted
    rows and moved_items rows that were written again
  file_bytes, free_bytes: the main fork, and how much of it VACUUM found free
  directory_bytes: the TOAST table that is the directory, with its index
  bytes_loaded, bytes_rewritten: written by inserts, and again by merging and
    clustering; write_amplification is (loaded + rewritten) / loaded
  merge_rows, merge_bytes, cluster_rows, cluster_bytes: what is due by now
  rows_expired, future_refused, future_set_aside: by retain, max_rows and
    max_bytes; by max_future
Written bytes, and the last three, are counted since the table was made,
truncated or rewritten by ALTER TABLE, whether or not transactions committed;
up to 64 kB that a session loaded may be missing.  Reads the directory, no
chunk.  Needs SELECT on the table; an error where row security hides rows from
the caller.';

CREATE FUNCTION flow.partitions(
    relation regclass,
    OUT partition timestamptz,
    OUT items bigint,
    OUT chunks bigint,
    OUT rows bigint,
    OUT deleted bigint,
    OUT fresh bigint,
    OUT merged bigint,
    OUT clustered bigint,
    OUT bytes bigint,
    OUT index_bytes bigint,
    OUT ts_min timestamptz,
    OUT ts_max timestamptz,
    OUT is_quiet boolean,
    OUT due text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'fs_partitions'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED ROWS 100;

COMMENT ON FUNCTION flow.partitions(regclass) IS
'The partitions of a flowstore table, as the caller''s snapshot sees them, one row
each: its start (NULL for rows without a time), the number of its items
(chunks, groups of rows, partition indexes) and of its chunks; its rows, how
many of them are deleted, and how many are fresh, merged and clustered; bytes
of chunks and groups of rows, and of partition indexes; bounds of the time
column; whether it is quiet, that is nobody is expected to write into it any
more; and what is due by now (merge, cluster or NULL).  Reads the directory,
no chunk.  Needs SELECT on the table; an error where row security hides rows
from the caller.';

CREATE FUNCTION flow.chunks(
    relation regclass,
    OUT partition timestamptz,
    OUT item bigint,
    OUT kind text,
    OUT level text,
    OUT set bigint,
    OUT first_row bigint,
    OUT rows integer,
    OUT deleted integer,
    OUT first_block bigint,
    OUT bytes bigint,
    OUT ts_min timestamptz,
    OUT ts_max timestamptz)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'fs_chunks'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED ROWS 1000;

COMMENT ON FUNCTION flow.chunks(regclass) IS
'The items of a flowstore table that the caller''s snapshot sees, one row each but
for those that name deleted rows.  partition is the start of the time bucket
(NULL for rows without a time), item the number of the item in it.  kind is
"chunk", "rows" (a few rows that are not in a chunk), "index" (the partition
index of a set of clustered chunks) or "moved" (where rows went that were
written again).  level is how far the rows have come: "fresh", "merged" or
"clustered"; set the item number of a clustered chunk''s partition index;
first_row the first row number, rows the number of rows, deleted how many of
them are deleted; these are NULL for "index" and "moved".  first_block is the
first 8 kB page in the table''s file (NULL for "rows"), bytes the size, ts_min
and ts_max the bounds of the time column in a chunk; times of a timestamp
without time zone column are shown as if in UTC.  Needs SELECT on the table; an
error where row security hides rows from the caller.';

CREATE FUNCTION flow.columns(
    relation regclass,
    OUT column_name text,
    OUT encoding text,
    OUT rows bigint,
    OUT chunks bigint,
    OUT raw_bytes bigint,
    OUT bytes bigint,
    OUT nulls bigint)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'fs_columns'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED ROWS 100;

COMMENT ON FUNCTION flow.columns(regclass) IS
'What the columns of a flowstore table take, by column and encoding: rows and
chunks, raw_bytes (what the values that are not null take in a row of
PostgreSQL, without alignment; NULL if damage is in the way), bytes in the
chunks, and nulls.  Other lines have bytes alone.  Encodings "index values"
and "index lists" are the column''s part of the partition indexes: values that
the chunks of a set share (their columns have encoding "domain"), and where
values occur; what several columns have in common is shared out evenly.  Without a column stand "head" (of chunks and
indexes), "conversations" (which rows of a clustered chunk share values) and
"unreadable", and what belongs to dropped columns.  The bytes of all lines add
up to those of kinds "chunk" and "index" in flow.chunks; rows that are not in
chunks yet are not counted.  Decodes addresses and strings.  Needs SELECT on
the table; an error where row security hides rows from the caller.';

CREATE FUNCTION flow.check(
    relation regclass,
    OUT partition timestamptz,
    OUT item bigint,
    OUT kind text,
    OUT first_block bigint,
    OUT column_name text,
    OUT byte bigint,
    OUT problem text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'fs_check'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED ROWS 10;

COMMENT ON FUNCTION flow.check(regclass) IS
'Reads everything in a flowstore table that the caller''s snapshot sees and
returns a row for each problem: partition, number and kind of the item (as in
flow.chunks; "deletes" for one that names deleted rows, "metapage" for the
first page of the file, NULL if that cannot be told), its first 8 kB page,
the column, the byte at which it was noticed (in the column, or else in the
chunk or index), and what is wrong.  No row means no damage.  Chunks and
partition indexes are decoded, and their bounds compared; in the directory,
extents must lie in the file without overlap, each row must be in one item,
and clustered chunks must fit their set.  Deleted or moved rows that are in no
item any more are a notice, not damage.  The directory is an ordinary TOAST
table: check its pages and index with extension amcheck.  Needs SELECT on the
table; an error where row security hides rows from the caller.';
