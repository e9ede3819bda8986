# What the network does: how much, of what, by whom.
use Dashboard;

dashboard 'flow-overview', 'Flow overview', from => 'now-6h', refresh => '1m', about => <<'TEXT';
How much traffic there is, of which kind, in which direction, and who makes it.
TEXT

variables qw(datasource table);
link_to 'Top N', 'flow-top';
link_to 'Conversations', 'flow-conversations';

row 'Now';

panel 'stat', 'Bits per second', 4, 4,
	about => 'Mean of the time range, of flows that began in it.', unit => 'bps', decimals => 1, sql => <<'SQL';
SELECT coalesce(sum(amount), 0) * 8 / extract(epoch FROM $__timeTo()::timestamptz - $__timeFrom()) AS "bits per second"
FROM flow.traffic(NULL, since => $__timeFrom(), until => $__timeTo(), relation => '$table')
SQL

panel 'stat', 'Flows per second', 4, 4,
	about => 'Mean of the time range.', unit => 'cps', decimals => 1, sql => <<'SQL';
SELECT coalesce(sum(amount), 0) / extract(epoch FROM $__timeTo()::timestamptz - $__timeFrom()) AS "flows per second"
FROM flow.traffic(NULL, measure => 'flows', since => $__timeFrom(), until => $__timeTo(), relation => '$table')
SQL

panel 'stat', 'Packets per second', 4, 4,
	about => 'Mean of the time range, as reported, not multiplied by sampling.', unit => 'pps', decimals => 1, sql => <<'SQL';
SELECT coalesce(sum(amount), 0) / extract(epoch FROM $__timeTo()::timestamptz - $__timeFrom()) AS "packets per second"
FROM flow.traffic(NULL, measure => 'packets', since => $__timeFrom(), until => $__timeTo(), relation => '$table')
SQL

panel 'stat', 'Volume', 4, 4,
	about => 'Bytes of IP, headers included, of flows that began in the time range.', unit => 'decbytes', decimals => 1, sql => <<'SQL';
SELECT coalesce(sum(amount), 0) AS bytes
FROM flow.traffic(NULL, since => $__timeFrom(), until => $__timeTo(), relation => '$table')
SQL

panel 'stat', 'Exporters', 4, 4,
	about => 'Devices that reported flows in the time range; flows of captures have none.', unit => 'short', sql => <<'SQL';
SELECT count(*) AS exporters
FROM flow.traffic(NULL, '{exporter}', 'flows', since => $__timeFrom(), until => $__timeTo(), relation => '$table')
WHERE key ->> 'exporter' IS NOT NULL
SQL

panel 'stat', 'Last flow', 4, 4,
	about => 'Age of the newest flow by its start, up to the end of the time range. Long flows are reported after they began.',
	unit => 's', thresholds => [ [ undef, 'green' ], [ 300, 'orange' ], [ 1800, 'red' ] ], nothing => 'none', sql => <<'SQL';
SELECT extract(epoch FROM $__timeTo() - max(ts)) AS age
FROM $table
WHERE $__timeFilter(ts)
HAVING count(*) > 0
SQL

row 'Traffic';

panel 'timeseries', 'Bits per second by protocol', 12, 9,
	about => 'Bits per second by IP protocol, counted where a flow begins. The ten with most bytes, the others together.',
	unit => 'bps', stack => 1, legend => 'table', sql => <<'SQL';
SELECT $__timeGroupAlias(bucket,$__interval), value AS metric, sum(per_second) * 8 AS value
FROM flow.traffic('$__interval', '{proto}', n => 10, since => $__timeFrom(), until => $__timeTo(), relation => '$table')
WHERE $__timeFilter(bucket)
GROUP BY 1, 2 ORDER BY 1
SQL

panel 'timeseries', 'In and out', 12, 9,
	about => 'Bits per second by direction: in above zero, out below; internal and transit on their own. Internal is what setting flowstore.internal_networks says.',
	unit => 'bps', fill => 30, legend => 'table', columns => { out => { negative => 1 } }, sql => <<'SQL';
SELECT $__timeGroupAlias(bucket,$__interval), value AS metric, sum(per_second) * 8 AS value
FROM flow.traffic('$__interval', '{direction}', since => $__timeFrom(), until => $__timeTo(), relation => '$table')
WHERE $__timeFilter(bucket)
GROUP BY 1, 2 ORDER BY 1
SQL

panel 'timeseries', 'Now and before', 12, 8,
	about => 'Bits per second, and those of the time range of the same length before (dashed).',
	unit => 'bps', columns => { before => { dashed => 1, colour => 'text' } }, sql => <<'SQL';
