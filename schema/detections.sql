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
$q$WITH many AS MATERIALIZED (
    SELECT DISTINCT src_addr, dst_port
    FROM (SELECT src_addr, dst_port FROM {flows} f WHERE ts >= $1 AND ts < $2 AND packets <= 3
          GROUP BY date_bin($4, ts, $1), src_addr, proto, dst_port HAVING count(*) >= $3[1]) x),
c AS MATERIALIZED (
    SELECT date_bin($4, ts, $1) AS b, src_addr, proto, dst_port, count(DISTINCT dst_addr) AS n,
           count(*) AS flows, sum(bytes) AS bytes, min(ts) AS first, max(ts) AS last
    FROM {flows} f WHERE ts >= $1 AND ts < $2 AND packets <= 3 AND (proto NOT IN (1, 58) OR dst_port IN (2048, 32768))
    AND src_addr = ANY (ARRAY(SELECT src_addr FROM many)) AND dst_port = ANY (ARRAY(SELECT dst_port FROM many))
    GROUP BY 1, 2, 3, 4 HAVING count(DISTINCT dst_addr) >= $3[1]),
a AS (
    SELECT date_bin($4, ts, $1) AS b, dst_addr AS src_addr, proto, src_port AS dst_port, count(DISTINCT src_addr) AS n
    FROM {all} f WHERE ts >= $1 AND ts < $2 AND proto NOT IN (1, 58) AND (proto <> 6 OR tcp_flags & 18 = 18)
    AND dst_addr = ANY (ARRAY(SELECT src_addr FROM c)) AND src_port = ANY (ARRAY(SELECT dst_port FROM c))
    GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT b, src_addr, proto, CASE proto WHEN 1 THEN 2048 ELSE 32768 END, n
    FROM (SELECT date_bin($4, ts, $1) AS b, dst_addr AS src_addr, proto, count(DISTINCT src_addr) AS n
          FROM {all} f WHERE ts >= $1 AND ts < $2 AND (proto = 1 AND dst_port = 0 OR proto = 58 AND dst_port = 33024)
          AND dst_addr = ANY (ARRAY(SELECT src_addr FROM c)) GROUP BY 1, 2, 3) x)
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
    FROM {flows} f WHERE ts >= $1 AND ts < $2 AND packets <= 3 AND proto NOT IN (1, 58)
    GROUP BY 1, 2, 3 HAVING count(DISTINCT dst_port) >= $3[1]),
a AS (
    SELECT date_bin($4, ts, $1) AS b, dst_addr AS src_addr, src_addr AS dst_addr, count(DISTINCT src_port) AS n
    FROM {all} f WHERE ts >= $1 AND ts < $2 AND (proto <> 6 OR tcp_flags & 18 = 18)
    AND dst_addr = ANY (ARRAY(SELECT src_addr FROM c)) AND src_addr = ANY (ARRAY(SELECT dst_addr FROM c))
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
    FROM {flows} f WHERE ts >= $1 AND ts < $2 AND packets <= 3 AND proto NOT IN (1, 58)
    GROUP BY 1, 2 HAVING count(DISTINCT dst_port) >= $3[1] AND count(DISTINCT src_addr) >= $3[3]),
a AS (
    SELECT date_bin($4, ts, $1) AS b, src_addr AS dst_addr, count(DISTINCT src_port) AS n
    FROM {all} f WHERE ts >= $1 AND ts < $2 AND (proto <> 6 OR tcp_flags & 18 = 18)
    AND src_addr = ANY (ARRAY(SELECT dst_addr FROM c))
    GROUP BY 1, 2),
open AS MATERIALIZED (
    SELECT c.*, coalesce(a.n, 0) AS answered FROM c LEFT JOIN a USING (b, dst_addr)
    WHERE coalesce(a.n, 0) <= c.n * (1 - $3[2])),
one AS (
    SELECT b, dst_addr, max(n) AS n
    FROM (SELECT date_bin($4, ts, $1) AS b, dst_addr, src_addr, count(DISTINCT dst_port) AS n
          FROM {flows} f WHERE ts >= $1 AND ts < $2 AND packets <= 3 AND proto NOT IN (1, 58)
          AND dst_addr = ANY (ARRAY(SELECT dst_addr FROM open))
          GROUP BY 1, 2, 3) x
    GROUP BY 1, 2)
