-------------------------------------------------------------------------
-- The queries of the named detections
-------------------------------------------------------------------------

-- In a query {all} is the table, {flows} what of it has the direction wanted, $1 and $2 are since and until, $3 the thresholds,
-- $4 the length of the pieces of time in which something is counted, from $1 on.
CREATE FUNCTION flow.detections(
    OUT detection text, OUT required text[], OUT optional text[],
    OUT fast interval, OUT slow interval,
    OUT fast_bucket interval, OUT slow_bucket interval,
    OUT limits double precision[], OUT query text)
RETURNS SETOF record
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
VALUES
('scan_horizontal', '{ts,src_addr,dst_addr,src_port,dst_port,proto,tcp_flags,packets,bytes}'::text[], '{}'::text[],
 interval '10 min', interval '240 min', interval '10 min', interval '240 min', '{32,0.5}'::float8[],
$q$WITH c AS MATERIALIZED (
    SELECT date_bin($4, ts, $1) AS b, src_addr, proto, dst_port, count(DISTINCT dst_addr) AS n,
           count(*) AS flows, sum(bytes) AS bytes, min(ts) AS first, max(ts) AS last
    FROM {flows} f WHERE ts >= $1 AND ts < $2 AND packets <= 3
    GROUP BY 1, 2, 3, 4 HAVING count(DISTINCT dst_addr) >= $3[1]),
k AS MATERIALIZED (SELECT DISTINCT src_addr, proto, dst_port FROM c),
a AS (
    SELECT date_bin($4, f.ts, $1) AS b, f.dst_addr AS src_addr, f.proto, f.src_port AS dst_port,
           count(DISTINCT f.src_addr) AS n
    FROM {all} f JOIN k ON k.src_addr = f.dst_addr AND k.proto = f.proto AND k.dst_port = f.src_port
    WHERE f.ts >= $1 AND f.ts < $2 AND (f.proto <> 6 OR f.tcp_flags & 18 = 18)
    GROUP BY 1, 2, 3, 4)
SELECT flow.severity_of(max(c.n) / $3[1], '{0,1,4,16}'), max(c.n), c.src_addr, NULL::inet, c.dst_port,
       min(c.first), max(c.last), sum(c.flows), sum(c.bytes),
       jsonb_build_object('proto', c.proto, 'targets', max(c.n), 'answered', max(coalesce(a.n, 0)))
FROM c LEFT JOIN a USING (b, src_addr, proto, dst_port)
WHERE coalesce(a.n, 0) <= c.n * (1 - $3[2])
GROUP BY c.src_addr, c.proto, c.dst_port$q$),

('scan_vertical', '{ts,src_addr,dst_addr,src_port,dst_port,proto,tcp_flags,packets,bytes}', '{}',
 '10 min', '240 min', '10 min', '240 min', '{20,0.5}',
$q$WITH c AS MATERIALIZED (
    SELECT date_bin($4, ts, $1) AS b, src_addr, dst_addr, count(DISTINCT dst_port) AS n,
           count(*) AS flows, sum(bytes) AS bytes, min(ts) AS first, max(ts) AS last
    FROM {flows} f WHERE ts >= $1 AND ts < $2 AND packets <= 3
    GROUP BY 1, 2, 3 HAVING count(DISTINCT dst_port) >= $3[1]),
k AS MATERIALIZED (SELECT DISTINCT src_addr, dst_addr FROM c),
a AS (
    SELECT date_bin($4, f.ts, $1) AS b, f.dst_addr AS src_addr, f.src_addr AS dst_addr,
           count(DISTINCT f.src_port) AS n
    FROM {all} f JOIN k ON k.src_addr = f.dst_addr AND k.dst_addr = f.src_addr
    WHERE f.ts >= $1 AND f.ts < $2 AND (f.proto <> 6 OR f.tcp_flags & 18 = 18)
    GROUP BY 1, 2, 3)
SELECT flow.severity_of(max(c.n) / $3[1], '{0,1,4,16}'), max(c.n), c.src_addr, c.dst_addr, NULL::integer,
       min(c.first), max(c.last), sum(c.flows), sum(c.bytes),
       jsonb_build_object('ports', max(c.n), 'answered', max(coalesce(a.n, 0)))
FROM c LEFT JOIN a USING (b, src_addr, dst_addr)
WHERE coalesce(a.n, 0) <= c.n * (1 - $3[2])
GROUP BY c.src_addr, c.dst_addr$q$),

