-------------------------------------------------------------------------
-- Health over time: samples of collectors, exporters, tables and the worker
-------------------------------------------------------------------------

CREATE TABLE flow.collector_health (
    ts timestamp with time zone NOT NULL,
    collector text NOT NULL,
    last_seen timestamp with time zone NOT NULL,
    started timestamp with time zone,
    rows_per_second double precision,
    lag_s double precision,
    queue_rows bigint,
    spool_bytes bigint,
    exporters bigint,
    drops jsonb NOT NULL,
    refused bigint NOT NULL,
    PRIMARY KEY (ts, collector)
) USING heap;

CREATE TABLE flow.exporter_health (
    ts timestamp with time zone NOT NULL,
    collector text NOT NULL,
    address inet NOT NULL,
    version integer NOT NULL,
    domain bigint NOT NULL,
    last_seen timestamp with time zone NOT NULL,
    records bigint,
    records_per_second double precision,
    gaps bigint,
    missed bigint,
    templates bigint,
    PRIMARY KEY (ts, collector, address, version, domain)
) USING heap;

CREATE TABLE flow.table_health (
    ts timestamp with time zone NOT NULL,
    relation regclass NOT NULL,
    rows bigint,
    deleted bigint,
    late_rows bigint,
    partitions bigint,
    chunks bigint,
    file_bytes bigint,
    free_bytes bigint,
    directory_bytes bigint,
    bytes_loaded bigint,
    bytes_rewritten bigint,
    merge_rows bigint,
    cluster_rows bigint,
    rows_expired bigint,
    disk_bytes bigint,
    disk_free_bytes bigint,
    scans bigint,
    pages_fetched bigint,
    pages_hit bigint,
    PRIMARY KEY (ts, relation)
) USING heap;

CREATE TABLE flow.column_health (
    ts timestamp with time zone NOT NULL,
    relation regclass NOT NULL,
    column_name text NOT NULL,
    raw_bytes bigint,
    bytes bigint NOT NULL,
    PRIMARY KEY (relation, ts, column_name)
) USING heap;

CREATE TABLE flow.worker_health (
    ts timestamp with time zone PRIMARY KEY,
    tasks bigint,
    rows bigint,
    wal_bytes bigint,
    errors bigint
) USING heap;

COMMENT ON TABLE flow.collector_health IS
'Rows of flow.collectors as they were at times ts; flow.watch_health() keeps it.
Counts are since the collector was started.';
COMMENT ON COLUMN flow.collector_health.refused IS
'datagrams that rules refused or that were over their rates, all rules together';
COMMENT ON TABLE flow.exporter_health IS
'Rows of flow.exporters as they were at times ts; flow.watch_health() keeps it.';
COMMENT ON TABLE flow.table_health IS
'What flow.stats() said of a table at times ts, and the file system that holds it
(flow.disk, NULL where that was not permitted); flow.watch_health() keeps it.';
COMMENT ON COLUMN flow.table_health.scans IS 'that have begun, as PostgreSQL''s statistics count them, as the next two';
COMMENT ON COLUMN flow.table_health.pages_fetched IS 'pages of 8 kB of the main fork that were asked for';
COMMENT ON COLUMN flow.table_health.pages_hit IS 'those of them that were in shared buffers';
COMMENT ON TABLE flow.column_health IS
'What flow.columns() said of the columns of a table, all encodings together, at times ts;
flow.watch_health() keeps it.';
COMMENT ON COLUMN flow.column_health.column_name IS
'or, in parentheses, what is of no column: (head), (conversations), (unreadable), (dropped)';
COMMENT ON TABLE flow.worker_health IS
'What flow.worker_status() said of this database at times ts: counts since the server was
started; flow.watch_health() keeps it.';

SELECT pg_catalog.pg_extension_config_dump('flow.collector_health', '');
SELECT pg_catalog.pg_extension_config_dump('flow.exporter_health', '');
SELECT pg_catalog.pg_extension_config_dump('flow.table_health',
    'WHERE relation::oid IN (SELECT oid FROM pg_catalog.pg_class)');
SELECT pg_catalog.pg_extension_config_dump('flow.column_health',
    'WHERE relation::oid IN (SELECT oid FROM pg_catalog.pg_class)');
SELECT pg_catalog.pg_extension_config_dump('flow.worker_health', '');

