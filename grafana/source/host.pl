# Everything about one address, or one network.
use Dashboard;

dashboard 'flow-host', 'Flow host', from => 'now-24h', refresh => '5m', about => <<'TEXT';
What one address did: volume, peers, services, new peers, alerts, neighbours, its last flows. Addresses in all other dashboards lead here.
TEXT

variables qw(datasource table), { name => 'ip', label => 'Address', about => 'An address; most panels take a network, too', text => '' };
link_to 'Overview', 'flow-overview';
link_to 'Conversations', 'flow-conversations';

row 'Address $ip';

panel 'stat', 'First flow', 4, 4,
	about => 'Start of the oldest flow from or to the address in the whole table.', unit => 'dateTimeAsIso', text => 1, nothing => 'never', sql => <<'SQL';
SELECT 1000 * extract(epoch FROM min(ts)) AS first
FROM (SELECT min(ts) AS ts FROM $table WHERE src_addr <<= nullif('$ip', '')::inet
      UNION ALL SELECT min(ts) FROM $table WHERE dst_addr <<= nullif('$ip', '')::inet) f
HAVING min(ts) IS NOT NULL
SQL

panel 'stat', 'Last flow', 4, 4,
	about => 'Start of the newest flow from or to the address in the whole table.', unit => 'dateTimeAsIso', text => 1, nothing => 'never', sql => <<'SQL';
SELECT 1000 * extract(epoch FROM max(ts)) AS last
FROM (SELECT max(ts) AS ts FROM $table WHERE src_addr <<= nullif('$ip', '')::inet
      UNION ALL SELECT max(ts) FROM $table WHERE dst_addr <<= nullif('$ip', '')::inet) f
HAVING max(ts) IS NOT NULL
SQL

panel 'stat', 'Sent and received', 4, 4,
	about => 'Bytes in the time range.', unit => 'decbytes', decimals => 1, sql => <<'SQL';
SELECT (SELECT coalesce(sum(bytes), 0) FROM $table WHERE $__timeFilter(ts) AND src_addr <<= nullif('$ip', '')::inet) AS sent,
       (SELECT coalesce(sum(bytes), 0) FROM $table WHERE $__timeFilter(ts) AND dst_addr <<= nullif('$ip', '')::inet) AS received
SQL

panel 'stat', 'Flows', 4, 4,
	about => 'Flows from and to the address in the time range.', unit => 'short', sql => <<'SQL';
SELECT (SELECT count(*) FROM $table WHERE $__timeFilter(ts) AND src_addr <<= nullif('$ip', '')::inet) AS sent,
       (SELECT count(*) FROM $table WHERE $__timeFilter(ts) AND dst_addr <<= nullif('$ip', '')::inet) AS received
SQL

panel 'stat', 'Peers', 4, 4,
	about => 'Different addresses that it sent to and received from, in the time range.', unit => 'short', sql => <<'SQL';
SELECT (SELECT count(DISTINCT dst_addr) FROM $table WHERE $__timeFilter(ts) AND src_addr <<= nullif('$ip', '')::inet) AS to,
       (SELECT count(DISTINCT src_addr) FROM $table WHERE $__timeFilter(ts) AND dst_addr <<= nullif('$ip', '')::inet) AS "from"
SQL

panel 'stat', 'Alerts', 4, 4,
	about => 'Alerts that name the address, repetitions within an hour counted once, in the time range.', unit => 'short',
	thresholds => [ [ undef, 'green' ], [ 1, 'orange' ], [ 10, 'red' ] ], sql => <<'SQL';
SELECT count(*) AS alerts
FROM flow.alerts
WHERE hour >= $__timeFrom()::timestamptz - interval '1 hour' AND $__timeFilter(ts)
  AND (src_addr <<= nullif('$ip', '')::inet OR dst_addr <<= nullif('$ip', '')::inet)
SQL

row 'Traffic';

panel 'timeseries', 'Sent and received', 16, 9,
	about => 'Bits per second, counted where a flow begins: received above zero, sent below.', unit => 'bps', fill => 30, nothing => 'no flows in this time',
	columns => { sent => { negative => 1 } }, sql => <<'SQL';
SELECT $__timeGroupAlias(ts,$__interval), metric, sum(bytes) * 8000.0 / $__interval_ms AS value
FROM (SELECT ts, 'sent' AS metric, bytes FROM $table WHERE $__timeFilter(ts) AND src_addr <<= nullif('$ip', '')::inet
      UNION ALL
      SELECT ts, 'received', bytes FROM $table WHERE $__timeFilter(ts) AND dst_addr <<= nullif('$ip', '')::inet) f
GROUP BY 1, 2 ORDER BY 1
SQL

