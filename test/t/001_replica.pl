# A streaming standby answers like its primary after every kind of change.
# Without this test: pages that replay as zeroes, or space reused under a
# reader of the standby.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use FlowTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = new_node('primary', allows_streaming => 1, conf => q{
wal_consistency_checking = 'all'
allow_in_place_tablespaces = on
max_standby_streaming_delay = '1s'
wal_keep_size = '8GB'
max_wal_size = '2GB'
});
$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->append_conf('postgresql.conf', "hot_standby_feedback = off\nallow_in_place_tablespaces = on\n");
$standby->start;

$primary->safe_psql('postgres', q{
	CREATE TABLE h AS SELECT * FROM twin.flows(1, 0);
	CREATE TABLE f (LIKE h) USING flowstore;});

my @changes = (
	[ 'one row' => 'INSERT INTO %s SELECT * FROM twin.flows(1, 1)' ],
	[ 'a few rows' => 'INSERT INTO %s SELECT * FROM twin.flows(2, 40)' ],
	[ 'a chunk' => 'INSERT INTO %s SELECT * FROM twin.flows(41, 70000)' ],
	[ 'several chunks after a checkpoint' => 'CHECKPOINT', 'INSERT INTO %s SELECT * FROM twin.flows(70001, 210000)' ],
	[ 'rolled back load' => 'BEGIN', 'INSERT INTO %s SELECT * FROM twin.flows(1, 100000)', 'ROLLBACK' ],
	[ 'vacuum after it' => 'VACUUM %s' ],
	[ 'load into the hole' => 'INSERT INTO %s SELECT * FROM twin.flows(210001, 280000)' ],
	[ 'savepoints' => 'BEGIN', 'INSERT INTO %s (id) VALUES (-1)', 'SAVEPOINT s', 'INSERT INTO %s SELECT * FROM twin.flows(1, 3000)',
		'ROLLBACK TO s', 'INSERT INTO %s (id) VALUES (-2)', 'COMMIT' ],
	[ 'big values' => q{INSERT INTO %s (id, sni) SELECT -g, repeat(md5(g::text), g * 50) FROM generate_series(100, 160) g} ],
	[ 'add column' => 'ALTER TABLE %s ADD COLUMN k int DEFAULT 5' ],
	[ 'rows with it' => 'INSERT INTO %s (id, k) SELECT -g, g FROM generate_series(1000, 4000) g' ],
	[ 'drop column' => 'ALTER TABLE %s DROP COLUMN src_port' ],
	[ 'rewrite' => 'ALTER TABLE %s ALTER k TYPE bigint' ],
	[ 'vacuum full' => 'VACUUM FULL %s' ],
	[ 'vacuum freeze' => 'VACUUM (FREEZE, ANALYZE) %s' ],
	[ 'tablespace' => 'ALTER TABLE %s SET TABLESPACE space' ],
	[ 'rows in it' => 'INSERT INTO %s (id) SELECT -g FROM generate_series(5000, 8000) g' ],
	[ 'two-phase' => 'BEGIN', 'INSERT INTO %s (id) SELECT -g FROM generate_series(9000, 11000) g', q{PREPARE TRANSACTION 'p'}, q{COMMIT PREPARED 'p'} ],
	[ 'truncate and load' => 'BEGIN', 'TRUNCATE %s', 'INSERT INTO %s (id) SELECT g FROM generate_series(1, 70000) g', 'COMMIT' ],
	[ 'access method away' => 'ALTER TABLE %s SET ACCESS METHOD heap' ],
	[ 'and back' => 'ALTER TABLE %s SET ACCESS METHOD flowstore' ],
	[ 'rows after it' => 'INSERT INTO %s (id) SELECT g FROM generate_series(70001, 70100) g' ],
	[ 'unlogged and logged' => 'ALTER TABLE %s SET UNLOGGED', 'ALTER TABLE %s SET LOGGED' ],
	[ 'truncate twice' => 'BEGIN', 'TRUNCATE %s', 'INSERT INTO %s (id) VALUES (1)', 'TRUNCATE %s', 'INSERT INTO %s (id) VALUES (2)', 'COMMIT' ],
	[ 'the last rows' => 'INSERT INTO %s (id) SELECT g FROM generate_series(3, 2000) g' ],
);
$primary->safe_psql('postgres', q{SET allow_in_place_tablespaces = on; CREATE TABLESPACE space LOCATION ''});

