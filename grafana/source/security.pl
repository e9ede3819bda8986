# What the detections find, by kind, and what can be seen at once.
use Dashboard;

dashboard 'flow-security', 'Flow security', from => 'now-24h', refresh => '5m', about => <<'TEXT';
What the detections have found: scans, floods, tried passwords, beacons, long connections, data that leaves, indicators, movement inside, odd TLS. Tables show what
scheduled detections have stored (flow.schedule_detections()), so they cost nothing; lines are computed from the flows of the time range.
TEXT

my %severities = (info => ['info', 'blue'], low => ['low', 'green'], medium => ['medium', 'yellow'], high => ['high', 'orange'],
	critical => ['critical', 'red']);

variables qw(datasource table), {
	name => 'minimum', label => 'From severity', about => 'The least severity that is shown', values => [qw(info low medium high critical)]
}, {
	name => 'ip', label => 'Address', about => 'An address or a network; empty for all', text => ''
};
link_to 'Alerts', 'flow-alerts';

annotation 'Critical findings', <<'SQL', 'red';
SELECT ts AS "time", rule || ' ' || concat_ws(' to ', host(src_addr), host(dst_addr)) AS text, severity::text AS tags
FROM flow.alerts
WHERE hour BETWEEN $__timeFrom()::timestamptz - interval '1 hour' AND $__timeTo()::timestamptz AND $__timeFilter(ts) AND worst = 'critical'
ORDER BY 1 LIMIT 200
SQL

my $shown = q{hour BETWEEN $__timeFrom()::timestamptz - interval '1 hour' AND $__timeTo()::timestamptz AND $__timeFilter(ts)
  AND worst >= '$minimum' AND ('$ip' = '' OR src_addr <<= nullif('$ip', '')::inet OR dst_addr <<= nullif('$ip', '')::inet)};
my $nothing = 'nothing found';

# A tile with the number of findings of some rules.
sub tile
{
	my ($title, $about, $rules) = @_;
	panel 'stat', $title, 3, 4, about => $about, unit => 'short', thresholds => [ [ undef, 'green' ], [ 1, 'orange' ] ],
		sql => "SELECT count(*) AS findings FROM flow.alerts WHERE $shown AND rule IN ($rules)";
	return;
}

# A table of findings of some rules; columns are what of the evidence is shown.
sub findings
{
	my ($title, $about, $rules, $columns, $units, $w, $h) = @_;
	panel 'table', $title, $w // 12, $h // 8, about => $about, unit => 'short', nothing => $nothing,
		columns => {
			ts => { title => 'began', unit => 'dateTimeAsIso', width => 180 }, severity => { map => \%severities, width => 85 },
			bytes => { unit => 'decbytes' }, %$units
		},
		sql => "SELECT ts, worst::text AS severity, $columns\nFROM flow.alerts\nWHERE $shown AND rule IN ($rules)\nORDER BY worst DESC, ts DESC LIMIT 300";
	return;
}

sub number { my ($key) = @_; return "(evidence ->> '$key')::float8"; }

row 'Findings';

tile('Scans', 'Horizontal, vertical and distributed scans, and sources whose first contacts fail.', q{'scan_horizontal', 'scan_vertical', 'scan_distributed', 'scan_trw'});
tile('Floods', 'Floods by SYN, UDP and ICMP, and amplification.', q{'flood_syn', 'flood_udp', 'flood_icmp', 'flood_amplification'});
tile('Passwords tried', 'Many connections to a login port.', q{'bruteforce'});
tile('Beacons', 'Inside hosts that call an outside one at regular times.', q{'beacon'});
tile('Data that leaves', 'Much more sent than usual, and tunnels through DNS.', q{'exfiltration', 'dns_tunnel'});
tile('Indicators', 'Flows with addresses on the lists of flow.load_indicators().', q{'indicator'});
tile('Movement inside', 'Inside hosts that use login ports of others for the first time.', q{'lateral'});
tile('Others', 'Long connections, odd TLS, shifts of entropy, services that do not answer.',
	q{'long_connection', 'tls_oddity', 'entropy_shift', 'service_health', 'rare_destination', 'change'});

panel 'timeseries', 'Findings by kind', 24, 7,
	about => 'Findings of all scheduled detections, where they begin.', unit => 'short', stack => 1, line => 'bars', min_interval => '1m',
	nothing => $nothing, sql => <<"SQL";
SELECT \$__timeGroupAlias(ts,\$__interval), rule AS metric, count(*) AS value
FROM flow.alerts
WHERE $shown
GROUP BY 1, 2 ORDER BY 1
SQL

row 'Scans, floods and passwords';

findings('Scans', 'Who scans whom: score is the number of targets, ports, or for scan_trw the log-likelihood ratio; answered is how many of them answered.',
	q{'scan_horizontal', 'scan_vertical', 'scan_distributed', 'scan_trw'},
	'rule AS kind, src_addr, dst_addr, dst_port AS port, score, ' . number('answered') . ' AS answered, ' . number('sources') . ' AS sources, '
	. number('flows') . ' AS flows', { score => { decimals => 0 } });