SELECT flow.severity_of(max(c.n) / $3[1], '{0,1,4,16}'), max(c.n), NULL::inet, c.dst_addr, NULL::integer,
       min(c.first), max(c.last), sum(c.flows), sum(c.bytes),
       jsonb_build_object('ports', max(c.n), 'sources', max(c.sources), 'answered', max(c.answered),
           'ports_of_one', max(one.n))
FROM open c JOIN one USING (b, dst_addr)
WHERE one.n * 2 <= c.n
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
 '10 min', '240 min', '1 min', '1 min', '{10000,0.1}',
$q$WITH c AS MATERIALIZED (
    SELECT date_bin($4, ts, $1) AS b, dst_addr FROM {flows} f WHERE ts >= $1 AND ts < $2 AND proto = 17
    GROUP BY 1, 2 HAVING sum(packets) > $3[1] * extract(epoch FROM $4)::float8),
p AS (
    SELECT date_bin($4, ts, $1) AS b, dst_addr, src_addr, count(*) AS n, sum(packets) AS packets, sum(bytes) AS bytes,
           min(ts) AS first, max(ts) AS last
    FROM {flows} f WHERE ts >= $1 AND ts < $2 AND proto = 17 AND dst_addr = ANY (ARRAY(SELECT dst_addr FROM c))
    GROUP BY 1, 2, 3),
back AS (
    SELECT date_bin($4, ts, $1) AS b, src_addr AS dst_addr, dst_addr AS src_addr, sum(packets) AS packets
    FROM {all} f WHERE ts >= $1 AND ts < $2 AND proto = 17 AND src_addr = ANY (ARRAY(SELECT dst_addr FROM c))
    GROUP BY 1, 2, 3),
-- an answer may begin in the next minute
a AS (
    SELECT b, dst_addr, src_addr, sum(packets) AS packets
    FROM (SELECT * FROM back UNION ALL SELECT b - $4, dst_addr, src_addr, packets FROM back) x GROUP BY 1, 2, 3)
SELECT flow.severity_of(max(packets) / extract(epoch FROM $4)::float8 / $3[1], '{0,0,1,10}'),
       max(packets) / extract(epoch FROM $4)::float8, NULL::inet, dst_addr, NULL::integer,
       min(first), max(last), sum(n), sum(bytes), jsonb_build_object('sources', max(sources), 'minutes', count(*))
FROM (SELECT p.b, p.dst_addr, sum(p.n) AS n, count(*) AS sources, sum(p.packets) AS packets, sum(p.bytes) AS bytes,
             min(p.first) AS first, max(p.last) AS last
      FROM p JOIN c USING (b, dst_addr) LEFT JOIN a USING (b, dst_addr, src_addr)
      WHERE coalesce(a.packets, 0) < p.packets * $3[2]
      GROUP BY 1, 2 HAVING sum(p.packets) > $3[1] * extract(epoch FROM $4)::float8) x
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

