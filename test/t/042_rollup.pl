# Rollups equal a computation from scratch, always: after any mix of inserts, late
# rows, deletes, updates, savepoints, aborts, prepared transactions, crashes and
# restarts, between rounds of the worker (views) and after them (tables).
# Without this test: dashboards that drift from the rows they are made of.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use FlowTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $seed = $ENV{FLOWSTORE_SEED} // time;
my $rounds = $ENV{FLOWSTORE_ROUNDS} // 12;
srand($seed);
note("seed $seed");

my $node = new_node('rollup', conf => q{
	shared_preload_libraries = 'flowstore'
	flowstore.worker_naptime = '100ms'
	timezone = 'UTC'
});
my $sql = sub { return $node->safe_psql('postgres', $_[0]); };

$sql->(q{
	CREATE TABLE f (ts timestamptz, k int, v bigint) USING flowstore;
	CREATE TABLE h (LIKE f) USING heap;
	SELECT flow.create_rollup('fr', 'SELECT k, count(*) AS n, sum(v) AS v, count(DISTINCT v) AS d FROM f WHERE v <> 13 GROUP BY k',
		levels => '{"1 s": "forever", "10 s": "forever", "1 hour": "forever"}');
	SELECT flow.create_rollup('hr', 'SELECT k, count(*) AS n, sum(v) AS v, count(DISTINCT v) AS d FROM h WHERE v <> 13 GROUP BY k',
		levels => '{"1 s": "forever", "10 s": "forever", "1 hour": "forever"}');
	CREATE FUNCTION wrong(what text) RETURNS text LANGUAGE plpgsql AS $$
	DECLARE src text; level text; step text; a bigint; b bigint; result text := '';
	BEGIN
		FOR src IN VALUES ('f'), ('h') LOOP
			FOR level, step IN VALUES ('1s', '1 s'), ('10s', '10 s'), ('1h', '1 hour') LOOP
				EXECUTE format('WITH s AS (SELECT flow.time_bucket(%L::interval, ts) AS bucket, k, count(*) AS n,'
					' sum(v) AS v, count(DISTINCT v) AS d FROM %s WHERE v <> 13 AND isfinite(ts) GROUP BY 1, 2)'
					' SELECT (SELECT count(*) FROM (SELECT * FROM s EXCEPT ALL SELECT * FROM %s) a),'
					' (SELECT count(*) FROM (SELECT * FROM %3$s EXCEPT ALL SELECT * FROM s) b)',
					step, src, src || 'r_' || level || what) INTO a, b;
				IF a > 0 OR b > 0 THEN
					result := result || format(' %s_%s lacks %s, has %s too many;', src, level, a, b);
				END IF;
			END LOOP;
		END LOOP;
		RETURN result;
	END $$;
});

# --- statements, for both tables
sub a_time { return sprintf(q{'2026-01-01'::timestamptz + interval '%d ms'}, rand() < 0.8 ? rand(60000) : rand(86400000)); }

sub statement
{
	my $what = int(rand 10);
	my $some = sprintf('k = %d AND v %% 7 = %d', rand 4, rand 7);
	my $from = a_time();
	return "INSERT INTO t SELECT $from + g * interval '37 ms', g % 4, g % 20 FROM generate_series(1, " . (1 + int rand 300) . ') g' if $what < 4;
	return 'INSERT INTO t VALUES (' . join('), (', map { a_time() . ', ' . int(rand 4) . ', ' . int(rand 20) } 1 .. 3) . ')' if $what < 6;
	return "DELETE FROM t WHERE $some AND ts > $from" if $what == 6;
	return "UPDATE t SET v = v + 1 WHERE $some AND ts < $from" if $what == 7;
	return "UPDATE t SET ts = ts + interval '5 s' WHERE $some AND ts BETWEEN $from AND $from + interval '3 s'" if $what == 8;
	return rand() < 0.2 ? 'TRUNCATE t' : "INSERT INTO t VALUES (NULL, 1, 1), ('infinity', 1, 1), ($from, 3, 13)";
}

sub for_both
{
	my ($text) = @_;
	return join(";\n", map { my $t = $_; (my $s = $text) =~ s/\bt\b/$t/g; $s } qw(f h));
}

my $prepared = 0;

sub transaction
{
	my @out = ('BEGIN');
	for (1 .. 1 + int rand 3)
	{
		my $is_nested = rand() < 0.4;
		push @out, 'SAVEPOINT a' if $is_nested;
		push @out, for_both(statement());
		push @out, 'SELECT sum(n) FROM fr_10s' if rand() < 0.2;
		push @out, rand() < 0.5 ? 'ROLLBACK TO a' : 'RELEASE a' if $is_nested;
	}
	push @out, q{SELECT 'inside:' || wrong('')};
	my $end = rand;
	if ($end < 0.1) { $prepared++; push @out, "PREPARE TRANSACTION 'p$prepared'"; push @out, rand() < 0.5 ? "COMMIT PREPARED 'p$prepared'" : "ROLLBACK PREPARED 'p$prepared'"; }
	else { push @out, $end < 0.25 ? 'ROLLBACK' : 'COMMIT'; }
	return join(";\n", @out) . ';';
}

sub check
{
	my ($what) = @_;
	return is($sql->(q{SELECT wrong('')}), '', $what);
}

# All that is pending is rolled up: by the worker for the fine levels, by hand for hours.
sub check_tables
{
	my ($what) = @_;
	$node->poll_query_until('postgres', q{SELECT NOT EXISTS (SELECT FROM flow.rollup_change)
		AND bool_and(state = 'current') FROM flow.rollups WHERE step < '1 hour' AND name IN ('fr', 'hr')})
		or diag($sql->('SELECT * FROM flow.rollups'));
	$sql->(q{SELECT flow.refresh_rollup('fr', '2026-01-01', '2026-01-03'), flow.refresh_rollup('hr')});
	is($sql->(q{SELECT wrong('_rows')}), '', "$what: the tables themselves");
	return check("$what: the views");
}

