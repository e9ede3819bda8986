# Named detections on a day of flows with planted attacks: what of them is
# found, and what else.  Numbers are exact: the same seed makes the same flows.
# Without this test: a threshold or a filter that finds everything, or nothing.
use strict;
use warnings;
use File::Basename qw(dirname);
use FindBin;
use lib $FindBin::RealBin;
use FlowTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $gen = dirname(__FILE__) . '/../gen';
my $dir = PostgreSQL::Test::Utils::tempdir();
system_or_bail('make', '-s', '-C', $gen, 'flowgen');
my $groups = 'tls,dns,http,payload';
my $ddl = `$gen/flowgen --ddl --groups $groups`;
is(system("$gen/flowgen -n 600000 --seed 5 --attacks all --groups $groups --labels $dir/labels >$dir/rows"), 0, 'a day of flows');

my $node = new_node('primary');
$node->safe_psql('postgres', qq{
	ALTER DATABASE postgres SET timezone = 'UTC';
	CREATE TABLE flows ($ddl) USING flowstore;
	COPY flows FROM '$dir/rows';
	ANALYZE flows;
	CREATE TABLE label (kind text, src inet, dst inet, port text, since timestamptz, until timestamptz, planted bigint);
	COPY label FROM '$dir/labels' (HEADER);});
$node->safe_psql('postgres', slurp_file(dirname(__FILE__) . '/../lib/judge.sql'));

# How many labels of these kinds are found, of how many; and the findings that no label explains.
sub judge
{
	my ($kinds, $call, $where, $others) = @_;
	return $node->safe_psql('postgres', "SET client_min_messages = error;
		SELECT format('%s of %s, %s false', hits, planted, stray) FROM judge('$kinds', '$others', \$call\$$call\$call\$, \$\$$where\$\$)");
}

my $day = "relation => 'flows', since => '2025-01-01', until => '2025-01-02 01:00'";
my $all = 'true';
my @expected = (
	[ '{scan_horizontal}', "scans('horizontal', $day)", $all, '1 of 1, 0 false' ],
	[ '{scan_horizontal}', "scans('horizontal', $day, speed => 'slow')", $all, '1 of 1, 0 false' ],
	[ '{scan_vertical}', "scans('vertical', $day)", $all, '1 of 1, 0 false' ],
	[ '{scan_distributed}', "scans('distributed', $day)", $all, '1 of 1, 0 false' ],
	[ '{scan_horizontal,scan_slow}', "scans('trw', $day)", $all, '2 of 2, 0 false' ],
	[ '{syn_flood}', "floods('syn', $day)", $all, '1 of 1, 0 false' ],
	[ '{udp_flood}', "floods('udp', $day)", $all, '1 of 1, 0 false' ],
	[ '{icmp_flood}', "floods('icmp', $day)", $all, '1 of 1, 0 false' ],
	[ '{amplification}', "floods('amplification', $day)", $all, '1 of 1, 0 false' ],
	[ '{brute_force}', "bruteforce($day)", $all, '1 of 1, 0 false' ],
	[ '{beacon}', "beacons($day)", $all, '3 of 3, 17 false' ],
	[ '{beacon}', "beacons($day)", q{severity >= 'low'}, '3 of 3, 0 false' ],
	[ '{long_connection}', "long_connections($day)", $all, '1 of 1, 0 false' ],
	[ '{exfiltration}', "exfiltration($day)", $all, '1 of 1, 0 false' ],
	[ '{dns_tunnel}', "dns_tunnels($day)", $all, '1 of 1, 0 false' ],
	[ '{lateral_movement}', "lateral('flows', '2025-01-01 12:00', '2025-01-01 16:00')", q{severity >= 'low'}, '1 of 1, 3 false' ],
	[ '{lateral_movement}', "lateral('flows', '2025-01-01 12:00', '2025-01-01 16:00')", q{severity >= 'high'}, '1 of 1, 0 false' ],
	[ '{tls_old,tls_rare,tls_entropy}', "tls_oddities($day)", $all, '3 of 3, 0 false' ],
	[ '{service_outage}', "service_health($day)", $all, '1 of 1, 0 false' ],
	[ '{syn_flood,scan_horizontal,amplification}', "entropy_shift($day)", $all, '3 of 3, 0 false', '{scan_vertical,udp_flood,icmp_flood}' ]);
is(judge(@$_[ 0 .. 2 ], $_->[4] // '{}'), $_->[3], "$_->[1] where $_->[2]") for @expected;

# what is raised in the hunt: the beacon by HTTP without a host, and old TLS is info
is($node->safe_psql('postgres', "SELECT f.evidence -> 'modifiers' -> 'missing_host' FROM flow.hunt($day) f
	WHERE f.dst_addr = '203.0.113.97' AND f.detection = 'beacon'"), '0.1', 'a beacon without a Host header');

$node->stop;
done_testing();