('scan_distributed', '{ts,src_addr,dst_addr,src_port,dst_port,proto,tcp_flags,packets,bytes}', '{}',
 '10 min', '240 min', '10 min', '240 min', '{20,0.5,5}',
$q$WITH c AS MATERIALIZED (
    SELECT date_bin($4, ts, $1) AS b, dst_addr, count(DISTINCT dst_port) AS n, count(DISTINCT src_addr) AS sources,
           count(*) AS flows, sum(bytes) AS bytes, min(ts) AS first, max(ts) AS last
    FROM {flows} f WHERE ts >= $1 AND ts < $2 AND packets <= 3
    GROUP BY 1, 2 HAVING count(DISTINCT dst_port) >= $3[1] AND count(DISTINCT src_addr) >= $3[3]),
k AS MATERIALIZED (SELECT DISTINCT dst_addr FROM c),
one AS (
    SELECT b, dst_addr, max(n) AS n
    FROM (SELECT date_bin($4, f.ts, $1) AS b, f.dst_addr, f.src_addr, count(DISTINCT f.dst_port) AS n
          FROM {flows} f JOIN k USING (dst_addr) WHERE f.ts >= $1 AND f.ts < $2 AND f.packets <= 3
          GROUP BY 1, 2, 3) x
    GROUP BY 1, 2),
a AS (
    SELECT date_bin($4, f.ts, $1) AS b, f.src_addr AS dst_addr, count(DISTINCT f.src_port) AS n
    FROM {all} f JOIN k ON k.dst_addr = f.src_addr
    WHERE f.ts >= $1 AND f.ts < $2 AND (f.proto <> 6 OR f.tcp_flags & 18 = 18)
    GROUP BY 1, 2)
SELECT flow.severity_of(max(c.n) / $3[1], '{0,1,4,16}'), max(c.n), NULL::inet, c.dst_addr, NULL::integer,
       min(c.first), max(c.last), sum(c.flows), sum(c.bytes),
       jsonb_build_object('ports', max(c.n), 'sources', max(c.sources), 'answered', max(coalesce(a.n, 0)),
           'ports_of_one', max(one.n))
FROM c JOIN one USING (b, dst_addr) LEFT JOIN a USING (b, dst_addr)
WHERE coalesce(a.n, 0) <= c.n * (1 - $3[2]) AND one.n * 2 <= c.n
GROUP BY c.dst_addr$q$),

('scan_trw', '{ts,src_addr,dst_addr,proto,tcp_flags,bytes}', '{}',
 '1 hour', '24 hours', '1 hour', '24 hours', '{4.595,0.8,0.2}',
$q$WITH pair AS (
    SELECT src_addr, dst_addr, min(ts) AS first, max(ts) AS last, count(*) AS flows, sum(bytes) AS bytes,
           min(ts) FILTER (WHERE tcp_flags & 18 = 18) AS first_ok
    FROM {flows} f WHERE ts >= $1 AND ts < $2 AND proto = 6 GROUP BY 1, 2),
host AS (
    SELECT src_addr, count(*) AS contacts, count(*) FILTER (WHERE first_ok IS DISTINCT FROM first) AS failed,
           min(first) AS first, max(last) AS last, sum(flows) AS flows, sum(bytes) AS bytes
    FROM pair GROUP BY 1),
llr AS (
    SELECT *, failed * ln((1 - $3[3]) / (1 - $3[2])) + (contacts - failed) * ln($3[3] / $3[2]) AS llr FROM host)
SELECT flow.severity_of(llr / $3[1], '{0,1,4,16}'), llr, src_addr, NULL::inet, NULL::integer,
       first, last, flows, bytes, jsonb_build_object('contacts', contacts, 'failed', failed)
FROM llr WHERE llr > $3[1]$q$),

