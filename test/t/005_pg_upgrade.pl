# pg_upgrade to a new cluster of the same major keeps every row.
# Without this test: files whose directory is lost on the way.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use FlowTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $old = new_node('old');
$old->safe_psql('postgres', q{
	CREATE TABLE h AS SELECT * FROM twin.flows(1, 100000);
	CREATE TABLE f (LIKE h) USING flowstore;
	INSERT INTO f SELECT * FROM h;
	INSERT INTO h SELECT * FROM twin.flows(100001, 100001);
	INSERT INTO f SELECT * FROM twin.flows(100001, 100001);
	CREATE TABLE fixed (a int) USING flowstore;
	INSERT INTO fixed VALUES (1);
	CREATE TABLE empty (a int) USING flowstore;
	CREATE MATERIALIZED VIEW mv USING flowstore AS SELECT count(*) AS n FROM f;
	ALTER TABLE f DROP COLUMN rtt, ADD COLUMN k int DEFAULT 8;
	ALTER TABLE h DROP COLUMN rtt, ADD COLUMN k int DEFAULT 8;
	BEGIN; INSERT INTO f (id) SELECT g FROM generate_series(1, 70000) g; ROLLBACK;});
$old->stop;

# no option is a copy; --copy is known from 16 on
for my $option ('', '--link')
{
	my $mode = $option;
	my $new = PostgreSQL::Test::Cluster->new('new' . $mode =~ tr{-}{_}r);
	$new->init;
	my $bindir = $old->config_data('--bindir');
	chdir(PostgreSQL::Test::Utils::tempdir()) or die;
	command_ok([ 'pg_upgrade', '--no-sync', ($mode ? $mode : ()), '-d', $old->data_dir, '-D', $new->data_dir,
			'-b', $bindir, '-B', $bindir, '-s', $new->host, '-p', $old->port, '-P', $new->port ],
		"pg_upgrade $mode");
	$mode ||= 'copy';
	$new->start;
	twin_ok($new, 'h', 'f', "$mode: rows", 100001);
	is($new->safe_psql('postgres', 'SELECT (SELECT sum(a) FROM fixed), (SELECT count(*) FROM empty), (SELECT n FROM mv)'), '1|0|100001', "$mode: the others");
	$new->safe_psql('postgres', "INSERT INTO $_ (id) SELECT g FROM generate_series(1, 70000) g; INSERT INTO $_ (id) VALUES (-1); VACUUM $_;") for qw(h f);
	$new->safe_psql('postgres', 'INSERT INTO empty VALUES (1); INSERT INTO fixed VALUES (2); REFRESH MATERIALIZED VIEW mv;');
	twin_ok($new, 'h', 'f', "$mode: writable", 170002);
	$new->safe_psql('postgres', 'VACUUM (FREEZE) f; VACUUM FULL f;');
	twin_ok($new, 'h', 'f', "$mode: after VACUUM FULL");
	$new->stop;
}

done_testing();
