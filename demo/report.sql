-- The report of demo.sh on table flows.
--
-- psql variables: capture (file name), capture_bytes (its size), packets and
-- non_ip_packets (as the collector counted; may be empty), remarks (lines of the
-- collector on what it could not read; mostly empty).  Times are UTC, units are
-- decimal.

\set QUIET on
\pset pager off
\pset border 0
\pset footer off
SET timezone = 'UTC';
SET client_min_messages = warning;

-- 1234567 -> '1.2 MB'
CREATE FUNCTION pg_temp.size(n numeric) RETURNS text
LANGUAGE sql IMMUTABLE STRICT AS $$
	SELECT CASE
		WHEN n < 1000 THEN round(n) || ' B'
		WHEN n < 999950 THEN round(n / 1e3, 1) || ' kB'
		WHEN n < 999950e3 THEN round(n / 1e6, 1) || ' MB'
		WHEN n < 999950e6 THEN round(n / 1e9, 1) || ' GB'
		ELSE round(n / 1e12, 1) || ' TB' END
$$;

CREATE FUNCTION pg_temp.count(n numeric) RETURNS text
LANGUAGE sql IMMUTABLE STRICT AS $$
	SELECT to_char(n, 'FM999,999,999,999,999,990')
$$;

CREATE FUNCTION pg_temp.share(part numeric, whole numeric) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
	SELECT lpad(coalesce(round(100 * part / nullif(whole, 0), 1), 0) || ' %', 7)
$$;

-- a bar of part / whole * width characters, drawn in eighths
CREATE FUNCTION pg_temp.bar(part numeric, whole numeric, width integer) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
	SELECT repeat('█', eighths / 8) || substr('▏▎▍▌▋▊▉', eighths % 8, least(eighths % 8, 1))
	FROM (SELECT CASE WHEN part > 0
				 THEN greatest(1, round(8 * width * part / nullif(whole, 0)))
				 ELSE 0 END::integer) AS b (eighths)
$$;

CREATE FUNCTION pg_temp.protocol(n integer) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE n WHEN 1 THEN 'icmp' WHEN 2 THEN 'igmp' WHEN 6 THEN 'tcp' WHEN 17 THEN 'udp'
		WHEN 47 THEN 'gre' WHEN 50 THEN 'esp' WHEN 58 THEN 'icmp6' WHEN 89 THEN 'ospf'
		WHEN 132 THEN 'sctp' ELSE n::text END
$$;

SELECT count(*) = 0 AS is_empty, :'remarks' <> '' AS has_remarks FROM flows \gset

\echo
\echo 'What was read'
\pset tuples_only on
\pset format unaligned
\pset fieldsep '  '
SELECT '  capture   ', CASE WHEN length(:'capture') > 44
		THEN left(:'capture', 30) || '...' || right(:'capture', 11) ELSE :'capture' END || ', ' || pg_temp.size(:capture_bytes)
	|| coalesce(', ' || pg_temp.count(nullif(:'packets', '')::numeric) || ' packets'
				|| coalesce(', ' || pg_temp.count(nullif(nullif(:'non_ip_packets', ''), '0')::numeric)
							|| ' of them not IP', ''), '');
\if :has_remarks
SELECT '  remark    ', line FROM regexp_split_to_table(:'remarks', '\n') AS line;
\endif
\if :is_empty
\if :has_remarks
\echo '  flows        0: no IP traffic could be read, so there is nothing to report.'
\else
\echo '  flows        0: the capture held no IP traffic, so there is nothing to report.'
\endif
\quit
\endif

SELECT count(*) AS n_rows, sum(bytes) AS n_bytes, sum(packets) AS n_packets,
	   min(ts) AS first_ts, max(ts) AS last_ts
FROM flows \gset

-- how wide a bar of the chart is: the first of these that makes at most 40 bars
SELECT width AS bucket, label AS bucket_label
FROM (VALUES (1, interval '1 second', 'second'), (2, '2 seconds', '2 seconds'),
			 (3, '5 seconds', '5 seconds'),
			 (4, '1 minute', 'minute'), (5, '2 minutes', '2 minutes'),
			 (6, '5 minutes', '5 minutes'), (7, '15 minutes', '15 minutes'),
			 (8, '1 hour', 'hour'), (9, '3 hours', '3 hours'), (10, '12 hours', '12 hours'),
			 (11, '1 day', 'day'), (12, '7 days', 'week'), (13, '30 days', '30 days'),
			 (14, '365 days', '365 days'), (15, '3650 days', '3650 days'),
			 (16, '36500 days', '36500 days')) AS w (n, width, label)
WHERE extract(epoch FROM timestamptz :'last_ts' - timestamptz :'first_ts')
	  < 39 * extract(epoch FROM width) OR n = 16
ORDER BY n
LIMIT 1 \gset

