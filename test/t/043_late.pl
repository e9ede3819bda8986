# Late rows: after any mix of inserts, deletes, updates, COPY by several sessions, aborts,
# savepoints, prepared transactions, kills and crashes, in flowstore, heap and
# partitioned tables, the last run of each closed bucket has seen all rows of it.  Who
# writes waits for nobody; rows that come in time, and removals by options, cause no run.
# Without this test: a detection that has missed rows for ever.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use FlowTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $seed = $ENV{FLOWSTORE_SEED} // time;
my $rounds = $ENV{FLOWSTORE_ROUNDS} // 6;
srand($seed);
note("seed $seed");

my $node = new_node('late', conf => q{
	shared_preload_libraries = 'flowstore'
	flowstore.worker_naptime = '100ms'
	timezone = 'UTC'
});
my $sql = sub { return $node->safe_psql('postgres', $_[0]); };
my $until = sub {
	my ($query, $what) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return ok($node->poll_query_until('postgres', $query), $what);
};
my @tables = qw(f h p);

# Three hours in minutes.  Each run makes an alert, with what it has counted: the
# last alert of a bucket is that of its last run.
$sql->(q{
	CREATE TABLE base AS SELECT date_trunc('hour', now()) - interval '3 h' AS t;
	CREATE TABLE f (ts timestamptz, k int) USING flowstore;
	CREATE TABLE h (LIKE f) USING heap;
	CREATE INDEX ON h (ts);
	CREATE TABLE p (LIKE f) PARTITION BY RANGE (ts);
	DO $$ DECLARE t timestamptz := (SELECT t FROM base); BEGIN
		EXECUTE format('CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (MINVALUE) TO (%L) USING flowstore', t + interval '1 h');
		EXECUTE format('CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (%L) TO (%L) USING heap', t + interval '1 h', t + interval '2 h');
		CREATE INDEX ON p2 (ts);
	END $$;
	INSERT INTO f SELECT t + g * interval '7 s', g % 5 FROM base, generate_series(1, 1000) g;
	INSERT INTO h TABLE f;
	INSERT INTO p SELECT * FROM f WHERE ts < (SELECT t + interval '2 h' FROM base);
	SELECT flow.create_rollup('fr', 'SELECT count(*) AS n FROM f', levels => '{"1 min": "forever"}');
	SELECT flow.schedule(x, format($$SELECT count(*) AS score, pg_current_xact_id()::text AS run FROM %I WHERE ts >= $1 AND ts < $2$$, x),
		'1 min', x::regclass, delay => '0', settle => '0', since => (SELECT t FROM base)) FROM unnest('{f,h,p}'::text[]) x;
	CREATE INDEX ON flow.alert (rule, until, id);
	-- buckets of which the last run has not counted what is there
	CREATE FUNCTION wrong() RETURNS SETOF text LANGUAGE plpgsql AS $$
	DECLARE x text;
	BEGIN
		FOREACH x IN ARRAY '{f,h,p}'::text[] LOOP
			RETURN QUERY EXECUTE format('SELECT format(%L, u, n, score) FROM (SELECT u,'
				' (SELECT count(*) FROM %I WHERE ts >= u - interval ''1 min'' AND ts < u) AS n,'
				' (SELECT score FROM flow.alert WHERE rule = %L AND until = u ORDER BY id DESC LIMIT 1) AS score'
				' FROM flow.schedule_state s, generate_series(s.begins + interval ''1 min'', s.done_until, interval ''1 min'') u'
				' WHERE s.name = %3$L) b WHERE n IS DISTINCT FROM score', x || ' %s: %s rows, counted %s', x, x);
		END LOOP;
	END $$;
});

my $settled = sub {
	my ($what) = @_;
	note(scalar(localtime) . ' ' . $sql->('SELECT count(*), (SELECT count(*) FROM f), (SELECT count(*) FROM h) FROM flow.alert'));
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	$until->(q{SELECT NOT EXISTS (SELECT FROM flow.rollup_change WHERE NOT expired) AND NOT EXISTS (SELECT FROM flow.schedule_late)
		AND (SELECT bool_and(again = 0 AND failed = 0 AND lag < interval '2 min') FROM flow.schedules)}, "$what: nothing is due");
	return is($sql->('SELECT * FROM wrong() LIMIT 5'), '', "$what: the last run of each bucket has seen all");
};
my $runs = sub { return $sql->('SELECT sum(runs) FROM flow.schedule_state'); };