('flood_syn', '{ts,src_addr,dst_addr,dst_port,proto,tcp_flags,packets,bytes}', '{}',
 '10 min', '240 min', '1 min', '1 min', '{100}',
$q$SELECT flow.severity_of(max(n) / $3[1], '{0,0,1,10}'), max(n), NULL::inet, dst_addr, dst_port,
       min(first), max(last), sum(n), sum(bytes),
       jsonb_build_object('sources', max(sources), 'packets_per_s', max(packets) / extract(epoch FROM $4)::float8, 'minutes', count(*))
FROM (SELECT date_bin($4, ts, $1) AS b, dst_addr, dst_port, count(*) AS n, count(DISTINCT src_addr) AS sources,
             sum(packets) AS packets, sum(bytes) AS bytes, min(ts) AS first, max(ts) AS last
      FROM {flows} f
      WHERE ts >= $1 AND ts < $2 AND proto = 6 AND tcp_flags & 2 = 2 AND tcp_flags & 16 = 0
      GROUP BY 1, 2, 3 HAVING count(*) > $3[1]) x
GROUP BY dst_addr, dst_port$q$),

('flood_udp', '{ts,src_addr,dst_addr,proto,packets,bytes}', '{}',
 '10 min', '240 min', '1 min', '1 min', '{10000}',
$q$SELECT flow.severity_of(max(packets) / extract(epoch FROM $4)::float8 / $3[1], '{0,0,1,10}'),
       max(packets) / extract(epoch FROM $4)::float8, NULL::inet, dst_addr, NULL::integer,
       min(first), max(last), sum(n), sum(bytes), jsonb_build_object('sources', max(sources), 'minutes', count(*))
FROM (SELECT date_bin($4, ts, $1) AS b, dst_addr, count(*) AS n, count(DISTINCT src_addr) AS sources,
             sum(packets) AS packets, sum(bytes) AS bytes, min(ts) AS first, max(ts) AS last
      FROM {flows} f WHERE ts >= $1 AND ts < $2 AND proto = 17
      GROUP BY 1, 2 HAVING sum(packets) > $3[1] * extract(epoch FROM $4)::float8) x
GROUP BY dst_addr$q$),

('flood_icmp', '{ts,src_addr,dst_addr,proto,packets,bytes}', '{}',
 '10 min', '240 min', '1 min', '1 min', '{1000}',
$q$SELECT flow.severity_of(max(packets) / extract(epoch FROM $4)::float8 / $3[1], '{0,0,1,10}'),
       max(packets) / extract(epoch FROM $4)::float8, NULL::inet, dst_addr, NULL::integer,
       min(first), max(last), sum(n), sum(bytes), jsonb_build_object('sources', max(sources), 'minutes', count(*))
FROM (SELECT date_bin($4, ts, $1) AS b, dst_addr, count(*) AS n, count(DISTINCT src_addr) AS sources,
             sum(packets) AS packets, sum(bytes) AS bytes, min(ts) AS first, max(ts) AS last
      FROM {flows} f WHERE ts >= $1 AND ts < $2 AND proto IN (1, 58)
      GROUP BY 1, 2 HAVING sum(packets) > $3[1] * extract(epoch FROM $4)::float8) x
GROUP BY dst_addr$q$),

('flood_amplification', '{ts,src_addr,dst_addr,src_port,proto,packets,bytes}', '{}',
 '10 min', '240 min', '1 min', '1 min', '{50}',
$q$SELECT flow.severity_of(max(n) / $3[1], '{0,0,1,10}'), max(n), NULL::inet, dst_addr, NULL::integer,
       min(first), max(last), sum(flows), sum(bytes),
       jsonb_build_object('src_port', src_port, 'reflectors', max(n),
           'bits_per_s', max(bytes) * 8 / extract(epoch FROM $4)::float8, 'bytes_per_packet', round(sum(bytes) / nullif(sum(packets), 0)))
FROM (SELECT date_bin($4, ts, $1) AS b, dst_addr, src_port, count(DISTINCT src_addr) AS n, count(*) AS flows,
             sum(packets) AS packets, sum(bytes) AS bytes, min(ts) AS first, max(ts) AS last
      FROM {flows} f
      WHERE ts >= $1 AND ts < $2 AND proto = 17 AND src_port IN (19, 53, 111, 123, 161, 389, 1900, 11211)
      GROUP BY 1, 2, 3 HAVING count(DISTINCT src_addr) > $3[1]) x
GROUP BY dst_addr, src_port$q$),