SELECT * FROM (
	SELECT '  flows     ', pg_temp.count(count(*)) || ' (IPv4 '
		|| pg_temp.count(count(*) FILTER (WHERE family(src_addr) = 4)) || ', IPv6 '
		|| pg_temp.count(count(*) FILTER (WHERE family(src_addr) = 6)) || ')' FROM flows
	UNION ALL
	SELECT '  traffic   ', pg_temp.size(:n_bytes) || ' in ' || pg_temp.count(:n_packets)
		|| ' IP packets'
	UNION ALL
	SELECT '  addresses ', pg_temp.count(count(DISTINCT src_addr)) || ' as source, '
		|| pg_temp.count(count(DISTINCT dst_addr)) || ' as destination' FROM flows
	UNION ALL
	SELECT '  from      ', to_char(timestamptz :'first_ts', 'YYYY-MM-DD HH24:MI:SS') || ' UTC'
	UNION ALL
	SELECT '  to        ', to_char(timestamptz :'last_ts', 'YYYY-MM-DD HH24:MI:SS') || ' UTC'
	UNION ALL
	SELECT '  table     ', pg_temp.size(size) || ', ' || round(size / :n_rows, 1)
		|| ' bytes a row, ' || round(100 * size / greatest(:capture_bytes, 1), 1)
		|| ' % of the capture'
		|| CASE WHEN :n_rows < 20000 THEN ' (few rows: mostly empty pages)' ELSE '' END
	FROM (SELECT pg_total_relation_size('flows')::numeric) AS s (size)
) AS lines;
\pset tuples_only off
\pset format aligned

\echo
\echo 'Top talkers by bytes'
SELECT host(src_addr) AS source, lpad(pg_temp.count(count(*)), 10) AS "     flows",
	   lpad(pg_temp.count(sum(packets)), 11) AS "    packets",
	   lpad(pg_temp.size(sum(bytes)), 9) AS "    bytes",
	   pg_temp.share(sum(bytes), :n_bytes) AS "  share",
	   pg_temp.bar(sum(bytes), max(sum(bytes)) OVER (), 18) AS " "
FROM flows
GROUP BY src_addr
ORDER BY sum(bytes) DESC, src_addr
LIMIT 10;

\echo 'Top ports by bytes (the lower port of each flow)'
SELECT lpad(port::text, 5) AS " port", coalesce(name, '-') AS service,
	   pg_temp.protocol(proto) AS proto,
	   lpad(pg_temp.count(count(*)), 10) AS "     flows",
	   lpad(pg_temp.size(sum(bytes)), 9) AS "    bytes",
	   pg_temp.share(sum(bytes), :n_bytes) AS "  share",
	   pg_temp.bar(sum(bytes), max(sum(bytes)) OVER (), 18) AS " "
FROM (SELECT least(src_port, dst_port) AS port, proto, bytes
	  FROM flows
	  WHERE proto IN (6, 17, 132)) AS f
LEFT JOIN (VALUES (20, 'ftp-data'), (21, 'ftp'), (22, 'ssh'), (23, 'telnet'), (25, 'smtp'),
				  (53, 'dns'), (67, 'dhcp'), (68, 'dhcp'), (69, 'tftp'), (80, 'http'),
				  (88, 'kerberos'), (102, 'iso-tsap'), (110, 'pop3'), (111, 'rpcbind'),
				  (123, 'ntp'), (135, 'msrpc'), (137, 'netbios-ns'), (138, 'netbios-dgm'),
				  (139, 'netbios-ssn'), (143, 'imap'), (161, 'snmp'), (179, 'bgp'),
				  (389, 'ldap'), (443, 'https'), (445, 'smb'), (465, 'smtps'), (502, 'modbus'),
				  (514, 'syslog'), (546, 'dhcpv6'), (547, 'dhcpv6'), (587, 'submission'),
				  (636, 'ldaps'), (853, 'dns-tls'), (993, 'imaps'), (995, 'pop3s'),
				  (1883, 'mqtt'), (1900, 'ssdp'), (2055, 'netflow'), (3306, 'mysql'),
				  (3389, 'rdp'), (3478, 'stun'), (4500, 'ipsec'), (4789, 'vxlan'),
				  (5060, 'sip'), (5353, 'mdns'), (5355, 'llmnr'), (5432, 'postgresql'),
				  (6343, 'sflow'), (8080, 'http-alt'), (8443, 'https-alt')) AS s (p, name)
	ON p = port
GROUP BY port, name, proto
ORDER BY sum(bytes) DESC, port, proto
LIMIT 10;

\echo 'Bytes per' :bucket_label '(a flow counts where it began)'
WITH sums AS (
	SELECT flow.time_bucket(interval :'bucket', ts) AS t, sum(bytes) AS bytes
	FROM flows
	GROUP BY 1
), grid AS (
	SELECT generate_series(min(t), max(t), interval :'bucket') AS t
	FROM sums
)
SELECT to_char(t, 'YYYY-MM-DD HH24:MI:SS') AS "UTC",
	   lpad(pg_temp.size(coalesce(bytes, 0)), 9) AS "    bytes",
	   pg_temp.bar(bytes, max(bytes) OVER (), 50) AS " "
FROM grid
LEFT JOIN sums USING (t)
ORDER BY t;

\echo 'Port entropy of the busiest sources'
SELECT host(src_addr) AS source, lpad(pg_temp.count(count(*)), 10) AS "     flows",
	   lpad(pg_temp.count(count(DISTINCT dst_port)), 9) AS "dst ports",
	   lpad(coalesce(round(flow.entropy(dst_port)::numeric, 2)::text, '-'), 5) AS " bits",
	   pg_temp.bar(flow.entropy(dst_port)::numeric, 16, 32) AS "0 bits                   16 bits"
FROM flows
GROUP BY src_addr
ORDER BY count(*) DESC, src_addr
LIMIT 8;
\echo '  0: always the same destination port.  A client of a few services has one or two bits,'
\echo '  a server that answers many clients or a host that scans ports has many.'