('flood_amplification', '{ts,src_addr,dst_addr,src_port,dst_port,proto,packets,bytes}', '{}',
 '10 min', '240 min', '1 min', '1 min', '{50}',
$q$WITH c AS MATERIALIZED (
    SELECT date_bin($4, ts, $1) AS b, dst_addr, src_port
    FROM {flows} f
    WHERE ts >= $1 AND ts < $2 AND proto = 17 AND src_port IN (19, 53, 111, 123, 161, 389, 1900, 11211)
    GROUP BY 1, 2, 3 HAVING count(DISTINCT src_addr) > $3[1]),
r AS (
    SELECT date_bin($4, ts, $1) AS b, dst_addr, src_port, src_addr, count(*) AS flows,
           sum(packets) AS packets, sum(bytes) AS bytes, min(ts) AS first, max(ts) AS last
    FROM {flows} f
    WHERE ts >= $1 AND ts < $2 AND proto = 17 AND src_port IN (19, 53, 111, 123, 161, 389, 1900, 11211)
    AND dst_addr = ANY (ARRAY(SELECT dst_addr FROM c)) GROUP BY 1, 2, 3, 4),
asked AS (
    SELECT date_bin($4, ts, $1) AS b, src_addr AS dst_addr, dst_port AS src_port, dst_addr AS src_addr
    FROM {all} f
    WHERE ts >= $1 - $4 AND ts < $2 AND proto = 17 AND dst_port IN (19, 53, 111, 123, 161, 389, 1900, 11211)
    AND src_addr = ANY (ARRAY(SELECT dst_addr FROM c)) GROUP BY 1, 2, 3, 4),
-- in this minute or the one before
a AS (SELECT * FROM asked UNION SELECT b + $4, dst_addr, src_port, src_addr FROM asked)
SELECT flow.severity_of(max(n) / $3[1], '{0,0,1,10}'), max(n), NULL::inet, dst_addr, NULL::integer,
       min(first), max(last), sum(flows), sum(bytes),
       jsonb_build_object('src_port', src_port, 'reflectors', max(n),
           'bits_per_s', max(bytes) * 8 / extract(epoch FROM $4)::float8, 'bytes_per_packet', round(sum(bytes) / nullif(sum(packets), 0)))
FROM (SELECT r.b, r.dst_addr, r.src_port, count(*) AS n, sum(r.flows) AS flows, sum(r.packets) AS packets,
             sum(r.bytes) AS bytes, min(r.first) AS first, max(r.last) AS last
      FROM r JOIN c USING (b, dst_addr, src_port)
      WHERE NOT EXISTS (SELECT FROM a WHERE a.b = r.b AND a.dst_addr = r.dst_addr AND a.src_port = r.src_port AND a.src_addr = r.src_addr)
      GROUP BY 1, 2, 3 HAVING count(*) > $3[1]) x
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
 '24 hours', '24 hours', '24 hours', '24 hours', '{0.5,4,0.65}',
$q$WITH k AS MATERIALIZED (
    SELECT src_addr, dst_addr, dst_port FROM {flows} f
    WHERE ts >= $1 AND ts < $2 AND flow.is_internal(src_addr) AND NOT flow.is_internal(dst_addr)
    GROUP BY 1, 2, 3 HAVING count(*) >= $3[2]),
p AS (
    SELECT f.src_addr, f.dst_addr, f.dst_port, min(f.ts) AS first, max(f.ts) AS last, sum(f.bytes) AS bytes,
           flow.beacon_parts(f.ts, f.bytes) AS p
    FROM {flows} f
    JOIN unnest(ARRAY(SELECT src_addr FROM k), ARRAY(SELECT dst_addr FROM k), ARRAY(SELECT dst_port FROM k))
        k(src_addr, dst_addr, dst_port) USING (src_addr, dst_addr, dst_port)
    WHERE f.ts >= $1 AND f.ts < $2 AND flow.is_internal(f.src_addr) AND NOT flow.is_internal(f.dst_addr) GROUP BY 1, 2, 3)
SELECT CASE WHEN (p).is_strobe THEN flow.severity 'high'
            ELSE flow.severity_of((p).score, '{0.7,0.9,1.0}') END,
       CASE WHEN (p).is_strobe THEN 1 ELSE (p).score END, src_addr, dst_addr, dst_port, first, last, (p).connections, bytes,
       jsonb_build_object('strobe', (p).is_strobe, 'timestamps', (p).timestamps, 'data_size', (p).data_size,
           'histogram', (p).histogram, 'duration', (p).duration)
FROM p
-- what random times reach: more if there are few of them, or if most gaps are of a few seconds
WHERE (p).is_strobe OR (p).score >= $3[1] AND ($3[3] = 0 OR (p).timestamps >=
    greatest($3[3], least(0.825, 0.525 + 2.1 / sqrt((p).connections)), CASE WHEN last - first < (p).connections * interval '10 s' THEN 0.8 END))$q$),

('long_connection', '{ts,duration_ms,src_addr,dst_addr,src_port,dst_port,proto,bytes}', '{}',
 '24 hours', '24 hours', '24 hours', '24 hours', '{3600,60}',
$q$SELECT flow.severity_of(ms / 1000::float8, '{14400,28800,43200}'), ms / 1000::float8, src_addr, dst_addr, dst_port, first, last, flows, bytes,
       jsonb_build_object('proto', proto, 'src_port', src_port, 'longest_s', longest / 1000::float8)
FROM (SELECT src_addr, dst_addr, src_port, dst_port, proto, sum(duration_ms) AS ms, max(duration_ms) AS longest,
             count(*) AS flows, sum(bytes) AS bytes, min(ts) AS first, max(ts) AS last
      FROM {flows} f
      WHERE ts >= $1 AND ts < $2 AND duration_ms >= $3[2] * 1000 AND NOT flow.is_internal(dst_addr)
      GROUP BY 1, 2, 3, 4, 5 HAVING sum(duration_ms) >= $3[1] * 1000) x$q$),