('bruteforce', '{ts,duration_ms,src_addr,dst_addr,dst_port,proto,bytes}', '{}',
 '10 min', '240 min', '10 min', '240 min', '{30}',
$q$SELECT flow.severity_of(max(n) / $3[1], '{0,0,1,10}'), max(n), src_addr, dst_addr, dst_port,
       min(first), max(last), sum(n), sum(bytes),
       jsonb_build_object('attempts', max(n), 'mean_ms', round(sum(ms) / sum(n)), 'bytes_per_try', round(sum(bytes) / sum(n)))
FROM (SELECT date_bin($4, ts, $1) AS b, src_addr, dst_addr, dst_port, count(*) AS n, sum(duration_ms) AS ms,
             sum(bytes) AS bytes, min(ts) AS first, max(ts) AS last
      FROM {flows} f
      WHERE ts >= $1 AND ts < $2 AND proto = 6 AND dst_port IN (21, 22, 23, 445, 1433, 3389, 5900)
      GROUP BY 1, 2, 3, 4 HAVING count(*) > $3[1]) x
GROUP BY src_addr, dst_addr, dst_port$q$),

('beacon', '{ts,src_addr,dst_addr,dst_port,bytes}', '{}',
 '24 hours', '24 hours', '24 hours', '24 hours', '{0.5,4}',
$q$WITH k AS MATERIALIZED (
    SELECT src_addr, dst_addr, dst_port FROM {flows} f
    WHERE ts >= $1 AND ts < $2 AND flow.is_internal(src_addr) AND NOT flow.is_internal(dst_addr)
    GROUP BY 1, 2, 3 HAVING count(*) >= $3[2]),
p AS (
    SELECT f.src_addr, f.dst_addr, f.dst_port, min(f.ts) AS first, max(f.ts) AS last, sum(f.bytes) AS bytes,
           flow.beacon_parts(f.ts, f.bytes) AS p
    FROM {flows} f JOIN k USING (src_addr, dst_addr, dst_port) WHERE f.ts >= $1 AND f.ts < $2 GROUP BY 1, 2, 3)
SELECT CASE WHEN (p).is_strobe THEN flow.severity 'high'
            ELSE flow.severity_of((p).score, '{0.7,0.9,1.0}') END,
       CASE WHEN (p).is_strobe THEN 1 ELSE (p).score END, src_addr, dst_addr, dst_port, first, last, (p).connections, bytes,
       jsonb_build_object('strobe', (p).is_strobe, 'timestamps', (p).timestamps, 'data_size', (p).data_size,
           'histogram', (p).histogram, 'duration', (p).duration)
FROM p WHERE (p).is_strobe OR (p).score >= $3[1]$q$),

('long_connection', '{ts,duration_ms,src_addr,dst_addr,src_port,dst_port,proto,bytes}', '{}',
 '24 hours', '24 hours', '24 hours', '24 hours', '{3600,60}',
$q$SELECT flow.severity_of(ms / 1000::float8, '{14400,28800,43200}'), ms / 1000::float8, src_addr, dst_addr, dst_port, first, last, flows, bytes,
       jsonb_build_object('proto', proto, 'src_port', src_port, 'longest_s', longest / 1000::float8)
FROM (SELECT src_addr, dst_addr, src_port, dst_port, proto, sum(duration_ms) AS ms, max(duration_ms) AS longest,
             count(*) AS flows, sum(bytes) AS bytes, min(ts) AS first, max(ts) AS last
      FROM {flows} f
      WHERE ts >= $1 AND ts < $2 AND duration_ms >= $3[2] * 1000 AND NOT flow.is_internal(dst_addr)
      GROUP BY 1, 2, 3, 4, 5 HAVING sum(duration_ms) >= $3[1] * 1000) x$q$),

