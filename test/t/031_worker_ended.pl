# The worker is ended from outside at bad moments: a relocation that was rolled
# back hides no row, a new launcher starts workers again, and who may not drop a
# database does not stop its worker.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use FlowTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('worker_ended', conf => q{
	shared_preload_libraries = 'flowstore'
	flowstore.worker = off
	flowstore.worker_naptime = '100ms'
});
my $sql = sub { return $node->safe_psql('postgres', $_[0]); };
my $until = sub {
	my ($query, $what) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return ok($node->poll_query_until('postgres', $query), $what);
};
my $set = sub { $sql->("ALTER SYSTEM SET flowstore.$_[0]"); $sql->('SELECT pg_reload_conf()'); };

# --- a file whose front is free, and a directory with room at its front
my $wide = join(' || ', map { "md5((g * 8 + $_)::text)" } 1 .. 8);
$sql->(qq{
	CREATE TABLE f (id int, n int, ts timestamptz, v text) USING flowstore;
	SELECT flow.set('f', merge => false, cluster => false);
	DO \$\$ BEGIN FOR i IN 1..400 LOOP
		INSERT INTO f VALUES (-i, 0, timestamptz '2023-01-01' + i * interval '1 hour', repeat(md5(i::text), 20));
	END LOOP; END \$\$;
	DO \$\$ BEGIN FOR i IN 1..100 LOOP
		INSERT INTO f SELECT i * 2000 + g, 0, timestamptz '2024-01-01' + i * interval '1 hour', $wide
			FROM generate_series(0, 1999) g;
		COMMIT;
	END LOOP; END \$\$;
	DELETE FROM f WHERE id < 120000;});
$sql->(q{SELECT count(*) FROM flow.optimize('f')});
$sql->('VACUUM f') for 1 .. 2;
my $front = $sql->(q{SELECT min(first_block) FROM flow.chunks('f')});
cmp_ok($front, '>', 1024, 'more than a third of the file is free');

$set->(q{worker_max_wal_rate = '100kB'});
$set->('worker = on');
$sql->(q{INSERT INTO f VALUES (-1, 0, '2025-01-01', 'x')});
my $copying = q{SELECT bool_or(backend_xid IS NOT NULL AND xact_start < now() - interval '2 s')
	FROM pg_stat_activity WHERE backend_type = 'flowstore worker'};
$until->($copying, 'the worker relocates');
$set->('worker = off');
$sql->(q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'flowstore worker'});
$until->(q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'flowstore worker'}, 'and is ended');
is($sql->(q{SELECT min(first_block) FROM flow.chunks('f')}), $front, 'its relocation is rolled back');
is($sql->(q{WITH d AS (DELETE FROM f WHERE id % 2000 = 5 RETURNING 1) SELECT count(*) FROM d}), '41', 'rows of each chunk are deleted');
is($sql->(q{WITH u AS (UPDATE f SET n = n + 1 WHERE id % 2000 = 7 RETURNING 1) SELECT count(*) FROM u}), '41', 'and updated');
is($sql->(q{SELECT count(*), sum(n), count(*) FILTER (WHERE id % 2000 = 5) FROM f WHERE id >= 120000}), '81959|41|0', 'once');
is($sql->(q{SELECT count(*) FROM flow.check('f')}), '0', 'nothing is damaged');

# --- the launcher ends while a worker is busy
$set->(q{worker_max_wal_rate = '1MB'});
$set->('worker = on');
$sql->(q{INSERT INTO f VALUES (-2, 0, '2025-01-01', 'x')});
$until->($copying, 'a worker is busy');
$sql->(q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'flowstore launcher'});
$set->(q{worker_max_wal_rate = 0});
$until->(q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'flowstore worker'}, 'the worker finishes');
$until->(q{SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'flowstore launcher'}, 'there is a new launcher');
$sql->(q{CREATE TABLE s (i int) USING flowstore});
$sql->(q{DO $$ BEGIN FOR i IN 1..2000 LOOP INSERT INTO s VALUES (i); COMMIT; END LOOP; END $$});
$until->(q{SELECT count(*) < 100 FROM flow.chunks('s')}, 'which starts workers again');

# --- who owns the database may stop its worker
$sql->('CREATE ROLE guest LOGIN; CREATE ROLE maker LOGIN CREATEDB');
for my $try ([ guest => 'DROP DATABASE postgres' ], [ maker => 'CREATE DATABASE d TEMPLATE postgres' ])
{
	my ($rc, $out, $err) = $node->psql('template1', $try->[1], extra_params => [ '-U', $try->[0] ]);
	like($err, qr/must be owner|permission denied/, "$try->[1] is not allowed");
}
$sql->(q{TRUNCATE s; DO $$ BEGIN FOR i IN 1..2000 LOOP INSERT INTO s VALUES (i); COMMIT; END LOOP; END $$});
my $begin = time;
$until->(q{SELECT count(*) < 100 FROM flow.chunks('s')}, 'the worker works');
cmp_ok(time - $begin, '<', 30, 'at once');

$node->stop;
done_testing();
