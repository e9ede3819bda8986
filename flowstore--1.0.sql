/* flowstore 1.0: everything lives in schema flow, which the control file names */

\echo Use "CREATE EXTENSION flowstore" to load this file. \quit

-- What the functions here do, they do with the caller's privileges.
GRANT USAGE ON SCHEMA flow TO PUBLIC;

-------------------------------------------------------------------------
-- Access method
-------------------------------------------------------------------------

CREATE FUNCTION flow.table_am_handler(internal)
RETURNS table_am_handler
AS 'MODULE_PATHNAME', 'fs_table_am_handler'
LANGUAGE C STRICT;

COMMENT ON FUNCTION flow.table_am_handler(internal) IS
'handler of access method flowstore; not to be called';

CREATE ACCESS METHOD flowstore TYPE TABLE HANDLER flow.table_am_handler;

COMMENT ON ACCESS METHOD flowstore IS
'columnar storage for network flow records';

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

-------------------------------------------------------------------------
-- Options of tables
-------------------------------------------------------------------------

CREATE FUNCTION flow.set(
    relation regclass,
    time_column "any" DEFAULT 'unchanged',
    partition "any" DEFAULT 'unchanged',
    zorder "any" DEFAULT 'unchanged',
    bitmap "any" DEFAULT 'unchanged',
    retain "any" DEFAULT 'unchanged',
    max_rows "any" DEFAULT 'unchanged',
    slack "any" DEFAULT 'unchanged',
    max_bytes "any" DEFAULT 'unchanged',
    max_future "any" DEFAULT 'unchanged',
    future_rows "any" DEFAULT 'unchanged',
    lateness "any" DEFAULT 'unchanged',
    merge "any" DEFAULT 'unchanged',
    cluster "any" DEFAULT 'unchanged')
RETURNS void
AS 'MODULE_PATHNAME', 'fs_set'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION flow.set(regclass, "any", "any", "any", "any", "any", "any",
"any", "any", "any", "any", "any", "any", "any") IS
'Sets options of a flowstore table or materialized view, for its owner only;
those not named stay as they are:
  SELECT flow.set(''flows'', partition => ''15 minutes'', retain => ''90 days'');
A value may be of any type and counts as its text, a text[] as a list of
columns; a parameter of a prepared statement needs a type, as in $2::text.
NULL and ''default'' reset an option.  An invalid value is an error that says
which are valid (invalid_parameter_value; undefined_column or
datatype_mismatch for columns).  flow.options() describes the options.';

