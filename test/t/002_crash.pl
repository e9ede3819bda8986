# An immediate stop of the whole server at many moments: after restart exactly the
# committed rows are there.
# Without this test: a load that is half there, or a server that cannot start.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use FlowTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

sub crash
{
	my ($node) = @_;
	$node->stop('immediate');
	$node->start;
	return;
}

for my $level (qw(replica minimal))
{
	my $node = new_node("crash_$level", conf => $level eq 'minimal'
		? "wal_level = minimal\nmax_wal_senders = 0\n" : "wal_level = $level\n");
	$node->safe_psql('postgres', q{
		CREATE TABLE h (id bigint, v text);
		CREATE TABLE f (id bigint, v text) USING flowstore;
		CREATE UNLOGGED TABLE u (a int) USING flowstore;
		INSERT INTO u SELECT generate_series(1, 70000);
		INSERT INTO h SELECT g, md5(g::text) FROM generate_series(1, 70000) g;
		INSERT INTO f SELECT g, md5(g::text) FROM generate_series(1, 70000) g;});
	crash($node);
	twin_ok($node, 'h', 'f', "$level: rows of before the crash");
	is($node->safe_psql('postgres', 'SELECT count(*), pg_relation_size(\'u\') FROM u'), '0|0', "$level: unlogged table is empty");
	$node->safe_psql('postgres', 'INSERT INTO u SELECT generate_series(1, 3000)');
	is($node->safe_psql('postgres', 'SELECT count(*) FROM u'), '3000', "$level: and writable");

	# open transactions: single rows, a load, a load in a savepoint, truncate
	my @open = (
		'BEGIN; INSERT INTO f VALUES (-1, \'x\');',
		'BEGIN; INSERT INTO f SELECT g, \'lost\' FROM generate_series(1, 200000) g;',
		'BEGIN; SAVEPOINT s; INSERT INTO f SELECT g, \'lost\' FROM generate_series(1, 70000) g; RELEASE s;',
		'BEGIN; TRUNCATE f; INSERT INTO f SELECT g, \'lost\' FROM generate_series(1, 1000) g;',
		'BEGIN; CREATE TABLE n (a int) USING flowstore; INSERT INTO n SELECT generate_series(1, 70000);',
		'BEGIN; ALTER TABLE f ALTER id TYPE numeric;');
	for my $sql (@open)
	{
		my ($ask, undef, $finish) = start_psql($node);
		$ask->($sql);
		$node->safe_psql('postgres', 'CHECKPOINT') if $sql =~ /SAVEPOINT/;
		crash($node);
		$finish->();
		twin_ok($node, 'h', 'f', "$level: after a crash in: " . substr($sql, 0, 45));
	}

	# created, truncated or rewritten, filled and committed in one transaction:
	# under minimal this is not WAL-logged but synced at commit
	$node->safe_psql('postgres', q{
		BEGIN; CREATE TABLE c (a int, b text) USING flowstore; INSERT INTO c SELECT g, md5(g::text) FROM generate_series(1, 200000) g; COMMIT;
		BEGIN; CREATE TABLE c1 (a int) USING flowstore; INSERT INTO c1 VALUES (1); INSERT INTO c1 SELECT generate_series(2, 100); COMMIT;
		BEGIN; TRUNCATE f; INSERT INTO f SELECT g, md5(g::text) FROM generate_series(1, 70000) g; COMMIT;
		BEGIN; CREATE TABLE c2 (a int) USING flowstore; INSERT INTO c2 SELECT generate_series(1, 70000); TRUNCATE c2; INSERT INTO c2 SELECT generate_series(1, 5); COMMIT;
		CREATE TABLE c3 USING flowstore AS SELECT * FROM c;
		BEGIN; CREATE TABLE c4 (a int) USING flowstore; SAVEPOINT s; INSERT INTO c4 SELECT generate_series(1, 70000); ROLLBACK TO s; INSERT INTO c4 VALUES (7); COMMIT;
		ALTER TABLE c1 ALTER a TYPE bigint;
		VACUUM FULL c;});
	crash($node);
	twin_ok($node, 'h', 'f', "$level: truncated and filled in one transaction");
	twin_ok($node, 'c', 'c3', "$level: created and filled in one transaction", 200000);
	is($node->safe_psql('postgres', 'SELECT count(*), count(*) FILTER (WHERE b <> md5(a::text)) FROM c'), '200000|0', "$level: its bytes");
	is($node->safe_psql('postgres', 'SELECT count(*), sum(a) FROM c1'), '100|5050', "$level: small one, rewritten");
	is($node->safe_psql('postgres', 'SELECT count(*), sum(a) FROM c2'), '5|15', "$level: truncated in its own transaction");
	is($node->safe_psql('postgres', 'SELECT count(*), sum(a) FROM c4'), '1|7', "$level: aborted savepoint in it");

	# a client that notes what was committed, killed with the server at some
	# moment; three sizes of transaction
	my $round = 0;
	for my $rows (1, 1500, 70000)
	{
		for my $wait_ms (30, 170, 400)
		{
			$round++;
			my $base = $round * 10**12;
			my $n = { 1 => 5000, 1500 => 1500, 70000 => 60 }->{$rows};
			# every statement is a transaction; its number is printed after commit
			my ($script, $log) = map { PostgreSQL::Test::Utils::tempdir() . "/$_" } qw(script log);
			append_to_file($script, join '', map {
				"INSERT INTO f SELECT $base + $_ * 100000::bigint + g, 'r' FROM generate_series(1, $rows) g;\nSELECT 'ok $_';\n" } 1 .. $n);
			my $client = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-f', $script ], '>', $log, '2>', "$log.err");
			usleep($wait_ms * 1000);
			$node->stop('immediate');
			eval { $client->finish; };
			$node->start;
			my @seen = slurp_file($log) =~ /ok (\d+)/g;
			my $got = $node->safe_psql('postgres',
				"SELECT (id - $base - 1) / 100000, count(*) FROM f WHERE id > $base AND id < $base + 10::bigint ^ 11 GROUP BY 1 ORDER BY 1");
			my %got = map { split /\|/ } split /\n/, $got;
			my @partial = grep { $got{$_} != $rows } keys %got;
			is("@partial", '', "$level: no transaction of $rows rows is there in part");
			my @lost = grep { !exists $got{$_} } @seen;
			is("@lost", '', "$level: none of " . scalar(@seen) . " reported commits is lost");
			ok(scalar(keys %got) <= scalar(@seen) + 1, "$level: at most one more than was reported");
		}
	}
	# all goes on
	$node->safe_psql('postgres', 'VACUUM f; INSERT INTO f SELECT g, \'after\' FROM generate_series(1, 70000) g; CHECKPOINT;');
	is($node->safe_psql('postgres', q{SELECT count(*) FROM f WHERE v = 'after'}), '70000', "$level: the table is writable");
	is($node->safe_psql('postgres', q{SELECT count(*) FROM f WHERE v = 'lost'}), '0', "$level: nothing lost came back");
	is($node->safe_psql('postgres', q{SELECT count(*) = count(DISTINCT ctid) FROM f}), 't', "$level: row numbers are unique");
	$node->stop;
	unlike(slurp_file($node->logfile), qr/PANIC|TRAP/, "$level: no PANIC");
}

done_testing();
