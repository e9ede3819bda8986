# Each command says what SQL says.  If this goes, a filter, a range or a sum may be wrong and look right.
use strict;
use warnings;
use FlowCommand;
use Test::More;

sub close_to
{
	my ($got, $expected, $name) = @_;
	ok(abs($got - $expected) <= 1e-9 * abs($expected) + 0.005, $name) or diag("got $got, expected $expected");
}

# top: the same groups as flow.top, with a filter, by networks, and with what is left
for my $measure (qw(bytes packets flows))
{
	my @expected = sql_rows("SELECT rank, value, amount, percent, cumulative FROM flow.top('dst_port', '$measure', 5, '2026-03-01', '2026-03-02')");
	my @got = map { [$_->{rank} // '', $_->{dst_port} // 'Other', $_->{$measure}, $_->{percent}, $_->{cumulative}] }
		@{ json_of('top', 'dst_port', "--$measure", '-n', '5', '-24h', @DAY) };
	is_deeply([map { [@{$_}[0 .. 2]] } @got], [map { [@{$_}[0 .. 2]] } @expected], "top by $measure has the groups of flow.top");
	close_to($got[$_][3], $expected[$_][3], "percent of row $_") for 0 .. $#expected;
	close_to($got[$_][4], $expected[$_][4], "cumulative percent of row $_") for 0 .. $#expected;
}
my $rows = json_of('top', 'src_addr,dst_port', '--flows', '-n', '3', '--since', '2026-03-01', '--until', '2026-03-02', 'proto', 'udp', 'and', 'not', 'port', '53');
is_deeply([map { [$_->{src_addr}, $_->{dst_port}, $_->{flows}] } @{$rows}[0 .. 2]],
	[sql_rows("SELECT host(src_addr), dst_port, count(*) FROM flows WHERE proto = 17 AND dst_port <> 53 AND src_port <> 53 GROUP BY src_addr, dst_port ORDER BY 3 DESC, src_addr, dst_port LIMIT 3")],
	'top by two columns takes a filter in words');
is($rows->[3]{rank}, undef, 'the rest has no rank');
is($rows->[3]{flows}, sql("SELECT count(*) FROM flows WHERE proto = 17 AND dst_port <> 53 AND src_port <> 53") - $rows->[0]{flows} - $rows->[1]{flows} - $rows->[2]{flows}, 'and is the rest');
$rows = json_of('top', 'src_addr/8/32', '-n', '2', @DAY);
is_deeply([map { [$_->{'src_addr/8/32'}, $_->{bytes}] } @{$rows}[0, 1]],
	[sql_rows("SELECT flow.subnet(src_addr, 8, 32), sum(bytes) FROM flows GROUP BY 1 ORDER BY 2 DESC LIMIT 2")], 'top by networks');
$rows = json_of('top', 'proto', '--corrected', '--packets', '-n', '1', @DAY);
is($rows->[0]{packets}, sql("SELECT sum(packets * greatest(coalesce(sampling, 1), 1)) FROM flows GROUP BY proto ORDER BY 1 DESC LIMIT 1"), 'top --corrected multiplies by sampling');

# rows
$rows = json_of('src', 'net', '10.0.0.0/8', 'and', 'dst', 'port', '443', '-n', '4', '-o', 'ts,src_addr,bytes');
is_deeply([map { [$_->{src_addr}, $_->{bytes}] } @$rows],
	[sql_rows("SELECT host(src_addr), bytes FROM flows WHERE src_addr <<= '10.0.0.0/8' AND dst_port = 443 ORDER BY ts DESC LIMIT 4")], 'a filter gives its newest rows');
$rows = json_of('any', '--asc', '-n', '3', '-o', 'ts');
is($rows->[0]{ts}, '2026-03-01T00:00:00+00:00', '--asc begins with the oldest');
is_deeply(json_of('--count', 'bytes > 1M or flags S'), [{ flows => sql("SELECT count(*) FROM flows WHERE bytes > 1000000 OR tcp_flags & 2 = 2") + 0 }], '--count counts');
$rows = json_of('rows', '--sum', 'proto tcp', '--since', '2026-03-01 06:00', '--until', '2026-03-01 07:00');
is_deeply([@{ $rows->[0] }{qw(flows packets bytes sources destinations)}],
	[split /\|/, sql("SELECT count(*), sum(packets), sum(bytes), count(DISTINCT src_addr), count(DISTINCT dst_addr) FROM flows WHERE proto = 6 AND ts >= '2026-03-01 06:00' AND ts < '2026-03-01 07:00'")], '--sum sums');
is(scalar @{ json_of('any', '-n', '0', '-1h', @DAY) }, sql("SELECT count(*) FROM flows WHERE ts >= '2026-03-01 23:00'"), '-n 0 gives all');

# ranges
my %ranges = ('-90m' => '22:30', '-1h30m' => '22:30', '-24' => '00:00', '-0.5h' => undef, '-7200s' => '22:00');
for my $range (sort keys %ranges)
{
	if (defined $ranges{$range})
	{
		is(json_of('--count', $range, @DAY)->[0]{flows}, sql("SELECT count(*) FROM flows WHERE ts >= '2026-03-01 $ranges{$range}'"), "range $range");
	}
	else { is((flow('any', $range))[0], 2, "$range is no range") }
}
is(json_of('--count', '--since', '-3h', '--until', '-1h', @DAY)->[0]{flows}, sql("SELECT count(*) FROM flows WHERE ts >= '2026-03-01 21:00' AND ts < '2026-03-01 23:00'"), '--until takes a span, too');
is(json_of('--count', '-24h')->[0]{flows}, 0, 'spans end at the present');
is(json_of('--count', '-24h', '--now', 'newest')->[0]{flows}, sql("SELECT count(*) FROM flows, (SELECT max(ts) + interval '1 us' AS n FROM flows) x WHERE ts >= n - interval '1 day'"), '--now newest puts it behind the newest row');
my ($status, $out, $err) = flow('any', '-24h');
is($status, 0, 'nothing found is no error');
like($err, qr/nothing found from .* to .*\nThe table has rows from 2026-03-01 00:00:00/, 'and says which times there are');
is((flow('any', '-24h', '--exit-code'))[0], 4, 'but --exit-code tells it');

# rate: as flow.rate, and with a filter as flow.rate of a view of these rows
for my $measure (qw(bytes packets flows))
{
	my $name = $measure eq 'bytes' ? 'bits' : $measure;
	my $factor = $measure eq 'bytes' ? 8 : 1;
	my @expected = sql_rows("SELECT amount, round((per_second * $factor)::numeric, 3) FROM flow.rate('2 hours', '$measure', '2026-03-01', '2026-03-02', zone => 'UTC')");
	my @got = map { [$_->{$measure}, $_->{"${name}_per_second"}] } @{ json_of('rate', "--$measure", '-b', '2h', '-24h', @DAY) };
	is(scalar @got, 12, "rate --$measure has all buckets");
	is_deeply([map { $_->[0] + 0 } @got], [map { $_->[0] + 0 } @expected], "rate --$measure has the amounts of flow.rate");
	close_to($got[5][1], $expected[5][1], "and its rates");
}
sql("CREATE VIEW only_dns AS SELECT * FROM flows WHERE dst_port = 53 OR src_port = 53");
is_deeply([map { $_->{bytes} + 0 } @{ json_of('rate', '-b', '6h', '-24h', @DAY, 'port', '53') }],
	[map { $_->[0] + 0 } sql_rows("SELECT amount FROM flow.rate('6 hours', 'bytes', '2026-03-01', '2026-03-02', relation => 'only_dns')")], 'rate takes a filter');
($status, $out) = flow('rate', '--line', '-24h', @DAY);
like($out, qr/^\S+  highest \S+ \S?bit\/s\n\z/, 'rate --line is one line');

# ip
my $host = sql("SELECT host(src_addr) FROM flows WHERE src_addr <<= '10.0.0.0/8' GROUP BY src_addr ORDER BY count(*) DESC LIMIT 1");
my @expected = sql_rows("SELECT section, item, flows, coalesce(bytes::text, '') FROM flow.investigate('$host', 3, '2026-02-23', '2026-03-02')");
my @got = map { [$_->{section}, $_->{item}, $_->{flows} // '', $_->{bytes} // ''] } grep { $_->{section} !~ /^ever/ } @{ json_of('ip', $host, '-n', '3', @DAY) };
is_deeply(\@got, \@expected, 'ip of an address is flow.investigate');
$rows = json_of('ip', '10.12.0.0/16', '-n', '2', @DAY);
my %section;
push @{ $section{ $_->{section} } }, $_ for @$rows;
is($section{network}[0]{flows}, sql("SELECT count(*) FROM flows WHERE src_addr <<= '10.12.0.0/16' OR dst_addr <<= '10.12.0.0/16'"), 'ip of a network: all flows');
is($section{network}[0]{flows}, $section{sent}[0]{flows} + $section{received}[0]{flows} + ($section{within} ? $section{within}[0]{flows} : 0), 'are sent, received or within');
is_deeply([map { [$_->{item}, $_->{bytes}] } @{ $section{host} }],
	[sql_rows("SELECT host(a), sum(bytes) FROM (SELECT src_addr AS a, bytes FROM flows WHERE src_addr <<= '10.12.0.0/16' UNION ALL SELECT dst_addr, bytes FROM flows WHERE dst_addr <<= '10.12.0.0/16' AND src_addr <> dst_addr) x GROUP BY a ORDER BY 2 DESC, 1 LIMIT 2")], 'its hosts');
is_deeply([map { [$_->{item}, $_->{bytes}] } @{ $section{peer} }],
	[sql_rows("SELECT host(a), sum(bytes) FROM (SELECT dst_addr AS a, bytes FROM flows WHERE src_addr <<= '10.12.0.0/16' AND NOT dst_addr <<= '10.12.0.0/16' UNION ALL SELECT src_addr, bytes FROM flows WHERE dst_addr <<= '10.12.0.0/16' AND NOT src_addr <<= '10.12.0.0/16') x GROUP BY a ORDER BY 2 DESC, 1 LIMIT 2")], 'its peers');
is_deeply([map { [$_->{item}, $_->{flows}] } @{ $section{'port served'} }],
	[sql_rows("SELECT flow.proto_name(proto::integer) || '/' || dst_port, count(*) FROM flows WHERE dst_addr <<= '10.12.0.0/16' GROUP BY proto, dst_port ORDER BY sum(bytes) DESC, 2 DESC, 1 LIMIT 2")], 'the ports it serves');
sql("SELECT flow.load_indicators('bad list', '$host')");
sql("SELECT flow.load_prefixes('site', E'network,value\\n10.0.0.0/8,\"inner net\"')");
$rows = json_of('ip', $host, @DAY);
ok((grep { $_->{section} eq 'indicator' && $_->{item} eq 'bad list' } @$rows) == 1, 'ip tells indicators');
ok((grep { $_->{section} eq 'in site' && $_->{item} eq 'inner net' } @$rows) == 1, 'and prefix tables');

# hunt, detections, hops, search
is_deeply([map { [@{$_}{qw(severity detection)}, $_->{src_addr} // '', $_->{flows}] } @{ json_of('hunt', '-24h', '-n', '7', @DAY) }],
	[sql_rows("SELECT severity, detection, coalesce(host(src_addr), ''), flows FROM flow.hunt(since => '2026-03-01', until => '2026-03-02', n => 7)")], 'hunt is flow.hunt');
is_deeply([map { $_->{detection} } @{ json_of('hunt', '-24h', @DAY, 'flood_syn', 'flood_udp', '--minimum', 'info') }],
	[map { $_->[0] } sql_rows("SELECT detection FROM flow.hunt(since => '2026-03-01', until => '2026-03-02', detections => '{flood_syn,flood_udp}', minimum => 'info')")], 'hunt takes names of detections');
is(scalar @{ json_of('detections') }, sql('SELECT count(*) FROM flow.detections()'), 'detections lists all');
is_deeply([map { [@{$_}{qw(hops address)}] } @{ json_of('hops', $host, '1', @DAY) }],
	[sql_rows("SELECT hops, host(m) FROM flow.hops('$host', 1, 'out', '2026-03-01', '2026-03-02') h, unnest(members) m ORDER BY hops, m")], 'hops is flow.hops');
($status, $out) = flow('hops', $host, '1', '-n', '1', @DAY);
like($out, qr/^ +1  \.\.\. \d+ more$/m, 'a table of hops says how many more there are') ;
is_deeply([map { [@{$_}{qw(column value flows)}] } @{ json_of('search', $host) }],
	[sql_rows("SELECT column_name, value, flows FROM flow.search('$host', 20)")], 'search is flow.search');

# alerts
sql("SELECT flow.raise_alert('fan-out', 'high', '10.9.8.7', NULL, 443, 12.5, '{\"peers\": 7}', '2026-03-01 12:00', NULL), flow.raise_alert('fan-out', 'low', '10.9.8.7', NULL, 443, 1, '{}', '2026-03-01 12:10', NULL), flow.raise_alert('quiet', 'info', '10.1.1.1', ts => '2026-03-01 13:00')");
$rows = json_of('alerts', @DAY);
is_deeply([map { [@{$_}{qw(rule severity repetitions)}] } @$rows], [['quiet', 'info', 1], ['fan-out', 'high', 2]], 'alerts, newest first, repetitions in one');
is_deeply($rows->[1]{evidence}, { peers => 7 }, 'with evidence as an object');
is(scalar @{ json_of('alerts', @DAY, '10.9.0.0/16') }, 1, 'alerts of a network');
is(scalar @{ json_of('alerts', @DAY, '--minimum', 'medium') }, 1, 'alerts of a severity');
is(scalar @{ json_of('alerts', @DAY, '--rule', 'quiet') }, 1, 'alerts of a rule');
sql("SELECT flow.acknowledge('fan-out 10.9.8.7 - 443', 'seen', '2026-03-02'), flow.allow('known', 'quiet')");
is(scalar @{ json_of('alerts', @DAY, '--open') }, 0, '--open leaves out what is acknowledged');
is_deeply([map { $_->{reason} } @{ json_of('alerts', @DAY, '--allowed') }], ['known'], '--allowed tells the reason');

# tables and optimize
is(json_of('tables')->[0]{rows}, 60000, 'tables tells the rows');
$rows = json_of('optimize');
ok(@$rows > 0 && $rows->[0]{action} =~ /cluster|merge/, 'optimize does what is due');
($status, undef, $err) = flow('optimize');
is($err, "nothing is due\n", 'and says when nothing is');

# a view with the standard names stands for a table that has others
sql("CREATE TABLE own (start timestamptz, client inet, server inet, volume bigint) USING flowstore; INSERT INTO own VALUES ('2026-03-01 10:00', '192.0.2.1', '192.0.2.2', 5); CREATE VIEW named AS SELECT start AS ts, client AS src_addr, server AS dst_addr, volume AS bytes FROM own");
is_deeply(json_of('top', 'src_addr', '-t', 'named', @DAY)->[0], { rank => 1, src_addr => '192.0.2.1', bytes => 5, flows => 1, percent => 100, cumulative => 100 }, 'a view may stand for a table');

done_testing();