$settled->('at first');
is($sql->(q{SELECT count(*) FROM (SELECT rule, until FROM flow.alert GROUP BY 1, 2 HAVING count(*) > 1) x}), '0', 'each bucket has run once');

# --- rows in time cause no run of an old bucket
$sql->(q{INSERT INTO f SELECT now() + g * interval '1 ms', 1 FROM generate_series(1, 1000) g; INSERT INTO h SELECT now(), 1;});
$settled->('rows in time');
is($sql->(q{SELECT count(*) FROM (SELECT rule, until FROM flow.alert WHERE until < now() - interval '2 min' GROUP BY 1, 2 HAVING count(*) > 1) x}), '0',
	'old buckets have not run again');

# --- one late row: its bucket, and no other
$sql->(q{INSERT INTO h SELECT t + interval '30 s', 1 FROM base});
$settled->('one late row');
is($sql->(q{SELECT string_agg(rule || ' ' || (until - t)::text || ' ' || n, ',') FROM base, (SELECT rule, until, count(*) AS n FROM flow.alert
	WHERE until < now() - interval '2 min' GROUP BY 1, 2 HAVING count(*) > 1) x}), 'h 00:01:00 2', 'one bucket has run again');

# --- a mix, with kills and crashes
sub a_time { return sprintf(q{(SELECT t FROM base) + interval '%d s'}, rand 7190); }

sub statement
{
	my $what = int rand 6;
	my $from = a_time();
	return "INSERT INTO t SELECT $from + least(g * interval '1 s', interval '5 s'), g FROM generate_series(1, " . (1 + int rand 200) . ') g' if $what < 3;
	return "DELETE FROM t WHERE ts BETWEEN $from AND $from + interval '40 s'" if $what == 3;
	return "UPDATE t SET ts = ts + interval '30 s' WHERE ts BETWEEN $from AND $from + interval '20 s' AND ts < (SELECT t + interval '7100 s' FROM base)" if $what == 4;
	return rand() < 0.1 ? 'TRUNCATE t' : "DELETE FROM t WHERE k = 3 AND ts > $from AND ts < (SELECT t + interval '2 h' FROM base)";
}

my $prepared = 0;

sub transaction
{
	my ($simple) = @_;
	my @out = ('BEGIN');
	for (1 .. 1 + int rand 2)
	{
		my $nested = rand() < 0.3;
		my $text = statement();
		push @out, 'SAVEPOINT a' if $nested;
		push @out, map { (my $s = $text) =~ s/\bt (?=SET|WHERE|SELECT)|\bt$/$_ /g; $s } @tables;
		push @out, rand() < 0.5 ? 'ROLLBACK TO a' : 'RELEASE a' if $nested;
	}
	my $end = rand;
	if ($end < 0.15 && !$simple)
	{
		$prepared++;
		push @out, "PREPARE TRANSACTION 'q$prepared'", (rand() < 0.7 ? 'COMMIT' : 'ROLLBACK') . " PREPARED 'q$prepared'";
	}
	else { push @out, $end < 0.3 ? 'ROLLBACK' : 'COMMIT'; }
	return join(";\n", @out) . ';';
}

for my $round (1 .. $rounds)
{
	$sql->(transaction()) for 1 .. 5;
	if ($round % 3 == 0) { $node->stop('immediate'); $node->start; }
	elsif ($round % 3 == 1) { $sql->(q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type LIKE 'flowstore %'}); }
	$settled->("round $round");
}

# --- COPY by several sessions at once, deletes beside it; then a crash in the midst of it
my $dir = $node->basedir;
my ($t) = $sql->(q{SELECT extract(epoch FROM t)::bigint FROM base});
for my $n (1 .. 3)
{
	append_to_file("$dir/copy$n.tsv", join('', map { sprintf("%s\t%d\n", scalar(gmtime($t + int rand 7190)) . ' UTC', $n) } 1 .. 300));
	append_to_file("$dir/copy$n.sql", join(";\n", map { "COPY $_ FROM '$dir/copy$n.tsv'" } @tables) . ";\nDELETE FROM f WHERE k = $n AND ts < (SELECT t + interval '10 min' FROM base);\n");
}
for my $end ('fast', 'immediate')
{
	my @args = map { ('-f', "$dir/copy$_.sql") } 1 .. 3;
	my $bench = IPC::Run::start([ 'pgbench', '-n', '-c', 3, '-t', $end eq 'fast' ? 10 : 1000, @args, $node->connstr('postgres') ], '>', \my $out, '2>', \my $err);
	if ($end eq 'immediate') { sleep 2; $node->stop('immediate'); $bench->kill_kill; $node->start; }
	else { $bench->finish; is($err =~ /ERROR/ ? $err : '', '', 'no writer has failed'); }
	$settled->("several sessions ($end)");
}