GRANT SELECT ON flow.collector_health, flow.exporter_health, flow.table_health, flow.column_health,
    flow.worker_health TO pg_monitor;

CREATE FUNCTION flow.disk(relation regclass, OUT disk_bytes bigint, OUT disk_free_bytes bigint)
RETURNS record
AS 'MODULE_PATHNAME', 'fs_disk'
LANGUAGE C VOLATILE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION flow.disk(regclass) IS
'The size of the file system on which a table lies, and the bytes of it that are free for
the server.  For pg_monitor.';

REVOKE ALL ON FUNCTION flow.disk(regclass) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION flow.disk(regclass) TO pg_monitor;

CREATE FUNCTION flow.sample_collectors(at timestamp with time zone)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO flow.collector_health
    SELECT sample_collectors.at, c.name, c.last_seen, c.started, c.rows_per_second,
           extract(epoch FROM c.lag)::float8, c.queue_rows, c.spool_bytes, c.exporters, c.drops,
           -- collectors write this, and what one of them spoils must not stop the samples of all
           (SELECT coalesce(sum(r.value::bigint), 0)
            FROM jsonb_each_text(CASE WHEN jsonb_typeof(c.refused) = 'object' THEN c.refused ELSE '{}' END) r
            WHERE r.value ~ '^[0-9]{1,15}$')::bigint
    FROM flow.collectors c
    ON CONFLICT DO NOTHING;
    INSERT INTO flow.exporter_health
    SELECT sample_collectors.at, e.collector, e.address, e.version, e.domain, e.last_seen, e.records,
           e.records_per_second, e.gaps, e.missed, e.templates
    FROM flow.exporters e
    ON CONFLICT DO NOTHING;
$$;

COMMENT ON FUNCTION flow.sample_collectors(timestamp with time zone) IS
'part of flow.watch_health; not to be called';

CREATE FUNCTION flow.sample_worker(at timestamp with time zone)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO flow.worker_health
    SELECT at, w.tasks, w.rows, w.wal_bytes, w.errors
    FROM flow.worker_status() w WHERE w.database = current_database()
    ON CONFLICT DO NOTHING;
EXCEPTION WHEN object_not_in_prerequisite_state THEN
    -- without preloading there is no worker
    RETURN;
END
$$;

COMMENT ON FUNCTION flow.sample_worker(timestamp with time zone) IS
'part of flow.watch_health; not to be called';

CREATE FUNCTION flow.sample_columns(relation regclass, at timestamp with time zone)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO flow.column_health
    SELECT sample_columns.at, sample_columns.relation, k.name, sum(k.raw_bytes), sum(k.bytes)
    FROM (SELECT coalesce(c.column_name, '(' || c.encoding || ')') AS name, c.raw_bytes, c.bytes
          FROM flow.columns(sample_columns.relation) c) k
    GROUP BY k.name HAVING sum(k.bytes) IS NOT NULL
    ON CONFLICT DO NOTHING
$$;

COMMENT ON FUNCTION flow.sample_columns(regclass, timestamp with time zone) IS
'part of flow.watch_health; not to be called';

CREATE FUNCTION flow.sample_health(
    relation regclass, at timestamp with time zone, keep interval, columns_every interval)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    disk record;
BEGIN
    IF has_table_privilege('flow.collectors', 'SELECT') AND has_table_privilege('flow.exporters', 'SELECT') THEN
        PERFORM flow.sample_collectors(at);
    END IF;
    PERFORM flow.sample_worker(at);
    IF EXISTS (SELECT FROM pg_class c JOIN pg_am m ON m.oid = c.relam
               WHERE c.oid = relation AND c.relkind = 'r'
               AND m.amhandler = 'flow.table_am_handler(internal)'::regprocedure) THEN
        SELECT NULL::bigint AS disk_bytes, NULL::bigint AS disk_free_bytes INTO disk;
        IF has_function_privilege('flow.disk(regclass)', 'EXECUTE') THEN
            SELECT d.* INTO disk FROM flow.disk(relation) d;
        END IF;
        INSERT INTO flow.table_health
        SELECT at, relation, s.rows, s.deleted, s.late_rows, s.partitions, s.chunks, s.file_bytes, s.free_bytes,
               s.directory_bytes, s.bytes_loaded, s.bytes_rewritten, s.merge_rows, s.cluster_rows,
               s.rows_expired, disk.disk_bytes, disk.disk_free_bytes, pg_stat_get_numscans(relation),
               pg_stat_get_blocks_fetched(relation), pg_stat_get_blocks_hit(relation)
        FROM flow.stats(relation) s
        ON CONFLICT DO NOTHING;
        IF columns_every IS NOT NULL
           AND NOT EXISTS (SELECT FROM flow.column_health h
                           WHERE h.relation = sample_health.relation AND h.ts > at - columns_every) THEN
            PERFORM flow.sample_columns(relation, at);
        END IF;
    END IF;

    DELETE FROM flow.collector_health h WHERE h.ts < at - keep;
    DELETE FROM flow.exporter_health h WHERE h.ts < at - keep;
    DELETE FROM flow.worker_health h WHERE h.ts < at - keep;
    DELETE FROM flow.table_health h WHERE h.ts < at - keep AND h.relation = sample_health.relation;
    DELETE FROM flow.column_health h WHERE h.ts < at - keep AND h.relation = sample_health.relation;
