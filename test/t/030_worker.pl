# The background worker: small inserts become chunks within seconds, one
# broken table does not stop the others, and nobody has to wait for it.
# Without this test: streams fragment, or DROP and restarts hang.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use FlowTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);

my $node = new_node('worker', conf => q{
	shared_preload_libraries = 'flowstore'
	flowstore.worker_naptime = '200ms'
});
my $sql = sub { return $node->safe_psql('postgres', $_[0]); };

# Poll until the query gives t, for a minute.
my $until = sub {
	my ($query, $what) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return ok($node->poll_query_until('postgres', $query), $what);
};

# --- small inserts are joined, vacuumed, and later clustered
$sql->(q{
	CREATE TABLE h (ts timestamptz, src_addr inet, dst_addr inet, v text);
	CREATE TABLE f (LIKE h) USING flowstore;});
my $row = q{'2026-01-01'::timestamptz + g * interval '2 s', '10.0.0.0'::inet + g % 99, '10.1.0.0'::inet + g % 9, md5(g::text)};
$sql->(qq{DO \$\$ BEGIN FOR g IN 1..2000 LOOP
	INSERT INTO f SELECT $row; INSERT INTO h SELECT $row; COMMIT; END LOOP; END \$\$});
$until->(q{SELECT count(*) < 60 FROM flow.chunks('f') WHERE rows > 0}, 'single rows are joined');
twin_ok($node, 'h', 'f', 'they are the same rows', 2000);
$sql->(qq{DELETE FROM f WHERE src_addr = '10.0.0.7'; DELETE FROM h WHERE src_addr = '10.0.0.7';
	UPDATE f SET v = 'new' WHERE src_addr = '10.0.0.8'; UPDATE h SET v = 'new' WHERE src_addr = '10.0.0.8';});
$sql->(q{SELECT flow.set('f', lateness => '0')});
$sql->(qq{INSERT INTO f SELECT $row FROM generate_series(2001, 9000) g; INSERT INTO h SELECT $row FROM generate_series(2001, 9000) g;});
$until->(q{SELECT count(*) <= count(DISTINCT partition) + 1 FROM flow.chunks('f') WHERE rows > 0}, 'one set a partition once all is quiet, but for a few late rows');
twin_ok($node, 'h', 'f', 'with the changes');
$until->(q{SELECT tasks > 0 AND rows > 0 AND wal_bytes > 0 AND errors = 0 AND activity IS NULL AND pid IS NULL
	FROM flow.worker_status() WHERE database = 'postgres'}, 'the status says so, and the worker has gone');

# --- an option is obeyed at once, without another write
$sql->(q{SELECT flow.set('f', retain => '1 hour')});
$until->(q{SELECT max(ts) - min(ts) < interval '3 hours' FROM f}, 'old rows go soon after the option is set');
$sql->(q{SELECT flow.set('f', retain => NULL)});

# --- an error in one table: a chunk of it is damaged
$sql->(q{ALTER SYSTEM SET flowstore.worker = off; SELECT pg_reload_conf();});
$until->(q{SELECT current_setting('flowstore.worker') = 'off'}, 'the worker is off');
$sql->(q{
	CREATE TABLE a_broken (i int) USING flowstore;
	CREATE TABLE b_sound (i int) USING flowstore;
	DO $$ BEGIN FOR i IN 1..20 LOOP
		INSERT INTO a_broken SELECT generate_series(1, 70);
		INSERT INTO b_sound SELECT generate_series(1, 70);
	END LOOP; END $$;
	CHECKPOINT;});
my $file = table_file($node, 'a_broken');
my $byte = 8192 * $sql->(q{SELECT max(first_block) FROM flow.chunks('a_broken') WHERE rows > 0}) + 24 + 40;
my $flip = sub {
	$node->stop;
	open my $fh, '+<:raw', $file or die "could not open $file: $!";
	seek $fh, $byte, 0;
	read $fh, my $old, 1;
	seek $fh, $byte, 0;
	print $fh chr(ord($old) ^ 0xff);
	close $fh;
	$node->start;
};
$sql->(q{ALTER SYSTEM RESET flowstore.worker});
my $offset = -s $node->logfile;
$flip->();
$until->(q{SELECT count(*) < 20 FROM flow.chunks('b_sound') WHERE rows > 0}, 'a table beside a broken one is maintained');
$until->(q{SELECT errors > 1 AND last_error ~ 'invalid chunk in flowstore table "a_broken"'
	FROM flow.worker_status() WHERE database = 'postgres'}, 'the error is shown, and met again');