# --- a prepared transaction that outlives a crash
$sql->("BEGIN; INSERT INTO f SELECT t + interval '90 s', 1 FROM base; INSERT INTO h SELECT t + interval '90 s', 1 FROM base; PREPARE TRANSACTION 'late'");
$node->stop('immediate');
$node->start;
$settled->('while it is prepared');
$sql->(q{COMMIT PREPARED 'late'});
$settled->('when it is committed');

# --- a run is under way when rows come: the writer does not wait, and the bucket runs again
$sql->(q{ALTER SYSTEM SET flowstore.worker = off; SELECT pg_reload_conf();});
$until->(q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type IN ('flowstore worker', 'flowstore scheduler')}, 'nobody works');
my ($ask, undef, $finish) = start_psql($node);
$ask->(q{SELECT flow.rerun('h', t, t + interval '10 min'), flow.rerun('f', t, t + interval '10 min') FROM base;});
$ask->('BEGIN;');
cmp_ok($ask->('SELECT count(*) FROM flow.run_schedules();'), '>=', 20, 'a session runs buckets');
$sql->(q{SET lock_timeout = '100ms'; SET statement_timeout = '20s'; INSERT INTO f SELECT t + interval '3 min', 1 FROM base; INSERT INTO h SELECT t + interval '3 min', 1 FROM base;});
pass('writers do not wait for it');
is($sql->(q{SET lock_timeout = '100ms'; SELECT count(*) FROM flow.run_schedules()}), '0', 'nor does who would run them as well');
$ask->('COMMIT;');
is($sql->('SELECT count(*) > 0 FROM wrong()'), 't', 'it has missed the rows');
$sql->('SELECT count(*) FROM flow.run_schedules()');
is($sql->('SELECT * FROM wrong()'), '', 'the next call finds them');
# and so when the former rolls back
$ask->(q{SELECT flow.rerun('h', t, t + interval '10 min') FROM base;});
$ask->('BEGIN;');
$ask->('SELECT count(*) FROM flow.run_schedules();');
$sql->(q{INSERT INTO h SELECT t + interval '4 min', 1 FROM base});
$sql->('SELECT count(*) FROM flow.run_schedules()');
$ask->('ROLLBACK;');
$finish->();
$sql->(q{ALTER SYSTEM RESET flowstore.worker; SELECT pg_reload_conf();});
$settled->('after calls by hand');

# --- a partition that comes later, with rows
$sql->(q{DO $$ DECLARE t timestamptz := (SELECT t FROM base); BEGIN
	CREATE TABLE p3 (LIKE p) USING flowstore;
	INSERT INTO p3 SELECT t + interval '2 h' + g * interval '1 s', 1 FROM generate_series(1, 100) g;
	EXECUTE format('ALTER TABLE p ATTACH PARTITION p3 FOR VALUES FROM (%L) TO (%L)', t + interval '2 h', t + interval '3 h');
	END $$});
$until->(q{SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'p3'::regclass)}, 'a new partition is watched');
$settled->('a new partition');

# --- dumped and restored, late rows are noticed in the copy, as well by who publishes all tables
$sql->(q{ALTER SYSTEM SET flowstore.worker = off; SELECT pg_reload_conf();});
$until->(q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type IN ('flowstore worker', 'flowstore scheduler')}, 'nobody works while it is dumped');
$sql->(q{INSERT INTO f SELECT t + interval '10 s', 1 FROM base});
my $watch = q{SELECT string_agg(tgrelid::regclass || ' ' || tgname, ',' ORDER BY tgrelid::regclass::text, tgname) FROM pg_trigger WHERE tgfoid = 'flow.rollup_watch'::regproc};
$sql->('CREATE DATABASE restored');
command_ok([ 'pg_dump', '-Fc', '-f', "$dir/late.dump", $node->connstr('postgres') ], 'dumped');
command_ok([ 'pg_restore', '-e', '-d', $node->connstr('restored'), "$dir/late.dump" ], 'restored');
is($node->safe_psql('restored', $watch), $sql->($watch), 'the same tables are watched');
$sql->(q{ALTER SYSTEM RESET flowstore.worker; SELECT pg_reload_conf();});
$node->safe_psql('restored', qq{SET client_min_messages = error; CREATE PUBLICATION everything_$_ FOR ALL TABLES; INSERT INTO $_ SELECT t + interval '15 min', 1 FROM base}) for qw(h p);
ok($node->poll_query_until('restored', q{SELECT NOT EXISTS (SELECT FROM flow.rollup_change WHERE NOT expired) AND bool_and(again = 0 AND lag < interval '2 min') FROM flow.schedules}), 'nothing is due in the copy');
is($node->safe_psql('restored', 'SELECT * FROM wrong() LIMIT 5'), '', 'there the last run of each bucket has seen all');
$settled->('after the dump');
$sql->('DROP DATABASE restored');

