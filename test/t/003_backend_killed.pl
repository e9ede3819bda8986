# kill -9 of one backend in the middle of its work: the server recovers by
# itself and keeps exactly what was committed.
# Without this test: shared state that only a clean exit puts right.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use FlowTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $node = new_node('killed', conf => "restart_after_crash = on\n");
$node->safe_psql('postgres', q{
	CREATE TABLE h (id bigint, v text);
	CREATE TABLE f (id bigint, v text) USING flowstore;
	INSERT INTO h SELECT g, md5(g::text) FROM generate_series(1, 70000) g;
	INSERT INTO f SELECT g, md5(g::text) FROM generate_series(1, 70000) g;});

my @work = (
	[ 'load' => 'INSERT INTO f SELECT generate_series(1, 2000000000), md5(random()::text);' ],
	[ 'single rows' => 'DO $$ BEGIN FOR i IN 1..10000000 LOOP INSERT INTO f VALUES (i, \'lost\'); END LOOP; END $$;' ],
	[ 'copy' => 'COPY f FROM PROGRAM \'yes "1	lost"\';' ],
	[ 'rewrite' => 'BEGIN; ALTER TABLE f ALTER id TYPE numeric; SELECT pg_sleep(100);' ],
	[ 'vacuum' => 'DO $$ BEGIN PERFORM pg_sleep(0); END $$; SET vacuum_cost_delay = 20; SET vacuum_cost_limit = 1; VACUUM f; SELECT pg_sleep(100);' ],
	[ 'vacuum full' => 'VACUUM FULL f; SELECT pg_sleep(100);' ],
);
for my $work (@work)
{
	my ($name, $sql) = @$work;
	for my $wait_ms (20, 250)
	{
		my ($ask, $send, $finish) = start_psql($node);
		my $pid = $ask->('SELECT pg_backend_pid();');
		$send->($sql);
		usleep($wait_ms * 1000);
		kill_backend($node, $pid);
		$finish->();
		twin_ok($node, 'h', 'f', "$name: killed after $wait_ms ms");
		$node->safe_psql('postgres', "INSERT INTO $_ VALUES (-1, 'after')") for qw(h f);
	}
}

# pg_terminate_backend and pg_cancel_backend leave the table as it was
for my $how (qw(pg_terminate_backend pg_cancel_backend))
{
	my ($ask, $send, $finish) = start_psql($node);
	my $pid = $ask->('SELECT pg_backend_pid();');
	$send->($work[0][1]);
	usleep(200_000);
	$node->safe_psql('postgres', "SELECT $how($pid)");
	$node->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $pid AND state = 'active'");
	twin_ok($node, 'h', 'f', "$how");
	$finish->();
}

# the space of all that comes back
$node->safe_psql('postgres', 'VACUUM f');
my $size = $node->safe_psql('postgres', q{SELECT pg_relation_size('f')});
my $fresh = $node->safe_psql('postgres', q{CREATE TABLE fresh (LIKE f) USING flowstore; INSERT INTO fresh SELECT * FROM f; SELECT pg_relation_size('fresh');});
cmp_ok($size, '<=', $fresh * 1.5 + 65536, 'VACUUM gives the lost space back');
$node->stop;
unlike(slurp_file($node->logfile), qr/PANIC|TRAP/, 'no PANIC');

done_testing();
