# Rows deleted and updated by a prepared transaction stay visible and locked
# through crashes until it is committed or rolled back.
# Without this test: a second session changes a row that is somebody else's.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use FlowTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('prepared_changes');
$node->safe_psql('postgres', qq{
	CREATE TABLE h (id int, v text);
	INSERT INTO h SELECT g, 'row' FROM generate_series(1, 3000) g;
	CREATE TABLE f (id int, v text) USING flowstore;
	INSERT INTO f SELECT * FROM h;});
my $gone = 1500;
my $work = q{DELETE FROM %s WHERE id IN (1, %d); UPDATE %s SET v = 'prepared' WHERE id IN (2, 2000);
	SAVEPOINT s; DELETE FROM %s WHERE id = 3; ROLLBACK TO s; SAVEPOINT t; UPDATE %s SET v = 'sub' WHERE id = 4; RELEASE t;};
for my $end (qw(ROLLBACK COMMIT))
{
	for my $crash (0, 1)
	{
		$gone++;
		for my $rel (qw(h f))
		{
			(my $sql = $work) =~ s/%s/$rel/g;
			$sql =~ s/%d/$gone/;
			$node->safe_psql('postgres', "BEGIN; $sql PREPARE TRANSACTION 'p_$rel';");
		}
		twin_ok($node, 'h', 'f', "$end, crash $crash: not seen before");
		if ($crash) { $node->stop('immediate'); $node->start; }
		twin_ok($node, 'h', 'f', "$end, crash $crash: nor after");
		for my $rel (qw(h f))
		{
			my ($rc, $out, $err) = $node->psql('postgres', "SET lock_timeout = '200ms'; DELETE FROM $rel WHERE id = $gone");
			like($err, qr/canceling statement due to lock timeout/, "$rel: a deleted row is waited for");
			($rc, $out, $err) = $node->psql('postgres', "SET lock_timeout = '200ms'; UPDATE $rel SET v = 'x' WHERE id = 4");
			like($err, qr/canceling statement due to lock timeout/, "$rel: one of a subtransaction, too");
			is($node->safe_psql('postgres', "SET lock_timeout = '200ms'; UPDATE $rel SET v = v || '.' WHERE id IN (3, 5) RETURNING id"), "3\n5", "$rel: others are free");
		}
		my @wait = map { [ start_psql($node) ] } 1 .. 2;
		$wait[0][1]->(qq{UPDATE h SET v = v || ' waited' WHERE id IN (2, 4, $gone);});
		$wait[1][1]->(qq{UPDATE f SET v = v || ' waited' WHERE id IN (2, 4, $gone);});
		$node->poll_query_until('postgres', q{SELECT count(*) = 2 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'UPDATE%'});
		$node->safe_psql('postgres', "VACUUM h; VACUUM f;");
		$node->safe_psql('postgres', "$end PREPARED 'p_$_'") for qw(h f);
		$_->[0]->('SELECT 1;') for @wait;
		$_->[2]->() for @wait;
		twin_ok($node, 'h', 'f', "$end, crash $crash: the waiters went on alike");
	}
}
$node->stop('immediate');
$node->start;
twin_ok($node, 'h', 'f', 'after a crash');
done_testing();