panel 'timeseries', 'Peers over time', 8, 9,
	about => 'Different addresses in each interval, about (standard error 1 %).', unit => 'short', nothing => 'no flows in this time', sql => <<'SQL';
SELECT $__timeGroupAlias(ts,$__interval), metric, flow.approx_distinct(peer) AS value
FROM (SELECT ts, 'sent to' AS metric, dst_addr AS peer FROM $table WHERE $__timeFilter(ts) AND src_addr <<= nullif('$ip', '')::inet
      UNION ALL
      SELECT ts, 'received from', src_addr FROM $table WHERE $__timeFilter(ts) AND dst_addr <<= nullif('$ip', '')::inet) f
GROUP BY 1, 2 ORDER BY 1
SQL

panel 'table', 'Peers', 12, 11,
	about => 'Those it talked to, with most bytes first.', unit => 'decbytes', nothing => 'no flows in this time',
	columns => { flows => { unit => 'short' }, first => { unit => 'dateTimeAsIso' }, last => { unit => 'dateTimeAsIso' } }, sql => <<'SQL';
SELECT peer, sum(sent) AS sent, sum(received) AS received, sum(n) AS flows, min(first) AS first, max(last) AS last
FROM (SELECT dst_addr AS peer, sum(bytes) AS sent, 0 AS received, count(*) AS n, min(ts) AS first, max(ts) AS last
      FROM $table WHERE $__timeFilter(ts) AND src_addr <<= nullif('$ip', '')::inet GROUP BY 1
      UNION ALL
      SELECT src_addr, 0, sum(bytes), count(*), min(ts), max(ts)
      FROM $table WHERE $__timeFilter(ts) AND dst_addr <<= nullif('$ip', '')::inet GROUP BY 1) f
GROUP BY 1 ORDER BY sum(sent) + sum(received) DESC NULLS LAST LIMIT 100
SQL

panel 'table', 'Services', 12, 11,
	about => 'Ports that others asked it for (served), and that it asked others for (used): destination ports of flows to and from it.', unit => 'decbytes',
	nothing => 'no flows in this time', columns => { flows => { unit => 'short' }, peers => { unit => 'short' }, port => { unit => 'none' } }, sql => <<'SQL';
SELECT side, flow.proto_name(proto) AS proto, dst_port AS port, flow.port_name(dst_port, proto) AS name, bytes, flows, peers
FROM (SELECT 'served' AS side, proto, dst_port, sum(bytes) AS bytes, count(*) AS flows, count(DISTINCT src_addr) AS peers
      FROM $table WHERE $__timeFilter(ts) AND dst_addr <<= nullif('$ip', '')::inet GROUP BY 2, 3
      UNION ALL
      SELECT 'used', proto, dst_port, sum(bytes), count(*), count(DISTINCT dst_addr)
      FROM $table WHERE $__timeFilter(ts) AND src_addr <<= nullif('$ip', '')::inet GROUP BY 2, 3) f
ORDER BY flows DESC, bytes DESC LIMIT 100
SQL

row 'What stands out';

panel 'table', 'New peers', 8, 10,
	about => 'Peers of the time range that it did not talk to in the seven days before it.', unit => 'decbytes', nothing => 'none',
	columns => { flows => { unit => 'short' }, first => { unit => 'dateTimeAsIso' } }, sql => <<'SQL';
WITH f AS (
    SELECT dst_addr AS peer, ts, bytes FROM $table
    WHERE ts BETWEEN $__timeFrom()::timestamptz - interval '7 days' AND $__timeTo() AND src_addr <<= nullif('$ip', '')::inet
    UNION ALL
    SELECT src_addr, ts, bytes FROM $table
    WHERE ts BETWEEN $__timeFrom()::timestamptz - interval '7 days' AND $__timeTo() AND dst_addr <<= nullif('$ip', '')::inet)
SELECT peer, min(ts) AS first, count(*) AS flows, sum(bytes) AS bytes
FROM f GROUP BY 1 HAVING min(ts) >= $__timeFrom() ORDER BY 4 DESC NULLS LAST LIMIT 100
SQL

panel 'table', 'Alerts about it', 8, 10,
	about => 'Alerts that name the address, the newest first.', unit => 'short', nothing => 'none',
	columns => { time => { unit => 'dateTimeAsIso' } }, sql => <<'SQL';
SELECT ts AS time, rule, worst::text AS severity, src_addr, dst_addr, score, repetitions, acknowledged
FROM flow.alerts
WHERE hour >= $__timeFrom()::timestamptz - interval '1 hour' AND $__timeFilter(ts)
  AND (src_addr <<= nullif('$ip', '')::inet OR dst_addr <<= nullif('$ip', '')::inet)
