-------------------------------------------------------------------------
-- Named detections, and the hunt for all of them
-------------------------------------------------------------------------

-- Each is flow.find with names for its thresholds: times, speed, direction, columns
-- and errors are as there.  "Measured" in their comments is: in ten million flows of
-- test/bench/detect.sh --seed 11, without the planted ones.

CREATE FUNCTION flow.scans(
    kind text DEFAULT 'horizontal', relation regclass DEFAULT NULL, since timestamp with time zone DEFAULT NULL,
    until timestamp with time zone DEFAULT NULL, speed text DEFAULT 'fast',
    threshold double precision DEFAULT NULL,
    unanswered double precision DEFAULT NULL,
    sources double precision DEFAULT NULL,
    direction text DEFAULT 'any',
    columns jsonb DEFAULT NULL)
RETURNS SETOF flow.finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT * FROM flow.find('scan_' || kind, flow.relation(relation), since, until, speed,
                            CASE kind WHEN 'trw' THEN ARRAY[threshold] ELSE ARRAY[threshold, unanswered, sources] END, direction, columns);
END;

COMMENT ON FUNCTION flow.scans(text, regclass, timestamp with time zone, timestamp with time zone, text, double precision, double precision, double precision, text, jsonb) IS
'Who scans whom.  kind horizontal: a source that tries threshold (32) targets at
one port, or by ICMP echo requests; vertical: threshold (20) ports of one target;
distributed: threshold (20) ports of one target, tried by at least sources (5), none
of which tried more than half of them.  Rows of up to 3 packets
count, in each 10 minutes (fast) or 240 (slow) from since on, as score; at most
1 - unanswered (0.5) of them may be answered: by any row in the other direction,
with TCP by SYN and ACK, with ICMP by an echo reply.  With unanswered 0 answers do not
matter.
kind trw: threshold random walk over the first contacts by TCP of each pair in 1
hour (fast) or 24 (slow): score is the log-likelihood ratio of a scanner, 0.2 of
whose contacts succeed, against others, 0.8 of whose do; found above
threshold (4.595).
Severity: low, medium from 4 times, high from 16 times the threshold.
Sources: 32 targets: ntopng; 10 and 240 minutes: ElastiFlow; 3 packets: a SYN and two
repetitions in the first 3 seconds (RFC 6298, 2.1 and 5.5); 20 ports: measured, at most 8
of a pair by unanswered SYN; 5 sources: more than the 2 with half of the ports each that
the rule allows; unanswered: the mean of 0.2 and 0.8; these and the 4.595 (errors of 0.01):
Jung and others, Fast Portscan Detection Using Sequential Hypothesis Testing, 2004;
echo requests: RFC 792, RFC 4443.';

CREATE FUNCTION flow.floods(
    kind text DEFAULT 'syn', relation regclass DEFAULT NULL, since timestamp with time zone DEFAULT NULL,
    until timestamp with time zone DEFAULT NULL, speed text DEFAULT 'fast',
    threshold double precision DEFAULT NULL,
    direction text DEFAULT 'any',
    columns jsonb DEFAULT NULL)
RETURNS SETOF flow.finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT * FROM flow.find('flood_' || kind, flow.relation(relation), since, until, speed,
                            ARRAY[threshold], direction, columns);
END;

COMMENT ON FUNCTION flow.floods(text, regclass, timestamp with time zone, timestamp with time zone, text, double precision, text, jsonb) IS
'Which target is flooded in any minute, counted from since on, of the last 10 (fast)
or 240 (slow).  kind syn: more than threshold (100) rows with SYN and without ACK
to one port; udp: more than threshold (10000) packets a second, as reported, of
sources to which it sends less than a tenth as many in this minute and the next: what
is answered is a download or load; icmp: more than threshold (1000) packets a second;
amplification: rows from port 19, 53, 111, 123, 161, 389, 1900 or 11211 of
more than threshold (50) reflectors that it asked for nothing at that port in this
minute or the one before.  A row counts in the minute of its ts.  score: the largest
such number.
Severity: medium, high from the threshold, critical from 10 times of it.
Sources: syn: measured, at most 10 a minute; udp: half of threshold_pps of FastNetMon''s
configuration, 20000; a tenth: receivers by QUIC acknowledge every second packet (RFC 9000,
13.2.2), which leaves room for those that do so less often; icmp: a thousand times
what was measured, at most 1 a second; ports: US-CERT TA14-017A; amplification: measured, at most 50 a minute but of resolvers that had asked.';

