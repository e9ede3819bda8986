# Who talks to whom.
use Dashboard;

dashboard 'flow-conversations', 'Flow conversations', from => 'now-1h', refresh => '5m', about => <<'TEXT';
Which hosts and networks talk to each other: pairs, a matrix of networks, a graph, and the services between them.
TEXT

variables qw(datasource table measure n ip filter where), {
	name => 'prefix', label => 'Networks', about => 'Bits of an IPv4 network in the matrix; IPv6 has three times as many, up to 64',
	values => [ 16, 24, 8 ]
}, {
	name => 'amount', label => 'Amount', about => 'The measure as SQL', hide => 1,
	sql => q{SELECT CASE '$measure' WHEN 'flows' THEN '1::bigint' WHEN 'packets' THEN 'packets' ELSE 'bytes' END LIMIT 1}
};
link_to 'Overview', 'flow-overview';
link_to 'Top N', 'flow-top';

row 'Pairs';

panel 'table', 'Pairs', 8, 12,
	about => 'Source and destination with most of the measure, and what all other pairs have. An address leads to its own dashboard.', unit => 'short',
	columns => { bytes => { unit => 'decbytes' }, percent => { unit => 'percent', bar => 1, min => 0, max => 100 } },
	sql => <<'SQL';
SELECT (key ->> 'src_addr')::inet AS src_addr, (key ->> 'dst_addr')::inet AS dst_addr, amount AS "$measure",
       round(100 * amount / nullif(sum(amount) OVER (), 0), 1) AS percent
FROM flow.traffic(NULL, '{src_addr,dst_addr}', '$measure', 100, since => $__timeFrom(), until => $__timeTo(),
                  filter => concat_ws(' and ', '(' || nullif(btrim('$filter'), '') || ')', 'net ' || nullif('$ip', '')), relation => '$table')
ORDER BY key IS NULL, amount DESC LIMIT 101
SQL

panel 'table', 'Servers', 8, 12,
	about => 'Destination, protocol and port with most of the measure, of ports below 10000: who is asked for what.', unit => 'short',
	columns => { port => { unit => 'none', width => 70 }, proto => { width => 70 } }, sql => <<'SQL';
SELECT server, flow.proto_name(proto) AS proto, port, flow.port_name(port, proto) AS name, amount AS "$measure"
FROM (SELECT dst_addr AS server, proto, dst_port AS port, sum($amount) AS amount
      FROM $table
      WHERE $__timeFilter(ts) AND ${where:raw} AND dst_port < 10000
        AND ('$ip' = '' OR src_addr <<= nullif('$ip', '')::inet OR dst_addr <<= nullif('$ip', '')::inet)
      GROUP BY 1, 2, 3 ORDER BY 4 DESC NULLS LAST LIMIT 100) f
ORDER BY amount DESC NULLS LAST LIMIT 100
SQL

panel 'table', 'Clients', 8, 12,
	about => 'Sources with most of the measure, of flows to ports below 10000: who asks, and for what.', unit => 'short',
	columns => { port => { unit => 'none', width => 70 }, proto => { width => 70 } }, sql => <<'SQL';
SELECT client, flow.proto_name(proto) AS proto, port, flow.port_name(port, proto) AS name, amount AS "$measure"
FROM (SELECT src_addr AS client, proto, dst_port AS port, sum($amount) AS amount
      FROM $table
      WHERE $__timeFilter(ts) AND ${where:raw} AND dst_port < 10000
        AND ('$ip' = '' OR src_addr <<= nullif('$ip', '')::inet OR dst_addr <<= nullif('$ip', '')::inet)
      GROUP BY 1, 2, 3 ORDER BY 4 DESC NULLS LAST LIMIT 100) f
ORDER BY amount DESC NULLS LAST LIMIT 100
SQL

row 'Networks';

panel 'table', 'Network to network', 24, 13,
	about => 'Rows are networks of sources, columns networks of destinations: the sixteen of each with most of the measure.', unit => 'short',
	matrix => [qw(from to amount)], sql => <<'SQL';
WITH cells AS MATERIALIZED (
    SELECT flow.subnet(src_addr, $prefix, least(64, 3 * $prefix)) AS s, flow.subnet(dst_addr, $prefix, least(64, 3 * $prefix)) AS d, sum($amount) AS amount
    FROM $table
    WHERE $__timeFilter(ts) AND ${where:raw}
      AND ('$ip' = '' OR src_addr <<= nullif('$ip', '')::inet OR dst_addr <<= nullif('$ip', '')::inet)
    GROUP BY 1, 2),
