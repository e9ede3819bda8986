-------------------------------------------------------------------------
-- One address in detail
-------------------------------------------------------------------------

CREATE FUNCTION flow.investigate(
    addr inet, n integer DEFAULT 10,
    since timestamp with time zone DEFAULT NULL,
    until timestamp with time zone DEFAULT NULL, span interval DEFAULT '7 days',
    relation regclass DEFAULT NULL, columns jsonb DEFAULT NULL,
    OUT section text, OUT item text, OUT flows bigint, OUT bytes numeric,
    OUT first_seen timestamp with time zone, OUT last_seen timestamp with time zone,
    OUT detail text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
AS $$
DECLARE
    -- no search_path of its own: the caller's finds the default table
    source CONSTANT text := flow.source_query(flow.relation(relation),
        '{ts,src_addr,dst_addr,src_port,dst_port,proto,bytes}', columns);
BEGIN
    SELECT r.since, r.until INTO since, until FROM flow.time_range(since, until, span) r;
    IF addr IS NULL THEN
        RAISE EXCEPTION 'addr must not be NULL' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    IF n IS NULL OR n OPERATOR(pg_catalog.<) 0 THEN
        RAISE EXCEPTION 'n must not be negative' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN QUERY EXECUTE pg_catalog.format(
        'WITH own AS MATERIALIZED (
             SELECT (f.src_addr OPERATOR(pg_catalog.=) $1) IS TRUE AS sent,
                    CASE WHEN f.src_addr OPERATOR(pg_catalog.=) $1 THEN f.dst_addr ELSE f.src_addr END AS peer,
                    f.proto, f.dst_port, pg_catalog.count(*) AS n, pg_catalog.sum(f.bytes) AS b,
                    pg_catalog.min(f.ts) AS first, pg_catalog.max(f.ts) AS last
             FROM (%s) f
             WHERE (f.src_addr OPERATOR(pg_catalog.=) $1 OR f.dst_addr OPERATOR(pg_catalog.=) $1)
               AND f.ts OPERATOR(pg_catalog.>=) $2 AND f.ts OPERATOR(pg_catalog.<) $3
             GROUP BY 1, 2, 3, 4),
         sections AS (
             SELECT 1 AS place, ''address'' AS section, pg_catalog.format(''%%s'', $1) AS item,
                    pg_catalog.sum(n) AS n, pg_catalog.sum(b) AS b, pg_catalog.min(first) AS first, pg_catalog.max(last) AS last,
                    CASE WHEN flow.is_internal($1) THEN ''internal'' ELSE ''external'' END AS detail
             FROM own
             UNION ALL
             SELECT CASE WHEN sent THEN 2 ELSE 3 END, CASE WHEN sent THEN ''sent'' ELSE ''received'' END,
                    pg_catalog.count(DISTINCT peer)::text OPERATOR(pg_catalog.||) '' peers'',
                    pg_catalog.sum(n), pg_catalog.sum(b), pg_catalog.min(first), pg_catalog.max(last), NULL
             FROM own GROUP BY sent
             UNION ALL
             SELECT 4, ''peer'', pg_catalog.format(''%%s'', peer), pg_catalog.sum(n), pg_catalog.sum(b), pg_catalog.min(first), pg_catalog.max(last),
                    pg_catalog.round(100 OPERATOR(pg_catalog.*) coalesce(pg_catalog.sum(b) FILTER (WHERE sent), 0)
                          OPERATOR(pg_catalog./) CASE WHEN pg_catalog.sum(b) OPERATOR(pg_catalog.<>) 0 THEN pg_catalog.sum(b) END)::text OPERATOR(pg_catalog.||) '' %% of bytes sent to it''
             FROM own GROUP BY peer
             UNION ALL
             SELECT CASE WHEN sent THEN 6 ELSE 5 END, CASE WHEN sent THEN ''port used'' ELSE ''port served'' END,
                    flow.proto_name(proto) OPERATOR(pg_catalog.||) ''/'' OPERATOR(pg_catalog.||) coalesce(dst_port::text, ''NULL''),
                    pg_catalog.sum(n), pg_catalog.sum(b), pg_catalog.min(first), pg_catalog.max(last),
                    pg_catalog.count(DISTINCT peer)::text OPERATOR(pg_catalog.||) '' peers''
             FROM own GROUP BY sent, proto, dst_port
             UNION ALL
             SELECT 8, ''neighbour'', pg_catalog.format(''%%s'', f.src_addr), pg_catalog.count(*), pg_catalog.sum(f.bytes),
                    pg_catalog.min(f.ts), pg_catalog.max(f.ts), ''of network '' OPERATOR(pg_catalog.||) $5::text
             FROM (%1$s) f
             WHERE f.src_addr OPERATOR(pg_catalog.<<=) $5 AND f.src_addr OPERATOR(pg_catalog.<>) $1
               AND f.ts OPERATOR(pg_catalog.>=) $2 AND f.ts OPERATOR(pg_catalog.<) $3
             GROUP BY f.src_addr),
         ranked AS (
             SELECT s.*, pg_catalog.row_number() OVER (PARTITION BY place ORDER BY b DESC NULLS LAST, n DESC, item) AS rank
             FROM sections s)
         SELECT section, item, coalesce(n, 0)::bigint, coalesce(b, 0)::numeric, first, last, detail
         FROM ranked WHERE rank OPERATOR(pg_catalog.<=) $4 OR place OPERATOR(pg_catalog.<=) 3 ORDER BY place, rank',
        source)
    USING addr, since, until, n, flow.subnet(addr, 24, 64)::inet;

    IF pg_catalog.has_table_privilege('flow.alerts', 'SELECT')
       AND pg_catalog.has_table_privilege('flow.alert', 'SELECT')
       AND pg_catalog.has_table_privilege('flow.alert_allow', 'SELECT')
       AND pg_catalog.has_table_privilege('flow.alert_acknowledged', 'SELECT') THEN
        RETURN QUERY
            SELECT 'alert', a.rule, pg_catalog.sum(a.repetitions)::bigint, NULL::numeric,
                   pg_catalog.min(a.ts), pg_catalog.max(a.last_ts),
                   pg_catalog.max(a.worst)::text OPERATOR(pg_catalog.||)
                   CASE WHEN pg_catalog.bool_and(a.acknowledged) THEN ', acknowledged' ELSE '' END
            FROM flow.alerts a
            WHERE (a.src_addr OPERATOR(pg_catalog.=) addr OR a.dst_addr OPERATOR(pg_catalog.=) addr)
              AND a.ts OPERATOR(pg_catalog.>=) investigate.since
              AND a.ts OPERATOR(pg_catalog.<) investigate.until
            GROUP BY a.rule ORDER BY pg_catalog.max(a.worst) DESC, a.rule LIMIT n;
    END IF;
END
$$;

COMMENT ON FUNCTION flow.investigate(inet, integer, timestamp with time zone, timestamp with time zone, interval, regclass, jsonb) IS
'What is known of an address in [since, until), as rows to be read from the top, at
most n in a section, those with most bytes first.  Sections: address (first and last
flow, whether it is internal); sent and received (as source and destination; to itself is sent); peer;
port served (destination ports of flows to it) and port used (of flows from it);
neighbour (other sources in its network of 24 bits, 64 with IPv6); alert (rules of
flow.alerts that tell of it, flows being how many alerts, worst first; absent
without SELECT on these).  bytes are as reported.  NULL until is flow.now(), NULL since is span
before until.  Negative n is an error (invalid_parameter_value), NULL addr too
(null_value_not_allowed).';