CREATE FUNCTION flow.bruteforce(
    relation regclass DEFAULT NULL, since timestamp with time zone DEFAULT NULL,
    until timestamp with time zone DEFAULT NULL, speed text DEFAULT 'fast',
    threshold double precision DEFAULT NULL,
    direction text DEFAULT 'any',
    columns jsonb DEFAULT NULL)
RETURNS SETOF flow.finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT * FROM flow.find('bruteforce', flow.relation(relation), since, until, speed,
                            ARRAY[threshold], direction, columns);
END;

COMMENT ON FUNCTION flow.bruteforce(regclass, timestamp with time zone, timestamp with time zone, text, double precision, text, jsonb) IS
'Who tries passwords: more than threshold (30) connections of a pair to TCP port 21,
22, 23, 445, 1433, 3389 or 5900 in 10 minutes (fast) or 240 (slow) from since on;
score: how many.  Severity: high, critical from 10 times the threshold.
Sources: 10 minutes: findtime of fail2ban; 30 is six times its maxretry, since a row may
be a success; measured, at most 7.';

CREATE FUNCTION flow.beacons(
    relation regclass DEFAULT NULL, since timestamp with time zone DEFAULT NULL,
    until timestamp with time zone DEFAULT NULL, speed text DEFAULT 'fast',
    threshold double precision DEFAULT NULL,
    connections double precision DEFAULT NULL,
    regularity double precision DEFAULT NULL,
    columns jsonb DEFAULT NULL)
RETURNS SETOF flow.finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT * FROM flow.find('beacon', flow.relation(relation), since, until, speed,
                            ARRAY[threshold, connections, regularity], 'any', columns);
END;

COMMENT ON FUNCTION flow.beacons(regclass, timestamp with time zone, timestamp with time zone, text, double precision, double precision, double precision, jsonb) IS
'Which inside host calls an outside one at regular times: score is flow.beacon_score
of the pair and port over 24 hours, at least threshold (0.5), from connections (4)
on.  More than 86400 are a strobe, score 1.  The part timestamps must be higher than
that of calls at random times: at least regularity (0.65), of n calls at least
0.525 + 2.1 / sqrt(n), but never more than 0.825 for that, and 0.8 where calls are
less than 10 seconds apart in the mean.  With regularity 0 it does not matter.
Severity: info, low from 0.7, medium from 0.9, high from 1 and of strobes.
Sources: threshold, connections, strobe and severities: RITA.  Regularity: gaps of a
Poisson process have 0.52 in the limit, 0.65 if they are shorter, where the
skewness of gaps within 10 seconds counts as none, and gaps uniform from 0 on have 0.75; in
made series, 4,000 of n = 24, 50 and 100 random gaps each and 800 of 300, one in a
thousand had 0.81, 0.78, 0.73 and 0.67, and of gaps of 5 seconds and n = 300 0.79.';

CREATE FUNCTION flow.long_connections(
    relation regclass DEFAULT NULL, since timestamp with time zone DEFAULT NULL,
    until timestamp with time zone DEFAULT NULL, speed text DEFAULT 'fast',
    seconds double precision DEFAULT NULL,
    piece double precision DEFAULT NULL,
    columns jsonb DEFAULT NULL)
RETURNS SETOF flow.finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT * FROM flow.find('long_connection', flow.relation(relation), since, until, speed,
                            ARRAY[seconds, piece], 'any', columns);
END;

COMMENT ON FUNCTION flow.long_connections(regclass, timestamp with time zone, timestamp with time zone, text, double precision, double precision, jsonb) IS
'Connections to outside hosts, equal in addresses, ports and protocol, that lasted
at least seconds (3600) in 24 hours, all rows of at least piece (60) seconds added:
an exporter reports a long connection each time its active timeout has passed.
score: seconds.  Severity: info, low from 4 hours, medium from 8, high from 12.
Sources: seconds and severities: RITA; piece: one minute is the shortest active timeout
that Cisco''s routers can be set to.';

CREATE FUNCTION flow.exfiltration(
    relation regclass DEFAULT NULL, since timestamp with time zone DEFAULT NULL,
    until timestamp with time zone DEFAULT NULL, speed text DEFAULT 'fast',
    ratio double precision DEFAULT NULL,
    bytes double precision DEFAULT NULL,
    columns jsonb DEFAULT NULL)
