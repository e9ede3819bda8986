# The worker merges, clusters, expires and vacuums on a primary while a standby
# replays and its readers look on: each page that is replayed is the primary's,
# the standby has the same rows, and once promoted it goes on by itself.
# Without this test: a failover to a copy that the worker has spoilt.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use FlowTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = new_node('primary', allows_streaming => 1, conf => q{
shared_preload_libraries = 'flowstore'
flowstore.worker_naptime = '100ms'
wal_consistency_checking = 'all'
wal_keep_size = '4GB'
max_wal_size = '2GB'
});
$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->append_conf('postgresql.conf', "hot_standby_feedback = off\nmax_standby_streaming_delay = '500ms'\n");
$standby->start;

sub until_ok
{
	my ($node, $query, $what) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return ok($node->poll_query_until('postgres', $query), $what);
}

# the heap twin h, and f, whose rows the worker clusters as soon as it may
$primary->safe_psql('postgres', q{
	CREATE TABLE h (id bigint, ts timestamptz, src_addr inet, dst_addr inet, v text);
	CREATE TABLE f (LIKE h) USING flowstore;
	SELECT flow.set('f', lateness => '0');
	CREATE TABLE aged (ts timestamptz, v text) USING flowstore;
	SELECT flow.set('aged', retain => '1 day');
	CREATE FUNCTION twice(sql text) RETURNS void LANGUAGE plpgsql AS $$
	BEGIN
		EXECUTE replace(sql, '%s', 'h');
		EXECUTE replace(sql, '%s', 'f');
	END $$;
	CREATE FUNCTION add_rows(first bigint, last bigint) RETURNS void LANGUAGE sql AS $$
		SELECT twice(format('INSERT INTO %%s SELECT g, timestamptz ''2026-01-01 00:00+00'' + g %% 10800 * interval ''1 s'',
			''10.0.0.0''::inet + (g * 7 %% 500), ''10.1.0.0''::inet + (g %% 90), md5(g::text) FROM generate_series(%s::bigint, %s) g', first, last)) $$;});

my $quiet = q{SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'flowstore worker')};
my $question = 'SELECT count(*), sum(id), sum(hashtextextended(f::text, 0)) FROM f';
my $tasks = q{SELECT coalesce(sum(tasks), 0) FROM flow.worker_status()};
my $id = 0;
my ($kept, $cancelled) = (0, 0);
for my $round (1 .. 3)
{
	# loads, small statements, deletions and updates of rows that are clustered
	my $from = $id + 1;
	$id += 40000;
	my $before = $primary->safe_psql('postgres', $tasks);
	$primary->safe_psql('postgres', "SELECT add_rows($from, $id)");
	$primary->wait_for_catchup($standby);
	my ($ask, undef, $finish, $s) = start_psql($standby);
	$ask->('BEGIN ISOLATION LEVEL REPEATABLE READ;');
	my $first = $ask->("$question;");
	is($first, $primary->safe_psql('postgres', $question), "round $round: the standby has the primary's rows");
	$primary->safe_psql('postgres', "SELECT add_rows($id + g, $id + g) FROM generate_series(1, 200) g");
	$id += 200;
	$primary->safe_psql('postgres', "SELECT twice('DELETE FROM %s WHERE id % 5 = $round'), twice('UPDATE %s SET v = ''u'' WHERE id % 7 = $round')");
	$primary->safe_psql('postgres', q{INSERT INTO aged SELECT now() - interval '3 days' + g * interval '1 min', md5(g::text) FROM generate_series(1, 4319) g});
	until_ok($primary, "SELECT (SELECT sum(tasks) FROM flow.worker_status()) > $before AND min(ts) > now() - interval '27 hours' FROM aged",
		"round $round: the worker has clustered and expired");
	$primary->safe_psql('postgres', 'VACUUM f; VACUUM f; VACUUM aged');
	$primary->wait_for_catchup($standby);
	${ $s->{err} } = '';
	my $answer = $ask->("$question;");
	ok($answer eq $first || $answer eq '' && ${ $s->{err} } =~ /conflict with recovery|conflict/, "round $round: a reader keeps its rows or is told")
		or diag("$first, then $answer ${ $s->{err} }");
	$answer eq '' ? $cancelled++ : $kept++;
	$finish->();
	$primary->wait_for_catchup($standby);
	twin_ok($standby, 'h', 'f', "round $round: the standby's twins");
	is($standby->safe_psql('postgres', 'SELECT count(*), min(ts), max(ts) FROM aged'),
		$primary->safe_psql('postgres', 'SELECT count(*), min(ts), max(ts) FROM aged'), "round $round: and what has not expired");
}
note("readers of the standby: $kept kept, $cancelled cancelled");
is($standby->safe_psql('postgres', q{SELECT count(*) FROM flow.check('f')}), '0', 'the bytes of the standby are sound');
is($standby->safe_psql('postgres', 'SELECT count(*) FROM pg_stat_activity WHERE application_name = \'flowstore worker\''), '0', 'no worker runs in recovery');

# the primary dies while its worker is at it
$primary->safe_psql('postgres', "SELECT add_rows($id + 1, $id + 60000)");
$primary->wait_for_catchup($standby);
$primary->stop('immediate');
$standby->promote;
twin_ok($standby, 'h', 'f', 'promoted');
$standby->safe_psql('postgres', "SELECT add_rows($id + 100001, $id + 120000); SELECT twice('DELETE FROM %s WHERE id % 11 = 3')");
until_ok($standby, q{SELECT tasks > 0 FROM flow.worker_status() WHERE database = 'postgres'}, 'its own worker has something to do');
until_ok($standby, $quiet, 'and comes to an end');
$standby->safe_psql('postgres', "VACUUM f; SELECT add_rows($id + 200001, $id + 220000); SELECT flow.optimize('f'); VACUUM f; CHECKPOINT;");
twin_ok($standby, 'h', 'f', 'promoted, written to, clustered');
is($standby->safe_psql('postgres', q{SELECT count(*) FROM flow.check('f')}), '0', 'its bytes are sound');
$standby->stop;
unlike(slurp_file($_->logfile), qr/inconsistent page|PANIC|TRAP|signal 11|WARNING/, 'no inconsistent page, no PANIC, no warning') for $primary, $standby;

done_testing();