check('empty');
for my $round (1 .. $rounds)
{
	my @wrong;
	for (1 .. 6)
	{
		my $text = transaction();
		my $got = $sql->($text);
		push @wrong, $text . $got if $got =~ /inside:./;
	}
	is(scalar(@wrong), 0, "round $round: exact inside of transactions") or diag(@wrong);
	check("round $round: exact between rounds of the worker");
	if ($round % 4 == 0)
	{
		$node->stop('immediate');
		$node->start;
		check("round $round: exact after a crash");
	}
	check_tables("round $round") if $round % 3 == 0;
}

# --- several writers at once, and a crash in the middle of it
my $script = $node->basedir . '/writers.sql';
append_to_file($script, join("\n", map { my $s = for_both(statement()); "BEGIN;\n$s;\nEND;" } grep { 1 } 1 .. 10) . "\n");
for my $end ('fast', 'immediate')
{
	my $bench = IPC::Run::start([ 'pgbench', '-n', '-c', 3, '-T', 8, '-f', $script, $node->connstr('postgres') ],
		'>', \my $out, '2>', \my $err);
	for (1 .. 4)
	{
		check("exact while three sessions write ($end)");
		select(undef, undef, undef, 0.7);
	}
	if ($end eq 'immediate')
	{
		$node->stop('immediate');
		$bench->kill_kill;
		$node->start;
	}
	else { $bench->finish; }
	check_tables("after several writers ($end)");
}

# --- an error in a definition stops nobody else, and is shown
$sql->(q{
	CREATE TABLE e (ts timestamptz, v int) USING flowstore;
	SELECT flow.create_rollup('er', 'SELECT sum(10 / v) AS q FROM e', levels => '{"1 s": "forever"}');
	INSERT INTO e VALUES ('2026-01-01', 0);});
ok($node->poll_query_until('postgres', q{SELECT error ~ 'division by zero' AND state = 'failing' FROM flow.rollups WHERE name = 'er'}), 'an error is shown');
$sql->(for_both(q{INSERT INTO t VALUES ('2026-01-01 00:00:01', 1, 5)}));
check_tables('beside a failing rollup');
$sql->(q{UPDATE e SET v = 5; SELECT flow.refresh_rollup('er')});
is($sql->(q{SELECT state FROM flow.rollups WHERE name = 'er'}), 'current', 'and it recovers');
is($sql->('SELECT q FROM er_1s'), '2', 'with the right answer');

# --- a prepared transaction that outlives a crash
$sql->(for_both(q{INSERT INTO t VALUES ('2026-01-01 00:00:01', 2, 5)}));
check_tables('before it is prepared');
$sql->('BEGIN;' . for_both(q{INSERT INTO t VALUES ('2026-01-01 00:00:02', 2, 5)}) . q{; PREPARE TRANSACTION 'late'});
$node->stop('immediate');
$node->start;
check('not committed yet');
$sql->(q{COMMIT PREPARED 'late'});
check('committed now');
check_tables('after a prepared transaction');

# --- dumped and restored, with what is pending
$sql->(for_both(q{INSERT INTO t VALUES ('2026-01-01 00:00:03', 2, 5)}));
$sql->(q{ALTER SYSTEM SET flowstore.worker = off; SELECT pg_reload_conf();});
$sql->(for_both(q{INSERT INTO t VALUES ('2026-01-01 00:00:04', 2, 5)}));
my $dump = $node->basedir . '/rollup.dump';
$node->safe_psql('postgres', 'CREATE DATABASE restored');
command_ok([ 'pg_dump', '-Fc', '-f', $dump, $node->connstr('postgres') ], 'dumped');
command_ok([ 'pg_restore', '-e', '-d', $node->connstr('restored'), $dump ], 'restored');
is($node->safe_psql('restored', q{SELECT wrong('')}), '', 'exact in the copy');
is($node->safe_psql('restored', for_both(q{INSERT INTO t VALUES ('2026-01-01 00:00:05', 2, 5)}) . q{; SELECT wrong('')}), '', 'the copy goes on');
$sql->(q{ALTER SYSTEM RESET flowstore.worker; SELECT pg_reload_conf();});
$node->safe_psql('restored', q{SELECT flow.refresh_rollup('fr'), flow.refresh_rollup('hr')});
is($node->safe_psql('restored', q{SELECT wrong('_rows')}), '', 'and can be rolled up');

# --- DROP OWNED and DROP TABLE behind our back, and DROP EXTENSION
$sql->(q{DROP TABLE fr_1s_rows, fr_10s_rows, fr_1h_rows CASCADE; INSERT INTO f VALUES (now(), 1, 1);});
ok($node->poll_query_until('postgres', q{SELECT NOT EXISTS (SELECT FROM flow.rollups WHERE name = 'fr')
	AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'f'::regclass)}), 'a rollup without tables is forgotten, and its triggers go');
$sql->(q{INSERT INTO f VALUES (now(), 1, 1)});
is($sql->(q{SELECT count(*) FROM flow.rollup_change WHERE relation = 'f'::regclass}), '0', 'nothing is logged any more');
$sql->('SET client_min_messages = warning; DROP EXTENSION flowstore CASCADE');
is($sql->(q{INSERT INTO h VALUES (now(), 1, 1); SELECT count(*) FROM pg_trigger WHERE tgrelid = 'h'::regclass}), '0', 'no triggers without the extension');

$node->stop;
done_testing();