('exfiltration', '{ts,src_addr,dst_addr,bytes}', '{}',
 '1 hour', '24 hours', '1 hour', '1 hour', '{3,100000000}',
$q$WITH d AS (
    SELECT src_addr, date_bin('1 hour', ts, '2000-01-01 00:00+00') AS h, sum(bytes) AS sent, count(*) AS flows,
           min(ts) AS first, max(ts) AS last
    FROM {flows} f
    WHERE ts >= $1 - interval '30 days' AND ts < date_bin('1 hour', $2, '2000-01-01 00:00+00')
    AND flow.is_internal(src_addr) AND NOT flow.is_internal(dst_addr) GROUP BY 1, 2),
k AS (SELECT DISTINCT src_addr FROM d WHERE sent > $3[2] AND h + interval '1 hour' > $1),
w AS (
    SELECT d.*, avg(sent) OVER w AS usual, stddev(sent) OVER w AS sd, count(*) OVER w AS hours
    FROM d JOIN k USING (src_addr)
    WINDOW w AS (PARTITION BY src_addr ORDER BY h ROWS BETWEEN 720 PRECEDING AND 1 PRECEDING)),
x AS (
    SELECT *, (sent - usual) / nullif(sd, 0) AS z FROM w
    WHERE h + interval '1 hour' > $1 AND sent > $3[2] AND sent > $3[1] * coalesce(usual, 0))
SELECT flow.severity_of(max(sent) / $3[2]::numeric, '{0,1,10,100}'), max(sent), src_addr, NULL::inet, NULL::integer,
       min(first), max(last), sum(flows), sum(sent),
       jsonb_build_object('hours', count(*), 'usual', round(min(usual)), 'z', max(z), 'history_hours', min(hours))
FROM x GROUP BY src_addr$q$),

('dns_tunnel', '{ts,src_addr,dst_addr,dst_port,bytes,dns_query}', '{}',
 '24 hours', '24 hours', '24 hours', '24 hours', '{100,30}',
$q$WITH k AS MATERIALIZED (
    SELECT src_addr FROM {flows} f WHERE ts >= $1 AND ts < $2 AND dst_port = 53
    GROUP BY 1 HAVING count(DISTINCT dns_query) > $3[1])
SELECT flow.severity_of(n, '{0,500,800,1000}'), n, src_addr, resolver, 53, first, last, flows, bytes,
       jsonb_build_object('domain', domain, 'subdomains', n, 'mean_length', len, 'resolvers', resolvers)
FROM (SELECT src_addr, regexp_replace(dns_query, '^.*?([^.]+\.[^.]+)$', '\1') AS domain, count(DISTINCT dns_query) AS n,
             count(*) AS flows, sum(bytes) AS bytes, min(ts) AS first, max(ts) AS last,
             CASE WHEN min(dst_addr) = max(dst_addr) THEN min(dst_addr) END AS resolver,
             count(DISTINCT dst_addr) AS resolvers, round(avg(length(dns_query))) AS len
      FROM {flows} f JOIN k USING (src_addr)
      WHERE ts >= $1 AND ts < $2 AND dst_port = 53 AND dns_query IS NOT NULL
      GROUP BY 1, 2 HAVING count(DISTINCT dns_query) > $3[1] AND avg(length(dns_query)) >= $3[2]) x$q$),

('lateral', '{ts,src_addr,dst_addr,dst_port,bytes}', '{}',
 '1 hour', '4 hours', '1 hour', '4 hours', '{1,10}',
$q$WITH p AS (
    SELECT src_addr, dst_addr, dst_port, min(ts) AS first, max(ts) AS last, count(*) AS flows, sum(bytes) AS bytes
    FROM {flows} f
    WHERE ts >= $1 AND ts < $2 AND flow.is_internal(src_addr) AND flow.is_internal(dst_addr)
    AND dst_port IN (22, 135, 445, 3389, 5985) GROUP BY 1, 2, 3),
before AS MATERIALIZED (
    SELECT src_addr, dst_addr, dst_port FROM {flows} f
    WHERE ts >= $1 - interval '30 days' AND ts < $1 AND flow.is_internal(dst_addr)
    AND dst_port IN (22, 135, 445, 3389, 5985) GROUP BY 1, 2, 3),
n AS (
    SELECT p.*, count(*) OVER (PARTITION BY p.src_addr, p.dst_port) AS targets FROM p
    WHERE NOT EXISTS (SELECT FROM before b
                      WHERE b.src_addr = p.src_addr AND b.dst_addr = p.dst_addr AND b.dst_port = p.dst_port)
    AND NOT EXISTS (SELECT FROM (SELECT dst_addr, dst_port FROM before GROUP BY 1, 2 HAVING count(*) >= $3[2]) b
                    WHERE b.dst_addr = p.dst_addr AND b.dst_port = p.dst_port))
SELECT CASE WHEN EXISTS (SELECT FROM before) THEN flow.severity_of(targets, '{3,5,10,100}') ELSE 'info' END, targets,
       src_addr, dst_addr, dst_port, first, last, flows, bytes, jsonb_build_object('new_targets', targets)
FROM n WHERE targets >= $3[1]$q$),