END
$$;

COMMENT ON FUNCTION flow.sample_health(regclass, timestamp with time zone, interval, interval) IS
'Writes a sample of time at into the tables of flow.watch_health(), of what the caller may
read, and removes what is older than keep; columns are read if that was last done
columns_every ago (NULL: never).  A sample that is there stays.';

CREATE FUNCTION flow.health_run(
    relation regclass, until timestamp with time zone, every interval, keep interval,
    columns_every interval)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- what was long ago can be measured no more
    IF clock_timestamp() < until + every + interval '1 min' THEN
        PERFORM flow.sample_health(relation, until, keep, columns_every);
        RETURN true;
    END IF;
    RETURN false;
END
$$;

COMMENT ON FUNCTION flow.health_run(regclass, timestamp with time zone, interval, interval, interval) IS
'What the schedule of flow.watch_health runs: a sample, unless its time is long past.';

CREATE FUNCTION flow.watch_health_of(
    relation regclass, every interval, keep interval, columns_every interval)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    source CONSTANT text := (SELECT format('%I.%I', n.nspname, c.relname)
                             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                             WHERE c.oid = relation);
    own CONSTANT text := 'health of ' || source;
BEGIN
    IF every IS NULL OR NOT flow.is_fixed(every, '10 s', '1 hour') THEN
        RAISE EXCEPTION 'every must be between 10 seconds and an hour'
            USING ERRCODE = 'invalid_parameter_value';
    ELSIF keep IS NULL OR keep < every THEN
        RAISE EXCEPTION 'keep must not be shorter than every'
            USING ERRCODE = 'invalid_parameter_value';
    ELSIF columns_every <= interval '0' THEN
        RAISE EXCEPTION 'columns_every must be positive'
            USING ERRCODE = 'invalid_parameter_value',
            HINT = 'NULL leaves columns out.';
    END IF;
    -- a first sample, and the errors of a role that may not
    PERFORM flow.sample_health(relation, flow.time_bucket(every, clock_timestamp()), keep, columns_every);
    -- nothing runs again: what has passed cannot be measured
    PERFORM flow.schedule(own,
        format('SELECT FROM flow.health_run(%L, $2, %L, %L, %L) r WHERE r IS NULL', source, every, keep, columns_every),
        every, relation, delay => interval '0', severity => 'info', catch_up => every + interval '1 min',
        settle => '1 day', timeout => '10 min', search_path => 'pg_catalog, pg_temp');
    RETURN own;
END
$$;

COMMENT ON FUNCTION flow.watch_health_of(regclass, interval, interval, interval) IS
'part of flow.watch_health; not to be called';

CREATE FUNCTION flow.watch_health(
    relation regclass DEFAULT NULL, every interval DEFAULT '1 min', keep interval DEFAULT '30 days',
    columns_every interval DEFAULT '1 day')
RETURNS text
LANGUAGE sql
BEGIN ATOMIC
    SELECT flow.watch_health_of(flow.relation(relation), every, keep, columns_every);
END;

