# Who is charged for how much: interfaces and autonomous systems, with the 95th percentile.
use Dashboard;

dashboard 'flow-billing', 'AS and billing', from => 'now-30d', refresh => '15m', about => <<'TEXT';
How much goes over interfaces, and to and from autonomous systems and countries, with the 95th percentile of 5-minute samples that invoices go by. Bytes
of tables and percentiles are multiplied by the exporter's sampling; lines are as reported.
TEXT

variables qw(datasource table), {
	name => 'exporter', label => 'Exporter', about => 'Devices that report flows', multi => 1, all => q('0.0.0.0/0'),
	sql => 'SELECT DISTINCT host(address) FROM flow.exporters ORDER BY 1 LIMIT 500'
}, 'n', {
	name => 'width', label => 'Sample', about => 'Length of a sample of the 95th percentile', values => [ '5 min', '1 min', '15 min', '1 hour' ]
}, {
	name => 'as', label => 'AS', about => 'The number of an autonomous system, for the last row: the 200 with most bytes', refresh => 'range',
	sql => <<'SQL'
SELECT value FROM flow.traffic(NULL, '{dst_as}', n => 200, since => $__timeFrom(), until => $__timeTo(), other => false,
                               relation => ${table:sqlstring}) ORDER BY amount DESC LIMIT 200
SQL
};

my $times = q{$__timeFrom()::timestamptz, $__timeTo()::timestamptz};
my $interfaces = "flow.interface_billing($times, width => '\$width', relation => \${table:sqlstring})";
my $systems = "flow.as_billing($times, width => '\$width', n => \$n, relation => \${table:sqlstring})";
my $exporters = q{('0.0.0.0/0' IN ($exporter) OR exporter::text IN ($exporter) OR host(exporter) IN ($exporter))};
my %money = (
	in => { title => 'in', unit => 'decbytes' }, out => { title => 'out', unit => 'decbytes' },
	in_p95 => { title => 'p95 in', unit => 'bps' }, out_p95 => { title => 'p95 out', unit => 'bps' },
	p95 => { title => 'p95, larger', unit => 'bps', bar => 1 }, in_max => { title => 'max in', unit => 'bps' },
	out_max => { title => 'max out', unit => 'bps' }
);

row 'Interfaces';

panel 'table', 'Invoice by interface', 24, 12,
	about => 'Bytes into and out of the device at each interface, and the 95th percentile of the samples in bits per second: nearest rank, samples without traffic '
	. 'included, from the first flow in the time range on. Invoices go by the larger direction. Speed and customer are those of flow.interface.',
	unit => 'short', columns => { %money, speed => { unit => 'bps' },
		used => { title => 'p95 of speed', unit => 'percentunit', decimals => 1, thresholds => [ [ undef, 'green' ], [ 0.5, 'orange' ], [ 0.8, 'red' ] ] } },
	nothing => 'no interface in these flows', sql => <<"SQL";
SELECT host(exporter) AS exporter, interface, name, customer, in_bytes AS "in", out_bytes AS "out", in_p95, out_p95, p95, in_max, out_max,
  speed_bps AS speed, p95 / speed_bps AS used, samples
FROM $interfaces
WHERE $exporters
ORDER BY p95 DESC, exporter, interface LIMIT 500
SQL

panel 'bargauge', 'Largest interfaces', 8, 10,
	about => 'The interfaces with the largest 95th percentile, of the larger direction.', unit => 'bps', all => 1, nothing => 'no interface', sql => <<"SQL";
SELECT host(exporter) || ' ' || coalesce(name, interface::text) AS interface, p95
FROM $interfaces
WHERE $exporters
ORDER BY 2 DESC, 1 LIMIT \$n
SQL

panel 'bargauge', 'Fullest interfaces', 8, 10,
	about => 'The 95th percentile of the larger direction, as a part of the speed of the interface, where flow.interface tells it.', unit => 'percentunit',
	min => 0, max => 1, decimals => 1, all => 1, thresholds => [ [ undef, 'green' ], [ 0.5, 'orange' ], [ 0.8, 'red' ] ],
	nothing => 'no speed is known: flow.interface', sql => <<"SQL";
SELECT host(exporter) || ' ' || coalesce(name, interface::text) AS interface, p95 / speed_bps AS used
FROM $interfaces
WHERE speed_bps IS NOT NULL AND $exporters
ORDER BY 2 DESC, 1 LIMIT \$n
SQL

panel 'piechart', 'Bytes by customer', 8, 10,
	about => 'Bytes in both directions by the customers of flow.interface.', unit => 'decbytes', nothing => 'no customer is known: flow.interface', sql => <<"SQL";