findings('Floods', 'Who is flooded: rate is the largest number of a minute: flows without answer (syn), packets a second (udp, icmp), reflectors (amplification).',
	q{'flood_syn', 'flood_udp', 'flood_icmp', 'flood_amplification'},
	'rule AS kind, dst_addr, dst_port AS port, score AS rate, coalesce(' . number('sources') . ', ' . number('reflectors') . ') AS sources, '
	. number('minutes') . ' AS minutes, ' . number('bytes') . ' AS bytes', { rate => { decimals => 0 } });
findings('Passwords tried', 'Pairs with many connections to a login port in ten minutes.', q{'bruteforce'},
	'src_addr, dst_addr, flow.port_name(dst_port) AS service, ' . number('attempts') . ' AS attempts, ' . number('mean_ms') . ' AS mean, '
	. number('bytes_per_try') . ' AS each', { mean => { title => 'mean time', unit => 'ms' }, each => { title => 'bytes a try', unit => 'decbytes' } });
findings('Services that do not answer', 'Services of inside hosts that answered less than half of their requests; lost is the part without answer.', q{'service_health'},
	'dst_addr, flow.port_name(dst_port, coalesce((evidence ->> \'proto\')::int, 6)) AS service, score AS lost, ' . number('requests') . ' AS requests, '
	. number('answers') . ' AS answers, ' . number('clients') . ' AS clients', { lost => { unit => 'percentunit', decimals => 0 } });

panel 'timeseries', 'TCP flows without answer', 12, 8,
	about => 'Flows with SYN and without ACK per second, to the ten targets with most in the time range: where a SYN flood or a scan shows first.',
	unit => 'cps', legend => 'table', nothing => $nothing, sql => <<'SQL';
SELECT $__timeGroupAlias(ts,$__interval), host(dst_addr) AS metric, count(*) * 1000.0 / $__interval_ms AS value
FROM $table
WHERE $__timeFilter(ts) AND proto = 6 AND tcp_flags & 18 = 2
  AND dst_addr IN (SELECT dst_addr FROM $table WHERE $__timeFilter(ts) AND proto = 6 AND tcp_flags & 18 = 2
                   GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 10)
GROUP BY 1, dst_addr ORDER BY 1
SQL

panel 'timeseries', 'Packets by protocol', 12, 8,
	about => 'Packets per second by IP protocol, as reported: floods of UDP and ICMP stand out.', unit => 'pps', legend => 'table', sql => <<'SQL';
SELECT $__timeGroupAlias(bucket,$__interval), value AS metric, sum(per_second) AS value
FROM flow.traffic('$__interval', '{proto}', 'packets', n => 10, since => $__timeFrom(), until => $__timeTo(), relation => ${table:sqlstring})
WHERE $__timeFilter(bucket)
GROUP BY 1, 2 ORDER BY 1
SQL

row 'Calling home and data that leaves';

findings('Beacons', 'Inside hosts that call an outside one at regular times: score and its four parts, 0 to 1.', q{'beacon'},
	'src_addr, dst_addr, dst_port AS port, score, ' . number('timestamps') . ' AS times, ' . number('data_size') . ' AS sizes, ' . number('histogram')
	. ' AS hours, ' . number('duration') . ' AS duration, ' . number('flows') . ' AS calls',
	{ map { $_ => { unit => 'percentunit', decimals => 0 } } qw(score times sizes hours duration) }, 24, 8);
findings('Long connections', 'Connections to outside hosts that lasted an hour or more.', q{'long_connection'},
	'src_addr, dst_addr, flow.port_name(dst_port, coalesce((evidence ->> \'proto\')::int, 6)) AS service, score AS lasted, ' . number('bytes') . ' AS bytes',
	{ lasted => { unit => 's' } });
findings('Data that leaves', 'Inside hosts that sent much more than usual within an hour, and such that ask for many names of a domain.', q{'exfiltration', 'dns_tunnel'},
	q{rule AS kind, src_addr, dst_addr, CASE rule WHEN 'exfiltration' THEN score END AS sent, } . number('usual') . ' AS usual, ' . number('z')
	. q{ AS z, evidence ->> 'domain' AS domain, } . number('subdomains') . ' AS names', { sent => { unit => 'decbytes' }, usual => { unit => 'decbytes' }, z => { decimals => 1 } });
findings('Indicators', 'Flows with an address of the lists that flow.load_indicators() has read.', q{'indicator'},
	q{src_addr, dst_addr, evidence ->> 'set' AS list, evidence ->> 'network' AS network, evidence ->> 'side' AS side, } . number('flows') . ' AS flows, '
	. number('bytes') . q{ AS bytes, evidence ->> 'note' AS note}, {});