for my $change (@changes)
{
	my ($name, @sql) = @$change;
	for my $rel (qw(h f))
	{
		next if $rel eq 'h' && $name =~ /access method|and back/;
		my $script = join("\n", map { my $s = $_; $s =~ s/%s/$rel/g; "$s;" } @sql);
		$primary->safe_psql('postgres', $script);
	}
	$primary->wait_for_catchup($standby);
	twin_ok($standby, 'h', 'f', "standby after: $name");
}
twin_ok($primary, 'h', 'f', 'primary at the end');

# A reader of the standby keeps its rows or is cancelled: it never sees others.
$primary->safe_psql('postgres', q{
	CREATE TABLE r (a int, b text) USING flowstore;
	INSERT INTO r SELECT g, md5(g::text) FROM generate_series(1, 70000) g;});
$primary->wait_for_catchup($standby);
my ($ask, undef, $finish) = start_psql($standby);
my $question = 'SELECT count(*), sum(a), count(*) FILTER (WHERE b <> md5(a::text)) FROM r;';
$ask->('BEGIN ISOLATION LEVEL REPEATABLE READ;');
my $before = $ask->($question);
is($before, '70000|2450035000|0', 'standby reader');
$primary->safe_psql('postgres', 'VACUUM FULL r; BEGIN; INSERT INTO r SELECT g, \'x\' FROM generate_series(1, 70000) g; ROLLBACK; VACUUM r; INSERT INTO r SELECT g, md5(g::text) FROM generate_series(70001, 140000) g;');
$primary->wait_for_catchup($standby);
my $again = $ask->($question);
ok($again eq $before || $again eq '', 'the same rows again, or a recovery conflict') or diag($again);
$finish->();

# Unlogged tables cannot be read in recovery; temporary ones cannot be made.
$primary->safe_psql('postgres', 'CREATE UNLOGGED TABLE u (a int) USING flowstore; INSERT INTO u VALUES (1);');
$primary->wait_for_catchup($standby);
my ($rc, $out, $err) = $standby->psql('postgres', 'SELECT * FROM u');
like($err, qr/cannot access temporary or unlogged relations during recovery/, 'unlogged refused in recovery');
($rc, $out, $err) = $standby->psql('postgres', 'INSERT INTO f (id) VALUES (1)');
like($err, qr/cannot execute INSERT in a read-only transaction/, 'insert refused in recovery');

# A writer in mid-load when the primary goes; the standby is promoted.
my ($ask2, $send2, $finish2) = start_psql($primary);
$ask2->('BEGIN; INSERT INTO f (id) SELECT g FROM generate_series(100000, 300000) g;');
$primary->safe_psql('postgres', 'INSERT INTO h (id) VALUES (-77); INSERT INTO f (id) VALUES (-77);');
$primary->wait_for_catchup($standby);
$primary->stop('immediate');
$finish2->();
$standby->promote;
twin_ok($standby, 'h', 'f', 'promoted');
$standby->safe_psql('postgres', "INSERT INTO $_ SELECT * FROM $_ WHERE id <= 1000; VACUUM $_;") for qw(h f);
twin_ok($standby, 'h', 'f', 'promoted, insert and vacuum');
$standby->safe_psql('postgres', "INSERT INTO $_ (id) SELECT g FROM generate_series(500000, 700000) g; CHECKPOINT;") for qw(h f);
twin_ok($standby, 'h', 'f', 'promoted, load and checkpoint');
is($standby->safe_psql('postgres', 'SELECT count(*) FROM u'), '0', 'unlogged table is empty after promotion');
$standby->safe_psql('postgres', 'INSERT INTO u SELECT generate_series(1, 5000)');
is($standby->safe_psql('postgres', 'SELECT count(*) FROM u'), '5000', 'and writable');
$standby->stop;
unlike(slurp_file($standby->logfile), qr/inconsistent page|PANIC|TRAP/, 'no inconsistent page, no PANIC');

done_testing();