s AS (SELECT s FROM cells GROUP BY s ORDER BY sum(amount) DESC NULLS LAST LIMIT 16),
d AS (SELECT d FROM cells GROUP BY d ORDER BY sum(amount) DESC NULLS LAST LIMIT 16)
SELECT c.s::text AS "from", c.d::text AS "to", c.amount
FROM cells c JOIN s ON s.s = c.s JOIN d ON d.d = c.d
ORDER BY c.s, c.d LIMIT 256
SQL

panel 'heatmap', 'Destination networks over time', 12, 11,
	about => 'The sixteen networks of destinations with most of the measure, over time.', unit => 'short', sql => <<'SQL';
WITH top AS (
    SELECT flow.subnet(dst_addr, $prefix, least(64, 3 * $prefix)) AS d
    FROM $table
    WHERE $__timeFilter(ts) AND ${where:raw}
      AND ('$ip' = '' OR src_addr <<= nullif('$ip', '')::inet OR dst_addr <<= nullif('$ip', '')::inet)
    GROUP BY 1 ORDER BY sum($amount) DESC NULLS LAST LIMIT 16),
series AS MATERIALIZED (
    SELECT $__timeGroupAlias(ts,$__interval), flow.subnet(dst_addr, $prefix, least(64, 3 * $prefix)) AS d, sum($amount) AS amount
    FROM $table
    WHERE $__timeFilter(ts) AND ${where:raw}
      AND ('$ip' = '' OR src_addr <<= nullif('$ip', '')::inet OR dst_addr <<= nullif('$ip', '')::inet)
    GROUP BY 1, 2)
SELECT time, d::text AS metric, amount AS value
FROM series JOIN top USING (d)
ORDER BY 1, d LIMIT 20000
SQL

panel 'table', 'AS to AS', 12, 11,
	about => 'Rows are autonomous systems of sources, columns those of destinations: the twelve of each with most of the measure; 0 is unknown.', unit => 'short',
	matrix => [qw(from to amount)], sql => <<'SQL';
WITH cells AS MATERIALIZED (
    SELECT src_as AS s, dst_as AS d, sum($amount) AS amount
    FROM $table
    WHERE $__timeFilter(ts) AND ${where:raw}
      AND ('$ip' = '' OR src_addr <<= nullif('$ip', '')::inet OR dst_addr <<= nullif('$ip', '')::inet)
    GROUP BY 1, 2),
s AS (SELECT s FROM cells GROUP BY s ORDER BY sum(amount) DESC NULLS LAST LIMIT 12),
d AS (SELECT d FROM cells GROUP BY d ORDER BY sum(amount) DESC NULLS LAST LIMIT 12)
SELECT 'AS' || c.s AS "from", 'AS' || c.d AS "to", c.amount
FROM cells c JOIN s ON s.s = c.s JOIN d ON d.d = c.d
ORDER BY c.s, c.d LIMIT 144
SQL

row 'Graph';

panel 'nodeGraph', 'The largest pairs as a graph', 24, 16,
	about => 'The sixty pairs with most of the measure: nodes are addresses, edges what flowed from one to the other.', unit => 'short',
	columns => { title => { link => 'host' } },
	sql => [ [ nodes => <<'NODES' ], [ edges => <<'EDGES' ] ];
WITH pairs AS MATERIALIZED (
    SELECT key ->> 'src_addr' AS src, key ->> 'dst_addr' AS dst, amount
    FROM flow.traffic(NULL, '{src_addr,dst_addr}', '$measure', 60, since => $__timeFrom(), until => $__timeTo(), other => false,
                      filter => concat_ws(' and ', '(' || nullif(btrim('$filter'), '') || ')', 'net ' || nullif('$ip', '')), relation => '$table'))
SELECT a AS id, a AS title, CASE WHEN flow.is_internal(a::inet) THEN 'internal' ELSE 'external' END AS subtitle,
       sum(amount) AS mainstat, count(*) AS secondarystat
FROM pairs, LATERAL (SELECT src AS a UNION SELECT dst) ends
WHERE a IS NOT NULL
GROUP BY a ORDER BY 4 DESC LIMIT 120
NODES
SELECT key ->> 'src_addr' || '>' || (key ->> 'dst_addr') AS id, key ->> 'src_addr' AS source, key ->> 'dst_addr' AS target,
       amount AS mainstat
FROM flow.traffic(NULL, '{src_addr,dst_addr}', '$measure', 60, since => $__timeFrom(), until => $__timeTo(), other => false,
                  filter => concat_ws(' and ', '(' || nullif(btrim('$filter'), '') || ')', 'net ' || nullif('$ip', '')), relation => '$table')
WHERE key ->> 'src_addr' IS NOT NULL AND key ->> 'dst_addr' IS NOT NULL
ORDER BY amount DESC LIMIT 60
EDGES

1;