findings('Movement inside', 'Inside hosts that used ports 22, 135, 445, 3389 or 5985 of others that they had not used in 30 days.', q{'lateral'},
	'src_addr, dst_addr, flow.port_name(dst_port) AS service, ' . number('new_targets') . ' AS targets, ' . number('known_targets') . ' AS before', {
		targets => { title => 'new targets' }, before => { title => 'targets before' } });
findings('Odd TLS', 'Clients with a fingerprint that few have, an old version, or data that is hardly encrypted.', q{'tls_oddity'},
	q{src_addr, dst_addr, dst_port AS port, evidence ->> 'why' AS why, coalesce(evidence ->> 'ja4', evidence ->> 'ja3') AS fingerprint, evidence ->> 'sni' AS name, }
	. number('flows') . ' AS flows', {});

panel 'table', 'New outside hosts', 12, 8,
	about => 'Outside hosts that were first seen in the time range, the newest first, as flow.watch_hosts() keeps it.', unit => 'short', nothing => 'none, or flow.watch_hosts() was not called',
	columns => { first => { title => 'first seen', unit => 'dateTimeAsIso' }, last => { title => 'last seen', unit => 'dateTimeAsIso' } }, sql => <<'SQL';
SELECT first_seen AS "first", dst_addr, flows, last_seen AS "last"
FROM flow.first_seen(${table:sqlstring}, $__timeFrom(), $__timeTo())
WHERE '$ip' = '' OR dst_addr <<= nullif('$ip', '')::inet
ORDER BY 1 DESC, 2 LIMIT 200
SQL

panel 'table', 'New inside hosts', 12, 8,
	about => 'Inside hosts that were first seen in the time range, the newest first, as flow.watch_hosts() keeps it.', unit => 'short', nothing => 'none, or flow.watch_hosts() was not called',
	columns => { first => { title => 'first seen', unit => 'dateTimeAsIso' }, last => { title => 'last seen', unit => 'dateTimeAsIso' } }, sql => <<'SQL';
SELECT first_seen AS "first", src_addr, flows, last_seen AS "last"
FROM flow.first_seen(${table:sqlstring}, $__timeFrom(), $__timeTo(), internal => true)
WHERE '$ip' = '' OR src_addr <<= nullif('$ip', '')::inet
ORDER BY 1 DESC, 2 LIMIT 200
SQL

panel 'table', 'Rare destinations', 24, 8,
	about => 'Outside hosts that a single inside host sent to in the last hour of the time range, those with most bytes.', unit => 'short',
	columns => { bytes => { unit => 'decbytes' }, first => { unit => 'dateTimeAsIso' }, last => { unit => 'dateTimeAsIso' } }, nothing => $nothing, sql => <<'SQL';
SELECT src_addr, dst_addr, bytes, flows, first_seen AS "first", last_seen AS "last"
FROM flow.rare_destinations(${table:sqlstring}, greatest($__timeFrom()::timestamptz, $__timeTo()::timestamptz - interval '1 hour'), $__timeTo(), prevalence => 0)
WHERE '$ip' = '' OR src_addr <<= nullif('$ip', '')::inet OR dst_addr <<= nullif('$ip', '')::inet
ORDER BY bytes DESC, dst_addr LIMIT 200
SQL

row 'Entropy';

# Entropy of a column over time with the band that flow.anomaly() expects.
sub entropy
{
	my ($column, $what) = @_;
	panel 'timeseries', "Entropy of $what", 12, 8,
		about => "Shannon entropy of $what in each interval, in bits, by flows, and the band of five deviations that an exponential average expects (flow.anomaly). "
		. 'A scan raises that of ports or targets, a flood on one target lowers it. At most the last day of the time range.',
		unit => 'short', decimals => 2, min_interval => '1m', fill => 0,
		columns => { low => { dashed => 1, colour => 'text' }, high => { dashed => 1, colour => 'text' }, outside => { colour => 'red' } }, sql => <<"SQL";
SELECT \$__timeGroupAlias(t,\$__interval), avg(v) AS entropy, avg(expected - 5 * deviation) AS low, avg(expected + 5 * deviation) AS high,
  max(CASE WHEN is_anomaly THEN v END) AS outside
FROM (SELECT a.* FROM (SELECT array_agg(t ORDER BY t) AS t, array_agg(v ORDER BY t) AS v
                       FROM (SELECT flow.time_bucket('\$__interval', ts) AS t, flow.entropy($column) AS v
                             FROM \$table
                             WHERE \$__timeFilter(ts) AND ts > \$__timeTo()::timestamptz - interval '1 day' GROUP BY 1) e) s,
           flow.anomaly(s.t, s.v) a) b
WHERE t IS NOT NULL
GROUP BY 1 ORDER BY 1
SQL
	return;
}
entropy('src_addr', 'sources');
entropy('dst_addr', 'destinations');
entropy('dst_port', 'destination ports');
entropy('src_port', 'source ports');

1;
