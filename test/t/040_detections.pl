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
my $ddl = `$gen/flowgen --ddl --groups tls,dns`;
is(system("$gen/flowgen -n 600000 --seed 5 --groups tls,dns --labels $dir/labels >$dir/rows"), 0, 'a day of flows');

my $node = new_node('primary');
$node->safe_psql('postgres', qq{
	ALTER DATABASE postgres SET timezone = 'UTC';
	CREATE TABLE flows ($ddl) USING flowstore;
	COPY flows FROM '$dir/rows';
	ANALYZE flows;
	CREATE TABLE label (kind text, src inet, dst inet, port text, since timestamptz, until timestamptz, planted bigint);
	COPY label FROM '$dir/labels' (HEADER);});

# How many labels of these kinds are found, of how many; and the findings that
# no label of any kind explains; those without addresses only by these kinds.
sub judge
{
	my ($kinds, $call, $where) = @_;
	return $node->safe_psql('postgres', qq{
		WITH f AS MATERIALIZED (SELECT row_number() OVER () AS i, x.* FROM flow.$call x WHERE $where),
		hit AS (SELECT f.i, l.ctid AS label, l.kind FROM f JOIN label l
				ON (f.src_addr IS NULL OR f.src_addr <<= l.src) AND (f.dst_addr IS NULL OR f.dst_addr <<= l.dst)
				AND f.first_seen <= l.until AND f.last_seen >= l.since
				WHERE l.kind = ANY ('$kinds') OR f.src_addr IS NOT NULL OR f.dst_addr IS NOT NULL)
		SELECT (SELECT count(DISTINCT label) FROM hit WHERE kind = ANY ('$kinds')) || ' of '
			|| (SELECT count(*) FROM label WHERE kind = ANY ('$kinds')) || ', '
			|| (SELECT count(*) FROM f WHERE i NOT IN (SELECT i FROM hit)) || ' false'});
}

my $day = "relation => 'flows', since => '2025-01-01', until => '2025-01-02 01:00'";
my $all = 'true';
my @expected = (
	[ '{scan_horizontal}', "scans('horizontal', $day)", $all, '1 of 1, 0 false' ],
	[ '{scan_horizontal}', "scans('horizontal', $day, speed => 'slow')", $all, '1 of 1, 0 false' ],
	[ '{scan_vertical}', "scans('vertical', $day)", $all, '1 of 1, 0 false' ],
	[ '{}', "scans('distributed', $day)", $all, '0 of 0, 0 false' ],
	[ '{scan_horizontal,scan_slow}', "scans('trw', $day)", $all, '2 of 2, 0 false' ],
	[ '{syn_flood}', "floods('syn', $day)", $all, '1 of 1, 0 false' ],
	[ '{}', "floods('udp', $day)", $all, '0 of 0, 0 false' ],
	[ '{}', "floods('icmp', $day)", $all, '0 of 0, 0 false' ],
	[ '{amplification}', "floods('amplification', $day)", $all, '1 of 1, 0 false' ],
	[ '{brute_force}', "bruteforce($day)", $all, '1 of 1, 0 false' ],
	[ '{beacon}', "beacons($day)", $all, '2 of 2, 771 false' ],
	[ '{beacon}', "beacons($day)", q{severity >= 'low'}, '2 of 2, 10 false' ],
	[ '{beacon}', "beacons($day, threshold => 0.8)", $all, '2 of 2, 0 false' ],
	[ '{long_connection}', "long_connections($day)", $all, '1 of 1, 0 false' ],
	[ '{exfiltration}', "exfiltration($day)", $all, '1 of 1, 1 false' ],
	[ '{dns_tunnel}', "dns_tunnels($day)", $all, '1 of 1, 0 false' ],
	[ '{lateral_movement}', "lateral('flows', '2025-01-01 12:00', '2025-01-01 16:00')", q{severity >= 'low'}, '1 of 1, 18 false' ],
	[ '{lateral_movement}', "lateral('flows', '2025-01-01 12:00', '2025-01-01 16:00')", q{severity >= 'high'}, '1 of 1, 0 false' ],
	[ '{beacon,exfiltration}', "tls_oddities($day)", $all, '3 of 3, 0 false' ],
	[ '{}', "service_health($day)", $all, '0 of 0, 0 false' ],
	[ '{syn_flood,scan_horizontal,amplification}', "entropy_shift($day)", $all, '3 of 3, 0 false' ]);
is(judge(@$_[ 0 .. 2 ]), $_->[3], "$_->[1] where $_->[2]") for @expected;

$node->stop;
done_testing();