COMMENT ON FUNCTION flow.watch_health(regclass, interval, interval, interval) IS
'Keeps from now on what collectors, exporters, a table and the background worker say of themselves:
a schedule writes it every minute (every, 10 seconds to an hour) into flow.collector_health,
flow.exporter_health, flow.table_health and flow.worker_health, where it stays for keep (30
days), and what the columns take, which is read from all of the table, every columns_every (a day; NULL: never) into
flow.column_health.  Gives the name of the schedule; flow.unschedule() of it ends the watch, and
the samples stay.  There is none of the time when the worker did not run.  Once more, it changes the
schedule.  Needs what flow.grant_schedules() gives, and SELECT on the table; what else the role may not read
(collectors, the disk: pg_monitor may) is left out.  Several tables can be watched; collectors are
sampled once.  An every out of range, a keep shorter than every, a columns_every that is not positive are
errors (invalid_parameter_value).';

CREATE FUNCTION flow.forecast_of(
    relation regclass, span interval, OUT table_bytes bigint, OUT bytes_per_day double precision,
    OUT limit_bytes double precision, OUT limited_by text, OUT disk_bytes bigint,
    OUT disk_free_bytes bigint, OUT days_left double precision)
RETURNS record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    s record;
    o jsonb;
BEGIN
    IF span IS NULL OR span <= interval '0' THEN
        RAISE EXCEPTION 'span must be positive' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT x.* INTO s FROM flow.stats(relation) x;
    table_bytes := s.file_bytes - s.free_bytes + s.directory_bytes;
    -- the newest partition is not full yet
    SELECT sum(p.bytes + p.index_bytes) / nullif(extract(epoch FROM max(p.next) - min(p.partition)), 0) * 86400
    INTO bytes_per_day
    FROM (SELECT q.partition, q.bytes, q.index_bytes, lead(q.partition) OVER (ORDER BY q.partition) AS next
          FROM flow.partitions(relation) q WHERE q.partition IS NOT NULL) p
    WHERE p.next IS NOT NULL AND p.partition >= s.ts_max - span;

    SELECT jsonb_object_agg(x.name, x.value) INTO o FROM flow.options(relation) x
    WHERE x.value NOT IN ('forever', 'unlimited', 'default');
    SELECT l.bytes, l.name INTO limit_bytes, limited_by
    FROM (VALUES ('retain', extract(epoch FROM (o ->> 'retain')::interval)::float8 / 86400 * bytes_per_day),
                 ('max_rows', ((o ->> 'max_rows')::float8 + coalesce(o ->> 'slack', '0')::float8)
                              * table_bytes / nullif(s.rows, 0)),
                 ('max_bytes', pg_size_bytes(regexp_replace(o ->> 'max_bytes', ' B$', ' bytes'))::float8)) l(name, bytes)
    WHERE l.bytes IS NOT NULL ORDER BY l.bytes, l.name LIMIT 1;

    IF has_function_privilege('flow.disk(regclass)', 'EXECUTE') THEN
        SELECT d.disk_bytes, d.disk_free_bytes INTO disk_bytes, disk_free_bytes FROM flow.disk(relation) d;
    END IF;
    IF limit_bytes IS NULL OR limit_bytes > table_bytes + disk_free_bytes THEN
        days_left := disk_free_bytes / nullif(bytes_per_day, 0);
    END IF;
END
$$;

COMMENT ON FUNCTION flow.forecast_of(regclass, interval) IS 'part of flow.forecast; not to be called';

CREATE FUNCTION flow.forecast(
    relation regclass DEFAULT NULL, span interval DEFAULT '7 days', OUT table_bytes bigint,
    OUT bytes_per_day double precision, OUT limit_bytes double precision, OUT limited_by text,
    OUT disk_bytes bigint, OUT disk_free_bytes bigint, OUT days_left double precision)
RETURNS record
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT f.table_bytes, f.bytes_per_day, f.limit_bytes, f.limited_by, f.disk_bytes, f.disk_free_bytes, f.days_left
    FROM flow.forecast_of(flow.relation(relation), span) f;
END;

COMMENT ON FUNCTION flow.forecast(regclass, interval) IS
'How a flowstore table grows: table_bytes, what it takes now, without free space in its file;
bytes_per_day, what the partitions of the last span of its rows take, but for the newest;
limit_bytes, what it will take at most by its options, and limited_by, the one of retain, max_rows and max_bytes that says
so (NULL: none); the file system and what is free on it (NULL unless the caller may call
flow.disk()); and in how many days that is used up at this rate: NULL if the limit comes first, or
nothing grows.  Other tables and the write-ahead log are not looked at.  Needs SELECT on the table; a span that is
not positive is an error (invalid_parameter_value).';
