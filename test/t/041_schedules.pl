# Schedules: the worker runs each closed bucket once, through kill -9 of the
# server in the midst of runs and times when it was down, and again for late
# rows; errors and slow queries of one do not stop the others; all of it
# survives a dump.
# Without this test: alerts that are missing or doubled after a crash.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use FlowTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $node = new_node('schedules', conf => q{
	shared_preload_libraries = 'flowstore'
	flowstore.worker_naptime = '100ms'
	fsync = on
});
my $sql = sub { return $node->safe_psql('postgres', $_[0]); };
my $until = sub {
	my ($query, $what) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return ok($node->poll_query_until('postgres', $query), $what);
};

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

# one alert a bucket, which says what the bucket was; each bucket takes a while
$sql->(q{
	CREATE TABLE seen (ts timestamptz, v int) USING flowstore;
	CREATE ROLE ann;
	GRANT SELECT ON seen TO ann;
	SELECT flow.grant_schedules('ann');
	SET ROLE ann;
	SELECT flow.schedule('tick', $$SELECT $2 AS bucket, current_user AS who FROM (SELECT pg_sleep(0.05)) x$$, '1 s', 'seen', delay => '0', since => now() - interval '30 s');
	SELECT flow.schedule('broken', 'SELECT 1 / count(*) AS v FROM seen WHERE ts < $2', '2 s', 'seen', delay => '0');
	SELECT flow.schedule('slow', 'SELECT pg_sleep(60)', '10 min', 'seen', delay => '0', timeout => '300 ms', since => now() - interval '10 min');});

my $once = sub {
	my ($what) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is($sql->(q{SELECT count(*) FILTER (WHERE n <> 1), count(*) FILTER (WHERE missing), bool_and(alerts = total) FROM (
		SELECT s.done_until, u, (SELECT count(*) FROM flow.alert a WHERE a.rule = 'tick' AND a.until = u AND (a.evidence ->> 'bucket')::timestamptz = u) AS n,
			EXISTS (SELECT FROM flow.schedule_todo t WHERE t.name = 'tick' AND t.until = u) AS missing,
			s.alerts, (SELECT count(*) FROM flow.alert a WHERE a.rule = 'tick') AS total
		FROM flow.schedule_state s, generate_series(s.begins + interval '1 s', s.done_until, interval '1 s') u WHERE s.name = 'tick') x}),
		'0|0|t', $what);
	return;
};

$until->(q{SELECT lag < interval '3 s' FROM flow.schedules WHERE name = 'tick'}, 'the past is made up for, then it keeps pace');
$once->('each bucket once');
is($sql->(q{SELECT DISTINCT evidence ->> 'who' FROM flow.alert WHERE rule = 'tick'}), 'ann', 'as the role that has scheduled it');
$until->(q{SELECT bool_and(failures > 0) FROM flow.schedules WHERE name IN ('broken', 'slow')}, 'others fail');
is($sql->(q{SELECT name, error FROM flow.schedules WHERE name IN ('broken', 'slow') ORDER BY 1}),
	"broken|division by zero\nslow|canceling statement due to statement timeout", 'their errors are noted');

# --- kill -9 of the server while it runs
my @pids;
for my $round (1 .. 6)
{
	my $runs = $sql->(q{SELECT runs FROM flow.schedule_state WHERE name = 'tick'});
	$until->(qq{SELECT runs > $runs FROM flow.schedule_state WHERE name = 'tick'}, "round $round: it runs");
	usleep(30_000 * $round);
	kill_server();
	usleep(1_500_000);
	$node->start;
	$once->("round $round: each bucket once");
}
$until->(q{SELECT lag < interval '3 s' FROM flow.schedules WHERE name = 'tick'}, 'all is made up for');
$once->('in the end each bucket once');
is($sql->(q{SELECT missed FROM flow.schedules WHERE name = 'tick'}), '0', 'none was given up');

# --- late rows, and a query that is mended
$sql->(q{SET ROLE ann; SELECT flow.unschedule('tick'); SELECT flow.unschedule('slow');
	SELECT flow.schedule('late', 'SELECT count(*) AS score FROM seen WHERE ts >= $1 AND ts < $2 HAVING count(*) > 0', '1 min', 'seen', delay => '0', settle => '0',
		since => now() - interval '1 h');});
$until->(q{SELECT lag < interval '2 min' AND next_run > now() FROM flow.schedules WHERE name = 'late'}, 'an hour is made up for');
is($sql->(q{SELECT count(*) FROM flow.alert WHERE rule = 'late'}), '0', 'nothing was found');
$sql->(q{INSERT INTO seen SELECT date_trunc('minute', now()) - interval '30 min', 1;
	SELECT flow.mark_late('seen', date_trunc('minute', now()) - interval '30 min', date_trunc('minute', now()) - interval '29 min')});
# marking is part of a transaction that writes no flows; the insert has woken the worker
$until->(q{SELECT count(*) = 1 FROM flow.alert WHERE rule = 'late'}, 'late rows are found');
$sql->(q{SELECT flow.rerun('late', now() - interval '1 h', now())});
$until->(q{SELECT again = 0 FROM flow.schedules WHERE name = 'late'}, 'all of it runs again');
is($sql->(q{SELECT count(*), sum(score) FROM flow.alert WHERE rule = 'late'}), '1|1', 'and adds nothing');
$until->(q{SELECT failed = 0 AND runs > 0 AND failures = 0 FROM flow.schedules WHERE name = 'broken'}, 'buckets that failed are made up for when there are rows')
	if $sql->(q{SET ROLE ann; SELECT flow.schedule('broken', 'SELECT 1 AS v', '2 s', 'seen', delay => '0')}) eq '';

# --- dump and restore: alerts, lists, schedules and how far they are
$sql->(q{SELECT flow.allow('test', 'nothing', until => '2020-01-01'); SELECT flow.acknowledge('late - -', 'seen');
	INSERT INTO flow.stage (ts, kind, doc) VALUES ('2026-01-01', 'x', '{"a": 1}');});
$sql->(q{ALTER SYSTEM SET flowstore.worker = off; SELECT pg_reload_conf()});
$until->(q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type IN ('flowstore worker', 'flowstore scheduler')}, 'the worker is off');
my $dir = PostgreSQL::Test::Utils::tempdir();
my @conn = ('-h', $node->host, '-p', $node->port);
command_ok([ 'pg_dump', @conn, '-f', "$dir/dump.sql", 'postgres' ], 'pg_dump');
$sql->('CREATE DATABASE copy');
command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', @conn, '-d', 'copy', '-f', "$dir/dump.sql" ], 'restored');
for my $table (qw(alert alert_allow alert_acknowledged scheduled schedule_state schedule_todo schedule_late stage parser))
{
	my $all = "SELECT count(*), md5(string_agg(t::text, '' ORDER BY t::text)) FROM flow.$table t";
	my $want = $sql->($all);
	is($node->safe_psql('copy', $all), $want, "$table is the same");
	cmp_ok((split /\|/, $want)[0], '>', 0, "$table is not empty") unless $table =~ /todo|late|parser/;
}
is($node->safe_psql('copy', q{SET ROLE ann; SELECT count(*) FROM flow.schedules; SELECT has_table_privilege('flow.scheduled', 'INSERT')}), "2\nt", 'privileges, too');
unlike(slurp_file($node->logfile), qr/PANIC|TRAP|terminated by signal 11/, 'no crash but ours');
$node->stop;
done_testing();
