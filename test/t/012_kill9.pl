# The whole server killed with signal 9 in the middle of COPY, several times:
# after each restart the table holds exactly what was committed.  Without this
# test: committed rows lost, or rows of an unfinished load seen.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use FlowTest;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

# fsync is on: what a kill leaves in the kernel is kept in any case, but the
# order of writes is then that of production.
my $node = new_node('kill9', conf => "fsync = on\nshared_buffers = 16MB\nmax_wal_size = 64MB\ncheckpoint_timeout = 30s");
my $dir = PostgreSQL::Test::Utils::tempdir();
my $file = "$dir/rows.copy";

$node->safe_psql('postgres', q{
	CREATE TABLE h (ts timestamptz, id bigint, addr inet, name text);
	CREATE TABLE f (LIKE h) USING flowstore;
	CREATE TABLE done (round int, n int);});
$node->safe_psql('postgres', qq{
	COPY (SELECT '2026-01-01 00:00+00'::timestamptz + g * interval '100 ms', g, '10.0.0.0'::inet + g % 5000, 'host ' || g % 300
		FROM generate_series(1, 150000) g) TO '$file'});

# The postmaster first, so that it starts nobody in place of those who go.
sub kill_server
{
	my $pid = (split /\n/, slurp_file($node->data_dir . '/postmaster.pid'))[0];
	my @children = split ' ', `ps -o pid= --ppid $pid`;
	kill 'KILL', $pid;
	kill 'KILL', @children;
	usleep(20_000) while kill(0, $pid) || grep { kill 0, $_ } @children;
	$node->{_pid} = undef;
	return;
}

# Both tables are loaded by the same transactions, one COPY each, every third
# one rolled back.
my $script = "$dir/load.sql";
append_to_file($script, join '', map {
	my $end = $_ % 3 == 0 ? 'ROLLBACK' : 'COMMIT';
	"BEGIN; COPY h FROM '$file'; COPY f FROM '$file'; INSERT INTO done VALUES (1, $_); $end;\n" } 1 .. 60);

for my $wait_ms (300, 900, 1700, 2600)
{
	my $client = IPC::Run::start([ 'psql', '-Xq', '-d', $node->connstr('postgres'), '-f', $script ], '>', '/dev/null', '2>', '/dev/null');
	usleep($wait_ms * 1000);
	kill_server();
	eval { $client->finish; };
	$node->start;
	my $rows = $node->safe_psql('postgres', 'SELECT count(*) FROM h');
	is($rows, 150000 * $node->safe_psql('postgres', 'SELECT count(*) FROM done'), "after $wait_ms ms: heap has what was committed");
	twin_ok($node, 'h', 'f', "after $wait_ms ms: so has flowstore", $rows);
	is($node->safe_psql('postgres', q{SELECT count(*) FROM flow.check('f')}), 0, "after $wait_ms ms: no damage");
	$node->safe_psql('postgres', 'VACUUM f');
}
$node->safe_psql('postgres', "COPY h FROM '$file'; COPY f FROM '$file'; VACUUM f;");
twin_ok($node, 'h', 'f', 'and it can be loaded on');
my $log = slurp_file($node->logfile);
unlike($log, qr/PANIC|TRAP/, 'no PANIC');
$node->stop;
done_testing();