ORDER BY ts DESC LIMIT 100
SQL

panel 'table', 'Neighbours', 8, 10,
	about => 'Other sources in its network, of 24 bits (IPv6: 64), with most bytes first.', unit => 'decbytes', nothing => 'none',
	columns => { flows => { unit => 'short' } }, sql => <<'SQL';
SELECT src_addr AS neighbour, sum(bytes) AS bytes, count(*) AS flows
FROM $table
WHERE $__timeFilter(ts) AND src_addr <<= flow.subnet(nullif('$ip', '')::inet, 24, 64) AND NOT src_addr <<= nullif('$ip', '')::inet
GROUP BY 1 ORDER BY 2 DESC NULLS LAST LIMIT 50
SQL

row 'Around it';

panel 'nodeGraph', 'Who is around it', 14, 14,
	about => 'The address, whom it talked to, and what flowed between all of these (flow.graph, one hop, a hundred edges).', unit => 'decbytes', nothing => 'no flows in this time',
	columns => { title => { link => 'host' } }, sql => [ [ nodes => <<'NODES' ], [ edges => <<'EDGES' ] ];
SELECT id, title, CASE WHEN flow.is_internal(id::inet) THEN 'internal' ELSE 'external' END AS subtitle, mainstat, secondarystat
FROM flow.graph(coalesce(nullif('$ip', ''), '0.0.0.0')::inet, 1, 100, since => $__timeFrom(), until => $__timeTo(), per_hop => 60, relation => '$table')
WHERE kind = 'node'
ORDER BY mainstat DESC LIMIT 200
NODES
SELECT id, source, target, mainstat, secondarystat
FROM flow.graph(coalesce(nullif('$ip', ''), '0.0.0.0')::inet, 1, 100, since => $__timeFrom(), until => $__timeTo(), per_hop => 60, relation => '$table')
WHERE kind = 'edge'
ORDER BY mainstat DESC LIMIT 200
EDGES

panel 'table', 'Reach', 10, 5,
	about => 'How many addresses flows lead to from it in so many hops (flow.hops, at most 1,000 followed in each).', unit => 'short', sql => <<'SQL';
SELECT hops, addresses, is_cut AS "more than counted"
FROM flow.hops(coalesce(nullif('$ip', ''), '0.0.0.0')::inet, 2, since => $__timeFrom(), until => $__timeTo(), per_hop => 1000, relation => '$table')
ORDER BY hops LIMIT 3
SQL

panel 'table', 'Names', 10, 9,
	about => 'Names of servers, hosts and DNS questions in its newest 2,000 flows, where the table has these columns.', unit => 'short', nothing => 'none', sql => <<'SQL';
SELECT k.key AS kind, k.value AS name, count(*) AS flows
FROM (SELECT to_jsonb(f) AS row
      FROM (SELECT * FROM $table WHERE $__timeFilter(ts) AND (src_addr <<= nullif('$ip', '')::inet OR dst_addr <<= nullif('$ip', '')::inet)
            ORDER BY ts DESC LIMIT 2000) f) f,
     jsonb_each_text(f.row) k
WHERE k.key IN ('sni', 'http_host', 'dns_query', 'ja4') AND k.value IS NOT NULL
GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 50
SQL

row 'Flows';

panel 'table', 'Its last flows', 24, 12,
	about => 'The newest 200 flows from or to it in the time range.', unit => 'short', nothing => 'no flows in this time',
	columns => {
		ts => { unit => 'dateTimeAsIso', width => 190 }, bytes => { unit => 'decbytes' }, duration => { unit => 'ms' }, src_port => { unit => 'none' },
		dst_port => { unit => 'none' }, exporter => { link => 'host' }
	}, sql => <<'SQL';
SELECT ts, src_addr, src_port, dst_addr, dst_port, flow.proto_name(proto) AS proto, flow.flags_text(tcp_flags) AS flags, packets, bytes,
       duration_ms AS duration, exporter
FROM $table
WHERE $__timeFilter(ts) AND (src_addr <<= nullif('$ip', '')::inet OR dst_addr <<= nullif('$ip', '')::inet)
ORDER BY ts DESC LIMIT 200
SQL

annotation 'Alerts about it', <<'SQL', 'red';
SELECT ts AS time, rule AS text, severity::text AS tags
FROM flow.alerts
WHERE hour >= $__timeFrom()::timestamptz - interval '1 hour' AND $__timeFilter(ts)
  AND (src_addr <<= nullif('$ip', '')::inet OR dst_addr <<= nullif('$ip', '')::inet)
ORDER BY ts DESC LIMIT 100
SQL

1;
