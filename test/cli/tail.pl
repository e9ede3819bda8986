# flow tail shows each row once: also those that are committed late, in batches that overlap, and equal ones.
use strict;
use warnings;
use FlowCommand;
use IPC::Open2;
use Test::More;
use Time::HiRes qw(sleep time);

sql("CREATE TABLE live (ts timestamptz NOT NULL, src_addr inet, dst_addr inet, src_port integer, dst_port integer, proto smallint, bytes bigint) USING flowstore");
my $base = sql("SELECT date_trunc('second', now() - interval '5 minutes')");
sub insert
{
	my ($offset, $bytes, $session) = @_;
	my $query = "INSERT INTO live VALUES (timestamptz '$base' + interval '$offset s', '192.0.2.1', '192.0.2.2', 1, 443, 6, $bytes);";
	if ($session) { print {$session} "$query\n" }
	else { sql($query) }
}
insert($_, $_) for 1 .. 5;

# tail in the background
sub start
{
	my (@arguments) = @_;
	my $file = "$TMP/tail.out";
	spew($file, '');
	my $pid = fork() // die;
	if ($pid == 0)
	{
		open(STDOUT, '>', $file);
		open(STDERR, '>', "$TMP/tail.err");
		exec($FLOW, 'tail', '-t', 'live', @arguments) or exit 126;
	}
	return { pid => $pid, file => $file };
}
sub wait_for
{
	my ($tail, $pattern) = @_;
	my $until = time + 20;
	sleep 0.1 while slurp($tail->{file}) !~ $pattern && time < $until;
	return slurp($tail->{file});
}
sub seen { return join ' ', map { /,(\d+)\n?\z/ ? $1 : () } split /\n/, slurp($_[0]{file}) }

my $tail = start('--csv', '-n', '2', '-o', 'ts,bytes');
wait_for($tail, qr/,5\n/);
is(seen($tail), '4 5', 'tail begins with the newest rows');

# a transaction that commits late, with rows older than what was shown meanwhile
my $late_pid = open2(my $late_out, my $late, 'psql', '-XqAt');
print {$late} "BEGIN;\n";
insert(2.5, 100, $late);
insert(20, 101, $late);
print {$late} "SELECT 'written';\n";
like(scalar <$late_out>, qr/written/, 'a transaction has written and not committed');
insert(10, 10);
insert(11, 11);
wait_for($tail, qr/,11\n/);
is(seen($tail), '4 5 10 11', 'rows of others come meanwhile');
print {$late} "COMMIT;\n";
close $late;
waitpid($late_pid, 0);
wait_for($tail, qr/,101\n/);
is(seen($tail), '4 5 10 11 100 101', 'what is committed late is shown then, in the order of its time');

# equal rows are different flows
insert(12, 12);
insert(12, 12);
wait_for($tail, qr/,12\n.*,12\n/s);
insert(12, 12);
wait_for($tail, qr/(?:,12\n.*){3}/s);
is(seen($tail), '4 5 10 11 100 101 12 12 12', 'equal rows are shown as often as they are');

# a batch that spans more time than the window
sql("INSERT INTO live SELECT timestamptz '$base' + i * interval '1 s', '192.0.2.1', '192.0.2.2', 1, 443, 6, 1000 + i FROM generate_series(30, 250, 20) i");
wait_for($tail, qr/,1250\n/);
is(scalar(grep { $_ > 1000 } split / /, seen($tail)), 12, 'a batch is shown as a whole');

# what is aborted or rewritten is not shown
sql("BEGIN; INSERT INTO live VALUES ('$base', NULL, NULL, NULL, NULL, NULL, 77777); ROLLBACK");
sql("SELECT count(*) FROM flow.optimize('live', full => true)");
insert(260, 2000);
wait_for($tail, qr/,2000\n/);
my @all = split / /, seen($tail);
is(scalar(grep { $_ == 77777 } @all), 0, 'an aborted row is not shown');
is(scalar @all, 4 + 2 + 3 + 12 + 1, 'and no row again after the table was clustered');
kill 'INT', $tail->{pid};
waitpid($tail->{pid}, 0);
ok(($? & 127) == 2, 'Ctrl-C ends it');
is(slurp("$TMP/tail.err"), '', 'without a word');

# many writers at once: all rows, each once
$tail = start('--csv', '-n', '0', '-o', 'ts,bytes', 'bytes >= 100000');
wait_for($tail, qr/ts,bytes\n/);
my @writers;
for my $writer (1 .. 4)
{
	my $pid = fork() // die;
	if ($pid == 0)
	{
		open(my $to, '|-', 'psql', '-Xq', '-o', '/dev/null') or exit 1;
		for my $i (1 .. 60)
		{
			my $bytes = 100000 * $writer + $i;
			print {$to} "BEGIN; INSERT INTO live VALUES (now() - interval '1 s' * " . int(rand 20) . ", NULL, NULL, NULL, NULL, NULL, $bytes); SELECT pg_sleep(" . rand(0.1) . "); COMMIT;\n";
		}
		close $to;
		require POSIX;
		POSIX::_exit(0);
	}
	push @writers, $pid;
}
waitpid($_, 0) for @writers;
insert(299, 999999);
wait_for($tail, qr/,999999\n/);
sleep 1.5;
is(join(' ', sort { $a <=> $b } split / /, seen($tail)), sql("SELECT string_agg(bytes::text, ' ' ORDER BY bytes) FROM live WHERE bytes >= 100000"), 'of four writers each row is shown once');
kill 'INT', $tail->{pid};
waitpid($tail->{pid}, 0);

# as a table, and when the server goes
$tail = start('-n', '1', '-o', 'ts,bytes');
wait_for($tail, qr/ts +bytes\n.*\n/);
insert(300, 123456789);
like(wait_for($tail, qr/123 MB/), qr/\A ?ts +bytes\n[^\n]*\n[^\n]* 123 MB\n\z/, 'a table has one title, and goes on');
sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'flow' AND datname = current_database()");
waitpid($tail->{pid}, 0);
is($? >> 8, 1, 'a lost connection ends it with status 1');
like(slurp("$TMP/tail.err"), qr/terminating connection|connection to the server was lost|server closed/, 'and a message');

# more rows than are remembered
sql("INSERT INTO live SELECT now(), NULL, NULL, NULL, NULL, NULL, 5 FROM generate_series(1, 21000)");
$tail = start('--csv', '-n', '0', '-o', 'ts,bytes');
sleep 0.5 until slurp("$TMP/tail.err") =~ /HINT/ || !kill(0, $tail->{pid});
like(slurp("$TMP/tail.err"), qr/the window has more than 20000 rows, of which late ones may be passed over\nHINT:  Give a filter/, 'too many rows are told');
kill 'INT', $tail->{pid};
waitpid($tail->{pid}, 0);
done_testing();