('rare_destination', '{ts,src_addr,dst_addr,bytes}', '{}',
 '24 hours', '24 hours', '24 hours', '24 hours', '{0.02}',
$q$WITH p AS (
    SELECT dst_addr, count(DISTINCT src_addr) AS clients, sum(bytes) AS bytes, count(*) AS flows,
           min(ts) AS first, max(ts) AS last, min(src_addr) AS one
    FROM {flows} f
    WHERE ts >= $1 AND ts < $2 AND flow.is_internal(src_addr) AND NOT flow.is_internal(dst_addr) GROUP BY 1),
h AS (SELECT count(DISTINCT src_addr) AS hosts FROM {flows} f WHERE ts >= $1 AND ts < $2 AND flow.is_internal(src_addr))
SELECT flow.severity 'info', bytes, CASE WHEN clients = 1 THEN one END, dst_addr, NULL::integer, first, last, flows, bytes,
       jsonb_build_object('clients', clients, 'internal_hosts', hosts)
FROM p, h WHERE clients <= greatest(1, $3[1] * hosts)$q$),

('change', '{ts,src_addr,bytes}', '{}',
 '15 min', '240 min', '15 min', '240 min', '{20}',
$q$WITH c AS (
    SELECT src_addr, sum(bytes) FILTER (WHERE ts >= $1) AS cur, sum(bytes) FILTER (WHERE ts < $1) AS prev,
           count(*) FILTER (WHERE ts >= $1) AS flows, min(ts) AS first, max(ts) AS last
    FROM {flows} f WHERE ts >= $1 - ($2 - $1) AND ts < $2 GROUP BY 1)
SELECT flow.severity 'info', abs(coalesce(cur, 0) - coalesce(prev, 0)), src_addr, NULL::inet, NULL::integer, first, last, flows,
       coalesce(cur, 0), jsonb_build_object('now', cur, 'before', prev, 'delta', coalesce(cur, 0) - coalesce(prev, 0))
FROM c ORDER BY 2 DESC, src_addr LIMIT $3[1]::bigint$q$),

('entropy_shift', '{ts,src_addr,dst_addr,dst_port,bytes}', '{}',
 '1 hour', '24 hours', '1 min', '1 min', '{5,60}',
$q$WITH e AS (
    SELECT date_bin($4, ts, $1) AS t, flow.entropy(src_addr) AS h_src, flow.entropy(dst_addr) AS h_dst,
           flow.entropy(dst_port) AS h_port, count(*) AS flows, sum(bytes) AS bytes, min(ts) AS first, max(ts) AS last
    FROM {flows} f WHERE ts >= $1 - $3[2] * $4 AND ts < $2 GROUP BY 1),
r AS (SELECT *, row_number() OVER (ORDER BY t) AS i FROM e),
z AS (
    SELECT r.*, (r.h_src - b.m_src) / nullif(b.s_src, 0) AS z_src, (r.h_dst - b.m_dst) / nullif(b.s_dst, 0) AS z_dst,
           (r.h_port - b.m_port) / nullif(b.s_port, 0) AS z_port, b.n
    FROM r, LATERAL (SELECT avg(h_src) AS m_src, stddev(h_src) AS s_src, avg(h_dst) AS m_dst, stddev(h_dst) AS s_dst,
                            avg(h_port) AS m_port, stddev(h_port) AS s_port, count(*) AS n
                     FROM r o WHERE o.i < r.i AND o.i >= r.i - $3[2]) b
    WHERE r.t >= $1)
SELECT flow.severity_of(greatest(abs(z_src), abs(z_dst), abs(z_port)) / $3[1], '{0,2,4,100}'),
       greatest(abs(z_src), abs(z_dst), abs(z_port)), NULL::inet, NULL::inet, NULL::integer, first, last, flows, bytes,
       jsonb_build_object('h_src', h_src, 'h_dst', h_dst, 'h_dst_port', h_port, 'z_src', z_src, 'z_dst', z_dst, 'z_dst_port', z_port)
FROM z WHERE n >= $3[2] / 2 AND greatest(abs(z_src), abs(z_dst), abs(z_port)) >= $3[1]$q$),