RETURNS SETOF flow.finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT * FROM flow.find('exfiltration', flow.relation(relation), since, until, speed,
                            ARRAY[ratio, bytes], 'any', columns);
END;

COMMENT ON FUNCTION flow.exfiltration(regclass, timestamp with time zone, timestamp with time zone, text, double precision, double precision, jsonb) IS
'Inside hosts that sent to outside ones, in a whole hour (UTC) that ended within the
last hour (fast) or 24 (slow), more than bytes (1e8), and more than ratio (3) times
the mean of their earlier hours with such traffic, up to 720 of the 30 days before
since, if there were any.  Not counted are answers of inside services, rows from
a port below 1024 to one from 1024 on (RFC 6335: services), and tunnels, GRE and
ESP, whose ends are gateways; in the hour, outside hosts that
sent as many bytes back, or more, are not counted either.  So what is fetched from a
service of ours, and what goes through such a tunnel, is not found.
score: bytes of the worst hour.  Severity: low, medium from 10 times bytes, high from
100 times.
Sources: chosen, and measured: of 25,000 hosts one sent that much by this rule, by
mail.';

CREATE FUNCTION flow.dns_tunnels(
    relation regclass DEFAULT NULL, since timestamp with time zone DEFAULT NULL,
    until timestamp with time zone DEFAULT NULL, speed text DEFAULT 'fast',
    subdomains double precision DEFAULT NULL,
    length double precision DEFAULT NULL,
    columns jsonb DEFAULT NULL)
RETURNS SETOF flow.finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT * FROM flow.find('dns_tunnel', flow.relation(relation), since, until, speed,
                            ARRAY[subdomains, length], 'any', columns);
END;

COMMENT ON FUNCTION flow.dns_tunnels(regclass, timestamp with time zone, timestamp with time zone, text, double precision, double precision, jsonb) IS
'Who asks for more than subdomains (100) different names under one domain, its last
two labels, in 24 hours, of length (30) characters or more in the mean; score: how
many.  Needs column dns_query.  dst_addr is NULL if several resolvers were asked.
Severity: low, medium from 500, high from 800, critical from 1000.
Sources: subdomains and severities: RITA; length: measured, the names of a domain with
more than 100 have a mean of at most 23.';

CREATE FUNCTION flow.lateral(
    relation regclass DEFAULT NULL, since timestamp with time zone DEFAULT NULL,
    until timestamp with time zone DEFAULT NULL, speed text DEFAULT 'fast',
    targets double precision DEFAULT NULL,
    clients double precision DEFAULT NULL,
    columns jsonb DEFAULT NULL)
RETURNS SETOF flow.finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT * FROM flow.find('lateral', flow.relation(relation), since, until, speed,
                            ARRAY[targets, clients], 'any', columns);
END;

COMMENT ON FUNCTION flow.lateral(regclass, timestamp with time zone, timestamp with time zone, text, double precision, double precision, jsonb) IS
'Which inside host used port 22, 135, 445, 3389 or 5985 of another in the last hour
(fast) or 4 (slow) that it did not use in the 30 days before; at least targets (1)
of them at that port, those left out that had clients (10) or more in these days.
score: how many.  Severity: info, low from 3 targets, medium from 5, high from 10;
info if it used as many others at that port before, or more: it is its work, or if there is
no earlier row with such a port: everything would be new.
Sources: ports: MITRE ATT&CK T1021; clients, severities: measured, with them three
pairs of one day of 600,000 flows, half of it as history, are low, and none of ten
million.';

CREATE FUNCTION flow.rare_destinations(
    relation regclass DEFAULT NULL, since timestamp with time zone DEFAULT NULL,
    until timestamp with time zone DEFAULT NULL, speed text DEFAULT 'fast',
    prevalence double precision DEFAULT NULL,
    columns jsonb DEFAULT NULL)
RETURNS SETOF flow.finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT * FROM flow.find('rare_destination', flow.relation(relation), since, until, speed,
                            ARRAY[prevalence], 'any', columns);
END;

COMMENT ON FUNCTION flow.rare_destinations(regclass, timestamp with time zone, timestamp with time zone, text, double precision, jsonb) IS
'Outside hosts that at most a part of prevalence (0.02) of all inside hosts, or one
of them, sent to in 24 hours; score: bytes.  Severity: info.  Source: RITA''s
prevalence.';

