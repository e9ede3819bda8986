# pg_amcheck finds nothing to complain about, after any kind of work.
# Without this test: a TOAST table that is not a proper heap any more.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use FlowTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('amcheck', extra => ['--data-checksums']);
$node->safe_psql('postgres', q{
	CREATE EXTENSION amcheck;
	CREATE TABLE h AS SELECT * FROM twin.flows(1, 100000);
	CREATE TABLE f (LIKE h) USING flowstore;
	INSERT INTO f SELECT * FROM h;});

sub clean
{
	my ($what) = @_;
	$node->command_ok([ 'pg_amcheck', '--heapallindexed', '--parent-check', '-d', 'postgres' ], "pg_amcheck $what");
	is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_class c, verify_heapam(c.reltoastrelid)
		WHERE c.oid IN ('f'::regclass) AND c.reltoastrelid <> 0}), '0', "verify_heapam $what");
	return;
}
clean('after a load');
$node->safe_psql('postgres', q{
	DO $$ BEGIN
		FOR i IN 1..3000 LOOP
			BEGIN
				INSERT INTO f (id) VALUES (i);
				IF i % 3 = 0 THEN PERFORM 1 / 0; END IF;
			EXCEPTION WHEN division_by_zero THEN NULL;
			END;
		END LOOP;
	END $$;});
clean('after single rows and aborted subtransactions');
$node->safe_psql('postgres', 'BEGIN; INSERT INTO f SELECT * FROM h; ROLLBACK;');
clean('after a rollback');
$node->safe_psql('postgres', 'VACUUM f');
clean('after VACUUM');
$node->safe_psql('postgres', 'VACUUM (FREEZE) f');
clean('after VACUUM FREEZE');
$node->safe_psql('postgres', 'VACUUM FULL f');
clean('after VACUUM FULL');
$node->safe_psql('postgres', 'REINDEX TABLE f');
clean('after REINDEX');
my $toast = $node->safe_psql('postgres', q{SELECT reltoastrelid::regclass FROM pg_class WHERE oid = 'f'::regclass});
$node->safe_psql('postgres', "REINDEX TABLE CONCURRENTLY $toast");
$node->safe_psql('postgres', 'INSERT INTO f (id) VALUES (-1)');
clean('after REINDEX CONCURRENTLY of the directory');
$node->safe_psql('postgres', "VACUUM FULL $toast");
$node->safe_psql('postgres', 'INSERT INTO f (id) VALUES (-2)');
clean('after VACUUM FULL of the directory');
is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT ctid) FROM f'), '102002|102002', 'the rows are all there');
$node->stop('immediate');
$node->start;
clean('after a crash');

# the table itself is refused as not heap, which pg_amcheck skips
my ($rc, $out, $err) = $node->psql('postgres', q{SELECT verify_heapam('f')});
like($err, qr/only heap AM is supported|cannot check/, 'verify_heapam refuses the table itself');

# checksums of every page of every file
$node->stop;
command_ok([ 'pg_checksums', '--check', '-D', $node->data_dir ], 'pg_checksums');
$node->start;
$node->append_conf('postgresql.conf', "wal_level = replica\nmax_wal_senders = 4\n");
$node->append_conf('pg_hba.conf', "local replication all trust\n");
$node->restart;
my $dir = PostgreSQL::Test::Utils::tempdir();
$node->command_ok([ 'pg_basebackup', '-h', $node->host, '-p', $node->port, '-c', 'fast', '-D', "$dir/backup" ], 'pg_basebackup verifies checksums');

done_testing();