CREATE FUNCTION flow.options(
    relation regclass,
    OUT name text,
    OUT value text,
    OUT is_default boolean,
    OUT default_value text,
    OUT description text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'fs_options'
LANGUAGE C STABLE STRICT PARALLEL RESTRICTED ROWS 13;

COMMENT ON FUNCTION flow.options(regclass) IS
'The options of a flowstore table: for each its name, the value in force,
whether that is the default, the default, and what it is for.  Needs no
privilege on the table; no rows if it was dropped.';

CREATE VIEW flow.tables AS
SELECT c.nspname AS schema_name,
    c.relname AS table_name,
    o.time_column, o.partition, o.zorder, o.bitmap, o.retain, o.max_rows,
    o.slack, o.max_bytes, o.max_future, o.future_rows, o.lateness, o.merge,
    o.cluster, o.options_set,
    CASE WHEN c.reltuples >= 0 THEN c.reltuples::bigint END AS rows_estimate,
    pg_catalog.pg_total_relation_size(c.oid) AS total_bytes
FROM (
    SELECT n.nspname, c.relname, c.oid, c.reltuples
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_am m ON m.oid = c.relam
    WHERE m.amhandler = 'flow.table_am_handler(internal)'::pg_catalog.regprocedure
    AND c.relkind IN ('r', 'm')
    AND NOT pg_catalog.pg_is_other_temp_schema(c.relnamespace)
    AND (pg_catalog.pg_has_role(c.relowner, 'USAGE')
        OR pg_catalog.has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
        OR pg_catalog.has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'))
    OFFSET 0 -- flow.options() is only called for these
    ) c
CROSS JOIN LATERAL (
    SELECT max(value) FILTER (WHERE name = 'time_column') AS time_column,
        max(value) FILTER (WHERE name = 'partition') AS partition,
        max(value) FILTER (WHERE name = 'zorder') AS zorder,
        max(value) FILTER (WHERE name = 'bitmap') AS bitmap,
        max(value) FILTER (WHERE name = 'retain') AS retain,
        max(value) FILTER (WHERE name = 'max_rows') AS max_rows,
        max(value) FILTER (WHERE name = 'slack') AS slack,
        max(value) FILTER (WHERE name = 'max_bytes') AS max_bytes,
        max(value) FILTER (WHERE name = 'max_future') AS max_future,
        max(value) FILTER (WHERE name = 'future_rows') AS future_rows,
        max(value) FILTER (WHERE name = 'lateness') AS lateness,
        max(value) FILTER (WHERE name = 'merge') AS merge,
        max(value) FILTER (WHERE name = 'cluster') AS cluster,
        coalesce(array_agg(name ORDER BY name) FILTER (WHERE NOT is_default),
                 '{}') AS options_set
    FROM flow.options(c.oid)) o;

COMMENT ON VIEW flow.tables IS
'The flowstore tables and materialized views on which the user has a privilege:
the value in force of each option, the names of those that are not at their
default (options_set), the number of rows as the last VACUUM or ANALYZE knew
it (NULL if there was none), and the bytes on disk, directory included.';

GRANT SELECT ON flow.tables TO PUBLIC;

-------------------------------------------------------------------------
-- Ingest
-------------------------------------------------------------------------

CREATE TABLE flow.ingest (
    source text NOT NULL,
    relation regclass NOT NULL,
    first bigint NOT NULL CHECK (first >= 0),
    next bigint NOT NULL CHECK (next > first),
    rows bigint NOT NULL CHECK (rows >= 0),
    written timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (source, relation, first)
);

COMMENT ON TABLE flow.ingest IS
'What collectors have written: the rows of positions first to next (exclusive)
of a source are in the relation.  Positions count in a way of the source''s
own; ranges of one source and relation do not overlap, and adjacent ones are
one.  A collector reads this to begin where it ended, and changes it by
flow.note_ingest() in the transaction that writes the rows, so that each row
counts once.  It needs SELECT, INSERT, UPDATE and DELETE.  Dumped with the
database, except for relations that are no more.';
COMMENT ON COLUMN flow.ingest.source IS
'where rows come from: spool:ID, file:SHA-256 or replay:SHA-256';
COMMENT ON COLUMN flow.ingest.rows IS 'rows written of these positions';
COMMENT ON COLUMN flow.ingest.written IS 'when the last of them were';

SELECT pg_catalog.pg_extension_config_dump('flow.ingest',
    'WHERE relation::oid IN (SELECT oid FROM pg_catalog.pg_class)');

CREATE FUNCTION flow.note_ingest(source text, relation regclass, first bigint, next bigint, rows bigint)
RETURNS void
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
DECLARE
    high bigint := note_ingest.next;
    more bigint := 0;
BEGIN
    -- Whoever else notes this source has committed before we look, and a
    -- session that the collector has lost cannot commit after.
    PERFORM pg_catalog.pg_advisory_xact_lock(
        pg_catalog.hashtextextended(note_ingest.source, note_ingest.relation::oid::bigint));

    IF EXISTS (SELECT FROM flow.ingest i
               WHERE i.source = note_ingest.source
               AND i.relation = note_ingest.relation
               AND i.first < note_ingest.next AND i.next > note_ingest.first)
    THEN
        RAISE EXCEPTION 'rows of source "%" have been written already',
            note_ingest.source
            USING ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = pg_catalog.format('Positions are %s to %s.',
                note_ingest.first, note_ingest.next);
    END IF;

    DELETE FROM flow.ingest i
    WHERE i.source = note_ingest.source AND i.relation = note_ingest.relation
    AND i.first = note_ingest.next
    RETURNING i.next, i.rows INTO high, more;
    high := coalesce(high, note_ingest.next);
    more := coalesce(more, 0) + note_ingest.rows;

    UPDATE flow.ingest i
    SET next = high, rows = i.rows + more, written = pg_catalog.clock_timestamp()
    WHERE i.source = note_ingest.source AND i.relation = note_ingest.relation
    AND i.next = note_ingest.first;
    IF NOT FOUND THEN
        INSERT INTO flow.ingest
        VALUES (note_ingest.source, note_ingest.relation, note_ingest.first,
                high, more, pg_catalog.clock_timestamp());
    END IF;
END
$$;

COMMENT ON FUNCTION flow.note_ingest(text, regclass, bigint, bigint, bigint) IS
'Notes in flow.ingest that this transaction writes rows rows to the relation,
those of positions first to next (exclusive) of the source.  If some of these
positions are noted already it is an error
(object_not_in_prerequisite_state), so that the transaction writes nothing.
To be called last in a transaction of isolation level READ COMMITTED; it waits
for others that note the same source.';

CREATE FUNCTION flow.forget_ingest(older interval, OUT ranges bigint)
LANGUAGE sql
AS $$
    WITH gone AS (
        DELETE FROM flow.ingest i
        WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = i.relation)
        OR (i.source !~ '^(file|replay):'
            AND NOT EXISTS (SELECT FROM flow.ingest y
                            WHERE y.source = i.source
                            AND y.written >= pg_catalog.now() - older))
        RETURNING 1)
    SELECT count(*) FROM gone;
$$;

COMMENT ON FUNCTION flow.forget_ingest(interval) IS
'Removes from flow.ingest what nobody needs: the ranges of relations that are
no more, and those of spools of which nothing was written for so long.  Files
stay, since a file that is loaded again adds nothing.  Returns how many ranges
went.';
-- Collectors
-------------------------------------------------------------------------

CREATE TABLE flow.collectors (
    name text PRIMARY KEY,
    host text,
    pid integer,
    version text,
    started timestamptz,
    last_seen timestamptz NOT NULL,
    rows_per_second double precision,
    lag interval,
    queue_rows bigint,
    spool_bytes bigint,
    exporters bigint,
    drops jsonb NOT NULL DEFAULT '{}'
) USING heap WITH (fillfactor = 50);

COMMENT ON TABLE flow.collectors IS
'The collectors that write into this database; each keeps its row up to date
every ten seconds.  Counts are since it was started.  A role that collects needs
SELECT, INSERT and UPDATE here and on flow.exporters; pg_monitor may read.';

COMMENT ON COLUMN flow.collectors.last_seen IS
'when the row was written, by the clock of the server';
COMMENT ON COLUMN flow.collectors.rows_per_second IS
'rows committed lately';
COMMENT ON COLUMN flow.collectors.lag IS
'age of the oldest row that is not committed yet';
COMMENT ON COLUMN flow.collectors.queue_rows IS
'rows that wait in memory';
COMMENT ON COLUMN flow.collectors.spool_bytes IS
'bytes that wait on disk';
COMMENT ON COLUMN flow.collectors.exporters IS
'exporters known; flow.exporters has the busiest of them';
COMMENT ON COLUMN flow.collectors.drops IS
'what did not become rows: counters by name, those that are not 0';

CREATE TABLE flow.exporters (
    collector text NOT NULL,
    address inet NOT NULL,
    version integer NOT NULL,
    domain bigint NOT NULL,
    last_seen timestamptz NOT NULL,
    records bigint,
    records_per_second double precision,
    gaps bigint,
    missed bigint,
    templates bigint,
    PRIMARY KEY (collector, address, version, domain)
) USING heap WITH (fillfactor = 50);

COMMENT ON TABLE flow.exporters IS
'Who sends flows to which collector.  Counts are since the collector was
started; rows of exporters that are gone stay, and may be deleted.';

COMMENT ON COLUMN flow.exporters.version IS
'of the export protocol: 5, 9, 10 for IPFIX, 105 for sFlow';
COMMENT ON COLUMN flow.exporters.domain IS
'observation domain, source id, or engine';
COMMENT ON COLUMN flow.exporters.last_seen IS
'when its last datagram came, by the clock of the collector';
COMMENT ON COLUMN flow.exporters.gaps IS
'gaps in sequence numbers';
COMMENT ON COLUMN flow.exporters.missed IS
'records that are missing in these gaps';
COMMENT ON COLUMN flow.exporters.templates IS
'templates known now';

GRANT SELECT ON flow.collectors, flow.exporters TO pg_monitor;

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
    OUT last_error text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'fs_worker_status'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED ROWS 10;

COMMENT ON FUNCTION flow.worker_status() IS
'What the background worker does, one row for each database of the server: the
pid of the worker that is at it and what it is doing, since when, with how many
rows and how many of them it has read; the tasks it has done, the rows it has
read for them and the log it has written since the server started; the end of
its last look, the time of the next if nothing is written until then, whether
something was written since; and errors.  Activity and last error are NULL
unless the caller has the privileges of pg_read_all_stats or owns the database
that he is connected to.  An error if flowstore is not in
shared_preload_libraries.';

-------------------------------------------------------------------------
-- Tables
-------------------------------------------------------------------------

CREATE FUNCTION flow.standard_columns(
    OUT column_group text, OUT column_name text, OUT column_type text,
    OUT description text)
RETURNS SETOF record
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    VALUES
    ('core', 'ts', 'timestamptz NOT NULL', 'start of the flow'),
    ('core', 'duration_ms', 'integer', 'last packet minus first packet, milliseconds'),
    ('core', 'exporter', 'inet', 'address of the device that reported the flow'),
    ('core', 'sensor', 'text', 'name of the collector or tap'),
    ('core', 'in_if', 'integer', 'SNMP index of the interface of arrival'),
    ('core', 'out_if', 'integer', 'SNMP index of the interface of departure'),
    ('core', 'src_addr', 'inet', 'source address, IPv4 or IPv6'),
    ('core', 'dst_addr', 'inet', 'destination address, IPv4 or IPv6'),
    ('core', 'src_port', 'integer', 'source port, 0 to 65535'),
    ('core', 'dst_port', 'integer', 'destination port, 0 to 65535; for ICMP 256 * type + code'),
    ('core', 'proto', 'smallint', 'IP protocol number (IANA): 1 ICMP, 6 TCP, 17 UDP'),
    ('core', 'tcp_flags', 'smallint', 'TCP flags of all packets, ORed: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128'),
    ('core', 'tos', 'smallint', 'type of service or traffic class, the whole byte: 4 * DSCP + ECN'),
    ('core', 'packets', 'bigint', 'packets, as reported: not multiplied by sampling'),
    ('core', 'bytes', 'bigint', 'bytes of IP, headers included, as reported: not multiplied by sampling'),
    ('core', 'src_as', 'bigint', 'autonomous system number of the source, 0 if unknown'),
    ('core', 'dst_as', 'bigint', 'autonomous system number of the destination, 0 if unknown'),
    ('core', 'sampling', 'integer', 'one packet in this many was seen'),
    ('tls', 'sni', 'text', 'server name in the TLS ClientHello (RFC 6066)'),
    ('tls', 'ja3', 'text', 'JA3 fingerprint of the TLS client, 32 hexadecimal digits'),
    ('tls', 'ja3s', 'text', 'JA3S fingerprint of the TLS server, 32 hexadecimal digits'),
    ('tls', 'ja4', 'text', 'JA4 fingerprint of the TLS client'),
    ('tls', 'tls_version', 'integer', 'TLS version as on the wire: 771 is TLS 1.2, 772 is TLS 1.3'),
    ('tls', 'tls_cipher', 'integer', 'TLS cipher suite that the server chose (IANA number)'),
    ('tls', 'tls_alpn', 'text', 'application protocol that was negotiated (RFC 7301)'),
    ('dns', 'dns_query', 'text', 'name in the first DNS question'),
    ('dns', 'dns_type', 'integer', 'type of the first DNS question (IANA): 1 A, 28 AAAA'),
    ('dns', 'dns_rcode', 'smallint', 'DNS response code (IANA): 0 no error, 3 no such name'),
    ('http', 'http_host', 'text', 'HTTP host'),
    ('http', 'http_method', 'text', 'HTTP request method'),
    ('http', 'http_status', 'smallint', 'HTTP response status'),
    ('http', 'http_user_agent', 'text', 'HTTP user agent'),
    ('http', 'http_content_type', 'text', 'HTTP content type of the response'),
    ('payload', 'entropy', 'real', 'entropy of the first bytes of payload, bits per byte, 0 to 8')
$$;

COMMENT ON FUNCTION flow.standard_columns() IS
'The columns that flow.create_table makes, in order, with their units.';

CREATE FUNCTION flow.create_table(
    name text, groups text[] DEFAULT '{}',
    schema name DEFAULT pg_catalog.current_schema())
RETURNS regclass
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wanted CONSTANT text[] := array_append(coalesce(groups, '{}'), 'core');
    parts CONSTANT text[] := parse_ident(name);
    relation text;
    col record;
BEGIN
    IF EXISTS (SELECT FROM unnest(groups) g
               WHERE g IS NULL
               OR g NOT IN (SELECT column_group FROM flow.standard_columns()))
    THEN
        RAISE EXCEPTION 'column group % does not exist',
            (SELECT coalesce('"' || g || '"', 'NULL') FROM unnest(groups) g
             WHERE g IS NULL
             OR g NOT IN (SELECT column_group FROM flow.standard_columns())
             LIMIT 1)
            USING ERRCODE = 'invalid_parameter_value',
            DETAIL = 'Valid column groups are '
                || (SELECT string_agg(DISTINCT '"' || column_group || '"', ', ')
                    FROM flow.standard_columns()) || '.';
    END IF;

    IF schema IS NULL AND cardinality(parts) = 1 THEN
        RAISE EXCEPTION 'no schema has been selected to create in'
            USING ERRCODE = 'invalid_schema_name';
    END IF;
    relation := CASE cardinality(parts)
        WHEN 1 THEN format('%I.%I', schema, parts[1])
        WHEN 2 THEN format('%I.%I', parts[1], parts[2]) END;
    IF relation IS NULL THEN
        RAISE EXCEPTION 'improper table name "%"', name
            USING ERRCODE = 'syntax_error',
            HINT = 'Give a name, or a schema and a name.';
    END IF;

    EXECUTE format('CREATE TABLE %s (%s) USING flowstore', relation,
        (SELECT string_agg(format('%I %s', column_name, column_type), ', '
                           ORDER BY ordinality)
         FROM ROWS FROM (flow.standard_columns()) WITH ORDINALITY
         WHERE column_group = ANY (wanted)));
    FOR col IN SELECT * FROM flow.standard_columns()
               WHERE column_group = ANY (wanted)
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L',
                       relation, col.column_name, col.description);
    END LOOP;
    RETURN relation::regclass;
