-------------------------------------------------------------------------
-- Rates over time
-------------------------------------------------------------------------

CREATE FUNCTION flow.rate(
    width interval, measure text DEFAULT 'bytes',
    since timestamp with time zone DEFAULT NULL,
    until timestamp with time zone DEFAULT NULL, span interval DEFAULT '1 hour',
    zone text DEFAULT NULL, corrected boolean DEFAULT false,
    longest interval DEFAULT '1 hour',
    relation regclass DEFAULT NULL, columns jsonb DEFAULT NULL,
    OUT bucket timestamp with time zone, OUT amount numeric, OUT per_second double precision)
RETURNS SETOF record
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
AS $$
DECLARE
    -- no search_path of its own: the caller's finds the default table.
    -- No bucket is longer than twice its width, so that the last one's end is known.
    source CONSTANT regclass := flow.relation(relation);
    counted text;
BEGIN
    SELECT r.since, r.until INTO since, until FROM flow.time_range(since, until, span) r;
    IF measure IS NULL OR NOT measure OPERATOR(pg_catalog.=) ANY ('{bytes,packets,flows}') THEN
        RAISE EXCEPTION 'measure "%" does not exist', measure
            USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Measures are bytes, packets and flows.';
    END IF;
    IF longest IS NULL OR longest OPERATOR(pg_catalog.<) interval '0' THEN
        RAISE EXCEPTION 'longest must not be negative'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    counted := CASE WHEN measure OPERATOR(pg_catalog.=) 'flows' THEN '1::bigint' ELSE 'f.' OPERATOR(pg_catalog.||) measure END;
    RETURN QUERY EXECUTE pg_catalog.format(
        'WITH grid AS MATERIALIZED (
             SELECT b, pg_catalog.lead(b) OVER (ORDER BY b) AS next
             FROM flow.gapfill($1, $2, $3 OPERATOR(pg_catalog.+) $1 OPERATOR(pg_catalog.+) $1, $4) b),
         edges AS MATERIALIZED (
             SELECT pg_catalog.min(b) AS first, pg_catalog.max(next) FILTER (WHERE b OPERATOR(pg_catalog.<) $3) AS past
             FROM grid),
         spread AS (
             SELECT s.bucket, pg_catalog.sum(s.share %s) AS amount
             FROM (%s) f,
                  flow.spread(f.ts, f.duration_ms, %s, $1, $4) s
             WHERE f.ts OPERATOR(pg_catalog.>=) (SELECT e.first OPERATOR(pg_catalog.-) $5 FROM edges e)
               AND f.ts OPERATOR(pg_catalog.<) (SELECT e.past FROM edges e)
             GROUP BY 1)
         SELECT g.b, coalesce(s.amount, 0)::numeric,
                (coalesce(s.amount, 0) OPERATOR(pg_catalog./) extract(epoch FROM g.next OPERATOR(pg_catalog.-) g.b))::double precision
         FROM grid g LEFT JOIN spread s ON s.bucket OPERATOR(pg_catalog.=) g.b
         WHERE g.b OPERATOR(pg_catalog.<) $3 ORDER BY g.b',
        CASE WHEN corrected THEN 'OPERATOR(pg_catalog.*) greatest(coalesce(f.sampling, 1), 1)::numeric' ELSE '' END,
        flow.source_query(source,
            ARRAY['ts', 'duration_ms'] OPERATOR(pg_catalog.||)
            CASE WHEN measure OPERATOR(pg_catalog.=) 'flows' THEN '{}' ELSE ARRAY[measure] END,
            columns, CASE WHEN corrected THEN '{sampling}' ELSE '{}' END::text[]),
        counted)
    USING width, since, until, zone, longest;
END
$$;

COMMENT ON FUNCTION flow.rate(interval, text, timestamp with time zone, timestamp with time zone, interval, text, boolean, interval, regclass, jsonb) IS
'Bytes, packets or flows (measure) per second over time, each flow spread over the
buckets that it was active in (flow.spread): one row for each bucket of width that
[since, until) meets, also where nothing was.  amount is what flows had in the whole
bucket, per_second that by the length of the bucket in seconds; 8 * per_second of
bytes are bits per second.  Flows that began before the first bucket count if they
began at most longest before it.  corrected multiplies by column sampling.  zone is
as in flow.time_bucket.  NULL until is flow.now(), NULL since is span before until.
Other measures, a width out of range and a negative longest are errors
(invalid_parameter_value), a table without ts, duration_ms or the measure too
(undefined_column).';