my $log = slurp_file($node->logfile, $offset);
is(scalar(() = $log =~ /ERROR:  invalid chunk/g), 1, 'it was logged once');
$flip->();
$until->(q{SELECT count(*) < 20 FROM flow.chunks('a_broken') WHERE rows > 0}, 'a table that is mended is maintained again');
is($sql->('SELECT count(*), sum(i) FROM a_broken'), '1400|49700', 'it is whole');

# --- nobody waits for a worker that is slow
$sql->(q{ALTER SYSTEM SET flowstore.worker_max_wal_rate = '100kB'; SELECT pg_reload_conf();});
my $fill = q{
	DO $$ BEGIN FOR i IN 1..8 LOOP
	INSERT INTO %s SELECT g, md5(g::text || i) || md5(i::text || g) FROM generate_series(1, 20000) g; COMMIT; END LOOP; END $$};
my $busy = sub {
	my ($db) = @_;
	$until->("SELECT coalesce(activity ~ 'ing public', false) AND task_rows_done > 0 FROM flow.worker_status() WHERE database = '$db'", "a worker is busy in $db");
};
my $quick = sub {
	my ($db, $command, $what) = @_;
	my $start = time;
	$node->safe_psql($db, $command);
	cmp_ok(time - $start, '<', 10, $what);
};
$sql->('CREATE TABLE slow (i int, v text) USING flowstore');
$sql->(sprintf($fill, 'slow'));
$busy->('postgres');
like($sql->(q{SELECT string_agg(query, ' ') FROM pg_stat_activity WHERE backend_type = 'flowstore worker'}),
	qr/(merging|clustering) public\.slow/, 'pg_stat_activity shows what it does');
$quick->('postgres', 'ALTER TABLE slow ADD COLUMN w int', 'ALTER TABLE does not wait');
is($sql->('SELECT count(*), count(DISTINCT v) FROM slow'), '160000|160000', 'the rows are there');
$busy->('postgres');
$quick->('postgres', 'VACUUM slow', 'VACUUM does not wait');
$busy->('postgres');
$quick->('postgres', 'DELETE FROM slow WHERE i = 77', 'DELETE does not wait');
is($sql->('SELECT count(*) FROM slow'), '159992', 'and deletes');
$busy->('postgres');
$quick->('postgres', 'DROP TABLE slow', 'DROP TABLE does not wait');

$node->safe_psql('postgres', 'CREATE DATABASE other');
$node->safe_psql('other', 'CREATE EXTENSION flowstore; CREATE TABLE slow (i int, v text) USING flowstore');
$node->safe_psql('other', sprintf($fill, 'slow'));
$busy->('other');
$quick->('postgres', 'DROP DATABASE other', 'DROP DATABASE does not fail');

# --- a restart in the midst
$sql->('CREATE TABLE slow (i int, v text) USING flowstore');
$sql->(sprintf($fill, 'slow'));
$busy->('postgres');
my $begin = time;
$node->restart('fast');
cmp_ok(time - $begin, '<', 30, 'a fast shutdown does not wait');
is($sql->('SELECT count(*), count(DISTINCT v) FROM slow'), '160000|160000', 'nothing was lost');
$busy->('postgres');
$node->stop('immediate');
$node->start;
is($sql->('SELECT count(*), count(DISTINCT v) FROM slow'), '160000|160000', 'nor by a crash');
$sql->(q{ALTER SYSTEM RESET flowstore.worker_max_wal_rate; SELECT pg_reload_conf();});
$until->(q{SELECT count(*) <= 4 FROM flow.chunks('slow') WHERE rows > 0}, 'the work is taken up again');
is($sql->('SELECT count(*), count(DISTINCT v) FROM slow'), '160000|160000', 'all is there still');

# --- changes while rows are written again
$sql->(q{
	CREATE TABLE enough (is_so boolean);
	CREATE TABLE ch (id int, n int);
	CREATE TABLE cf (id int, n int) USING flowstore;
	SELECT flow.set('cf', lateness => '0');});