('exfiltration', '{ts,src_addr,dst_addr,src_port,dst_port,proto,bytes}', '{}',
 '1 hour', '24 hours', '1 hour', '1 hour', '{3,100000000}',
-- not counted: answers of inside services, from a port below 1024 to one from 1024 on, and tunnels, GRE and ESP
$q$WITH d AS (
    SELECT src_addr, date_bin('1 hour', ts, '2000-01-01 00:00+00') AS h, sum(bytes) AS sent
    FROM {flows} f
    WHERE ts >= $1 - interval '30 days' AND ts < date_bin('1 hour', $2, '2000-01-01 00:00+00')
    AND flow.is_internal(src_addr) AND NOT flow.is_internal(dst_addr)
    AND (src_port >= 1024 OR dst_port < 1024) AND proto NOT IN (47, 50) GROUP BY 1, 2),
k AS (SELECT DISTINCT src_addr FROM d WHERE sent > $3[2] AND h + interval '1 hour' > $1),
w AS (
    SELECT d.*, avg(sent) OVER w AS usual, stddev(sent) OVER w AS sd, count(*) OVER w AS hours
    FROM d JOIN k USING (src_addr)
    WINDOW w AS (PARTITION BY src_addr ORDER BY h ROWS BETWEEN 720 PRECEDING AND 1 PRECEDING)),
x AS MATERIALIZED (
    SELECT * FROM w
    WHERE h + interval '1 hour' > $1 AND sent > $3[2] AND sent > $3[1] * coalesce(usual, 0)),
p AS (
    SELECT src_addr, date_bin('1 hour', ts, '2000-01-01 00:00+00') AS h, dst_addr, sum(bytes) AS sent, count(*) AS flows,
           min(ts) AS first, max(ts) AS last
    FROM {flows} f
    WHERE ts >= date_bin('1 hour', $1, '2000-01-01 00:00+00') AND ts < date_bin('1 hour', $2, '2000-01-01 00:00+00')
    AND src_addr = ANY (ARRAY(SELECT src_addr FROM x)) AND NOT flow.is_internal(dst_addr)
    AND (src_port >= 1024 OR dst_port < 1024) AND proto NOT IN (47, 50) GROUP BY 1, 2, 3),
back AS (
    SELECT dst_addr AS src_addr, date_bin('1 hour', ts, '2000-01-01 00:00+00') AS h, src_addr AS dst_addr, sum(bytes) AS bytes
    FROM {all} f
    WHERE ts >= date_bin('1 hour', $1, '2000-01-01 00:00+00') AND ts < date_bin('1 hour', $2, '2000-01-01 00:00+00')
    AND dst_addr = ANY (ARRAY(SELECT src_addr FROM x)) AND NOT flow.is_internal(src_addr) GROUP BY 1, 2, 3),
up AS (
    SELECT src_addr, h, sum(p.sent) AS sent, count(*) AS targets, sum(p.flows) AS flows, min(p.first) AS first, max(p.last) AS last
    FROM p LEFT JOIN back USING (src_addr, h, dst_addr) WHERE p.sent > coalesce(back.bytes, 0) GROUP BY 1, 2)
SELECT flow.severity_of(max(up.sent) / $3[2]::numeric, '{0,1,10,100}'), max(up.sent), src_addr, NULL::inet, NULL::integer,
       min(up.first), max(up.last), sum(up.flows), sum(up.sent),
       jsonb_build_object('hours', count(*), 'usual', round(min(x.usual)), 'z', max((up.sent - x.usual) / nullif(x.sd, 0)),
           'history_hours', min(x.hours), 'targets', max(up.targets))
FROM x JOIN up USING (src_addr, h) WHERE up.sent > $3[2] AND up.sent > $3[1] * coalesce(x.usual, 0) GROUP BY src_addr$q$),

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
SELECT CASE WHEN EXISTS (SELECT FROM before) AND targets > coalesce(known, 0) THEN flow.severity_of(targets, '{3,5,10,100}')
            ELSE 'info' END, targets,
       src_addr, dst_addr, dst_port, first, last, flows, bytes,
       jsonb_build_object('new_targets', targets, 'known_targets', coalesce(known, 0))