SELECT $__timeGroupAlias(bucket,$__interval), metric, sum(per_second) * 8 AS value
FROM (SELECT bucket, 'now' AS metric, per_second
      FROM flow.traffic('$__interval', since => $__timeFrom(), until => $__timeTo(), relation => '$table')
      UNION ALL
      SELECT bucket + ($__timeTo()::timestamptz - $__timeFrom()), 'before', per_second
      FROM flow.traffic('$__interval', since => $__timeFrom()::timestamptz - ($__timeTo()::timestamptz - $__timeFrom()),
                        until => $__timeFrom(), relation => '$table')) t
WHERE $__timeFilter(bucket)
GROUP BY 1, 2 ORDER BY 1
SQL

panel 'timeseries', 'Flows per second by exporter', 12, 8,
	about => 'Flows per second that each exporter reports, the ten with most.', unit => 'cps', stack => 1, legend => 'table', sql => <<'SQL';
SELECT $__timeGroupAlias(bucket,$__interval), value AS metric, sum(per_second) AS value
FROM flow.traffic('$__interval', '{exporter}', 'flows', 10, since => $__timeFrom(), until => $__timeTo(), relation => '$table')
WHERE $__timeFilter(bucket)
GROUP BY 1, 2 ORDER BY 1
SQL

row 'Who and what';

panel 'table', 'Top sources', 8, 10,
	about => 'The sources with most bytes. An address leads to its own dashboard.', unit => 'decbytes', columns => { percent => { unit => 'percent', bar => 1, max => 100, min => 0 } },
	sql => <<'SQL';
SELECT (key ->> 'src_addr')::inet AS src_addr, amount AS bytes, round(100 * amount / sum(amount) OVER (), 1) AS percent
FROM flow.traffic(NULL, '{src_addr}', n => 20, since => $__timeFrom(), until => $__timeTo(), relation => '$table')
ORDER BY key IS NULL, amount DESC LIMIT 21
SQL

panel 'table', 'Top destinations', 8, 10,
	about => 'The destinations with most bytes. An address leads to its own dashboard.', unit => 'decbytes', columns => { percent => { unit => 'percent', bar => 1, max => 100, min => 0 } },
	sql => <<'SQL';
SELECT (key ->> 'dst_addr')::inet AS dst_addr, amount AS bytes, round(100 * amount / sum(amount) OVER (), 1) AS percent
FROM flow.traffic(NULL, '{dst_addr}', n => 20, since => $__timeFrom(), until => $__timeTo(), relation => '$table')
ORDER BY key IS NULL, amount DESC LIMIT 21
SQL

panel 'table', 'Top services', 8, 10,
	about => "The services with most bytes, by protocol and port: the destination's port, or the source's where only that is below 10000.",
	unit => 'decbytes', columns => { percent => { unit => 'percent', bar => 1, max => 100, min => 0 } }, sql => <<'SQL';
SELECT coalesce(flow.proto_name((key ->> 'proto')::integer) || '/' || flow.port_name((key ->> 'port')::integer, (key ->> 'proto')::integer), value) AS service,
       amount AS bytes, round(100 * amount / sum(amount) OVER (), 1) AS percent
FROM flow.traffic(NULL, '{proto,port}', n => 20, since => $__timeFrom(), until => $__timeTo(), relation => '$table')
ORDER BY key IS NULL, amount DESC LIMIT 21
SQL

panel 'piechart', 'IP versions', 6, 8,
	about => 'Bytes of IPv4 and IPv6.', unit => 'decbytes', sql => <<'SQL';
SELECT value AS version, amount AS bytes
FROM flow.traffic(NULL, '{family}', since => $__timeFrom(), until => $__timeTo(), relation => '$table')
ORDER BY 2 DESC LIMIT 10
SQL

panel 'bargauge', 'Top source AS', 9, 8,
	about => 'The autonomous systems that sent most bytes; 0 is unknown.', unit => 'decbytes', all => 1, sql => <<'SQL';
SELECT CASE WHEN key IS NULL THEN value ELSE 'AS' || value END AS name, amount AS bytes
FROM flow.traffic(NULL, '{src_as}', n => 10, since => $__timeFrom(), until => $__timeTo(), relation => '$table')
ORDER BY key IS NULL, amount DESC LIMIT 11
SQL

panel 'bargauge', 'Top destination AS', 9, 8,
	about => 'The autonomous systems that received most bytes; 0 is unknown.', unit => 'decbytes', all => 1, sql => <<'SQL';
SELECT CASE WHEN key IS NULL THEN value ELSE 'AS' || value END AS name, amount AS bytes
FROM flow.traffic(NULL, '{dst_as}', n => 10, since => $__timeFrom(), until => $__timeTo(), relation => '$table')
ORDER BY key IS NULL, amount DESC LIMIT 11
SQL

annotation 'Alerts', <<'SQL', 'red';
SELECT ts AS time, rule || ' ' || coalesce(host(src_addr), '') AS text, severity::text AS tags
FROM flow.alerts
WHERE hour >= $__timeFrom()::timestamptz - interval '1 hour' AND $__timeFilter(ts) AND severity >= 'high'
ORDER BY ts DESC LIMIT 100
SQL

1;