my @writers;
for my $w (0 .. 2)
{
	my ($in, $out, $err) = ('', '', '');
	my $script = qq{DO \$\$ DECLARE k int; BEGIN FOR r IN 1..20000 LOOP
		EXIT WHEN r > 250 AND EXISTS (SELECT FROM enough);
		FOR k IN 1..5 LOOP INSERT INTO cf VALUES (r * 30 + k * 3 + $w, r); INSERT INTO ch VALUES (r * 30 + k * 3 + $w, r); END LOOP;
		COMMIT;
		k := (r * 7919 % r) * 30 + 3 * (1 + r % 5) + $w;
		IF r % 3 = 0 THEN DELETE FROM cf WHERE id = k; DELETE FROM ch WHERE id = k;
		ELSE UPDATE cf SET n = n + 1000 WHERE id = k; UPDATE ch SET n = n + 1000 WHERE id = k; END IF;
		COMMIT;
		END LOOP; END \$\$};
	my $h = IPC::Run::start([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres'), '-c', $script ],
		'<', \$in, '>', \$out, '2>', \$err, IPC::Run::timer(180));
	push @writers, [ $h, \$err ];
}
my ($rounds, $done) = (0, 0);
while (!$done)
{
	$node->psql('postgres', q{SELECT count(*) FROM flow.optimize('cf', "full" => true)});
	$node->safe_psql('postgres', 'INSERT INTO enough VALUES (true)') if ++$rounds == 2;
	# a writer that has ended cannot be pumped any more
	for my $w (@writers) { eval { $w->[0]->pump_nb; 1 } or next; }
	$done = $node->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_activity WHERE query ~ '^DO .*ch'}) == 0;
}
for (@writers)
{
	ok($_->[0]->finish, 'a writer beside the worker gets no error') or diag ${ $_->[1] };
}
cmp_ok($rounds, '>', 1, 'the table was optimized meanwhile');
twin_ok($node, 'ch', 'cf', 'no change was lost');

# --- while a row is being deleted its partition is not clustered in part, again and again
$sql->(q{CREATE TABLE busy (ts timestamptz, i int) USING flowstore;
	SELECT flow.set('busy', lateness => '0', "cluster" => 'off');
	INSERT INTO busy SELECT '2026-01-01', generate_series(1, 20000);
	INSERT INTO busy SELECT '2026-01-01', generate_series(-100, -1);
	INSERT INTO busy VALUES ('2026-01-02', 0)});
my ($delete, undef, $delete_end) = start_psql($node);
$delete->('BEGIN; DELETE FROM busy WHERE i = 5;');
my ($reader, undef, $reader_end) = start_psql($node);
is($reader->('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM busy;'), '20101', 'a snapshot of before');
my $tasks = $sql->(q{SELECT sum(tasks) FROM flow.worker_status()});
$sql->(q{SELECT flow.set('busy', "cluster" => 'on'); INSERT INTO busy SELECT '2026-01-01', generate_series(-200, -101)});
usleep(2_000_000);
cmp_ok($sql->(q{SELECT sum(tasks) FROM flow.worker_status()}) - $tasks, '<', 5, 'the worker waits for a deleter');
is($reader->('DELETE FROM busy WHERE i = -3 RETURNING i;'), '-3', 'rows of the partition can be changed');
$reader->('ROLLBACK;');
$delete->('COMMIT;');
$until->(q{SELECT bool_and(level = 'clustered') FROM flow.chunks('busy') WHERE ts_max < '2026-01-02' AND kind = 'chunk'}, 'then it is clustered');
is($sql->('SELECT count(*) FROM busy'), '20200', 'as a whole');
$_->() for $delete_end, $reader_end;

# --- switched off
$sql->(q{ALTER SYSTEM SET flowstore.worker = off; SELECT pg_reload_conf();});
$until->(q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'flowstore worker'}, 'no worker runs');
$sql->(q{DO $$ BEGIN FOR i IN 1..100 LOOP INSERT INTO b_sound VALUES (i); COMMIT; END LOOP; END $$});
usleep(1_500_000);
cmp_ok($sql->(q{SELECT count(*) FROM flow.chunks('b_sound') WHERE rows > 0}), '>=', 100, 'nothing is done when the worker is off');

# --- a deletion that is committed after its row was read is carried over
$sql->(q{CREATE TABLE carry (i int) USING flowstore; INSERT INTO carry SELECT generate_series(1, 200)});
my (undef, $send, $finish) = start_psql($node);
$send->('DELETE FROM carry WHERE i <= 7 AND (i < 7 OR pg_sleep(0.3) IS NOT NULL);');
usleep(150_000);
is($sql->(q{SELECT action, rows FROM flow.optimize('carry')}), 'cluster|200', 'rows that are being deleted are written again');
is($sql->('SELECT count(*), min(i) FROM carry'), '193|8', 'and are deleted at their new places');
$finish->();
unlike(slurp_file($node->logfile), qr/PANIC|TRAP|terminated by signal/, 'no crash');

$node->stop;
done_testing();