END
$$;

COMMENT ON FUNCTION flow.create_table(text, text[], name) IS
'Create a flow table with the standard columns, USING flowstore, and return it.
groups adds columns: any of tls, dns, http and payload (flow.standard_columns()
lists them); another group is an error (invalid_parameter_value).  name is an
SQL identifier, quoted if need be, with or without its schema; without, the
table is made in schema, by default the first of the caller''s search_path.
Done with the privileges of the caller; errors are those of CREATE TABLE.';

-------------------------------------------------------------------------
-- Analytics
-------------------------------------------------------------------------

CREATE FUNCTION flow.counts_combine(internal, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_aggregate_combine'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.counts_combine(internal, internal) IS
'combine function of flow.entropy and flow.topk; not to be called';

CREATE FUNCTION flow.counts_serialize(internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'fs_aggregate_serialize'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.counts_serialize(internal) IS
'serialization function of flow.entropy and flow.topk; not to be called';

CREATE FUNCTION flow.counts_deserialize(bytea, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_aggregate_deserialize'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.counts_deserialize(bytea, internal) IS
'deserialization function of flow.entropy and flow.topk; not to be called';

CREATE FUNCTION flow.entropy_step(internal, anyelement)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_entropy_step'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.entropy_step(internal, anyelement) IS
'transition function of flow.entropy; not to be called';

CREATE FUNCTION flow.entropy_step(internal, anyelement, bigint)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_entropy_step_int'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.entropy_step(internal, anyelement, bigint) IS
'transition function of flow.entropy; not to be called';

CREATE FUNCTION flow.entropy_step(internal, anyelement, double precision)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_entropy_step_float'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.entropy_step(internal, anyelement, double precision) IS
'transition function of flow.entropy; not to be called';

CREATE FUNCTION flow.entropy_final(internal)
RETURNS double precision
AS 'MODULE_PATHNAME', 'fs_entropy_final'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.entropy_final(internal) IS
'final function of flow.entropy; not to be called';

CREATE FUNCTION flow.entropy_norm_final(internal)
RETURNS double precision
AS 'MODULE_PATHNAME', 'fs_entropy_norm_final'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.entropy_norm_final(internal) IS
'final function of flow.entropy_norm; not to be called';

CREATE AGGREGATE flow.entropy(value anyelement) (
    SFUNC = flow.entropy_step,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = flow.entropy_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.counts_combine,
    SERIALFUNC = flow.counts_serialize,
    DESERIALFUNC = flow.counts_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.entropy(anyelement) IS
'Shannon entropy of the distribution of value, in bits: 0 for one distinct
value, log2(m) for m equally frequent ones, NULL if there is no value.  Exact.
NULL values are ignored.  Memory, not limited by work_mem: 22 to 43 bytes for
each distinct value, 64 while the table grows, and for a value longer than 7
bytes, or with several forms as numeric 1.0 and 1.00, a copy of at most 40
bytes and twice its length.
A type without equality or hash function is an error (undefined_function).
Source: Shannon, A Mathematical Theory of Communication, 1948, section 6.';

CREATE AGGREGATE flow.entropy(value anyelement, weight bigint) (
    SFUNC = flow.entropy_step,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = flow.entropy_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.counts_combine,
    SERIALFUNC = flow.counts_serialize,
    DESERIALFUNC = flow.counts_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.entropy(anyelement, bigint) IS
'Shannon entropy of the distribution of value, in bits: 0 for one distinct
value, log2(m) for m equally frequent ones, NULL if there is no value.  Exact.
NULL values are ignored.  Memory, not limited by work_mem: 22 to 43 bytes for
each distinct value, 64 while the table grows, and for a value longer than 7
bytes, or with several forms as numeric 1.0 and 1.00, a copy of at most 40
bytes and twice its length.
A type without equality or hash function is an error (undefined_function).
A value counts with the sum of its weights, an integer without unit (bytes,
packets).  Rows with a NULL weight are ignored, weight 0 contributes nothing,
a negative weight is an error (invalid_parameter_value), and so is a sum for
one value beyond bigint (numeric_value_out_of_range).
Source: Shannon, A Mathematical Theory of Communication, 1948, section 6.';

CREATE AGGREGATE flow.entropy(value anyelement, weight double precision) (
    SFUNC = flow.entropy_step,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = flow.entropy_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.counts_combine,
    SERIALFUNC = flow.counts_serialize,
    DESERIALFUNC = flow.counts_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.entropy(anyelement, double precision) IS
'Shannon entropy of the distribution of value, in bits: 0 for one distinct
value, log2(m) for m equally frequent ones, NULL if there is no value.  Exact.
NULL values are ignored.  Memory, not limited by work_mem: 22 to 43 bytes for
each distinct value, 64 while the table grows, and for a value longer than 7
bytes, or with several forms as numeric 1.0 and 1.00, a copy of at most 40
bytes and twice its length.
A type without equality or hash function is an error (undefined_function).
A value counts with the sum of its weights, any non-negative number; integer
and numeric weights come here, too.  Rows with a NULL weight are ignored,
weight 0 contributes nothing; a negative, infinite or NaN weight is an error
(invalid_parameter_value).  Sums of fractions depend on the order of the rows
in the last place.
Source: Shannon, A Mathematical Theory of Communication, 1948, section 6.';

CREATE AGGREGATE flow.entropy_norm(value anyelement) (
    SFUNC = flow.entropy_step,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = flow.entropy_norm_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.counts_combine,
    SERIALFUNC = flow.counts_serialize,
    DESERIALFUNC = flow.counts_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.entropy_norm(anyelement) IS
'Shannon entropy of the distribution of value divided by its largest possible
value, log2 of the number of distinct values: between 0 and 1, without unit;
0 for one distinct value, NULL if there is none.  Otherwise as flow.entropy.
Source: Shannon, A Mathematical Theory of Communication, 1948, section 6.';

CREATE AGGREGATE flow.entropy_norm(value anyelement, weight bigint) (
    SFUNC = flow.entropy_step,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = flow.entropy_norm_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.counts_combine,
    SERIALFUNC = flow.counts_serialize,
    DESERIALFUNC = flow.counts_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.entropy_norm(anyelement, bigint) IS
'Shannon entropy of the distribution of value divided by its largest possible
value, log2 of the number of distinct values: between 0 and 1, without unit;
0 for one distinct value, NULL if there is none.  Otherwise as flow.entropy.
A value counts with the sum of its weights, an integer without unit (bytes,
packets).  Rows with a NULL weight are ignored, weight 0 contributes nothing,
a negative weight is an error (invalid_parameter_value), and so is a sum for
one value beyond bigint (numeric_value_out_of_range).
Source: Shannon, A Mathematical Theory of Communication, 1948, section 6.';

CREATE AGGREGATE flow.entropy_norm(value anyelement, weight double precision) (
    SFUNC = flow.entropy_step,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = flow.entropy_norm_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.counts_combine,
    SERIALFUNC = flow.counts_serialize,
    DESERIALFUNC = flow.counts_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.entropy_norm(anyelement, double precision) IS
'Shannon entropy of the distribution of value divided by its largest possible
value, log2 of the number of distinct values: between 0 and 1, without unit;
0 for one distinct value, NULL if there is none.  Otherwise as flow.entropy.
A value counts with the sum of its weights, any non-negative number; integer
and numeric weights come here, too.  Rows with a NULL weight are ignored,
weight 0 contributes nothing; a negative, infinite or NaN weight is an error
(invalid_parameter_value).  Sums of fractions depend on the order of the rows
in the last place.
Source: Shannon, A Mathematical Theory of Communication, 1948, section 6.';

CREATE FUNCTION flow.topk_step(internal, anyelement, integer)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_topk_step'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.topk_step(internal, anyelement, integer) IS
'transition function of flow.topk; not to be called';

CREATE FUNCTION flow.topk_step(internal, anyelement, integer, bigint)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_topk_step_int'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.topk_step(internal, anyelement, integer, bigint) IS
'transition function of flow.topk; not to be called';

CREATE FUNCTION flow.topk_step(internal, anyelement, integer, double precision)
RETURNS internal
AS 'MODULE_PATHNAME', 'fs_topk_step_float'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.topk_step(internal, anyelement, integer, double precision) IS
'transition function of flow.topk; not to be called';

CREATE FUNCTION flow.topk_final(internal)
RETURNS jsonb
AS 'MODULE_PATHNAME', 'fs_topk_final'
LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.topk_final(internal) IS
'final function of flow.topk; not to be called';

CREATE FUNCTION flow.topk_values_final(internal, anyelement, integer)
RETURNS anyarray
AS 'MODULE_PATHNAME', 'fs_topk_values_final'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.topk_values_final(internal, anyelement, integer) IS
'final function of flow.topk_values; not to be called';

CREATE FUNCTION flow.topk_values_final(internal, anyelement, integer, bigint)
RETURNS anyarray
AS 'MODULE_PATHNAME', 'fs_topk_values_final'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.topk_values_final(internal, anyelement, integer, bigint) IS
'final function of flow.topk_values; not to be called';

CREATE FUNCTION flow.topk_values_final(internal, anyelement, integer, double precision)
RETURNS anyarray
AS 'MODULE_PATHNAME', 'fs_topk_values_final'
LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION flow.topk_values_final(internal, anyelement, integer, double precision) IS
'final function of flow.topk_values; not to be called';

CREATE AGGREGATE flow.topk(value anyelement, n integer) (
    SFUNC = flow.topk_step,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = flow.topk_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.counts_combine,
    SERIALFUNC = flow.counts_serialize,
    DESERIALFUNC = flow.counts_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.topk(anyelement, integer) IS
'The n values with the largest weight, by weight descending, then by value
ascending: [{"value": v, "weight": w}, ...].  Values appear as to_jsonb()
shows them.  Exact, not an estimate.  Fewer than n elements if there are fewer
values, NULL if there is none.  NULL values are ignored.  Memory, not limited
by work_mem: 22 to 43 bytes for each distinct value, 64 while the table grows,
and for a value longer than 7 bytes, or with several forms as numeric 1.0 and
1.00, a copy of at most 40 bytes and twice its length.
Sorting takes another 32 bytes for each of n, or of the values if there are
fewer.  n is between 1 and 1000000 and the same for all rows of a group,
else an error (invalid_parameter_value; null_value_not_allowed for NULL).
A type without equality, hash function or order is an error
(undefined_function).  As rows:
  jsonb_to_recordset(flow.topk(...)) AS t(value inet, weight bigint)
The weight of a value is the number of its rows.';

CREATE AGGREGATE flow.topk(value anyelement, n integer, weight bigint) (
    SFUNC = flow.topk_step,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = flow.topk_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.counts_combine,
    SERIALFUNC = flow.counts_serialize,
    DESERIALFUNC = flow.counts_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.topk(anyelement, integer, bigint) IS
'The n values with the largest weight, by weight descending, then by value
ascending: [{"value": v, "weight": w}, ...].  Values appear as to_jsonb()
shows them.  Exact, not an estimate.  Fewer than n elements if there are fewer
values, NULL if there is none.  NULL values are ignored.  Memory, not limited
by work_mem: 22 to 43 bytes for each distinct value, 64 while the table grows,
and for a value longer than 7 bytes, or with several forms as numeric 1.0 and
1.00, a copy of at most 40 bytes and twice its length.
Sorting takes another 32 bytes for each of n, or of the values if there are
fewer.  n is between 1 and 1000000 and the same for all rows of a group,
else an error (invalid_parameter_value; null_value_not_allowed for NULL).
A type without equality, hash function or order is an error
(undefined_function).  As rows:
  jsonb_to_recordset(flow.topk(...)) AS t(value inet, weight bigint)
A value counts with the sum of its weights, an integer without unit (bytes,
packets).  Rows with a NULL weight are ignored, weight 0 contributes nothing,
a negative weight is an error (invalid_parameter_value), and so is a sum for
one value beyond bigint (numeric_value_out_of_range).';

CREATE AGGREGATE flow.topk(value anyelement, n integer, weight double precision) (
    SFUNC = flow.topk_step,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = flow.topk_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.counts_combine,
    SERIALFUNC = flow.counts_serialize,
    DESERIALFUNC = flow.counts_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.topk(anyelement, integer, double precision) IS
'The n values with the largest weight, by weight descending, then by value
ascending: [{"value": v, "weight": w}, ...].  Values appear as to_jsonb()
shows them.  Exact, not an estimate.  Fewer than n elements if there are fewer
values, NULL if there is none.  NULL values are ignored.  Memory, not limited
by work_mem: 22 to 43 bytes for each distinct value, 64 while the table grows,
and for a value longer than 7 bytes, or with several forms as numeric 1.0 and
1.00, a copy of at most 40 bytes and twice its length.
Sorting takes another 32 bytes for each of n, or of the values if there are
fewer.  n is between 1 and 1000000 and the same for all rows of a group,
else an error (invalid_parameter_value; null_value_not_allowed for NULL).
A type without equality, hash function or order is an error
(undefined_function).  As rows:
  jsonb_to_recordset(flow.topk(...)) AS t(value inet, weight bigint)
A value counts with the sum of its weights, any non-negative number; integer
and numeric weights come here, too.  Rows with a NULL weight are ignored,
weight 0 contributes nothing; a negative, infinite or NaN weight is an error
(invalid_parameter_value).  Weights are summed as double precision and shown
with as many digits as tell a sum from its neighbours: whole numbers are exact
up to 2^53 = 9007199254740992.  Larger ones, as from sum(bigint), which is
numeric, are exact if cast to bigint.  Sums of fractions depend on the order of
the rows in the last place.';

CREATE AGGREGATE flow.topk_values(value anyelement, n integer) (
    SFUNC = flow.topk_step,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = flow.topk_values_final,
    FINALFUNC_EXTRA,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.counts_combine,
    SERIALFUNC = flow.counts_serialize,
    DESERIALFUNC = flow.counts_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.topk_values(anyelement, integer) IS
'The values of flow.topk as an array of their own type, in the same order and
with the same errors.  Both called with the same arguments cost as one.';

CREATE AGGREGATE flow.topk_values(value anyelement, n integer, weight bigint) (
    SFUNC = flow.topk_step,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = flow.topk_values_final,
    FINALFUNC_EXTRA,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.counts_combine,
    SERIALFUNC = flow.counts_serialize,
    DESERIALFUNC = flow.counts_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.topk_values(anyelement, integer, bigint) IS
'The values of flow.topk as an array of their own type, in the same order and
with the same errors.  Both called with the same arguments cost as one.';

CREATE AGGREGATE flow.topk_values(value anyelement, n integer, weight double precision) (
    SFUNC = flow.topk_step,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = flow.topk_values_final,
    FINALFUNC_EXTRA,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = flow.counts_combine,
    SERIALFUNC = flow.counts_serialize,
    DESERIALFUNC = flow.counts_deserialize,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE flow.topk_values(anyelement, integer, double precision) IS
'The values of flow.topk as an array of their own type, in the same order and
with the same errors.  Both called with the same arguments cost as one.';

CREATE FUNCTION flow.time_bucket(width interval, ts timestamp with time zone)
RETURNS timestamp with time zone
AS 'MODULE_PATHNAME', 'fs_time_bucket'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.time_bucket(interval, timestamp with time zone) IS
'Start of the time bucket that ts falls in: the last origin + k * width that
is not later.  A width of days and time is fixed, a day being 24 hours, and by
default counted from Monday 2000-01-03; a width of months or years follows the
calendar, by default from 2000-01-01, all in UTC.  Infinity is returned
as it is.  A width that is not positive or mixes months with days or time is
an error (invalid_parameter_value), and so is a bucket that starts before the
first timestamp (datetime_field_overflow).';

CREATE FUNCTION flow.time_bucket(width interval, ts timestamp with time zone, origin timestamp with time zone)
RETURNS timestamp with time zone
AS 'MODULE_PATHNAME', 'fs_time_bucket_origin'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.time_bucket(interval, timestamp with time zone, timestamp with time zone) IS
'Start of the time bucket that ts falls in: the last origin + k * width that
is not later.  A width of days and time is fixed, a day being 24 hours, and counted
from origin; a width of months or years follows the
calendar from origin, all in UTC.  Infinity is returned
as it is.  A width that is not positive or mixes months with days or time is
an error (invalid_parameter_value), and so is a bucket that starts before the
first timestamp (datetime_field_overflow).
An infinite origin is an error (invalid_parameter_value).';

CREATE FUNCTION flow.time_bucket(width interval, ts timestamp without time zone)
RETURNS timestamp without time zone
AS 'MODULE_PATHNAME', 'fs_time_bucket'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.time_bucket(interval, timestamp without time zone) IS
'Start of the time bucket that ts falls in: the last origin + k * width that
is not later.  A width of days and time is fixed, a day being 24 hours, and by
default counted from Monday 2000-01-03; a width of months or years follows the
calendar, by default from 2000-01-01.  Infinity is returned
as it is.  A width that is not positive or mixes months with days or time is
an error (invalid_parameter_value), and so is a bucket that starts before the
first timestamp (datetime_field_overflow).';

CREATE FUNCTION flow.time_bucket(width interval, ts timestamp without time zone, origin timestamp without time zone)
RETURNS timestamp without time zone
AS 'MODULE_PATHNAME', 'fs_time_bucket_origin'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.time_bucket(interval, timestamp without time zone, timestamp without time zone) IS
'Start of the time bucket that ts falls in: the last origin + k * width that
is not later.  A width of days and time is fixed, a day being 24 hours, and counted
from origin; a width of months or years follows the
calendar from origin.  Infinity is returned
as it is.  A width that is not positive or mixes months with days or time is
an error (invalid_parameter_value), and so is a bucket that starts before the
first timestamp (datetime_field_overflow).
An infinite origin is an error (invalid_parameter_value).';

CREATE FUNCTION flow.time_bucket(width interval, day date)
RETURNS date
AS 'MODULE_PATHNAME', 'fs_time_bucket_date'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.time_bucket(interval, date) IS
'Start of the time bucket that day falls in: the last origin + k * width that
is not later.  A width of days and time is fixed, a day being 24 hours, and by
default counted from Monday 2000-01-03; a width of months or years follows the
calendar, by default from 2000-01-01.  Infinity is returned
as it is.  A width that is not positive or mixes months with days or time is
an error (invalid_parameter_value), and so is a bucket that starts before the
first timestamp (datetime_field_overflow).
The date is taken as its midnight, and the result is the date on which the
bucket starts.';

CREATE FUNCTION flow.time_bucket(width interval, day date, origin date)
RETURNS date
AS 'MODULE_PATHNAME', 'fs_time_bucket_date_origin'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.time_bucket(interval, date, date) IS
'Start of the time bucket that day falls in: the last origin + k * width that
is not later.  A width of days and time is fixed, a day being 24 hours, and counted
from origin; a width of months or years follows the
calendar from origin.  Infinity is returned
as it is.  A width that is not positive or mixes months with days or time is
an error (invalid_parameter_value), and so is a bucket that starts before the
first timestamp (datetime_field_overflow).
The date is taken as its midnight, and the result is the date on which the
bucket starts.
An infinite origin is an error (invalid_parameter_value).';