CREATE FUNCTION flow.changes(
    relation regclass DEFAULT NULL, since timestamp with time zone DEFAULT NULL,
    until timestamp with time zone DEFAULT NULL, speed text DEFAULT 'fast',
    n double precision DEFAULT NULL,
    columns jsonb DEFAULT NULL)
RETURNS SETOF flow.finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT * FROM flow.find('change', flow.relation(relation), since, until, speed,
                            ARRAY[n], 'any', columns);
END;

COMMENT ON FUNCTION flow.changes(regclass, timestamp with time zone, timestamp with time zone, text, double precision, jsonb) IS
'The n (20) sources whose bytes in the last 15 minutes (fast) or 240 (slow) differ
most from those in as long a time before; score: by how many.  Severity: info.
n is what fits on a screen.';

CREATE FUNCTION flow.entropy_shift(
    relation regclass DEFAULT NULL, since timestamp with time zone DEFAULT NULL,
    until timestamp with time zone DEFAULT NULL, speed text DEFAULT 'fast',
    k double precision DEFAULT NULL,
    baseline double precision DEFAULT NULL,
    columns jsonb DEFAULT NULL)
RETURNS SETOF flow.finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT * FROM flow.find('entropy_shift', flow.relation(relation), since, until, speed,
                            ARRAY[k, baseline], 'any', columns);
END;

COMMENT ON FUNCTION flow.entropy_shift(regclass, timestamp with time zone, timestamp with time zone, text, double precision, double precision, jsonb) IS
'Minutes of the last hour (fast) or 24 (slow) in which the Shannon entropy of
src_addr, dst_addr or dst_port, weighted by rows, differs from the mean of
the baseline (60) minutes with rows before by k (5) standard deviations or more, where at
least half as many are there, and in the minute at least half of their mean of rows: the
entropy of n rows is at most log2(n).  score: the largest number of deviations.
Severity: low, medium from 2 k, high from 4 k.
Sources: k: the models of Endgame; measured, no other minute of a day has 5 than those of
attacks.';

CREATE FUNCTION flow.tls_oddities(
    relation regclass DEFAULT NULL, since timestamp with time zone DEFAULT NULL,
    until timestamp with time zone DEFAULT NULL, speed text DEFAULT 'fast',
    hosts double precision DEFAULT NULL,
    connections double precision DEFAULT NULL,
    version double precision DEFAULT NULL,
    k double precision DEFAULT NULL,
    columns jsonb DEFAULT NULL)
RETURNS SETOF flow.finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT * FROM flow.find('tls_oddity', flow.relation(relation), since, until, speed,
                            ARRAY[hosts, connections, version, k], 'any', columns);
END;

COMMENT ON FUNCTION flow.tls_oddities(regclass, timestamp with time zone, timestamp with time zone, text, double precision, double precision, double precision, double precision, jsonb) IS
'Inside hosts in 24 hours, as clients: with a JA4 fingerprint, or if it is none the JA3,
of at most hosts (2) of them, seen at least connections (5) times (low); with at least as
many connections to an address and port whose mean entropy, in bits a byte, is more than
k (5) deviations from the median of all such pairs of that port and protocol, at least 10
(low); or with a TLS version below version (771, TLS 1.2; info).  A deviation is 1.4826
MAD.  Rows from a port below 1024 to one from 1024 on are of servers.  score: rows; key
why of the evidence says which.  Needs column tls_version, and finds what ja3, ja4 and
entropy allow.
Sources: version: RFC 8996 deprecates TLS 1.0 and 1.1; hosts: measured, other JA4 have
22 or more; connections: clients that change the order of their extensions each time have
another JA3 each time; k as in flow.anomaly; MAD: it is the standard deviation of normal
values then.';

CREATE FUNCTION flow.service_health(
    relation regclass DEFAULT NULL, since timestamp with time zone DEFAULT NULL,
    until timestamp with time zone DEFAULT NULL, speed text DEFAULT 'fast',
    ratio double precision DEFAULT NULL,
    requests double precision DEFAULT NULL,
    columns jsonb DEFAULT NULL)
RETURNS SETOF flow.finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT * FROM flow.find('service_health', flow.relation(relation), since, until, speed,
                            ARRAY[ratio, requests], 'any', columns);
END;

