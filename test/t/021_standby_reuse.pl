# A reader of a standby while the primary gives blocks up and writes them anew:
# the same rows as at first, or a recovery conflict, never other rows.  A base
# backup taken while rows are written, and the promoted standby, hold what
# their heap twin holds.
# Without this test: a long report on a standby that mixes two times.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use FlowTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);

my $primary = new_node('primary', allows_streaming => 1, conf => q{
wal_consistency_checking = 'all'
wal_keep_size = '4GB'
max_wal_size = '2GB'
shared_buffers = '32MB'
});
$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->append_conf('postgresql.conf', q{
hot_standby_feedback = off
max_standby_streaming_delay = '200ms'
wal_receiver_status_interval = '1s'
});
$standby->start;

# Whole transactions on the heap twin h and on f, so that any consistent copy
# has them alike.  Steps that a server refuses are left out.
$primary->safe_psql('postgres', q{
	CREATE TABLE h (id bigint, ts timestamptz, b text);
	CREATE TABLE f (LIKE h) USING flowstore;
	CREATE FUNCTION twice(sql text) RETURNS void LANGUAGE plpgsql AS $$
	BEGIN
		EXECUTE replace(sql, '%s', 'h');
		EXECUTE replace(sql, '%s', 'f');
	END $$;
	CREATE FUNCTION add_rows(first bigint, last bigint) RETURNS void LANGUAGE sql AS $$
		SELECT twice(format('INSERT INTO %%s SELECT g, timestamptz ''2026-01-01 00:00+00'' + g %% 7200 * interval ''1 s'', md5(g::text)
			FROM generate_series(%s::bigint, %s) g', first, last)) $$;
	SELECT add_rows(1, 70000);});

sub refused
{
	my ($sql) = @_;
	my ($rc, $out, $err) = $primary->psql('postgres', "\\set VERBOSITY sqlstate\nBEGIN; SAVEPOINT s; $sql; ROLLBACK;");
	return $err =~ /0A000|42883/;
}

my $id = 70000;
my $more = sub { my ($n) = @_; my $from = $id + 1; $id += $n; return "SELECT add_rows($from, $id)"; };
my @steps = (
	'a load rolled back, VACUUM, a load into the hole' => sub {
		"BEGIN; SELECT add_rows(1, 90000); ROLLBACK; VACUUM f; ${\ $more->(40000)};" },
	'VACUUM FULL and a load' => sub { "VACUUM FULL f; ${\ $more->(30000)};" },
	'small batches and VACUUM' => sub { join(';', map { $more->(50) } 1 .. 40) . '; VACUUM f;' },
	'TRUNCATE and a load' => sub { "BEGIN; SELECT twice('TRUNCATE %s'); ${\ $more->(60000)}; COMMIT; VACUUM f;" });
push @steps, 'every second row deleted, VACUUM, a load into the hole' => sub {
	"SELECT twice('DELETE FROM %s WHERE id % 2 = 0'); VACUUM f; VACUUM f; ${\ $more->(40000)};" },
	'an hour deleted, VACUUM, a load into the hole' => sub {
	"SELECT twice('DELETE FROM %s WHERE ts < timestamptz ''2026-01-01 01:00+00'''); VACUUM f; VACUUM f; ${\ $more->(40000)};" }
	unless refused('DELETE FROM f WHERE id < 0');
push @steps, 'rows updated, VACUUM, a load' => sub {
	"SELECT twice('UPDATE %s SET ts = ts + interval ''1 hour'' WHERE id % 3 = 0'); VACUUM f; VACUUM f; ${\ $more->(20000)};" }
	unless refused('UPDATE f SET b = b WHERE id < 0');
push @steps, 'optimize, VACUUM, a load into the hole' => sub {
	"SELECT flow.optimize('f'); VACUUM f; VACUUM f; ${\ $more->(40000)};" }
	unless refused(q{SELECT flow.optimize('f')});

my $question = 'SELECT count(*), sum(id), count(*) FILTER (WHERE b <> md5(id::text)), sum(hashtextextended(f::text, 0)) FROM f;';
my ($cancelled, $kept, $reused) = (0, 0, 0);
for my $feedback ('off', 'on')
{
	$standby->append_conf('postgresql.conf', "hot_standby_feedback = $feedback");
	$standby->reload;
	for (my $i = 0; $i < @steps; $i += 2)
	{
		my ($name, $sql) = @steps[ $i, $i + 1 ];
		$primary->wait_for_catchup($standby);
		my ($ask, undef, $finish, $s) = start_psql($standby);
		$ask->('BEGIN ISOLATION LEVEL REPEATABLE READ;');
		my $before = $ask->($question);
		is($before, $primary->safe_psql('postgres', $question), "feedback $feedback: the standby has the primary's rows");
		# with feedback the reader's horizon must have arrived
		$primary->poll_query_until('postgres', 'SELECT backend_xmin IS NOT NULL FROM pg_stat_replication') if $feedback eq 'on';
		my ($bytes, $rows) = split /\|/, $primary->safe_psql('postgres', q{SELECT pg_relation_size('f'), count(*) FROM f});
		for my $again (1 .. 2)
		{
			$primary->safe_psql('postgres', $sql->());
			$primary->wait_for_catchup($standby);
			${ $s->{err} } = '';
			my $answer = $ask->($question);
			my $conflict = ${ $s->{err} } =~ /conflict with recovery|terminating connection due to conflict|server closed the connection/;
			ok($answer eq $before || $answer eq '' && $conflict, "feedback $feedback, $name: the same rows or a conflict")
				or diag("before $before, after $answer, ${ $s->{err} }");
			if ($answer eq '') { $cancelled++; last; }
			$kept++;
		}
		$finish->();
		# 130,000 rows were written once or twice
		$reused++ if $name =~ /rolled back/ && $primary->safe_psql('postgres', q{SELECT pg_relation_size('f')}) < $bytes + 100000 * $bytes / $rows;
		$primary->wait_for_catchup($standby);
		twin_ok($standby, 'h', 'f', "feedback $feedback, $name: the standby's twins");
	}
}
cmp_ok($cancelled, '>', 0, 'some readers were cancelled');
cmp_ok($kept, '>', 0, 'some readers were not');
is($reused, 2, 'blocks of the load that was rolled back were used again');

# a base backup while rows come and blocks are reused
my $dir = PostgreSQL::Test::Utils::tempdir();
append_to_file("$dir/load.sql", join '', map { my $s = $steps[ 2 * ($_ % (@steps / 2)) + 1 ]; $s->() . "\n" } 1 .. 60);
my $writer = IPC::Run::start([ 'psql', '-Xq', '-d', $primary->connstr('postgres'), '-f', "$dir/load.sql" ], '>', '/dev/null', '2>', "$dir/err");
usleep(300_000);
$primary->backup('busy');
usleep(200_000);
$writer->signal('TERM');
eval { $writer->finish; };
my $copy = PostgreSQL::Test::Cluster->new('copy');
$copy->init_from_backup($primary, 'busy');
$copy->start;
twin_ok($copy, 'h', 'f', 'the base backup of a busy server');
is($copy->safe_psql('postgres', q{SELECT count(*) FROM flow.check('f')}), '0', 'and its bytes');
$copy->safe_psql('postgres', 'VACUUM f; SELECT add_rows(1, 50000); VACUUM f;');
twin_ok($copy, 'h', 'f', 'and it can be written to');
$copy->stop;

# promotion in the middle of a load
$primary->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE query LIKE '%add_rows%' AND pid <> pg_backend_pid()});
my ($ask, $send, $finish) = start_psql($primary);
$send->("BEGIN; SELECT add_rows(1, 200000);");
usleep(400_000);
$primary->stop('immediate');
$finish->();
$standby->promote;
twin_ok($standby, 'h', 'f', 'promoted');
is($standby->safe_psql('postgres', q{SELECT count(*) FROM flow.check('f')}), '0', 'promoted: its bytes');
$standby->safe_psql('postgres', 'VACUUM f; SELECT add_rows(1, 50000); VACUUM f; SELECT add_rows(1, 50000); CHECKPOINT;');
twin_ok($standby, 'h', 'f', 'promoted, written to');
$standby->stop;
unlike(slurp_file($_->logfile), qr/inconsistent page|PANIC|TRAP|signal 11/, 'no inconsistent page, no PANIC') for $standby, $copy;

done_testing();