FROM n LEFT JOIN (SELECT src_addr, dst_port, count(*) AS known FROM before GROUP BY 1, 2) b USING (src_addr, dst_port)
WHERE targets >= $3[1]$q$),

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
           (r.h_port - b.m_port) / nullif(b.s_port, 0) AS z_port, b.n, b.usual
    FROM r, LATERAL (SELECT avg(h_src) AS m_src, stddev(h_src) AS s_src, avg(h_dst) AS m_dst, stddev(h_dst) AS s_dst,
                            avg(h_port) AS m_port, stddev(h_port) AS s_port, count(*) AS n,
                            avg(flows) AS usual
                     FROM r o WHERE o.i < r.i AND o.i >= r.i - $3[2]) b
    WHERE r.t >= $1)
SELECT flow.severity_of(greatest(abs(z_src), abs(z_dst), abs(z_port)) / $3[1], '{0,2,4,100}'),
       greatest(abs(z_src), abs(z_dst), abs(z_port)), NULL::inet, NULL::inet, NULL::integer, first, last, flows, bytes,
       jsonb_build_object('h_src', h_src, 'h_dst', h_dst, 'h_dst_port', h_port, 'z_src', z_src, 'z_dst', z_dst, 'z_dst_port', z_port)
FROM z WHERE n >= $3[2] / 2 AND flows * 2 >= usual AND greatest(abs(z_src), abs(z_dst), abs(z_port)) >= $3[1]$q$),

('tls_oddity', '{ts,src_addr,dst_addr,dst_port,bytes,tls_version}', '{src_port,proto,ja3,ja4,sni,entropy}',
 '24 hours', '24 hours', '24 hours', '24 hours', '{2,5,771,5}',
-- client: rows of inside clients, not the answers of servers
$q$WITH j4 AS MATERIALIZED (
    SELECT ja4 FROM {flows} f WHERE ts >= $1 AND ts < $2 AND ja4 IS NOT NULL AND flow.is_internal(src_addr)
    AND (src_port IS NULL OR src_port >= 1024 OR dst_port < 1024)
    GROUP BY 1 HAVING count(DISTINCT src_addr) <= $3[1] AND count(*) >= $3[2]),
j3 AS MATERIALIZED (
    SELECT ja3 FROM {flows} f WHERE ts >= $1 AND ts < $2 AND ja3 IS NOT NULL AND flow.is_internal(src_addr)
    AND (src_port IS NULL OR src_port >= 1024 OR dst_port < 1024)
    GROUP BY 1 HAVING count(DISTINCT src_addr) <= $3[1] AND count(*) >= $3[2]),
o AS (
    SELECT CASE WHEN ja4 = ANY (ARRAY(SELECT ja4 FROM j4)) THEN 'rare_ja4' ELSE 'rare_ja3' END AS why,
           src_addr, dst_addr, dst_port, ja4, tls_version, ts, bytes, ja3, sni
    FROM {flows} f WHERE ts >= $1 AND ts < $2 AND flow.is_internal(src_addr)
    AND (src_port IS NULL OR src_port >= 1024 OR dst_port < 1024)
    AND (ja4 = ANY (ARRAY(SELECT ja4 FROM j4)) OR ja3 = ANY (ARRAY(SELECT ja3 FROM j3)))
    UNION ALL
    SELECT 'old_version', src_addr, dst_addr, dst_port, ja4, tls_version, ts, bytes, ja3, sni
    FROM {flows} f WHERE ts >= $1 AND ts < $2 AND tls_version < $3[3] AND flow.is_internal(src_addr)
    AND (src_port IS NULL OR src_port >= 1024 OR dst_port < 1024)),
e AS MATERIALIZED (
    SELECT src_addr, dst_addr, dst_port, proto, avg(entropy) AS h, count(*) AS flows, sum(bytes) AS bytes, min(ts) AS first, max(ts) AS last
    FROM {flows} f WHERE ts >= $1 AND ts < $2 AND tls_version IS NOT NULL AND entropy IS NOT NULL AND flow.is_internal(src_addr)
    AND (src_port IS NULL OR src_port >= 1024 OR dst_port < 1024)
    GROUP BY 1, 2, 3, 4 HAVING count(*) >= $3[2]),
m AS (SELECT proto, dst_port, percentile_cont(0.5) WITHIN GROUP (ORDER BY h) AS median FROM e GROUP BY 1, 2 HAVING count(*) >= 10),
d AS (
    SELECT m.proto, m.dst_port, m.median, 1.4826 * percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(e.h - m.median)) AS deviation
    FROM e JOIN m ON m.dst_port = e.dst_port AND m.proto IS NOT DISTINCT FROM e.proto GROUP BY 1, 2, 3)