SELECT customer, sum(in_bytes + out_bytes) AS bytes
FROM $interfaces
WHERE customer IS NOT NULL AND $exporters
GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 20
SQL

panel 'timeseries', 'Into devices by interface', 12, 9,
	about => 'Bits per second that came in at the interfaces with most, as reported, by exporter and SNMP index; the others together.', unit => 'bps', stack => 1, min_interval => '5m',
	legend => 'table', sql => <<'SQL';
SELECT $__timeGroupAlias(bucket,$__interval), value AS metric, sum(per_second) * 8 AS value
FROM flow.traffic('$__interval', '{exporter,in_if}', n => $n, since => $__timeFrom(), until => $__timeTo(), relation => ${table:sqlstring})
WHERE $__timeFilter(bucket) AND ('0.0.0.0/0' IN ($exporter) OR key IS NULL OR host((key ->> 'exporter')::inet) IN ($exporter))
GROUP BY 1, 2 ORDER BY 1
SQL

panel 'timeseries', 'Out of devices by interface', 12, 9,
	about => 'Bits per second that went out at the interfaces with most, as reported, by exporter and SNMP index; the others together.', unit => 'bps', stack => 1, min_interval => '5m',
	legend => 'table', sql => <<'SQL';
SELECT $__timeGroupAlias(bucket,$__interval), value AS metric, sum(per_second) * 8 AS value
FROM flow.traffic('$__interval', '{exporter,out_if}', n => $n, since => $__timeFrom(), until => $__timeTo(), relation => ${table:sqlstring})
WHERE $__timeFilter(bucket) AND ('0.0.0.0/0' IN ($exporter) OR key IS NULL OR host((key ->> 'exporter')::inet) IN ($exporter))
GROUP BY 1, 2 ORDER BY 1
SQL

panel 'timeseries', 'Use of interfaces', 24, 8,
	about => 'Traffic of the ten interfaces with most in each direction, as a part of its speed, where flow.interface tells it.', unit => 'percentunit', min => 0, min_interval => '5m',
	thresholds => [ [ undef, 'transparent' ], [ 0.8, 'red' ] ], nothing => 'no speed is known: flow.interface', sql => <<'SQL';
SELECT $__timeGroupAlias(bucket,$__interval), metric, max(used) AS value
FROM (SELECT t.bucket, host(i.exporter) || ' ' || coalesce(i.name, i.if_index::text) AS metric, t.per_second * 8 / i.speed_bps AS used
      FROM flow.traffic('$__interval', '{exporter,in_if}', n => 10, since => $__timeFrom(), until => $__timeTo(), relation => ${table:sqlstring}, other => false) t
      JOIN flow.interface i ON i.exporter = (t.key ->> 'exporter')::inet AND i.if_index = (t.key ->> 'in_if')::int
      UNION ALL
      SELECT t.bucket, host(i.exporter) || ' ' || coalesce(i.name, i.if_index::text), t.per_second * 8 / i.speed_bps
      FROM flow.traffic('$__interval', '{exporter,out_if}', n => 10, since => $__timeFrom(), until => $__timeTo(), relation => ${table:sqlstring}, other => false) t
      JOIN flow.interface i ON i.exporter = (t.key ->> 'exporter')::inet AND i.if_index = (t.key ->> 'out_if')::int
      WHERE i.speed_bps IS NOT NULL) u
WHERE used IS NOT NULL AND $__timeFilter(bucket)
GROUP BY 1, 2 ORDER BY 1
SQL

row 'Autonomous systems';

panel 'table', 'Invoice by AS', 14, 11,
	about => 'Bytes from (in) and to (out) each autonomous system, and the 95th percentile of the samples, nearest rank, as for interfaces; those with most bytes. '
	. 'Names and customers are those of flow.autonomous_system; 0 is not known.',
	unit => 'short', columns => { %money, AS => { unit => 'none' } }, nothing => 'no AS in these flows', sql => <<"SQL";
SELECT as_number AS "AS", name, customer, in_bytes AS "in", out_bytes AS "out", in_p95, out_p95, p95, in_max, out_max, samples
FROM $systems
ORDER BY p95 DESC, 1 LIMIT 500
SQL

panel 'bargauge', 'Largest AS', 10, 11,
	about => 'The autonomous systems with the largest 95th percentile, of the larger direction.', unit => 'bps', all => 1, nothing => 'no AS', sql => <<"SQL";
SELECT coalesce(name, 'AS' || as_number) AS "AS", p95
FROM $systems
ORDER BY 2 DESC, 1 LIMIT \$n
SQL

