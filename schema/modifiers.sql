-------------------------------------------------------------------------
-- What makes a finding worse, or better, than its detection alone can tell
-------------------------------------------------------------------------

CREATE FUNCTION flow.modify_findings(
    findings flow.finding[], relation regclass, since timestamp with time zone,
    until timestamp with time zone, columns jsonb)
RETURNS SETOF flow.finding
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET enable_mergejoin = off
SET enable_nestloop = off
SET jit = off
AS $$
DECLARE
    source CONSTANT text := flow.source_query(relation, '{ts,src_addr,dst_addr}', columns, '{http_host,http_method}');
    -- who may not read these has no modifiers of them
    seen CONSTANT text := CASE WHEN has_table_privilege('flow.host_seen', 'SELECT')
        THEN 'SELECT ip, first_seen, min(first_seen) OVER () AS since FROM flow.host_seen WHERE relation = $3'
        ELSE 'SELECT NULL::inet AS ip, NULL::timestamptz AS first_seen, NULL::timestamptz AS since WHERE false' END;
    known CONSTANT text := CASE WHEN has_table_privilege('flow.indicator', 'SELECT')
        THEN 'SELECT w.addr, jsonb_agg(DISTINCT i.set_name) AS sets FROM (SELECT addr FROM outside UNION SELECT src_addr FROM f) w,
                     LATERAL flow.matches(w.addr, $2) i WHERE i.severity > ''info'' GROUP BY 1'
        ELSE 'SELECT NULL::inet AS addr, NULL::jsonb AS sets WHERE false' END;
BEGIN
    RETURN QUERY EXECUTE format($q$
        WITH f AS MATERIALIZED (SELECT row_number() OVER () AS i, x.* FROM unnest($4) x),
        outside AS MATERIALIZED (SELECT DISTINCT dst_addr AS addr FROM f WHERE NOT flow.is_internal(dst_addr)),
        hosts AS (SELECT count(DISTINCT src_addr) AS n FROM (%1$s) r WHERE ts >= $1 AND ts < $2 AND flow.is_internal(src_addr)),
        clients AS (
            SELECT dst_addr, count(DISTINCT src_addr) AS n FROM (%1$s) r
            WHERE ts >= $1 AND ts < $2 AND flow.is_internal(src_addr) AND dst_addr = ANY (ARRAY(SELECT addr FROM outside))
            GROUP BY 1),
        nameless AS (
            SELECT src_addr, dst_addr, count(*) AS n FROM (%1$s) r
            WHERE ts >= $1 AND ts < $2 AND http_method IS NOT NULL AND http_host IS NULL AND flow.is_internal(src_addr)
            AND dst_addr = ANY (ARRAY(SELECT addr FROM outside)) GROUP BY 1, 2),
        seen AS (%2$s),
        known AS MATERIALIZED (%3$s),
        m AS (
            SELECT f.i, jsonb_strip_nulls(jsonb_build_object(
                'prevalence', CASE WHEN c.n <= 0.02 * h.n THEN 0.15 WHEN c.n >= 0.5 * h.n THEN -0.15 END,
                'first_seen', CASE WHEN s.since > $2 - interval '7 days' THEN NULL
                    WHEN s.first_seen >= $2 - interval '7 days' THEN 0.15
                    WHEN s.first_seen <= $2 - interval '30 days' THEN -0.15 END,
                'missing_host', CASE WHEN n.n > 0 THEN 0.1 END,
                'indicator', CASE WHEN k.sets IS NOT NULL AND f.bytes > 25000000 THEN 0.15 END)) AS modifiers,
                k.sets
            FROM f CROSS JOIN hosts h LEFT JOIN clients c ON c.dst_addr = f.dst_addr
            LEFT JOIN nameless n ON n.src_addr = f.src_addr AND n.dst_addr = f.dst_addr
            LEFT JOIN (SELECT * FROM seen WHERE ip = ANY (ARRAY(SELECT addr FROM outside))) s ON s.ip = f.dst_addr
            LEFT JOIN (SELECT f.i, jsonb_agg(DISTINCT x.one) AS sets FROM f JOIN known w ON w.addr = f.src_addr OR w.addr = f.dst_addr,
                       LATERAL jsonb_array_elements(w.sets) x(one) GROUP BY 1) k ON k.i = f.i),
        t AS (
            SELECT m.*, greatest(0, least(1, 0.2 * (SELECT ordinality FROM unnest(enum_range(NULL::flow.severity)) WITH ORDINALITY u
                       WHERE u.u = f.severity) - 0.1 + (SELECT coalesce(sum(value::numeric), 0) FROM jsonb_each_text(m.modifiers)))) AS threat
            FROM m JOIN f USING (i))
        SELECT (enum_range(NULL::flow.severity))[greatest(1, ceil(t.threat * 5)::integer)], f.score, f.detection, f.src_addr,
               f.dst_addr, f.dst_port, f.first_seen, f.last_seen, f.flows, f.bytes,
               f.evidence || jsonb_strip_nulls(jsonb_build_object('threat', t.threat,
                   'modifiers', nullif(t.modifiers, '{}'), 'indicators', t.sets))
        FROM f JOIN t USING (i)$q$, source, seen, known)
    USING since, until, relation, findings;
END
$$;

COMMENT ON FUNCTION flow.modify_findings(flow.finding[], regclass, timestamp with time zone, timestamp with time zone, jsonb) IS
'Findings with their severity changed by what is known of the outside host.  Key
threat of the evidence is a number of 0 to 1: 0.1, 0.3, 0.5, 0.7 or 0.9 for info to
critical, the middles of five equal parts, plus the modifiers; the severity is that
of the part where it lies then.  Modifiers, of the host in dst_addr unless said
otherwise:
prevalence: at most 2 % of the inside hosts with rows in [since, until) sent to it,
+0.15; at least 50 %, -0.15.
first_seen: flow.host_seen, if it has days older than 7 days before until, knows it
first from the last 7 days, +0.15; from 30 days ago or earlier, -0.15.
missing_host: src_addr sent it an HTTP request, a row with http_method, without
http_host, +0.1; 0 if relation has no such columns.
indicator: it or src_addr is in an indicator of severity low or worse that is valid at
until, and the finding has more than 25 MB, +0.15.  Key indicators has the names of the
sets, however many bytes there are.
Who may not read flow.host_seen or flow.indicator has no modifiers of them.
Source: numbers of modifiers and their thresholds are the defaults of RITA 5
(default_config.hjson); the five parts are its categories.';