SELECT CASE why WHEN 'old_version' THEN flow.severity 'info' ELSE 'low' END, count(*)::float8,
       src_addr, dst_addr, dst_port, min(ts), max(ts), count(*), sum(bytes),
       jsonb_build_object('why', why, 'ja4', min(ja4), 'ja3', min(ja3), 'sni', min(sni), 'tls_version', min(tls_version))
FROM o GROUP BY why, src_addr, dst_addr, dst_port
UNION ALL
SELECT 'low', e.flows, e.src_addr, e.dst_addr, e.dst_port, e.first, e.last, e.flows, e.bytes,
       jsonb_build_object('why', 'entropy', 'entropy', e.h, 'usual', d.median, 'z', (e.h - d.median) / nullif(d.deviation, 0))
FROM e JOIN d ON d.dst_port = e.dst_port AND d.proto IS NOT DISTINCT FROM e.proto
WHERE abs(e.h - d.median) > $3[4] * d.deviation$q$),

('service_health', '{ts,src_addr,dst_addr,src_port,dst_port,proto,tcp_flags,bytes}', '{}',
 '10 min', '240 min', '10 min', '240 min', '{0.5,20}',
$q$WITH q AS MATERIALIZED (
    SELECT date_bin($4, ts, $1) AS b, dst_addr AS server, dst_port AS port, proto, count(*) AS requests,
           count(DISTINCT src_addr) AS clients, sum(bytes) AS bytes, min(ts) AS first, max(ts) AS last
    FROM {flows} f
    WHERE ts >= $1 AND ts < $2 AND flow.is_internal(dst_addr)
    AND (proto = 6 AND dst_port < 1024 OR proto = 17 AND dst_port IN (53, 67, 123, 389, 1812)) AND proto IN (6, 17)
    GROUP BY 1, 2, 3, 4 HAVING count(*) >= $3[2]),
s AS (
    SELECT date_bin($4, ts, $1) AS b, src_addr AS server, src_port AS port, proto, count(*) AS answers
    FROM {all} f
    WHERE ts >= $1 - interval '24 hours' AND ts < $2 + interval '2 min' AND (proto <> 6 OR tcp_flags & 18 = 18)
    AND src_addr = ANY (ARRAY(SELECT DISTINCT server FROM q)) AND src_port = ANY (ARRAY(SELECT DISTINCT port FROM q))
    GROUP BY 1, 2, 3, 4),
-- those that begin after the end are of the last piece
a AS (
    SELECT least(b, date_bin($4, $2 - interval '1 us', $1)) AS b, server, port, proto, sum(answers) AS answers
    FROM s WHERE b >= $1 GROUP BY 1, 2, 3, 4),
x AS (
    SELECT q.*, coalesce(a.answers, 0) AS answers, 1 - coalesce(a.answers, 0) / requests::float8 AS lost
    FROM q LEFT JOIN a USING (b, server, port, proto)
    WHERE coalesce(a.answers, 0) < requests * $3[1])
SELECT flow.severity_of(max(lost), '{0,0.9,1,2}'), max(lost),
       NULL::inet, server, port, min(first), max(last), sum(requests), sum(bytes),
       jsonb_build_object('proto', proto, 'requests', sum(requests), 'answers', sum(answers), 'clients', max(clients))
FROM x WHERE EXISTS (SELECT FROM s WHERE s.server = x.server AND s.port = x.port AND s.proto = x.proto AND s.b <= x.b)
GROUP BY server, port, proto$q$)
$$;

COMMENT ON FUNCTION flow.detections() IS
'The named detections: the columns of the table that they need and those that they
use if they are there; the times that they look at by default, and the pieces of it
in which they count, fast and slow; the thresholds that stand for NULL; the query.
flow.find runs them.';