# --- what options remove is no change
$sql->('INSERT INTO f SELECT now(), 1');
$settled->('before rows are removed');
my $before = $runs->();
$sql->(q{SELECT flow.set('f', retain => '1 hour')});
$until->(q{SELECT min(ts) > (SELECT t + interval '1 h' FROM base) FROM f}, 'old rows are removed');
$until->(q{SELECT NOT EXISTS (SELECT FROM flow.rollup_change)}, 'and that was gathered');
is($sql->(q{SELECT count(*) FROM flow.schedule_todo}), '0', 'no bucket runs again for it');
cmp_ok($runs->() - $before, '<', 30, 'nor has run, but those that have just ended');

# --- who ends the last schedule ends the watch, but not that of a rollup
$sql->(q{SELECT flow.unschedule(name) FROM flow.schedules});
$until->(q{SELECT count(*) = 0 FROM pg_trigger WHERE tgfoid = 'flow.rollup_watch'::regproc AND tgrelid <> 'f'::regclass}, 'nobody watches the tables');
is($sql->(q{SELECT count(*) FROM pg_trigger WHERE tgrelid = 'f'::regclass}), '1', 'but the one with a rollup');
$sql->(q{INSERT INTO h SELECT now(), 1; INSERT INTO p SELECT t, 1 FROM base; INSERT INTO f SELECT now(), 1;});
$until->(q{SELECT NOT EXISTS (SELECT FROM flow.rollup_change)}, 'the log is empty');

# --- a run that takes long holds up neither merging nor rollups
$sql->(q{
	CREATE TABLE m (ts timestamptz, v int) USING flowstore;
	SELECT flow.create_rollup('mr', 'SELECT count(*) AS n FROM m', levels => '{"1 s": "forever"}');
	SELECT flow.schedule('long', 'SELECT pg_sleep(120)', '1 h', 'm', delay => '0', timeout => '2 min', since => now() - interval '1 h');});
$until->(q{SELECT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'flowstore scheduler' AND wait_event = 'PgSleep')}, 'a run takes long');
$sql->(q{DO $$ BEGIN FOR g IN 1..500 LOOP INSERT INTO m SELECT now() - interval '1 h' + g * interval '1 s', g; COMMIT; END LOOP; END $$});
$until->(q{SELECT count(*) < 60 FROM flow.chunks('m') WHERE rows > 0}, 'small inserts are merged');
$until->(q{SELECT bool_and(state = 'current') FROM flow.rollups WHERE name = 'mr'}, 'and rolled up');
is($sql->(q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'flowstore scheduler' AND wait_event = 'PgSleep'}), '1', 'while it still runs');
is($sql->(q{SELECT scheduler_pid = (SELECT pid FROM pg_stat_activity WHERE backend_type = 'flowstore scheduler') FROM flow.worker_status() WHERE database = 'postgres'}), 't', 'the status names its process');

# --- and is in nobody's way when the database is dropped
$node->safe_psql('postgres', 'CREATE DATABASE gone');
$node->safe_psql('gone', q{CREATE EXTENSION flowstore; CREATE TABLE m (ts timestamptz); SELECT flow.schedule('long', 'SELECT pg_sleep(120)', '1 h', 'm', delay => '0', timeout => '2 min', since => now() - interval '1 h')});
$until->(q{SELECT count(*) = 2 FROM pg_stat_activity WHERE backend_type = 'flowstore scheduler' AND wait_event = 'PgSleep'}, 'another database has its own');
$sql->('DROP DATABASE gone');
pass('it can be dropped');
unlike(slurp_file($node->logfile), qr/PANIC|TRAP|terminated by signal 11/, 'no crash but ours');
$node->stop;
done_testing();