panel 'timeseries', 'From autonomous systems', 12, 9,
	about => 'Bits per second by AS of the source, as reported: those with most, the others together.', unit => 'bps', stack => 1, legend => 'table', sql => <<'SQL';
SELECT $__timeGroupAlias(bucket,$__interval), coalesce(max(a.name), t.value) AS metric, sum(per_second) * 8 AS value
FROM flow.traffic('$__interval', '{src_as}', n => $n, since => $__timeFrom(), until => $__timeTo(), relation => ${table:sqlstring}) t
LEFT JOIN flow.autonomous_system a ON a.as_number = (t.key ->> 'src_as')::bigint
WHERE $__timeFilter(bucket)
GROUP BY 1, t.value ORDER BY 1
SQL

panel 'timeseries', 'To autonomous systems', 12, 9,
	about => 'Bits per second by AS of the destination, as reported: those with most, the others together.', unit => 'bps', stack => 1, legend => 'table', sql => <<'SQL';
SELECT $__timeGroupAlias(bucket,$__interval), coalesce(max(a.name), t.value) AS metric, sum(per_second) * 8 AS value
FROM flow.traffic('$__interval', '{dst_as}', n => $n, since => $__timeFrom(), until => $__timeTo(), relation => ${table:sqlstring}) t
LEFT JOIN flow.autonomous_system a ON a.as_number = (t.key ->> 'dst_as')::bigint
WHERE $__timeFilter(bucket)
GROUP BY 1, t.value ORDER BY 1
SQL

row 'Countries';

panel 'table', 'By country', 12, 9,
	about => 'Bytes from (in) and to (out) each country: of the columns src_country and dst_country, of the prefix table "country", or of flow.autonomous_system.',
	unit => 'decbytes', columns => { in => { title => 'in' }, out => { title => 'out' }, both => { title => 'sum', bar => 1 } }, sql => <<"SQL";
SELECT country, in_bytes AS "in", out_bytes AS "out", in_bytes + out_bytes AS both
FROM flow.country_bytes($times, n => 100, relation => \${table:sqlstring})
ORDER BY 4 DESC, 1 LIMIT 100
SQL

panel 'piechart', 'Bytes by country', 12, 9,
	about => 'Bytes in both directions, of the countries with most.', unit => 'decbytes', sql => <<"SQL";
SELECT country, in_bytes + out_bytes AS bytes
FROM flow.country_bytes($times, n => \$n, relation => \${table:sqlstring})
ORDER BY 2 DESC, 1 LIMIT \$n
SQL

row 'One AS';

panel 'timeseries', 'Traffic of the AS', 12, 9,
	about => 'Bits per second from and to the AS of variable AS, as reported; to it below zero.', unit => 'bps', fill => 30,
	columns => { to => { negative => 1 } }, nothing => 'no flow of this AS', sql => <<'SQL';
SELECT * FROM (
  SELECT $__timeGroupAlias(ts,$__interval), 'from' AS metric, sum(bytes) * 8000.0 / $__interval_ms AS value
  FROM $table WHERE $__timeFilter(ts) AND src_as = nullif(${as:sqlstring}, '')::bigint GROUP BY 1
  UNION ALL
  SELECT $__timeGroupAlias(ts,$__interval), 'to', sum(bytes) * 8000.0 / $__interval_ms
  FROM $table WHERE $__timeFilter(ts) AND dst_as = nullif(${as:sqlstring}, '')::bigint GROUP BY 1) t
ORDER BY "time"
SQL

panel 'table', 'Hosts of the AS', 12, 9,
	about => 'The addresses of the AS with most bytes from and to them, in the last day of the time range.', unit => 'decbytes', columns => { flows => { unit => 'short' } },
	nothing => 'no flow of this AS', sql => <<'SQL';
SELECT address, sum(bytes_from) AS "from", sum(bytes_to) AS "to", sum(n) AS flows
FROM (SELECT src_addr AS address, sum(bytes) AS bytes_from, 0 AS bytes_to, count(*) AS n
      FROM $table
      WHERE $__timeFilter(ts) AND ts > $__timeTo()::timestamptz - interval '1 day' AND src_as = nullif(${as:sqlstring}, '')::bigint
      GROUP BY 1
      UNION ALL
      SELECT dst_addr, 0, sum(bytes), count(*)
      FROM $table
      WHERE $__timeFilter(ts) AND ts > $__timeTo()::timestamptz - interval '1 day' AND dst_as = nullif(${as:sqlstring}, '')::bigint
      GROUP BY 1) h
GROUP BY 1 ORDER BY sum(bytes_from) + sum(bytes_to) DESC, 1 LIMIT $n
SQL

1;
