-- judge(kinds, others, call, condition): what of the planted attacks a detection finds.
-- Read into a database with tables flows and label, the rows and the labels of
-- one flowgen; used by t/040_detections.pl and bench/detect.sh.
--
-- call is a call of a function of schema flow, condition is on its columns.
-- planted are the labels of these kinds, hits those that a finding explains:
-- its addresses are in the label's networks, NULL in any, and the times meet.
-- stray are findings that no label of any kind explains; for those without
-- addresses only these kinds and others count.  seconds are by the clock, and
-- cpu those of the processor that this backend took, without parallel workers.

CREATE FUNCTION cpu_seconds()
RETURNS numeric
LANGUAGE sql
AS $$
    -- utime and stime of proc(5), in ticks of 10 ms; the name before may have blanks
    SELECT (x[12]::numeric + x[13]::numeric) / 100
    FROM string_to_array(regexp_replace(pg_read_file('/proc/self/stat'), '^.*\) ', ''), ' ') x
$$;

CREATE FUNCTION judge(kinds text[], others text[], call text, condition text,
    OUT planted bigint, OUT hits bigint, OUT findings bigint, OUT stray bigint, OUT seconds numeric, OUT cpu numeric)
LANGUAGE plpgsql
AS $$
DECLARE
    started CONSTANT timestamptz := clock_timestamp();
    used CONSTANT numeric := cpu_seconds();
BEGIN
    DROP TABLE IF EXISTS pg_temp.finding, pg_temp.hit;
    EXECUTE 'CREATE TEMP TABLE finding AS SELECT row_number() OVER () AS i, x.* FROM flow.' || call || ' x';
    seconds := extract(epoch FROM clock_timestamp() - started);
    cpu := cpu_seconds() - used;
    EXECUTE 'DELETE FROM finding WHERE (' || condition || ') IS NOT TRUE';
    CREATE TEMP TABLE hit AS
    SELECT f.i, l.ctid AS label, l.kind FROM finding f JOIN label l
        ON (f.src_addr IS NULL OR f.src_addr <<= l.src) AND (f.dst_addr IS NULL OR f.dst_addr <<= l.dst)
        AND f.first_seen <= l.until AND f.last_seen >= l.since
    WHERE l.kind = ANY (kinds || others) OR f.src_addr IS NOT NULL OR f.dst_addr IS NOT NULL;
    SELECT count(*) INTO planted FROM label WHERE kind = ANY (kinds);
    SELECT count(DISTINCT label) INTO hits FROM hit WHERE kind = ANY (kinds);
    SELECT count(*), count(*) FILTER (WHERE i NOT IN (SELECT h.i FROM hit h)) INTO findings, stray FROM finding;
END
$$;