COMMENT ON FUNCTION flow.service_health(regclass, timestamp with time zone, timestamp with time zone, text, double precision, double precision, jsonb) IS
'Services of inside hosts, at TCP ports below 1024 and UDP ports 53, 67, 123, 389 and
1812, that answered less than ratio (0.5) of at least requests (20) in any 10 minutes
(fast) or 240 (slow) from since on: rows to the port against rows from it, with TCP those
with SYN and ACK.  A service is what has answered in the same piece, earlier, or the 24
hours before since.  score: the part without answer in the worst piece; evidence counts
the pieces found.  Severity: low, medium from 0.9, high if nothing was answered.
Sources: ports: DNS, DHCP, NTP, LDAP and RADIUS, ElastiFlow''s kinds; requests and
ratio: of 20 requests to a service that answers 9 of 10, fewer than half are answered
with probability 7e-7 (binomial).';

CREATE FUNCTION flow.hunt_in(
    relation regclass, since timestamp with time zone, until timestamp with time zone,
    speed text, minimum flow.severity, detections text[], columns jsonb)
RETURNS SETOF flow.finding
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    d record;
    f flow.finding;
    findings flow.finding[] := '{}';
    stray text;
BEGIN
    SELECT x INTO stray FROM unnest(detections) x
    WHERE x IS NULL OR x NOT IN (SELECT y.detection FROM flow.detections() y) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'detection "%" does not exist', coalesce(stray, 'NULL')
            USING ERRCODE = 'invalid_parameter_value',
            HINT = 'flow.detections() lists them.';
    END IF;
    FOR d IN SELECT * FROM flow.detections() x
             WHERE (detections IS NULL OR x.detection = ANY (detections))
             -- what lists and does not judge
             AND (minimum = 'info' OR x.detection NOT IN ('rare_destination', 'change'))
             AND (detections IS NOT NULL OR NOT EXISTS (
                 SELECT FROM unnest(x.required) r
                 WHERE r IN ('dns_query', 'tls_version')
                 AND NOT EXISTS (SELECT FROM pg_attribute a
                                 WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped
                                 AND a.attname = coalesce(columns ->> r, r))))
    LOOP
        FOR f IN SELECT x.* FROM flow.find(d.detection, relation, since, until, speed, NULL, 'any', columns) x
        LOOP
            IF f.severity > 'info' THEN
                findings := findings || f;
            ELSIF minimum = 'info' THEN
                RETURN NEXT f;
            END IF;
        END LOOP;
    END LOOP;
    SELECT t.since, t.until INTO since, until FROM flow.time_range(since, until, interval '24 hours') t;
    RETURN QUERY SELECT x.* FROM flow.modify_findings(findings, relation, since, until, columns) x
                 WHERE x.severity >= minimum;
END
$$;

COMMENT ON FUNCTION flow.hunt_in(regclass, timestamp with time zone, timestamp with time zone, text, flow.severity, text[], jsonb) IS
'flow.hunt in no order and without end; not to be called';

CREATE FUNCTION flow.hunt(
    relation regclass DEFAULT NULL, since timestamp with time zone DEFAULT NULL,
    until timestamp with time zone DEFAULT NULL, speed text DEFAULT 'fast',
    minimum flow.severity DEFAULT 'low', n bigint DEFAULT 1000,
    detections text[] DEFAULT NULL, columns jsonb DEFAULT NULL)
RETURNS SETOF flow.finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT * FROM flow.hunt_in(flow.relation(relation), since, until, speed, minimum, detections, columns) f
    ORDER BY f.severity DESC, (f.evidence ->> 'threat')::double precision DESC NULLS LAST, f.score DESC, f.detection, f.src_addr, f.dst_addr, f.dst_port LIMIT n;
END;

COMMENT ON FUNCTION flow.hunt(regclass, timestamp with time zone, timestamp with time zone, text, flow.severity, bigint, text[], jsonb) IS
'The n worst findings, of severity minimum or worse, of all of flow.detections(), or
of those named, worst first, with their default thresholds, and with severities as
flow.modify_findings changes them: what a detection gives as info stays so, other
findings become worse where the outside host is rare, new or an indicator, or was asked
by HTTP without a host, and better where half of the inside or the last month knows it.
Without since, each looks at its own time before until, and modifiers at 24 hours.
Without detections, those that need dns_query or tls_version are left out if relation
has no such column.  Errors as of flow.find;
a negative n is an error (invalid_row_count_in_limit_clause).';
