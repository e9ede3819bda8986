# A prepared transaction keeps its rows through restarts and crashes, unseen
# until it is committed.
# Without this test: rows that live in a backend's memory only.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use FlowTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('two_phase', allows_streaming => 1);
$node->safe_psql('postgres', q{
	CREATE TABLE h (id int, v text);
	CREATE TABLE f (id int, v text) USING flowstore;
	INSERT INTO h VALUES (0, 'old');
	INSERT INTO f VALUES (0, 'old');});

my %work = (
	one => 'INSERT INTO %s VALUES (1, \'one\');',
	few => 'INSERT INTO %s SELECT g, \'few\' FROM generate_series(10, 30) g;',
	load => 'INSERT INTO %s SELECT g, \'load\' FROM generate_series(1000, 80000) g;',
	subs => 'INSERT INTO %s VALUES (2, \'kept\'); SAVEPOINT s; INSERT INTO %s SELECT g, \'gone\' FROM generate_series(1, 3000) g; ROLLBACK TO s;'
	  . ' SAVEPOINT t; INSERT INTO %s SELECT g, \'sub\' FROM generate_series(100, 140) g; RELEASE t;',
);
for my $end (qw(COMMIT ROLLBACK))
{
	for my $name (sort keys %work)
	{
		my $how = { one => 'none', few => 'fast', load => 'immediate', subs => 'immediate' }->{$name};
		for my $rel (qw(h f))
		{
			(my $sql = $work{$name}) =~ s/%s/$rel/g;
			$node->safe_psql('postgres', "BEGIN; $sql PREPARE TRANSACTION '${name}_$rel';");
		}
		twin_ok($node, 'h', 'f', "$name: prepared, not seen");
		if ($how ne 'none')
		{
			$node->safe_psql('postgres', 'CHECKPOINT') if $name eq 'subs';
			$node->stop($how);
			$node->start;
		}
		twin_ok($node, 'h', 'f', "$name: after restart ($how)");
		# VACUUM beside it must not take its blocks
		$node->safe_psql('postgres', 'VACUUM f; VACUUM (FREEZE) f;');
		$node->safe_psql('postgres', "INSERT INTO $_ SELECT g, 'beside' FROM generate_series(1, 70000) g;") for qw(h f);
		$node->safe_psql('postgres', "$end PREPARED '${name}_$_'") for qw(h f);
		twin_ok($node, 'h', 'f', "$name: $end PREPARED");
		$node->safe_psql('postgres', 'VACUUM f');
		twin_ok($node, 'h', 'f', "$name: after VACUUM");
	}
}

# DDL in it; the session that prepared goes on at once
my ($ask, undef, $finish) = start_psql($node);
$ask->(q{BEGIN; CREATE TABLE n (a int) USING flowstore; INSERT INTO n SELECT generate_series(1, 2000); PREPARE TRANSACTION 'ddl';});
$ask->(q{BEGIN; INSERT INTO f VALUES (77, 'same session'); COMMIT;});
is($ask->(q{SELECT v FROM f WHERE id = 77 AND v LIKE 'same%';}), 'same session', 'the session goes on');
is($ask->(q{SELECT to_regclass('n') IS NULL;}), 't', 'not created yet');
$ask->(q{COMMIT PREPARED 'ddl';});
is($ask->('SELECT count(*) FROM n;'), '2000', 'created');
$ask->(q{BEGIN; TRUNCATE n; INSERT INTO n VALUES (5); PREPARE TRANSACTION 'trunc';});
$finish->();
$node->stop('immediate');
$node->start;
$node->safe_psql('postgres', q{ROLLBACK PREPARED 'trunc'});
is($node->safe_psql('postgres', 'SELECT count(*) FROM n'), '2000', 'TRUNCATE rolled back');

# committed by a standby after promotion
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('two_phase_standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
$node->safe_psql('postgres', q{BEGIN; INSERT INTO n SELECT generate_series(1, 70000); PREPARE TRANSACTION 'moved';});
$node->wait_for_catchup($standby);
$node->stop('immediate');
$standby->promote;
is($standby->safe_psql('postgres', 'SELECT count(*) FROM n'), '2000', 'promoted: not seen');
$standby->safe_psql('postgres', q{VACUUM n; COMMIT PREPARED 'moved'});
is($standby->safe_psql('postgres', 'SELECT count(*), sum(a) FROM n'), '72000|2452036000', 'promoted: committed');

done_testing();