('tls_oddity', '{ts,src_addr,dst_addr,dst_port,bytes,ja4,tls_version}', '{ja3,sni}',
 '24 hours', '24 hours', '24 hours', '24 hours', '{2,5,771}',
$q$WITH j AS (
    SELECT ja4 FROM {flows} f WHERE ts >= $1 AND ts < $2 AND ja4 IS NOT NULL AND flow.is_internal(src_addr)
    GROUP BY 1 HAVING count(DISTINCT src_addr) <= $3[1] AND count(*) >= $3[2]),
o AS (
    SELECT 'rare_ja4' AS why, f.src_addr, f.dst_addr, f.dst_port, f.ja4, f.tls_version, f.ts, f.bytes, f.ja3, f.sni
    FROM {flows} f JOIN j USING (ja4) WHERE f.ts >= $1 AND f.ts < $2 AND flow.is_internal(f.src_addr)
    UNION ALL
    SELECT 'old_version', src_addr, dst_addr, dst_port, ja4, tls_version, ts, bytes, ja3, sni
    FROM {flows} f WHERE ts >= $1 AND ts < $2 AND tls_version < $3[3] AND flow.is_internal(src_addr))
SELECT CASE why WHEN 'rare_ja4' THEN flow.severity 'low' ELSE flow.severity 'info' END, count(*),
       src_addr, dst_addr, dst_port, min(ts), max(ts), count(*), sum(bytes),
       jsonb_build_object('why', why, 'ja4', min(ja4), 'ja3', min(ja3), 'sni', min(sni), 'tls_version', min(tls_version))
FROM o GROUP BY why, src_addr, dst_addr, dst_port$q$),

('service_health', '{ts,src_addr,dst_addr,src_port,dst_port,proto,tcp_flags,bytes}', '{}',
 '10 min', '240 min', '10 min', '240 min', '{0.5,20}',
$q$WITH q AS (
    SELECT dst_addr AS server, dst_port AS port, proto, count(*) AS requests, count(DISTINCT src_addr) AS clients,
           sum(bytes) AS bytes, min(ts) AS first, max(ts) AS last
    FROM {flows} f
    WHERE ts >= $1 AND ts < $2 AND flow.is_internal(dst_addr)
    AND (proto = 6 AND dst_port < 1024 OR proto = 17 AND dst_port IN (53, 67, 123, 389, 1812)) AND proto IN (6, 17)
    GROUP BY 1, 2, 3 HAVING count(*) >= $3[2]),
a AS (
    SELECT f.src_addr AS server, f.src_port AS port, f.proto, count(*) FILTER (WHERE f.ts >= $1) AS answers
    FROM {all} f JOIN q ON q.server = f.src_addr AND q.port = f.src_port AND q.proto = f.proto
    WHERE f.ts >= $1 - interval '24 hours' AND f.ts < $2 + interval '2 min' AND (f.proto <> 6 OR f.tcp_flags & 18 = 18) GROUP BY 1, 2, 3)
SELECT flow.severity_of(1 - answers / requests::float8, '{0,0.9,1,2}'), 1 - answers / requests::float8,
       NULL::inet, server, port, first, last, requests, bytes,
       jsonb_build_object('proto', proto, 'requests', requests, 'answers', answers, 'clients', clients)
FROM q JOIN a USING (server, port, proto) WHERE answers < requests * $3[1]$q$)
$$;

COMMENT ON FUNCTION flow.detections() IS
'The named detections: the columns of the table that they need and those that they
use if they are there; the times that they look at by default, and the pieces of it
in which they count, fast and slow; the thresholds that stand for NULL; the query.
flow.find runs them.';
