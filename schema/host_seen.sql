-------------------------------------------------------------------------
-- When each address was seen
-------------------------------------------------------------------------

CREATE TABLE flow.host_day (
    relation regclass NOT NULL,
    day timestamp with time zone NOT NULL,
    ip inet NOT NULL,
    first_seen timestamp with time zone NOT NULL,
    last_seen timestamp with time zone NOT NULL,
    flows bigint NOT NULL,
    PRIMARY KEY (relation, day, ip)
);

CREATE INDEX ON flow.host_day (ip);

COMMENT ON TABLE flow.host_day IS
'Which addresses had flows on which day (UTC), as source or destination;
flow.update_host_seen keeps it.';
COMMENT ON COLUMN flow.host_day.flows IS 'rows with it at either end';

SELECT pg_catalog.pg_extension_config_dump('flow.host_day', '');

CREATE VIEW flow.host_seen AS
SELECT relation, ip, min(first_seen) AS first_seen, max(last_seen) AS last_seen,
       sum(flows)::bigint AS flows, count(*) AS days
FROM flow.host_day GROUP BY relation, ip;

COMMENT ON VIEW flow.host_seen IS
'First and last time of each address, its flows and days with flows, as
flow.update_host_seen has found them, also of flows that have expired since.';

CREATE FUNCTION flow.update_host_seen_in(
    relation regclass, since timestamp with time zone, until timestamp with time zone,
    columns jsonb)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
#variable_conflict use_column
DECLARE
    written bigint;
BEGIN
    SELECT date_bin('1 day', t.since, '2000-01-01 00:00+00'),
           date_bin('1 day', t.until - interval '1 us', '2000-01-01 00:00+00') + interval '1 day'
    INTO since, until FROM flow.time_range(since, until, interval '1 day') t;
    EXECUTE format(
        'WITH n AS MATERIALIZED (
            SELECT day, ip, min(first) AS first, max(last) AS last, sum(flows) AS flows
            FROM (SELECT date_bin(''1 day'', ts, ''2000-01-01 00:00+00'') AS day, src_addr AS ip,
                         min(ts) AS first, max(ts) AS last, count(*) AS flows
                  FROM (%1$s) f WHERE ts >= $2 AND ts < $3 GROUP BY 1, 2
                  UNION ALL
                  SELECT date_bin(''1 day'', ts, ''2000-01-01 00:00+00''), dst_addr, min(ts), max(ts), count(*)
                  FROM (%1$s) f WHERE ts >= $2 AND ts < $3 AND dst_addr IS DISTINCT FROM src_addr GROUP BY 1, 2) e
            WHERE ip IS NOT NULL GROUP BY 1, 2),
        gone AS (
            DELETE FROM flow.host_day d
            WHERE d.relation = $1 AND d.day IN (SELECT n.day FROM n)
            AND NOT EXISTS (SELECT FROM n WHERE n.day = d.day AND n.ip = d.ip))
        INSERT INTO flow.host_day AS d SELECT $1, n.* FROM n
        ON CONFLICT (relation, day, ip) DO UPDATE
        SET first_seen = excluded.first_seen, last_seen = excluded.last_seen, flows = excluded.flows',
        flow.source_query(relation, '{ts,src_addr,dst_addr}', columns))
    USING relation, since, until;
    GET DIAGNOSTICS written = ROW_COUNT;
    RETURN written;
END
$$;

COMMENT ON FUNCTION flow.update_host_seen_in(regclass, timestamp with time zone, timestamp with time zone, jsonb) IS
'part of flow.update_host_seen; not to be called';

CREATE FUNCTION flow.update_host_seen(
    relation regclass DEFAULT NULL, since timestamp with time zone DEFAULT NULL,
    until timestamp with time zone DEFAULT NULL, columns jsonb DEFAULT NULL)
RETURNS bigint
LANGUAGE sql
BEGIN ATOMIC
    SELECT flow.update_host_seen_in(flow.relation(relation), since, until, columns);
END;

COMMENT ON FUNCTION flow.update_host_seen(regclass, timestamp with time zone, timestamp with time zone, jsonb) IS
'Brings flow.host_seen up to date with the days (UTC) that [since, until) touches, by
default the last one or two; returns how many addresses of days were written.  Once
more with the same rows changes nothing; late and deleted rows count as they
are now.  Days without any row in relation stay as they were: rows expire, what was
seen does not.  Needs INSERT, UPDATE, DELETE and SELECT on flow.host_day.';

CREATE FUNCTION flow.first_seen(
    relation regclass DEFAULT NULL, since timestamp with time zone DEFAULT NULL,
    until timestamp with time zone DEFAULT NULL, span interval DEFAULT '24 hours',
    internal boolean DEFAULT false)
RETURNS SETOF flow.finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT flow.severity 'info', s.flows::double precision, 'first_seen'::text, CASE WHEN internal THEN s.ip END,
           CASE WHEN NOT internal THEN s.ip END, NULL::integer, s.first_seen, s.last_seen, s.flows, NULL::bigint,
           jsonb_build_object('days', s.days)
    FROM flow.time_range(first_seen.since, first_seen.until, first_seen.span) t, flow.host_seen s
    WHERE s.relation = flow.relation(first_seen.relation)
    AND s.first_seen >= t.since AND s.first_seen < t.until
    AND flow.is_internal(s.ip) = first_seen.internal
    ORDER BY s.first_seen DESC, s.ip;
END;

COMMENT ON FUNCTION flow.first_seen(regclass, timestamp with time zone, timestamp with time zone, interval, boolean) IS
'The outside hosts (as dst_addr), or with internal the inside ones (as src_addr), that
flow.host_seen knows first from [since, until), newest first; score: rows.
Severity: info.  flow.update_host_seen must have run.  Needs SELECT on flow.host_seen.';
